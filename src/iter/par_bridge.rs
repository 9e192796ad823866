//! `par_bridge`: a sequential iterator that feeds many threads.

use crate::primitive::Mutex;
use crate::primitive::{AtomicBool, AtomicUsize, Ordering};
use std::iter::Fuse;

use super::ParallelIterator;
use super::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

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
    /// Items come in no order, not even within a piece when they are collected. Each is fetched under a
    /// lock, so it should cost much more to work on an item than to get it.
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
        let threads = crate::current_num_threads();
        let shared = Shared {
            iter: Mutex::new(self.iter.fuse()),
            splits_left: AtomicUsize::new(threads),
            is_inside: (0..threads).map(|_| AtomicBool::new(false)).collect(),
        };
        bridge_unindexed(&shared, consumer)
    }
}

/// The one source of all pieces. A piece is a thread that takes from it.
struct Shared<Iter> {
    iter: Mutex<Fuse<Iter>>,
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
        self.iter.lock().ok()?.next()
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

    fn fold_with<F: Folder<Iter::Item>>(self, mut folder: F) -> F {
        if self.may_begin() {
            while let Some(item) = self.next() {
                folder = folder.consume(item);
                if folder.full() {
                    break;
                }
            }
        }
        folder
    }
}
