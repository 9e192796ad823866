//! Rows that fall into parts: a slice or a text, cut where a gap is.
//!
//! Three things fall into parts: shared slices, mutable slices and texts; and they do so in three ways: at separators that
//! belong to no part, behind separators that end a part, and between neighbours that do not go together. To find a gap near the
//! middle and to cut there is the same for all of them, and is written here.

use std::ops::Range;

use crate::iter::plumbing::stretch::Stretch;
use crate::iter::plumbing::{Folder, UnindexedProducer};

/// What lies in a row and can be cut.
pub(crate) trait Row: Sized {
    /// How long it is: the last place to cut at.
    fn length(&self) -> usize;

    /// A place to cut at, as near to the middle of the first `end` as there is one.
    fn middle(&self, end: usize) -> usize;

    /// Cuts into what is before `at` and the rest.
    fn cut(self, at: usize) -> (Self, Self);
}

impl<T> Row for &[T] {
    #[inline]
    fn length(&self) -> usize {
        self.len()
    }

    #[inline]
    fn middle(&self, end: usize) -> usize {
        end / 2
    }

    #[inline]
    fn cut(self, at: usize) -> (Self, Self) {
        self.split_at(at)
    }
}

impl<T> Row for &mut [T] {
    #[inline]
    fn length(&self) -> usize {
        self.len()
    }

    #[inline]
    fn middle(&self, end: usize) -> usize {
        end / 2
    }

    #[inline]
    fn cut(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }
}

impl Row for &str {
    #[inline]
    fn length(&self) -> usize {
        self.len()
    }

    /// The boundary of characters behind the middle, and if there is none but the end, the one before it. So whatever has two
    /// characters can be cut.
    #[inline]
    fn middle(&self, end: usize) -> usize {
        let half = end / 2;
        let is_boundary = |&at: &usize| self.is_char_boundary(at);
        let behind = (half..end).find(is_boundary);
        behind.unwrap_or_else(|| (0..half).rfind(is_boundary).unwrap_or(0))
    }

    #[inline]
    fn cut(self, at: usize) -> (Self, Self) {
        self.split_at(at)
    }
}

/// Where the gaps are between the parts of a row.
///
/// A gap is known by the *place* where it is found: that of the separator, or that of the second of two neighbours that do not
/// go together. To look at a place is to ask the user's closure, so each is looked at once, save that a separator which ends the
/// last part of a piece is seen again when that is poured.
pub(crate) trait Gaps<R>: Copy + Send {
    /// The first place within `places` that has a gap.
    fn first(self, row: &R, places: Range<usize>) -> Option<usize>;

    /// The last place before `end` that has a gap.
    fn last(self, row: &R, end: usize) -> Option<usize>;

    /// Where the part before the gap ends, and where the one behind it begins.
    fn around(self, row: &R, place: usize) -> Range<usize>;

    /// Pours the parts into `folder`, as std makes them. Looks at every place.
    fn pour<F: Folder<R>>(self, row: R, folder: F) -> F;
}

/// The parts of a row, as a producer.
///
/// The places from `open` on have been looked at, on the way to a gap near the middle, and have none, but for the one that
/// the last part may end with. If `open` is the length, the row may even be empty, and it depends on the kind of gaps whether that is one empty
/// part or none.
pub(crate) struct Parts<R, G> {
    row: R,
    gaps: G,
    open: usize,
}

impl<R: Row, G> Parts<R, G> {
    #[inline]
    pub(crate) fn new(row: R, gaps: G) -> Self {
        let open = row.length();
        Self { row, gaps, open }
    }
}

impl<R: Row + Send, G: Gaps<R>> Stretch for Parts<R, G> {
    #[inline]
    fn extent(&self) -> usize {
        self.row.length()
    }
}

impl<R: Row + Send, G: Gaps<R>> UnindexedProducer for Parts<R, G> {
    type Item = R;

