//! One-shot signals: set by one thread, waited for and freed by another.
//!
//! A latch wakes its owner by token: it unparks the owner's parker, and a token given before `park` is kept. So a
//! latch takes no part in the sleep protocol of [`park`](crate::park).
#![allow(unsafe_code)]

use std::ptr;

use crate::park::parker::{Parker, Unparker};
use crate::primitive::{AtomicPtr, AtomicUsize, Ordering, gap, left_out};

/// A signal to the thread whom an unparker wakes.
///
/// One word, since every fork writes it: it names the owner until the latch is set, and is null from then on.
///
/// L1 the latch is alive when `set` begins.  L2 its owner frees it only after `probe` has said yes.
/// L3 the unparker outlives the latch.  L4 after the store of `set`, nothing of the latch or of what it names is touched.
pub(crate) struct Latch {
    owner: AtomicPtr<Unparker>,
}

impl Latch {
    /// # Safety
    /// L3.
    #[inline]
    pub(crate) unsafe fn new(owner: &Unparker) -> Self {
        Self {
            owner: AtomicPtr::new(ptr::from_ref(owner).cast_mut()),
        }
    }

    /// Whether the signal was given; if so, all that its giver did before is visible.
    #[inline]
    pub(crate) fn probe(&self) -> bool {
        // Acquire: sees what `set` published.
        self.owner.load(Ordering::Acquire).is_null()
    }

    /// Gives the signal and wakes the owner.
    ///
    /// # Safety
    /// L1 and L2 hold, and this is called once.
    pub(crate) unsafe fn set(this: *const Self) {
        // SAFETY: L1. Relaxed: written before anybody else knew of the latch.
        let owner = unsafe { (*this).owner.load(Ordering::Relaxed) };
        // SAFETY: L3. Cloned now: after the store, L2 lets the owner free the latch, return, and even end.
        let owner = unsafe { (*owner).clone() };
        let order = if left_out("latch-release") {
            Ordering::Relaxed
        } else {
            Ordering::Release
        };
        // SAFETY: L1, and L2 until the store is seen. Release: `probe` (Acquire) then sees the job's result.
        unsafe { (*this).owner.store(ptr::null_mut(), order) };
        gap();
        if !left_out("latch-unpark") {
            owner.unpark(); // L4
        }
    }

    /// Blocks the calling thread, which must be the owner of `parker`, until the signal is given.
    pub(crate) fn wait(&self, parker: &Parker) {
        while !self.probe() {
            parker.park();
        }
    }
}

/// A latch that is set when a count of holders falls to zero. It is made with one holder.
///
/// L5 whoever adds a holder is one. So the count never rises from zero.
pub(crate) struct CountLatch {
    holders: AtomicUsize,
    latch: Latch,
}

impl CountLatch {
    /// # Safety
    /// L3.
    pub(crate) unsafe fn new(owner: &Unparker) -> Self {
        // SAFETY: L3 is the caller's promise.
        let latch = unsafe { Latch::new(owner) };
        Self {
            holders: AtomicUsize::new(1),
            latch,
        }
    }

    pub(crate) fn latch(&self) -> &Latch {
        &self.latch
    }

    /// Adds a holder. The caller is one itself (L5).
    pub(crate) fn add(&self) {
        // Relaxed: the new holder learns of it through the job that it is handed.
        self.holders.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives up one hold; the last one sets the latch.
    ///
    /// # Safety
    /// The caller is a holder, and L1 and L2 hold for the latch within. The owner waits for that latch and never
    /// for the count, which may be zero a moment before the last touch.
    pub(crate) unsafe fn release(this: *const Self) {
        let order = if left_out("count-acqrel") {
            Ordering::Relaxed
        } else {
            Ordering::AcqRel
        };
        // SAFETY: a holder keeps the latch from being set, and so `*this` alive.
        // AcqRel: the last one passes on, through the latch, what all the others did.
        let holders = unsafe { (*this).holders.fetch_sub(1, order) };
        if holders == 1 {
            // SAFETY: L1: not set yet, so not freed.
            let latch = unsafe { &raw const (*this).latch };
            // SAFETY: L1 as above, L2 by our contract. Once, by L5.
            unsafe { Latch::set(latch) };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;

    #[test]
    fn a_latch_is_seen_set_and_leaves_a_token() {
        let owner = Parker::new();
        // SAFETY: L3: `owner` was there before.
        let latch = unsafe { Latch::new(owner.unparker()) };
        assert!(!latch.probe());
        // SAFETY: L1, L2: this thread has it alone; once.
        unsafe { Latch::set(&latch) };
        assert!(latch.probe());
        latch.wait(&owner); // at once
        owner.park(); // at once: nobody has taken the token
    }

    #[test]
    fn who_waits_has_what_was_done_before() {
        for _ in 0..100 {
            let owner = Parker::new();
            let is_done = AtomicBool::new(false);
            // SAFETY: L3: `owner` was there before.
            let latch = unsafe { Latch::new(owner.unparker()) };
            // Somebody else's token does not end the wait.
            owner.unparker().unpark();
            thread::scope(|threads| {
                threads.spawn(|| {
                    is_done.store(true, Ordering::Relaxed); // ordered by the latch
                    // SAFETY: L1, L2: it stays until all threads of the scope have ended; once.
                    unsafe { Latch::set(&latch) };
                });
                latch.wait(&owner);
                assert!(latch.probe() && is_done.load(Ordering::Relaxed));
            });
        }
    }

    #[test]
    fn the_last_holder_sets_the_latch() {
        for holders in 1..5 {
            let owner = Parker::new();
            // SAFETY: L3: `owner` was there before.
            let count = unsafe { CountLatch::new(owner.unparker()) };
            (1..holders).for_each(|_| count.add());
            for _ in 0..holders {
                assert!(!count.latch().probe());
                // SAFETY: one of so many holders; L1, L2: this thread has it alone.
                unsafe { CountLatch::release(&count) };
            }
            assert!(count.latch().probe());
        }
    }
}
