//! What the calling thread can ask about its own pool.

use super::global;
use super::worker::Worker;
use crate::park::global::MAX_WORKERS;

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
        None => global::num_threads(),
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

/// Whether the calling thread has jobs of its own waiting that others may steal; `None` outside of every pool.
///
/// ```
/// assert_eq!(lyocell::current_thread_has_pending_tasks(), None);
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
/// assert_eq!(pool.install(lyocell::current_thread_has_pending_tasks), Some(false));
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn current_thread_has_pending_tasks() -> Option<bool> {
    Worker::with_current(|worker| worker.map(Worker::has_own_jobs))
}

/// The most threads that a pool can have.
///
/// ```
/// assert!(lyocell::max_num_threads() >= 255);
/// ```
pub fn max_num_threads() -> usize {
    MAX_WORKERS
}
