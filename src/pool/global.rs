//! The global pool: started on first use, never stopped.

use std::sync::{Mutex, PoisonError};

use super::WorkerPool;
use super::builder::{ThreadPoolBuildError, ThreadPoolBuilder};
use super::handle::ThreadPool;
use crate::primitive::{Arc, fixed::OnceLock};

static GLOBAL: OnceLock<ThreadPool> = OnceLock::new();

/// Starts the global pool as `builder` says, unless there is one.
pub(crate) fn start(
    builder: ThreadPoolBuilder,
) -> Result<&'static ThreadPool, ThreadPoolBuildError> {
    /// Held while the pool starts, so that two threads do not both start one.
    static STARTING: Mutex<()> = Mutex::new(());
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if GLOBAL.get().is_some() {
        return Err(ThreadPoolBuildError::already_initialized());
    }
    let pool = builder.build()?;
    Ok(GLOBAL.get_or_init(|| pool))
}

/// The global pool.
///
/// # Panics
/// If it has to be started, and the system refuses a thread.
#[inline]
pub(crate) fn pool() -> &'static Arc<WorkerPool> {
    GLOBAL.get().unwrap_or_else(|| start_by_default()).pool()
}

#[cold]
fn start_by_default() -> &'static ThreadPool {
    start(ThreadPoolBuilder::new()).unwrap_or_else(|error| match GLOBAL.get() {
        Some(pool) => pool, // another thread was faster
        None => panic!("the global thread pool could not be started: {error}"),
    })
}
