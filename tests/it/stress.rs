//! Trees of forks at random, bursts with rests between them, pools that come and go. A lost wake-up shows as a hang, and the
//! watchdog then tells where.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use lyocell::prelude::*;
use lyocell::{ThreadPoolBuilder, join, scope, spawn};

use crate::common::{Note, Random, boom, caught, fib, pool, sized, tag_of, watchdog};

/// More workers than the other tests have, so that most of them fight for a core.
const CROWDS: [usize; 5] = [1, 2, 3, 8, 32];

/// A tree of work whose outcome is known beforehand: forks of all kinds, leaves, panics, and nodes that catch them.
enum Tree {
    Leaf(u64),
    Panic,
    Join(Box<(Tree, Tree)>),
    Scope(Vec<Tree>),
    InPlaceScope(Vec<Tree>),
    Detached(Arc<Tree>),
    Loop(Vec<Tree>),
    Catch(Box<Tree>),
}

impl Tree {
    fn grow(random: &mut Random, depth: u64) -> Self {
        let children = |random: &mut Random| {
            let len = random.below(5);
            (0..len).map(|_| Self::grow(random, depth - 1)).collect()
        };
        if depth == 0 {
            return if random.below(300) == 0 {
                Self::Panic
            } else {
                Self::Leaf(random.below(100))
            };
        }
        match random.below(16) {
            0 => Self::Leaf(random.below(100)),
            1 => Self::Catch(Box::new(Self::grow(random, depth - 1))),
            2 | 3 => Self::Scope(children(random)),
            4 => Self::InPlaceScope(children(random)),
            5 => Self::Detached(Arc::new(Self::grow(random, depth - 1))),
            6 | 7 => Self::Loop(children(random)),
            _ => Self::Join(Box::new((
                Self::grow(random, depth - 1),
                Self::grow(random, depth - 1),
            ))),
        }
    }

    /// What comes out, worked out by one thread: `None` is a panic.
    fn expected(&self) -> Option<u64> {
        match self {
            Self::Leaf(value) => Some(*value),
            Self::Panic => None,
            Self::Join(sides) => Some(sides.0.expected()? + sides.1.expected()?),
            Self::Scope(trees) | Self::InPlaceScope(trees) | Self::Loop(trees) => {
                trees.iter().map(Self::expected).sum()
            }
            Self::Detached(tree) => Some(tree.expected().unwrap_or(1)),
            Self::Catch(tree) => Some(tree.expected().unwrap_or(7)),
        }
    }

    fn run(&self) -> u64 {
        match self {
            Self::Leaf(value) => *value,
            Self::Panic => boom(13),
            Self::Join(sides) => {
                let (a, b) = join(|| sides.0.run(), || sides.1.run());
                a + b
            }
            Self::Scope(trees) => {
                let sum = AtomicU64::new(0);
                scope(|s| {
                    for tree in trees {
                        s.spawn(|_| _ = sum.fetch_add(tree.run(), Ordering::Relaxed));
                    }
                });
                sum.into_inner()
            }
            Self::InPlaceScope(trees) => {
                let sum = AtomicU64::new(0);
                lyocell::in_place_scope(|s| {
                    for tree in trees {
                        s.spawn(|_| _ = sum.fetch_add(tree.run(), Ordering::Relaxed));
                    }
                });
                sum.into_inner()
            }
            Self::Detached(tree) => {
                // Waits by yielding, since nobody else might be free to run it.
                let (tree, sum) = (Arc::clone(tree), Arc::new(AtomicU64::new(u64::MAX)));
                let result = Arc::clone(&sum);
                spawn(move || result.store(caught(|| tree.run()).unwrap_or(1), Ordering::Release));
                loop {
                    match sum.load(Ordering::Acquire) {
                        u64::MAX => _ = lyocell::yield_now().expect("this is a worker"),
                        sum => break sum,
                    }
                }
            }
            Self::Loop(trees) => trees.par_iter().with_max_len(1).map(Self::run).sum(),
            Self::Catch(tree) => caught(|| tree.run()).unwrap_or(7),
        }
    }
}

#[test]
fn random_trees() {
    watchdog(|seed| {
        for workers in CROWDS {
            let pool = pool(workers);
            let mut random = Random(seed);
            for round in 0..sized(300, 1) {
                let _note = Note(format!("{workers} workers, tree {round}"));
                let tree = Tree::grow(&mut random, 8);
                assert_eq!(caught(|| pool.install(|| tree.run())).ok(), tree.expected());
            }
        }
    });
}

/// Each outside thread brings its own trees into one pool.
#[test]
fn random_trees_from_many_callers() {
    watchdog(|seed| {
        for workers in CROWDS {
            let pool = pool(workers);
            thread::scope(|threads| {
                for caller in 0..8 {
                    let pool = &pool;
                    threads.spawn(move || {
                        let mut random = Random(seed ^ caller);
                        for round in 0..sized(60, 1) {
                            let _note =
                                Note(format!("{workers} workers, caller {caller}, tree {round}"));
                            let tree = Tree::grow(&mut random, 7);
                            assert_eq!(
                                caught(|| pool.install(|| tree.run())).ok(),
                                tree.expected()
                            );
                        }
                    });
                }
            });
        }
    });
}

/// A rest of up to 200 µs: long enough to fall asleep in, short enough to be caught at it.
fn rest(random: &mut Random) {
    match random.below(4) {
        0 => {}
        1 => (0..random.below(2000)).for_each(|_| std::hint::spin_loop()),
        2 => thread::yield_now(),
        _ => thread::sleep(Duration::from_micros(random.below(200))),
    }
}

