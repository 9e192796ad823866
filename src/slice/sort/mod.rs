//! The parallel sorts: what runs on std's, what is around it, and why.
//!
//! The leaves are std's own `sort_by` and `sort_unstable_by`. What is parallel lies above them:
//!
//! - **Stable** ([`par_mergesort`]): with a buffer of the same length. If the slice is in sorted stretches, `stable.rs` has std
//!   sort leaves in place, which merges the stretches, and goes on merging from the slice into the buffer and back (`merge.rs`); a
//!   merge is cut where its output is halved, so it splits evenly whatever the values. If not, `sift.rs` sifts the elements
//!   through the buffer to two sides until they are leaves. Both keep the elements in a [`Run`](run::Run).
//! - **Unstable** ([`par_quicksort`], `quick.rs`): in place, no buffer. Partitions by a sampled pivot until the parts
//!   are small enough for leaves; large ones are partitioned by several workers, each with a pivot of its own, and what that leaves on the
//!   wrong side is merged where the sides meet (`seam.rs`).
//! - **Large elements** (`index.rs`): their indices are sorted, and then each element moves once.
//! - A thread outside the pool moves there once, for the whole of it, and only after `sample.rs` has found it worth it.
//! - Before all that `order.rs` looks whether the slice is in order, or in reversed order, already.
//!
//! # One worker at a time for each element
//! `T` is `Send` but need not be `Sync`, and a comparison may write through a `Cell`. So no element may be seen by two
//! workers at once, not even a pivot or a splitter, and none may be copied to be compared in two places. This rules
//! out sample sort with common splitters and a partition around one common pivot: each worker has a pivot of its own.
//! Every function here that forks takes its elements as `&mut [T]`, so that the compiler watches over it.
//!
//! # If a comparison panics, or contradicts itself
//! The slice holds every element exactly once afterwards. The unstable sort swaps, and below a kibibyte no more than that. The stable one copies
//! bits from a side that stays whole, and [`Run`](run::Run) knows which side that is. The indices are sorted as plain numbers.
//!
//! # What was measured
//! The time of std's sort divided by ours, with two workers that had to share one core, so that only the work counts:
//! with a core for each it is up to twice as much, and 0.5 is where there is nothing to gain. From 20,000 to 200,000
//! elements; the same for rayon 1.12 with random `u64`: 0.4 stable, 0.5 unstable.
//!
//! | elements | stable | unstable |
//! |---|---|---|
//! | random `u64`, `u32`, `f64` | 0.92 to 1.0 | 0.88 to 0.96 |
//! | `u64`, three or thirty of each value | 0.87 to 0.97 | 0.89 to 0.95 |
//! | `u64` of 100 or 1,000 values | 0.84 to 1.0 | 0.86 to 0.96 |
//! | `u64` of 16 values | 0.75 to 1.0 | 0.8 to 0.95 |
//! | sorted, falling | 2.5, 1.8 | 2.5, 1.8 |
//! | 16 sorted stretches, or many of a thousand | 1.1 to 1.3 | 0.9 to 0.97 |
//! | sorted but for the last hundredth | 1.3 to 1.5 | 0.9 to 0.97 |
//! | sorted but for one element in fifty | 1.0 to 1.8 | 0.9 |
//! | strings | 0.92 to 0.97 | 0.95 to 1.0 |
//! | 64 bytes, random | 0.95, with a million of them 0.7 | 0.85 to 0.9 |
//! | 1 KiB, random | 5 to 6 | 1.4 to 1.8 |
//!
//! - A level of sifting costs no more than it saves std, a level of merges does: four leaves of 20,000 random numbers came to
//!   0.86 by merges and to 0.94 by sifting; with thirty of each value, which merges tear apart, to 0.52 and 0.87. Sorted
//!   stretches are the other way round, as sifting leaves as many in each half.
//! - Sifting and partitions are four times unrolled, for a seventh and a third of their time. In the unstable sort,
//!   partitions that collect offsets and then swap were slower than that for numbers.
//! - With a few values only, std is so fast that a single worker does best to leave all of its part to it.

mod index;
mod merge;
mod order;
mod quick;
mod run;
mod sample;
mod seam;
mod sift;
mod stable;
#[cfg(test)]
mod tests;

pub(crate) use index::par_sort_by_cached_key;

