//! Notices that the process is a child made by `fork`: of all threads it has only the one that called, so pools from before have no
//! workers.
//!
//! The system tells us, in the child and before `fork` returns there; so asking costs one load. What came from the parent is
//! dropped as it is, since any of it may have been in the middle of a change: the global pool is forgotten and starts afresh
//! on the next call, the calling thread is no worker any more, and a [`Pedigree`] that does not match keeps all others from
//! waiting for threads that are not there.

use crate::pool;
use crate::primitive::{
    Ordering,
    fixed::{AtomicBool, AtomicUsize},
};

/// How many times the process was forked, counted from the first one that used this library.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// In which process something was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pedigree(usize);

impl Pedigree {
    pub(crate) fn of_this_process() -> Self {
        // Relaxed: it changes only while there is but one thread.
        Self(FORKS.load(Ordering::Relaxed))
    }

    #[cfg(all(test, not(loom)))]
    pub(crate) fn of_another_process() -> Self {
        Self(usize::MAX)
    }

    /// Whether this is another process by now.
    #[inline]
    pub(crate) fn is_of_a_parent(self) -> bool {
        self != Self::of_this_process()
    }
}

/// Sees to it that forks are noticed from now on. Called before there is anything to lose in one.
pub(crate) fn watch() {
    static WATCHES: AtomicBool = AtomicBool::new(false);
    // Not a `Once`: a fork in the midst of it would leave it so in the child for good. Relaxed: one variable only.
    if !WATCHES.swap(true, Ordering::Relaxed) {
        system::call_in_children(in_child);
    }
}

/// Only stores words, since other threads may have held any lock when they vanished.
extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed); // Relaxed: there is one thread
    pool::forget_all();
}

#[cfg(all(
    not(any(loom, miri)),
    any(target_os = "linux", target_os = "macos", target_os = "freebsd")
))]
#[allow(unsafe_code)]
mod system {
    pub(super) fn call_in_children(handler: extern "C" fn()) {
        /// The system wants it by a type of its own.
        type Handler = unsafe extern "C" fn();
        // SAFETY: the handler takes and gives nothing and does not unwind. It stays as long as the library does, and a library
        // that is unloaded takes its handlers along. Should there be no memory for it, forks are not noticed.
        unsafe { libc::pthread_atfork(None, None, Some(handler as Handler)) };
    }
}

#[cfg(not(all(
    not(any(loom, miri)),
    any(target_os = "linux", target_os = "macos", target_os = "freebsd")
)))]
mod system {
    /// Forks are not noticed here, or there are none.
    pub(super) fn call_in_children(_handler: extern "C" fn()) {}
}
