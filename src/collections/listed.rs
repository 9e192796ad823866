//! Collections whose items only one thread can get at, one after the other: trees, and lists and tables whose items are moved
//! out or lent out to be changed.
//!
//! To be shared they are listed in a vector first, which takes as long as a quick loop takes in all. So the caller
//! begins alone, on the walk itself; what is left is listed when help turns out to be worth that, too.

use std::time::Duration;

use crate::iter::plumbing::probe::Probe;
use crate::iter::plumbing::{Folder, Reducer, UnindexedConsumer};
use crate::iter::{IntoParallelIterator, ParallelIterator};
use crate::join::join_on;
use crate::pool::in_worker;
use crate::pool::worker::Worker;

/// Items that are quicker than this are not worth being listed: that takes one thread about half as long.
const WORTH_LISTING: Duration = Duration::from_nanos(4);

/// The items of a walk that knows its length.
#[derive(Clone, Debug)]
pub(super) struct Listed<I>(pub(super) I);

impl<I> ParallelIterator for Listed<I>
where
    I: ExactSizeIterator<Item: Send> + Send,
{
    type Item = I::Item;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<I::Item>,
    {
        let len = self.0.len();
        if len < 2 {
            return pour(self.0, consumer);
        }
        in_worker(|worker, _| {
            let threads = worker.pool().num_threads();
            if threads == 1 {
                pour(self.0, consumer)
            } else if Probe::is_for(len, threads) {
                let probe = Probe::begin(worker.pool().parker.must_wake(), threads);
                Walk { worker, probe }.pour(len, self.0, consumer)
            } else {
                share(self.0, consumer)
            }
        })
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// All of it by the calling thread.
fn pour<I, C>(walk: I, consumer: C) -> C::Result
where
    I: Iterator,
    C: UnindexedConsumer<I::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    consumer.into_folder().consume_iter(walk).complete()
}

/// All of it by whoever comes.
fn share<I, C>(walk: I, consumer: C) -> C::Result
where
    I: Iterator<Item: Send>,
    C: UnindexedConsumer<I::Item>,
{
    Vec::from_iter(walk)
        .into_par_iter()
        .drive_unindexed(consumer)
}

/// The beginning, by the calling thread alone. Its leaves are those of every long loop.
struct Walk<'worker> {
    worker: &'worker Worker,
    probe: Probe,
}

impl Walk<'_> {
    fn pour<I, C>(mut self, len: usize, mut walk: I, consumer: C) -> C::Result
    where
        I: Iterator<Item: Send> + Send,
        C: UnindexedConsumer<I::Item>,
    {
        let leaf = self.probe.next_leaf(len, 1);
        if leaf == len || consumer.full() {
            return pour(walk, consumer);
        }
        let (left_consumer, right_consumer, reducer) = consumer.split_at(leaf);
        let mut folder = left_consumer.into_folder();
        let mut left = leaf;
        let (left, right) = loop {
            let block = self.probe.next_block(left);
            folder = fold(walk.by_ref().take(block), folder);
            left -= block;
            let is_worth_help = self.is_worth_help(block, len - leaf + left);
            if left == 0 {
                let result = folder.complete();
                let right = if is_worth_help {
                    share(walk, right_consumer)
                } else {
                    self.pour(len - leaf, walk, right_consumer)
                };
                break (result, right);
            }
            if is_worth_help {
                let list = Vec::from_iter(walk.by_ref().take(left));
                let rest = Vec::from_iter(walk);
                break join_on(
                    self.worker,
                    |_| fold(list.into_iter(), folder).complete(),
                    |_| rest.into_par_iter().drive_unindexed(right_consumer),
                    false,
                );
            }
        };
        reducer.reduce(left, right)
    }

    fn is_worth_help(&mut self, block: usize, left: usize) -> bool {
        self.probe.is_worth_help(block, left) && self.probe.pace() > WORTH_LISTING
    }
}

/// A block of a leaf. What a full folder leaves is dropped, since the next leaf begins behind it.
#[inline(never)]
fn fold<I: Iterator, F: Folder<I::Item>>(mut walk: I, mut folder: F) -> F {
    if !folder.full() {
        folder = folder.consume_iter(&mut walk);
    }
    walk.for_each(drop);
    folder
}
