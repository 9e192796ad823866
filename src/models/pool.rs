//! Whole pools of one or two workers, from their start to their end.

use std::ptr::NonNull;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{explore, twins};
use crate::broadcast::{BroadcastContext, spawn_broadcast_on};
use crate::deque::Steal;
use crate::job::JobRef;
use crate::join::join;
use crate::park::global::Sleeper;
use crate::park::parker::Parker;
use crate::pool::guest::as_guest;
use crate::pool::handlers::Handlers;
use crate::pool::seat_thread::ThreadBuilder;
use crate::pool::{House, WorkerPool, in_worker_of};
use crate::region::Region;
use crate::scope::{Scope, in_place_scope_on};
use crate::spawn::spawn_on;

/// A pool on whose seats nobody sits.
fn empty(width: usize) -> (Arc<WorkerPool>, Vec<Parker>) {
    let parkers: Vec<_> = (0..width).map(|_| Parker::new()).collect();
    let unparkers = parkers
        .iter()
        .map(|parker| parker.unparker().clone())
        .collect();
    let pool = Arc::new(WorkerPool::new(
        unparkers,
        Handlers::default(),
        House::default(),
    ));
    (pool, parkers)
}

/// A job that is never run, only taken.
#[allow(unsafe_code)]
fn nothing(region: Region) -> JobRef {
    unsafe fn nothing(_: NonNull<()>) {}
    // SAFETY: J1 to J4 hold for a job that does nothing.
    unsafe { JobRef::new(NonNull::dangling(), nothing, region) }
}

/// A pool with its threads; the caller holds it.
fn start(width: usize) -> (Arc<WorkerPool>, Vec<thread::JoinHandle<()>>) {
    let (pool, parkers) = empty(width);
    let sit = |(index, parker)| {
        let seat = ThreadBuilder::new(&pool, index, parker, None, None);
        thread::spawn(move || seat.run())
    };
    let threads = parkers.into_iter().enumerate().map(sit).collect();
    (pool, threads)
}

