//! Slices that are in order, or in reversed order, before the sort begins.

use std::cmp::Ordering;

/// Fewer elements than this are looked through, turned or exchanged sooner than another worker would come.
const GRAIN: usize = 32 << 10;

/// How many elements are looked at before another worker is asked to look at the second half.
const PROBE: usize = 64;

/// How many pairs are looked at before the first of them counts.
const STEP: usize = 32;

/// How many looks it takes to see what a slice is like.
const LOOKS: usize = 16;

/// Puts `v` in order if it takes no sorting, and says whether it did.
///
/// A slice that falls steadily, without equal neighbours, is turned, which is stable. std's sorts do the same, but with
/// one worker, and in a leaf it would be too late: the leaves would have to change places.
pub(super) fn settle<T, F>(v: &mut [T], compare: &F) -> bool
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if v.len() < 2 {
        return true;
    }
    let falls = |a: &T, b: &T| compare(b, a) == Ordering::Less;
    let falling = falls(&v[0], &v[1]);
    let settled = if falling {
        par_all_pairs(v, &falls)
    } else {
        par_all_pairs(v, &|a, b| !falls(a, b))
    };
    if settled && falling {
        let mid = v.len() / 2;
        let (front, back) = v.split_at_mut(mid);
        let odd = back.len() - front.len();
        par_turn(front, &mut back[odd..]);
    }
    settled
}

/// Whether most of `v` is in long stretches that rise, or fall, as far as a few looks can tell.
///
/// Long is what std's stable sort takes for long enough to merge: the square root of the length.
pub(super) fn has_runs<T, F: Fn(&T, &T) -> Ordering>(v: &[T], compare: &F) -> bool {
    let falls = |pair: &[T]| compare(&pair[1], &pair[0]) == Ordering::Less;
    let is_run = |v: &[T]| {
        let falling = falls(&v[..2]);
        v.windows(2).all(|pair| falls(pair) == falling)
    };
    let (stretch, long) = (v.len() / LOOKS, v.len().isqrt());
    if long < 2 || stretch < long {
        return false;
    }
    let runs_count = v
        .chunks_exact(stretch)
        .filter(|v| is_run(&v[..long]))
        .count();
    2 * runs_count > LOOKS
}

/// Whether `holds` for all neighbours. Answers after each [`STEP`] of them: without a branch for every pair the loop
/// runs faster, and becomes a vector loop for numbers.
fn all_pairs<T>(mut v: &[T], holds: &impl Fn(&T, &T) -> bool) -> bool {
    let hold = |v: &[T]| {
        v.windows(2)
            .fold(true, |all, pair| all & holds(&pair[0], &pair[1]))
    };
    while v.len() > STEP {
        if !hold(&v[..=STEP]) {
            return false;
        }
        v = &v[STEP..];
    }
    hold(v)
}

/// The same by several workers. Takes the elements mutably, so that each is seen by one worker at a time.
fn par_all_pairs<T: Send>(v: &mut [T], holds: &(impl Fn(&T, &T) -> bool + Sync)) -> bool {
    if v.len() <= GRAIN {
        return all_pairs(v, holds);
    }
    let mid = v.len() / 2;
    // First what is cheap and ends the search in most slices, and the pair at the seam, which is in neither half.
    if !all_pairs(&v[..PROBE], holds) || !holds(&v[mid - 1], &v[mid]) {
        return false;
    }
    let (left, right) = v.split_at_mut(mid);
    let (left, right) = crate::join(
        || par_all_pairs(left, holds),
        || par_all_pairs(right, holds),
    );
    left && right
}

/// Exchanges the first of `front` with the last of `back`, and so on inwards. Both have the same length.
fn par_turn<T: Send>(front: &mut [T], back: &mut [T]) {
    if front.len() <= GRAIN {
        for (a, b) in front.iter_mut().zip(back.iter_mut().rev()) {
            std::mem::swap(a, b);
        }
        return;
    }
    let mid = front.len() / 2;
    let (front, front_rest) = front.split_at_mut(mid);
    let (back_rest, back) = back.split_at_mut(back.len() - mid);
    crate::join(|| par_turn(front, back), || par_turn(front_rest, back_rest));
}

/// Exchanges two slices of the same length, place by place.
pub(super) fn par_exchange<T: Send>(one: &mut [T], other: &mut [T]) {
    if one.len() <= GRAIN {
        return one.swap_with_slice(other);
    }
    let mid = one.len() / 2;
    let (one, one_rest) = one.split_at_mut(mid);
    let (other, other_rest) = other.split_at_mut(mid);
    crate::join(
        || par_exchange(one, other),
        || par_exchange(one_rest, other_rest),
    );
}
