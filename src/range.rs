//! `a..b` in parallel, over integers and characters.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! assert_eq!((0..1_000u64).into_par_iter().sum::<u64>(), 499_500);
//! ```

use std::ops::Range;

use crate::iter::adapt::wrap::through_producer;
use crate::iter::plumbing::source::{self, Source, SourceProducer, indexed_source};
use crate::iter::plumbing::{
    Folder, ProducerCallback, UnindexedConsumer, UnindexedProducer, bridge, bridge_unindexed,
};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// Runs through a range; made by [`into_par_iter`](IntoParallelIterator::into_par_iter).
///
/// Ranges of `usize`, `isize`, `char` and of integers up to 32 bits are indexed. Ranges of wider
/// integers may have more items than `usize` can count, so they are not; their
/// [`opt_len`](ParallelIterator::opt_len) is there if they have not.
///
/// ```
/// use lyocell::prelude::*;
///
/// assert_eq!((-5..5i8).into_par_iter().len(), 10);
/// assert_eq!((0..u128::MAX).into_par_iter().opt_len(), None);
/// ```
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct Iter<T> {
    range: Range<T>,
}

// For all `T` at once, so that the type of a literal can be inferred from what is done with it.
impl<T> IntoParallelIterator for Range<T>
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

// Sealed: nobody can name these, so that more can be said about the integers later.
#[allow(unnameable_types)]
mod private {
    use super::{Folder, Range, UnindexedConsumer};

    /// What ranges are made of.
    pub trait RangeItem: Copy + Ord + Send {
        #[doc(hidden)]
        fn successor(self) -> Option<Self>;

        #[doc(hidden)]
        fn count(range: &Range<Self>) -> Option<usize>;

        #[doc(hidden)]
        fn drive_unindexed<C: UnindexedConsumer<Self>>(
            range: Range<Self>,
            consumer: C,
        ) -> C::Result;

        /// As [`ParallelIterator::pour_blocks`].
        #[doc(hidden)]
        fn pour_blocks<F, N>(
            range: Range<Self>,
            folder: F,
            next_block: N,
        ) -> (F, Option<Range<Self>>)
        where
            F: Folder<Self>,
            N: FnMut(usize) -> usize;
    }

    /// What ranges are made of that `usize` can count on every platform.
    #[diagnostic::on_unimplemented(
        message = "a range of `{Self}` does not know the places of its items",
        label = "not an indexed parallel iterator",
        note = "ranges of 64-bit and 128-bit integers may have more items than `usize` can count; \
                take a range of `usize`, and convert the items by `map`"
    )]
    pub trait IndexedRangeItem: RangeItem {
        #[doc(hidden)]
        type Seq: DoubleEndedIterator<Item = Self> + ExactSizeIterator;

        #[doc(hidden)]
        fn at(range: &Range<Self>, index: usize) -> Self;

        #[doc(hidden)]
        fn seq(range: Range<Self>) -> Self::Seq;
    }
}
pub(crate) use private::{IndexedRangeItem, RangeItem};

impl<T: RangeItem> ParallelIterator for Iter<T> {
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        T::drive_unindexed(self.range, consumer)
    }

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        T::count(&self.range)
    }

    #[inline]
    fn pour_blocks<F, N>(self, folder: F, next_block: N) -> (F, Option<Self>)
    where
        F: Folder<T>,
        N: FnMut(usize) -> usize,
    {
        let (folder, rest) = T::pour_blocks(self.range, folder, next_block);
        (folder, rest.map(|range| Self { range }))
    }
}

impl<T: IndexedRangeItem> IndexedParallelIterator for Iter<T> {
    through_producer!(drive);

    #[inline]
    fn len(&self) -> usize {
        self.length()
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        callback.callback(SourceProducer(self))
    }
}

impl<T: IndexedRangeItem> Source for Iter<T> {
    type Item = T;
    type Seq = T::Seq;

    #[inline]
    fn length(&self) -> usize {
        T::count(&self.range).expect("an indexed range has a `usize` length")
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        assert!(
            index <= self.length(),
            "`index` is beyond the end of the range"
        );
        let Range { start, end } = self.range;
        let middle = T::at(&self.range, index);
        (
            Self {
                range: start..middle,
            },
            Self { range: middle..end },
        )
    }

    #[inline]
    fn seq(self) -> T::Seq {
        T::seq(self.range)
    }
}

/// How far apart the ends are, as an unsigned integer of the same width: a difference of signed
/// integers may not fit the signed type. Wrapping, since it is right when it is taken for unsigned.
macro_rules! distance {
    ($range:ident, $unsigned:ty) => {
        if $range.start < $range.end {
            $range.end.wrapping_sub($range.start) as $unsigned
        } else {
            0
        }
    };
}

