//! A panic at every item of every kind of loop: the payload comes out, and everything made is dropped once.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::Arc;

use lyocell::iter::{once, repeat_n, split};
use lyocell::prelude::*;

use crate::common::{Note, caught, sized, sized_or_slow, with_pools};
use crate::counted::{Counted, Ledger};

/// Runs `work` on owned values with a ledger that never panics, to learn how many operations there are, and then once for
/// each of them with a panic there.
pub(crate) fn at_each_operation<R: Send + 'static>(
    work: impl Fn(&Arc<Ledger>, Vec<Counted>) -> R + Sync,
) {
    at_each(&|ledger, values| Box::new(work(ledger, values)));
}

/// All there is to know of a result: it can be dropped.
trait Dropped: Send {}
impl<R: Send> Dropped for R {}

type Work<'w> = dyn Fn(&Arc<Ledger>, Vec<Counted>) -> Box<dyn Dropped> + Sync + 'w;

/// Built once, for all kinds of results.
fn at_each(work: &Work<'_>) {
    with_pools(|pool, _| {
        for len in [0, 1, 2, 3, sized(17, 5), sized_or_slow(40, 24, 6)] {
            let mut fuse = 0;
            loop {
                let _note = Note(format!("{len} items, a panic at operation {fuse}"));
                let ledger = Ledger::with_fuse(fuse);
                let values = ledger.values(len);
                let result = caught(|| pool.install(|| work(&ledger, values)));
                let burnt = result.as_ref().err().copied();
                drop(result);
                ledger.settle();
                match burnt {
                    Some(tag) => {
                        assert_eq!(tag, fuse as u64);
                        // The pool is as good as before.
                        assert_eq!(pool.join(|| 1, || 2), (1, 2));
                    }
                    // The fuse outlasted all operations, of which there is at least one for each item.
                    None => break assert!(fuse >= len),
                }
                fuse += 1;
            }
        }
    });
}

macro_rules! at_each_operation {
    ($($(#[$doc:meta])* $name:ident: |$ledger:ident, $values:ident| $work:expr;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            at_each_operation(|$ledger, $values| {
                let _ = $ledger;
                $work
            });
        }
    )*};
}

