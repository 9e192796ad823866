//! [`GlobalParker`]: who of a pool's workers sleeps, who searches, and whom to wake.

use super::delay::{Call, DELAY};
use super::parker::{Parker, Unparker};
use super::processor::{Place, Processor, Processors};
use crate::primitive::{AtomicUsize, CachePadded, Mutex, Ordering, fence, gap, left_out, lock};
use crate::region::Region;

/// The parkers of a pool's seats, and the two counts that tell a publisher whether to wake one.
///
/// The steps P1 to P4, S1 to S5, C1 to C4, G1 to G4 are those of [`park`](super).
#[derive(Debug)]
pub(crate) struct GlobalParker {
    counts: CachePadded<AtomicUsize>,
    beds: Box<[CachePadded<Bed>]>,
}

/// Where the worker of one seat sleeps, or the guest to whom the seat is lent.
#[derive(Debug)]
struct Bed {
    /// One of the states below, and in the bits above it the name of the region that the sleeper is confined to.
    state: AtomicUsize,
    unparker: Unparker,
    /// Where the worker lay down, or got up.
    place: Place,
    /// When it was claimed for the last time.
    call: Call,
    /// Whom to wake when the state is GUEST_WAITS.
    guest: Mutex<Option<Unparker>>,
}

/// The worker is up. So it is once somebody has claimed it, even if its thread does not know yet.
const AWAKE: usize = 0;
/// The worker sleeps at the bottom of its stack. Its seat may be lent.
const IDLE: usize = 1;
/// The worker sleeps in the middle of a job, until another one is done.
const WAITS: usize = 2;
/// A guest works on the seat; the worker sleeps on, and is counted as before.
const LENT: usize = 3;
/// The same, and somebody wanted to wake the worker meanwhile. It is not counted any more.
const MISSED: usize = 4;
/// The guest sleeps, too, until a job of its own is done.
const GUEST_WAITS: usize = 5;

/// The bits of the states. What is above is a region's name, or zero for a sleeper that is not confined.
const STATES: usize = 7;
const _: () = assert!(STATES < Region::STEP);

/// Who goes to sleep, and what it may be woken for.
#[derive(Clone, Copy)]
pub(crate) enum Sleeper {
    /// A worker with nothing to do.
    Idle,
    /// A worker that waits for a job: confined to a region, or not.
    Waiting(Option<Region>),
    /// A guest that waits for a job.
    Guest(Option<Region>),
}

impl Sleeper {
    fn asleep(self) -> usize {
        let state = match self {
            Self::Idle => IDLE,
            Self::Waiting(_) => WAITS,
            Self::Guest(_) => GUEST_WAITS,
        };
        state | self.confinement().map_or(0, Region::name)
    }

    fn awake(self) -> usize {
        match self {
            Self::Idle | Self::Waiting(_) => AWAKE,
            Self::Guest(_) => MISSED,
        }
    }

    /// The region that it may take jobs of, if it may not take all.
    pub(crate) fn confinement(self) -> Option<Region> {
        match self {
            Self::Idle => None,
            Self::Waiting(confined) | Self::Guest(confined) => confined,
        }
    }
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

    /// Signed: who is claimed may have stopped before it is counted.
    fn searchers_count(self) -> isize {
        if left_out("P3-sign") {
            return (self.0 >> HALF) as isize;
        }
        self.0 as isize >> HALF
    }

    /// Sleepers, and no searcher.
    #[inline]
    fn wants_waking(self) -> bool {
        self.sleepers_count() > 0 && self.searchers_count() <= 0
    }
}

impl GlobalParker {
    /// A parker for the seats whose unparkers these are.
    pub(crate) fn new(unparkers: impl IntoIterator<Item = Unparker>) -> Self {
        let bed = |unparker| {
            CachePadded::new(Bed {
                state: AtomicUsize::new(AWAKE),
                unparker,
                place: Place::unknown(),
                call: Call::new(),
                guest: Mutex::new(None),
            })
        };
        Self {
            counts: CachePadded::new(AtomicUsize::new(0)),
            beds: unparkers.into_iter().map(bed).collect(),
        }
    }

    /// Wakes one sleeper for a job of this region, if any is needed; `None` stands for a job that only those may take
    /// who are not confined. Call after P1. With nobody asleep it costs one fence and one load.
    pub(crate) fn wake_one(&self, region: Option<Region>) {
        gap();
        if !left_out("P2") {
            fence(Ordering::SeqCst); // P2, meets S2 in `sleep` and C2 in `stop_searching`
        }
        gap();
        self.wake_one_if_wanted(region);
    }

