//! [`WorkerPool`]: what the workers of a pool share, and how work enters it.

pub(crate) mod builder;
pub(crate) mod global;
pub(crate) mod guest;
pub(crate) mod handle;
pub(crate) mod worker;

use std::iter;

use crate::barrier;
use crate::deque::Deque;
use crate::job::{JobRef, StackJob};
use crate::latch::Latch;
use crate::park::global::GlobalParker;
use crate::park::parker::{Unparker, own_parker};
use crate::primitive::{Arc, AtomicUsize, CachePadded, Injector, Ordering, fence, left_out};
use crate::region::Region;
use crate::unwind::{self, Payload};
use builder::Handlers;
use worker::Worker;

/// The shared state of a pool.
pub(crate) struct WorkerPool {
    pub(crate) parker: GlobalParker,
    seats: Box<[Seat]>,
    injector: Injector<JobRef>,
    /// What the pool has to live for: one for its handle, one for each detached job that has not finished.
    holds: CachePadded<AtomicUsize>,
    handlers: Handlers,
    house: House,
}

/// How a pool lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct House {
    /// Whether outside callers may sit down.
    pub(crate) has_guests: bool,
    /// How much of a stack, in bytes, is in use when it counts as [deep](worker).
    pub(crate) deep_stack: usize,
}

impl Default for House {
    fn default() -> Self {
        Self {
            has_guests: true,
            // A quarter of what a thread has by default.
            deep_stack: 512 << 10,
        }
    }
}

/// A place in the pool. Whoever sits on it owns its deque.
pub(crate) struct Seat {
    pub(crate) deque: Deque,
}

impl WorkerPool {
    /// A pool with one seat for each of the unparkers, on which nobody sits yet.
    pub(crate) fn new(unparkers: Vec<Unparker>, handlers: Handlers, house: House) -> Self {
        Self {
            seats: unparkers
                .iter()
                .map(|_| Seat {
                    deque: Deque::new(),
                })
                .collect(),
            parker: GlobalParker::new(unparkers),
            injector: Injector::new(),
            holds: CachePadded::new(AtomicUsize::new(1)),
            handlers,
            house,
        }
    }

    pub(crate) fn has_guests(&self) -> bool {
        self.house.has_guests
    }

    pub(crate) fn deep_stack(&self) -> usize {
        self.house.deep_stack
    }

    pub(crate) fn num_threads(&self) -> usize {
        self.seats.len()
    }

    pub(crate) fn seats(&self) -> &[Seat] {
        &self.seats
    }

    pub(crate) fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// Whether any queue holds a job. As strong as the fence before it (S2).
    pub(crate) fn has_work(&self) -> bool {
        self.visible().next().is_some()
    }

    /// The jobs that can be taken now, by their regions; `None` stands for jobs in the injector, which nobody looks
    /// for who is confined. As strong as the fence before it (S2, C2, G3).
    pub(crate) fn visible(&self) -> impl Iterator<Item = Option<Region>> {
        let injected = || (!self.injector.is_empty()).then_some(None);
        let forked = |seat: &Seat| seat.deque.next_region().map(Some);
        iter::from_fn({
            let mut once = Some(injected);
            move || once.take().and_then(|injected| injected())
        })
        .chain(self.seats.iter().filter_map(forked))
    }

    /// Whether a job of this region can be stolen. As strong as the fence before it (S2).
    pub(crate) fn has_work_of(&self, region: Region) -> bool {
        let is_of = |seat: &Seat| seat.deque.next_region() == Some(region);
        self.seats.iter().any(is_of)
    }

