//! Values whose every birth and death is written down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::common::boom;

/// The book of all [`Counted`] values of one test.
pub(crate) struct Ledger {
    /// How often the value with this number was dropped.
    drops: Mutex<Vec<u32>>,
    operations: AtomicUsize,
    fuse: usize,
    /// The number of the value whose drop panics, too.
    bomb: usize,
}

impl Ledger {
    /// A ledger whose operations all succeed.
    pub(crate) fn new() -> Arc<Self> {
        Self::with_fuse(usize::MAX)
    }

    /// A ledger whose operation number `fuse`, counted from zero, panics with `Boom(fuse)`.
    pub(crate) fn with_fuse(fuse: usize) -> Arc<Self> {
        Self::of(fuse, usize::MAX)
    }

    /// A ledger whose operations all succeed, and whose value number `bomb` panics with `Boom(bomb)` when it is dropped.
    pub(crate) fn with_bomb(bomb: usize) -> Arc<Self> {
        Self::of(usize::MAX, bomb)
    }

    fn of(fuse: usize, bomb: usize) -> Arc<Self> {
        Arc::new(Self {
            drops: Mutex::default(),
            operations: AtomicUsize::new(0),
            fuse,
            bomb,
        })
    }

    /// Counts one operation. Clones do it by themselves; the closures of a test do it where they please.
    pub(crate) fn operate(&self) {
        // Relaxed: one variable only.
        if self.operations.fetch_add(1, Ordering::Relaxed) == self.fuse {
            boom(self.fuse as u64);
        }
    }

    pub(crate) fn value(self: &Arc<Self>, value: u64) -> Counted {
        let mut drops = self.drops.lock().expect("nothing panics under this lock");
        drops.push(0);
        Counted {
            number: drops.len() - 1,
            value,
            ledger: Arc::clone(self),
        }
    }

    pub(crate) fn values(self: &Arc<Self>, len: usize) -> Vec<Counted> {
        (0..len as u64).map(|value| self.value(value)).collect()
    }

    /// Demands that everything made was dropped, and once only.
    #[track_caller]
    pub(crate) fn settle(&self) {
        let drops = self.drops.lock().expect("nothing panics under this lock");
        let leaked = drops.iter().filter(|&&times| times == 0).count();
        let twice = drops.iter().filter(|&&times| times > 1).count();
        assert_eq!(
            (leaked, twice),
            (0, 0),
            "(leaked, dropped twice) of {} values",
            drops.len()
        );
    }
}

/// A value that tells its [`Ledger`] when it is cloned or dropped.
pub(crate) struct Counted {
    number: usize,
    pub(crate) value: u64,
    ledger: Arc<Ledger>,
}

/// The value alone, as in its comparison.
impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Counted({})", self.value)
    }
}

impl Counted {
    /// Counts one operation of the ledger.
    pub(crate) fn operate(&self) {
        self.ledger.operate();
    }

    /// The values three times as high and the two after, up to 39: all together make a tree of 40.
    pub(crate) fn below(&self, ledger: &Arc<Ledger>) -> Vec<Self> {
        ledger.operate();
        let first = 3 * self.value + 1;
        (first..(first + 3).min(40))
            .map(|value| ledger.value(value))
            .collect()
    }

    /// A new value of the same ledger, the sum of both.
    pub(crate) fn plus(self, other: Self) -> Self {
        self.ledger.operate();
        self.ledger.value(self.value + other.value)
    }
}

/// Equal are those with the same value, whichever copy they are.
impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Counted {}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl std::hash::Hash for Counted {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.ledger.operate();
        self.ledger.value(self.value)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger
            .drops
            .lock()
            .expect("nothing panics under this lock")[self.number] += 1;
        if self.number == self.ledger.bomb && !thread::panicking() {
            boom(self.number as u64);
        }
    }
}
