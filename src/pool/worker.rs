//! [`Worker`]: the thread that sits on a seat, its [`run_loop`](Worker::run_loop), and where the next job comes from.
//!
//! **Who waits.** A worker that waits for a job does others meanwhile. Within an isolated [`region`](crate::region)
//! these are jobs of that region only: whoever waits there may hold a lock that a stranger's job wants. What it finds of
//! others on its own deque it hands over to the pool, so that what it may do is never buried, and nothing is left lying.
//!
//! A call that broadcasts waits for other seats, where somebody may be waiting for this one. So whoever waits for the broadcast, or within
//! such a call, takes the broadcasts of all calls, unless the user demands isolation; but no other job of a stranger. (It used to take any.
//! Such a job may make a broadcast of its own, and wait for somebody who is confined, and who waits for what now lies below it on the
//! stack: for ever.) That a call broadcasts is seen by its mail, which comes to every seat.
//!
//! **How deep.** A job that is taken by a waiter runs on top of the waiter's stack, and may wait again. So beyond a part
//! of the stack each such job gets an isolated region of its own: whoever waits there takes only what
//! descends from that job. The stack then grows with the height of the tree of forks, and no longer with its width.
//!
//! **Who is free.** Both bind a worker to what lies on its stack. With nothing there but the run loop, it may leave a part of
//! a loop on its deque and do others in between ([`spread`](crate::iter::plumbing::spread)).
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use super::WorkerPool;
use crate::clock::Stopwatch;
use crate::deque::{Deque, Steal, TakeBack};
use crate::job::JobRef;
use crate::latch::Latch;
use crate::paces::Paces;
use crate::park::global::Sleeper;
use crate::park::parker::{Parker, Unparker};
use crate::primitive::{Arc, IS_MODEL, left_out, relax, thread, thread_cell};
use crate::region::Region;
use crate::unwind;

/// A thread on its seat.
///
/// W1 `CURRENT` is null or points to a worker that this very thread sits as, and that stays where it is until
/// `CURRENT` is set back.
/// W2 a seat has one worker at a time, so its deque one owner (Q1). A worker never leaves its thread: it is neither
/// `Send` nor `Sync`.
pub(crate) struct Worker {
    pool: Arc<WorkerPool>,
    /// The deque of its seat, two loads nearer: forks are what this library is about.
    deque: NonNull<Deque>,
    index: usize,
    parker: Parker,
    is_guest: bool,
    /// Whether it has just worked for a caller who would have sat down here, had it been asleep.
    expects_guest: Cell<bool>,
    /// How many of its last sleeps were long, up to MOST_LONG_SLEEPS.
    long_sleeps: Cell<u32>,
    /// The region it works in.
    region: Cell<Region>,
    /// Where the deque ended when the innermost region began, or lower, if it was shorter in between. What lies below
    /// belongs to outer regions; whatever this one pushes lies above.
    base: Cell<usize>,
    /// Whether the job that begins has nothing below it on the stack but the run loop: then it may leave what it does not
    /// finish to later turns of that loop.
    is_at_bottom: Cell<bool>,
    /// Whether it has just done so.
    has_left_parts: Cell<bool>,
    /// How many regions it is in, one on top of the other.
    regions: Cell<usize>,
    /// The calls whose mail it has taken since it was in none: these broadcast.
    broadcasting: RefCell<Vec<Region>>,
    /// An address near the bottom of its stack.
    bottom_of_stack: usize,
    random: Cell<u64>,
}

/// What a worker waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// Jobs that it may do itself, or that others do.
    Jobs,
    /// Jobs that are bound to the seats of others, too.
    Seats,
    /// Another pool, which may wait for any job of this one.
    Pool,
}

thread_cell! {
    /// The worker that the thread is, if it is one.
    static CURRENT: Cell<*const Worker> = Cell::new(ptr::null());
}

/// Every so many looks around, the injector comes before the other seats, so that a long region that keeps the
/// deques full does not starve an outside caller.
const INJECTOR_FIRST: u64 = 16;

/// How often a searcher looks around before it sleeps: first with pauses in between, then giving way to whoever wants the
/// processor. The first part takes about as long as one wake-up costs, the second one as long again.
///
/// That is not all there is to pay for a sleep: on a virtual machine, the same arithmetic took 13 % longer for a millisecond or
/// two after each. Ten short loops in a row, whose ends lay 25 µs apart, slept at each end and ran so for 60 % of
/// the time without the second part, for 20 % with it, and no less with one of twice its length.
const LOOKS: u32 = if IS_MODEL { 1 } else { 28 };
const LOOKS_GIVING_WAY: u32 = if IS_MODEL { 0 } else { 40 };

/// A sleep of so many nanoseconds could not have been saved by looking a little longer. After two of them in a row a quarter of the
/// looks will do, until a sleep is shorter: in a control loop with pauses of 200 µs, all of them took 1.04 of the CPU of
/// rayon's threads, a quarter of them 0.97. (A quarter of each part: where those that give way came last or not at all, the system
/// kept the threads on different cores, and to wake one took 12 µs instead of 2.)
const LONG_SLEEP: f32 = 60_000.0;
const MOST_LONG_SLEEPS: u32 = 2;

/// Who gave way for so many nanoseconds met somebody who wanted the processor for a whole turn of the system's scheduler, and
/// should sleep instead: woken, a thread does not wait for its turn as long. (Beside four busy processes, forty turns of theirs
/// passed before a searcher slept, and a call took half a second. With 60 µs instead, 16 workers on two cores slept while there
/// was work, and took half as long again.)
const TURN_OF_OTHERS: f32 = 5_000_000.0;

/// Within so many nanoseconds a searcher that runs has found what there is.
const PATIENCE: f32 = 3_000.0;

