//! [`Delay`]: how long it takes a sleeper to come once it is called.
//!
//! That is up to the machine, so all pools together find it out. Some microseconds where a processor only rests, 30 to 60 on a virtual
//! machine, more where it has to be brought back from a deep sleep. Who would call somebody for what is over before had better not.

use crate::clock::Stopwatch;
use crate::primitive::{
    Ordering,
    fixed::{AtomicU32, Number},
};

/// What is assumed before anybody has come, in nanoseconds.
const FIRST: f32 = 13_000.0;

/// What is believed.
const LEAST: f32 = 3_000.0;
const MOST: f32 = 100_000.0;

/// By how much of it the delay changes with each who comes.
const STEP: f32 = 1.0 / 8.0;

/// About the median of all delays: it grows with each sleeper that comes later, and shrinks with each that comes sooner, by the same part.
/// So one who had to wait for its processor counts no more than any other.
#[derive(Debug)]
pub(crate) struct Delay {
    nanos: Number,
}

/// That of all sleepers.
pub(crate) static DELAY: Delay = Delay::new();

impl Delay {
    const fn new() -> Self {
        Self {
            nanos: Number::new(FIRST),
        }
    }

    /// In nanoseconds.
    #[inline]
    pub(crate) fn nanos(&self) -> f32 {
        self.nanos.get()
    }

    /// One has come so many nanoseconds after the call. (If two come at once, one of them may not be counted.)
    pub(crate) fn note(&self, nanos: f32) {
        // It would go over from one model to the next, and none would go the same way again.
        if cfg!(shuttle) {
            return;
        }
        let before = self.nanos();
        let after = if nanos > before {
            before * (1.0 + STEP)
        } else {
            before * (1.0 - STEP)
        };
        self.nanos.set(after.clamp(LEAST, MOST));
    }
}

/// When the sleeper of a bed was called.
#[derive(Debug)]
pub(crate) struct Call(AtomicU32);

impl Call {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Now.
    pub(crate) fn set(&self) {
        // Relaxed: comes before the token that wakes the sleeper.
        self.0
            .store(Stopwatch::start().to_word(), Ordering::Relaxed);
    }

    /// How many nanoseconds ago that was.
    pub(crate) fn nanos(&self) -> f32 {
        // Relaxed: comes after that token, or it may be an older call.
        Stopwatch::start().nanos_since_word(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn most_come_within_a_delay_like_this() {
        let delay = Delay::new();
        for usual in [5_000.0, 40_000.0, 8_000.0] {
            for turn in 0..60 {
                // Once in a while somebody does not get its processor.
                let is_late = turn % 10 == 9;
                delay.note(if is_late { 4e6 } else { usual });
            }
            let ratio = delay.nanos() / usual;
            assert!((0.7..1.4).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn it_stays_within_bounds() {
        let delay = Delay::new();
        (0..100).for_each(|_| delay.note(f32::INFINITY));
        assert_eq!(delay.nanos(), MOST);
        (0..100).for_each(|_| delay.note(0.0));
        assert_eq!(delay.nanos(), LEAST);
    }

    #[test]
    fn a_call_is_some_time_ago() {
        let call = Call::new();
        call.set();
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(call.nanos() > 4e6);
    }
}
