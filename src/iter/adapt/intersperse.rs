//! `intersperse`: something between every two neighbours.
//!
//! Where pieces are cut at indices, each of them knows whether a separator goes before its first item:
//! it is a window on the row *item, separator, item, …*. Where lengths are unknown, as behind a filter,
//! nobody can know it while the pieces run: perhaps all items to the left are filtered away. There a
//! separator between two pieces is only put in when both are joined, if both have items. Its place is
//! set aside when they are cut.
#![allow(unsafe_code)]

use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer, SendProof, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::wrap::{Wrap, through_producer, wrap_base};

/// Puts clones of an item between the others; made by
/// [`intersperse`](ParallelIterator::intersperse).
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct Intersperse<I>
where
    I: ParallelIterator,
{
    base: I,
    item: I::Item,
}

impl<I: ParallelIterator> Intersperse<I> {
    #[inline]
    pub(in crate::iter) fn new(base: I, item: I::Item) -> Self {
        Self { base, item }
    }
}

/// How many items there are when separators are counted too, if `usize` can say it.
fn separated_len(len: usize) -> Option<usize> {
    len.checked_add(len.saturating_sub(1))
}

impl<I> ParallelIterator for Intersperse<I>
where
    I: ParallelIterator<Item: Clone>,
{
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let consumer = SeparateConsumer {
            next: consumer,
            separator: self.item,
            is_counted: self.base.opt_len().is_some(),
            is_led: false,
            gap: None,
        };
        self.base.drive_unindexed(consumer).result
    }

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len().and_then(separated_len)
    }
}

impl<I> IndexedParallelIterator for Intersperse<I>
where
    I: IndexedParallelIterator<Item: Clone>,
{
    through_producer!(drive);
    wrap_base!(|this| SeparateWrap {
        len: this.len(),
        separator: this.item
    });

    fn len(&self) -> usize {
        separated_len(self.base.len()).expect("items and separators together exceed `usize`")
    }
}

struct SeparateWrap<T> {
    len: usize,
    separator: T,
}

impl<T: Clone + Send> Wrap<T> for SeparateWrap<T> {
    type Item = T;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = T> {
        SeparateProducer {
            base,
            separator: self.separator,
            is_led: false,
            len: self.len,
        }
    }
}

/// A window on the row of items and separators.
struct SeparateProducer<P: Producer> {
    base: P,
    separator: P::Item,
    /// Whether the window begins with a separator.
    is_led: bool,
    /// How many items and separators it shows.
    len: usize,
}

impl<P> Producer for SeparateProducer<P>
where
    P: Producer<Item: Clone + Send>,
{
    type Item = P::Item;
    type IntoIter = Separated<P::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Separated {
            items: self.base.into_iter(),
            separator: self.separator,
            is_led: self.is_led,
            len: self.len,
        }
    }

    // So long a window has enough items, whatever it begins with. One item needs no separator.
    #[inline]
    fn min_len(&self) -> usize {
        match self.base.min_len() {
            0 | 1 => 1,
            min => min.saturating_mul(2),
        }
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len().saturating_mul(2)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        // Of an odd number, the greater half is of the kind that comes first.
        let items = index / 2 + usize::from(index % 2 == 1 && !self.is_led);
        let (left, right) = self.base.split_at(items);
        (
            Self {
                base: left,
                separator: self.separator.clone(),
                is_led: self.is_led,
                len: index,
            },
            Self {
                base: right,
                separator: self.separator,
                is_led: self.is_led ^ (index % 2 == 1),
                len: self.len - index,
            },
        )
    }
}

/// Gives out a window from both of its ends.
struct Separated<I: Iterator> {
    items: I,
    separator: I::Item,
    is_led: bool,
    len: usize,
}

