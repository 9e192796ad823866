//! Collecting over the items: what comes of a vector's items comes to lie in the memory that they lie in.
//!
//! The vector's iterator [lends](ParallelIterator::lend_memory) it, through adapters that make at most one item of each. If one comes of each, and
//! is as large, it [stays](super::collect) where the other was. If fewer come, or smaller ones, each leaf writes them one behind the other, from
//! the front of its own slots on; then one thread moves the leaves' rows together. So no more memory is needed, as with std's iterators.
//! (By way of new memory, two million numbers that pass took 2.0 ms, and 0.75 over the items; two million strings, filtered, 24 ms and 14; a
//! thousand strings 2.8 µs and 1.8.)
//!
//! K1 The slots that a folder is given follow one another, in the memory that was lent. Between its row and the end of those so far there is
//! nothing any more. K2 At most one item comes of each, no larger than that was, and after that has left its slot; so a row never grows over what is
//! still to be taken. K3 Rows of different leaves lie in different slots, in order.
#![allow(unsafe_code)]

use std::ops::Range;
use std::{iter, ptr};

use super::gather::give_back;
use super::row::Row;
use super::sift;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};

/// Who borrows the memory that items come from. Nobody outside can make one, nor say its name, so that nobody else lends or borrows. (K2)
#[expect(unnameable_types, reason = "that is the point")]
pub struct Borrower(());

impl Borrower {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

/// The memory that items lie in, lent to what comes of them.
#[expect(unnameable_types, reason = "as above")]
pub struct Lent<U> {
    /// An empty vector, which has room for all of them and outlives the items.
    pub(crate) memory: Vec<U>,
    /// Whether one comes of each item and is as large. Else fewer may come, and they may be smaller.
    pub(crate) keeps_places: bool,
}

/// Collects the items over those that they come of, which lie in `memory`.
pub(super) fn collect<I: ParallelIterator>(mut memory: Vec<I::Item>, par_iter: I) -> Vec<I::Item> {
    let over = Over {
        base: memory.as_mut_ptr(),
        room: memory.capacity(),
    };
    let rows = par_iter.drive_unindexed(over);
    let mut memory = move_together(memory, rows);
    give_back(&mut memory);
    memory
}

/// Moves the rows to the front of the empty vector in whose memory they lie.
fn move_together<U>(mut memory: Vec<U>, rows: Rows<U>) -> Vec<U> {
    let Rows { first, more } = rows;
    for row in iter::once(first).chain(more) {
        let Row { start, count } = row;
        let end = memory.as_mut_ptr().wrapping_add(memory.len());
        assert!(count == 0 || end <= start, "a row lies before its turn");
        // SAFETY: K3: so many items, which the row owns; and in front of them, from the end of those that have been moved, nothing.
        unsafe { ptr::copy(start, end, count) };
        row.hand_over();
        // SAFETY: they are the vector's from now on.
        unsafe { memory.set_len(memory.len() + count) };
    }
    memory
}

/// The consumer: each leaf writes over its own items.
struct Over<U> {
    /// The memory that was lent.
    base: *mut U,
    room: usize,
}

// SAFETY: K3: each leaf writes into its own slots. What it writes may be dropped or read by another thread, which `U: Send` allows.
unsafe impl<U: Send> Send for Over<U> {}

impl<U> Copy for Over<U> {}

impl<U> Clone for Over<U> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<U: Send> Consumer<U> for Over<U> {
    type Folder = Keeping<U>;
    type Reducer = JoinRows;
    type Result = Rows<U>;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = SendProof::HERE;
    const IS_OPEN: bool = true;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, JoinRows) {
        (self, self, JoinRows)
    }

    #[inline]
    fn split_off_open(&self, _most: usize) -> Option<(Self, JoinRows)> {
        Some((*self, JoinRows))
    }

