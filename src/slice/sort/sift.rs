//! The stable sort of what has no order yet: sifts the elements to two sides, again and again, until the parts are leaves
//! for std.
//!
//! Sifting goes through the buffer. The elements that belong to the left are copied to its front, the others to its back in
//! reverse, which takes one pass and no branch; and from there back home, each side in its own order. That is what std's
//! stable sort does too, so a level of ours costs what it saves in the leaves. Merges would cost a level more than that, and
//! they would tear equal elements apart, which are a leaf's best part.
//!
//! # Several chunks, each with a pivot of its own
//! No element may be seen by two workers at once, so the workers that sift one slice cannot have a pivot in common. Each
//! has a chunk, and the pivot of the chunk is one of its own.
//!
//! - P1 The pivots of the chunks never rise from one chunk to the next. An element that goes left in some chunk would thus
//!   have gone left in every chunk before it, and of equal elements the first ones are on the left.
//!
//! What lies between the least and the greatest pivot may be on either side. Once both are sorted, that is the end of the left
//! side and the beginning of the right, and [`mend`] merges the two. By P1 the merge is stable.

#![allow(unsafe_code)]

use super::run::{Run, copy, copy_one};
use super::sample::{self, Pivot, Sample};
use super::{Plan, order, seam, share_of};
use crate::pool::in_worker;
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// The more chunks, the further their pivots are apart, and the more there is to mend.
const MAX_CHUNKS: usize = 16;

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
    // Before there is a buffer, which it costs std something to find its own behind, and before a worker is asked to come.
    let Some(sample) = Sample::of_chunks(v, workers, grain, compare) else {
        return false;
    };
    in_worker(|_, _| {
        let mut buffer = Vec::with_capacity(v.len());
        let mut run = Run::new(v, &mut buffer);
        sort_sides(&mut run, &sample, workers, plan.levels, grain, compare);
    });
    true
}

/// Sorts a run at home with at most `levels` of siftings above the leaves, the first of them in up to `workers` chunks.
fn sort_part<T, F>(run: &mut Run<'_, T>, workers: usize, levels: u32, grain: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if run.len() <= grain || levels == 0 {
        return run.elements().sort_by(compare);
    }
    match Sample::of_chunks(run.elements(), workers, grain, compare) {
        Some(sample) => sort_sides(run, &sample, workers, levels - 1, grain, compare),
        None if order::settle(run.elements(), compare) => {}
        None => run.elements().sort_by(compare),
    }
}

/// Sifts a run, and sorts both sides, with at most `levels` of further siftings.
fn sort_sides<T, F>(
    run: &mut Run<'_, T>,
    sample: &Sample,
    workers: usize,
    levels: u32,
    grain: usize,
    compare: &F,
) where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let &Sample {
        equal_go_left,
        chunks_count,
        chunk_len,
        ..
    } = sample;
    let pivots = pivots(sample);
    let mut counts = vec![0; chunks_count];
    let sift = |held: &mut [T], free: &mut [MaybeUninit<T>]| {
        par_sift(
            held,
            free,
            chunk_len,
            &pivots,
            &mut counts,
            equal_go_left,
            compare,
        );
    };
    // SAFETY: each chunk comes to its own place in the buffer, whole.
    unsafe { run.cross(sift) };
    let mid = counts.iter().sum();
    let gather = |held: &mut [T], free: &mut [MaybeUninit<T>]| {
        let (left, right) = free.split_at_mut(mid);
        par_gather(held, left, right, chunk_len, &counts);
    };
    // SAFETY: the chunks come home with both their sides.
    unsafe { run.cross(gather) };

    let workers_left = share_of(workers, mid, run.len()).max(1);
    let workers_right = workers.saturating_sub(workers_left).max(1);
    let (mut left, mut right) = run.split_at(mid);
    crate::join(
        || sort_part(&mut left, workers_left, levels, grain, compare),
        || sort_part(&mut right, workers_right, levels, grain, compare),
    );
    drop((left, right));
    if chunks_count > 1 {
        mend(run, mid, grain, compare);
    }
}

/// Chooses a pivot for each chunk (P1), as near to the middle of the sample as they can be.
///
/// The chunk of the middle one takes it. From there the chunks before it look upwards, each for the first of its own, and those
/// behind it downwards. Among equals the sample has the last chunk first, so all can find the same value.
fn pivots(sample: &Sample) -> Vec<Pivot> {
    let places = &sample.places[..];
    let middle = places.len() / 2;
    let first = sample.chunk_of(places[middle]);
    let mut pivots = vec![Pivot::Below; sample.chunks_count];
    pivots[..first].fill(Pivot::Above);
    let mut take = |chunk, place| pivots[chunk] = Pivot::At(place - chunk * sample.chunk_len);
    take(first, places[middle]);
    let mut upwards = places[middle + 1..].iter();
    for chunk in (0..first).rev() {
        if let Some(&place) = upwards.find(|&&place| sample.chunk_of(place) == chunk) {
            take(chunk, place);
        }
    }
    let mut downwards = places[..middle].iter().rev();
    for chunk in first + 1..sample.chunks_count {
        if let Some(&place) = downwards.find(|&&place| sample.chunk_of(place) == chunk) {
            take(chunk, place);
        }
    }
    pivots
}

