//! How much work is worth help: [`worth`].
//!
//! If somebody is up and looks for work, some microseconds of it are. If not, whoever asks for help wakes a thread, which takes its own time (on a
//! virtual machine 13 µs), and until the other one [comes](crate::park::delay) (34 µs there) it has done a part alone. With `w` for the one and
//! `d` for the other, a loop of `t` is over after `d + (t - (d - w)) / 2`: sooner than alone if `t` is more than `d + w`.
//!
//! But who has been woken stays up for a while. So loops that come right one after the other pay that price together: what each of them gains by help,
//! or would have gained, is added up, and once it comes to the price, somebody is woken. (That is how one hires skis without
//! knowing for how long: Karlin, Manasse, Rudolph and Sleator, *Competitive snoopy caching*, 1988.) If the last such row of loops came to
//! more than the price, the next is expected to do so, too, and somebody is woken for its first loop.

use super::glance::since_last_look;
use super::probe::nanos;
use crate::clock::Stopwatch;
use crate::paces::{Paces, Site};
use crate::park::delay::DELAY;
use crate::pool::worker::Worker;
use crate::primitive::fixed::Number;
use std::time::Duration;

/// How much is worth help where somebody is up and looking for work already, or all are busy, so that nobody will be woken. (Sums over a slice
/// that took one thread 5.7 µs took two 4.1, and those of 8.4 took 5.6.)
const WORTH_FORKING: Duration = Duration::from_micros(6);

/// No more than this is asked of a loop of which nothing is known: later items may be longer than the first ones. (A filter that lets only the last of
/// 200,000 numbers pass to something that takes time seems to be over after 60 µs, and took 2.5 ms.)
const WORTH_TRYING: Duration = Duration::from_micros(20);

/// How many delays the price of waking is: the one, and what the waking takes.
const DELAYS: f32 = 1.5;

/// Loops with a longer pause between them do not come one right after the other. Who has found nothing to do is asleep by then.
const PAUSE: Duration = Duration::from_micros(8);

/// What loops that come one right after the other gain by help, in nanoseconds: those of the row that is still going on, and those of the last one.
pub(crate) struct Gains {
    now: Number,
    last: Number,
}

impl Gains {
    pub(crate) fn new() -> Self {
        Self {
            now: Number::new(0.0),
            last: Number::new(0.0),
        }
    }

    /// What a loop would have gained that one thread did alone in so many nanoseconds: half of what is beyond the least that is shared.
    pub(super) fn note_alone(&self, passed: f32) {
        self.note((passed - nanos(WORTH_FORKING)) / 2.0);
    }

    /// What a loop has gained that was shared and took so many nanoseconds: if two threads did it, as much again.
    pub(super) fn note_shared(&self, passed: f32) {
        self.note(passed);
    }

    fn note(&self, gain: f32) {
        if gain > 0.0 {
            self.now.set(self.now.get() + gain);
        }
    }

    /// A loop begins, and the one before it ended so many nanoseconds ago.
    fn begin(&self, pause: f32) {
        let now = self.now.get();
        if pause > nanos(PAUSE) && (now > 0.0 || self.last.get() > 0.0) {
            self.last.set(now);
            self.now.set(0.0);
        }
    }

    /// How much of a price the next loop has to pay; at least what is worth help in any case.
    fn left_of(&self, price: f32) -> f32 {
        let paid = if self.last.get() > price {
            price
        } else {
            self.now.get()
        };
        (price - paid).max(nanos(WORTH_FORKING))
    }
}

/// How many nanoseconds of work are worth help, for the loop at `site` that `worker` begins `now`.
pub(super) fn worth(worker: &Worker, site: Site, now: Stopwatch) -> f32 {
    let Paces { last, gains, .. } = worker.paces();
    gains.begin(since_last_look(now));
    if !worker.pool().parker.must_wake(worker.guest_seat()) {
        return nanos(WORTH_FORKING);
    }
    let worth = gains.left_of(DELAYS * DELAY.nanos());
    if last.of(site).is_some() {
        worth
    } else {
        worth.min(nanos(WORTH_TRYING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: f32 = 50_000.0;
    const AT_ONCE: f32 = 100.0;

    /// A row of loops that take so long, after a pause. Which of them is the first that is worth waking somebody, so far as that comes up; then it
    /// and all after it are shared.
    fn row(gains: &Gains, count: usize, takes: f32) -> Option<usize> {
        let mut first = None;
        for turn in 0..count {
            gains.begin(if turn == 0 { 20_000.0 } else { AT_ONCE });
            if first.is_none() && takes > gains.left_of(PRICE) {
                first = Some(turn);
            }
            match first {
                None => gains.note_alone(takes),
                Some(_) => gains.note_shared(takes / 2.0),
            }
        }
        first
    }

    #[test]
    fn loops_that_come_one_right_after_the_other_pay_together() {
        for (takes, first) in [(60_000.0, 0), (30_000.0, 2), (15_000.0, 8)] {
            assert_eq!(row(&Gains::new(), 100, takes), Some(first));
        }
        // Nobody would be sent anything of that.
        assert_eq!(row(&Gains::new(), 1000, 5_000.0), None);
    }

    #[test]
    fn a_loop_by_itself_pays_alone() {
        let gains = Gains::new();
        for _ in 0..10 {
            assert_eq!(row(&gains, 1, 45_000.0), None);
        }
        assert_eq!(row(&gains, 1, 60_000.0), Some(0));
    }

    #[test]
    fn a_row_is_expected_to_be_as_long_as_the_last_one() {
        let gains = Gains::new();
        assert_eq!(row(&gains, 10, 30_000.0), Some(2));
        assert_eq!(row(&gains, 10, 30_000.0), Some(0));
        assert_eq!(row(&gains, 1, 30_000.0), Some(0));
        assert_eq!(row(&gains, 1, 30_000.0), None);
    }
}
