//! How a long loop begins: on the calling thread alone, with an eye on the clock, until it is known to be worth the help.
//!
//! Waking a thread costs the one who wakes it as much as thousands of additions. So a loop of many items does its first
//! ones itself, and asks for help only when they took some time, or when those to come will, at the rate so far: as much as
//! is [worth](super::price) it. A loop over before that has cost a few looks at the clock.
//!
//! Most consumers take a loop in blocks of any length (see [`taker`](super::taker)): so many items as will be over soon, up to
//! half of the loop, and then the other half; of a loop that was never met, that in parts. When help turns out to be wanted after one of them, a leaf of what is left is kept, and the rest
//! forked. Of one that was over in no time the last time, an eighth comes first, and then, if that was as quick, all the rest.
//! A loop that gets no help is over with one folder. (Without that, what a filter lets through came in three vectors, a
//! tally in three tables, and a thousand items cost up to twice as much.)
//!
//! Other consumers count on all the items of their leaf. For them the loop is done in three leaves, the first two in blocks: half
//! as many items as a leaf would have if all threads took part, what is missing to half of the loop, and the other half. When
//! help is wanted in the middle of one, what comes after that leaf is forked.
//!
//! A producer that may be dear to cut (of others' making, or with a state to begin each piece with) is not cut into blocks. It is shared at once, in leaves that stay
//! whole; unless it was over soon the last time: then an eighth of it shows whether it will be again.
//!
//! Of few items any may be long, so they are shared at once, unless they are known to be quick: then they are tried, too. (In a loop
//! within a loop, ten additions took 28 ns instead of 160.) A loop that was over in no time the last time may even do with a single look: see
//! [`Glance`](super::glance::Glance).
//!
//! The time that the items took is [remembered](crate::paces). A loop that will be long if they take as long again is forked
//! at once. Otherwise the threads that end one loop together would not be together for the next: while the caller tried its first
//! item (a block of bodies that pull each other takes 26 µs), the others found nothing to do and fell asleep.
//!
//! Tried and dropped: pouring all the rest at once when the first leaf was quick. A loop whose heavy items come late was
//! then done by one thread. And a first leaf of a quarter with one fork for the rest: the halves that the threads took from
//! each other never matched, and sweeps of 250 µs took 5 % longer than with halves from the start.

use super::company::Company;
use super::glance::look;
use super::leaf::PARTS;
use super::price::worth;
use super::splitter::{ROW, whole_rows};
use crate::clock::Stopwatch;
use crate::paces::{Paces, Site};
use crate::pool::worker::Worker;
use std::time::Duration;

/// How many items per thread are too few to try the first ones: any of them may be long, and should find
/// somebody at once.
const FEW: usize = 16;

/// By how much a block of items may be longer than all before it.
const GROWTH: usize = 128;

/// Of a loop that is known to be over in no time, one part in so many is done first, to see whether that is still so.
pub(crate) const BELIEVED_PART: usize = 8;

/// How many nanoseconds any item of a loop is thought to take whose first ones are all that is known: so that each of its leaves is poured in
/// blocks. (A filter that let only the last tenth of its items pass to something that took time was done by one thread.)
const UNKNOWN: f32 = 20.0;

/// The second half of a loop that was never met is done [part](PARTS) by part, until what is left is so many times shorter than a block may be, at
/// the rate so far.
const MANY: usize = 32;

/// What a block may take at the rate so far, if the last time says that it will be quicker.
const TRUST: Duration = Duration::from_micros(40);

/// One part in so many of what sharing costs is worth to be sure about it.
const BELIEF: f32 = 64.0;

/// A search may take so many times as long as the last time before it is shared, if that is less than one part in so many of what all items would
/// take: so whoever is missed in vain is not missed for long.
const PATIENCE: f32 = 2.0;
const EARLY: f32 = 8.0;

/// For no longer than this, either.
const SEARCHED_ALONE: Duration = Duration::from_micros(50);

/// How many times as long an item may take because others are at work, too.
const COMPANY: f32 = 3.0;

/// The clock, and what is known so far.
pub(crate) struct Probe<'seat> {
    watch: Stopwatch,
    /// In nanoseconds.
    worth: f32,
    threads: usize,
    done: usize,
    /// How many items had been done at the first look, and how much time had passed by then.
    first_look: (usize, f32),
    /// How many more items are likely to be over in no time: the next look at the clock can wait for them.
    quick: usize,
    belief: Belief,
    paces: &'seat Paces,
    site: Site,
    /// How many nanoseconds an item took the last time.
    last_pace: Option<f32>,
}

