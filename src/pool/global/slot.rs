//! Where the state of the global pool is kept.
//!
//! G1 what [`STATE`] points to is never freed.
#![allow(unsafe_code)]

use std::ptr;

use super::State;
use crate::primitive::{
    Ordering,
    fixed::{AtomicPtr, RwLock},
};

/// The state, once it was asked for. A child process made by `fork` begins without one: its parent's may have been locked
/// in the middle of a change by a thread that the child does not have.
static STATE: AtomicPtr<RwLock<State>> = AtomicPtr::new(ptr::null_mut());

pub(super) fn state() -> &'static RwLock<State> {
    // Acquire: sees the state that was made.
    let state = STATE.load(Ordering::Acquire);
    // SAFETY: G1.
    unsafe { state.as_ref() }.unwrap_or_else(|| first_state())
}

#[cold]
fn first_state() -> &'static RwLock<State> {
    let ours = Box::into_raw(Box::new(RwLock::new(State::Empty)));
    // Release: who reads it sees the state. Acquire: likewise, if another thread was faster.
    match STATE.compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: G1.
        Ok(_) => unsafe { &*ours },
        Err(theirs) => {
            // SAFETY: nobody else has seen it.
            drop(unsafe { Box::from_raw(ours) });
            // SAFETY: G1.
            unsafe { &*theirs }
        }
    }
}

/// Goes back to having no state, without a look at the one there is. For a child process made by `fork`.
pub(super) fn forget() {
    STATE.store(ptr::null_mut(), Ordering::Release); // Release: as all stores here
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// Whoever comes second with a state of its own takes the first one.
    #[test]
    fn of_two_first_states_one_stays() {
        let first = state();
        assert!(ptr::eq(first_state(), first));
        assert!(ptr::eq(state(), first));
    }
}
