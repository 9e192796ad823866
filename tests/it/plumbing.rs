//! `iter::plumbing` as other crates use it: sources, adapters and consumers of their own.

use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, UnindexedProducer,
    bridge, bridge_producer_consumer, bridge_unindexed,
};
use lyocell::prelude::*;

use crate::common::{boom, caught, numbers, with_pools};
use crate::twin::{LENGTHS, check_indexed, check_splits, check_unindexed};

/// A source with an index: the squares of a range.
#[derive(Clone)]
struct Squares {
    begin: u64,
    end: u64,
}

impl Producer for Squares {
    type Item = u64;
    type IntoIter = std::iter::Map<std::ops::Range<usize>, fn(usize) -> u64>;

    fn into_iter(self) -> Self::IntoIter {
        (self.begin as usize..self.end as usize).map(|x| (x * x) as u64)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let middle = self.begin + index as u64;
        assert!(middle <= self.end, "asked to split behind the end");
        (
            Self {
                end: middle,
                ..self
            },
            Self {
                begin: middle,
                ..self
            },
        )
    }
}

impl ParallelIterator for Squares {
    type Item = u64;

    fn drive_unindexed<C: UnindexedConsumer<u64>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl IndexedParallelIterator for Squares {
    fn len(&self) -> usize {
        (self.end - self.begin) as usize
    }

    fn drive<C: Consumer<u64>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<u64>>(self, callback: CB) -> CB::Output {
        callback.callback(self)
    }
}

#[test]
fn own_source_with_an_index() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let source = || Squares {
                begin: 3,
                end: 3 + len as u64,
            };
            let want: Vec<u64> = (3..3 + len as u64).map(|x| x * x).collect();
            check_splits(source, &want);
            pool.install(|| {
                check_indexed(source, &want);
                check_indexed(|| source().map(|x| x + 1).rev().rev().map(|x| x - 1), &want);
            });
        }
    });
}

/// A source that bounds its own pieces.
struct Bounded(Squares, usize, usize);

impl Producer for Bounded {
    type Item = u64;
    type IntoIter = <Squares as Producer>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        Producer::into_iter(self.0)
    }

    fn min_len(&self) -> usize {
        self.1
    }

    fn max_len(&self) -> usize {
        self.2
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.0.split_at(index);
        (Self(left, self.1, self.2), Self(right, self.1, self.2))
    }
}

/// A consumer that writes down how long each piece was.
#[derive(Clone, Copy)]
struct Lengths;

struct Length(usize);

impl<T> Folder<T> for Length {
    type Result = Vec<usize>;

    fn consume(self, _: T) -> Self {
        Self(self.0 + 1)
    }

    fn complete(self) -> Vec<usize> {
        vec![self.0]
    }

    fn full(&self) -> bool {
        false
    }
}

impl Reducer<Vec<usize>> for Lengths {
    fn reduce(self, mut left: Vec<usize>, mut right: Vec<usize>) -> Vec<usize> {
        left.append(&mut right);
        left
    }
}

impl<T> Consumer<T> for Lengths {
    type Folder = Length;
    type Reducer = Self;
    type Result = Vec<usize>;

    fn split_at(self, _: usize) -> (Self, Self, Self) {
        (self, self, self)
    }

