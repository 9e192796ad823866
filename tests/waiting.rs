//! What those may take, and must take, who wait within an isolated region: their own call's jobs, wherever they lie.
//!
//! In a file of its own, because a mistake here is a wait for ever, or a thread that spins.

#[path = "it/watchdog.rs"]
mod watchdog;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

use lyocell::{ThreadPool, ThreadPoolBuilder, isolate, join, scope};
use watchdog::watchdog;

fn pool(workers: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(workers)
        .caller_participates(true)
        .build()
        .expect("a pool")
}

/// The deque ends lower than where the region began, since an outer job was taken from it in between: what is pushed then is
/// the region's nevertheless.
#[test]
fn own_job_below_where_the_region_began() {
    watchdog(|_| {
        for is_breadth_first in [false, true] {
            #[allow(deprecated)]
            let pool = if is_breadth_first {
                ThreadPoolBuilder::new().num_threads(1).breadth_first()
            } else {
                ThreadPoolBuilder::new().num_threads(1)
            }
            .caller_participates(true)
            .build()
            .expect("a pool");
            for jobs in 0..4 {
                let (outer, inner) = (AtomicUsize::new(0), AtomicUsize::new(0));
                let count = || _ = outer.fetch_add(1, SeqCst);
                pool.install(|| {
                    scope(|s| {
                        (0..3).for_each(|_| s.spawn(|_| count()));
                        isolate(|| {
                            scope(|s| {
                                (0..jobs).for_each(|_| _ = lyocell::yield_local());
                                (0..3).for_each(|_| {
                                    s.spawn(|_| _ = inner.fetch_add(1, SeqCst));
                                });
                            });
                            assert_eq!(inner.load(SeqCst), 3);
                        });
                        isolate(|| join(count, count));
                    });
                });
                assert_eq!(outer.load(SeqCst), 5);
            }
        }
    });
}

/// A job waits for another pool, and that one for a fork below it on the deque, of the same region.
#[test]
fn own_job_below_where_the_job_began() {
    watchdog(|_| {
        let (here, there) = (pool(1), pool(1));
        let has_run = AtomicBool::new(false);
        let wait = || {
            while !has_run.load(SeqCst) {
                thread::yield_now();
            }
        };
        here.install(|| {
            isolate(|| {
                scope(|s| {
                    join(
                        || s.spawn(|_| there.install(wait)),
                        || has_run.store(true, SeqCst),
                    );
                });
            });
        });
    });
}

/// Each worker waits for a job that another pool has put into the injector, in a region of its own; who looks for its own there has
/// the others' in its hands for a moment. The barrier lets nobody go on to do them.
#[test]
fn own_jobs_among_strangers_in_the_injector() {
    watchdog(|_| {
        for width in [2, 3, 4] {
            let (here, there) = (pool(width), pool(width));
            let all = Barrier::new(width);
            let count = AtomicUsize::new(0);
            let rounds = if cfg!(miri) { 3 } else { 600 };
            here.broadcast(|_| {
                for _ in 0..rounds {
                    isolate(|| {
                        scope(|s| {
                            there.install(|| {
                                (0..2).for_each(|_| {
                                    s.spawn(|_| _ = count.fetch_add(1, SeqCst));
                                });
                            });
                        });
                    });
                    all.wait();
                }
            });
            assert_eq!(count.into_inner(), 2 * width * rounds);
        }
    });
}

/// The forked side is done by its own thread while that waits within the first side, and a detached job comes to lie in its place on the
/// deque. The join must take that neither for its own side, which would run twice, nor away.
#[test]
fn another_job_in_the_place_of_a_fork() {
    watchdog(|_| {
        let there = pool(1);
        for is_buried in [false, true] {
            let (runs, spawned) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
            let here = pool(1);
            let runs = &runs;
            let wait_and_spawn = || {
                there.install(|| {
                    while runs.load(SeqCst) == 0 {
                        thread::yield_now();
                    }
                });
                let spawned = Arc::clone(&spawned);
                lyocell::spawn(move || _ = spawned.fetch_add(1, SeqCst));
            };
            here.install(|| {
                scope(|s| {
                    // The last job of all leaves its place empty.
                    s.spawn(|_| ());
                    join(
                        || {
                            if is_buried {
                                s.spawn(|_| wait_and_spawn());
                            } else {
                                wait_and_spawn();
                            }
                        },
                        || _ = runs.fetch_add(1, SeqCst),
                    );
                });
            });
            drop(here); // waits for what was spawned
            assert_eq!((runs.load(SeqCst), spawned.load(SeqCst)), (1, 1));
        }
    });
}