    /// [`wake_one`](Self::wake_one) for a job of this region that was left in the injector, where those who are confined to
    /// that region look only at S3: each of them that sleeps is woken, even if others search.
    pub(crate) fn wake_for_injected(&self, region: Region) {
        gap();
        if !left_out("P2") {
            fence(Ordering::SeqCst); // P2
        }
        gap();
        // P3. Relaxed: ordered by P2.
        let somebody_sleeps = Counts(self.counts.load(Ordering::Relaxed)).sleepers_count() > 0;
        if somebody_sleeps && region.confinement().is_some() && !left_out("P4-confined") {
            for bed in &self.beds {
                // Relaxed: a hint, as in `claim`, which looks again.
                if bed.state.load(Ordering::Relaxed) & !STATES == region.name() {
                    self.claim(bed, Some(region)); // P4
                }
            }
        }
        // P3, ordered by P2.
        if self.must_wake(None) {
            // Wherever it lies: whoever leaves a job here mostly goes to sleep until it is done.
            self.claim_beside(None, Some(region)); // P4
        }
    }

    /// P3 and P4, for whoever has seen to P2.
    #[inline]
    pub(crate) fn wake_one_if_wanted(&self, region: Option<Region>) {
        // P3. Relaxed: ordered by P2.
        if Counts(self.counts.load(Ordering::Relaxed)).wants_waking() {
            self.claim_and_unpark(region);
        }
    }

    /// The counts without who asks. As a guest on a seat, that is the seat's worker, so long as it is counted. A hint.
    #[inline]
    fn counts_beside(&self, guest: Option<usize>) -> Counts {
        // Relaxed, both: a hint.
        let counts = Counts(self.counts.load(Ordering::Relaxed));
        let is_lent = |seat: usize| self.beds[seat].state.load(Ordering::Relaxed) == LENT;
        if guest.is_some_and(is_lent) && counts.sleepers_count() > 0 {
            Counts(counts.0 - SLEEPER)
        } else {
            counts
        }
    }

    /// Whether who asks, perhaps as a guest on a seat, would have to wake somebody to be helped. A hint.
    pub(crate) fn must_wake(&self, guest: Option<usize>) -> bool {
        self.counts_beside(guest).wants_waking()
    }

    /// Whether some sleep that could be of use, if none of those who search gets to run: of the `width` workers that there are, no
    /// more are awake than there are processors. A hint for who asks, perhaps as a guest on a seat.
    pub(crate) fn has_reserves(&self, guest: Option<usize>, width: usize) -> bool {
        let counts = self.counts_beside(guest);
        let awake = width.saturating_sub(counts.sleepers_count());
        counts.sleepers_count() > 0 && counts.searchers_count() > 0 && awake <= num_cpus::get()
    }

    /// P4 for a job of this region, whoever searches.
    pub(crate) fn wake_another(&self, region: Region) {
        self.claim_and_unpark(Some(region));
    }

    /// Whether anybody sleeps or searches, beside who asks, perhaps as a guest on a seat. A hint.
    #[inline]
    pub(crate) fn is_anybody_free(&self, guest: Option<usize>) -> bool {
        self.counts_beside(guest).0 != 0
    }

    /// Whether nobody sleeps or searches.
    #[cfg(loom)]
    pub(crate) fn is_quiet(&self) -> bool {
        self.counts.load(Ordering::Relaxed) == 0
    }

    /// P4 and C4. Claims one who may take a job of this region, and unparks it. Tells whether there was one.
    ///
    /// If nobody can be claimed, nobody who could take the job sleeps for good: everybody awake looks again at S3.
    #[cold]
    fn claim_and_unpark(&self, region: Option<Region>) -> bool {
        self.claim_beside(Processor::here(), region)
    }

    /// [`claim`](Self::claim), of whatever bed, for one who is `here` and goes on with something else: rather of a sleeper on a free
    /// processor, else of one that lay down elsewhere.
    fn claim_beside(&self, here: Option<Processor>, region: Option<Region>) -> bool {
        self.claim_rather(here, |bed| !bed.place.is_on(here), region)
    }

    /// [`claim`](Self::claim) of a sleeper on a free processor, else of one that is `second_best`, else of any.
    fn claim_rather(
        &self,
        here: Option<Processor>,
        second_best: impl Fn(&Bed) -> bool,
        region: Option<Region>,
    ) -> bool {
        let take = |bed: &Bed| self.claim(bed, region);
        let on_a_free_one = || {
            let Some(here) = here else { return false };
            let busy = self.busy_processors(here);
            let mut beds = self.beds.iter();
            beds.any(|bed| !busy.contain(&bed.place) && take(bed))
        };
        !left_out("P4") && (on_a_free_one() || self.first_bed(second_best, take).is_some())
    }

    /// Where those are who are up, and whoever is `here`.
    fn busy_processors(&self, here: Processor) -> Processors {
        let mut busy = Processors::just(here);
        for bed in &self.beds {
            // Relaxed: a hint.
            if let AWAKE | LENT | MISSED = bed.state.load(Ordering::Relaxed) & STATES {
                busy.insert(&bed.place);
            }
        }
        busy
    }

