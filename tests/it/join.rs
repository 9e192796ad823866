//! `join` and `join_context`: two closures, both results, whoever runs them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

use lyocell::{ThreadPoolBuilder, join, join_context};

use crate::common::{boom, caught, fib, pool, sized, watchdog, with_pools};
use crate::counted::Ledger;

#[test]
fn smoke() {
    with_pools(|pool, _| {
        assert_eq!(pool.install(|| join(|| 1, || "two")), (1, "two"));
        assert_eq!(pool.join(|| 1, || "two"), (1, "two"));
    });
}

#[test]
fn fib_as_a_tree_of_joins() {
    let n = sized(22, 8) as u32;
    let (mut a, mut b) = (0, 1);
    for _ in 0..n {
        (a, b) = (b, a + b);
    }
    with_pools(|pool, _| assert_eq!(pool.install(|| fib(n)), a));
}

#[test]
fn both_sides_borrow_and_write() {
    with_pools(|pool, _| {
        let mut data = vec![0; 64];
        fn fill(part: &mut [usize], begin: usize) {
            if let [one] = part {
                *one = begin;
                return;
            }
            let middle = part.len() / 2;
            let (left, right) = part.split_at_mut(middle);
            join(|| fill(left, begin), || fill(right, begin + middle));
        }
        pool.install(|| fill(&mut data, 0));
        assert!(data.iter().enumerate().all(|(at, &value)| at == value));
    });
}

/// The first closure never leaves its thread; the second has migrated exactly when it ran on another one.
#[test]
fn migrated_says_which_thread() {
    with_pools(|pool, _| {
        pool.install(|| {
            let here = thread::current().id();
            for _ in 0..sized(500, 20) {
                let (a, b) = join_context(
                    |context| {
                        thread::yield_now();
                        (context.migrated(), thread::current().id())
                    },
                    |context| (context.migrated(), thread::current().id()),
                );
                assert_eq!(a, (false, here));
                assert_eq!(b.0, b.1 != here);
            }
        });
    });
}

#[test]
fn one_worker_never_migrates() {
    watchdog(|_| {
        fn visit(depth: u32) {
            if depth > 0 {
                let (a, b) = join_context(
                    |context| (context.migrated(), visit(depth - 1)).0,
                    |context| (context.migrated(), visit(depth - 1)).0,
                );
                assert!(!a && !b);
            }
        }
        pool(1).install(|| visit(6));
    });
}

/// The first closure waits for the second. That ends only if a pushed job can be taken while its owner is busy.
#[test]
fn pushed_job_is_taken_while_its_owner_works() {
    with_pools(|pool, width| {
        if width == 1 {
            return;
        }
        for _ in 0..sized(200, 5) {
            let (send, receive) = channel();
            let (got, migrated) = pool.install(|| {
                join_context(
                    move |_| receive.recv().expect("the other side sends"),
                    move |context| {
                        send.send(7).expect("the other side waits");
                        context.migrated()
                    },
                )
            });
            assert_eq!((got, migrated), (7, true));
        }
    });
}

/// As many leaves as workers, and no leaf ends before all have begun: every worker has to come and take one.
#[test]
fn every_worker_takes_a_leaf() {
    with_pools(|pool, width| {
        let leaves = width.next_power_of_two() / if width.is_power_of_two() { 1 } else { 2 };
        for _ in 0..sized(100, 3) {
            let all_begun = Barrier::new(leaves);
            fn split(leaves: usize, all_begun: &Barrier) {
                if leaves == 1 {
                    all_begun.wait();
                } else {
                    join(
                        || split(leaves / 2, all_begun),
                        || split(leaves / 2, all_begun),
                    );
                }
            }
            pool.install(|| split(leaves, &all_begun));
        }
    });
}

#[test]
fn panic_in_a() {
    with_pools(|pool, _| {
        let ran = AtomicUsize::new(0);
        for round in 0..100 {
            let result = caught(|| {
                pool.install(|| join(|| boom(round), || ran.fetch_add(1, Ordering::Relaxed)))
            });
            assert_eq!(result.err(), Some(round));
            // The other side was either awaited or never begun: nobody touches `ran` from here on.
            let after = ran.load(Ordering::Relaxed);
            pool.install(|| join(|| (), || ()));
            assert_eq!(ran.load(Ordering::Relaxed), after);
        }
    });
}

#[test]
fn panic_in_b() {
    with_pools(|pool, _| {
        let ran = AtomicUsize::new(0);
        for round in 0..100 {
            let result = caught(|| {
                pool.install(|| join(|| ran.fetch_add(1, Ordering::Relaxed), || boom(round)))
            });
            assert_eq!(result.err(), Some(round));
        }
        assert_eq!(ran.into_inner(), 100);
    });
}

/// Whichever panics first in time, the payload of the first closure is the one that goes on.
#[test]
fn panic_in_both_resumes_that_of_a() {
    with_pools(|pool, width| {
        for round in 0..100 {
            let result = caught(|| pool.install(|| join(|| boom(round), || boom(1000 + round))));
            assert_eq!(result, Err::<((), ()), _>(round));
        }
        if width > 1 {
            // Here the second is known to have begun, and to panic before the first does.
            let begun = Barrier::new(2);
            let result = caught(|| {
                pool.install(|| {
                    join(
                        || {
                            begun.wait();
                            boom(1)
                        },
                        || {
                            begun.wait();
                            boom(2)
                        },
                    )
                })
            });
            assert_eq!(result, Err::<((), ()), _>(1));
        }
    });
}

