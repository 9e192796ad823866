//! The ring of jobs at a seat: its owner pushes and pops at the bottom, others steal at the top.
//!
//! This is the deque of Chase and Lev (*Dynamic Circular Work-Stealing Deque*, SPAA 2005), with the orderings of Lê,
//! Pop, Cohen and Zappa Nardelli (*Correct and Efficient Work-Stealing for Weak Memory Models*, PPoPP 2013), but for two
//! things.
//!
//! Jobs pass from owner to thief by Release and Acquire on `bottom`, and the barriers only keep stores before
//! loads. So ThreadSanitizer, which sees no fences, follows every hand-over.
//!
//! And the fence in `pop`, which costs more than all the rest of a fork, is paid only while thieves are about. A deque is
//! either *guarded*, and both sides fence, or not, and `pop` has a [`barrier::light`] instead. A thief that finds
//! jobs in an unguarded deque guards it first, with one [`barrier::heavy`]. After some pops in which nothing was stolen, the
//! owner takes the guard off. Five steps, cited below:
//!
//! | the owner, in `pop`                               | a thief, in `steal`                                    |
//! |---------------------------------------------------|--------------------------------------------------------|
//! | D1 lowers `bottom`                                | T1 reads `top`                                         |
//! | D2 light barrier; reads `guard`                   | T2 not UP: asks for it, heavy barrier, says it is UP   |
//! | D3 if it is not OFF: fence(SeqCst)                | T3 fence(SeqCst)                                       |
//! | D4 reads `top`: below the job, the job is its own | T4 reads `guard`: neither UP nor just asked? begins anew |
//! | D5 perhaps: UP=>OFF, fence(SeqCst)                | T5 reads `bottom`: above `top`, tries to take it       |
//!
//! The guard goes OFF=>ASKED=>UP=>OFF, with a number that counts the rounds. ASKED binds the owner already, but a thief may rely on it
//! only after a heavy barrier of its own; UP says that somebody's heavy barrier came after this round's ASKED.
//!
//! **No job is taken twice.** The last job goes to whoever moves `top`. For any other, the owner must not miss at D4
//! that thieves have come as far as its job, while a thief at the job misses D1 at T5.
//! - If the owner fenced at D3, one of D3, T3 comes first, and one of them sees the other.
//! - If it did not, and the thief had a heavy barrier of its own at T2: by B1, either T5 sees D1, or D4 sees what T1 saw.
//! - If it did not, and the thief relied on UP at T4: that UP came after a heavy barrier. Either D2 was before this one, and T5 sees D1. Or
//!   D2 was after it, and read an OFF that came later than this UP: the fence of that D5 comes after T3, and D4 sees
//!   what T1 saw.
//!
//! Every job between `top` and `bottom` can be stolen at any time. Both only ever count (`top` up, `bottom` up and
//! down) and wrap around; a position is an index into the ring once it is masked.
//!
//! An owner that finds its ring full moves to one of twice the size. A thief may still be reading the old one, so old
//! rings are kept until the deque is dropped; together they are smaller than the newest. If there is no memory for it, `push` gives
//! the job back.
#![allow(unsafe_code)]

use std::cell::{Cell, UnsafeCell};
use std::ptr;

use crate::barrier;
use crate::job::JobRef;
use crate::primitive::{
    AtomicPtr, AtomicUsize, CachePadded, IS_MODEL, Ordering, fence, gap, left_out,
};
use crate::region::Region;

/// How many jobs a new ring holds. A power of two, as all sizes of rings are; tiny in a model, so that it grows there.
const FIRST_SIZE: usize = if IS_MODEL { 4 } else { 64 };

/// How many guarded pops without a theft take the guard off. Their fences, and those of the pushes, cost about as much as
/// the heavy barrier that the next thief or sleeper will need: with the interrupt of the owner, about 10 µs.
const PATIENCE: usize = if IS_MODEL { 1 } else { 1024 };

/// The states of a guard, and what lies between two rounds.
const OFF: usize = 0;
const ASKED: usize = 1;
const UP: usize = 2;
const ROUND: usize = 4;

fn state(guard: usize) -> usize {
    guard % ROUND
}

/// The round of a guard that was asked for, until the heavy barrier that it waits for has been.
#[must_use]
pub(crate) struct Asked(usize);

/// Q1 only the owner, one thread at a time, calls `push`, `pop` and `take_back`, and only it touches `owner`'s cells.
/// Q2 the job at a position belongs to whoever moves `top` past it, or to the owner who moved `bottom` below it
/// while `top` was lower still.
/// Q3 a ring is freed only with the deque.  Q4 a slot is overwritten only after `top` has moved past its position.
pub(crate) struct Deque {
    thieves: CachePadded<Thieves>,
    owner: CachePadded<Owner>,
}

