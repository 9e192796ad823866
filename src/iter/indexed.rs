//! [`IndexedParallelIterator`]: what those can do that know their length.

use std::cmp::Ordering;

use super::adapt::blocks::{ExponentialBlocks, UniformBlocks};
use super::adapt::chunks::{Chunks, FoldChunks, FoldChunksWith};
use super::adapt::interleave::{Interleave, InterleaveShortest};
use super::adapt::pair::{Zip, ZipEq};
use super::adapt::reindex::{Enumerate, MaxLen, MinLen, Positions, Rev, Skip, StepBy, Take};
use super::finish::{collect, unzip};
use super::plumbing::{Consumer, ProducerCallback};
use super::{IntoParallelIterator, ParallelIterator};

/// A parallel iterator that knows how many items it has and can be cut at any index.
///
/// ```
/// use lyocell::prelude::*;
///
/// let dot: i32 = [1, 2, 3].par_iter().zip([4, 5, 6].par_iter()).map(|(a, b)| a * b).sum();
/// assert_eq!(dot, 32);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know the places of its items",
    label = "not an indexed parallel iterator",
    note = "`filter`, `flat_map`, hash tables, 128-bit ranges and the like have no exact length; where \
            that is needed, number or zip the items before, or collect them into a `Vec` first"
)]
// There is no `is_empty`, since `len() == 0` says it and rayon has none.
#[allow(clippy::len_without_is_empty)]
pub trait IndexedParallelIterator: ParallelIterator {
    // ---- block by block ----

    /// Works through the items in blocks, each twice as long as the one before, one block after the
    /// other; within a block, in parallel.
    ///
    /// A search that is likely to end early does less useless work that way, and items far apart are
    /// not in the cache at the same time.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let found = (0..10_000).into_par_iter().by_exponential_blocks().find_first(|n| n % 97 == 96);
    /// assert_eq!(found, Some(96));
    /// ```
    #[inline]
    fn by_exponential_blocks(self) -> ExponentialBlocks<Self> {
        ExponentialBlocks::new(self)
    }

    /// Works through the items in blocks of one length, one block after the other; within a block, in
    /// parallel.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..1000u32).into_par_iter().by_uniform_blocks(300).sum::<u32>(), 499_500);
    /// ```
    ///
    /// # Panics
    /// If `block_size` is zero.
    #[inline]
    #[track_caller]
    fn by_uniform_blocks(self, block_size: usize) -> UniformBlocks<Self> {
        assert!(block_size != 0, "`block_size` must not be zero");
        UniformBlocks::new(self, block_size)
    }

    /// Collects the items into a vector that is there already, in place of what it holds.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut squares = vec![7; 100];
    /// (0..5).into_par_iter().map(|n| n * n).collect_into_vec(&mut squares);
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// ```
    ///
    /// # Order and cost
    /// Each item is written once, straight to its place. Allocates only if the vector's capacity is too
    /// small.
    ///
    /// # Panics
    /// If the iterator has promised more or fewer items than come. After a panic the vector is empty, and
    /// all items have been dropped.
    fn collect_into_vec(self, target: &mut Vec<Self::Item>) {
        collect::collect_into_vec(self, target);
    }

    /// Collects the halves of pairs into two vectors that are there already, in place of what they hold.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let (mut plain, mut squared) = (vec![7; 100], vec![]);
    /// (0..3).into_par_iter().map(|n| (n, n * n)).unzip_into_vecs(&mut plain, &mut squared);
    /// assert_eq!((plain, squared), (vec![0, 1, 2], vec![0, 1, 4]));
    /// ```
    ///
    /// # Order and cost
    /// Each half is written once, straight to its place. Allocates only where a vector's capacity is too
    /// small.
    ///
    /// # Panics
    /// If the iterator has promised more or fewer items than come.
    fn unzip_into_vecs<A, B>(self, left: &mut Vec<A>, right: &mut Vec<B>)
    where
        Self: IndexedParallelIterator<Item = (A, B)>,
        A: Send,
        B: Send,
    {
        unzip::unzip_into_vecs(self, left, right);
    }

