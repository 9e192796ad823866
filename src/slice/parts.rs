//! Slices that fall into parts where a closure says so: at separators, behind them, or between neighbours.

use std::fmt;
use std::ops::Range;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::stretch::bridge_stretch;
use crate::iter::plumbing::{Folder, UnindexedConsumer};
use crate::parts::{Gaps, Parts, Row};

/// A shared or a mutable slice, with std's ways to take it apart.
trait Slice: Row {
    type Element;

    fn elements(&self) -> &[Self::Element];
    fn split(self, separator: impl Fn(&Self::Element) -> bool) -> impl Iterator<Item = Self>;
    fn split_inclusive(
        self,
        separator: impl Fn(&Self::Element) -> bool,
    ) -> impl Iterator<Item = Self>;
    fn chunk_by(
        self,
        together: impl Fn(&Self::Element, &Self::Element) -> bool,
    ) -> impl Iterator<Item = Self>;
}

/// One row for each of them: the reference, and the names of the methods.
macro_rules! slices {
    ($($slice:ty: $split:ident, $split_inclusive:ident, $chunk_by:ident;)+) => { $(
        impl<'data, T> Slice for $slice {
            type Element = T;

            #[inline]
            fn elements(&self) -> &[T] {
                self
            }

            #[inline]
            fn split(self, separator: impl Fn(&T) -> bool) -> impl Iterator<Item = Self> {
                <[T]>::$split(self, separator)
            }

            #[inline]
            fn split_inclusive(self, separator: impl Fn(&T) -> bool) -> impl Iterator<Item = Self> {
                <[T]>::$split_inclusive(self, separator)
            }

            #[inline]
            fn chunk_by(self, together: impl Fn(&T, &T) -> bool) -> impl Iterator<Item = Self> {
                <[T]>::$chunk_by(self, together)
            }
        }
    )+ };
}

slices! {
    &'data [T]: split, split_inclusive, chunk_by;
    &'data mut [T]: split_mut, split_inclusive_mut, chunk_by_mut;
}

/// A gap at each element that the closure calls a separator. `KEPT`, the separator ends the part before it.
struct Separated<'p, P, const KEPT: bool>(&'p P);

impl<P, const KEPT: bool> Copy for Separated<'_, P, KEPT> {}

impl<P, const KEPT: bool> Clone for Separated<'_, P, KEPT> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, P, const KEPT: bool> Gaps<S> for Separated<'_, P, KEPT>
where
    S: Slice,
    P: Fn(&S::Element) -> bool + Sync,
{
    #[inline]
    fn first(self, slice: &S, places: Range<usize>) -> Option<usize> {
        let start = places.start;
        let ahead = slice.elements()[places].iter().position(self.0)?;
        Some(start + ahead)
    }

    #[inline]
    fn last(self, slice: &S, end: usize) -> Option<usize> {
        slice.elements()[..end].iter().rposition(self.0)
    }

    #[inline]
    fn around(self, _: &S, place: usize) -> Range<usize> {
        if KEPT {
            place + 1..place + 1
        } else {
            place..place + 1
        }
    }

    #[inline]
    fn pour<F: Folder<S>>(self, slice: S, folder: F) -> F {
        if KEPT {
            folder.consume_iter(slice.split_inclusive(self.0))
        } else {
            folder.consume_iter(slice.split(self.0))
        }
    }
}

/// A gap between each two neighbours that the closure does not call together.
struct Apart<'p, P>(&'p P);

impl<P> Copy for Apart<'_, P> {}

impl<P> Clone for Apart<'_, P> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, P> Gaps<S> for Apart<'_, P>
where
    S: Slice,
    P: Fn(&S::Element, &S::Element) -> bool + Sync,
{
    // The place of a gap is that of the neighbour behind it, so the search begins one element earlier.
    #[inline]
    fn first(self, slice: &S, places: Range<usize>) -> Option<usize> {
        let start = places.start.max(1);
        let mut pairs = slice.elements()[start - 1..places.end].windows(2);
        let ahead = pairs.position(|pair| !(self.0)(&pair[0], &pair[1]))?;
        Some(start + ahead)
    }

    #[inline]
    fn last(self, slice: &S, end: usize) -> Option<usize> {
        let mut pairs = slice.elements()[..end].windows(2);
        let before = pairs.rposition(|pair| !(self.0)(&pair[0], &pair[1]))?;
        Some(1 + before)
    }

    #[inline]
    fn around(self, _: &S, place: usize) -> Range<usize> {
        place..place
    }

    #[inline]
    fn pour<F: Folder<S>>(self, slice: S, folder: F) -> F {
        folder.consume_iter(slice.chunk_by(self.0))
    }
}

