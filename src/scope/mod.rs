//! [`scope`]: any number of jobs that borrow from the caller's frame.

mod base;
mod fifo;

use std::fmt;

use crate::broadcast::BroadcastContext;
use crate::pool::{WorkerPool, in_worker, with_current_pool};
use crate::primitive::Arc;
use base::{AnyScope, Base};

pub(crate) use fifo::in_place_scope_fifo_on;
pub use fifo::{ScopeFifo, in_place_scope_fifo, scope_fifo};

/// Where jobs are spawned that may borrow everything that outlives the scope.
///
/// ```
/// let mut words = vec!["warp", "weft"];
/// lyocell::scope(|s| {
///     for word in &mut words {
///         s.spawn(move |_| *word = &word[1..]);
///     }
/// });
/// assert_eq!(words, ["arp", "eft"]);
/// ```
pub struct Scope<'scope>(Base<'scope>);

impl<'scope> AnyScope<'scope> for Scope<'scope> {
    fn base(&self) -> &Base<'scope> {
        &self.0
    }
}

/// Calls `op` with a [`Scope`], and waits until all that was spawned on it is done.
///
/// `op` runs on a worker of the current pool: at once, if the caller is one, else it moves to the global pool. Jobs
/// spawned on the scope may spawn more on it.
///
/// # Order and cost
/// A job begins no sooner than it is spawned, and ends before `scope` returns; all else is open. Each costs an allocation.
/// Where two closures are enough, [`join`](crate::join()) costs less.
///
/// # Panics
/// If `op` or a job does. All other jobs run nevertheless; the payload is that of the first panic.
///
/// ```
/// let numbers = [1, 2, 3, 4];
/// let (mut sum, mut product) = (0, 0);
/// let count = lyocell::scope(|s| {
///     s.spawn(|_| sum = numbers.iter().sum());
///     s.spawn(|_| product = numbers.iter().product());
///     numbers.len()
/// });
/// assert_eq!((count, sum, product), (4, 10, 24));
/// ```
///
/// What a job borrows must outlive the scope:
///
/// ```compile_fail,E0373
/// lyocell::scope(|s| {
///     let short = 1;
///     s.spawn(|_| println!("{short}"));
/// });
/// ```
pub fn scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R + Send,
    R: Send,
{
    in_worker(|worker, _| base::open(worker.pool(), Scope, op))
}

/// [`scope`] that stays on the calling thread: `op` need not be `Send`. Only the spawned jobs run in the pool.
///
/// On a thread outside of every pool, they go to the global pool, and the thread blocks until they are done.
///
/// # Panics
/// As [`scope`].
///
/// ```
/// let local = std::rc::Rc::new(5); // could not leave this thread
/// let mut doubled = 0;
/// lyocell::in_place_scope(|s| {
///     let number = *local;
///     let doubled = &mut doubled;
///     s.spawn(move |_| *doubled = 2 * number);
/// });
/// assert_eq!(doubled, 10);
/// ```
pub fn in_place_scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R,
{
    with_current_pool(|pool| in_place_scope_on(pool, op))
}

/// [`in_place_scope`] with the jobs on a given pool.
pub(crate) fn in_place_scope_on<'scope, R>(
    pool: &Arc<WorkerPool>,
    op: impl FnOnce(&Scope<'scope>) -> R,
) -> R {
    base::open(pool, Scope, op)
}

impl<'scope> Scope<'scope> {
    /// Spawns a job that ends before the scope does.
    ///
    /// # Panics
    /// Never by itself. A panic in `body` is resumed where the scope ends.
    ///
    /// ```
    /// let mut order = Vec::new();
    /// lyocell::scope(|s| {
    ///     s.spawn(|s| {
    ///         order.push("outer");
    ///         let order = &mut order;
    ///         s.spawn(move |_| order.push("inner"));
    ///     });
    /// });
    /// assert_eq!(order, ["outer", "inner"]);
    /// ```
    pub fn spawn<BODY>(&self, body: BODY)
    where
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        self.0.pool.publish(base::job(self, body));
    }

    /// Spawns a job on every thread of the pool; all of them end before the scope does. [`broadcast`](crate::broadcast())
    /// tells when a thread comes to it.
    ///
    /// # Panics
    /// Never by itself. The first panic in `body` is resumed where the scope ends.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// let calls = AtomicUsize::new(0);
    /// lyocell::scope(|s| {
    ///     s.spawn_broadcast(|_, context| {
    ///         assert_eq!(lyocell::current_thread_index(), Some(context.index()));
    ///         calls.fetch_add(1, Relaxed);
    ///     });
    /// });
    /// assert_eq!(calls.into_inner(), lyocell::current_num_threads());
    /// ```
    pub fn spawn_broadcast<BODY>(&self, body: BODY)
    where
        BODY: Fn(&Scope<'scope>, BroadcastContext<'_>) + Send + Sync + 'scope,
    {
        base::broadcast(self, body);
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.print("Scope", f)
    }
}
