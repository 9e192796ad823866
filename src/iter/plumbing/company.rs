//! Loops that are over sooner if one thread does them alone.
//!
//! Strings that one thread has made and several let go of all come to one lock of the allocator; fresh memory is handed out by the
//! system page by page, to one thread at a time; what each leaf has counted in a table of its own has to be added up. The more threads work
//! at such a loop, the longer each item takes, or the longer it takes to bring together what they have done.
//!
//! So two paces of a loop are [remembered](crate::paces), in nanoseconds for each item: that of one thread alone, and that of all threads
//! together, from the first fork to the last join. If the second was [worse](HARM) [several times](DOUBTS) in a row, the loop is done alone
//! the next time, block by block. As soon as it turns out that all of it will take longer than in company, the rest is shared after all: its
//! first items may have been quicker than the others. If all went well, the loop stays with one thread for some
//! [turns](ALONE), then company is tried again, and so on, more and more seldom. If not, it stays shared, and longer each time.
//!
//! What one loop took says nothing about one that is twice as long: that is shared until it is known, too.
//!
//! The pace of one thread is measured only when a loop is begun alone. So it is believed a little less with each loop that is shared, until
//! it is measured again, in one block.
//!
//! (Strings by value, filtered and collected: 0.5 of the speed of one thread when shared. The thread that had made them let go of its
//! half of them in no time, it was the other one's that took so long. So it is no use to time one's own leaf.)

use super::leaf::{BLOCK, next_of, span_after};
use super::probe::nanos;
use crate::clock::Stopwatch;
use crate::paces::{Brief, Paces, Site};

/// For one turn less than this a loop is done alone until company is tried again. Twice as long after each time that this was in vain: a
/// few slow turns may have had another reason. (A thread that has slept comes late, and the processor may have been another program's.)
const ALONE: u16 = 4;

/// For how many turns it is shared after the first attempt to do it alone that failed. Twice as many after the next one.
const SHARED: u16 = 8;

/// For how many turns anything is planned at most.
const MOST: u16 = 31;

/// How often in a row company must have done harm. Once in a while a thread has to wait for its processor.
const DOUBTS: u16 = 3;

/// Company does harm if the loop takes so many times as long as with one thread. If it takes as long, the other processor may have been slow to
/// come, as after some rest on a virtual machine. (When that sufficed, uneven loops took half as long again as with rayon.)
const HARM: f32 = 1.15;

/// If it takes so many times as long, that counts twice.
const GREAT_HARM: f32 = 1.7;

/// A loop that is likely to take so many times as long alone as in company is shared.
const TOO_LONG: f32 = 1.1;

/// A pace is remembered as so many times as long as alone at most.
const WORST: f32 = 16.0;

/// What is left of a pace that has not been measured again.
const FADED: f32 = 0.98;

/// What will be done with a loop the next time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    is_alone: bool,
    /// How many more turns that will be so.
    turns: u16,
    /// How often in a row company did harm, [`DOUBTS`] at most.
    doubts: u16,
    /// How many attempts to do otherwise have failed in a row, 3 at most.
    failures: u16,
    /// The logarithm of the length that is known.
    scale: u16,
}

/// From the lowest bit upwards: 5 for the scale, 5 for the turns, 2 for the doubts, 2 for the failures, one for alone, and one that is always set.
impl Brief for Plan {
    fn to_bits(self) -> u16 {
        let Self {
            is_alone,
            turns,
            doubts,
            failures,
            scale,
        } = self;
        1 << 15 | u16::from(is_alone) << 14 | failures << 12 | doubts << 10 | turns << 5 | scale
    }

    fn from_bits(bits: u16) -> Self {
        Self {
            is_alone: bits & 1 << 14 != 0,
            failures: bits >> 12 & 3,
            doubts: bits >> 10 & 3,
            turns: bits >> 5 & 31,
            scale: bits & 31,
        }
    }
}

impl Plan {
    /// To be shared until more is known.
    fn new(len: usize) -> Self {
        Self {
            is_alone: false,
            turns: 0,
            doubts: 0,
            failures: 0,
            scale: scale(len),
        }
    }

    /// After an attempt to do it alone has failed.
    fn shared_for_longer(self) -> Self {
        let failures = if self.is_alone { 0 } else { self.failures };
        Self {
            is_alone: false,
            turns: (SHARED << failures).min(MOST),
            failures: (failures + 1).min(3),
            ..self
        }
    }

