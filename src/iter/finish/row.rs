//! Items in a row, in memory that is somebody else's: what a leaf has written, until a collection gets it.
#![allow(unsafe_code)]

use std::{mem, ptr};

/// Items that have been written and not yet been handed over.
///
/// R1 The first `count` slots from `start` on hold items, and the row owns them.
pub(super) struct Row<T> {
    pub(super) start: *mut T,
    pub(super) count: usize,
}

// SAFETY: R1: it owns its items, as a `Vec<T>` would.
unsafe impl<T: Send> Send for Row<T> {}

impl<T> Row<T> {
    /// Without items yet.
    #[inline]
    pub(super) fn new(start: *mut T) -> Self {
        Self { start, count: 0 }
    }

    /// Where the next item would go.
    #[inline]
    pub(super) fn end(&self) -> *mut T {
        self.start.wrapping_add(self.count)
    }

    /// # Safety
    /// The slot after the last item is free, and nobody else's.
    #[inline]
    pub(super) unsafe fn push(&mut self, item: T) {
        // SAFETY: as promised by the caller.
        unsafe { self.end().write(item) };
        self.count += 1; // R1
    }

    /// Takes the items of `next`, if that begins where this row ends.
    #[inline]
    pub(super) fn join(&mut self, next: Self) -> Result<(), Self> {
        if self.end() != next.start {
            return Err(next);
        }
        self.count += next.count; // R1, of which `next` lets go in the same breath
        next.hand_over();
        Ok(())
    }

    /// Gives the items to whoever owns the slots.
    #[inline]
    pub(super) fn hand_over(self) {
        mem::forget(self);
    }
}

impl<T> Drop for Row<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: R1, and the last moment of `self`.
        unsafe { ptr::drop_in_place(ptr::slice_from_raw_parts_mut(self.start, self.count)) };
    }
}
