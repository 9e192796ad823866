//! Regions: which outermost parallel call a job belongs to.
//!
//! A call made where no region is (outside of every pool, or in a detached `spawn`) begins a new one. All jobs that
//! it gives rise to carry it, and a thief works under the region of what it stole. Whoever waits can then tell
//! the jobs of its own call from those of strangers.

use crate::primitive::{Ordering, fixed::AtomicUsize};

/// The name of one outermost parallel call; one word, so that it fits into a slot of the deque.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Region(usize);

impl Region {
    /// No call waits for this job: a detached `spawn`.
    pub(crate) const NONE: Self = Self(0);

    /// A region that no job has yet.
    pub(crate) fn begin() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        // Relaxed: one variable only. Odd numbers: a counter that wraps around still never says NONE.
        Self(NEXT.fetch_add(2, Ordering::Relaxed))
    }

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// This region, or a new one if there is none.
    pub(crate) fn or_begin(self) -> Self {
        if self.is_none() { Self::begin() } else { self }
    }

    /// As the word of a deque's slot.
    pub(crate) fn to_word(self) -> usize {
        self.0
    }

    /// Back from the word of a deque's slot.
    pub(crate) fn from_word(word: usize) -> Self {
        Self(word)
    }
}
