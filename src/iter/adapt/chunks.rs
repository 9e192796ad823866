//! `chunks`, `fold_chunks`, `fold_chunks_with`: runs of neighbours, each made into one item.

use crate::iter::plumbing::Producer;
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;
use super::state::{Given, Made, Seed};
use super::wrap::{Wrap, through_producer, wrap_base};

/// What a chunk is made into.
trait Gather<T>: Clone + Send {
    /// One item per chunk.
    type Out;

    fn gather(&self, items: impl Iterator<Item = T>) -> Self::Out;
}

adapter! {
    /// Collects runs of items into vectors; made by [`chunks`](IndexedParallelIterator::chunks).
    pub struct Chunks<I> { base: I, size: usize }
}

/// Into a vector.
#[derive(Clone)]
struct IntoVec;

impl<T> Gather<T> for IntoVec {
    type Out = Vec<T>;

    #[inline]
    fn gather(&self, items: impl Iterator<Item = T>) -> Vec<T> {
        items.collect()
    }
}

impl<I: IndexedParallelIterator> ParallelIterator for Chunks<I> {
    type Item = Vec<I::Item>;
    through_producer!(drive_unindexed, opt_len);
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Chunks<I> {
    through_producer!(drive);
    wrap_base!(|this| ChunkWrap {
        len: this.base.len(),
        size: this.size,
        gather: IntoVec
    });

    #[inline]
    fn len(&self) -> usize {
        self.base.len().div_ceil(self.size)
    }
}

adapter! {
    /// Folds runs of items, each from a state made anew; made by
    /// [`fold_chunks`](IndexedParallelIterator::fold_chunks).
    pub struct FoldChunks<I, ID, F> { base: I, chunk_size: usize; identity: ID; fold_op: F }
}

adapter! {
    /// Folds runs of items, each from a cloned state; made by
    /// [`fold_chunks_with`](IndexedParallelIterator::fold_chunks_with).
    pub struct FoldChunksWith<I, U, F> { base: I, chunk_size: usize, item: U; fold_op: F }
}

/// Into what a fold comes to.
struct IntoFold<'f, D, F> {
    seed: D,
    fold_op: &'f F,
}

impl<D: Clone, F> Clone for IntoFold<'_, D, F> {
    fn clone(&self) -> Self {
        Self {
            seed: self.seed.clone(),
            fold_op: self.fold_op,
        }
    }
}

impl<T, D, F> Gather<T> for IntoFold<'_, D, F>
where
    D: Seed,
    F: Fn(D::State, T) -> D::State + Sync,
{
    type Out = D::State;

    #[inline]
    fn gather(&self, items: impl Iterator<Item = T>) -> D::State {
        items.fold(self.seed.clone().grow(), self.fold_op)
    }
}

impl<I, ID, U, F> ParallelIterator for FoldChunks<I, ID, F>
where
    I: IndexedParallelIterator,
    ID: Fn() -> U + Send + Sync,
    F: Fn(U, I::Item) -> U + Send + Sync,
    U: Send,
{
    type Item = U;
    through_producer!(drive_unindexed, opt_len);
}

impl<I, ID, U, F> IndexedParallelIterator for FoldChunks<I, ID, F>
where
    I: IndexedParallelIterator,
    ID: Fn() -> U + Send + Sync,
    F: Fn(U, I::Item) -> U + Send + Sync,
    U: Send,
{
    through_producer!(drive);
    wrap_base!(|this| ChunkWrap {
        len: this.base.len(),
        size: this.chunk_size,
        gather: IntoFold {
            seed: Made(&this.identity),
            fold_op: &this.fold_op
        },
    });

    #[inline]
    fn len(&self) -> usize {
        self.base.len().div_ceil(self.chunk_size)
    }
}

impl<I, U, F> ParallelIterator for FoldChunksWith<I, U, F>
where
    I: IndexedParallelIterator,
    U: Send + Clone,
    F: Fn(U, I::Item) -> U + Send + Sync,
{
    type Item = U;
    through_producer!(drive_unindexed, opt_len);
}