    /// The index of the first bed that `take` gets, of those that are preferred, if it gets any of them, else of all.
    ///
    /// From the first seat on, so that few threads share little work, and the others stay asleep.
    fn first_bed(
        &self,
        is_preferred: impl Fn(&Bed) -> bool,
        take: impl Fn(&Bed) -> bool,
    ) -> Option<usize> {
        let mut beds = self.beds.iter();
        // Then all, and not only the others: the preferred ones may be others by now.
        beds.position(|bed| is_preferred(bed) && take(bed))
            .or_else(|| self.beds.iter().position(|bed| take(bed)))
    }

    /// C3 and C4, for jobs of these regions.
    ///
    /// If there is no free processor, rather for a sleeper that lay down on the same one as the caller, who is the first to be out of work: on
    /// any other it would wait behind somebody who is not, and pass for a searcher meanwhile. (Of 16 workers on two processors, one was woken
    /// behind the caller of a loop, who then did most of the next ones alone.)
    fn pass_on(&self, mut visible: impl Iterator<Item = Option<Region>>) {
        let here = Processor::here();
        visible.any(|region| {
            !left_out("C4") && self.claim_rather(here, |bed| bed.place.is_on(here), region)
        });
    }

    /// Claims the sleeper of a bed and unparks it, if there is one and it may take a job of this region. Winning moves
    /// one from the sleepers to the searchers, so the next publisher reads the truth.
    fn claim(&self, bed: &Bed, region: Option<Region>) -> bool {
        self.claim_if(bed, |confined| region.map(Region::name) == Some(confined))
    }

    /// [`claim`](Self::claim), where `may_take` tells of the name of a region whether those who are confined to it may take what there is.
    ///
    /// A worker that can't be woken since a guest has its seat is missed, which the guest will see when it leaves.
    fn claim_if(&self, bed: &Bed, may_take: impl Fn(usize) -> bool) -> bool {
        // Relaxed: only a hint; the exchange decides.
        let mut now = bed.state.load(Ordering::Relaxed);
        loop {
            let awake = match now & STATES {
                IDLE | WAITS => AWAKE,
                GUEST_WAITS => MISSED,
                LENT if !left_out("P4-miss") => match self.miss(bed) {
                    Ok(()) => return false,
                    Err(newer) => {
                        now = newer;
                        continue;
                    }
                },
                _ => return false,
            };
            let confined = now & !STATES;
            if confined != 0 && !may_take(confined) {
                return false;
            }
            // AcqRel: who changes the state next, at S1, S5 or G2, comes after this.
            match bed
                .state
                .compare_exchange(now, awake, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => {
                    self.wake(bed, awake);
                    return true;
                }
                Err(newer) => now = newer,
            }
        }
    }

    /// Wakes the sleeper of a bed that the caller has just claimed, who is `awake` now.
    fn wake(&self, bed: &Bed, awake: usize) {
        gap();
        // Relaxed: counts only; P2, S2 and C2 order them.
        let before = Counts(self.counts.fetch_add(SEARCHER - SLEEPER, Ordering::Relaxed));
        debug_assert!(
            before.sleepers_count() > 0,
            "a bed is taken by a sleeper that is counted"
        );
        bed.call.set();
        bed.unpark(awake);
    }

    /// LENT=>MISSED, for whom the worker of a bed will have to look after its guest has left. Gives the state if it was another.
    fn miss(&self, bed: &Bed) -> Result<(), usize> {
        // AcqRel: comes after G1; and G2 to G4 come after this.
        bed.state
            .compare_exchange(LENT, MISSED, Ordering::AcqRel, Ordering::Acquire)?;
        gap();
        // It is no sleeper any more. Relaxed: counts only.
        self.counts.fetch_sub(SLEEPER, Ordering::Relaxed);
        Ok(())
    }

    /// Wakes everybody, to look into the mailboxes or to see that the pool has ended. Call after that, which takes the place
    /// of P1. (Of those who are confined, some may take strangers' broadcasts and some not. The others sleep again.)
    pub(crate) fn wake_all(&self) {
        fence(Ordering::SeqCst); // P2, meets S2 and G3
        for bed in &self.beds {
            self.claim_if(bed, |_| true); // P4
        }
    }

    /// Wakes the worker of a seat on which its guest has found something. Call after G3.
    pub(crate) fn wake_owner(&self, index: usize) {
        self.claim(&self.beds[index], None);
    }

    /// Counts the caller among the searchers.
    ///
    /// All idle workers may search at once: a limit of half of them, as other pools have it, sent a thief to sleep
    /// at the end of every loop, because the loop's owner was still searching as it waited for that very thief.
    pub(crate) fn start_searching(&self) {
        // Relaxed: nothing is published; a publisher that reads it relies on C2 or S2.
        self.counts.fetch_add(SEARCHER, Ordering::Relaxed);
    }

