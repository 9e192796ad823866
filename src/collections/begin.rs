//! How a walk begins: by the calling thread alone, as every long loop.
//!
//! A walk cannot be cut in the middle for nothing: somebody has to pass over the items, or to list them. So nothing is cut
//! before help turns out to be worth that, too.

use std::mem::needs_drop;

use crate::iter::plumbing::glance::Glance;
use crate::iter::plumbing::probe::{Probe, first_block};
use crate::iter::plumbing::taker::OPEN;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::join::join_on;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::pool::worker::Worker;

/// How a walk goes on when it has become too long for one.
pub(super) trait Share: ExactSizeIterator<Item: Send> + Send + Sized {
    /// How many nanoseconds an item has to take for it to be worth sharing.
    fn worth_sharing(&self) -> f32;

    /// The next `len` items, and a walk behind them.
    fn cut(self, len: usize) -> (impl Iterator<Item = Self::Item>, Self);

    /// The next `len` items into a folder, by the calling thread, and the walk behind them. What a full folder leaves is dropped, unless
    /// `is_over` says that nobody wants what comes later.
    fn pour_block<F: Folder<Self::Item>>(
        self,
        len: usize,
        folder: F,
        is_over: impl Fn() -> bool,
    ) -> (Self, F) {
        pour_block(self, len, folder, is_over)
    }

    /// All items into a folder, by the calling thread.
    fn pour<F: Folder<Self::Item>>(self, folder: F) -> F;

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
            match Glance::of(worker, site, len) {
                Some(glance) => pour_at_once(worker, site, glance, walk, consumer),
                None => Beginning::new(worker, site).pour(walk, consumer),
            }
        } else {
            walk.share(consumer)
        }
    })
}

/// All of it by the calling thread.
fn pour<W, C>(walk: W, consumer: C) -> C::Result
where
    W: Share,
    C: Consumer<W::Item>,
{
    pour_into(walk, consumer.into_folder())
}

/// The same for a folder that may have begun.
#[inline]
fn pour_into<W, F>(walk: W, folder: F) -> F::Result
where
    W: Share,
    F: Folder<W::Item>,
{
    if folder.full() {
        drop(walk); // while the folder can be dropped, too, if an item panics; likewise below
        return folder.complete();
    }
    walk.pour(folder).complete()
}

/// All of it at once, if the first items are over in no time as they were the last time.
fn pour_at_once<W, C>(
    worker: &Worker,
    site: Site,
    mut glance: Glance<'_>,
    walk: W,
    consumer: C,
) -> C::Result
where
    W: Share,
    C: UnindexedConsumer<W::Item>,
{
    let len = walk.len();
    let block = first_block(len, worker.pool().num_threads()).div_ceil(BELIEVED);
    let (first, rest, reducer) = if const { C::IS_OPEN } {
        let (first, reducer) = consumer.split_off_open(len).expect(OPEN);
        (first, consumer, reducer)
    } else {
        consumer.split_at(block)
    };
    let (walk, folder) = walk.pour_block(block, first.into_folder(), || rest.full());
    let left = len - block;
    if !glance.shows_no_delay() {
        let first = folder.complete();
        let rest = Beginning::new(worker, site).pour(walk, rest);
        return reducer.reduce(first, rest);
    }
    let result = if const { C::IS_OPEN } {
        pour_into(walk, folder)
    } else {
        reducer.reduce(folder.complete(), pour(walk, rest))
    };
    glance.note_end(left);
    result
}

/// Items that are too quick to be shared go in blocks of at least so many, however long the first of them took.
const QUICK_BLOCK: usize = 256;

/// If the last time says that the loop will be over in no time, so many times fewer items are enough to begin with: in a block
/// they take up to three times as long as by the table's own loop.
const BELIEVED: usize = 4;

struct Beginning<'worker> {
    worker: &'worker Worker,
    probe: Probe<'worker>,
    /// What [`Share::worth_sharing`] has said.
    worth: Option<f32>,
}

impl<'worker> Beginning<'worker> {
    fn new(worker: &'worker Worker, site: Site) -> Self {
        Self {
            worker,
            probe: Probe::begin(worker, site),
            worth: None,
        }
    }

