//! One iterator into two collections: order, lengths, panics and drops.

use crate::ledger::{Item, Ledger, assert_panics_at, panic_as_planned, with_pools};
use lyocell::iter::Either;
use lyocell::prelude::*;
use std::collections::{BTreeSet, HashMap, LinkedList, VecDeque};

#[test]
fn halves_keep_their_order() {
    with_pools(|| {
        for len in [0usize, 1, 2, 9, 1001] {
            let pairs = || {
                (0..len)
                    .into_par_iter()
                    .with_max_len(3)
                    .map(|x| (x, -(x as isize)))
            };
            let (left, right): (Vec<_>, Vec<_>) = pairs().unzip();
            assert!(left.iter().copied().eq(0..len));
            assert!(right.iter().copied().eq((0..len).map(|x| -(x as isize))));
            assert_eq!(
                (left.capacity(), right.capacity()),
                (len, len),
                "written in place"
            );
            let (odd, negative): (VecDeque<_>, LinkedList<_>) =
                pairs().filter(|(x, _)| x % 2 == 1).unzip();
            assert!(odd.into_iter().eq((1..len).step_by(2)));
            assert!(
                negative
                    .into_iter()
                    .eq((1..len).step_by(2).map(|x| -(x as isize)))
            );
            let (left, (middle, right)): (Vec<_>, (Vec<_>, BTreeSet<_>)) = (0..len)
                .into_par_iter()
                .map(|x| (x, (x + 1, x + 2)))
                .unzip();
            assert!(left.into_iter().eq(0..len));
            assert!(middle.into_iter().eq(1..=len));
            assert!(right.into_iter().eq(2..len + 2));
        }
    });
}

#[test]
fn parts_keep_their_order() {
    with_pools(|| {
        for len in [0u32, 1, 2, 9, 1001] {
            let (third, other): (Vec<_>, LinkedList<_>) = (0..len)
                .into_par_iter()
                .with_max_len(3)
                .partition(|x| x % 3 == 0);
            assert!(third.into_iter().eq((0..len).step_by(3)));
            assert!(other.into_iter().eq((0..len).filter(|x| x % 3 != 0)));
            let (small, large): (Vec<_>, HashMap<_, _>) =
                (0..len).into_par_iter().partition_map(|x| {
                    if x < 5 {
                        Either::Left(x)
                    } else {
                        Either::Right((x, 'x'))
                    }
                });
            assert!(small.into_iter().eq(0..len.min(5)));
            assert_eq!(large.len(), len.saturating_sub(5) as usize);
            assert!(large.into_keys().all(|x| (5..len).contains(&x)));
        }
    });
}

/// Behind a filter the items go to both sides by a loop of their own.
#[test]
fn parts_of_what_a_filter_lets_through() {
    with_pools(|| {
        for len in [0u32, 1, 2, 9, 1001] {
            for every in [1, 2, 7, 2000] {
                let is_liked = |x: &u32| x % every == every - 1;
                let is_low = |x: &u32| x % 16 < 8;
                let expected: (Vec<_>, Vec<_>) = (0..len).filter(is_liked).partition(is_low);
                let liked = || (0..len).into_par_iter().filter(is_liked);
                let found: (Vec<_>, Vec<_>) = liked().partition(is_low);
                assert_eq!(found, expected);
                let (low, high): (Vec<_>, Vec<_>) = liked().partition_map(|x| {
                    if is_low(&x) {
                        Either::Left(x)
                    } else {
                        Either::Right(x.to_string())
                    }
                });
                assert_eq!(low, expected.0);
                assert!(high.into_iter().eq(expected.1.iter().map(u32::to_string)));
            }
        }
    });
}

