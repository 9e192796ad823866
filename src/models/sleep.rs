//! The sleep protocol of [`park`](crate::park): publishers, sleepers, searchers, and a latch among them.

use std::iter;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering, fence};
use loom::thread;

use super::{explore, left_out, twins};
use crate::latch::Latch;
use crate::park::global::{GlobalParker, Sleeper};
use crate::park::parker::Parker;
use crate::region::Region;

/// S2 and C2 where all publishers fence.
fn meet() {
    fence(Ordering::SeqCst);
}

/// A pool reduced to who sleeps and what there is to do. A job is a flag, stored and loaded as a deque's `bottom` is:
/// without any barrier of its own. All jobs are of one region.
struct Bedroom {
    parker: GlobalParker,
    jobs: Vec<AtomicBool>,
    region: Region,
}

impl Bedroom {
    fn new(jobs: usize, parkers: &[Parker]) -> Arc<Self> {
        Arc::new(Self {
            parker: GlobalParker::new(parkers.iter().map(|parker| parker.unparker().clone())),
            jobs: (0..jobs).map(|_| AtomicBool::new(false)).collect(),
            region: Region::begin(),
        })
    }

    fn publish(&self, job: usize) {
        self.jobs[job].store(true, Ordering::Release); // P1
        self.parker.wake_one(Some(self.region)); // P2 to P4
    }

    fn has_work(&self) -> bool {
        self.jobs.iter().any(|job| job.load(Ordering::Acquire))
    }

    fn visible(&self) -> impl Iterator<Item = Option<Region>> {
        let is_there = |job: &&AtomicBool| job.load(Ordering::Acquire);
        self.jobs.iter().filter(is_there).map(|_| Some(self.region))
    }

    fn stop_searching(&self) {
        self.parker.stop_searching(meet, self.visible());
    }

    fn has_mail(&self, index: usize) -> bool {
        self.jobs[index].load(Ordering::Relaxed)
    }

    /// The life of a worker that waits for mail, and takes no other job.
    fn wait_for_mail(&self, index: usize, parker: &Parker, sleeper: Sleeper) {
        let has_mail = || self.has_mail(index);
        self.parker.start_searching();
        while !has_mail() {
            self.parker
                .sleep(index, parker, sleeper, meet, has_mail, iter::empty());
        }
        self.parker.stop_searching(meet, iter::empty());
    }

    /// A guest leaves.
    fn stand_up(&self, index: usize) {
        if !self.parker.stand_up_unmissed(index) {
            self.parker.stand_up(index, meet, self.visible());
        }
    }

    /// A searcher goes to sleep.
    fn sleep(&self, index: usize, parker: &Parker, sleeper: Sleeper, must_wake: impl Fn() -> bool) {
        self.parker
            .sleep(index, parker, sleeper, meet, must_wake, self.visible())
    }

    fn take(&self) -> bool {
        self.jobs.iter().any(|job| {
            job.load(Ordering::Acquire)
                && job
                    .compare_exchange(true, false, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
        })
    }

    fn sleep_idle(&self, index: usize, parker: &Parker, is_over: impl Fn() -> bool) {
        self.sleep(index, parker, Sleeper::Idle, || {
            is_over() || self.has_work()
        });
    }

    /// The life of a worker that ends after one job. Parking for ever is a deadlock, which loom reports.
    fn take_one(&self, index: usize, parker: &Parker) {
        self.parker.start_searching();
        self.search_for_one(index, parker);
    }

    fn search_for_one(&self, index: usize, parker: &Parker) {
        while !self.take() {
            self.sleep_idle(index, parker, || false);
        }
        self.stop_searching();
    }

    /// The life of a worker that takes all jobs until `is_over`. It counts as a searcher already.
    fn search_until(&self, is_over: &AtomicBool, index: usize, parker: &Parker) {
        let is_over = || is_over.load(Ordering::Acquire);
        while !is_over() {
            if self.take() {
                self.stop_searching();
                self.parker.start_searching();
            } else {
                self.sleep_idle(index, parker, is_over);
            }
        }
        self.stop_searching();
    }

    /// The life of one who waits for a latch, and takes no job.
    fn wait_for(&self, latch: &Latch, index: usize, parker: &Parker, sleeper: Sleeper) {
        self.parker.start_searching();
        while !latch.probe() {
            self.sleep(index, parker, sleeper, || latch.probe());
        }
        self.stop_searching();
    }
}

/// One worker of each bed, each of which takes one job.
fn workers(room: &Arc<Bedroom>, parkers: Vec<Parker>) -> Vec<thread::JoinHandle<()>> {
    let start = |(index, parker)| {
        let room = Arc::clone(room);
        thread::spawn(move || room.take_one(index, &parker))
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
        let workers = workers(&room, parkers);
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
    let workers = workers(&room, parkers);
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
            thread::spawn(move || room.search_for_one(0, &searcher))
        };
        let sleeping = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.take_one(1, &sleeper))
        };
        room.publish(1);
        searching.join().unwrap();
        sleeping.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

