//! Whole pools of one or two workers, from their start to their end.

use std::ptr::NonNull;

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
use crate::pool::handlers::Handlers;
use crate::pool::seat_thread::ThreadBuilder;
use crate::pool::{House, WorkerPool, in_worker_of};
use crate::region::Region;
use crate::spawn::spawn_on;

/// A pool with its threads; the caller holds it.
fn start(width: usize) -> (Arc<WorkerPool>, Vec<thread::JoinHandle<()>>) {
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

/// A worker forks on its unguarded deque, and then is busy for ever; another one is just falling asleep. It has to see the fork,
/// or to be woken for it.
#[test]
#[allow(unsafe_code)]
fn fork_against_sleep() {
    explore(3, || {
        let parkers = [Parker::new(), Parker::new()];
        let unparkers = parkers
            .iter()
            .map(|parker| parker.unparker().clone())
            .collect();
        let pool = Arc::new(WorkerPool::new(
            unparkers,
            Handlers::default(),
            House::default(),
        ));
        // The job is never run, only taken.
        unsafe fn nothing(_: NonNull<()>) {}
        let fork = || {
            // SAFETY: J1 to J4 hold for a job that does nothing. Q1: only this thread pushes and pops.
            let job = unsafe { JobRef::new(NonNull::dangling(), nothing, Region::NONE) };
            // SAFETY: Q1, as above.
            unsafe { pool.seats()[0].deque.push(job) }
        };
        for _ in 0..2 {
            fork();
            // SAFETY: Q1, as above.
            assert!(unsafe { pool.seats()[0].deque.pop() }.is_some());
        }

        let sleeper = {
            let pool = Arc::clone(&pool);
            let [_, parker] = parkers;
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

twins! {
    without_the_light_barrier: "pool::fork_against_sleep" without "P2-light";
    without_the_heavy_barrier: "pool::fork_against_sleep" without "S2-heavy";
    without_waking_for_a_broadcast: "pool::broadcast_against_sleep" without "post-wake";
    without_s3_for_a_broadcast: "pool::broadcast_against_sleep" without "S3";
    without_waking_at_the_end: "pool::shutdown_against_sleep" without "end-wake";
    without_s3_at_the_end: "pool::shutdown_against_push" without "S3";
}
