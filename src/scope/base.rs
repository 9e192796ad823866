//! [`Base`]: what scopes of both kinds are made of.
#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::broadcast::BroadcastContext;
use crate::job::{HeapJob, JobRef};
use crate::latch::{CountLatch, Latch};
use crate::park::parker::{Unparker, with_own_parker};
use crate::pool::worker::{Awaited, Worker};
use crate::pool::{Kept, WorkerPool};
use crate::primitive::{Arc, AtomicBool, Mutex, Ordering, lock};
use crate::region::Region;
use crate::unwind::{self, Payload};

/// The pool that a scope's jobs go to, and all that its end needs to know.
///
/// S1 the scope around it stays in its frame until the latch is set; every job is a holder of that latch, from before
/// it is pushed until it has touched the scope for the last time.
pub(super) struct Base<'scope> {
    pub(super) pool: Arc<WorkerPool>,
    region: Region,
    jobs: CountLatch,
    /// Whether the scope waits for jobs that are bound to the seats of others.
    has_broadcast: AtomicBool,
    /// The first panic of a job or of the body.
    panic: Mutex<Option<Payload>>,
    /// Bodies take `&Scope<'scope>`, so `'scope` can be neither longer nor shorter.
    invariant: PhantomData<fn(&'scope ()) -> &'scope ()>,
}

/// A scope, as its user sees it.
pub(super) trait AnyScope<'scope>: Sync {
    fn base(&self) -> &Base<'scope>;
}

