//! [`WorkerPool`]: what the workers of a pool share, and how work enters it.

mod bound;
pub(crate) mod builder;
pub(crate) mod current;
pub(crate) mod error;
pub(crate) mod global;
pub(crate) mod guest;
pub(crate) mod handle;
pub(crate) mod handlers;
mod lone;
pub(crate) mod seat_thread;
mod verbs;
pub(crate) mod worker;

use std::iter;

use crate::barrier;
use crate::deque::Deque;
use crate::fifo::Fifo;
use crate::fork::{self, Pedigree};
use crate::job::{JobRef, StackJob};
use crate::latch::Latch;
use crate::paces::Paces;
use crate::park::global::GlobalParker;
use crate::park::parker::{Unparker, with_own_parker};
use crate::primitive::{
    Arc, AtomicBool, AtomicUsize, CachePadded, Injector, Mutex, Ordering, fence, fixed, gap,
    left_out, lock,
};
use crate::queue::JobQueue;
use crate::region::Region;
use crate::unwind::{self, Payload};
use handlers::Handlers;
use worker::{Awaited, Worker};

/// The shared state of a pool.
pub(crate) struct WorkerPool {
    pub(crate) parker: GlobalParker,
    seats: Box<[Seat]>,
    /// How many of the seats are in use: all of them, unless the system refused the others their threads.
    width: fixed::AtomicUsize,
    injector: Injector<JobRef>,
    /// The jobs of `spawn_fifo` from outside.
    line: Fifo,
    /// What the pool has to live for, beside its guests: one for its handle, one for each detached job that has not finished, and
    /// for the global pool one for each call from outside that has found no seat.
    holds: CachePadded<AtomicUsize>,
    /// Apart from `holds`, since idle workers and callers look here all the time.
    end: CachePadded<End>,
    handlers: Handlers,
    house: House,
    /// Held while a broadcast goes to the mailboxes, so that two of them arrive everywhere in the same order. (Threads that
    /// meet in a barrier within each would otherwise wait for one another.)
    posting: Mutex<()>,
    /// In which process its workers are.
    pedigree: Pedigree,
}

/// How far the end of a pool has come.
struct End {
    /// Set when `holds` has come to zero: nobody sits down any more.
    is_near: AtomicBool,
    /// Set when the last guest is gone, too, and has left nothing to live for.
    is_here: AtomicBool,
}

/// How a pool lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct House {
    /// Whether workers take the oldest of their own jobs first.
    pub(crate) is_breadth_first: bool,
    /// Whether outside callers may sit down.
    pub(crate) has_guests: bool,
    /// How much of a stack, in bytes, is in use when it counts as [deep](worker).
    pub(crate) deep_stack: usize,
}

impl Default for House {
    fn default() -> Self {
        Self {
            is_breadth_first: false,
            has_guests: true,
            // A quarter of what a thread has by default.
            deep_stack: 512 << 10,
        }
    }
}

/// A place in the pool. Whoever sits on it owns its deque.
pub(crate) struct Seat {
    pub(crate) deque: Deque,
    /// Jobs that only whoever sits here may run.
    pub(crate) mailbox: JobQueue,
    /// The jobs of `spawn_fifo`.
    line: Fifo,
    /// What is remembered here of loops.
    pub(crate) paces: Paces,
}

impl WorkerPool {
    /// A pool with one seat for each of the unparkers, on which nobody sits yet.
    pub(crate) fn new(unparkers: Vec<Unparker>, handlers: Handlers, house: House) -> Self {
        fork::watch();
        Self {
            seats: unparkers
                .iter()
                .map(|_| Seat {
                    deque: Deque::new(),
                    mailbox: JobQueue::new(),
                    line: Fifo::new(),
                    paces: Paces::new(),
                })
                .collect(),
            width: fixed::AtomicUsize::new(unparkers.len()),
            parker: GlobalParker::new(unparkers),
            injector: Injector::new(),
            line: Fifo::new(),
            holds: CachePadded::new(AtomicUsize::new(1)),
            end: CachePadded::new(End {
                is_near: AtomicBool::new(false),
                is_here: AtomicBool::new(false),
            }),
            handlers,
            house,
            posting: Mutex::new(()),
            pedigree: Pedigree::of_this_process(),
        }
    }

    #[inline]
    pub(crate) fn num_threads(&self) -> usize {
        // Relaxed: it changes only before anybody but the workers knows of the pool.
        self.width.load(Ordering::Relaxed)
    }