    fn into_folder(self) -> Length {
        Length(0)
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T> UnindexedConsumer<T> for Lengths {
    fn split_off_left(&self) -> Self {
        *self
    }

    fn to_reducer(&self) -> Self {
        *self
    }
}

#[test]
fn bounds_of_a_producer_are_kept() {
    with_pools(|pool, _| {
        pool.install(|| {
            for (min, max) in [
                (1, 1),
                (1, 3),
                (10, usize::MAX),
                (40, 50),
                (200, usize::MAX),
                (1, usize::MAX),
            ] {
                let squares = Squares { begin: 0, end: 100 };
                let lengths = bridge_producer_consumer(100, Bounded(squares, min, max), Lengths);
                assert_eq!(lengths.iter().sum::<usize>(), 100);
                assert!(
                    lengths.len() == 1 || lengths.iter().all(|len| *len >= min),
                    "{lengths:?} under {min}"
                );
                assert!(
                    lengths.iter().all(|len| *len <= max),
                    "{lengths:?} over {max}"
                );
            }
        });
    });
}

/// A source that knows only how to halve itself: a tree given by its depth, whose leaves are numbered.
struct Halves {
    first: u64,
    depth: u32,
}

impl UnindexedProducer for Halves {
    type Item = u64;

    fn split(self) -> (Self, Option<Self>) {
        if self.depth == 0 {
            return (self, None);
        }
        let (depth, half) = (self.depth - 1, 1 << (self.depth - 1));
        (
            Self { depth, ..self },
            Some(Self {
                first: self.first + half,
                depth,
            }),
        )
    }

    fn fold_with<F: Folder<u64>>(self, folder: F) -> F {
        folder.consume_iter(self.first..self.first + (1 << self.depth))
    }
}

impl ParallelIterator for Halves {
    type Item = u64;

    fn drive_unindexed<C: UnindexedConsumer<u64>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }
}

#[test]
fn own_source_without_an_index() {
    with_pools(|pool, _| {
        for depth in [0, 1, 2, 5, 10] {
            let source = || Halves { first: 7, depth };
            let want: Vec<u64> = (7..7 + (1 << depth)).collect();
            pool.install(|| {
                check_unindexed(source, &want);
                check_unindexed(
                    || source().map(|x| x * 2).filter(|x| x % 4 == 0),
                    &want
                        .iter()
                        .map(|x| x * 2)
                        .filter(|x| x % 4 == 0)
                        .collect::<Vec<_>>(),
                );
                assert_eq!(source().find_first(|x| *x >= 7), Some(7));
                assert_eq!(source().find_last(|_| true), want.last().copied());
                let lengths = bridge_unindexed(source(), Lengths);
                assert_eq!(lengths.iter().sum::<usize>(), want.len());
            });
        }
    });
}

/// An adapter from outside, as progress bars are: it wraps the producer on one way and the consumer on the other.
struct Watched<'a, I> {
    base: I,
    seen: &'a AtomicUsize,
}

impl<I: ParallelIterator> ParallelIterator for Watched<'_, I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(Watcher {
            base: consumer,
            seen: self.seen,
        })
    }

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Watched<'_, I> {
    fn len(&self) -> usize {
        self.base.len()
    }

    fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
        self.base.drive(Watcher {
            base: consumer,
            seen: self.seen,
        })
    }

    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        struct Wrap<'a, CB>(CB, &'a AtomicUsize);
        impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for Wrap<'_, CB> {
            type Output = CB::Output;

            fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
                self.0.callback(Watcher { base, seen: self.1 })
            }
        }
        self.base.with_producer(Wrap(callback, self.seen))
    }
}

/// A producer, consumer or folder with an eye on it.
struct Watcher<'a, B> {
    base: B,
    seen: &'a AtomicUsize,
}

struct WatchedIter<'a, I>(I, &'a AtomicUsize);

impl<I: Iterator> Iterator for WatchedIter<'_, I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0
            .next()
            .inspect(|_| _ = self.1.fetch_add(1, Ordering::Relaxed))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for WatchedIter<'_, I> {
    fn next_back(&mut self) -> Option<I::Item> {
        self.0
            .next_back()
            .inspect(|_| _ = self.1.fetch_add(1, Ordering::Relaxed))
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for WatchedIter<'_, I> {}

impl<'a, P: Producer> Producer for Watcher<'a, P> {
    type Item = P::Item;
    type IntoIter = WatchedIter<'a, P::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        WatchedIter(self.base.into_iter(), self.seen)
    }

    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        (
            Self {
                base: left,
                seen: self.seen,
            },
            Self {
                base: right,
                seen: self.seen,
            },
        )
    }
}

impl<'a, T, C: Consumer<T>> Consumer<T> for Watcher<'a, C> {
    type Folder = Watcher<'a, C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let (left, right, reducer) = self.base.split_at(index);
        (
            Self {
                base: left,
                seen: self.seen,
            },
            Self {
                base: right,
                seen: self.seen,
            },
            reducer,
        )
    }

    fn into_folder(self) -> Self::Folder {
        Watcher {
            base: self.base.into_folder(),
            seen: self.seen,
        }
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Watcher<'_, C> {
    fn split_off_left(&self) -> Self {
        Self {
            base: self.base.split_off_left(),
            seen: self.seen,
        }
    }

    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

impl<T, F: Folder<T>> Folder<T> for Watcher<'_, F> {
    type Result = F::Result;

    fn consume(self, item: T) -> Self {
        self.seen.fetch_add(1, Ordering::Relaxed);
        Self {
            base: self.base.consume(item),
            seen: self.seen,
        }
    }

    fn complete(self) -> F::Result {
        self.base.complete()
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

#[test]
fn own_adapter() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let (numbers, seen) = (numbers(len), AtomicUsize::new(0));
            let source = || Watched {
                base: numbers.par_iter().copied(),
                seen: &seen,
            };
            check_splits(source, &numbers);
            pool.install(|| {
                check_indexed(source, &numbers);
                seen.store(0, Ordering::Relaxed);
                // By the producer's way, by the consumer's, and by that of consumers without an index.
                assert_eq!(source().rev().collect::<Vec<_>>().len(), len);
                assert_eq!(source().map(|x| x + 1).collect::<Vec<_>>().len(), len);
                assert_eq!(source().filter(|_| false).count(), 0);
                assert_eq!(seen.load(Ordering::Relaxed), 3 * len);
            });
        }
    });
}