fn end(pool: &WorkerPool, threads: Vec<thread::JoinHandle<()>>) {
    pool.release();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

/// A pool that ends while what was spawned on it waits or runs: it runs, and the worker leaves.
#[test]
fn shutdown_against_push() {
    explore(2, || {
        let (pool, threads) = start(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let job = {
            let ran = Arc::clone(&ran);
            move || {
                ran.fetch_add(1, Ordering::Relaxed);
            }
        };
        spawn_on(&pool, job);
        end(&pool, threads);
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    });
}

/// A broadcast reaches a worker that is just falling asleep.
#[test]
fn broadcast_against_sleep() {
    explore(2, || {
        let (pool, threads) = start(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let job = {
            let ran = Arc::clone(&ran);
            move |_: BroadcastContext<'_>| {
                ran.fetch_add(1, Ordering::Relaxed);
            }
        };
        thread::yield_now(); // or the worker would be tried awake only
        spawn_broadcast_on(&pool, job);
        end(&pool, threads);
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    });
}

/// Two workers fall asleep while the pool ends.
#[test]
fn shutdown_against_sleep() {
    explore(2, || {
        let (pool, threads) = start(2);
        end(&pool, threads);
    });
}

/// A call from outside, and its fork, which the second worker may steal.
#[test]
fn fork_and_steal() {
    explore(1, || {
        let (pool, threads) = start(2);
        let (left, right) = in_worker_of(&pool, |_, _| join(|| 1, || 2));
        assert_eq!((left, right), (1, 2));
        end(&pool, threads);
    });
}

/// A worker forks, and then is busy for ever; another one is just falling asleep. It has to see the fork, or to be woken for it.
#[allow(unsafe_code)]
fn one_forks_while_another_falls_asleep(is_guarded: bool) {
    explore(3, move || {
        let (pool, mut parkers) = empty(2);
        let fork = || {
            // SAFETY: Q1: only this thread pushes and pops.
            let pushed = unsafe { pool.seats()[0].deque.push(nothing(Region::NONE)) };
            assert!(pushed.is_ok());
        };
        // A deque begins with its guard up.
        for _ in 0..if is_guarded { 0 } else { 2 } {
            fork();
            // SAFETY: Q1, as above.
            assert!(unsafe { pool.seats()[0].deque.pop() }.is_some());
        }

        let sleeper = {
            let pool = Arc::clone(&pool);
            let parker = parkers.remove(1);
            thread::spawn(move || {
                let meet = || pool.meet_publishers(1);
                pool.parker.start_searching();
                while !matches!(pool.seats()[0].deque.steal(None), Steal::Success(_)) {
                    let has_work = || pool.has_work_for(1, None);
                    let visible = pool.visible();
                    pool.parker
                        .sleep(1, &parker, Sleeper::Idle, meet, has_work, visible);
                }
            })
        };
        fork();
        pool.seats()[0].deque.meet_sleepers();
        pool.parker.wake_one_if_wanted(None);
        sleeper.join().unwrap();
    });
}

#[test]
fn fork_against_sleep() {
    one_forks_while_another_falls_asleep(false);
}

/// The sleeper finds the guard up, and leaves the heavy barrier out.
#[test]
fn guarded_fork_against_sleep() {
    one_forks_while_another_falls_asleep(true);
}

/// Two who wait, each confined to a region of its own, and a job for each in the injector. Whoever looks for its own there
/// has the other's in its hands for a moment, and may be the searcher to whom that was left.
#[test]
fn own_jobs_in_the_injector() {
    explore(1, || {
        let (pool, parkers) = empty(2);
        let regions = [Region::begin_isolated(), Region::begin_isolated()];
        let wait = |(index, parker): (usize, Parker)| {
            let pool = Arc::clone(&pool);
            let region = regions[index];
            thread::spawn(move || {
                let meet = || pool.meet_publishers(index);
                let confined = Sleeper::Waiting(Some(region));
                let mut found = None;
                pool.parker.start_searching();
                while found.is_none() {
                    let must_wake = || {
                        found = pool.take_injected_of(region);
                        found.is_some()
                    };
                    let visible = pool.visible();
                    pool.parker
                        .sleep(index, &parker, confined, meet, must_wake, visible);
                }
                pool.parker.stop_searching(meet, pool.visible());
                assert!(found.is_some_and(|job| job.region == region));
            })
        };
        let waiters: Vec<_> = parkers.into_iter().enumerate().map(wait).collect();
        regions
            .into_iter()
            .for_each(|region| pool.inject(nothing(region)));
        waiters
            .into_iter()
            .for_each(|waiter| waiter.join().unwrap());
        assert!(pool.parker.is_quiet());
    });
}

/// A broadcast to a seat that is lent, and just being given back.
#[test]
fn broadcast_against_guest() {
    explore(2, || {
        let (pool, threads) = start(1);
        let ran = Arc::new(AtomicUsize::new(0));
        thread::yield_now(); // or there were no seat to be lent
        let sender = {
            let (pool, ran) = (Arc::clone(&pool), Arc::clone(&ran));
            thread::spawn(move || {
                let job = move |_: BroadcastContext<'_>| {
                    ran.fetch_add(1, Ordering::Relaxed);
                };
                spawn_broadcast_on(&pool, job);
            })
        };
        let _ = as_guest(&pool, |_, _| ());
        sender.join().unwrap();
        end(&pool, threads);
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    });
}

/// A pool ends while a guest sits on its only seat, or just gets up.
#[test]
fn shutdown_against_guest() {
    explore(2, || {
        let (pool, threads) = start(1);
        thread::yield_now(); // as above
        let guest = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || _ = as_guest(&pool, |_, _| ()))
        };
        end(&pool, threads);
        guest.join().unwrap();
    });
}

/// A pool ends while a guest sits down, spawns something, and leaves: that is done, if the guest got the seat.
#[test]
fn shutdown_against_spawning_guest() {
    explore(2, || {
        let (pool, threads) = start(1);
        thread::yield_now(); // as above
        let ran = Arc::new(AtomicUsize::new(0));
        let guest = {
            let (pool, ran) = (Arc::clone(&pool), Arc::clone(&ran));
            thread::spawn(move || {
                let job = move || {
                    ran.fetch_add(1, Ordering::Relaxed);
                };
                as_guest(&pool, |_, _| spawn_on(&pool, job)).is_ok()
            })
        };
        end(&pool, threads);
        let has_spawned = guest.join().unwrap();
        assert_eq!(ran.load(Ordering::Relaxed), usize::from(has_spawned));
    });
}

/// Cells that are handed from thread to thread by what is modelled; loom checks that each access comes after the last one.
struct Cells([UnsafeCell<u32>; 2]);

// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Cells {}

impl Cells {
    fn new() -> Self {
        Self([UnsafeCell::new(0), UnsafeCell::new(0)])
    }

