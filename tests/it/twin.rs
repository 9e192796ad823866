//! A parallel iterator beside its twin from std: whatever way it is cut, driven or turned round, the items are the same.

use std::fmt::Debug;

use lyocell::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer,
};
use lyocell::prelude::*;

use crate::boxed::Boxed;
use crate::common::Note;

/// Nothing, the smallest trees, an odd one, and two that every pool splits.
pub(crate) const LENGTHS: [usize; 7] = [0, 1, 2, 3, 17, 100, 1000];

/// What may be asked of the items.
pub(crate) trait Item: PartialEq + Debug + Send + Sync {}
impl<T: PartialEq + Debug + Send + Sync> Item for T {}

/// How a piece of a producer is emptied.
#[derive(Clone, Copy, Debug)]
enum Walk {
    Forward,
    Backward,
    BothEnds,
    Fold,
    /// Into a folder that is full after two items.
    FoldToFull,
}

const WALKS: [Walk; 5] = [
    Walk::Forward,
    Walk::Backward,
    Walk::BothEnds,
    Walk::Fold,
    Walk::FoldToFull,
];

/// Cuts the producer in two, three and four, at every triple of points while that stays cheap, and compares each piece with the slice
/// of `want` it stands for. No pool takes part.
pub(crate) fn check_splits<I: IndexedParallelIterator<Item = T>, T: Item>(
    make: impl Fn() -> I,
    want: &[T],
) {
    for (at, cuts) in cuts_of(want.len()).into_iter().enumerate() {
        // Triples are many: each goes one of the ways.
        let walks = if cuts.len() < 3 {
            &WALKS[..]
        } else {
            &WALKS[at % WALKS.len()..][..1]
        };
        for walk in walks {
            check_cuts(make(), &cuts, *walk, want);
        }
    }
}

/// The cuts of [`check_splits`] for sources that lend out something mutable: `check` is given each and calls [`check_cut`].
pub(crate) fn for_each_cut(len: usize, mut check: impl FnMut(&[usize])) {
    for cuts in cuts_of(len) {
        check(&cuts);
    }
}

/// Cuts once, all walks being chosen in turn.
pub(crate) fn check_cut<I: IndexedParallelIterator<Item = T>, T: Item>(
    iter: I,
    cuts: &[usize],
    want: &[T],
) {
    check_cuts(
        iter,
        cuts,
        WALKS[cuts.iter().sum::<usize>() % WALKS.len()],
        want,
    );
}

fn check_cuts<I: IndexedParallelIterator<Item = T>, T: Item>(
    iter: I,
    cuts: &[usize],
    walk: Walk,
    want: &[T],
) {
    let _note = Note(format!("{} items cut at {cuts:?}, {walk:?}", want.len()));
    iter.with_producer(CutAt { cuts, walk, want });
}

fn cuts_of(len: usize) -> Vec<Vec<usize>> {
    let few: Vec<usize> = if len <= 17 {
        (0..=len).collect()
    } else {
        vec![0, 1, len / 3, len / 2, len - 1, len]
    };
    let mut all = vec![vec![]];
    for (at, &first) in few.iter().enumerate() {
        all.push(vec![first]);
        all.extend(few[at..].iter().map(|&second| vec![first, second]));
    }
    if len <= 17 {
        let pairs = all.clone();
        for pair in pairs.iter().filter(|cuts| cuts.len() == 2) {
            all.extend((pair[1]..=len).map(|third| vec![pair[0], pair[1], third]));
        }
    }
    all
}

struct CutAt<'a, T> {
    cuts: &'a [usize],
    walk: Walk,
    want: &'a [T],
}

impl<T: Item> ProducerCallback<T> for CutAt<'_, T> {
    type Output = ();

    fn callback<P: Producer<Item = T>>(self, producer: P) {
        // From the front, the right part is cut again; from the back, the left part is. Which of both: by the cuts.
        let Self { cuts, walk, want } = self;
        if cuts.len() % 2 == 1 || cuts.first() == Some(&0) {
            let (mut rest, mut begin) = (producer, 0);
            for &cut in cuts {
                let (left, right) = rest.split_at(cut - begin);
                empty(left, walk, &want[begin..cut]);
                (rest, begin) = (right, cut);
            }
            empty(rest, walk, &want[begin..]);
        } else {
            let (mut rest, mut end) = (producer, want.len());
            for &cut in cuts.iter().rev() {
                let (left, right) = rest.split_at(cut);
                empty(right, walk, &want[cut..end]);
                (rest, end) = (left, cut);
            }
            empty(rest, walk, &want[..end]);
        }
    }
}

fn empty<P: Producer<Item = T>, T: Item>(piece: P, walk: Walk, want: &[T]) {
    match walk {
        Walk::Forward => {
            let mut iter = piece.into_iter();
            for (at, item) in want.iter().enumerate() {
                assert_eq!(iter.len(), want.len() - at);
                assert_eq!(iter.size_hint(), (want.len() - at, Some(want.len() - at)));
                assert_eq!(iter.next().as_ref(), Some(item));
            }
            assert_eq!(iter.len(), 0);
            assert_eq!(iter.next(), None);
        }
        Walk::Backward => {
            let mut iter = piece.into_iter();
            for item in want.iter().rev() {
                assert_eq!(iter.next_back().as_ref(), Some(item));
            }
            assert_eq!(iter.next_back(), None);
        }
        Walk::BothEnds => {
            let mut iter = piece.into_iter();
            let mut left = want;
            while let [first, inner @ ..] = left {
                assert_eq!(iter.next().as_ref(), Some(first));
                left = inner;
                assert_eq!(iter.len(), left.len());
                if let [inner @ .., last] = left {
                    assert_eq!(iter.next_back().as_ref(), Some(last));
                    left = inner;
                }
            }
            assert_eq!(iter.next_back(), None);
            assert_eq!(iter.next(), None);
        }
        Walk::Fold => {
            let taken = piece
                .fold_with(Follow {
                    want,
                    taken: 0,
                    full_at: usize::MAX,
                })
                .complete();
            assert_eq!(taken, want.len());
        }
        Walk::FoldToFull => {
            // To be full is a hint: more may come, less may not.
            let taken = piece
                .fold_with(Follow {
                    want,
                    taken: 0,
                    full_at: 2,
                })
                .complete();
            assert!(taken >= want.len().min(2));
        }
    }
}

