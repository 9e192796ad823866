//! The methods that shared slices get from the prelude.

use super::{
    ArrayWindows, ChunkBy, Chunks, ChunksExact, RChunks, RChunksExact, Split, SplitInclusive,
    Windows,
};

/// What shared slices can do in parallel.
///
/// ```
/// use lyocell::prelude::*;
///
/// assert!([1, 4, 9].par_windows(2).all(|pair| pair[0] < pair[1]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no parallel chunks or windows",
    label = "not a slice of `{T}`, which must be `Sync`"
)]
pub trait ParallelSlice<T: Sync> {
    /// The slice itself.
    fn as_parallel_slice(&self) -> &[T];

    /// Every run of `window_size` neighbours.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<i32> = [1, 2, 4, 8].par_windows(2).map(|pair| pair[0] + pair[1]).collect();
    /// assert_eq!(sums, [3, 6, 12]);
    /// ```
    ///
    /// # Panics
    /// If `window_size` is zero.
    #[inline]
    #[track_caller]
    fn par_windows(&self, window_size: usize) -> Windows<'_, T> {
        assert!(window_size != 0, "window_size must not be zero");
        Windows::new(self.as_parallel_slice(), window_size)
    }

    /// Every run of `N` neighbours, as references to arrays.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<i32> = [1, 2, 4, 8].par_array_windows().map(|[a, b, c]| a + b + c).collect();
    /// assert_eq!(sums, [7, 14]);
    /// ```
    ///
    /// # Panics
    /// If `N` is zero.
    #[inline]
    #[track_caller]
    fn par_array_windows<const N: usize>(&self) -> ArrayWindows<'_, T, N> {
        assert!(N != 0, "N must not be zero");
        ArrayWindows::new(self.as_parallel_slice())
    }

    /// Runs of `chunk_size` neighbours from the front; the last may be shorter.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<i32> = [1, 2, 4, 8, 16].par_chunks(2).map(|chunk| chunk.iter().sum()).collect();
    /// assert_eq!(sums, [3, 12, 16]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_chunks(&self, chunk_size: usize) -> Chunks<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        Chunks::new(self.as_parallel_slice(), chunk_size)
    }

    /// Runs of exactly `chunk_size` neighbours from the front; what is left over is not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let chunks = [1, 2, 4, 8, 16].par_chunks_exact(2);
    /// assert_eq!(chunks.remainder(), [16]);
    /// assert_eq!(chunks.map(|pair| pair[0] * pair[1]).sum::<i32>(), 34);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_chunks_exact(&self, chunk_size: usize) -> ChunksExact<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        ChunksExact::new(self.as_parallel_slice(), chunk_size)
    }

    /// Runs of `chunk_size` neighbours from the end; the last may be shorter.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let chunks: Vec<&[i32]> = [1, 2, 3].par_rchunks(2).collect();
    /// assert_eq!(chunks, [&[2, 3][..], &[1]]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_rchunks(&self, chunk_size: usize) -> RChunks<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        RChunks::new(self.as_parallel_slice(), chunk_size)
    }

    /// Runs of exactly `chunk_size` neighbours from the end; what is left over is not run through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let chunks = [1, 2, 3].par_rchunks_exact(2);
    /// assert_eq!(chunks.remainder(), [1]);
    /// assert_eq!(chunks.count(), 1);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_rchunks_exact(&self, chunk_size: usize) -> RChunksExact<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        RChunksExact::new(self.as_parallel_slice(), chunk_size)
    }

    /// What is between the elements for which `separator` is true. These belong to nothing.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<i32> = [1, 2, 0, 4, 0].par_split(|&x| x == 0).map(|part| part.iter().sum()).collect();
    /// assert_eq!(sums, [3, 4, 0]);
    /// ```
    ///
    /// # Order and cost
    /// The parts are those of std's [`split`](slice::split): one more than there are separators, so an empty slice is one empty
    /// part. `separator` is asked about each element once, though in no particular order.
    #[inline]
    fn par_split<P>(&self, separator: P) -> Split<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        Split::new(self.as_parallel_slice(), separator)
    }

    /// As [`par_split`](Self::par_split), but a separator is the last element of the part before it.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let parts: Vec<&[i32]> = [1, 2, 0, 4, 0].par_split_inclusive(|&x| x == 0).collect();
    /// assert_eq!(parts, [&[1, 2, 0][..], &[4, 0]]);
    /// ```
    ///
    /// # Order and cost
    /// The parts are those of std's [`split_inclusive`](slice::split_inclusive): none is empty. `separator` is asked about
    /// each element, in no particular order, and about a few separators again.
    #[inline]
    fn par_split_inclusive<P>(&self, separator: P) -> SplitInclusive<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitInclusive::new(self.as_parallel_slice(), separator)
    }

    /// The longest runs in which `pred` is true of all neighbours.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let runs: Vec<&[i32]> = [1, 2, 2, 3, 1].par_chunk_by(|a, b| a <= b).collect();
    /// assert_eq!(runs, [&[1, 2, 2, 3][..], &[1]]);
    /// ```
    ///
    /// # Order and cost
    /// The runs are those of std's [`chunk_by`](slice::chunk_by). `pred` is asked about each pair of neighbours once, though in
    /// no particular order.
    #[inline]
    fn par_chunk_by<F>(&self, pred: F) -> ChunkBy<'_, T, F>
    where
        F: Fn(&T, &T) -> bool + Send + Sync,
    {
        ChunkBy::new(self.as_parallel_slice(), pred)
    }
}

impl<T: Sync> ParallelSlice<T> for [T] {
    #[inline]
    fn as_parallel_slice(&self) -> &[T] {
        self
    }
}
