//! The methods that mutable slices get from the prelude.

use std::cmp::Ordering;

use super::{
    ChunkByMut, ChunksExactMut, ChunksMut, RChunksExactMut, RChunksMut, SplitInclusiveMut,
    SplitMut, sort,
};

/// What mutable slices can do in parallel.
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut numbers = [1, 2, 3, 4];
/// numbers.par_chunks_mut(2).for_each(|pair| pair.reverse());
/// assert_eq!(numbers, [2, 1, 4, 3]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no parallel mutable chunks and cannot be sorted in parallel",
    label = "not a slice of `{T}`, which must be `Send`"
)]
pub trait ParallelSliceMut<T: Send> {
    /// The slice itself.
    fn as_parallel_slice_mut(&mut self) -> &mut [T];

    /// Mutable runs of `chunk_size` neighbours from the front; the last may be shorter.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [0; 5];
    /// numbers.par_chunks_mut(2).enumerate().for_each(|(index, chunk)| chunk.fill(index));
    /// assert_eq!(numbers, [0, 0, 1, 1, 2]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_chunks_mut(&mut self, chunk_size: usize) -> ChunksMut<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        ChunksMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Mutable runs of exactly `chunk_size` neighbours from the front; what is left over is not run
    /// through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_chunks_exact_mut(2).for_each(|pair| pair.reverse());
    /// assert_eq!(numbers, [2, 1, 4, 3, 5]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_chunks_exact_mut(&mut self, chunk_size: usize) -> ChunksExactMut<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        ChunksExactMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Mutable runs of `chunk_size` neighbours from the end; the last may be shorter.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [0; 5];
    /// numbers.par_rchunks_mut(2).enumerate().for_each(|(index, chunk)| chunk.fill(index));
    /// assert_eq!(numbers, [2, 1, 1, 0, 0]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_rchunks_mut(&mut self, chunk_size: usize) -> RChunksMut<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        RChunksMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Mutable runs of exactly `chunk_size` neighbours from the end; what is left over is not run
    /// through.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_rchunks_exact_mut(2).for_each(|pair| pair.reverse());
    /// assert_eq!(numbers, [1, 3, 2, 5, 4]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn par_rchunks_exact_mut(&mut self, chunk_size: usize) -> RChunksExactMut<'_, T> {
        assert!(chunk_size != 0, "chunk_size must not be zero");
        RChunksExactMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// What is between the elements for which `separator` is true, mutably. The separators stay as they are.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [3, 1, 2, 0, 5, 4];
    /// numbers.par_split_mut(|&x| x == 0).for_each(|part| part.sort());
    /// assert_eq!(numbers, [1, 2, 3, 0, 4, 5]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_split`](super::ParallelSlice::par_split).
    #[inline]
    fn par_split_mut<P>(&mut self, separator: P) -> SplitMut<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitMut::new(self.as_parallel_slice_mut(), separator)
    }

    /// As [`par_split_mut`](Self::par_split_mut), but a separator is the last element of the part before it.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 0, 4, 0];
    /// numbers.par_split_inclusive_mut(|&x| x == 0).for_each(|part| part.reverse());
    /// assert_eq!(numbers, [0, 2, 1, 0, 4]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_split_inclusive`](super::ParallelSlice::par_split_inclusive).
    #[inline]
    fn par_split_inclusive_mut<P>(&mut self, separator: P) -> SplitInclusiveMut<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitInclusiveMut::new(self.as_parallel_slice_mut(), separator)
    }

    /// The longest runs in which `pred` is true of all neighbours, mutably.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut numbers = [1, 2, 2, 3, 1];
    /// numbers.par_chunk_by_mut(|a, b| a <= b).for_each(|run| run.reverse());
    /// assert_eq!(numbers, [3, 2, 2, 1, 1]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_chunk_by`](super::ParallelSlice::par_chunk_by). `pred` sees the elements as they are before any run is given out
    /// that they belong to.
    #[inline]
    fn par_chunk_by_mut<F>(&mut self, pred: F) -> ChunkByMut<'_, T, F>
    where
        F: Fn(&T, &T) -> bool + Send + Sync,
    {
        ChunkByMut::new(self.as_parallel_slice_mut(), pred)
    }

    /// Sorts the slice in order, keeping equal elements in theirs.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [5, 4, 1, 3, 2];
    /// v.par_sort();
    /// assert_eq!(v, [1, 2, 3, 4, 5]);
    /// ```
    ///
    /// # Order and cost
    /// Stable, with the result of std's [`sort`](slice::sort), in *O*(*n* log *n*) comparisons, and in *O*(*n*) if the
    /// slice is sorted or falls steadily. Takes a buffer as long as the slice, besides what std takes for its parts; for
    /// large elements a buffer of their indices. Short slices are sorted by std alone. Where stability is not needed,
    /// [`par_sort_unstable`](Self::par_sort_unstable) is faster and needs no buffer.
    ///
    /// # Panics
    /// If `T::cmp` panics, and perhaps if it is no total order, as with std. The slice then still has every element, in an
    /// unspecified order.
    fn par_sort(&mut self)
    where
        T: Ord,
    {
        sort::par_mergesort(self.as_parallel_slice_mut(), T::cmp, <[T]>::sort);
    }

    /// Sorts the slice with a comparison function, keeping equal elements in their order.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [2.5, -1.0, f64::INFINITY, 0.0];
    /// v.par_sort_by(|a, b| b.total_cmp(a));
    /// assert_eq!(v, [f64::INFINITY, 2.5, 0.0, -1.0]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_sort`](Self::par_sort).
    ///
    /// # Panics
    /// If `compare` panics, and perhaps if it is no total order, as with std. The slice then still has every element, in
    /// an unspecified order.
    fn par_sort_by<F>(&mut self, compare: F)
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        sort::par_mergesort(self.as_parallel_slice_mut(), &compare, |v| {
            v.sort_by(&compare)
        });
    }

    /// Sorts the slice by a key, keeping elements with equal keys in their order.
    ///
    /// The key is made anew for every comparison. If that is costly, see
    /// [`par_sort_by_cached_key`](Self::par_sort_by_cached_key).
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [-5_i32, 4, 1, -3, 2];
    /// v.par_sort_by_key(|n| n.abs());
    /// assert_eq!(v, [1, 2, -3, 4, -5]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_sort`](Self::par_sort), with two calls of `f` for each comparison.
    ///
    /// # Panics
    /// If `f` or `K::cmp` panics, and perhaps if the keys have no total order, as with std. The slice then still has every
    /// element, in an unspecified order.
    fn par_sort_by_key<K, F>(&mut self, f: F)
    where
        K: Ord,
        F: Fn(&T) -> K + Sync,
    {
        let compare = |a: &T, b: &T| f(a).cmp(&f(b));
        sort::par_mergesort(self.as_parallel_slice_mut(), compare, |v| v.sort_by_key(&f));
    }

    /// Sorts the slice by a key that is made once for each element, keeping elements with equal keys in their order.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [-5_i32, 4, 32, -3, 2];
    /// v.par_sort_by_cached_key(|n| n.to_string());
    /// assert_eq!(v, [-3, -5, 2, 32, 4]);
    /// ```
    ///
    /// # Order and cost
    /// Stable. Calls `f` for all elements, by several workers and in no particular order, then sorts the keys in
    /// *O*(*n* log *n*) comparisons, then moves each element once, small ones through a buffer. Takes room for all keys with an
    /// index beside each, and for the buffer. For keys that are cheap to make, such as a field,
    /// [`par_sort_by_key`](Self::par_sort_by_key) is faster.
    ///
    /// # Panics
    /// If `f` or `K::cmp` panics, and perhaps if the keys have no total order, as with std. The slice is then as it was. If the
    /// drop of a key panics, it is sorted.
    fn par_sort_by_cached_key<K, F>(&mut self, f: F)
    where
        F: Fn(&T) -> K + Sync,
        K: Ord + Send,
    {
        sort::par_sort_by_cached_key(self.as_parallel_slice_mut(), f);
    }

    /// Sorts the slice in order, equal elements in any order among themselves.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [-5, 4, 1, -3, 2];
    /// v.par_sort_unstable();
    /// assert_eq!(v, [-5, -3, 1, 2, 4]);
    /// ```
    ///
    /// # Order and cost
    /// Not stable. Sorts in place, without a buffer for the elements, in *O*(*n* log *n*) comparisons, and in *O*(*n*) if
    /// the slice is sorted or falls steadily. Only for elements of 1 KiB and more it takes a buffer of their indices, so
    /// that each moves once. Short slices are sorted by std's [`sort_unstable`](slice::sort_unstable) alone. What order
    /// equal elements end in may depend on the number of threads.
    ///
    /// # Panics
    /// If `T::cmp` panics, and perhaps if it is no total order, as with std. The slice then still has every element, in an
    /// unspecified order.
    fn par_sort_unstable(&mut self)
    where
        T: Ord,
    {
        sort::par_quicksort(self.as_parallel_slice_mut(), T::cmp, <[T]>::sort_unstable);
    }

    /// Sorts the slice with a comparison function, equal elements in any order among themselves.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [5, 4, 1, 3, 2];
    /// v.par_sort_unstable_by(|a, b| b.cmp(a));
    /// assert_eq!(v, [5, 4, 3, 2, 1]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_sort_unstable`](Self::par_sort_unstable).
    ///
    /// # Panics
    /// If `compare` panics, and perhaps if it is no total order, as with std. The slice then still has every element, in
    /// an unspecified order.
    fn par_sort_unstable_by<F>(&mut self, compare: F)
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        sort::par_quicksort(self.as_parallel_slice_mut(), &compare, |v| {
            v.sort_unstable_by(&compare)
        });
    }

    /// Sorts the slice by a key, elements with equal keys in any order among themselves.
    ///
    /// The key is made anew for every comparison. If that is costly, see
    /// [`par_sort_by_cached_key`](Self::par_sort_by_cached_key).
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut v = [-5_i32, 4, 1, -3, 2];
    /// v.par_sort_unstable_by_key(|n| n.abs());
    /// assert_eq!(v, [1, 2, -3, 4, -5]);
    /// ```
    ///
    /// # Order and cost
    /// As for [`par_sort_unstable`](Self::par_sort_unstable), with two calls of `f` for each comparison.
    ///
    /// # Panics
    /// If `f` or `K::cmp` panics, and perhaps if the keys have no total order, as with std. The slice then still has every
    /// element, in an unspecified order.
    fn par_sort_unstable_by_key<K, F>(&mut self, f: F)
    where
        K: Ord,
        F: Fn(&T) -> K + Sync,
    {
        let compare = |a: &T, b: &T| f(a).cmp(&f(b));
        sort::par_quicksort(self.as_parallel_slice_mut(), compare, |v| {
            v.sort_unstable_by_key(&f)
        });
    }
}

impl<T: Send> ParallelSliceMut<T> for [T] {
    #[inline]
    fn as_parallel_slice_mut(&mut self) -> &mut [T] {
        self
    }
}
