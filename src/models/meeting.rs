//! Where the two sides of a cut meet.
#![allow(unsafe_code)]

use loom::cell::UnsafeCell;
use loom::thread;

use super::{explore, twins};
use crate::iter::plumbing::spread::Meeting;

/// A cut as two threads see it: what each side brings, and the meeting.
struct Sides {
    meeting: Meeting,
    brought: [UnsafeCell<u32>; 2],
}

/// A pointer to it on one of the threads.
#[derive(Clone, Copy)]
struct SidesPointer(*mut Sides);

// SAFETY: the second to arrive frees it, as X5 has it.
unsafe impl Send for SidesPointer {}

impl SidesPointer {
    /// Brings what this side has, and takes both if the other one was there before.
    fn arrive(self, side: usize) -> Option<u32> {
        let Self(sides) = self;
        // SAFETY: this side has not arrived yet.
        let place = unsafe { &(*sides).brought[side] };
        // SAFETY: nobody else looks before both have arrived; loom checks that.
        place.with_mut(|place| unsafe { *place = 1 << side });
        // SAFETY: as above.
        let meeting = unsafe { &raw const (*sides).meeting };
        // SAFETY: once for each side.
        if !unsafe { Meeting::arrive(meeting) } {
            return None;
        }
        // SAFETY: the second to arrive frees it; once.
        let sides = unsafe { Box::from_raw(sides) };
        // SAFETY: the other side has written it before it arrived; loom checks that.
        let read = |cell: &UnsafeCell<u32>| cell.with(|cell| unsafe { *cell });
        Some(sides.brought.iter().map(read).sum())
    }
}

/// Both sides are done at about the same time: one of them, and only one, finds what both have brought.
#[test]
fn second_takes_both() {
    explore(3, || {
        let sides = SidesPointer(Box::into_raw(Box::new(Sides {
            meeting: Meeting::new(),
            brought: [UnsafeCell::new(0), UnsafeCell::new(0)],
        })));
        let other = thread::spawn(move || sides.arrive(1));
        let here = sides.arrive(0);
        let there = other.join().unwrap();
        assert_eq!(here.xor(there), Some(3));
    });
}

twins! {
    without_acqrel: "meeting::second_takes_both" without "meeting-acqrel";
    without_the_count: "meeting::second_takes_both" without "meeting-count";
}
