//! [`scope`]: any number of jobs that borrow from the caller's frame.
#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::job::HeapJob;
use crate::latch::{CountLatch, Latch};
use crate::park::parker::{Unparker, own_parker};
use crate::pool::worker::Worker;
use crate::pool::{WorkerPool, current_pool, in_worker};
use crate::primitive::{Arc, Mutex, lock};
use crate::region::Region;
use crate::unwind::{self, Payload};

/// Where jobs are spawned that may borrow everything that outlives the scope.
///
/// S1 the scope stays in its frame until its latch is set; every job is a holder of that latch, from before
/// it is pushed until it has touched the scope for the last time.
///
/// ```
/// let mut words = vec!["warp", "weft"];
/// lyocell::scope(|s| {
///     for word in &mut words {
///         s.spawn(move |_| *word = &word[1..]);
///     }
/// });
/// assert_eq!(words, ["arp", "eft"]);
/// ```
pub struct Scope<'scope> {
    pool: Arc<WorkerPool>,
    region: Region,
    jobs: CountLatch,
    /// The first panic of a job or of the body.
    panic: Mutex<Option<Payload>>,
    /// Bodies take `&Scope<'scope>`, so `'scope` can be neither longer nor shorter.
    invariant: PhantomData<fn(&'scope ()) -> &'scope ()>,
}

/// Calls `op` with a [`Scope`], and waits until all that was spawned on it is done.
///
/// `op` runs on a worker of the current pool: at once, if the caller is one. A caller from outside takes part in the
/// global pool, as with [`join`](crate::join()). Jobs spawned on the scope may spawn more on it.
///
/// # Order and cost
/// A job begins no sooner than it is spawned, and ends before `scope` returns; all else is open. Each costs an allocation.
/// Where two closures are enough, [`join`](crate::join()) costs less.
///
/// # Panics
/// If `op` or a job does. All other jobs run nevertheless; the payload is that of the first panic.
///
/// ```
/// let numbers = [1, 2, 3, 4];
/// let (mut sum, mut product) = (0, 0);
/// let count = lyocell::scope(|s| {
///     s.spawn(|_| sum = numbers.iter().sum());
///     s.spawn(|_| product = numbers.iter().product());
///     numbers.len()
/// });
/// assert_eq!((count, sum, product), (4, 10, 24));
/// ```
///
/// What a job borrows must outlive the scope:
///
/// ```compile_fail,E0373
/// lyocell::scope(|s| {
///     let short = 1;
///     s.spawn(|_| println!("{short}"));
/// });
/// ```
pub fn scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R + Send,
    R: Send,
{
    in_worker(|worker, _| on_worker(worker, worker.pool(), op))
}

/// [`scope`] that stays on the calling thread: `op` need not be `Send`. Only the spawned jobs run in the pool.
///
/// On a thread outside of every pool, they go to the global pool, and the thread blocks until they are done.
///
/// # Panics
/// As [`scope`].
///
/// ```
/// let local = std::rc::Rc::new(5); // could not leave this thread
/// let mut doubled = 0;
/// lyocell::in_place_scope(|s| {
///     let number = *local;
///     let doubled = &mut doubled;
///     s.spawn(move |_| *doubled = 2 * number);
/// });
/// assert_eq!(doubled, 10);
/// ```
pub fn in_place_scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R,
{
    in_place_scope_on(&current_pool(), op)
}

/// [`in_place_scope`] with the jobs on a given pool.
pub(crate) fn in_place_scope_on<'scope, R>(
    pool: &Arc<WorkerPool>,
    op: impl FnOnce(&Scope<'scope>) -> R,
) -> R {
    Worker::with_current(|worker| match worker {
        Some(worker) => on_worker(worker, pool, op),
        None => {
            let parker = own_parker();
            // SAFETY: L3: `parker` stays for longer than the scope.
            let scope = unsafe { Scope::new(pool, Region::begin_isolated(), parker.unparker()) };
            scope.complete(op, |latch| latch.wait(&parker))
        }
    })
}

