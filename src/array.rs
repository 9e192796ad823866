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
        let items = unsafe { OwnedItems::new(slots, false) };
        callback.callback(items)
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::sync::Arc;

    fn check<const N: usize>() {
        let count = Arc::new(());
        let array: [(usize, Arc<()>); N] =
            std::array::from_fn(|number| (number, Arc::clone(&count)));
        let items = array.into_par_iter();
        assert_eq!((items.len(), items.opt_len()), (N, Some(N)));
        let all: Vec<usize> = items.clone().map(|item| item.0).collect();
        assert!(all.into_iter().eq(0..N));
        // Where the length is not known, and where not all are wanted.
        let odd: Vec<_> = items.clone().filter(|item| item.0 % 2 == 1).collect();
        assert!(
            odd.iter()
                .map(|item| item.0)
                .eq((0..N).filter(|number| number % 2 == 1))
        );
        assert_eq!(items.find_first(|_| true).map(|item| item.0), (0..N).next());
        drop(odd);
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn an_array_gives_all_in_order_and_drops_the_rest() {
        check::<0>();
        check::<1>();
        check::<2>();
        check::<50>();
    }
}
