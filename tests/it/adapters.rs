//! One row for each adapter: the parallel chain on the left, its twin from std on the right, on the same numbers.

use lyocell::prelude::*;

use crate::boxed::Boxed;
use crate::common::{Note, inside, numbers, with_pools};
use crate::twin::{LENGTHS, check_indexed, check_splits, check_unindexed};

macro_rules! indexed {
    ($($name:ident: |$data:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            for len in LENGTHS {
                let numbers = numbers(len);
                let $data: &[u64] = &numbers;
                let want: Vec<_> = $theirs.collect();
                check_splits(|| $ours, &want);
            }
            with_pools(|pool, _| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let numbers = numbers(len);
                    let $data: &[u64] = &numbers;
                    let want: Vec<_> = $theirs.collect();
                    inside(pool, &|| check_indexed(|| $ours, &want));
                }
            });
        }
    )*};
}

indexed! {
    map: |data| data.par_iter().map(|x| x * 3) => data.iter().map(|x| x * 3);
    map_to_another_type: |data| data.par_iter().map(u64::to_string) => data.iter().map(u64::to_string);
    map_init: |data| data.par_iter().map_init(|| 5, |state, x| *state + x) => data.iter().map(|x| 5 + x);
    map_with: |data| data.par_iter().map_with(5, |state, x| *state + x) => data.iter().map(|x| 5 + x);
    cloned: |data| data.par_iter().cloned() => data.iter().cloned();
    copied: |data| data.par_iter().copied() => data.iter().copied();
    inspect: |data| data.par_iter().inspect(|x| assert!(**x < 64)) => data.iter();
    enumerate: |data| data.par_iter().enumerate() => data.iter().enumerate();
    rev: |data| data.par_iter().rev() => data.iter().rev();
    enumerate_of_rev: |data| data.par_iter().rev().enumerate() => data.iter().rev().enumerate();
    rev_of_enumerate: |data| data.par_iter().enumerate().rev() => data.iter().enumerate().rev();
    zip: |data| data.par_iter().zip(data.par_iter().rev()) => data.iter().zip(data.iter().rev());
    zip_with_longer: |data| data.par_iter().zip(0..data.len() + 9) => data.iter().zip(0..data.len() + 9);
    zip_with_shorter: |data| data.par_iter().zip(0..data.len() / 2) => data.iter().zip(0..data.len() / 2);
    rev_of_zip_with_shorter: |data| data.par_iter().zip(0..data.len() / 2).rev()
        => data.iter().take(data.len() / 2).zip(0..data.len() / 2).rev();
    zip_with_a_reference: |data| data.par_iter().zip(data) => data.iter().zip(data);
    chain: |data| data.par_iter().chain(data) => data.iter().chain(data);
    chain_of_nothing_and_all: |data| data[..0].par_iter().chain(data) => data.iter();
    chain_of_all_and_nothing: |data| data.par_iter().chain(&data[..0]) => data.iter();
    chain_of_three: |data| data.par_iter().copied().chain(vec![1, 2]).chain(data.par_iter().copied().rev())
        => data.iter().copied().chain(vec![1, 2]).chain(data.iter().copied().rev());
    skip_none: |data| data.par_iter().skip(0) => data.iter();
    skip_two: |data| data.par_iter().skip(2) => data.iter().skip(2);
    skip_all: |data| data.par_iter().skip(data.len()) => data.iter().skip(data.len());
    skip_more_than_all: |data| data.par_iter().skip(usize::MAX) => data.iter().skip(usize::MAX);
    take_none: |data| data.par_iter().take(0) => data.iter().take(0);
    take_two: |data| data.par_iter().take(2) => data.iter().take(2);
    take_all: |data| data.par_iter().take(data.len()) => data.iter().take(data.len());
    take_more_than_all: |data| data.par_iter().take(usize::MAX) => data.iter().take(usize::MAX);
    skip_then_take: |data| data.par_iter().skip(5).take(60) => data.iter().skip(5).take(60);
    take_then_skip: |data| data.par_iter().take(60).skip(5) => data.iter().take(60).skip(5);
    step_by_one: |data| data.par_iter().step_by(1) => data.iter().step_by(1);
    step_by_two: |data| data.par_iter().step_by(2) => data.iter().step_by(2);
    step_by_seven: |data| data.par_iter().step_by(7) => data.iter().step_by(7);
    step_by_the_length: |data| data.par_iter().step_by(data.len().max(1)) => data.iter().step_by(data.len().max(1));
    step_by_more_than_the_length: |data| data.par_iter().step_by(usize::MAX) => data.iter().step_by(usize::MAX);
    rev_of_step_by: |data| data.par_iter().step_by(3).rev() => data.iter().step_by(3).rev();
    step_by_of_rev: |data| data.par_iter().rev().step_by(3) => data.iter().rev().step_by(3);
    step_by_of_step_by: |data| data.par_iter().step_by(3).step_by(2) => data.iter().step_by(6);
    step_by_of_chain: |data| data.par_iter().chain(data).step_by(4) => data.iter().chain(data).step_by(4);
    with_min_len: |data| data.par_iter().with_min_len(10) => data.iter();
    with_max_len: |data| data.par_iter().with_max_len(3) => data.iter();
    with_min_len_of_nothing: |data| data.par_iter().with_min_len(0) => data.iter();
    with_max_len_of_nothing: |data| data.par_iter().with_max_len(0) => data.iter();
    six_deep: |data| data.par_iter().rev().enumerate().skip(3).step_by(2).zip(data).map(|((at, x), y)| at as u64 + x * y)
        => data.iter().rev().enumerate().skip(3).step_by(2).zip(data).map(|((at, x), y)| at as u64 + x * y);
}

