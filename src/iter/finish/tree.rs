//! Trees: sorted in parallel first, then built from the leaves up, which is faster than to insert one by
//! one. The result is that of inserting, which keeps the first of several equal keys and the last value.
//! (Std's `collect` keeps the last key, too; its `extend` inserts.)

use crate::slice::ParallelSliceMut;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// The map that inserting the entries into an empty one comes to.
pub(super) fn map_of<K: Ord + Send, V: Send>(mut entries: Vec<(K, V)>) -> BTreeMap<K, V> {
    let is_less = |a: &(K, V), b: &(K, V)| a.0 < b.0;
    if !rises(&entries, is_less) {
        entries.par_sort_by(|a, b| a.0.cmp(&b.0));
        if !rises(&entries, is_less) {
            entries.dedup_by(|later, first| {
                let is_known = later.0.cmp(&first.0).is_eq();
                if is_known {
                    mem::swap(&mut later.1, &mut first.1);
                }
                is_known
            });
        }
    }
    BTreeMap::from_iter(entries)
}

/// The set that inserting the items into an empty one comes to.
pub(super) fn set_of<T: Ord + Send>(mut items: Vec<T>) -> BTreeSet<T> {
    if !rises(&items, T::lt) {
        items.par_sort();
        if !rises(&items, T::lt) {
            items.dedup_by(|later, first| later.cmp(&first).is_eq());
        }
    }
    BTreeSet::from_iter(items)
}

/// Whether each item is less than the next one. In blocks, so that there is no branch for each of them. (To sort what is sorted, and
/// to look for what is equal, took four times as long.)
fn rises<T>(items: &[T], is_less: impl Fn(&T, &T) -> bool) -> bool {
    const BLOCK: usize = 32;
    let mut rest = items;
    while rest.len() > BLOCK {
        let pairs = rest[..=BLOCK].windows(2);
        if !pairs.fold(true, |rises, pair| rises & is_less(&pair[0], &pair[1])) {
            return false;
        }
        rest = &rest[BLOCK..];
    }
    rest.windows(2).all(|pair| is_less(&pair[0], &pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises() {
        for len in 0..100 {
            let mut items: Vec<usize> = (0..len).collect();
            assert!(rises(&items, usize::lt));
            for at in 1..len {
                items[at] -= 1;
                assert!(!rises(&items, usize::lt));
                items[at] += 1;
            }
        }
    }

    /// Sorted or not, with equal keys or without.
    #[test]
    fn as_if_inserted() {
        for len in [0, 1, 2, 31, 32, 33, 34, 100] {
            for divisor in [1, 2, 50] {
                for factor in [1, 37] {
                    let keys = || (0..len).map(|x| x * factor % 101 / divisor);
                    let entries: Vec<(u32, u32)> = keys().zip(0..).collect();
                    let mut want = BTreeMap::new();
                    want.extend(entries.iter().copied());
                    assert_eq!(map_of(entries), want);
                    assert_eq!(set_of(keys().collect()), want.into_keys().collect());
                }
            }
        }
    }
}