/// What thieves write, on a line of its own.
struct Thieves {
    top: AtomicUsize,
    /// How many are between T2 and T5. The owner leaves the guard on for them, or they would come and find it gone, again
    /// and again: a heavy barrier takes longer than a thousand pops.
    count: AtomicUsize,
}

/// What the owner writes, on a line of its own. Thieves read the atomics, and ask for the guard.
struct Owner {
    bottom: AtomicUsize,
    /// OFF, ASKED or UP in the lowest bits, the number of the round above.
    guard: AtomicUsize,
    ring: AtomicPtr<Ring>,
    /// A `bottom` that surely still fits: an old reading of `top`, plus the ring's size.
    limit: Cell<usize>,
    /// The ring's slots and mask again, one load nearer.
    slots: Cell<*const Slot>,
    mask: Cell<usize>,
    /// How many more guarded pops without a theft take the guard off.
    patience: Cell<usize>,
    /// Whether the system has the barriers that an unguarded deque needs.
    can_be_unguarded: bool,
    /// Every ring that was outgrown. Raw, since a box would claim to be the only one that looks at it.
    retired: UnsafeCell<Vec<*mut Ring>>,
}

struct Ring {
    slots: Box<[Slot]>,
}

/// The three words of a [`JobRef`]. Atomics, since a thief may read a slot that is just being overwritten; it finds
/// out at `top` that it came too late, and forgets what it read.
struct Slot {
    data: AtomicPtr<()>,
    call: AtomicPtr<()>,
    region: AtomicUsize,
}

// SAFETY: the cells and the vector belong to the owner (Q1); all else is atomic, and the jobs may cross threads (J4).
unsafe impl Send for Deque {}
// SAFETY: as above.
unsafe impl Sync for Deque {}

/// What came of an attempt to steal.
pub(crate) enum Steal {
    /// There was nothing.
    Empty,
    /// Another thread was faster; there may be more.
    Retry,
    Success(JobRef),
}

impl Deque {
    pub(crate) fn new() -> Self {
        let ring = Ring::new(FIRST_SIZE).expect("memory for a new deque");
        let owner = Owner {
            bottom: AtomicUsize::new(0),
            guard: AtomicUsize::new(UP),
            patience: Cell::new(PATIENCE),
            can_be_unguarded: barrier::has_light(),
            limit: Cell::new(FIRST_SIZE),
            slots: Cell::new(ring.slots.as_ptr()),
            mask: Cell::new(FIRST_SIZE - 1),
            ring: AtomicPtr::new(Box::into_raw(ring)),
            retired: UnsafeCell::new(Vec::new()),
        };
        Self {
            thieves: CachePadded::new(Thieves {
                top: AtomicUsize::new(0),
                count: AtomicUsize::new(0),
            }),
            owner: CachePadded::new(owner),
        }
    }

    /// Puts a job at the bottom and tells its position there. Gives it back if the ring is full and there is no memory for
    /// another one.
    ///
    /// # Safety
    /// Q1: the caller is the owner.
    #[inline]
    pub(crate) unsafe fn push(&self, job: JobRef) -> Result<usize, JobRef> {
        let owner = &*self.owner;
        // Relaxed: only we write it (Q1).
        let bottom = owner.bottom.load(Ordering::Relaxed);
        // SAFETY: Q1.
        if bottom == owner.limit.get() && !unsafe { self.make_room(bottom) } {
            return Err(job);
        }
        // SAFETY: Q1.
        unsafe { self.own_slot(bottom) }.store(job);
        // Release: a thief that reads this `bottom` (Acquire, in `steal`) sees the slot and what the job points to.
        let order = if left_out("D-push-release") {
            Ordering::Relaxed
        } else {
            Ordering::Release
        };
        owner.bottom.store(bottom.wrapping_add(1), order);
        Ok(bottom)
    }

    /// The barrier between a push and the look for sleepers, P2 of the [sleep protocol](crate::park): a fence in a
    /// guarded deque, in an unguarded one the light side of what [`ask_for_guard`](Self::ask_for_guard) asks for.
    #[inline]
    pub(crate) fn meet_sleepers(&self) {
        if !left_out("P2-light") {
            barrier::light();
        }
        // Relaxed: ordered by the light barrier.
        if state(self.owner.guard.load(Ordering::Relaxed)) != OFF && !left_out("P2-fork") {
            fence(Ordering::SeqCst);
        }
    }

