//! The sleep protocol of [`park`](crate::park): publishers, sleepers, searchers, and a latch among them.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering, fence};
use loom::thread;

use super::{explore, twins};
use crate::latch::Latch;
use crate::park::global::{GlobalParker, Woken};
use crate::park::parker::Parker;

/// S2 and C2 where all publishers fence.
fn meet() {
    fence(Ordering::SeqCst);
}

/// A pool reduced to who sleeps and what there is to do. A job is a flag, stored and loaded as a deque's `bottom` is:
/// without any barrier of its own.
struct Bedroom {
    parker: GlobalParker,
    jobs: Vec<AtomicBool>,
}

impl Bedroom {
    fn new(jobs: usize, parkers: &[Parker]) -> Arc<Self> {
        Arc::new(Self {
            parker: GlobalParker::new(parkers.iter().map(|parker| parker.unparker().clone())),
            jobs: (0..jobs).map(|_| AtomicBool::new(false)).collect(),
        })
    }

    fn publish(&self, job: usize) {
        self.jobs[job].store(true, Ordering::Release); // P1
        self.parker.wake_one(); // P2 to P4
    }

    fn has_work(&self) -> bool {
        self.jobs.iter().any(|job| job.load(Ordering::Acquire))
    }

    fn take(&self) -> bool {
        self.jobs.iter().any(|job| {
            job.load(Ordering::Acquire)
                && job
                    .compare_exchange(true, false, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
        })
    }

    /// The life of a worker that ends after one job. Parking for ever is a deadlock, which loom reports.
    fn take_one(&self, index: usize, parker: &Parker, mut is_searcher: bool) {
        loop {
            if self.take() {
                if is_searcher {
                    self.parker.stop_searching(meet, || self.has_work());
                }
                return;
            }
            let woken = self
                .parker
                .sleep(index, parker, is_searcher, meet, || self.has_work());
            is_searcher = woken == Woken::Claimed;
        }
    }
}

/// One worker of each bed, each of which takes one job.
fn workers(
    room: &Arc<Bedroom>,
    parkers: Vec<Parker>,
    are_searchers: bool,
) -> Vec<thread::JoinHandle<()>> {
    let start = |(index, parker)| {
        let room = Arc::clone(room);
        thread::spawn(move || room.take_one(index, &parker, are_searchers))
    };
    parkers.into_iter().enumerate().map(start).collect()
}

/// Two sleepers, and a publisher who pushes one job for each. The second push may be left to the searcher that the first one
/// woke, which has to wake the other: the wake chain.
#[test]
fn two_sleepers() {
    explore(3, || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(2, &parkers);
        let workers = workers(&room, parkers, false);
        room.publish(0);
        room.publish(1);
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
        assert!(room.parker.is_quiet());
    });
}

/// So many sleepers, and two publishers with a job each.
fn two_publishers_and(sleepers: usize) {
    let parkers: Vec<_> = (0..sleepers).map(|_| Parker::new()).collect();
    let room = Bedroom::new(2, &parkers);
    let workers = workers(&room, parkers, false);
    let other = {
        let room = Arc::clone(&room);
        thread::spawn(move || room.publish(1))
    };
    room.publish(0);
    other.join().unwrap();
    workers
        .into_iter()
        .for_each(|worker| worker.join().unwrap());
    assert!(room.parker.is_quiet());
}

#[test]
fn two_publishers() {
    explore(3, || two_publishers_and(1));
}

/// Both publishers may read that somebody sleeps, and claim, while the second sleeper is just being counted.
#[test]
fn two_sleepers_two_publishers() {
    explore(2, || two_publishers_and(2));
}

/// A searcher that stops, because it found a job, while the publisher leaves the next one to it.
#[test]
fn searcher_stops() {
    explore(3, || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(2, &parkers);
        room.parker.start_searching();
        let mut parkers = parkers.into_iter();
        let (searcher, sleeper) = (parkers.next().unwrap(), parkers.next().unwrap());
        room.jobs[0].store(true, Ordering::Release);
        let searching = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.take_one(0, &searcher, true))
        };
        let sleeping = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.take_one(1, &sleeper, false))
        };
        room.publish(1);
        searching.join().unwrap();
        sleeping.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

/// A worker that sleeps until its latch is set is claimed for a job at the same time. It has to pass the claim on, and
/// nobody may be counted at the end.
#[test]
#[allow(unsafe_code)]
fn claim_against_withdraw() {
    explore(3, || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(1, &parkers);
        let mut parkers = parkers.into_iter();
        let (waiter, sleeper) = (parkers.next().unwrap(), parkers.next().unwrap());
        // SAFETY: L3: the other thread is joined before `waiter` goes.
        let latch = Arc::new(unsafe { Latch::new(waiter.unparker()) });
        let setter = {
            let (room, latch) = (Arc::clone(&room), Arc::clone(&latch));
            thread::spawn(move || {
                room.publish(0);
                // SAFETY: L1 and L2 by the `Arc`; once.
                unsafe { Latch::set(&raw const *latch) };
            })
        };
        let sleeping = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.take_one(1, &sleeper, false))
        };
        while !latch.probe() {
            if room.parker.sleep(0, &waiter, false, meet, || latch.probe()) == Woken::Claimed {
                room.parker.stop_searching(meet, || room.has_work());
            }
        }
        setter.join().unwrap();
        sleeping.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

twins! {
    without_p2: "sleep::two_sleepers" without "P2";
    without_s2: "sleep::two_sleepers" without "S2";
    without_s3: "sleep::two_sleepers" without "S3";
    with_flag_before_count: "sleep::two_sleepers_two_publishers" without "S1-order";
    without_p2_from_two_publishers: "sleep::two_publishers" without "P2";
    without_c2: "sleep::searcher_stops" without "C2";
    without_c4: "sleep::searcher_stops" without "C4";
    without_passing_on: "sleep::claim_against_withdraw" without "C4";
}
