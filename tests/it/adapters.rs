//! One row for each adapter: the parallel chain on the left, its twin from std on the right, over the same values. What is asked of
//! a row stands in [`rows`](crate::rows). Besides, a chain that is not used must be worth a warning.

#![deny(unfulfilled_lint_expectations)]

use lyocell::iter::{Either, Empty, empty, once};
use lyocell::prelude::*;

use crate::common::{numbers, sized, with_pools};
use crate::counted::Counted;
use crate::lazy::Untouchable;
use crate::rows::{Source, check_row, check_unindexed_row};

/// Something for rows that begin with references.
static PLAIN: [u64; 64] = [7; 64];

fn plain(value: &Counted) -> &'static u64 {
    &PLAIN[value.value as usize]
}

// ---- with indices ----

macro_rules! indexed {
    ($($name:ident: |$source:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            #[expect(unused_must_use, reason = "that is the test: it must be used")]
            let _unused = |$source: Untouchable| { $ours; };
            check_row(
                |$source: Source| $ours,
                |$source: Untouchable| $ours,
                |$source| $theirs.collect(),
            );
        }
    )*};
}

fn plus(more: u64) -> impl Fn(Counted) -> u64 + Clone + Send + Sync {
    move |x| {
        x.operate();
        x.value + more
    }
}

/// By turns, then the rest.
fn interleaved<T>(
    mut a: impl Iterator<Item = T>,
    mut b: impl Iterator<Item = T>,
) -> std::vec::IntoIter<T> {
    let mut all = Vec::new();
    loop {
        match (a.next(), b.next()) {
            (None, None) => return all.into_iter(),
            (x, y) => all.extend(x.into_iter().chain(y)),
        }
    }
}

/// By turns, until one whose turn it is has none.
fn interleaved_shortest<T>(
    a: impl Iterator<Item = T>,
    mut b: impl Iterator<Item = T>,
) -> std::vec::IntoIter<T> {
    let mut all = Vec::new();
    for x in a {
        all.push(x);
        let Some(y) = b.next() else { break };
        all.push(y);
    }
    all.into_iter()
}

/// Runs of so many.
fn chunked<T: Clone>(items: impl Iterator<Item = T>, size: usize) -> std::vec::IntoIter<Vec<T>> {
    let items: Vec<T> = items.collect();
    let chunks: Vec<Vec<T>> = items.chunks(size).map(<[T]>::to_vec).collect();
    chunks.into_iter()
}

/// With a separator between every two.
fn separated<T: Clone>(items: impl Iterator<Item = T>, separator: T) -> std::vec::IntoIter<T> {
    let mut all: Vec<T> = items.flat_map(|item| [separator.clone(), item]).collect();
    if !all.is_empty() {
        all.remove(0);
    }
    all.into_iter()
}

fn total(sum: u64, x: Counted) -> u64 {
    x.operate();
    sum * 3 + x.value
}