/// A room with one job, for which somebody lies down on the second bed. The first is for whoever `waits` for a latch, which another thread sets after
/// it has done something else. Nobody may be counted at the end.
#[allow(unsafe_code)]
fn job_beside_a_waiter(
    before_setting: impl FnOnce(&Bedroom) + Send + 'static,
    waits: impl FnOnce(&Arc<Bedroom>, &Latch, &Parker),
) {
    let parkers = vec![Parker::new(), Parker::new()];
    let room = Bedroom::new(1, &parkers);
    let mut parkers = parkers.into_iter();
    let (waiter, sleeper) = (parkers.next().unwrap(), parkers.next().unwrap());
    // SAFETY: L3: the other thread is joined before `waiter` goes.
    let latch = Arc::new(unsafe { Latch::new(waiter.unparker()) });
    let setter = {
        let (room, latch) = (Arc::clone(&room), Arc::clone(&latch));
        thread::spawn(move || {
            before_setting(&room);
            // SAFETY: L1 and L2 by the `Arc`; once.
            unsafe { Latch::set(&raw const *latch) };
        })
    };
    let sleeping = {
        let room = Arc::clone(&room);
        thread::spawn(move || room.take_one(1, &sleeper))
    };
    waits(&room, &latch, &waiter);
    setter.join().unwrap();
    sleeping.join().unwrap();
    assert!(room.parker.is_quiet());
}

/// A worker that sleeps until its latch is set is claimed for a job at the same time. It has to pass the claim on.
#[test]
fn claim_against_withdraw() {
    explore(2, || {
        let publish = |room: &Bedroom| room.publish(0);
        job_beside_a_waiter(publish, |room, latch, waiter| {
            room.parker.start_searching();
            while !latch.probe() {
                let must_wake = || latch.probe() || room.has_work();
                // It lies on the first bed, so it is claimed first.
                room.sleep(0, waiter, Sleeper::Waiting(None), must_wake);
                // It would take the job now. But then nothing were left to pass on.
                thread::yield_now();
            }
            room.stop_searching();
        });
    });
}

/// The same where the job is gone when anybody looks: who is claimed may stop before it is counted, and has nothing to pass on. What it leaves
/// then is for the other sleeper, as ever.
#[test]
fn claimed_and_not_yet_counted() {
    explore(3, || {
        job_beside_a_waiter(
            |_| (),
            |room, latch, waiter| {
                let claimer = {
                    let room = Arc::clone(room);
                    thread::spawn(move || room.parker.wake_one(Some(room.region)))
                };
                room.wait_for(latch, 0, waiter, Sleeper::Waiting(None));
                room.publish(0);
                claimer.join().unwrap();
            },
        );
    });
}

/// A broadcast to two that are just falling asleep: a job in the mailbox of each, which is no more than a plain store, and
/// then every bed.
fn mail_for_two(sleepers: [Sleeper; 2]) {
    explore(3, move || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(2, &parkers);
        let wait = |(index, parker): (usize, Parker)| {
            let room = Arc::clone(&room);
            thread::spawn(move || room.wait_for_mail(index, &parker, sleepers[index]))
        };
        let workers: Vec<_> = parkers.into_iter().enumerate().map(wait).collect();
        room.jobs
            .iter()
            .for_each(|job| job.store(true, Ordering::Relaxed));
        if !left_out("post-wake") {
            room.parker.wake_all();
        }
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
        assert!(room.parker.is_quiet());
    });
}

