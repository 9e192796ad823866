//! [`Worker`]: the thread that sits on a seat, its [`run_loop`](Worker::run_loop), and where the next job comes from.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::WorkerPool;
use crate::deque::{Deque, Steal, TakeBack};
use crate::job::JobRef;
use crate::park::global::Woken;
use crate::park::parker::{Parker, Unparker};
use crate::primitive::{Arc, relax, thread_cell};
use crate::region::Region;

/// A thread on its seat.
///
/// W1 `CURRENT` is null or points to a worker that this very thread sits as, and that stays where it is until
/// `CURRENT` is set back.
/// W2 a seat has one worker, so its deque one owner (Q1). A worker never leaves its thread: it is neither `Send` nor `Sync`.
pub(crate) struct Worker {
    pool: Arc<WorkerPool>,
    /// The deque of its seat, two loads nearer: forks are what this library is about.
    deque: NonNull<Deque>,
    index: usize,
    parker: Parker,
    /// The region it works in.
    region: Cell<Region>,
    random: Cell<u64>,
}

thread_cell! {
    /// The worker that the thread is, if it is one.
    static CURRENT: Cell<*const Worker> = Cell::new(ptr::null());
}

/// Every so many looks around, the injector comes before the other seats, so that a long region that keeps the
/// deques full does not starve an outside caller.
const INJECTOR_FIRST: u64 = 16;

/// How often a searcher looks around before it sleeps, and how long it pauses in between, from the first pause to the
/// longest, in turns of a busy wait (some 25 ns). Together they take about as long as one wake-up costs.
///
/// The first pause is not shorter, because a searcher that comes back at once takes every crumb of a small loop: 4,000
/// additions in a loop of 1,000 such loops took 13 µs with a first pause of 1, 3.7 µs with 8, and 4.2 µs with 32.
const LOOKS: u32 = if cfg!(loom) { 1 } else { 28 };
const FIRST_PAUSE: u32 = if cfg!(loom) { 1 } else { 8 };
const LONGEST_PAUSE: u32 = 16;

impl Worker {
    /// Sits down on seat `index`, runs jobs until the pool has ended, and stands up.
    ///
    /// # Safety
    /// W2: nobody else sits on this seat, ever.
    pub(crate) unsafe fn sit(pool: Arc<WorkerPool>, index: usize, parker: Parker) {
        // Any odd number will do, so long as two workers differ.
        let random = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let deque = NonNull::from(&pool.seats()[index].deque);
        let (region, random) = (Cell::new(Region::NONE), Cell::new(random));
        let worker = Self {
            pool,
            deque,
            index,
            parker,
            region,
            random,
        };
        let seated = Seated::new(&worker);
        worker.run_loop();
        drop(seated);
    }

