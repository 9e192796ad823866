//! Parallel iterators over ordered sets. They go in the order of the items.

use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelIterator};
use crate::vec;
use std::collections::BTreeSet;

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
    IntoIter [T] = vec::IntoIter<T>,
    [T: Send] BTreeSet<T>, |set| Vec::from_iter(set).into_par_iter(),
    [T: Send] T
}

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
    Iter ['a, T] = vec::IntoIter<&'a T>,
    ['a, T: Sync] &'a BTreeSet<T>, |set| Vec::from_iter(set).into_par_iter(),
    ['a, T: Sync + 'a] &'a T,
    cloned
}
