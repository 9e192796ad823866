//! [`Fifo`]: makes jobs of one thread begin in the order in which it left them, although a deque gives back the newest first,
//! and who looks in the injector for its own puts others back behind newer ones.
//!
//! The jobs stand in a line, and the deque or the injector holds a ticket for each. Whoever takes a ticket, the worker or a
//! thief, serves the first in line, whichever job the ticket was made for.
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

/// Leaves a job to `pool`, by way of the `line` for the caller's seat if it is one of the workers, else of that for all who are
/// outside (`None`).
///
/// # Safety
/// The line stays until every job in it has begun.
pub(crate) unsafe fn publish<'a>(
    pool: &WorkerPool,
    job: JobRef,
    line: impl FnOnce(Option<usize>) -> &'a Fifo,
) {
    Worker::with_current(|worker| {
        let worker = worker.filter(|worker| worker.is_of(pool));
        let line = line(worker.map(Worker::index));
        // SAFETY: the caller's promise.
        let ticket = unsafe { line.join(job) };
        match worker {
            Some(worker) => worker.publish(ticket),
            None => pool.inject(ticket),
        }
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::park::parker::Parker;
    use crate::pool::House;
    use crate::pool::handlers::Handlers;
    use crate::primitive::Arc;
    use crate::scope::in_place_scope_fifo_on;
    use crate::spawn::spawn_fifo_on;

    /// Calls `spawn` from outside with 0, 1 and 2, and then does the work of the pool, on whose seat nobody sits. In between
    /// somebody has had the first of the jobs in hand, and put it back behind the second one.
    fn rotated(pool: &WorkerPool, spawn: impl Fn(usize)) {
        spawn(0);
        let first = pool.take_injected().expect("it was just spawned");
        spawn(1);
        pool.inject(first);
        spawn(2);
        while let Some(job) = pool.take_injected() {
            job.run();
        }
    }

    #[test]
    fn jobs_from_outside_keep_their_order_when_they_are_put_back() {
        let own = Parker::new();
        let unparkers = vec![own.unparker().clone()];
        let pool = WorkerPool::new(unparkers, Handlers::default(), House::default());
        let (pool, order) = (Arc::new(pool), Arc::new(Mutex::new(Vec::new())));
        let take_order = || std::mem::take(&mut *order.lock().expect("no panic"));
        rotated(&pool, |number| {
            let order = Arc::clone(&order);
            spawn_fifo_on(&pool, move || order.lock().expect("no panic").push(number));
        });
        assert_eq!(take_order(), [0, 1, 2]);
        in_place_scope_fifo_on(&pool, |s| {
            rotated(&pool, |number| {
                let order = &order;
                s.spawn_fifo(move |_| order.lock().expect("no panic").push(number));
            });
        });
        assert_eq!(take_order(), [0, 1, 2]);
    }
}