/// How long the pauses are, from the first to the longest, in turns of a busy wait (some 25 ns).
///
/// The first is not shorter, because a searcher that comes back at once takes every crumb of a small loop: 4,000
/// additions in a loop of 1,000 such loops took 13 µs with a first pause of 1, 3.7 µs with 8, and 4.2 µs with 32.
const FIRST_PAUSE: u32 = if IS_MODEL { 1 } else { 8 };
const LONGEST_PAUSE: u32 = 16;

impl Worker {
    /// Sits down on seat `index`, runs jobs until the pool has ended, and stands up.
    ///
    /// # Safety
    /// W2: nobody else sits on this seat, but for guests.
    pub(crate) unsafe fn sit(pool: Arc<WorkerPool>, index: usize, parker: Parker) {
        // SAFETY: W2 is the caller's promise.
        let worker = unsafe { Self::new(pool, index, parker) };
        let seated = Seated::new(&worker);
        worker.run_loop();
        drop(seated);
    }

    /// A guest for a borrowed seat, in a region of its own. It borrows its pool and parker, too: to share them would take
    /// four atomic operations, twice as many as all else.
    ///
    /// # Safety
    /// W2. The guest is not used for longer than `pool` and `parker` are borrowed.
    pub(super) unsafe fn guest(
        pool: &Arc<WorkerPool>,
        index: usize,
        parker: &Parker,
    ) -> ManuallyDrop<Self> {
        // SAFETY: a copy that is never dropped, and by the contract not used for longer than the original is there.
        let pool = unsafe { ptr::read(pool) };
        // SAFETY: likewise.
        let parker = unsafe { ptr::read(parker) };
        // SAFETY: the caller's promise.
        let worker = unsafe { Self::new(pool, index, parker) };
        ManuallyDrop::new(Self {
            is_guest: true,
            region: Cell::new(Region::begin_isolated()),
            regions: Cell::new(1),
            ..worker
        })
    }

    /// A worker for seat `index`, which does not sit yet.
    ///
    /// # Safety
    /// W2.
    pub(super) unsafe fn new(pool: Arc<WorkerPool>, index: usize, parker: Parker) -> Self {
        let deque = NonNull::from(&pool.seats()[index].deque);
        // SAFETY: the pool keeps it.
        let base = unsafe { deque.as_ref() };
        // SAFETY: Q1 by W2.
        let base = unsafe { base.position() };
        // Any odd number will do, so long as two workers differ.
        let random = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self {
            pool,
            deque,
            index,
            parker,
            is_guest: false,
            expects_guest: Cell::new(false),
            long_sleeps: Cell::new(0),
            region: Cell::new(Region::NONE),
            base: Cell::new(base),
            is_at_bottom: Cell::new(false),
            has_left_parts: Cell::new(false),
            regions: Cell::new(0),
            broadcasting: RefCell::default(),
            bottom_of_stack: address_of_frame(),
            random: Cell::new(random),
        }
    }

    /// Makes the calling thread no worker, whatever it was.
    pub(super) fn forget_current() {
        CURRENT.with(|current| current.set(ptr::null()));
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
        let has_ended = || self.pool.has_ended();
        let mut turns = 0_usize;
        while !has_ended() {
            if turns == 0 {
                turns = self.turns_owed();
            }
            let injected = (turns > 0).then(|| self.pool.take_injected()).flatten();
            turns = turns.saturating_sub(1);
            let job = injected
                .or_else(|| self.next_own_job(None))
                .or_else(|| self.search(&|| Sleeper::Idle, &|| true, &has_ended));
            if let Some(job) = job {
                self.run(job, true);
            }
        }
        handlers.call(&self.pool, handlers.exit.as_deref(), self.index);
    }

    /// How many jobs it takes out of the injector now, before it goes on with its own: as many as are there, after each leaf of a loop
    /// that was left on the deque in parts; and one now and then, if detached jobs make more of their kind without end.
    /// (Whatever else is on the deque comes first. The injected job may wait for a lock that is let go when that is done.)
    fn turns_owed(&self) -> usize {
        let is_now_and_then = || self.next_random().is_multiple_of(INJECTOR_FIRST);
        // SAFETY: Q1 by W2.
        let is_detached = || unsafe { self.deque().holds_only(Region::NONE) };
        if self.has_left_parts.take() {
            self.pool.injected_count()
        } else {
            usize::from(is_now_and_then() && is_detached())
        }
    }

