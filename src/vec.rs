//! Parallel iterators that move items out of a vector: all of them, or a range.
//!
//! Both lend their items to an `OwnedItems`, a row of slots whose items it owns; std's own iterator takes its place within a `flat_map`, and
//! `LentItems` where others come to lie over them. However a piece ends, consumed, stopped early or by a panic, each item in it is
//! moved out or dropped, once.
//!
//! What comes of the items, at most one of each, and is collected into a vector, comes to lie in their own memory if it fits in, as with
//! std's iterators. (50,000 numbers mapped by one thread took 32 µs, and 200 where both vectors came from the system each time.)
#![allow(unsafe_code)]

use crate::iter::finish::over::{Borrower, Lent};
use crate::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer, bridge,
};
use crate::iter::{
    IndexedParallelIterator, IntoParallelIterator, ParallelDrainRange, ParallelIterator,
};
use crate::span::span_within;
use std::fmt;
use std::iter::FusedIterator;
use std::mem::{self, ManuallyDrop, MaybeUninit};
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
///
/// # Order and cost
/// Collected into a vector behind nothing but [`map`](ParallelIterator::map), [`filter`](ParallelIterator::filter),
/// [`filter_map`](ParallelIterator::filter_map), [`inspect`](ParallelIterator::inspect), [`update`](ParallelIterator::update) and hints for
/// lengths, items of the same alignment, and of the same size or a half, a third and so on of it, come to lie in the old vector's memory. So no more
/// memory is needed. The new vector has the capacity of the old one, unless it needs less than half of it: then the rest is given back.
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
pub struct IntoIter<T> {
    vec: Vec<T>,
    /// M1 If this is not empty, its allocation is that of another vector, which is empty and outlives `self`. A slot is ours as long as its item lies
    /// in it. (Nobody would drop the items, but who borrows the memory pours them at once. With a `Drop` of its own, an iterator could not
    /// outlive what its items borrow.)
    lent: ManuallyDrop<Vec<T>>,
}

impl<T> IntoIter<T> {
    fn new(vec: Vec<T>) -> Self {
        Self {
            vec,
            lent: ManuallyDrop::default(),
        }
    }
}

impl<T: Clone> Clone for IntoIter<T> {
    fn clone(&self) -> Self {
        Self::new(self.vec.clone()) // nobody gets to see one that is lent
    }
}

impl<T: fmt::Debug> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.vec).finish()
    }
}

impl<T: Send> IntoParallelIterator for Vec<T> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter::new(self)
    }
}