impl<I: Iterator<Item: Clone>> Iterator for Separated<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.len = self.len.checked_sub(1)?;
        let is_separator = self.is_led;
        self.is_led = !is_separator;
        if is_separator {
            Some(self.separator.clone())
        } else {
            self.items.next()
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<I: DoubleEndedIterator<Item: Clone>> DoubleEndedIterator for Separated<I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.len = self.len.checked_sub(1)?;
        // An even number of places before the last one: it is of the kind that comes first.
        if self.is_led == self.len.is_multiple_of(2) {
            Some(self.separator.clone())
        } else {
            self.items.next_back()
        }
    }
}

impl<I: ExactSizeIterator<Item: Clone>> ExactSizeIterator for Separated<I> {}

/// Feeds a consumer with items and separators.
struct SeparateConsumer<C, T> {
    next: C,
    separator: T,
    /// Whether the indices that this is split at are true.
    is_counted: bool,
    /// Whether a separator goes before the first item, if there is one.
    is_led: bool,
    /// The place of the separator behind the last item, if one may be needed there.
    gap: Option<C>,
}

/// What a piece comes to, and what is needed to join it.
struct Piece<C, R> {
    result: R,
    is_empty: bool,
    gap: Option<C>,
}

impl<T, C> Consumer<T> for SeparateConsumer<C, T>
where
    T: Clone + Send,
    C: UnindexedConsumer<T>,
{
    type Folder = SeparateFolder<C, C::Folder, T>;
    type Reducer = Rejoin<C::Reducer, T>;
    type Result = Piece<C, C::Result>;
    // SAFETY: of these two is all that it holds.
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> =
        unsafe { SendProof::of_both(&C::REDUCER_IS_SEND, &SendProof::<T>::HERE) };

    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        if !self.is_counted {
            let (left, reducer) = (self.split_off_left(), self.to_reducer());
            return (left, self, reducer);
        }
        // Too many for `usize`: then nobody asked for places.
        let places = match separated_len(index) {
            Some(len) => len.saturating_add(usize::from(self.is_led && index > 0)),
            None => usize::MAX,
        };
        let (left, right, join) = self.next.split_at(places);
        let reducer = Rejoin {
            join,
            join_gap: None,
            separator: self.separator.clone(),
        };
        (
            Self {
                next: left,
                separator: self.separator.clone(),
                gap: None,
                ..self
            },
            Self {
                next: right,
                is_led: self.is_led || index > 0,
                ..self
            },
            reducer,
        )
    }

    fn into_folder(self) -> Self::Folder {
        SeparateFolder {
            next: self.next.into_folder(),
            separator: self.separator,
            is_led: self.is_led,
            is_empty: true,
            gap: self.gap,
        }
    }

    fn full(&self) -> bool {
        self.next.full()
    }
}

impl<T, C> UnindexedConsumer<T> for SeparateConsumer<C, T>
where
    T: Clone + Send,
    C: UnindexedConsumer<T>,
{
    // Of a piece that is led, both parts are: each has a place for a separator, and uses it if it has
    // items. Else the place between them is set aside.
    fn split_off_left(&self) -> Self {
        let next = self.next.split_off_left();
        let gap = (!self.is_led).then(|| self.next.split_off_left());
        Self {
            next,
            separator: self.separator.clone(),
            gap,
            ..*self
        }
    }

    fn to_reducer(&self) -> Self::Reducer {
        Rejoin {
            join: self.next.to_reducer(),
            join_gap: Some(self.next.to_reducer()),
            separator: self.separator.clone(),
        }
    }
}

/// Joins pieces, with a separator in the gap between them if there is one and both have items.
struct Rejoin<R, T> {
    join: R,
    join_gap: Option<R>,
    separator: T,
}

