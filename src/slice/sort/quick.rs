//! The unstable sort: partitions in place until the parts are leaves for std.
//!
//! # Partitions by several workers
//! Each worker partitions a chunk of its own; then the right side of one chunk and the left side of the next change
//! places. For that all chunks should agree on a pivot, but no element may be seen by two workers at once. So each
//! chunk has a pivot of its own, chosen from one common sample such that they are equal or close neighbours in order.
//! What lies between the least and the greatest of them may then be on either side. It is little, and once both sides
//! are sorted it is all in one place: the end of the left side and the beginning of the right, which [`mend`] sorts
//! once more.

use super::{Plan, order, sample};
use std::cmp::Ordering;

/// More chunks than this would make the sample long and the pivots less alike.
const MAX_CHUNKS: usize = 16;

/// Elements of more bytes are not swapped without need.
const MAX_ALWAYS_SWAPPED: usize = 64;

pub(super) fn sort<T, F>(v: &mut [T], plan: Plan, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let grain = plan.grain.max(sample::MIN_CHUNK);
    sort_part(
        v,
        plan.workers.min(MAX_CHUNKS),
        plan.levels + 1,
        grain,
        compare,
    );
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
    let chunks_count = workers.min(v.len() / grain).max(1);
    let chunk_len = v.len() / chunks_count;
    let Some(cut) = Cut::choose(v, chunks_count, chunk_len, compare) else {
        // The sample is all the same, so most likely `v` is too.
        if !order::settle(v, compare) {
            v.sort_unstable_by(compare);
        }
        return;
    };
    let mid = partition(v, chunk_len, &cut.pivots, cut.equal_go_left, compare);
    let workers_left = (workers * mid / v.len()).max(1);
    let workers_right = workers.saturating_sub(workers_left).max(1);
    let (left, right) = v.split_at_mut(mid);
    crate::join(
        || sort_part(left, workers_left, levels - 1, grain, compare),
        || sort_part(right, workers_right, levels - 1, grain, compare),
    );
    if chunks_count > 1 {
        mend(v, mid, levels - 1, grain, compare);
    }
}

/// How a slice is to be partitioned.
struct Cut {
    /// For each chunk, how far into it its pivot is.
    pivots: Vec<usize>,
    /// On which side the elements equal to a pivot are meant to be.
    equal_go_left: bool,
}

impl Cut {
    /// Looks for pivots near the middle of a sample, or returns `None` if all of the sample is equal.
    fn choose<T, F>(v: &[T], chunks_count: usize, chunk_len: usize, compare: &F) -> Option<Self>
    where
        F: Fn(&T, &T) -> Ordering,
    {
        let sample = sample::sorted(v, chunks_count, chunk_len, compare);
        // The elements equal to the middle one, and how many of the sample are on either side of them.
        let pivot = &v[sample[sample.len() / 2]];
        let below = sample.partition_point(|&i| compare(&v[i], pivot) == Ordering::Less);
        let end = sample.partition_point(|&i| compare(&v[i], pivot) != Ordering::Greater);
        let above = sample.len().saturating_sub(end);
        if below == 0 && above == 0 {
            return None;
        }

        // From the middle outwards, so that each chunk gets the best of its own. Those equal to the middle come first:
        // pivots that are equal leave nothing to mend.
        let chunk_of = |i: usize| (i / chunk_len).min(chunks_count - 1);
        let mut pivots = vec![None; chunks_count];
        let middle = sample.len() / 2;
        let outwards = (middle..sample.len())
            .zip((0..middle).rev())
            .flat_map(|(up, down)| [up, down]);
        for i in (below.min(end)..end)
            .chain(outwards)
            .map(|place| sample[place])
        {
            pivots[chunk_of(i)].get_or_insert(i - chunk_of(i) * chunk_len);
        }
        let pivots = pivots.into_iter().flatten().collect();
        Some(Self {
            pivots,
            equal_go_left: below < above,
        })
    }
}

/// Brings the elements below the pivots to the left, and says how many they are.
///
/// There is a chunk for each pivot, all of `chunk_len` elements but the last, which has the rest too.
fn partition<T, F>(
    v: &mut [T],
    chunk_len: usize,
    pivots: &[usize],
    equal_go_left: bool,
    compare: &F,
) -> usize
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if let &[pivot] = pivots {
        return partition_chunk(v, pivot, equal_go_left, compare);
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
    let mut left = 0;
    for i in 0..v.len() {
        let goes_left = goes_left(&v[i]);
        v.swap(left, i);
        left += usize::from(goes_left);
    }
    left
}

/// Swaps only pairs that are both on the wrong side, a quarter as many as there are elements.
fn gather_rarely<T>(v: &mut [T], goes_left: impl Fn(&T) -> bool) -> usize {
    let (mut left, mut end) = (0, v.len());
    while left < end {
        if goes_left(&v[left]) {
            left += 1;
        } else {
            end -= 1;
            if goes_left(&v[end]) {
                v.swap(left, end);
                left += 1;
            }
        }
    }
    left
}

/// Puts the two sides of a partition in order, which are sorted themselves, if the pivots of its chunks differed.
pub(super) fn mend<T, F>(v: &mut [T], mid: usize, levels: u32, grain: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let (left, right) = v.split_at(mid);
    let (Some(last), Some(first)) = (left.last(), right.first()) else {
        return;
    };
    if compare(first, last) == Ordering::Less {
        let start = left.partition_point(|x| compare(x, first) != Ordering::Greater);
        let end = mid + right.partition_point(|x| compare(x, last) == Ordering::Less);
        // In one chunk, so that there is nothing to mend again.
        sort_part(&mut v[start..end], 1, levels, grain, compare);
    }
}
