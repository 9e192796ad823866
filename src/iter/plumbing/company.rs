//! Loops that are over sooner if one thread does them alone.
//!
//! Strings that one thread has made and several let go of all come to one lock of the allocator; fresh memory is handed out by the
//! system page by page, to one thread at a time; what each leaf has counted in a table of its own has to be added up. The more threads work
//! at such a loop, the longer each item takes, or the longer it takes to bring together what they have done.
//!
//! Nothing of this is seen by those who share the loop: each of them does its part as fast as it can. So a loop that has been shared
//! [for a while](WHILE) is tried alone, block by block. As soon as it turns out that all of it will take longer than in company, the rest is shared
//! after all, and the loop stays shared for some [turns](SHARED), longer each time. If it took one thread [less](HARM), it stays with one
//! thread for some [turns](ALONE), then company is tried again, and so on, more and more seldom. Two paces of a loop are
//! [remembered](crate::paces) for that, in nanoseconds for each item: that of one thread alone, and that of all threads together, from the first
//! fork to the last join, and to the end of what is left to [settle](super::Reducer::settle) then.
//!
//! What one loop took says nothing about one that is twice as long: that is shared until it is known, too.
//!
//! (Strings by value, filtered and collected: 0.5 of the speed of one thread when shared. The thread that had made them let go of its
//! half of them in no time, it was the other one's that took so long. So it is no use to time one's own leaf; nor to compare with the
//! first items of the loop, which find the caches cold: two million strings took 11 ns each alone, 33 in company, and the first hundreds of
//! them 25 to 60.)

use super::leaf::{BLOCK, next_of, span_after};
use super::probe::nanos;
use crate::clock::Stopwatch;
use crate::paces::{Brief, Paces, Site};
use std::time::Duration;

/// For so long a loop is shared before it is tried alone, or when company is tried again; but at least, and at most, so many times. Until the
/// others have woken they are of no use, and to wake them costs something; on a virtual machine that is 60 µs. (With two turns, loops of 25 µs were left to
/// one thread now and then for as long as they were called.)
const WHILE: Duration = Duration::from_micros(200);
const FEWEST: u16 = 2;
const MOST_SHARED: u16 = 8;

/// For how many turns it is shared after an attempt that failed. Twice as many after the next one.
const SHARED: u16 = 8;

/// For how many turns it is done alone after an attempt that did not fail, the attempt included, until company is tried again. Twice as many
/// after the next one: a few slow turns may have had another reason. (A thread that has slept comes late, and the processor may have been
/// another program's.)
const ALONE: u16 = 4;

/// For how many turns anything is planned at most.
const MOST: u16 = 32;

/// How many attempts with the same outcome are counted: then turns have been doubled as often as they ever are.
const COUNTED: u16 = 3;

/// Company does harm if the loop takes so many times as long as with one thread. If it takes as long, the other processor may have been slow to
/// come, as after some rest on a virtual machine.
const HARM: f32 = 1.15;

/// A loop that is likely to take so many times as long alone as in company is shared.
const TOO_LONG: f32 = 1.1;

/// Nothing is said of an attempt before it has taken one part in so many of what the loop takes in company: the caches are cold.
const PATIENCE: f32 = 32.0;

/// How many items for each thread make a loop so fine that its first ones are done within that time.
const FINE: usize = 64;

/// A pace in company is taken for so many times as long as the last one at most. Once in a while a thread has to wait for its processor, and
/// the best of some turns is what counts. (With 1.25, loops of 25 µs that two threads do a fifth sooner were often left to one.)
const SLOWER: f32 = 1.05;

/// What will be done with a loop the next times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    /// What the last attempt has shown.
    is_alone: bool,
    /// How many more turns that will do. The last [few](WHILE) of those alone are shared, to compare with.
    turns: u16,
    /// How many attempts in a row have shown it, so far as that is counted.
    attempts: u16,
    /// The logarithm of the length that is known.
    scale: u16,
}

/// From the lowest bit upwards: 5 for the scale, 6 for the turns, 2 for the attempts, one for alone; and the highest is always set.
impl Brief for Plan {
    fn to_bits(self) -> u16 {
        let Self {
            is_alone,
            turns,
            attempts,
            scale,
        } = self;
        1 << 15 | u16::from(is_alone) << 13 | attempts << 11 | turns << 5 | scale
    }

