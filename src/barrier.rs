//! A pair of barriers of which one side costs nothing: [`light`] for the path that everybody takes all the time,
//! [`heavy`] for the rare one.
//!
//! Where two threads each write one thing and then read the other's, at least one must see what the other wrote, and usually
//! each pays a full fence for that (5 ns, where all the rest of a fork takes 3). Linux can also be asked to make every
//! thread of the process pass a full barrier at once (`membarrier`, about 0.4 µs to ask). Whoever asks pays for both sides:
//!
//! B1 of a [`light`] and a [`heavy`], one comes first: what was written before the first is seen by what is read after the
//! second. (A `light` and a plain fence promise each other nothing.)
//!
//! The reason: the light side is somewhere in its program when the barrier reaches it. If behind its write, the barrier
//! has made that visible; if before it, the read that follows comes later than all that preceded `heavy`.
//!
//! Where the system has no such call, [`has_light`] says so, and B1 does not hold: see to it that both sides fence, or that
//! missing one another does no harm. In a model, both exchange one word, which gives B1 and nothing more; under shuttle, all
//! is in one order anyway.
#![allow(unsafe_code)]

pub(crate) use system::{has_light, heavy, light};

#[cfg(not(any(loom, shuttle)))]
mod system {
    use std::sync::atomic::compiler_fence;

    use crate::primitive::{Ordering, fence, fixed::AtomicUsize};
    use crate::unwind;

    /// The side that costs nothing.
    #[inline(always)]
    pub(crate) fn light() {
        // Keeps the compiler from moving the read before the write; `heavy` keeps the processor from it.
        compiler_fence(Ordering::SeqCst);
    }

    /// The side that pays for both. In any case it is a full fence for the caller.
    pub(crate) fn heavy() {
        fence(Ordering::SeqCst);
        // A child process made by `fork` may have to register anew.
        if has_light() && !everywhere() && !(register() && everywhere()) {
            unwind::abort("the system took back its `membarrier`");
        }
        fence(Ordering::SeqCst);
    }

    /// Whether B1 holds; the same answer every time.
    pub(crate) fn has_light() -> bool {
        const UNKNOWN: usize = 0;
        const NO: usize = 1;
        const YES: usize = 2;
        // Not a `OnceLock`: a process that forks in the midst of it would leave it so in the child for good. Asking twice does
        // no harm. Relaxed: one variable only.
        static REGISTERED: AtomicUsize = AtomicUsize::new(UNKNOWN);
        let known = REGISTERED.load(Ordering::Relaxed);
        if known != UNKNOWN {
            return known == YES;
        }
        let registered = register();
        REGISTERED.store(if registered { YES } else { NO }, Ordering::Relaxed);
        registered
    }

    #[cfg(all(target_os = "linux", not(miri)))]
    fn membarrier(command: libc::c_int) -> bool {
        let (no_flags, any_processor): (libc::c_uint, libc::c_int) = (0, 0);
        // SAFETY: the call takes three numbers, and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, no_flags, any_processor) == 0 }
    }

    #[cfg(all(target_os = "linux", not(miri)))]
    fn register() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    #[cfg(all(target_os = "linux", not(miri)))]
    fn everywhere() -> bool {
        membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
    }

    #[cfg(not(all(target_os = "linux", not(miri))))]
    fn register() -> bool {
        false
    }

    #[cfg(not(all(target_os = "linux", not(miri))))]
    fn everywhere() -> bool {
        false
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::hint::spin_loop;
        use std::thread;

        /// What [`has_light`] says is what the system says, however often it is asked.
        #[test]
        #[cfg(all(target_os = "linux", not(miri)))]
        fn the_system_is_asked() {
            // SAFETY: as in `membarrier`; the command is to tell which there are.
            let commands = unsafe { libc::syscall(libc::SYS_membarrier, 0, 0, 0) };
            let ours = libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
            let is_there = commands > 0 && commands & libc::c_long::from(ours) != 0;
            assert_eq!(register(), is_there);
            for _ in 0..3 {
                assert_eq!(has_light(), is_there);
                assert_eq!(everywhere(), is_there);
            }
            assert!(!membarrier(-1), "there is no such command");
        }

        /// B1: two threads each write a word, pass their barrier, and read the other's word. At least one finds it written.
        #[test]
        fn of_a_light_and_a_heavy_one_comes_first() {
            const ROUNDS: usize = if cfg!(miri) { 10 } else { 1_000 };
            if !has_light() {
                return;
            }
            let (words, seen) = ([0, 0].map(AtomicUsize::new), [0, 0].map(AtomicUsize::new));
            let (arrivals, missed) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let meet = |meetings: usize| {
                arrivals.fetch_add(1, Ordering::AcqRel);
                let mut turns = 0;
                while arrivals.load(Ordering::Acquire) < 2 * meetings {
                    turns += 1;
                    if turns < 100 {
                        spin_loop();
                    } else {
                        thread::yield_now();
                    }
                }
            };
            let side = |own: usize, barrier: fn()| {
                for round in 1..=ROUNDS {
                    meet(2 * round - 1);
                    words[own].store(round, Ordering::Relaxed);
                    barrier();
                    let other = words[1 - own].load(Ordering::Relaxed);
                    seen[own].store(other, Ordering::Relaxed); // ordered by the meeting
                    meet(2 * round);
                    let has_missed = |side: &AtomicUsize| side.load(Ordering::Relaxed) < round;
                    let have_missed = seen.iter().all(has_missed);
                    missed.fetch_add(usize::from(have_missed), Ordering::Relaxed); // a count only
                }
            };
            thread::scope(|threads| {
                threads.spawn(|| side(0, light));
                side(1, heavy);
            });
            assert_eq!(missed.into_inner(), 0, "both came too early");
        }
    }
}

#[cfg(loom)]
mod system {
    use crate::primitive::{AtomicUsize, Ordering, fence};

    loom::lazy_static! {
        static ref MEETING: AtomicUsize = AtomicUsize::new(0);
    }

    pub(crate) fn light() {
        // AcqRel: of two exchanges of one word, the later one sees what came before the earlier one.
        MEETING.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn heavy() {
        fence(Ordering::SeqCst);
        light();
        fence(Ordering::SeqCst);
    }

    pub(crate) fn has_light() -> bool {
        true
    }
}

#[cfg(shuttle)]
mod system {
    pub(crate) fn light() {}

    pub(crate) fn heavy() {}

    pub(crate) fn has_light() -> bool {
        true
    }
}