    fn split(self) -> (Self, Option<Self>) {
        let Self { row, gaps, open } = self;
        let middle = row.middle(open);
        let (place, left_open, all_seen) = match gaps.first(&row, middle..open) {
            // Seen: from the middle to the gap.
            Some(place) => (place, middle, false),
            // Seen: from the middle to the end, and from the gap to the middle.
            None => match gaps.last(&row, middle) {
                Some(place) => (place, place, true),
                None => return (Self { row, gaps, open: 0 }, None),
            },
        };
        let gap = gaps.around(&row, place);
        let right_open = if all_seen { 0 } else { open - gap.end };
        let (rest, right) = row.cut(gap.end);
        let (left, _) = rest.cut(gap.start);
        let part = |row, open| Self { row, gaps, open };
        (part(left, left_open), Some(part(right, right_open)))
    }

    fn fold_with<F: Folder<R>>(self, folder: F) -> F {
        let Self { row, gaps, open } = self;
        if open == row.length() {
            return gaps.pour(row, folder);
        }
        // The end has no gap, so it is one part, together with what is before it up to the last gap.
        let Some(place) = gaps.last(&row, open) else {
            return folder.consume(row);
        };
        let gap = gaps.around(&row, place);
        let (rest, last) = row.cut(gap.end);
        let folder = gaps.pour(rest.cut(gap.start).0, folder);
        if folder.full() {
            folder
        } else {
            folder.consume(last)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Keeps what it is given.
    struct Kept<T>(Vec<T>);

    impl<T> Folder<T> for Kept<T> {
        type Result = Vec<T>;

        fn consume(mut self, item: T) -> Self {
            self.0.push(item);
            self
        }

        fn complete(self) -> Vec<T> {
            self.0
        }

        fn full(&self) -> bool {
            false
        }
    }

    /// Splits a producer wherever `decide` says so, as far as that can go, and collects from what is left.
    pub(crate) fn split_and_collect<P: UnindexedProducer>(
        producer: P,
        decide: &mut impl FnMut() -> bool,
    ) -> Vec<P::Item> {
        let (left, right) = if decide() {
            producer.split()
        } else {
            (producer, None)
        };
        match right {
            None => left.fold_with(Kept(Vec::new())).complete(),
            Some(right) => {
                let mut items = split_and_collect(left, decide);
                items.append(&mut split_and_collect(right, decide));
                items
            }
        }
    }

    /// Ways to decide: never, always, and many others that a seed stands for. None of them goes on for ever, since only a
    /// producer that can be split further is asked about again.
    pub(crate) fn decisions() -> impl Iterator<Item = impl FnMut() -> bool> {
        (0..if cfg!(miri) { 4 } else { 12_u64 }).map(|seed| {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            move || {
                state = state.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(1);
                match seed {
                    0 => false,
                    1 => true,
                    _ => state >> 62 != 0,
                }
            }
        })
    }

    /// All rows of at most `len` of these elements.
    pub(crate) fn rows_of<T: Copy>(elements: &[T], len: usize) -> Vec<Vec<T>> {
        let mut rows = vec![vec![]];
        let mut from = 0;
        for _ in 0..len {
            let end = rows.len();
            for at in from..end {
                for &element in elements {
                    let mut row = rows[at].clone();
                    row.push(element);
                    rows.push(row);
                }
            }
            from = end;
        }
        rows
    }

    #[test]
    fn a_middle_is_between_characters_and_near() {
        for chars in rows_of(&['a', 'ü', '€', '𝄞'], if cfg!(miri) { 2 } else { 5 }) {
            let text: String = chars.iter().collect();
            for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
                let middle = (&text[..]).middle(end);
                assert!(middle <= end && text.is_char_boundary(middle));
                assert!(middle.abs_diff(end / 2) < 4);
                let splits = text[..end].chars().count() > 1;
                assert_eq!(middle != 0, splits, "{text:?} up to {end}");
                assert!(middle < end || end == 0);
            }
        }
    }
}