/// A caller from outside against workers that are just falling asleep.
#[test]
fn outside_call_meets_sleepers() {
    watchdog(|seed| {
        for workers in CROWDS {
            let (pool, mut random) = (pool(workers), Random(seed));
            for round in 0..sized(5000, 5) as u64 {
                rest(&mut random);
                assert_eq!(pool.install(|| round), round);
            }
        }
    });
}

/// A worker's push against the other workers falling asleep: its first closure waits for the second to be taken.
#[test]
fn inside_push_meets_sleepers() {
    watchdog(|seed| {
        for workers in CROWDS.into_iter().skip(1) {
            let (pool, mut random) = (pool(workers), Random(seed));
            pool.install(|| {
                for _ in 0..sized(2000, 5) {
                    rest(&mut random);
                    let taken = AtomicBool::new(false);
                    join(
                        || {
                            while !taken.load(Ordering::Acquire) {
                                thread::yield_now();
                            }
                        },
                        || taken.store(true, Ordering::Release),
                    );
                }
            });
        }
    });
}

/// Two waiters, each parked until a job of the other's is done.
#[test]
fn latch_is_set_while_its_owner_falls_asleep() {
    watchdog(|seed| {
        for workers in CROWDS.into_iter().skip(1) {
            let (pool, mut random) = (pool(workers), Random(seed));
            for _ in 0..sized(3000, 3) {
                let pauses = [random.below(300), random.below(300)];
                let pause = |at: usize| (0..pauses[at]).for_each(|_| std::hint::spin_loop());
                pool.join(
                    || join(|| (), || pause(0)),
                    || join(|| pause(1), thread::yield_now),
                );
            }
        }
    });
}

#[test]
fn bursts_of_spawns_with_rests() {
    watchdog(|seed| {
        for workers in CROWDS {
            let (pool, mut random) = (pool(workers), Random(seed));
            for _ in 0..sized(800, 2) {
                let (send, receive) = channel();
                let jobs = random.below(20) as usize;
                for _ in 0..jobs {
                    let send = send.clone();
                    pool.spawn(move || send.send(()).expect("awaited"));
                }
                drop(send);
                assert_eq!(receive.iter().count(), jobs);
                rest(&mut random);
            }
        }
    });
}

/// One caller after the other goes to rest and comes back, while the others keep the pool between sleep and work.
#[test]
fn stampede() {
    watchdog(|seed| {
        for workers in CROWDS {
            let (pool, gate) = (pool(workers), Barrier::new(12));
            thread::scope(|threads| {
                for caller in 0..12 {
                    let (pool, gate) = (&pool, &gate);
                    threads.spawn(move || {
                        let mut random = Random(seed ^ caller);
                        gate.wait();
                        for _ in 0..sized(300, 2) {
                            match random.below(3) {
                                0 => assert_eq!(pool.install(|| fib(6)), 8),
                                1 => assert_eq!(pool.scope(|s| (s.spawn(|_| ()), 3).1), 3),
                                _ => assert_eq!(
                                    pool.install(|| (0..100_u32).into_par_iter().sum::<u32>()),
                                    4950
                                ),
                            }
                            rest(&mut random);
                        }
                    });
                }
            });
        }
    });
}

/// The same, on the global pool, where callers may take part themselves.
#[test]
fn stampede_on_the_global_pool() {
    watchdog(|seed| {
        let gate = Barrier::new(12);
        thread::scope(|threads| {
            for caller in 0..12 {
                let gate = &gate;
                threads.spawn(move || {
                    let mut random = Random(seed ^ caller);
                    gate.wait();
                    for _ in 0..sized(1000, 2) {
                        match random.below(4) {
                            0 => assert_eq!(join(|| fib(5), || fib(6)), (5, 8)),
                            1 => assert_eq!(caught(|| scope(|s| s.spawn(|_| boom(3)))), Err(3)),
                            2 => assert_eq!((0..100_u32).into_par_iter().sum::<u32>(), 4950),
                            _ => spawn(|| ()),
                        }
                        rest(&mut random);
                    }
                });
            }
        });
    });
}

/// Pools are dropped at once, or after a moment, or with jobs still running in them.
#[test]
fn pools_come_and_go() {
    watchdog(|seed| {
        let mut random = Random(seed);
        let (begun, ended) = (Arc::new(AtomicUsize::new(0)), channel());
        for round in 0..sized(300, 4) {
            let workers = CROWDS[random.below(CROWDS.len() as u64) as usize];
            let pool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .caller_participates(true)
                .panic_handler(|payload| assert!(tag_of(payload).is_ok()))
                .build()
                .expect("a pool");
            for job in 0..random.below(8) {
                let (begun, ended) = (Arc::clone(&begun), ended.0.clone());
                begun.fetch_add(1, Ordering::Relaxed);
                pool.spawn(move || {
                    let result = caught(|| if job == 5 { boom(5) } else { fib(8) });
                    ended.send(result).expect("awaited");
                    if job == 6 {
                        boom(6);
                    }
                });
            }
            if round % 3 == 0 {
                assert_eq!(pool.install(|| fib(4)), 3);
            }
            rest(&mut random);
        }
        drop(ended.0);
        assert_eq!(ended.1.iter().count(), begun.load(Ordering::Relaxed));
    });
}

/// A pool is made, used and dropped by a job of another pool, by several at once.
#[test]
fn pools_within_pools() {
    watchdog(|_| {
        let outer = pool(3);
        outer.install(|| {
            (0..sized(40, 2))
                .into_par_iter()
                .with_max_len(1)
                .for_each(|round| {
                    let inner = pool(1 + round % 3);
                    assert_eq!(inner.install(|| fib(6)), 8);
                });
        });
    });
}
