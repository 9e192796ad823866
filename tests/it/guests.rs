//! Callers from outside that take part: on whose seat, how many at once, and what becomes of the seat.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use crate::common::{boom, caught, pool, sized, with_pools};
use crate::watchdog::watchdog;

/// A pool that lets nobody in.
fn closed_pool(workers: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(workers)
        .caller_participates(false)
        .build()
        .expect("a pool")
}

/// Waits until a call from here takes part: the workers have to fall asleep first.
fn until_idle(pool: &ThreadPool) {
    let here = thread::current().id();
    while pool.install(|| thread::current().id()) != here {
        thread::yield_now();
    }
}

#[test]
fn smoke() {
    with_pools(|pool, width| {
        assert_eq!(pool.current_thread_index(), None);
        until_idle(pool);
        // Calls that follow each other find the seat free again at once.
        for _ in 0..100 {
            let here = thread::current().id();
            let index = pool.install(|| {
                assert_eq!(thread::current().id(), here);
                assert_eq!(lyocell::current_num_threads(), width);
                assert_eq!(lyocell::current_thread_index(), pool.current_thread_index());
                pool.current_thread_index()
            });
            assert!(index.unwrap() < width);
        }
        assert_eq!(pool.current_thread_index(), None);
        assert_eq!(lyocell::current_thread_index(), None);
    });
}

#[test]
fn who_is_let_in() {
    watchdog(|_| {
        thread_local!(static IS_CALLER: Cell<bool> = const { Cell::new(false) });
        IS_CALLER.set(true);
        let stays_out = |builder: ThreadPoolBuilder| {
            let pool = builder.num_threads(2).build().expect("a pool");
            // Time to fall asleep, so that a seat would be free.
            thread::sleep(std::time::Duration::from_millis(5));
            (0..100).all(|_| !pool.install(|| IS_CALLER.get()))
        };
        assert!(stays_out(ThreadPoolBuilder::new()));
        assert!(stays_out(
            ThreadPoolBuilder::new().caller_participates(false)
        ));
        let asked = ThreadPoolBuilder::new()
            .thread_name(|_| "named".into())
            .caller_participates(true);
        until_idle(&asked.num_threads(1).build().expect("a pool"));
    });
}

/// Forty callers at once: each index is held by one thread at a time, and no more threads work than the pool is wide.
#[test]
fn stampede() {
    with_pools(|pool, width| {
        let held: Vec<_> = (0..width).map(|_| AtomicBool::new(false)).collect();
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let job = || {
            let index = lyocell::current_thread_index().expect("jobs run on seats");
            let was_held = held[index].swap(true, SeqCst);
            assert!(!was_held, "two threads have the index {index}");
            most.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
            // Nothing parallel, or the thread might do another of these jobs in the middle of this one.
            let sum = (0..500).fold(0, |sum, n| std::hint::black_box(sum + n));
            working.fetch_sub(1, SeqCst);
            held[index].store(false, SeqCst);
            sum
        };
        let gate = Barrier::new(40);
        thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    gate.wait();
                    for _ in 0..sized(20, 2) {
                        let sums = pool.install(|| lyocell::join(job, job));
                        assert_eq!(sums, (124_750, 124_750));
                        let sum: u64 = pool.install(|| (0..8).into_par_iter().map(|_| job()).sum());
                        assert_eq!(sum, 8 * 124_750);
                    }
                });
            }
        });
        assert!(most.load(SeqCst) <= width);
    });
}

/// What a guest leaves behind is done by the seat's own thread.
#[test]
fn detached_jobs_of_a_guest() {
    with_pools(|pool, _| {
        until_idle(pool);
        let (sender, receiver) = mpsc::channel();
        for turn in 0..sized(200, 3) {
            let sender = sender.clone();
            pool.install(|| lyocell::spawn(move || sender.send(turn).unwrap()));
            assert_eq!(receiver.recv(), Ok(turn));
        }
    });
}

