//! A dropped pool takes its threads with it: they have finished what was spawned, run their exit handlers and are gone.
#![cfg(target_os = "linux")]

#[path = "it/watchdog.rs"]
mod watchdog;

use std::cell::RefCell;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use watchdog::watchdog;

/// How many threads of this process are called so, with a dash and an index.
fn threads(prefix: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux");
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names
        .filter(|name| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .count()
}

/// Waits until none is left; the watchdog is the limit. A thread that has been joined may still be listed for a moment, since
/// the kernel wakes the joiner before it takes the thread off its list.
fn await_none(prefix: &str) {
    while threads(prefix) > 0 {
        thread::sleep(Duration::from_millis(1));
    }
}

struct Watched {
    pool: ThreadPool,
    exits: Arc<AtomicUsize>,
}

fn watched(name: &'static str, workers: usize) -> Watched {
    let exits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&exits);
    let pool = ThreadPoolBuilder::new()
        .num_threads(workers)
        .thread_name(move |index| format!("{name}-{index}"))
        .exit_handler(move |_| _ = count.fetch_add(1, Ordering::Relaxed))
        .build()
        .expect("a pool");
    Watched { pool, exits }
}

/// Runs `job` once on each worker: none can take a second one before all have begun.
fn everywhere(pool: &ThreadPool, job: impl Fn() + Sync) {
    let all = Barrier::new(pool.current_num_threads());
    pool.scope(|s| {
        for _ in 0..pool.current_num_threads() {
            s.spawn(|_| {
                all.wait();
                job();
            });
        }
    });
}

/// The exit handlers have run, once each, when the drop returns.
#[test]
fn drop_joins_its_threads() {
    watchdog(|_| {
        for workers in [1, 2, 8, 32] {
            for used in [false, true] {
                let Watched { pool, exits } = watched("joined", workers);
                if used {
                    assert_eq!(
                        pool.install(|| (0..1000_u32).into_par_iter().with_max_len(1).sum::<u32>()),
                        499_500
                    );
                    everywhere(&pool, || ());
                    assert_eq!(threads("joined"), workers);
                }
                drop(pool);
                assert_eq!(exits.load(Ordering::Relaxed), workers);
                await_none("joined");
                assert_eq!(exits.load(Ordering::Relaxed), workers);
            }
        }
    });
}

/// What the workers keep for themselves is dropped too by then.
#[test]
fn thread_locals_are_dropped_with_the_pool() {
    struct Local(Arc<AtomicUsize>);
    impl Drop for Local {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    thread_local! {
        static LOCAL: RefCell<Option<Local>> = const { RefCell::new(None) };
    }
    watchdog(|_| {
        for workers in [1, 2, 8] {
            let dropped = Arc::new(AtomicUsize::new(0));
            let Watched { pool, .. } = watched("locals", workers);
            everywhere(&pool, || LOCAL.set(Some(Local(Arc::clone(&dropped)))));
            drop(pool);
            assert_eq!(dropped.load(Ordering::Relaxed), workers);
        }
    });
}

/// The last owner of a pool is one of its own jobs. A worker cannot wait for itself; the threads still end.
#[test]
fn pool_dropped_on_its_own_worker() {
    watchdog(|_| {
        for workers in [1, 2, 8] {
            for round in 0..20 {
                let Watched { pool, exits } = watched("own", workers);
                let (pool, gate, (send, receive)) =
                    (Arc::new(pool), Arc::new(Barrier::new(2)), channel());
                let (inside, begun) = (Arc::clone(&pool), Arc::clone(&gate));
                pool.spawn(move || {
                    begun.wait();
                    // What it spawns before and after the drop is still done.
                    let sent = send.clone();
                    lyocell::spawn(move || sent.send(1).expect("awaited"));
                    drop(inside);
                    lyocell::spawn(move || send.send(2).expect("awaited"));
                });
                drop(pool);
                gate.wait();
                assert_eq!(receive.iter().sum::<i32>(), 3, "round {round}");
                // Nobody joins them, and one may not even have its name yet. The watchdog is the limit.
                while exits.load(Ordering::Relaxed) < workers {
                    thread::sleep(Duration::from_millis(1));
                }
                await_none("own");
                assert_eq!(exits.load(Ordering::Relaxed), workers);
            }
        }
    });
}

/// A pool is dropped on a worker of another pool, which meanwhile does its own work.
#[test]
fn pool_dropped_on_a_worker_of_another() {
    watchdog(|_| {
        let outer = ThreadPoolBuilder::new()
            .num_threads(2)
            .build()
            .expect("a pool");
        for _ in 0..50 {
            let Watched { pool, exits } = watched("inner", 3);
            let ran = Arc::new(AtomicUsize::new(0));
            for _ in 0..10 {
                let ran = Arc::clone(&ran);
                pool.spawn(move || _ = ran.fetch_add(1, Ordering::Relaxed));
            }
            outer.install(|| drop(pool));
            assert_eq!(
                (ran.load(Ordering::Relaxed), exits.load(Ordering::Relaxed)),
                (10, 3)
            );
        }
        await_none("inner");
    });
}

/// Threads do not pile up, however many pools come and go, some of them all at once.
#[test]
fn many_pools() {
    watchdog(|_| {
        for _ in 0..200 {
            let Watched { pool, exits } = watched("many", 4);
            assert_eq!(pool.install(|| 1), 1);
            drop(pool);
            assert_eq!(exits.load(Ordering::Relaxed), 4);
        }
        await_none("many");
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let Watched { pool, exits } = watched("many", 3);
                        assert_eq!(
                            pool.install(|| (0..100_u32).into_par_iter().sum::<u32>()),
                            4950
                        );
                        drop(pool);
                        assert_eq!(exits.load(Ordering::Relaxed), 3);
                    }
                });
            }
        });
        await_none("many");
    });
}

/// A pool that was not used, or whose building failed half-way, leaves no thread behind either.
#[test]
fn nothing_is_left_of_a_failed_build() {
    watchdog(|_| {
        for bad in 0..4 {
            let result = std::panic::catch_unwind(|| {
                ThreadPoolBuilder::new()
                    .num_threads(4)
                    .thread_name(move |index| {
                        if index == bad {
                            std::panic::resume_unwind(Box::new("no more wool"));
                        }
                        format!("failed-{index}")
                    })
                    .build()
            });
            assert!(result.is_err());
            await_none("failed");
        }
        let absurd = ThreadPoolBuilder::new()
            .num_threads(4)
            .stack_size(1 << (usize::BITS - 2));
        assert!(
            absurd
                .thread_name(|index| format!("failed-{index}"))
                .build()
                .is_err()
        );
        await_none("failed");
    });
}