/// Makes a scope around a base, runs the body, waits for all jobs, and passes on the result or the first panic.
///
/// All this stays on the calling thread. A worker, of whatever pool, works on other jobs while it waits; any other thread blocks.
pub(super) fn open<'scope, S: AnyScope<'scope>, R>(
    pool: &Arc<WorkerPool>,
    around: impl FnOnce(Base<'scope>) -> S,
    body: impl FnOnce(&S) -> R,
) -> R {
    Worker::with_current(|worker| match worker {
        Some(worker) => {
            let region = worker.region().or_begin();
            let is_abroad = !worker.is_of(pool);
            let jobs_region = if is_abroad { region.abroad() } else { region };
            worker.in_region(region, || {
                // SAFETY: L3: `worker` is borrowed for longer than this frame.
                let base = unsafe { Base::new(pool, jobs_region, worker.unparker()) };
                complete(&around(base), body, |base, latch| {
                    let awaited = || {
                        if is_abroad {
                            Awaited::Pool
                        } else if base.has_broadcast.load(Ordering::Relaxed) {
                            Awaited::Seats // Relaxed: see `broadcast`
                        } else {
                            Awaited::Jobs
                        }
                    };
                    worker.wait_for(&awaited, &|| latch.probe());
                    true
                })
            })
        }
        None => with_own_parker(|parker| {
            // SAFETY: L3: `parker` is borrowed for longer than this frame.
            let base = unsafe { Base::new(pool, Region::begin_isolated(), parker.unparker()) };
            complete(&around(base), body, |_, latch| {
                // The jobs would never run here: all of them are with threads of the parent. So the scope may go.
                let are_elsewhere = pool.is_of_a_parent() && !latch.probe();
                if !are_elsewhere {
                    latch.wait(parker);
                }
                !are_elsewhere
            })
        }),
    })
}

/// `wait` tells whether the jobs have ended, or if not, that they never will run in this process.
fn complete<'scope, S: AnyScope<'scope>, R>(
    scope: &S,
    body: impl FnOnce(&S) -> R,
    wait: impl FnOnce(&Base<'scope>, &Latch) -> bool,
) -> R {
    let base = scope.base();
    let result = match unwind::catch(|| body(scope)) {
        Ok(result) => Some(result),
        Err(payload) => {
            base.keep_panic(payload);
            None
        }
    };
    let guard = unwind::AbortOnUnwind("waiting for the jobs of a scope unwound");
    // SAFETY: the hold that the latch was made with; the scope stays, since we wait.
    unsafe { CountLatch::release(&raw const base.jobs) };
    let have_ended = wait(base, base.jobs.latch());
    guard.disarm();
    assert!(
        have_ended || result.is_none(),
        "a scope ends in a child process made by `fork`, which has none of its jobs"
    );

    let panic = lock(&base.panic).take();
    match (result, panic) {
        (Some(result), None) => result,
        (result, panic) => {
            unwind::discard(result);
            unwind::resume(panic.expect("a body without a result has panicked"))
        }
    }
}

/// A job of the scope, which the caller now gives to the scope's pool.
pub(super) fn job<'scope, S: AnyScope<'scope>>(
    scope: &S,
    body: impl FnOnce(&S) + Send + 'scope,
) -> JobRef {
    let base = scope.base();
    base.demand_threads();
    base.jobs.add();
    let this = ScopePointer(scope);
    let task = move || {
        let this = this.get();
        // SAFETY: S1: the job is a holder.
        let scope = unsafe { &*this };
        let base = scope.base();
        if let Err(payload) = unwind::catch(|| body(scope)) {
            base.keep_panic(payload);
        }
        // SAFETY: a holder by the `add` above, and this is its last touch (S1).
        unsafe { CountLatch::release(&raw const base.jobs) };
    };
    // SAFETY: J2: `'scope` outlives the scope, and S1 keeps the scope. J4: `body` is `Send`, and scopes are `Sync`.
    unsafe { HeapJob::job_ref(task, base.region) }
}

/// Gives every thread of the scope's pool a job that calls `body`.
pub(super) fn broadcast<'scope, S: AnyScope<'scope>>(
    scope: &S,
    body: impl Fn(&S, BroadcastContext<'_>) + Send + Sync + 'scope,
) {
    let base = scope.base();
    // Before there is a lock, which a thread of the parent may have held.
    base.demand_threads();
    // The last call lets go of the pool. A thread that is bound to it would otherwise wait for ever, should somebody end the
    // pool before the others have seen to their mail.
    let body = Arc::new((body, Kept::if_alive(&base.pool)));
    // Relaxed: if the scope is being waited for already, the owner's own mail makes it look again.
    base.has_broadcast.store(true, Ordering::Relaxed);
    base.pool.post(|count| {
        let body = Arc::clone(&body);
        job(scope, move |scope| {
            BroadcastContext::with(count, |context| (body.0)(scope, context));
        })
    });
}

impl Base<'_> {
    /// # Safety
    /// L3: `owner` outlives the scope.
    unsafe fn new(pool: &Arc<WorkerPool>, region: Region, owner: &Unparker) -> Self {
        Self {
            pool: Arc::clone(pool),
            region,
            // SAFETY: L3 is the caller's promise.
            jobs: unsafe { CountLatch::new(owner) },
            has_broadcast: AtomicBool::new(false),
            panic: Mutex::new(None),
            invariant: PhantomData,
        }
    }

    /// # Panics
    /// If the pool's threads are in a parent of this process.
    fn demand_threads(&self) {
        assert!(
            !self.pool.is_of_a_parent(),
            "a child process made by `fork` has no threads for a scope that its parent opened"
        );
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

    pub(super) fn print(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("num_threads", &self.pool.num_threads())
            .finish_non_exhaustive()
    }
}

/// A scope's address on its way to another thread.
struct ScopePointer<S>(*const S);

// SAFETY: scopes are `Sync`, and S1 keeps them where they are.
unsafe impl<S: Sync> Send for ScopePointer<S> {}

impl<S> ScopePointer<S> {
    /// By `self`, so that a closure captures the whole, which is `Send`.
    fn get(self) -> *const S {
        self.0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Barrier;
    use std::sync::mpsc::channel;
    use std::thread;

    use crate::primitive::{AtomicUsize, Ordering::Relaxed};
    use crate::{ThreadPool, ThreadPoolBuilder, scope, scope_fifo};

    fn pool(width: usize) -> ThreadPool {
        let builder = ThreadPoolBuilder::new().num_threads(width);
        builder.build().expect("a pool")
    }

    #[test]
    fn a_scope_says_how_wide_it_is() {
        let pool = pool(3);
        let text = pool.install(|| scope(|s| format!("{s:?}")));
        assert_eq!(text, "Scope { num_threads: 3, .. }");
        let text = pool.install(|| scope_fifo(|s| format!("{s:?}")));
        assert_eq!(text, "ScopeFifo { num_threads: 3, .. }");
    }

    #[test]
    fn a_broadcast_comes_to_each_thread_before_the_scope_ends() {
        for width in 1..4 {
            let (pool, calls) = (pool(width), AtomicUsize::new(0));
            let call = || _ = calls.fetch_add(1, Relaxed); // a count only
            pool.scope(|s| s.spawn_broadcast(|_, _| call()));
            assert_eq!(calls.load(Relaxed), width);
            pool.scope_fifo(|s| s.spawn_broadcast(|_, _| call()));
            assert_eq!(calls.load(Relaxed), 2 * width);
        }
    }

    /// The other pool's thread waits for a job of this one, and is blocked until then: whoever waits for its scope has to do that
    /// stranger's job.
    #[test]
    fn who_waits_for_another_pool_does_what_comes() {
        let (here, there) = (pool(1), pool(1));
        let both_have_begun = Barrier::new(2);
        let (done, is_done) = channel();
        thread::scope(|threads| {
            let (here, there, both_have_begun) = (&here, &there, &both_have_begun);
            threads.spawn(move || {
                there.install(move || {
                    both_have_begun.wait();
                    here.spawn(move || done.send(()).expect("somebody waits"));
                    is_done.recv().expect("sent from here");
                });
            });
            here.install(|| {
                both_have_begun.wait();
                there.in_place_scope(|s| s.spawn(|_| ()));
            });
        });
    }
}
