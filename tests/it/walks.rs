//! Sources that one thread walks through for all: `par_bridge`, and collections whose items are listed when help is wanted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use lyocell::prelude::*;

use crate::common::{inside, numbers, sized, with_pools};
use crate::ledger::{Ledger, assert_panics_at, panic_as_planned};

const LENGTHS: [usize; 6] = [0, 1, 10, 40, 300, sized(20_000, 500)];

fn sorted(mut items: Vec<usize>) -> Vec<usize> {
    items.sort_unstable();
    items
}

/// Whether the iterator knows its length, a bound, or nothing about it.
#[test]
fn bridged_items_come_once() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let all: Vec<usize> = (0..len).collect();
            let odd: Vec<usize> = (0..len).filter(|x| x % 2 == 1).collect();
            inside(pool, &|| {
                assert_eq!(sorted((0..len).par_bridge().collect()), all);
                assert_eq!(
                    sorted((0..len).filter(|x| x % 2 == 1).par_bridge().collect()),
                    odd
                );
                let mut next = 0..len;
                let unknown = std::iter::from_fn(move || next.next());
                assert_eq!(sorted(unknown.par_bridge().collect()), all);
            });
            assert_eq!((0..len).par_bridge().sum::<usize>(), all.iter().sum());
        }
    });
}

/// Every item is worked on before the next one is fetched, if the length is not known: here there is no next one
/// before. Nor is it known behind adapters that know of the first item, or of the most.
#[test]
fn a_channel_may_be_fed_by_its_items() {
    fn countdown<I>(bridged: impl Fn(mpsc::Receiver<u64>) -> I)
    where
        I: ParallelIterator<Item = u64>,
    {
        let (sender, receiver) = mpsc::channel();
        sender.send(300).unwrap();
        let sender = Mutex::new(Some(sender));
        let sum = AtomicU64::new(0);
        bridged(receiver).for_each(|number| {
            sum.fetch_add(number, Ordering::Relaxed);
            let mut sender = sender.lock().unwrap();
            match number.checked_sub(1) {
                Some(less) => sender.as_ref().unwrap().send(less).unwrap(),
                None => *sender = None,
            }
        });
        assert_eq!(sum.into_inner(), 300 * 301 / 2);
    }
    with_pools(|pool, _| {
        inside(pool, &|| {
            countdown(|receiver| receiver.into_iter().par_bridge());
            countdown(|receiver| receiver.into_iter().take(301).par_bridge());
            countdown(|receiver| receiver.into_iter().zip(0..1000).map(|x| x.0).par_bridge());
            countdown(|receiver| {
                let mut first = receiver.into_iter().peekable();
                first.peek();
                first.par_bridge()
            });
            countdown(|receiver| {
                let first = receiver.recv().unwrap();
                std::iter::once(first)
                    .chain(receiver.into_iter().take(300))
                    .par_bridge()
            });
        });
    });
}

#[test]
fn a_bridged_iterator_may_call_parallel_code() {
    with_pools(|pool, _| {
        let len = sized(500, 50) as u64;
        let inner = |seed: u64| {
            (0..100 + seed % 7)
                .into_par_iter()
                .map(|x| x ^ seed)
                .sum::<u64>()
        };
        let want: u64 = (0..len).map(inner).map(inner).sum();
        inside(pool, &|| {
            let known = (0..len).map(inner).par_bridge();
            assert_eq!(known.map(inner).sum::<u64>(), want);
            let mut next = 0..len;
            let unknown = std::iter::from_fn(move || next.next().map(inner)).par_bridge();
            assert_eq!(unknown.map(inner).sum::<u64>(), want);
        });
    });
}

/// A panic in `next` or in the work loses no item, whether it has been fetched ahead or not.
#[test]
fn bridged_items_are_dropped_once() {
    with_pools(|pool, _| {
        for len in [10, sized(2000, 100)] {
            for at in [0, 1, len / 3, len - 1] {
                let ledger = Ledger::new(len);
                let make = |id| {
                    if id == at {
                        panic_as_planned(at)
                    } else {
                        ledger.item(id)
                    }
                };
                inside(pool, &|| {
                    assert_panics_at(at, || {
                        (0..len).map(make).par_bridge().for_each(drop);
                    });
                });
                ledger.assert_settled();

                let ledger = Ledger::new(len);
                inside(pool, &|| {
                    assert_panics_at(at, || {
                        ledger.items().into_iter().par_bridge().for_each(|item| {
                            if item.id == at {
                                panic_as_planned(at)
                            }
                        });
                    });
                    let found = (0..len)
                        .filter(|id| id % 2 == 1)
                        .par_bridge()
                        .find_any(|id| *id > at);
                    assert_eq!(found.is_some(), (0..len).any(|id| id % 2 == 1 && id > at));
                });
                ledger.assert_settled();
            }
        }
    });
}

