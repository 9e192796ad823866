//! Windows: runs of neighbours that overlap.

use std::slice;

use crate::iter::plumbing::Folder;
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

    // Where `windows(2)` is written, std's loop has no checks of indices in it, and may be vectorised. Here the size has become a
    // variable, so the usual ones are made constants again. (A loop over windows of two took 2.5 times as long, and one over windows
    // of eight twice.)
    #[inline]
    fn pour<F: Folder<Self::Item>>(self, folder: F) -> F {
        match self.window_size {
            2 => folder.consume_iter(self.of::<2>()),
            3 => folder.consume_iter(self.of::<3>()),
            4 => folder.consume_iter(self.of::<4>()),
            8 => folder.consume_iter(self.of::<8>()),
            _ => folder.consume_iter(self.seq()),
        }
    }
}

impl<'data, T> Windows<'data, T> {
    /// The windows, which are of a size that the compiler knows.
    #[inline]
    fn of<const SIZE: usize>(self) -> impl Iterator<Item = &'data [T]> {
        self.slice.windows(SIZE).map(|window| &window[..SIZE])
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
}

impl<T: Sync, const N: usize> Clone for ArrayWindows<'_, T, N> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'data, T: Sync, const N: usize> Source for ArrayWindows<'data, T, N> {
    type Item = &'data [T; N];
    type Seq = SeqArrayWindows<'data, T, N>;

    #[inline]
    fn length(&self) -> usize {
        Windows::new(self.slice, N).length()
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let (left, right) = Windows::new(self.slice, N).cut(index);
        (Self::new(left.slice), Self::new(right.slice))
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        SeqArrayWindows(self.slice.windows(N))
    }
}

indexed_source!(impl['data, T: Sync, const N: usize] ArrayWindows<'data, T, N>, &'data [T; N]);

/// The windows of std as arrays. Std's own array windows came with Rust 1.94.
pub(crate) struct SeqArrayWindows<'data, T, const N: usize>(slice::Windows<'data, T>);

/// `N` is what the windows were asked for, so this cannot fail, and the compiler sees that.
#[inline]
fn to_array<T, const N: usize>(window: &[T]) -> &[T; N] {
    window.try_into().expect("a window of N elements")
}

impl<'data, T, const N: usize> Iterator for SeqArrayWindows<'data, T, N> {
    type Item = &'data [T; N];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(to_array)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        self.0.nth(n).map(to_array)
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        self.0
            .fold(init, |folded, window| f(folded, to_array(window)))
    }
}

impl<T, const N: usize> DoubleEndedIterator for SeqArrayWindows<'_, T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(to_array)
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        self.0.nth_back(n).map(to_array)
    }
}

impl<T, const N: usize> ExactSizeIterator for SeqArrayWindows<'_, T, N> {}