impl<T, C> Reducer<Piece<C, C::Result>> for Rejoin<C::Reducer, T>
where
    C: Consumer<T>,
{
    fn reduce(self, left: Piece<C, C::Result>, right: Piece<C, C::Result>) -> Piece<C, C::Result> {
        let has_both = !left.is_empty && !right.is_empty;
        let right_result = match (left.gap, self.join_gap) {
            (Some(gap), Some(join)) if has_both && !gap.full() => {
                let separator = gap.into_folder().consume(self.separator).complete();
                join.reduce(separator, right.result)
            }
            _ => right.result,
        };
        Piece {
            result: self.join.reduce(left.result, right_result),
            is_empty: left.is_empty && right.is_empty,
            gap: right.gap,
        }
    }
}

struct SeparateFolder<C, F, T> {
    next: F,
    separator: T,
    is_led: bool,
    is_empty: bool,
    gap: Option<C>,
}

impl<T, C, F> Folder<T> for SeparateFolder<C, F, T>
where
    T: Clone,
    F: Folder<T>,
{
    type Result = Piece<C, F::Result>;

    fn consume(mut self, item: T) -> Self {
        if self.is_led {
            self.next = self.next.consume(self.separator.clone());
        }
        if !self.next.full() {
            self.next = self.next.consume(item);
        }
        self.is_led = true;
        self.is_empty = false;
        self
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let mut items = items.into_iter();
        let Some(first) = items.next() else {
            return self;
        };
        self = self.consume(first);
        if !self.next.full() {
            let separator = &self.separator;
            self.next = self
                .next
                .consume_rows(items.map(|item| [separator.clone(), item]));
        }
        self
    }

    fn complete(self) -> Self::Result {
        Piece {
            result: self.next.complete(),
            is_empty: self.is_empty,
            gap: self.gap,
        }
    }

    fn full(&self) -> bool {
        self.next.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::primitive::{AtomicBool, Ordering::Relaxed};
    use std::ops::Range;

    const SEPARATOR: u32 = 99;

    /// Items with what belongs between them.
    fn row(items: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let pairs = items.into_iter().flat_map(|item| [SEPARATOR, item]);
        pairs.skip(1).collect()
    }

    /// Numbers, and the lengths that their pieces should have.
    struct Numbers(Range<u32>, Range<usize>);

    impl Producer for Numbers {
        type Item = u32;
        type IntoIter = Range<u32>;

        fn into_iter(self) -> Range<u32> {
            self.0
        }

        fn min_len(&self) -> usize {
            self.1.start
        }

        fn max_len(&self) -> usize {
            self.1.end
        }

        fn split_at(self, index: usize) -> (Self, Self) {
            let middle = self.0.start + index as u32;
            let near = Self(self.0.start..middle, self.1.clone());
            (near, Self(middle..self.0.end, self.1))
        }
    }

    fn window(items: u32, lengths: Range<usize>) -> SeparateProducer<Numbers> {
        SeparateProducer {
            base: Numbers(0..items, lengths),
            separator: SEPARATOR,
            is_led: false,
            len: row(0..items).len(),
        }
    }

    /// In two, and the second part in two again, each of which is taken from both ends in turn.
    #[test]
    fn a_window_is_cut_anywhere() {
        for items in 0..6 {
            let all = row(0..items);
            for (start, end) in (0..=all.len()).flat_map(|end| (0..=end).map(move |a| (a, end))) {
                let (first, rest) = window(items, 1..9).split_at(start);
                let (second, third) = rest.split_at(end - start);
                let parts = [&all[..start], &all[start..end], &all[end..]];
                for (part, want) in [first, second, third].into_iter().zip(parts) {
                    let mut seen = part.into_iter();
                    assert_eq!(seen.len(), want.len());
                    let (mut front, mut back) = (vec![], vec![]);
                    while let Some(item) = seen.next() {
                        front.push(item);
                        back.extend(seen.next_back());
                    }
                    assert_eq!((seen.next_back(), seen.len()), (None, 0));
                    front.extend(back.into_iter().rev());
                    assert_eq!(front, want);
                }
            }
        }
    }

    /// Twice as many places as items, but one item needs no separator.
    #[test]
    fn pieces_are_as_long_as_their_items_want() {
        for (least, min_len) in [(0, 1), (1, 1), (2, 4), (7, 14), (usize::MAX, usize::MAX)] {
            let window = window(20, least..usize::MAX);
            assert_eq!((window.min_len(), window.max_len()), (min_len, usize::MAX));
        }
        assert_eq!(window(20, 1..5).max_len(), 10);
        assert_eq!(separated_len(usize::MAX / 2 + 1), Some(usize::MAX));
        assert_eq!(separated_len(usize::MAX / 2 + 2), None);
    }

    #[test]
    fn separators_come_between_all_items() {
        for len in [0, 1, 2, 50] {
            let items = || (0..len).into_par_iter().intersperse(SEPARATOR);
            let want = row(0..len);
            assert_eq!(
                (items().len(), items().opt_len()),
                (want.len(), Some(want.len()))
            );
            assert_eq!(items().collect::<Vec<_>>(), want);
            assert!(items().rev().collect::<Vec<_>>().into_iter().rev().eq(want));
            let some = (0..len).into_par_iter().filter(|x| x % 3 == 1);
            let some = some.intersperse(SEPARATOR);
            assert_eq!(some.opt_len(), None);
            assert_eq!(
                some.collect::<Vec<_>>(),
                row((0..len).filter(|x| x % 3 == 1))
            );
        }
    }

    /// Consumer and folder: wants as many as there are places, until it is closed.
    #[derive(Clone)]
    struct Places<'a> {
        left: usize,
        is_closed: &'a AtomicBool,
        items: Vec<u32>,
    }

    struct Append;

    impl<'a> Consumer<u32> for Places<'a> {
        type Folder = Self;
        type Reducer = Append;
        type Result = Vec<u32>;

        fn split_at(self, index: usize) -> (Self, Self, Append) {
            let places = |left| Self {
                left,
                ..self.clone()
            };
            (places(index), places(self.left - index), Append)
        }

        fn into_folder(self) -> Self {
            self
        }

        fn full(&self) -> bool {
            self.left == 0 || self.is_closed.load(Relaxed)
        }
    }

    impl UnindexedConsumer<u32> for Places<'_> {
        fn split_off_left(&self) -> Self {
            self.clone()
        }

        fn to_reducer(&self) -> Append {
            Append
        }
    }

    impl Folder<u32> for Places<'_> {
        type Result = Vec<u32>;

        fn consume(mut self, item: u32) -> Self {
            assert!(!Folder::full(&self), "it was asked before");
            self.items.push(item);
            self.left -= 1;
            self
        }

        fn complete(self) -> Vec<u32> {
            self.items
        }

        fn full(&self) -> bool {
            Consumer::full(self)
        }
    }

    impl Reducer<Vec<u32>> for Append {
        fn reduce(self, left: Vec<u32>, right: Vec<u32>) -> Vec<u32> {
            [left, right].concat()
        }
    }

    type Separating<'a> = SeparateConsumer<Places<'a>, u32>;

    fn consumer(left: usize, is_counted: bool, is_closed: &AtomicBool) -> Separating<'_> {
        SeparateConsumer {
            next: Places {
                left,
                is_closed,
                items: vec![],
            },
            separator: SEPARATOR,
            is_counted,
            is_led: false,
            gap: None,
        }
    }

    type Of<'a> = Piece<Places<'a>, Vec<u32>>;

    /// What comes of a piece, whose items come one by one or at once.
    fn poured<'a>(piece: Separating<'a>, items: Range<u32>, at_once: bool) -> Of<'a> {
        let is_full = items.is_empty() && piece.next.left == 0;
        assert_eq!(Consumer::<u32>::full(&piece), is_full);
        let folder = piece.into_folder();
        assert_eq!(Folder::<u32>::full(&folder), is_full);
        let folder = if at_once {
            folder.consume_iter(items)
        } else {
            items.fold(folder, |folder, item| folder.consume(item))
        };
        folder.complete()
    }

    /// In three, wherever, where each place counts.
    #[test]
    fn places_are_counted_where_they_are_known() {
        let is_closed = AtomicBool::new(false);
        for len in 0..6_u32 {
            for (start, end) in (0..=len).flat_map(|end| (0..=end).map(move |a| (a, end))) {
                for at_once in [false, true] {
                    let whole = consumer(row(0..len).len(), true, &is_closed);
                    let (first, rest, outer) = whole.split_at(start as usize);
                    let (second, third, inner) = rest.split_at((end - start) as usize);
                    let rest = inner.reduce(
                        poured(second, start..end, at_once),
                        poured(third, end..len, at_once),
                    );
                    let all = outer.reduce(poured(first, 0..start, at_once), rest);
                    assert_eq!(all.result, row(0..len));
                    assert!(all.gap.is_none());
                }
            }
        }
    }

    /// Some places are for more items than can be counted.
    #[test]
    fn too_many_items_have_all_places() {
        let is_closed = AtomicBool::new(false);
        let whole = consumer(usize::MAX, true, &is_closed);
        let (near, far, _) = whole.split_at(usize::MAX / 2 + 2);
        assert_eq!((near.next.left, far.next.left), (usize::MAX, 0));
    }

    /// Cuts a piece whose length nobody knows: by an index that means something else, or without one.
    fn halves(
        piece: Separating<'_>,
        is_indexed: bool,
    ) -> (Separating<'_>, Separating<'_>, Rejoin<Append, u32>) {
        if is_indexed {
            return piece.split_at(5);
        }
        let left = piece.split_off_left();
        let reducer = piece.to_reducer();
        (left, piece, reducer)
    }

    /// Four pieces, of which any may have no item, one or two.
    #[test]
    fn gaps_are_filled_between_those_that_have_items() {
        let is_closed = AtomicBool::new(false);
        for (is_indexed, n) in (0..162).map(|n| (n >= 81, n % 81)) {
            let (left, right, middle) = halves(consumer(1000, false, &is_closed), is_indexed);
            let mut items = 0;
            let mut lens = [n / 27, n / 9 % 3, n / 3 % 3, n % 3].into_iter();
            let mut pour = |piece| {
                let start = items;
                items += lens.next().expect("four");
                poured(piece, start..items, start % 2 == 0)
            };
            let [left, right] = [left, right].map(|half| {
                let (left, right, reducer) = halves(half, is_indexed);
                let (left, right) = (pour(left), pour(right));
                reducer.reduce(left, right)
            });
            let all = middle.reduce(left, right);
            assert_eq!(all.is_empty, items == 0);
            assert_eq!(all.result, row(0..items));
        }
    }

    #[test]
    fn who_is_full_takes_no_separator() {
        let is_closed = AtomicBool::new(false);
        let (left, right, reducer) = halves(consumer(1000, false, &is_closed), false);
        let (left, right) = (poured(left, 0..2, false), poured(right, 2..4, true));
        is_closed.store(true, Relaxed);
        let all = reducer.reduce(left, right);
        assert_eq!(all.result, [0, SEPARATOR, 1, 2, SEPARATOR, 3]);

        is_closed.store(false, Relaxed);
        for (places, want) in [&[][..], &[0], &[0, SEPARATOR], &[0, SEPARATOR, 1]]
            .into_iter()
            .enumerate()
            .skip(1)
        {
            let folder = || consumer(places, false, &is_closed).into_folder();
            assert_eq!(folder().consume_iter(0..9).complete().result, want);
            let mut one_by_one = folder();
            for item in 0..9 {
                if !one_by_one.full() {
                    one_by_one = one_by_one.consume(item);
                }
            }
            assert_eq!(one_by_one.complete().result, want);
        }
    }
}