    #[inline]
    pub(crate) fn pool(&self) -> &Arc<WorkerPool> {
        &self.pool
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The seat that it is a guest on, if it is one.
    #[inline]
    pub(crate) fn guest_seat(&self) -> Option<usize> {
        self.is_guest.then_some(self.index)
    }

    /// What its seat remembers of loops.
    pub(crate) fn paces(&self) -> &Paces {
        &self.pool.seats()[self.index].paces
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
        struct Back<'a>(&'a Worker, Region, usize);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                let Self(worker, region, base) = *self;
                worker.region.set(region);
                // `f` may have left jobs where it had taken outer ones.
                let lowest = worker.base.replace(base);
                worker.lower_base(lowest);
                worker.regions.update(|regions| regions - 1);
                if worker.regions.get() == 0 {
                    worker.forget_broadcasts();
                }
            }
        }
        let _back = Back(self, self.region.get(), self.base.get());
        self.regions.update(|regions| regions + 1);
        // A job of the same region begins on top of what that one has left, and may take it while it waits.
        if self.region.replace(region) != region {
            self.base.set(self.position());
        }
        f()
    }

    /// The position of the next push.
    fn position(&self) -> usize {
        // SAFETY: Q1 by W2.
        unsafe { self.deque().position() }
    }

    /// Sets the base no higher than `position`.
    fn lower_base(&self, position: usize) {
        if (position.wrapping_sub(self.base.get()) as isize) < 0 {
            self.base.set(position);
        }
    }

    /// Whether the worker's own deque holds anything.
    pub(crate) fn has_own_jobs(&self) -> bool {
        !self.pool.seats()[self.index].deque.is_empty()
    }

    /// Pushes a job that the caller will want back, and tells its position on the deque. If there is no memory for it there, the job
    /// is run at once.
    #[inline]
    pub(crate) fn fork(&self, job: JobRef) -> usize {
        let region = job.region;
        // SAFETY: Q1 by W2.
        let position = match unsafe { self.deque().push(job) } {
            Ok(position) => position, // P1
            Err(job) => return self.run_refused(job),
        };
        self.deque().meet_sleepers(); // P2
        self.pool.parker.wake_one_if_wanted(Some(region)); // P3, P4
        position
    }

    /// Sees to it that somebody comes for what lies on the worker's own deque. Call before a long time without forks.
    ///
    /// A publisher relies on whoever searches. But a searcher may be waiting for its processor, until this very thread lets go of it,
    /// while another processor idles: the system moves threads every few milliseconds only. So if nobody has come
    /// after a while, a sleeper is woken.
    #[cold]
    pub(crate) fn insist(&self) {
        let (parker, width) = (&self.pool.parker, self.pool.num_threads());
        let watch = Stopwatch::start();
        while self.has_own_jobs() && parker.has_reserves(self.guest_seat(), width) {
            if watch.nanos() > PATIENCE {
                return parker.wake_another(self.region());
            }
            relax();
        }
    }

    /// Runs a forked job that the deque has no room for. Its latch is set then, and its position will not be looked at; so it must not
    /// [leave parts](Self::may_leave_parts), though the job that forks it may be one that could.
    #[cold]
    fn run_refused(&self, job: JobRef) -> usize {
        self.is_at_bottom.set(false);
        job.run();
        self.position()
    }

    /// Pushes a job for whoever comes first. If there is no memory for it on the deque, it goes where jobs from outside go.
    pub(crate) fn publish(&self, job: JobRef) {
        let region = job.region;
        // SAFETY: Q1 by W2.
        match unsafe { self.deque().push(job) } {
            Ok(_) => self.pool.parker.wake_one(Some(region)), // P1, then P2 to P4
            Err(job) => self.pool.inject(job),
        }
    }

    /// Takes a forked job back, whose latch this is, and tells whether it did: if not, somebody else has it, or it was done here
    /// by whoever waited in the meantime. Newer jobs above it, which are left from a detached `spawn`, are run first.
    #[inline]
    pub(crate) fn take_back(&self, position: usize, latch: &Latch) -> bool {
        // If it was done here, another job may lie in its place.
        if latch.probe() {
            return false;
        }
        // SAFETY: Q1 by W2; `fork` told the position.
        match unsafe { self.deque().take_back(position) } {
            TakeBack::Taken => true,
            TakeBack::Stolen => false,
            TakeBack::Buried => self.dig_up(position, latch),
        }
    }

    #[cold]
    fn dig_up(&self, position: usize, latch: &Latch) -> bool {
        // Nothing left means that thieves took all, the oldest first.
        let confined = self.region.get().confinement();
        while let Some(job) = self.next_own_job(confined) {
            self.run(job, false);
            if latch.probe() {
                return false;
            }
            // SAFETY: Q1 by W2; `fork` told the position.
            match unsafe { self.deque().take_back(position) } {
                TakeBack::Taken => return true,
                TakeBack::Stolen => return false,
                TakeBack::Buried => {}
            }
        }
        false
    }

    /// Lets the worker fall asleep as soon as it has nothing to do. For calls that come from outside while everybody is awake:
    /// whoever calls again soon, and is held up by two wake-ups each time, would otherwise never find a seat.
    pub(super) fn expect_guest(&self) {
        self.expects_guest.set(self.pool.has_guests());
    }

    /// Runs one job of the worker's own, if there is one that a yield may take.
    pub(crate) fn yield_to_own(&self) -> bool {
        self.next_own_job(self.confinement_of_yields())
            .map(|job| self.run(job, false))
            .is_some()
    }

    /// Runs one job from anywhere, if there is one that a yield may take.
    pub(crate) fn yield_to_any(&self) -> bool {
        let confined = self.confinement_of_yields();
        let injected = || self.pool.take_injected_of(confined?);
        self.next_own_job(confined)
            .or_else(|| self.look_around(confined))
            .or_else(injected)
            .map(|job| self.run(job, false))
            .is_some()
    }

    /// Who yields has others wait for it meanwhile. If they are strict, they take no mail from outside: so it may not
    /// take a job that sends some.
    fn confinement_of_yields(&self) -> Option<Region> {
        let region = self.region.get();
        region
            .confinement_if_strict()
            .filter(|_| !left_out("strict-yield"))
    }

    /// Runs one job from anywhere, if there is one, whatever its region: for a pool that ends.
    pub(crate) fn run_any_job(&self) -> bool {
        self.next_own_job(None)
            .or_else(|| self.look_around(None))
            .map(|job| self.run(job, false))
            .is_some()
    }

    /// Runs jobs, and sleeps while there are none, until `is_done`. Whoever makes it so unparks this worker.
    pub(crate) fn wait_until(&self, is_done: &dyn Fn() -> bool) {
        self.wait_for(&|| Awaited::Jobs, is_done);
    }

    /// [`wait_until`](Self::wait_until) for what is `awaited`, which may change.
    ///
    /// The questions come by reference: else all of what a worker does while it waits would be compiled for each `join`.
    pub(crate) fn wait_for(&self, awaited: &dyn Fn() -> Awaited, is_done: &dyn Fn() -> bool) {
        let region = self.region.get();
        let sleeper = || {
            let confined = match awaited() {
                Awaited::Jobs | Awaited::Seats => region.confinement(),
                Awaited::Pool => region.confinement_if_strict(),
            };
            if self.is_guest {
                Sleeper::Guest(confined)
            } else {
                Sleeper::Waiting(confined)
            }
        };
        let waits_for_seats = || awaited() == Awaited::Seats || self.knows_of_broadcasts(region);
        let takes_all_mail = || !region.is_strict() && waits_for_seats();
        while !is_done() {
            let own = self.next_of_seat(sleeper().confinement(), takes_all_mail());
            let job = own.or_else(|| self.search(&sleeper, &takes_all_mail, is_done));
            if let Some(job) = job {
                self.run(job, false);
            }
        }
    }

    /// Runs a job in its own region; deep down the stack, in a part of it that nobody else knows. `is_at_bottom` says that the caller
    /// is the run loop.
    fn run(&self, job: JobRef, is_at_bottom: bool) {
        // Nothing is deep at the bottom, wherever a checker keeps its frames: parts left from there carry the region of those
        // who wait for them.
        let is_deep = || {
            let depth = self.bottom_of_stack.abs_diff(address_of_frame());
            depth >= self.pool.deep_stack()
        };
        let region = if !is_at_bottom && is_deep() {
            job.region.begin_depth()
        } else {
            job.region
        };
        let region = region.on_top_of(self.region.get());
        self.is_at_bottom.set(is_at_bottom);
        self.in_region(region, || job.run());
    }

    /// Whether a job that just begins may leave parts of it on the deque, and return.
    ///
    /// From the run loop only, since who waits further down the stack may be through before they are. And only onto jobs
    /// of its own region: who waits within that region sees them then, whatever this worker does next, even if that
    /// is a stranger's job that waits for the region's caller to let go of a lock.
    pub(crate) fn may_leave_parts(&self) -> bool {
        // SAFETY: Q1 by W2.
        let is_theirs = || unsafe { self.deque().holds_only(self.region.get()) };
        let may = self.is_at_bottom.take() && is_theirs();
        self.has_left_parts.set(may);
        may
    }

    /// Takes a job from the worker's own deque.
    fn pop(&self) -> Option<JobRef> {
        if self.pool.is_breadth_first() {
            steal_from(self.deque(), None)
        } else {
            // SAFETY: Q1 by W2.
            let job = unsafe { self.deque().pop() };
            self.lower_base(self.position());
            job
        }
    }

    /// The next job of the worker's own that it may take: from its deque, else from its mailbox.
    fn next_own_job(&self, confined: Option<Region>) -> Option<JobRef> {
        self.next_of_seat(confined, false)
    }

    /// [`next_own_job`](Self::next_own_job); if it takes all mail, the oldest of that whatever it is confined to.
    fn next_of_seat(&self, confined: Option<Region>, takes_all_mail: bool) -> Option<JobRef> {
        let own = match confined {
            None => self.pop(),
            Some(region) => self.pop_of(region),
        };
        own.or_else(|| self.take_mail(confined.filter(|_| !takes_all_mail)))
    }

    /// The next of its mail that it may take. From then on it knows that this call broadcasts.
    fn take_mail(&self, confined: Option<Region>) -> Option<JobRef> {
        let mailbox = &self.pool.seats()[self.index].mailbox;
        let job = match confined {
            None => mailbox.take(),
            Some(region) => mailbox.take_for(region),
        }?;
        if !job.region.is_none() && !self.knows_of_broadcasts(job.region) {
            self.broadcasting.borrow_mut().push(job.region);
        }
        Some(job)
    }

    /// Whether it has heard of a broadcast of the call that this region is part of.
    fn knows_of_broadcasts(&self, region: Region) -> bool {
        let knows = |calls: &[Region]| calls.iter().any(|call| call.is_of_call_of(region));
        knows(&self.broadcasting.borrow()) && !left_out("broadcasting")
    }

    /// Call when it is in no region any more; for a guest, in the end, since it is never dropped.
    pub(super) fn forget_broadcasts(&self) {
        drop(self.broadcasting.take());
    }

    /// The newest job of this region. Those of others above it go to the pool; outer regions' jobs stay. Parts of a loop lie
    /// below the base of the one that runs, and are of its region.
    fn pop_of(&self, region: Region) -> Option<JobRef> {
        while self.position() != self.base.get() || self.newest_region() == Some(region) {
            let job = self.pop()?;
            if job.region == region {
                return Some(job);
            }
            self.pool.inject(job);
        }
        None
    }

    fn newest_region(&self) -> Option<Region> {
        // SAFETY: Q1 by W2.
        unsafe { self.deque().newest_region() }
    }

    #[inline]
    fn deque(&self) -> &Deque {
        // SAFETY: it lies in the pool, on the heap, and `self.pool` keeps that.
        unsafe { self.deque.as_ref() }
    }

    /// Looks for a job elsewhere; sleeps while there is none, until `is_done`.
    fn search(
        &self,
        sleeper: &dyn Fn() -> Sleeper,
        takes_all_mail: &dyn Fn() -> bool,
        is_done: &dyn Fn() -> bool,
    ) -> Option<JobRef> {
        if self.pool.is_of_a_parent() {
            unwind::abort("a forked process would wait for threads that its parent has");
        }
        let (pool, parker) = (&self.pool, &self.pool.parker);
        let meet = || pool.meet_publishers(self.index);
        parker.start_searching();
        loop {
            let sleeper = sleeper();
            let confined = sleeper.confinement();
            // A guest may have left something on the deque while its worker slept.
            let mut found = self
                .next_of_seat(confined, takes_all_mail())
                .or_else(|| self.look_for_a_while(confined, is_done));
            if found.is_none() && !is_done() {
                let must_wake = || {
                    if let Some(region) = confined {
                        found = pool.take_injected_of(region);
                    }
                    found.is_some()
                        || is_done()
                        || takes_all_mail() && !pool.seats()[self.index].mailbox.is_empty()
                        || pool.has_work_for(self.index, confined)
                };
                let visible = pool.visible();
                let watch = Stopwatch::start();
                parker.sleep(self.index, &self.parker, sleeper, meet, must_wake, visible);
                let is_long = watch.nanos() > LONG_SLEEP;
                let before = if is_long { self.long_sleeps.get() } else { 0 };
                let long_sleeps = MOST_LONG_SLEEPS.min(before + u32::from(is_long));
                self.long_sleeps.set(long_sleeps);
            }
            if found.is_some() || is_done() {
                parker.stop_searching(meet, pool.visible());
                return found;
            }
        }
    }

    /// Looks around again and again, with growing pauses, for about as long as going to sleep and being woken would cost.
    fn look_for_a_while(
        &self,
        confined: Option<Region>,
        is_done: &dyn Fn() -> bool,
    ) -> Option<JobRef> {
        let mut pause = FIRST_PAUSE;
        let (looks, giving_way) = if self.expects_guest.take() {
            (1, 0)
        } else {
            let fewer = self.long_sleeps.get();
            ((LOOKS >> fewer).max(1), LOOKS_GIVING_WAY >> fewer)
        };
        for _ in 0..looks {
            let found = self.look_around(confined);
            if found.is_some() || is_done() {
                return found;
            }
            (0..pause).for_each(|_| relax());
            pause = LONGEST_PAUSE.min(2 * pause);
        }
        let watch = Stopwatch::start();
        for _ in 0..giving_way {
            let found = self.look_around(confined);
            if found.is_some() || is_done() {
                return found;
            }
            thread::yield_now();
            if watch.nanos() > TURN_OF_OTHERS {
                break;
            }
        }
        None
    }

    /// One look at all the places where others leave jobs: the seats, beginning at a random one, and the injector. Who
    /// is confined does not look into that one.
    fn look_around(&self, confined: Option<Region>) -> Option<JobRef> {
        let random = self.next_random();
        let take_injected = || match confined {
            None => self.pool.take_injected(),
            Some(_) => None,
        };
        if random.is_multiple_of(INJECTOR_FIRST)
            && let Some(job) = take_injected()
        {
            return Some(job);
        }
        let seats = self.pool.seats();
        let start = (random >> 32) as usize % seats.len();
        (start..seats.len())
            .chain(0..start)
            .filter(|&index| index != self.index)
            .find_map(|index| steal_from(&seats[index].deque, confined))
            .or_else(take_injected)
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

/// Takes the oldest job of a deque, however many others try to.
fn steal_from(deque: &Deque, confined: Option<Region>) -> Option<JobRef> {
    loop {
        match deque.steal(confined) {
            Steal::Empty => return None,
            Steal::Success(job) => return Some(job),
            Steal::Retry => {}
        }
    }
}

/// Where the stack is now, within some frames.
///
/// From the register where we know its name. The address of a variable would do, too, but not under AddressSanitizer: it keeps variables
/// elsewhere, to find those that are used too late, and then everything seems deep.
#[inline(always)]
fn address_of_frame() -> usize {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    {
        let address;
        // SAFETY: copies one register into another.
        unsafe {
            std::arch::asm!("mov {}, rsp", out(reg) address, options(nomem, nostack, preserves_flags));
        }
        address
    }
    #[cfg(all(target_arch = "aarch64", target_pointer_width = "64", not(miri)))]
    {
        let address;
        // SAFETY: copies one register into another.
        unsafe {
            std::arch::asm!("mov {}, sp", out(reg) address, options(nomem, nostack, preserves_flags));
        }
        address
    }
    #[cfg(not(all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64",
        not(miri)
    )))]
    {
        let here = 0_u8;
        ptr::from_ref(std::hint::black_box(&here)).addr()
    }
}

