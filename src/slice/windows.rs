//! Windows: runs of neighbours that overlap.

use std::slice;

use crate::iter::plumbing::source::{Source, indexed_source};

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
