//! Parallel iterators that move items out of arrays. By reference, an array is a slice.
#![allow(unsafe_code)]

use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use crate::vec::OwnedItems;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// A parallel iterator that moves the items out of an array.
///
/// ```
/// use lyocell::prelude::*;
///
/// let doubled: Vec<i32> = [1, 2, 3].into_par_iter().map(|x| 2 * x).collect();
/// assert_eq!(doubled, [2, 4, 6]);
/// ```
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct IntoIter<T, const N: usize> {
    array: [T; N],
}

impl<T: Send, const N: usize> IntoParallelIterator for [T; N] {
    type Item = T;
    type Iter = IntoIter<T, N>;

    fn into_par_iter(self) -> IntoIter<T, N> {
        IntoIter { array: self }
    }
}

impl<T: Send, const N: usize> ParallelIterator for IntoIter<T, N> {
    type Item = T;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<T>,
    {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(N)
    }
}

impl<T: Send, const N: usize> IndexedParallelIterator for IntoIter<T, N> {
    fn drive<C>(self, consumer: C) -> C::Result
    where
        C: Consumer<T>,
    {
        bridge(self, consumer)
    }

    fn len(&self) -> usize {
        N
    }

    fn with_producer<CB>(self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<T>,
    {
        let mut array = ManuallyDrop::new(self.array);
        let slots = ptr::from_mut(array.as_mut_slice()) as *mut [MaybeUninit<T>];
        // SAFETY: of the array's own layout, and alive until the end of this call.
        let slots = unsafe { &mut *slots };
        // SAFETY: O1: each slot holds an item, and the array will neither drop nor read it.
        let items = unsafe { OwnedItems::new(slots) };
        callback.callback(items)
    }
}
