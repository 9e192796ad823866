//! The deque: its owner at one end, thieves at the other, and a ring that grows in between.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::{explore, twins};
use crate::deque::{Deque, Steal, TakeBack};
use crate::fifo::Fifo;
use crate::job::JobRef;
use crate::region::Region;

/// Jobs that note that they ran. The cell is written before the push and again by the run, so loom checks both
/// that the push was seen, and that no other run came at the same time.
struct Bench {
    deque: Deque,
    runs: Vec<UnsafeCell<u32>>,
}

impl Bench {
    fn new(jobs: usize) -> Arc<Self> {
        Arc::new(Self {
            deque: Deque::new(),
            runs: (0..jobs).map(|_| UnsafeCell::new(9)).collect(),
        })
    }

    /// Job `index`. It is of a region of its own.
    fn job(&self, index: usize) -> JobRef {
        let cell = &self.runs[index];
        // SAFETY: not pushed yet; loom checks it.
        cell.with_mut(|runs| unsafe { *runs = 0 });
        let data = NonNull::from(cell).cast();
        // SAFETY: J2: every model runs or counts all jobs before it drops the bench. J3, J4: `run` only counts.
        unsafe { JobRef::new(data, run, region_of(index)) }
    }

    /// Pushes job `index`, as the owner.
    fn push(&self, index: usize) -> usize {
        self.push_job(self.job(index))
    }

    fn push_job(&self, job: JobRef) -> usize {
        // SAFETY: Q1: only the thread that made the bench pushes and pops.
        let pushed = unsafe { self.deque.push(job) };
        pushed.ok().expect("room")
    }

    fn pop(&self) -> bool {
        // SAFETY: Q1, as above.
        unsafe { self.deque.pop() }.map(JobRef::run).is_some()
    }

    fn steal(&self) -> bool {
        loop {
            match self.deque.steal(None) {
                Steal::Empty => return false,
                Steal::Retry => thread::yield_now(),
                Steal::Success(job) => {
                    job.run();
                    return true;
                }
            }
        }
    }

    /// Pops until nothing is left, and checks that each job ran once.
    fn finish(&self, thieves: Vec<thread::JoinHandle<()>>) {
        while self.pop() {}
        thieves.into_iter().for_each(|thief| thief.join().unwrap());
        assert!(!self.pop());
        for runs in &self.runs {
            // SAFETY: all threads are joined; loom checks it.
            runs.with(|runs| assert_eq!(unsafe { *runs }, 1));
        }
    }

    fn thief(this: &Arc<Self>, steals: usize) -> thread::JoinHandle<()> {
        let bench = Arc::clone(this);
        thread::spawn(move || {
            for _ in 0..steals {
                bench.steal();
            }
        })
    }
}

fn region_of(index: usize) -> Region {
    Region::from_word((index + 1) * Region::STEP | 1)
}

unsafe fn run(cell: NonNull<()>) {
    // SAFETY: `push` had it from a reference, to a cell that outlives the deque.
    let cell: &UnsafeCell<u32> = unsafe { cell.cast().as_ref() };
    // SAFETY: the job is ours (Q2); loom checks it.
    cell.with_mut(|runs| unsafe { *runs += 1 });
}

/// One job, which the owner and a thief want.
#[test]
fn the_last_job() {
    explore(3, || {
        let bench = Bench::new(1);
        bench.push(0);
        let thief = Bench::thief(&bench, 1);
        bench.finish(vec![thief]);
    });
}

/// Two jobs, two thieves and the owner.
#[test]
fn two_thieves() {
    explore(2, || {
        let bench = Bench::new(2);
        let thieves = vec![Bench::thief(&bench, 1), Bench::thief(&bench, 1)];
        bench.push(0);
        bench.push(1);
        bench.finish(thieves);
    });
}

/// A fork taken back, as `join` does it, while a thief is after the same job and an older one.
#[test]
fn taken_back_or_stolen() {
    explore(3, || {
        let bench = Bench::new(2);
        bench.push(0);
        let thief = Bench::thief(&bench, 2);
        let position = bench.push(1);
        // SAFETY: Q1, and `push` told the position.
        match unsafe { bench.deque.take_back(position) } {
            // The owner runs it in line.
            // SAFETY: taken back, so nobody else does; loom checks it.
            TakeBack::Taken => bench.runs[1].with_mut(|runs| unsafe { *runs += 1 }),
            TakeBack::Stolen | TakeBack::Buried => {}
        }
        bench.finish(vec![thief]);
    });
}

/// The ring of four grows to eight while a thief reads the old one.
#[test]
fn growth_against_steal() {
    explore(2, || {
        let bench = Bench::new(5);
        for job in 0..3 {
            bench.push(job);
        }
        let thief = Bench::thief(&bench, 2);
        bench.push(3);
        bench.push(4);
        bench.finish(vec![thief]);
    });
}