/// Keeps W1 while it lives.
pub(crate) struct Seated;

impl Seated {
    pub(crate) fn new(worker: &Worker) -> Self {
        CURRENT.with(|current| current.set(worker));
        Self
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(ptr::null()));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::isolate;
    use crate::job::HeapJob;
    use crate::pool::House;
    use crate::pool::handlers::Handlers;

    /// What the jobs of a test have done: their numbers, and the regions in which they ran.
    type Log = Mutex<Vec<(usize, Region)>>;

    /// Has `work` be the one worker of a pool of two seats, without a run loop.
    fn as_worker(house: House, work: impl FnOnce(&Worker, &Log)) {
        let log = Log::default();
        let mut parkers: Vec<_> = (0..2).map(|_| Parker::new()).collect();
        let unparkers = parkers.iter().map(|parker| parker.unparker().clone());
        let pool = WorkerPool::new(unparkers.collect(), Handlers::default(), house);
        // SAFETY: W2: there is no other thread.
        let worker = unsafe { Worker::new(Arc::new(pool), 0, parkers.swap_remove(0)) };
        let seated = Seated::new(&worker);
        work(&worker, &log);
        while worker.run_any_job() {}
        drop(seated);
    }

    /// A job that writes its number down, and where it runs.
    fn job(log: &Log, number: usize, region: Region) -> JobRef {
        let note = move || {
            let region = Worker::with_current(|worker| worker.expect("seated").region());
            log.lock().expect("no panic").push((number, region));
        };
        // SAFETY: J2: `as_worker` runs all jobs while there is the log; J4: on this thread.
        unsafe { HeapJob::job_ref(note, region) }
    }

