//! What the pieces of a loop may and may not be: how long, what state they have, what passes through them.

use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::prelude::*;

use crate::common::{numbers, with_pools};
use crate::twin::LENGTHS;

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
