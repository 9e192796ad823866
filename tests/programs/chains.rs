//! A source, some adapters and an end, beside vectors of numbers that go the same way. The items are counted, and one operation on them
//! may panic.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lyocell::iter::Either;
use lyocell::prelude::*;

use super::Program;
use crate::boxed::Boxed;
use crate::common::caught;
use crate::counted::{Counted, Ledger};

type Items<'a> = Boxed<'a, Counted>;

/// No item is ever above this, so that sums of many stay far from the end of the numbers.
const HIGHEST: u64 = 0xFFFF;

fn mix(x: u64, with: u64) -> u64 {
    (x ^ with).wrapping_mul(31).wrapping_add(with) & HIGHEST
}

fn sum_of(chunk: &[u64]) -> u64 {
    chunk.iter().sum::<u64>() & HIGHEST
}

pub(super) fn run(mut program: Program<'_>) {
    let fuse = program.fuse();
    let ledger = Ledger::with_fuse(fuse);
    let pool = program.pool();
    let mut kept = Vec::new();
    let mut deque = VecDeque::new();
    let result = caught(|| pool.install(|| chain(program, &ledger, &mut kept, &mut deque)));
    // What a drain leaves stands at both ends; a panic may cost all of the middle, and nothing else.
    assert!(kept.iter().chain(&deque).all(|item| item.value <= HIGHEST));
    drop((kept, deque));
    ledger.settle();
    if let Err(tag) = result {
        assert_eq!(tag, fuse as u64);
    }
    // The pool is as good as before.
    assert_eq!(pool.install(|| lyocell::join(|| 1, || 2)), (1, 2));
}

fn chain(
    mut program: Program<'_>,
    ledger: &Arc<Ledger>,
    kept: &mut Vec<Counted>,
    deque: &mut VecDeque<Counted>,
) {
    let len = program.below(600);
    let mut model: Vec<u64> = (0..len as u64).map(|x| mix(x, 7)).collect();
    let values: Vec<Counted> = model.iter().map(|&x| ledger.value(x)).collect();
    let mut items: Items<'_> = match program.below(5) {
        0 => Boxed::new(values.into_par_iter()),
        1 => {
            // In two pieces.
            deque.extend(values);
            deque.rotate_left(len / 3);
            model.rotate_left(len / 3);
            Boxed::new(std::mem::take(deque).into_par_iter())
        }
        2 => {
            kept.extend(values);
            let start = program.below(len + 1);
            let end = start + program.below(len - start + 1);
            model = model[start..end].to_vec();
            Boxed::new(kept.par_drain(start..end))
        }
        3 => {
            deque.extend(values);
            deque.rotate_right(len / 4);
            model.rotate_right(len / 4);
            let start = program.below(len + 1);
            model = model[start..].to_vec();
            Boxed::new(deque.par_drain(start..))
        }
        _ => {
            kept.extend(values);
            Boxed::new(kept.par_iter().cloned())
        }
    };
    for _ in 0..program.below(8) {
        (items, model) = step(&mut program, ledger, items, model);
        assert_eq!(items.len(), model.len());
    }
    end(&mut program, ledger, items, model);
}