indexed! {
    map: |source| source.map(plus(3)) => source.map(plus(3));
    map_to_another_type: |source| source.map(|x| x.value.to_string()) => source.map(|x| x.value.to_string());
    map_to_itself: |source| source.map(|x| x) => source;
    map_init: |source| source.map_init(|| 5, |state, x| *state + plus(1)(x)) => source.map(plus(6));
    map_with: |source| source.map_with(5, |state, x| *state + plus(1)(x)) => source.map(plus(6));
    update: |source| source.update(|x| { x.operate(); x.value *= 2; }) => source.map(|mut x| { x.value *= 2; x });
    inspect: |source| source.inspect(|x| assert!(x.value < 64)) => source;
    cloned: |source| source.map(|x| plain(&x)).cloned() => source.map(|x| plain(&x)).cloned();
    copied: |source| source.map(|x| plain(&x)).copied() => source.map(|x| plain(&x)).copied();
    panic_fuse: |source| source.panic_fuse() => source;
    map_under_a_panic_fuse: |source| source.map(plus(1)).panic_fuse().map(|x| x + 1) => source.map(plus(2));
    enumerate: |source| source.enumerate() => source.enumerate();
    rev: |source| source.rev() => source.rev();
    enumerate_of_rev: |source| source.rev().enumerate() => source.rev().enumerate();
    rev_of_enumerate: |source| source.enumerate().rev() => source.enumerate().rev();
    zip: |source| source.clone().zip(source.rev()) => source.clone().zip(source.rev());
    zip_with_longer: |source| source.zip(0..9999_u32) => source.zip(0..9999_u32);
    zip_with_shorter: |source| source.zip(0..9_u32) => source.zip(0..9_u32);
    rev_of_zip_with_shorter: |source| source.zip(0..9_u32).rev() => { let n = source.len().min(9); source.take(n).zip(0..9_u32).rev() };
    zip_with_a_slice: |source| source.zip(&PLAIN) => source.zip(&PLAIN);
    zip_eq: |source| source.clone().zip_eq(source.rev()) => source.clone().zip(source.rev());
    tuple_of_one: |source| (source,).into_par_iter() => source.map(|x| (x,));
    tuple_of_two: |source| (source, 0..50_u8).into_par_iter() => source.zip(0..50_u8);
    tuple_of_four: |source| (source.clone(), &PLAIN, 0..9999_u16, source.rev()).into_par_iter()
        => source.clone().zip(&PLAIN).zip(0..9999_u16).zip(source.rev()).map(|(((a, b), c), d)| (a, b, c, d));
    chain: |source| source.clone().chain(source) => source.clone().chain(source);
    chain_of_nothing_and_all: |source| source.clone().take(0).chain(source) => source;
    chain_of_all_and_nothing: |source| source.clone().chain(source.take(0)) => source;
    chain_of_three: |source| source.clone().chain(source.clone().take(2)).chain(source.rev())
        => source.clone().chain(source.clone().take(2)).chain(source.rev());
    chain_of_once: |source| source.map(plus(0)).chain(once(7)).chain(empty()) => source.map(plus(0)).chain([7]);
    interleave: |source| source.clone().interleave(source.rev()) => interleaved(source.clone(), source.rev());
    interleave_with_longer: |source| source.map(plus(0)).interleave((0..1200).into_par_iter().map(|x| x as u64))
        => interleaved(source.map(plus(0)), 0..1200);
    interleave_with_shorter: |source| source.clone().interleave(source.take(2)) => interleaved(source.clone(), source.take(2));
    interleave_shortest: |source| source.clone().interleave_shortest(source.rev()) => interleaved_shortest(source.clone(), source.rev());
    interleave_shortest_with_longer: |source| source.clone().skip(3).interleave_shortest(source)
        => interleaved_shortest(source.clone().skip(3), source);
    interleave_shortest_with_shorter: |source| source.clone().interleave_shortest(source.skip(3))
        => interleaved_shortest(source.clone(), source.skip(3));
    intersperse: |source| source.map(plus(0)).intersperse(99) => separated(source.map(plus(0)), 99);
    intersperse_twice: |source| source.map(plus(0)).intersperse(99).intersperse(98) => separated(separated(source.map(plus(0)), 99), 98);
    chunks: |source| source.chunks(3) => chunked(source, 3);
    chunks_of_one: |source| source.chunks(1) => chunked(source, 1);
    chunks_longer_than_all: |source| source.chunks(usize::MAX) => chunked(source, usize::MAX);
    chunks_of_rev: |source| source.rev().chunks(7) => chunked(source.rev(), 7);
    fold_chunks: |source| source.fold_chunks(3, || 1, total) => chunked(source, 3).map(|chunk| chunk.into_iter().fold(1, total));
    fold_chunks_with: |source| source.fold_chunks_with(4, 1, total) => chunked(source, 4).map(|chunk| chunk.into_iter().fold(1, total));
    skip_none: |source| source.skip(0) => source;
    skip_two: |source| source.skip(2) => source.skip(2);
    skip_more_than_all: |source| source.skip(usize::MAX) => source.skip(usize::MAX);
    take_none: |source| source.map(|x| { x.operate(); x }).take(0) => source.take(0);
    take_two: |source| source.take(2) => source.take(2);
    take_more_than_all: |source| source.take(usize::MAX) => source.take(usize::MAX);
    skip_then_take: |source| source.skip(5).take(60) => source.skip(5).take(60);
    take_then_skip: |source| source.take(60).skip(5) => source.take(60).skip(5);
    step_by_one: |source| source.step_by(1) => source.step_by(1);
    step_by_two: |source| source.step_by(2) => source.step_by(2);
    step_by_seven: |source| source.step_by(7) => source.step_by(7);
    step_by_more_than_the_length: |source| source.step_by(usize::MAX) => source.step_by(usize::MAX);
    rev_of_step_by: |source| source.step_by(3).rev() => source.step_by(3).rev();
    step_by_of_rev: |source| source.rev().step_by(3) => source.rev().step_by(3);
    step_by_of_step_by: |source| source.step_by(3).step_by(2) => source.step_by(6);
    step_by_of_chain: |source| source.clone().chain(source).step_by(4) => source.clone().chain(source).step_by(4);
    with_min_len: |source| source.with_min_len(10) => source;
    with_max_len: |source| source.with_max_len(3) => source;
    with_min_len_of_nothing: |source| source.with_min_len(0) => source;
    with_max_len_of_nothing: |source| source.with_max_len(0) => source;
    left_of_either: |source| Either::<_, Empty<Counted>>::Left(source).with_min_len(1) => source;
    right_of_either: |source| Either::<Empty<Counted>, _>::Right(source).with_max_len(9) => source;
    six_deep: |source| source.rev().enumerate().skip(3).step_by(2).zip(0..999_u32).map(|((at, x), y)| at as u64 + x.value * u64::from(y))
        => source.rev().enumerate().skip(3).step_by(2).zip(0..999_u32).map(|((at, x), y)| at as u64 + x.value * u64::from(y));
}