    /// Asks for the guard, unless it is up. What it returns is to be given to [`guard_is_up`](Self::guard_is_up) after a
    /// [`barrier::heavy`]. Any thread may.
    pub(crate) fn ask_for_guard(&self) -> Option<Asked> {
        let guard = &self.owner.guard;
        // Acquire: UP comes with the heavy barrier of whoever said so.
        let mut round = guard.load(Ordering::Acquire);
        loop {
            match state(round) {
                UP => return None,
                // Somebody asked, but may not have had the barrier yet.
                ASKED => return Some(Asked(round)),
                _ => {}
            }
            // OFF=>ASKED. Relaxed: ordered by the heavy barrier. Acquire: as above.
            let asked = round | if left_out("G-asked") { UP } else { ASKED };
            match guard.compare_exchange(round, asked, Ordering::Relaxed, Ordering::Acquire) {
                Ok(_) => return Some(Asked(asked)),
                Err(newer) => round = newer,
            }
        }
    }

    /// Says that the heavy barrier has been, unless that round is over.
    pub(crate) fn guard_is_up(&self, Asked(round): Asked) {
        if left_out("G-asked") {
            return;
        }
        let up = round - ASKED + UP;
        // ASKED=>UP. Release: whoever reads UP comes after our heavy barrier.
        let _ = self
            .owner
            .guard
            .compare_exchange(round, up, Ordering::Release, Ordering::Relaxed);
    }

    /// Takes the newest job.
    ///
    /// # Safety
    /// Q1: the caller is the owner.
    pub(crate) unsafe fn pop(&self) -> Option<JobRef> {
        // Relaxed, both: `bottom` is ours, and an old `top` can only make us look once more below.
        let bottom = self.owner.bottom.load(Ordering::Relaxed);
        if bottom == self.thieves.top.load(Ordering::Relaxed) {
            return None;
        }
        let newest = bottom.wrapping_sub(1);
        // SAFETY: Q1.
        if unsafe { self.lower_bottom(newest) } {
            // SAFETY: Q1.
            let slot = unsafe { self.own_slot(newest) };
            // SAFETY: Q2 gave it to us, and we stored it whole: no thief writes slots.
            Some(unsafe { slot.load().into_job() })
        } else {
            None
        }
    }

    /// Takes the job at `position` back unseen, if it is the newest and was not stolen. The caller knows what it
    /// pushed there, so its [`JobRef`] is never read again.
    ///
    /// # Safety
    /// Q1: the caller is the owner, and `push` told it this position. If the owner has popped the job since then, another one may
    /// lie there by now: the caller knows that it did not.
    #[inline]
    pub(crate) unsafe fn take_back(&self, position: usize) -> TakeBack {
        // Relaxed: only we write it (Q1).
        let newest = self.owner.bottom.load(Ordering::Relaxed).wrapping_sub(1);
        if newest != position {
            return TakeBack::Buried;
        }
        // SAFETY: Q1.
        if unsafe { self.lower_bottom(newest) } {
            TakeBack::Taken
        } else {
            TakeBack::Stolen
        }
    }

    /// Moves `bottom` down to `newest`, and tells whether the job there is now the owner's (Q2).
    ///
    /// # Safety
    /// Q1, and `newest` is one less than `bottom`.
    #[inline]
    unsafe fn lower_bottom(&self, newest: usize) -> bool {
        let owner = &*self.owner;
        // D1. Release, as every store of `bottom`: it passes on what was pushed before.
        owner.bottom.store(newest, Ordering::Release);
        gap();
        if !left_out("D2") {
            barrier::light(); // D2, meets T2
        }
        // Relaxed: ordered by D2.
        let guard = owner.guard.load(Ordering::Relaxed);
        if state(guard) != OFF {
            self.pop_guarded(guard);
        }
        // D4. Relaxed: ordered by D2, or by D3.
        let top = self.thieves.top.load(Ordering::Relaxed);
        if newest.wrapping_sub(top) as isize > 0 {
            // More than one was left: thieves stay away from the newest.
            return true;
        }
        self.settle_last(newest, top)
    }

