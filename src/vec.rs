//! Parallel iterators that move items out of a vector: all of them, or a range.
//!
//! Both lend their items to an `OwnedItems`, a row of slots whose items it owns. However a piece of
//! it ends, consumed, stopped early or by a panic, each item in it is moved out or dropped, once.
#![allow(unsafe_code)]

use crate::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer, bridge,
};
use crate::iter::{
    IndexedParallelIterator, IntoParallelIterator, ParallelDrainRange, ParallelIterator,
};
use crate::span::span_within;
use std::iter::FusedIterator;
use std::mem::{self, MaybeUninit};
use std::ops::{Range, RangeBounds};
use std::ptr;

/// A parallel iterator that moves the items out of a vector.
///
/// It is what [`into_par_iter`](IntoParallelIterator::into_par_iter) makes of a `Vec<T>` or a `Box<[T]>`.
///
/// ```
/// use lyocell::prelude::*;
///
/// let words = vec![String::from("much"), String::from("ado")];
/// let loud: Vec<String> = words.into_par_iter().map(|word| word + "!").collect();
/// assert_eq!(loud, ["much!", "ado!"]);
/// ```
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct IntoIter<T> {
    vec: Vec<T>,
}

impl<T: Send> IntoParallelIterator for Vec<T> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter { vec: self }
    }
}

impl<T: Send> IntoParallelIterator for Box<[T]> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter {
            vec: self.into_vec(),
        }
    }
}

impl<T: Send> ParallelIterator for IntoIter<T> {
    type Item = T;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<T>,
    {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.vec.len())
    }

    #[inline]
    fn pour_blocks<F, N>(self, mut folder: F, mut next_block: N) -> (F, Option<Self>)
    where
        F: Folder<T>,
        N: FnMut(usize) -> usize,
    {
        let mut items = self.vec.into_iter();
        loop {
            let block = next_block(items.len());
            if block >= items.len() {
                return (folder.consume_iter(items), None);
            }
            if block == 0 || folder.full() {
                // In the same allocation.
                let vec = items.collect();
                return (folder, Some(Self { vec }));
            }
            folder = folder.consume_iter(items.by_ref().take(block));
        }
    }
}

impl<T: Send> IndexedParallelIterator for IntoIter<T> {
    fn drive<C>(self, consumer: C) -> C::Result
    where
        C: Consumer<T>,
    {
        bridge(self, consumer)
    }

    fn len(&self) -> usize {
        self.vec.len()
    }

    fn with_producer<CB>(mut self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<T>,
    {
        // What remains for the vector is to free its allocation, whatever comes of the items.
        self.vec.par_drain(..).with_producer(callback)
    }
}

/// A parallel iterator that moves a range of items out of a vector, which keeps the others and its capacity.
///
/// [`par_drain`](ParallelDrainRange::par_drain) makes it. When it is dropped the range is gone from the
/// vector, whether it was iterated over, in part or in whole, or not at all.
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut numbers = vec![0, 1, 2, 3, 4];
/// let sum: i32 = numbers.par_drain(1..4).sum();
/// assert_eq!((sum, numbers), (6, vec![0, 4]));
/// ```
#[derive(Debug)]
pub struct Drain<'data, T: Send> {
    vec: &'data mut Vec<T>,
    range: Range<usize>,
    /// D1 From the moment a producer is made, `vec.len()` is `range.start`, the producer owns the items of
    /// the range, and this many follow it that nobody owns until `drop` gives them back to the vector.
    hidden_tail: Option<usize>,
}

impl<'data, T: Send> ParallelDrainRange<usize> for &'data mut Vec<T> {
    type Iter = Drain<'data, T>;
    type Item = T;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'data, T> {
        let range = span_within(&range, self.len());
        Drain {
            vec: self,
            range,
            hidden_tail: None,
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
        self.hidden_tail = Some(self.vec.len() - self.range.end);
        // SAFETY: shorter than before: `span_within` saw to it. (D1)
        unsafe { self.vec.set_len(self.range.start) };
        let slots = &mut self.vec.spare_capacity_mut()[..self.range.len()];
        // SAFETY: O1: the slots still hold the items of the range, which the vector has let go of. (D1)
        let items = unsafe { OwnedItems::new(slots) };
        callback.callback(items)
    }
}