impl<I, U, F> IndexedParallelIterator for FoldChunksWith<I, U, F>
where
    I: IndexedParallelIterator,
    U: Send + Clone,
    F: Fn(U, I::Item) -> U + Send + Sync,
{
    through_producer!(drive);
    wrap_base!(|this| ChunkWrap {
        len: this.base.len(),
        size: this.chunk_size,
        gather: IntoFold {
            seed: Given(this.item),
            fold_op: &this.fold_op
        },
    });

    #[inline]
    fn len(&self) -> usize {
        self.base.len().div_ceil(self.chunk_size)
    }
}

struct ChunkWrap<G> {
    len: usize,
    size: usize,
    gather: G,
}

impl<T, G: Gather<T>> Wrap<T> for ChunkWrap<G> {
    type Item = G::Out;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = G::Out> {
        ChunkProducer {
            base: Some(base),
            len: self.len,
            size: self.size,
            gather: self.gather,
        }
    }
}

/// Cuts its base at multiples of `size`: as a producer for other threads, as an iterator for itself.
struct ChunkProducer<P, G> {
    /// `None` once the iterator has given out the last chunk.
    base: Option<P>,
    /// How many items `base` has.
    len: usize,
    size: usize,
    gather: G,
}

impl<P, G> ChunkProducer<P, G>
where
    P: Producer,
    G: Gather<P::Item>,
{
    /// Cuts `base` after `index` items of its own. Nothing is left without a base.
    #[inline]
    fn cut(&mut self, index: usize) -> Option<(P, P)> {
        Some(self.base.take()?.split_at(index))
    }
}

impl<P, G> Producer for ChunkProducer<P, G>
where
    P: Producer,
    G: Gather<P::Item>,
{
    type Item = G::Out;
    type IntoIter = Self;
    const GIVES_BLOCKS: bool = P::GIVES_BLOCKS;

    #[inline]
    fn into_iter(self) -> Self {
        self
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.as_ref().map_or(1, P::min_len).div_ceil(self.size)
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.as_ref().map_or(usize::MAX, P::max_len) / self.size
    }

    #[inline]
    fn split_at(mut self, index: usize) -> (Self, Self) {
        let index = index.saturating_mul(self.size).min(self.len);
        let (left, right) = self.cut(index).unzip();
        (
            Self {
                base: left,
                len: index,
                size: self.size,
                gather: self.gather.clone(),
            },
            Self {
                base: right,
                len: self.len - index,
                ..self
            },
        )
    }
}

impl<P, G> Iterator for ChunkProducer<P, G>
where
    P: Producer,
    G: Gather<P::Item>,
{
    type Item = G::Out;

    #[inline]
    fn next(&mut self) -> Option<G::Out> {
        let first = if self.len > self.size {
            let (first, rest) = self.cut(self.size)?;
            self.base = Some(rest);
            self.len -= self.size;
            first
        } else if self.len > 0 {
            self.len = 0;
            self.base.take()?
        } else {
            return None;
        };
        Some(self.gather.gather(first.into_iter()))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.len.div_ceil(self.size);
        (len, Some(len))
    }
}

impl<P, G> DoubleEndedIterator for ChunkProducer<P, G>
where
    P: Producer,
    G: Gather<P::Item>,
{
    // Only the last chunk may be short.
    #[inline]
    fn next_back(&mut self) -> Option<G::Out> {
        let last = if self.len > self.size {
            let rest_len = (self.len - 1) / self.size * self.size;
            let (rest, last) = self.cut(rest_len)?;
            self.base = Some(rest);
            self.len = rest_len;
            last
        } else if self.len > 0 {
            self.len = 0;
            self.base.take()?
        } else {
            return None;
        };
        Some(self.gather.gather(last.into_iter()))
    }
}

impl<P, G> ExactSizeIterator for ChunkProducer<P, G>
where
    P: Producer,
    G: Gather<P::Item>,
{
}
