//! A word between the threads of one loop: enough!

use crate::primitive::{AtomicBool, Ordering};

/// Once set, it stays set.
///
/// It is a hint to stop early. Whoever misses it for a moment does some more work and no harm: results
/// travel by the joins of the bridge. So both orderings are `Relaxed`.
#[derive(Debug)]
pub(in crate::iter) struct Flag(AtomicBool);

impl Flag {
    #[inline]
    pub(in crate::iter) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    #[inline]
    pub(in crate::iter) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub(in crate::iter) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
