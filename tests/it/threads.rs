//! Threads that the caller provides: `spawn_handler`, `build_scoped`, `use_current_thread`.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use lyocell::ThreadPoolBuilder;

use crate::builder::on_each_worker;
use crate::common::{WIDTHS, fib, sized, watchdog};

#[test]
fn spawn_handler_is_told_what_the_builder_was() {
    watchdog(|_| {
        for workers in WIDTHS {
            let threads = Arc::new(Mutex::new(Vec::new()));
            let kept = Arc::clone(&threads);
            let pool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .thread_name(|index| format!("warp-{index}"))
                .stack_size(1 << 21)
                .spawn_handler(move |seat| {
                    let mut kept = kept.lock().unwrap();
                    assert_eq!(
                        (seat.index(), seat.stack_size()),
                        (kept.len(), Some(1 << 21))
                    );
                    assert_eq!(seat.name(), Some(format!("warp-{}", kept.len()).as_str()));
                    kept.push(thread::spawn(|| seat.run()));
                    Ok(())
                })
                .build()
                .expect("a pool");
            assert_eq!(on_each_worker(&pool, || 1).len(), workers);
            assert_eq!(pool.install(|| fib(10)), 55);
            drop(pool);
            let threads = std::mem::take(&mut *threads.lock().unwrap());
            assert_eq!(threads.len(), workers);
            threads
                .into_iter()
                .for_each(|thread| thread.join().expect("a worker does not panic"));
        }
    });
}

/// The thread number `bad` cannot be started: the error comes back as it is, and those already started end.
#[test]
fn thread_that_does_not_start_takes_the_others_down() {
    watchdog(|_| {
        for workers in WIDTHS {
            for bad in 0..workers {
                let threads = Arc::new(Mutex::new(Vec::new()));
                let kept = Arc::clone(&threads);
                let error = ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .spawn_handler(move |seat| {
                        if seat.index() == bad {
                            return Err(io::Error::other("no more wool"));
                        }
                        kept.lock().unwrap().push(thread::spawn(|| seat.run()));
                        Ok(())
                    })
                    .build()
                    .expect_err("one thread is missing");
                assert!(error.to_string().contains("no more wool"), "{error}");
                let threads = std::mem::take(&mut *threads.lock().unwrap());
                assert_eq!(threads.len(), bad);
                threads
                    .into_iter()
                    .for_each(|thread| thread.join().expect("a worker does not panic"));
            }
        }
    });
}

/// Scoped workers borrow from the frame around them, and are gone when `build_scoped` returns.
#[test]
fn scoped_workers_end_with_their_pool() {
    watchdog(|_| {
        for workers in WIDTHS {
            let (inside, data) = (AtomicUsize::new(0), vec![1_usize, 2, 3]);
            let result = ThreadPoolBuilder::new().num_threads(workers).build_scoped(
                |seat| {
                    inside.fetch_add(1, Ordering::Relaxed);
                    seat.run();
                    inside.fetch_sub(1, Ordering::Relaxed);
                },
                |pool| {
                    assert_eq!(on_each_worker(pool, || data.len()).len(), workers);
                    assert_eq!(inside.load(Ordering::Relaxed), workers);
                    pool.install(|| data.iter().sum::<usize>())
                },
            );
            assert_eq!(result.expect("a pool"), 6);
            assert_eq!(inside.into_inner(), 0);
        }
    });
}

/// The builder's thread has a seat of the pool and works when it waits.
#[test]
fn current_thread_takes_part() {
    watchdog(|_| {
        for workers in [1, 2, 3] {
            thread::spawn(move || {
                let pool = ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .use_current_thread()
                    .build()
                    .expect("a pool");
                assert_eq!(pool.current_num_threads(), workers);
                assert_eq!(pool.current_thread_index(), Some(0));
                assert_eq!(lyocell::current_thread_index(), Some(0));
                for _ in 0..sized(20, 1) {
                    assert_eq!(fib(10), 55);
                    let here = thread::current().id();
                    assert_eq!(pool.install(|| thread::current().id()), here);
                }
            })
            .join()
            .expect("no panic");
        }
    });
}

#[test]
fn current_thread_cannot_sit_in_two_pools() {
    watchdog(|_| {
        thread::spawn(|| {
            let first = ThreadPoolBuilder::new()
                .num_threads(1)
                .use_current_thread()
                .build();
            assert!(first.is_ok());
            let second = ThreadPoolBuilder::new()
                .num_threads(1)
                .use_current_thread()
                .build();
            let error = second.expect_err("the thread is taken").to_string();
            assert!(
                error.contains("already part of another thread pool"),
                "{error}"
            );
            // Nor can a worker of an ordinary pool be bound.
            let inside = crate::common::pool(1).install(|| {
                ThreadPoolBuilder::new()
                    .use_current_thread()
                    .build()
                    .is_err()
            });
            assert!(inside);
        })
        .join()
        .expect("no panic");
    });
}

