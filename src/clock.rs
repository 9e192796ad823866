//! [`Stopwatch`]: how much time has passed, roughly, and told in no time.
//!
//! To ask the system takes 22 ns on the machine where this was measured, and a sum of a thousand numbers 450. So where the
//! processor has a counter that is read in 9 ns, that one is taken, and its rate is measured once. It may be wrong (a
//! machine that sleeps, or moves elsewhere), so nothing but speed may hang on it.
#![allow(unsafe_code)]

pub(crate) use counter::Stopwatch;
use std::time::Duration;

#[cfg(all(target_arch = "x86_64", not(any(miri, loom, shuttle))))]
mod counter {
    use std::arch::x86_64::_rdtsc;
    use std::hint::spin_loop;
    use std::time::{Duration, Instant};

    use crate::primitive::fixed::Number;

    /// A moment, from which on it counts.
    #[derive(Clone, Copy)]
    pub(crate) struct Stopwatch {
        begun: u64,
    }

    impl Stopwatch {
        #[inline]
        pub(crate) fn start() -> Self {
            Self { begun: ticks() }
        }

        #[inline]
        pub(crate) fn nanos_since(self, earlier: Self) -> f32 {
            // Counters of different processors may differ. (As a signed number it is one instruction to convert.)
            self.begun.saturating_sub(earlier.begun).cast_signed() as f32 * nanos_per_tick()
        }

        pub(super) fn steps(self) -> u64 {
            self.begun
        }

        pub(super) fn nanos_per_step() -> f32 {
            nanos_per_tick()
        }
    }

    #[inline]
    fn ticks() -> u64 {
        // SAFETY: the instruction is part of the architecture, and touches no memory.
        unsafe { _rdtsc() }
    }

    #[inline]
    fn nanos_per_tick() -> f32 {
        // Zero before it is known.
        static RATE: Number = Number::new(0.0);
        let rate = RATE.get();
        if rate > 0.0 {
            return rate;
        }
        let rate = measure();
        RATE.set(rate);
        rate
    }

    /// The middle one of three attempts, since any of them may be interrupted.
    #[cold]
    fn measure() -> f32 {
        let mut rates = [(); 3].map(|()| measure_once());
        rates.sort_unstable_by(f32::total_cmp);
        rates[1]
    }

    fn measure_once() -> f32 {
        const LONG: Duration = Duration::from_micros(20);
        let (begun, counted) = (Instant::now(), ticks());
        while begun.elapsed() < LONG {
            spin_loop();
        }
        let (passed, counted) = (begun.elapsed(), ticks().saturating_sub(counted));
        passed.as_nanos() as f32 / counted.max(1) as f32
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_rate_is_measured_alike_each_time() {
            let rates = [(); 9].map(|()| measure());
            let alike = |other: &&f32| (0.8..1.25).contains(&(**other / rates[4]));
            assert!(rates.iter().filter(alike).count() > 4, "{rates:?}");
        }
    }
}

#[cfg(not(any(
    all(target_arch = "x86_64", not(any(miri, loom, shuttle))),
    shuttle,
    all(target_family = "wasm", target_os = "unknown")
)))]
mod counter {
    use std::sync::OnceLock;
    use std::time::Instant;

    /// A moment, from which on it counts.
    #[derive(Clone, Copy)]
    pub(crate) struct Stopwatch {
        begun: Instant,
    }

    impl Stopwatch {
        #[inline]
        pub(crate) fn start() -> Self {
            Self {
                begun: Instant::now(),
            }
        }

        #[inline]
        pub(crate) fn nanos_since(self, earlier: Self) -> f32 {
            self.begun.duration_since(earlier.begun).as_nanos() as f32
        }

        pub(super) fn steps(self) -> u64 {
            static FIRST: OnceLock<Instant> = OnceLock::new();
            let first = *FIRST.get_or_init(Instant::now);
            self.begun.duration_since(first).as_nanos() as u64
        }