    pub(crate) fn seats(&self) -> &[Seat] {
        &self.seats[..self.num_threads()]
    }

    /// The line of detached jobs for this seat, or for all who are outside.
    pub(crate) fn line(&self, seat: Option<usize>) -> &Fifo {
        seat.map_or(&self.line, |index| &self.seats[index].line)
    }

    /// Makes do with the first few seats. Called before anybody but their workers knows of the pool, and those may see the
    /// others for a while: there is never anything at them.
    pub(crate) fn settle_for(&self, width: usize) {
        self.width.store(width, Ordering::Relaxed); // Relaxed: as above
    }

    /// Whether its workers are in a parent of this process, where nobody hears us.
    #[inline]
    pub(crate) fn is_of_a_parent(&self) -> bool {
        self.pedigree.is_of_a_parent()
    }

    pub(crate) fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    pub(crate) fn has_guests(&self) -> bool {
        self.house.has_guests
    }

    pub(crate) fn is_breadth_first(&self) -> bool {
        self.house.is_breadth_first
    }

    pub(crate) fn deep_stack(&self) -> usize {
        self.house.deep_stack
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
        .chain(self.seats().iter().filter_map(forked))
    }

    /// Whether there is a job for whoever sits on seat `index`, confined or not; but for those in the injector, if confined.
    /// As strong as the fence before it (S2).
    pub(crate) fn has_work_for(&self, index: usize, confined: Option<Region>) -> bool {
        let mailbox = &self.seats[index].mailbox;
        match confined {
            None => !mailbox.is_empty() || self.visible().next().is_some(),
            Some(region) => {
                let is_of = |seat: &Seat| seat.deque.next_region() == Some(region);
                // Of its own deque it has taken what it may; the rest waits for an outer frame.
                let mut others = self.seats().iter().enumerate();
                mailbox.has_any_for(region)
                    || others.any(|(other, seat)| other != index && is_of(seat))
            }
        }
    }

    /// S2 and C2 of the worker on seat `index`: the barrier that meets P2 of all publishers, those of forks included.
    pub(crate) fn meet_publishers(&self, index: usize) {
        fence(Ordering::SeqCst);
        // All of them first, for one barrier that serves all.
        let others = self
            .seats()
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
        self.parker.wake_for_injected(region); // P2 to P4
    }

    /// Leaves a job at each seat, for whoever sits there and nobody else. `job` hears how many there are.
    ///
    /// Once the pool has ended, there is one, for whoever comes first: nobody is left but a thread that is bound to the pool, and
    /// those at their exit handlers, and one of them is who calls.
    pub(crate) fn post(&self, mut job: impl FnMut(usize) -> JobRef) {
        if self.has_ended() {
            return self.inject(job(1));
        }
        let posting = (!left_out("posting")).then(|| lock(&self.posting));
        for seat in self.seats() {
            seat.mailbox.push(job(self.num_threads())); // P1
        }
        drop(posting);
        if !left_out("post-wake") {
            self.parker.wake_all(); // P2 to P4
        }
    }

    /// How many jobs are in the injector.
    pub(crate) fn injected_count(&self) -> usize {
        if self.injector.is_empty() {
            return 0;
        }
        self.injector.len()
    }

    pub(crate) fn take_injected(&self) -> Option<JobRef> {
        self.injector.take()
    }

    /// Takes a job of this region out of the injector, by going round it once. What it puts back may come to lie behind newer
    /// jobs. Few such jobs come by there: spawned on a scope from outside the pool, or handed over by somebody confined. So it
    /// is looked for last, at S3.
    pub(crate) fn take_injected_of(&self, region: Region) -> Option<JobRef> {
        let mut found = None;
        let mut moved: Vec<Region> = Vec::new();
        for _ in 0..self.injector.len() {
            let Some(job) = self.injector.take() else {
                break;
            };
            if found.is_none() && job.region == region {
                found = Some(job);
            } else {
                gap();
                let region = job.region;
                self.injector.push(job); // P1, once more, for who looked in the meantime
                match moved.try_reserve(1) {
                    Ok(()) => moved.push(region),
                    // No memory to do it later.
                    Err(_) => self.parker.wake_for_injected(region), // P2 to P4
                }
            }
        }
        for region in moved {
            if !left_out("put-back-wake") {
                self.parker.wake_for_injected(region); // P2 to P4
            }
        }
        found
    }