    #[allow(unsafe_code)]
    fn write(&self, place: usize) {
        // SAFETY: loom checks it.
        self.0[place].with_mut(|cell| unsafe { *cell += 1 });
    }

    #[allow(unsafe_code)]
    fn check(&self) {
        for cell in &self.0 {
            // SAFETY: loom checks it.
            cell.with(|cell| assert_eq!(unsafe { *cell }, 1));
        }
    }
}

/// A scope from outside, with a job that the pool's worker runs: what both have done is there when the scope ends.
#[test]
fn scope_against_its_job() {
    explore(2, || {
        let (pool, threads) = start(1);
        let cells = Cells::new();
        in_place_scope_on(&pool, |scope: &Scope<'_>| {
            scope.spawn(|_| cells.write(0));
            cells.write(1);
        });
        cells.check();
        end(&pool, threads);
    });
}

/// Two holders let a pool go: whoever sees its end sees what both have done.
#[test]
fn last_hold_against_sleep() {
    explore(3, || {
        let (pool, mut parkers) = empty(1);
        let cells = Arc::new(Cells::new());
        let worker = {
            let (pool, cells, parker) = (Arc::clone(&pool), Arc::clone(&cells), parkers.remove(0));
            thread::spawn(move || {
                pool.parker.start_searching();
                while !pool.has_ended() {
                    let meet = || pool.meet_publishers(0);
                    let (has_ended, visible) = (|| pool.has_ended(), pool.visible());
                    pool.parker
                        .sleep(0, &parker, Sleeper::Idle, meet, has_ended, visible);
                }
                cells.check();
            })
        };
        pool.hold();
        let other = {
            let (pool, cells) = (Arc::clone(&pool), Arc::clone(&cells));
            thread::spawn(move || {
                cells.write(0);
                pool.release();
            })
        };
        cells.write(1);
        pool.release();
        other.join().unwrap();
        worker.join().unwrap();
    });
}

/// Two broadcasts at once come to all seats in one order.
#[test]
fn two_broadcasts() {
    explore(3, || {
        let (pool, _parkers) = empty(2);
        let regions = [Region::begin(), Region::begin()];
        let other = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.post(|_| nothing(regions[1])))
        };
        pool.post(|_| nothing(regions[0]));
        other.join().unwrap();
        let order = |seat: usize| {
            let mailbox = &pool.seats()[seat].mailbox;
            [(); 2].map(|()| mailbox.take().expect("both").region)
        };
        assert!(order(0) == order(1));
    });
}

twins! {
    without_waking_the_owner_of_a_scope: "pool::scope_against_its_job" without "latch-unpark";
    without_acqrel_of_the_jobs_of_a_scope: "pool::scope_against_its_job" without "count-acqrel";
    without_waking_for_what_was_stolen: "pool::fork_and_steal" without "latch-unpark";
    without_acqrel_of_the_holds: "pool::last_hold_against_sleep" without "holds-acqrel";
    without_release_of_the_end: "pool::last_hold_against_sleep" without "end-release";
    without_the_lock_of_broadcasts: "pool::two_broadcasts" without "posting";
    without_waking_the_confined: "pool::own_jobs_in_the_injector" without "P4-confined";
    without_waking_for_what_is_put_back: "pool::own_jobs_in_the_injector" without "put-back-wake";
    without_a_look_into_the_mailbox: "pool::broadcast_against_guest" without "G4-mail";
    without_the_end_by_the_last_guest: "pool::shutdown_against_guest" without "G4-end";
    without_a_look_whether_the_end_is_near: "pool::shutdown_against_spawning_guest" without "E1-look";
    without_a_look_for_guests_at_the_end: "pool::shutdown_against_spawning_guest" without "E2";
    without_a_look_at_the_holds_of_guests: "pool::shutdown_against_spawning_guest" without "E3";
    without_the_light_barrier: "pool::fork_against_sleep" without "P2-light";
    without_the_fence_of_a_guarded_fork: "pool::guarded_fork_against_sleep" without "P2-fork";
    without_the_heavy_barrier: "pool::fork_against_sleep" without "S2-heavy";
    without_waking_for_a_broadcast: "pool::broadcast_against_sleep" without "post-wake";
    without_s3_for_a_broadcast: "pool::broadcast_against_sleep" without "S3";
    without_waking_at_the_end: "pool::shutdown_against_sleep" without "end-wake";
    without_s3_at_the_end: "pool::shutdown_against_push" without "S3";
}
