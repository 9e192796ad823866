//! Latches and parkers: setting against waiting against freeing.
#![allow(unsafe_code)]

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::{explore, twins};
use crate::latch::{CountLatch, Latch};
use crate::park::parker::Parker;

/// What a latch guards: loom checks that every access comes after the ones it must see.
struct Frame<L> {
    latch: L,
    result: UnsafeCell<u32>,
}

/// A frame that its owner frees once the latch says so, and a pointer to it on another thread.
struct FramePointer<L>(*const Frame<L>);

// SAFETY: the tests free the frame only after the latch is set (L2).
unsafe impl<L> Send for FramePointer<L> {}

impl<L> FramePointer<L> {
    fn get(self) -> *const Frame<L> {
        self.0
    }
}

#[test]
fn set_against_wait_against_free() {
    explore(3, || {
        let parker = Parker::new();
        // SAFETY: L3: `parker` goes last.
        let latch = unsafe { Latch::new(parker.unparker()) };
        let frame = Box::into_raw(Box::new(Frame {
            latch,
            result: UnsafeCell::new(0),
        }));
        let setter = {
            let frame = FramePointer(frame);
            thread::spawn(move || {
                let frame = frame.get();
                // SAFETY: alive until the latch is set.
                let result = unsafe { &(*frame).result };
                // SAFETY: nobody else looks before the latch is set; loom checks that.
                result.with_mut(|result| unsafe { *result = 7 });
                // SAFETY: L1, L2; once.
                unsafe { Latch::set(&raw const (*frame).latch) };
            })
        };
        // SAFETY: not freed yet.
        unsafe { (*frame).latch.wait(&parker) };
        // SAFETY: L2: the latch is set, so the frame is ours alone.
        let frame = unsafe { Box::from_raw(frame) };
        // SAFETY: as above; loom checks it.
        frame
            .result
            .with(|result| assert_eq!(unsafe { *result }, 7));
        drop(frame);
        setter.join().unwrap();
    });
}

/// Two holders beside the owner: the last one to let go passes on what both did.
#[test]
fn count_of_holders() {
    explore(3, || {
        let parker = Parker::new();
        // SAFETY: L3: `parker` goes last.
        let latch = unsafe { CountLatch::new(parker.unparker()) };
        let frame = Box::into_raw(Box::new(Frame {
            latch,
            result: UnsafeCell::new(0),
        }));
        let seen = Arc::new(UnsafeCell::new(0));
        let holders: Vec<_> = (0..2)
            .map(|holder| {
                // SAFETY: the owner is a holder, and the frame is alive.
                unsafe { (*frame).latch.add() };
                let (frame, seen) = (FramePointer(frame), Arc::clone(&seen));
                thread::spawn(move || {
                    let frame = frame.get();
                    if holder == 0 {
                        // SAFETY: alive while we hold.
                        let result = unsafe { &(*frame).result };
                        // SAFETY: only this holder writes; loom checks it.
                        result.with_mut(|result| unsafe { *result = 7 });
                    } else {
                        // SAFETY: only this holder writes; loom checks it.
                        seen.with_mut(|seen| unsafe { *seen = 8 });
                    }
                    // SAFETY: a holder, L1, L2.
                    unsafe { CountLatch::release(&raw const (*frame).latch) };
                })
            })
            .collect();
        // SAFETY: the owner's own hold.
        unsafe { CountLatch::release(&raw const (*frame).latch) };
        // SAFETY: not freed yet.
        unsafe { (*frame).latch.latch().wait(&parker) };
        // SAFETY: L2.
        let frame = unsafe { Box::from_raw(frame) };
        // SAFETY: all holders are done; loom checks it.
        frame
            .result
            .with(|result| assert_eq!(unsafe { *result }, 7));
        // SAFETY: as above.
        seen.with(|seen| assert_eq!(unsafe { *seen }, 8));
        holders
            .into_iter()
            .for_each(|holder| holder.join().unwrap());
    });
}

/// Two tokens given to one parker, in the midst of parking: each `park` returns, and sees what came before a token.
#[test]
fn tokens_are_kept() {
    explore(3, || {
        let parker = Parker::new();
        let unparker = parker.unparker().clone();
        let cell = Arc::new(UnsafeCell::new(0));
        let giver = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                // SAFETY: nobody reads before the token; loom checks it.
                cell.with_mut(|cell| unsafe { *cell = 1 });
                unparker.unpark();
            })
        };
        parker.park();
        // SAFETY: the token came after the write; loom checks it.
        cell.with(|cell| assert_eq!(unsafe { *cell }, 1));
        giver.join().unwrap();
        parker.unparker().unpark();
        parker.park();
    });
}

twins! {
    without_release: "latch::set_against_wait_against_free" without "latch-release";
    without_unpark: "latch::set_against_wait_against_free" without "latch-unpark";
    without_acqrel_of_the_count: "latch::count_of_holders" without "count-acqrel";
    without_keeping_the_token: "latch::tokens_are_kept" without "token-kept";
    without_release_of_the_token: "latch::tokens_are_kept" without "token-release";
}
