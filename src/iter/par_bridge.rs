//! `par_bridge`: a sequential iterator that feeds many threads.

use crate::clock::Stopwatch;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::pool::worker::Worker;
use crate::primitive::Mutex;
use crate::primitive::{AtomicBool, AtomicUsize, Ordering};
use crate::region::isolate;
use std::iter::Fuse;
use std::time::Duration;

use super::ParallelIterator;
use super::plumbing::company::Company;
use super::plumbing::glance::Glance;
use super::plumbing::probe::{BELIEVED_PART, Probe, first_block, nanos};
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
    /// lock. If the iterator knows how many there will be, as those of collections and ranges do, or that there is no end to them, quick items
    /// are fetched in batches of so many as take some microseconds to get and to work on, and only a long loop is shared at all. If not, as
    /// with a channel, also behind `take` or `chain`, none is fetched before the one before it has been worked on; so only then may
    /// `next` wait for what becomes of earlier items. (`(0..n).map(|_| receiver.recv())` knows how many, and may not.)
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
            let iter = self.iter.fuse();
            let site = Site::of(begin::<Iter, C> as *const ());
            if worker.pool().num_threads() == 1 || may_begin_alone(worker, site, &iter) {
                begin(worker, site, iter, consumer)
            } else {
                share(worker, site, iter, consumer, C::Reducer::settle)
            }
        })
    }
}

/// Items that took no longer than this are begun with by the caller alone, however few there are. More of them would be worth
/// the help, but after each it can ask for it.
const SHORT: f32 = 1_000.0;

/// In nanoseconds, an item that can be fetched ahead has to take longer for it to be worth sharing, since to put it into a batch
/// and to take it out again costs about half of this. And one that cannot, since each costs a lock that others want.
const WORTH_BATCHING: f32 = 4.0;
const WORTH_LOCKING: f32 = 250.0;

/// Items that are too quick to be shared go in blocks of at least so many; those of which nothing is known, in blocks of at
/// most so many.
const QUICK_BLOCK: usize = 256;
const LONGEST_BLOCK: usize = 64;

/// Items that were too quick to be shared the last time, and still were for so long, or an eighth of them, are believed to be so to the end. (Block by
/// block, a loop takes half as long again as by the iterator's own one.)
const EVIDENCE: Duration = Duration::from_micros(5);

/// Whether `next` is thought not to wait for anything, least of all for what becomes of earlier items: the iterator knows how many are to come, or has no
/// end.
///
/// A channel does not know, and neither does it behind `take`, which knows of the most, or behind `chain` and `peekable`, which know of the
/// first one.
fn can_look_ahead(iter: &impl Iterator) -> bool {
    exact_len(iter).is_some() || iter.size_hint().0 == usize::MAX
}

/// The number of items, if the iterator knows it.
fn exact_len(iter: &impl Iterator) -> Option<usize> {
    match iter.size_hint() {
        (least, Some(most)) if least == most => Some(most),
        _ => None,
    }
}

/// Whether the caller should try the first items, before anybody else is asked for help: if there are many, or if they were short
/// the last time.
fn may_begin_alone(worker: &Worker, site: Site, iter: &impl Iterator) -> bool {
    exact_len(iter).is_some_and(|len| Probe::is_for(len, worker.pool().num_threads()))
        || worker
            .paces()
            .last
            .of(site)
            .is_some_and(|pace| pace < SHORT)
}