// ---- without ----

macro_rules! unindexed {
    ($($name:ident: |$source:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            #[expect(unused_must_use, reason = "that is the test: it must be used")]
            let _unused = |$source: Untouchable| { $ours; };
            check_unindexed_row(
                |$source: Source| $ours,
                |$source| $ours,
                |$source: Untouchable| $ours,
                |got, all| {
                    let $source = all.into_iter();
                    assert_eq!(got, $theirs.collect::<Vec<_>>());
                },
            );
        }
    )*};
}

fn is_third(x: &Counted) -> bool {
    x.operate();
    x.value.is_multiple_of(3)
}

fn is_large(x: &Counted) -> bool {
    x.operate();
    x.value > 9
}

fn keep(mut kept: Vec<Counted>, x: Counted) -> Vec<Counted> {
    x.operate();
    kept.push(x);
    kept
}

unindexed! {
    filter: |source| source.filter(is_third) => source.filter(is_third);
    filter_none_out: |source| source.filter(|_| true) => source;
    filter_all_out: |source| source.filter(|x| x.value > 64) => source.take(0);
    filter_map: |source| source.filter_map(|x| is_third(&x).then_some(x)) => source.filter(is_third);
    flat_map: |source| source.flat_map(|x| vec![x.clone(), x]) => source.flat_map(|x| vec![x.clone(), x]);
    flat_map_to_ranges: |source| source.flat_map(|x| 0..x.value % 4) => source.flat_map(|x| 0..x.value % 4);
    flat_map_to_nothing: |source| source.flat_map(|_| empty::<u64>()) => source.take(0).map(|x| x.value);
    flatten: |source| source.map(|x| Some(x).filter(is_third)).flatten() => source.filter(is_third);
    flatten_of_chunks: |source| source.chunks(3).flatten() => source;
    flat_map_iter: |source| source.flat_map_iter(|x| [x.clone(), x]) => source.flat_map(|x| [x.clone(), x]);
    flat_map_iter_to_ranges: |source| source.flat_map_iter(|x| 0..x.value % 4) => source.flat_map(|x| 0..x.value % 4);
    flat_map_iter_to_nothing: |source| source.flat_map_iter(|_| None::<u64>) => source.take(0).map(|x| x.value);
    flatten_iter: |source| source.chunks(3).flatten_iter() => source;
    positions: |source| source.positions(|x| is_third(&x)) => source.enumerate().filter(|(_, x)| is_third(x)).map(|(at, _)| at);
    by_exponential_blocks: |source| source.by_exponential_blocks() => source;
    by_uniform_blocks: |source| source.by_uniform_blocks(7) => source;
    by_uniform_blocks_of_one: |source| source.by_uniform_blocks(1) => source;
    by_one_uniform_block: |source| source.by_uniform_blocks(usize::MAX) => source;
    while_some_of_all: |source| source.map(Some).while_some() => source;
    take_any_of_all: |source| source.take_any(usize::MAX) => source;
    skip_any_of_none: |source| source.skip_any(0) => source;
    take_any_while_all_please: |source| source.take_any_while(|x| x.value < 64) => source;
    skip_any_while_none_pleases: |source| source.skip_any_while(|x| x.value > 64) => source;
    fold: |source| source.fold(Vec::new, keep).flatten_iter() => source;
    fold_with: |source| source.fold_with(Vec::new(), keep).flatten_iter() => source;
    try_fold: |source| source.try_fold(Vec::new, |kept, x| Some(keep(kept, x))).flatten_iter().flatten_iter() => source;
    try_fold_with: |source| source.try_fold_with(Vec::new(), |kept, x| Some(keep(kept, x))).flatten_iter().flatten_iter() => source;
    fold_after_filter: |source| source.filter(is_large).fold(Vec::new, keep).flatten_iter() => source.filter(is_large);
    panic_fuse_after_filter: |source| source.filter(is_large).panic_fuse() => source.filter(is_large);
    map_after_filter: |source| source.filter(is_large).map(plus(1)) => source.filter(is_large).map(plus(1));
    inspect_after_filter: |source| source.filter(is_large).inspect(|x| assert!(x.value > 9)) => source.filter(is_large);
    update_after_filter: |source| source.filter(is_large).update(|x| x.value += 1) => source.filter(is_large).map(|mut x| { x.value += 1; x });
    map_with_after_filter: |source| source.filter(is_large).map_with(1, |state, x| x.value + *state) => source.filter(is_large).map(plus(1));
    map_init_after_filter: |source| source.filter(is_large).map_init(|| 1, |state, x| x.value + *state) => source.filter(is_large).map(plus(1));
    copied_after_filter: |source| source.filter(is_large).map(|x| plain(&x)).copied() => source.filter(is_large).map(|_| 7);
    cloned_after_filter: |source| source.filter(is_large).map(|x| plain(&x)).cloned() => source.filter(is_large).map(|_| 7);
    chain_after_filter: |source| source.filter(is_large).map(plus(0)).chain(vec![1, 2]) => source.filter(is_large).map(plus(0)).chain([1, 2]);
    chain_before_filter: |source| vec![1, 2].into_par_iter().chain(source.filter(is_large).map(plus(0))) => [1, 2].into_iter().chain(source.filter(is_large).map(plus(0)));
    intersperse_after_filter: |source| source.filter(is_large).map(plus(0)).intersperse(99) => separated(source.filter(is_large).map(plus(0)), 99);
    intersperse_after_flat_map: |source| source.flat_map(|x| 0..x.value % 3).intersperse(99) => separated(source.flat_map(|x| 0..x.value % 3), 99);
    either_after_filter: |source| Either::<_, Empty<Counted>>::Left(source.filter(is_large)).inspect(Counted::operate) => source.filter(is_large);
}

