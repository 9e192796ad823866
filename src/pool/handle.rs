//! [`ThreadPool`]: the owner's view of a pool.

use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

use super::worker::Worker;
use super::{WorkerPool, bound, in_worker_of};
#[allow(deprecated)]
use crate::configuration::Configuration;
use crate::primitive::{Arc, has_ended, thread};
use crate::yields::{Yield, yield_local, yield_now};

/// A pool of worker threads of one's own.
///
/// Most programs need none: [`join`](crate::join()), [`scope`](crate::scope()) and the iterators use the global pool. A pool of one's
/// own has its own width, thread names and stacks, and keeps its work apart from that of others.
///
/// Whatever runs inside [`install`](Self::install) runs on this pool, iterators included.
///
/// A child process made by `fork` has none of the threads. There, using the pool panics, and dropping it does nothing.
///
/// Dropping the handle finishes what was spawned on the pool, then ends its threads and joins them. But a spawned job or a handler
/// may be waiting for the very thread that drops the pool. So after three seconds the drop gives up waiting: the
/// threads finish what there is and end by themselves, as they do if the pool is dropped on one of them.
/// [`shutdown`](Self::shutdown) waits for however long it takes.
///
/// ```
/// use lyocell::prelude::*;
///
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
/// let sum: u64 = pool.install(|| (1..=1_000_u64).into_par_iter().sum());
/// assert_eq!(sum, 500_500);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub struct ThreadPool {
    pool: Arc<WorkerPool>,
    threads: Vec<thread::JoinHandle<()>>,
    at_drop: AtDrop,
}

/// What dropping the handle does about the threads.
enum AtDrop {
    /// Joins them; but those that are still at the user's code after a while, which may be waiting for us, end by themselves.
    JoinForAWhile,
    /// Joins them.
    Join,
    /// Lets them end by themselves.
    LeaveBe,
}

impl ThreadPool {
    /// As [`ThreadPoolBuilder::build`](crate::ThreadPoolBuilder::build), in the old way.
    ///
    /// # Errors
    /// As there.
    #[deprecated(note = "use `ThreadPoolBuilder::build`")]
    #[allow(deprecated)]
    pub fn new(configuration: Configuration) -> Result<Self, Box<dyn Error>> {
        configuration.build()
    }

    /// The handle of a pool on whose seats nobody sits yet.
    pub(super) fn from_pool(pool: Arc<WorkerPool>) -> Self {
        Self {
            pool,
            threads: Vec::new(),
            at_drop: AtDrop::JoinForAWhile,
        }
    }

    /// Keeps a thread to be joined, if there is one.
    pub(super) fn keep(&mut self, thread: Option<thread::JoinHandle<()>>) {
        self.threads.extend(thread);
    }

    /// Ends the pool without waiting for anything.
    pub(super) fn let_go(mut self) {
        self.at_drop = AtDrop::LeaveBe;
    }

