//! When to split: the one place that decides it.
//!
//! Two wishes pull against each other. Every thread should have something to take, so there must be
//! more pieces than threads; and a piece costs a job, a folder, perhaps a vector, so there should be
//! no more than that. Nobody knows beforehand which thread will be free, or how long an item takes.
//!
//! So a [`Splitter`] carries a *budget*: how many pieces this part of the work may still become. It
//! begins as the number of threads, and each cut leaves half of it to either side. On P threads an
//! even loop thus ends in at most 4P pieces: one halving more than P would need. If a piece is stolen,
//! somebody was idle, so the work is uneven after all: the thief gets a full budget for its piece.
//! Pieces multiply only where they are asked for. (A [leaf](super::leaf) that is still asked for then gives away more of itself,
//! while it is being poured.)
//!
//! A pool of one thread has nobody to give work to: its budget is zero, and the loop stays whole.

use super::probe::nanos;
use std::time::Duration;

/// A piece of some length ends after a multiple of so many items: the next one then begins as its slices do, and not in the midst of a
/// vector or a line of the cache. (Of a thousand pairs that are collected, 875 took 70 ns longer after 125 than 872 after 128.)
pub(super) const ROW: usize = 64;

/// Of so many items, a quarter of a row will do.
const FEW_ROWS: usize = 4 * ROW;

/// So many items or a few less: as many as suit the next piece.
#[inline]
pub(super) fn whole_rows(len: usize) -> usize {
    match len {
        0..ROW => len,
        ROW..FEW_ROWS => len - len % (ROW / 4),
        _ => len - len % ROW,
    }
}

/// A piece that is likely to take no longer than this is not worth handing over in halves: that takes half a microsecond each time, and whoever
/// has got one is soon out of work again. (Two threads that end a loop together stole smaller and smaller parts from each other, until these were
/// a few items: of a sum of 50,000 numbers, that took 15 of 29 µs.)
const CRUMB: Duration = Duration::from_micros(if cfg!(stress) { 0 } else { 3 });

/// Whether so many items are a [crumb](CRUMB), if each takes so many nanoseconds.
#[inline]
pub(super) fn is_crumb(len: usize, pace: f32) -> bool {
    pace * (len as f32) < nanos(CRUMB)
}

/// How far a piece may still be cut, when its length is unknown.
#[derive(Clone, Copy)]
pub(super) struct Splitter {
    budget: usize,
}

impl Splitter {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            budget: budget_for(crate::current_num_threads()),
        }
    }

    /// Whether nothing will be cut, unless it is stolen.
    pub(super) fn keeps_whole(self) -> bool {
        self.budget == 0
    }

    /// Half the budget.
    pub(super) fn halved(self) -> Self {
        Self {
            budget: self.budget / 2,
        }
    }

    /// Decides about the next cut, and pays for it. `is_stolen` says that the piece has just come from
    /// another thread.
    #[inline]
    pub(super) fn may_split(&mut self, is_stolen: bool) -> bool {
        let half = self.budget / 2;
        if is_stolen {
            self.budget = half.max(budget_for(crate::current_num_threads()));
            return true;
        }
        let has_budget = self.budget > 0;
        self.budget = half;
        has_budget
    }
}

/// One thread needs no pieces; more need at least one each.
#[inline]
fn budget_for(threads: usize) -> usize {
    if threads > 1 { threads } else { 0 }
}

/// How far a piece of known length may still be cut.
///
/// No piece becomes shorter than `min`. Pieces longer than the longest allowed are cut as long as
/// `min` lets them be, budget or not.
#[derive(Clone, Copy)]
pub(super) struct LengthSplitter {
    splitter: Splitter,
    min: usize,
    /// Somebody asked for this piece. It is no sign of more to do if he comes for it.
    is_given_away: bool,
}

impl LengthSplitter {
    /// Whether `len` items are too few for even one cut: then the pool is not asked for anything, and a program that only has short
    /// loops never starts one.
    #[inline]
    pub(super) fn keeps_whole(min: usize, len: usize) -> bool {
        len / 2 < min.max(1)
    }

    /// For `len` items.
    #[inline]
    pub(super) fn new(min: usize, max: usize, len: usize) -> Self {
        let mut splitter = Splitter::new();
        // A budget of b gives at least b + 1 pieces by halving, so the longest has `len / (b + 1)`
        // items, rounded up, or fewer.
        splitter.budget = splitter.budget.max(len / max.max(1));
        Self {
            splitter,
            min: min.max(1),
            is_given_away: false,
        }
    }