    /// [`Share::worth_sharing`], asked once.
    fn worth_of<W: Share>(&mut self, walk: &W) -> f32 {
        *self.worth.get_or_insert_with(|| walk.worth_sharing())
    }

    /// Whether the last time and the first leaf both say that the rest of the walk need not be shared. Then it is done at once,
    /// since the loop that a table has for all its items is faster than any that ends sooner.
    fn is_quick<W: Share>(&mut self, walk: &W, left: usize) -> bool {
        let Some(pace) = self.probe.worst_pace() else {
            return false;
        };
        self.probe.is_quick_again(pace, left) || pace < self.worth_of(walk)
    }

    /// Whether the last time says that the walk need not be shared.
    fn expects_to_be_quick<W: Share>(&mut self, walk: &W, len: usize) -> bool {
        let Some(pace) = self.probe.last_pace() else {
            return false;
        };
        self.probe.expects_no_help(len) || pace < self.worth_of(walk)
    }

    /// Whether items so far took so long that those `behind` them should be shared.
    fn is_known_to_be_slow<W: Share>(&mut self, walk: &W, behind: usize) -> bool {
        let worth = self.worth_of(walk);
        let probe = &self.probe;
        probe.is_slower_than(worth, behind) && probe.is_long(probe.pace(), behind)
    }

    fn pour<W, C>(mut self, mut walk: W, consumer: C) -> C::Result
    where
        W: Share,
        C: UnindexedConsumer<W::Item>,
    {
        let len = walk.len();
        let mut leaf = self.probe.next_leaf(len, 1);
        let mut least_block = 1;
        if !self.probe.has_begun() && self.expects_to_be_quick(&walk, len) {
            leaf = leaf.div_ceil(BELIEVED);
            least_block = leaf;
        }
        if consumer.full() {
            return pour(walk, consumer);
        }
        if leaf == len || self.is_quick(&walk, len) {
            let result = pour(walk, consumer);
            self.probe.note_end(len);
            return result;
        }
        let (left_consumer, right_consumer, reducer) = consumer.split_at(leaf);
        let mut folder = left_consumer.into_folder();
        let mut left = leaf;
        let (left, right) = loop {
            let block = self.probe.next_block(left).max(least_block).min(left);
            (walk, folder) = walk.pour_block(block, folder, || right_consumer.full());
            left -= block;
            if folder.full() && right_consumer.full() {
                drop(walk);
                break (folder.complete(), right_consumer.into_folder().complete());
            }
            let mut is_worth_help = self.probe.is_worth_help(block, len - leaf + left);
            if is_worth_help {
                let behind = len - leaf + left;
                is_worth_help = self.is_known_to_be_slow(&walk, behind);
                least_block = QUICK_BLOCK;
            }
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
                            drop(now);
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

/// Whether a folder collects, or owns something in another way. Then it takes all items of a block at once: to move it for each item takes
/// longer than what is said of [`pour_block`]. (A map of a thousand, filtered into a vector: 9.2 µs one by one and 5.5 at once, 4.8 by std.)
pub(super) const fn owns_much<F>() -> bool {
    needs_drop::<F>()
}

/// A block of a leaf, and the walk behind it. What a full folder leaves is dropped, unless nobody wants what comes later.
///
/// The walk is copied, so that its state is in registers meanwhile: behind a reference it was twice as slow. Tried and dropped for
/// the same reason, but for folders that [own much](owns_much): the folder's own loop over `walk.by_ref().take(block)`. It counted a tree of
/// a thousand in up to three times the time.
#[inline(never)]
pub(super) fn pour_block<W, F>(
    walk: W,
    block: usize,
    mut folder: F,
    is_over: impl Fn() -> bool,
) -> (W, F)
where
    W: Iterator,
    F: Folder<W::Item>,
{
    let mut walk = walk;
    let mut poured = 0;
    if owns_much::<F>() && !folder.full() {
        let items = walk.by_ref().take(block).inspect(|_| poured += 1);
        folder = folder.consume_iter(items);
    }
    let mut is_full = folder.full();
    for _ in poured..block {
        if is_full && is_over() {
            break;
        }
        // A walk may give less than it promised.
        let Some(item) = walk.next() else { break };
        if is_full {
            drop(item);
        } else {
            folder = folder.consume(item);
            is_full = folder.full();
        }
    }
    (walk, folder)
}
