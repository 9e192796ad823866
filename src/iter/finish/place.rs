//! `find_first` and `find_last`: a search that knows which piece lies before which.
//!
//! A piece can stop as soon as a better one has found something. So every piece has a *place*: a number
//! that grows from left to right. Lengths may be unknown, so places are handed out by halving: the
//! first consumer owns all numbers, and each cut gives the lower half of what is owned to the left.
//! After 64 cuts in a row in the same direction the numbers run out, and the pieces below share one
//! place: then they do not stop each other, which costs time but never the right answer, since that is
//! decided by the reducer.

use crate::primitive::{AtomicUsize, Ordering};
use std::cell::Cell;
use std::mem::needs_drop;

use super::any::{first_of, first_of_both};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};

/// The first item that `predicate` likes.
pub(crate) fn find_first<I, P>(items: I, predicate: P) -> Option<I::Item>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync,
{
    items.drive_unindexed(Search::<_, true>::new(
        &predicate,
        &AtomicUsize::new(NOTHING_YET),
    ))
}

/// The last item that `predicate` likes.
pub(crate) fn find_last<I, P>(items: I, predicate: P) -> Option<I::Item>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync,
{
    items.drive_unindexed(Search::<_, false>::new(
        &predicate,
        &AtomicUsize::new(NOTHING_YET),
    ))
}

/// The worst rank.
const NOTHING_YET: usize = usize::MAX;

/// One piece of a search, for the first item or for the last.
struct Search<'p, P, const FIRST: bool> {
    predicate: &'p P,
    /// The best rank that has found something; the lower the better.
    best: &'p AtomicUsize,
    /// The numbers it owns. A cell, since splitting off the left half takes place behind a reference.
    low: Cell<usize>,
    high: usize,
}

impl<'p, P, const FIRST: bool> Search<'p, P, FIRST> {
    fn new(predicate: &'p P, best: &'p AtomicUsize) -> Self {
        Self {
            predicate,
            best,
            low: Cell::new(0),
            high: usize::MAX - 1,
        }
    }

    /// From the end that counts: pieces nearer to it have lower ranks.
    #[inline]
    fn rank(&self) -> usize {
        if FIRST {
            self.low.get()
        } else {
            usize::MAX - 1 - self.high
        }
    }
}

/// Whether something better than `rank` has been found.
#[inline]
fn is_beaten(best: &AtomicUsize, rank: usize) -> bool {
    // Relaxed: a hint; what was found travels by the joins.
    best.load(Ordering::Relaxed) < rank
}

impl<'p, T, P, const FIRST: bool> Consumer<T> for Search<'p, P, FIRST>
where
    T: Send,
    P: Fn(&T) -> bool + Sync,
{
    type Folder = Searching<'p, T, P, FIRST>;
    type Reducer = Better<FIRST>;
    type Result = Option<T>;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = SendProof::HERE;
    const IS_OPEN: bool = true;
    const IS_STOPPED_BY_OTHERS: bool = true;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, Better<FIRST>) {
        (self.split_off_left(), self, Better)
    }

    #[inline]
    fn split_off_open(&self, _most: usize) -> Option<(Self, Self::Reducer)> {
        Some((self.split_off_left(), Better))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        Searching {
            rank: self.rank(),
            predicate: self.predicate,
            best: self.best,
            is_alone: false,
            found: None,
        }
    }

    #[inline]
    fn full(&self) -> bool {
        is_beaten(self.best, self.rank())
    }
}

impl<T, P, const FIRST: bool> UnindexedConsumer<T> for Search<'_, P, FIRST>
where
    T: Send,
    P: Fn(&T) -> bool + Sync,
{
    // The number in the middle belongs to both, but as one's low and the other's high: only one of
    // the two is ever a rank.
    #[inline]
    fn split_off_left(&self) -> Self {
        let low = self.low.get();
        let middle = low + (self.high - low) / 2;
        self.low.set(middle);
        Self {
            predicate: self.predicate,
            best: self.best,
            low: Cell::new(low),
            high: middle,
        }
    }

    #[inline]
    fn to_reducer(&self) -> Better<FIRST> {
        Better
    }
}

struct Searching<'p, T, P, const FIRST: bool> {
    rank: usize,
    predicate: &'p P,
    best: &'p AtomicUsize,
    is_alone: bool,
    found: Option<T>,
}