    /// D3 and, when nothing was stolen for a while, D5.
    #[cold]
    fn pop_guarded(&self, guard: usize) {
        if !left_out("D3") {
            fence(Ordering::SeqCst); // D3, meets T3
        }
        let owner = &*self.owner;
        match owner.patience.get() {
            // Relaxed: a hint; a thief that comes just now begins anew at T4.
            0 if owner.can_be_unguarded
                && state(guard) == UP
                && self.thieves.count.load(Ordering::Relaxed) == 0 =>
            {
                owner.patience.set(PATIENCE);
                // D5. UP=>OFF of the next round; only we leave UP (Q1). Relaxed: ordered by the fence, which meets T3.
                owner
                    .guard
                    .store((guard - UP).wrapping_add(ROUND), Ordering::Relaxed);
                if !left_out("D5") {
                    fence(Ordering::SeqCst);
                }
            }
            left => owner.patience.set(left.saturating_sub(1)),
        }
    }

    /// The newest job was the only one, or is gone already: whoever moves `top` past it has it.
    #[cold]
    fn settle_last(&self, newest: usize, top: usize) -> bool {
        let next = newest.wrapping_add(1);
        // SeqCst as in `steal`, for the one order of all that move `top`; Relaxed: losing teaches nothing.
        let won = left_out("D-last")
            || top == newest
                && self
                    .thieves
                    .top
                    .compare_exchange(top, next, Ordering::SeqCst, Ordering::Relaxed)
                    .is_ok();
        // Release: as in `lower_bottom`. Either way `top` is `next` now, and the ring is empty.
        self.owner.bottom.store(next, Ordering::Release);
        won
    }

    /// The position of the next push.
    ///
    /// # Safety
    /// Q1: the caller is the owner.
    pub(crate) unsafe fn position(&self) -> usize {
        // Relaxed: only we write it (Q1).
        self.owner.bottom.load(Ordering::Relaxed)
    }

    /// Takes the oldest job, unless the thief is confined to another region. Any thread may.
    pub(crate) fn steal(&self, confined: Option<Region>) -> Steal {
        // T1. Acquire: pairs with the SeqCst move of `top` by whoever came before us, so that we see its ring, too.
        let top = self.thieves.top.load(Ordering::Acquire);
        // Relaxed: a hint, which spares the barriers where nothing is.
        if self.owner.bottom.load(Ordering::Relaxed).wrapping_sub(top) as isize <= 0 {
            return Steal::Empty;
        }
        // Relaxed: a hint for the owner.
        self.thieves.count.fetch_add(1, Ordering::Relaxed);
        let stolen = self.steal_at(top, confined);
        self.thieves.count.fetch_sub(1, Ordering::Relaxed); // Relaxed: as above
        stolen
    }

    /// T2 to T5, for the job at `top` as it was read at T1.
    fn steal_at(&self, top: usize, confined: Option<Region>) -> Steal {
        gap();
        // T2, meets D2.
        let asked = self.ask_for_guard();
        let has_asked = asked.is_some();
        if let Some(asked) = asked {
            if !left_out("T2") {
                barrier::heavy();
            }
            self.guard_is_up(asked);
        }
        if !left_out("T3") {
            fence(Ordering::SeqCst); // T3, meets D3 and D5
        }
        // T4. Acquire: as in `ask_for_guard`.
        if !has_asked && state(self.owner.guard.load(Ordering::Acquire)) != UP && !left_out("T4") {
            return Steal::Retry;
        }
        // T5. Acquire: sees the slot that `push` stored before it moved `bottom` here, and the ring it used.
        let bottom = self.owner.bottom.load(Ordering::Acquire);
        if bottom.wrapping_sub(top) as isize <= 0 {
            return Steal::Empty;
        }
        let words = self.ring().slot(top).load();
        if confined.is_some_and(|region| region != words.region()) {
            // Perhaps of a job that is gone already. Then there may be another one to take next time.
            return Steal::Empty;
        }
        gap();
        // SeqCst: see `settle_last`. Winning proves that the slot had not been overwritten when we read it (Q4).
        let next = top.wrapping_add(1);
        if self
            .thieves
            .top
            .compare_exchange(top, next, Ordering::SeqCst, Ordering::Relaxed)
            .is_err()
        {
            return Steal::Retry;
        }
        // SAFETY: Q2 gave it to us, whole by Q4.
        Steal::Success(unsafe { words.into_job() })
    }

    /// The region of the job that would be stolen next. As strong as the fence before it: that of S2, in the sleep
    /// protocol.
    pub(crate) fn next_region(&self) -> Option<Region> {
        loop {
            // Acquire: as in `steal`.
            let top = self.thieves.top.load(Ordering::Acquire);
            // Acquire: sees the slot that `push` stored before it moved `bottom` here.
            let bottom = self.owner.bottom.load(Ordering::Acquire);
            if bottom.wrapping_sub(top) as isize <= 0 {
                return None;
            }
            let region = self.ring().slot(top).load().region();
            // Before another job comes into the slot, `top` moves past it (Q4). An exchange, though it changes nothing: a load might
            // give an older `top` than the slot knows of, whose stores are relaxed. Release: whoever moves `top` from here comes after
            // our look at the slot, and so does what is stored there then.
            let is_still_there = if left_out("Q4-exchange") {
                self.thieves.top.load(Ordering::Acquire) == top
            } else {
                self.thieves
                    .top
                    .compare_exchange(top, top, Ordering::Release, Ordering::Relaxed)
                    .is_ok()
            };
            if is_still_there {
                return Some(region);
            }
        }
    }

