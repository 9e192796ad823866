//! `par_bridge`: a sequential iterator that feeds many threads.

use crate::clock::Stopwatch;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::primitive::Mutex;
use crate::primitive::{AtomicBool, AtomicUsize, Ordering};
use crate::region::isolate;
use std::iter::Fuse;
use std::time::Duration;

use super::ParallelIterator;
use super::plumbing::probe::Probe;
use super::plumbing::{Folder, Reducer, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// Makes a parallel iterator of any sequential one whose items are `Send`.
///
/// ```
/// use lyocell::prelude::*;
///
/// let words = "a sequential iterator".split(' ');
/// assert_eq!(words.par_bridge().map(str::len).sum::<usize>(), 19);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bridged to a parallel iterator",
    label = "not a sequential iterator that is `Send`, with items that are `Send`",
    note = "collections and ranges have `par_iter()` and `into_par_iter()`, which are faster"
)]
pub trait ParallelBridge: Sized {
    /// Shares the iterator among the threads.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// (1..=4).for_each(|n| sender.send(n).unwrap());
    /// drop(sender);
    /// assert_eq!(receiver.into_iter().par_bridge().sum::<i32>(), 10);
    /// ```
    ///
    /// # Order and cost
    /// Items come in no order, not even within a piece when they are collected. They are fetched under a
    /// lock. If the iterator can tell anything about its length, quick items are fetched in batches of so many as take
    /// some microseconds to get and to work on, and only a long loop is shared at all. If it can't, as is the
    /// case with a channel, none is fetched before the one before it has been worked on; so only then may `next` wait
    /// for what becomes of earlier items.
    fn par_bridge(self) -> IterBridge<Self>;
}

impl<T: Iterator<Item: Send> + Send> ParallelBridge for T {
    fn par_bridge(self) -> IterBridge<T> {
        IterBridge { iter: self }
    }
}

/// Items that the threads take from a sequential iterator; made by
/// [`par_bridge`](ParallelBridge::par_bridge).
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct IterBridge<Iter> {
    iter: Iter,
}

impl<Iter: Iterator<Item: Send> + Send> ParallelIterator for IterBridge<Iter> {
    type Item = Iter::Item;

    fn drive_unindexed<C: UnindexedConsumer<Iter::Item>>(self, consumer: C) -> C::Result {
        in_worker(|worker, _| {
            let threads = worker.pool().num_threads();
            let iter = self.iter.fuse();
            match iter.size_hint() {
                (least, Some(most)) if least == most && Probe::is_for(least, threads) => {
                    let site = Site::of(begin::<Iter, C> as *const ());
                    let probe = Probe::begin(worker, site);
                    begin(iter, least, probe, threads, consumer)
                }
                _ => share(iter, threads, consumer),
            }
        })
    }
}

/// The first items of a long loop, before anybody else is asked for help, one after the other as they come.
fn begin<I, C>(
    mut iter: Fuse<I>,
    mut left: usize,
    mut probe: Probe<'_>,
    threads: usize,
    consumer: C,
) -> C::Result
where
    I: Iterator<Item: Send> + Send,
    C: UnindexedConsumer<I::Item>,
{
    let reducer = consumer.to_reducer();
    let mut folder = consumer.split_off_left().into_folder();
    loop {
        let block = probe.next_block(left);
        if folder.full() {
            return folder.complete();
        }
        if block == left || threads == 1 {
            return folder.consume_iter(iter).complete();
        }
        folder = folder.consume_iter(iter.by_ref().take(block));
        left -= block;
        if probe.is_worth_help(block, left) {
            break;
        }
    }
    let beginning = folder.complete();
    reducer.reduce(beginning, share(iter, threads, consumer))
}

/// The whole loop, or its rest, by all threads.
fn share<I, C>(iter: Fuse<I>, threads: usize, consumer: C) -> C::Result
where
    I: Iterator<Item: Send> + Send,
    C: UnindexedConsumer<I::Item>,
{
    let shared = Shared {
        can_look_ahead: iter.size_hint() != (0, None),
        iter: Mutex::new(iter),
        splits_left: AtomicUsize::new(threads),
        is_inside: (0..threads).map(|_| AtomicBool::new(false)).collect(),
    };
    bridge_unindexed(&shared, consumer)
}

/// How long a batch should take to be fetched and worked on: much longer than to get a lock that somebody else wants, too,
/// and so short that the threads end almost together.
const BATCH: Duration = Duration::from_micros(10);