    fn from_bits(bits: u16) -> Self {
        Self {
            is_alone: bits & 1 << 13 != 0,
            attempts: bits >> 11 & 3,
            turns: bits >> 5 & 63,
            scale: bits & 31,
        }
    }
}

impl Plan {
    /// To be shared for so many turns, of which this is the first.
    fn new(len: usize, turns: u16) -> Self {
        Self {
            is_alone: false,
            turns: turns - 1,
            attempts: 0,
            scale: scale(len),
        }
    }

    /// After another attempt, which has shown whether the loop is better off with one thread. Company will be tried for so many turns.
    fn after(self, is_alone: bool, shared: u16) -> Self {
        let attempts = if is_alone == self.is_alone {
            self.attempts
        } else {
            0
        };
        let turns = if is_alone {
            (ALONE << attempts).min(MOST) - 1 + shared
        } else {
            (SHARED << attempts).min(MOST)
        };
        Self {
            is_alone,
            turns,
            attempts: (attempts + 1).min(COUNTED),
            ..self
        }
    }
}

fn scale(len: usize) -> u16 {
    len.max(1).ilog2().min(31) as u16
}

/// What a thread knows of a loop: whether company is of use to it.
#[derive(Clone, Copy)]
pub(crate) struct Company<'seat> {
    paces: &'seat Paces,
    site: Site,
}

impl<'seat> Company<'seat> {
    pub(crate) fn new(paces: &'seat Paces, site: Site) -> Self {
        Self { paces, site }
    }

    /// What is planned for a loop of this length, if one so long is known.
    fn plan(self, len: usize) -> Option<Plan> {
        let plan = self.paces.plans.of(self.site);
        plan.filter(|plan| scale(len) <= plan.scale)
    }

    /// How long the longest loop is that is known, to a factor of two.
    pub(crate) fn longest_len(self) -> Option<usize> {
        self.paces.plans.of(self.site).map(|plan| 1 << plan.scale)
    }

    fn plan_or_new(self, len: usize) -> Plan {
        self.plan(len)
            .unwrap_or_else(|| Plan::new(len, self.shared_turns(len)))
    }

    /// How many turns of this length make a [while](WHILE) in company.
    fn shared_turns(self, len: usize) -> u16 {
        let turn = self.paces.shared.of(self.site).unwrap_or(0.0) * len as f32;
        ((nanos(WHILE) / turn) as u16).clamp(FEWEST, MOST_SHARED)
    }

    /// Whether so many threads are to leave a loop of this length to one of them this time.
    pub(crate) fn is_of_no_use(self, len: usize, threads: usize) -> bool {
        let Some(plan) = self.plan(len) else {
            return false;
        };
        let Some(turns) = plan.turns.checked_sub(1) else {
            // It is time to try.
            return len / FINE >= threads;
        };
        self.paces.plans.note(self.site, Plan { turns, ..plan });
        plan.is_alone && turns >= self.shared_turns(len)
    }

    /// One thread begins to do all of it.
    pub(crate) fn take_leave(self, pace: f32) -> Hermit<'seat> {
        Hermit {
            company: self,
            watch: Stopwatch::start(),
            done: 0,
            passed: 0.0,
            paces: [pace; 2],
        }
    }

    /// Takes note of a loop that was shared, and took so many nanoseconds for each item.
    pub(crate) fn note_shared(self, len: usize, pace: f32) {
        let Paces { shared, plans, .. } = self.paces;
        let last = shared.of(self.site).filter(|_| self.plan(len).is_some());
        shared.note(self.site, last.map_or(pace, |last| pace.min(last * SLOWER)));
        if last.is_none() {
            plans.note(self.site, Plan::new(len, self.shared_turns(len)));
        }
    }
}

/// One thread, while it does all of a loop, block by block.
pub(crate) struct Hermit<'seat> {
    company: Company<'seat>,
    watch: Stopwatch,
    done: usize,
    /// In nanoseconds.
    passed: f32,
    /// Of the last two blocks.
    paces: [f32; 2],
}

