//! Erased work: [`JobRef`] is what queues hold, [`StackJob`] lives in its caller's frame, [`HeapJob`] owns itself.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;

use crate::latch::Latch;
use crate::park::parker::Unparker;
use crate::region::Region;
use crate::unwind::{self, Payload};

/// Work whose type has been forgotten: a pointer, the function that remembers, and the region it belongs to.
///
/// J1 `run` happens at most once.  J2 the job outlives its `JobRef`.  J3 `call` does not unwind.
/// J4 what the job holds may be used on any thread.
pub(crate) struct JobRef {
    data: NonNull<()>,
    call: Call,
    pub(crate) region: Region,
}

/// What a [`JobRef`] calls with its data.
pub(crate) type Call = unsafe fn(NonNull<()>);

// SAFETY: J4. Of the three words one is a plain number, one a function, and one points to what J4 speaks of.
unsafe impl Send for JobRef {}

impl JobRef {
    /// # Safety
    /// The caller keeps J2 and J4, and J3 holds for `call`. (J1 is ours: not `Copy`, and `run` takes `self`.)
    #[inline]
    pub(crate) unsafe fn new(data: NonNull<()>, call: Call, region: Region) -> Self {
        Self { data, call, region }
    }

    #[inline]
    pub(crate) fn run(self) {
        // SAFETY: J1 by `self`; J2 and J3 were promised to `new` or to `from_words`, the only ways in.
        unsafe { (self.call)(self.data) }
    }

    /// The three words that a slot of the deque stores.
    #[inline]
    pub(crate) fn into_words(self) -> (*mut (), *mut (), usize) {
        (
            self.data.as_ptr(),
            self.call as *mut (),
            self.region.to_word(),
        )
    }

    /// # Safety
    /// The words come from one call of [`into_words`](Self::into_words), and are used only once (J1).
    #[inline]
    pub(crate) unsafe fn from_words(data: *mut (), call: *mut (), region: usize) -> Self {
        // SAFETY: `into_words` had it from a `NonNull`.
        let data = unsafe { NonNull::new_unchecked(data) };
        // SAFETY: `into_words` had it from a `Call`, which is as wide as a pointer.
        let call = unsafe { std::mem::transmute::<*mut (), Call>(call) };
        Self {
            data,
            call,
            region: Region::from_word(region),
        }
    }
}

/// What a [`StackJob`] does: a closure, or something that can also be worked off bit by bit.
pub(crate) trait Task<R> {
    /// Does it in line. `is_migrated` says whether it moved to another thread, as far as the caller knows.
    fn run(self, is_migrated: bool) -> R;

    /// Begins it on a thread that found it in a queue, perhaps to be ended elsewhere and later: by whoever then has the
    /// completion. Does not unwind (J3).
    fn run_stolen(self, completion: Completion<R>);
}

impl<F: FnOnce(bool) -> R, R> Task<R> for F {
    #[inline]
    fn run(self, is_migrated: bool) -> R {
        self(is_migrated)
    }

    #[inline]
    fn run_stolen(self, completion: Completion<R>) {
        let result = unwind::catch(|| self(true));
        // SAFETY: J7: the closure is used up.
        unsafe { completion.give(result) };
    }
}

/// The duty to give a stack job, whose task was taken out, its result.
///
/// J7 it is given once, and by then all that the task held is gone: the owner frees what it lent as soon as the latch is set.
#[must_use]
pub(crate) struct Completion<R> {
    result: *mut MaybeUninit<Result<R, Payload>>,
    latch: *const Latch,
}

// SAFETY: it brings an `R` to the owner, from whatever thread, once; the latch may be set by any.
unsafe impl<R: Send> Send for Completion<R> {}

impl<R> Completion<R> {
    /// Ends the job.
    ///
    /// # Safety
    /// J7. (Once is ours: `self` is used up.)
    #[inline]
    pub(crate) unsafe fn give(self, result: Result<R, Payload>) {
        let Self {
            result: place,
            latch,
        } = *ManuallyDrop::new(self);
        // SAFETY: J2: alive until the latch is set. J6: nobody reads before.
        unsafe { (*place).write(result) };
        // SAFETY: L1 by J2, L2 because the owner waits for this latch before it leaves its frame. Once, by J7.
        unsafe { Latch::set(latch) };
    }
}

