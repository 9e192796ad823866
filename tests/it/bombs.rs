//! An item that panics when it is dropped, at every position: the payload comes out, and all other items, and what was made of them,
//! are dropped once. (Except by what forgets them itself: std's hash tables, and its `max`.)

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};

use lyocell::iter::{Either, split};
use lyocell::prelude::*;

use crate::common::{Note, caught, sized_or_slow, with_pools};
use crate::counted::{Counted, Ledger};

/// All there is to know of a result: it can be dropped.
trait Dropped: Send {}
impl<R: Send> Dropped for R {}

type Work<'w> = dyn Fn(Vec<Counted>) -> Box<dyn Dropped> + Sync + 'w;

/// Built once, for all kinds of results.
fn with_each_bomb(work: &Work<'_>) {
    with_pools(|pool, _| {
        for len in [1, 2, 7, sized_or_slow(40, 24, 9)] {
            for bomb in 0..len {
                let _note = Note(format!("{len} items, number {bomb} is a bomb"));
                let ledger = Ledger::with_bomb(bomb);
                let values = ledger.values(len);
                let burst = caught(|| drop(pool.install(|| work(values))));
                assert_eq!(burst, Err(bomb as u64));
                ledger.settle();
            }
        }
    });
}

macro_rules! with_each_bomb {
    ($($name:ident: |$values:pat_param| $work:expr;)*) => {$(
        #[test]
        fn $name() {
            with_each_bomb(&|$values| Box::new($work));
        }
    )*};
}

/// Every third.
fn third(value: &Counted) -> bool {
    value.value % 3 == 1
}

fn if_not_third(value: Counted) -> Result<Counted, Counted> {
    if third(&value) { Err(value) } else { Ok(value) }
}

/// Whatever a function returns is forgotten if something panics that it drops behind that.
fn first_third(a: Counted, b: Counted) -> Counted {
    let (kept, other) = if third(&a) { (a, b) } else { (b, a) };
    drop(other);
    kept
}

fn last(so_far: Option<Counted>, value: Counted) -> Option<Counted> {
    drop(so_far);
    Some(value)
}

/// The first five.
fn below_five(value: Counted) -> Option<Counted> {
    (value.value < 5).then_some(value)
}

