//! The unstable sort: partitions in place until the parts are leaves for std.
//!
//! # Partitions by several workers
//! Each worker partitions a chunk of its own; then the right side of one chunk and the left side of the next change
//! places. For that all chunks should agree on a pivot, but no element may be seen by two workers at once. So each
//! chunk has a pivot of its own, chosen from one common sample such that they are equal or close neighbours in order.
//! What lies between the least and the greatest of them may then be on either side. It is little, and once both sides
//! are sorted it is all in one place: the end of the left side and the beginning of the right, which are [merged](seam::mend).

#![allow(unsafe_code)]

use super::sample::{self, Pivot, Sample};
use super::{Plan, order, seam, share_of};
use crate::clock::Stopwatch;
use crate::pool::in_worker;
use std::cmp::Ordering;

/// In nanoseconds, by what a comparison took while the sample was sorted: what can be parted so soon, one worker has parted for the most part when another
/// one comes that was asleep. (A partition need not wait for one answer to ask for the next, and takes a fifth of that.) With a chunk for each there would be
/// pivots to mend, and elements to exchange, for nothing: 20,000 to 50,000 numbers took up to a tenth longer.
const SOON: f32 = 400_000.0;

/// More chunks than this would make the sample long and the pivots less alike.
const MAX_CHUNKS: usize = 16;

/// Elements of more bytes are not swapped without need.
const MAX_ALWAYS_SWAPPED: usize = 64;

/// Whether `v` is better sorted in parallel than by std, and then it is sorted.
#[must_use]
pub(super) fn sort<T, F>(v: &mut [T], plan: Plan, compare: &F) -> bool
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let workers = plan.workers.min(MAX_CHUNKS);
    let grain = plan.grain.max(sample::MIN_CHUNK);
    if v.len() <= grain {
        return false;
    }
    // Before a worker is asked to come.
    let watch = Stopwatch::start();
    let Some(mut sample) = Sample::of_chunks(v, workers, grain, compare) else {
        return false;
    };
    let is_soon = watch.nanos() / sample.comparisons() * (v.len() as f32) < SOON;
    if is_soon {
        sample.unite_chunks(v.len());
    }
    in_worker(|_, _| {
        let mid = if is_soon {
            // Whoever comes finds nothing, but is up when there are two sides.
            crate::join(|| divide(v, &sample, compare), || ()).0
        } else {
            divide(v, &sample, compare)
        };
        sort_sides(v, mid, &sample, workers, plan.levels, grain, compare);
    });
    true
}

/// Sorts `v` with at most `levels` of partitions above the leaves, the first of them in up to `workers` chunks.
fn sort_part<T, F>(v: &mut [T], workers: usize, levels: u32, grain: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if v.len() <= grain || levels == 0 {
        return v.sort_unstable_by(compare);
    }
    match Sample::of_chunks(v, workers, grain, compare) {
        Some(sample) => {
            let mid = divide(v, &sample, compare);
            sort_sides(v, mid, &sample, workers, levels - 1, grain, compare);
        }
        None if order::settle(v, compare) => {}
        None => v.sort_unstable_by(compare),
    }
}

/// Partitions `v` by what the sample says, and tells how many elements are on the left side.
fn divide<T, F>(v: &mut [T], sample: &Sample, compare: &F) -> usize
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let pivots = pivots(v, sample, compare);
    partition(v, sample.chunk_len, &pivots, sample.equal_go_left, compare)
}

/// Sorts both sides of `v`, with at most `levels` of further partitions.
fn sort_sides<T, F>(
    v: &mut [T],
    mid: usize,
    sample: &Sample,
    workers: usize,
    levels: u32,
    grain: usize,
    compare: &F,
) where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let workers_left = share_of(workers, mid, v.len()).max(1);
    let workers_right = workers.saturating_sub(workers_left).max(1);
    let (left, right) = v.split_at_mut(mid);
    crate::join(
        || sort_part(left, workers_left, levels, grain, compare),
        || sort_part(right, workers_right, levels, grain, compare),
    );
    if sample.chunks_count > 1 {
        seam::mend(v, mid, compare);
    }
}

