//! Parallel iterators over double-ended queues.

use super::Borrowed;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{
    Chain, IndexedParallelIterator, IntoParallelIterator, ParallelDrainRange, ParallelIterator,
};
use crate::span::span_within;
use crate::{slice, vec};
use std::collections::VecDeque;
use std::ops::{Range, RangeBounds};

source! {
    /// A parallel iterator that moves the items out of a double-ended queue.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::VecDeque;
    ///
    /// let doubled: Vec<_> = VecDeque::from([1, 2, 3]).into_par_iter().map(|x| 2 * x).collect();
    /// assert_eq!(doubled, [2, 4, 6]);
    /// ```
    #[derive(Debug, Clone)]
    IntoIter [T] where T: Send = vec::IntoIter<T>,
    [T: Send] VecDeque<T>, |deque| Vec::from(deque).into_par_iter(),
    [T: Send] T,
    indexed
}

source! {
    /// A parallel iterator over the items of a double-ended queue.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::VecDeque;
    ///
    /// let mut deque = VecDeque::from([2, 3]);
    /// deque.push_front(1);
    /// assert_eq!(deque.par_iter().position_any(|x| *x == 1), Some(0));
    /// ```
    #[derive(Debug)]
    Iter ['a, T] = Chain<slice::Iter<'a, T>, slice::Iter<'a, T>>,
    ['a, T: Sync] &'a VecDeque<T>, |deque| {
        let (front, back) = deque.as_slices();
        front.into_par_iter().chain(back)
    },
    ['a, T: Sync] &'a T,
    cloned, indexed
}

source! {
    /// A parallel iterator over the items of a double-ended queue, which may be changed.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::VecDeque;
    ///
    /// let mut deque = VecDeque::from([1, 2, 3]);
    /// deque.par_iter_mut().for_each(|x| *x *= 2);
    /// assert_eq!(deque, [2, 4, 6]);
    /// ```
    #[derive(Debug)]
    IterMut ['a, T] = Chain<slice::IterMut<'a, T>, slice::IterMut<'a, T>>,
    ['a, T: Send] &'a mut VecDeque<T>, |deque| {
        let (front, back) = deque.as_mut_slices();
        front.into_par_iter().chain(back)
    },
    ['a, T: Send] &'a mut T,
    indexed
}

/// A parallel iterator that moves a range of items out of a double-ended queue, which keeps the others and
/// its capacity.
///
/// ```
/// use lyocell::prelude::*;
/// use std::collections::VecDeque;
///
/// let mut deque = VecDeque::from([0, 1, 2, 3, 4]);
/// assert_eq!(deque.par_drain(1..4).sum::<i32>(), 6);
/// assert_eq!(deque, [0, 4]);
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    deque: &'a mut VecDeque<T>,
    range: Range<usize>,
    /// Whether the range is already gone, or going.
    is_begun: bool,
}

impl<'a, T: Send> ParallelDrainRange<usize> for &'a mut VecDeque<T> {
    type Iter = Drain<'a, T>;
    type Item = T;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'a, T> {
        let range = span_within(&range, self.len());
        Drain {
            deque: self,
            range,
            is_begun: false,
        }
    }
}

impl<T: Send> ParallelIterator for Drain<'_, T> {
    type Item = T;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<T>,
    {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.range.len())
    }
}

impl<T: Send> IndexedParallelIterator for Drain<'_, T> {
    fn drive<C>(self, consumer: C) -> C::Result
    where
        C: Consumer<T>,
    {
        bridge(self, consumer)
    }

    fn len(&self) -> usize {
        self.range.len()
    }

    fn with_producer<CB>(mut self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<T>,
    {
        self.is_begun = true;
        // In a vector the items stand in one row. They are moved there if the queue does not begin at the
        // front of its allocation.
        let mut borrowed = Borrowed::new(&mut *self.deque);
        borrowed
            .vec
            .par_drain(self.range.clone())
            .with_producer(callback)
    }
}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        if !self.is_begun {
            self.deque.drain(self.range.clone());
        }
    }
}