    /// A job that may be forgotten.
    fn nothing() -> JobRef {
        unsafe fn nothing(_: NonNull<()>) {}
        // SAFETY: J1 to J4 hold for a job that does nothing.
        unsafe { JobRef::new(NonNull::dangling(), nothing, Region::NONE) }
    }

    fn numbers(log: &Log) -> Vec<usize> {
        let log = std::mem::take(&mut *log.lock().expect("no panic"));
        log.into_iter().map(|entry| entry.0).collect()
    }

    #[test]
    fn a_worker_knows_its_seat() {
        as_worker(House::default(), |worker, log| {
            as_worker(House::default(), |other, _| {
                assert!(worker.is_of(worker.pool()) && !worker.is_of(other.pool()));
            });
            assert_eq!((worker.index(), worker.position()), (0, 0));
            assert!(!worker.has_own_jobs());
            for number in 0..3 {
                assert_eq!(worker.fork(job(log, number, Region::NONE)), number);
                assert!(worker.has_own_jobs());
            }
            assert_eq!(worker.position(), 3);
            // SAFETY: W2: seat 1 has no other worker.
            let other = unsafe { Worker::new(Arc::clone(worker.pool()), 1, Parker::new()) };
            assert!(other.index() == 1 && !other.has_own_jobs());
            let is_worker = || Worker::with_current(|worker| worker.is_some());
            CURRENT.with(|current| current.set(worker));
            assert!(is_worker());
            Worker::forget_current();
            assert!(!is_worker());
            CURRENT.with(|current| current.set(worker));
        });
    }