/// Puts one adapter on both.
fn step<'a>(
    program: &mut Program<'_>,
    ledger: &Arc<Ledger>,
    items: Items<'a>,
    model: Vec<u64>,
) -> (Items<'a>, Vec<u64>) {
    let kind = program.below(20);
    let n = program.below(60);
    let with = n as u64;
    let others = || (0..with).map(|x| ledger.value(x)).collect::<Vec<_>>();
    let book = Arc::clone(ledger);
    let mixed = move |mut item: Counted| {
        item.operate();
        item.value = mix(item.value, with);
        item
    };
    let all_mixed = |model: Vec<u64>| model.into_iter().map(|x| mix(x, with)).collect();
    match kind {
        0 => (Boxed::new(items.map(mixed)), all_mixed(model)),
        1 => (Boxed::new(items.rev()), model.into_iter().rev().collect()),
        2 => (
            Boxed::new(items.skip(n)),
            model.into_iter().skip(n).collect(),
        ),
        3 => (
            Boxed::new(items.take(n * 8)),
            model.into_iter().take(n * 8).collect(),
        ),
        4 => (
            Boxed::new(items.step_by(n + 1)),
            model.into_iter().step_by(n + 1).collect(),
        ),
        5 => {
            let numbered = |(at, mut item): (usize, Counted)| {
                item.value = mix(item.value, at as u64);
                item
            };
            let model = (0..).zip(model).map(|(at, x)| mix(x, at)).collect();
            (Boxed::new(items.enumerate().map(numbered)), model)
        }
        6 => {
            let sums = items.zip(others()).map(|(a, b)| small(a.plus(b)));
            let model = model.into_iter().zip(0..with);
            (
                Boxed::new(sums),
                model.map(|(a, b)| (a + b) & HIGHEST).collect(),
            )
        }
        7 => (
            Boxed::new(items.chain(others())),
            model.into_iter().chain(0..with).collect(),
        ),
        8 => (Boxed::new(items.with_min_len(n / 2).with_max_len(n)), model),
        9 => {
            let init = move || book.value(with);
            let mapped = items.map_init(init, |state, mut item| {
                state.operate();
                item.value = mix(item.value, state.value);
                item
            });
            (Boxed::new(mapped), all_mixed(model))
        }
        10 => {
            let mapped = items.map_with(ledger.value(with), |state, mut item| {
                state.operate();
                item.value = mix(item.value, state.value);
                item
            });
            (Boxed::new(mapped), all_mixed(model))
        }
        11 => (
            Boxed::new(items.interleave(others())),
            in_turns(&model, &(0..with).collect::<Vec<_>>()),
        ),
        12 => {
            let firsts = model.len().min(n + 1);
            let seconds = n.min(model.len());
            let seconds: Vec<u64> = (0..seconds as u64).collect();
            (
                Boxed::new(items.interleave_shortest(others())),
                in_turns(&model[..firsts], &seconds),
            )
        }
        13 => {
            let sum = move |chunk: Vec<Counted>| {
                book.operate();
                let values: Vec<u64> = chunk.iter().map(|item| item.value).collect();
                book.value(sum_of(&values))
            };
            let model = model.chunks(n + 1).map(sum_of).collect();
            (Boxed::new(items.chunks(n + 1).map(sum)), model)
        }
        14 => {
            let zero = move || book.value(0);
            let model = model.chunks(n + 1).map(sum_of).collect();
            (Boxed::new(items.fold_chunks(n + 1, zero, plus)), model)
        }
        15 => {
            let zero = ledger.value(0);
            let model = model.chunks(n + 1).map(sum_of).collect();
            (Boxed::new(items.fold_chunks_with(n + 1, zero, plus)), model)
        }
        16 if model.len() < 5000 => {
            let with_one_before = model.iter().flat_map(|&x| [with, x]);
            let between = with_one_before.skip(1).collect();
            (Boxed::new(items.intersperse(ledger.value(with))), between)
        }
        17 => {
            let updated = items.update(move |item| {
                item.operate();
                item.value = mix(item.value, with);
            });
            (Boxed::new(updated), all_mixed(model))
        }
        18 => (Boxed::new(items.panic_fuse()), model),
        _ => {
            let three = (items, others(), others()).into_par_iter();
            let sums = three.map(|(a, b, c)| small(a.plus(b).plus(c)));
            let model = model.into_iter().zip(0..with);
            (
                Boxed::new(sums),
                model.map(|(a, b)| (a + 2 * b) & HIGHEST).collect(),
            )
        }
    }
}

fn small(mut item: Counted) -> Counted {
    item.value &= HIGHEST;
    item
}

fn plus(a: Counted, b: Counted) -> Counted {
    small(a.plus(b))
}

/// One of each by turns, and what is left of the longer one.
fn in_turns(a: &[u64], b: &[u64]) -> Vec<u64> {
    let longest = a.len().max(b.len());
    (0..longest)
        .flat_map(|turn| [a.get(turn), b.get(turn)])
        .flatten()
        .copied()
        .collect()
}

#[track_caller]
fn assert_same<'i>(items: impl IntoIterator<Item = &'i Counted>, model: &[u64]) {
    assert!(
        items
            .into_iter()
            .map(|item| item.value)
            .eq(model.iter().copied())
    );
}