/// Integers that `usize` can count. As in [`distance!`], an index may not fit a signed type, and
/// wrapping is right.
macro_rules! indexed {
    ($($integer:ident as $unsigned:ident),+) => { $(
        impl RangeItem for $integer {
            #[inline]
            fn successor(self) -> Option<Self> {
                self.checked_add(1)
            }

            #[inline]
            fn count(range: &Range<Self>) -> Option<usize> {
                Some(distance!(range, $unsigned) as usize)
            }

            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<Self>>(range: Range<Self>, consumer: C) -> C::Result {
                bridge(Iter { range }, consumer)
            }

            #[inline]
            fn pour_blocks<F, N>(range: Range<Self>, folder: F, next_block: N) -> (F, Option<Range<Self>>)
            where
                F: Folder<Self>,
                N: FnMut(usize) -> usize,
            {
                let (folder, rest) = source::pour_blocks(Iter { range }, folder, next_block);
                (folder, rest.map(|it| it.range))
            }
        }

        impl IndexedRangeItem for $integer {
            type Seq = Range<Self>;

            #[inline]
            fn at(range: &Range<Self>, index: usize) -> Self {
                range.start.wrapping_add(index as Self)
            }

            #[inline]
            fn seq(range: Range<Self>) -> Range<Self> {
                range
            }
        }
    )+ };
}

indexed! { u8 as u8, i8 as u8, u16 as u16, i16 as u16, u32 as u32, i32 as u32, usize as usize, isize as usize }

/// Integers that may be more than `usize` can count. Mostly they are not: then they are driven by their
/// indices, so that `collect` has places to write to.
macro_rules! unindexed {
    ($($integer:ident as $unsigned:ident),+) => { $(
        impl RangeItem for $integer {
            #[inline]
            fn successor(self) -> Option<Self> {
                self.checked_add(1)
            }

            #[inline]
            fn count(range: &Range<Self>) -> Option<usize> {
                usize::try_from(distance!(range, $unsigned)).ok()
            }

            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<Self>>(range: Range<Self>, consumer: C) -> C::Result {
                if Self::count(&range).is_some() {
                    bridge(Counted(range), consumer)
                } else {
                    bridge_unindexed(Wide(range), consumer)
                }
            }

            #[inline]
            fn pour_blocks<F, N>(range: Range<Self>, mut folder: F, mut next_block: N) -> (F, Option<Range<Self>>)
            where
                F: Folder<Self>,
                N: FnMut(usize) -> usize,
            {
                let mut range = range;
                loop {
                    let len = Self::count(&range).unwrap_or(usize::MAX);
                    let block = next_block(len);
                    if block >= len && len != usize::MAX {
                        return (folder.consume_iter(range), None);
                    }
                    if block == 0 || folder.full() {
                        return (folder, Some(range));
                    }
                    let middle = range.start.wrapping_add(block as $integer);
                    folder = folder.consume_iter(range.start..middle);
                    range.start = middle;
                }
            }
        }

        impl Source for Counted<$integer> {
            type Item = $integer;
            type Seq = SeqCounted<$integer>;

            #[inline]
            fn length(&self) -> usize {
                let range = &self.0;
                distance!(range, $unsigned) as usize
            }

            #[inline]
            fn cut(self, index: usize) -> (Self, Self) {
                assert!(index <= self.length(), "`index` is beyond the end of the range");
                let Range { start, end } = self.0;
                let middle = start.wrapping_add(index as $integer);
                (Self(start..middle), Self(middle..end))
            }

            #[inline]
            fn seq(self) -> Self::Seq {
                SeqCounted(self.0)
            }
        }

        indexed_source!(impl[] Counted<$integer>, $integer);

        impl UnindexedProducer for Wide<$integer> {
            type Item = $integer;

            #[inline]
            fn split(self) -> (Self, Option<Self>) {
                let range = &self.0;
                let (start, end) = (range.start, range.end);
                let half = distance!(range, $unsigned) / 2;
                if half == 0 {
                    return (self, None);
                }
                let middle = start.wrapping_add(half as $integer);
                (Wide(start..middle), Some(Wide(middle..end)))
            }

            #[inline]
            fn fold_with<F: Folder<$integer>>(self, folder: F) -> F {
                folder.consume_iter(self.0)
            }
        }
    )+ };
}

unindexed! { u64 as u64, i64 as u64, u128 as u128, i128 as u128 }

/// A range of wide integers that `usize` can count.
#[derive(Debug)]
struct Counted<T>(Range<T>);

/// The same as an iterator with an exact length, which std's has not on every platform.
#[derive(Debug)]
struct SeqCounted<T>(Range<T>);

impl<T> Iterator for SeqCounted<T>
where
    Range<T>: Iterator<Item = T>,
{
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<T> {
        self.0.nth(n)
    }

    #[inline]
    fn fold<B, G: FnMut(B, T) -> B>(self, init: B, op: G) -> B {
        self.0.fold(init, op)
    }
}