/// For adapters that lose the index. The source comes as a slice, in tiny pieces, in pieces of ten, backwards, and already
/// without an index.
macro_rules! unindexed {
    ($($name:ident: |$source:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|pool, _| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let numbers = numbers(len);
                    let backwards: Vec<u64> = numbers.iter().rev().copied().collect();
                    let want: Vec<_> = { let $source = numbers.iter(); $theirs.collect() };
                    let want_back: Vec<_> = { let $source = backwards.iter(); $theirs.collect() };
                    inside(pool, &|| {
                        check_unindexed(|| { let $source = numbers.par_iter(); $ours }, &want);
                        check_unindexed(|| { let $source = numbers.par_iter().filter(|_| true); $ours }, &want);
                        for layout in 0..3 {
                            let boxed = || match layout {
                                0 => Boxed::new(numbers.par_iter().with_max_len(1)),
                                1 => Boxed::new(numbers.par_iter().with_min_len(10)),
                                _ => Boxed::new(numbers.par_iter().rev()),
                            };
                            let want = if layout < 2 { &want } else { &want_back };
                            check_unindexed(|| { let $source = boxed(); $ours }, want);
                        }
                    });
                }
            });
        }
    )*};
}

unindexed! {
    filter: |source| source.filter(|x| **x % 3 == 0) => source.filter(|x| **x % 3 == 0);
    filter_all_out: |source| source.filter(|_| false) => source.filter(|_| false);
    filter_map: |source| source.filter_map(|x| (x % 3 == 0).then_some(x + 1)) => source.filter_map(|x| (x % 3 == 0).then_some(x + 1));
    flat_map_iter: |source| source.flat_map_iter(|x| 0..x % 4) => source.flat_map(|x| 0..x % 4);
    flat_map_iter_of_nothing: |source| source.flat_map_iter(|_| None::<u64>) => source.flat_map(|_| None::<u64>);
    flat_map_iter_of_vecs: |source| source.flat_map_iter(|x| vec![*x; 2]) => source.flat_map(|x| vec![*x; 2]);
    filter_then_map: |source| source.filter(|x| **x > 9).map(|x| x * 2).inspect(|x| assert!(*x > 18))
        => source.filter(|x| **x > 9).map(|x| x * 2);
    map_with_after_filter: |source| source.filter(|x| **x > 9).map_with(1, |state, x| x + *state) => source.filter(|x| **x > 9).map(|x| x + 1);
    map_init_after_filter: |source| source.filter(|x| **x > 9).map_init(|| 1, |state, x| x + *state) => source.filter(|x| **x > 9).map(|x| x + 1);
    copied_after_filter: |source| source.filter(|x| **x > 9).copied() => source.filter(|x| **x > 9).copied();
    cloned_after_filter: |source| source.filter(|x| **x > 9).cloned() => source.filter(|x| **x > 9).cloned();
    chain_after_filter: |source| source.filter(|x| **x > 9).copied().chain([1, 2].into_iter().collect::<Vec<u64>>())
        => source.filter(|x| **x > 9).copied().chain([1, 2]);
}