/// By how much a batch may be longer than the one before, how many items it has at most, and how many bytes.
const GROWTH: usize = 8;
const MOST_ITEMS: usize = 1024;
const MOST_BYTES: usize = 32 << 10;

/// The length of the batch after one of `len` items that took so long.
fn next_batch<T>(len: usize, took: Duration) -> usize {
    let fitting = BATCH.as_nanos() * len as u128 / took.as_nanos().max(1);
    let most = (MOST_BYTES / size_of::<T>().max(1)).clamp(1, MOST_ITEMS);
    // Fits: it is cut to `most`.
    (fitting.min(most as u128) as usize).clamp(1, len.saturating_mul(GROWTH))
}

/// The one source of all pieces. A piece is a thread that takes from it.
struct Shared<Iter> {
    iter: Mutex<Fuse<Iter>>,
    can_look_ahead: bool,
    /// More pieces than threads are of no use.
    splits_left: AtomicUsize,
    /// Which threads are at it already, by index.
    is_inside: Vec<AtomicBool>,
}

impl<Iter: Iterator> Shared<Iter> {
    /// Whether this thread may begin a piece.
    ///
    /// A thread that waits for a parallel call inside `next` holds the lock; if it took up another piece
    /// meanwhile, it would wait for itself. A second piece on one thread is of no use in any case.
    fn may_begin(&self) -> bool {
        let Some(index) = crate::current_thread_index() else {
            return true; // Nothing comes to this thread while it waits.
        };
        // Relaxed: only this thread asks for its own flag.
        !self.is_inside[index % self.is_inside.len()].swap(true, Ordering::Relaxed)
    }

    /// The next item. After a panic in `next` there are none; the panic is on its way to the caller.
    fn next(&self) -> Option<Iter::Item> {
        let mut iter = self.iter.lock().ok()?;
        // Isolated, since the lock is held: a thread that helps with a parallel call inside `next`, and has to wait in it,
        // would take up a piece of this very loop, and block on the lock.
        isolate(|| iter.next())
    }
}

impl<Iter: Iterator + Send> UnindexedProducer for &Shared<Iter> {
    type Item = Iter::Item;

    fn split(self) -> (Self, Option<Self>) {
        // Relaxed: one variable only.
        let left = self
            .splits_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        (self, left.is_ok().then_some(self))
    }

    fn fold_with<F: Folder<Iter::Item>>(self, folder: F) -> F {
        if !self.may_begin() {
            folder
        } else if self.can_look_ahead {
            self.fold_batches(folder)
        } else {
            self.fold_each(folder)
        }
    }
}

impl<Iter: Iterator> Shared<Iter> {
    fn fold_each<F: Folder<Iter::Item>>(&self, mut folder: F) -> F {
        while let Some(item) = self.next() {
            folder = folder.consume(item);
            if folder.full() {
                break;
            }
        }
        folder
    }

    fn fold_batches<F: Folder<Iter::Item>>(&self, mut folder: F) -> F {
        let mut batch = 1;
        let mut items = Vec::new();
        while !folder.full()
            && let Some(began) = self.fetch(batch, &mut items)
        {
            let len = items.len();
            folder = folder.consume_iter(items.drain(..));
            batch = next_batch::<Iter::Item>(len, began.elapsed());
        }
        folder
    }

    /// Fetches at most so many items, and tells when it began. `None` if there are none.
    fn fetch(&self, batch: usize, items: &mut Vec<Iter::Item>) -> Option<Stopwatch> {
        let mut iter = self.iter.lock().ok()?;
        let began = Stopwatch::start();
        isolate(|| items.extend(iter.by_ref().take(batch))); // as in `next`
        (!items.is_empty()).then_some(began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_sized_by_what_an_item_takes() {
        assert_eq!(next_batch::<u64>(1, BATCH / 100), GROWTH);
        assert_eq!(next_batch::<u64>(64, BATCH / 2), 128);
        assert_eq!(next_batch::<u64>(64, 64 * BATCH), 1);
        assert_eq!(next_batch::<u64>(1000, Duration::ZERO), MOST_ITEMS);
        assert_eq!(next_batch::<[u8; 1 << 20]>(1, Duration::ZERO), 1);
        assert_eq!(next_batch::<()>(MOST_ITEMS, Duration::ZERO), MOST_ITEMS);
    }
}
