//! `scope` and `in_place_scope`: nothing spawned in them outlives them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use lyocell::{Scope, in_place_scope, scope};

use crate::common::{boom, caught, fib, pool, sized, watchdog, with_pools};
use crate::counted::Ledger;

/// A macro and not a function: the two calls differ in the bounds on their closures.
macro_rules! in_both {
    ($pool:expr, $body:expr) => {{
        $pool.install(|| scope($body));
        $pool.scope($body);
        $pool.in_place_scope($body);
        $pool.install(|| in_place_scope($body));
    }};
}

#[test]
fn smoke() {
    with_pools(|pool, _| {
        assert_eq!(pool.install(|| scope(|_| 5)), 5);
        assert_eq!(pool.scope(|_| "five"), "five");
        assert_eq!(pool.in_place_scope(|_| 5.0), 5.0);
    });
}

#[test]
fn all_jobs_end_before_the_scope_does() {
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        for round in 1..=sized(100, 3) {
            in_both!(pool, |s: &Scope<'_>| {
                for _ in 0..10 {
                    s.spawn(|_| {
                        thread::yield_now();
                        count.fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
            assert_eq!(count.load(Ordering::Relaxed), round * 40);
        }
    });
}

#[test]
fn jobs_write_to_borrowed_data() {
    with_pools(|pool, _| {
        let mut data = vec![0; 100];
        let mut sum = 0;
        pool.scope(|s| {
            for (at, slot) in data.iter_mut().enumerate() {
                s.spawn(move |_| *slot = at);
            }
            s.spawn(|_| sum = 1);
        });
        assert_eq!(sum + data.iter().sum::<usize>(), 1 + 99 * 50);
    });
}

#[test]
fn jobs_spawn_jobs() {
    fn burst<'s>(s: &Scope<'s>, depth: usize, count: &'s AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
        for _ in 0..if depth > 0 { 3 } else { 0 } {
            s.spawn(move |s| burst(s, depth - 1, count));
        }
    }
    let (depth, nodes) = if cfg!(miri) { (3, 40) } else { (6, 1093) };
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        in_both!(pool, |s| burst(s, depth, &count));
        assert_eq!(count.into_inner(), 4 * nodes);
    });
}

/// A chain in which each job spawns only the next: the scope must never believe itself done between two of them.
#[test]
fn chain_of_single_spawns() {
    fn link<'s>(s: &Scope<'s>, left: usize, count: &'s AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
        if left > 0 {
            s.spawn(move |s| link(s, left - 1, count));
        }
    }
    let length = sized(5_000, 20);
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        in_both!(pool, |s| link(s, length, &count));
        assert_eq!(count.into_inner(), 4 * (length + 1));
    });
}

#[test]
fn nested_scopes_end_inside_out() {
    with_pools(|pool, _| {
        let outer_done = AtomicBool::new(false);
        pool.scope(|outer| {
            for _ in 0..8 {
                outer.spawn(|outer| {
                    let inner_count = AtomicUsize::new(0);
                    scope(|inner| {
                        for _ in 0..8 {
                            inner.spawn(|_| {
                                inner_count.fetch_add(1, Ordering::Relaxed);
                            });
                            // A job of the outer scope, spawned from within the inner one, does not hold the inner one up.
                            outer.spawn(|_| assert!(!outer_done.load(Ordering::Relaxed)));
                        }
                    });
                    assert_eq!(inner_count.into_inner(), 8);
                });
            }
        });
        outer_done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn scope_in_a_spawn_in_a_scope_in_a_join() {
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        let add = || _ = count.fetch_add(1, Ordering::Relaxed);
        let nest = || {
            scope(|s| {
                s.spawn(|_| {
                    scope(|s| s.spawn(|_| _ = lyocell::join(|| scope(|s| s.spawn(|_| add())), add)))
                });
                s.spawn(|_| add());
            });
        };
        pool.join(nest, nest);
        assert_eq!(count.into_inner(), 6);
    });
}

/// The panic waits for the jobs, like any other end of the body.
#[test]
fn body_panics_while_jobs_run() {
    fn body<'s>(s: &Scope<'s>, count: &'s AtomicUsize) {
        for _ in 0..16 {
            s.spawn(|_| {
                thread::yield_now();
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
        boom(1)
    }
    with_pools(|pool, _| {
        for _ in 0..sized(50, 2) {
            let count = AtomicUsize::new(0);
            assert_eq!(caught(|| pool.scope(|s| body(s, &count))), Err(1));
            assert_eq!(count.load(Ordering::Relaxed), 16);
            assert_eq!(caught(|| pool.in_place_scope(|s| body(s, &count))), Err(1));
            assert_eq!(count.load(Ordering::Relaxed), 32);
        }
    });
}

#[test]
fn job_panics_and_the_others_still_run() {
    fn body<'s>(s: &Scope<'s>, bad: u64, count: &'s AtomicUsize) {
        for job in 0..16 {
            s.spawn(move |_| {
                if job == bad {
                    boom(job)
                } else {
                    _ = count.fetch_add(1, Ordering::Relaxed)
                }
            });
        }
    }
    with_pools(|pool, _| {
        for bad in 0..16 {
            let count = AtomicUsize::new(0);
            assert_eq!(caught(|| pool.scope(|s| body(s, bad, &count))), Err(bad));
            assert_eq!(
                caught(|| pool.in_place_scope(|s| body(s, bad, &count))),
                Err(bad)
            );
            assert_eq!(count.into_inner(), 30);
        }
    });
}

/// One payload goes on, the others are dropped: none is leaked, none arrives twice.
#[test]
fn several_panic_and_one_payload_resumes() {
    with_pools(|pool, _| {
        let ledger = Ledger::new();
        for _ in 0..sized(50, 2) {
            let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                pool.scope(|s| {
                    for job in 0..8 {
                        let value = ledger.value(job);
                        s.spawn(move |_| std::panic::resume_unwind(Box::new(value)));
                    }
                    let value = ledger.value(8);
                    std::panic::resume_unwind(Box::new(value));
                })
            }));
            assert!(
                payload
                    .expect_err("nine panics")
                    .is::<crate::counted::Counted>()
            );
        }
        ledger.settle();
    });
}

