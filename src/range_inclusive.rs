//! `a..=b` in parallel, over integers and characters.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! assert_eq!((1..=5u64).into_par_iter().product::<u64>(), 120);
//! ```

use std::ops::RangeInclusive;

use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use crate::iter::{self, IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use crate::range::{IndexedRangeItem, RangeItem};

/// Runs through an inclusive range; made by [`into_par_iter`](IntoParallelIterator::into_par_iter).
///
/// Ranges of `char` and of integers up to 16 bits are indexed. Others may have one item more than
/// `usize` can count on some platform.
///
/// ```
/// use lyocell::prelude::*;
///
/// assert_eq!((0..=u8::MAX).into_par_iter().len(), 256);
/// assert_eq!((0..=u64::MAX).into_par_iter().opt_len(), None);
/// ```
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct Iter<T> {
    range: RangeInclusive<T>,
}

// For all `T` at once, so that the type of a literal can be inferred from what is done with it.
impl<T> IntoParallelIterator for RangeInclusive<T>
where
    Iter<T>: ParallelIterator,
{
    type Item = <Iter<T> as ParallelIterator>::Item;
    type Iter = Iter<T>;

    #[inline]
    fn into_par_iter(self) -> Iter<T> {
        Iter { range: self }
    }
}

/// What an inclusive range is without `=`.
enum Exclusive<T> {
    Empty,
    Range(T, T),
    /// There is nothing after the last item, so it has to be named.
    RangeAndLast(T, T),
}

impl<T: RangeItem> Iter<T> {
    #[inline]
    fn exclusive(&self) -> Exclusive<T> {
        // Also knows whether the range has been run through already, when its ends look as before.
        if self.range.is_empty() {
            return Exclusive::Empty;
        }
        let (start, last) = (*self.range.start(), *self.range.end());
        match last.successor() {
            Some(end) => Exclusive::Range(start, end),
            None => Exclusive::RangeAndLast(start, last),
        }
    }
}

/// Hands a method on to whichever iterator the range comes to.
macro_rules! hand_on {
    ($this:ident.$method:ident($($argument:expr)?)) => {
        match $this.exclusive() {
            Exclusive::Empty => iter::empty().$method($($argument)?),
            Exclusive::Range(start, end) => (start..end).into_par_iter().$method($($argument)?),
            Exclusive::RangeAndLast(start, last) => {
                (start..last).into_par_iter().chain(iter::once(last)).$method($($argument)?)
            }
        }
    };
}

impl<T: RangeItem> ParallelIterator for Iter<T> {
    type Item = T;

    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        hand_on!(self.drive_unindexed(consumer))
    }

    fn opt_len(&self) -> Option<usize> {
        match self.exclusive() {
            Exclusive::Empty => Some(0),
            Exclusive::Range(start, end) => T::count(&(start..end)),
            Exclusive::RangeAndLast(start, last) => T::count(&(start..last))?.checked_add(1),
        }
    }
}

#[allow(unnameable_types)] // sealed
mod private {
    /// What inclusive ranges are made of that `usize` can count on every platform.
    #[diagnostic::on_unimplemented(
        message = "a range of `{Self}` up to and with its end does not know the places of its items",
        label = "not an indexed parallel iterator",
        note = "it may have one item more than `usize` can count; a range without its end, `a..b`, has \
                places if its integers have no more bits than `usize`"
    )]
    pub trait IndexedInclusive: super::IndexedRangeItem {}
}
use private::IndexedInclusive;

impl IndexedInclusive for u8 {}
impl IndexedInclusive for i8 {}
impl IndexedInclusive for u16 {}
impl IndexedInclusive for i16 {}
impl IndexedInclusive for char {}

impl<T: IndexedInclusive> IndexedParallelIterator for Iter<T> {
    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        hand_on!(self.drive(consumer))
    }

    #[inline]
    fn len(&self) -> usize {
        self.opt_len()
            .expect("an indexed range has a `usize` length")
    }

    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        hand_on!(self.with_producer(callback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opt_len<T: RangeItem>(range: RangeInclusive<T>) -> Option<usize> {
        Iter { range }.opt_len()
    }

    #[test]
    fn counts_reach_the_last_item() {
        assert_eq!(opt_len(0..=u8::MAX), Some(256));
        assert_eq!(opt_len(u32::MAX..=u32::MAX), Some(1));
        assert_eq!(opt_len(0..=usize::MAX), None);
        assert_eq!(opt_len(1..=usize::MAX), Some(usize::MAX));
        assert_eq!(opt_len(i128::MAX - 1..=i128::MAX), Some(2));
        assert_eq!(opt_len('\0'..=char::MAX), Some(0x110000 - 0x800));
        assert_eq!(opt_len(RangeInclusive::new(5, 4)), Some(0));
    }

    #[test]
    fn what_was_run_through_is_empty() {
        let mut range = 3..=4u8;
        assert_eq!(range.by_ref().count(), 2);
        assert_eq!(Iter { range }.len(), 0);
    }
}
