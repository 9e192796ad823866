//! Merging two sorted slices into a third place, by one worker or by several.
#![allow(unsafe_code)]

use super::run::{copy, copy_one};
use std::cmp::Ordering;
use std::mem::MaybeUninit;

/// How many elements are looked at together: enough to make the test before a block cheap, few enough to notice
/// soon that one source runs ahead.
const BLOCK: usize = 32;

/// Copies the elements of `left` and `right` to `out` in their common order, equal ones of `left` first.
///
/// The sources stay as they are, so nothing is lost if `compare` panics. After a normal return `out` holds every
/// element of both exactly once, even if `compare` contradicts itself.
pub(super) fn par_merge<T, F>(
    left: &mut [T],
    right: &mut [T],
    out: &mut [MaybeUninit<T>],
    grain: usize,
    compare: &F,
) where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if out.len() <= grain || left.is_empty() || right.is_empty() {
        return merge(left, right, out, &|a, b| compare(a, b) == Ordering::Less);
    }
    let mid = out.len() / 2;
    let from_left = share_of_left(left, right, mid, compare);
    let (left, left_rest) = left.split_at_mut(from_left);
    let (right, right_rest) = right.split_at_mut(mid - from_left);
    let (out, out_rest) = out.split_at_mut(mid);
    crate::join(
        || par_merge(left, right, out, grain, compare),
        || par_merge(left_rest, right_rest, out_rest, grain, compare),
    );
}

/// How many of the first `count` merged elements come from `left`.
///
/// At most `left.len()`, and at least what `right` cannot provide, whatever `compare` says.
fn share_of_left<T, F: Fn(&T, &T) -> Ordering>(
    left: &[T],
    right: &[T],
    count: usize,
    compare: &F,
) -> usize {
    let mut low = count.saturating_sub(right.len());
    let mut high = count.min(left.len());
    while low < high {
        let mid = low + (high - low) / 2;
        // If `mid` come from the left, the last one from the right is this, and left[mid] waits behind it.
        if compare(&right[count - mid - 1], &left[mid]) == Ordering::Less {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    low
}

fn merge<'a, T>(
    mut left: &'a [T],
    mut right: &'a [T],
    mut out: &mut [MaybeUninit<T>],
    is_less: &impl Fn(&T, &T) -> bool,
) {
    while !left.is_empty() && !right.is_empty() {
        // A block that comes before all of the other source is copied whole, which makes few distinct values,
        // sorted stretches and the like cost little more than a copy.
        if left.len() >= BLOCK && !is_less(&right[0], &left[BLOCK - 1]) {
            take(BLOCK, &mut left, &mut out);
        } else if right.len() >= BLOCK && is_less(&right[BLOCK - 1], &left[0]) {
            take(BLOCK, &mut right, &mut out);
        } else if left.len() == 1 || right.len() == 1 {
            let right_first = is_less(&right[0], &left[0]);
            take(
                1,
                if right_first { &mut right } else { &mut left },
                &mut out,
            );
        } else {
            let count = (left.len().min(right.len()) / 2).min(BLOCK);
            let (front, back) = merge_ends(left, right, out, count, is_less);
            left = &left[front..left.len() - back];
            right = &right[count - front..right.len() - (count - back)];
            let rest = out.len() - count;
            out = &mut out[count..rest];
        }
    }
    let (out, rest) = out.split_at_mut(left.len());
    copy(left, out);
    copy(right, rest);
}

/// Copies the first `count` of `from` to the front of `out`, and takes them off both.
fn take<T>(count: usize, from: &mut &[T], out: &mut &mut [MaybeUninit<T>]) {
    let (block, rest) = from.split_at(count);
    let (room, out_rest) = std::mem::take(out).split_at_mut(count);
    copy(block, room);
    (*from, *out) = (rest, out_rest);
}

/// Copies the first `count` and the last `count` of the merged elements to the two ends of `out`, and says how many
/// from the front and from the back of `left` were among them.
///
/// The two directions do not wait for each other, which nearly doubles the speed of one of them alone. Neither
/// source can be used up on the way, so there is no other test inside than the comparisons:
///
/// - M1 Each source has at least `2 * count` elements.
/// - M2 Before step `k`, `front` and `back` are at most `k`, which is less than `count`. So neither direction
///   leaves its half of either source, and no element is taken twice, whatever `is_less` says.
/// - M3 For the same reason an element is not compared again once it has been copied. A comparison may write to it
///   through a `Cell`, and the copy would not know.
fn merge_ends<T>(
    left: &[T],
    right: &[T],
    out: &mut [MaybeUninit<T>],
    count: usize,
    is_less: &impl Fn(&T, &T) -> bool,
) -> (usize, usize) {
    assert!(2 * count <= left.len().min(right.len()) && out.len() == left.len() + right.len()); // M1
    let (left_last, right_last, out_last) = (left.len() - 1, right.len() - 1, out.len() - 1);
    let (mut front, mut back) = (0, 0);
    for k in 0..count {
        // SAFETY: M1, M2: front <= k < left.len().
        let a = unsafe { left.get_unchecked(front) };
        // SAFETY: M1, M2: k - front <= k < right.len().
        let b = unsafe { right.get_unchecked(k - front) };
        let right_first = is_less(b, a);
        copy_one(if right_first { b } else { a }, &mut out[k]);
        front += usize::from(!right_first);

        // SAFETY: M1, M2: back <= k < left.len().
        let a = unsafe { left.get_unchecked(left_last - back) };
        // SAFETY: M1, M2: k - back <= k < right.len().
        let b = unsafe { right.get_unchecked(right_last - (k - back)) };
        let left_last = is_less(b, a);
        copy_one(if left_last { a } else { b }, &mut out[out_last - k]);
        back += usize::from(left_last);
    }
    (front, back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// How often elements are compared while these are merged, divided down to so many.
    fn compared(left: &[u64], right: &[u64], grain: usize) -> usize {
        let calls = AtomicUsize::new(0);
        let compare = |a: &u64, b: &u64| {
            calls.fetch_add(1, Relaxed); // a count only
            a.cmp(b)
        };
        let mut sides = [left.to_vec(), right.to_vec()];
        let mut out = Vec::with_capacity(left.len() + right.len());
        let [left, right] = &mut sides;
        let room = &mut out.spare_capacity_mut()[..left.len() + right.len()];
        par_merge(left, right, room, grain, &compare);
        // SAFETY: all of it was written.
        unsafe { out.set_len(left.len() + right.len()) };
        let mut all = sides.concat();
        all.sort();
        assert_eq!(out, all);
        calls.into_inner()
    }

    /// To divide a merge costs some comparisons.
    #[test]
    fn merges_are_divided_if_they_are_long() {
        let even: Vec<u64> = (0..200).map(|x| 2 * x).collect();
        let odd: Vec<u64> = (0..200).map(|x| 2 * x + 1).collect();
        let whole = compared(&even, &odd, usize::MAX);
        assert_eq!(compared(&even, &odd, 400), whole);
        let halves = compared(&even, &odd, 399);
        let quarters = compared(&even, &odd, 100);
        assert!(
            whole < halves && halves < quarters,
            "{whole} {halves} {quarters}"
        );
        assert_eq!(compared(&even, &odd, 200), halves);
        assert_eq!(compared(&even, &[], 10), 0);
        assert_eq!(compared(&[], &odd, 10), 0);
    }
}
