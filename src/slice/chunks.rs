//! Chunks: runs of equally many neighbours, counted from the front or from the end.
//!
//! Eight kinds in all: from either end, by shared or by mutable reference, and the last chunk perhaps shorter or left over.
//! They have the names that std's own have, which give out the items.

use std::slice;

use crate::iter::plumbing::source::{Source, indexed_source};
use crate::parts::Row;

/// The first `len` from the front, and the rest.
#[inline]
fn from_front<R: Row>(slice: R, len: usize) -> (R, R) {
    slice.cut(len)
}

/// The first `len` from the end, and the rest.
#[inline]
fn from_end<R: Row>(slice: R, len: usize) -> (R, R) {
    let at = slice.length() - len;
    let (rest, first) = slice.cut(at);
    (first, rest)
}

/// Chunks of which the last may be shorter.
macro_rules! chunks {
    (
        $(#[$attr:meta])*
        $name:ident, $method:ident, $slice:ty, $bound:ident, $first:ident
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
            type Seq = slice::$name<'data, T>;

            #[inline]
            fn length(&self) -> usize {
                self.slice.len().div_ceil(self.chunk_size)
            }

            #[inline]
            fn cut(self, index: usize) -> (Self, Self) {
                let Self { slice, chunk_size } = self;
                let len = index.saturating_mul(chunk_size).min(slice.len());
                let (first, rest) = $first(slice, len);
                (Self::new(first, chunk_size), Self::new(rest, chunk_size))
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
    Chunks, chunks, &'data [T], Sync, from_front
}

chunks! {
    /// Mutable runs of neighbours, the last perhaps shorter; made by
    /// [`par_chunks_mut`](super::ParallelSliceMut::par_chunks_mut).
    ChunksMut, chunks_mut, &'data mut [T], Send, from_front
}

chunks! {
    /// Runs of neighbours from the end, the last perhaps shorter; made by
    /// [`par_rchunks`](super::ParallelSlice::par_rchunks).
    RChunks, rchunks, &'data [T], Sync, from_end
}

chunks! {
    /// Mutable runs of neighbours from the end, the last perhaps shorter; made by
    /// [`par_rchunks_mut`](super::ParallelSliceMut::par_rchunks_mut).
    RChunksMut, rchunks_mut, &'data mut [T], Send, from_end
}

/// Chunks of exactly one size. What is left over is put aside at the beginning, and stays with the last piece.
macro_rules! chunks_exact {
    (
        $(#[$attr:meta])*
        $name:ident<T $(: $owner:ident)?>, $method:ident, $slice:ty, $bound:ident, $first:ident
    ) => {
        $(#[$attr])*
        #[derive(Debug)]
        pub struct $name<'data, T $(: $owner)?> {
            chunk_size: usize,
            slice: $slice,
            remainder: $slice,
        }

        impl<'data, T $(: $owner)?> $name<'data, T> {
            #[inline]
            pub(super) fn new(slice: $slice, chunk_size: usize) -> Self {
                let len = slice.len() - slice.len() % chunk_size;
                let (slice, remainder) = $first(slice, len);
                Self { chunk_size, slice, remainder }
            }
        }

        impl<'data, T: $bound> Source for $name<'data, T> {
            type Item = $slice;
            type Seq = slice::$name<'data, T>;

            #[inline]
            fn length(&self) -> usize {
                self.slice.len() / self.chunk_size
            }

            #[inline]
            fn cut(self, index: usize) -> (Self, Self) {
                let (first, rest) = $first(self.slice, index * self.chunk_size);
                let remainder = Default::default();
                (Self { slice: first, remainder, ..self }, Self { slice: rest, ..self })
            }

            #[inline]
            fn seq(self) -> Self::Seq {
                self.slice.$method(self.chunk_size)
            }
        }

        indexed_source!(impl['data, T: $bound] $name<'data, T>, $slice);
    };
}

chunks_exact! {
    /// Runs of exactly so many neighbours; made by
    /// [`par_chunks_exact`](super::ParallelSlice::par_chunks_exact).
    ChunksExact<T>, chunks_exact, &'data [T], Sync, from_front
}

chunks_exact! {
    /// Mutable runs of exactly so many neighbours; made by
    /// [`par_chunks_exact_mut`](super::ParallelSliceMut::par_chunks_exact_mut).
    ChunksExactMut<T>, chunks_exact_mut, &'data mut [T], Send, from_front
}

chunks_exact! {
    /// Runs of exactly so many neighbours from the end; made by
    /// [`par_rchunks_exact`](super::ParallelSlice::par_rchunks_exact).
    RChunksExact<T>, rchunks_exact, &'data [T], Sync, from_end
}

chunks_exact! {
    /// Mutable runs of exactly so many neighbours from the end; made by
    /// [`par_rchunks_exact_mut`](super::ParallelSliceMut::par_rchunks_exact_mut).
    RChunksExactMut<T: Send>, rchunks_exact_mut, &'data mut [T], Send, from_end
}

/// What shared chunks can do besides: be cloned, and show the remainder.
macro_rules! shared {
    ($($name:ident, $exact:ident, $par_exact:ident: $place:literal, $left_over:literal;)+) => { $(
        impl<T> Clone for $name<'_, T> {
            #[inline]
            fn clone(&self) -> Self {
                Self { ..*self }
            }
        }

        impl<T> Clone for $exact<'_, T> {
            #[inline]
            fn clone(&self) -> Self {
                Self { ..*self }
            }
        }

        impl<'data, T> $exact<'data, T> {
            #[doc = concat!("What is left over at the ", $place, ", and not run through.")]
            ///
            /// ```
            /// use lyocell::prelude::*;
            ///
            #[doc = concat!("let chunks = [1, 2, 3].", stringify!($par_exact), "(2);")]
            #[doc = concat!("assert_eq!(chunks.remainder(), ", $left_over, ");")]
            /// ```
            #[must_use]
            pub fn remainder(&self) -> &'data [T] {
                self.remainder
            }
        }
    )+ };
}

shared! {
    Chunks, ChunksExact, par_chunks_exact: "end", "[3]";
    RChunks, RChunksExact, par_rchunks_exact: "front", "[1]";
}

/// How the remainder of mutable chunks is got at.
macro_rules! mutable {
    ($(
        $exact:ident<T $(: $owner:ident)?>, $par_exact:ident:
        $place:literal, $left_over:literal, $without:literal;
    )+) => { $(
        impl<'data, T $(: $owner)?> $exact<'data, T> {
            #[doc = concat!("Gives up running through, and returns what is left over at the ", $place, ".")]
            ///
            /// ```
            /// use lyocell::prelude::*;
            ///
            /// let mut numbers = [1, 2, 3];
            #[doc = concat!("let chunks = numbers.", stringify!($par_exact), "(2);")]
            #[doc = concat!("assert_eq!(chunks.into_remainder(), ", $left_over, ");")]
            /// ```
            #[must_use]
            pub fn into_remainder(self) -> &'data mut [T] {
                self.remainder
            }

            #[doc = concat!("What is left over at the ", $place, ", and not run through.")]
            ///
            /// ```
            /// use lyocell::prelude::*;
            ///
            /// let mut numbers = [1, 2, 3];
            #[doc = concat!("let mut chunks = numbers.", stringify!($par_exact), "(2);")]
            #[doc = concat!("assert_eq!(chunks.remainder(), ", $left_over, ");")]
            /// ```
            pub fn remainder(&mut self) -> &mut [T] {
                self.remainder
            }

            #[doc = concat!(
                "What is left over at the ", $place,
                ", for as long as the slice lives. A second call finds nothing.",
            )]
            ///
            /// ```
            /// use lyocell::prelude::*;
            ///
            /// let mut numbers = [1, 2, 3];
            #[doc = concat!("let mut chunks = numbers.", stringify!($par_exact), "(2);")]
            /// chunks.take_remainder()[0] = 0;
            /// chunks.for_each(|pair| pair.reverse());
            #[doc = concat!("assert_eq!(numbers, ", $without, ");")]
            /// ```
            pub fn take_remainder(&mut self) -> &'data mut [T] {
                std::mem::take(&mut self.remainder)
            }
        }
    )+ };
}

mutable! {
    ChunksExactMut<T>, par_chunks_exact_mut: "end", "[3]", "[2, 1, 0]";
    RChunksExactMut<T: Send>, par_rchunks_exact_mut: "front", "[1]", "[0, 3, 2]";
}
