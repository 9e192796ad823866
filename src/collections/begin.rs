//! How a walk begins: by the calling thread alone, as every long loop.
//!
//! A walk cannot be cut in the middle for nothing: somebody has to pass over the items, or to list them. So nothing is cut
//! before help turns out to be worth that, too.

use std::time::Duration;

use crate::iter::plumbing::probe::Probe;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::join::join_on;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::pool::worker::Worker;

/// How a walk goes on when it has become too long for one.
pub(super) trait Share: ExactSizeIterator<Item: Send> + Send {
    /// Items that are quicker than this are not worth to be shared.
    const WORTH_SHARING: Duration;

    /// The next `len` items, and a walk behind them.
    fn cut(self, len: usize) -> (impl Iterator<Item = Self::Item>, Self);

    /// Pours all of it, by whoever comes.
    fn share<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result;
}

/// Pours all items of a walk.
pub(super) fn pour_walk<W, C>(walk: W, consumer: C) -> C::Result
where
    W: Share,
    C: UnindexedConsumer<W::Item>,
{
    let len = walk.len();
    if len < 2 {
        return pour(walk, consumer);
    }
    in_worker(|worker, _| {
        let threads = worker.pool().num_threads();
        if threads == 1 {
            pour(walk, consumer)
        } else if Probe::is_for(len, threads) {
            let site = Site::of(pour::<W, C> as *const ());
            let probe = Probe::begin(worker, site);
            Beginning { worker, probe }.pour(walk, consumer)
        } else {
            walk.share(consumer)
        }
    })
}

/// All of it by the calling thread.
fn pour<W, C>(walk: W, consumer: C) -> C::Result
where
    W: Iterator,
    C: Consumer<W::Item>,
{
    let folder = consumer.into_folder();
    if folder.full() {
        return folder.complete();
    }
    folder.consume_iter(walk).complete()
}

struct Beginning<'worker> {
    worker: &'worker Worker,
    probe: Probe<'worker>,
}

impl Beginning<'_> {
    fn pour<W, C>(mut self, mut walk: W, consumer: C) -> C::Result
    where
        W: Share,
        C: UnindexedConsumer<W::Item>,
    {
        let len = walk.len();
        let leaf = self.probe.next_leaf(len, 1);
        if leaf == len || consumer.full() {
            return pour(walk, consumer);
        }
        let (left_consumer, right_consumer, reducer) = consumer.split_at(leaf);
        let mut folder = left_consumer.into_folder();
        let mut left = leaf;
        let (left, right) = loop {
            let block = self.probe.next_block(left);
            (walk, folder) = fold(walk, block, folder);
            left -= block;
            if folder.full() && right_consumer.full() {
                break (folder.complete(), right_consumer.into_folder().complete());
            }
            let is_worth_help = self.probe.is_worth_help(block, len - leaf + left)
                && self.probe.pace() > W::WORTH_SHARING;
            if left == 0 {
                let result = folder.complete();
                let right = if is_worth_help {
                    walk.share(right_consumer)
                } else {
                    self.pour(walk, right_consumer)
                };
                break (result, right);
            }
            if is_worth_help {
                let (now, rest) = walk.cut(left);
                break join_on(
                    self.worker,
                    |_| {
                        if folder.full() {
                            folder
                        } else {
                            folder.consume_iter(now)
                        }
                        .complete()
                    },
                    |_| rest.share(right_consumer),
                    false,
                );
            }
        };
        reducer.reduce(left, right)
    }
}

/// A block of a leaf, and the walk behind it. What a full folder leaves is dropped, unless nobody wants what comes later.
///
/// The walk comes and goes by value: behind a reference it was twice as slow.
#[inline(never)]
fn fold<W, F>(mut walk: W, block: usize, mut folder: F) -> (W, F)
where
    W: ExactSizeIterator,
    F: Folder<W::Item>,
{
    let rest = walk.len().saturating_sub(block);
    if !folder.full() {
        folder = folder.consume_iter(walk.by_ref().take(block));
    }
    // Of a walk that has given more than it promised, nothing is left.
    for _ in rest..walk.len() {
        drop(walk.next());
    }
    (walk, folder)
}