/// How far it is believed that a loop is over in no time, as it was the last time.
#[derive(Clone, Copy, PartialEq)]
enum Belief {
    None,
    /// What is being done will show.
    OnTrial,
    /// By what was seen and by what is remembered, the rest is far from being worth help.
    Full,
}

impl<'seat> Probe<'seat> {
    /// Whether a loop of this length should try its first items.
    pub(crate) fn is_for(len: usize, threads: usize) -> bool {
        len > FEW.saturating_mul(threads)
    }

    /// The same of the loop at `site`: also if its items are few, but were over soon the last time.
    pub(crate) fn is_for_loop(worker: &Worker, site: Site, len: usize) -> bool {
        Self::is_for(len, worker.pool().num_threads())
            || (worker.paces().last.of(site))
                .is_some_and(|pace| pace * len as f32 <= worth(worker, site, Stopwatch::start()))
    }

    /// For the loop at `site`, which `worker` begins.
    pub(crate) fn begin(worker: &'seat Worker, site: Site) -> Self {
        let threads = worker.pool().num_threads();
        let watch = Stopwatch::start();
        let worth = worth(worker, site, watch);
        Self::with(watch, worth, threads, worker.paces(), site)
    }

    fn with(watch: Stopwatch, worth: f32, threads: usize, paces: &'seat Paces, site: Site) -> Self {
        Self {
            watch,
            worth,
            threads,
            done: 0,
            first_look: (0, 0.0),
            quick: 0,
            belief: Belief::None,
            paces,
            site,
            last_pace: paces.last.of(site),
        }
    }

    /// Whether a loop of this length will be worth the help, if its items take as long as the last time.
    pub(crate) fn expects_help(&self, len: usize) -> bool {
        self.last_pace.is_some_and(|pace| self.is_long(pace, len))
    }

    /// Whether a loop of this length will be far from being worth help, if its items take as long as the last time.
    pub(crate) fn expects_no_help(&self, len: usize) -> bool {
        self.last_pace
            .is_some_and(|pace| self.is_in_no_time(pace, len))
    }

    /// How many nanoseconds an item took the last time, if that is known.
    pub(crate) fn last_pace(&self) -> Option<f32> {
        self.last_pace
    }

    /// Does so many items, and remembers how long they took. In company all take longer, so what is known is believed unless they took much longer.
    /// (Loops of 10 µs that had once been shared seemed to be worth it from then on.)
    pub(crate) fn time<R>(&self, items: usize, work: impl FnOnce() -> R) -> R {
        let watch = Stopwatch::start();
        let result = work();
        let pace = watch.nanos() / items as f32;
        let is_as_known = |last: f32| last <= pace && pace < last * COMPANY;
        if !self.paces.last.of(self.site).is_some_and(is_as_known) {
            self.paces.last.note(self.site, pace);
        }
        result
    }

