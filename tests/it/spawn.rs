//! Detached jobs: nobody waits for them but the pool itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use lyocell::{ThreadPool, ThreadPoolBuilder, spawn};

use crate::common::{WIDTHS, boom, pool, sized, tag_of, watchdog, with_pools, with_shared_pools};
use crate::counted::Ledger;

#[test]
fn smoke() {
    with_pools(|pool, width| {
        let (send, receive) = channel();
        pool.spawn(move || {
            send.send(lyocell::current_num_threads())
                .expect("somebody waits")
        });
        assert_eq!(receive.recv(), Ok(width));
    });
}

#[test]
fn on_the_global_pool() {
    watchdog(|_| {
        let (send, receive) = channel();
        spawn(move || spawn(move || send.send(1).expect("somebody waits")));
        assert_eq!(receive.recv(), Ok(1));
    });
}

#[test]
fn spawned_jobs_spawn() {
    fn burst(depth: usize, send: Sender<()>) {
        send.send(()).expect("somebody waits");
        for _ in 0..if depth > 0 { 3 } else { 0 } {
            let send = send.clone();
            spawn(move || burst(depth - 1, send));
        }
    }
    with_pools(|pool, _| {
        let (send, receive) = channel();
        pool.spawn(move || burst(5, send));
        // Ends when the last sender is gone, so when the last job is.
        assert_eq!(receive.iter().count(), 364);
    });
}

/// Many threads, none of them the pool's, all pushing into it at once.
#[test]
fn stampede() {
    with_shared_pools(|pool, _| {
        let (send, receive) = channel();
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let (pool, send) = (Arc::clone(&pool), send.clone());
                thread::spawn(move || {
                    for _ in 0..sized(200, 3) {
                        let send = send.clone();
                        pool.spawn(move || send.send(()).expect("somebody waits"));
                    }
                })
            })
            .collect();
        drop(send);
        assert_eq!(receive.iter().count(), 16 * sized(200, 3));
        threads
            .into_iter()
            .for_each(|thread| thread.join().expect("no panic"));
    });
}

/// The panic handler is given every payload, unchanged, and the workers live on.
#[test]
fn panic_handler_gets_every_payload() {
    watchdog(|_| {
        for workers in WIDTHS {
            let tags = Arc::new(Mutex::new(Vec::new()));
            let (send, receive) = channel();
            let pool = {
                let (tags, send) = (Arc::clone(&tags), Mutex::new(send));
                ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .panic_handler(move |payload| {
                        tags.lock()
                            .unwrap()
                            .push(tag_of(payload).expect("our own payload"));
                        send.lock().unwrap().send(()).expect("somebody waits");
                    })
                    .build()
                    .expect("a pool")
            };
            for tag in 0..20 {
                pool.spawn(move || boom(tag));
                assert_eq!(receive.recv(), Ok(()));
            }
            pool.spawn(|| spawn(|| boom(20)));
            assert_eq!(receive.recv(), Ok(()));
            assert_eq!(*tags.lock().unwrap(), (0..=20).collect::<Vec<_>>());
            assert_eq!(pool.install(|| 3), 3);
        }
    });
}

/// Whatever was spawned before the pool is dropped has run when the drop returns.
#[test]
fn drop_finishes_what_was_spawned() {
    watchdog(|_| {
        for workers in WIDTHS {
            for round in 0..sized(50, 3) {
                let count = Arc::new(AtomicUsize::new(0));
                let pool = pool(workers);
                for _ in 0..round {
                    let count = Arc::clone(&count);
                    pool.spawn(move || _ = count.fetch_add(1, Ordering::Relaxed));
                }
                drop(pool);
                assert_eq!(count.load(Ordering::Relaxed), round, "{workers} workers");
            }
        }
    });
}

/// So has what the spawned jobs spawned, even if they did so during the drop.
#[test]
fn drop_finishes_what_is_spawned_meanwhile() {
    // Few, since a drop does not wait for ever, and on a busy machine whoever gives way may stay away for long.

    fn chain(left: usize, count: Arc<AtomicUsize>) {
        count.fetch_add(1, Ordering::Relaxed);
        if left > 0 {
            thread::yield_now();
            for _ in 0..2 {
                let count = Arc::clone(&count);
                spawn(move || chain(left - 1, count));
            }
        }
    }
    watchdog(|_| {
        for workers in WIDTHS {
            for _ in 0..sized(20, 1) {
                let count = Arc::new(AtomicUsize::new(0));
                let pool = pool(workers);
                let job = Arc::clone(&count);
                pool.spawn(move || chain(4, job));
                drop(pool);
                assert_eq!(count.load(Ordering::Relaxed), 31, "{workers} workers");
            }
        }
    });
}

/// The jobs that a drop finishes still see a pool that works: they join, they scope, they install nothing new.
#[test]
fn jobs_fork_while_the_pool_is_dropped() {
    watchdog(|_| {
        for workers in WIDTHS {
            for _ in 0..sized(20, 1) {
                let (send, receive) = channel();
                let pool = pool(workers);
                for _ in 0..4 {
                    let send = send.clone();
                    pool.spawn(move || send.send(crate::common::fib(10)).expect("somebody waits"));
                }
                drop((pool, send));
                assert_eq!(receive.iter().collect::<Vec<_>>(), [55; 4]);
            }
        }
    });
}

/// A spawned job waits for the thread that drops the pool. That must not wait for ever, and the job still runs to its
/// end, with what it spawns then.
#[test]
fn job_waits_for_the_dropper() {
    watchdog(|_| {
        for workers in [1, 3] {
            let ((send, receive), (answer, answered)) = (channel(), channel());
            pool(workers).spawn(move || {
                let word: u32 = receive.recv().expect("sent after the drop");
                spawn(move || answer.send(word + 1).expect("awaited"));
            });
            send.send(1).expect("awaited");
            assert_eq!(answered.recv(), Ok(2));
        }
    });
}

/// What the jobs own is dropped with them, however they end.
#[test]
fn destructors() {
    watchdog(|_| {
        for workers in WIDTHS {
            let ledger = Ledger::new();
            let (send, receive) = channel::<()>();
            let pool: ThreadPool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .panic_handler(|payload| assert!(tag_of(payload).is_ok()))
                .build()
                .expect("a pool");
            for value in ledger.values(50) {
                let send = send.clone();
                pool.spawn(move || {
                    // Declared first, so dropped last: the channel closes after the values are gone.
                    let _send = send;
                    let value = value;
                    if value.value % 3 == 0 {
                        boom(value.value);
                    }
                });
            }
            drop(send);
            assert_eq!(receive.iter().count(), 0);
            ledger.settle();
        }
    });
}