/// The pieces of a fold differ from run to run, but not what they are made of, nor their order.
#[test]
fn fold_keeps_all_in_order() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let push = |mut kept: Vec<u64>, x: &u64| {
                kept.push(*x);
                kept
            };
            pool.install(|| {
                for max in [1, 3, usize::MAX] {
                    let pieces: Vec<Vec<u64>> = numbers
                        .par_iter()
                        .with_max_len(max)
                        .fold(Vec::new, push)
                        .collect();
                    assert!(pieces.iter().all(|piece| piece.len() <= max));
                    assert_eq!(pieces.concat(), numbers);
                    let sum: u64 = numbers
                        .par_iter()
                        .with_max_len(max)
                        .fold(|| 0, |sum, x| sum + x)
                        .sum();
                    assert_eq!(sum, numbers.iter().sum());
                }
                let pieces: Vec<Vec<u64>> = numbers
                    .par_iter()
                    .filter(|x| **x > 5)
                    .fold(Vec::new, push)
                    .collect();
                assert_eq!(
                    pieces.concat(),
                    numbers
                        .iter()
                        .copied()
                        .filter(|x| *x > 5)
                        .collect::<Vec<_>>()
                );
            });
        }
    });
}

/// A state serves one piece of the items, one after the other: it is never shared, and never made anew within a piece that
/// may not be split.
#[test]
fn states_serve_one_piece_each() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            pool.install(|| {
                let run = |min| {
                    let firsts: Vec<usize> = (0..len)
                        .into_par_iter()
                        .with_min_len(min)
                        .map_init(Vec::new, |seen, at| {
                            assert!(seen.last().is_none_or(|last| last + 1 == at));
                            seen.push(at);
                            seen[0]
                        })
                        .collect();
                    let mut pieces = firsts.clone();
                    pieces.dedup();
                    assert!(firsts.iter().enumerate().all(|(at, first)| *first <= at));
                    pieces.len()
                };
                assert!(run(1) <= len);
                assert_eq!(run(len.max(1)), len.min(1));
            });
        }
    });
}

/// With a minimum there are no more pieces than it allows, with a maximum no fewer.
#[test]
fn min_and_max_len_bound_the_pieces() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            for bound in [1, 2, 7, 50, 1000, 5000] {
                pool.install(|| {
                    let pieces = |sizes: Vec<usize>| {
                        assert_eq!(sizes.iter().sum::<usize>(), len);
                        sizes
                    };
                    let sizes = pieces(
                        numbers
                            .par_iter()
                            .with_min_len(bound)
                            .fold(|| 0, |n, _| n + 1)
                            .collect(),
                    );
                    assert!(
                        sizes.len() == 1 || sizes.iter().all(|size| *size >= bound),
                        "{sizes:?} under {bound}"
                    );
                    let sizes = pieces(
                        numbers
                            .par_iter()
                            .with_max_len(bound)
                            .fold(|| 0, |n, _| n + 1)
                            .collect(),
                    );
                    assert!(
                        sizes.iter().all(|size| *size <= bound),
                        "{sizes:?} over {bound}"
                    );
                });
            }
        }
    });
}

/// Every item passes an `inspect` once, and in each piece in order.
#[test]
fn inspect_sees_each_item_once() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    with_pools(|pool, _| {
        for len in LENGTHS {
            let seen: Vec<AtomicUsize> = (0..len).map(|_| AtomicUsize::new(0)).collect();
            let see = |at: &usize| _ = seen[*at].fetch_add(1, Ordering::Relaxed);
            pool.install(|| {
                (0..len)
                    .into_par_iter()
                    .inspect(see)
                    .filter(|at| at % 2 == 0)
                    .for_each(drop)
            });
            assert!(seen.iter().all(|times| times.load(Ordering::Relaxed) == 1));
        }
    });
}
