//! How a long loop begins: on the calling thread alone, with an eye on the clock, until it is known to be worth the help.
//!
//! Waking a thread costs the one who wakes it as much as thousands of additions. So a loop of many items does its first
//! ones itself, and asks for help only when they took some time, or when those to come will, at the rate so far. A
//! loop over before that has cost a few looks at the clock.
//!
//! A leaf can't be cut once it has begun: its consumer counts on all its items. So a loop that is over soon is done in three
//! leaves, the first two in blocks: half as many items as a leaf would have if all threads took part, what is missing to
//! half of the loop, and the other half. When help turns out to be wanted in the middle of one, what comes after
//! that leaf is forked.
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

/// The same where somebody is up and looking for work already, or all are busy, so that nobody will be woken. (With 4 µs, of
/// a thousand items filtered and collected half a microsecond's worth was sometimes sent to another core.)
const WORTH_FORKING: Duration = Duration::from_micros(6);

/// By how much a block of items may be longer than all before it.
const GROWTH: usize = 128;

/// The clock, and what is known so far.
pub(crate) struct Probe {
    begun: Instant,
    worth: Duration,
    threads: usize,
    done: usize,
    /// How many more items are likely to be over in no time: the next look at the clock can wait for them.
    quick: usize,
}

impl Probe {
    /// Whether a loop of this length should try its first items.
    pub(crate) fn is_for(len: usize, threads: usize) -> bool {
        len > FEW.saturating_mul(threads)
    }

    /// `must_wake` says that a fork would have to wake somebody.
    pub(crate) fn begin(must_wake: bool, threads: usize) -> Self {
        Self {
            begun: Instant::now(),
            worth: if must_wake {
                WORTH_WAKING
            } else {
                WORTH_FORKING
            },
            threads,
            done: 0,
            quick: 0,
        }
    }

    /// How many of the `left` items of a loop the next leaf should have, at least `min` and leaving as many, or all.
    pub(crate) fn next_leaf(&self, left: usize, min: usize) -> usize {
        let half = (self.done + left) / 2;
        let leaf = match self.done {
            0 => left / self.threads.saturating_mul(4),
            done if done < half => half - done,
            _ => left,
        };
        let leaf = leaf.max(min).max(1);
        if left < leaf + min { left } else { leaf }
    }

    /// How many of the `left` items of a leaf the next block should have.
    pub(crate) fn next_block(&self, left: usize) -> usize {
        left.min(self.quick.max(1))
    }

    /// Takes note of a block. Tells whether the `left` items of the loop are worth the help.
    pub(crate) fn is_worth_help(&mut self, block: usize, left: usize) -> bool {
        self.done += block;
        // A look takes as long as dozens of additions. It can wait while most of the loop, and the next leaf, is still
        // to come.
        if block < self.quick && left / 2 > self.done {
            self.quick -= block;
            return false;
        }
        self.judge(self.begun.elapsed(), left)
    }

    /// How long an item has taken so far.
    pub(crate) fn pace(&self) -> Duration {
        self.begun.elapsed() / u32::try_from(self.done.max(1)).unwrap_or(u32::MAX)
    }

    /// What is to be made of the time that has passed.
    ///
    /// Help is asked for when enough time has passed in any case, and after half as long if the rate so far says that the
    /// rest will take long. No sooner: the first items are slow, since they find the caches cold and allocate.
    fn judge(&mut self, passed: Duration, left: usize) -> bool {
        if passed > self.worth / 2 {
            return true;
        }
        // All fit: `passed` is short by now.
        let (passed, worth) = (passed.as_nanos() as u64, self.worth.as_nanos() as u64);
        let (done, left) = (self.done as u64, left as u64);
        if passed > worth / 4 && passed.saturating_mul(left) / done > worth {
            return true;
        }
        let soon = done.saturating_mul(worth / 4) / passed.max(1);
        self.quick = self
            .done
            .saturating_mul(GROWTH)
            .min(usize::try_from(soon).unwrap_or(usize::MAX));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(threads: usize) -> Vec<usize> {
        let mut probe = Probe::begin(true, threads);
        let mut left = 1000;
        let mut leaves = Vec::new();
        while left > 0 {
            let leaf = probe.next_leaf(left, 1);
            leaves.push(leaf);
            probe.done += leaf;
            left -= leaf;
        }
        leaves
    }

    #[test]
    fn leaves_of_a_quick_loop() {
        assert_eq!(leaves(2), [125, 375, 500]);
        assert_eq!(leaves(8), [31, 469, 500]);
    }

    #[test]
    fn leaves_are_never_too_short() {
        for len in 1..200 {
            for min in 1..20 {
                let mut probe = Probe::begin(true, 2);
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
        let mut probe = Probe::begin(true, 2);
        probe.done = 1;
        assert!(probe.judge(WORTH_WAKING, 1));
        std::thread::sleep(WORTH_WAKING);
        assert!(probe.is_worth_help(1, 1));
    }

    #[test]
    fn many_items_get_help_at_the_rate_so_far() {
        let (soon, early) = (WORTH_WAKING / 3, WORTH_WAKING / 5);
        for (passed, left, wanted) in [(soon, 1000, true), (soon, 100, false), (early, 1000, false)]
        {
            let mut probe = Probe::begin(true, 2);
            probe.done = 100;
            assert_eq!(probe.judge(passed, left), wanted, "{left} after {passed:?}");
        }
    }

    /// However quick the items are, the clock is looked at before the last leaf.
    #[test]
    fn a_look_is_put_off_only_in_the_first_leaf() {
        let mut probe = Probe::begin(true, 2);
        probe.done = 65;
        assert!(!probe.judge(Duration::from_nanos(50), 935));
        std::thread::sleep(WORTH_WAKING);
        assert_eq!(probe.next_block(185), 185);
        assert!(!probe.is_worth_help(185, 750));
        assert!(probe.is_worth_help(250, 500));
    }
}
