//! One closure on every worker.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder, broadcast};

use crate::common::{
    boom, caught, sized, tag_of, wait_for, watchdog, with_pools, with_shared_pools,
};
use crate::counted::Ledger;

#[test]
fn results_come_in_the_order_of_the_workers() {
    with_pools(|pool, width| {
        for _ in 0..sized(50, 2) {
            let seen = pool.broadcast(|context| {
                assert_eq!(lyocell::current_thread_index(), Some(context.index()));
                assert_eq!(context.num_threads(), width);
                context.index()
            });
            assert_eq!(seen, (0..width).collect::<Vec<_>>());
            assert_eq!(pool.install(|| broadcast(|context| context.index())), seen);
        }
    });
}

#[test]
fn from_outside_on_the_global_pool() {
    watchdog(|_| assert_eq!(broadcast(|_| 1).len(), lyocell::current_num_threads()));
}

/// Every worker is in the middle of a broadcast of its own when the others' arrive.
#[test]
fn broadcasts_from_all_workers_at_once() {
    with_pools(|pool, width| {
        let count = AtomicUsize::new(0);
        for _ in 0..sized(20, 1) {
            pool.broadcast(|_| {
                pool.broadcast(|_| count.fetch_add(1, Ordering::Relaxed))
                    .len()
            });
        }
        assert_eq!(count.into_inner(), sized(20, 1) * width * width);
    });
}

#[test]
fn panics_of_some_workers() {
    with_pools(|pool, width| {
        for bad in 0..width {
            let count = AtomicUsize::new(0);
            let result = caught(|| {
                pool.broadcast(|context| {
                    count.fetch_add(1, Ordering::Relaxed);
                    if context.index() == bad {
                        boom(bad as u64)
                    }
                })
            });
            assert_eq!(result, Err(bad as u64));
            assert_eq!(count.into_inner(), width);
        }
    });
}

#[test]
fn spawned_and_scoped() {
    with_pools(|pool, width| {
        let (send, receive) = channel();
        pool.spawn_broadcast(move |context| send.send(context.index()).expect("awaited"));
        assert_eq!(
            receive.iter().collect::<BTreeSet<_>>(),
            (0..width).collect()
        );
        let count = AtomicUsize::new(0);
        pool.scope(|s| {
            s.spawn_broadcast(|s, _| {
                thread::yield_now();
                s.spawn_broadcast(|_, _| _ = count.fetch_add(1, Ordering::Relaxed));
            });
        });
        assert_eq!(count.into_inner(), width * width);
    });
}

/// All workers are in the broadcast at the same time, those included that slept, and none is called twice.
#[test]
fn every_worker_at_once() {
    with_pools(|pool, width| {
        for _ in 0..sized(50, 2) {
            let all = Barrier::new(width);
            let threads = pool.broadcast(|_| {
                all.wait();
                thread::current().id()
            });
            assert_eq!(
                threads
                    .iter()
                    .collect::<std::collections::HashSet<_>>()
                    .len(),
                width
            );
        }
    });
}

/// Threads from outside broadcast at once, and the calls of each wait for one another: with two orders they would hang.
#[test]
fn one_order_for_all() {
    with_shared_pools(|pool, width| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let pool = Arc::clone(&pool);
                thread::spawn(move || {
                    for _ in 0..sized(25, 1) {
                        let all = Barrier::new(width);
                        pool.broadcast(|_| _ = all.wait());
                    }
                })
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().expect("no panic"));
    });
}

/// Calls from outside broadcast from within.
#[test]
fn from_within_two_calls() {
    with_shared_pools(|pool, width| {
        let call = move |pool: &lyocell::ThreadPool| {
            for _ in 0..sized(300, 2) {
                let all = || broadcast(|_| thread::yield_now()).len();
                assert_eq!(pool.install(|| lyocell::join(all, all)), (width, width));
            }
        };
        let other = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || call(&pool))
        };
        call(&pool);
        other.join().expect("no panic");
    });
}