#[test]
fn mail_against_sleep() {
    mail_for_two([Sleeper::Idle; 2]);
}

/// Who waits for a broadcast of its own call takes those of others meanwhile, and no other job of theirs.
#[test]
fn mail_for_the_confined() {
    let confined = || Sleeper::Waiting(Some(Region::begin_isolated()));
    mail_for_two([confined(), confined()]);
}

/// A guest borrows the seat of a sleeper while a job is published that only its worker will take. The worker may have been missed before.
fn guest_against_publisher_with(was_missed: bool) {
    explore(3, move || {
        let parkers = vec![Parker::new()];
        let room = Bedroom::new(1, &parkers);
        let workers = workers(&room, parkers);
        let publisher = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.publish(0))
        };
        if let Some(index) = room.parker.sit_down() {
            if was_missed {
                room.parker.wake_owner(index);
            }
            room.stand_up(index);
        }
        publisher.join().unwrap();
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
        assert!(room.parker.is_quiet());
    });
}

#[test]
fn guest_against_publisher() {
    guest_against_publisher_with(false);
}

/// What is published after the guest has been told so is seen by it, or its publisher sees the worker again.
#[test]
fn missed_guest_against_publisher() {
    guest_against_publisher_with(true);
}

/// A worker falls asleep while there comes mail for it, and a guest takes its seat. If the worker sees the mail, it can't get up.
#[test]
fn guest_against_mail() {
    explore(3, || {
        let parker = Parker::new();
        let room = Bedroom::new(1, std::slice::from_ref(&parker));
        let worker = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.wait_for_mail(0, &parker, Sleeper::Idle))
        };
        let guest = {
            let room = Arc::clone(&room);
            thread::spawn(move || {
                let is_missed = |index: &usize| !room.parker.stand_up_unmissed(*index);
                if let Some(index) = room.parker.sit_down().filter(is_missed) {
                    room.parker.stand_up(index, meet, iter::empty());
                    if room.has_mail(index) && !left_out("G4-mail") {
                        room.parker.wake_owner(index);
                    }
                }
            })
        };
        room.jobs[0].store(true, Ordering::Relaxed);
        room.parker.wake_all();
        guest.join().unwrap();
        worker.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

/// A job is left to a searcher that is just going to sleep. A guest takes its seat, and stays until the job is done: the
/// searcher, which saw the job, has to send somebody else.
#[test]
fn guest_on_the_seat_of_a_searcher() {
    explore(2, || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(1, &parkers);
        let is_over = Arc::new(AtomicBool::new(false));
        // The first one has searched already, the second one begins.
        room.parker.start_searching();
        let live = |(index, parker)| {
            let (room, is_over) = (Arc::clone(&room), Arc::clone(&is_over));
            thread::spawn(move || {
                if index == 0 {
                    room.sleep_idle(index, &parker, || is_over.load(Ordering::Acquire));
                } else {
                    room.parker.start_searching();
                }
                room.search_until(&is_over, index, &parker);
            })
        };
        let workers: Vec<_> = parkers.into_iter().enumerate().map(live).collect();
        thread::yield_now(); // no preemption is spent on letting the second one fall asleep
        room.publish(0);
        let seat = room.parker.sit_down();
        while room.has_work() {
            thread::yield_now();
        }
        if let Some(index) = seat {
            room.stand_up(index);
        }
        is_over.store(true, Ordering::Release);
        room.parker.wake_all();
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
        assert!(!room.has_work());
        assert!(room.parker.is_quiet());
    });
}

