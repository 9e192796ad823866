//! How a stolen part of a loop is worked off without being waited for.
//!
//! A worker in the middle of a loop may not do strangers' jobs: they would lie on top of the loop's frames, and may want
//! a lock that the loop's caller holds (see [`region`](crate::region)). A thief that recursed into a stolen half would so be lost
//! to all others until that half is done. If it has nothing but its run loop below it, there is another way.
//!
//! | step | |
//! |------|---|
//! | X1 | It cuts the part, as often as the recursion would, leaves each right half on its deque, and keeps the left one. |
//! | X2 | It pours the leaf that is left over, |
//! | X3 | writes what came of it to its side of the [`Cut`] above, |
//! | X4 | and arrives there. The first of two returns to its run loop. The second joins both sides, left before right, frees the cut, and is at X3 for the one above; at the top it ends the stolen job. |
//!
//! What lies on the deque is taken by its owner, newest first, or by anybody else; in between, the run loop looks for what was
//! injected. Nobody waits for anybody but the loop's caller, so no thread is needed to finish what it began. That
//! is why it does not matter if a worker does a stranger's job that is blocked for long: all that the caller waits for is
//! on a deque where it can take it itself
//! ([`may_leave_parts`](Worker::may_leave_parts)), or in the hands of somebody who runs a leaf.
//!
//! The reducers of the cuts may go to another thread. That not all of them may is why [`SendProof`] exists.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::Reducer;
use crate::job::{Completion, JobRef, Task};
use crate::join::join_task;
use crate::pool::worker::Worker;
use crate::primitive::{AtomicUsize, Ordering, gap, left_out};
use crate::unwind::{self, AbortOnUnwind, Payload};

/// How many cuts lie one below the other until a leaf is one that recursion cuts further. Each costs an allocation, which a
/// loop of very many leaves would feel.
const LEVELS: usize = 4;

/// A part of a loop, that is: what its items are, and what becomes of them.
pub(super) trait Piece: Send + Sized {
    type Output: Send;
    type Reducer: Reducer<Self::Output>;

    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>>;

    /// Whether it should be cut; the splitter takes note. `is_stolen` says that it has just come from another thread.
    fn wants_cut(&mut self, is_stolen: bool) -> bool;

    /// Cuts off the right half, unless it can't be cut.
    fn cut(self) -> (Self, Option<(Self, Self::Reducer)>);

    /// Does it all on this thread.
    fn pour(self) -> Self::Output;
}

/// Cuts by recursion as long as the piece wants it. The halves meet again in the reducer, left before right.
pub(super) fn cut_or_pour<T: Piece>(worker: &Worker, mut piece: T, is_stolen: bool) -> T::Output {
    if !piece.wants_cut(is_stolen) {
        return piece.pour();
    }
    match piece.cut() {
        (leaf, None) => leaf.pour(),
        (left, Some((right, reducer))) => {
            let left = |is_migrated| cut_or_pour(worker, left, is_migrated);
            let (left, right) = join_piece(worker, left, right, false);
            reducer.reduce(left, right)
        }
    }
}

/// [`join_on`](crate::join::join_on) whose second side is a part of a loop.
///
/// `a` goes by reference, so that only one join is compiled for all the forks of a loop: they are few, and a loop has many.
#[inline]
pub(super) fn join_piece<A, RA, T: Piece>(
    worker: &Worker,
    a: A,
    b: T,
    is_migrated: bool,
) -> (RA, T::Output)
where
    A: FnOnce(bool) -> RA,
{
    let (mut a, mut result) = (Some(a), None);
    let mut run = |is_migrated| result = a.take().map(|a| a(is_migrated));
    let b = join_lent(worker, &mut run, Lent(b), is_migrated);
    (result.expect("a join runs both sides"), b)
}

#[inline(never)]
fn join_lent<T: Piece>(
    worker: &Worker,
    a: &mut dyn FnMut(bool),
    b: Lent<T>,
    is_migrated: bool,
) -> T::Output {
    join_task(worker, a, b, is_migrated).1
}

/// A piece that others may steal.
struct Lent<T>(T);

impl<T: Piece> Task<T::Output> for Lent<T> {
    #[inline]
    fn run(self, is_migrated: bool) -> T::Output {
        on_worker(|worker| cut_or_pour(worker, self.0, is_migrated))
    }

    fn run_stolen(self, completion: Completion<T::Output>) {
        let guard = AbortOnUnwind("a stolen part of a loop unwound into its worker");
        on_worker(|worker| work_off(worker, self.0, Up::Caller(completion), true, LEVELS));
        guard.disarm();
    }
}