    /// Finishes what was spawned on the pool, then ends its threads and joins them, but for those that a
    /// [`spawn_handler`](crate::ThreadPoolBuilder::spawn_handler) has started.
    ///
    /// On one of the pool's own threads it does not wait, because that would be for ever.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// static DONE: AtomicUsize = AtomicUsize::new(0);
    ///
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// for _ in 0..10 {
    ///     pool.spawn(|| { DONE.fetch_add(1, Relaxed); });
    /// }
    /// pool.shutdown();
    /// assert_eq!(DONE.load(Relaxed), 10);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn shutdown(mut self) {
        self.at_drop = AtDrop::Join;
    }

    /// # Panics
    /// If the process is a child of the one that the pool was built in: there it has no threads.
    #[inline]
    pub(crate) fn pool(&self) -> &Arc<WorkerPool> {
        if self.pool.is_of_a_parent() {
            used_in_a_child();
        }
        &self.pool
    }

    /// Runs `op` on a thread of this pool, and waits for it. Parallel calls within use this pool.
    ///
    /// On one of the pool's own threads, `op` runs at once. On a thread of another pool, that thread does its own pool's jobs
    /// while it waits. A thread of no pool becomes one of this pool's for the length of the call, in the place of an idle
    /// one, if [callers take part](crate::ThreadPoolBuilder::caller_participates) and there is one; else it blocks.
    ///
    /// # Panics
    /// If `op` does, with its payload.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// assert_eq!(pool.install(lyocell::current_num_threads), 3);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn install<OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce() -> R + Send,
        R: Send,
    {
        in_worker_of(self.pool(), |_, _| op())
    }

    /// How many threads the pool has.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(5).build()?;
    /// assert_eq!(pool.current_num_threads(), 5);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn current_num_threads(&self) -> usize {
        self.pool.num_threads()
    }

    /// The index of the calling thread in this pool, below [`current_num_threads`](Self::current_num_threads); `None` for
    /// a thread that is not one of this pool's.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// assert_eq!(pool.current_thread_index(), None);
    /// assert_eq!(pool.install(|| pool.current_thread_index()), Some(0));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn current_thread_index(&self) -> Option<usize> {
        self.with_own_worker(Worker::index)
    }

    /// Whether the calling thread has jobs of its own waiting that others may steal; `None` for a thread that is
    /// not one of this pool's.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// assert_eq!(pool.current_thread_has_pending_tasks(), None);
    /// pool.install(|| {
    ///     assert_eq!(pool.current_thread_has_pending_tasks(), Some(false));
    ///     pool.spawn(|| ());
    ///     assert_eq!(pool.current_thread_has_pending_tasks(), Some(true)); // nobody else is there to take it
    /// });
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn current_thread_has_pending_tasks(&self) -> Option<bool> {
        self.with_own_worker(Worker::has_own_jobs)
    }

    /// [`yield_now`](crate::yield_now()), for a thread of this pool; `None` on any other.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// assert_eq!(pool.yield_now(), None);
    /// assert_eq!(pool.install(|| pool.yield_now()), Some(lyocell::Yield::Idle));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn yield_now(&self) -> Option<Yield> {
        self.with_own_worker(|_| yield_now()).flatten()
    }

    /// [`yield_local`](crate::yield_local()), for a thread of this pool; `None` on any other.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let yields = pool.install(|| {
    ///     pool.spawn(|| ());
    ///     (pool.yield_local(), pool.yield_local())
    /// });
    /// assert_eq!(yields, (Some(lyocell::Yield::Executed), Some(lyocell::Yield::Idle)));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn yield_local(&self) -> Option<Yield> {
        self.with_own_worker(|_| yield_local()).flatten()
    }

    fn with_own_worker<R>(&self, f: impl FnOnce(&Worker) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.filter(|worker| worker.is_of(&self.pool)).map(f))
    }
}

#[cold]
fn used_in_a_child() -> ! {
    panic!(
        "a thread pool was used in a child process made by `fork`, which has none of its threads"
    );
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        if self.pool.is_of_a_parent() {
            // The threads are not ours to join, nor even to detach.
            return std::mem::forget(std::mem::take(&mut self.threads));
        }
        self.pool.release();
        let finish_here = |worker: &Worker| {
            // It has no run loop that would come to them. (Jobs of other threads are finished there.)
            while bound::is_bound(worker) && worker.run_any_job() {}
        };
        // A worker that joined itself would wait for ever.
        let is_outside = self.with_own_worker(finish_here).is_none();
        let joins = match self.at_drop {
            AtDrop::JoinForAWhile => is_outside && (self.will_end_at_once() || self.end_in_time()),
            AtDrop::Join => is_outside,
            AtDrop::LeaveBe => false,
        };
        if joins {
            for thread in self.threads.drain(..) {
                // A worker that unwinds aborts, so there is no panic to pass on.
                let _ = thread.join();
            }
        }
    }
}

/// How long dropping a pool waits for the user's code on its threads, and how often it looks, at most and at least.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOKS: [Duration; 2] = [Duration::from_micros(20), Duration::from_millis(5)];

impl ThreadPool {
    /// Whether the threads have none of the user's code left to run.
    fn will_end_at_once(&self) -> bool {
        self.pool.has_ended() && self.pool.handlers().are_for_jobs_only()
    }

    /// Waits for the threads to end, for a while, and tells whether they did. std has no join that gives up.
    fn end_in_time(&self) -> bool {
        let begun = Instant::now();
        let mut pause = LOOKS[0];
        while !self.threads.iter().all(has_ended) {
            if begun.elapsed() > PATIENCE {
                return false;
            }
            std::thread::sleep(pause);
            pause = LOOKS[1].min(2 * pause);
        }
        true
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("num_threads", &self.current_num_threads())
            .finish_non_exhaustive()
    }
}
