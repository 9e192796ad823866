//! What a waiter may take: isolated regions, and stacks that stay bounded.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock};

use lyocell::prelude::*;
use lyocell::{ThreadPoolBuilder, isolate, join};

use crate::common::{boom, caught, sized, with_pools};
use crate::watchdog::watchdog;

/// A lock held around a nested parallel loop, by many items of the outer one.
#[test]
fn lock_around_a_nested_loop() {
    with_pools(|pool, _| {
        let total = Mutex::new(0);
        pool.install(|| {
            (0..sized(300, 5)).into_par_iter().for_each(|_| {
                let mut total = total.lock().unwrap();
                *total += isolate(|| (0..32_u64).into_par_iter().map(|n| n & 1).sum::<u64>());
            });
        });
        assert_eq!(total.into_inner().unwrap(), sized(300, 5) as u64 * 16);
    });
}

/// The same with a thief's own waiting in between: what is made within is isolated wherever it goes.
#[test]
fn lock_around_a_deep_tree() {
    fn tree(height: u32) -> u64 {
        if height == 0 {
            return 1;
        }
        let (left, right) = join(|| tree(height - 1), || tree(height - 1));
        left + right
    }
    with_pools(|pool, _| {
        let total = Mutex::new(0);
        pool.install(|| {
            (0..sized(100, 3)).into_par_iter().for_each(|_| {
                let mut total = total.lock().unwrap();
                *total += isolate(|| tree(5));
            });
        });
        assert_eq!(total.into_inner().unwrap(), 32 * sized(100, 3) as u64);
    });
}

#[test]
fn thread_local_borrow_across_a_join() {
    thread_local!(static SCRATCH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) });
    with_pools(|pool, _| {
        let sum = pool.install(|| {
            let item = |n: u64| {
                SCRATCH.with_borrow_mut(|scratch| {
                    scratch.clear();
                    let (a, b) = isolate(|| join(|| n, || 2 * n));
                    scratch.push(a + b);
                    scratch[0]
                })
            };
            (0..sized(2000, 10) as u64)
                .into_par_iter()
                .map(item)
                .sum::<u64>()
        });
        let n = sized(2000, 10) as u64;
        assert_eq!(sum, 3 * n * (n - 1) / 2);
    });
}

/// A value that is made in parallel the first time somebody wants it, and that all want at once.
#[test]
fn lazy_value_with_a_parallel_initialiser() {
    with_pools(|pool, _| {
        for _ in 0..sized(50, 2) {
            let value = OnceLock::new();
            let get =
                || *value.get_or_init(|| isolate(|| (0..100_u64).into_par_iter().sum::<u64>()));
            let all: u64 = pool.install(|| (0..64).into_par_iter().map(|_| get()).sum());
            assert_eq!(all, 64 * 4950);
        }
    });
}

#[test]
fn nesting_results_and_panics() {
    with_pools(|pool, _| {
        let value = pool.install(|| isolate(|| isolate(|| join(|| 1, || isolate(|| 2)))));
        assert_eq!(value, (1, 2));
        let joined = caught(|| pool.install(|| isolate(|| join(|| (), || boom(5)))));
        assert_eq!(joined, Err(5));
    });
    assert_eq!(isolate(|| 5), 5); // outside of every pool
}

/// Jobs spawned on an outer scope, and detached ones, from within: nobody within waits for them, and they get done.
#[test]
fn strangers_made_within() {
    with_pools(|pool, _| {
        let (detached, done) = std::sync::mpsc::channel();
        let outer = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..sized(50, 2) {
                let (outer, detached) = (&outer, detached.clone());
                isolate(|| {
                    join(
                        || {
                            s.spawn(|_| {
                                outer.fetch_add(1, SeqCst);
                            });
                            lyocell::spawn(move || detached.send(()).unwrap());
                        },
                        || (),
                    );
                });
            }
        });
        assert_eq!(outer.load(SeqCst), sized(50, 2));
        drop(detached);
        assert_eq!(done.iter().count(), sized(50, 2));
    });
}

/// A scope's job that is buried on the deque of somebody confined: the scope ends nevertheless.
#[test]
fn scope_jobs_under_strangers() {
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        pool.install(|| {
            lyocell::scope(|s| {
                (0..sized(100, 4)).into_par_iter().for_each(|_| {
                    s.spawn(|s| {
                        count.fetch_add(1, SeqCst);
                        isolate(|| {
                            lyocell::scope(|inner| {
                                inner.spawn(|_| {
                                    count.fetch_add(1, SeqCst);
                                });
                                s.spawn(|_| {
                                    count.fetch_add(1, SeqCst);
                                });
                            })
                        });
                    });
                });
            });
        });
        assert_eq!(count.load(SeqCst), 3 * sized(100, 4));
    });
}

