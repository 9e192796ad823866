//! How many cores there really were, asked of plain threads that belong to no library.
//!
//! A process may be allowed two cores and yet be run on one for seconds. All two-worker wall times double then,
//! with the tightest of quartiles, and a library that runs in parallel looks like one that does not: nothing in the
//! rows themselves gives it away.

use super::clock::burn;
use super::pins::pin;
use std::sync::LazyLock;
use std::thread::{available_parallelism, scope};
use std::time::{Duration, Instant};

/// Long beside the start of a thread, short beside a round.
const SAMPLE: Duration = Duration::from_millis(3);

/// Asked once, so that cores taken away later are missed.
static ALLOWED: LazyLock<usize> =
    LazyLock::new(|| available_parallelism().map_or(1, usize::from).min(8));

/// The cores that this process may use at its start; more than a few are not sampled.
pub(crate) fn cores_allowed() -> usize {
    *ALLOWED
}

/// Busy threads, one on each allowed core: their CPU time together by the wall time that they took.
pub(crate) fn cores_at_hand() -> f64 {
    let cores = cores_allowed();
    let then = Instant::now();
    scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || {
                pin(core);
                burn(SAMPLE);
            });
        }
    });
    cores as f64 * SAMPLE.div_duration_f64(then.elapsed())
}
