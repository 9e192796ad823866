//! [`GlobalParker`]: who of a pool's workers sleeps, who searches, and whom to wake.

use super::parker::{Parker, Unparker};
use crate::primitive::{AtomicBool, AtomicUsize, CachePadded, Ordering, fence, gap, left_out};

/// The parkers of a pool's seats, and the two counts that tell a publisher whether to wake one.
///
/// The steps P1 to P4, S1 to S5, C1 to C4 are those of [`park`](super).
#[derive(Debug)]
pub(crate) struct GlobalParker {
    counts: CachePadded<AtomicUsize>,
    beds: Box<[CachePadded<Bed>]>,
}

/// Where the worker of one seat sleeps.
#[derive(Debug)]
struct Bed {
    is_sleeping: AtomicBool,
    unparker: Unparker,
}

/// Half of a word for each count: the sleepers below, the searchers above.
const HALF: u32 = usize::BITS / 2;
const SLEEPER: usize = 1;
const SEARCHER: usize = 1 << HALF;

/// How many workers fit into a count, and no more than other libraries promise.
pub(crate) const MAX_WORKERS: usize = if HALF == 32 { 65_535 } else { 255 };

/// One reading of both counts.
#[derive(Clone, Copy)]
struct Counts(usize);

impl Counts {
    fn sleepers_count(self) -> usize {
        self.0 & (SEARCHER - 1)
    }

    fn searchers_count(self) -> usize {
        self.0 >> HALF
    }

    /// Sleepers, and no searcher: the numbers from 1 to `SEARCHER - 1`, in one comparison.
    #[inline]
    fn wants_waking(self) -> bool {
        self.0.wrapping_sub(1) < SEARCHER - 1
    }
}

/// How a sleep ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Woken {
    /// By a claim: the worker counts as a searcher already.
    Claimed,
    /// By a signal of its own, or because there was something at S3.
    Withdrawn,
}

impl GlobalParker {
    /// A parker for the seats whose unparkers these are.
    pub(crate) fn new(unparkers: impl IntoIterator<Item = Unparker>) -> Self {
        let bed = |unparker| {
            CachePadded::new(Bed {
                is_sleeping: AtomicBool::new(false),
                unparker,
            })
        };
        Self {
            counts: CachePadded::new(AtomicUsize::new(0)),
            beds: unparkers.into_iter().map(bed).collect(),
        }
    }

    /// Wakes one sleeping worker, if any is needed. Call after P1. With nobody asleep it costs one fence and one load.
    pub(crate) fn wake_one(&self) {
        gap();
        if !left_out("P2") {
            fence(Ordering::SeqCst); // P2, meets S2 in `sleep` and C2 in `stop_searching`
        }
        gap();
        self.wake_one_if_wanted();
    }

    /// P3 and P4, for whoever has seen to P2.
    #[inline]
    pub(crate) fn wake_one_if_wanted(&self) {
        // P3. Relaxed: ordered by P2.
        if Counts(self.counts.load(Ordering::Relaxed)).wants_waking() {
            self.claim_and_unpark();
        }
    }

    /// Whether nobody sleeps or searches.
    #[cfg(loom)]
    pub(crate) fn is_quiet(&self) -> bool {
        self.counts.load(Ordering::Relaxed) == 0
    }

    /// P4 and C4. Takes one sleeper's flag, counts it as a searcher, and unparks it.
    ///
    /// If no flag can be claimed, nobody sleeps for good, and everybody awake looks again at S3.
    #[cold]
    fn claim_and_unpark(&self) {
        // From the first seat on, so that few threads share little work, and the others stay asleep.
        for bed in &self.beds {
            // Relaxed: only a hint; the swap decides.
            if bed.is_sleeping.load(Ordering::Relaxed) && self.claim(bed) {
                bed.unparker.unpark();
                return;
            }
        }
    }

    /// Takes a bed's flag. Winning moves one from the sleepers to the searchers, so the next publisher reads the truth.
    fn claim(&self, bed: &Bed) -> bool {
        // AcqRel: who wins the flag next, at S1 or S5, comes after this.
        let won = bed.is_sleeping.swap(false, Ordering::AcqRel);
        if won {
            gap();
            // Relaxed: counts only; P2, S2 and C2 order them.
            let before = Counts(self.counts.fetch_add(SEARCHER - SLEEPER, Ordering::Relaxed));
            debug_assert!(
                before.sleepers_count() > 0,
                "a flag is set by a sleeper that is counted"
            );
        }
        won
    }

    /// Wakes everybody, to see that the pool has ended. Call after a Release of that fact.
    ///
    /// This reads every flag and not the count, so it needs no fence: a flag that is set later, at S1, reads from our
    /// swap, and S2 makes that an Acquire. That sleeper sees the end at S3.
    pub(crate) fn wake_all(&self) {
        for bed in &self.beds {
            if self.claim(bed) {
                bed.unparker.unpark();
            }
        }
    }

    /// Counts the caller among the searchers.
    ///
    /// All idle workers may search at once: a limit of half of them, as other pools have it, sent a thief to sleep
    /// at the end of every loop, because the loop's owner was still searching as it waited for that very thief.
    pub(crate) fn start_searching(&self) {
        // Relaxed: nothing is published; a publisher that reads it relies on C2 or S2.
        self.counts.fetch_add(SEARCHER, Ordering::Relaxed);
    }

    /// C1 to C4: a searcher stops, and somebody else looks after whatever `has_work` still sees. `meet` is the barrier of
    /// C2, which meets P2.
    pub(crate) fn stop_searching(&self, meet: impl FnOnce(), has_work: impl FnOnce() -> bool) {
        // C1. Relaxed: ordered by C2.
        let before = Counts(self.counts.fetch_sub(SEARCHER, Ordering::Relaxed));
        if before.searchers_count() > 1 || before.sleepers_count() == 0 {
            return;
        }
        gap();
        if !left_out("C2") {
            meet(); // C2
        }
        // C3
        if has_work() && !left_out("C4") {
            self.claim_and_unpark(); // C4
        }
    }

    /// S1 to S5: sleeps on the bed of seat `index`, unless `must_wake` sees a reason not to, until somebody unparks
    /// `parker`. `is_searcher` tells whether the caller counts as one; `meet` is the barrier of S2, which meets P2.
    pub(crate) fn sleep(
        &self,
        index: usize,
        parker: &Parker,
        is_searcher: bool,
        meet: impl FnOnce(),
        must_wake: impl FnOnce() -> bool,
    ) -> Woken {
        let bed = &self.beds[index];
        let change = if is_searcher {
            SLEEPER.wrapping_sub(SEARCHER)
        } else {
            SLEEPER
        };
        // S1, count before flag. The count Relaxed: ordered by S2, and by the flag for whoever claims it.
        // The flag Release: `claim` sees the count. A swap, as every change of the flag, so that they have one order.
        let count = || self.counts.fetch_add(change, Ordering::Relaxed);
        let set_flag = || bed.is_sleeping.swap(true, Ordering::Release);
        if left_out("S1-order") {
            set_flag();
            count();
        } else {
            count();
            gap();
            set_flag();
        }
        gap();
        if !left_out("S2") {
            meet(); // S2
        }
        if left_out("S3") || !must_wake() {
            parker.park(); // S4
        }
        gap();
        // S5. AcqRel: comes after the claim that won, if one did.
        if bed.is_sleeping.swap(false, Ordering::AcqRel) {
            // Relaxed: ours, still counted.
            self.counts.fetch_sub(SLEEPER, Ordering::Relaxed);
            Woken::Withdrawn
        } else {
            Woken::Claimed
        }
    }
}
