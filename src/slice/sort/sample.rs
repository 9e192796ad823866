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

/// Where the elements of a sample are, from the least to the greatest of them.
///
/// There are `chunks_count` chunks of `chunk_len` elements from the beginning of `v`. In each, as many elements as
/// are taken come from as many stretches, each from somewhere in its own: at even distances a periodic slice would
/// show the same element again and again.
pub(super) fn sorted<T, F>(
    v: &[T],
    chunks_count: usize,
    chunk_len: usize,
    compare: &F,
) -> Vec<usize>
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
        let at = sorted.partition_point(|&j: &usize| compare(&v[j], &v[i]) != Ordering::Greater);
        sorted.insert(at, i);
    }
    sorted
}

/// Whether a sample shows so few different values that std's sorts, which take equal elements out of the way, will
/// need much less time than for others.
pub(super) fn has_few_values<T, F: Fn(&T, &T) -> Ordering>(v: &[T], compare: &F) -> bool {
    let sample = sorted(v, 1, v.len(), compare);
    let steps = sample
        .windows(2)
        .filter(|pair| compare(&v[pair[0]], &v[pair[1]]) == Ordering::Less)
        .count();
    2 * steps < sample.len()
}
