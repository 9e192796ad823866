//! Filters without a branch for each item.
//!
//! Whether an item is liked is anybody's guess, also the processor's, which loses some fifteen cycles whenever it guesses wrong.
//! So every item is written behind those that have been kept, and is kept by counting it: the next one takes the place
//! of one that was not. Small items cost no more to write than to leave out. (By way of a block on the stack, a filter that
//! keeps all took half as long again.)
#![allow(unsafe_code)]

use std::mem::{MaybeUninit, needs_drop};
use std::ptr;

use super::gather::first_room;
use crate::iter::plumbing::Folder;

/// Up to so many bytes an item is as quickly written as not.
const SMALL: usize = 32;

/// Whether the items are small, and need not be dropped, so that those that are not liked can be written over.
#[inline]
pub(super) const fn is_for<T>() -> bool {
    !needs_drop::<T>() && size_of::<T>() <= SMALL
}

/// For so many bytes' worth of items room is made at once, at most, when nobody knows how many will be kept. What is not written
/// costs nothing.
const AT_ONCE: usize = 1 << 20;

/// Appends the items that `is_liked` likes.
///
/// Where there is room for all that may come, std's own loop is used, and nothing is asked but that. (To grow when the room is used up
/// takes a branch for each item: a third of a thousand took half as long again, and of a map's entries a quarter.) It takes the iterator along,
/// and what that has beyond what it tells: so one whose number does not fall with its items is not believed. (By `by_ref` none would be
/// lost whatever it tells, but a third of a thousand took 650 ns instead of 400.)
#[inline(never)]
pub(super) fn extend<T>(
    target: &mut Vec<T>,
    mut items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
) {
    debug_assert!(is_for::<T>());
    let Some(most) = items.size_hint().1 else {
        return extend_uncounted(target, items, is_liked);
    };
    make_room(target, most);
    let Some(first) = items.next() else { return };
    push_if(target, first, &is_liked);
    if items.size_hint().1.is_none_or(|left| left >= most) {
        return extend_uncounted(target, items, is_liked);
    }
    loop {
        let Some(most) = items.size_hint().1 else {
            return extend_uncounted(target, items, is_liked);
        };
        make_room(target, most);
        let slots = target.spare_capacity_mut();
        let room = slots.len();
        if most <= room {
            // SAFETY: no more items are taken than there are slots.
            let (kept, _) = unsafe { sift(slots, items.take(room), is_liked) };
            // SAFETY: the first `kept` slots behind the old end hold items: each was written before it was counted, and then left.
            unsafe { target.set_len(target.len() + kept) };
            return;
        }
        // SAFETY: likewise.
        let (kept, seen) = unsafe { sift(slots, items.by_ref().take(room), &is_liked) };
        // SAFETY: likewise.
        unsafe { target.set_len(target.len() + kept) };
        if seen < room {
            return;
        }
    }
}

/// Makes room for what comes of `most` items, or of the first of them.
#[inline]
fn make_room<T>(target: &mut Vec<T>, most: usize) {
    // The first block of a loop is an eighth of it. (With room for half as many, a thousand numbers of which few passed took 810 ns instead of 715.)
    let least = 4 * first_room::<T>();
    let wanted = most.min(AT_ONCE / size_of::<T>().max(1));
    // With room for half of them it may suffice.
    if target.capacity() - target.len() < wanted.div_ceil(2) {
        target.reserve(wanted.max(least));
    }
}

/// The same where nobody knows how many items may come. All are taken by one loop that looks for room each time. (Text was cut into words in
/// 0.6 of the time: `by_ref` keeps the state of std's search in memory.)
fn extend_uncounted<T>(
    target: &mut Vec<T>,
    items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
) {
    items.for_each(|item| push_if(target, item, &is_liked));
}

/// Appends an item if `is_liked` likes it.
#[inline]
fn push_if<T>(target: &mut Vec<T>, item: T, is_liked: impl Fn(&T) -> bool) {
    if target.len() == target.capacity() {
        target.reserve(2 * first_room::<T>());
    }
    let slot = &mut target.spare_capacity_mut()[0];
    let is_liked = is_liked(slot.write(item));
    // SAFETY: the slot has just been written.
    unsafe { target.set_len(target.len() + usize::from(is_liked)) };
}