/// Calls from outside, in which one thread waits for another that comes to broadcast, each time for another reason: the one that
/// waits may not do strangers' jobs, and still takes part.
#[test]
fn by_one_who_is_waited_for() {
    watchdog(|_| {
        // Without guests, so that each call is on a thread of its pool.
        let pool = |width| {
            let builder = ThreadPoolBuilder::new().num_threads(width);
            builder.caller_participates(false).build().expect("a pool")
        };
        for _ in 0..sized(50, 2) {
            let (pool, elsewhere) = (pool(2), pool(1));
            let all = || assert_eq!(broadcast(|context| context.index()), [0, 1]);
            // Takes the call of a stranger, which broadcasts, on top of what the thread does.
            let strangers = |take: &dyn Fn(&AtomicBool)| {
                let (is_called, is_taken) = (AtomicBool::new(false), AtomicBool::new(false));
                thread::scope(|scope| {
                    scope.spawn(|| {
                        is_called.store(true, SeqCst);
                        pool.install(|| {
                            is_taken.store(true, SeqCst);
                            lyocell::join(all, || ());
                        });
                    });
                    wait_for(&is_called);
                    take(&is_taken);
                });
            };
            let rows: [&(dyn Fn() + Sync); 3] = [
                &|| lyocell::isolate(all),
                &|| {
                    strangers(&|is_taken| {
                        while !is_taken.load(SeqCst) {
                            lyocell::yield_now();
                        }
                    });
                },
                &|| strangers(&|is_taken| elsewhere.install(|| wait_for(is_taken))),
            ];
            for row in rows {
                let has_begun = AtomicBool::new(false);
                let wait = || wait_for(&has_begun);
                let right = || {
                    has_begun.store(true, SeqCst);
                    row();
                };
                pool.install(|| lyocell::join(wait, right));
            }
        }
    });
}

/// Two calls from outside, in each of which a thread waits for another one that broadcasts, and is needed by the other call's broadcast:
/// in one pool and across two, where it waits for the broadcast itself, for a call that does it, or for a scope.
#[test]
fn of_two_calls_at_once() {
    watchdog(|_| {
        for has_guests in [false, true] {
            let pool = |width| {
                let builder = ThreadPoolBuilder::new().num_threads(width);
                let builder = builder.caller_participates(has_guests);
                builder.build().expect("a pool")
            };
            let (wide, a, b) = (pool(4), pool(2), pool(2));
            for round in 0..sized(36, 6) {
                let pools = if round % 2 == 0 { [&wide; 2] } else { [&a, &b] };
                let (waiting, arrived) = (AtomicUsize::new(0), AtomicUsize::new(0));
                let both = |count: &AtomicUsize| {
                    while count.load(SeqCst) < 2 {
                        thread::yield_now();
                    }
                };
                let call = |pool: &ThreadPool, other: &ThreadPool| {
                    let waits = || {
                        waiting.fetch_add(1, SeqCst);
                        both(&arrived);
                    };
                    let calls = || {
                        both(&waiting);
                        arrived.fetch_add(1, SeqCst);
                        both(&arrived);
                        // So that the others wait by then.
                        thread::sleep(Duration::from_millis(5));
                        let count = AtomicUsize::new(0);
                        let add = || _ = count.fetch_add(1, SeqCst);
                        match round % 3 {
                            0 => _ = other.broadcast(|_| add()),
                            1 => other.install(|| _ = broadcast(|_| add())),
                            _ => other.in_place_scope(|s| s.spawn_broadcast(|_, _| add())),
                        }
                        assert_eq!(count.load(SeqCst), other.current_num_threads());
                    };
                    pool.install(|| lyocell::join(waits, calls));
                };
                thread::scope(|scope| {
                    scope.spawn(|| call(pools[0], pools[1]));
                    scope.spawn(|| call(pools[1], pools[0]));
                });
            }
        }
    });
}

/// Who yields within what is isolated is waited for by one who takes no stranger's broadcast, and so doesn't bring one about.
#[test]
fn by_nobody_on_top_of_what_is_isolated() {
    watchdog(|_| {
        let builder = ThreadPoolBuilder::new().num_threads(2);
        let pool = builder.caller_participates(false).build().expect("a pool");
        for _ in 0..sized(50, 2) {
            let [is_stolen, is_called, has_run] = [const { AtomicBool::new(false) }; 3];
            let yields = || {
                is_stolen.store(true, SeqCst);
                wait_for(&is_called);
                for _ in 0..100 {
                    lyocell::yield_now();
                    lyocell::yield_local();
                }
                assert!(!has_run.load(SeqCst));
            };
            let waits = || lyocell::join(|| wait_for(&is_stolen), yields);
            thread::scope(|scope| {
                scope.spawn(|| pool.install(|| lyocell::isolate(waits)));
                wait_for(&is_stolen);
                pool.in_place_scope(|s| {
                    s.spawn(|_| {
                        has_run.store(true, SeqCst);
                        assert_eq!(broadcast(|context| context.index()), [0, 1]);
                    });
                    is_called.store(true, SeqCst);
                });
            });
            assert!(has_run.into_inner());
        }
    });
}