use std::cmp::Ordering;

/// Elements of at least this many bytes are sorted by index in the stable sort, where every level of std's sort and
/// of ours would move them to and fro. The unstable one moves less, and pays from 1 KiB.
const LARGE_STABLE: usize = 256;
const LARGE_UNSTABLE: usize = 1024;

/// Fewer elements than this are std's alone: 64 KiB of them, since small ones are compared faster, but enough of the
/// largest to be worth a wake-up.
const fn min_len<T>() -> usize {
    match size_of::<T>() {
        0 | 1 => 64 << 10,
        2..32 => (64 << 10) / size_of::<T>(),
        32.. => 2048,
    }
}

/// Whether so many elements are std's alone. Those of no size are, however many: no number would be greater than all of theirs.
const fn is_for_std<T>(len: usize) -> bool {
    size_of::<T>() == 0 || len < min_len::<T>()
}

/// Fewer elements than this are std's alone if they have few different values, with which it is several times faster.
const fn min_len_of_few_values<T>() -> usize {
    min_len::<T>().saturating_mul(8)
}

/// How a sort is divided.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    /// Workers that one partition is meant for.
    workers: usize,
    /// Levels of halving above the leaves; the first partition of a slice does not count.
    levels: u32,
    /// Elements that are not worth dividing further, in a leaf, a merge or a partition.
    grain: usize,
}

impl Plan {
    /// The plan for `len` elements on the current pool, or `None` if that has one worker.
    fn new(len: usize) -> Option<Self> {
        let workers = crate::current_num_threads();
        if workers == 1 {
            return None;
        }
        // Eight leaves for each worker, so that a slow one does not hold up the others. (With four, 30,000 to 50,000 numbers took a twentieth longer.)
        let leaves = 8 * workers;
        let levels = leaves.next_power_of_two().ilog2();
        Some(Self {
            workers,
            levels,
            grain: (len / leaves).max(1024),
        })
    }
}

/// How many of the workers are for `part` of the `whole`. (The product may be more than a `usize` holds.)
fn share_of(workers: usize, part: usize, whole: usize) -> usize {
    let share = workers as u128 * part as u128 / whole as u128;
    share as usize // fits: it is no more than there are
}

/// Sorts stably. The same answer as `v.sort_by(compare)`.
///
/// `whole` is std's own method for the same order, which sorts what is not worth dividing: by the very code of a serial program.
/// (With `sort_by` in place of `sort`, 5,000 numbers that were in order took twice as long.)
pub(crate) fn par_mergesort<T, F>(v: &mut [T], compare: F, whole: impl FnOnce(&mut [T]))
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    // The condition is constant, so that only sorts of large elements are made to compile the other branch.
    if const { size_of::<T>() >= LARGE_STABLE } && v.len() >= index::MIN_LEN {
        return index::sort_by_index(v, true, compare);
    }
    mergesort(v, compare, whole);
}

/// Sorts in place, equal elements in any order. `whole` as for [`par_mergesort`].
pub(crate) fn par_quicksort<T, F>(v: &mut [T], compare: F, whole: impl FnOnce(&mut [T]))
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    // The condition is constant, so that only sorts of large elements are made to compile the other branch.
    if const { size_of::<T>() >= LARGE_UNSTABLE } && v.len() >= index::MIN_LEN {
        return index::sort_by_index(v, false, compare);
    }
    quicksort(v, compare, whole);
}

fn mergesort<T, F>(v: &mut [T], compare: F, whole: impl FnOnce(&mut [T]))
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if is_for_std::<T>(v.len()) {
        return whole(v);
    }
    if order::settle(v, &compare) {
        return;
    }
    match Plan::new(v.len()) {
        Some(plan) if order::has_runs(v, &compare) => stable::sort(v, plan, &compare),
        Some(plan) if sift::sort(v, plan, &compare) => {}
        _ => whole(v),
    }
}

fn quicksort<T, F>(v: &mut [T], compare: F, whole: impl FnOnce(&mut [T]))
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if is_for_std::<T>(v.len()) {
        return whole(v);
    }
    if order::settle(v, &compare) {
        return;
    }
    match Plan::new(v.len()) {
        Some(plan) if quick::sort(v, plan, &compare) => {}
        _ => whole(v),
    }
}