/// The owner takes the guard off after its first pops, with which a thief's first look may collide; the next pop is an unguarded
/// one.
#[test]
fn unguarded_pop_against_steal() {
    explore(3, || {
        let bench = Bench::new(4);
        for job in 0..4 {
            bench.push(job);
        }
        let thief = Bench::thief(&bench, 2);
        bench.pop();
        bench.pop();
        bench.finish(vec![thief]);
    });
}

/// Two thieves find an unguarded deque of two jobs. One asks for the guard, and the other may not rely on that too early.
#[test]
fn unguarded_pop_against_two_thieves() {
    explore(2, || {
        let bench = Bench::new(4);
        for job in 0..4 {
            bench.push(job);
        }
        bench.pop();
        bench.pop();
        let thieves = vec![Bench::thief(&bench, 1), Bench::thief(&bench, 2)];
        bench.finish(thieves);
    });
}

/// The owner takes the guard off while two thieves rely on it. The first moves `top` just after that, unseen by the owner; the second
/// comes to the job that the owner takes next, and has to look at the guard again.
#[test]
fn guard_taken_off_against_two_thieves() {
    explore(2, || {
        let bench = Bench::new(4);
        for job in 0..4 {
            bench.push(job);
        }
        bench.pop();
        let thieves = [Bench::thief(&bench, 1), Bench::thief(&bench, 1)];
        bench.pop();
        bench.pop();
        // Before the owner looks again, or the first would find nothing.
        thieves.into_iter().for_each(|thief| thief.join().unwrap());
        bench.finish(vec![]);
    });
}

/// A thief confined to a region takes a job of that one only, and finds it unless somebody else has taken it.
#[test]
fn confined_steal() {
    explore(2, || {
        let bench = Bench::new(3);
        for job in 0..3 {
            bench.push(job);
        }
        let thief = Bench::thief(&bench, 1);
        let confined = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || {
                if let Steal::Success(job) = bench.deque.steal(Some(region_of(1))) {
                    assert!(job.region == region_of(1));
                    job.run();
                }
            })
        };
        bench.pop();
        confined.join().unwrap();
        bench.finish(vec![thief]);
    });
}

/// Somebody asks for the region of the oldest job while that is stolen and its slot used again.
#[test]
fn region_of_the_oldest_against_reuse() {
    explore(3, || {
        let bench = Bench::new(5);
        for job in 0..4 {
            bench.push(job);
        }
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || {
                let oldest = bench.deque.next_region();
                // None, if the owner has taken all by then.
                let may_be = |region| [0, 1].map(region_of).contains(&region);
                assert!(oldest.is_none_or(may_be), "{oldest:?}");
            })
        };
        bench.steal();
        bench.push(4);
        bench.finish(vec![other]);
    });
}

/// A line of two jobs, and a ticket for each: whoever takes one, the owner or a thief, finds a job there.
#[test]
fn tickets_find_jobs() {
    explore(3, || {
        let bench = Bench::new(2);
        let line = Arc::new(Fifo::new());
        let thief = {
            let (bench, line) = (Arc::clone(&bench), Arc::clone(&line));
            thread::spawn(move || {
                bench.steal();
                drop(line);
            })
        };
        for index in 0..2 {
            // SAFETY: the line stays until `finish` has seen that all jobs have run.
            let ticket = unsafe { line.join(bench.job(index)) };
            bench.push_job(ticket);
        }
        bench.finish(vec![thief]);
    });
}

twins! {
    without_the_exchange_of_top: "deque::region_of_the_oldest_against_reuse" without "Q4-exchange";
    without_handing_over_the_line: "deque::tickets_find_jobs" without "D-push-release";
    without_d2: "deque::unguarded_pop_against_steal" without "D2";
    without_waiting_for_the_barrier: "deque::unguarded_pop_against_two_thieves" without "G-asked";
    without_the_fence_of_taking_the_guard_off: "deque::unguarded_pop_against_steal" without "D5";
    without_the_guard: "deque::unguarded_pop_against_steal" without "T2";
    without_another_look_at_the_guard: "deque::guard_taken_off_against_two_thieves" without "T4";
    without_the_fence_of_pop: "deque::two_thieves" without "D3";
    without_the_fence_of_steal: "deque::two_thieves" without "T3";
    without_release_of_bottom: "deque::two_thieves" without "D-push-release";
    without_release_of_the_ring: "deque::growth_against_steal" without "D-ring-release";
    without_the_race_for_the_last: "deque::the_last_job" without "D-last";
}