impl Hermit<'_> {
    /// How many of `left` items should come next: a block of some microseconds, but not most of what is left, since its items may be slower.
    pub(crate) fn next(&self, left: usize) -> usize {
        let span = span_after(self.passed, nanos(BLOCK));
        next_of(left, span, self.paces[1].max(self.pace()))
    }

    /// Takes note of a block.
    pub(crate) fn note(&mut self, block: usize) {
        self.note_at(block, self.watch.nanos());
    }

    fn note_at(&mut self, block: usize, passed: f32) {
        let pace = (passed - self.passed) / block as f32;
        self.paces = [self.paces[1], pace];
        (self.done, self.passed) = (self.done + block, passed);
    }

    fn pace(&self) -> f32 {
        self.passed / self.done.max(1) as f32
    }

    /// Whether all is likely to take longer than in company, if the `left` items take as long as those of the last blocks. (Of two
    /// blocks the quicker one: the other may have had to wait for a processor.)
    pub(crate) fn misses_company(&self, left: usize) -> bool {
        let Company { paces, site } = self.company;
        let len = self.done + left;
        let expected = self.passed + self.paces[0].min(self.paces[1]) * left as f32;
        let shared = paces.shared.of(site);
        let is_missed = shared.is_none_or(|shared| {
            let shared = shared * len as f32;
            expected > shared * TOO_LONG && self.passed * PATIENCE > shared
        });
        if is_missed {
            let plan = self.company.plan_or_new(len);
            paces
                .plans
                .note(site, plan.after(false, self.company.shared_turns(len)));
        }
        is_missed
    }

    /// Takes note of the end of the loop.
    pub(crate) fn end(self) {
        let Company { paces, site } = self.company;
        let pace = self.pace();
        paces.last.note(site, pace);
        let plan = self.company.plan_or_new(self.done);
        let does_harm = (paces.shared.of(site)).is_some_and(|shared| shared > pace * HARM);
        if plan.turns == 0 {
            paces.plans.note(
                site,
                plan.after(does_harm, self.company.shared_turns(self.done)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many that two turns in company are enough to tell.
    const LEN: usize = 100_000;
    const THREADS: usize = 2;

    /// A loop whose items take one thread as long as it says, and all threads together as long as it says, whatever the length.
    struct Loop {
        paces: Paces,
        alone: f32,
        shared: f32,
    }

    impl Loop {
        fn new(alone: f32, shared: f32) -> Self {
            let paces = Paces::new();
            Self {
                paces,
                alone,
                shared,
            }
        }

        fn company(&self) -> Company<'_> {
            Company::new(&self.paces, site())
        }

        /// Goes through the loop, and tells whether one thread did it all.
        fn turn(&self, len: usize) -> bool {
            let company = self.company();
            if company.is_of_no_use(len, THREADS) {
                let mut hermit = company.take_leave(self.alone);
                hermit.note_at(len / 4, self.alone * (len / 4) as f32);
                if !hermit.misses_company(len - len / 4) {
                    hermit.note_at(len - len / 4, self.alone * len as f32);
                    hermit.end();
                    return true;
                }
            } else {
                company.note_shared(len, self.shared);
            }
            false
        }

        /// The third turn, when it begins.
        fn attempt(&self) -> Hermit<'_> {
            assert_eq!(self.alone_of(FEWEST.into()), 0);
            assert!(self.company().is_of_no_use(LEN, THREADS));
            self.company().take_leave(self.alone)
        }

        /// How many turns one thread did, of so many.
        fn alone_of(&self, turns: usize) -> usize {
            (0..turns).filter(|_| self.turn(LEN)).count()
        }
    }

    fn site() -> Site {
        Site::of(std::ptr::null())
    }

    #[test]
    fn a_plan_is_remembered_as_it_is() {
        for is_alone in [false, true] {
            for (turns, attempts, scale) in [(0, 0, 0), (63, 3, 31), (17, 1, 9), (0, 2, 30)] {
                let plan = Plan {
                    is_alone,
                    turns,
                    attempts,
                    scale,
                };
                assert_ne!(plan.to_bits(), 0);
                assert_eq!(Plan::from_bits(plan.to_bits()), plan);
            }
        }
        assert_eq!(Plan::new(usize::MAX, 2), Plan::new(1 << 31, 2));
    }

    #[test]
    fn company_that_is_of_use_is_kept() {
        assert_eq!(Loop::new(10.0, 5.5).alone_of(10_000), 0);
    }

    /// An attempt is made all the same once in a while.
    #[test]
    fn company_is_given_up_for_an_attempt_more_and_more_seldom() {
        let of_use = Loop::new(10.0, 5.5);
        let attempts = (0..120).filter(|_| {
            let is_attempt = (of_use.company().plan(LEN)).is_some_and(|plan| plan.turns == 0);
            assert!(!of_use.turn(LEN));
            is_attempt
        });
        assert!(attempts.eq([2, 11, 28, 61, 94]));
    }

    #[test]
    fn company_that_is_of_no_use_is_tried_once_in_a_while() {
        for shared in [12.0, 40.0] {
            let no_use = Loop::new(10.0, shared);
            // Always twice.
            for alone in [4, 8, 16, 32, 32, 32] {
                assert_eq!(no_use.alone_of(2), 0);
                assert_eq!(no_use.alone_of(alone), alone);
            }
        }
    }

    /// What is as good in company is shared.
    #[test]
    fn company_that_does_no_harm_is_kept() {
        for shared in [9.5, 11.0] {
            let equal = Loop::new(10.0, shared);
            assert_eq!(equal.alone_of(10), 1);
            assert_eq!(equal.alone_of(100), 4);
        }
    }

    #[test]
    fn company_that_becomes_of_use_is_taken_back() {
        let mut once = Loop::new(10.0, 20.0);
        assert!(once.alone_of(20) > 10);
        once.shared = 5.5;
        once.alone_of(34);
        assert_eq!(once.alone_of(100), 0);
    }

    #[test]
    fn once_is_no_reason() {
        let mut once = Loop::new(10.0, 6.0);
        once.alone_of(10);
        once.shared = 100.0;
        assert!(!once.turn(LEN));
        once.shared = 6.0;
        assert_eq!(once.alone_of(100), 0);
    }

    /// Nor if it is the first time: the threads may have been asleep.
    #[test]
    fn a_slow_beginning_is_no_reason() {
        let mut cold = Loop::new(10.0, 100.0);
        assert!(!cold.turn(LEN));
        cold.shared = 6.0;
        assert_eq!(cold.alone_of(100), 0);
    }

    /// Those who were asleep come after some turns of a short loop. Whoever is alone for a while finds them asleep again.
    #[test]
    fn company_that_wakes_late_is_waited_for() {
        let (alone, late, awake) = (10.0, 14.0, 6.0);
        let short = LEN / 40;
        let mut it = Loop::new(alone, late);
        let mut in_company = 0;
        let turns = (0..200).map(|_| {
            it.shared = if in_company < 3 { late } else { awake };
            let is_alone = it.turn(short);
            in_company = if is_alone { 0 } else { in_company + 1 };
            is_alone
        });
        assert_eq!(turns.skip(10).filter(|is_alone| *is_alone).count(), 0);
        assert_eq!(it.company().shared_turns(short), MOST_SHARED);
        assert_eq!(it.company().shared_turns(LEN), FEWEST);
    }

    #[test]
    fn an_attempt_is_given_time() {
        let of_use = Loop::new(10.0, 5.5);
        let mut hermit = of_use.attempt();
        hermit.note_at(400, 16_000.0);
        assert!(!hermit.misses_company(LEN - 400), "the caches are cold");
        hermit.note_at(400, 32_000.0);
        assert!(hermit.misses_company(LEN - 800));
    }

    /// The last block may have had to wait for a processor.
    #[test]
    fn one_block_is_no_reason_to_give_up() {
        let harm = Loop::new(10.0, 40.0);
        let mut hermit = harm.attempt();
        hermit.note_at(10_000, 110_000.0);
        hermit.note_at(10_000, 1_110_000.0);
        assert!(!hermit.misses_company(80_000));
        hermit.note_at(10_000, 2_110_000.0);
        assert!(hermit.misses_company(70_000));
    }

    #[test]
    fn a_longer_loop_is_shared_until_it_is_known() {
        let harm = Loop::new(10.0, 40.0);
        assert!(harm.alone_of(20) > 10);
        assert!(harm.turn(LEN / 2) && !harm.turn(2 * LEN));
        assert!(!harm.turn(LEN), "the longer one was of another kind");
    }

    /// Any of its few items may be long, and nobody could take the others meanwhile.
    #[test]
    fn a_coarse_loop_is_shared() {
        let harm = Loop::new(10.0, 40.0);
        for len in [FINE * THREADS - 1, FINE * THREADS] {
            let mut turns = (0..20).filter(|_| harm.turn(len));
            assert_eq!(turns.next().is_some(), len == FINE * THREADS);
        }
    }
}