/// Writes the items that `is_liked` likes into the slots, and tells how many those were, and how many it has seen.
///
/// # Safety
/// There are no more items than slots.
#[inline]
unsafe fn sift<T>(
    slots: &mut [MaybeUninit<T>],
    items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
) -> (usize, usize) {
    let (mut kept, mut seen) = (0, 0);
    items.for_each(|item| {
        // SAFETY: no more have been kept than seen, and this is one more.
        let slot = unsafe { slots.get_unchecked_mut(kept) };
        kept += usize::from(is_liked(slot.write(item)));
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

/// Hands the halves of those pairs that `is_liked` likes to the left and to the right, until there are none left or both folders are
/// full. (One pair at a time, each guess that went wrong was paid for, and both sides looked for room: a third of a thousand
/// pairs took half as long again.)
#[inline]
pub(super) fn halve<A, B, L, R>(
    mut pairs: impl Iterator<Item = (A, B)>,
    is_liked: impl Fn(&(A, B)) -> bool,
    mut left: L,
    mut right: R,
) -> (L, R)
where
    L: Folder<A>,
    R: Folder<B>,
{
    debug_assert!(is_for::<(A, B)>());
    let mut block = [const { MaybeUninit::uninit() }; BLOCK];
    loop {
        let (mut liked, mut seen) = (0, 0);
        pairs.by_ref().take(BLOCK).for_each(|pair| {
            let is_liked = is_liked(&pair);
            block[liked].write(pair);
            liked += usize::from(is_liked);
            seen += 1;
        });
        let liked = block[..liked].iter();
        left = left.consume_iter(liked.clone().map(|slot| {
            // SAFETY: so many slots have been written.
            let pair = unsafe { slot.assume_init_ref() };
            // SAFETY: each half is read once. (What is not read need not be dropped.)
            unsafe { ptr::read(&pair.0) }
        }));
        right = right.consume_iter(liked.map(|slot| {
            // SAFETY: likewise.
            let pair = unsafe { slot.assume_init_ref() };
            // SAFETY: likewise.
            unsafe { ptr::read(&pair.1) }
        }));
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

    /// Takes so many items, and forgets what else it is given.
    struct Until<T>(usize, Vec<T>);

    impl<T> Folder<T> for Until<T> {
        type Result = Vec<T>;

        fn consume(mut self, item: T) -> Self {
            if !self.full() {
                self.1.push(item);
            }
            self
        }

        fn complete(self) -> Vec<T> {
            self.1
        }

        fn full(&self) -> bool {
            self.1.len() >= self.0
        }
    }

    /// Into two that take all, and into two of which one, or both, want no more after a while.
    #[test]
    fn as_a_partition() {
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

    /// All halves of the pairs that are liked, until neither side wants more.
    #[test]
    fn as_an_unzip() {
        for len in (0..500_u32).step_by(if cfg!(miri) { 127 } else { 1 }) {
            for step in 1..5 {
                let is_liked = |pair: &(u32, u8)| pair.0.is_multiple_of(step);
                let pairs = || (0..len).map(|x| (x, x as u8));
                let (left, right): (Vec<u32>, Vec<u8>) = pairs().filter(is_liked).unzip();
                for (most_left, most_right) in [(usize::MAX, 0), (9, 5), (0, 0)] {
                    let mut pairs = pairs();
                    let sides = (Until(most_left, vec![]), Until(most_right, vec![]));
                    let (a, b) = halve(&mut pairs, is_liked, sides.0, sides.1);
                    let (a, b) = (a.complete(), b.complete());
                    assert_eq!(a, left[..left.len().min(most_left)]);
                    assert_eq!(b, right[..right.len().min(most_right)]);
                    let taken = len as usize - pairs.len();
                    assert!(taken == len as usize || taken.is_multiple_of(BLOCK));
                }
            }
        }
    }

    /// Room is made in steps where nobody knows how many items will come, or where it would be too much.
    #[test]
    fn more_than_there_is_room_for() {
        let len = if cfg!(miri) { 3000 } else { 600_000_u32 };
        let is_liked = |x: &u32| !x.is_multiple_of(7);
        let want: Vec<u32> = (0..len).filter(is_liked).collect();
        let mut kept = vec![];
        extend(&mut kept, (0..len).map_while(Some), is_liked);
        assert_eq!(kept, want);
        kept.clear();
        kept.shrink_to_fit();
        let without_bound = std::iter::successors(Some(0), |x| (x + 1 < len).then_some(x + 1));
        extend(&mut kept, without_bound, is_liked);
        assert_eq!(kept, want);
        kept.clear();
        let mut items = 0..len;
        // Nor does anything tell that it has come to an end.
        extend(&mut kept, std::iter::from_fn(|| items.next()), is_liked);
        assert_eq!(kept, want);
        let mut none = vec![];
        extend(&mut none, 0..0_u32, is_liked);
        assert_eq!(none.capacity(), 0);
        // At once there is never room for more than so many, nor for very few.
        extend(&mut none, 0..600_000, |_| false);
        assert!(none.is_empty() && none.capacity() <= AT_ONCE / size_of::<u32>());
        let mut one = vec![];
        let mut first = Some(1);
        extend(&mut one, std::iter::from_fn(|| first.take()), is_liked);
        assert!(one == [1_u32] && one.capacity() >= 2 * first_room::<u32>());
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