/// A pool that can't start leaves the thread as it was.
#[test]
fn current_thread_is_free_after_an_error() {
    watchdog(|_| {
        let in_a_thread = || {
            let builder = || {
                let builder = ThreadPoolBuilder::new().num_threads(3);
                builder.use_current_thread()
            };
            for bad in [1, 2] {
                let mut threads = Vec::new();
                let start = |seat: lyocell::ThreadBuilder| {
                    assert_eq!(lyocell::current_thread_index(), None);
                    if seat.index() == bad {
                        return Err(io::Error::other("no more wool"));
                    }
                    threads.push(thread::spawn(|| seat.run()));
                    Ok(())
                };
                let error = builder().spawn_handler(start).build();
                let error = error.expect_err("one thread is missing").to_string();
                assert!(error.contains("no more wool"), "{error}");
                assert_eq!(lyocell::current_thread_index(), None);
                assert_eq!(threads.len(), bad - 1);
                threads
                    .into_iter()
                    .for_each(|thread| thread.join().expect("a worker does not panic"));
            }
            let pool = builder().build().expect("a pool");
            assert_eq!(lyocell::current_thread_index(), Some(0));
            assert_eq!(pool.broadcast(|context| context.index()), [0, 1, 2]);
        };
        thread::spawn(in_a_thread).join().expect("no panic");
    });
}

/// The thread becomes one of another pool while the first one starts.
#[test]
fn current_thread_goes_to_the_first_pool_that_is_there() {
    watchdog(|_| {
        let in_a_thread = || {
            let mut inner = None;
            let outer = ThreadPoolBuilder::new()
                .num_threads(2)
                .use_current_thread()
                .spawn_handler(|seat| {
                    let builder = ThreadPoolBuilder::new().num_threads(1);
                    inner = Some(builder.use_current_thread().build().expect("a pool"));
                    thread::spawn(|| seat.run());
                    Ok(())
                })
                .build();
            let error = outer.expect_err("the thread is taken").to_string();
            assert!(error.contains("already part of another"), "{error}");
            let inner = inner.expect("it was built");
            assert_eq!(inner.current_thread_index(), Some(0));
            assert_eq!(inner.broadcast(|context| context.index()), [0]);
        };
        thread::spawn(in_a_thread).join().expect("no panic");
    });
}

/// What was spawned on a pool of the caller alone is run when the caller drops it, and the thread can still compute.
#[test]
fn current_thread_finishes_what_it_left() {
    watchdog(|_| {
        for workers in [1, 2] {
            let ran = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&ran);
            thread::spawn(move || {
                let pool = ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .use_current_thread()
                    .build()
                    .expect("a pool");
                for _ in 0..10 {
                    let count = Arc::clone(&count);
                    pool.spawn(move || _ = count.fetch_add(1, Ordering::Relaxed));
                }
                pool.broadcast(|_| ());
                let sum = Arc::clone(&count);
                pool.spawn_broadcast(move |_| _ = sum.fetch_add(1, Ordering::Relaxed));
                drop(pool);
                assert_eq!(lyocell::current_thread_index(), Some(0));
                assert_eq!(fib(10), 55);
            })
            .join()
            .expect("no panic");
            // The other worker may still be at its last job.
            while Arc::strong_count(&ran) > 1 {
                thread::yield_now();
            }
            assert_eq!(ran.load(Ordering::Relaxed), 10 + workers);
        }
    });
}

/// The handle goes to another thread, and the bound thread ends first.
#[test]
fn bound_thread_ends_before_its_pool() {
    watchdog(|_| {
        for workers in [2, 3] {
            let build = move || {
                let pool = ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .use_current_thread()
                    .build()
                    .expect("a pool");
                assert_eq!(pool.install(|| fib(8)), 21);
                pool
            };
            let pool = thread::spawn(build).join().expect("no panic");
            assert_eq!(pool.current_thread_index(), None);
            assert_eq!(pool.install(|| fib(10)), 55);
        }
    });
}

/// A seat is for a thread of its own. To run it on a worker is a mistake that says so, and takes nothing down.
#[test]
fn seat_on_a_worker_panics() {
    watchdog(|_| {
        let outer = crate::common::pool(1);
        let result = ThreadPoolBuilder::new()
            .num_threads(1)
            .spawn_handler(|seat| {
                let run = || outer.install(|| seat.run());
                let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
                    .expect_err("a panic");
                let words = payload.downcast_ref::<&str>().expect("words");
                assert!(words.contains("one pool only"));
                Err(io::Error::other("as planned"))
            })
            .build();
        assert!(result.is_err());
        assert_eq!(outer.install(|| fib(10)), 55);
    });
}

/// `build_scoped` whose body panics: the workers are gone when the panic arrives.
#[test]
fn scoped_pool_in_a_panic() {
    watchdog(|_| {
        let inside = AtomicUsize::new(0);
        let result = crate::common::caught(|| {
            ThreadPoolBuilder::new().num_threads(3).build_scoped(
                |seat| {
                    inside.fetch_add(1, Ordering::Relaxed);
                    seat.run();
                    inside.fetch_sub(1, Ordering::Relaxed);
                },
                |pool| {
                    pool.install(|| fib(5));
                    crate::common::boom(7)
                },
            )
        });
        assert!(matches!(result, Err(7)));
        assert_eq!(inside.into_inner(), 0);
    });
}

#[test]
#[allow(deprecated)]
fn configuration_is_a_builder() {
    watchdog(|_| {
        let configuration = lyocell::Configuration::new()
            .num_threads(2)
            .thread_name(|index| format!("old-{index}"))
            .breadth_first();
        assert!(format!("{configuration:?}").contains("num_threads: 2"));
        let pool = lyocell::ThreadPool::new(configuration).expect("a pool");
        assert_eq!(
            on_each_worker(&pool, || thread::current().name().map(str::to_owned))[1].as_deref(),
            Some("old-1")
        );
    });
}