/// For adapters that leave a choice: what comes is some of the values, in order, and the right of the row says more about it.
macro_rules! some_of {
    ($($name:ident: |$source:ident| $ours:expr, |$got:ident, $all:ident| $check:expr;)*) => {$(
        #[test]
        fn $name() {
            #[expect(unused_must_use, reason = "that is the test: it must be used")]
            let _unused = |$source: Untouchable| { $ours; };
            check_unindexed_row(
                |$source: Source| $ours,
                |$source| $ours,
                |$source: Untouchable| $ours,
                |$got: &[Counted], $all| {
                    let mut rest = $all.iter();
                    assert!($got.iter().all(|x| rest.any(|y| y == x)), "{:?} of {:?}", $got, $all);
                    assert!($check, "{:?} of {:?}", $got, $all);
                },
            );
        }
    )*};
}

some_of! {
    take_any: |source| source.take_any(5), |got, all| got.len() == all.len().min(5);
    take_any_of_none: |source| source.take_any(0), |got, all| got.is_empty() || all.is_empty();
    skip_any: |source| source.skip_any(5), |got, all| got.len() == all.len().saturating_sub(5);
    skip_any_of_all: |source| source.skip_any(usize::MAX), |got, all| got.is_empty() || all.is_empty();
    take_any_while: |source| source.take_any_while(is_large), |got, all| got.iter().all(is_large) && (got.len() == all.len() || !all.iter().all(is_large));
    skip_any_while: |source| source.skip_any_while(is_large),
        |got, all| got.iter().filter(|x| !is_large(x)).count() == all.iter().filter(|x| !is_large(x)).count();
    while_some: |source| source.map(|x| Some(x).filter(is_large)).while_some(),
        |got, all| got.iter().all(is_large) && (got.len() == all.len() || !all.iter().all(is_large));
}