/// Sifts each chunk into its own place in `to`, and writes down how many of it went left.
fn par_sift<T, F>(
    from: &mut [T],
    to: &mut [MaybeUninit<T>],
    chunk_len: usize,
    pivots: &[Pivot],
    counts: &mut [usize],
    equal_go_left: bool,
    compare: &F,
) where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if let ([pivot], [count]) = (pivots, &mut *counts) {
        *count = match *pivot {
            Pivot::At(pivot) if equal_go_left => sift(from, to, pivot, true, |x, pivot| {
                compare(x, pivot) != Ordering::Greater
            }),
            Pivot::At(pivot) => sift(from, to, pivot, false, |x, pivot| {
                compare(x, pivot) == Ordering::Less
            }),
            Pivot::Above => {
                copy(from, to);
                from.len()
            }
            Pivot::Below => {
                copy_reversed(from, to);
                0
            }
        };
        return;
    }
    let (pivots, pivots_rest) = pivots.split_at(pivots.len() / 2);
    let (counts, counts_rest) = counts.split_at_mut(pivots.len());
    let (from, from_rest) = from.split_at_mut(pivots.len() * chunk_len);
    let (to, to_rest) = to.split_at_mut(from.len());
    crate::join(
        || par_sift(from, to, chunk_len, pivots, counts, equal_go_left, compare),
        || {
            par_sift(
                from_rest,
                to_rest,
                chunk_len,
                pivots_rest,
                counts_rest,
                equal_go_left,
                compare,
            );
        },
    );
}

/// Copies the elements that `goes_left` to the front of `to`, in order, and the others to its back, in reverse. Says how many
/// went left. The pivot itself is not asked about.
fn sift<T>(
    from: &[T],
    to: &mut [MaybeUninit<T>],
    pivot: usize,
    pivot_goes_left: bool,
    goes_left: impl Fn(&T, &T) -> bool,
) -> usize {
    assert!(from.len() == to.len());
    let (before, rest) = from.split_at(pivot);
    let (pivot, behind) = rest
        .split_first()
        .expect("a chunk with a pivot has an element");
    let mut sides = Sides::new(to);
    sides.pour(before, |x| goes_left(x, pivot));
    // A comparison may write to the pivot through a `Cell`, so it keeps its place, but is copied last.
    let pivot_place = sides.place(pivot_goes_left);
    sides.pour(behind, |x| goes_left(x, pivot));
    let left = sides.left;
    copy_one(pivot, &mut to[pivot_place]);
    left
}

/// The room that a chunk is sifted into.
///
/// - S1 There are `rest` places between the two sides, which are still free, and `left` before them.
struct Sides<'a, T> {
    first: *mut T,
    left: usize,
    rest: usize,
    room: PhantomData<&'a mut [T]>,
}

impl<'a, T> Sides<'a, T> {
    fn new(room: &'a mut [MaybeUninit<T>]) -> Self {
        Self {
            first: room.as_mut_ptr().cast(),
            left: 0,
            rest: room.len(),
            room: PhantomData,
        }
    }

    /// Takes the next place of a side. There must be one.
    fn place(&mut self, goes_left: bool) -> usize {
        self.rest -= 1;
        if goes_left {
            self.left += 1;
            self.left - 1
        } else {
            self.left + self.rest
        }
    }

    /// Copies as many elements, each to its side.
    fn pour(&mut self, elements: &[T], goes_left: impl Fn(&T) -> bool) {
        assert!(elements.len() <= self.rest);
        let (mut left, mut rest) = (self.left, self.rest);
        let mut pour_one = |x: &T| {
            rest -= 1;
            let goes_left = goes_left(x);
            // Both sides are `left` places from here: one number less to keep up to date.
            // SAFETY: S1.
            let from = unsafe { self.first.add(if goes_left { 0 } else { rest }) };
            // SAFETY: S1, the place is free, the first or the last of the rest.
            let to = unsafe { from.add(left) };
            // SAFETY: the same, and `x` is elsewhere, since the room is borrowed mutably.
            unsafe { to.copy_from_nonoverlapping(x, 1) };
            left += usize::from(goes_left);
        };
        // Four at a time, a seventh faster.
        let (fours, others) = elements.as_chunks::<4>();
        for [a, b, c, d] in fours {
            pour_one(a);
            pour_one(b);
            pour_one(c);
            pour_one(d);
        }
        others.iter().for_each(pour_one);
        (self.left, self.rest) = (left, rest);
    }
}

