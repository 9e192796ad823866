//! The iterators of maps whose values may be changed, for other threads.
//!
//! Std sends them only where keys may be sent, though what goes along are references to keys, which must be `Sync` for that.
#![allow(unsafe_code)]

use std::collections::{btree_map, hash_map};

/// An iterator over `(&K, &mut V)`.
///
/// K1 It gives out its keys by shared reference only, and changes none of them.
#[derive(Debug)]
pub(super) struct Keyed<I>(pub(super) I);

// SAFETY: K1, so of the keys it sends references, which `K: Sync` allows; the values it lends as a whole.
unsafe impl<K: Sync, V: Send> Send for Keyed<hash_map::IterMut<'_, K, V>> {}

// SAFETY: as above.
unsafe impl<K: Sync, V: Send> Send for Keyed<btree_map::IterMut<'_, K, V>> {}

// SAFETY: behind a shared reference there is `Debug` only, which looks at keys and values by shared references.
unsafe impl<K: Sync, V: Sync> Sync for Keyed<hash_map::IterMut<'_, K, V>> {}

// SAFETY: as above.
unsafe impl<K: Sync, V: Sync> Sync for Keyed<btree_map::IterMut<'_, K, V>> {}

iterates_as_inner!(Keyed);

/// The iterators that users see can be sent and shared as if they held a list.
#[cfg(test)]
mod tests {
    use crate::collections::{btree_map, btree_set, hash_map, hash_set, linked_list};

    fn is_sent_and_shared<T: Send + Sync>() {}

    #[test]
    fn auto_traits() {
        is_sent_and_shared::<hash_map::IntoIter<u8, u8>>();
        is_sent_and_shared::<hash_map::Iter<'_, u8, u8>>();
        is_sent_and_shared::<hash_map::IterMut<'_, u8, u8>>();
        is_sent_and_shared::<hash_set::IntoIter<u8>>();
        is_sent_and_shared::<hash_set::Iter<'_, u8>>();
        is_sent_and_shared::<btree_map::IntoIter<u8, u8>>();
        is_sent_and_shared::<btree_map::Iter<'_, u8, u8>>();
        is_sent_and_shared::<btree_map::IterMut<'_, u8, u8>>();
        is_sent_and_shared::<btree_set::IntoIter<u8>>();
        is_sent_and_shared::<btree_set::Iter<'_, u8>>();
        is_sent_and_shared::<linked_list::IntoIter<u8>>();
        is_sent_and_shared::<linked_list::Iter<'_, u8>>();
        is_sent_and_shared::<linked_list::IterMut<'_, u8>>();
    }
}
