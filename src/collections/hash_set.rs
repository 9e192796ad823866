//! Parallel iterators over hash sets.

use super::listed::Listed;
use super::walk::Walk;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelDrainFull, ParallelIterator};
use crate::vec;
use std::collections::hash_set::{self, HashSet};
use std::marker::PhantomData;
use std::panic::UnwindSafe;

source! {
    /// A parallel iterator that moves the items out of a hash set.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashSet;
    ///
    /// assert_eq!(HashSet::from([1, 2, 3]).into_par_iter().sum::<i32>(), 6);
    /// ```
    #[derive(Debug)]
    IntoIter [T] = Listed<hash_set::IntoIter<T>>,
    [T: Send, S] HashSet<T, S>, |set| Listed(set.into_iter()),
    [T: Send] T
}

// It owns its items and has no cells, so a panic leaves it as it is or takes it along.
impl<T: UnwindSafe> UnwindSafe for IntoIter<T> {}

source! {
    /// A parallel iterator over the items of a hash set.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashSet;
    ///
    /// let set = HashSet::from(["much", "ado"]);
    /// assert_eq!(set.par_iter().map(|word| word.len()).sum::<usize>(), 7);
    /// ```
    #[derive(Debug)]
    Iter ['a, T] = Walk<hash_set::Iter<'a, T>>,
    ['a, T: Sync, S] &'a HashSet<T, S>, |set| Walk(set.iter()),
    ['a, T: Sync] &'a T,
    cloned
}

/// A parallel iterator that moves the items out of a hash set, which keeps its capacity.
///
/// ```
/// use lyocell::prelude::*;
/// use std::collections::HashSet;
///
/// let mut set = HashSet::from([1, 2, 3]);
/// assert_eq!(set.par_drain().sum::<i32>(), 6);
/// assert!(set.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    inner: vec::IntoIter<T>,
    borrow: PhantomData<&'a mut HashSet<T>>,
}

impl<'a, T: Send, S> ParallelDrainFull for &'a mut HashSet<T, S> {
    type Iter = Drain<'a, T>;
    type Item = T;

    fn par_drain(self) -> Drain<'a, T> {
        Drain {
            inner: Vec::from_iter(self.drain()).into_par_iter(),
            borrow: PhantomData,
        }
    }
}

source! { @items [T: Send] Drain ['_, T], T }