thread_local!(static DEPTH: Cell<usize> = const { Cell::new(0) });

/// How many jobs of the outer loop lie on one stack.
fn nested<R>(deepest: &AtomicUsize, f: impl FnOnce() -> R) -> R {
    struct Out;
    impl Drop for Out {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    let _out = Out;
    deepest.fetch_max(DEPTH.get(), SeqCst);
    f()
}

/// Each item of a long loop waits for a half that another worker has: whoever waits takes the next item on top of its stack,
/// and so on, for as many items as there are. Unbounded, this needs a stack of hundreds of megabytes.
#[test]
fn waiting_items_do_not_pile_up() {
    watchdog(|_| {
        let pool = ThreadPoolBuilder::new()
            .num_threads(4)
            .stack_size(1 << 20)
            .build()
            .expect("a pool");
        let deepest = AtomicUsize::new(0);
        let items = sized(20_000, 50);
        let item = |_| {
            nested(&deepest, || {
                // A frame to be seen, and halves that take turns at being the longer one.
                let frame = std::hint::black_box([0_u8; 4096]);
                let spin = |turns| (0..turns).for_each(|_| std::hint::spin_loop());
                join(|| spin(1), || spin(300));
                std::hint::black_box(frame);
            });
        };
        pool.install(|| {
            lyocell::scope(|s| (0..items).for_each(|n| s.spawn(move |_| item(n))));
        });
        // A quarter of the stack, in frames of four kibibytes and more, and a few jobs on top.
        assert!(
            deepest.load(SeqCst) < 80,
            "{} items on one stack",
            deepest.load(SeqCst)
        );
    });
}

/// With most of a quarter of a mebibyte of frames below it, and some more.
fn deep_down(f: &mut (dyn FnMut() + Send), frames: usize) {
    // By reference, or each frame would have room for several copies where nothing is optimised.
    let frame = [0_u8; 8192];
    std::hint::black_box(&frame);
    if frames == 0 {
        f();
    } else {
        deep_down(f, frames - 1);
    }
    std::hint::black_box(&frame);
}

/// Two workers, both deep down their stacks, of which one waits for the other, which broadcasts: nobody else can do what is
/// left for the seat of the first.
#[test]
fn who_is_deep_down_comes_to_a_broadcast_of_its_call() {
    let wait_for = |flag: &AtomicUsize, value| {
        while flag.load(SeqCst) < value {
            std::thread::yield_now();
        }
    };
    let calls = AtomicUsize::new(0);
    let call = |is_isolated: bool, is_asleep: bool| {
        let stage = AtomicUsize::new(0);
        // What a scope runs from there is deep.
        let deep = |job: &(dyn Fn() + Sync)| {
            deep_down(&mut || lyocell::scope(|s| s.spawn(|_| job())), 40);
        };
        let broadcast = || {
            stage.store(2, SeqCst);
            if is_asleep {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            lyocell::broadcast(|_| calls.fetch_add(1, SeqCst));
        };
        let pair = || {
            stage.store(1, SeqCst);
            join(|| wait_for(&stage, 2), || deep(&broadcast));
        };
        // The second worker is busy until the first is deep down.
        let all = || {
            join(|| deep(&pair), || wait_for(&stage, 1));
        };
        if is_isolated { isolate(all) } else { all() }
    };
    watchdog(|_| {
        let pool = ThreadPoolBuilder::new()
            .num_threads(2)
            .stack_size(1 << 20)
            .build()
            .expect("a pool");
        let rounds = sized(50, 2);
        for round in 0..rounds {
            pool.install(|| call(round % 2 == 0, round % 4 < 2));
        }
        assert_eq!(calls.load(SeqCst), 2 * rounds);
    });
}

#[test]
fn twelve_levels_in_a_small_stack() {
    fn level(depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        (0..2).into_par_iter().map(|_| level(depth - 1)).sum()
    }
    for width in [1, 2, 4] {
        watchdog(|_| {
            let pool = ThreadPoolBuilder::new()
                .num_threads(width)
                .stack_size(256 << 10)
                .build()
                .expect("a pool");
            for _ in 0..sized(5, 1) {
                assert_eq!(
                    pool.install(|| level(sized(12, 5) as u32)),
                    1 << sized(12, 5)
                );
            }
        });
    }
}
