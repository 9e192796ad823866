//! Parallel iterators over heaps. They go in no particular order.

use super::Borrowed;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{
    IndexedParallelIterator, IntoParallelIterator, ParallelDrainFull, ParallelDrainRange,
    ParallelIterator,
};
use crate::{slice, vec};
use std::collections::BinaryHeap;

source! {
    /// A parallel iterator that moves the items out of a heap.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BinaryHeap;
    ///
    /// assert_eq!(BinaryHeap::from([1, 2, 3]).into_par_iter().sum::<i32>(), 6);
    /// ```
    #[derive(Debug, Clone)]
    IntoIter [T] = vec::IntoIter<T>,
    [T: Send] BinaryHeap<T>, |heap| heap.into_vec().into_par_iter(),
    [T: Send] T,
    indexed
}

source! {
    /// A parallel iterator over the items of a heap.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BinaryHeap;
    ///
    /// let heap = BinaryHeap::from([1, 2, 3]);
    /// assert_eq!(heap.par_iter().min(), Some(&1));
    /// ```
    #[derive(Debug)]
    Iter ['a, T] = slice::Iter<'a, T>,
    ['a, T: Sync] &'a BinaryHeap<T>, |heap| heap.as_slice().into_par_iter(),
    ['a, T: Sync + 'a] &'a T,
    cloned, indexed
}

/// A parallel iterator that moves the items out of a heap, which keeps its capacity.
///
/// ```
/// use lyocell::prelude::*;
/// use std::collections::BinaryHeap;
///
/// let mut heap = BinaryHeap::from([1, 2, 3]);
/// assert_eq!(heap.par_drain().sum::<i32>(), 6);
/// assert!(heap.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    heap: &'a mut BinaryHeap<T>,
}

impl<'a, T: Ord + Send> ParallelDrainFull for &'a mut BinaryHeap<T> {
    type Iter = Drain<'a, T>;
    type Item = T;

    fn par_drain(self) -> Drain<'a, T> {
        Drain { heap: self }
    }
}

impl<T: Ord + Send> ParallelIterator for Drain<'_, T> {
    type Item = T;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<T>,
    {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.heap.len())
    }
}

impl<T: Ord + Send> IndexedParallelIterator for Drain<'_, T> {
    fn drive<C>(self, consumer: C) -> C::Result
    where
        C: Consumer<T>,
    {
        bridge(self, consumer)
    }

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn with_producer<CB>(self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<T>,
    {
        let mut borrowed = Borrowed::new(&mut *self.heap);
        borrowed.vec.par_drain(..).with_producer(callback)
    }
}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        self.heap.clear();
    }
}
