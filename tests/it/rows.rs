//! What is asked of every row of [`adapters`](crate::adapters).
//!
//! A row is cut at every triple of points, walked from both ends, driven in pools of every width, under bounds on its pieces, turned
//! round and zipped (see [`twin`](crate::twin)). It is built, cloned and printed over a source that nobody may touch. And a panic
//! strikes at every operation in turn, after which each value must have been dropped once.

use std::fmt::Debug;
use std::sync::Arc;

use lyocell::ThreadPool;
use lyocell::iter::Inspect;
use lyocell::iter::plumbing::{Producer, ProducerCallback};
use lyocell::prelude::*;

use crate::boxed::Boxed;
use crate::common::{Note, caught, inside, numbers, sized, with_pools};
use crate::counted::{Counted, Ledger};
use crate::lazy::Untouchable;
use crate::twin::{Item, LENGTHS, check_indexed, check_splits};

/// What the chains stand on: values, each of which counts an operation when it is made.
pub(crate) type Source = Inspect<lyocell::vec::IntoIter<Counted>, fn(&Counted)>;

fn source(values: Vec<Counted>) -> Source {
    values.into_par_iter().inspect(Counted::operate)
}

/// Values in no order, many of them equal.
fn values(ledger: &Arc<Ledger>, len: usize) -> Vec<Counted> {
    numbers(len).into_iter().map(|x| ledger.value(x)).collect()
}

/// Built, cloned and printed without touching an item; its length is known beforehand if it has indices.
fn check_lazy<I: ParallelIterator + Clone + Debug>(chain: I, len: Option<usize>) {
    assert_eq!(chain.opt_len(), len);
    assert!(!format!("{:?}", chain.clone()).is_empty());
    assert!(caught(|| chain.count()).is_err());
}

/// A clone gives the same items, also when the original is gone.
fn check_clone<I: ParallelIterator<Item = T> + Clone, T: Item>(chain: I, want: &[T]) {
    let copy = chain.clone();
    assert_eq!(chain.collect::<Vec<_>>(), want);
    assert_eq!(copy.collect::<Vec<_>>(), want);
}

/// Panics at every operation there is, in turn. The payload comes out, and everything made is dropped once.
fn check_panics(pool: &ThreadPool, drive: &(dyn Fn(Vec<Counted>) -> usize + Sync)) {
    for len in [1, 2, 5, sized(20, 6)] {
        let mut fuse = 0;
        loop {
            let _note = Note(format!("{len} values, a panic at operation {fuse}"));
            let ledger = Ledger::with_fuse(fuse);
            let values = values(&ledger, len);
            let result = caught(|| pool.install(|| drive(values)));
            ledger.settle();
            match result {
                Err(tag) => assert_eq!(tag, fuse as u64),
                Ok(count) => break assert!(fuse > 0 || count == 0, "nothing has panicked"),
            }
            fuse += 1;
        }
    }
}

/// Empties both halves of a producer, from both sides by turns.
struct BySides;

impl<T> ProducerCallback<T> for BySides {
    type Output = usize;

    fn callback<P: Producer<Item = T>>(self, producer: P) -> usize {
        fn empty(mut items: impl DoubleEndedIterator + ExactSizeIterator) -> usize {
            let len = items.len();
            while items.next().is_some() && items.next_back().is_some() {}
            len
        }
        let items = producer.into_iter();
        empty(items)
    }
}

/// As [`BySides`], of a producer that is cut before.
struct CutBySides(usize);

impl<T> ProducerCallback<T> for CutBySides {
    type Output = usize;

    fn callback<P: Producer<Item = T>>(self, producer: P) -> usize {
        let (left, right) = producer.split_at(self.0);
        BySides.callback(left) + BySides.callback(right)
    }
}

/// Asks all of it of a chain with indices.
pub(crate) fn check_row<I, L, T>(
    ours: impl Fn(Source) -> I + Sync,
    lazy: impl Fn(Untouchable) -> L,
    theirs: impl Fn(std::vec::IntoIter<Counted>) -> Vec<T>,
) where
    I: IndexedParallelIterator<Item = T> + Clone,
    L: IndexedParallelIterator + Clone + Debug,
    T: Item,
{
    let ledger = Ledger::new();
    let rows: Vec<(Vec<Counted>, Vec<T>)> = LENGTHS
        .into_iter()
        .map(|len| {
            let values = values(&ledger, len);
            let want = theirs(values.clone().into_iter());
            (values, want)
        })
        .collect();
    for (values, want) in &rows {
        check_splits(|| ours(source(values.clone())), want);
    }
    let lazy_len = theirs(values(&ledger, 100).into_iter()).len();
    check_lazy(lazy(Untouchable), Some(lazy_len));
    with_pools(|pool, _| {
        inside(pool, &|| {
            for (values, want) in &rows {
                let _note = Note(format!("{} values", values.len()));
                check_clone(ours(source(values.clone())), want);
                check_indexed(|| ours(source(values.clone())), want);
            }
        });
        check_panics(pool, &|values| {
            ours(source(values)).collect::<Vec<_>>().len()
        });
    });
    with_pools(|pool, width| {
        if width < 3 {
            check_panics(pool, &|values| {
                let chain = ours(source(values));
                let middle = chain.len() * (width - 1) / 2;
                chain.with_producer(CutBySides(middle))
            });
        }
    });
    drop(rows);
    ledger.settle();
}

/// The same of a chain that has lost the index. Its source comes whole, in tiny pieces, in pieces of ten, backwards, and already
/// without an index; `check` compares what comes with the values it comes of.
pub(crate) fn check_unindexed_row<I, J, L, T>(
    ours: impl Fn(Source) -> I + Sync,
    boxed: impl Fn(Boxed<'static, Counted>) -> J + Sync,
    lazy: impl Fn(Untouchable) -> L,
    check: impl Fn(&[T], Vec<Counted>) + Sync,
) where
    I: ParallelIterator<Item = T>,
    J: ParallelIterator<Item = T>,
    L: ParallelIterator + Clone + Debug,
    T: Item,
{
    check_lazy(lazy(Untouchable), None);
    let ledger = Ledger::new();
    with_pools(|pool, _| {
        for len in LENGTHS {
            let _note = Note(format!("{len} values"));
            let values = values(&ledger, len);
            let backwards: Vec<Counted> = values.iter().rev().cloned().collect();
            inside(pool, &|| {
                let whole = source(values.clone());
                check(&ours(whole.clone()).collect::<Vec<_>>(), values.clone());
                for (layout, values) in [
                    (Boxed::new(whole.clone().with_max_len(1)), &values),
                    (Boxed::new(whole.clone().with_min_len(10)), &values),
                    (Boxed::new(whole.clone().rev()), &backwards),
                ] {
                    check(&boxed(layout).collect::<Vec<_>>(), values.clone());
                }
            });
        }
        check_panics(pool, &|values| ours(source(values)).count());
        check_panics(pool, &|values| {
            let tiny = Boxed::new(source(values).with_max_len(1));
            boxed(tiny).collect::<Vec<_>>().len()
        });
    });
    ledger.settle();
}
