//! What a pool tells about itself, and how pools get on with each other and with the threads outside.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPool, Yield, current_thread_index, join, spawn};

use crate::common::{boom, caught, fib, pool, sized, watchdog, with_pools};

#[test]
fn install_returns_values_and_panics() {
    with_pools(|pool, width| {
        assert_eq!(pool.install(|| "text".to_owned()), "text");
        assert_eq!(pool.install(lyocell::current_num_threads), width);
        for tag in 0..50 {
            assert_eq!(caught(|| pool.install(|| boom(tag))), Err::<(), _>(tag));
        }
        assert_eq!(pool.install(|| fib(8)), 21);
    });
}

/// `install` within the pool it is already in runs in place.
#[test]
fn install_inside_itself() {
    with_pools(|pool, _| {
        let (outer, inner) = pool.install(|| {
            (
                thread::current().id(),
                pool.install(|| thread::current().id()),
            )
        });
        assert_eq!(outer, inner);
        assert_eq!(
            caught(|| pool.install(|| pool.install(|| boom(2)))),
            Err::<(), _>(2)
        );
    });
}

#[test]
fn forty_threads_install_on_two_workers() {
    watchdog(|_| {
        let (pool, gate) = (pool(2), Barrier::new(40));
        thread::scope(|scope| {
            for caller in 0..40 {
                let (pool, gate) = (&pool, &gate);
                scope.spawn(move || {
                    gate.wait();
                    for round in 0..sized(50, 2) as u64 {
                        let result = caught(|| {
                            pool.install(|| {
                                if round % 7 == 3 {
                                    boom(caller)
                                } else {
                                    fib(5) + caller
                                }
                            })
                        });
                        assert_eq!(
                            result,
                            if round % 7 == 3 {
                                Err(caller)
                            } else {
                                Ok(5 + caller)
                            }
                        );
                    }
                });
            }
        });
    });
}

#[test]
fn index_is_of_this_pool_only() {
    with_pools(|one, width| {
        let other = pool(2);
        assert_eq!(
            (one.current_thread_index(), other.current_thread_index()),
            (None, None)
        );
        one.install(|| {
            let index = current_thread_index().expect("a worker has an index");
            assert!(index < width);
            assert_eq!(
                (one.current_thread_index(), other.current_thread_index()),
                (Some(index), None)
            );
            other.install(|| {
                assert!(current_thread_index().is_some_and(|index| index < 2));
                assert_eq!(one.current_thread_index(), None);
                assert_eq!(other.current_thread_index(), current_thread_index());
                assert_eq!(lyocell::current_num_threads(), 2);
            });
            assert_eq!(lyocell::current_num_threads(), width);
        });
        assert_eq!(
            (one.current_num_threads(), other.current_num_threads()),
            (width, 2)
        );
    });
}

/// Whoever works under an index has it alone, even when threads from outside take part.
#[test]
fn no_index_is_held_twice() {
    fn check(taken: &[AtomicBool], items: usize) {
        (0..items).into_par_iter().with_max_len(1).for_each(|_| {
            let mine = &taken[current_thread_index().expect("an index inside a parallel call")];
            assert!(
                !mine.swap(true, Ordering::Acquire),
                "two threads work under one index"
            );
            for _ in 0..50 {
                std::hint::spin_loop();
            }
            mine.store(false, Ordering::Release);
        });
    }
    watchdog(|_| {
        let seats = || {
            (0..lyocell::current_num_threads())
                .map(|_| AtomicBool::new(false))
                .collect::<Vec<_>>()
        };
        let (global, gate) = (seats(), Barrier::new(6));
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    gate.wait();
                    (0..sized(100, 2)).for_each(|_| check(&global, 50));
                });
            }
        });
        let own = pool(3);
        let seats = own.install(seats);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| (0..sized(100, 2)).for_each(|_| own.install(|| check(&seats, 50))));
            }
        });
    });
}

