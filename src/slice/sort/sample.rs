//! A few elements that stand for all.

use std::cmp::Ordering;

/// How many elements are taken from each chunk.
pub(super) const PER_CHUNK: usize = 48;

/// Where the elements of a sample are, from the least to the greatest of them.
///
/// There are `chunks_count` chunks of `chunk_len` elements from the beginning of `v`. Each is looked at in
/// [`PER_CHUNK`] places, somewhere in as many stretches. Not at even distances, since a periodic slice would show the
/// same element again and again.
pub(super) fn sorted<T, F>(
    v: &[T],
    chunks_count: usize,
    chunk_len: usize,
    compare: &F,
) -> Vec<usize>
where
    F: Fn(&T, &T) -> Ordering,
{
    let stretch = chunk_len / PER_CHUNK;
    let mut state = chunk_len as u64 | 1;
    let place = |i| {
        // A step of xorshift64.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (chunk, part) = (i / PER_CHUNK, i % PER_CHUNK);
        chunk * chunk_len + part * stretch + state as usize % stretch
    };
    // By insertion: the sample is short, and another instance of std's sort would be much code for it.
    let mut sorted = Vec::with_capacity(chunks_count * PER_CHUNK);
    for i in (0..chunks_count * PER_CHUNK).map(place) {
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
    steps < PER_CHUNK / 3
}