/// From an iterator that nobody can cut they come in no order, but each to its side, and both halves of a pair to the same place.
#[test]
fn bridged_items_go_to_their_sides() {
    with_pools(|| {
        for len in [0usize, 1, 9, 1001] {
            let (left, right): (Vec<_>, Vec<_>) = (0..len).par_bridge().map(|x| (x, x + 1)).unzip();
            assert!(right.into_iter().eq(left.iter().map(|x| x + 1)));
            assert!(BTreeSet::from_iter(left).into_iter().eq(0..len));
            let (even, odd): (BTreeSet<_>, BTreeSet<_>) =
                (0..len).par_bridge().partition(|x| x % 2 == 0);
            assert!(even.into_iter().eq((0..len).step_by(2)));
            assert!(odd.into_iter().eq((1..len).step_by(2)));
        }
    });
}

#[test]
fn pairs_and_alternatives_extend_pairs_of_collections() {
    with_pools(|| {
        let mut both = (vec![0], BTreeSet::from(['z']));
        both.par_extend([(1, 'a'), (2, 'b')]);
        both.par_extend([Either::Left(3), Either::Right('c'), Either::Left(4)]);
        assert_eq!(
            both,
            (vec![0, 1, 2, 3, 4], BTreeSet::from(['a', 'b', 'c', 'z']))
        );
        let either: (Box<[u8]>, String) = [Either::Left(3), Either::Right('c'), Either::Left(4)]
            .into_par_iter()
            .collect();
        assert_eq!(either, (Box::from([3, 4]), "c".to_string()));
    });
}

#[test]
fn unzip_into_vecs_replaces_and_reuses() {
    with_pools(|| {
        for len in [0, 1, 2, 9] {
            let (old, left, right) = (Ledger::new(20), Ledger::new(len), Ledger::new(len));
            let mut old_items = old.items();
            let (mut a, mut b) = (old_items.split_off(10), old_items);
            let places = (a.as_ptr(), b.as_ptr());
            (0..len)
                .into_par_iter()
                .map(|id| (left.item(id), right.item(id)))
                .unzip_into_vecs(&mut a, &mut b);
            old.assert_settled();
            assert_eq!((a.as_ptr(), b.as_ptr()), places);
            assert!(a.iter().map(|item| item.id).eq(0..len));
            assert!(b.iter().map(|item| item.id).eq(0..len));
            drop((a, b));
            left.assert_settled();
            right.assert_settled();
        }
    });
}

/// What is done with the pairs.
type Unzip = fn(&Ledger, &Ledger, &(dyn Fn(usize) + Sync), usize);

fn both<'l>(
    left: &'l Ledger,
    right: &'l Ledger,
    check: &(dyn Fn(usize) + Sync),
    len: usize,
) -> impl IndexedParallelIterator<Item = (Item<'l>, Item<'l>)> {
    (0..len).into_par_iter().with_max_len(2).map(move |id| {
        let left = left.item(id);
        check(id);
        (left, right.item(id))
    })
}

#[test]
fn a_panic_drops_both_halves_once() {
    let ways: [Unzip; 5] = [
        |a, b, check, len| drop(both(a, b, check, len).unzip::<_, _, Vec<_>, Vec<_>>()),
        |a, b, check, len| {
            drop(
                both(a, b, check, len)
                    .filter(|_| true)
                    .unzip::<_, _, Vec<_>, Vec<_>>(),
            )
        },
        |a, b, check, len| drop(both(a, b, check, len).collect::<(Box<[_]>, LinkedList<_>)>()),
        |a, b, check, len| {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            both(a, b, check, len).unzip_into_vecs(&mut left, &mut right);
        },
        |a, b, check, len| {
            let each = both(a, b, check, len).flat_map_iter(|(a, b)| [a, b]);
            drop(each.partition::<Vec<_>, VecDeque<_>, _>(|item| item.id % 2 == 0));
        },
    ];
    with_pools(|| {
        for way in ways {
            for len in [1, 2, 5, 8] {
                for at in 0..len {
                    let (left, right) = (Ledger::new(len), Ledger::new(len));
                    let check = |id| {
                        if id == at {
                            panic_as_planned(at);
                        }
                    };
                    assert_panics_at(at, || way(&left, &right, &check, len));
                    left.assert_settled();
                    right.assert_settled();
                }
            }
        }
    });
}