/// Chooses a pivot for each chunk, near the middle of the sample.
///
/// From the middle outwards, so that each chunk gets the best of its own. Those equal to the middle come first: pivots that
/// are equal leave nothing to mend. A chunk that seems to lie on one side as a whole stays there: its best would be its greatest or its least
/// element, and all between that and the other pivots would have to be mended. (Of 32 blocks that followed on each other in value, but came in another order, sixteen
/// workers made 2.6 times as many comparisons as std.)
fn pivots<T, F: Fn(&T, &T) -> Ordering>(v: &[T], sample: &Sample, compare: &F) -> Vec<Pivot> {
    let middle = sample.places.len() / 2;
    let (low, high) = sample.places.split_at(middle);
    let mut pivots = vec![None; sample.chunks_count];
    let mut take = |place: usize, pivot| {
        pivots[sample.chunk_of(place)].get_or_insert(pivot);
    };
    let at = |place: usize| Pivot::At(place - sample.chunk_of(place) * sample.chunk_len);
    for &place in &sample.places {
        if compare(&v[place], &v[high[0]]) == Ordering::Equal {
            take(place, at(place));
        }
    }
    let chunks_of = |places: &[usize]| {
        let mut are_in = vec![false; sample.chunks_count];
        let chunks = places.iter().map(|&place| sample.chunk_of(place));
        chunks.for_each(|chunk| are_in[chunk] = true);
        are_in
    };
    let (have_low, have_high) = (chunks_of(low), chunks_of(high));
    let outwards = high.iter().zip(low.iter().rev());
    for &place in outwards.flat_map(|(up, down)| [up, down]) {
        let chunk = sample.chunk_of(place);
        let pivot = match (have_low[chunk], have_high[chunk]) {
            (true, false) => Pivot::Above,
            (false, true) => Pivot::Below,
            _ => at(place),
        };
        take(place, pivot);
    }
    pivots.into_iter().flatten().collect()
}

/// Brings the elements below the pivots to the left, and says how many they are.
///
/// There is a chunk for each pivot, all of `chunk_len` elements but the last, which has the rest too.
fn partition<T, F>(
    v: &mut [T],
    chunk_len: usize,
    pivots: &[Pivot],
    equal_go_left: bool,
    compare: &F,
) -> usize
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if let &[pivot] = pivots {
        return match pivot {
            Pivot::At(pivot) => partition_chunk(v, pivot, equal_go_left, compare),
            Pivot::Above => v.len(),
            Pivot::Below => 0,
        };
    }
    let (pivots, pivots_rest) = pivots.split_at(pivots.len() / 2);
    let seam = pivots.len() * chunk_len;
    let (chunks, rest) = v.split_at_mut(seam);
    let (left, left_of_rest) = crate::join(
        || partition(chunks, chunk_len, pivots, equal_go_left, compare),
        || partition(rest, chunk_len, pivots_rest, equal_go_left, compare),
    );
    // Around the seam are the right side of the chunks before it and the left side of those behind: as many as there
    // are of the fewer change places, from the outer ends inwards.
    let count = (seam - left).min(left_of_rest);
    let (before, behind) = v[left..seam + left_of_rest].split_at_mut(seam - left);
    let start = behind.len() - count;
    order::par_exchange(&mut before[..count], &mut behind[start..]);
    left + left_of_rest
}

fn partition_chunk<T, F>(v: &mut [T], pivot: usize, equal_go_left: bool, compare: &F) -> usize
where
    F: Fn(&T, &T) -> Ordering,
{
    v.swap(0, pivot);
    let (pivot, rest) = v
        .split_first_mut()
        .expect("a chunk with a pivot has an element");
    if equal_go_left {
        // With its pivot, which stays in front.
        1 + gather(rest, |x| compare(x, pivot) != Ordering::Greater)
    } else {
        let left = gather(rest, |x| compare(x, pivot) == Ordering::Less);
        v.swap(0, left);
        left
    }
}

/// Brings the elements that `goes_left` to the front, and says how many they are.
fn gather<T>(v: &mut [T], goes_left: impl Fn(&T) -> bool) -> usize {
    if size_of::<T>() > MAX_ALWAYS_SWAPPED {
        gather_rarely(v, goes_left)
    } else {
        gather_always(v, goes_left)
    }
}