/// Writes the face of slices that fall into parts.
macro_rules! parts {
    (
        $(#[$attr:meta])*
        $name:ident, $slice:ty, $bound:ident, Fn($($arg:ty),+), $gaps:expr
    ) => {
        $(#[$attr])*
        pub struct $name<'data, T, P> {
            slice: $slice,
            closure: P,
        }

        impl<'data, T, P> $name<'data, T, P> {
            #[inline]
            pub(super) fn new(slice: $slice, closure: P) -> Self {
                Self { slice, closure }
            }
        }

        impl<T: fmt::Debug, P> fmt::Debug for $name<'_, T, P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("slice", &self.slice).finish()
            }
        }

        impl<'data, T: $bound, P> ParallelIterator for $name<'data, T, P>
        where
            P: Fn($($arg),+) -> bool + Sync + Send,
        {
            type Item = $slice;

            fn drive_unindexed<C>(self, consumer: C) -> C::Result
            where
                C: UnindexedConsumer<Self::Item>,
            {
                bridge_stretch(Parts::new(self.slice, $gaps(&self.closure)), consumer)
            }
        }
    };
}

parts! {
    /// What is between separators; made by [`par_split`](super::ParallelSlice::par_split).
    Split, &'data [T], Sync, Fn(&T), Separated::<P, false>
}

parts! {
    /// What is between separators, mutably; made by [`par_split_mut`](super::ParallelSliceMut::par_split_mut).
    SplitMut, &'data mut [T], Send, Fn(&T), Separated::<P, false>
}

parts! {
    /// What ends in a separator; made by [`par_split_inclusive`](super::ParallelSlice::par_split_inclusive).
    SplitInclusive, &'data [T], Sync, Fn(&T), Separated::<P, true>
}

parts! {
    /// What ends in a separator, mutably; made by
    /// [`par_split_inclusive_mut`](super::ParallelSliceMut::par_split_inclusive_mut).
    SplitInclusiveMut, &'data mut [T], Send, Fn(&T), Separated::<P, true>
}

parts! {
    /// Runs of neighbours that go together; made by [`par_chunk_by`](super::ParallelSlice::par_chunk_by).
    ChunkBy, &'data [T], Sync, Fn(&T, &T), Apart
}

parts! {
    /// Mutable runs of neighbours that go together; made by
    /// [`par_chunk_by_mut`](super::ParallelSliceMut::par_chunk_by_mut).
    ChunkByMut, &'data mut [T], Send, Fn(&T, &T), Apart
}

/// The shared ones can be had twice, if the closure can.
macro_rules! cloned {
    ($($name:ident)+) => { $(
        impl<T, P: Clone> Clone for $name<'_, T, P> {
            #[inline]
            fn clone(&self) -> Self {
                Self { slice: self.slice, closure: self.closure.clone() }
            }
        }
    )+ };
}

cloned! { Split SplitInclusive ChunkBy }

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;
    use crate::parts::tests::{decisions, rows_of, split_and_collect};

    /// However it is cut, the parts are those of std. Each element or pair is asked about once; only separators that are kept may
    /// be seen again.
    #[test]
    fn every_row_cut_everywhere() {
        let longest = if cfg!(miri) { 4 } else { 9 };
        for row in rows_of(&[0, 1], longest) {
            let mut own = row.clone();
            let asked = AtomicUsize::new(0);
            let ask = |answer| {
                asked.fetch_add(1, Relaxed); // a count only
                answer
            };
            let is_zero = |&x: &i32| ask(x == 0);
            let is_equal = |a: &i32, b: &i32| ask(a == b);
            for mut decide in decisions() {
                let check =
                    |want: Vec<&[i32]>, places: RangeInclusive<usize>, parts: Vec<&[i32]>| {
                        assert_eq!(parts, want, "{row:?}");
                        assert!(places.contains(&asked.swap(0, Relaxed)), "{row:?}");
                    };
                let len = row.len();
                let zeros = row.iter().filter(|&&x| x == 0).count();
                let pairs = len.saturating_sub(1);
                let (once, again, pairs) = (len..=len, len..=len + zeros, pairs..=pairs);
                let slice = &row[..];

                let split = Parts::new(slice, Separated::<_, false>(&is_zero));
                let want = slice.split(|&x| x == 0).collect();
                check(want, once.clone(), split_and_collect(split, &mut decide));

                let split = Parts::new(slice, Separated::<_, true>(&is_zero));
                let want = slice.split_inclusive(|&x| x == 0).collect();
                check(want, again.clone(), split_and_collect(split, &mut decide));

                let split = Parts::new(slice, Apart(&is_equal));
                let want = slice.chunk_by(i32::eq).collect();
                check(want, pairs.clone(), split_and_collect(split, &mut decide));

                let split = Parts::new(&mut own[..], Separated::<_, false>(&is_zero));
                let parts = split_and_collect(split, &mut decide);
                let want = slice.split(|&x| x == 0).collect();
                check(
                    want,
                    once.clone(),
                    parts.into_iter().map(|part| &*part).collect(),
                );

                let split = Parts::new(&mut own[..], Separated::<_, true>(&is_zero));
                let parts = split_and_collect(split, &mut decide);
                let want = slice.split_inclusive(|&x| x == 0).collect();
                check(
                    want,
                    again.clone(),
                    parts.into_iter().map(|part| &*part).collect(),
                );

                let split = Parts::new(&mut own[..], Apart(&is_equal));
                let parts = split_and_collect(split, &mut decide);
                let want = slice.chunk_by(i32::eq).collect();
                check(
                    want,
                    pairs.clone(),
                    parts.into_iter().map(|part| &*part).collect(),
                );
            }
        }
    }
}
