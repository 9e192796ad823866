//! [`join`]: two closures, perhaps at the same time.
#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::job::{StackJob, Task};
use crate::pool::in_worker;
use crate::pool::worker::Worker;
use crate::unwind;

/// What a closure of [`join_context`] learns of the thread it runs on.
///
/// ```
/// // Alone in its pool, the caller runs both sides itself; it moved into the pool first.
/// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
/// let moved = pool.install(|| lyocell::join_context(|a| a.migrated(), |b| b.migrated()));
/// assert_eq!(moved, (false, false));
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub struct FnContext {
    is_migrated: bool,
    /// Tells of one thread, so it stays there.
    stays: PhantomData<*mut ()>,
}

impl FnContext {
    #[inline]
    fn new(is_migrated: bool) -> Self {
        Self {
            is_migrated,
            stays: PhantomData,
        }
    }

    /// Whether the closure runs on another thread than the one that called `join_context`. For a call from outside of the
    /// pool, both sides are told so, whether the caller takes part or not.
    ///
    /// ```
    /// let migrated = lyocell::join_context(|a| a.migrated(), |b| b.migrated());
    /// assert_eq!(migrated, (true, true));
    /// ```
    #[inline]
    pub fn migrated(&self) -> bool {
        self.is_migrated
    }
}

impl fmt::Debug for FnContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnContext")
            .field("migrated", &self.is_migrated)
            .finish()
    }
}

/// Runs two closures, at the same time if another thread is free, and gives both results.
///
/// The calling thread leaves `oper_b` where others can take it, runs `oper_a`, and then runs `oper_b` itself if nobody did.
/// So a `join` that finds all threads busy costs little more than two calls. If `oper_b` was taken, the caller
/// works on other jobs until it is done.
///
/// Called from outside of every pool, it takes part in the global pool: the caller sits down in the place of an idle thread. If
/// all of them are busy, `join` moves to one of them, and the caller blocks.
///
/// # Panics
/// If a closure does. Both have run or been dropped by then, and the payload is that of `oper_a`, if it panicked, else that of
/// `oper_b`.
///
/// ```
/// fn sum(numbers: &[u64]) -> u64 {
///     if let [number] = numbers {
///         return *number;
///     }
///     let (left, right) = numbers.split_at(numbers.len() / 2);
///     let (left, right) = lyocell::join(|| sum(left), || sum(right));
///     left + right
/// }
/// assert_eq!(sum(&[1, 2, 3, 4, 5]), 15);
/// ```
///
/// What runs on another thread must be able to go there:
///
/// ```compile_fail,E0277
/// let here = std::rc::Rc::new(1);
/// lyocell::join(|| *here, || ());
/// ```
#[inline(never)] // a leaf of a recursion then does not pay for the frame of a fork
pub fn join<A, B, RA, RB>(oper_a: A, oper_b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    in_worker(|worker, _| join_on(worker, |_| oper_a(), |_| oper_b(), false))
}

/// [`join`], whose closures learn whether they run on another thread than the caller's.
///
/// Good for splitting more finely when somebody is there to take the pieces.
///
/// # Panics
/// As [`join`].
///
/// ```
/// let (a, b) = lyocell::join_context(|context| (context.migrated(), 1), |_| 2);
/// assert_eq!((a.1, b), (1, 2));
/// ```
#[inline]
pub fn join_context<A, B, RA, RB>(oper_a: A, oper_b: B) -> (RA, RB)
where
    A: FnOnce(FnContext) -> RA + Send,
    B: FnOnce(FnContext) -> RB + Send,
    RA: Send,
    RB: Send,
{
    in_worker(|worker, is_migrated| {
        let call_a = |is_migrated| oper_a(FnContext::new(is_migrated));
        let call_b = |is_migrated| oper_b(FnContext::new(is_migrated));
        join_on(worker, call_a, call_b, is_migrated)
    })
}

/// Forks `b`, runs `a` on the calling thread, and joins. `is_migrated` is what the call itself did; `a`
/// hears it, and `b` if it was not stolen.
#[inline]
pub(crate) fn join_on<A, B, RA, RB>(worker: &Worker, a: A, b: B, is_migrated: bool) -> (RA, RB)
where
    A: FnOnce(bool) -> RA,
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    join_task(worker, a, b, is_migrated)
}

/// [`join_on`] for a `b` that a thief may work off in its own way.
#[inline]
pub(crate) fn join_task<A, B, RA, RB>(worker: &Worker, a: A, b: B, is_migrated: bool) -> (RA, RB)
where
    A: FnOnce(bool) -> RA,
    B: Task<RB> + Send,
    RB: Send,
{
    let region = worker.region();
    if region.is_none() {
        return begin_region(worker, move || join_task(worker, a, b, is_migrated));
    }
    // SAFETY: L3: the worker owns its unparker, and is borrowed for longer than this frame.
    let forked = unsafe { StackJob::new(b, worker.unparker()) };
    // SAFETY: J2: every way out of here goes by `take_back`, which holds the job again, or by `wait_for`. J4: `b`
    // and its result are `Send`. (`a` stays here.)
    let position = worker.fork(unsafe { forked.as_job_ref(region) });

    match unwind::catch(|| a(is_migrated)) {
        Ok(result_a) if worker.take_back(position, forked.latch()) => {
            // SAFETY: taken back unused; once.
            let result_b = unsafe { forked.run_inline(is_migrated) };
            (result_a, result_b)
        }
        Ok(result_a) => match wait_for(worker, &forked) {
            Ok(result_b) => (result_a, result_b),
            Err(payload) => unwind::resume(payload),
        },
        Err(payload) => {
            // Runs `b` here, if nobody else does.
            unwind::discard(wait_for(worker, &forked));
            unwind::resume(payload)
        }
    }
}

/// Works on other jobs until `forked` is done.
#[cold]
fn wait_for<T: Task<R>, R>(worker: &Worker, forked: &StackJob<T, R>) -> Result<R, unwind::Payload> {
    let guard = unwind::AbortOnUnwind("waiting for the other side of a join unwound");
    worker.wait_until(&|| forked.latch().probe());
    guard.disarm();
    // SAFETY: the latch was just seen set; once, since every caller leaves with what this gives.
    unsafe { forked.result() }
}

/// An outermost call, made in a detached job.
#[cold]
fn begin_region<R>(worker: &Worker, call: impl FnOnce() -> R) -> R {
    worker.in_region(worker.region().or_begin(), call)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A call from outside has moved to a thread of the pool. Within, what nobody takes stays.
    #[test]
    fn a_context_tells_whether_its_side_has_moved() {
        let pool = crate::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.expect("a pool");
        let both = || join_context(|a| (a.migrated(), format!("{a:?}")), |b| b.migrated());
        let stays = "FnContext { migrated: false }".to_owned();
        assert_eq!(pool.install(both), ((false, stays), false));
        let moves = "FnContext { migrated: true }".to_owned();
        assert_eq!(both(), ((true, moves), true));
    }
}
