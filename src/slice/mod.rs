//! Slices in parallel: item by item, in chunks, windows and parts, and sorted.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! let mut picture = vec![0u8; 64 * 48];
//! picture.par_chunks_mut(64).enumerate().for_each(|(y, row)| row.fill(y as u8));
//! assert_eq!(picture[64 * 47], 47);
//! ```

use std::slice;

use crate::iter::IntoParallelIterator;
use crate::iter::plumbing::source::{Source, indexed_source};

mod chunks;
mod mutable;
mod parts;
mod shared;
mod sort;
mod windows;

pub use chunks::{
    Chunks, ChunksExact, ChunksExactMut, ChunksMut, RChunks, RChunksExact, RChunksExactMut,
    RChunksMut,
};
pub use mutable::ParallelSliceMut;
pub use parts::{ChunkBy, ChunkByMut, Split, SplitInclusive, SplitInclusiveMut, SplitMut};
pub use shared::ParallelSlice;
pub use windows::{ArrayWindows, Windows};

/// Runs through a slice by reference; made by
/// [`par_iter`](crate::iter::IntoParallelRefIterator::par_iter).
///
/// ```
/// use lyocell::prelude::*;
///
/// assert_eq!([1, 2, 3].par_iter().sum::<i32>(), 6);
/// ```
#[derive(Debug)]
pub struct Iter<'data, T> {
    slice: &'data [T],
}

impl<T> Clone for Iter<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync> Source for Iter<'data, T> {
    type Item = &'data T;
    type Seq = slice::Iter<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len()
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (left, right) = self.slice.split_at(index);
        (Self { slice: left }, Self { slice: right })
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.iter()
    }
}

indexed_source!(impl['data, T: Sync] Iter<'data, T>, &'data T);

/// Runs through a slice by mutable reference; made by
/// [`par_iter_mut`](crate::iter::IntoParallelRefMutIterator::par_iter_mut).
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut numbers = [1, 2, 3];
/// numbers.par_iter_mut().for_each(|n| *n *= 2);
/// assert_eq!(numbers, [2, 4, 6]);
/// ```
#[derive(Debug)]
pub struct IterMut<'data, T> {
    slice: &'data mut [T],
}

impl<'data, T: Send> Source for IterMut<'data, T> {
    type Item = &'data mut T;
    type Seq = slice::IterMut<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len()
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (left, right) = self.slice.split_at_mut(index);
        (Self { slice: left }, Self { slice: right })
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.iter_mut()
    }
}

indexed_source!(impl['data, T: Send] IterMut<'data, T>, &'data mut T);

/// What can be borrowed as a slice is run through as one.
macro_rules! by_slice {
    ($([$($param:tt)*] $owner:ty;)+) => { $(
        impl<'data, T: Sync + 'data, $($param)*> IntoParallelIterator for &'data $owner {
            type Iter = Iter<'data, T>;
            type Item = &'data T;

            #[inline]
            fn into_par_iter(self) -> Self::Iter {
                Iter { slice: self }
            }
        }

        impl<'data, T: Send + 'data, $($param)*> IntoParallelIterator for &'data mut $owner {
            type Iter = IterMut<'data, T>;
            type Item = &'data mut T;

            #[inline]
            fn into_par_iter(self) -> Self::Iter {
                IterMut { slice: self }
            }
        }
    )+ };
}

by_slice! {
    [] [T];
    [] Box<[T]>;
    [] Vec<T>;
    [const N: usize] [T; N];
}