    /// Keeps the pool alive for one more detached job or call. Called by one who borrows the handle, from within a job, or by a guest.
    ///
    /// Two may also come after the end, and raise the holds from zero: a thread that is bound to the pool, which does what it spawns
    /// itself, so that E4 comes once more; and an exit handler, and what that spawns is mostly never run.
    pub(crate) fn hold(&self) {
        // Relaxed: for the others the pool does not end in the meantime.
        self.holds.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps the pool alive, if it is: for one who knows of it by hearsay.
    pub(crate) fn hold_if_alive(&self) -> bool {
        let hold = |holds: usize| (holds > 0).then_some(holds + 1);
        // Relaxed: as in `hold`. One variable only, so it never rises from zero.
        self.holds
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, hold)
            .is_ok()
    }

    /// Gives up a hold. The last one ends the pool, as soon as it has no guests: every worker wakes, sees it, and leaves.
    ///
    /// E1 the end is near, and E2 looks at every bed, and makes itself known to each guest there. Who sits down later sees E1, and
    /// leaves again. Whoever of the guests is the last to leave comes to E2 itself, and finds none. E3 looks at the holds, after that:
    /// only guests make new ones once there are none. If there are some, the last of them will come here again. E4 the end is here.
    pub(crate) fn release(&self) {
        // AcqRel: the last one passes on what was done before by all of them.
        let order = order_unless("holds-acqrel", Ordering::AcqRel);
        if self.holds.fetch_sub(1, order) == 1 {
            // E1. Relaxed: E2 passes it on to guests.
            self.end.is_near.store(true, Ordering::Relaxed);
            self.end_if_left();
        }
    }

    /// E2 to E4, after E1.
    fn end_if_left(&self) {
        // E3. Acquire: with all that those did who gave up their holds. What guests have added to them is seen by E2.
        let has_holds = || self.holds.load(Ordering::Acquire) > 0;
        if self.parker.is_any_lent() && !left_out("E2") || has_holds() && !left_out("E3") {
            return;
        }
        // E4. Release: a worker that sees the end sees all that. Takes the place of P1.
        let order = order_unless("end-release", Ordering::Release);
        self.end.is_here.store(true, order);
        if !left_out("end-wake") {
            self.parker.wake_all();
        }
    }

    /// Whether nobody should sit down any more. For guests, after G1, and after G2 where E2 was.
    #[inline]
    fn is_to_end(&self) -> bool {
        // Relaxed: ordered by E2 and G1, or G2, which change the same bed.
        self.end.is_near.load(Ordering::Relaxed)
    }