    /// After it was done alone, as it was not before, or another attempt to share it has failed.
    fn alone_for_longer(self) -> Self {
        let failures = if self.is_alone { self.failures } else { 0 };
        Self {
            is_alone: true,
            turns: (ALONE << failures) - 1,
            failures: (failures + 1).min(3),
            ..self
        }
    }
}

fn scale(len: usize) -> u16 {
    len.max(1).ilog2().min(31) as u16
}

/// What a thread knows of a loop: whether company is of use to it.
#[derive(Clone, Copy)]
pub(super) struct Company<'seat> {
    paces: &'seat Paces,
    site: Site,
}

impl<'seat> Company<'seat> {
    pub(super) fn new(paces: &'seat Paces, site: Site) -> Self {
        Self { paces, site }
    }

    /// What is planned for a loop of this length, if one so long is known.
    fn plan(self, len: usize) -> Option<Plan> {
        let plan = self.paces.plans.of(self.site);
        plan.filter(|plan| scale(len) <= plan.scale)
    }

    fn plan_or_new(self, len: usize) -> Plan {
        self.plan(len).unwrap_or(Plan::new(len))
    }

    /// Whether a loop of this length is to be done alone this time.
    pub(super) fn is_of_no_use(self, len: usize) -> bool {
        let Some(plan) = self.plan(len) else {
            return false;
        };
        if let Some(turns) = plan.turns.checked_sub(1) {
            self.paces.plans.note(self.site, Plan { turns, ..plan });
            return plan.is_alone;
        }
        // Alone for long enough, or company has been doubted for long enough.
        !plan.is_alone && plan.doubts == DOUBTS
    }

    /// One thread begins to do all of it.
    pub(super) fn take_leave(self, pace: f32) -> Hermit<'seat> {
        Hermit {
            company: self,
            watch: Stopwatch::start(),
            done: 0,
            passed: 0.0,
            paces: [self.paces.alone.of(self.site).unwrap_or(pace), pace],
        }
    }

    /// Takes note of a leaf that was done while others were at work at the loop, too.
    pub(super) fn note_leaf(self, pace: f32) {
        let alone = self.paces.alone.of(self.site);
        // One thread alone would not have been slower.
        let alone = alone.map_or(pace, |alone| pace.min(alone * FADED));
        self.paces.alone.note(self.site, alone);
    }

    /// Takes note of a loop that was shared, and took so many nanoseconds for each item.
    pub(super) fn note_shared(self, len: usize, pace: f32) {
        let Paces {
            alone,
            shared,
            plans,
            ..
        } = self.paces;
        let alone = alone.of(self.site).unwrap_or(pace);
        let (Some(mut plan), Some(last)) = (self.plan(len), shared.of(self.site)) else {
            plans.note(self.site, Plan::new(len));
            shared.note(self.site, pace);
            return;
        };
        if pace < alone * HARM {
            if plan.is_alone {
                plan = Plan::new(len);
            }
            plan.doubts = 0;
            shared.note(self.site, pace);
        } else {
            let doubts = if pace > alone * GREAT_HARM { 2 } else { 1 };
            plan.doubts = (plan.doubts + doubts).min(DOUBTS);
            if plan.is_alone {
                plan = plan.alone_for_longer();
            }
            shared.note(self.site, (3.0 * last + pace.min(alone * WORST)) / 4.0);
        }
        plans.note(self.site, plan);
    }
}

