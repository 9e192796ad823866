//! Chunks from the front: the last one may be shorter, or left over.

use std::slice;

use crate::iter::plumbing::source::{Source, indexed_source};

/// The length of the piece of `len` items that holds the first `index` chunks.
#[inline]
pub(super) fn chunks_len(len: usize, chunk_size: usize, index: usize) -> usize {
    index.saturating_mul(chunk_size).min(len)
}

/// Two kinds of chunks, by two kinds of reference.
macro_rules! chunks {
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
                let at = chunks_len(self.slice.len(), self.chunk_size, index);
                let (left, right) = self.slice.$split_at(at);
                (Self::new(left, self.chunk_size), Self::new(right, self.chunk_size))
            }

            #[inline]
            fn seq(self) -> Self::Seq {
                self.slice.$method(self.chunk_size)
            }
        }

        indexed_source!(impl['data, T: $bound] $name<'data, T>, $slice);
    };
}

chunks! {
    /// Runs of neighbours, the last perhaps shorter; made by
    /// [`par_chunks`](super::ParallelSlice::par_chunks).
    Chunks, &'data [T], Sync, Chunks, chunks, split_at
}

chunks! {
    /// Mutable runs of neighbours, the last perhaps shorter; made by
    /// [`par_chunks_mut`](super::ParallelSliceMut::par_chunks_mut).
    ChunksMut, &'data mut [T], Send, ChunksMut, chunks_mut, split_at_mut
}

impl<T> Clone for Chunks<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// Runs of exactly so many neighbours; made by
/// [`par_chunks_exact`](super::ParallelSlice::par_chunks_exact).
#[derive(Debug)]
pub struct ChunksExact<'data, T> {
    chunk_size: usize,
    slice: &'data [T],
    remainder: &'data [T],
}

impl<'data, T> ChunksExact<'data, T> {
    #[inline]
    pub(super) fn new(slice: &'data [T], chunk_size: usize) -> Self {
        let (slice, remainder) = slice.split_at(slice.len() - slice.len() % chunk_size);
        Self {
            chunk_size,
            slice,
            remainder,
        }
    }

    /// What is left over at the end, and not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_chunks_exact(2).remainder(), [3]);
    /// ```
    #[must_use]
    pub fn remainder(&self) -> &'data [T] {
        self.remainder
    }
}

impl<T> Clone for ChunksExact<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync> Source for ChunksExact<'data, T> {
    type Item = &'data [T];
    type Seq = slice::ChunksExact<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len() / self.chunk_size
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (left, right) = self.slice.split_at(index * self.chunk_size);
        (
            Self {
                slice: left,
                remainder: &[],
                ..self
            },
            Self {
                slice: right,
                ..self
            },
        )
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.chunks_exact(self.chunk_size)
    }
}

indexed_source!(impl['data, T: Sync] ChunksExact<'data, T>, &'data [T]);

/// Mutable runs of exactly so many neighbours; made by
/// [`par_chunks_exact_mut`](super::ParallelSliceMut::par_chunks_exact_mut).
#[derive(Debug)]
pub struct ChunksExactMut<'data, T> {
    chunk_size: usize,
    slice: &'data mut [T],
    remainder: &'data mut [T],
}

impl<'data, T> ChunksExactMut<'data, T> {
    #[inline]
    pub(super) fn new(slice: &'data mut [T], chunk_size: usize) -> Self {
        let (slice, remainder) = slice.split_at_mut(slice.len() - slice.len() % chunk_size);
        Self {
            chunk_size,
            slice,
            remainder,
        }
    }

    /// Gives up running through, and returns what is left over at the end.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_chunks_exact_mut(2).into_remainder(), [3]);
    /// ```
    #[must_use]
    pub fn into_remainder(self) -> &'data mut [T] {
        self.remainder
    }

    /// What is left over at the end, and not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_chunks_exact_mut(2).remainder(), [3]);
    /// ```
    pub fn remainder(&mut self) -> &mut [T] {
        self.remainder
    }

    /// What is left over at the end, for as long as the slice lives. A second call finds nothing.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3];
    /// let mut chunks = numbers.par_chunks_exact_mut(2);
    /// chunks.take_remainder()[0] = 0;
    /// chunks.for_each(|pair| pair.reverse());
    /// assert_eq!(numbers, [2, 1, 0]);
    /// ```
    pub fn take_remainder(&mut self) -> &'data mut [T] {
        std::mem::take(&mut self.remainder)
    }
}

impl<'data, T: Send> Source for ChunksExactMut<'data, T> {
    type Item = &'data mut [T];
    type Seq = slice::ChunksExactMut<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len() / self.chunk_size
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (left, right) = self.slice.split_at_mut(index * self.chunk_size);
        (
            Self {
                slice: left,
                remainder: &mut [],
                ..self
            },
            Self {
                slice: right,
                ..self
            },
        )
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.chunks_exact_mut(self.chunk_size)
    }
}

indexed_source!(impl['data, T: Send] ChunksExactMut<'data, T>, &'data mut [T]);
