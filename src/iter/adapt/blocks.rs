//! `by_uniform_blocks`, `by_exponential_blocks`: one block after the other, each in parallel.

use std::iter;

use crate::iter::plumbing::{
    Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, bridge_producer_consumer,
};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;

adapter! {
    /// Goes block by block, each twice as long as the one before; made by
    /// [`by_exponential_blocks`](IndexedParallelIterator::by_exponential_blocks).
    pub struct ExponentialBlocks<I> { base: I }
}

impl<I: IndexedParallelIterator> ParallelIterator for ExponentialBlocks<I> {
    type Item = I::Item;

    // One item per thread to begin with.
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let first = crate::current_num_threads();
        let sizes = iter::successors(Some(first), |size| Some(size.saturating_mul(2)));
        let len = self.base.len();
        self.base.with_producer(BlockCallback {
            sizes,
            len,
            consumer,
        })
    }
}

adapter! {
    /// Goes block by block of one length; made by
    /// [`by_uniform_blocks`](IndexedParallelIterator::by_uniform_blocks).
    pub struct UniformBlocks<I> { base: I, block_size: usize }
}

impl<I: IndexedParallelIterator> ParallelIterator for UniformBlocks<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let sizes = iter::repeat(self.block_size);
        let len = self.base.len();
        self.base.with_producer(BlockCallback {
            sizes,
            len,
            consumer,
        })
    }
}

/// Cuts blocks of the given sizes off the front, until there are no more items or the consumer is full.
struct BlockCallback<S, C> {
    sizes: S,
    len: usize,
    consumer: C,
}

impl<T, S, C> ProducerCallback<T> for BlockCallback<S, C>
where
    S: Iterator<Item = usize>,
    C: UnindexedConsumer<T>,
{
    type Output = C::Result;

    fn callback<P: Producer<Item = T>>(self, mut rest: P) -> C::Result {
        let Self {
            sizes,
            mut len,
            mut consumer,
        } = self;
        let mut so_far = None;
        for size in sizes {
            if len == 0 || consumer.full() {
                break;
            }
            let size = size.min(len);
            len -= size;
            let (block, after) = rest.split_at(size);
            let (block_consumer, after_consumer, reducer) = consumer.split_at(size);
            let result = bridge_producer_consumer(size, block, block_consumer);
            so_far = Some(match so_far {
                Some(so_far) => reducer.reduce(so_far, result),
                None => result,
            });
            (rest, consumer) = (after, after_consumer);
        }
        drop(rest); // as the items of a full leaf
        so_far.unwrap_or_else(|| consumer.into_folder().complete())
    }
}