/// Gives `f` the worker that runs the job.
#[inline]
fn on_worker<R>(f: impl FnOnce(&Worker) -> R) -> R {
    Worker::with_current(|worker| f(worker.expect("jobs are run by workers")))
}

/// The proof that a `T` may go to another thread.
///
/// [`Reducer`]s need not be [`Send`]: where nobody knows of one that it is, it stays where it was made, and the worker that made
/// it with it.
///
/// It is for this type alone, and not for one with other lifetimes, which need not be `Send` if this one is.
///
/// ```compile_fail
/// use lyocell::iter::plumbing::SendProof;
///
/// fn of_shorter<'a>(proof: SendProof<&'static u8>) -> SendProof<&'a u8> {
///     proof
/// }
/// ```
#[doc(hidden)]
pub struct SendProof<T>(PhantomData<fn(T) -> T>);

impl<T: Send> SendProof<T> {
    /// The compiler knows.
    pub const HERE: Option<Self> = Some(Self(PhantomData));
}

impl<T> SendProof<T> {
    /// For a type that is made of two, which are `Send` if there are these proofs.
    ///
    /// # Safety
    /// `T` is `Send` if `A` and `B` are.
    pub(crate) const unsafe fn of_both<A, B>(
        a: &Option<SendProof<A>>,
        b: &Option<SendProof<B>>,
    ) -> Option<Self> {
        match (a, b) {
            (Some(_), Some(_)) => Some(Self(PhantomData)),
            _ => None,
        }
    }
}

/// Where the result of a piece goes.
enum Up<T: Piece> {
    /// To the one who waits for all of it.
    Caller(Completion<T::Output>),
    /// To a cut, as its left side.
    Left(NonNull<Cut<T>>),
    /// To a cut, as its right side.
    Right(NonNull<Cut<T>>),
}

type Outcome<T> = Result<<T as Piece>::Output, Payload>;

/// Two halves of a piece, until both are done.
///
/// X5 it lives until the second of its two sides has arrived.  X6 `right` is taken out once, by the one who runs its job (J1).
/// X7 each side's outcome is written once, before that side arrives, and read by the second to arrive.
/// X8 its reducer may be used on any thread: there was a [`SendProof`].
struct Cut<T: Piece> {
    meeting: Meeting,
    right: UnsafeCell<MaybeUninit<T>>,
    outcomes: [UnsafeCell<MaybeUninit<Outcome<T>>>; 2],
    reducer: T::Reducer,
    up: Up<T>,
    /// Where it was cut: who takes the right half there has not stolen it.
    seat: usize,
    /// How many more levels of cuts may lie below.
    levels: usize,
}

impl<T: Piece> Cut<T> {
    /// X1. Leaves the right half on the deque of the worker.
    ///
    /// # Safety
    /// There is a [`SendProof`] for the reducer (X8).
    unsafe fn leave(
        worker: &Worker,
        right: T,
        reducer: T::Reducer,
        up: Up<T>,
        levels: usize,
    ) -> NonNull<Self> {
        let cut = NonNull::from(Box::leak(Box::new(Self {
            meeting: Meeting::new(),
            right: UnsafeCell::new(MaybeUninit::new(right)),
            outcomes: [const { UnsafeCell::new(MaybeUninit::uninit()) }; 2],
            reducer,
            up,
            seat: worker.index(),
            levels,
        })));
        // SAFETY: J2 by X5: the right side arrives only after it was run. J3: `run_right` aborts on unwinding. J4: a piece is
        // `Send`, so are its outcome and what completes the whole, and the reducer by X8. What the piece borrows stays until
        // the whole is completed (J7).
        worker.fork(unsafe { JobRef::new(cut.cast(), Self::run_right, worker.region()) });
        cut
    }

    /// Works off the right half, on whatever thread.
    unsafe fn run_right(this: NonNull<()>) {
        let guard = AbortOnUnwind("a part of a loop unwound into its worker");
        let cut: NonNull<Self> = this.cast();
        // SAFETY: X5: it stays until `work_off` has ended this side.
        let Self {
            right,
            seat,
            levels,
            ..
        } = unsafe { cut.as_ref() };
        let (right, seat, levels) = (right.get(), *seat, *levels);
        // SAFETY: X6.
        let right = unsafe { right.read() };
        // SAFETY: X6: `leave` has put it there.
        let right = unsafe { right.assume_init() };
        on_worker(|worker| {
            let is_stolen = worker.index() != seat;
            let levels = if is_stolen { LEVELS } else { levels };
            work_off(worker, right, Up::Right(cut), is_stolen, levels);
        });
        guard.disarm();
    }

