//! Regions: which outermost parallel call a job belongs to.
//!
//! A call made where no region is (outside of every pool, or in a detached `spawn`) begins a new one. All jobs that
//! it gives rise to carry it, and a thief works under the region of what it stole. Whoever waits can then tell
//! the jobs of its own call from those of strangers.
//!
//! In an *isolated* region everybody who waits takes only jobs of that region. [`isolate`] begins one, and so does every
//! call from outside: whoever blocks in such a call may hold a lock, a borrow, or a half-made value that a
//! stranger's job wants, and so the call must not depend on one.
//!
//! It comes to depend on one nevertheless if a thread of the call takes a stranger's job on top of what it does: by a
//! [`yield_now`](crate::yield_now), or while it waits for another pool. (Within [`isolate`] neither takes one.) That job's region is *open* from
//! there on, and so are those of all that it gives rise to: should they broadcast, everybody takes that who waits, or it would wait for
//! threads that wait for this one. So is what is isolated within an isolated call, for those who wait outside of it; and what a call
//! has done in another pool than its thread's, since that thread takes strangers' jobs meanwhile, and theirs may wait for it.

use std::cell::Cell;

use crate::pool::worker::Worker;
use crate::primitive::{
    Ordering,
    fixed::{AtomicUsize, thread_local},
    left_out,
};

/// The name of one outermost parallel call; one word, so that it fits into a slot of the deque.
///
/// The lowest bit says that it is a region at all, the next ones that it is isolated, strictly so, and open. In their place a
/// [`bed`](crate::park::global) has its state. Above them lie the number of the depth, for parts of a call deep down a stack, and
/// the number of the call.
///
/// That it is open makes it no other region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region(usize);

const ISOLATED: usize = 2;
const STRICT: usize = 4;
const OPEN: usize = 8;

impl PartialEq for Region {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        (self.0 ^ other.0) & !OPEN == 0
    }
}

impl Eq for Region {}

/// From depth to depth, and from call to call. Fewer depths where the calls need the bits.
const DEPTH: usize = Region::STEP;
const DEPTHS: usize = if usize::BITS == 64 { 1 << 16 } else { 1 << 4 };
const CALL: usize = DEPTH * DEPTHS;

/// How many calls a thread takes the numbers for at once. Each would be an atomic operation on a word that all share.
const AT_ONCE: usize = if usize::BITS == 64 { 256 } else { 1 };