impl<T: Send> IntoParallelIterator for Box<[T]> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter::new(self.into_vec())
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
        Some(self.len())
    }

    #[inline]
    fn pour_blocks<F, N>(self, mut folder: F, mut next_block: N) -> (F, Option<Self>)
    where
        F: Folder<T>,
        N: FnMut(usize) -> usize,
    {
        if !self.lent.is_empty() {
            return (folder, Some(self));
        }
        let mut items = self.vec.into_iter();
        loop {
            let block = next_block(items.len());
            if block >= items.len() {
                return (folder.consume_iter(items), None);
            }
            if block == 0 || folder.full() {
                // In the same allocation.
                let vec = items.collect();
                return (folder, Some(Self::new(vec)));
            }
            folder = folder.consume_iter(items.by_ref().take(block));
        }
    }

    const LENDS_MEMORY: bool = true;

    fn lend_memory<U>(&mut self, _borrower: Borrower) -> Option<Lent<U>> {
        let (size, new_size) = (size_of::<T>(), size_of::<U>());
        let fits = size >= new_size && new_size != 0 && size.is_multiple_of(new_size);
        if !fits || align_of::<T>() != align_of::<U>() || self.vec.is_empty() {
            return None;
        }
        let mut items = ManuallyDrop::new(mem::take(&mut self.vec));
        let memory = items.as_mut_ptr().cast();
        let capacity = items.capacity() * (size / new_size);
        self.lent = items; // M1
        Some(Lent {
            // SAFETY: M1: an allocation of so many bytes and this alignment, of which `ManuallyDrop` lets go.
            memory: unsafe { Vec::from_raw_parts(memory, 0, capacity) },
            keeps_places: size == new_size,
        })
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
        self.vec.len() + self.lent.len()
    }

    fn with_producer<CB>(mut self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<T>,
    {
        let is_lent = !self.lent.is_empty();
        let vec = if is_lent {
            &mut *self.lent
        } else {
            &mut self.vec
        };
        let all = 0..vec.len();
        // SAFETY: O2: M1, if it is lent.
        let items = unsafe { OwnedItems::of_range(vec, all, is_lent) };
        // What remains for `self` is to free the allocation, if it is ours, whatever comes of the items.
        callback.callback(items)
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
        // SAFETY: nothing is lent.
        let items = unsafe { OwnedItems::of_range(self.vec, self.range.clone(), false) }; // D1
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
/// is never read again. O2 If `is_lent`, others may come to lie in it then.
pub(crate) struct OwnedItems<'data, T> {
    slots: std::slice::IterMut<'data, MaybeUninit<T>>,
    is_lent: bool,
}

impl<'data, T> OwnedItems<'data, T> {
    /// # Safety
    /// O1 and O2 hold for `slots`.
    #[inline]
    pub(crate) unsafe fn new(slots: &'data mut [MaybeUninit<T>], is_lent: bool) -> Self {
        Self {
            slots: slots.iter_mut(),
            is_lent,
        }
    }

    /// The items of a range of `vec`, which lets go of them and of those behind them, and keeps those before them.
    ///
    /// # Safety
    /// O2 holds.
    ///
    /// # Panics
    /// If there are not so many.
    #[inline]
    unsafe fn of_range(vec: &'data mut Vec<T>, range: Range<usize>, is_lent: bool) -> Self {
        assert!(range.start <= range.end && range.end <= vec.len());
        // SAFETY: no more than there are.
        unsafe { vec.set_len(range.start) };
        let slots = &mut vec.spare_capacity_mut()[..range.len()];
        // SAFETY: O1: the slots still hold the items of the range, which the vector has let go of. O2: the caller's promise.
        unsafe { Self::new(slots, is_lent) }
    }

    /// Takes the slots with all items in them, and leaves nothing behind.
    #[inline]
    fn take_slots(&mut self) -> &'data mut [MaybeUninit<T>] {
        mem::take(&mut self.slots).into_slice()
    }

    /// Nobody writes into the slots while an iterator goes through them. (O2)
    #[inline]
    fn assert_kept(&self) {
        assert!(
            !self.is_lent,
            "who borrows the memory says that it writes over the items"
        );
    }

    /// All items into a folder that writes over them.
    #[inline]
    fn fold_lent<F: Folder<T>>(mut self, folder: F) -> F {
        let slots = self.take_slots();
        let Range { start, end } = slots.as_mut_ptr_range();
        let items = LentItems {
            start: start.cast(),
            len: slots.len(),
        };
        folder.consume_over(start.cast()..end.cast(), items, Borrower::new())
    }
}

/// As [`OwnedItems`], while others come to lie in the slots that their items have left. (O2)
///
/// O3 The `len` slots from `start` on hold items, which `self` owns.
struct LentItems<T> {
    start: *mut T,
    len: usize,
}

impl<T> Iterator for LentItems<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        let slot = self.start;
        self.start = slot.wrapping_add(1);
        // SAFETY: O3, and from now on it is not ours any more.
        Some(unsafe { slot.read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<T> Drop for LentItems<T> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            let rest = ptr::slice_from_raw_parts_mut(self.start, self.len);
            // SAFETY: O3, and the last moment of `self`.
            unsafe { ptr::drop_in_place(rest) };
        }
    }
}