/// The first items of a loop, before anybody else is asked for help, one after the other as they come.
fn begin<I, C>(worker: &Worker, site: Site, mut iter: Fuse<I>, consumer: C) -> C::Result
where
    I: Iterator<Item: Send> + Send,
    C: UnindexedConsumer<I::Item>,
{
    if worker.pool().num_threads() == 1 {
        let mut folder = consumer.into_folder();
        folder.set_alone(true);
        return folder.consume_iter(iter).complete();
    }
    let can_look_ahead = can_look_ahead(&iter);
    let worth = if can_look_ahead {
        WORTH_BATCHING
    } else {
        WORTH_LOCKING
    };
    let reducer = consumer.to_reducer();
    let mut folder = consumer.split_off_left().into_folder();
    folder.set_alone(true);
    if let Some(len) = exact_len(&iter)
        && let Some(mut glance) = Glance::of(worker, site, len)
    {
        let block = first_block(len, worker.pool().num_threads());
        let poured;
        (iter, folder, poured) = pour_block(iter, block, folder);
        let is_over = poured < block || folder.full();
        if !is_over && glance.shows_no_delay() {
            folder = folder.consume_iter(iter);
            glance.note_end(len.saturating_sub(block));
            return folder.complete();
        }
    }
    let mut probe = Probe::begin(worker, site);
    // Of items that were quick the last time, an eighth shows whether they still are.
    let believed = exact_len(&iter).filter(|&len| probe.expects_no_help(len));
    let (mut least_block, mut done) = (believed.map_or(1, |len| len.div_ceil(BELIEVED_PART)), 0);
    loop {
        let len = exact_len(&iter);
        let left = len.unwrap_or(if can_look_ahead {
            usize::MAX
        } else {
            LONGEST_BLOCK
        });
        let block = probe.next_block(left).max(least_block).min(left);
        if folder.full() {
            drop(iter); // while the folder can be dropped, too, if an item panics; likewise below
            return folder.complete();
        }
        // Then so are the others, as far as the last time and the beginning of this one can tell.
        let is_quick = || {
            (done >= left / BELIEVED_PART || probe.passed() > nanos(EVIDENCE))
                && probe
                    .worst_pace()
                    .is_some_and(|pace| pace < worth || probe.is_quick_again(pace, left))
        };
        if len.is_some_and(|len| block == len || is_quick()) {
            folder = folder.consume_iter(iter);
            probe.note_end(left);
            return folder.complete();
        }
        let poured;
        (iter, folder, poured) = pour_some(can_look_ahead, iter, block, folder);
        if poured < block {
            probe.note_stop();
            drop(iter);
            return folder.complete();
        }
        done += poured;
        // If nobody knows how many are to come, as many as there were.
        let left = len.map_or(done, |len| len - block);
        if probe.is_worth_help(block, left) {
            if probe.is_slower_than(worth, left) {
                break;
            }
            least_block = QUICK_BLOCK;
        }
    }
    let company = probe.company();
    let len = done.saturating_add(likely_left(company, &iter, done));
    if !C::IS_STOPPED_BY_OTHERS && company.is_of_no_use(len, worker.pool().num_threads()) {
        let pace = probe.likely_pace();
        let rest;
        (folder, rest) = keep(company, pace, can_look_ahead, iter, folder, done);
        match rest {
            Some(rest) => iter = rest,
            None => return folder.complete(),
        }
    }
    let beginning = folder.complete();
    let finish = |rest| C::Reducer::settle(reducer.reduce(beginning, rest));
    share(worker, site, iter, consumer, finish)
}

/// How many items are to come: if nobody knows, about as many as the last time, or as there were.
fn likely_left(company: Company<'_>, iter: &impl Iterator, done: usize) -> usize {
    exact_len(iter).unwrap_or_else(|| {
        let len = company.longest_len().unwrap_or(0);
        len.saturating_sub(done).max(done)
    })
}

/// Block after block alone, as long as nobody is missed. Behind `done` items, which took `pace` nanoseconds each; and what is left, if it
/// had better be shared.
#[cold]
fn keep<I, F>(
    company: Company<'_>,
    pace: f32,
    can_look_ahead: bool,
    mut iter: Fuse<I>,
    mut folder: F,
    mut done: usize,
) -> (F, Option<Fuse<I>>)
where
    I: Iterator,
    F: Folder<I::Item>,
{
    let mut hermit = company.take_leave(pace);
    let mut left = likely_left(company, &iter, done);
    while !folder.full() {
        let block = hermit.next(left.max(1));
        let poured;
        (iter, folder, poured) = pour_some(can_look_ahead, iter, block, folder);
        hermit.note(poured);
        if poured < block {
            hermit.end();
            break;
        }
        done += poured;
        left = likely_left(company, &iter, done);
        if hermit.misses_company(left) {
            return (folder, Some(iter));
        }
    }
    drop(iter); // as above
    (folder, None)
}

/// So many items, and the iterator behind them. Fewer if there are no more, or nobody wants them.
fn pour_some<I, F>(can_look_ahead: bool, iter: I, block: usize, folder: F) -> (I, F, usize)
where
    I: Iterator,
    F: Folder<I::Item>,
{
    if can_look_ahead {
        pour_block(iter, block, folder)
    } else {
        pour_each(iter, block, folder)
    }
}

/// A block of items, and the iterator behind it. Fewer if there are no more, or nobody wants them. (By value, so that the
/// iterator is in registers meanwhile. And by the folder's own loop: one by one, with the folder moved for each item, a search took
/// up to 15 times as long.)
#[inline(never)]
fn pour_block<I, F>(iter: I, block: usize, folder: F) -> (I, F, usize)
where
    I: Iterator,
    F: Folder<I::Item>,
{
    let mut iter = iter;
    if let Some(len) = exact_len(&iter) {
        let folder = folder.consume_iter(iter.by_ref().take(block));
        let poured = exact_len(&iter).map_or(0, |left| len.saturating_sub(left));
        return make_sure(iter, block, folder, poured);
    }
    // (The count is in memory: a sum of quick items took four times as long as by the iterator's own loop.)
    let mut poured = 0;
    let items = iter.by_ref().take(block).inspect(|_| poured += 1);
    let folder = folder.consume_iter(items);
    (iter, folder, poured)
}

/// So many items were poured of a block, if it is true what the iterator says of its length. That there are no more is taken from itself
/// alone.
fn make_sure<I, F>(mut iter: I, block: usize, folder: F, poured: usize) -> (I, F, usize)
where
    I: Iterator,
    F: Folder<I::Item>,
{
    if poured >= block || folder.full() {
        return (iter, folder, poured);
    }
    match iter.next() {
        Some(item) => (iter, folder.consume(item), block),
        None => (iter, folder, poured),
    }
}

