//! Windows: runs of neighbours that overlap.

use std::slice;

use crate::iter::adapt::wrap::through_producer;
use crate::iter::plumbing::ProducerCallback;
use crate::iter::plumbing::source::{Source, indexed_source};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// Every run of so many neighbours; made by [`par_windows`](super::ParallelSlice::par_windows).
#[derive(Debug)]
pub struct Windows<'data, T> {
    window_size: usize,
    slice: &'data [T],
}

impl<'data, T> Windows<'data, T> {
    #[inline]
    pub(super) fn new(slice: &'data [T], window_size: usize) -> Self {
        Self { window_size, slice }
    }
}

impl<T> Clone for Windows<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync> Source for Windows<'data, T> {
    type Item = &'data [T];
    type Seq = slice::Windows<'data, T>;

    #[inline]
    fn length(&self) -> usize {
        self.slice.len().saturating_sub(self.window_size - 1)
    }

    // The items of the last window to the left are also those of the first windows to the right.
    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let left_len = self.slice.len().min(index + (self.window_size - 1));
        (
            Self {
                slice: &self.slice[..left_len],
                ..self
            },
            Self {
                slice: &self.slice[index..],
                ..self
            },
        )
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.slice.windows(self.window_size)
    }
}

indexed_source!(impl['data, T: Sync] Windows<'data, T>, &'data [T]);

/// Every run of so many neighbours, as references to arrays; made by
/// [`par_array_windows`](super::ParallelSlice::par_array_windows).
#[derive(Debug)]
pub struct ArrayWindows<'data, T: Sync, const N: usize> {
    slice: &'data [T],
}

impl<'data, T: Sync, const N: usize> ArrayWindows<'data, T, N> {
    #[inline]
    pub(super) fn new(slice: &'data [T]) -> Self {
        Self { slice }
    }

    /// The same as slices.
    #[inline]
    fn windows(&self) -> Windows<'data, T> {
        Windows::new(self.slice, N)
    }
}

impl<T: Sync, const N: usize> Clone for ArrayWindows<'_, T, N> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync, const N: usize> ParallelIterator for ArrayWindows<'data, T, N> {
    type Item = &'data [T; N];
    through_producer!(drive_unindexed, opt_len);
}

impl<T: Sync, const N: usize> IndexedParallelIterator for ArrayWindows<'_, T, N> {
    through_producer!(drive);

    #[inline]
    fn len(&self) -> usize {
        self.windows().length()
    }

    // Std's own array windows came with Rust 1.94.
    #[inline]
    fn with_producer<CB>(self, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<Self::Item>,
    {
        fn to_array<T, const N: usize>(window: &[T]) -> &[T; N] {
            window.first_chunk().expect("a window has N elements")
        }
        self.windows().map(to_array).with_producer(callback)
    }
}