impl<T> DoubleEndedIterator for SeqCounted<T>
where
    Range<T>: DoubleEndedIterator<Item = T>,
{
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.0.next_back()
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<T> {
        self.0.nth_back(n)
    }
}

impl<T> ExactSizeIterator for SeqCounted<T> where Range<T>: Iterator<Item = T> {}

/// A range that is too long for `usize`.
struct Wide<T>(Range<T>);

/// The code points between the last character before the surrogates and the first after them are not
/// characters.
const SURROGATES: Range<u32> = 0xD800..0xE000;

/// Characters are numbered without the surrogates here.
#[inline]
fn number(char: char) -> u32 {
    let code = char as u32;
    if code < SURROGATES.start {
        code
    } else {
        code - SURROGATES.len() as u32
    }
}

impl RangeItem for char {
    #[inline]
    fn successor(self) -> Option<char> {
        (self..=char::MAX).nth(1)
    }

    #[inline]
    fn count(range: &Range<char>) -> Option<usize> {
        Some(number(range.end).saturating_sub(number(range.start)) as usize)
    }

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<char>>(range: Range<char>, consumer: C) -> C::Result {
        bridge(Iter { range }, consumer)
    }

    #[inline]
    fn pour_blocks<F, N>(range: Range<char>, folder: F, next_block: N) -> (F, Option<Range<char>>)
    where
        F: Folder<char>,
        N: FnMut(usize) -> usize,
    {
        let (folder, rest) = source::pour_blocks(Iter { range }, folder, next_block);
        (folder, rest.map(|it| it.range))
    }
}

impl IndexedRangeItem for char {
    type Seq = Chars;

    #[inline]
    fn at(range: &Range<char>, index: usize) -> char {
        // A range without items is only cut at 0.
        if index == 0 {
            range.start
        } else {
            range.clone().nth(index).unwrap_or(range.end)
        }
    }

    #[inline]
    fn seq(range: Range<char>) -> Chars {
        Chars(range)
    }
}

/// A range of characters with an exact length, which std's has too, but does not promise.
#[derive(Debug)]
pub struct Chars(Range<char>);

impl Iterator for Chars {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        self.0.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<char> {
        self.0.nth(n)
    }

    #[inline]
    fn fold<B, G: FnMut(B, char) -> B>(self, init: B, op: G) -> B {
        self.0.fold(init, op)
    }
}

impl DoubleEndedIterator for Chars {
    #[inline]
    fn next_back(&mut self) -> Option<char> {
        self.0.next_back()
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<char> {
        self.0.nth_back(n)
    }
}

impl ExactSizeIterator for Chars {}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined<T: IndexedRangeItem + std::fmt::Debug>(range: Range<T>) {
        let whole: Vec<T> = T::seq(range.clone()).collect();
        assert_eq!(
            Iter {
                range: range.clone()
            }
            .length(),
            whole.len()
        );
        // All places, or both ends and some between them.
        let step = if cfg!(miri) {
            whole.len().max(3) / 3
        } else {
            1
        };
        for index in (0..=whole.len()).step_by(step) {
            let (left, right) = Iter {
                range: range.clone(),
            }
            .cut(index);
            assert_eq!(left.length(), index);
            assert!(
                left.seq().chain(right.seq()).eq(whole.iter().copied()),
                "{range:?} at {index}"
            );
        }
    }

    #[test]
    fn cuts_are_exact() {
        joined(0u8..255);
        joined(-128i8..127);
        joined(i32::MAX - 9..i32::MAX);
        joined(isize::MIN..isize::MIN + 9);
        joined(Range {
            start: 7u32,
            end: 3,
        });
        joined('b'..'k');
        joined('\u{D7F0}'..'\u{E010}');
        joined('\u{D7FF}'..'\u{E000}');
        joined('\u{10FFF0}'..char::MAX);
        joined(Range {
            start: 'z',
            end: 'a',
        });
    }

    #[test]
    fn counts_reach_over_the_sign() {
        assert_eq!(i8::count(&(i8::MIN..i8::MAX)), Some(255));
        assert_eq!(
            i64::count(&(-2..i64::MAX)),
            usize::try_from(i64::MAX as u64 + 2).ok()
        );
        assert_eq!(u128::count(&(5..5 + (1 << 70))), None);
        assert_eq!(i128::count(&(i128::MIN..i128::MIN + 3)), Some(3));
        assert_eq!(char::count(&('\0'..char::MAX)), Some(0x10FFFF - 0x800));
    }

    #[test]
    fn wide_ranges_are_halved() {
        let (left, right) = Wide(i128::MIN..i128::MAX).split();
        assert_eq!(
            (left.0, right.map(|right| right.0)),
            (i128::MIN..-1, Some(-1..i128::MAX))
        );
        assert!(Wide(3u64..4).split().1.is_none());
    }
}
