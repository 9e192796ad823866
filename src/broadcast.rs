//! [`broadcast`]: one closure on every thread of a pool.

use std::fmt;

use crate::pool::worker::Worker;
use crate::pool::{WorkerPool, with_current_pool};
use crate::primitive::{Arc, Mutex, lock};
use crate::scope::{Scope, in_place_scope_on};
use crate::spawn::detached;

/// What a broadcast closure learns of the thread it runs on.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(3).build()?;
/// let places = pool.broadcast(|context| (context.index(), context.num_threads()));
/// assert_eq!(places, [(0, 3), (1, 3), (2, 3)]);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub struct BroadcastContext<'a> {
    worker: &'a Worker,
    num_threads: usize,
}

impl BroadcastContext<'_> {
    /// Gives `f` the context of the calling worker, one of `num_threads`.
    pub(crate) fn with<R>(num_threads: usize, f: impl FnOnce(BroadcastContext<'_>) -> R) -> R {
        Worker::with_current(|worker| {
            let worker = worker.expect("mailboxes are emptied by workers");
            f(BroadcastContext {
                worker,
                num_threads,
            })
        })
    }

    /// The index of the thread, below [`num_threads`](Self::num_threads).
    ///
    /// ```
    /// let indices = lyocell::broadcast(|context| context.index());
    /// assert_eq!(indices, Vec::from_iter(0..lyocell::current_num_threads()));
    /// ```
    #[inline]
    pub fn index(&self) -> usize {
        self.worker.index()
    }

    /// How many threads the closure is called on.
    ///
    /// ```
    /// assert!(lyocell::broadcast(|context| context.num_threads() >= 1).into_iter().all(|enough| enough));
    /// ```
    #[inline]
    pub fn num_threads(&self) -> usize {
        self.num_threads
    }
}

impl fmt::Debug for BroadcastContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastContext")
            .field("index", &self.index())
            .field("num_threads", &self.num_threads())
            .finish()
    }
}

/// Calls `op` once on each thread of the current pool, and gives all results, by the index of the thread. If the pool has ended, and
/// the caller is still [bound](crate::ThreadPoolBuilder::use_current_thread) to it, that is one call.
///
/// The current pool is that of the calling worker, else the global one. Threads that sleep are woken for it; one that is busy
/// comes to it when it has no more jobs of its own, or next has to wait for something. Of several broadcasts, every thread
/// sees the same order, unless it waits for part of one of them: in a call from outside, or within [`isolate`](crate::isolate()), such a
/// thread comes to that one first. So the closures of two broadcasts should not wait for one another.
///
/// What waits in a call from outside leaves strangers' jobs alone, so that a lock may be held around the call. If the call broadcasts, other
/// broadcasts are an exception, since each would wait for the other: their closures should not want that lock.
///
/// Within `isolate`, the caller does nobody else's jobs while it waits for the other threads. If one of these waits within an
/// `isolate` of its own for something that the caller was to do, both wait for ever.
///
/// # Panics
/// If `op` does. It is called on all threads nevertheless; the payload is that of the first panic.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// let calls = AtomicUsize::new(0);
/// let squares = lyocell::broadcast(|context| {
///     calls.fetch_add(1, Relaxed);
///     context.index().pow(2)
/// });
/// assert_eq!(squares.len(), calls.into_inner());
/// assert_eq!(squares[0], 0);
/// ```
pub fn broadcast<OP, R>(op: OP) -> Vec<R>
where
    OP: Fn(BroadcastContext<'_>) -> R + Sync,
    R: Send,
{
    with_current_pool(|pool| broadcast_on(pool, op))
}

/// [`broadcast`] on a given pool.
pub(crate) fn broadcast_on<OP, R>(pool: &Arc<WorkerPool>, op: OP) -> Vec<R>
where
    OP: Fn(BroadcastContext<'_>) -> R + Sync,
    R: Send,
{
    // One slot for each thread; no two want the same lock.
    let slots: Vec<Mutex<Option<R>>> = (0..pool.num_threads()).map(|_| Mutex::new(None)).collect();
    in_place_scope_on(pool, |scope: &Scope<'_>| {
        scope.spawn_broadcast(|_, context| {
            let slot = &slots[context.index()];
            let result = op(context);
            *lock(slot) = Some(result);
        });
    });
    // Each thread that was called has stored its result, or the scope has panicked.
    let result = |slot: Mutex<Option<R>>| lock(&slot).take();
    slots.into_iter().filter_map(result).collect()
}

/// Leaves `op` to the current pool, to be called once on each of its threads, and goes on.
///
/// # Panics
/// Never by itself. Panics in `op` go to the pool's [`panic_handler`](crate::ThreadPoolBuilder::panic_handler), each for itself;
/// without one, the first aborts the process.
///
/// ```
/// let (sender, receiver) = std::sync::mpsc::channel();
/// lyocell::spawn_broadcast(move |context| sender.send(context.index()).unwrap());
/// let mut indices: Vec<_> = receiver.iter().collect(); // ends with the last copy of the sender
/// indices.sort();
/// assert_eq!(indices, Vec::from_iter(0..lyocell::current_num_threads()));
/// ```
pub fn spawn_broadcast<OP>(op: OP)
where
    OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
{
    with_current_pool(|pool| spawn_broadcast_on(pool, op));
}

/// [`spawn_broadcast`] on a given pool.
pub(crate) fn spawn_broadcast_on<OP>(pool: &Arc<WorkerPool>, op: OP)
where
    OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
{
    let op = Arc::new(op);
    pool.post(|count| {
        let op = Arc::clone(&op);
        detached(pool, move || {
            BroadcastContext::with(count, |context| op(context));
        })
    });
}
