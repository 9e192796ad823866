//! Parallel iterators that take characters out of a string.

use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::plumbing::stretch::bridge_stretch;
use crate::iter::{ParallelDrainRange, ParallelIterator};
use crate::span::span_within;
use crate::str::{ReadChars, Text};
use std::ops::{Range, RangeBounds};

/// A parallel iterator that takes a range of characters out of a string, which keeps the others and its
/// capacity.
///
/// [`par_drain`](ParallelDrainRange::par_drain) makes it. When it is dropped the range is gone from the
/// string, whether it was iterated over or not.
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut text = String::from("much ado");
/// let taken: String = text.par_drain(..5).collect();
/// assert_eq!((taken.as_str(), text.as_str()), ("much ", "ado"));
/// ```
///
/// # Panics
/// `par_drain` panics if the range does not lie within the string, or cuts a character in two.
#[derive(Debug)]
pub struct Drain<'a> {
    string: &'a mut String,
    range: Range<usize>,
}

impl<'a> ParallelDrainRange<usize> for &'a mut String {
    type Iter = Drain<'a>;
    type Item = char;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'a> {
        let range = span_within(&range, self.len());
        for end in [range.start, range.end] {
            assert!(
                self.is_char_boundary(end),
                "the range {range:?} cuts a character of the string in two, at {end}"
            );
        }
        Drain {
            string: self,
            range,
        }
    }
}

impl ParallelIterator for Drain<'_> {
    type Item = char;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<char>,
    {
        let text = &self.string[self.range.clone()];
        bridge_stretch(Text::new(text, ReadChars()), consumer)
    }
}

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        self.string.drain(self.range.clone());
    }
}