    // ---- two made one ----

    /// Walks this and another iterator in step, as long as the shorter one lasts.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let pairs: Vec<_> = (0..3).into_par_iter().zip(["a", "b"]).collect();
    /// assert_eq!(pairs, [(0, "a"), (1, "b")]);
    /// ```
    #[inline]
    fn zip<Z>(self, zip_op: Z) -> Zip<Self, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        Zip::new(self, zip_op.into_par_iter())
    }

    /// Walks this and another iterator of the same length in step.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([1, 2].par_iter().zip_eq(&[2, 4]).all(|(a, b)| 2 * a == *b));
    /// ```
    ///
    /// # Panics
    /// If the lengths differ.
    #[inline]
    #[track_caller]
    fn zip_eq<Z>(self, zip_op: Z) -> ZipEq<Self, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        let other = zip_op.into_par_iter();
        let (len, other_len) = (self.len(), other.len());
        assert!(
            len == other_len,
            "`zip_op` must have {len} items like `self`, but it has {other_len}"
        );
        ZipEq::new(self, other)
    }

    /// Takes from this and another iterator by turns; when one is empty, the rest of the other follows.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let all: Vec<u32> = (0..2).into_par_iter().interleave(10..14).collect();
    /// assert_eq!(all, [0, 10, 1, 11, 12, 13]);
    /// ```
    ///
    /// # Panics
    /// If both together have more items than `usize` can count.
    #[inline]
    #[track_caller]
    fn interleave<I>(self, other: I) -> Interleave<Self, I::Iter>
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
    {
        let other = other.into_par_iter();
        assert!(
            self.len().checked_add(other.len()).is_some(),
            "`self` and `other` together must have a `usize` length"
        );
        Interleave::new(self, other)
    }

    /// Takes from this and another iterator by turns, until the one whose turn it is has none.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let all: Vec<u32> = (0..2).into_par_iter().interleave_shortest(10..14).collect();
    /// assert_eq!(all, [0, 10, 1, 11]);
    /// ```
    #[inline]
    fn interleave_shortest<I>(self, other: I) -> InterleaveShortest<Self, I::Iter>
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
    {
        InterleaveShortest::of(self, other.into_par_iter())
    }

    // ---- runs of neighbours ----

    /// Collects runs of `chunk_size` neighbours into vectors; the last may be shorter.
    ///
    /// Over a slice, [`par_chunks`](crate::slice::ParallelSlice::par_chunks) does it without copying.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let chunks: Vec<Vec<u32>> = (0..5).into_par_iter().chunks(2).collect();
    /// assert_eq!(chunks, [vec![0, 1], vec![2, 3], vec![4]]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn chunks(self, chunk_size: usize) -> Chunks<Self> {
        assert!(chunk_size != 0, "`chunk_size` must not be zero");
        Chunks::new(self, chunk_size)
    }

    /// Folds runs of `chunk_size` neighbours, each from a state made by `identity`.
    ///
    /// Unlike [`fold`](ParallelIterator::fold), it makes pieces that do not depend on the threads.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<u32> = (0..5u32).into_par_iter().fold_chunks(2, || 0, |sum, n| sum + n).collect();
    /// assert_eq!(sums, [1, 5, 4]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn fold_chunks<T, ID, F>(
        self,
        chunk_size: usize,
        identity: ID,
        fold_op: F,
    ) -> FoldChunks<Self, ID, F>
    where
        ID: Fn() -> T + Send + Sync,
        F: Fn(T, Self::Item) -> T + Send + Sync,
        T: Send,
    {
        assert!(chunk_size != 0, "`chunk_size` must not be zero");
        FoldChunks::new(self, chunk_size, identity, fold_op)
    }

    /// Folds runs of `chunk_size` neighbours, each from a clone of `init`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sums: Vec<u32> = (0..5u32).into_par_iter().fold_chunks_with(2, 100, |sum, n| sum + n).collect();
    /// assert_eq!(sums, [101, 105, 104]);
    /// ```
    ///
    /// # Panics
    /// If `chunk_size` is zero.
    #[inline]
    #[track_caller]
    fn fold_chunks_with<T, F>(
        self,
        chunk_size: usize,
        init: T,
        fold_op: F,
    ) -> FoldChunksWith<Self, T, F>
    where
        T: Send + Clone,
        F: Fn(T, Self::Item) -> T + Send + Sync,
    {
        assert!(chunk_size != 0, "`chunk_size` must not be zero");
        FoldChunksWith::new(self, chunk_size, init, fold_op)
    }

    // ---- comparisons ----

    /// Compares item by item, as words in a dictionary: the first difference decides, else the length.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::cmp::Ordering;
    ///
    /// assert_eq!([1, 2].par_iter().cmp(&[1, 3]), Ordering::Less);
    /// assert_eq!([1, 2].par_iter().cmp(&[1]), Ordering::Greater);
    /// ```
    fn cmp<I>(self, other: I) -> Ordering
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
        Self::Item: Ord,
    {
        let other = other.into_par_iter();
        let by_length = self.len().cmp(&other.len());
        let each = self.zip(other).map(|(a, b)| a.cmp(&b));
        each.find_first(|order| order.is_ne()).unwrap_or(by_length)
    }

    /// Compares item by item, as words in a dictionary; `None` if the first difference says so.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::cmp::Ordering;
    ///
    /// assert_eq!([1.0].par_iter().partial_cmp(&[2.0]), Some(Ordering::Less));
    /// assert_eq!([1.0].par_iter().partial_cmp(&[f64::NAN]), None);
    /// ```
    fn partial_cmp<I>(self, other: I) -> Option<Ordering>
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        let other = other.into_par_iter();
        let by_length = self.len().cmp(&other.len());
        let each = self.zip(other).map(|(a, b)| a.partial_cmp(&b));
        each.find_first(|order| *order != Some(Ordering::Equal))
            .unwrap_or(Some(by_length))
    }

    /// Whether both have as many items, and all are equal.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!((0..3).into_par_iter().eq([0, 1, 2]));
    /// assert!(!(0..3).into_par_iter().eq([0, 1]));
    /// ```
    fn eq<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialEq<I::Item>,
    {
        let other = other.into_par_iter();
        self.len() == other.len() && self.zip(other).all(|(a, b)| a == b)
    }

    /// Whether the lengths differ, or any two items do.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!((0..3).into_par_iter().ne([0, 1, 5]));
    /// ```
    fn ne<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialEq<I::Item>,
    {
        !self.eq(other)
    }

    /// Whether this comes before the other in a dictionary.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([1, 2].par_iter().lt(&[1, 3]));
    /// ```
    fn lt<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_lt)
    }

    /// Whether this comes before the other in a dictionary, or equals it.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([1, 2].par_iter().le(&[1, 2]));
    /// ```
    fn le<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_le)
    }

    /// Whether this comes after the other in a dictionary.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([1, 4].par_iter().gt(&[1, 3, 9]));
    /// ```
    fn gt<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_gt)
    }

    /// Whether this comes after the other in a dictionary, or equals it.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([1, 2, 0].par_iter().ge(&[1, 2]));
    /// ```
    fn ge<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_ge)
    }

    // ---- other indices ----

    /// Pairs each item with its index.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let numbered: Vec<_> = ["a", "b"].par_iter().copied().enumerate().collect();
    /// assert_eq!(numbered, [(0, "a"), (1, "b")]);
    /// ```
    #[inline]
    fn enumerate(self) -> Enumerate<Self> {
        Enumerate::new(self)
    }

    /// Keeps every `step`-th item, beginning with the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let some: Vec<u32> = (3..10).into_par_iter().step_by(3).collect();
    /// assert_eq!(some, [3, 6, 9]);
    /// ```
    ///
    /// # Panics
    /// If `step` is zero.
    #[inline]
    #[track_caller]
    fn step_by(self, step: usize) -> StepBy<Self> {
        assert!(step != 0, "`step` must not be zero");
        StepBy::new(self, step)
    }

    /// Leaves out the first `n` items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..10u32).into_par_iter().skip(8).sum::<u32>(), 17);
    /// ```
    ///
    /// # Order and cost
    /// The items left out are made all the same, in parallel, and before the others: a closure that
    /// comes earlier in the chain sees them.
    #[inline]
    fn skip(self, n: usize) -> Skip<Self> {
        let n = n.min(self.len());
        Skip::new(self, n)
    }

    /// Keeps the first `n` items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..10u32).into_par_iter().take(3).sum::<u32>(), 3);
    /// ```
    ///
    /// # Order and cost
    /// The others are not made: a closure that comes earlier in the chain does not see them.
    #[inline]
    fn take(self, n: usize) -> Take<Self> {
        let n = n.min(self.len());
        Take::new(self, n)
    }

    /// The index of some item that a predicate likes, not necessarily the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let place = [0, 7, 7].par_iter().position_any(|&n| n == 7);
    /// assert!(place == Some(1) || place == Some(2));
    /// ```
    fn position_any<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.map(predicate)
            .enumerate()
            .find_any(|(_, is_liked)| *is_liked)
            .map(|(index, _)| index)
    }

    /// The index of the first item that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([0, 7, 7].par_iter().position_first(|&n| n == 7), Some(1));
    /// ```
    fn position_first<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.map(predicate)
            .enumerate()
            .find_first(|(_, is_liked)| *is_liked)
            .map(|(index, _)| index)
    }

    /// The index of the last item that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([0, 7, 7].par_iter().position_last(|&n| n == 7), Some(2));
    /// ```
    fn position_last<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.map(predicate)
            .enumerate()
            .find_last(|(_, is_liked)| *is_liked)
            .map(|(index, _)| index)
    }

    #[doc(hidden)]
    #[deprecated(note = "say which one: `position_any`, `position_first` or `position_last`")]
    fn position<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.position_any(predicate)
    }

    /// The indices of all items that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let places: Vec<usize> = [7, 0, 7].par_iter().positions(|&n| n == 7).collect();
    /// assert_eq!(places, [0, 2]);
    /// ```
    #[inline]
    fn positions<P>(self, predicate: P) -> Positions<Self, P>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        Positions::new(self, predicate)
    }

    /// Turns the order around.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let down: Vec<u32> = (0..3).into_par_iter().rev().collect();
    /// assert_eq!(down, [2, 1, 0]);
    /// ```
    #[inline]
    fn rev(self) -> Rev<Self> {
        Rev::new(self)
    }

    // ---- how long a piece is ----

    /// Makes no piece shorter than `min` items.
    ///
    /// For when an item costs next to nothing, and a piece should be worth its job. A loop of less than
    /// `2 * min` items runs on the calling thread and leaves the pool alone.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut samples = vec![1.0f32; 10_000];
    /// samples.par_iter_mut().with_min_len(1024).for_each(|sample| *sample *= 0.5);
    /// assert_eq!(samples.iter().sum::<f32>(), 5000.0);
    /// ```
    #[inline]
    fn with_min_len(self, min: usize) -> MinLen<Self> {
        MinLen::new(self, min)
    }

    /// Leaves no piece longer than `max` items, as far as the shortest length allows it.
    ///
    /// For when one item costs so much that the cuts should be finer than usual.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let pieces = (0..100).into_par_iter().with_max_len(10).fold(|| 0, |n, _| n + 1);
    /// assert!(pieces.max().is_some_and(|longest| longest <= 10));
    /// ```
    #[inline]
    fn with_max_len(self, max: usize) -> MaxLen<Self> {
        MaxLen::new(self, max)
    }

    // ---- how it is driven ----

    /// The exact number of items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..10).into_par_iter().zip(0..7).len(), 7);
    /// ```
    fn len(&self) -> usize;

    /// Pours all items into a consumer that may count on indices; see [`plumbing`](super::plumbing).
    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result;

    /// Lends a producer to a callback; see [`Producer`](super::plumbing::Producer).
    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output;
}