    /// Joins both sides, and tells where that goes.
    fn close(self) -> (Up<T>, Outcome<T>) {
        let Self {
            outcomes: [left, right],
            reducer,
            up,
            ..
        } = self;
        // SAFETY: X7: whoever calls this is the second to arrive.
        let left = unsafe { left.into_inner().assume_init() };
        // SAFETY: X7.
        let right = unsafe { right.into_inner().assume_init() };
        let outcome = match (left, right) {
            (Ok(left), Ok(right)) => unwind::catch(|| reducer.reduce(left, right)),
            (Err(payload), other) => {
                unwind::discard((other, reducer));
                Err(payload)
            }
            (Ok(left), Err(payload)) => {
                unwind::discard((left, reducer));
                Err(payload)
            }
        };
        (up, outcome)
    }
}

/// Does a piece that was taken from a queue, or begins it: X1 to X4 if nothing lies below, else by recursion.
fn work_off<T: Piece>(
    worker: &Worker,
    mut piece: T,
    mut up: Up<T>,
    mut is_stolen: bool,
    levels: usize,
) {
    if T::REDUCER_IS_SEND.is_none() || !worker.may_leave_parts() {
        return arrive(up, unwind::catch(|| cut_or_pour(worker, piece, is_stolen)));
    }
    for levels in (0..levels).rev() {
        // To ask a consumer whether it is full may be somebody else's code, too.
        let cut = unwind::catch(|| {
            if piece.wants_cut(is_stolen) {
                piece.cut()
            } else {
                (piece, None)
            }
        });
        is_stolen = false;
        match cut {
            Err(payload) => return arrive(up, Err(payload)),
            Ok((leaf, None)) => return arrive(up, unwind::catch(|| leaf.pour())),
            Ok((left, Some((right, reducer)))) => {
                // SAFETY: the proof was asked for above.
                up = Up::Left(unsafe { Cut::leave(worker, right, reducer, up, levels) });
                piece = left;
            }
        }
    }
    arrive(up, unwind::catch(|| cut_or_pour(worker, piece, false)));
}

/// X3 and X4, from where a piece is done, up to where another one is still missing.
fn arrive<T: Piece>(mut up: Up<T>, mut outcome: Outcome<T>) {
    loop {
        let (cut, side) = match up {
            Up::Caller(completion) => {
                // SAFETY: J7: every leaf has used its piece up, and every cut is freed.
                return unsafe { completion.give(outcome) };
            }
            Up::Left(cut) => (cut, 0),
            Up::Right(cut) => (cut, 1),
        };
        // SAFETY: X5: this side has not arrived yet.
        let place = unsafe { &(*cut.as_ptr()).outcomes[side] }.get();
        // SAFETY: X7.
        unsafe { (*place).write(outcome) }; // X3
        // SAFETY: X5.
        let meeting = unsafe { &raw const (*cut.as_ptr()).meeting };
        // SAFETY: X5: alive until both have arrived; once for this side.
        if !unsafe { Meeting::arrive(meeting) } {
            return; // X4
        }
        // SAFETY: from `Box::leak`, and X5 ends here.
        let cut = *unsafe { Box::from_raw(cut.as_ptr()) };
        (up, outcome) = cut.close();
    }
}

/// Where two meet of whom the second goes on with what both have brought.
pub(crate) struct Meeting {
    missing: AtomicUsize,
}

impl Meeting {
    pub(crate) fn new() -> Self {
        Self {
            missing: AtomicUsize::new(2),
        }
    }

