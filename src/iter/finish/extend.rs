//! `ParallelExtend` for std's collections.
//!
//! Vectors and linked lists put their leaves together; strings too, being vectors of bytes. A heap, a
//! map or a set is filled by one thread, from vectors: the items are made in parallel, and then std's
//! own `extend` is hard to beat, except where a tree is empty.

use super::collect;
use super::gather::{self, Leaf};
use super::tree;
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use either::Either;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hash};

/// Writes `ParallelExtend` for a collection of owned items, and for references to items that are `Copy`.
///
/// `add` says how a parallel iterator of owned items gets into the collection.
macro_rules! extend {
    ($(
        $(#[$doc:meta])*
        [$($bounds:tt)*] $Collection:ty: $Item:ty,
        copied [$($copied_bounds:tt)*] $Ref:ty, |$ref:pat_param| $copy:expr,
        add |$collection:ident, $par_iter:ident| $add:expr;
    )*) => {$(
        $(#[$doc])*
        impl<$($bounds)*> ParallelExtend<$Item> for $Collection {
            fn par_extend<I>(&mut self, par_iter: I)
            where
                I: IntoParallelIterator<Item = $Item>,
            {
                let ($collection, $par_iter) = (self, par_iter.into_par_iter());
                $add
            }
        }

        /// The same from references to items that can be copied.
        impl<$($copied_bounds)*> ParallelExtend<$Ref> for $Collection {
            fn par_extend<I>(&mut self, par_iter: I)
            where
                I: IntoParallelIterator<Item = $Ref>,
            {
                self.par_extend(par_iter.into_par_iter().map(|$ref| $copy));
            }
        }
    )*};
}

extend! {
    /// Appends the items in order. Where the length is known each is written once, straight into its place.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut squares = vec![0, 1];
    /// squares.par_extend((2..5u32).into_par_iter().map(|x| x * x));
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// ```
    [T: Send] Vec<T>: T,
    copied ['a, T: Copy + Send + Sync + 'a] &'a T, |item| *item,
    add |vec, par_iter| match par_iter.opt_len() {
        Some(len) => collect::extend_vec(par_iter, len, vec),
        None => gather::extend_vec(vec, par_iter),
    };

    /// Appends the items in order, at the back.
    [T: Send] VecDeque<T>: T,
    copied ['a, T: Copy + Send + Sync + 'a] &'a T, |item| *item,
    add |deque, par_iter| {
        let list = gather::collect_vec_list(par_iter);
        deque.reserve(gather::total_len(&list));
        list.into_iter().for_each(|items| deque.extend(items));
    };

    /// Appends the items in order. Their nodes are allocated in parallel.
    [T: Send] LinkedList<T>: T,
    copied ['a, T: Copy + Send + Sync + 'a] &'a T, |item| *item,
    add |target, par_iter| {
        let lists: LinkedList<LinkedList<T>> = gather::gather(par_iter, None);
        lists.into_iter().for_each(|mut items| target.append(&mut items));
    };

    /// Adds the items.
    [T: Ord + Send] BinaryHeap<T>: T,
    copied ['a, T: Copy + Ord + Send + Sync + 'a] &'a T, |item| *item,
    add |heap, par_iter| {
        let list = gather::collect_vec_list(par_iter);
        heap.reserve(gather::total_len(&list));
        list.into_iter().for_each(|items| heap.extend(items));
    };

    /// Adds the items.
    [T: Ord + Send] BTreeSet<T>: T,
    copied ['a, T: Copy + Ord + Send + Sync + 'a] &'a T, |item| *item,
    add |set, par_iter| if set.is_empty() {
        *set = tree::set_of(Vec::from_par_iter(par_iter));
    } else {
        gather::collect_vec_list(par_iter).into_iter().for_each(|items| set.extend(items));
    };

    /// Inserts the entries in order: of several with one key, the first key and the last value stay.
    [K: Ord + Send, V: Send] BTreeMap<K, V>: (K, V),
    copied ['a, K: Copy + Ord + Send + Sync + 'a, V: Copy + Send + Sync + 'a] (&'a K, &'a V),
        |(key, value)| (*key, *value),
    add |map, par_iter| if map.is_empty() {
        *map = tree::map_of(Vec::from_par_iter(par_iter));
    } else {
        gather::collect_vec_list(par_iter).into_iter().for_each(|items| map.extend(items));
    };

    /// Adds the items.
    [T: Eq + Hash + Send, S: BuildHasher + Send] HashSet<T, S>: T,
    copied ['a, T: Copy + Eq + Hash + Send + Sync + 'a, S: BuildHasher + Send] &'a T, |item| *item,
    add |set, par_iter| {
        let list = gather::collect_vec_list(par_iter);
        set.reserve(likely_new(gather::total_len(&list), set.len()));
        list.into_iter().for_each(|items| set.extend(items));
    };

    /// Inserts the entries in order: of several with one key, the last one's value stays.
    [K: Eq + Hash + Send, V: Send, S: BuildHasher + Send] HashMap<K, V, S>: (K, V),
    copied ['a, K: Copy + Eq + Hash + Send + Sync + 'a, V: Copy + Send + Sync + 'a, S: BuildHasher + Send]
        (&'a K, &'a V), |(key, value)| (*key, *value),
    add |map, par_iter| {
        let list = gather::collect_vec_list(par_iter);
        map.reserve(likely_new(gather::total_len(&list), map.len()));
        list.into_iter().for_each(|items| map.extend(items));
    };
}

/// How many places to reserve for `len` items in a hash table where so many are `there` already: half, since some of them may be the same, or
/// more if they can't all be. (Std's `extend` reckons with half of them in any table but an empty one. So one of two grew three times for 50,000 items,
/// and took 1.3 ms instead of 0.9.)
fn likely_new(len: usize, there: usize) -> usize {
    len.saturating_sub(there).max(len.div_ceil(2))
}

impl<T: Send> Leaf<T> for LinkedList<T> {
    fn push(&mut self, item: T) {
        self.push_back(item);
    }

    fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        Extend::extend(self, items);
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    /// However long both are: nothing moves.
    fn absorb(&mut self, next: &mut Self) -> bool {
        self.append(next);
        true
    }
}

/// Writes `ParallelExtend` for strings: every leaf builds a string, and those are put together in order.
macro_rules! extend_text {
    ($Text:ident, |$text:ident, $list:ident| $append:expr, |$whole:ident, $next:ident| $join:expr;
     $($(#[$doc:meta])* [$($lifetime:lifetime)?] $Item:ty, |$leaf:ident, $item:ident| $push:expr;)*) => {$(
        impl<$($lifetime)?> Leaf<$Item> for $Text {
            #[inline]
            fn push(&mut self, $item: $Item) {
                if self.capacity() == 0 {
                    self.reserve(gather::first_room::<u8>());
                }
                let $leaf = self;
                $push
            }

            #[inline]
            fn extend(&mut self, items: impl IntoIterator<Item = $Item>) {
                let items = items.into_iter();
                if self.capacity() == 0 && items.size_hint().1 != Some(0) {
                    self.reserve(gather::first_room::<u8>());
                }
                Extend::extend(self, items);
            }

            #[inline]
            fn is_empty(&self) -> bool {
                AsRef::<OsStr>::as_ref(self).is_empty()
            }

            #[inline]
            fn is_begun(&self) -> bool {
                self.capacity() > 0
            }

            fn absorb(&mut self, next: &mut Self) -> bool {
                let is_small = self.len().max(next.len()) <= gather::SMALL;
                if is_small {
                    let ($whole, $next) = (self, next);
                    $join;
                }
                is_small
            }
        }

        $(#[$doc])*
        impl<$($lifetime)?> ParallelExtend<$Item> for $Text {
            fn par_extend<I>(&mut self, par_iter: I)
            where
                I: IntoParallelIterator<Item = $Item>,
            {
                let unite: gather::Unite<$Text> = |$list| {
                    let mut whole = $Text::new();
                    let $text = &mut whole;
                    $append
                    whole
                };
                let unite = (self.capacity() == 0).then_some(unite);
                let mut $list = gather::gather(par_iter.into_par_iter(), unite);
                let $text = self;
                if $text.capacity() == 0 && $list.len() == 1 {
                    *$text = $list.pop_front().unwrap_or_default(); // an only leaf need not move
                    if $text.len() < $text.capacity() / 2 {
                        $text.shrink_to_fit();
                    }
                    return;
                }
                $append
            }
        }
    )*};
}

extend_text! {
    String, |text, list| {
        text.reserve(list.iter().map(String::len).sum());
        list.iter().for_each(|leaf| text.push_str(leaf));
    }, |text, next| text.push_str(next);
    /// Appends the characters in order.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut text = String::from("0");
    /// text.par_extend(['1', '2', '3'].par_iter());
    /// text.par_extend(vec!["4", "56"]);
    /// assert_eq!(text, "0123456");
    /// ```
    [] char, |leaf, item| leaf.push(item);
    /// Appends the characters in order.
    ['a] &'a char, |leaf, item| leaf.push(*item);
    /// Appends the strings in order.
    ['a] &'a str, |leaf, item| leaf.push_str(item);
    /// Appends the strings in order.
    [] String, |leaf, item| leaf.push_str(&item);
    /// Appends the strings in order.
    [] Box<str>, |leaf, item| leaf.push_str(&item);
    /// Appends the strings in order.
    ['a] Cow<'a, str>, |leaf, item| leaf.push_str(&item);
}

extend_text! {
    OsString, |text, list| {
        text.reserve(list.iter().map(|leaf| leaf.len()).sum());
        list.iter().for_each(|leaf| text.push(leaf));
    }, |text, next| text.push(next);
    /// Appends the strings in order.
    ['a] &'a OsStr, |leaf, item| leaf.push(item);
    /// Appends the strings in order.
    [] OsString, |leaf, item| leaf.push(&item);
    /// Appends the strings in order.
    ['a] Cow<'a, OsStr>, |leaf, item| leaf.push(&item);
}

/// Runs the iterator, and keeps nothing: there is nothing to keep.
impl ParallelExtend<()> for () {
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = ()>,
    {
        let nothing: LinkedList<()> = gather::gather(par_iter.into_par_iter(), None);
        debug_assert!(nothing.is_empty());
    }
}

impl Leaf<()> for () {
    fn push(&mut self, (): ()) {}

    fn extend(&mut self, items: impl IntoIterator<Item = ()>) {
        items.into_iter().for_each(drop);
    }

    fn is_empty(&self) -> bool {
        true
    }

    fn absorb(&mut self, _next: &mut Self) -> bool {
        true
    }
}

/// Extends whichever collection is there.
impl<L, R, T> ParallelExtend<T> for Either<L, R>
where
    L: ParallelExtend<T>,
    R: ParallelExtend<T>,
    T: Send,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>,
    {
        match self {
            Either::Left(collection) => collection.par_extend(par_iter),
            Either::Right(collection) => collection.par_extend(par_iter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_places_are_reserved_as_will_be_new_in_any_case() {
        for (len, there, places) in [
            (0, 0, 0),
            (0, 9, 0),
            (9, 0, 9),
            (9, 2, 7),
            (9, 5, 5),
            (9, 99, 5),
        ] {
            assert_eq!(likely_new(len, there), places, "{len} items, {there} there");
        }
    }
}
