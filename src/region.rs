//! Regions: which outermost parallel call a job belongs to.
//!
//! A call made where no region is (outside of every pool, or in a detached `spawn`) begins a new one. All jobs that
//! it gives rise to carry it, and a thief works under the region of what it stole. Whoever waits can then tell
//! the jobs of its own call from those of strangers.
//!
//! In an *isolated* region everybody who waits takes only jobs of that region. [`isolate`] begins one, and so does every
//! call from outside: whoever blocks in such a call may hold a lock, a borrow, or a half-made value that a
//! stranger's job wants, and so the call must not depend on one.

use crate::pool::worker::Worker;
use crate::primitive::{Ordering, fixed::AtomicUsize};

/// The name of one outermost parallel call; one word, so that it fits into a slot of the deque.
///
/// The lowest bit says that it is a region at all, the next two that it is isolated, and strictly so. In their place a
/// [`bed`](crate::park::global) has its state. Above them lie the number of the depth, for parts of a call deep down a stack, and
/// the number of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Region(usize);

const ISOLATED: usize = 2;
const STRICT: usize = 4;

/// From depth to depth, and from call to call. Fewer depths where the calls need the bits.
const DEPTH: usize = Region::STEP;
const CALL: usize = DEPTH << if usize::BITS == 64 { 16 } else { 4 };

impl Region {
    /// No call waits for this job: a detached `spawn`.
    pub(crate) const NONE: Self = Self(0);

    /// The distance from name to name.
    pub(crate) const STEP: usize = 8;

    /// A region that no job has yet.
    pub(crate) fn begin() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(CALL | 1);
        // Relaxed: one variable only. A counter that wraps around still never says NONE.
        Self(NEXT.fetch_add(CALL, Ordering::Relaxed))
    }

    /// A region that no job has yet, and within which nobody does strangers' jobs while it waits.
    pub(crate) fn begin_isolated() -> Self {
        Self(Self::begin().0 | ISOLATED)
    }

    /// A part of this region that nobody else knows, as strict as the whole: who waits within it takes none of the other jobs of
    /// the call, but for [its broadcasts](Self::is_of_call_of).
    pub(crate) fn begin_depth(self) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(DEPTH);
        if self.is_none() {
            return Self::begin_isolated();
        }
        // Relaxed: one variable only. The numbers come round again soon, and two depths of a call that share one share their jobs.
        let depth = NEXT.fetch_add(DEPTH, Ordering::Relaxed) & (CALL - DEPTH);
        Self(self.0 & !(CALL - DEPTH) | depth | ISOLATED)
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The region that those who wait within this one are confined to, if it is isolated.
    pub(crate) fn confinement(self) -> Option<Self> {
        (self.0 & ISOLATED != 0).then_some(self)
    }

    /// The same for waiting until another pool has done something. Two that wait for each other would do so for ever if each took
    /// only jobs of its own call. So nobody is confined then, unless the user demands it.
    pub(crate) fn confinement_among_pools(self) -> Option<Self> {
        self.is_strict().then_some(self)
    }

    /// Whether the user demands that nobody who waits within takes anything from outside.
    pub(crate) fn is_strict(self) -> bool {
        self.0 & STRICT != 0
    }

    /// This region, or a new one if there is none.
    pub(crate) fn or_begin(self) -> Self {
        if self.is_none() { Self::begin() } else { self }
    }

    /// A multiple of [`STEP`](Self::STEP), and zero only for the region that is none.
    ///
    /// (On 32 bits the names come round again after 33 million calls, one of which might still be under way. Then
    /// zero is a name, too. A waiter that takes two regions for one takes a job too many, no more than others do.)
    pub(crate) fn name(self) -> usize {
        self.0 & !(Self::STEP - 1)
    }

    /// Whether a call's broadcast that belongs to this region may be taken by those who are confined to the one of this
    /// name. Of the parts of a call all may: nobody else can do what was left for their seats, and they may be waited for.
    pub(crate) fn is_of_call_of(self, name: usize) -> bool {
        (self.name() ^ name) < CALL
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
/// were made within, on whatever thread, or sleeps.
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
        Some(worker) => worker.in_region(Region(Region::begin_isolated().0 | STRICT), f),
        None => f(),
    })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn depths_are_parts_of_their_call() {
        let strict = Region(Region::begin_isolated().0 | STRICT);
        for call in [Region::begin(), Region::begin_isolated(), strict] {
            let other = Region::begin_isolated();
            let depth = call.begin_depth();
            for part in [depth, depth.begin_depth(), call.begin_depth()] {
                assert!(part != call && part.confinement() == Some(part));
                assert_eq!(part.is_strict(), call == strict);
                assert!(part.is_of_call_of(call.name()) && call.is_of_call_of(part.name()));
                assert!(part.is_of_call_of(depth.name()) && !part.is_of_call_of(other.name()));
                assert!(!part.is_of_call_of(other.begin_depth().name()));
            }
            assert!(depth.name() != call.name() && depth != call.begin_depth());
        }
        let detached = Region::NONE.begin_depth();
        assert!(!detached.is_none() && !detached.is_of_call_of(Region::NONE.name()));
    }

    /// However many depths there have been, they never reach into the number of the call.
    #[test]
    fn depths_come_round_again() {
        let call = Region::begin();
        for _ in 0..2 * CALL / DEPTH {
            let depth = call.begin_depth();
            assert!(depth.is_of_call_of(call.name()) && depth.confinement().is_some());
        }
    }
}
