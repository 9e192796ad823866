//! The clocks: std has the wall clock only, so the two CPU clocks are read from the operating system.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// CPU time of the whole process: every thread of every pool, also those that have ended. `None` where unknown.
pub(crate) fn process_cpu() -> Option<Duration> {
    os::read(os::PROCESS)
}

/// CPU time of the calling thread. `None` where unknown.
pub(crate) fn thread_cpu() -> Option<Duration> {
    os::read(os::THREAD)
}

/// Keeps the calling thread busy until it has spent `long` of its own CPU time.
///
/// Two wall clock spins that take turns on one core would both be over in time and look parallel; these are not.
pub(crate) fn burn(long: Duration) {
    if let Some(began) = thread_cpu() {
        while thread_cpu().is_some_and(|now| now - began < long) {}
    } else {
        let began = Instant::now();
        while black_box(began.elapsed()) < long {}
    }
}

/// The layout of `timespec` and the ids below hold for the 64-bit targets of these systems.
#[cfg(all(
    any(target_os = "linux", target_os = "android", target_os = "macos"),
    target_pointer_width = "64"
))]
mod os {
    use std::ffi::{c_int, c_long};
    use std::time::Duration;

    const APPLE: bool = cfg!(target_os = "macos");
    pub(super) const PROCESS: c_int = if APPLE { 12 } else { 2 };
    pub(super) const THREAD: c_int = if APPLE { 16 } else { 3 };

    #[repr(C)]
    #[derive(Default)]
    struct Timespec {
        seconds: i64,
        nanoseconds: c_long,
    }

    unsafe extern "C" {
        fn clock_gettime(clock: c_int, now: *mut Timespec) -> c_int;
    }

    pub(super) fn read(clock: c_int) -> Option<Duration> {
        let mut now = Timespec::default();
        // SAFETY: `now` is a valid `timespec`, borrowed for the call alone.
        let failed = unsafe { clock_gettime(clock, &raw mut now) };
        (failed == 0).then(|| Duration::new(now.seconds as u64, now.nanoseconds as u32))
    }
}

#[cfg(not(all(
    any(target_os = "linux", target_os = "android", target_os = "macos"),
    target_pointer_width = "64"
)))]
mod os {
    pub(super) const PROCESS: () = ();
    pub(super) const THREAD: () = ();

    pub(super) fn read((): ()) -> Option<std::time::Duration> {
        None
    }
}