    /// The region of the newest job. If it has been stolen already, its owner finds out when it takes it.
    ///
    /// # Safety
    /// Q1: the caller is the owner.
    pub(crate) unsafe fn newest_region(&self) -> Option<Region> {
        if self.is_empty() {
            return None;
        }
        // Relaxed: only we write it (Q1).
        let newest = self.owner.bottom.load(Ordering::Relaxed).wrapping_sub(1);
        // SAFETY: Q1.
        let slot = unsafe { self.own_slot(newest) };
        Some(slot.load().region())
    }

    /// Whether no job here is of another region.
    ///
    /// # Safety
    /// Q1: the caller is the owner.
    pub(crate) unsafe fn holds_only(&self, region: Region) -> bool {
        // Relaxed, both: `bottom` is ours, and an old `top` only makes us look at jobs that are gone.
        let bottom = self.owner.bottom.load(Ordering::Relaxed);
        let mut position = self.thieves.top.load(Ordering::Relaxed);
        while (position.wrapping_sub(bottom) as isize) < 0 {
            // SAFETY: Q1.
            let slot = unsafe { self.own_slot(position) };
            if slot.load().region() != region {
                return false;
            }
            position = position.wrapping_add(1);
        }
        true
    }

    /// Whether there was nothing to steal. As strong as the fence before it, as above.
    pub(crate) fn is_empty(&self) -> bool {
        // Acquire, so that the second load comes second: `top` only grows, so a `bottom` not above an
        // older `top` was not above the newest either.
        let top = self.thieves.top.load(Ordering::Acquire);
        // Relaxed: a hint, or ordered by the caller's fence.
        let bottom = self.owner.bottom.load(Ordering::Relaxed);
        bottom.wrapping_sub(top) as isize <= 0
    }

    /// The ring, as a thief sees it.
    fn ring(&self) -> &Ring {
        // Acquire: sees the slots that `make_room` copied.
        let ring = self.owner.ring.load(Ordering::Acquire);
        // SAFETY: Q3.
        unsafe { &*ring }
    }

    /// # Safety
    /// Q1.
    #[inline]
    unsafe fn own_slot(&self, position: usize) -> &Slot {
        let index = position & self.owner.mask.get();
        // SAFETY: the mask keeps the index inside of the ring.
        let slot = unsafe { self.owner.slots.get().add(index) };
        // SAFETY: Q3 keeps the ring alive.
        unsafe { &*slot }
    }

    /// Reads `top` anew, and grows if the ring is truly full. Tells whether there is room now: no, if that takes more memory
    /// than there is.
    ///
    /// # Safety
    /// Q1.
    #[cold]
    unsafe fn make_room(&self, bottom: usize) -> bool {
        let owner = &*self.owner;
        let size = owner.mask.get() + 1;
        // Acquire: pairs with the SeqCst move of `top` in `steal`: the thief has read its slot before we reuse it (Q4).
        let top = self.thieves.top.load(Ordering::Acquire);
        owner.limit.set(top.wrapping_add(size));
        if bottom != owner.limit.get() {
            return true;
        }
        // SAFETY: Q1.
        let retired = unsafe { &mut *owner.retired.get() };
        if retired.try_reserve(1).is_err() {
            return false;
        }
        let Some(new) = Ring::new(2 * size) else {
            return false;
        };

        // Relaxed: only we write it (Q1).
        let old = owner.ring.load(Ordering::Relaxed);
        // SAFETY: Q3.
        let old_ring = unsafe { &*old };
        let mut position = top;
        while position != bottom {
            new.slot(position)
                .store_words(old_ring.slot(position).load());
            position = position.wrapping_add(1);
        }
        owner.limit.set(top.wrapping_add(2 * size));
        owner.slots.set(new.slots.as_ptr());
        owner.mask.set(2 * size - 1);
        gap();
        // Release: a thief that reads the new ring sees the copies.
        let order = if left_out("D-ring-release") {
            Ordering::Relaxed
        } else {
            Ordering::Release
        };
        owner.ring.store(Box::into_raw(new), order);
        retired.push(old);
        true
    }
}

