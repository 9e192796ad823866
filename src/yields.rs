//! [`yield_now`], [`yield_local`]: ways to help out while waiting for something that the library knows nothing of.

use crate::pool::worker::Worker;

/// What came of a [`yield_now`] or [`yield_local`].
///
/// ```
/// assert_eq!(lyocell::yield_now(), None); // not on a worker
/// assert_ne!(lyocell::Yield::Executed, lyocell::Yield::Idle);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yield {
    /// A job was found and run.
    Executed,
    /// There was nothing to run.
    Idle,
}

impl Yield {
    fn from_ran(has_run: bool) -> Self {
        if has_run { Self::Executed } else { Self::Idle }
    }
}

/// Runs one job that waits anywhere in the pool, if there is one. `None` outside of every pool.
///
/// For a worker that waits for something the library knows nothing of, such as a flag, and that would keep its pool short
/// of a thread meanwhile.
///
/// Within [`isolate`](crate::isolate()) it takes only jobs that were made there. So what it waits for should come from within, too.
///
/// # Deadlocks
/// Elsewhere the job may belong to anybody, and is done on top of what the caller does. If it wants a lock that is held around the call,
/// it waits for ever.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
/// static READY: AtomicBool = AtomicBool::new(false);
///
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
/// pool.install(|| {
///     lyocell::spawn(|| READY.store(true, SeqCst));
///     while !READY.load(SeqCst) {
///         assert_eq!(lyocell::yield_now(), Some(lyocell::Yield::Executed));
///     }
/// });
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn yield_now() -> Option<Yield> {
    Worker::with_current(|worker| worker.map(|worker| Yield::from_ran(worker.yield_to_any())))
}

/// Runs one job of the calling worker's own, if there is one. `None` outside of every pool.
///
/// It is the job that the worker has forked or spawned last, for whatever call; within [`isolate`](crate::isolate()), for one made there. As
/// for [`yield_now`], it should not want what the caller has.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
/// assert_eq!(pool.install(lyocell::yield_local), Some(lyocell::Yield::Idle));
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn yield_local() -> Option<Yield> {
    Worker::with_current(|worker| worker.map(|worker| Yield::from_ran(worker.yield_to_own())))
}