impl<R> Drop for Completion<R> {
    fn drop(&mut self) {
        unwind::abort("a stolen job was lost, and its owner would wait for ever");
    }
}

/// A job in its caller's frame, which waits for it.
///
/// J5 `task` is there until somebody takes it: the one who runs the `JobRef` (J1), or the owner once it holds the
/// `JobRef` itself again.  J6 `result` is written before the latch is set, and read only after that.
pub(crate) struct StackJob<T, R> {
    latch: Latch,
    task: UnsafeCell<ManuallyDrop<T>>,
    result: UnsafeCell<MaybeUninit<Result<R, Payload>>>,
}

impl<T: Task<R>, R> StackJob<T, R> {
    /// `owner` is who will wait for it.
    ///
    /// # Safety
    /// L3: `owner` outlives the job.
    #[inline]
    pub(crate) unsafe fn new(task: T, owner: &Unparker) -> Self {
        Self {
            // SAFETY: L3 is the caller's promise.
            latch: unsafe { Latch::new(owner) },
            task: UnsafeCell::new(ManuallyDrop::new(task)),
            result: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    pub(crate) fn latch(&self) -> &Latch {
        &self.latch
    }

    /// # Safety
    /// The frame of `self` stays until the reference has been taken back unused, or the latch is set (J2).
    /// Captures and result may cross threads (J4).
    #[inline]
    pub(crate) unsafe fn as_job_ref(&self, region: Region) -> JobRef {
        // SAFETY: J2 and J4 are the caller's promise. J3: so promises `run_stolen`.
        unsafe { JobRef::new(NonNull::from(self).cast(), Self::execute, region) }
    }

    /// Runs the task on a thread that found the `JobRef` in a queue.
    unsafe fn execute(this: NonNull<()>) {
        let this: *const Self = this.cast().as_ptr();
        // SAFETY: J2: alive until the latch is set, by the completion.
        let job = unsafe { &*this };
        // SAFETY: J5, and J1 makes us the only one.
        let task = unsafe { job.take_task() };
        task.run_stolen(Completion {
            result: job.result.get(),
            latch: &raw const job.latch,
        });
    }

    /// # Safety
    /// The task has not been taken, and nobody else takes it (J5).
    #[inline]
    unsafe fn take_task(&self) -> T {
        // SAFETY: by the contract, nobody else looks at it now.
        let task = unsafe { &mut *self.task.get() };
        // SAFETY: by the contract, it is still there; and it is not used again.
        unsafe { ManuallyDrop::take(task) }
    }

    /// Runs the task in line, as part of a caller that may itself have moved to another thread.
    ///
    /// # Safety
    /// The caller has taken the `JobRef` back unused: nobody else can run it (J5). Called once.
    #[inline]
    pub(crate) unsafe fn run_inline(&self, is_migrated: bool) -> R {
        // SAFETY: J5: the owner holds the only right to it.
        let task = unsafe { self.take_task() };
        task.run(is_migrated)
    }

    /// What the task gave, on whatever thread it ran.
    ///
    /// # Safety
    /// The latch has been seen set (J6), and this is called once.
    pub(crate) unsafe fn result(&self) -> Result<R, Payload> {
        // SAFETY: J6: nobody writes any more.
        let place = unsafe { &*self.result.get() };
        // SAFETY: J6; read once by the contract, and `MaybeUninit` drops nothing afterwards.
        unsafe { place.assume_init_read() }
    }
}

/// A job that owns itself: freed by the one who runs it.
pub(crate) struct HeapJob<F>(F);

impl<F: FnOnce()> HeapJob<F> {
    /// Puts `task` on the heap and forgets its type. It must not unwind: whoever makes it catches panics inside.
    ///
    /// # Safety
    /// All that `task` borrows lives until it has run (J2), and it may cross threads (J4).
    pub(crate) unsafe fn job_ref(task: F, region: Region) -> JobRef {
        let data = NonNull::from(Box::leak(Box::new(Self(task)))).cast();
        // SAFETY: J2 by the box, which `execute` frees; J4 by our own contract; J3: `execute` aborts on unwinding.
        unsafe { JobRef::new(data, Self::execute, region) }
    }

    unsafe fn execute(this: NonNull<()>) {
        // SAFETY: the pointer comes from `Box::leak` in `job_ref`, and J1 says that it comes here once.
        let job = unsafe { Box::from_raw(this.cast::<Self>().as_ptr()) };
        let guard = unwind::AbortOnUnwind("a job on the heap unwound into its worker");
        (job.0)();
        guard.disarm();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;
    use std::process::Command;
    use std::rc::Rc;

    use super::*;
    use crate::park::parker::Parker;

    /// What comes of a stack job that somebody has taken from a queue.
    fn stolen<R>(task: impl FnOnce(bool) -> R) -> Result<R, Payload> {
        let owner = Parker::new();
        // SAFETY: L3: `owner` was there before.
        let job = unsafe { StackJob::new(task, owner.unparker()) };
        // SAFETY: J2: the frame stays until the end of this function, by when it has run; J4: on this thread.
        let job_ref = unsafe { job.as_job_ref(Region::NONE) };
        assert!(!job.latch().probe());
        let (data, call, region) = job_ref.into_words();
        // SAFETY: of this very job, once (J1).
        unsafe { JobRef::from_words(data, call, region) }.run();
        assert!(job.latch().probe());
        // SAFETY: just seen set; once.
        unsafe { job.result() }
    }

    /// Its result comes before the latch, and what it held is gone by then, also by way of a panic.
    #[test]
    fn a_stolen_job_gives_its_result() {
        for is_fatal in [false, true] {
            let held = Rc::new(7);
            let result = stolen({
                let held = Rc::clone(&held);
                move |is_migrated| {
                    assert!(is_migrated && !is_fatal, "as it was told");
                    *held
                }
            });
            assert_eq!(Rc::strong_count(&held), 1);
            match result {
                Ok(number) => assert_eq!((number, is_fatal), (7, false)),
                Err(payload) => {
                    assert!(is_fatal);
                    assert_eq!(payload.downcast_ref(), Some(&"as it was told"));
                }
            }
        }
    }

    #[test]
    fn a_job_taken_back_runs_in_line() {
        for is_migrated in [false, true] {
            let owner = Parker::new();
            let held = Rc::new(());
            let task = {
                let held = Rc::clone(&held);
                move |is_migrated| (Rc::strong_count(&held), is_migrated)
            };
            // SAFETY: L3: `owner` was there before.
            let job = unsafe { StackJob::new(task, owner.unparker()) };
            // SAFETY: nobody else has a reference to it; once.
            let result = unsafe { job.run_inline(is_migrated) };
            assert_eq!(result, (2, is_migrated));
            assert_eq!(Rc::strong_count(&held), 1);
            assert!(!job.latch().probe());
        }
    }

    #[test]
    fn a_job_on_the_heap_runs_and_is_freed() {
        let runs = Rc::new(Cell::new(0));
        let task = {
            let runs = Rc::clone(&runs);
            move || runs.set(runs.get() + 1)
        };
        let region = Region::begin();
        // SAFETY: J2: it owns what it needs; J4: on this thread.
        let job = unsafe { HeapJob::job_ref(task, region) };
        assert_eq!(job.region, region);
        job.run();
        assert_eq!((runs.get(), Rc::strong_count(&runs)), (1, 1));
    }

    /// A task that forgets whom it owes a result.
    struct Forgets;

    impl Task<()> for Forgets {
        fn run(self, _is_migrated: bool) {}

        fn run_stolen(self, completion: Completion<()>) {
            drop(completion);
        }
    }

    #[test]
    #[ignore = "run as a child process: it aborts"]
    fn child_that_loses_a_job() {
        let owner = Parker::new();
        // SAFETY: L3: `owner` was there before.
        let job = unsafe { StackJob::new(Forgets, owner.unparker()) };
        // SAFETY: J2: the frame stays while it runs, and nobody has it afterwards; J4: on this thread.
        unsafe { job.as_job_ref(Region::NONE) }.run();
    }

    /// Its owner would wait for ever.
    #[test]
    #[cfg_attr(miri, ignore = "no processes there")]
    fn a_job_that_is_lost_ends_the_process() {
        let child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "job::tests::child_that_loses_a_job", "--ignored"])
            .arg("--nocapture")
            .output()
            .expect("a child");
        let words = String::from_utf8_lossy(&child.stderr);
        assert!(
            !child.status.success() && words.contains("was lost"),
            "{words}"
        );
    }
}
