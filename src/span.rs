//! What a range of indices means inside something of known length.

use std::ops::{Bound, Range, RangeBounds};

/// The `start..end` that `range` means among `len` items.
///
/// # Panics
/// In the caller's name, if the range begins after its end or reaches beyond `len`.
#[track_caller]
pub(crate) fn span_within(range: &impl RangeBounds<usize>, len: usize) -> Range<usize> {
    let bounds = (range.start_bound().cloned(), range.end_bound().cloned());
    let start = match bounds.0 {
        Bound::Unbounded => Some(0),
        Bound::Included(first) => Some(first),
        Bound::Excluded(before) => before.checked_add(1),
    };
    let end = match bounds.1 {
        Bound::Unbounded => Some(len),
        Bound::Included(last) => last.checked_add(1),
        Bound::Excluded(end) => Some(end),
    };
    match (start, end) {
        (Some(start), Some(end)) if start <= end && end <= len => start..end,
        _ => bad_range(bounds, len),
    }
}

#[cold]
#[track_caller]
fn bad_range((start, end): (Bound<usize>, Bound<usize>), len: usize) -> ! {
    let start = match start {
        Bound::Unbounded => String::new(),
        Bound::Included(first) => format!("{first}"),
        Bound::Excluded(before) => format!("(after {before})"),
    };
    let end = match end {
        Bound::Unbounded => String::new(),
        Bound::Included(last) => format!("={last}"),
        Bound::Excluded(end) => format!("{end}"),
    };
    panic!("the range {start}..{end} does not lie within a length of {len}")
}

#[cfg(test)]
mod tests {
    use super::span_within;
    use std::ops::Bound::{Excluded, Included, Unbounded};

    #[test]
    fn every_good_range_is_its_span() {
        assert_eq!(span_within(&.., 3), 0..3);
        assert_eq!(span_within(&(1..), 3), 1..3);
        assert_eq!(span_within(&(..=1), 3), 0..2);
        assert_eq!(span_within(&(3..3), 3), 3..3);
        assert_eq!(span_within(&(Included(3), Included(2)), 3), 3..3);
        assert_eq!(span_within(&(Excluded(0), Unbounded), 3), 1..3);
    }

    #[test]
    fn a_bad_range_is_named() {
        let message = |range: (std::ops::Bound<usize>, std::ops::Bound<usize>)| {
            let panic = std::panic::catch_unwind(|| span_within(&range, 3)).unwrap_err();
            *panic.downcast::<String>().unwrap()
        };
        assert!(message((Included(2), Excluded(1))).contains("2..1 "));
        assert!(message((Unbounded, Included(3))).contains("..=3 "));
        assert!(message((Included(4), Unbounded)).contains("4.. "));
        let most = usize::MAX;
        let after_the_last = format!("(after {most}).. ");
        assert!(message((Excluded(most), Unbounded)).contains(&after_the_last));
        assert!(message((Unbounded, Included(most))).contains(&format!("..={most} ")));
    }
}