    #[test]
    fn the_newest_of_its_own_comes_first_then_what_others_have() {
        for is_breadth_first in [false, true] {
            let house = House {
                is_breadth_first,
                ..House::default()
            };
            as_worker(house, |worker, log| {
                assert!(!worker.yield_to_own() && !worker.run_any_job());
                for number in 0..3 {
                    worker.publish(job(log, number, Region::NONE));
                }
                worker.pool().inject(job(log, 3, Region::NONE));
                while worker.yield_to_own() {}
                let own = if is_breadth_first {
                    [0, 1, 2]
                } else {
                    [2, 1, 0]
                };
                assert_eq!(numbers(log), own);
                // SAFETY: Q1: nobody sits there.
                let pushed = unsafe {
                    worker.pool().seats()[1]
                        .deque
                        .push(job(log, 4, Region::NONE))
                };
                assert!(pushed.is_ok() && worker.run_any_job() && worker.run_any_job());
                assert!(!worker.run_any_job());
                let mut others = numbers(log);
                others.sort();
                assert_eq!(others, [3, 4]);
            });
        }
    }

    /// What is measured is the stack, even if a checker keeps large variables, or all, elsewhere.
    #[test]
    fn a_frame_lies_near_the_one_that_called() {
        #[inline(never)]
        fn further_down() -> usize {
            let room = [0_u8; 4 << 10];
            std::hint::black_box(&room);
            address_of_frame()
        }
        let distance = address_of_frame().abs_diff(further_down());
        assert!((1..32 << 10).contains(&distance), "{distance}");
    }

    /// Deep down the stack a job gets a region that nobody else knows. From the run loop it is never deep.
    #[test]
    fn a_job_runs_in_its_region_unless_it_is_deep() {
        for deep_stack in [0, usize::MAX] {
            let house = House {
                deep_stack,
                ..House::default()
            };
            as_worker(house, |worker, log| {
                let region = Region::begin();
                for is_at_bottom in [false, true] {
                    worker.run(job(log, 0, region), is_at_bottom);
                    assert_eq!(worker.is_at_bottom.get(), is_at_bottom);
                    let (_, seen) = log.lock().expect("no panic").pop().expect("it has run");
                    let is_isolated = seen.confinement().is_some();
                    assert_eq!(is_isolated, deep_stack == 0 && !is_at_bottom);
                    assert_eq!(seen == region, !is_isolated);
                }
                assert!(worker.region().is_none());
            });
        }
    }

    /// Within a region only its own jobs are taken. What others have pushed above them goes to the pool; what was there before stays.
    #[test]
    fn who_is_confined_takes_its_own_and_buries_nothing() {
        as_worker(House::default(), |worker, log| {
            let (own, other) = (Region::begin_isolated(), Region::begin());
            worker.fork(job(log, 0, other));
            worker.in_region(own, || {
                assert_eq!(worker.region(), own);
                assert!(worker.next_own_job(Some(own)).is_none());
                worker.fork(job(log, 1, own));
                worker.fork(job(log, 2, other));
                worker.next_own_job(Some(own)).expect("its own").run();
                assert_eq!(numbers(log), [1]);
                assert_eq!(worker.pool().injected_count(), 1);
                assert!(worker.next_own_job(Some(own)).is_none());
                assert_eq!(worker.position(), 1);

                // Within the same region begins no new one: what was left there before is still its own.
                worker.fork(job(log, 3, own));
                let found = worker.in_region(own, || worker.next_own_job(Some(own)));
                found.expect("its own").run();
                // Nor does it matter if an outer job was taken from below in between.
                worker.yield_to_own();
                worker.fork(job(log, 4, own));
                worker.next_own_job(Some(own)).expect("its own").run();
                assert_eq!(numbers(log), [3, 0, 4]);
            });
            assert!(worker.region().is_none());
            // Of the mail, too.
            let mailbox = &worker.pool().seats()[0].mailbox;
            mailbox.push(job(log, 5, other));
            mailbox.push(job(log, 6, own));
            worker.next_own_job(Some(own)).expect("its own").run();
            worker.next_own_job(None).expect("anybody's").run();
            assert_eq!(numbers(log), [6, 5]);
        });
    }

    /// What lay there before its region began is its own if it is of that region, and only that.
    #[test]
    fn parts_of_a_loop_lie_below_the_one_that_runs() {
        as_worker(House::default(), |worker, log| {
            let own = Region::begin_isolated();
            worker.fork(job(log, 0, Region::begin()));
            worker.fork(job(log, 1, own));
            worker.in_region(own, || {
                worker.next_own_job(Some(own)).expect("its own").run();
                assert!(worker.next_own_job(Some(own)).is_none());
            });
            assert_eq!((numbers(log), worker.position()), (vec![1], 1));
        });
    }