thread_local! {
    /// The next of the numbers that the thread has taken, and how many are left.
    static NEXT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

impl Region {
    /// No call waits for this job: a detached `spawn`.
    pub(crate) const NONE: Self = Self(0);

    /// The distance from name to name.
    pub(crate) const STEP: usize = 16;

    /// A region that no job has yet.
    pub(crate) fn begin() -> Self {
        NEXT.with(|next| {
            static UNUSED: AtomicUsize = AtomicUsize::new(CALL | 1);
            let (region, left) = match next.get() {
                // Relaxed: one variable only. A counter that wraps around still never says NONE.
                (_, 0) => (UNUSED.fetch_add(CALL * AT_ONCE, Ordering::Relaxed), AT_ONCE),
                taken => taken,
            };
            next.set((region.wrapping_add(CALL), left - 1));
            Self(region)
        })
    }

    /// A region that no job has yet, and within which nobody does strangers' jobs while it waits.
    pub(crate) fn begin_isolated() -> Self {
        Self(Self::begin().0 | ISOLATED)
    }

    /// A region that no job has yet, and within which nobody takes anything from outside, whatever they wait for: for a user who
    /// demands that within this one.
    pub(crate) fn begin_strict(self) -> Self {
        Self(Self::begin_isolated().0 | STRICT).on_top_of(self)
    }

    /// A part of this region that nobody else knows, as strict as the whole: who waits within it takes none of the other jobs of
    /// the call, but for [its broadcasts](Self::is_mail_for).
    pub(crate) fn begin_depth(self) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        if self.is_none() {
            return Self(Self::begin_isolated().0 | self.0 & OPEN);
        }
        // Relaxed: one variable only. The numbers come round again soon, and two depths of a call that share one share their jobs. (None
        // has zero, which is all of the call that is not deep.)
        let depth = NEXT.fetch_add(1, Ordering::Relaxed) % (DEPTHS - 1) + 1;
        Self(self.0 & !(CALL - DEPTH) | (depth * DEPTH) | ISOLATED)
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The region that those who wait within this one are confined to, if it is isolated.
    pub(crate) fn confinement(self) -> Option<Self> {
        (self.0 & ISOLATED != 0).then_some(self)
    }

    /// The same for who waits until another pool has done something, and for who yields. Two pools that wait for each other would do so
    /// for ever if each took only jobs of its own call, and what a yield waits for may be anybody's. So nobody is confined then,
    /// unless the user demands it.
    pub(crate) fn confinement_if_strict(self) -> Option<Self> {
        self.is_strict().then_some(self)
    }

    /// Whether the user demands that nobody who waits within takes anything from outside.
    pub(crate) fn is_strict(self) -> bool {
        self.0 & STRICT != 0
    }

    /// This region, or a new one if there is none.
    pub(crate) fn or_begin(self) -> Self {
        if self.is_none() {
            Self(Self::begin().0 | self.0 & OPEN)
        } else {
            self
        }
    }

    /// The region in which a job of this one runs on top of whatever is under way in another one: open, if that is, or if a waiter in
    /// that one would not have taken the job by itself.
    pub(crate) fn on_top_of(self, below: Self) -> Self {
        let is_stranger = || below.confinement().is_some() && !self.is_of_call_of(below);
        if (below.0 & OPEN != 0 || is_stranger()) && !left_out("open") {
            Self(self.0 | OPEN)
        } else {
            self
        }
    }

    /// This region, for a job that goes to another pool.
    pub(crate) fn abroad(self) -> Self {
        if left_out("open-abroad") {
            self
        } else {
            Self(self.0 | OPEN)
        }
    }

    /// A multiple of [`STEP`](Self::STEP), and zero only for the region that is none.
    ///
    /// (On 32 bits the names come round again after 16 million calls, one of which might still be under way. Then
    /// zero is a name, too. A waiter that takes two regions for one takes a job too many, no more than others do.)
    pub(crate) fn name(self) -> usize {
        self.0 & !(Self::STEP - 1)
    }

    /// Whether both are parts of the same call.
    pub(crate) fn is_of_call_of(self, other: Self) -> bool {
        (self.name() ^ other.name()) < CALL
    }

    /// Whether a broadcast that belongs to this region may be taken by those who are `confined`. Nobody else can do what
    /// was left for their seats, and they may be waited for: by any part of the same call, or by a stranger's job that somebody
    /// took on top of it.
    pub(crate) fn is_mail_for(self, confined: Self) -> bool {
        self.is_of_call_of(confined) || self.0 & OPEN != 0 && !confined.is_strict()
    }

    /// As the word of a deque's slot.
    pub(crate) fn to_word(self) -> usize {
        self.0
    }

    /// Back from the word of a deque's slot.
    pub(crate) fn from_word(word: usize) -> Self {
        Self(word)
    }
}

/// Runs `f` so that parallel calls within it wait for their own work only.
///
/// A worker that waits for the other half of a [`join`](crate::join()) does other jobs meanwhile, and they may be anybody's. If
/// it holds a lock that one of them wants, it waits for itself. Within `isolate`, whoever waits takes only jobs that
/// were made within, on whatever thread, or sleeps. So does who [yields](crate::yield_now()) within.
///
/// So isolate what is parallel while a [`Mutex`](std::sync::Mutex) is locked, a [`RefCell`](std::cell::RefCell) in a
/// thread-local borrowed, or a [`OnceLock`](std::sync::OnceLock) filled. Outside of every pool there is no need: a call from there is
/// isolated by itself.
///
/// # Order and cost
/// About as much as a function call. Others may still take the jobs made within. What is [spawned](crate::spawn())
/// detached, or on a scope from further out, is not waited for, and not taken.
///
/// Two pools whose threads call each other from within `isolate` may wait for each other for ever; so may two
/// [broadcasts](crate::broadcast()).
///
/// # Panics
/// If `f` does, with its payload.
///
/// ```
/// use lyocell::prelude::*;
/// use std::sync::Mutex;
///
/// let total = Mutex::new(0);
/// (0..100).into_par_iter().for_each(|_| {
///     let mut total = total.lock().unwrap();
///     // Another turn of the outer loop, done while this one waits, would want the lock.
///     *total += lyocell::isolate(|| (0..1000).into_par_iter().filter(|n| n % 7 == 0).count());
/// });
/// assert_eq!(total.into_inner().unwrap(), 14_300);
/// ```
pub fn isolate<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    Worker::with_current(|worker| match worker {
        Some(worker) => worker.in_region(worker.region().begin_strict(), f),
        None => f(),
    })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn depths_are_parts_of_their_call() {
        let strict = Region::NONE.begin_strict();
        for call in [Region::begin(), Region::begin_isolated(), strict] {
            let other = Region::begin_isolated();
            let depth = call.begin_depth();
            for part in [depth, depth.begin_depth(), call.begin_depth()] {
                assert!(part != call && part.confinement() == Some(part));
                assert_eq!(part.is_strict(), call == strict);
                assert!(part.is_mail_for(call) && call.is_mail_for(part));
                assert!(part.is_mail_for(depth) && !part.is_mail_for(other));
                assert!(!part.is_mail_for(other.begin_depth()));
            }
            // Others may draw depths meanwhile, and the next one have the same number.
            let others = [(); 8].map(|()| call.begin_depth());
            assert!(others.into_iter().any(|other| other != depth));
        }
        let detached = Region::NONE.begin_depth();
        assert!(!detached.is_none() && !detached.is_mail_for(Region::NONE));
    }

    /// A stranger's job on top of what is isolated, and all that it gives rise to, have mail for everybody who is not strict.
    #[test]
    fn strangers_on_top_are_open() {
        let (own, other) = (Region::begin_isolated(), Region::begin_isolated());
        let strict = Region::NONE.begin_strict();
        for below in [own, own.begin_depth(), strict] {
            for stranger in [Region::NONE, Region::begin(), Region::begin_isolated()] {
                let on_top = stranger.on_top_of(below);
                assert_eq!(on_top, stranger);
                assert_eq!(on_top.is_none(), stranger.is_none());
                assert_eq!(on_top.name(), stranger.name());
                let begun = on_top.or_begin();
                // What runs on top of it in its turn belongs to the same stack, though nobody is confined there.
                let further = Region::begin().on_top_of(begun);
                let word = Region::from_word(begun.to_word());
                for open in [
                    begun,
                    begun.begin_depth(),
                    begun.begin_strict(),
                    further,
                    word,
                ] {
                    assert!(
                        !open.is_none() && open.is_mail_for(other) && !open.is_mail_for(strict)
                    );
                }
                assert!(on_top.begin_depth().is_mail_for(other));
                assert_eq!(
                    on_top.confinement().is_some(),
                    stranger.confinement().is_some()
                );
            }
            // The call's own are no strangers.
            for part in [below, below.begin_depth()] {
                assert!(!part.on_top_of(below).is_mail_for(other));
            }
        }
        // Nor is anybody, where nobody is confined.
        for below in [Region::NONE, Region::begin()] {
            assert!(!own.on_top_of(below).is_mail_for(other));
        }
    }

    /// However many depths there have been, they never reach into the number of the call.
    #[test]
    fn depths_come_round_again() {
        let call = Region::begin();
        for _ in 0..2 * DEPTHS {
            let depth = call.begin_depth();
            assert!(depth.is_of_call_of(call) && depth.confinement().is_some());
            assert_ne!(depth.name(), call.name());
        }
    }
}