    /// Arrives, and tells whether the other one was there before. All that it did is then visible.
    ///
    /// # Safety
    /// Each of the two calls this once, `this` is alive when it does, and only the second frees it.
    pub(crate) unsafe fn arrive(this: *const Self) -> bool {
        gap();
        let order = if left_out("meeting-acqrel") {
            Ordering::Relaxed
        } else {
            Ordering::AcqRel
        };
        // SAFETY: alive, since we have not arrived. AcqRel: the first passes on what it did, the second learns of it.
        let missing = unsafe { (*this).missing.fetch_sub(1, order) };
        missing == 1 || left_out("meeting-count")
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ops::Range;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::job::{HeapJob, StackJob};
    use crate::park::parker::with_own_parker;
    use crate::region::Region;
    use crate::{ThreadPool, ThreadPoolBuilder};

    /// So many items that the cuts which are left on the deque do not suffice: the parts between them have four each.
    const ITEMS: usize = 4 << LEVELS;

    /// What a stranger's job leaves in the log.
    const STRANGER: usize = ITEMS;

    /// Where a loop comes to its end.
    #[derive(Clone, Copy, PartialEq)]
    enum Fatal {
        Nowhere,
        /// At an item.
        Item(usize),
        /// Where the piece that begins here, and is so long, is asked whether it should be cut.
        Question(usize, usize),
        /// Where it is cut.
        Cut(usize, usize),
        /// Where the two sides of a cut are joined.
        Seam(usize),
    }

    struct Loop {
        fatal: Fatal,
        /// The items in the order in which they were reached.
        log: Arc<Mutex<Vec<usize>>>,
        /// All pieces and results hold it.
        held: Arc<()>,
    }

    impl Loop {
        fn new(fatal: Fatal) -> Self {
            Self {
                fatal,
                log: Arc::default(),
                held: Arc::default(),
            }
        }

        fn all<const IS_SEND: bool>(&self) -> Lent<Items<'_, IS_SEND>> {
            Lent(Items {
                range: 0..ITEMS,
                of: self,
                held: Arc::clone(&self.held),
            })
        }

        fn come_to(&self, place: Fatal) {
            if self.fatal == place {
                unwind::resume(Box::new("fatal")); // without a report
            }
        }

        /// Leaves a job in the injector, for which the pool lives until it has run.
        fn call_a_stranger(&self, worker: &Worker) {
            let (log, pool) = (Arc::clone(&self.log), Arc::clone(worker.pool()));
            pool.hold();
            let task = move || {
                log.lock().expect("no panic").push(STRANGER);
                pool.release();
            };
            // SAFETY: J2, J4: it owns what it needs, and that is `Send`.
            worker
                .pool()
                .inject(unsafe { HeapJob::job_ref(task, Region::NONE) });
        }

        fn seen(&self) -> Vec<usize> {
            self.log.lock().expect("no panic").clone()
        }
    }