/// Brings the sides of all chunks together, the left ones to `left` and the right ones, turned again, to `right`.
fn par_gather<T: Send>(
    from: &mut [T],
    left: &mut [MaybeUninit<T>],
    right: &mut [MaybeUninit<T>],
    chunk_len: usize,
    counts: &[usize],
) {
    if let &[count] = counts {
        let (from_left, from_right) = from.split_at(count);
        copy(from_left, left);
        copy_reversed(from_right, right);
        return;
    }
    let (counts, counts_rest) = counts.split_at(counts.len() / 2);
    let (from, from_rest) = from.split_at_mut(counts.len() * chunk_len);
    let lefts = counts.iter().sum();
    let (left, left_rest) = left.split_at_mut(lefts);
    let (right, right_rest) = right.split_at_mut(from.len() - lefts);
    crate::join(
        || par_gather(from, left, right, chunk_len, counts),
        || par_gather(from_rest, left_rest, right_rest, chunk_len, counts_rest),
    );
}

/// Copies the bits of `from` to `to`, which is as long, the last one first.
fn copy_reversed<T>(from: &[T], to: &mut [MaybeUninit<T>]) {
    assert!(from.len() == to.len());
    for (from, to) in from.iter().rev().zip(to) {
        copy_one(from, to);
    }
}

/// Puts the two sides in order, which are sorted themselves.
fn mend<T, F>(run: &mut Run<'_, T>, mid: usize, grain: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if let Some(overlap) = seam::overlap(run.elements(), mid, compare) {
        let left_len = mid - overlap.start;
        let mut seam = run.part(overlap);
        seam.merge(left_len, grain, compare);
        seam.par_go_home(grain);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;

    /// The sample of `v`, and the pivots that it gives.
    fn pivots_of(v: &[u64], workers: usize) -> (Sample, Vec<Pivot>) {
        let sample = Sample::of_chunks(v, workers, sample::MIN_CHUNK, &u64::cmp);
        let sample = sample.expect("worth dividing");
        let pivots = pivots(&sample);
        assert_eq!((sample.chunks_count, pivots.len()), (workers, workers));
        (sample, pivots)
    }

    fn value_of(v: &[u64], sample: &Sample, chunk: usize, pivot: Pivot) -> u64 {
        match pivot {
            Pivot::Above => u64::MAX,
            Pivot::Below => 0,
            Pivot::At(place) => v[chunk * sample.chunk_len + place],
        }
    }

    #[test]
    fn pivots_are_near_the_middle_and_never_rise() {
        for workers in 1..6 {
            let v: Vec<u64> = noise(3_000).collect();
            let (sample, pivots) = pivots_of(&v, workers);
            let middle = sample.places[sample.places.len() / 2];
            let chunk = sample.chunk_of(middle);
            assert_eq!(pivots[chunk], Pivot::At(middle - chunk * sample.chunk_len));
            let values = pivots.iter().enumerate();
            let values = values.map(|(chunk, pivot)| value_of(&v, &sample, chunk, *pivot));
            let values: Vec<u64> = values.collect();
            assert!(values.is_sorted_by(|a, b| a >= b)); // P1
            for pivot in values {
                let below = v.iter().filter(|x| **x < pivot).count();
                assert!(below > v.len() / 8 && below < v.len() / 8 * 7);
            }
        }
    }

    #[test]
    fn workers_are_shared_out_by_length() {
        for (part, share) in [(0, 0), (usize::MAX / 2, 3), (usize::MAX, 8)] {
            assert_eq!(share_of(8, part, usize::MAX), share);
        }
    }

    /// Whichever side has fewer of the others gets those that are equal to the pivots.
    #[test]
    #[cfg_attr(miri, ignore = "too many for an interpreter")]
    fn equal_ones_go_where_there_is_room() {
        // A third of the numbers is off the middle, mostly on one side.
        for (rare, frequent) in [(0, 2), (2, 0)] {
            let values = [1, 1, 1, 1, 1, 1, frequent, frequent, rare];
            let mut v: Vec<u64> = noise(70_000)
                .map(|x| values[(x >> 9) as usize % 9])
                .collect();
            let workers = 3;
            let (sample, pivots) = pivots_of(&v, workers);
            assert_eq!(sample.equal_go_left, rare == 0);
            for (chunk, pivot) in pivots.iter().enumerate() {
                assert_eq!(value_of(&v, &sample, chunk, *pivot), 1);
            }
            let before = v.clone();
            let mut to = Vec::with_capacity(v.len());
            let mut counts = vec![0; workers];
            let (len, goes_left) = (sample.chunk_len, sample.equal_go_left);
            let room = &mut to.spare_capacity_mut()[..before.len()];
            par_sift(
                &mut v,
                room,
                len,
                &pivots,
                &mut counts,
                goes_left,
                &u64::cmp,
            );
            for (chunk, count) in counts.into_iter().enumerate() {
                let end = if chunk + 1 == workers {
                    v.len()
                } else {
                    (chunk + 1) * len
                };
                let elements = &before[chunk * len..end];
                let is_left = |x: &&u64| **x == 0 || **x == 1 && goes_left;
                assert_eq!(count, elements.iter().filter(is_left).count());
            }
        }
    }
}