/// Swaps each element, whatever the answer, so that there is no branch to mispredict.
fn gather_always<T>(v: &mut [T], goes_left: impl Fn(&T) -> bool) -> usize {
    let (first, len) = (v.as_mut_ptr(), v.len());
    let mut left = 0;
    let mut gather_one = |i: usize| {
        // SAFETY: all calls are for an `i` below `len`.
        let x = unsafe { first.add(i) };
        // SAFETY: the same; and nobody else has the element now.
        let is_left = goes_left(unsafe { &*x });
        // SAFETY: `left` is at most `i`.
        let end = unsafe { first.add(left) };
        // SAFETY: two elements of the slice, or twice the same.
        unsafe { std::ptr::swap(end, x) };
        left += usize::from(is_left);
    };
    let mut i = 0;
    while i + 4 <= len {
        gather_one(i);
        gather_one(i + 1);
        gather_one(i + 2);
        gather_one(i + 3);
        i += 4;
    }
    (i..len).for_each(gather_one);
    left
}

/// Swaps only pairs that are both on the wrong side, a quarter as many as there are elements.
fn gather_rarely<T>(v: &mut [T], goes_left: impl Fn(&T) -> bool) -> usize {
    let (mut left, mut end) = (0, v.len());
    while left < end {
        if goes_left(&v[left]) {
            left += 1;
            continue;
        }
        // It stays, or changes places with the last one that goes left.
        end -= 1;
        while left < end && !goes_left(&v[end]) {
            end -= 1;
        }
        if left < end {
            v.swap(left, end);
            left += 1;
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;
    use std::cell::Cell;

    /// The sample of `v`, the pivots that it gives, and what they are.
    fn pivots_of(v: &[u64], workers: usize) -> (Sample, Vec<Pivot>, Vec<u64>) {
        let sample = Sample::of_chunks(v, workers, sample::MIN_CHUNK, &u64::cmp);
        let sample = sample.expect("worth dividing");
        let pivots = pivots(v, &sample, &u64::cmp);
        let places = pivots.iter().enumerate();
        let value = |(chunk, pivot): (usize, &Pivot)| match pivot {
            Pivot::At(place) => v[chunk * sample.chunk_len + place],
            Pivot::Above => u64::MAX,
            Pivot::Below => 0,
        };
        let values = places.map(value).collect();
        (sample, pivots, values)
    }

    /// Each chunk has a pivot, which lies in it, and near the middle in order. Partitioned, all that is less than each of them is on
    /// the left, and all that is greater on the right.
    #[test]
    fn pivots_are_in_the_middle_and_part_the_rest() {
        for workers in 1..5 {
            let mut v: Vec<u64> = noise(2_000).collect();
            let (sample, pivots, values) = pivots_of(&v, workers);
            assert_eq!((sample.chunks_count, pivots.len()), (workers, workers));
            for (chunk, pivot) in pivots.iter().enumerate() {
                let Pivot::At(place) = *pivot else {
                    panic!("{pivot:?} of numbers at random");
                };
                let is_last = chunk + 1 == workers;
                assert!(place < sample.chunk_len || is_last);
                assert!(chunk * sample.chunk_len + place < v.len());
            }
            let least = *values.iter().min().expect("one at least");
            let greatest = *values.iter().max().expect("one at least");
            let below = |pivot| v.iter().filter(|x| **x < pivot).count();
            assert!(below(least) > v.len() / 8 && below(greatest) < v.len() / 8 * 7);

            let (most_left, most_right) = (below(greatest), v.len() - below(least));
            let mid = partition(
                &mut v,
                sample.chunk_len,
                &pivots,
                sample.equal_go_left,
                &u64::cmp,
            );
            let (left, right) = v.split_at(mid);
            assert!(left.iter().all(|x| *x <= greatest) && right.iter().all(|x| *x >= least));
            assert!(left.len() <= most_left + 1 && right.len() <= most_right);
            v.sort();
            assert!(v.into_iter().eq({
                let mut all: Vec<u64> = noise(2_000).collect();
                all.sort();
                all
            }));
        }
    }

    /// Blocks of numbers that follow on each other come in another order, and have an exception each. Only the block in the middle is parted.
    #[test]
    fn chunks_that_lie_on_one_side_are_left_whole() {
        let workers = 5;
        for shift in 0..workers as u64 {
            let block = |at: usize| (at as u64 / 400 + shift) % 5 * 1000;
            let mut v: Vec<u64> = (0..2000)
                .map(|at| block(at) + at as u64 * 7 % 400)
                .collect();
            let (sample, pivots, _) = pivots_of(&v, workers);
            for (at, pivot) in pivots.iter().enumerate() {
                let is_right = match block(at * 400) {
                    2000 => matches!(pivot, Pivot::At(_)),
                    0 | 1000 => *pivot == Pivot::Above,
                    _ => *pivot == Pivot::Below,
                };
                assert!(is_right, "{pivots:?}");
            }
            v[33] = 2900;
            let mut sorted = v.clone();
            sorted.sort();
            let (len, go_left) = (sample.chunk_len, sample.equal_go_left);
            let mid = partition(&mut v, len, &pivots, go_left, &u64::cmp);
            assert!(mid > 800 && mid < 1200);
            v[..mid].sort();
            v[mid..].sort();
            seam::mend(&mut v, mid, &u64::cmp);
            assert_eq!(v, sorted);
        }
    }

    /// Equal pivots leave nothing to mend. With so few values each chunk has one that is in the middle.
    #[test]
    #[cfg_attr(miri, ignore = "too many for an interpreter")]
    fn pivots_are_equal_if_they_can_be() {
        for (workers, values) in [(2, 3), (3, 3), (4, 5), (4, 7)] {
            let mut v: Vec<u64> = noise(70_000).map(|x| (x >> 7) % values).collect();
            let (sample, pivots, found) = pivots_of(&v, workers);
            let middle = v[sample.places[sample.places.len() / 2]];
            assert_eq!(found, vec![middle; workers]);
            let mid = partition(
                &mut v,
                sample.chunk_len,
                &pivots,
                sample.equal_go_left,
                &u64::cmp,
            );
            let (left, right) = v.split_at(mid);
            if sample.equal_go_left {
                assert!(left.iter().all(|x| *x <= middle) && right.iter().all(|x| *x > middle));
            } else {
                assert!(left.iter().all(|x| *x < middle) && right.iter().all(|x| *x >= middle));
            }
        }
    }

    /// Small elements and large ones, which are swapped in different ways. What lies behind the slice is not looked at.
    #[test]
    fn what_goes_left_is_gathered_in_front() {
        fn check<T: Copy + PartialEq + std::fmt::Debug>(
            element: impl Fn(u64) -> T,
            value: fn(&T) -> u64,
        ) {
            for len in 0..40 {
                for modulus in 1..5 {
                    let goes_left = |x: &T| value(x).is_multiple_of(modulus);
                    let mut v: Vec<T> = noise(len).map(|x| element(x >> 5)).collect();
                    let mut before: Vec<u64> = v.iter().map(value).collect();
                    let wanted = v.iter().filter(|x| goes_left(x)).count();
                    let behind = [element(0); 4];
                    v.extend(behind);
                    // Each is asked about once.
                    let calls = Cell::new(0);
                    let left = gather(&mut v[..len], |x| {
                        calls.set(calls.get() + 1);
                        goes_left(x)
                    });
                    assert_eq!((left, calls.get()), (wanted, len));
                    assert_eq!(v[len..], behind);
                    assert!(v[..wanted].iter().all(goes_left));
                    assert!(!v[wanted..len].iter().any(goes_left));
                    let mut after: Vec<u64> = v[..len].iter().map(value).collect();
                    before.sort();
                    after.sort();
                    assert_eq!(after, before);
                }
            }
        }
        const LARGE: usize = MAX_ALWAYS_SWAPPED / 8 + 1;
        check(|x| x, |x| *x);
        check(|x| [x; LARGE], |x| x[LARGE - 1]);
    }

    /// Nothing is lost or doubled if it panics.
    #[test]
    fn a_panic_while_gathering_leaves_all_there() {
        const LARGE: usize = MAX_ALWAYS_SWAPPED / 8 + 1;
        for fatal in 0..20 {
            let mut v: Vec<[u64; LARGE]> = (0..20).map(|x| [x; LARGE]).collect();
            let panics = std::panic::AssertUnwindSafe(|| {
                gather(&mut v, |x| {
                    if x[0] == fatal {
                        std::panic::resume_unwind(Box::new("fatal")); // without a report
                    }
                    x[0] % 3 == 0
                })
            });
            assert!(std::panic::catch_unwind(panics).is_err());
            v.sort();
            assert!(v.into_iter().map(|x| x[0]).eq(0..20));
        }
    }
}
