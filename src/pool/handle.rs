//! [`ThreadPool`]: the owner's view of a pool.

use std::{fmt, io};

use super::builder::worker_main;
use super::worker::Worker;
use super::{WorkerPool, global, in_worker_of};
use crate::join::join;
use crate::park::parker::Parker;
use crate::primitive::{Arc, thread};
use crate::scope::{Scope, in_place_scope_on, scope};
use crate::spawn::{Yield, spawn_on, yield_local, yield_now};

/// A pool of worker threads of one's own.
///
/// Most programs need none: [`join`](crate::join()), [`scope`](crate::scope()) and the iterators use the global pool. A pool of one's
/// own has its own width, thread names and stacks, and keeps its work apart from that of others.
///
/// Whatever runs inside [`install`](Self::install) runs on this pool, iterators included.
///
/// Dropping the handle finishes what was spawned on the pool, then ends its threads and joins them. (Dropped on
/// one of its own threads, it lets them end by themselves.)
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
}

impl ThreadPool {
    /// The handle of a pool on whose seats nobody sits yet.
    pub(crate) fn new(pool: Arc<WorkerPool>) -> Self {
        Self {
            pool,
            threads: Vec::new(),
        }
    }

    /// Starts the thread of seat `index`.
    pub(crate) fn start(
        &mut self,
        thread: thread::Builder,
        index: usize,
        parker: Parker,
    ) -> io::Result<()> {
        let pool = Arc::clone(&self.pool);
        let thread = thread.spawn(move || worker_main(pool, index, parker))?;
        self.threads.push(thread);
        Ok(())
    }

    pub(crate) fn pool(&self) -> &Arc<WorkerPool> {
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
        in_worker_of(&self.pool, |_, _| op())
    }

    /// [`join`](crate::join()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// assert_eq!(pool.join(|| 6 * 7, || "warp"), (42, "warp"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn join<A, B, RA, RB>(&self, oper_a: A, oper_b: B) -> (RA, RB)
    where
        A: FnOnce() -> RA + Send,
        B: FnOnce() -> RB + Send,
        RA: Send,
        RB: Send,
    {
        self.install(|| join(oper_a, oper_b))
    }

    /// [`scope`](crate::scope()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let (mut left, mut right) = (0, 0);
    /// pool.scope(|s| {
    ///     s.spawn(|_| left = 1);
    ///     s.spawn(|_| right = 2);
    /// });
    /// assert_eq!((left, right), (1, 2));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R + Send,
        R: Send,
    {
        self.install(|| scope(op))
    }

    /// [`in_place_scope`](crate::in_place_scope()) whose jobs go to this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let here = std::thread::current().id();
    /// pool.in_place_scope(|s| {
    ///     assert_eq!(std::thread::current().id(), here);
    ///     s.spawn(move |_| assert_ne!(std::thread::current().id(), here));
    /// });
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn in_place_scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R,
    {
        in_place_scope_on(&self.pool, op)
    }

    /// [`spawn`](crate::spawn()) on this pool. Dropping the pool waits for the job.
    ///
    /// ```
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// pool.spawn(move || sender.send("done").unwrap());
    /// drop(pool);
    /// assert_eq!(receiver.try_recv(), Ok("done"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn spawn<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn_on(&self.pool, op);
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

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.pool.release();
        // A worker that joined itself would wait for ever.
        if self.with_own_worker(|_| ()).is_none() {
            for thread in self.threads.drain(..) {
                // A worker that unwinds aborts, so there is no panic to pass on.
                let _ = thread.join();
            }
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("num_threads", &self.current_num_threads())
            .finish_non_exhaustive()
    }
}

/// How many threads the current pool has: that of the calling worker, else the global one.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(4).build()?;
/// assert_eq!(pool.install(lyocell::current_num_threads), 4);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn current_num_threads() -> usize {
    Worker::with_current(|worker| match worker {
        Some(worker) => worker.pool().num_threads(),
        None => global::pool().num_threads(),
    })
}

/// The index of the calling thread in its pool, below [`current_num_threads`]; `None` outside of every pool.
///
/// ```
/// assert_eq!(lyocell::current_thread_index(), None);
/// lyocell::scope(|_| assert!(lyocell::current_thread_index().unwrap() < lyocell::current_num_threads()));
/// ```
pub fn current_thread_index() -> Option<usize> {
    Worker::with_current(|worker| worker.map(Worker::index))
}