#[test]
fn panics_give_the_seat_back() {
    with_pools(|pool, width| {
        until_idle(pool);
        for turn in 0..sized(100, 3) as u64 {
            assert_eq!(caught(|| pool.install(|| boom(turn))), Err(turn));
            let joined = caught(|| pool.install(|| lyocell::join(|| (), || boom(turn))));
            assert_eq!(joined, Err(turn));
            assert_eq!(lyocell::current_thread_index(), None);
        }
        // All seats are there: as many jobs as seats can wait for each other.
        let gate = Barrier::new(width);
        pool.scope(|s| (0..width).for_each(|_| s.spawn(|_| _ = gate.wait())));
    });
}

/// A guest of one pool calls another one, as a guest of a guest; and back.
#[test]
fn nested_pools() {
    with_pools(|outer, width| {
        let inner = pool(2);
        for _ in 0..sized(50, 2) {
            let sum: u64 = outer.install(|| {
                let sums = (0..20_u64).into_par_iter().map(|n| {
                    assert_eq!(lyocell::current_num_threads(), width);
                    inner.install(|| {
                        assert_eq!(lyocell::current_num_threads(), 2);
                        (0..n).into_par_iter().sum::<u64>()
                    })
                });
                sums.sum()
            });
            assert_eq!(sum, (1..20).map(|n| n * (n - 1) / 2).sum::<u64>());
        }
    });
}

/// A thread-local that a call borrows is not met by another call's jobs, whoever they belong to.
#[test]
fn thread_local_borrow_across_a_join() {
    use std::cell::RefCell;
    thread_local!(static SCRATCH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) });
    with_pools(|pool, _| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..sized(50, 2) {
                        SCRATCH.with_borrow_mut(|scratch| {
                            scratch.clear();
                            scratch.push(pool.install(|| (0..100_u64).into_par_iter().sum()));
                            assert_eq!(scratch[..], [4950]);
                        });
                    }
                });
            }
        });
    });
}

/// The classic deadlock: a lock is held around a parallel call, and whoever waits in it takes a job that wants the lock. A
/// caller from outside waits for its own call only, whether it sits or not.
#[test]
fn lock_around_a_call_from_outside() {
    for pool in [pool(2), closed_pool(2), pool(1)] {
        watchdog(|_| {
            let total = Mutex::new(0);
            thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| {
                        for _ in 0..sized(200, 3) {
                            let mut total = total.lock().unwrap();
                            *total += pool.install(|| {
                                (0..64_u64).into_par_iter().map(|n| n % 2).sum::<u64>()
                            });
                        }
                    });
                }
            });
            assert_eq!(total.into_inner().unwrap(), 6 * sized(200, 3) as u64 * 32);
        });
    }
}

/// Everybody who ever sat or worked has an index of its own, and all indices come up.
#[test]
fn all_seats_are_used() {
    watchdog(|_| {
        let pool = pool(3);
        until_idle(&pool);
        let gate = Barrier::new(3);
        let seen = Mutex::new(HashSet::new());
        pool.install(|| {
            let meet = || {
                gate.wait();
                seen.lock()
                    .unwrap()
                    .insert(lyocell::current_thread_index().unwrap());
            };
            lyocell::join(meet, || lyocell::join(meet, meet));
        });
        assert_eq!(seen.into_inner().unwrap(), HashSet::from([0, 1, 2]));
    });
}

/// Where each worker may run on one processor only, a guest takes the seat of the one on its own: any other that it wakes has a
/// processor for itself.
#[test]
#[cfg(all(target_os = "linux", not(miri)))] // elsewhere nobody knows
fn on_the_seat_of_the_worker_of_its_processor() {
    use core_affinity::{get_core_ids, set_for_current};
    watchdog(|_| {
        let processors = get_core_ids().unwrap_or_default();
        let own = processors.clone();
        let pool = ThreadPoolBuilder::new()
            .num_threads(processors.len().max(1))
            .caller_participates(true)
            .start_handler(move |index| {
                assert!(own.get(index).is_none_or(|&id| set_for_current(id)))
            })
            .build()
            .expect("a pool");
        for (index, &processor) in processors.iter().enumerate() {
            thread::scope(|threads| {
                threads.spawn(|| {
                    assert!(set_for_current(processor));
                    // The workers have to fall asleep first.
                    while pool.install(lyocell::current_thread_index) != Some(index) {
                        thread::yield_now();
                    }
                });
            });
        }
    });
}