at_each_operation! {
    for_each: |ledger, values| values.into_par_iter().for_each(|value| value.operate());
    for_each_one_at_a_time: |ledger, values| values.into_par_iter().with_max_len(1).for_each(|value| value.operate());
    for_each_of_borrowed: |ledger, values| values.par_iter().with_max_len(1).for_each(Counted::operate);
    map_and_collect: |ledger, values| {
        let kept: Vec<Counted> = values.into_par_iter().with_max_len(2).map(|value| value.clone()).collect();
        kept
    };
    map_and_count: |ledger, values| values.into_par_iter().map(|value| { value.operate(); value }).count();
    filter_and_collect: |ledger, values| {
        let odd = |value: &Counted| { value.operate(); value.value % 2 == 1 };
        let kept: Vec<Counted> = values.into_par_iter().with_max_len(1).filter(odd).collect();
        kept
    };
    collect_results_to_one: |ledger, values| {
        let check = |value: Counted| { value.operate(); if value.value % 8 == 7 { Err(value) } else { Ok(value) } };
        // An error ends the loop early: only in a shorter one is each item sure to be looked at.
        if values.len() < 8 { Some(values.into_par_iter().map(check).collect::<Result<Vec<_>, _>>()) } else {
            values.into_par_iter().for_each(|value| _ = check(value));
            None
        }
    };
    fold: |ledger, values| values.into_par_iter().with_max_len(3).fold(|| ledger.value(0), Counted::plus).map(|sum| sum.value).sum::<u64>();
    reduce: |ledger, values| {
        let len = values.len() as u64;
        let sum = values.into_par_iter().with_max_len(1).reduce(|| ledger.value(0), Counted::plus);
        assert_eq!(sum.value, (0..len).sum::<u64>());
        // A reduction of one item may leave the identity out; this makes at least one operation sure.
        sum.operate();
        sum
    };
    reduce_with: |ledger, values| {
        ledger.operate();
        values.into_par_iter().with_max_len(1).reduce_with(Counted::plus)
    };
    map_init: |ledger, values| values.into_par_iter().map_init(|| ledger.value(0), |state, value| { state.operate(); value.value }).sum::<u64>();
    map_with: |ledger, values| values.into_par_iter().with_max_len(2).map_with(ledger.value(0), |state, value| { state.operate(); value }).collect::<Vec<_>>();
    zip_and_chain: |ledger, values| {
        let others = ledger.values(values.len() + 3);
        values.into_par_iter().zip(others).with_max_len(1).map(|(a, b)| a.plus(b)).chain(ledger.values(2)).collect::<Vec<_>>()
    };
    flat_map_iter: |ledger, values| values.into_par_iter().flat_map_iter(|value| [value.clone(), value]).collect::<Vec<_>>();
    unzip: |ledger, values| values.into_par_iter().with_max_len(1).map(|value| (value.clone(), value)).unzip::<_, _, Vec<_>, Vec<_>>();
    partition: |ledger, values| values.into_par_iter().partition::<Vec<_>, Vec<_>, _>(|value| { value.operate(); value.value % 3 == 0 });
    cloned: |ledger, values| values.par_iter().with_max_len(1).cloned().collect::<Vec<_>>();
    update: |ledger, values| values.into_par_iter().update(|value| { value.operate(); value.value += 1; }).collect::<Vec<_>>();
    intersperse: |ledger, values| {
        let separator = ledger.value(0);
        separator.operate();
        values.into_par_iter().with_max_len(1).inspect(Counted::operate).intersperse(separator).collect::<Vec<_>>()
    };
    intersperse_after_filter: |ledger, values| {
        let separator = ledger.value(0);
        separator.operate();
        let odd = |value: &Counted| { value.operate(); value.value % 2 == 1 };
        values.into_par_iter().with_max_len(1).filter(odd).intersperse(separator).collect::<Vec<_>>()
    };
    fold_chunks_with: |ledger, values| values.into_par_iter().fold_chunks_with(2, ledger.value(0), Counted::plus).collect::<Vec<_>>();
    flat_map: |ledger, values| values.into_par_iter().flat_map(|value| vec![value.clone(), value]).collect::<Vec<_>>();
    try_reduce: |ledger, values| {
        ledger.operate();
        values.into_par_iter().with_max_len(1).map(Some).try_reduce(|| ledger.value(0), |a, b| Some(a.plus(b)))
    };
    try_fold: |ledger, values| values.into_par_iter().try_fold(|| ledger.value(0), |sum, value| Some(sum.plus(value))).collect::<Option<Vec<_>>>();
    collect_to_trees: |ledger, values| {
        let pairs = values.into_par_iter().with_max_len(2).map(|value| { value.operate(); (value.value % 4, value) });
        let (keys, map): (BTreeSet<u64>, BTreeMap<u64, Counted>) = pairs.map(|(key, value)| (key, (key, value))).unzip();
        assert!(keys.iter().eq(map.keys()));
        map
    };
    collect_to_tables: |ledger, values| {
        let pairs = values.into_par_iter().with_max_len(2).map(|value| { value.operate(); (value.value % 4, value) });
        pairs.collect::<HashMap<u64, Counted>>()
    };
    collect_to_deques_and_lists: |ledger, values| {
        let pairs = values.into_par_iter().with_max_len(2).map(|value| (value.clone(), value));
        pairs.unzip::<_, _, VecDeque<_>, LinkedList<_>>()
    };
    deques: |ledger, values| VecDeque::from(values).into_par_iter().for_each(|value| value.operate());
    lists: |ledger, values| LinkedList::from_iter(values).into_par_iter().for_each(|value| value.operate());
    heaps: |ledger, values| BinaryHeap::from(values).into_par_iter().for_each(|value| value.operate());
    tree_sets: |ledger, values| BTreeSet::from_iter(values).into_par_iter().for_each(|value| value.operate());
    tree_maps: |ledger, values| BTreeMap::from_iter((0..).zip(values)).into_par_iter().for_each(|(_, value): (u32, _)| value.operate());
    hash_sets: |ledger, values| HashSet::<Counted>::from_iter(values).into_par_iter().for_each(|value| value.operate());
    hash_maps: |ledger, values| HashMap::<u32, Counted>::from_iter((0..).zip(values)).into_par_iter().for_each(|(_, value)| value.operate());
    drained_deques: |ledger, values| VecDeque::from(values).par_drain(..).for_each(|value| value.operate());
    drained_heaps: |ledger, values| BinaryHeap::from(values).par_drain().for_each(|value| value.operate());
    drained_hash_sets: |ledger, values| HashSet::<Counted>::from_iter(values).par_drain().for_each(|value| value.operate());
    drained_hash_maps: |ledger, values| HashMap::<u32, Counted>::from_iter((0..).zip(values)).par_drain().for_each(|(_, value)| value.operate());
    arrays: |ledger, values| match <[Counted; 17]>::try_from(values) {
        Ok(array) => array.into_par_iter().for_each(|value| value.operate()),
        Err(values) => values.into_iter().for_each(|value| value.operate()),
    };
    options_and_results: |ledger, values| values.into_par_iter()
        .flat_map(|value| Some(value).into_par_iter().chain(Ok::<_, ()>(ledger.value(0)))).for_each(|value| value.operate());
    once_and_repeated: |ledger, values| {
        let each = values.into_par_iter().flat_map(|value| once(value.clone()).chain(repeat_n(value, 3)));
        each.for_each(|value| value.operate());
    };
    bridged: |ledger, values| values.into_iter().par_bridge().for_each(|value| value.operate());
    bridged_under_a_panic_fuse: |ledger, values| values.into_iter().par_bridge().panic_fuse().for_each(|value| value.operate());
    bridged_from_panics: |ledger, values| values.into_iter().inspect(Counted::operate).par_bridge().collect::<Vec<_>>();
    cut_by_a_function: |ledger, values| {
        let halves = |mut values: Vec<Counted>| {
            let rest = (values.len() > 1).then(|| values.split_off(values.len() / 2));
            (values, rest)
        };
        split(values, halves).flat_map_iter(|values| values).for_each(|value| value.operate());
    };
    in_step: |ledger, values| (values, ledger.values(100)).into_par_iter().with_max_len(1).map(|(a, b)| a.plus(b)).collect::<Vec<_>>();
    in_blocks: |ledger, values| values.into_par_iter().by_exponential_blocks().for_each(|value| value.operate());
    take_and_skip: |ledger, values| {
        let (len, left) = (values.len(), ledger.values(values.len()));
        values.into_par_iter().chain(left).skip(len / 2).take(len).rev().map(|value| { value.operate(); value }).collect::<Vec<_>>()
    };
    try_for_each: |ledger, values| values.into_par_iter().with_max_len(1).try_for_each(|value| { value.operate(); Some(()) });
    min_by: |ledger, values| {
        let pairs = values.len() / 2 * 2;
        ledger.operate();
        values.into_par_iter().take(pairs).map(|value| { value.operate(); value }).chain(ledger.values(1))
            .min_by(|a, b| a.value.cmp(&b.value)).inspect(Counted::operate)
    };
}