impl<T, P, const FIRST: bool> Searching<'_, T, P, FIRST>
where
    P: Fn(&T) -> bool,
{
    /// Takes items, of which `first_of` finds the first that is liked.
    #[inline]
    fn search<I: Iterator<Item = T>>(
        mut self,
        mut items: I,
        first_of: impl FnOnce(&mut I) -> Option<T>,
        is_liked: impl Fn(&T) -> bool,
    ) -> Self {
        if FIRST && self.found.is_some() {
            drop(items); // while what was found can be dropped, too, if an item panics; likewise below
            return self;
        }
        if let Some(found) = first_of(&mut items) {
            // Relaxed: one variable only.
            self.best.fetch_min(self.rank, Ordering::Relaxed);
            if FIRST {
                drop(items);
                self.found = Some(found);
            } else if const { needs_drop::<T>() } {
                // (By std's `filter`, an item that is not liked is dropped after the last one that was is returned.)
                self.found = Some(items.fold(found, |last, item| {
                    let (last, other) = if is_liked(&item) {
                        (item, last)
                    } else {
                        (last, item)
                    };
                    drop(other);
                    last
                }));
            } else {
                self.found = Some(found);
                if let Some(last) = items.filter(is_liked).last() {
                    self.found = Some(last);
                }
            }
        }
        self
    }
}

impl<T, P, const FIRST: bool> Folder<T> for Searching<'_, T, P, FIRST>
where
    P: Fn(&T) -> bool,
{
    type Result = Option<T>;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        // The last item is the last that is liked, the first is the first.
        if (FIRST && self.found.is_some()) || !(self.predicate)(&item) {
            drop(item);
            return self;
        }
        if self.found.is_none() {
            // Relaxed: one variable only.
            self.best.fetch_min(self.rank, Ordering::Relaxed);
        }
        self.found = Some(item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, items: I) -> Self {
        let Self {
            rank,
            predicate,
            best,
            ..
        } = self;
        if self.is_alone {
            let first = |items: &mut I::IntoIter| first_of(items, predicate);
            self.search(items.into_iter(), first, predicate)
        } else {
            let mut items = items.into_iter();
            let wanted = items.by_ref().take_while(|_| !is_beaten(best, rank));
            let searching = self.search(wanted, |items| first_of(items, predicate), predicate);
            drop(items);
            searching
        }
    }

    #[inline]
    fn consume_liked<I, L>(self, mut items: I, is_liked: L) -> Self
    where
        I: Iterator<Item = T>,
        L: Fn(&T) -> bool,
    {
        let Self {
            rank,
            predicate,
            best,
            ..
        } = self;
        let both = |item: &T| is_liked(item) && predicate(item);
        if self.is_alone {
            let first = |items: &mut I| first_of_both(items, &is_liked, predicate);
            self.search(items, first, both)
        } else {
            let wanted = items.by_ref().take_while(|_| !is_beaten(best, rank));
            let searching = self.search(
                wanted,
                |items| first_of_both(items, &is_liked, predicate),
                both,
            );
            drop(items);
            searching
        }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.is_alone
    }

    #[inline]
    fn complete(self) -> Option<T> {
        self.found
    }

    #[inline]
    fn full(&self) -> bool {
        (FIRST && self.found.is_some()) || is_beaten(self.best, self.rank)
    }
}

/// Prefers the left or the right.
struct Better<const FIRST: bool>;