/// On one thread time goes from left to right, so that there is no choice.
#[test]
fn no_choice_on_one_thread() {
    let numbers = numbers(100);
    crate::common::pool(1).install(|| {
        let (ours, theirs) = (|| numbers.par_iter().copied(), || numbers.iter().copied());
        let list = |iter: &dyn Fn() -> Vec<u64>| iter();
        assert_eq!(
            list(&|| ours().take_any(5).collect()),
            list(&|| theirs().take(5).collect())
        );
        assert_eq!(
            list(&|| ours().skip_any(5).collect()),
            list(&|| theirs().skip(5).collect())
        );
        assert_eq!(
            list(&|| ours().take_any_while(|x| *x != 40).collect()),
            list(&|| theirs().take_while(|x| *x != 40).collect())
        );
        assert_eq!(
            list(&|| ours().skip_any_while(|x| *x != 40).collect()),
            list(&|| theirs().skip_while(|x| *x != 40).collect())
        );
        assert_eq!(
            list(&|| ours()
                .map(|x| (x != 40).then_some(x))
                .while_some()
                .collect()),
            list(&|| theirs().map_while(|x| (x != 40).then_some(x)).collect())
        );
    });
}

/// Behind a filter nobody knows whether a piece has neighbours: every way to fill up to ten places is tried.
#[test]
fn intersperse_whatever_a_filter_leaves() {
    with_pools(|pool, _| {
        let len = sized(10, 4);
        for kept in 0..1_u32 << len {
            let is_kept = |at: &usize| kept >> at & 1 == 1;
            let want: Vec<usize> = separated((0..len).filter(is_kept), 77).collect();
            let ours = || {
                (0..len)
                    .into_par_iter()
                    .with_max_len(1)
                    .filter(is_kept)
                    .intersperse(77)
            };
            pool.install(|| {
                assert_eq!(ours().collect::<Vec<_>>(), want);
                assert_eq!(ours().sum::<usize>(), want.iter().sum());
                assert_eq!(
                    ours().find_first(|x| *x > 5),
                    want.iter().copied().find(|x| *x > 5)
                );
                assert_eq!(
                    ours().find_last(|x| *x < 70),
                    want.iter().copied().rfind(|x| *x < 70)
                );
            });
        }
    });
}

/// Whoever searches asks for no places: there may be more items and separators than `usize` can count.
#[test]
fn intersperse_more_than_can_be_counted() {
    with_pools(|pool, _| {
        let found = pool.install(|| {
            (0..usize::MAX - 3)
                .into_par_iter()
                .chain(0..3)
                .intersperse(0)
                .find_any(|&n| n == 3)
        });
        assert_eq!(found, Some(3));
    });
}