    /// What is known of those who share the loop.
    pub(crate) fn company(&self) -> Company<'seat> {
        Company::new(self.paces, self.site)
    }

    /// How many of the `left` items of a loop the next leaf should have, at least `min` and leaving as many, or all.
    pub(crate) fn next_leaf(&self, left: usize, min: usize) -> usize {
        if self.done == 0 {
            return self.first_leaf(left, min);
        }
        let leaf = self.to_half(left).max(min);
        if left < leaf + min { left } else { leaf }
    }

    /// The same for the first leaf of a loop, or of the rest of one that is forked.
    pub(crate) fn first_leaf(&self, left: usize, min: usize) -> usize {
        let leaf = left / self.threads.saturating_mul(4);
        let leaf = whole_rows(leaf).max(min).max(1);
        if left < leaf + min { left } else { leaf }
    }

    /// What is missing to half of the loop, or after that all that is left.
    fn to_half(&self, left: usize) -> usize {
        let half = whole_rows((self.done + left) / 2);
        if self.done < half {
            half - self.done
        } else {
            left
        }
    }

    /// How many of the `left` items of a loop the next block should have, if blocks need not end where a leaf does.
    ///
    /// Of a loop that was over in no time the last time, if its [first block](first_block) was quick as well, all the rest.
    pub(crate) fn next_span(&mut self, left: usize) -> usize {
        if self.belief == Belief::Full {
            return left;
        }
        if self.done == 0 && self.expects_no_help(left) {
            self.belief = Belief::OnTrial;
            return first_block(left, self.threads);
        }
        match self.to_half(left) {
            more if more < left => self.next_block(more),
            // The last items may be those that take long, unless they did not the last time, or are few.
            _ if self.last_pace.is_none() && self.quick < left.saturating_mul(MANY) => {
                self.next_block((left / PARTS).max(1))
            }
            _ => left,
        }
    }

    /// How many of the `left` items of a leaf the next block should have.
    pub(crate) fn next_block(&self, left: usize) -> usize {
        if self.quick >= left {
            return left;
        }
        // As counted from the beginning of the loop, unless that would leave less than half of them.
        let end = whole_rows(self.done.saturating_add(self.quick));
        let whole = end.saturating_sub(self.done);
        let block = if whole < self.quick / 2 {
            self.quick
        } else {
            whole
        };
        block.clamp(1, left)
    }

    /// Takes note of a block. Tells whether the `left` items of the loop are worth the help.
    pub(crate) fn is_worth_help(&mut self, block: usize, left: usize) -> bool {
        self.done += block;
        // A look takes as long as dozens of additions. It can wait while most of the loop, and the next leaf, is still
        // to come; but not for less than a row, after which none would begin where one should. (A sum of 50,000 took 7.1 µs instead of 6.1.)
        if block + ROW <= self.quick && left / 2 > self.done {
            self.quick -= block;
            return false;
        }
        self.judge(look(self.site).nanos_since(self.watch), left)
    }

    /// Whether any items have been done.
    pub(crate) fn has_begun(&self) -> bool {
        self.done > 0
    }

    /// How many nanoseconds the loop has taken so far.
    pub(crate) fn passed(&self) -> f32 {
        self.watch.nanos()
    }

    /// How many nanoseconds an item has taken so far.
    pub(crate) fn pace(&self) -> f32 {
        self.passed() / self.done.max(1) as f32
    }

    /// The slower of what an item took the last time and what it has taken since the first look, in nanoseconds, if both are known.
    ///
    /// What came before that look is left out if it can be: the first item takes as long as dozens of others.
    pub(crate) fn worst_pace(&self) -> Option<f32> {
        let last_pace = self.last_pace.filter(|_| self.done > 0)?;
        let (done, passed) = self.first_look;
        let since = if self.done > done {
            (self.passed() - passed) / (self.done - done) as f32
        } else {
            self.pace()
        };
        Some(last_pace.max(since))
    }

    /// How many nanoseconds an item is likely to take, by the slower of this time and the last; if neither is known, as long as is
    /// worth help. Of a loop that was never met before it is no less than [`UNKNOWN`].
    pub(crate) fn likely_pace(&self) -> f32 {
        let so_far = (self.done > 0).then(|| self.pace());
        match (so_far, self.last_pace) {
            (Some(pace), last) => pace.max(last.unwrap_or(UNKNOWN)),
            (None, last) => last.unwrap_or(self.worth),
        }
    }

    /// Whether so many items were far from being worth help the last time, and are not worth it at this pace, either.
    pub(crate) fn is_quick_again(&self, pace: f32, left: usize) -> bool {
        self.expects_no_help(left) && !self.is_long(pace, left)
    }

    /// Whether so many items are far from being worth help at this pace.
    fn is_in_no_time(&self, pace: f32, left: usize) -> bool {
        pace * (left as f32) < self.worth / 4.0
    }

    /// Whether so many items are not worth help, by the slower of this pace and that of the last time.
    fn is_soon_over(&self, pace: f32, left: usize) -> bool {
        self.last_pace
            .is_some_and(|last| !self.is_long(last.max(pace), left))
    }

    /// Whether so many items are worth help at this pace.
    pub(crate) fn is_long(&self, pace: f32, left: usize) -> bool {
        pace * left as f32 > self.worth
    }

    /// Whether an item takes more than so many nanoseconds, and enough of them have been done to be believed, with so many `left`: the first ones
    /// find the caches cold.
    pub(crate) fn is_slower_than(&self, nanos: f32, left: usize) -> bool {
        self.pace() > nanos && self.passed() > nanos * left as f32 / BELIEF
    }

    /// Takes note of the end of a loop that got no help, after the last items.
    pub(crate) fn note_end(&self, last: usize) {
        let passed = self.note_stop();
        let pace = passed / (self.done + last).max(1) as f32;
        self.paces.last.note(self.site, pace);
    }

    /// At how many of the `left` items of a search its caller should look next, before anybody else is asked for help: if it was over the last time
    /// long before its end, and has not taken much longer by now.
    ///
    /// (Who shares a search with others waits for them when it has found something. One that had its hit after 3.4 µs took 5.9.)
    pub(crate) fn next_searched(&self, left: usize) -> Option<usize> {
        let (pace, last) = (self.last_pace?, self.paces.searches.of(self.site)?);
        let part = (pace * (self.done + left) as f32 / EARLY).min(nanos(SEARCHED_ALONE));
        let as_last = last * PATIENCE;
        let patience = as_last.max(part / 2.0);
        let block = ((patience / 2.0 / pace) as usize).max(1);
        let is_early = as_last < part && !(self.has_begun() && self.passed() > patience);
        (is_early && block < left).then_some(block)
    }

    /// Takes note of so many items of a search, all of which have been looked at.
    pub(crate) fn note_searched(&mut self, block: usize) {
        self.done += block;
        let pace = self.pace();
        self.last_pace = Some(pace);
        self.paces.last.note(self.site, pace);
    }

    /// Takes note of a search that took so many nanoseconds. (Nobody knows how many items it was: one that was over early would seem to have had
    /// very quick ones.)
    pub(crate) fn note_search(&self, passed: f32) {
        self.paces.searches.note(self.site, passed);
    }

    /// Takes note of a search of so many items that was shared: had each of them taken longer than all threads together had for it, fewer would
    /// have been seen. (The first item finds the caches cold. A search of a thousand items that was taken to be so slow from then on was shared each time.)
    /// But if that would be far less than the last time, it was over early, as far as anybody can tell; and if not, the [next one](Self::next_searched) will
    /// tell, which is begun alone. (Early hits in 2,000,000 items seemed to have had such quick ones that they were shared each time.)
    pub(crate) fn note_at_most(&self, items: usize, passed: f32) {
        let most = passed * self.threads as f32 / items as f32;
        if (self.last_pace).is_some_and(|pace| pace > most && pace < most * EARLY) {
            self.paces.last.note(self.site, most);
        }
    }

    /// [`note_end`](Self::note_end) where nobody knows how many items it was that took the time; which is told.
    pub(crate) fn note_stop(&self) -> f32 {
        let passed = look(self.site).nanos_since(self.watch);
        self.paces.gains.note_alone(passed);
        passed
    }

    /// Takes note of a loop that was shared since `watch` began, and tells how long it took.
    pub(crate) fn note_shared(&self, watch: Stopwatch) -> f32 {
        let passed = look(self.site).nanos_since(watch);
        self.paces.gains.note_shared(passed);
        passed
    }

    /// Takes note of so many items that were shared, and took so many nanoseconds in all. If that was longer than the one leaf says which
    /// was [timed](Self::time), then later items are slower. (When a loop's heavy items came at its end, it was believed every other time to be
    /// over in no time, and done by one thread.)
    ///
    /// What the help itself may have cost is left out. (A loop of 6 µs that once was shared took 20, and so seemed to be worth it the next time.)
    pub(crate) fn note_fork(&self, items: usize, passed: f32) {
        let pace = (passed - self.worth).max(0.0) / items as f32;
        if self.paces.last.of(self.site).is_none_or(|last| last < pace) {
            self.paces.last.note(self.site, pace);
        }
    }

    /// What is to be made of the time that has passed, in nanoseconds.
    ///
    /// Help is asked for when as much time has passed as is worth it; after half as long, unless the last time and the rate so far both say that
    /// the rest will be over sooner; and after a quarter, if the rate says that the rest will take long. No sooner: the first items are slow,
    /// since they find the caches cold and allocate.
    fn judge(&mut self, passed: f32, left: usize) -> bool {
        let worth = self.worth;
        let done = self.done as f32;
        if self.belief == Belief::OnTrial && passed * (left as f32) < worth / 4.0 * done {
            // No division, nothing to be written: of a thousand cheap items that is the tenth part.
            self.belief = Belief::Full;
            self.quick = left;
            return false;
        }
        let pace = passed / done;
        if self.first_look.0 == 0 {
            self.first_look = (self.done, passed);
        }
        self.paces.last.note(self.site, pace);
        let is_wanted = passed > worth
            || passed > worth / 2.0 && !self.is_soon_over(pace, left)
            || passed > worth / 4.0 && self.is_long(pace, left);
        if is_wanted {
            return true;
        }
        let is_quick = self.expects_no_help(left) && self.is_in_no_time(pace, left);
        self.belief = if is_quick { Belief::Full } else { Belief::None };
        let soon = worth / 4.0;
        self.quick = self.done.saturating_mul(GROWTH).min((soon / pace) as usize);
        if let Some(last_pace) = self.last_pace {
            // The first item finds the caches cold, and takes as long as the look itself. So what is remembered is believed
            // rather than that, within bounds.
            let trusted = (soon / last_pace).min(nanos(TRUST) / pace);
            self.quick = self.quick.max(trusted as usize);
        }
        false
    }
}