impl<T, const FIRST: bool> Reducer<Option<T>> for Better<FIRST> {
    #[inline]
    fn reduce(self, left: Option<T>, right: Option<T>) -> Option<T> {
        let (better, worse) = if FIRST { (left, right) } else { (right, left) };
        if better.is_some() {
            drop(worse);
            better
        } else {
            worse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search<const FIRST: bool>(best: &AtomicUsize) -> Search<'_, fn(&u32) -> bool, FIRST> {
        Search::new(&((|_| true) as fn(&u32) -> bool), best)
    }

    /// The ranks of the pieces from left to right, after `depth` cuts of each.
    fn ranks<const FIRST: bool>(depth: u32) -> Vec<usize> {
        let best = AtomicUsize::new(NOTHING_YET);
        let mut pieces = vec![search::<FIRST>(&best)];
        for _ in 0..depth {
            pieces = pieces
                .into_iter()
                .flat_map(|piece| [piece.split_off_left(), piece])
                .collect();
        }
        pieces.iter().map(Search::rank).collect()
    }

    #[test]
    fn ranks_grow_away_from_the_end_that_counts() {
        for depth in 0..if cfg!(miri) { 5 } else { 10 } {
            assert!(ranks::<true>(depth).is_sorted_by(|a, b| a < b));
            assert!(ranks::<false>(depth).is_sorted_by(|a, b| a > b));
        }
    }

    #[test]
    fn numbers_may_run_out() {
        let best = AtomicUsize::new(NOTHING_YET);
        let piece = search::<true>(&best);
        for _ in 0..1000 {
            let left: Search<'_, _, true> = piece.split_off_left();
            assert!(left.rank() <= piece.rank());
        }
        // What shares a place does not stop its neighbours.
        let folder = piece.split_off_left().into_folder().consume(7);
        assert!(!Consumer::<u32>::full(&piece));
        assert_eq!(folder.complete(), Some(7));
    }

    #[test]
    fn the_best_piece_stops_the_others_and_not_itself() {
        let best = AtomicUsize::new(NOTHING_YET);
        let right = search::<true>(&best);
        let middle = right.split_off_left();
        let left = middle.split_off_left();
        assert_eq!(middle.into_folder().consume(1).complete(), Some(1));
        assert!(!Consumer::<u32>::full(&left));
        assert!(Consumer::<u32>::full(&right));
    }

    /// Nothing beats a search that was not cut. What is cut off it comes before the rest.
    #[test]
    fn the_whole_has_the_best_rank() {
        let best = AtomicUsize::new(NOTHING_YET);
        let (first, last) = (search::<true>(&best), search::<false>(&best));
        assert_eq!((first.rank(), last.rank()), (0, 0));
        let near = Consumer::<u32>::split_off_open(&first, 1).expect("it need not count");
        assert!(near.0.rank() < first.rank());
        let near = Consumer::<u32>::split_off_open(&last, 1).expect("it need not count");
        assert!(near.0.rank() > last.rank());
    }

    /// How items come to a folder: one by one, all at once, or all at once while nobody else is at work.
    const WAYS: [&str; 3] = ["one by one", "at once", "alone"];

    fn odd<'p, const FIRST: bool>(
        piece: Search<'p, fn(&u32) -> bool, FIRST>,
        way: &str,
        batches: [&[u32]; 2],
    ) -> Searching<'p, u32, fn(&u32) -> bool, FIRST> {
        let mut folder = piece.into_folder();
        folder.set_alone(way == "alone");
        for items in batches {
            let items = items.iter().copied();
            folder = match way {
                "one by one" => items.fold(folder, Searching::consume),
                _ => folder.consume_iter(items),
            };
        }
        folder
    }

    const IS_ODD: &fn(&u32) -> bool = &((|x| x % 2 == 1) as fn(&u32) -> bool);

    #[test]
    fn a_piece_finds_its_first_or_its_last() {
        fn check<const FIRST: bool>(batches: [&[u32]; 2], want: Option<u32>) {
            for way in WAYS {
                let best = AtomicUsize::new(NOTHING_YET);
                let folder = odd(Search::<_, FIRST>::new(IS_ODD, &best), way, batches);
                assert_eq!(folder.full(), FIRST && want.is_some());
                assert_eq!(folder.complete(), want, "{way}");
                let rank = if want.is_some() { 0 } else { NOTHING_YET };
                assert_eq!(best.into_inner(), rank);
            }
        }
        let rows: [([&[u32]; 2], _, _); 6] = [
            ([&[], &[2]], None, None),
            ([&[2, 1, 4], &[6]], Some(1), Some(1)),
            ([&[2], &[4, 1, 6]], Some(1), Some(1)),
            ([&[1, 2, 3, 4], &[]], Some(1), Some(3)),
            ([&[4, 3], &[5, 6]], Some(3), Some(5)),
            ([&[7, 3, 2], &[5, 9, 8]], Some(7), Some(9)),
        ];
        for (batches, first, last) in rows {
            check::<true>(batches, first);
            check::<false>(batches, last);
        }
    }

    /// If others have found something better, a piece stops between two items, unless it was told that there are none.
    #[test]
    fn who_is_beaten_stops_unless_it_is_alone() {
        let best = AtomicUsize::new(NOTHING_YET);
        for way in WAYS {
            let right = Search::<_, true>::new(IS_ODD, &best);
            let _left: Search<'_, _, true> = right.split_off_left();
            best.store(0, Ordering::Relaxed);
            let folder = odd(right, way, [&[], &[2, 1]]);
            assert!(folder.full());
            assert_eq!(folder.complete().is_none(), way == "at once");
        }
    }

    #[test]
    fn over_all_pieces() {
        use crate::prelude::*;
        let items = 0..if cfg!(miri) { 30_u32 } else { 3000 };
        let is_liked = |x: &u32| x % 7 == 3;
        let first = find_first(items.clone().into_par_iter(), is_liked);
        assert_eq!(first, Some(3));
        let last = find_last(items.clone().into_par_iter(), is_liked);
        assert_eq!(last, items.clone().rfind(is_liked));
        assert_eq!(find_first(items.clone().into_par_iter(), |_| false), None);
        assert_eq!(find_last(items.into_par_iter(), |_| false), None);
        assert_eq!(Better::<true>.reduce(Some(1), Some(2)), Some(1));
        assert_eq!(Better::<false>.reduce(Some(1), Some(2)), Some(2));
        for (left, right) in [(Some(1), None), (None, Some(1))] {
            assert_eq!(Better::<true>.reduce(left, right), Some(1));
            assert_eq!(Better::<false>.reduce(left, right), Some(1));
        }
    }
}
