//! [`Held`]: the global pool in the hands of a call from outside; and how a thread finds it [again](Seen) at little cost.
//!
//! The way by the lock takes six atomic operations on words that all callers share; the way by what the thread remembers
//! takes two; and none for a guest, who keeps the pool from ending by sitting there.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use crate::pool::WorkerPool;
use crate::pool::handle::ThreadPool;
use crate::primitive::{Arc, Ordering, fixed::AtomicUsize};

/// How many global pools have come to their end. (They may still be finishing.)
static TURN: AtomicUsize = AtomicUsize::new(0);

/// A global pool that a thread has called.
pub(super) struct Seen {
    turn: usize,
    pool: Arc<WorkerPool>,
}

crate::primitive::thread_lazy! {
    /// The global pool that the thread called last. Its memory stays until the thread calls another or ends; its threads do not.
    static SEEN: RefCell<Option<Rc<Seen>>> = RefCell::new(None);
}

crate::primitive::thread_cell! {
    /// How many holds of global pools the thread has.
    static HELD_HERE: Cell<usize> = Cell::new(0);
}

/// The global pool, which does not end while somebody holds it. It stays on the thread that it counts for.
pub(super) struct Held(Rc<Seen>);

impl Held {
    /// The pool that the thread called last, if that is still the global one.
    #[inline]
    pub(super) fn again() -> Option<Self> {
        let seen = Seen::in_this_turn()?;
        // If the pool is ending meanwhile, either we hold it in time, or we are told so.
        seen.pool.hold_if_alive().then(|| Self::count(seen))
    }

    /// The pool of `handle`, which is the global one, and stays it during this call. The thread has
    /// [forgotten](Seen::forget) the one before.
    pub(super) fn of(handle: &ThreadPool) -> Self {
        let pool = Arc::clone(handle.pool());
        pool.hold();
        // Relaxed: it changes only with the global pool.
        let turn = TURN.load(Ordering::Relaxed);
        let seen = Rc::new(Seen { turn, pool });
        let remembered = Some(Rc::clone(&seen));
        // Nothing was there, so nothing goes under the lock of the state. A thread at its end remembers nothing.
        let _ = SEEN.try_with(|last| last.replace(remembered));
        Self::count(seen)
    }

    fn count(seen: Rc<Seen>) -> Self {
        HELD_HERE.with(|held| held.set(held.get() + 1));
        Self(seen)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD_HERE.with(|held| held.set(held.get() - 1));
        self.0.pool.release();
    }
}

impl Deref for Held {
    type Target = Arc<WorkerPool>;

    fn deref(&self) -> &Self::Target {
        &self.0.pool
    }
}

impl Seen {
    /// The pool that the thread called last, if that is still the global one. It may end at any moment.
    #[inline]
    pub(super) fn in_this_turn() -> Option<Rc<Self>> {
        // Relaxed: a call that comes after the end of a pool, in whatever way its thread knows of that, reads the turn of that
        // end or a later one.
        let turn = TURN.load(Ordering::Relaxed);
        let seen = SEEN.try_with(|seen| seen.borrow().clone());
        seen.ok().flatten().filter(|seen| seen.turn == turn)
    }

    pub(super) fn pool(&self) -> &Arc<WorkerPool> {
        &self.pool
    }

    /// Has the thread remember nothing. Called without the lock of the state: what it remembers may be the last of a pool, whose
    /// handlers' captures may call us as they go, so that there is another one to forget.
    pub(super) fn forget() {
        while let Ok(Some(seen)) = SEEN.try_with(RefCell::take) {
            drop(seen);
        }
    }
}

/// Whether the thread is in the middle of a call that waits for a global pool.
pub(super) fn is_held_here() -> bool {
    HELD_HERE.with(Cell::get) > 0
}

/// Makes all threads forget the global pool. The caller has the lock of the state for writing, or is the only thread.
pub(super) fn next_turn() {
    TURN.fetch_add(1, Ordering::Relaxed); // Relaxed: as in `Seen::in_this_turn`
}