/// An iterator that is never driven, or only in part, drops what it holds.
#[test]
fn dropped_before_or_in_the_middle_of_its_run() {
    with_pools(|pool, _| {
        let ledger = Ledger::new();
        pool.install(|| {
            drop(ledger.values(10).into_par_iter().map(|value| value.value));
            assert!(
                ledger
                    .values(100)
                    .into_par_iter()
                    .any(|value| value.value == 5)
            );
            assert!(
                ledger
                    .values(100)
                    .into_par_iter()
                    .find_first(|value| value.value == 5)
                    .is_some()
            );
            assert!(
                ledger
                    .values(100)
                    .into_par_iter()
                    .find_last(|value| value.value == 5)
                    .is_some()
            );
            assert_eq!(ledger.values(100).into_par_iter().take(7).count(), 7);
            assert_eq!(ledger.values(100).into_par_iter().step_by(7).count(), 15);
            assert_eq!(
                ledger
                    .values(100)
                    .into_par_iter()
                    .zip(ledger.values(3))
                    .count(),
                3
            );
            let early: Option<Vec<_>> = ledger
                .values(100)
                .into_par_iter()
                .map(|value| (value.value < 50).then_some(value))
                .collect();
            assert!(early.is_none());
        });
        ledger.settle();
    });
}