    /// Where outer jobs were taken from below, the deque may be as high again as where the region began: nothing is buried there.
    #[test]
    fn the_base_goes_down_with_the_deque() {
        as_worker(House::default(), |worker, log| {
            let (own, other) = (Region::begin_isolated(), Region::begin());
            worker.fork(job(log, 0, other));
            worker.fork(job(log, 1, other));
            worker.in_region(own, || {
                assert!(worker.yield_to_own() && worker.yield_to_own());
                worker.fork(job(log, 2, own));
                worker.fork(job(log, 3, other));
                worker.next_own_job(Some(own)).expect("its own").run();
                assert_eq!(numbers(log), [1, 0, 2]);
                assert_eq!(worker.pool().injected_count(), 1);
            });
        });
    }

    /// What a region has left on the deque, lower than where the outer one had begun, is the outer one's if it is of that.
    #[test]
    fn what_is_left_below_is_found_by_the_outer_region() {
        as_worker(House::default(), |worker, log| {
            let (outer, inner) = (Region::begin_isolated(), Region::begin_isolated());
            worker.fork(job(log, 0, Region::NONE));
            worker.in_region(outer, || {
                worker.in_region(inner, || {
                    worker.yield_to_own();
                    worker.fork(job(log, 1, outer));
                    worker.fork(job(log, 2, Region::NONE));
                });
                worker.next_own_job(Some(outer)).expect("its own").run();
                assert_eq!(numbers(log), [0, 1]);
            });
        });
    }

    #[test]
    fn injected_jobs_come_after_parts_and_now_and_then() {
        as_worker(House::default(), |worker, log| {
            for number in 0..3 {
                worker.pool().inject(job(log, number, Region::NONE));
            }
            worker.has_left_parts.set(true);
            assert_eq!(worker.turns_owed(), 3);
            let turns = || (0..1_000).map(|_| worker.turns_owed()).sum::<usize>();
            // One in sixteen, more or less.
            assert!((10..200).contains(&turns()));
            worker.fork(job(log, 3, Region::NONE));
            assert!((10..200).contains(&turns()));
            worker.fork(job(log, 4, Region::begin()));
            assert_eq!(turns(), 0);
        });
    }

    #[test]
    fn guests_are_expected_where_there_are_any() {
        for has_guests in [false, true] {
            let house = House {
                has_guests,
                ..House::default()
            };
            as_worker(house, |worker, _| {
                worker.expect_guest();
                assert_eq!(worker.expects_guest.get(), has_guests);
            });
        }
    }

    /// Leaves a job where others would.
    type Leave = fn(&Worker, JobRef);

    const IN_THE_INJECTOR: Leave = |worker, job| worker.pool().inject(job);
    const AT_ANOTHER_SEAT: Leave = |worker, job| {
        // SAFETY: Q1: nobody sits there.
        let pushed = unsafe { worker.pool().seats()[1].deque.push(job) };
        assert!(pushed.is_ok());
    };
    const IN_THE_MAIL: Leave = |worker, job| worker.pool().seats()[0].mailbox.push(job);

    /// What comes after the last look, and wakes nobody, is seen at S3.
    #[test]
    fn what_comes_late_is_found_before_a_sleep() {
        let (own, other) = (Region::begin_isolated(), Region::begin());
        let rows = [
            (None, false, other, IN_THE_INJECTOR),
            (None, false, other, AT_ANOTHER_SEAT),
            (None, false, other, IN_THE_MAIL),
            (Some(own), false, own, IN_THE_INJECTOR),
            (Some(own), false, own, AT_ANOTHER_SEAT),
            (Some(own), false, own, IN_THE_MAIL),
            (Some(own), true, other, IN_THE_MAIL),
        ];
        for (confined, takes_all_mail, region, leave) in rows {
            as_worker(House::default(), |worker, log| {
                let questions = Cell::new(0);
                let is_done = || {
                    questions.set(questions.get() + 1);
                    if questions.get() == 2 {
                        leave(worker, job(log, 7, region));
                    }
                    false
                };
                worker.expects_guest.set(true); // so it looks once
                let sleeper = || Sleeper::Waiting(confined);
                let found = worker.search(&sleeper, &|| takes_all_mail, &is_done);
                found.expect("it has come").run();
                assert_eq!(numbers(log), [7]);
                assert!(questions.get() >= 2 && !worker.pool().parker.is_anybody_free(None));
            });
        }
    }

    /// Nor does it sleep if it has found something, or if what it waits for is done, which it asks once more where it lies.
    #[test]
    fn who_has_found_something_does_not_sleep() {
        let own = Region::begin_isolated();
        let sleeper = || Sleeper::Waiting(Some(own));
        as_worker(House::default(), |worker, log| {
            AT_ANOTHER_SEAT(worker, job(log, 7, own));
            let found = worker.search(&sleeper, &|| false, &|| false);
            found.expect("it was there").run();
            assert_eq!(numbers(log), [7]);
        });
        for end in 1..4 {
            as_worker(House::default(), |worker, _| {
                let questions = Cell::new(0);
                let is_done = || {
                    questions.set(questions.get() + 1);
                    let lies_there = worker.pool().parker.must_wake(None);
                    assert_eq!(lies_there, end == 3 && questions.get() == 3);
                    questions.get() >= end
                };
                worker.expects_guest.set(true);
                let found = worker.search(&sleeper, &|| false, &is_done);
                assert!(found.is_none() && !worker.pool().parker.is_anybody_free(None));
            });
        }
    }

