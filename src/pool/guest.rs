//! An outside thread on the seat of a worker that has nothing to do.
//!
//! A call from outside could hand its work over and wait: that costs two wake-ups, and leaves the caller's own core
//! to others. So the caller sits down on the seat of an idle worker instead, and is a worker for the length of the call: it
//! forks on that seat's deque and has that seat's index, while the seat's own thread sleeps on.
//!
//! Only a worker that sleeps at the bottom of its stack lends its seat. One that sleeps in the middle of a job may have to
//! go on at any moment, and may hold a lock that the guest wants.
//!
//! A guest keeps its pool from ending as long as it sits there, for it may still spawn or broadcast. The steps E1 to E3 of the
//! [end](WorkerPool::release) see to that, so that a call need not count itself in and out.
#![allow(unsafe_code)]

use super::WorkerPool;
use super::worker::{Seated, Worker};
use crate::park::parker::with_own_parker;
use crate::primitive::{Arc, left_out};

/// Runs `op` on the seat of an idle worker, and gives the seat back, also by way of a panic. Without such a
/// seat, or if the pool is about to end, it gives `op` back. `op` hears `true`: the call came from outside.
pub(crate) fn as_guest<R, F: FnOnce(&Worker, bool) -> R>(
    pool: &Arc<WorkerPool>,
    op: F,
) -> Result<R, F> {
    let free = || pool.parker.sit_down(); // G1
    let Some(index) = pool.has_guests().then(free).flatten() else {
        return Err(op);
    };
    if pool.is_to_end() && !left_out("E1-look") {
        stand_up(pool, index);
        return Err(op);
    }
    Ok(with_own_parker(|parker| {
        // SAFETY: W2: the seat's worker sleeps at the bottom of its stack until `stand_up`, and G1 comes after all that it
        // did. The guest does not leave this frame, for which `pool` and `parker` are borrowed.
        let guest = unsafe { Worker::guest(pool, index, parker) };
        let _stands_up = StandsUp {
            guest: &guest,
            _seated: Seated::new(&guest),
        };
        op(&guest, true)
    }))
}

/// Gives the seat back in the end.
struct StandsUp<'a> {
    guest: &'a Worker,
    _seated: Seated,
}

impl Drop for StandsUp<'_> {
    fn drop(&mut self) {
        self.guest.forget_broadcasts();
        stand_up(self.guest.pool(), self.guest.index());
    }
}

#[inline]
fn stand_up(pool: &WorkerPool, index: usize) {
    if !pool.parker.stand_up_unmissed(index) {
        stand_up_missed(pool, index);
    }
}

#[cold]
fn stand_up_missed(pool: &WorkerPool, index: usize) {
    let meet = || pool.meet_publishers(index);
    pool.parker.stand_up(index, meet, pool.visible()); // G2 to G4
    // G4, for what only the seat's own worker can see to.
    let has_mail = !pool.seats()[index].mailbox.is_empty();
    if has_mail && !left_out("G4-mail") {
        pool.parker.wake_owner(index);
    }
    if pool.is_to_end() && !left_out("G4-end") {
        pool.end_if_left(); // E2 to E4
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::{iter, thread};

    use super::*;
    use crate::job::HeapJob;
    use crate::park::global::Sleeper;
    use crate::park::parker::Parker;
    use crate::pool::House;
    use crate::pool::handlers::Handlers;
    use crate::region::Region;
    use crate::unwind;

    /// Lets a guest sit on the one seat of a pool, whose worker sleeps all the while and does nothing else. Tells whether it still
    /// sleeps afterwards.
    fn sleeps_on_after(call: impl Fn(&Arc<WorkerPool>)) -> bool {
        let own = Parker::new();
        let pool = Arc::new(WorkerPool::new(
            vec![own.unparker().clone()],
            Handlers::default(),
            House::default(),
        ));
        thread::scope(|threads| {
            threads.spawn(|| {
                pool.parker.start_searching();
                pool.parker
                    .sleep(0, &own, Sleeper::Idle, || (), || false, iter::empty());
            });
            let op = |guest: &Worker, is_from_outside| {
                assert!(is_from_outside && guest.is_of(&pool) && guest.index() == 0);
                assert!(!pool.parker.must_wake(Some(0)), "its bed is taken");
                call(&pool);
            };
            // It may be about to lie down.
            while unwind::catch(|| as_guest(&pool, &op)).is_ok_and(|result| result.is_err()) {
                thread::yield_now();
            }
            let sleeps_on = pool.parker.must_wake(None);
            pool.parker.wake_owner(0);
            sleeps_on
        })
    }

    #[test]
    fn the_owner_sleeps_on_if_there_is_nothing() {
        assert!(sleeps_on_after(|_| ()));
    }

    #[test]
    fn the_owner_wakes_for_its_mail() {
        assert!(!sleeps_on_after(|pool| {
            // SAFETY: J2, J4: it holds nothing.
            let mut job = Some(unsafe { HeapJob::job_ref(|| (), Region::NONE) });
            pool.post(|_| job.take().expect("one seat"));
        }));
    }

    #[test]
    fn the_owner_wakes_at_the_end() {
        assert!(!sleeps_on_after(|pool| pool.release()));
    }

    #[test]
    fn the_owner_wakes_for_a_job() {
        assert!(!sleeps_on_after(|pool| {
            // SAFETY: J2, J4: it holds nothing.
            pool.inject(unsafe { HeapJob::job_ref(|| (), Region::NONE) });
        }));
    }

    /// Also by way of a panic, and the thread is no worker any more.
    #[test]
    fn the_seat_is_given_back() {
        let is_worker = || Worker::with_current(|worker| worker.is_some());
        for is_fatal in [false, true] {
            assert!(sleeps_on_after(|_| assert!(is_worker() && !is_fatal)));
        }
        assert!(!is_worker());
        let own = Parker::new();
        let house = House {
            has_guests: false,
            ..House::default()
        };
        let unparkers = vec![own.unparker().clone()];
        let pool = Arc::new(WorkerPool::new(unparkers, Handlers::default(), house));
        assert!(as_guest(&pool, |_, _| ()).is_err(), "no guests here");
    }
}
