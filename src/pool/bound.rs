//! Threads that are workers without a run loop: those of [`use_current_thread`](crate::ThreadPoolBuilder::use_current_thread).

use std::cell::OnceCell;

use super::seat_thread::ThreadBuilder;
use super::worker::{Seated, Worker};

/// A worker that lives as long as its thread. The field order is the order of their ends.
struct Bound {
    seated: OnceCell<Seated>,
    worker: Worker,
}

crate::primitive::thread_lazy! {
    /// The worker that the thread became by itself, at most once.
    static BOUND: OnceCell<Bound> = OnceCell::new();
}

/// Whether the calling thread can become a worker: it is none yet, was never bound before, and is not at its end.
pub(super) fn can_bind() -> bool {
    Worker::with_current(|worker| worker.is_none())
        && BOUND
            .try_with(|bound| bound.get().is_none())
            .unwrap_or(false)
}

/// Makes the calling thread the worker of a seat, until it ends, and tells whether it [can](can_bind) be one.
pub(super) fn bind(seat: ThreadBuilder) -> bool {
    if !can_bind() {
        return false;
    }
    BOUND.with(|bound| {
        let bound = bound.get_or_init(|| Bound {
            seated: OnceCell::new(),
            worker: seat.into_worker(),
        });
        // Only now is it where it stays (W1).
        bound.seated.get_or_init(|| Seated::new(&bound.worker));
    });
    true
}

/// Whether this worker has no run loop.
pub(super) fn is_bound(worker: &Worker) -> bool {
    BOUND
        .try_with(|bound| {
            bound
                .get()
                .is_some_and(|bound| std::ptr::eq(&bound.worker, worker))
        })
        .unwrap_or(false)
}
