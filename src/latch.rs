//! One-shot signals: set by one thread, waited for and freed by another.
//!
//! A latch wakes its owner by token: it unparks the owner's parker, and a token given before `park` is kept. So a
//! latch takes no part in the sleep protocol of [`park`](crate::park).
#![allow(unsafe_code)]

use std::borrow::Borrow;

use crate::park::parker::{Parker, Unparker};
use crate::primitive::{AtomicBool, AtomicUsize, Ordering, gap, left_out};

/// A signal to the thread whose parker `owner` unparks: an unparker, or a reference to one.
///
/// L1 the latch is alive when `set` begins.  L2 its owner frees it only after `probe` has said yes.
/// L3 after the store of `set` nothing of the latch is touched.
pub(crate) struct Latch<O> {
    is_set: AtomicBool,
    owner: O,
}

impl<O: Borrow<Unparker>> Latch<O> {
    #[inline]
    pub(crate) fn new(owner: O) -> Self {
        Self { is_set: AtomicBool::new(false), owner }
    }

    /// Whether the signal was given; if so, all that its giver did before is visible.
    #[inline]
    pub(crate) fn probe(&self) -> bool {
        // Acquire: sees what `set` published.
        self.is_set.load(Ordering::Acquire)
    }

    /// Gives the signal and wakes the owner.
    ///
    /// # Safety
    /// L1 and L2 hold.
    pub(crate) unsafe fn set(this: *const Self) {
        // SAFETY: L1. Cloned now: after the store, L2 lets the owner free `*this`, and even end its thread.
        let owner = unsafe { (*this).owner.borrow().clone() };
        let order = if left_out("latch-release") { Ordering::Relaxed } else { Ordering::Release };
        // SAFETY: L1. Release: `probe` (Acquire) then sees the job's result. From here on L3.
        unsafe { (*this).is_set.store(true, order) };
        gap();
        owner.unpark();
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
/// L4 whoever adds a holder is one. So the count never rises from zero.
pub(crate) struct CountLatch {
    holders: AtomicUsize,
    latch: Latch<Unparker>,
}

impl CountLatch {
    pub(crate) fn new(owner: Unparker) -> Self {
        Self { holders: AtomicUsize::new(1), latch: Latch::new(owner) }
    }

    pub(crate) fn latch(&self) -> &Latch<Unparker> {
        &self.latch
    }

    /// Adds a holder. The caller is one itself (L4).
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
        // SAFETY: a holder keeps the latch from being set, and so `*this` alive.
        // AcqRel: the last one passes on, through the latch, what all the others did.
        let holders = unsafe { (*this).holders.fetch_sub(1, Ordering::AcqRel) };
        if holders == 1 {
            // SAFETY: L1: not set yet, so not freed. L2 by our contract.
            unsafe { Latch::set(&raw const (*this).latch) };
        }
    }
}
