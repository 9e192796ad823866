//! A pair of barriers of which one side costs nothing: [`light`] for the path that everybody takes all the time,
//! [`heavy`] for the rare one.
//!
//! Where two threads each write one thing and then read the other's, at least one must see what the other wrote, and usually
//! each pays a full fence for that (5 ns, where all the rest of a fork takes 3). Linux can also be asked to make every
//! thread of the process pass a full barrier at once (`membarrier`, about 0.4 µs to ask). Whoever asks pays for both sides:
//!
//! B1 for a [`light`] and a [`heavy`], one comes first: what was written before the first is seen by what is read after the
//! second, as with two SeqCst fences.
//!
//! The reason: the light side is somewhere in its program when the barrier reaches it. If behind its write, the barrier
//! has made that visible; if before it, the read that follows comes later than all that preceded `heavy`.
//!
//! Where the system has no such call, [`has_light`] says so, and B1 does not hold: see to it that both sides fence, or that
//! missing one another does no harm. In a model, both are fences.
#![allow(unsafe_code)]

use crate::primitive::{Ordering, fence};

/// The side that costs nothing.
#[inline(always)]
pub(crate) fn light() {
    if cfg!(loom) {
        fence(Ordering::SeqCst);
    } else {
        // Keeps the compiler from moving the read before the write; `heavy` keeps the processor from it.
        std::sync::atomic::compiler_fence(Ordering::SeqCst);
    }
}

/// The side that pays for both. In any case it is a full fence for the caller.
pub(crate) fn heavy() {
    fence(Ordering::SeqCst);
    if system::has_light() {
        system::barrier_everywhere();
        fence(Ordering::SeqCst);
    }
}

/// Whether B1 holds; the same answer every time.
pub(crate) fn has_light() -> bool {
    cfg!(loom) || system::has_light()
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod system {
    use crate::primitive::fixed::OnceLock;
    use crate::unwind;

    pub(super) fn has_light() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(register)
    }

    pub(super) fn barrier_everywhere() {
        // A child process made by `fork` may have to register anew.
        if !(membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
            || register() && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        {
            unwind::abort("the system took back its `membarrier`");
        }
    }

    fn register() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    fn membarrier(command: libc::c_int) -> bool {
        let (no_flags, any_processor): (libc::c_uint, libc::c_int) = (0, 0);
        // SAFETY: the call takes three numbers, and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, no_flags, any_processor) == 0 }
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod system {
    pub(super) fn has_light() -> bool {
        false
    }

    pub(super) fn barrier_everywhere() {}
}