/// Somebody who waits within a region of its own searches, and a job of another region is left to it. It must not
/// go to sleep without sending the sleeper who may take that.
#[test]
#[allow(unsafe_code)]
fn job_left_to_a_confined_searcher() {
    explore(2, || {
        let parkers = vec![Parker::new(), Parker::new()];
        let room = Bedroom::new(1, &parkers);
        let mut parkers = parkers.into_iter();
        let (waiter, sleeper) = (parkers.next().unwrap(), parkers.next().unwrap());
        // SAFETY: L3: the other threads are joined before `waiter` goes.
        let latch = Arc::new(unsafe { Latch::new(waiter.unparker()) });
        let sleeping = {
            let (room, latch) = (Arc::clone(&room), Arc::clone(&latch));
            thread::spawn(move || {
                room.take_one(1, &sleeper);
                // SAFETY: L1 and L2 by the `Arc`; once.
                unsafe { Latch::set(&raw const *latch) };
            })
        };
        let publisher = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.publish(0))
        };
        let confined = Sleeper::Waiting(Some(Region::begin()));
        room.wait_for(&latch, 0, &waiter, confined);
        publisher.join().unwrap();
        sleeping.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

/// A guest waits for a latch, and sleeps; a job of its own region is published, and then one who would set the
/// latch waits for that job to be taken. So the guest has to be woken for the job.
#[test]
#[allow(unsafe_code)]
fn guest_is_woken_for_its_own() {
    explore(2, || {
        let (owner, caller) = (Parker::new(), Parker::new());
        let room = Bedroom::new(1, std::slice::from_ref(&owner));
        let is_over = Arc::new(AtomicBool::new(false));
        let worker = {
            let (room, is_over) = (Arc::clone(&room), Arc::clone(&is_over));
            thread::spawn(move || {
                room.parker.start_searching();
                room.search_until(&is_over, 0, &owner);
            })
        };
        let index = loop {
            match room.parker.sit_down() {
                Some(index) => break index,
                None => thread::yield_now(),
            }
        };
        let publisher = {
            let room = Arc::clone(&room);
            thread::spawn(move || room.publish(0))
        };
        let sleeper = Sleeper::Guest(Some(room.region));
        room.parker.start_searching();
        while !room.take() {
            room.sleep(index, &caller, sleeper, || room.has_work());
        }
        room.stop_searching();
        publisher.join().unwrap();
        room.stand_up(index);
        is_over.store(true, Ordering::Release);
        room.parker.wake_all();
        worker.join().unwrap();
        assert!(room.parker.is_quiet());
    });
}

twins! {
    without_waking_for_mail: "sleep::mail_against_sleep" without "post-wake";
    without_s2_for_mail: "sleep::mail_against_sleep" without "S2";
    without_s3_for_mail: "sleep::mail_against_sleep" without "S3";
    without_waking_the_confined_for_mail: "sleep::mail_for_the_confined" without "post-wake";
    without_p2: "sleep::two_sleepers" without "P2";
    without_p4: "sleep::two_sleepers" without "P4";
    without_s2: "sleep::two_sleepers" without "S2";
    without_s3: "sleep::two_sleepers" without "S3";
    with_flag_before_count: "sleep::two_sleepers_two_publishers" without "S1-order";
    without_p2_from_two_publishers: "sleep::two_publishers" without "P2";
    without_c2: "sleep::searcher_stops" without "C2";
    without_c4: "sleep::searcher_stops" without "C4";
    without_passing_on: "sleep::claim_against_withdraw" without "C4";
    without_a_sign: "sleep::claimed_and_not_yet_counted" without "P3-sign";
    without_missing_whom_it_wants: "sleep::guest_against_publisher" without "P4-miss";
    without_s5_missing_itself: "sleep::guest_against_mail" without "S5-miss";
    without_a_look_into_the_mailbox: "sleep::guest_against_mail" without "G4-mail";
    without_g2: "sleep::missed_guest_against_publisher" without "G2";
    without_g3: "sleep::missed_guest_against_publisher" without "G3";
    without_g4: "sleep::missed_guest_against_publisher" without "G4";
    without_s1_of_a_guest_missing_the_worker: "sleep::guest_is_woken_for_its_own" without "S1-miss";
    without_s5_passing_on: "sleep::guest_on_the_seat_of_a_searcher" without "S5-pass-on";
    without_s3_passing_on: "sleep::job_left_to_a_confined_searcher" without "S3-pass-on";
    without_the_guests_bell: "sleep::guest_is_woken_for_its_own" without "guest-unpark";
}
