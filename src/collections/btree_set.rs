//! Parallel iterators over ordered sets. They go in the order of the items.

use super::listed::Listed;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::btree_set::{self, BTreeSet};
use std::panic::UnwindSafe;

source! {
    /// A parallel iterator that moves the items out of an ordered set.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BTreeSet;
    ///
    /// let doubled: Vec<_> = BTreeSet::from([3, 1, 2]).into_par_iter().map(|x| 2 * x).collect();
    /// assert_eq!(doubled, [2, 4, 6]);
    /// ```
    #[derive(Debug)]
    IntoIter [T] = Listed<btree_set::IntoIter<T>, true>,
    [T: Send] BTreeSet<T>, |set| Listed(set.into_iter()),
    [T: Send] T
}

// It owns its items and has no cells, so a panic leaves it as it is or takes it along.
impl<T: UnwindSafe> UnwindSafe for IntoIter<T> {}

source! {
    /// A parallel iterator over the items of an ordered set.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BTreeSet;
    ///
    /// let set = BTreeSet::from([3, 1, 2]);
    /// assert_eq!(set.par_iter().find_last(|x| **x < 3), Some(&2));
    /// ```
    #[derive(Debug)]
    Iter ['a, T] = Listed<btree_set::Iter<'a, T>, true>,
    ['a, T: Sync] &'a BTreeSet<T>, |set| Listed(set.iter()),
    ['a, T: Sync + 'a] &'a T,
    cloned
}