/// Runs a scope's body on this worker, which works on other jobs while it waits.
fn on_worker<'scope, R>(
    worker: &Worker,
    pool: &Arc<WorkerPool>,
    op: impl FnOnce(&Scope<'scope>) -> R,
) -> R {
    let region = worker.region().or_begin();
    worker.in_region(region, || {
        // SAFETY: L3: `worker` is borrowed for longer than this frame.
        let scope = unsafe { Scope::new(pool, region, worker.unparker()) };
        scope.complete(op, |latch| {
            if worker.is_of(pool) {
                worker.wait_until(|| latch.probe());
            } else {
                worker.wait_for_other_pool(|| latch.probe());
            }
        })
    })
}

impl<'scope> Scope<'scope> {
    /// # Safety
    /// L3: `owner` outlives the scope.
    unsafe fn new(pool: &Arc<WorkerPool>, region: Region, owner: &Unparker) -> Self {
        Self {
            pool: Arc::clone(pool),
            region,
            // SAFETY: L3 is the caller's promise.
            jobs: unsafe { CountLatch::new(owner) },
            panic: Mutex::new(None),
            invariant: PhantomData,
        }
    }

    /// Spawns a job that ends before the scope does.
    ///
    /// # Panics
    /// Never by itself. A panic in `body` is resumed where the scope ends.
    ///
    /// ```
    /// let mut order = Vec::new();
    /// lyocell::scope(|s| {
    ///     s.spawn(|s| {
    ///         order.push("outer");
    ///         let order = &mut order;
    ///         s.spawn(move |_| order.push("inner"));
    ///     });
    /// });
    /// assert_eq!(order, ["outer", "inner"]);
    /// ```
    pub fn spawn<BODY>(&self, body: BODY)
    where
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        self.jobs.add();
        let this = ScopePointer(self);
        let task = move || {
            let this = this.get();
            // SAFETY: S1: the job is a holder.
            let scope = unsafe { &*this };
            if let Err(payload) = unwind::catch(|| body(scope)) {
                scope.keep_panic(payload);
            }
            // SAFETY: S1: the job is still a holder.
            let jobs = unsafe { &raw const (*this).jobs };
            // SAFETY: a holder by the `add` above, and this is its last touch (S1).
            unsafe { CountLatch::release(jobs) };
        };
        // SAFETY: J2: `'scope` outlives the scope, and S1 keeps the scope. J4: `body` is `Send`, `Scope` is `Sync`.
        self.pool
            .publish(unsafe { HeapJob::job_ref(task, self.region) });
    }

    /// Runs the body, waits for all jobs, and passes on the result or the first panic.
    fn complete<R>(&self, op: impl FnOnce(&Self) -> R, wait: impl FnOnce(&Latch)) -> R {
        let result = match unwind::catch(|| op(self)) {
            Ok(result) => Some(result),
            Err(payload) => {
                self.keep_panic(payload);
                None
            }
        };
        let guard = unwind::AbortOnUnwind("waiting for the jobs of a scope unwound");
        // SAFETY: the hold that the latch was made with; `self` stays, since we wait.
        unsafe { CountLatch::release(&raw const self.jobs) };
        wait(self.jobs.latch());
        guard.disarm();

        let panic = lock(&self.panic).take();
        match (result, panic) {
            (Some(result), None) => result,
            (result, panic) => {
                unwind::discard(result);
                unwind::resume(panic.expect("a body without a result has panicked"))
            }
        }
    }

    fn keep_panic(&self, payload: Payload) {
        let mut first = lock(&self.panic);
        if first.is_none() {
            *first = Some(payload);
        } else {
            drop(first);
            unwind::discard(payload);
        }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("num_threads", &self.pool.num_threads())
            .finish_non_exhaustive()
    }
}

/// A scope's address on its way to another thread.
struct ScopePointer<'scope>(*const Scope<'scope>);

// SAFETY: `Scope` is `Sync`, and S1 keeps it where it is.
unsafe impl Send for ScopePointer<'_> {}

impl<'scope> ScopePointer<'scope> {
    /// By `self`, so that a closure captures the whole, which is `Send`.
    fn get(self) -> *const Scope<'scope> {
        self.0
    }
}