/// `a` panics while `b` still works on the frame that both borrow from: the frame must outlive `b`.
#[test]
fn frame_outlives_b_when_a_panics() {
    with_pools(|pool, width| {
        if width == 1 {
            return;
        }
        for _ in 0..sized(50, 3) {
            let finished = AtomicUsize::new(0);
            let begun = Barrier::new(2);
            let result = caught(|| {
                pool.install(|| {
                    let frame = [1_usize; 64];
                    join(
                        || {
                            begun.wait();
                            boom(3)
                        },
                        || {
                            begun.wait();
                            for _ in 0..20 {
                                thread::yield_now();
                            }
                            finished.fetch_add(frame.iter().sum(), Ordering::Relaxed);
                        },
                    )
                })
            });
            assert_eq!(result, Err::<((), ()), _>(3));
            assert_eq!(finished.into_inner(), 64);
        }
    });
}

/// Closures and results own values; one operation among them panics, each in turn.
#[test]
fn destructors() {
    with_pools(|pool, _| {
        for fuse in 0..6 {
            let ledger = Ledger::with_fuse(fuse);
            let (one, two, three) = (ledger.value(1), ledger.value(2), ledger.value(3));
            let result = caught(|| {
                pool.install(|| {
                    join(
                        || {
                            one.operate();
                            join(|| (one.clone(), 0).0, || (two.clone(), two).1)
                        },
                        || {
                            three.operate();
                            three.clone().plus(three)
                        },
                    )
                })
            });
            // Six operations are possible; those after a panic may be left out, so the last fuses need not burn.
            if let Err(tag) = &result {
                assert_eq!(*tag, fuse as u64);
            } else {
                assert!(fuse > 2);
            }
            drop(result);
            drop(one);
            ledger.settle();
        }
    });
}

#[test]
fn payload_comes_back_unchanged() {
    struct Odd {
        text: String,
        number: Arc<()>,
    }
    with_pools(|pool, _| {
        let number = Arc::new(());
        for side in [0, 1] {
            let throw = |at| {
                if at == side {
                    std::panic::resume_unwind(Box::new(Odd {
                        text: "as it was".into(),
                        number: Arc::clone(&number),
                    }))
                }
            };
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                pool.install(|| join(|| join(|| throw(0), || ()), || join(|| (), || throw(1))))
            }));
            let odd = result
                .expect_err("one side panics")
                .downcast::<Odd>()
                .unwrap_or_else(|_| panic!("another type"));
            assert_eq!(odd.text, "as it was");
            assert!(Arc::ptr_eq(&odd.number, &number));
        }
        assert_eq!(Arc::strong_count(&number), 1);
    });
}

#[test]
fn closures_without_size_and_huge_ones() {
    // Unoptimised code copies a closure in every frame that it passes through.
    const HUGE: usize = if cfg!(debug_assertions) {
        1 << 14
    } else {
        1 << 16
    };
    with_pools(|pool, _| {
        assert_eq!(pool.install(|| join(|| (), || ())), ((), ()));
        let (left, right) = ([3_u8; HUGE], [5_u8; HUGE]);
        let (a, b) = pool.install(move || {
            join(
                move || left.map(|byte| byte + 1),
                move || right.map(|byte| byte + 1),
            )
        });
        assert!(a.iter().all(|&byte| byte == 4) && b.iter().all(|&byte| byte == 6));
    });
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(512))]
struct Aligned(u8);

/// The frames of jobs keep the alignment that their closures and results ask for.
#[test]
fn overaligned_closures_and_results() {
    with_pools(|pool, _| {
        let (left, right) = (Aligned(1), Aligned(2));
        for _ in 0..50 {
            let (a, b) = pool.install(move || {
                join(
                    move || (left, (&raw const left).addr() % 512),
                    move || (right, (&raw const right).addr() % 512),
                )
            });
            assert_eq!((a, b), ((Aligned(1), 0), (Aligned(2), 0)));
        }
    });
}

/// Every level leaves one job behind in the deque, so the deque grows far beyond its first size.
#[test]
fn deque_grows_under_a_deep_left_spine() {
    fn spine(depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        let (a, b) = join(|| spine(depth - 1), || 1);
        a + b
    }
    deep(spine);
}

/// Every level waits for the job it has just pushed, which pushes the next.
#[test]
fn stack_holds_a_deep_right_spine() {
    fn spine(depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        let (a, b) = join(|| 1, || spine(depth - 1));
        a + b
    }
    deep(spine);
}

fn deep(spine: fn(usize) -> usize) {
    let depth = sized(100_000, 100);
    watchdog(|_| {
        for workers in [1, 2, 3] {
            let pool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .stack_size(sized(1 << 29, 1 << 22))
                .build();
            assert_eq!(pool.expect("a pool").install(|| spine(depth)), depth);
        }
    });
}

#[test]
fn from_outside_on_the_global_pool() {
    watchdog(|_| {
        assert_eq!(join(|| fib(10), || fib(11)), (55, 89));
        let result = caught(|| join(|| 1, || boom(4)));
        assert_eq!(result.map(|(a, ())| a), Err(4));
    });
}

/// Many outside threads in a pool too narrow for them, all at once.
#[test]
fn stampede() {
    with_pools(|pool, _| {
        let gate = Barrier::new(16);
        thread::scope(|scope| {
            for caller in 0..16_u64 {
                let gate = &gate;
                scope.spawn(move || {
                    gate.wait();
                    for round in 0..sized(50, 2) as u64 {
                        assert_eq!(pool.join(|| caller, || round), (caller, round));
                    }
                });
            }
        });
    });
}