        pub(super) fn nanos_per_step() -> f32 {
            1.0
        }
    }
}

/// Time in a random model: it passes as slowly or as fast as makes a difference to anybody.
#[cfg(shuttle)]
mod counter {
    use crate::primitive::{Ordering, fixed::AtomicUsize, random};

    /// A moment, from which on it counts.
    #[derive(Clone, Copy)]
    pub(crate) struct Stopwatch {
        begun: usize,
    }

    /// What was read last, in nanoseconds.
    static NOW: AtomicUsize = AtomicUsize::new(0);

    impl Stopwatch {
        pub(crate) fn start() -> Self {
            // From 1 ns to 17 ms.
            let passed = 1 << (random() % 25);
            // Relaxed: one variable only.
            let begun = NOW.fetch_add(passed, Ordering::Relaxed);
            Self { begun }
        }

        pub(crate) fn nanos_since(self, earlier: Self) -> f32 {
            self.begun.wrapping_sub(earlier.begun) as f32
        }

        pub(super) fn steps(self) -> u64 {
            self.begun as u64
        }

        pub(super) fn nanos_per_step() -> f32 {
            1.0
        }
    }
}

/// A platform without a clock, where std's panics. It has no threads either.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod counter {
    /// Always at zero.
    #[derive(Clone, Copy)]
    pub(crate) struct Stopwatch;

    impl Stopwatch {
        #[inline]
        pub(crate) fn start() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn nanos_since(self, _earlier: Self) -> f32 {
            0.0
        }

        pub(super) fn steps(self) -> u64 {
            0
        }

        pub(super) fn nanos_per_step() -> f32 {
            0.0
        }
    }
}

/// A word counts in so many steps, so that it does not come round within a minute.
const STEPS: u64 = 64;

impl Stopwatch {
    /// As a word, in which it can be left for another thread. It means something for a minute or so.
    pub(crate) fn to_word(self) -> u32 {
        (self.steps() / STEPS) as u32
    }

    /// The nanoseconds since a moment that was left as a word, to some dozens.
    pub(crate) fn nanos_since_word(self, word: u32) -> f32 {
        // The counter of the other thread's processor may be ahead of this one's.
        let steps = self.to_word().wrapping_sub(word).cast_signed().max(0);
        steps as f32 * STEPS as f32 * Self::nanos_per_step()
    }

    /// The nanoseconds since it was started. Never negative, never infinite.
    #[inline]
    pub(crate) fn nanos(self) -> f32 {
        Self::start().nanos_since(self)
    }

    /// The same as a duration.
    pub(crate) fn elapsed(self) -> Duration {
        Duration::from_nanos(self.nanos() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn time_passes() {
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(20));
        let passed = watch.nanos();
        assert!(passed > 1e7, "{passed}");
        assert!(watch.elapsed() >= Duration::from_millis(10));
    }

    #[test]
    fn a_moment_fits_into_a_word() {
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(20));
        let now = Stopwatch::start();
        let (passed, by_word) = (
            now.nanos_since(watch),
            now.nanos_since_word(watch.to_word()),
        );
        assert!(
            (by_word - passed).abs() < passed / 100.0,
            "{passed} {by_word}"
        );
        assert_eq!(
            watch.nanos_since_word(now.to_word()),
            0.0,
            "it is still to come"
        );
    }

    /// The system's clock, asked shortly before and after, tells of less time and of more.
    #[test]
    fn time_passes_as_it_does_for_the_system() {
        let around = Instant::now();
        let watch = Stopwatch::start();
        let within = Instant::now();
        std::thread::sleep(Duration::from_millis(20));
        let within = within.elapsed();
        let passed = watch.elapsed();
        let around = around.elapsed();
        // As exact as the rate, which is measured within some 20 µs.
        assert!(
            passed > within / 2 && passed < around * 2,
            "{within:?} {passed:?} {around:?}"
        );
    }
}