    /// For a part that was given away, and will be cut only if it is asked for again.
    pub(super) fn for_given_away(min: usize) -> Self {
        Self {
            splitter: Splitter { budget: 0 },
            min,
            is_given_away: true,
        }
    }

    /// How short a piece may be.
    pub(super) fn min(self) -> usize {
        self.min
    }

    /// Half the budget: for what is left when the first leaf has been done, so that an even loop makes no more pieces with
    /// a trial than without.
    pub(super) fn halved(mut self) -> Self {
        self.splitter.budget /= 2;
        self
    }

    #[inline]
    pub(super) fn may_split(&mut self, len: usize, is_stolen: bool) -> bool {
        !self.is_given_away && len / 2 >= self.min && self.splitter.may_split(is_stolen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the pieces when nothing is stolen.
    fn pieces(mut splitter: LengthSplitter, len: usize) -> Vec<usize> {
        if !splitter.may_split(len, false) {
            return vec![len];
        }
        let middle = len / 2;
        [pieces(splitter, middle), pieces(splitter, len - middle)].concat()
    }

    fn with_budget(budget: usize, min: usize) -> LengthSplitter {
        LengthSplitter {
            splitter: Splitter { budget },
            min,
            is_given_away: false,
        }
    }

    #[test]
    fn smoke() {
        assert_eq!(pieces(with_budget(0, 1), 100), [100]);
        assert_eq!(pieces(with_budget(1, 1), 100), [50, 50]);
        assert_eq!(pieces(with_budget(2, 1), 100), [25; 4]);
        assert_eq!(pieces(with_budget(2, 26), 100), [50, 50]);
        assert_eq!(pieces(with_budget(1000, 1), 5), [1; 5]);
    }

    #[test]
    fn pieces_are_bounded_by_threads() {
        for threads in (2..=64).step_by(if cfg!(miri) { 31 } else { 1 }) {
            let count = pieces(with_budget(budget_for(threads), 1), 1 << 20).len();
            assert!(
                (threads..=4 * threads).contains(&count),
                "{threads} threads, {count} pieces"
            );
        }
    }

    #[test]
    fn one_thread_keeps_the_loop_whole() {
        assert_eq!(pieces(with_budget(budget_for(1), 1), 1 << 20), [1 << 20]);
    }

    #[test]
    fn max_len_is_met_and_min_len_comes_first() {
        for len in (1..200).step_by(if cfg!(miri) { 67 } else { 1 }) {
            for max in (1..20).step_by(if cfg!(miri) { 6 } else { 1 }) {
                let longest = pieces(LengthSplitter::new(1, max, len), len)
                    .into_iter()
                    .max()
                    .unwrap();
                assert!(
                    longest <= max,
                    "{len} items, at most {max}: a piece of {longest}"
                );
                for min in 2..20 {
                    let pieces = pieces(LengthSplitter::new(min, max, len), len);
                    let shortest = *pieces.iter().min().unwrap();
                    assert!(shortest >= min || pieces.len() == 1);
                    assert_eq!(pieces.iter().sum::<usize>(), len);
                }
            }
        }
    }

    #[test]
    #[cfg(not(stress))]
    fn what_is_soon_over_is_a_crumb() {
        assert!(is_crumb(0, 1e9) && is_crumb(2_999, 1.0) && is_crumb(2, 1_499.0));
        assert!(!is_crumb(3_000, 1.0) && !is_crumb(1, 3_000.0) && !is_crumb(usize::MAX, 0.1));
    }

    #[test]
    fn a_thief_gets_a_budget() {
        let mut splitter = Splitter { budget: 0 };
        assert!(!splitter.may_split(false));
        assert!(splitter.may_split(true));
    }

    #[test]
    fn short_loops_ask_for_nothing() {
        for (min, len, is_short) in [(1, 0, true), (1, 1, true), (0, 2, false), (6, 11, true)] {
            assert_eq!(LengthSplitter::keeps_whole(min, len), is_short);
            assert_eq!(
                pieces(LengthSplitter::new(min, 1, len), len).len() == 1,
                is_short
            );
        }
    }
}