/// While loops keep all workers busy.
#[test]
fn amid_loops() {
    with_shared_pools(|pool, width| {
        let inside = Arc::clone(&pool);
        let other = thread::spawn(move || {
            inside.install(|| {
                (0..sized(200_000, 200))
                    .into_par_iter()
                    .with_max_len(7)
                    .map(|x| x % 3)
                    .sum::<usize>()
            })
        });
        for _ in 0..sized(50, 2) {
            assert_eq!(pool.broadcast(|context| context.index()).len(), width);
        }
        assert!(other.join().is_ok());
    });
}

/// A broadcast to another pool, from each worker of this one.
#[test]
fn across_pools() {
    with_pools(|pool, width| {
        let other = crate::common::pool(3);
        let lens = pool.broadcast(|_| other.broadcast(|context| context.index()).len());
        assert_eq!(lens, vec![3; width]);
    });
}

/// A thread that is bound to a pool lets it go in the middle of a broadcast, which another thread comes to later. From then on
/// the first one is alone.
#[test]
fn from_a_bound_thread_whose_pool_ends() {
    watchdog(|_| {
        let in_a_thread = || {
            let builder = ThreadPoolBuilder::new().num_threads(2);
            let pool = builder.use_current_thread().build().expect("a pool");
            let [has_begun, may_end] = [const { AtomicBool::new(false) }; 2].map(Arc::new);
            let flags = (Arc::clone(&has_begun), Arc::clone(&may_end));
            lyocell::spawn(move || {
                flags.0.store(true, SeqCst);
                wait_for(&flags.1);
            });
            wait_for(&has_begun);
            let pool = Mutex::new(Some(pool));
            let seen = broadcast(|context| {
                if context.index() == 0 {
                    drop(pool.lock().unwrap().take());
                    may_end.store(true, SeqCst);
                }
                (context.index(), context.num_threads())
            });
            assert_eq!(seen, [(0, 2), (1, 2)]);

            let alone = || broadcast(|context| (context.index(), context.num_threads()));
            assert_eq!(alone(), [(0, 1)]);
            assert_eq!(lyocell::isolate(alone), [(0, 1)]);
            assert_eq!(lyocell::join(alone, alone), (vec![(0, 1)], vec![(0, 1)]));
            let result = caught(|| broadcast(|_| boom(1)));
            assert_eq!(result, Err::<Vec<()>, _>(1));
            let count = AtomicUsize::new(0);
            lyocell::scope(|s| s.spawn_broadcast(|_, _| _ = count.fetch_add(1, SeqCst)));
            // By one who is outside.
            lyocell::in_place_scope(|s| {
                thread::scope(|threads| {
                    threads.spawn(|| s.spawn_broadcast(|_, _| _ = count.fetch_add(1, SeqCst)));
                });
            });
            assert_eq!(count.into_inner(), 2);
            let (send, receive) = channel();
            lyocell::spawn_broadcast(move |context| send.send(context.index()).expect("awaited"));
            while lyocell::yield_now() == Some(lyocell::Yield::Executed) {}
            assert_eq!(receive.iter().collect::<Vec<_>>(), [0]);
        };
        thread::spawn(in_a_thread).join().expect("no panic");
    });
}

#[test]
fn panics_of_detached_calls_go_to_the_handler() {
    watchdog(|_| {
        for width in [1, 3] {
            let (send, receive) = channel();
            let send = Mutex::new(send);
            let pool = ThreadPoolBuilder::new()
                .num_threads(width)
                .panic_handler(move |payload| {
                    let tag = tag_of(payload).expect("ours");
                    send.lock().unwrap().send(tag).expect("awaited");
                })
                .build()
                .expect("a pool");
            pool.spawn_broadcast(|context| boom(context.index() as u64));
            drop(pool);
            let tags: BTreeSet<_> = receive.iter().collect();
            assert_eq!(tags, (0..width as u64).collect());
        }
    });
}

/// Results and captures are dropped once each, whoever panics.
#[test]
fn destructors() {
    with_pools(|pool, width| {
        for bad in 0..=width {
            let ledger = Ledger::new();
            let capture = ledger.value(1);
            let result = caught(|| {
                pool.broadcast(|context| {
                    let _ = &capture;
                    let result = ledger.value(1);
                    if context.index() == bad {
                        boom(1)
                    }
                    result
                })
            });
            assert_eq!(result.is_err(), bad < width);
            drop((result, capture));
            ledger.settle();
        }
    });
}

#[test]
fn context_is_printed() {
    let text = crate::common::pool(2).broadcast(|context| format!("{context:?}"));
    assert!(text[1].contains("BroadcastContext") && text[1].contains("index: 1"));
}
