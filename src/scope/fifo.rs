//! [`scope_fifo`]: a scope whose jobs begin in the order in which they are spawned.
#![allow(unsafe_code)]

use std::fmt;

use super::base::{self, AnyScope, Base};
use crate::broadcast::BroadcastContext;
use crate::fifo::{self, Fifo};
use crate::pool::{WorkerPool, in_worker, with_current_pool};
use crate::primitive::Arc;

/// A [`Scope`](crate::Scope) that runs the jobs of each thread in the order in which it spawned them.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?; // nobody else takes any
/// let order = std::sync::Mutex::new(Vec::new());
/// pool.scope_fifo(|s| {
///     s.spawn_fifo(|_| order.lock().unwrap().push("first"));
///     s.spawn_fifo(|_| order.lock().unwrap().push("second"));
/// });
/// assert_eq!(order.into_inner().unwrap(), ["first", "second"]);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub struct ScopeFifo<'scope> {
    base: Base<'scope>,
    /// A line for each seat, used by its worker alone.
    lines: Box<[Fifo]>,
    /// One for all who are outside.
    outside: Fifo,
}

impl<'scope> ScopeFifo<'scope> {
    fn new(base: Base<'scope>) -> Self {
        let lines = (0..base.pool.num_threads()).map(|_| Fifo::new()).collect();
        Self {
            base,
            lines,
            outside: Fifo::new(),
        }
    }
}

impl<'scope> AnyScope<'scope> for ScopeFifo<'scope> {
    fn base(&self) -> &Base<'scope> {
        &self.base
    }
}

/// Calls `op` with a [`ScopeFifo`], and waits until all that was spawned on it is done.
///
/// # Order and cost
/// As [`scope`](crate::scope()), but of the jobs that one thread has spawned on this scope, the oldest begins first. Those of
/// different threads have no order. Each job passes through a queue with a lock, which costs more than the plain way.
///
/// # Panics
/// As [`scope`](crate::scope()).
///
/// ```
/// let mut parts = [0; 3];
/// lyocell::scope_fifo(|s| {
///     for (index, part) in parts.iter_mut().enumerate() {
///         s.spawn_fifo(move |_| *part = index);
///     }
/// });
/// assert_eq!(parts, [0, 1, 2]);
/// ```
pub fn scope_fifo<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R + Send,
    R: Send,
{
    in_worker(|worker, _| base::open(worker.pool(), ScopeFifo::new, op))
}

/// [`scope_fifo`] that stays on the calling thread, as [`in_place_scope`](crate::in_place_scope()) does.
///
/// # Panics
/// As [`scope`](crate::scope()).
///
/// ```
/// let local = std::rc::Rc::new(5); // could not leave this thread
/// let mut doubled = 0;
/// lyocell::in_place_scope_fifo(|s| {
///     let number = *local;
///     let doubled = &mut doubled;
///     s.spawn_fifo(move |_| *doubled = 2 * number);
/// });
/// assert_eq!(doubled, 10);
/// ```
pub fn in_place_scope_fifo<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R,
{
    with_current_pool(|pool| in_place_scope_fifo_on(pool, op))
}

/// [`in_place_scope_fifo`] with the jobs on a given pool.
pub(crate) fn in_place_scope_fifo_on<'scope, R>(
    pool: &Arc<WorkerPool>,
    op: impl FnOnce(&ScopeFifo<'scope>) -> R,
) -> R {
    base::open(pool, ScopeFifo::new, op)
}

impl<'scope> ScopeFifo<'scope> {
    /// Spawns a job that ends before the scope does, and begins after those that this thread has spawned here before.
    ///
    /// # Panics
    /// Never by itself. A panic in `body` is resumed where the scope ends.
    ///
    /// ```
    /// let mut count = 0;
    /// lyocell::scope_fifo(|s| s.spawn_fifo(|_| count += 1));
    /// assert_eq!(count, 1);
    /// ```
    pub fn spawn_fifo<BODY>(&self, body: BODY)
    where
        BODY: FnOnce(&ScopeFifo<'scope>) + Send + 'scope,
    {
        let job = base::job(self, body);
        let line = |seat: Option<usize>| seat.map_or(&self.outside, |index| &self.lines[index]);
        // SAFETY: S1: every job in a line keeps the scope, and with it the line, until it has run.
        unsafe { fifo::publish(&self.base.pool, job, line) };
    }

    /// Spawns a job on every thread of the pool, as [`Scope::spawn_broadcast`](crate::Scope::spawn_broadcast) does.
    ///
    /// # Panics
    /// Never by itself. The first panic in `body` is resumed where the scope ends.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// let calls = AtomicUsize::new(0);
    /// lyocell::scope_fifo(|s| s.spawn_broadcast(|_, _| _ = calls.fetch_add(1, Relaxed)));
    /// assert_eq!(calls.into_inner(), lyocell::current_num_threads());
    /// ```
    pub fn spawn_broadcast<BODY>(&self, body: BODY)
    where
        BODY: Fn(&ScopeFifo<'scope>, BroadcastContext<'_>) + Send + Sync + 'scope,
    {
        base::broadcast(self, body);
    }
}

impl fmt::Debug for ScopeFifo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.print("ScopeFifo", f)
    }
}
