//! The first-in, first-out twins of `scope` and `spawn`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use lyocell::{ScopeFifo, ThreadPoolBuilder, in_place_scope_fifo, scope, scope_fifo};

use crate::common::{boom, caught, pool, sized, watchdog, with_pools};

/// On one worker there is nobody to steal, so the order is known.
#[test]
fn order_on_one_worker() {
    watchdog(|_| {
        let pool = pool(1);
        let order = |fifo: bool| {
            let seen = Mutex::new(Vec::new());
            let note = |job| seen.lock().unwrap().push(job);
            pool.install(|| {
                if fifo {
                    scope_fifo(|s| (0..10).for_each(|job| s.spawn_fifo(move |_| note(job))));
                } else {
                    scope(|s| (0..10).for_each(|job| s.spawn(move |_| note(job))));
                }
            });
            seen.into_inner().unwrap()
        };
        assert_eq!(order(true), (0..10).collect::<Vec<_>>());
        assert_eq!(order(false), (0..10).rev().collect::<Vec<_>>());
    });
}

#[test]
fn jobs_end_before_the_scope_does() {
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        let add = || _ = count.fetch_add(1, Ordering::Relaxed);
        pool.scope_fifo(|s| (0..100).for_each(|_| s.spawn_fifo(|s| s.spawn_fifo(|_| add()))));
        pool.in_place_scope_fifo(|s| (0..100).for_each(|_| s.spawn_fifo(|_| add())));
        pool.install(|| in_place_scope_fifo(|s| s.spawn_broadcast(|_, _| add())));
        assert_eq!(count.into_inner(), 200 + pool.current_num_threads());
    });
}

#[test]
fn panics_resume() {
    with_pools(|pool, _| {
        assert_eq!(
            caught(|| pool.scope_fifo(|s| s.spawn_fifo(|_| boom(1)))),
            Err(1)
        );
        let body = |s: &ScopeFifo<'_>| {
            s.spawn_fifo(|_| ());
            boom(2)
        };
        assert_eq!(caught(|| pool.scope_fifo(body)), Err::<(), _>(2));
    });
}

#[test]
fn detached() {
    with_pools(|pool, _| {
        let (send, receive) = channel();
        for job in 0..50 {
            let send = send.clone();
            pool.spawn_fifo(move || lyocell::spawn_fifo(move || send.send(job).expect("awaited")));
        }
        drop(send);
        let mut seen: Vec<_> = receive.iter().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
    });
}

/// Of a single worker's jobs, the oldest begins first, also when nested, and jobs of two scopes do not mix up their lines.
#[test]
fn nested_order_on_one_worker() {
    watchdog(|_| {
        let seen = Mutex::new(Vec::new());
        let note = |job: i32| seen.lock().unwrap().push(job);
        pool(1).scope_fifo(|outer| {
            outer.spawn_fifo(|outer| {
                note(1);
                outer.spawn_fifo(|_| note(3));
                scope_fifo(|inner| {
                    inner.spawn_fifo(|_| note(10));
                    inner.spawn_fifo(|_| note(11));
                });
            });
            outer.spawn_fifo(|_| note(2));
        });
        let seen = seen.into_inner().unwrap();
        let of = |wanted: [i32; 3]| {
            seen.iter()
                .copied()
                .filter(|job| wanted.contains(job))
                .collect::<Vec<_>>()
        };
        assert_eq!(of([1, 2, 3]), [1, 2, 3]);
        assert_eq!(of([1, 10, 11]), [1, 10, 11]);
        assert_eq!(seen.len(), 5);
    });
}

#[test]
fn detached_order_on_one_worker() {
    watchdog(|_| {
        let (send, receive) = channel();
        let pool = pool(1);
        pool.install(|| {
            for job in 0..10 {
                let send = send.clone();
                lyocell::spawn_fifo(move || send.send(job).expect("awaited"));
            }
        });
        drop(send);
        assert_eq!(
            receive.iter().collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
    });
}

/// With thieves about, each job runs once, and those that one worker spawned begin in order: a later one never begins
/// while an earlier one has not been taken.
#[test]
fn order_among_thieves() {
    with_pools(|pool, _| {
        let begun = Mutex::new(Vec::new());
        pool.scope_fifo(|s| {
            for job in 0..sized(500, 20) {
                let begun = &begun;
                s.spawn_fifo(move |_| begun.lock().unwrap().push(job));
            }
        });
        let mut begun = begun.into_inner().unwrap();
        begun.sort_unstable();
        assert_eq!(begun, (0..sized(500, 20)).collect::<Vec<_>>());
    });
}

#[test]
#[allow(deprecated)]
fn breadth_first() {
    watchdog(|_| {
        let build = |width| {
            ThreadPoolBuilder::new()
                .num_threads(width)
                .breadth_first()
                .build()
                .expect("a pool")
        };
        let seen = Mutex::new(Vec::new());
        build(1).scope(|s| {
            (0..10).for_each(|job| {
                let seen = &seen;
                s.spawn(move |_| seen.lock().unwrap().push(job))
            })
        });
        assert_eq!(seen.into_inner().unwrap(), (0..10).collect::<Vec<_>>());
        for width in [1, 2, 3] {
            let pool = build(width);
            for _ in 0..sized(20, 1) {
                assert_eq!(pool.install(|| crate::common::fib(12)), 144);
                pool.scope(|s| s.spawn(|s| s.spawn(|_| assert_eq!(crate::common::fib(5), 5))));
            }
        }
    });
}