/// What became of a job that its owner wants back.
pub(crate) enum TakeBack {
    /// It is the owner's again.
    Taken,
    /// A thief has it.
    Stolen,
    /// The newest position is another one: either newer jobs lie above it, or all was stolen and nothing is left.
    Buried,
}

impl Drop for Deque {
    fn drop(&mut self) {
        // Relaxed: `&mut self` has met every other thread already.
        let newest = self.owner.ring.load(Ordering::Relaxed);
        let retired = self.owner.retired.get_mut();
        for ring in retired.drain(..).chain([newest]) {
            // SAFETY: from `Box::into_raw`, in the list once; Q3 ends here.
            drop(unsafe { Box::from_raw(ring) });
        }
    }
}

/// A vector for so many, or nothing if there is no memory for it.
fn room_for<T>(len: usize) -> Option<Vec<T>> {
    let mut room = Vec::new();
    room.try_reserve_exact(len).ok()?;
    Some(room)
}

impl Ring {
    /// An empty ring, or nothing if there is no memory for it.
    fn new(size: usize) -> Option<Box<Self>> {
        debug_assert!(size.is_power_of_two());
        let mut slots = room_for(size)?;
        slots.extend((0..size).map(|_| Slot::empty()));
        // Of all that owns memory, only a vector can be refused it.
        let mut one = room_for(1)?;
        one.push(Self {
            slots: slots.into_boxed_slice(),
        });
        let ring: *mut Self = Box::into_raw(one.into_boxed_slice()).cast();
        // SAFETY: from a box, and a slice of one ring has the layout of a ring.
        Some(unsafe { Box::from_raw(ring) })
    }

    fn slot(&self, position: usize) -> &Slot {
        &self.slots[position & (self.slots.len() - 1)]
    }
}

/// A job as it was read from a slot, perhaps torn or outdated.
struct Words(*mut (), *mut (), usize);

impl Words {
    fn region(&self) -> Region {
        Region::from_word(self.2)
    }

    /// # Safety
    /// The words are whole, and the job is the caller's (Q2).
    unsafe fn into_job(self) -> JobRef {
        // SAFETY: a whole slot holds what `into_words` gave; Q2 hands each out once (J1).
        unsafe { JobRef::from_words(self.0, self.1, self.2) }
    }
}

// Relaxed, everywhere: a slot is published by `bottom` or by `ring`, and checked by `top`.
impl Slot {
    fn empty() -> Self {
        Self {
            data: AtomicPtr::new(ptr::null_mut()),
            call: AtomicPtr::new(ptr::null_mut()),
            region: AtomicUsize::new(0),
        }
    }

    /// Stores a job. The same fork after fork at one depth leaves the same function and region there: comparing is
    /// cheaper than storing, since the fence of the next `pop` waits for every store (7 % of a fork, measured).
    #[inline]
    fn store(&self, job: JobRef) {
        let (data, call, region) = job.into_words();
        self.data.store(data, Ordering::Relaxed);
        if self.call.load(Ordering::Relaxed) != call {
            self.call.store(call, Ordering::Relaxed);
        }
        if self.region.load(Ordering::Relaxed) != region {
            self.region.store(region, Ordering::Relaxed);
        }
    }

    #[inline]
    fn store_words(&self, words: Words) {
        self.data.store(words.0, Ordering::Relaxed);
        self.call.store(words.1, Ordering::Relaxed);
        self.region.store(words.2, Ordering::Relaxed);
    }