    /// S2 and C2 of the worker on seat `index`: the barrier that meets P2 of all publishers, those of forks included.
    pub(crate) fn meet_publishers(&self, index: usize) {
        fence(Ordering::SeqCst);
        // All of them first, for one barrier that serves all.
        let others = self
            .seats
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != index);
        let mut asked = Vec::new();
        for (_, seat) in others {
            asked.extend(seat.deque.ask_for_guard().map(|asked| (seat, asked)));
        }
        if !asked.is_empty() && !left_out("S2-heavy") {
            barrier::heavy();
        }
        for (seat, asked) in asked {
            seat.deque.guard_is_up(asked);
        }
    }

    /// Leaves a job to the pool: on the deque of the caller, if it is one of the workers, else in the injector.
    pub(crate) fn publish(&self, job: JobRef) {
        Worker::with_current(|worker| match worker {
            Some(worker) if worker.is_of(self) => worker.publish(job),
            _ => self.inject(job),
        });
    }

    /// Leaves a job to the pool from outside.
    pub(crate) fn inject(&self, job: JobRef) {
        let region = job.region;
        self.injector.push(job); // P1
        self.parker.wake_one(Some(region)); // P2 to P4
    }

    pub(crate) fn take_injected(&self) -> Option<JobRef> {
        self.injector.take()
    }

    /// Takes a job of this region out of the injector, by going round it once. Few such jobs come by there: spawned on
    /// a scope from outside the pool, or handed over by somebody confined. So it is looked for last, at S3.
    pub(crate) fn take_injected_of(&self, region: Region) -> Option<JobRef> {
        let mut found = None;
        let mut has_moved = false;
        for _ in 0..self.injector.len() {
            let Some(job) = self.injector.take() else {
                break;
            };
            if found.is_none() && job.region == region {
                found = Some(job);
            } else {
                self.injector.push(job); // P1, once more, for who looked in the meantime
                has_moved = true;
            }
        }
        if has_moved {
            self.parker.wake_one(None); // P2 to P4
        }
        found
    }

    /// Keeps the pool alive for one more detached job. Called by the handle's owner, or from within such a job.
    pub(crate) fn hold(&self) {
        // Relaxed: the caller has a hold already, or borrows the handle; so this never rises from zero.
        self.holds.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives up a hold. The last one ends the pool: every worker wakes, sees it, and leaves.
    pub(crate) fn release(&self) {
        // Release: a worker that sees the end (Acquire, in `has_ended`) sees all that was done before. Takes the place of P1.
        if self.holds.fetch_sub(1, Ordering::AcqRel) == 1 && !left_out("end-wake") {
            self.parker.wake_all();
        }
    }

    /// Whether the handle is gone, and all that was spawned is done.
    pub(crate) fn has_ended(&self) -> bool {
        // Acquire: pairs with `release`.
        self.holds.load(Ordering::Acquire) == 0
    }

    /// Hands the panic of a detached job, or of a handler, to the panic handler. Without one it ends the process,
    /// since nobody else would hear of it.
    pub(crate) fn report_panic(&self, payload: Payload) {
        match &self.handlers.panic {
            Some(handler) => {
                let guard = unwind::AbortOnUnwind("the panic handler panicked");
                handler(payload);
                guard.disarm();
            }
            None => unwind::abort("a detached job panicked, and its pool has no panic handler"),
        }
    }

    /// Runs `op` on one of the workers and waits for it. The caller is not one of them: a worker of another pool does
    /// that pool's jobs meanwhile, any other thread blocks.
    #[cold]
    fn in_other_worker<R: Send>(
        &self,
        current: Option<&Worker>,
        op: impl FnOnce(&Worker, bool) -> R + Send,
    ) -> R {
        // From here on it goes by reference: neither is it copied at every turn, nor all that compiled for each closure.
        let (mut op, mut result) = (Some(op), None);
        let mut task = |worker: &Worker, is_migrated| {
            result = op.take().map(|op| op(worker, is_migrated));
        };
        match current {
            Some(worker) => {
                let wait = |latch: &Latch| worker.wait_for_other_pool(|| latch.probe());
                self.run_injected(
                    &mut task,
                    worker.region().or_begin(),
                    worker.unparker(),
                    &wait,
                );
            }
            None => {
                let parker = own_parker();
                let wait = |latch: &Latch| latch.wait(&parker);
                let region = Region::begin_isolated();
                self.run_injected(&mut task, region, parker.unparker(), &wait);
            }
        }
        result.expect("a job that did not panic has run")
    }

    /// Injects `task` as a job, lets `wait` see to it that its latch is set, and resumes its panic, if there was one.
    #[allow(unsafe_code)]
    fn run_injected(
        &self,
        task: &mut (dyn FnMut(&Worker, bool) + Send),
        region: Region,
        unparker: &Unparker,
        wait: &dyn Fn(&Latch),
    ) {
        let task = |is_migrated| {
            let run = |worker: Option<&Worker>| {
                task(worker.expect("injected jobs run on workers"), is_migrated)
            };
            Worker::with_current(run);
        };
        // SAFETY: L3: `unparker` is borrowed for longer than this frame.
        let job = unsafe { StackJob::new(task, unparker) };
        let guard = unwind::AbortOnUnwind("waiting for an injected job unwound");
        // SAFETY: J2: until the latch is set, the guard keeps us from leaving. J4: `task` is `Send`, and no result.
        self.inject(unsafe { job.as_job_ref(region) });
        wait(job.latch());
        guard.disarm();
        // SAFETY: `wait` has seen the latch set; once.
        if let Err(payload) = unsafe { job.result() } {
            unwind::resume(payload);
        }
    }
}

/// Runs `op` on a worker of the given pool and waits for it: in line, if the caller is one of them, or may be for
/// the moment.
///
/// `op` learns whether the call came from outside.
#[allow(unsafe_code)]
pub(crate) fn in_worker_of<R: Send>(
    pool: &Arc<WorkerPool>,
    op: impl FnOnce(&Worker, bool) -> R + Send,
) -> R {
    // SAFETY: not kept beyond this function.
    match unsafe { Worker::current() } {
        Some(worker) if worker.is_of(pool) => op(worker, false),
        Some(worker) => pool.in_other_worker(Some(worker), op),
        None => from_outside(pool, op),
    }
}

/// [`in_worker_of`] whatever pool the caller belongs to; the global pool, if it belongs to none.
///
/// `op` may hold a large closure, so it is handed on without a wrapper: unoptimised code copies it at every turn.
#[inline]
#[allow(unsafe_code)]
pub(crate) fn in_worker<R: Send>(op: impl FnOnce(&Worker, bool) -> R + Send) -> R {
    // SAFETY: not kept beyond this function.
    match unsafe { Worker::current() } {
        Some(worker) => op(worker, false),
        None => from_outside(global::pool(), op),
    }
}

/// Runs `op` for a thread that belongs to no pool: as a guest, if a seat is free, else on one of the workers.
fn from_outside<R: Send>(pool: &Arc<WorkerPool>, op: impl FnOnce(&Worker, bool) -> R + Send) -> R {
    guest::as_guest(pool, op).unwrap_or_else(|op| pool.in_other_worker(None, op))
}

/// The pool of the calling worker, or the global one.
pub(crate) fn current_pool() -> Arc<WorkerPool> {
    Worker::with_current(|current| match current {
        Some(worker) => Arc::clone(worker.pool()),
        None => Arc::clone(global::pool()),
    })
}