    /// Who waits for a broadcast takes those of all calls, and who waits for another pool takes whatever there is, unless the user demands
    /// isolation. Nobody takes other strangers' jobs in an isolated call, but for the mail of those that are open.
    #[test]
    fn what_a_waiter_takes_depends_on_what_it_waits_for() {
        let stranger = Region::begin();
        let open = stranger.on_top_of(Region::begin_isolated());
        for is_strict in [false, true] {
            for (awaited, region, leave, takes_it) in [
                (Awaited::Jobs, stranger, IN_THE_MAIL, false),
                (Awaited::Seats, stranger, IN_THE_MAIL, !is_strict),
                (Awaited::Pool, stranger, IN_THE_MAIL, !is_strict),
                (Awaited::Jobs, open, IN_THE_MAIL, !is_strict),
                (Awaited::Jobs, stranger, IN_THE_INJECTOR, false),
                (Awaited::Seats, stranger, IN_THE_INJECTOR, false),
                (Awaited::Pool, stranger, IN_THE_INJECTOR, !is_strict),
                (Awaited::Jobs, open, IN_THE_INJECTOR, false),
            ] {
                as_worker(House::default(), |worker, log| {
                    leave(worker, job(log, 1, region));
                    let wait = || {
                        let questions = Cell::new(0);
                        let is_done = || {
                            questions.set(questions.get() + 1);
                            // By then it has looked everywhere, and lies down.
                            questions.get() >= 4 || !log.lock().expect("no panic").is_empty()
                        };
                        worker.expects_guest.set(true);
                        worker.wait_for(&|| awaited, &is_done);
                    };
                    if is_strict {
                        isolate(wait);
                    } else {
                        worker.in_region(Region::begin_isolated(), wait);
                    }
                    assert_eq!(numbers(log).len(), usize::from(takes_it));
                });
            }
        }
    }

    /// Who has had mail of its own call takes that of others, too, until it is in no region any more.
    #[test]
    fn who_knows_of_a_broadcast_takes_those_of_others() {
        as_worker(House::default(), |worker, log| {
            let (call, other) = (Region::begin_isolated(), Region::begin_isolated());
            IN_THE_MAIL(worker, job(log, 1, other));
            IN_THE_MAIL(worker, job(log, 2, Region::NONE));
            assert!(worker.next_own_job(Some(call)).is_none() && !worker.knows_of_broadcasts(call));
            // A part of the same call.
            IN_THE_MAIL(worker, job(log, 3, call.begin_depth()));
            let is_done = || log.lock().expect("no panic").len() == 3;
            worker.in_region(call, || {
                worker.wait_until(&is_done);
                assert_eq!(numbers(log), [3, 1, 2]);
                assert!(worker.knows_of_broadcasts(call) && worker.knows_of_broadcasts(other));
                worker.in_region(other, || ());
                assert_eq!(worker.broadcasting.borrow().len(), 2);
            });
            assert!(worker.broadcasting.borrow().is_empty());
        });
    }

    /// Within what is isolated, a yield takes what was made there, wherever it lies, and nothing else. Elsewhere it takes anything.
    #[test]
    fn a_yield_takes_no_stranger_into_what_is_isolated() {
        let on_its_deque: Leave = |worker, job| worker.publish(job);
        let places = [
            (on_its_deque, true),
            (IN_THE_MAIL, true),
            (AT_ANOTHER_SEAT, false),
            (IN_THE_INJECTOR, false),
        ];
        for is_strict in [false, true] {
            let region = Region::begin_isolated();
            let region = if is_strict {
                region.begin_strict()
            } else {
                region
            };
            for (leave, is_own) in places {
                for (from, taken) in [(region, true), (Region::begin(), !is_strict)] {
                    for (takes, is_local) in [(taken, false), (taken && is_own, true)] {
                        as_worker(House::default(), |worker, log| {
                            leave(worker, job(log, 1, from));
                            let has_run = worker.in_region(region, || {
                                if is_local {
                                    worker.yield_to_own()
                                } else {
                                    worker.yield_to_any()
                                }
                            });
                            assert_eq!(has_run, takes);
                            assert_eq!(numbers(log).len(), usize::from(takes));
                        });
                    }
                }
            }
        }
    }

    /// A fork is its owner's again as long as nobody has run it, whatever lies above it.
    #[test]
    fn a_fork_is_taken_back_once() {
        as_worker(House::default(), |worker, log| {
            // SAFETY: L3: the worker stays.
            let latch = unsafe { Latch::new(worker.unparker()) };
            for above in 0..3 {
                let position = worker.fork(nothing());
                for number in 0..above {
                    worker.publish(job(log, number + 1, Region::NONE));
                }
                assert!(worker.take_back(position, &latch));
                assert!(numbers(log).into_iter().eq((1..=above).rev()));
                // Nothing is left of it.
                assert!(!worker.has_own_jobs() && !worker.take_back(position, &latch));
            }
            // SAFETY: L1, L2: this thread has it alone; once.
            unsafe { Latch::set(&latch) };
            let position = worker.fork(job(log, 7, Region::NONE));
            assert!(!worker.take_back(position, &latch));
            assert!(worker.yield_to_own());
            assert_eq!(numbers(log), [7]);
        });
    }

    /// A thief may come for it while what lies above it is done.
    #[test]
    fn a_fork_is_stolen_while_it_is_dug_up() {
        as_worker(House::default(), |worker, log| {
            // SAFETY: L3: the worker stays.
            let latch = unsafe { Latch::new(worker.unparker()) };
            let position = worker.fork(job(log, 1, Region::NONE));
            let thief = || {
                let deque = |worker: Option<&Worker>| {
                    steal_from(worker.expect("seated").deque(), None).expect("the fork")
                };
                Worker::with_current(deque).run();
            };
            // SAFETY: J2: it holds nothing; J4: on this thread.
            worker.publish(unsafe { HeapJob::job_ref(thief, Region::NONE) });
            assert!(!worker.take_back(position, &latch));
            assert_eq!(numbers(log), [1]);
            assert!(!worker.has_own_jobs());
        });
    }
}