impl<T: Send> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        let Range { start, end } = self.range;
        let Some(tail) = self.hidden_tail else {
            self.vec.drain(start..end);
            return;
        };
        let slots = self.vec.spare_capacity_mut().as_mut_ptr();
        let from = slots.wrapping_add(end - start);
        // SAFETY: D1: the range's slots are empty by now, and so many items follow them, all within the
        // vector's capacity since they were its items once.
        unsafe { ptr::copy(from, slots, tail) };
        // SAFETY: D1: the tail has moved up to the items before the range.
        unsafe { self.vec.set_len(start + tail) };
    }
}

/// The items of a row of slots, to be moved out by whoever gets them: the producer, and also the iterator
/// of a piece of it.
///
/// O1 Every slot that is left in `slots` holds an item, which `self` owns. A slot that has left `slots`
/// is never read again.
pub(crate) struct OwnedItems<'data, T> {
    slots: std::slice::IterMut<'data, MaybeUninit<T>>,
}

impl<'data, T> OwnedItems<'data, T> {
    /// # Safety
    /// O1 holds for `slots`.
    #[inline]
    pub(crate) unsafe fn new(slots: &'data mut [MaybeUninit<T>]) -> Self {
        Self {
            slots: slots.iter_mut(),
        }
    }

    /// Takes the slots with all items in them, and leaves nothing behind.
    #[inline]
    fn take_slots(&mut self) -> &'data mut [MaybeUninit<T>] {
        mem::take(&mut self.slots).into_slice()
    }
}

impl<T: Send> Producer for OwnedItems<'_, T> {
    type Item = T;
    type IntoIter = Self;

    #[inline]
    fn into_iter(self) -> Self {
        self
    }

    #[inline]
    fn split_at(mut self, index: usize) -> (Self, Self) {
        let (left, right) = self.take_slots().split_at_mut(index);
        (
            Self {
                slots: left.iter_mut(),
            },
            Self {
                slots: right.iter_mut(),
            },
        )
    }
}

impl<T> Iterator for OwnedItems<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let slot = self.slots.next()?;
        // SAFETY: O1: the slot was one of `slots`, and has just left them.
        Some(unsafe { slot.assume_init_read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.slots.size_hint()
    }

    /// Items that need no drop may be forgotten if `f` panics, so the slots can go through the loop that
    /// std has for slices. Other items leave one by one, and `self` drops those that remain.
    #[inline]
    fn fold<B, F>(mut self, init: B, mut f: F) -> B
    where
        F: FnMut(B, T) -> B,
    {
        if mem::needs_drop::<T>() {
            let mut folded = init;
            for item in self.by_ref() {
                folded = f(folded, item);
            }
            return folded;
        }
        self.take_slots().iter().fold(init, |folded, slot| {
            // SAFETY: O1: the slot was one of `slots` until `take_slots`, and is passed once.
            f(folded, unsafe { slot.assume_init_read() })
        })
    }
}

impl<T> DoubleEndedIterator for OwnedItems<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        let slot = self.slots.next_back()?;
        // SAFETY: O1: the slot was one of `slots`, and has just left them.
        Some(unsafe { slot.assume_init_read() })
    }
}

impl<T> ExactSizeIterator for OwnedItems<'_, T> {}

impl<T> FusedIterator for OwnedItems<'_, T> {}

impl<T> Drop for OwnedItems<'_, T> {
    fn drop(&mut self) {
        let items = ptr::from_mut(self.take_slots()) as *mut [T];
        // SAFETY: O1: they are ours, they are there, and they have left `slots` for good.
        unsafe { ptr::drop_in_place(items) };
    }
}
