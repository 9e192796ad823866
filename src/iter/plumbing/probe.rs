//! How a long loop begins: on the calling thread alone, with an eye on the clock, until it is known to be worth the help.
//!
//! Waking a thread costs the one who wakes it as much as thousands of additions. So a loop of many items does its first
//! ones itself, and asks for help only when they took some time, or when those to come will, at the rate so far. A
//! loop over before that has cost a few looks at the clock.
//!
//! A leaf can't be cut once it has begun: its consumer counts on all its items. So a loop that is over soon is done in three
//! leaves, of an eighth, three eighths and half of the items, the first two in blocks; when help turns out to be
//! wanted in the middle of one, what comes after that leaf is forked.
//!
//! Tried and dropped: pouring all the rest at once when the first leaf was quick. A loop whose heavy items come late was
//! then done by one thread. And a first leaf of a quarter with one fork for the rest: the halves that the threads took from
//! each other never matched, and sweeps of 250 µs took 5 % longer than with halves from the start.

use std::time::{Duration, Instant};

/// How many items per thread are too few to try the first ones: any of them may be long, and should find
/// somebody at once.
const FEW: usize = 16;

/// How long the rest of a loop must take for it to be worth waking somebody: twice of what waking costs on a virtual machine.
const WORTH_WAKING: Duration = Duration::from_micros(20);

/// The same where somebody is up and looking for work already, or all are busy, so that nobody will be woken.
const WORTH_FORKING: Duration = Duration::from_micros(4);

/// From how many items on their average is believed, if they took no time to speak of.
const EVIDENCE: usize = 32;

/// By how much a block of items may be longer than all before it.
const GROWTH: usize = 128;

/// The clock, and what is known so far. Times are in nanoseconds.
pub(super) struct Probe {
    begun: Instant,
    worth: usize,
    done: usize,
    passed: usize,
}

impl Probe {
    /// Whether a loop of this length should try its first items.
    pub(super) fn is_for(len: usize, threads: usize) -> bool {
        len > FEW.saturating_mul(threads)
    }

    /// `must_wake` says that a fork would have to wake somebody.
    pub(super) fn begin(must_wake: bool) -> Self {
        Self {
            begun: Instant::now(),
            worth: nanoseconds(if must_wake {
                WORTH_WAKING
            } else {
                WORTH_FORKING
            }),
            done: 0,
            passed: 1,
        }
    }

    /// How many of the `left` items of a loop the next leaf should have, at least `min` and leaving as many, or all.
    pub(super) fn next_leaf(&self, left: usize, min: usize) -> usize {
        let half = (self.done + left) / 2;
        let leaf = match self.done {
            0 => left / 8,
            done if done < half => half - done,
            _ => left,
        };
        let leaf = leaf.max(min);
        if left < leaf + min { left } else { leaf }
    }

    /// How many of the `left` items of a leaf the next block should have: no more than will be done soon, at the rate so
    /// far.
    pub(super) fn next_block(&self, left: usize) -> usize {
        let soon = (self.worth / 2).saturating_mul(self.done) / self.passed;
        left.min(self.done.saturating_mul(GROWTH).min(soon).max(1))
    }

    /// Takes note of a block. Tells whether the `left` items of the loop are worth the help.
    pub(super) fn is_worth_help(&mut self, block: usize, left: usize) -> bool {
        self.done += block;
        self.passed = nanoseconds(self.begun.elapsed()).max(1);
        let is_known = self.done >= EVIDENCE || self.passed > self.worth / 8;
        self.passed > self.worth / 2
            || is_known && self.passed.saturating_mul(left) / self.done > self.worth
    }
}

fn nanoseconds(time: Duration) -> usize {
    usize::try_from(time.as_nanos()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_of_a_quick_loop() {
        let mut probe = Probe::begin(true);
        let mut left = 1000;
        let mut leaves = Vec::new();
        while left > 0 {
            let leaf = probe.next_leaf(left, 1);
            leaves.push(leaf);
            probe.done += leaf;
            left -= leaf;
        }
        assert_eq!(leaves, [125, 375, 500]);
    }

    #[test]
    fn leaves_are_never_too_short() {
        for len in 1..200 {
            for min in 1..20 {
                let mut probe = Probe::begin(true);
                let mut left = len;
                while left > 0 {
                    let leaf = probe.next_leaf(left, min);
                    assert!(
                        leaf >= min || leaf == len,
                        "{leaf} of {len}, at least {min}"
                    );
                    probe.done += leaf;
                    left -= leaf;
                }
            }
        }
    }

    #[test]
    fn long_items_get_help_at_once() {
        let mut probe = Probe::begin(true);
        std::thread::sleep(2 * WORTH_WAKING);
        assert!(probe.is_worth_help(1, 1));
    }

    #[test]
    fn many_items_get_help_at_the_rate_so_far() {
        let mut probe = Probe::begin(true);
        assert!(probe.is_worth_help(EVIDENCE, usize::MAX));
    }
}