with_each_bomb! {
    take: |values| { let len = values.len(); values.into_par_iter().take(len / 2).collect::<Vec<_>>() };
    take_in_pieces: |values| values.into_par_iter().with_max_len(1).take(1).collect::<Vec<_>>();
    skip: |values| { let len = values.len(); values.into_par_iter().skip(len / 2).collect::<Vec<_>>() };
    zip_with_fewer: |values| { let len = values.len(); values.into_par_iter().zip(0..len / 2).collect::<Vec<_>>() };
    zip_fewer_with: |values| { let len = values.len(); (0..len / 2).into_par_iter().zip(values).collect::<Vec<_>>() };
    interleave_shortest: |values| values.into_par_iter().interleave_shortest(Vec::new()).collect::<Vec<_>>();
    interleave_halves: |mut values| {
        let rest = values.split_off(values.len() / 2);
        values.into_par_iter().interleave(rest).collect::<Vec<_>>()
    };
    interleave_and_find: |mut values| {
        let rest = values.split_off(values.len() / 3);
        values.into_par_iter().interleave(rest).find_first(third)
    };
    chain_and_find: |mut values| {
        let rest = values.split_off(values.len() / 2);
        values.into_par_iter().chain(rest).find_any(third)
    };
    step_by: |values| values.into_par_iter().step_by(3).collect::<Vec<_>>();
    chunks: |values| values.into_par_iter().chunks(3).collect::<Vec<_>>();
    rev: |values| values.into_par_iter().rev().find_first(third);
    filter: |values| values.into_par_iter().filter(third).collect::<Vec<_>>();
    filter_map: |values| values.into_par_iter().with_max_len(1).filter_map(below_five).collect::<Vec<_>>();
    map_in_place: |values| values.into_par_iter().map(|value| [value]).collect::<Vec<_>>();
    map_to_less: |values| values.into_par_iter().map(|value| Box::new(value.value)).collect::<Vec<_>>();
    find_any: |values| values.into_par_iter().find_any(third);
    find_any_in_pieces: |values| values.into_par_iter().with_max_len(3).find_any(third);
    find_any_of_some: |values| values.into_par_iter().filter(third).find_any(|_| true);
    find_any_of_mapped: |values| values.into_par_iter().filter_map(Some).find_any(third);
    find_first: |values| values.into_par_iter().find_first(third);
    find_first_in_pieces: |values| values.into_par_iter().with_max_len(1).find_first(third);
    find_first_of_some: |values| values.into_par_iter().filter(third).find_first(|_| true);
    find_last: |values| values.into_par_iter().find_last(third);
    find_last_in_pieces: |values| values.into_par_iter().with_max_len(3).find_last(third);
    find_map_first: |values| values.into_par_iter().find_map_first(below_five);
    position: |values| values.into_par_iter().position_any(|value| third(&value));
    take_any: |values| { let len = values.len(); values.into_par_iter().take_any(len / 2).collect::<Vec<_>>() };
    take_any_in_pieces: |values| { let len = values.len(); values.into_par_iter().with_max_len(1).take_any(len / 2).collect::<LinkedList<_>>() };
    take_any_and_fold: |values| {
        let some = values.into_par_iter().take_any(5);
        some.fold(Vec::new, |mut all, value| { all.push(value); all }).collect::<Vec<_>>()
    };
    take_any_none: |values| values.into_par_iter().take_any(0).collect::<Vec<_>>();
    take_any_of_some: |values| values.into_par_iter().filter(third).take_any(2).collect::<Vec<_>>();
    take_any_and_try_fold: |values| {
        let sums = values.into_par_iter().take_any(9).try_fold(Vec::new, |mut so_far, value| { so_far.push(below_five(value)?); Some(so_far) });
        sums.collect::<Vec<_>>()
    };
    take_any_twice: |values| {
        let all = values.into_par_iter().fold(Vec::new, |mut all, value| { all.push(value); all });
        all.take_any(1).collect::<Vec<_>>()
    };
    skip_any: |values| values.into_par_iter().skip_any(3).collect::<Vec<_>>();
    take_any_while: |values| values.into_par_iter().take_any_while(|value| value.value < 5).collect::<Vec<_>>();
    take_any_while_and_fold: |values| {
        let liked = values.into_par_iter().take_any_while(|value| value.value < 5);
        liked.fold(Vec::new, |mut all, value| { all.push(value); all }).collect::<Vec<_>>()
    };
    skip_any_while: |values| values.into_par_iter().skip_any_while(|value| value.value < 5).collect::<Vec<_>>();
    while_some: |values| values.into_par_iter().map(below_five).while_some().collect::<Vec<_>>();
    while_some_and_reduce: |values| values.into_par_iter().map(below_five).while_some().reduce_with(first_third);
    fold: |values| values.into_par_iter().fold(Vec::new, |mut all, value| { all.push(value); all }).collect::<Vec<_>>();
    fold_and_find: |values| {
        let all = values.into_par_iter().with_max_len(5).fold(Vec::new, |mut all, value| { all.push(value); all });
        all.find_any(|all| all.iter().any(third))
    };
    fold_with: |values| values.into_par_iter().fold_with(None, last).collect::<Vec<_>>();
    fold_chunks: |values| values.into_par_iter().fold_chunks(4, || None, last).collect::<Vec<_>>();
    try_fold: |values| {
        let push = |mut all: Vec<Counted>, value| { all.push(below_five(value)?); Some(all) };
        values.into_par_iter().try_fold(Vec::new, push).collect::<Vec<_>>()
    };
    try_fold_to_errors: |values| {
        let check = |so_far, value| {
            drop(so_far);
            if third(&value) { Err(value) } else { Ok(Some(value)) }
        };
        values.into_par_iter().with_max_len(7).try_fold(|| None, check).collect::<Vec<_>>()
    };
    try_fold_with: |values| {
        let check = |(), value| if_not_third(value).map(drop);
        values.into_par_iter().try_fold_with((), check).collect::<Vec<_>>()
    };
    try_reduce: |values| {
        let tried = values.into_par_iter().map(|value| if_not_third(value).map(Some));
        tried.try_reduce(|| None, |a, b| match (a, b) {
            (Some(a), Some(b)) => Ok(Some(first_third(a, b))),
            (a, b) => Ok(a.or(b)),
        })
    };
    try_reduce_with: |values| {
        let tried = values.into_par_iter().map(|value| if value.value < 5 { Ok(value) } else { Err(value) });
        tried.try_reduce_with(|a, b| Ok(first_third(a, b)))
    };
    try_for_each: |values| values.into_par_iter().try_for_each(|value| if_not_third(value).map(drop));
    reduce_with: |values| values.into_par_iter().with_max_len(3).reduce_with(first_third);
    collect_results: |values| values.into_par_iter().map(if_not_third).collect::<Result<Vec<_>, _>>();
    collect_results_to_lists: |values| {
        let checked = values.into_par_iter().map(if_not_third);
        checked.collect::<Result<LinkedList<_>, _>>()
    };
    collect_options: |values| values.into_par_iter().map(below_five).collect::<Option<VecDeque<_>>>();
    partition: |values| values.into_par_iter().partition::<Vec<_>, Vec<_>, _>(third);
    partition_map: |values| {
        let sides = |value| if third(&value) { Either::Left(value) } else { Either::Right([value]) };
        values.into_par_iter().partition_map::<Vec<_>, LinkedList<_>, _, _, _>(sides)
    };
    unzip: |values| values.into_par_iter().map(|value| (value.value, value)).unzip::<_, _, Vec<_>, Vec<_>>();
    unzip_results: |values| {
        let pairs = values.into_par_iter().map(|value| (value.value, below_five(value)));
        let (_, few): (Vec<u64>, Option<Vec<Counted>>) = pairs.collect();
        few
    };
    flat_map: |values| values.into_par_iter().flat_map(|value| vec![Some(value), None]).collect::<Vec<_>>();
    flat_map_and_find: |values| values.into_par_iter().chunks(5).flat_map(|values| values).find_any(third);
    flat_map_iter_and_find: |values| values.into_par_iter().chunks(5).flat_map_iter(|values| values).find_first(third);
    flatten_iter_and_try_fold: |values| {
        let push = |mut all: Vec<Counted>, value| { all.push(below_five(value)?); Some(all) };
        values.into_par_iter().chunks(5).flatten_iter().try_fold(Vec::new, push).collect::<Vec<_>>()
    };
    map_with_and_find: |values| values.into_par_iter().map_with((), |(), value| value).find_any(third);
    map_init_and_find: |values| values.into_par_iter().map_init(|| (), |(), value| value).find_first(third);
    panic_fuse: |values| values.into_par_iter().panic_fuse().find_last(third);
    in_blocks: |values| values.into_par_iter().by_uniform_blocks(5).find_any(third);
    in_growing_blocks: |values| values.into_par_iter().by_exponential_blocks().map(below_five).while_some().collect::<Vec<_>>();
    intersperse: |values| values.into_par_iter().map(Some).intersperse(None).find_any(|value| value.as_ref().is_some_and(third));
    intersperse_some: |values| {
        let some = values.into_par_iter().filter(|value| value.value > 1).map(Some);
        some.intersperse(None).find_any(|value| value.as_ref().is_some_and(third))
    };
    drained: |mut values| values.par_drain(..).find_any(third);
    arrays: |values| <[Counted; 7]>::try_from(values).map(|values| values.into_par_iter().find_first(third));
    deques: |values| VecDeque::from(values).into_par_iter().find_any(third);
    lists: |values| LinkedList::from_iter(values).into_par_iter().find_first(third);
    heaps: |values| BinaryHeap::from(values).into_par_iter().find_any(third);
    tree_sets: |values| BTreeSet::from_iter(values).into_par_iter().find_last(third);
    tree_maps: |values| BTreeMap::from_iter((0..).zip(values)).into_par_iter().find_first(|pair: &(u32, _)| third(&pair.1));
    drained_hash_sets: |values| HashSet::<Counted>::from_iter(values).par_drain().find_any(third);
    tree_sets_to_lists: |values| BTreeSet::from_iter(values).into_par_iter().map(below_five).while_some().collect::<LinkedList<_>>();
    bridged: |values| values.into_iter().par_bridge().collect::<Vec<_>>();
    bridged_any: |values| values.into_iter().par_bridge().find_any(third);
    bridged_any_of_unknown_length: |values| values.into_iter().filter(|_| true).par_bridge().find_any(third);
    bridged_while_some: |values| values.into_iter().par_bridge().map(|x| if third(&x) { None } else { Some(x) }).while_some().collect::<Vec<_>>();
    cut_by_a_function: |values| {
        let halves = |mut values: Vec<Counted>| {
            let rest = (values.len() > 1).then(|| values.split_off(values.len() / 2));
            (values, rest)
        };
        split(values, halves).flat_map_iter(|values| values).find_any(third)
    };
}