    /// C1 to C4: a searcher stops, and somebody else looks after whatever is still `visible`. `meet` is the barrier
    /// of C2, which meets P2.
    pub(crate) fn stop_searching(
        &self,
        meet: impl FnOnce(),
        visible: impl Iterator<Item = Option<Region>>,
    ) {
        // C1. Relaxed: ordered by C2.
        let before = Counts(self.counts.fetch_sub(SEARCHER, Ordering::Relaxed));
        if before.searchers_count() > 1 || before.sleepers_count() == 0 {
            return;
        }
        gap();
        if !left_out("C2") {
            meet(); // C2
        }
        self.pass_on(visible); // C3, C4
    }

    /// S1 to S5: a searcher sleeps on the bed of seat `index`, unless `must_wake` sees a reason not to, until somebody
    /// unparks `parker`. Then it is a searcher again. `meet` is the barrier of S2, which meets P2. What is `visible`
    /// at S3 and not for this sleeper is passed on.
    pub(crate) fn sleep(
        &self,
        index: usize,
        parker: &Parker,
        sleeper: Sleeper,
        meet: impl FnOnce(),
        must_wake: impl FnOnce() -> bool,
        visible: impl Iterator<Item = Option<Region>>,
    ) {
        let bed = &self.beds[index];
        let (asleep, awake) = (sleeper.asleep(), sleeper.awake());
        let is_guest = matches!(sleeper, Sleeper::Guest(_));
        if is_guest {
            // Who sleeps here is the guest, and no longer the worker.
            if !left_out("S1-miss") {
                let _ = self.miss(bed);
            }
            *lock(&bed.guest) = Some(parker.unparker().clone());
        } else {
            bed.place.set(Processor::here());
        }
        // S1, count before state. The count Relaxed: ordered by S2, and by the state for whoever claims it.
        // The state Release: `claim` sees the count. A swap, as every change of the state, so that they have one order.
        let count = || {
            self.counts
                .fetch_add(SLEEPER.wrapping_sub(SEARCHER), Ordering::Relaxed)
        };
        let lie_down = || bed.state.swap(asleep, Ordering::Release);
        if left_out("S1-order") {
            lie_down();
            count();
        } else {
            count();
            gap();
            lie_down();
        }
        gap();
        if !left_out("S2") {
            meet(); // S2
        }
        // S3
        let (mut to_pass_on, mut has_slept) = (Some(visible), false);
        if left_out("S3") || !must_wake() {
            if sleeper.confinement().is_some() && !left_out("S3-pass-on") {
                to_pass_on
                    .take()
                    .into_iter()
                    .for_each(|visible| self.pass_on(visible));
            }
            parker.park(); // S4
            to_pass_on = None;
            has_slept = true;
        }
        loop {
            gap();
            // S5. AcqRel: comes after the claim that won, if one did. Acquire: likewise.
            match bed
                .state
                .compare_exchange(asleep, awake, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => {
                    // Back to the searchers. Relaxed: ours, still counted.
                    self.counts.fetch_add(SEARCHER - SLEEPER, Ordering::Relaxed);
                    return;
                }
                // Whoever claimed us counts us among them.
                Err(now) if now == awake => {
                    if has_slept {
                        DELAY.note(bed.call.nanos());
                    }
                    if !is_guest {
                        bed.place.set(Processor::here());
                    }
                    return;
                }
                Err(_) => {
                    // The seat is lent. What was seen at S3 is for others, or for the guest's G4.
                    if !left_out("S5-miss") && self.miss(bed) == Err(asleep) {
                        continue; // no longer
                    }
                    if !left_out("S5-pass-on") {
                        to_pass_on
                            .take()
                            .into_iter()
                            .for_each(|visible| self.pass_on(visible));
                    }
                    parker.park();
                }
            }
        }
    }

    /// G1: an outside thread borrows the seat of a worker that has nothing to do, and is told its index.
    pub(crate) fn sit_down(&self) -> Option<usize> {
        self.sit_down_beside(Processor::here())
    }