    #[inline]
    fn into_folder(self) -> Keeping<U> {
        Keeping {
            over: self,
            row: Row::new(self.base),
            end: None,
        }
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

impl<U: Send> UnindexedConsumer<U> for Over<U> {
    #[inline]
    fn split_off_left(&self) -> Self {
        *self
    }

    #[inline]
    fn to_reducer(&self) -> JoinRows {
        JoinRows
    }
}

/// A leaf at work.
struct Keeping<U> {
    over: Over<U>,
    row: Row<U>,
    /// The end of the slots so far, if there were any.
    end: Option<usize>,
}

impl<U> Keeping<U> {
    /// Makes ready for at most so many items that come from these slots.
    #[inline]
    fn reach(&mut self, slots: &Range<*mut ()>, most: Option<usize>) {
        let (start, end) = (slots.start.addr(), slots.end.addr());
        let Over { base, room } = self.over;
        if self.end.is_none() {
            assert!(base.addr() <= start, "{ASTRAY}");
            // By the right to all of the memory, since a row may come to lie in the slots of several blocks.
            self.row.start = base.with_addr(start);
        }
        let most = most.expect("whoever takes from a vector knows how many there are");
        // K1, and as far as a check can tell K2.
        let is_next = self.end.is_none_or(|end| end == start);
        let free = end.saturating_sub(self.row.end().addr());
        let fits = most.saturating_mul(size_of::<U>()) <= free;
        let is_within = end <= base.wrapping_add(room).addr();
        assert!(is_next && fits && is_within, "{ASTRAY}");
        self.end = Some(end);
    }
}

const ASTRAY: &str = "items come over slots that are not theirs";

impl<U: Send> Folder<U> for Keeping<U> {
    type Result = Rows<U>;
    const WRITES_OVER: bool = true;

    fn consume(self, _item: U) -> Self {
        panic!("who lends memory pours its items over it")
    }

    #[inline]
    fn consume_over<I>(mut self, slots: Range<*mut ()>, items: I, _borrower: Borrower) -> Self
    where
        I: Iterator<Item = U>,
    {
        self.reach(&slots, items.size_hint().1);
        // In a variable, so that it is in registers, also where a panic would leave from.
        let Self { over, mut row, end } = self;
        items.for_each(|item| {
            // SAFETY: K1 and K2: the item that this one comes of has left its slot, which does not lie before this one.
            unsafe { row.push(item) };
        });
        Self { over, row, end }
    }

    /// Small items without a branch for each, as `sift` says. (But not by its loop, which wants slots that nobody else reads.)
    #[inline]
    fn consume_liked_over<I, P>(
        mut self,
        slots: Range<*mut ()>,
        items: I,
        is_liked: P,
        borrower: Borrower,
    ) -> Self
    where
        I: Iterator<Item = U>,
        P: Fn(&U) -> bool,
    {
        if !const { sift::is_for::<U>() } {
            return self.consume_over(slots, items.filter(is_liked), borrower);
        }
        self.reach(&slots, items.size_hint().1);
        let mut place = self.row.end();
        let mut kept = 0;
        items.for_each(|item| {
            let is_kept = usize::from(is_liked(&item));
            // SAFETY: as above. If it is not liked, the next one is written over it.
            unsafe { place.write(item) };
            place = place.wrapping_add(is_kept);
            kept += is_kept;
        });
        self.row.count += kept; // R1
        self
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) -> Rows<U> {
        Rows {
            first: self.row,
            more: Vec::new(),
        }
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// What neighbouring leaves have kept, in order. (K3)
struct Rows<U> {
    first: Row<U>,
    more: Vec<Row<U>>,
}

impl<U> Rows<U> {
    fn push(&mut self, row: Row<U>) {
        if row.count == 0 {
            return;
        }
        if self.first.count == 0 {
            self.first = row;
            return;
        }
        let last = self.more.last_mut().unwrap_or(&mut self.first);
        if let Err(row) = last.join(row) {
            self.more.push(row);
        }
    }
}

struct JoinRows;

impl<U> Reducer<Rows<U>> for JoinRows {
    fn reduce(self, mut left: Rows<U>, right: Rows<U>) -> Rows<U> {
        left.push(right.first);
        right.more.into_iter().for_each(|row| left.push(row));
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    /// The items are clones of one `Arc`, which counts them.
    type Item = Arc<()>;

    /// Twelve slots, lent.
    fn lent() -> (Vec<Item>, Over<Item>) {
        let mut memory = Vec::with_capacity(12);
        let over = Over {
            base: memory.as_mut_ptr(),
            room: 12,
        };
        (memory, over)
    }

    /// Keeps `kept` of the items that come from the next of these slots.
    fn take(folder: Keeping<Item>, slots: Range<usize>, kept: usize, item: &Item) -> Keeping<Item> {
        let at = |index| folder.over.base.wrapping_add(index).cast();
        let slots_of = at(slots.start)..at(slots.end);
        let items = slots.enumerate().filter(|(index, _)| *index < kept);
        folder.consume_over(slots_of, items.map(|_| item.clone()), Borrower::new())
    }

    /// Whatever each of three leaves keeps of two blocks comes together, in order, and is dropped once if it does not.
    #[test]
    fn rows_join_or_are_listed() {
        for kept in 0..729_usize {
            let digit = |place: u32| kept / 3_usize.pow(place) % 3;
            let item = Item::default();
            let (memory, over) = lent();
            let leaf = |index: u32| {
                let start = 4 * index as usize;
                let folder = take(
                    over.into_folder(),
                    start..start + 2,
                    digit(2 * index),
                    &item,
                );
                let next = digit(2 * index + 1);
                take(folder, start + 2..start + 4, next, &item).complete()
            };
            let rows = JoinRows.reduce(leaf(0), JoinRows.reduce(leaf(1), leaf(2)));
            let count: usize = (0..6).map(digit).sum();
            assert_eq!(Arc::strong_count(&item), 1 + count);
            // A leaf that keeps all, or nothing, makes no row of its own beside its neighbour.
            let full = |index: u32| digit(2 * index) + digit(2 * index + 1) == 4;
            let most = [0, 1, 2].map(|index| digit(2 * index) + digit(2 * index + 1) > 0);
            let joined = most.iter().filter(|has| **has).count().saturating_sub(1)
                - (0..2).filter(|i| full(*i) && most[*i as usize + 1]).count();
            assert_eq!(rows.more.len(), joined, "{kept}");
            if kept % 2 == 0 {
                let memory = move_together(memory, rows);
                assert_eq!((memory.len(), Arc::strong_count(&item)), (count, 1 + count));
            } else {
                drop((rows, memory));
            }
            assert_eq!(Arc::strong_count(&item), 1);
        }
    }

    /// Slots that are not the next ones, that are not lent, or that are fewer than the items.
    #[test]
    fn who_goes_astray_is_stopped() {
        let item = Item::default();
        let cases: [(Range<usize>, Range<usize>, usize); 5] = [
            (0..2, 3..4, 1),
            (2..4, 1..2, 1),
            (2..4, 4..13, 1),
            (12..13, 13..13, 0),
            (2..4, 2..4, 1),
        ];
        for (first, second, kept) in cases {
            let (_memory, over) = lent();
            let goes_astray = || {
                let folder = take(over.into_folder(), first, 1, &item);
                drop(take(folder, second, kept, &item));
            };
            let panic = catch_unwind(AssertUnwindSafe(goes_astray)).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&ASTRAY.to_string()));
            assert_eq!(Arc::strong_count(&item), 1);
        }
        let (_memory, over) = lent();
        let too_many = || {
            let slots = over.base.cast()..over.base.wrapping_add(1).cast();
            let items = iter::repeat_n(item.clone(), 2);
            drop(
                over.into_folder()
                    .consume_over(slots, items, Borrower::new()),
            );
        };
        assert!(catch_unwind(AssertUnwindSafe(too_many)).is_err());
        let one_by_one = || drop(over.into_folder().consume(item.clone()));
        assert!(catch_unwind(AssertUnwindSafe(one_by_one)).is_err());
        assert_eq!(Arc::strong_count(&item), 1);
    }
}