    /// Items that are to be reached one by one. `IS_SEND`: whether it is known that their reducers may go elsewhere.
    struct Items<'a, const IS_SEND: bool> {
        range: Range<usize>,
        of: &'a Loop,
        held: Arc<()>,
    }

    /// Joins what lies on both sides of an item.
    struct Concat<'a>(usize, &'a Loop);

    type Found = Vec<(usize, Arc<()>)>;

    impl Reducer<Found> for Concat<'_> {
        fn reduce(self, mut left: Found, right: Found) -> Found {
            let Self(seam, of) = self;
            assert!(left.last().is_some_and(|last| last.0 + 1 == seam));
            assert!(right.first().is_some_and(|first| first.0 == seam));
            of.come_to(Fatal::Seam(seam));
            left.extend(right);
            left
        }
    }

    impl<'a, const IS_SEND: bool> Piece for Items<'a, IS_SEND> {
        type Output = Found;
        type Reducer = Concat<'a>;

        const REDUCER_IS_SEND: Option<SendProof<Concat<'a>>> =
            if IS_SEND { SendProof::HERE } else { None };

        fn wants_cut(&mut self, _is_stolen: bool) -> bool {
            let Range { start, end } = self.range;
            self.of.come_to(Fatal::Question(start, end - start));
            self.range.len() > 1
        }

        fn cut(mut self) -> (Self, Option<(Self, Concat<'a>)>) {
            let Range { start, end } = self.range;
            self.of.come_to(Fatal::Cut(start, end - start));
            let middle = start.midpoint(end);
            let right = Self {
                range: middle..end,
                of: self.of,
                held: Arc::clone(&self.held),
            };
            self.range.end = middle;
            let reducer = Concat(middle, self.of);
            (self, Some((right, reducer)))
        }

        fn pour(self) -> Found {
            assert_eq!(self.range.len(), 1, "it wanted to be cut");
            let item = self.range.start;
            self.of.log.lock().expect("no panic").push(item);
            if item == 0 {
                Worker::with_current(|worker| self.of.call_a_stranger(worker.expect("a pool")));
            }
            self.of.come_to(Fatal::Item(item));
            vec![(item, self.held)]
        }
    }

    fn pool(width: usize) -> ThreadPool {
        let builder = ThreadPoolBuilder::new().num_threads(width);
        builder.build().expect("a pool")
    }

    /// Has the run loop of a worker begin the loop.
    fn from_the_run_loop<const IS_SEND: bool>(
        pool: &ThreadPool,
        of: &Loop,
    ) -> Result<Found, Payload> {
        with_own_parker(|parker| {
            // SAFETY: L3: `parker` is borrowed for longer.
            let job = unsafe { StackJob::new(of.all::<IS_SEND>(), parker.unparker()) };
            // SAFETY: J2: we wait for the latch; J4: pieces and results are `Send`.
            pool.pool()
                .inject(unsafe { job.as_job_ref(Region::begin()) });
            job.latch().wait(parker);
            // SAFETY: set by now; once.
            unsafe { job.result() }
        })
    }

    fn numbers(found: &Found) -> Vec<usize> {
        found.iter().map(|item| item.0).collect()
    }

    /// All items, with the stranger's job after so many.
    fn all_but_for_a_stranger(before: usize) -> Vec<usize> {
        let items = |from, to| from..to;
        items(0, before)
            .chain([STRANGER])
            .chain(items(before, ITEMS))
            .collect()
    }

    /// A worker with nothing but its run loop below it goes back there after each part, unless the reducers can't go with it.
    #[test]
    fn strangers_come_between_the_parts() {
        let pool = pool(1);
        let of = Loop::new(Fatal::Nowhere);
        let found = from_the_run_loop::<true>(&pool, &of).expect("no panic");
        assert!(numbers(&found).into_iter().eq(0..ITEMS));
        assert_eq!(of.seen(), all_but_for_a_stranger(ITEMS >> LEVELS));

        let of = Loop::new(Fatal::Nowhere);
        let found = from_the_run_loop::<false>(&pool, &of).expect("no panic");
        assert!(numbers(&found).into_iter().eq(0..ITEMS));
        pool.shutdown(); // after the stranger
        assert_eq!(of.seen(), all_but_for_a_stranger(ITEMS));
    }

    /// Somebody who waits further down the stack has it all when the job returns.
    #[test]
    fn a_waiter_gets_it_whole() {
        let pool = pool(1);
        let of = Loop::new(Fatal::Nowhere);
        pool.install(|| {
            Worker::with_current(|worker| {
                let worker = worker.expect("within a pool");
                // SAFETY: L3: `worker` stays for longer than this frame.
                let job = unsafe { StackJob::new(of.all::<true>(), worker.unparker()) };
                // SAFETY: J2: it has run before we leave; J4: pieces and results are `Send`.
                worker.publish(unsafe { job.as_job_ref(worker.region()) });
                assert!(worker.yield_to_own() && job.latch().probe());
                // SAFETY: just seen set; once.
                let found = unsafe { job.result() }.unwrap_or_default();
                assert!(numbers(&found).into_iter().eq(0..ITEMS));
            });
        });
        pool.shutdown(); // after the stranger
        assert_eq!(of.seen(), all_but_for_a_stranger(ITEMS));
    }

    /// Wherever it panics: the caller hears of it when nobody has anything of the loop any more.
    #[test]
    fn a_panic_leaves_nothing_behind() {
        let items = (0..ITEMS).map(Fatal::Item);
        let seams = (1..ITEMS).map(Fatal::Seam);
        let lengths = (1..=ITEMS.ilog2()).map(|level| 1 << level);
        let cuts = lengths.flat_map(|len| {
            let starts = (0..ITEMS).step_by(len);
            starts.flat_map(move |start| [Fatal::Question(start, len), Fatal::Cut(start, len)])
        });
        let places = items
            .chain(seams)
            .chain(cuts)
            .step_by(if cfg!(miri) { 17 } else { 1 });
        let pools = [1, 2].map(pool);
        for fatal in places {
            for pool in &pools {
                let of = Loop::new(fatal);
                let outcome = from_the_run_loop::<true>(pool, &of);
                assert_eq!(Arc::strong_count(&of.held), 1);
                let payload = outcome.expect_err("it comes by there");
                assert_eq!(payload.downcast_ref(), Some(&"fatal"));
            }
        }
    }

    #[test]
    fn nothing_is_lost_between_two() {
        let pool = pool(2);
        for _ in 0..if cfg!(miri) { 5 } else { 100 } {
            let of = Loop::new(Fatal::Nowhere);
            let found = from_the_run_loop::<true>(&pool, &of).expect("no panic");
            assert!(numbers(&found).into_iter().eq(0..ITEMS));
            assert_eq!(Arc::strong_count(&of.held), 1 + ITEMS);
            drop(found);
            assert_eq!(Arc::strong_count(&of.held), 1);
        }
    }
}
