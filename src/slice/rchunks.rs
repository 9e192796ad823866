//! Chunks from the end: the first one may be shorter, or left over.

use std::slice;

use super::chunks::chunks_len;
use crate::iter::plumbing::source::{Source, indexed_source};

/// As `chunks!` in [`super::chunks`], but the first chunks are at the end of the slice.
macro_rules! rchunks {
    (
        $(#[$attr:meta])*
        $name:ident, $slice:ty, $bound:ident, $seq:ident, $method:ident, $split_at:ident
    ) => {
        $(#[$attr])*
        #[derive(Debug)]
        pub struct $name<'data, T> {
            chunk_size: usize,
            slice: $slice,
        }

        impl<'data, T> $name<'data, T> {
            #[inline]
            pub(super) fn new(slice: $slice, chunk_size: usize) -> Self {
                Self { chunk_size, slice }
            }
        }

        impl<'data, T: $bound> Source for $name<'data, T> {
            type Item = $slice;
            type Seq = slice::$seq<'data, T>;

            #[inline]
            fn length(&self) -> usize {
                self.slice.len().div_ceil(self.chunk_size)
            }

            #[inline]
            fn cut(self, index: usize) -> (Self, Self) {
                let len = self.slice.len();
                let at = len - chunks_len(len, self.chunk_size, index);
                let (later, first) = self.slice.$split_at(at);
                (Self::new(first, self.chunk_size), Self::new(later, self.chunk_size))
            }

            #[inline]
            fn seq(self) -> Self::Seq {
                self.slice.$method(self.chunk_size)
            }
        }

        indexed_source!(impl['data, T: $bound] $name<'data, T>, $slice);
    };
}

rchunks! {
    /// Runs of neighbours from the end, the last perhaps shorter; made by
    /// [`par_rchunks`](super::ParallelSlice::par_rchunks).
    RChunks, &'data [T], Sync, RChunks, rchunks, split_at
}

rchunks! {
    /// Mutable runs of neighbours from the end, the last perhaps shorter; made by
    /// [`par_rchunks_mut`](super::ParallelSliceMut::par_rchunks_mut).
    RChunksMut, &'data mut [T], Send, RChunksMut, rchunks_mut, split_at_mut
}

impl<T> Clone for RChunks<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// Runs of exactly so many neighbours from the end; made by
/// [`par_rchunks_exact`](super::ParallelSlice::par_rchunks_exact).
#[derive(Debug)]
pub struct RChunksExact<'data, T> {
    chunk_size: usize,
    slice: &'data [T],
    remainder: &'data [T],
}

impl<'data, T> RChunksExact<'data, T> {
    #[inline]
    pub(super) fn new(slice: &'data [T], chunk_size: usize) -> Self {
        let (remainder, slice) = slice.split_at(slice.len() % chunk_size);
        Self {
            chunk_size,
            slice,
            remainder,
        }
    }

    /// What is left over at the front, and not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_rchunks_exact(2).remainder(), [1]);
    /// ```
    #[must_use]
    pub fn remainder(&self) -> &'data [T] {
        self.remainder
    }
}

impl<T> Clone for RChunksExact<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync> Source for RChunksExact<'data, T> {
    type Item = &'data [T];
    type Seq = slice::RChunksExact<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len() / self.chunk_size
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (later, first) = self
            .slice
            .split_at(self.slice.len() - index * self.chunk_size);
        (
            Self {
                slice: first,
                remainder: &[],
                ..self
            },
            Self {
                slice: later,
                ..self
            },
        )
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.rchunks_exact(self.chunk_size)
    }
}

indexed_source!(impl['data, T: Sync] RChunksExact<'data, T>, &'data [T]);

/// Mutable runs of exactly so many neighbours from the end; made by
/// [`par_rchunks_exact_mut`](super::ParallelSliceMut::par_rchunks_exact_mut).
#[derive(Debug)]
pub struct RChunksExactMut<'data, T: Send> {
    chunk_size: usize,
    slice: &'data mut [T],
    remainder: &'data mut [T],
}

impl<'data, T: Send> RChunksExactMut<'data, T> {
    #[inline]
    pub(super) fn new(slice: &'data mut [T], chunk_size: usize) -> Self {
        let (remainder, slice) = slice.split_at_mut(slice.len() % chunk_size);
        Self {
            chunk_size,
            slice,
            remainder,
        }
    }

    /// Gives up running through, and returns what is left over at the front.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_rchunks_exact_mut(2).into_remainder(), [1]);
    /// ```
    #[must_use]
    pub fn into_remainder(self) -> &'data mut [T] {
        self.remainder
    }

    /// What is left over at the front, and not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_rchunks_exact_mut(2).remainder(), [1]);
    /// ```
    pub fn remainder(&mut self) -> &mut [T] {
        self.remainder
    }

    /// What is left over at the front, for as long as the slice lives. A second call finds nothing.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3];
    /// let mut chunks = numbers.par_rchunks_exact_mut(2);
    /// chunks.take_remainder()[0] = 0;
    /// chunks.for_each(|pair| pair.reverse());
    /// assert_eq!(numbers, [0, 3, 2]);
    /// ```
    pub fn take_remainder(&mut self) -> &'data mut [T] {
        std::mem::take(&mut self.remainder)
    }
}

impl<'data, T: Send> Source for RChunksExactMut<'data, T> {
    type Item = &'data mut [T];
    type Seq = slice::RChunksExactMut<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len() / self.chunk_size
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let at = self.slice.len() - index * self.chunk_size;
        let (later, first) = self.slice.split_at_mut(at);
        (
            Self {
                slice: first,
                remainder: &mut [],
                ..self
            },
            Self {
                slice: later,
                ..self
            },
        )
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.rchunks_exact_mut(self.chunk_size)
    }
}

indexed_source!(impl['data, T: Send] RChunksExactMut<'data, T>, &'data mut [T]);
