//! Where the two sides of a partition meet: what is in the wrong one of them.

use std::cmp::Ordering;
use std::ops::Range;

/// Fewer elements than this are merged sooner than another worker would come.
const GRAIN: usize = 32 << 10;

/// What has to be mended of two sides, which are sorted themselves and meet at `mid`: from the first on the left that is greater than the least on the
/// right, to the last on the right that is less than the greatest on the left. `None` if the pivots of their chunks did not differ.
pub(super) fn overlap<T, F>(v: &[T], mid: usize, compare: &F) -> Option<Range<usize>>
where
    F: Fn(&T, &T) -> Ordering,
{
    let (left, right) = v.split_at(mid);
    let (last, first) = (left.last()?, right.first()?);
    (compare(first, last) == Ordering::Less).then(|| {
        let start = left.partition_point(|x| compare(x, first) != Ordering::Greater);
        start..mid + right.partition_point(|x| compare(x, last) == Ordering::Less)
    })
}

/// Puts the two sides of a partition in order, which are sorted themselves.
pub(super) fn mend<T, F>(v: &mut [T], mid: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if let Some(Range { start, end }) = overlap(v, mid, compare) {
        par_merge_in_place(&mut v[start..end], mid - start, compare);
    }
}

/// Merges what is before `mid` with the rest, both sorted, without a buffer.
///
/// The longer side is halved, and the other one where that half's first element belongs. The two pieces in the middle change places, and there are
/// two merges of about half the length. (SymMerge, Kim and Kutzner 2004, cuts both around the middle.) With `m` elements on the shorter of two sides and `n` on the
/// other, that takes some `m log(n / m)` comparisons, and moves each element some `log m` times. It only moves them within the slice, so whatever
/// `compare` says, or if it panics, all are still there.
fn par_merge_in_place<T, F>(v: &mut [T], mid: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    let (left, right) = v.split_at(mid);
    if left.is_empty() || right.is_empty() {
        return;
    }
    if v.len() == 2 {
        if compare(&v[1], &v[0]) == Ordering::Less {
            v.swap(0, 1);
        }
        return;
    }
    let (near, far) = if left.len() > right.len() {
        let near = left.len() / 2;
        let is_before = |x: &T| compare(x, &left[near]) == Ordering::Less;
        (near, right.partition_point(is_before))
    } else {
        let far = right.len() / 2;
        let is_before = |x: &T| compare(x, &right[far]) != Ordering::Greater;
        (left.partition_point(is_before), far)
    };
    v[near..mid + far].rotate_left(mid - near);
    let is_long = v.len() > GRAIN;
    let (front, back) = v.split_at_mut(near + far);
    let merge_front = |front: &mut [T]| par_merge_in_place(front, near, compare);
    let merge_back = |back: &mut [T]| par_merge_in_place(back, mid - near, compare);
    if is_long {
        crate::join(|| merge_front(front), || merge_back(back));
    } else {
        merge_front(front);
        merge_back(back);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// Any two sorted sides.
    #[test]
    fn sides_are_merged_in_place() {
        for (left, right) in [
            (0, 9),
            (9, 0),
            (1, 1),
            (1, 300),
            (300, 1),
            (77, 130),
            (256, 256),
        ] {
            for values in [2, 10, 1000] {
                let mut v: Vec<u64> = noise(left + right).map(|x| (x >> 9) % values).collect();
                v[..left].sort();
                v[left..].sort();
                let mut sorted = v.clone();
                sorted.sort();
                par_merge_in_place(&mut v, left, &u64::cmp);
                assert_eq!(v, sorted);
            }
        }
    }

    /// A single element is not compared with all others.
    #[test]
    fn who_is_alone_on_its_side_is_found_a_place() {
        let comparisons = AtomicUsize::new(0);
        let mut v: Vec<u64> = (0..1000).chain([500]).collect();
        par_merge_in_place(&mut v, 1000, &|a: &u64, b: &u64| {
            comparisons.fetch_add(1, Relaxed); // a count only
            a.cmp(b)
        });
        assert!(v.is_sorted() && comparisons.into_inner() < 60);
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many for an interpreter")]
    fn long_sides_are_merged_by_several() {
        let mut v: Vec<u64> = noise(200_000).collect();
        v[..90_000].sort();
        v[90_000..].sort();
        let mut sorted = v.clone();
        sorted.sort();
        par_merge_in_place(&mut v, 90_000, &u64::cmp);
        assert_eq!(v, sorted);
    }
}