/// Each pool waits for the other at the same time, over three levels: waiting workers have to keep working.
#[test]
fn two_pools_call_each_other() {
    fn back_and_forth(here: &ThreadPool, there: &ThreadPool, level: u32) -> u64 {
        if level == 0 {
            return fib(6);
        }
        let (a, b) = here.install(|| {
            join(
                || back_and_forth(there, here, level - 1),
                || back_and_forth(there, here, level - 1),
            )
        });
        a + b
    }
    with_pools(|one, _| {
        for width in [1, 2] {
            let other = pool(width);
            for _ in 0..sized(20, 1) {
                thread::scope(|scope| {
                    let there = scope.spawn(|| back_and_forth(one, &other, 3));
                    let back = scope.spawn(|| back_and_forth(&other, one, 3));
                    assert_eq!((there.join().unwrap(), back.join().unwrap()), (64, 64));
                });
            }
        }
    });
}

#[test]
fn panic_crosses_three_pools() {
    watchdog(|_| {
        let (one, two, three) = (pool(1), pool(2), pool(3));
        for tag in 0..sized(100, 3) as u64 {
            let result = caught(|| {
                one.install(|| two.install(|| three.install(|| join(|| (), || boom(tag)))))
            });
            assert_eq!(result.map(|_| ()), Err(tag));
        }
    });
}

/// While a worker waits for another pool, jobs of its own pool still run, or this would hang.
#[test]
fn waiting_for_another_pool_does_not_block_the_own() {
    watchdog(|_| {
        let (one, other) = (Arc::new(pool(1)), pool(1));
        let ran = AtomicUsize::new(0);
        one.install(|| {
            other.install(|| {
                // The only worker of `one` waits for this very closure.
                assert_eq!(one.install(|| ran.fetch_add(1, Ordering::Relaxed)), 0);
            });
        });
        assert_eq!(ran.into_inner(), 1);
    });
}

#[test]
fn outside_there_is_no_index_and_nothing_to_yield_to() {
    with_pools(|pool, _| {
        thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(current_thread_index(), None);
                assert_eq!(lyocell::yield_now(), None);
                assert_eq!(lyocell::yield_local(), None);
                assert_eq!((pool.yield_now(), pool.yield_local()), (None, None));
                assert_eq!(pool.current_thread_has_pending_tasks(), None);
            });
        });
    });
}

#[test]
fn pending_tasks_are_seen_and_yielded_to() {
    watchdog(|_| {
        // One worker: what it spawns waits in its own deque until it yields.
        let pool = Arc::new(pool(1));
        let inside = Arc::clone(&pool);
        pool.install(move || {
            assert_eq!(inside.current_thread_has_pending_tasks(), Some(false));
            assert_eq!(
                (lyocell::yield_now(), lyocell::yield_local()),
                (Some(Yield::Idle), Some(Yield::Idle))
            );
            let ran = Arc::new(AtomicUsize::new(0));
            for times in 1..=3 {
                for _ in 0..2 {
                    let ran = Arc::clone(&ran);
                    spawn(move || _ = ran.fetch_add(1, Ordering::Relaxed));
                }
                assert_eq!(inside.current_thread_has_pending_tasks(), Some(true));
                assert_eq!(lyocell::yield_local(), Some(Yield::Executed));
                assert_eq!(inside.yield_now(), Some(Yield::Executed));
                assert_eq!(inside.yield_local(), Some(Yield::Idle));
                assert_eq!(inside.current_thread_has_pending_tasks(), Some(false));
                assert_eq!(ran.load(Ordering::Relaxed), 2 * times);
            }
        });
    });
}

/// `yield_now` also takes what others have pushed, so one worker can wait for the other by yielding.
#[test]
fn yield_now_takes_from_elsewhere() {
    with_pools(|pool, _| {
        for _ in 0..sized(50, 2) {
            let done = Arc::new(AtomicBool::new(false));
            let set = Arc::clone(&done);
            pool.install(|| {
                spawn(move || set.store(true, Ordering::Release));
                while !done.load(Ordering::Acquire) {
                    assert!(lyocell::yield_now().is_some());
                }
            });
        }
    });
}

#[test]
fn debug_shows_something() {
    with_pools(|pool, _| assert!(format!("{pool:?}").contains("ThreadPool")));
}

/// A worker blocks in code of its own; an outside caller's work goes to the others.
#[test]
fn no_starvation() {
    with_pools(|pool, width| {
        if width == 1 {
            return;
        }
        let (begun, free) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                pool.install(|| {
                    begun.wait();
                    free.wait();
                });
            });
            begun.wait();
            for _ in 0..sized(100, 2) {
                assert_eq!(pool.install(|| fib(8)), 21);
            }
            free.wait();
        });
    });
}
