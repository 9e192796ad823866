//! [`Fifo`]: makes jobs of one worker begin in the order in which it left them, although a deque gives back the newest first.
//!
//! The jobs stand in a line, and the deque holds a ticket for each. Whoever takes a ticket, the worker or a thief, serves
//! the first in line, whichever job the ticket was made for.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use crate::job::JobRef;
use crate::pool::WorkerPool;
use crate::pool::worker::Worker;
use crate::queue::JobQueue;

/// A line of jobs.
///
/// F1 a ticket is made after its job has joined the line. So whoever holds a ticket finds a job there.
/// F2 all jobs of a line are of one region, or a ticket would lead into another one.
pub(crate) struct Fifo(JobQueue);

impl Fifo {
    pub(crate) fn new() -> Self {
        Self(JobQueue::new())
    }

    /// Puts `job` at the end of the line, and gives its ticket.
    ///
    /// # Safety
    /// The line stays until every job in it has begun (J2 for the ticket).
    pub(crate) unsafe fn join(&self, job: JobRef) -> JobRef {
        let region = job.region;
        self.0.push(job);
        // SAFETY: J2 is the caller's promise, and J4 holds since the queue has a lock. J3: `serve` only runs another job.
        unsafe { JobRef::new(NonNull::from(self).cast(), Self::serve, region) }
    }

    /// Runs the first job in line.
    unsafe fn serve(this: NonNull<()>) {
        // SAFETY: J2: the line stays at least until its last job has begun.
        let line = unsafe { this.cast::<Self>().as_ref() };
        let first = line.0.take().expect("F1: there is a job for each ticket");
        first.run();
    }
}

/// Leaves a job to `pool`: by way of the `line` for its seat if the caller is one of the workers, else in the injector, which
/// keeps the order anyway.
///
/// # Safety
/// The line stays until every job in it has begun.
pub(crate) unsafe fn publish<'a>(
    pool: &WorkerPool,
    job: JobRef,
    line: impl FnOnce(usize) -> &'a Fifo,
) {
    Worker::with_current(|worker| match worker {
        Some(worker) if worker.is_of(pool) => {
            let line = line(worker.index());
            // SAFETY: the caller's promise.
            worker.publish(unsafe { line.join(job) });
        }
        _ => pool.inject(job),
    });
}
