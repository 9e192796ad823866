//! [`spawn`]: work that nobody waits for; and the ways to help out while waiting for something else.
#![allow(unsafe_code)]

use crate::job::HeapJob;
use crate::pool::worker::Worker;
use crate::pool::{WorkerPool, current_pool};
use crate::primitive::Arc;
use crate::region::Region;
use crate::unwind;

/// Leaves `func` to the current pool and goes on. To hear of its end, let it send a message.
///
/// The current pool is that of the calling worker, else the global one. Jobs spawned on one worker begin in no
/// particular order. The global pool is not waited for when `main` returns.
///
/// # Panics
/// Never by itself. A panic in `func` goes to the pool's [`panic_handler`](crate::ThreadPoolBuilder::panic_handler); without
/// one, it aborts the process.
///
/// ```
/// let (sender, receiver) = std::sync::mpsc::channel();
/// lyocell::spawn(move || sender.send(6 * 7).unwrap());
/// assert_eq!(receiver.recv(), Ok(42));
/// ```
pub fn spawn<F>(func: F)
where
    F: FnOnce() + Send + 'static,
{
    spawn_on(&current_pool(), func);
}

/// [`spawn`] on a given pool.
pub(crate) fn spawn_on(pool: &Arc<WorkerPool>, func: impl FnOnce() + Send + 'static) {
    pool.hold();
    let home = Arc::clone(pool);
    let task = move || {
        if let Err(payload) = unwind::catch(func) {
            home.report_panic(payload);
        }
        home.release();
    };
    // SAFETY: J2: `'static`. J4: `Send`, and so is the pool.
    pool.publish(unsafe { HeapJob::job_ref(task, Region::NONE) });
}

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
    Worker::with_current(|worker| worker.map(|worker| Yield::from_ran(worker.run_any_job())))
}

/// Runs one job of the calling worker's own, if there is one. `None` outside of every pool.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
/// assert_eq!(pool.install(lyocell::yield_local), Some(lyocell::Yield::Idle));
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn yield_local() -> Option<Yield> {
    Worker::with_current(|worker| worker.map(|worker| Yield::from_ran(worker.run_own_job())))
}