/// A consumer that wants no more than a few items: an endless source must stop for it.
struct Few<'a>(&'a AtomicUsize);

impl<T> Folder<T> for Few<'_> {
    type Result = ();

    fn consume(self, _: T) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        self
    }

    fn complete(self) {}

    fn full(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 10
    }
}

impl<T> Consumer<T> for Few<'_> {
    type Folder = Self;
    type Reducer = Unit;
    type Result = ();

    fn split_at(self, _: usize) -> (Self, Self, Unit) {
        (Self(self.0), Self(self.0), Unit)
    }

    fn into_folder(self) -> Self {
        self
    }

    fn full(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 10
    }
}

impl<T> UnindexedConsumer<T> for Few<'_> {
    fn split_off_left(&self) -> Self {
        Self(self.0)
    }

    fn to_reducer(&self) -> Unit {
        Unit
    }
}

struct Unit;

impl Reducer<()> for Unit {
    fn reduce(self, (): (), (): ()) {}
}

#[test]
fn full_consumer_stops_an_endless_source() {
    with_pools(|pool, width| {
        pool.install(|| {
            let stopped = |run: &dyn Fn(Few<'_>)| {
                let taken = AtomicUsize::new(0);
                run(Few(&taken));
                // One more by each worker that looked in the same moment.
                assert!((10..10 + 2 * width).contains(&taken.into_inner()));
            };
            stopped(&|few| (0..usize::MAX).into_par_iter().drive(few));
            stopped(&|few| (0..usize::MAX).into_par_iter().drive_unindexed(few));
            stopped(&|few| (0..u64::MAX).into_par_iter().drive_unindexed(few));
            stopped(&|few| {
                (0..usize::MAX)
                    .into_par_iter()
                    .map(|x| x + 1)
                    .rev()
                    .drive_unindexed(few)
            });
            stopped(&|few| {
                (0..usize::MAX)
                    .into_par_iter()
                    .filter(|x| x % 2 == 0)
                    .inspect(|_| ())
                    .drive_unindexed(few)
            });
            stopped(&|few| {
                (0..usize::MAX)
                    .into_par_iter()
                    .zip(0..usize::MAX)
                    .enumerate()
                    .drive(few)
            });
            stopped(&|few| {
                (0..usize::MAX)
                    .into_par_iter()
                    .flat_map_iter(|x| x..)
                    .drive_unindexed(few)
            });
            stopped(&|few| {
                bridge_unindexed(
                    Halves {
                        first: 0,
                        depth: 62,
                    },
                    few,
                )
            });
        });
    });
}

/// Panics of a producer's `split_at` and of a consumer's reducer come out like those of a closure.
#[test]
fn panics_in_split_and_reduce() {
    struct Brittle(Squares);
    impl Producer for Brittle {
        type Item = u64;
        type IntoIter = <Squares as Producer>::IntoIter;

        fn into_iter(self) -> Self::IntoIter {
            Producer::into_iter(self.0)
        }

        fn max_len(&self) -> usize {
            1
        }

        fn split_at(self, index: usize) -> (Self, Self) {
            let (left, right) = self.0.split_at(index);
            if right.begin == 13 {
                boom(13)
            } else {
                (Self(left), Self(right))
            }
        }
    }
    with_pools(|pool, _| {
        for end in [14, 20, 100] {
            let result = caught(|| {
                pool.install(|| {
                    bridge_producer_consumer(
                        end,
                        Brittle(Squares {
                            begin: 0,
                            end: end as u64,
                        }),
                        Lengths,
                    )
                })
            });
            assert_eq!(result, Err(13));
        }
        let numbers = numbers(100);
        let sum = |a: u64, b: u64| if a + b > 1000 { boom(14) } else { a + b };
        let reduced = caught(|| {
            pool.install(|| {
                numbers
                    .par_iter()
                    .copied()
                    .with_max_len(1)
                    .reduce(|| 0, sum)
            })
        });
        assert_eq!(reduced, Err(14));
    });
}