/// How many of `len` items come first, of a loop that was over in no time the last time: an eighth, or one of few. (With one item, half of
/// them, and the rest, a thousand cheap items cost some 25 ns more.)
#[inline]
pub(crate) fn first_block(len: usize, threads: usize) -> usize {
    if Probe::is_for(len, threads) {
        len.div_ceil(BELIEVED_PART).next_multiple_of(ROW).min(len)
    } else {
        1
    }
}

/// As a rough number. (What becomes too large for an integer is cut off when it is converted back.)
pub(crate) fn nanos(time: Duration) -> f32 {
    time.as_nanos() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORTH: Duration = Duration::from_micros(20);

    fn begin(paces: &Paces, threads: usize) -> Probe<'_> {
        let site = Site::of(std::ptr::null());
        Probe::with(Stopwatch::start(), nanos(WORTH), threads, paces, site)
    }

    fn leaves(threads: usize) -> Vec<usize> {
        let paces = Paces::new();
        let mut probe = begin(&paces, threads);
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
        assert_eq!(leaves(2), [112, 336, 552]);
        assert_eq!(leaves(8), [31, 417, 552]);
    }

    #[test]
    fn leaves_are_never_too_short() {
        for len in 1..200 {
            for min in 1..20 {
                let paces = Paces::new();
                let mut probe = begin(&paces, 2);
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
        let paces = Paces::new();
        let mut probe = begin(&paces, 2);
        probe.done = 1;
        assert!(probe.judge(nanos(WORTH), 1));
        std::thread::sleep(WORTH);
        assert!(probe.is_worth_help(1, 1));
    }

    #[test]
    fn many_items_get_help_at_the_rate_so_far() {
        let (soon, early) = (WORTH / 3, WORTH / 5);
        for (passed, left, wanted) in [(soon, 1000, true), (soon, 100, false), (early, 1000, false)]
        {
            let paces = Paces::new();
            let mut probe = begin(&paces, 2);
            probe.done = 100;
            assert_eq!(
                probe.judge(nanos(passed), left),
                wanted,
                "{left} after {passed:?}"
            );
        }
    }

    /// (When each block ended with a row, a look came after every single item, as soon as fewer than a row were quick.)
    #[test]
    fn a_block_is_as_long_as_is_quick() {
        let paces = Paces::new();
        let mut probe = begin(&paces, 2);
        for done in 0..500 {
            for quick in [1, 2, 3, 17, 30, 63, 64, 100, 999] {
                (probe.done, probe.quick) = (done, quick);
                let block = probe.next_block(usize::MAX);
                assert!(
                    ((quick / 2).max(1)..=quick).contains(&block),
                    "{block} of {quick}"
                );
            }
        }
    }

    /// However quick the items are, the clock is looked at before the last leaf.
    #[test]
    fn a_look_is_put_off_only_in_the_first_leaf() {
        let paces = Paces::new();
        let mut probe = begin(&paces, 2);
        probe.done = 65;
        assert!(!probe.judge(50.0, 935));
        std::thread::sleep(WORTH);
        assert_eq!(probe.next_block(185), 185);
        assert!(!probe.is_worth_help(185, 750));
        assert!(probe.is_worth_help(250, 500));
    }

    #[test]
    fn a_loop_is_expected_to_take_as_long_as_the_last_time() {
        let paces = Paces::new();
        let probe = begin(&paces, 2);
        assert!(!probe.expects_help(usize::MAX));
        probe.time(10, || std::thread::sleep(WORTH));
        assert!(!probe.expects_help(100), "what is known was read before");
        let probe = begin(&paces, 2);
        assert!(probe.expects_help(11));
        paces.last.note(probe.site, nanos(WORTH) / 100.0);
        let probe = begin(&paces, 2);
        assert!(probe.expects_help(110) && !probe.expects_help(90));
    }

    #[test]
    fn a_search_that_was_over_long_before_its_end_is_begun_alone() {
        let paces = Paces::new();
        let first = |len| begin(&paces, 2).next_searched(len);
        assert_eq!(first(1_000_000), None, "nothing is known");
        let probe = begin(&paces, 2);
        paces.last.note(probe.site, 1.0);
        assert_eq!(first(1_000_000), None, "no search was over yet");
        probe.note_search(4_000.0);
        assert!(first(1_000_000).is_some_and(|block| (12_000..13_000).contains(&block)));
        assert!(first(70_000).is_some_and(|block| (3_900..=4_400).contains(&block)));
        assert_eq!(first(60_000), None, "it saw more than a sixteenth of them");
        probe.note_search(10.0);
        assert!(first(1_000).is_some() && first(1).is_none());
        probe.note_search(26_000.0);
        assert_eq!(first(1_000_000_000), None, "it was not short");
    }

    /// Also if it began with one that found the caches cold, and seemed to be slow.
    #[test]
    fn a_search_is_not_alone_for_long() {
        let paces = Paces::new();
        let mut probe = begin(&paces, 2);
        paces.last.note(probe.site, 1_000.0);
        probe.note_search(4_000.0);
        probe = begin(&paces, 2);
        let block = probe.next_searched(1_000_000).expect("the last was short");
        assert!((10..20).contains(&block));
        std::thread::sleep(WORTH);
        probe.note_searched(block);
        let pace = paces.last.of(probe.site).expect("it was noted");
        assert!(pace * block as f32 >= 0.99 * nanos(WORTH));
        std::thread::sleep(2 * SEARCHED_ALONE);
        assert!(probe.next_searched(1_000_000).is_none());
    }

    /// The blocks of a loop of a thousand items that took `last_pace` nanoseconds each the last time and take `pace` now, until it is
    /// over or worth the help.
    fn spans(last_pace: f32, pace: f32) -> Vec<usize> {
        let paces = Paces::new();
        paces.last.note(begin(&paces, 2).site, last_pace);
        let mut probe = begin(&paces, 2);
        let mut left = 1000;
        let mut spans = Vec::new();
        while left > 0 {
            let span = probe.next_span(left);
            spans.push(span);
            probe.done += span;
            left -= span;
            if left > 0 && probe.judge(pace * probe.done as f32, left) {
                break;
            }
        }
        spans
    }

    #[test]
    fn a_loop_is_believed_to_be_as_quick_as_the_last_time_once_an_eighth_was() {
        assert_eq!(spans(1.0, 1.0), [128, 872]);
        // Not so quick this time, but over soon; and not quick at all.
        assert_eq!(spans(1.0, 8.0), [128, 320, 552]);
        assert_eq!(spans(1.0, 1_000.0), [128]);
        // It was not so quick the last time.
        assert_eq!(spans(8.0, 1.0)[0], 1);
    }

    /// Nobody knows what the last items are like. Few of them are done at once, all the same.
    #[test]
    fn a_loop_that_was_never_met_is_looked_at_to_its_end() {
        let paces = Paces::new();
        let mut probe = begin(&paces, 2);
        let mut left = 100_000;
        let mut late = Vec::new();
        while left > 0 {
            let span = probe.next_span(left);
            if probe.done >= 50_000 {
                late.push((span, left));
            }
            probe.done += span;
            left -= span;
            assert!(left == 0 || !probe.judge(0.05 * probe.done as f32, left));
        }
        let (&(last, end), before) = late.split_last().expect("a second half");
        assert!(before.iter().all(|(span, left)| *span <= left / PARTS));
        assert!(last == end && last < 5_000 && before.len() > 5);
    }

    #[test]
    fn of_few_items_one_is_tried() {
        let paces = Paces::new();
        paces.last.note(begin(&paces, 2).site, 1.0);
        for (len, first) in [(32, 1), (33, 33), (65, 64), (1000, 128)] {
            assert_eq!(begin(&paces, 2).next_span(len), first);
        }
    }

    #[test]
    fn a_loop_that_was_quick_is_looked_at_once_after_its_first_item() {
        let paces = Paces::new();
        paces.last.note(begin(&paces, 2).site, 0.5);
        let mut probe = begin(&paces, 2);
        assert_eq!(probe.next_block(125), 1);
        probe.done = 1;
        assert!(!probe.judge(50.0, 999));
        assert_eq!(probe.next_block(124), 124);
        assert_eq!(
            probe.next_block(usize::MAX),
            767,
            "40 µs at the rate so far, and whole rows"
        );
    }
}
