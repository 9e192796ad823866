//! A processor for each thread.
//!
//! The kernel of a virtual machine may wake a thread on the processor of the one that wakes it, though another one is idle: perhaps since it takes
//! a processor that is halted for one that its host has given to others. Both then share it, for milliseconds. Whatever ends before is
//! done by one processor, with any library.

use std::sync::LazyLock;

use core_affinity::{CoreId, get_core_ids, set_for_current};

/// Those that this process may use at its start. None if nobody can say.
static PROCESSORS: LazyLock<Vec<CoreId>> = LazyLock::new(|| get_core_ids().unwrap_or_default());

/// Keeps the calling thread, the one with this index, on a processor of its own, as far as there are so many. Does nothing where the system
/// does not know that.
pub(crate) fn pin(index: usize) {
    if let Some(turn) = index.checked_rem(PROCESSORS.len()) {
        set_for_current(PROCESSORS[turn]);
    }
}
