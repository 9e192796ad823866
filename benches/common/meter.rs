//! One turn of a row: so many calls, and what they took.

use super::clock::{process_cpu, thread_cpu};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What the calls of one turn took together.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Took {
    pub(crate) calls: u64,
    pub(crate) wall: Duration,
    /// What the whole process used during the turn, less what the measuring thread used between the calls. So
    /// whatever the workers burn while they look for more work counts, even when it falls into a pause.
    pub(crate) cpu: Option<Duration>,
    /// The turn by the wall, with all that happened between the calls: what it costs to take one more.
    pub(crate) turn: Duration,
}

/// Handed to a row, which calls exactly one of the methods, on the thread and in the pool that it is about.
#[derive(Debug)]
pub(crate) struct Meter {
    calls: u64,
    took: Took,
}

impl Meter {
    pub(crate) fn new(calls: u64) -> Self {
        Self {
            calls,
            took: Took::default(),
        }
    }

    pub(crate) fn took(self) -> Took {
        assert_ne!(self.took.calls, 0, "a row that measures nothing");
        self.took
    }

    /// A first eighth of the calls warms caches and threads up and is not measured.
    fn warm_up_calls(&self) -> u64 {
        self.calls.div_ceil(8)
    }

    /// Calls back to back.
    pub(crate) fn call<R>(&mut self, mut f: impl FnMut() -> R) {
        for _ in 0..self.warm_up_calls() {
            black_box(f());
        }
        self.took = Self::stopwatch(self.calls, f);
    }

    /// One call, without warming up.
    pub(crate) fn once<R>(&mut self, f: impl FnMut() -> R) {
        self.took = Self::stopwatch(1, f);
    }

    fn stopwatch<R>(calls: u64, mut f: impl FnMut() -> R) -> Took {
        let cpu_then = process_cpu();
        let then = Instant::now();
        for _ in 0..calls {
            black_box(f());
        }
        let wall = then.elapsed();
        let cpu = process_cpu().zip(cpu_then).map(|(now, then)| now - then);
        Took {
            calls,
            wall,
            cpu,
            turn: wall,
        }
    }

    /// Each call gets what `prepare` makes. Neither `prepare` nor the drop of the result is on the clock.
    pub(crate) fn call_after<S, R>(
        &mut self,
        mut prepare: impl FnMut() -> S,
        mut f: impl FnMut(S) -> R,
    ) {
        for _ in 0..self.warm_up_calls() {
            black_box(f(prepare()));
        }
        let (then, cpu_then) = (Instant::now(), process_cpu());
        let (mut wall, mut between) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..self.calls {
            let own_then = thread_cpu();
            let input = prepare();
            between += own_since(own_then);
            let then = Instant::now();
            let output = black_box(f(input));
            wall += then.elapsed();
            let own_then = thread_cpu();
            drop(output);
            between += own_since(own_then);
        }
        let cpu = process_cpu()
            .zip(cpu_then)
            .map(|(now, then)| (now - then).saturating_sub(between));
        self.took = Took {
            calls: self.calls,
            wall,
            cpu,
            turn: then.elapsed(),
        };
    }
}

fn own_since(then: Option<Duration>) -> Duration {
    thread_cpu()
        .zip(then)
        .map_or(Duration::ZERO, |(now, then)| now - then)
}