/// A consumer that knows what it will be given, and its folder.
struct Follow<'a, T> {
    want: &'a [T],
    taken: usize,
    full_at: usize,
}

impl<T: Item> Folder<T> for Follow<'_, T> {
    type Result = usize;

    fn consume(self, item: T) -> Self {
        assert_eq!(Some(&item), self.want.get(self.taken));
        Self {
            taken: self.taken + 1,
            ..self
        }
    }

    fn complete(self) -> usize {
        assert!(
            self.taken == self.want.len() || self.taken >= self.full_at,
            "a part of the items never came"
        );
        self.taken
    }

    fn full(&self) -> bool {
        self.taken >= self.full_at
    }
}

impl<'a, T: Item> Consumer<T> for Follow<'a, T> {
    type Folder = Self;
    type Reducer = Add;
    type Result = usize;

    fn split_at(self, index: usize) -> (Self, Self, Add) {
        let (left, right) = self.want.split_at(index);
        (
            Self { want: left, ..self },
            Self {
                want: right,
                ..self
            },
            Add,
        )
    }

    fn into_folder(self) -> Self {
        self
    }

    fn full(&self) -> bool {
        false
    }
}

struct Add;

impl Reducer<usize> for Add {
    fn reduce(self, left: usize, right: usize) -> usize {
        left + right
    }
}

/// A consumer that keeps what comes, in order, however it is split.
struct Gather;

impl<T: Send> Folder<T> for Gathered<T> {
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

struct Gathered<T>(Vec<T>);

impl<T: Send> Reducer<Vec<T>> for Gather {
    fn reduce(self, mut left: Vec<T>, mut right: Vec<T>) -> Vec<T> {
        left.append(&mut right);
        left
    }
}

impl<T: Send> Consumer<T> for Gather {
    type Folder = Gathered<T>;
    type Reducer = Self;
    type Result = Vec<T>;

    fn split_at(self, _: usize) -> (Self, Self, Self) {
        (Self, Self, Self)
    }

    fn into_folder(self) -> Gathered<T> {
        Gathered(Vec::new())
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T: Send> UnindexedConsumer<T> for Gather {
    fn split_off_left(&self) -> Self {
        Self
    }

    fn to_reducer(&self) -> Self {
        Self
    }
}

/// Drives the iterator every way there is, in the current pool.
///
/// As the type it is, it is driven by one consumer with an index and by one without. Everything else that could be asked of it,
/// it is asked in a box and in words, so that the compiler builds that part only once.
pub(crate) fn check_indexed<I: IndexedParallelIterator<Item = T>, T: Item>(
    make: impl Fn() -> I,
    want: &[T],
) {
    assert_eq!(make().len(), want.len());
    assert_eq!(
        make().drive(Follow {
            want,
            taken: 0,
            full_at: usize::MAX
        }),
        want.len()
    );
    check_unindexed(&make, want);
    let words: Vec<String> = want.iter().map(|item| format!("{item:?}")).collect();
    check_words(
        &|| Boxed::new(make().map(|item| format!("{item:?}"))),
        &words,
    );
}

/// Printed, and cloned: both give the same items.
pub(crate) fn check_face<I, T: Item>(make: impl Fn() -> I, want: &[T])
where
    I: ParallelIterator<Item = T> + Clone + Debug,
{
    let iter = make();
    assert!(!format!("{iter:?}").is_empty());
    assert_eq!(iter.clone().collect::<Vec<_>>(), want);
    assert_eq!(iter.collect::<Vec<_>>(), want);
}

/// As [`check_indexed`] for what has no index.
pub(crate) fn check_unindexed<I: ParallelIterator<Item = T>, T: Item>(
    make: impl Fn() -> I,
    want: &[T],
) {
    assert!(make().opt_len().is_none_or(|len| len == want.len()));
    assert_eq!(make().drive_unindexed(Gather), want);
}

fn check_words<'a>(make: &dyn Fn() -> Boxed<'a, String>, want: &[String]) {
    for (min, max) in [
        (1, 1),
        (1, 2),
        (2, 7),
        (want.len() / 2 + 1, usize::MAX),
        (usize::MAX, 1),
        (usize::MAX, usize::MAX),
    ] {
        let _note = Note(format!(
            "{} items, with_min_len({min}).with_max_len({max})",
            want.len()
        ));
        let bounded = || make().with_min_len(min).with_max_len(max);
        assert_eq!(
            bounded().drive(Follow {
                want,
                taken: 0,
                full_at: usize::MAX
            }),
            want.len()
        );
        assert_eq!(bounded().drive_unindexed(Gather), want);
        let mut kept = Vec::new();
        bounded().collect_into_vec(&mut kept);
        assert_eq!(kept, want);
    }
    let mut turned: Vec<String> = make().rev().collect();
    turned.reverse();
    assert_eq!(turned, want);
    assert_eq!(make().rev().rev().collect::<Vec<_>>(), want);
    assert!(
        make()
            .zip(want.par_iter())
            .all(|(ours, theirs)| ours == *theirs)
    );
    assert!(make().enumerate().all(|(at, item)| item == want[at]));
}