/// The same, for items none of which may be fetched before all has been done to the one before it.
#[inline(never)]
fn pour_each<I, F>(iter: I, block: usize, mut folder: F) -> (I, F, usize)
where
    I: Iterator,
    F: Folder<I::Item>,
{
    let mut iter = iter;
    for poured in 0..block {
        if folder.full() {
            return (iter, folder, poured);
        }
        let Some(item) = iter.next() else {
            return (iter, folder, poured);
        };
        folder = folder.consume(item);
    }
    (iter, folder, block)
}

/// The whole loop, or its rest, by all threads; and what `finish` makes of it.
fn share<I, C>(
    worker: &Worker,
    site: Site,
    iter: Fuse<I>,
    consumer: C,
    finish: impl FnOnce(C::Result) -> C::Result,
) -> C::Result
where
    I: Iterator<Item: Send> + Send,
    C: UnindexedConsumer<I::Item>,
{
    let threads = worker.pool().num_threads();
    let shared = Shared {
        can_look_ahead: can_look_ahead(&iter),
        iter: Mutex::new(iter),
        splits_left: AtomicUsize::new(threads),
        is_inside: (0..threads).map(|_| AtomicBool::new(false)).collect(),
        items_done: AtomicUsize::new(0),
        pieces_done: AtomicUsize::new(0),
    };
    let watch = Stopwatch::start();
    let result = bridge_unindexed(&shared, consumer);
    if let Some(pace) = shared.pace(watch.nanos()) {
        worker.paces().last.note(site, pace);
    }
    let result = finish(result);
    let done = shared.items_done();
    if done > 0 && !C::IS_STOPPED_BY_OTHERS {
        let pace = watch.nanos() / done as f32;
        Company::new(worker.paces(), site).note_shared(done, pace);
    }
    drop(shared); // with what nobody wanted, as above
    result
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
    /// How many items came of how many pieces that had any.
    items_done: AtomicUsize,
    pieces_done: AtomicUsize,
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

    /// Takes note of the end of a piece.
    fn note_piece(&self, items: usize) {
        if items > 0 {
            // Relaxed: the joins of the pieces make it known.
            self.items_done.fetch_add(items, Ordering::Relaxed);
            self.pieces_done.fetch_add(1, Ordering::Relaxed); // likewise
        }
    }

    /// How many items there were. To be asked after the last join.
    fn items_done(&self) -> usize {
        // Relaxed: the joins of the pieces have made it known.
        self.items_done.load(Ordering::Relaxed)
    }

    /// How many nanoseconds an item took, if all took so many. To be asked after the last join.
    fn pace(&self, nanos: f32) -> Option<f32> {
        let items = self.items_done();
        // Relaxed: the joins of the pieces have made it known.
        let pieces = self.pieces_done.load(Ordering::Relaxed);
        (items > 0).then(|| nanos * pieces as f32 / items as f32)
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
        let mut done = 0;
        while let Some(item) = self.next() {
            folder = folder.consume(item);
            done += 1;
            if folder.full() {
                break;
            }
        }
        self.note_piece(done);
        folder
    }

    fn fold_batches<F: Folder<Iter::Item>>(&self, mut folder: F) -> F {
        let mut batch = 1;
        let mut items = Vec::new();
        let mut done = 0;
        while !folder.full()
            && let Some(began) = self.fetch(batch, &mut items)
        {
            let len = items.len();
            done += len;
            folder = folder.consume_iter(items.drain(..));
            batch = next_batch::<Iter::Item>(len, began.elapsed());
        }
        self.note_piece(done);
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

    /// So many items, of which it always says that there are as many as this.
    struct Liar(std::ops::Range<u64>, usize);

    impl Iterator for Liar {
        type Item = u64;

        fn next(&mut self) -> Option<u64> {
            self.0.next()
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.1, Some(self.1))
        }
    }

    /// No item is lost, whatever an iterator says of their number.
    #[test]
    fn a_wrong_length_costs_no_item() {
        let pool = crate::ThreadPoolBuilder::new().num_threads(2).build();
        pool.expect("a pool").install(|| {
            for len in [0, 1, 100, 10_000] {
                for said in [0, 1, 33, 5_000, 1_000_000] {
                    for _ in 0..4 {
                        let sum: u64 = Liar(0..len, said).par_bridge().sum();
                        assert_eq!(sum, len * len.saturating_sub(1) / 2, "{len}, not {said}");
                        let numbers = || Liar(0..len, said).par_bridge();
                        let mapped: Vec<u64> = numbers().map(|x| x + 1).collect();
                        assert_eq!(mapped.len() as u64, len);
                        let even: Vec<u64> = numbers().filter(|x| x % 2 == 0).collect();
                        assert_eq!(even.len() as u64, len.div_ceil(2), "{len}, not {said}");
                    }
                }
            }
        });
    }

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