    /// Whether the handle is gone, and all that was spawned is done.
    pub(crate) fn has_ended(&self) -> bool {
        // Acquire: pairs with E4.
        self.end.is_here.load(Ordering::Acquire)
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
                let wait = |latch: &Latch| worker.wait_for(&|| Awaited::Pool, &|| latch.probe());
                self.run_injected(
                    &mut task,
                    worker.region().or_begin().abroad(),
                    worker.unparker(),
                    &wait,
                );
            }
            None => with_own_parker(|parker| {
                let wait = |latch: &Latch| latch.wait(parker);
                let region = Region::begin_isolated();
                self.run_injected(&mut task, region, parker.unparker(), &wait);
            }),
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
                let worker = worker.expect("injected jobs run on workers");
                task(worker, is_migrated);
                worker.expect_guest();
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

/// A hold of a pool.
pub(crate) struct Kept(Arc<WorkerPool>);

impl Kept {
    pub(crate) fn if_alive(pool: &Arc<WorkerPool>) -> Option<Self> {
        pool.hold_if_alive().then(|| Self(Arc::clone(pool)))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// This ordering, unless the step is left out.
fn order_unless(step: &str, order: Ordering) -> Ordering {
    if left_out(step) {
        Ordering::Relaxed
    } else {
        order
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
        None => global::in_worker(op),
    }
}

/// Runs `op` for a thread that belongs to no pool: as a guest, if a seat is free, else on one of the workers.
fn from_outside<R: Send>(pool: &Arc<WorkerPool>, op: impl FnOnce(&Worker, bool) -> R + Send) -> R {
    guest::as_guest(pool, op).unwrap_or_else(|op| pool.in_other_worker(None, op))
}

/// Lets the process begin without any pool, and its one thread as no worker. For a child made by `fork`.
pub(crate) fn forget_all() {
    global::forget();
    Worker::forget_current();
}

/// Gives `f` the pool of the calling worker, or the global one, which lives at least as long as `f` takes.
pub(crate) fn with_current_pool<R>(f: impl FnOnce(&Arc<WorkerPool>) -> R) -> R {
    Worker::with_current(|current| match current {
        Some(worker) => f(worker.pool()),
        None => global::with_pool(f),
    })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ptr::NonNull;

    use super::*;
    use crate::deque::Steal;
    use crate::park::parker::Parker;
    use crate::scope::in_place_scope_on;

    /// A pool on whose seats nobody sits.
    fn empty(width: usize, house: House) -> WorkerPool {
        let parkers: Vec<_> = (0..width).map(|_| Parker::new()).collect();
        let unparkers = parkers.iter().map(|parker| parker.unparker().clone());
        WorkerPool::new(unparkers.collect(), Handlers::default(), house)
    }

    fn plain(width: usize) -> WorkerPool {
        empty(width, House::default())
    }

    /// A job that is never run, only taken.
    #[allow(unsafe_code)]
    fn nothing(region: Region) -> JobRef {
        unsafe fn nothing(_: NonNull<()>) {}
        // SAFETY: J1 to J4 hold for a job that does nothing.
        unsafe { JobRef::new(NonNull::dangling(), nothing, region) }
    }

    #[allow(unsafe_code)]
    fn push(pool: &WorkerPool, index: usize, region: Region) {
        // SAFETY: Q1: there is no other thread.
        assert!(unsafe { pool.seats()[index].deque.push(nothing(region)) }.is_ok());
    }

    #[test]
    fn a_pool_is_as_it_was_built() {
        let house = House {
            is_breadth_first: true,
            has_guests: false,
            deep_stack: 77,
        };
        for house in [House::default(), house] {
            let pool = empty(3, house);
            assert_eq!(pool.is_breadth_first(), house.is_breadth_first);
            assert_eq!(pool.has_guests(), house.has_guests);
            assert_eq!(pool.deep_stack(), house.deep_stack);
            assert!(!pool.is_of_a_parent());
            assert_eq!((pool.num_threads(), pool.seats().len()), (3, 3));
            pool.settle_for(2);
            assert_eq!((pool.num_threads(), pool.seats().len()), (2, 2));
        }
    }

    #[test]
    fn jobs_are_seen_where_they_lie() {
        let (pool, region, other) = (plain(2), Region::begin(), Region::begin());
        let seen = || pool.visible().collect::<Vec<_>>();
        let has_work =
            |index| [None, Some(region)].map(|confined| pool.has_work_for(index, confined));
        assert!(seen().is_empty());
        assert_eq!((has_work(0), has_work(1)), ([false; 2], [false; 2]));
        // Of what lies on the deques, who is confined can take only its own region's, and that of others.
        push(&pool, 1, region);
        assert_eq!(seen(), [Some(region)]);
        assert_eq!((has_work(0), has_work(1)), ([true, true], [true, false]));
        push(&pool, 0, other);
        assert_eq!(seen(), [Some(other), Some(region)]);
        assert_eq!((has_work(0), has_work(1)), ([true, true], [true, false]));

        // Mail is for one.
        let pool = plain(2);
        let has_work =
            |index| [None, Some(region)].map(|confined| pool.has_work_for(index, confined));
        pool.seats()[0].mailbox.push(nothing(other));
        assert_eq!((has_work(0), has_work(1)), ([true, false], [false; 2]));
        pool.seats()[0].mailbox.push(nothing(region));
        assert_eq!((has_work(0), has_work(1)), ([true, true], [false; 2]));

        // The injector is for those who are not confined.
        let pool = plain(2);
        let has_work =
            |index| [None, Some(region)].map(|confined| pool.has_work_for(index, confined));
        pool.publish(nothing(region));
        assert_eq!(pool.visible().collect::<Vec<_>>(), [None]);
        assert_eq!((has_work(0), has_work(1)), ([true, false], [true, false]));
    }

    #[test]
    fn who_is_confined_takes_its_own_out_of_the_injector() {
        let (pool, own, other) = (plain(1), Region::begin(), Region::begin());
        assert_eq!(pool.injected_count(), 0);
        assert!(pool.take_injected_of(own).is_none());
        for region in [other, own, other, own] {
            pool.inject(nothing(region));
        }
        let taken = || pool.take_injected_of(own).map(|job| job.region);
        for left in [3, 2] {
            assert_eq!((taken(), pool.injected_count()), (Some(own), left));
        }
        assert_eq!((taken(), pool.injected_count()), (None, 2));
        while let Some(job) = pool.take_injected() {
            assert_eq!(job.region, other);
        }
        assert_eq!(pool.injected_count(), 0);
    }

    #[test]
    fn a_broadcast_comes_to_each_seat() {
        let (pool, region) = (plain(3), Region::begin());
        pool.settle_for(2);
        let mut counts = Vec::new();
        pool.post(|count| {
            counts.push(count);
            nothing(region)
        });
        assert_eq!(counts, [2, 2]);
        for seat in pool.seats() {
            assert!(seat.mailbox.take().is_some() && seat.mailbox.is_empty());
        }
    }

    #[test]
    fn a_broadcast_after_the_end_is_for_who_comes_first() {
        let (pool, region) = (plain(3), Region::begin());
        pool.release();
        let mut counts = Vec::new();
        pool.post(|count| {
            counts.push(count);
            nothing(region)
        });
        assert_eq!((counts, pool.injected_count()), (vec![1], 1));
        assert!(pool.seats().iter().all(|seat| seat.mailbox.is_empty()));
    }

    /// A thread of the parent may have had the lock of broadcasts, and have vanished with it.
    #[test]
    fn a_child_refuses_a_broadcast_before_it_locks() {
        let mut pool = plain(1);
        pool.pedigree = Pedigree::of_another_process();
        let pool = Arc::new(pool);
        let broadcast = || in_place_scope_on(&pool, |s| s.spawn_broadcast(|_, _| ()));
        let payload = unwind::catch(broadcast).expect_err("there is nobody");
        let words = payload.downcast_ref::<&str>().expect("words");
        assert!(words.contains("child process"), "{words}");
        // Whoever panics while he has it leaves it poisoned.
        assert!(pool.posting.lock().is_ok());
    }

    #[test]
    fn the_last_hold_ends_it() {
        let pool = plain(1);
        pool.hold();
        assert!(pool.hold_if_alive());
        for _ in 0..3 {
            assert!(!pool.has_ended());
            pool.release();
        }
        assert!(pool.has_ended() && !pool.hold_if_alive());
    }

    /// Whoever is about to sleep finds the deques of the others guarded afterwards. Its own it need not ask.
    #[test]
    #[allow(unsafe_code)]
    fn who_meets_publishers_guards_their_deques() {
        let pool = plain(3);
        let is_unguarded = |index: usize| {
            // It asks, but has no barrier.
            pool.seats()[index].deque.ask_for_guard().is_some()
        };
        // Thousands of pops in peace take the guard off.
        for index in 0..3 {
            for _ in 0..3_000 {
                push(&pool, index, Region::NONE);
                // SAFETY: Q1: there is no other thread.
                assert!(unsafe { pool.seats()[index].deque.pop() }.is_some());
            }
        }
        pool.meet_publishers(1);
        assert!(!is_unguarded(0) && !is_unguarded(2));
        assert_eq!(is_unguarded(1), barrier::has_light());
    }

    /// From outside, where nobody sits, a job comes to lie in the injector; on the deque it lies for its owner and for thieves.
    #[test]
    fn thieves_take_what_lies_on_a_deque() {
        let (pool, region) = (plain(1), Region::begin());
        push(&pool, 0, region);
        assert!(pool.take_injected().is_none());
        let stolen = pool.seats()[0].deque.steal(Some(region));
        assert!(matches!(stolen, Steal::Success(job) if job.region == region));
    }

    #[test]
    fn a_panic_is_for_the_handler() {
        let heard = Arc::new(AtomicUsize::new(0));
        let handlers = Handlers {
            panic: Some(Box::new({
                let heard = Arc::clone(&heard);
                move |payload| {
                    assert_eq!(payload.downcast_ref(), Some(&"fatal"));
                    heard.fetch_add(1, Ordering::Relaxed); // a count only
                }
            })),
            ..Handlers::default()
        };
        let own = Parker::new();
        let pool = WorkerPool::new(vec![own.unparker().clone()], handlers, House::default());
        pool.report_panic(Box::new("fatal"));
        assert_eq!(heard.load(Ordering::Relaxed), 1);
        let handler = |index| {
            assert_eq!(index, 3);
            unwind::resume(Box::new("fatal")); // without a report
        };
        pool.handlers().call(&pool, Some(&handler), 3);
        pool.handlers().call(&pool, None, 3);
        assert_eq!(heard.load(Ordering::Relaxed), 2);
        assert!(pool.handlers().are_for_jobs_only());
    }
}
