//! [`spawn`] and [`spawn_fifo`]: work that nobody waits for.
#![allow(unsafe_code)]

use crate::fifo;
use crate::job::{HeapJob, JobRef};
use crate::pool::{WorkerPool, with_current_pool};
use crate::primitive::Arc;
use crate::region::Region;
use crate::unwind;

/// Leaves `func` to the current pool and goes on. To hear of its end, let it send a message.
///
/// The current pool is that of the calling worker, else the global one. Jobs spawned on one worker begin in no
/// particular order; [`spawn_fifo`] keeps one. The global pool is not waited for when `main` returns.
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
    with_current_pool(|pool| spawn_on(pool, func));
}

/// [`spawn`] on a given pool.
pub(crate) fn spawn_on(pool: &Arc<WorkerPool>, func: impl FnOnce() + Send + 'static) {
    pool.publish(detached(pool, func));
}

/// [`spawn`] that keeps the order: jobs spawned so on one thread begin in the order in which it spawned them.
///
/// Those of different threads have no order. Each passes through a queue with a lock, which costs more than `spawn`.
///
/// # Panics
/// As [`spawn`].
///
/// ```
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?; // nobody else takes any
/// pool.install(|| {
///     for number in 0..3 {
///         let sender = sender.clone();
///         lyocell::spawn_fifo(move || sender.send(number).unwrap());
///     }
/// });
/// drop(sender);
/// assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 1, 2]);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn spawn_fifo<F>(func: F)
where
    F: FnOnce() + Send + 'static,
{
    with_current_pool(|pool| spawn_fifo_on(pool, func));
}

/// [`spawn_fifo`] on a given pool.
pub(crate) fn spawn_fifo_on(pool: &Arc<WorkerPool>, func: impl FnOnce() + Send + 'static) {
    let job = detached(pool, func);
    // SAFETY: the lines stay as long as the pool, which the job keeps until it has run.
    unsafe { fifo::publish(pool, job, |seat| pool.line(seat)) };
}

/// A job that `pool` lives for until it has run, and whose panic goes to the panic handler.
pub(crate) fn detached(pool: &Arc<WorkerPool>, func: impl FnOnce() + Send + 'static) -> JobRef {
    pool.hold();
    let home = Arc::clone(pool);
    let task = move || {
        if let Err(payload) = unwind::catch(func) {
            home.report_panic(payload);
        }
        home.release();
    };
    // SAFETY: J2: `'static`. J4: `Send`, and so is the pool.
    unsafe { HeapJob::job_ref(task, Region::NONE) }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// On a pool of one, so that nobody else takes any: the newest first, or in order.
    #[test]
    fn spawned_jobs_run_before_the_pool_has_ended() {
        for is_fifo in [false, true] {
            let pool = crate::ThreadPoolBuilder::new().num_threads(1).build();
            let pool = pool.expect("a pool");
            let order = Arc::new(Mutex::new(Vec::new()));
            pool.install(|| {
                for number in 0..5 {
                    let order = Arc::clone(&order);
                    let job = move || order.lock().expect("no panic").push(number);
                    if is_fifo {
                        spawn_fifo(job);
                    } else {
                        spawn(job);
                    }
                }
            });
            pool.shutdown();
            let mut order = std::mem::take(&mut *order.lock().expect("no panic"));
            if !is_fifo {
                order.reverse();
            }
            assert_eq!(order, [0, 1, 2, 3, 4]);
        }
    }
}
