//! Filters without a branch for each item.
//!
//! Whether an item is liked is anybody's guess, also the processor's, which loses some fifteen cycles whenever it guesses wrong.
//! So every item is written behind those that have been kept, and is kept by counting it: the next one takes the place
//! of one that was not. Small items cost no more to write than to leave out. (By way of a block on the stack, a filter that
//! keeps all took half as long again; with room for all at once, one that keeps few lost as much to the allocation.)
#![allow(unsafe_code)]

use std::mem::{MaybeUninit, needs_drop};

use super::gather::first_room;
use crate::iter::plumbing::Folder;

/// Up to so many bytes an item is as quickly written as not.
const SMALL: usize = 32;

/// Whether the items are small, and need not be dropped, so that those that are not liked can be written over.
#[inline]
pub(super) const fn is_for<T>() -> bool {
    !needs_drop::<T>() && size_of::<T>() <= SMALL
}

/// Appends the items that `is_liked` likes.
#[inline]
pub(super) fn extend<T>(
    target: &mut Vec<T>,
    mut items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
) {
    debug_assert!(is_for::<T>());
    loop {
        if target.capacity() == target.len() {
            let first = first_room::<T>();
            let most = items.size_hint().1.unwrap_or(first);
            if most == 0 {
                return;
            }
            // Twice as much as before, at least.
            target.reserve(most.min(first));
        }
        let slots = target.spare_capacity_mut();
        let room = slots.len();
        let (kept, seen) = sift(slots, items.by_ref().take(room), &is_liked);
        // SAFETY: the first `kept` slots behind the old end hold items: each was written before it was counted, and then left.
        unsafe { target.set_len(target.len() + kept) };
        if seen < room {
            return;
        }
    }
}

/// Writes the items that `is_liked` likes into the slots, of which there are as many as items, and tells how many those were, and how
/// many it has seen.
///
/// That nobody else knows the slots is plain here from the types, and so what the closure borrows stays in registers.
#[inline(never)]
fn sift<T>(
    slots: &mut [MaybeUninit<T>],
    items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
) -> (usize, usize) {
    let (mut kept, mut seen) = (0, 0);
    items.for_each(|item| {
        let is_liked = is_liked(&item);
        slots[kept].write(item);
        kept += usize::from(is_liked);
        seen += 1;
    });
    (kept, seen)
}

/// How many items are parted at a time.
const BLOCK: usize = 128;

/// Hands the items that `is_liked` likes to the left, and the others to the right, until there are none left or both folders
/// are full. Both get them in order.
#[inline]
pub(super) fn part<T, L, R>(
    mut items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
    mut left: L,
    mut right: R,
) -> (L, R)
where
    L: Folder<T>,
    R: Folder<T>,
{
    debug_assert!(is_for::<T>());
    let mut block = [const { MaybeUninit::uninit() }; BLOCK];
    loop {
        // Those that are liked lie at the front, the others at the back, the last one first.
        let (mut liked, mut seen) = (0, 0);
        items.by_ref().take(BLOCK).for_each(|item| {
            let is_liked = is_liked(&item);
            let at = if is_liked {
                liked
            } else {
                BLOCK - 1 + liked - seen
            };
            block[at].write(item);
            liked += usize::from(is_liked);
            seen += 1;
        });
        // SAFETY: so many slots at the front have been written, and each is read once. (What is not read need not be dropped.)
        let taken = |slot: &MaybeUninit<T>| unsafe { slot.assume_init_read() };
        left = left.consume_iter(block[..liked].iter().map(taken));
        // SAFETY: likewise so many at the back.
        let taken = |slot: &MaybeUninit<T>| unsafe { slot.assume_init_read() };
        right = right.consume_iter(block[BLOCK + liked - seen..].iter().rev().map(taken));
        if seen < BLOCK || left.full() && right.full() {
            return (left, right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_filter() {
        // With an interpreter: less than a block, one, and more.
        for len in (0..300_u32).step_by(if cfg!(miri) { 64 } else { 1 }) {
            for step in 1..7 {
                let is_liked = |x: &u32| x.is_multiple_of(step);
                let mut kept = vec![7];
                extend(&mut kept, 0..len, is_liked);
                // No length is known.
                extend(&mut kept, (0..len).map_while(Some), is_liked);
                let want: Vec<u32> = (0..len).filter(is_liked).collect();
                assert_eq!(kept, [&[7], &want[..], &want].concat());
            }
        }
    }

    /// Into two that take all, and into two of which one, or both, want no more after a while.
    #[test]
    fn as_a_partition() {
        /// Takes so many items, and forgets what else it is given.
        struct Until(usize, Vec<u32>);

        impl Folder<u32> for Until {
            type Result = Vec<u32>;

            fn consume(mut self, item: u32) -> Self {
                if !self.full() {
                    self.1.push(item);
                }
                self
            }

            fn complete(self) -> Vec<u32> {
                self.1
            }

            fn full(&self) -> bool {
                self.1.len() >= self.0
            }
        }

        for len in (0..500_u32).step_by(if cfg!(miri) { 127 } else { 1 }) {
            for step in 1..5 {
                let is_liked = |x: &u32| x.is_multiple_of(step);
                let (left, right): (Vec<u32>, Vec<u32>) = (0..len).partition(is_liked);
                for (most_left, most_right) in [(usize::MAX, 0), (0, usize::MAX), (9, 9)] {
                    let mut items = 0..len;
                    let pair = (Until(most_left, vec![]), Until(most_right, vec![]));
                    let (a, b) = part(&mut items, is_liked, pair.0, pair.1);
                    let (a, b) = (a.complete(), b.complete());
                    // In order, and whoever is not full has all of what was taken from the items.
                    assert_eq!((&a[..], &b[..]), (&left[..a.len()], &right[..b.len()]));
                    let taken = len - items.len() as u32;
                    let liked = (0..taken).filter(is_liked).count();
                    assert!(a.len() == liked || a.len() >= most_left);
                    assert!(b.len() == taken as usize - liked || b.len() >= most_right);
                    // The end is where the items end, or the block in which both are full.
                    let is_full = |taken: u32| {
                        let liked = (0..taken).filter(is_liked).count();
                        liked >= most_left && taken as usize - liked >= most_right
                    };
                    assert!(taken == len || is_full(taken) && taken.is_multiple_of(BLOCK as u32));
                    assert!(!is_full(taken.saturating_sub(BLOCK as u32)));
                }
            }
        }
    }

    #[test]
    fn nothing_is_lost_before_a_panic() {
        let mut kept = vec![1_u8];
        let panics = || {
            extend(
                &mut kept,
                0..100,
                |x| if *x == 50 { panic!() } else { true },
            )
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert_eq!(kept[0], 1);
    }

    #[test]
    fn which_items() {
        assert!(is_for::<&String>() && is_for::<&mut [u8]>() && is_for::<()>());
        assert!(!is_for::<String>() && !is_for::<[u64; 5]>());
        let mut units = vec![()];
        extend(&mut units, std::iter::repeat_n((), 1000), |()| true);
        assert_eq!(units.len(), 1001);
    }
}
