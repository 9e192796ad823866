//! Separators, wherever a loop is cut.

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
    const GIVES_BLOCKS: bool = true;

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
