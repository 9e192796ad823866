//! A few elements that stand for all.

use std::cmp::Ordering;

/// Chunks of fewer elements than this are too short for a sample.
pub(super) const MIN_CHUNK: usize = 96;

/// How many elements are taken from each chunk of `chunk_len`: an even number.
///
/// A longer sample hits the middle better, but it is sorted too. With 48 from every chunk that took a tenth of the time
/// in which 10,000 numbers are sorted.
fn per_chunk(chunk_len: usize) -> usize {
    2 * (chunk_len / 512).clamp(6, 24)
}

/// Where the elements of a sample are, in order.
///
/// There are `chunks_count` chunks of `chunk_len` elements from the beginning of `v`. In each, as many elements as
/// are taken come from as many stretches, each from somewhere in its own: at even distances a periodic slice would
/// show the same element again and again.
fn sorted<T, F>(v: &[T], chunks_count: usize, chunk_len: usize, compare: &F) -> Vec<usize>
where
    F: Fn(&T, &T) -> Ordering,
{
    let per_chunk = per_chunk(chunk_len);
    let stretch = chunk_len / per_chunk;
    let mut state = chunk_len as u64 | 1;
    let place = |i| {
        // A step of xorshift64.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (chunk, part) = (i / per_chunk, i % per_chunk);
        chunk * chunk_len + part * stretch + state as usize % stretch
    };
    // By insertion: the sample is short, and another instance of std's sort would be much code for it.
    let len = chunks_count * per_chunk;
    let mut sorted = Vec::with_capacity(len);
    for i in (0..len).map(place) {
        let at = sorted.partition_point(|&j: &usize| compare(&v[j], &v[i]) == Ordering::Less);
        sorted.insert(at, i);
    }
    sorted
}

/// How a chunk is parted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pivot {
    /// By the element that is so far into the chunk.
    At(usize),
    /// All of it goes left, or none.
    Above,
    Below,
}

/// A sample, and what it says about a pivot.
pub(super) struct Sample {
    /// Where its elements are, from the least to the greatest. Of equal ones those of the last chunk come first.
    pub(super) places: Vec<usize>,
    /// On which side of a pivot from the middle the elements equal to it are meant to be.
    pub(super) equal_go_left: bool,
    /// The chunks that it was taken from: all of `chunk_len` elements but the last, which has the rest too.
    pub(super) chunks_count: usize,
    pub(super) chunk_len: usize,
}

impl Sample {
    /// Cuts `v` into a chunk for each worker, though none shorter than `grain`, and takes a sample from each. `None` if `v` is
    /// better left to std: because all of the sample is equal, or because there are few values and `v` is short, or has a single
    /// worker.
    pub(super) fn of_chunks<T, F>(
        v: &[T],
        workers: usize,
        grain: usize,
        compare: &F,
    ) -> Option<Self>
    where
        F: Fn(&T, &T) -> Ordering,
    {
        let chunks_count = workers.min(v.len() / grain).max(1);
        let chunk_len = v.len() / chunks_count;
        let places = sorted(v, chunks_count, chunk_len, compare);
        let middle = &v[places[places.len() / 2]];
        let below = places.partition_point(|&i| compare(&v[i], middle) == Ordering::Less);
        let end = places.partition_point(|&i| compare(&v[i], middle) != Ordering::Greater);
        let above = places.len().saturating_sub(end);
        let is_done = below == 0 && above == 0;
        let is_small = chunks_count == 1 || v.len() < super::min_len_of_few_values::<T>();
        if is_done || is_small && is_of_few_values(v, &places, compare) {
            return None;
        }
        Some(Self {
            places,
            equal_go_left: below < above,
            chunks_count,
            chunk_len,
        })
    }

    /// About how many comparisons it took.
    pub(super) fn comparisons(&self) -> f32 {
        let len = self.places.len().max(2) as f32;
        len * len.log2()
    }

    /// Makes one chunk of all, of `len` elements.
    pub(super) fn unite_chunks(&mut self, len: usize) {
        (self.chunks_count, self.chunk_len) = (1, len);
    }

    /// The chunk that an element is in.
    pub(super) fn chunk_of(&self, place: usize) -> usize {
        (place / self.chunk_len).min(self.chunks_count - 1)
    }
}

/// Whether a sample shows so few different values that std's sorts, which take equal elements out of the way, will
/// need much less time than for others.
fn is_of_few_values<T, F>(v: &[T], places: &[usize], compare: &F) -> bool
where
    F: Fn(&T, &T) -> Ordering,
{
    let steps = places
        .windows(2)
        .filter(|pair| compare(&v[pair[0]], &v[pair[1]]) == Ordering::Less)
        .count();
    2 * steps < places.len()
}