    fn load(&self) -> Words {
        Words(
            self.data.load(Ordering::Relaxed),
            self.call.load(Ordering::Relaxed),
            self.region.load(Ordering::Relaxed),
        )
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ptr::NonNull;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;

    /// More than two rings hold, or as many as an interpreter gets done.
    const MANY: usize = if cfg!(miri) { 200 } else { 100_000 };

    unsafe fn run(data: NonNull<()>) {
        // SAFETY: `job` made it of such a reference, to something that outlives all jobs.
        let runs = unsafe { data.cast::<AtomicUsize>().as_ref() };
        runs.fetch_add(1, Ordering::Relaxed);
    }

    /// A job that counts how often it runs.
    fn job(runs: &AtomicUsize) -> JobRef {
        // SAFETY: J2: every test keeps the counts until it has dropped the deque. J3, J4: `run` only counts.
        unsafe { JobRef::new(NonNull::from(runs).cast(), run, Region::NONE) }
    }

    fn counts() -> Vec<AtomicUsize> {
        (0..MANY).map(|_| AtomicUsize::new(0)).collect()
    }

    /// The owner alone: what goes in comes out in reverse, over several rings.
    #[test]
    fn grows_and_gives_back() {
        let (deque, counts) = (Deque::new(), counts());
        for (at, runs) in counts.iter().enumerate() {
            // SAFETY: Q1: there is no other thread.
            assert_eq!(unsafe { deque.push(job(runs)) }.ok(), Some(at));
        }
        let newest = MANY - 1;
        // SAFETY: Q1, and the position is of a job that was not taken.
        let buried = unsafe { deque.take_back(newest - 1) };
        assert!(matches!(buried, TakeBack::Buried));
        // SAFETY: as above.
        let taken = unsafe { deque.take_back(newest) };
        assert!(matches!(taken, TakeBack::Taken));
        for runs in counts[..newest].iter().rev() {
            assert_eq!(runs.load(Ordering::Relaxed), 0);
            // SAFETY: Q1.
            unsafe { deque.pop() }.expect("a job").run();
            assert_eq!(runs.load(Ordering::Relaxed), 1);
        }
        // SAFETY: Q1.
        assert!(unsafe { deque.pop() }.is_none() && deque.is_empty());
        assert_eq!(counts[newest].load(Ordering::Relaxed), 0);
    }

    /// Guarded at first; not any more when nobody has stolen for a while; and again as soon as somebody asks and has had the barrier.
    #[test]
    fn the_guard_goes_off_in_peace_and_comes_up_on_demand() {
        if !barrier::has_light() {
            return;
        }
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        let push_and_pop = || {
            // SAFETY: Q1: there is no other thread.
            assert!(unsafe { deque.push(job(&runs)) }.is_ok());
            // SAFETY: Q1.
            assert!(unsafe { deque.pop() }.is_some());
        };
        for round in 1..4 {
            for _ in 0..PATIENCE {
                push_and_pop();
                assert!(deque.ask_for_guard().is_none());
            }
            // A thief is about.
            deque.thieves.count.store(1, Ordering::Relaxed);
            push_and_pop();
            assert!(deque.ask_for_guard().is_none());
            deque.thieves.count.store(0, Ordering::Relaxed);
            push_and_pop();
            let asked = deque.ask_for_guard().expect("it is off");
            let also = deque.ask_for_guard().expect("nobody has had the barrier");
            barrier::heavy();
            deque.guard_is_up(asked);
            assert!(deque.ask_for_guard().is_none());
            let guard = deque.owner.guard.load(Ordering::Relaxed);
            assert_eq!(guard, round * ROUND + UP);
            // Who comes too late changes nothing.
            deque.guard_is_up(also);
            assert!(deque.ask_for_guard().is_none());
        }
    }

    /// What was asked for stays until there was a barrier, however long nothing is stolen.
    #[test]
    fn a_guard_that_was_asked_for_is_not_taken_off() {
        if !barrier::has_light() {
            return;
        }
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        let in_peace = || {
            for _ in 0..=PATIENCE {
                // SAFETY: Q1: there is no other thread.
                assert!(unsafe { deque.push(job(&runs)) }.is_ok());
                // SAFETY: Q1.
                assert!(unsafe { deque.pop() }.is_some());
            }
        };
        in_peace();
        let asked = deque.ask_for_guard().expect("it is off");
        in_peace();
        barrier::heavy();
        deque.guard_is_up(asked);
        assert!(deque.ask_for_guard().is_none());
    }

    /// What is seen from outside: the oldest job's region, and whether there is any.
    #[test]
    fn the_next_region_is_that_of_the_oldest() {
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        assert!(deque.is_empty() && deque.next_region().is_none());
        let regions = [Region::begin_isolated(), Region::begin_isolated()];
        for region in regions {
            // SAFETY: J2: `runs` outlives the deque. J3, J4: `run` only counts.
            let job = unsafe { JobRef::new(NonNull::from(&runs).cast(), run, region) };
            // SAFETY: Q1: there is no other thread.
            assert!(unsafe { deque.push(job) }.is_ok());
        }
        for region in regions {
            assert!(!deque.is_empty() && deque.next_region() == Some(region));
            assert!(matches!(deque.steal(None), Steal::Success(_)));
        }
        assert!(deque.is_empty() && deque.next_region().is_none());
    }

    /// What its owner sees: the newest job's region, and whether there is any other.
    #[test]
    fn the_owner_knows_the_newest_region_and_whether_there_are_others() {
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        let regions = [Region::begin_isolated(), Region::begin_isolated()];
        let holds_only = |region| {
            // SAFETY: Q1: there is no other thread.
            unsafe { deque.holds_only(region) }
        };
        let newest_region = || {
            // SAFETY: Q1.
            unsafe { deque.newest_region() }
        };
        assert!(regions.into_iter().all(holds_only) && newest_region().is_none());
        for count in 1..=4 {
            // Two of the first one, and two of the second.
            let region = regions[count / 3];
            // SAFETY: J2: `runs` outlives the deque. J3, J4: `run` only counts.
            let job = unsafe { JobRef::new(NonNull::from(&runs).cast(), run, region) };
            // SAFETY: Q1.
            assert!(unsafe { deque.push(job) }.is_ok());
            assert_eq!(newest_region(), Some(region));
            assert_eq!(regions.map(holds_only), [count < 3, false]);
            // SAFETY: Q1.
            assert_eq!(unsafe { deque.position() }, count);
        }
        for stolen in 1..=4 {
            assert!(matches!(deque.steal(None), Steal::Success(_)));
            assert_eq!(regions.map(holds_only), [stolen == 4, stolen >= 2]);
        }
        assert!(newest_region().is_none());
    }

    /// A thief that came too late for the last job leaves everything as it is.
    #[test]
    fn nothing_is_stolen_where_nothing_is() {
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        for taken in 0..3 {
            let top = deque.thieves.top.load(Ordering::Relaxed);
            assert_eq!(top, taken);
            assert!(matches!(deque.steal_at(top, None), Steal::Empty));
            assert_eq!(deque.thieves.top.load(Ordering::Relaxed), top);
            // SAFETY: Q1: there is no other thread.
            assert_eq!(unsafe { deque.push(job(&runs)) }.ok(), Some(taken));
            // SAFETY: Q1.
            assert!(unsafe { deque.pop() }.is_some());
            // The last one is not given away without a move of `top`.
            // SAFETY: Q1.
            assert_eq!(unsafe { deque.position() }, taken + 1);
        }
    }

    /// A thief that is confined takes the oldest job if it is of its region, and no other.
    #[test]
    fn a_confined_thief_takes_its_own() {
        let (deque, runs) = (Deque::new(), AtomicUsize::new(0));
        let (own, other) = (Region::begin_isolated(), Region::begin_isolated());
        // SAFETY: J2: `runs` outlives the deque. J3, J4: `run` only counts.
        let job = unsafe { JobRef::new(NonNull::from(&runs).cast(), run, own) };
        // SAFETY: Q1: there is no other thread.
        assert!(unsafe { deque.push(job) }.is_ok());
        assert!(matches!(deque.steal(Some(other)), Steal::Empty));
        let Steal::Success(job) = deque.steal(Some(own)) else {
            panic!("nobody else took it");
        };
        job.run();
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert!(matches!(deque.steal(Some(own)), Steal::Empty));
    }

    /// The last job is the owner's only if no thief has moved `top` past it, before D4 or after.
    #[test]
    fn the_last_job_has_one_taker() {
        for (is_stolen, top_at_d4) in [(false, 0), (true, 0), (true, 1)] {
            let deque = Deque::new();
            let top = &deque.thieves.top;
            top.store(usize::from(is_stolen), Ordering::Relaxed);
            assert_eq!(deque.settle_last(0, top_at_d4), !is_stolen);
            assert_eq!(top.load(Ordering::Relaxed), 1);
            // SAFETY: Q1: there is no other thread.
            assert_eq!(unsafe { deque.position() }, 1);
        }
    }

    /// An owner that pushes, pops and grows, and thieves: each job is run once, by one of them.
    #[test]
    fn each_job_goes_to_one() {
        let (deque, counts) = (Deque::new(), counts());
        let is_over = AtomicBool::new(false);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    loop {
                        // Before the look, so that a last one comes after all pushes. Acquire: sees them.
                        let is_last = is_over.load(Ordering::Acquire);
                        match deque.steal(None) {
                            Steal::Success(job) => job.run(),
                            Steal::Empty if is_last => break,
                            Steal::Retry | Steal::Empty => thread::yield_now(),
                        }
                    }
                });
            }
            for (at, runs) in counts.iter().enumerate() {
                // SAFETY: Q1: the others only steal.
                assert!(unsafe { deque.push(job(runs)) }.is_ok());
                if at % 3 == 0 {
                    // SAFETY: Q1.
                    let newest = unsafe { deque.pop() };
                    newest.into_iter().for_each(JobRef::run);
                }
            }
            is_over.store(true, Ordering::Release);
        });
        assert!(counts.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
    }
}