/// What a job owns is dropped whether it runs, panics, or spawns more first.
#[test]
fn destructors() {
    with_pools(|pool, _| {
        for fuse in 0..20 {
            let ledger = Ledger::with_fuse(fuse);
            let result = caught(|| {
                pool.scope(|s| {
                    for value in ledger.values(10) {
                        s.spawn(move |s| {
                            value.operate();
                            s.spawn(move |_| value.operate());
                        });
                    }
                })
            });
            if fuse < 10 {
                assert_eq!(result, Err(fuse as u64));
            }
            ledger.settle();
        }
    });
}

#[test]
fn hundred_thousand_spawns() {
    let jobs = sized(100_000, 100);
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..jobs {
                s.spawn(|_| _ = count.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), jobs);
        pool.in_place_scope(|s| {
            for _ in 0..jobs / 10 {
                s.spawn(|_| _ = count.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!(count.into_inner(), jobs + jobs / 10);
    });
}

/// The body of an `in_place_scope` stays where it is and may hold what is not `Send`; its jobs go to the pool.
#[test]
fn in_place_body_stays_on_its_thread() {
    with_pools(|pool, _| {
        let here = thread::current().id();
        let mine = std::rc::Rc::new(5);
        let (send, receive) = channel();
        let got = pool.in_place_scope(|s| {
            assert_eq!(thread::current().id(), here);
            let send = send.clone();
            s.spawn(move |_| {
                send.send(lyocell::current_num_threads())
                    .expect("somebody waits")
            });
            *mine
        });
        assert_eq!(got, 5);
        assert_eq!(receive.recv(), Ok(pool.current_num_threads()));
    });
}

/// The body waits for one of its own jobs: on a thread outside the pool that must end, whatever the width.
#[test]
fn in_place_body_waits_for_its_own_job() {
    with_pools(|pool, _| {
        for _ in 0..sized(200, 5) {
            let (send, receive) = channel();
            pool.in_place_scope(|s| {
                s.spawn(move |_| send.send(1).expect("somebody waits"));
                assert_eq!(receive.recv(), Ok(1));
            });
        }
    });
}

/// A scope of one pool, used from a worker of another: the job runs in the pool of its scope.
#[test]
fn jobs_run_in_the_pool_of_their_scope() {
    watchdog(|_| {
        let (two, three) = (pool(2), pool(3));
        two.scope(|s| {
            three.install(|| {
                assert_eq!(lyocell::current_num_threads(), 3);
                for _ in 0..10 {
                    s.spawn(|_| assert_eq!(lyocell::current_num_threads(), 2));
                }
            });
        });
    });
}

/// The scope is used from threads that no pool knows.
#[test]
fn spawns_from_foreign_threads() {
    with_pools(|pool, _| {
        let count = AtomicUsize::new(0);
        pool.in_place_scope(|s| {
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| {
                        for _ in 0..100 {
                            s.spawn(|_| _ = count.fetch_add(1, Ordering::Relaxed));
                        }
                    });
                }
            });
        });
        assert_eq!(count.into_inner(), 400);
    });
}

#[test]
fn from_outside_on_the_global_pool() {
    watchdog(|_| {
        let count = AtomicUsize::new(0);
        let job = |_: &Scope<'_>| _ = count.fetch_add(fib(5) as usize, Ordering::Relaxed);
        scope(|s| (0..10).for_each(|_| s.spawn(job)));
        in_place_scope(|s| (0..10).for_each(|_| s.spawn(job)));
        assert_eq!(count.into_inner(), 100);
        assert_eq!(caught(|| scope(|s| s.spawn(|_| boom(9)))), Err(9));
    });
}
