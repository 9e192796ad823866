//! A thread as a pool of its own, for as long as one call takes: how calls to the global pool work where the system gives no threads.
#![allow(unsafe_code)]

use super::handlers::Handlers;
use super::worker::{Seated, Worker};
use super::{House, WorkerPool};
use crate::park::parker::Parker;
use crate::primitive::Arc;
use crate::unwind;

/// Runs `f` with the calling thread as the only worker of a pool, and then whatever `f` has spawned.
///
/// Each call has a fresh pool. So no thread waits for another one to give it the seat, and nothing is left behind.
pub(super) fn sit<R>(f: impl FnOnce(&Worker) -> R) -> R {
    let parker = Parker::new();
    let unparkers = vec![parker.unparker().clone()];
    let pool = Arc::new(WorkerPool::new(
        unparkers,
        Handlers::default(),
        House::default(),
    ));
    // SAFETY: W2: nobody else knows of the pool.
    let worker = unsafe { Worker::new(Arc::clone(&pool), 0, parker) };
    let seated = Seated::new(&worker);
    let result = unwind::catch(|| f(&worker));
    let guard = unwind::AbortOnUnwind("finishing the jobs of a call unwound");
    pool.release();
    worker.wait_until(&|| pool.has_ended());
    guard.disarm();
    drop(seated);
    match result {
        Ok(result) => result,
        Err(payload) => unwind::resume(payload),
    }
}