    /// Gives `f` the worker that the calling thread is.
    #[inline]
    pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Self>) -> R) -> R {
        // SAFETY: `f` can't keep the reference, whose lifetime it does not know.
        f(unsafe { Self::current() })
    }

    /// The worker that the calling thread is.
    ///
    /// # Safety
    /// The reference is not kept beyond the calling function, so not beyond W1.
    #[inline]
    pub(crate) unsafe fn current<'a>() -> Option<&'a Self> {
        let current = CURRENT.with(Cell::get);
        // SAFETY: W1, as long as the contract says.
        unsafe { current.as_ref() }
    }

    /// The whole life of a worker: it runs jobs while there are any, sleeps while there are none, until the pool ends.
    fn run_loop(&self) {
        let handlers = self.pool.handlers();
        handlers.call(&self.pool, handlers.start.as_deref(), self.index);
        self.wait_until(|| self.pool.has_ended());
        handlers.call(&self.pool, handlers.exit.as_deref(), self.index);
    }

    #[inline]
    pub(crate) fn pool(&self) -> &Arc<WorkerPool> {
        &self.pool
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    #[inline]
    pub(crate) fn unparker(&self) -> &Unparker {
        self.parker.unparker()
    }

    pub(crate) fn is_of(&self, pool: &WorkerPool) -> bool {
        ptr::eq(Arc::as_ptr(&self.pool), pool)
    }

    #[inline]
    pub(crate) fn region(&self) -> Region {
        self.region.get()
    }

    /// Runs `f` in `region`, and goes back to the one before, also by way of a panic.
    pub(crate) fn in_region<R>(&self, region: Region, f: impl FnOnce() -> R) -> R {
        struct Back<'a>(&'a Cell<Region>, Region);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.set(self.1);
            }
        }
        let _back = Back(&self.region, self.region.replace(region));
        f()
    }

    /// Whether the worker's own deque holds anything.
    pub(crate) fn has_own_jobs(&self) -> bool {
        !self.pool.seats()[self.index].deque.is_empty()
    }

    /// Pushes a job that the caller will want back, and tells its position on the deque.
    #[inline]
    pub(crate) fn fork(&self, job: JobRef) -> usize {
        // SAFETY: Q1 by W2.
        let position = unsafe { self.deque().push(job) }; // P1
        self.deque().meet_sleepers(); // P2
        self.pool.parker.wake_one_if_wanted(); // P3, P4
        position
    }

    /// Pushes a job for whoever comes first.
    pub(crate) fn publish(&self, job: JobRef) {
        // SAFETY: Q1 by W2.
        unsafe { self.deque().push(job) }; // P1
        self.pool.parker.wake_one(); // P2 to P4
    }

    /// Takes a forked job back, and tells whether it did: if not, a thief has it. Newer jobs above it, which are left
    /// from a detached `spawn`, are run first.
    #[inline]
    pub(crate) fn take_back(&self, position: usize) -> bool {
        // SAFETY: Q1 by W2; `fork` told the position.
        match unsafe { self.deque().take_back(position) } {
            TakeBack::Taken => true,
            TakeBack::Stolen => false,
            TakeBack::Buried => self.dig_up(position),
        }
    }

    #[cold]
    fn dig_up(&self, position: usize) -> bool {
        // Nothing left means that thieves took all, the oldest first.
        while self.run_own_job() {
            // SAFETY: Q1 by W2; `fork` told the position.
            match unsafe { self.deque().take_back(position) } {
                TakeBack::Taken => return true,
                TakeBack::Stolen => return false,
                TakeBack::Buried => {}
            }
        }
        false
    }

    /// Runs one job of the worker's own, if there is one.
    pub(crate) fn run_own_job(&self) -> bool {
        self.pop().map(|job| self.run(job)).is_some()
    }

    /// Runs one job from anywhere, if there is one.
    pub(crate) fn run_any_job(&self) -> bool {
        self.pop()
            .or_else(|| self.look_around())
            .map(|job| self.run(job))
            .is_some()
    }

    /// Runs jobs, and sleeps while there are none, until `is_done`. Whoever makes it so unparks this worker.
    pub(crate) fn wait_until(&self, is_done: impl Fn() -> bool) {
        while !is_done() {
            if let Some(job) = self.pop().or_else(|| self.search(&is_done)) {
                self.run(job);
            }
        }
    }

    /// Runs a job in its own region.
    fn run(&self, job: JobRef) {
        let before = self.region.replace(job.region);
        job.run();
        self.region.set(before);
    }

    fn pop(&self) -> Option<JobRef> {
        // SAFETY: Q1 by W2.
        unsafe { self.deque().pop() }
    }

    #[inline]
    fn deque(&self) -> &Deque {
        // SAFETY: it lies in the pool, on the heap, and `self.pool` keeps that.
        unsafe { self.deque.as_ref() }
    }

    /// Looks for a job elsewhere; sleeps when there is none. `None` means: look at everything again.
    fn search(&self, is_done: &impl Fn() -> bool) -> Option<JobRef> {
        let parker = &self.pool.parker;
        let meet = || self.pool.meet_publishers(self.index);
        parker.start_searching();
        loop {
            let found = self.look_for_a_while(is_done);
            if found.is_some() || is_done() {
                parker.stop_searching(meet, || self.pool.has_work());
                return found;
            }
            let must_wake = || is_done() || self.pool.has_work();
            match parker.sleep(self.index, &self.parker, true, meet, must_wake) {
                Woken::Claimed => {} // and counted as a searcher again
                Woken::Withdrawn => return None,
            }
        }
    }

    /// Looks around again and again, with growing pauses, for about as long as going to sleep and being woken would cost.
    fn look_for_a_while(&self, is_done: &impl Fn() -> bool) -> Option<JobRef> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..LOOKS {
            let found = self.look_around();
            if found.is_some() || is_done() {
                return found;
            }
            (0..pause).for_each(|_| relax());
            pause = LONGEST_PAUSE.min(2 * pause);
        }
        None
    }

    /// One look at all the places where others leave jobs: the seats, beginning at a random one, and the injector.
    fn look_around(&self) -> Option<JobRef> {
        let random = self.next_random();
        if random.is_multiple_of(INJECTOR_FIRST)
            && let Some(job) = self.pool.take_injected()
        {
            return Some(job);
        }
        let seats = self.pool.seats();
        let start = (random >> 32) as usize % seats.len();
        (start..seats.len())
            .chain(0..start)
            .filter(|&index| index != self.index)
            .find_map(|index| {
                loop {
                    match seats[index].deque.steal() {
                        Steal::Empty => return None,
                        Steal::Success(job) => return Some(job),
                        Steal::Retry => {}
                    }
                }
            })
            .or_else(|| self.pool.take_injected())
    }

    /// xorshift64 (Marsaglia, *Xorshift RNGs*, 2003).
    fn next_random(&self) -> u64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x
    }
}

/// Keeps W1 while it lives.
struct Seated;

impl Seated {
    fn new(worker: &Worker) -> Self {
        CURRENT.with(|current| current.set(worker));
        Self
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(ptr::null()));
    }
}