impl<T: Send> Producer for OwnedItems<'_, T> {
    type Item = T;
    type IntoIter = Self;
    const GIVES_BLOCKS: bool = true;

    #[inline]
    fn into_iter(self) -> Self {
        self.assert_kept();
        self
    }

    #[inline]
    fn split_at(mut self, index: usize) -> (Self, Self) {
        let (left, right) = self.take_slots().split_at_mut(index);
        let is_lent = self.is_lent;
        [left, right]
            .map(|slots| Self {
                slots: slots.iter_mut(),
                is_lent,
            })
            .into()
    }

    /// Items that need no drop may be forgotten, so the slots can go through the loops that std has for slices.
    #[inline]
    fn fold_with<F: Folder<T>>(mut self, folder: F) -> F {
        if F::WRITES_OVER && self.is_lent {
            return self.fold_lent(folder);
        }
        self.assert_kept();
        if mem::needs_drop::<T>() {
            return folder.consume_iter(self);
        }
        let slots = self.take_slots().iter();
        // SAFETY: O1: the slot was one of `slots` until `take_slots`, and is passed at most once.
        folder.consume_iter(slots.map(|slot| unsafe { slot.assume_init_read() }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::Arc;

    /// Numbers, each with a clone of one `Arc`, which counts them.
    type Item = (usize, Arc<()>);

    fn items(len: usize) -> (Arc<()>, Vec<Item>) {
        let count = Arc::new(());
        let items = (0..len).map(|number| (number, Arc::clone(&count)));
        let items = items.collect();
        (count, items)
    }

    fn numbers(items: impl IntoIterator<Item = Item>) -> Vec<usize> {
        items.into_iter().map(|item| item.0).collect()
    }

    /// Has `work` do something with a row of so many items, all of which are gone afterwards.
    fn with_owned(len: usize, work: impl FnOnce(OwnedItems<'_, Item>)) {
        let (count, items) = items(len);
        let mut slots: Vec<_> = items.into_iter().map(MaybeUninit::new).collect();
        // SAFETY: O1: each slot holds an item, which nobody else will drop.
        work(unsafe { OwnedItems::new(&mut slots, false) });
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn items_are_moved_out_from_both_ends_and_the_rest_is_dropped() {
        for (len, front, back) in (0..150).map(|i| (i / 25, i / 5 % 5, i % 5)) {
            with_owned(len, |mut items| {
                assert_eq!(items.size_hint(), (len, Some(len)));
                let first = numbers(items.by_ref().take(front));
                assert!(first.into_iter().eq(0..front.min(len)));
                let rest = len - front.min(len);
                assert_eq!(items.len(), rest);
                let last = numbers(items.by_ref().rev().take(back));
                assert!(last.into_iter().eq((len - rest..len).rev().take(back)));
                assert_eq!(items.len(), rest.saturating_sub(back));
            });
        }
    }

    #[test]
    fn a_row_is_cut_anywhere_and_folded_in_order() {
        for len in 0..5 {
            for cut in 0..=len {
                with_owned(len, |items| {
                    let (left, right) = items.split_at(cut);
                    assert_eq!((left.len(), right.len()), (cut, len - cut));
                    let add = |mut sum: Vec<usize>, item: Item| {
                        sum.push(item.0);
                        sum
                    };
                    let all = right.fold(Producer::into_iter(left).fold(vec![], add), add);
                    assert!(all.into_iter().eq(0..len));
                });
                let mut slots: Vec<_> = (0..len).map(MaybeUninit::new).collect();
                // SAFETY: O1: each slot holds a number.
                let numbers = unsafe { OwnedItems::new(&mut slots, false) };
                let (left, right) = numbers.split_at(cut);
                let push = |sum: usize, number| sum * 10 + number + 1;
                let want = (0..len).fold(0, push);
                assert_eq!(right.fold(left.fold(0, push), push), want);
            }
        }
    }

    #[test]
    fn a_panic_in_a_fold_drops_what_is_left() {
        for fatal in 0..4 {
            with_owned(4, |items| {
                let fold = || {
                    items.fold((), |(), item| {
                        if item.0 == fatal {
                            resume_unwind(Box::new("fatal")); // without a report
                        }
                    });
                };
                assert!(catch_unwind(AssertUnwindSafe(fold)).is_err());
            });
        }
    }

    #[test]
    fn lent_items_leave_one_by_one_and_the_rest_is_dropped() {
        for (len, taken) in (0..4).flat_map(|len| (0..=len).map(move |taken| (len, taken))) {
            let (count, items) = items(len);
            let mut slots: Vec<_> = items.into_iter().map(MaybeUninit::new).collect();
            let mut lent = LentItems {
                start: slots.as_mut_ptr().cast::<Item>(),
                len,
            };
            for number in 0..taken {
                assert_eq!(lent.size_hint(), (len - number, Some(len - number)));
                assert_eq!(lent.next().map(|item| item.0), Some(number));
            }
            assert_eq!(Arc::strong_count(&count), 1 + len - taken);
            if taken == len {
                assert_eq!(lent.size_hint(), (0, Some(0)));
                assert!(lent.next().is_none());
            }
            drop(lent);
            assert_eq!(Arc::strong_count(&count), 1);
        }
    }

    #[test]
    fn items_are_made_over_where_they_lie() {
        for len in [1, 2, if cfg!(miri) { 100 } else { 5000 }] {
            let (count, vec) = items(len);
            let place = vec.as_ptr().addr();
            let made: Vec<Item> = vec.into_par_iter().map(|(n, arc)| (n + 1, arc)).collect();
            assert_eq!(made.as_ptr().addr(), place);
            assert!(numbers(made).into_iter().eq(1..=len));
            assert_eq!(Arc::strong_count(&count), 1);
            for fatal in [0, len / 3, len / 2, len - 1] {
                let (count, vec) = items(len);
                let make = |item: Item| {
                    if item.0 == fatal {
                        resume_unwind(Box::new("fatal"));
                    }
                    item
                };
                let collect = || vec.into_par_iter().map(make).collect::<Vec<_>>();
                assert!(catch_unwind(AssertUnwindSafe(collect)).is_err());
                assert_eq!(Arc::strong_count(&count), 1);
            }
        }
    }

    /// As std's may: what is borrowed is dropped first.
    #[test]
    fn an_iterator_may_outlive_what_its_items_borrow() {
        let mut items = vec!["warp"; 2].into_par_iter();
        assert_eq!(items.len(), 2);
        let text = String::from("weft");
        items = vec![&text[..]].into_par_iter();
        assert_eq!(items.len(), 1);
    }

    #[test]
    fn an_iterator_shows_its_items() {
        let shown = format!("{:?}", vec![1, 2].into_par_iter());
        assert_eq!(shown, "IntoIter([1, 2])");
    }

    /// Whatever becomes of the items, the memory is the other vector's.
    #[test]
    fn memory_is_lent_once_to_what_fits_in() {
        type End = fn(IntoIter<Item>);
        let ends: [End; 3] = [
            |items| {
                let is_lent = !items.lent.is_empty();
                let (folder, rest) = items.pour_blocks(Until(9, vec![]), |_| 9);
                assert!(folder.complete().is_empty() && rest.is_some() == is_lent);
                if let Some(rest) = rest {
                    rest.with_producer(Does::Drops);
                }
            },
            |items| items.with_producer(Does::Drops),
            |items| {
                let panics = || items.with_producer(Does::Panics);
                assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            },
        ];
        for (len, end) in [0, 1, 5]
            .into_iter()
            .flat_map(|len| ends.map(|end| (len, end)))
        {
            let (count, vec) = items(len);
            let mut items = vec.into_par_iter();
            // Of another alignment, too long, and neither half as long nor a third.
            assert!(items.lend_memory::<u8>(Borrower::new()).is_none());
            assert!(items.lend_memory::<[usize; 3]>(Borrower::new()).is_none());
            assert!(items.lend_memory::<[usize; 0]>(Borrower::new()).is_none());
            let triples = vec![[0_usize; 3]; len].into_par_iter();
            assert!(
                { triples }
                    .lend_memory::<[usize; 2]>(Borrower::new())
                    .is_none()
            );
            let lent = items.lend_memory::<[usize; 2]>(Borrower::new());
            assert_eq!(lent.is_some(), len > 0);
            assert!(lent.iter().all(|lent| lent.keeps_places));
            let memory = lent.map(|lent| lent.memory);
            let again = items.lend_memory::<[usize; 2]>(Borrower::new());
            assert!(again.is_none());
            end(items);
            assert_eq!(Arc::strong_count(&count), 1);
            if let Some(mut memory) = memory {
                assert!(memory.is_empty() && memory.capacity() >= len);
                memory.push([1, 2]);
            }
        }
    }

    /// There is room for twice as many of half the size, and nobody says that they stay where they are.
    #[test]
    fn memory_is_lent_to_what_is_smaller() {
        let (count, mut vec) = items(3);
        vec.reserve_exact(7);
        let capacity = vec.capacity();
        let mut items = vec.into_par_iter();
        let lent = items.lend_memory::<usize>(Borrower::new()).unwrap();
        assert!(!lent.keeps_places && lent.memory.is_empty());
        assert_eq!(lent.memory.capacity(), 2 * capacity);
        items.with_producer(Does::Drops);
        assert_eq!(Arc::strong_count(&count), 1);
        let mut none = vec![(); 3].into_par_iter();
        assert!(none.lend_memory::<()>(Borrower::new()).is_none());
        let mut items = vec![1].into_par_iter().filter(|x| *x > 0);
        let lent = items.lend_memory::<i32>(Borrower::new()).unwrap();
        assert!(!lent.keeps_places);
    }

    /// Who would look at the slots while others come to lie there is stopped.
    #[test]
    fn lent_items_go_only_to_who_writes_over_them() {
        for ways in 0..2 {
            let (count, mut vec) = items(3);
            // SAFETY: no more than there are.
            unsafe { vec.set_len(0) };
            let slots = &mut vec.spare_capacity_mut()[..3];
            // SAFETY: O1: the slots hold three items. O2: nobody writes there.
            let items = unsafe { OwnedItems::new(slots, true) };
            let (left, right) = items.split_at(1);
            drop(left);
            let looks = || match ways {
                0 => drop(Producer::into_iter(right)),
                _ => drop(right.fold_with(Until(3, vec![])).complete()),
            };
            assert!(catch_unwind(AssertUnwindSafe(looks)).is_err());
            assert_eq!(Arc::strong_count(&count), 1);
        }
    }

    /// Does with a producer what its name says.
    enum Does {
        Drops,
        TakesOne,
        Panics,
    }

    impl<T> ProducerCallback<T> for Does {
        type Output = ();

        fn callback<P: Producer<Item = T>>(self, producer: P) {
            match self {
                Self::Drops => {}
                Self::TakesOne => drop(producer.into_iter().next()),
                Self::Panics => resume_unwind(Box::new("fatal")),
            }
        }
    }

    /// The range is gone, whatever became of it, and all else is there.
    #[test]
    fn a_drain_leaves_the_others() {
        type End = fn(Drain<'_, Item>, Range<usize>);
        let ends: [End; 7] = [
            |drain, range| {
                assert_eq!(
                    (drain.len(), drain.opt_len()),
                    (range.len(), Some(range.len()))
                );
                drop(drain);
            },
            |drain, range| assert!(numbers(drain.collect::<Vec<_>>()).into_iter().eq(range)),
            |drain, range| {
                let odd = drain.filter(|item| item.0 % 2 == 1);
                let odd = numbers(odd.collect::<Vec<_>>());
                assert!(odd.into_iter().eq(range.filter(|number| number % 2 == 1)));
            },
            |drain, range| {
                let found = drain.find_any(|_| true);
                assert_eq!(found.is_some(), !range.is_empty());
            },
            |drain, _| drain.with_producer(Does::Drops),
            |drain, _| drain.with_producer(Does::TakesOne),
            |drain, _| {
                let panics = || drain.with_producer(Does::Panics);
                assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            },
        ];
        for len in 0..7 {
            for range in (0..=len).flat_map(|end| (0..=end).map(move |start| start..end)) {
                for end in ends {
                    let (count, mut vec) = items(len);
                    end(vec.par_drain(range.clone()), range.clone());
                    assert_eq!(Arc::strong_count(&count), 1 + len - range.len());
                    let left = numbers(vec);
                    assert!(left.into_iter().eq((0..len).filter(|n| !range.contains(n))));
                }
            }
        }
    }

    #[test]
    fn a_vector_and_a_box_give_all_in_order() {
        for len in [0, 1, 2, 100] {
            let (count, vec) = items(len);
            let boxed = vec.clone().into_boxed_slice();
            for items in [vec.into_par_iter(), boxed.into_par_iter()] {
                assert_eq!((items.len(), items.opt_len()), (len, Some(len)));
                let all = numbers(items.clone().collect::<Vec<_>>());
                assert!(all.into_iter().eq(0..len));
                // Where the length is not known.
                let odd = items.filter(|item| item.0 % 2 == 1).collect::<Vec<_>>();
                assert!(numbers(odd).into_iter().eq((0..len).filter(|n| n % 2 == 1)));
            }
            assert_eq!(Arc::strong_count(&count), 1);
        }
    }

    /// Takes so many items.
    struct Until(usize, Vec<usize>);

    impl Folder<Item> for Until {
        type Result = Vec<usize>;

        fn consume(mut self, item: Item) -> Self {
            self.1.push(item.0);
            self
        }

        fn complete(self) -> Vec<usize> {
            self.1
        }

        fn full(&self) -> bool {
            self.1.len() >= self.0
        }
    }

    /// Blocks of two while there are so many, then one that says to stop; or until the folder is full.
    #[test]
    fn blocks_end_when_the_folder_is_full_or_somebody_wants_the_rest() {
        for (len, most, blocks) in (0..490).map(|i| (i / 70, i / 7 % 10, i % 7)) {
            let (count, vec) = items(len);
            let mut asked = 0;
            let next_block = |left: usize| {
                assert_eq!(left + most.min(2 * asked), len);
                asked += 1;
                if asked > blocks { 0 } else { 2 }
            };
            let folder = Until(most, vec![]);
            let (folder, rest) = vec.into_par_iter().pour_blocks(folder, next_block);
            let taken = folder.complete();
            assert!(taken.iter().copied().eq(0..taken.len()));
            match rest {
                Some(rest) => {
                    assert!(taken.len() == 2 * blocks || taken.len() == most);
                    let rest = numbers(rest.vec);
                    assert!(!rest.is_empty() && rest.into_iter().eq(taken.len()..len));
                }
                // The last block was all that was left.
                None => {
                    assert!(len <= 2 * blocks);
                    assert!(taken.len() == len || taken.len() >= most);
                }
            }
            assert_eq!(Arc::strong_count(&count), 1);
        }
    }
}