/// One thread, while it does all of a loop, block by block.
pub(super) struct Hermit<'seat> {
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
    pub(super) fn next(&self, left: usize) -> usize {
        let span = span_after(self.passed, nanos(BLOCK));
        next_of(left, span, self.paces[1].max(self.pace()))
    }

    /// Takes note of a block.
    pub(super) fn note(&mut self, block: usize) {
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
    pub(super) fn misses_company(&self, left: usize) -> bool {
        let Company { paces, site } = self.company;
        let len = self.done + left;
        let expected = self.passed + self.paces[0].min(self.paces[1]) * left as f32;
        let shared = paces.shared.of(site);
        let is_missed = shared.is_none_or(|shared| expected > shared * len as f32 * TOO_LONG);
        if is_missed {
            let plan = self.company.plan_or_new(len);
            paces.plans.note(site, plan.shared_for_longer());
            paces.alone.note(site, self.pace());
        }
        is_missed
    }

    /// Takes note of the end of the loop.
    pub(super) fn end(self) {
        let Company { paces, site } = self.company;
        let pace = self.pace();
        paces.last.note(site, pace);
        paces.alone.note(site, pace);
        let plan = self.company.plan_or_new(self.done);
        if plan.is_alone {
            return;
        }
        let plan = if paces
            .shared
            .of(site)
            .is_some_and(|shared| shared > pace * HARM)
        {
            plan.alone_for_longer()
        } else {
            plan.shared_for_longer()
        };
        paces.plans.note(site, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 1000;

    /// A loop whose items take one thread as long as it says, and all threads together as long as it says, whatever the length.
    struct Loop {
        paces: Paces,
        alone: f32,
        shared: f32,
    }

    impl Loop {
        fn new(alone: f32, shared: f32) -> Self {
            let paces = Paces::new();
            paces.alone.note(site(), alone);
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
            if company.is_of_no_use(len) {
                let mut hermit = company.take_leave(self.alone);
                hermit.note_at(len / 4, self.alone * (len / 4) as f32);
                if !hermit.misses_company(len - len / 4) {
                    hermit.note_at(len - len / 4, self.alone * len as f32);
                    hermit.end();
                    return true;
                }
            }
            company.note_leaf(self.shared * 2.0);
            company.note_shared(len, self.shared);
            false
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
            for (turns, doubts, failures, scale) in
                [(0, 0, 0, 0), (31, 3, 2, 31), (17, 1, 0, 9), (0, 2, 1, 30)]
            {
                let plan = Plan {
                    is_alone,
                    turns,
                    doubts,
                    failures,
                    scale,
                };
                assert_ne!(plan.to_bits(), 0);
                assert_eq!(Plan::from_bits(plan.to_bits()), plan);
            }
        }
        assert_eq!(Plan::new(usize::MAX), Plan::new(1 << 31));
    }

    #[test]
    fn company_that_is_of_use_is_kept() {
        assert_eq!(Loop::new(10.0, 5.5).alone_of(10_000), 0);
    }

    #[test]
    fn company_that_is_of_no_use_is_tried_once_in_a_while() {
        // The first is not compared with anything.
        let no_use = Loop::new(10.0, 12.5);
        assert_eq!(no_use.alone_of(4), 0);
        // One attempt, and then 3, 7, 15, 31 and 31 turns, each with one in company after it.
        assert_eq!(no_use.alone_of(93), 1 + 3 + 7 + 15 + 31 + 31);
        assert_eq!(no_use.alone_of(320), 310);
        let harm = Loop::new(10.0, 40.0);
        assert_eq!(harm.alone_of(3), 0);
        assert_eq!(harm.alone_of(93), 1 + 3 + 7 + 15 + 31 + 31);
    }

    #[test]
    fn company_that_becomes_of_use_is_taken_back() {
        let mut once = Loop::new(10.0, 20.0);
        assert!(once.alone_of(20) > 10);
        once.shared = 5.5;
        once.alone_of(32);
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

    /// The first items are quicker than the others, so the loop seems to be slow in company.
    #[test]
    fn a_loop_that_misses_company_is_shared_for_longer_each_time() {
        let uneven = Loop::new(10.0, 50.0);
        let company = uneven.company();
        let mut attempts = vec![];
        for turn in 0..130 {
            uneven.paces.alone.note(site(), 10.0);
            if company.is_of_no_use(LEN) {
                let mut hermit = company.take_leave(10.0);
                hermit.note_at(100, 1_100.0);
                hermit.note_at(100, 11_100.0);
                assert!(!hermit.misses_company(800), "it may be just that block");
                hermit.note_at(100, 21_100.0);
                assert!(hermit.misses_company(700));
                attempts.push(turn);
            } else {
                company.note_shared(LEN, 50.0);
            }
        }
        assert_eq!(attempts, [3, 12, 29, 61, 93, 125]);
    }

    #[test]
    fn a_longer_loop_is_shared_until_it_is_known() {
        let harm = Loop::new(10.0, 40.0);
        assert!(harm.alone_of(20) > 10);
        assert!(harm.turn(LEN / 2) && !harm.turn(2 * LEN));
        assert!(!harm.turn(LEN), "the longer one was of another kind");
    }

    /// Until it is measured again, it is taken for less and less.
    #[test]
    fn what_was_measured_long_ago_is_in_doubt() {
        let slow_at_first = Loop::new(100.0, 5.5);
        let turns = slow_at_first.alone_of(1);
        assert_eq!(turns, 0);
        assert!(slow_at_first.paces.alone.of(site()).unwrap() < 11.1);
        let of_use = Loop::new(10.0, 5.5);
        of_use.alone_of(20);
        assert!(of_use.paces.alone.of(site()).unwrap() < 7.0);
    }
}