/// Drives the chain, one way or another, and compares.
fn end(program: &mut Program<'_>, ledger: &Arc<Ledger>, items: Items<'_>, model: Vec<u64>) {
    let kind = program.below(34);
    let k = 1 + program.below(9) as u64;
    let is = move |item: &Counted| {
        item.operate();
        item.value.is_multiple_of(k)
    };
    let theirs = || model.iter().copied();
    let fits = |x: &u64| x.is_multiple_of(k);
    let twice = |item: Counted| [item.clone(), item];
    let model_twice = || theirs().flat_map(|x| [x, x]).collect::<Vec<_>>();
    match kind {
        0 => assert_same(&items.collect::<Vec<_>>(), &model),
        1 => {
            let mut target = ledger.values(5);
            items.collect_into_vec(&mut target);
            assert_same(&target, &model);
        }
        2 => {
            let (a, b): (Vec<_>, VecDeque<_>) = items.map(|item| (item.clone(), item)).unzip();
            assert_same(&a, &model);
            assert_same(&b, &model);
        }
        3 => {
            let (mut a, mut b) = (ledger.values(2), Vec::new());
            items
                .map(|item| (item.clone(), item))
                .unzip_into_vecs(&mut a, &mut b);
            assert_same(&a, &model);
            assert_same(&b, &model);
        }
        4 => {
            let (yes, no): (Vec<_>, LinkedList<_>) = items.partition(is);
            assert_same(&yes, &theirs().filter(fits).collect::<Vec<_>>());
            assert_same(&no, &theirs().filter(|x| !fits(x)).collect::<Vec<_>>());
        }
        5 => {
            let (yes, no): (Vec<_>, Vec<_>) = items.partition_map(|item| {
                if is(&item) {
                    Either::Left(item)
                } else {
                    Either::Right(item)
                }
            });
            assert_same(&yes, &theirs().filter(fits).collect::<Vec<_>>());
            assert_same(&no, &theirs().filter(|x| !fits(x)).collect::<Vec<_>>());
        }
        6 => assert_same(
            &items.filter(is).collect::<Vec<_>>(),
            &theirs().filter(fits).collect::<Vec<_>>(),
        ),
        7 => assert_same(
            &items
                .filter_map(|item| is(&item).then_some(item))
                .collect::<Box<[_]>>(),
            &theirs().filter(fits).collect::<Vec<_>>(),
        ),
        8 => assert_same(
            &items.flat_map_iter(twice).collect::<Vec<_>>(),
            &model_twice(),
        ),
        9 => assert_same(&items.flat_map(twice).collect::<Vec<_>>(), &model_twice()),
        10 => assert_same(
            &items.chunks(k as usize).flatten().collect::<VecDeque<_>>(),
            &model,
        ),
        11 => {
            let push = |mut list: Vec<_>, item: Counted| {
                item.operate();
                list.push(item);
                list
            };
            let join = |mut a: Vec<_>, mut b: Vec<_>| {
                a.append(&mut b);
                a
            };
            assert_same(&items.fold(Vec::new, push).reduce(Vec::new, join), &model);
        }
        12 => {
            let sum = items.reduce(|| ledger.value(0), Counted::plus);
            assert_eq!(sum.value, theirs().sum());
        }
        13 => {
            let sum = items.reduce_with(Counted::plus).map(|sum| sum.value);
            assert_eq!(sum, theirs().reduce(|a, b| a + b));
        }
        14 => assert_eq!(
            items.find_first(is).map(|item| item.value),
            theirs().find(fits)
        ),
        15 => assert_eq!(
            items.find_last(is).map(|item| item.value),
            theirs().rfind(fits)
        ),
        16 => {
            let found = items.find_any(is).map(|item| item.value);
            assert_eq!(found.is_some(), theirs().any(|x| fits(&x)));
            assert!(found.is_none_or(|x| fits(&x)));
        }
        17 => assert_eq!(
            items.position_first(|item| is(&item)),
            theirs().position(|x| fits(&x))
        ),
        18 => {
            let positions: Vec<usize> = items.positions(|item| is(&item)).collect();
            let fitting = (0..model.len()).filter(|&at| fits(&model[at]));
            assert!(fitting.eq(positions));
        }
        19 => {
            let least = items.min_by(|a, b| {
                a.operate();
                a.value.cmp(&b.value)
            });
            assert_eq!(least.map(|item| item.value), theirs().min());
        }
        20 => {
            let most = items.max_by_key(|item| {
                item.operate();
                item.value
            });
            assert_eq!(most.map(|item| item.value), theirs().max());
        }
        21 => {
            let heap: BinaryHeap<_> = items.inspect(|item| item.operate()).collect();
            let mut sorted = model;
            sorted.sort_unstable();
            assert_same(&heap.into_sorted_vec(), &sorted);
        }
        22 => {
            let (set, table): (BTreeSet<_>, HashSet<_>) =
                items.map(|item| (item.clone(), item)).unzip();
            let sorted: BTreeSet<u64> = theirs().collect();
            assert_same(&set, &sorted.into_iter().collect::<Vec<_>>());
            assert!(table.len() == set.len() && table.iter().all(|item| set.contains(item)));
        }
        23 => {
            // Of equal keys the last one counts.
            let map: BTreeMap<u64, Counted> = items
                .enumerate()
                .map(|(at, item)| (at as u64 % k, item))
                .collect();
            let want: BTreeMap<u64, u64> = (0..).zip(theirs()).map(|(at, x)| (at % k, x)).collect();
            assert!(map.keys().eq(want.keys()));
            assert!(map.values().map(|item| item.value).eq(want.into_values()));
        }
        24 => {
            let none: Option<LinkedList<_>> =
                items.map(|item| (!is(&item)).then_some(item)).collect();
            assert_eq!(none.is_some(), !theirs().any(|x| fits(&x)));
            if let Some(list) = none {
                assert_same(&list, &model);
            }
        }
        25 => {
            let result = items.try_for_each(|item| {
                if is(&item) {
                    ControlFlow::Break(item)
                } else {
                    ControlFlow::Continue(())
                }
            });
            assert_eq!(result.is_break(), theirs().any(|x| fits(&x)));
        }
        26 => {
            let count = items
                .map(|item| (!is(&item)).then_some(item))
                .while_some()
                .count();
            let all = !theirs().any(|x| fits(&x));
            assert!(if all {
                count == model.len()
            } else {
                count < model.len()
            });
        }
        27 => {
            let n = k as usize * 7;
            let (len, left) = (
                model.len(),
                items.take_any(n).inspect(|item| item.operate()),
            );
            assert_eq!(left.count(), n.min(len));
        }
        28 => {
            let sum = AtomicU64::new(0);
            // Relaxed: a count.
            items.by_uniform_blocks(k as usize * 5).for_each(|item| {
                item.operate();
                sum.fetch_add(item.value, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), theirs().sum());
        }
        29 => {
            let same = (0..)
                .zip(theirs())
                .map(|(at, x)| x ^ u64::from(at == 20 * k));
            let same: Vec<u64> = same.collect();
            let order = items.cmp(same.iter().map(|&x| ledger.value(x)).collect::<Vec<_>>());
            assert_eq!(order, model.cmp(&same));
        }
        30 => {
            let list: Vec<Counted> = items.collect();
            let mut bridged: Vec<Counted> = list
                .into_iter()
                .inspect(Counted::operate)
                .par_bridge()
                .collect();
            bridged.sort();
            let mut sorted = model;
            sorted.sort_unstable();
            assert_same(&bridged, &sorted);
        }
        31 => {
            let folded = items.try_fold(
                || ledger.value(0),
                |sum, item| (!is(&item)).then(|| sum.plus(item)),
            );
            let sum = folded.try_reduce(|| ledger.value(0), |a, b| Some(a.plus(b)));
            let want = (!theirs().any(|x| fits(&x))).then(|| theirs().sum());
            assert_eq!(sum.map(|sum| sum.value), want);
        }
        32 => {
            let odd = items.filter(|item| !is(item)).intersperse(ledger.value(3));
            let want = theirs().filter(|x| !fits(x)).flat_map(|x| [3, x]).skip(1);
            assert_same(&odd.collect::<Vec<_>>(), &want.collect::<Vec<_>>());
        }
        // Never driven.
        _ => drop(items),
    }
}