    /// [`sit_down`](Self::sit_down) for one who is `here`: rather on the seat of a worker that lay down here, too, and so would be
    /// in the guest's way if it were woken.
    fn sit_down_beside(&self, here: Option<Processor>) -> Option<usize> {
        let borrow = |bed: &Bed| {
            // Relaxed: a hint; the exchange decides. IDLE=>LENT. Acquire: all that the worker did to its seat, and E2. Release:
            // for who changes the state next.
            bed.state.load(Ordering::Relaxed) == IDLE
                && bed
                    .state
                    .compare_exchange(IDLE, LENT, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
        };
        self.first_bed(|bed| bed.place.is_on(here), borrow)
    }

    /// G2: the guest gives the seat back to its worker, who sleeps on; unless that was missed.
    #[inline]
    pub(crate) fn stand_up_unmissed(&self, index: usize) -> bool {
        // LENT=>IDLE. Release: for who changes the state next. Acquire: whoever missed the worker.
        self.beds[index]
            .state
            .compare_exchange(LENT, IDLE, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// G2 to G4 where the worker was missed: the guest gives the seat back to it, who sleeps on unless there is something to do.
    #[cold]
    pub(crate) fn stand_up(
        &self,
        index: usize,
        meet: impl FnOnce(),
        visible: impl Iterator<Item = Option<Region>>,
    ) {
        let bed = &self.beds[index];
        // G2, as S1: count before state. MISSED=>IDLE.
        self.counts.fetch_add(SLEEPER, Ordering::Relaxed);
        gap();
        if !left_out("G2") {
            // Acquire: for E2, sees that the pool is to end.
            bed.state.swap(IDLE, Ordering::AcqRel);
        }
        gap();
        if !left_out("G3") {
            meet(); // G3, as S2
        }
        if !left_out("G4") {
            self.pass_on(visible); // G4, as S3
        }
    }

    /// E2: whether any seat has a guest. Each guest there is comes to [`stand_up`](Self::stand_up), and each that sits down from now on sees what
    /// the caller has done before.
    pub(crate) fn is_any_lent(&self) -> bool {
        let is_lent = |bed: &Bed| {
            // An exchange that changes nothing: G1 and G2 come before or after it. AcqRel: for those after it; of those before it.
            let mut state = bed.state.fetch_or(0, Ordering::AcqRel);
            if state == LENT {
                state = self.miss(bed).err().unwrap_or(MISSED);
            }
            matches!(state & STATES, MISSED | GUEST_WAITS)
        };
        // All of them, also behind the first that is.
        self.beds.iter().filter(|bed| is_lent(bed)).count() > 0
    }
}

impl Bed {
    /// Wakes the one who slept here, and is `awake` now.
    fn unpark(&self, awake: usize) {
        if awake == MISSED {
            // If it left in the meantime, it was up already, and who is here now gets a token too many.
            let guest = lock(&self.guest).clone();
            if left_out("guest-unpark") {
                return;
            }
            guest.inspect(Unparker::unpark);
        } else {
            self.unparker.unpark();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Seats on which sleepers lie as `states` says, and so many searchers.
    fn bedroom(states: &[usize], searchers: usize) -> GlobalParker {
        bedroom_of(
            &states.iter().map(|_| Parker::new()).collect::<Vec<_>>(),
            states,
            searchers,
        )
    }

    /// The same for the owners of these parkers.
    fn bedroom_of(parkers: &[Parker], states: &[usize], searchers: usize) -> GlobalParker {
        let parker = GlobalParker::new(parkers.iter().map(|own| own.unparker().clone()));
        let is_counted =
            |state: &&usize| [IDLE, WAITS, LENT, GUEST_WAITS].contains(&(**state & STATES));
        let count = states.iter().filter(is_counted).count() + searchers * SEARCHER;
        parker.counts.store(count, Ordering::Relaxed);
        for (bed, &state) in parker.beds.iter().zip(states) {
            bed.state.store(state, Ordering::Relaxed);
        }
        parker
    }

    impl GlobalParker {
        /// The states, how many are counted to sleep, and how many to search.
        fn seen(&self) -> (Vec<usize>, usize, isize) {
            let states = self.beds.iter();
            let counts = Counts(self.counts.load(Ordering::Relaxed));
            (
                states
                    .map(|bed| bed.state.load(Ordering::Relaxed))
                    .collect(),
                counts.sleepers_count(),
                counts.searchers_count(),
            )
        }
    }

    #[test]
    fn reserves_are_sleepers_beside_a_searcher_and_a_free_processor() {
        let processors = num_cpus::get();
        let has_reserves = |awake, asleep, searchers, width| {
            let beds = [vec![AWAKE; awake], vec![IDLE; asleep]].concat();
            bedroom(&beds, searchers).has_reserves(None, width)
        };
        assert!(has_reserves(1, 1, 1, 2));
        assert!(has_reserves(processors, 3, 2, processors + 3));
        assert!(!has_reserves(processors + 1, 3, 2, processors + 4));
        assert!(!has_reserves(1, 1, 0, 2), "it is woken as ever");
        assert!(!has_reserves(2, 0, 1, 2));
        // The beds that have no worker count for nothing.
        assert!(has_reserves(processors + 1, 3, 2, processors + 3));
    }

    #[test]
    fn another_is_woken_beside_a_searcher() {
        let parker = bedroom(&[IDLE, IDLE], 1);
        parker.wake_one(None);
        assert_eq!(parker.beds[0].state.load(Ordering::Relaxed), IDLE);
        parker.wake_another(Region::NONE);
        assert_eq!(parker.beds[0].state.load(Ordering::Relaxed), AWAKE);
        assert_eq!(parker.beds[1].state.load(Ordering::Relaxed), IDLE);
    }

    #[test]
    fn counts_are_told_apart() {
        assert_eq!(MAX_WORKERS, if usize::BITS == 64 { 65_535 } else { 255 });
        for sleepers in [0, 1, 2, MAX_WORKERS] {
            for searchers in [0, 1, 2, MAX_WORKERS] {
                let counts = Counts(sleepers * SLEEPER + searchers * SEARCHER);
                assert_eq!(counts.sleepers_count(), sleepers);
                assert_eq!(counts.searchers_count(), searchers as isize);
                assert_eq!(counts.wants_waking(), sleepers > 0 && searchers == 0);
                let parker = bedroom(&[], 0);
                parker.counts.store(counts.0, Ordering::Relaxed);
                assert_eq!(parker.must_wake(None), sleepers > 0 && searchers == 0);
                assert_eq!(parker.is_anybody_free(None), sleepers > 0 || searchers > 0);
            }
        }
    }

    /// One of two sleepers is claimed, and has stopped, but whoever claimed it has not come to count it.
    #[test]
    fn who_stopped_before_it_was_counted_is_no_searcher() {
        let parker = bedroom(&[AWAKE, IDLE], 0);
        let late = parker.counts.fetch_add(SLEEPER, Ordering::Relaxed);
        assert_eq!(late, SLEEPER);
        parker.stop_searching(|| (), std::iter::empty());
        assert_eq!(parker.seen(), (vec![AWAKE, IDLE], 2, -1));
        assert!(parker.must_wake(None) && !parker.has_reserves(None, 2));
        parker.wake_one(None);
        assert_eq!(parker.seen(), (vec![AWAKE, AWAKE], 1, 0));
    }

    #[test]
    fn one_is_woken_and_no_more_while_it_searches() {
        let parker = bedroom(&[AWAKE, WAITS, IDLE, GUEST_WAITS], 0);
        assert!(parker.must_wake(None));
        parker.wake_one(None);
        let once = (vec![AWAKE, AWAKE, IDLE, GUEST_WAITS], 2, 1);
        assert_eq!(parker.seen(), once);
        assert!(!parker.must_wake(None));
        parker.wake_one(None);
        assert_eq!(parker.seen(), once);
        // The last searcher to stop wakes the next one if there is something to see, and not before.
        parker.start_searching();
        parker.stop_searching(|| (), [None].into_iter());
        assert_eq!(parker.seen(), once);
        let has_met = Cell::new(false);
        parker.stop_searching(|| has_met.set(true), [None].into_iter());
        assert!(has_met.get());
        assert_eq!(
            parker.seen(),
            (vec![AWAKE, AWAKE, AWAKE, GUEST_WAITS], 1, 1)
        );
        parker.stop_searching(|| (), [None].into_iter());
        assert_eq!(parker.seen(), (vec![AWAKE, AWAKE, AWAKE, MISSED], 0, 1));
        parker.stop_searching(|| unreachable!("nobody sleeps"), [None].into_iter());
        assert_eq!(parker.seen(), (vec![AWAKE, AWAKE, AWAKE, MISSED], 0, 0));
        let parker = bedroom(&[IDLE], 1);
        parker.stop_searching(|| (), [].into_iter());
        assert_eq!(parker.seen(), (vec![IDLE], 1, 0));
    }

    #[test]
    fn who_is_confined_is_woken_for_its_own() {
        let (own, other) = (Region::begin_isolated(), Region::begin_isolated());
        let waits = |region: Region| WAITS | region.name();
        let states = [waits(other), waits(own), waits(own), IDLE];
        // Also while somebody searches: that one may not be allowed to take it.
        let parker = bedroom(&states, 1);
        parker.wake_for_injected(own);
        assert_eq!(
            parker.seen(),
            (vec![waits(other), AWAKE, AWAKE, IDLE], 2, 3)
        );
        // A job that nobody is confined to needs one, and none if somebody searches.
        let parker = bedroom(&states, 1);
        parker.wake_for_injected(Region::NONE);
        assert_eq!(parker.seen(), (states.to_vec(), 4, 1));
        let parker = bedroom(&states, 0);
        parker.wake_one(None);
        assert_eq!(
            parker.seen(),
            (vec![waits(other), waits(own), waits(own), AWAKE], 3, 1)
        );
        let parker = bedroom(&states, 0);
        parker.wake_all();
        assert_eq!(parker.seen(), (vec![AWAKE; 4], 0, 4));
    }

    #[test]
    fn a_guest_takes_the_first_seat_that_is_idle() {
        let parker = bedroom(&[AWAKE, WAITS, IDLE, IDLE], 0);
        let all_asleep = parker.seen();
        assert_eq!(parker.sit_down(), Some(2));
        assert_eq!(parker.seen(), (vec![AWAKE, WAITS, LENT, IDLE], 3, 0));
        assert!(parker.stand_up_unmissed(2));
        assert_eq!(parker.seen(), all_asleep);
        assert_eq!(parker.sit_down(), Some(2));
        assert_eq!(parker.sit_down(), Some(3));
        assert_eq!(parker.sit_down(), None);
    }

    /// It is the guest's business then to see what there is to do, when it leaves.
    #[test]
    fn who_wants_a_worker_whose_seat_is_lent_misses_it() {
        let parker = bedroom(&[LENT, LENT, WAITS, IDLE], 0);
        assert!(parker.must_wake(Some(0)));
        for _ in 0..2 {
            parker.wake_owner(1);
            assert_eq!(parker.seen(), (vec![LENT, MISSED, WAITS, IDLE], 3, 0));
        }
        parker.wake_one(None);
        assert_eq!(parker.seen(), (vec![MISSED, MISSED, AWAKE, IDLE], 1, 1));
        assert!(!parker.stand_up_unmissed(1));
        let has_met = Cell::new(false);
        parker.stand_up(1, || has_met.set(true), [].into_iter());
        assert!(has_met.get());
        assert_eq!(parker.seen(), (vec![MISSED, IDLE, AWAKE, IDLE], 2, 1));
        parker.stand_up(0, || (), [None].into_iter());
        assert_eq!(parker.seen(), (vec![AWAKE, IDLE, AWAKE, IDLE], 2, 2));
        parker.wake_owner(3);
        assert_eq!(parker.seen(), (vec![AWAKE, IDLE, AWAKE, AWAKE], 1, 3));
    }

    /// The worker that sleeps below is no help for one who sits on its seat.
    #[test]
    fn guests_do_not_count_their_own_seat() {
        let parker = bedroom(&[LENT, AWAKE], 0);
        assert!(parker.must_wake(None) && parker.is_anybody_free(None));
        assert!(!parker.must_wake(Some(0)) && !parker.is_anybody_free(Some(0)));
        parker.start_searching();
        assert!(parker.is_anybody_free(Some(0)) && !parker.has_reserves(Some(0), 2));
        parker.wake_owner(0);
        assert_eq!(parker.seen(), (vec![MISSED, AWAKE], 0, 1));
        assert!(parker.is_anybody_free(Some(0)) && !parker.has_reserves(Some(0), 2));
    }

    #[test]
    fn guests_are_told_of_the_end() {
        let parker = bedroom(&[AWAKE, IDLE, WAITS], 0);
        assert!(!parker.is_any_lent());
        assert_eq!(parker.seen(), (vec![AWAKE, IDLE, WAITS], 2, 0));
        let parker = bedroom(&[LENT, GUEST_WAITS, LENT], 0);
        assert!(parker.is_any_lent());
        assert_eq!(parker.seen(), (vec![MISSED, GUEST_WAITS, MISSED], 1, 0));
        assert!(parker.is_any_lent());
    }

    /// Sleepers that lay down on these processors.
    fn lying_on(processors: &[Option<Processor>]) -> GlobalParker {
        let parker = bedroom(&vec![IDLE; processors.len()], 0);
        for (bed, &processor) in parker.beds.iter().zip(processors) {
            bed.place.set(processor);
        }
        parker
    }

    #[test]
    fn whoever_lay_down_elsewhere_is_woken_first() {
        let [here, elsewhere] = [0, 1].map(|number| Some(Processor(number)));
        let parker = lying_on(&[here, elsewhere, here, None]);
        for states in [
            [IDLE, AWAKE, IDLE, IDLE],
            [IDLE, AWAKE, IDLE, AWAKE],
            [AWAKE, AWAKE, IDLE, AWAKE],
            [AWAKE; 4],
        ] {
            assert!(parker.claim_beside(here, None));
            assert_eq!(parker.seen().0, states);
        }
        assert!(!parker.claim_beside(here, None));
        let parker = lying_on(&[elsewhere, here]);
        assert!(parker.claim_beside(None, None));
        assert_eq!(
            parker.seen().0,
            [AWAKE, IDLE],
            "the first, if it is unknown where this is"
        );
    }

    /// Where nobody is up. If there is somebody everywhere, a publisher leaves its own processor alone, and a finder those of others.
    #[test]
    fn who_has_a_free_processor_is_woken_first() {
        let [here, busy, free] = [0, 1, 2].map(|number| Some(Processor(number)));
        let room = || {
            let parker = lying_on(&[busy, here, busy, free, busy]);
            parker.beds[0].state.store(AWAKE, Ordering::Relaxed);
            parker
        };
        let parker = room();
        let claimed = [(); 4].map(|()| {
            assert!(parker.claim_beside(here, None));
            parker.seen().0
        });
        assert_eq!(claimed[0], [AWAKE, IDLE, IDLE, AWAKE, IDLE]);
        assert_eq!(claimed[1], [AWAKE, IDLE, AWAKE, AWAKE, IDLE]);
        assert_eq!(claimed[2], [AWAKE, IDLE, AWAKE, AWAKE, AWAKE]);
        let parker = room();
        let claimed = [(); 2].map(|()| {
            assert!(parker.claim_rather(here, |bed| bed.place.is_on(here), None));
            parker.seen().0
        });
        assert_eq!(claimed[0], [AWAKE, IDLE, IDLE, AWAKE, IDLE]);
        assert_eq!(claimed[1], [AWAKE, AWAKE, IDLE, AWAKE, IDLE]);
    }

    #[test]
    fn a_guest_rather_takes_the_seat_of_one_that_lies_on_its_processor() {
        let [here, elsewhere] = [0, 1].map(|number| Some(Processor(number)));
        let parker = lying_on(&[None, elsewhere, here, here]);
        let seats = [(); 5].map(|()| parker.sit_down_beside(here));
        assert_eq!(seats, [Some(2), Some(3), Some(0), Some(1), None]);
        let parker = lying_on(&[elsewhere, here]);
        assert_eq!(parker.sit_down_beside(None), Some(0));
    }

    /// Each kind of sleeper, how its bed reads while it lies there, and before and afterwards.
    fn sleepers(own: Region) -> [(Sleeper, usize, usize); 5] {
        [
            (Sleeper::Idle, IDLE, AWAKE),
            (Sleeper::Waiting(None), WAITS, AWAKE),
            (Sleeper::Waiting(Some(own)), WAITS | own.name(), AWAKE),
            (Sleeper::Guest(None), GUEST_WAITS, MISSED),
            (Sleeper::Guest(Some(own)), GUEST_WAITS | own.name(), MISSED),
        ]
    }

    #[test]
    fn who_sees_a_reason_at_s3_gets_up_again() {
        for (sleeper, lies, up) in sleepers(Region::begin_isolated()) {
            let own = Parker::new();
            let parker = bedroom_of(std::slice::from_ref(&own), &[up], 1);
            let has_met = Cell::new(false);
            let meet = || {
                assert_eq!(parker.seen(), (vec![lies], 1, 0));
                has_met.set(true);
            };
            let visible = std::iter::from_fn(|| unreachable!("it is up, and looks itself"));
            parker.sleep(0, &own, sleeper, meet, || true, visible);
            assert!(has_met.get());
            assert_eq!(parker.seen(), (vec![up], 0, 1));
        }
    }

    #[test]
    fn who_is_confined_passes_on_what_it_sees_and_sleeps() {
        let confined = Region::begin_isolated();
        for (sleeper, _, up) in sleepers(confined) {
            let parkers = [Parker::new(), Parker::new()];
            let parker = bedroom_of(&parkers, &[up, IDLE], 1);
            // A latch that it waits for gives a token, and changes no bed.
            parkers[0].unparker().unpark();
            let visible = std::iter::once_with(|| {
                assert!(sleeper.confinement().is_some(), "it would get up for it");
                None
            });
            parker.sleep(0, &parkers[0], sleeper, || (), || false, visible);
            if sleeper.confinement().is_some() {
                assert_eq!(parker.seen(), (vec![up, AWAKE], 0, 2));
                parkers[1].park(); // at once: whoever is claimed has a token
            } else {
                assert_eq!(parker.seen(), (vec![up, IDLE], 1, 1));
            }
        }
    }

    #[test]
    fn who_is_claimed_gets_a_token_and_is_counted_once() {
        let region = Region::begin_isolated();
        for (sleeper, _, up) in sleepers(region) {
            for is_up_already in [false, true] {
                let own = Parker::new();
                // A guest has a parker of its own, and the owner of its seat sleeps on.
                let owner = Parker::new();
                let in_bed = if up == MISSED { &owner } else { &own };
                let parker = bedroom_of(std::slice::from_ref(in_bed), &[up], 1);
                let claim = || {
                    assert!(parker.claim(&parker.beds[0], Some(region)));
                    assert!(!parker.claim(&parker.beds[0], Some(region)));
                    is_up_already
                };
                parker.sleep(0, &own, sleeper, || (), claim, [].into_iter());
                assert_eq!(parker.seen(), (vec![up], 0, 1));
                if is_up_already {
                    own.park(); // at once: the token is still there
                }
            }
        }
    }

    #[test]
    fn who_finds_its_seat_lent_sleeps_on() {
        let own = Parker::new();
        let parker = bedroom_of(std::slice::from_ref(&own), &[AWAKE], 1);
        let lend = || parker.sit_down() == Some(0);
        let mut is_lent = true;
        let visible = std::iter::from_fn(|| {
            // The guest leaves, and what is to be seen wakes the owner.
            std::mem::take(&mut is_lent).then(|| {
                assert_eq!(parker.seen(), (vec![MISSED], 0, 0));
                parker.stand_up(0, || (), [].into_iter());
                assert_eq!(parker.seen(), (vec![IDLE], 1, 0));
                None
            })
        });
        parker.sleep(0, &own, Sleeper::Idle, || (), lend, visible);
        assert_eq!(parker.seen(), (vec![AWAKE], 0, 1));
    }
}