/// Each source with all its items, with a panic at one of them, left after the first hit, and not used at all.
#[test]
fn walked_items_are_dropped_once() {
    with_pools(|pool, _| {
        for len in [10, sized(1000, 100)] {
            for at in [0, len / 3, len - 1] {
                macro_rules! check {
                    ($($collection:expr, |$item:ident| $id:expr;)*) => {$(
                        let ledger = Ledger::new(len);
                        inside(pool, &|| {
                            let unused = $collection(ledger.items()).into_par_iter();
                            assert_eq!(unused.opt_len(), Some(len));
                            drop(unused);
                        });
                        ledger.assert_settled();

                        let ledger = Ledger::new(len);
                        inside(pool, &|| {
                            let all = $collection(ledger.items());
                            let ids: Vec<usize> = all.into_par_iter().map(|$item| $id).collect();
                            assert_eq!(sorted(ids), (0..len).collect::<Vec<_>>());
                        });
                        ledger.assert_settled();

                        let ledger = Ledger::new(len);
                        inside(pool, &|| {
                            let all = $collection(ledger.items());
                            assert!(all.into_par_iter().any(|$item| $id == at));
                        });
                        ledger.assert_settled();

                        let ledger = Ledger::new(len);
                        inside(pool, &|| {
                            let all = $collection(ledger.items());
                            assert_panics_at(at, || {
                                all.into_par_iter().map(|$item| {
                                    let id = $id;
                                    if id == at { panic_as_planned(at) }
                                    ($item, id)
                                }).collect::<Vec<_>>()
                            });
                        });
                        ledger.assert_settled();
                    )*};
                }
                check! {
                    (|items: Vec<_>| items.into_iter().collect::<LinkedList<_>>()), |item| item.id;
                    (|items: Vec<_>| items.into_iter().enumerate().collect::<BTreeMap<_, _>>()), |item| item.1.id;
                    (|items: Vec<_>| items.into_iter().enumerate().collect::<HashMap<_, _>>()), |item| item.1.id;
                }
            }
        }
    });
}

/// What a walk gives is what std's gives, in the same order.
#[test]
fn walks_keep_the_order() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let set: BTreeSet<usize> = (0..len).map(|x| x * 3).collect();
            let table: HashMap<usize, u64> = numbers.iter().copied().enumerate().collect();
            let tree: BTreeMap<usize, u64> = table.iter().map(|(a, b)| (*a, *b)).collect();
            let list: LinkedList<u64> = numbers.iter().copied().collect();
            inside(pool, &|| {
                assert!(set.par_iter().collect::<Vec<_>>().into_iter().eq(&set));
                let third = |x: &&usize| x.is_multiple_of(9);
                let thirds: Vec<_> = set.par_iter().filter(third).collect();
                assert!(thirds.into_iter().eq(set.iter().filter(third)));
                assert!(tree.par_iter().collect::<Vec<_>>().into_iter().eq(&tree));
                let last = set.par_iter().find_last(|x| **x % 2 == 0);
                assert_eq!(last, set.iter().rfind(|x| **x % 2 == 0));
                let first = set.par_iter().find_first(|x| **x > 100);
                assert_eq!(first, set.iter().find(|x| **x > 100));

                let (mut table, mut tree, mut list) = (table.clone(), tree.clone(), list.clone());
                table
                    .par_iter_mut()
                    .for_each(|(key, value)| *value += *key as u64);
                tree.par_iter_mut()
                    .for_each(|(key, value)| *value += *key as u64);
                list.par_iter_mut().for_each(|value| *value += 1);
                assert!(
                    numbers
                        .iter()
                        .enumerate()
                        .all(|(at, x)| table[&at] == x + at as u64)
                );
                assert!(
                    numbers
                        .iter()
                        .enumerate()
                        .all(|(at, x)| tree[&at] == x + at as u64)
                );
                assert!(numbers.iter().zip(&list).all(|(x, y)| x + 1 == *y));
                assert!(
                    list.clone()
                        .into_par_iter()
                        .collect::<Vec<_>>()
                        .into_iter()
                        .eq(list)
                );
            });
        }
    });
}

/// The first items take long, so that help is asked for. The later ones go on only when two threads are at it.
#[test]
fn slow_walks_are_shared() {
    with_pools(|pool, width| {
        if width < 2 {
            return;
        }
        let len = 40 * width;
        let seen = (Mutex::new(HashSet::<ThreadId>::new()), Condvar::new());
        let item = |at: usize| {
            let (threads, changed) = (&seen.0, &seen.1);
            let mut threads = threads.lock().unwrap();
            if threads.insert(thread::current().id()) {
                changed.notify_all();
            }
            if at < len / 2 {
                drop(threads);
                thread::sleep(Duration::from_micros(100));
            } else {
                drop(
                    changed
                        .wait_while(threads, |threads| threads.len() < 2)
                        .unwrap(),
                );
            }
        };
        let set: BTreeSet<usize> = (0..len).collect();
        inside(pool, &|| {
            seen.0.lock().unwrap().clear();
            set.par_iter().for_each(|at| item(*at));
            seen.0.lock().unwrap().clear();
            (0..len).par_bridge().for_each(item);
            seen.0.lock().unwrap().clear();
            (0..len).into_par_iter().for_each(item);
        });
    });
}
