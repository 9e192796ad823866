//! What only the system can do to threads, or tell of them: signals, and how often they slept.
#![allow(unsafe_code)]

#[allow(unused_imports)] // who only interrupts does not ask about sleep
pub(crate) use imp::{interrupt_until, signals, wakes};

#[cfg(all(target_os = "linux", not(miri)))]
mod imp {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
    use std::time::Duration;
    use std::{fs, mem, process, ptr, thread};

    static SIGNALS: AtomicU64 = AtomicU64::new(0);

    extern "C" fn count(_: libc::c_int) {
        SIGNALS.fetch_add(1, Relaxed);
    }

    pub(crate) fn signals() -> u64 {
        SIGNALS.load(Relaxed)
    }

    /// Sends a signal to every thread of the process, whatever it does, over and over.
    pub(crate) fn interrupt_until(is_over: &AtomicBool) {
        // SAFETY: zeros are a valid `sigaction`: no flags, so that system calls are not restarted, and no signal blocked.
        let mut action: libc::sigaction = unsafe { mem::zeroed() };
        let handler: extern "C" fn(libc::c_int) = count;
        action.sa_sigaction = handler as usize;
        // SAFETY: the handler does nothing but count, which any signal handler may.
        let failed = unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, ptr::null_mut()) };
        assert_eq!(failed, 0);
        let process = process::id() as libc::pid_t;
        while !is_over.load(Relaxed) {
            for task in fs::read_dir("/proc/self/task")
                .into_iter()
                .flatten()
                .flatten()
            {
                let thread = task.file_name().to_string_lossy().parse();
                let thread: libc::pid_t = thread.expect("threads are numbered");
                // SAFETY: of a thread that has ended meanwhile, the system says so.
                unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR1) };
            }
            thread::sleep(Duration::from_millis(3));
        }
    }

    /// How often a thread of this process gave up its processor to wait.
    pub(crate) fn wakes() -> u64 {
        // SAFETY: zeros are a valid `rusage`.
        let mut usage: libc::rusage = unsafe { mem::zeroed() };
        // SAFETY: the call writes to `usage` only.
        let failed = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
        assert_eq!(failed, 0);
        usage.ru_nvcsw as u64
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod imp {
    use std::sync::atomic::AtomicBool;

    pub(crate) fn signals() -> u64 {
        0
    }

    pub(crate) fn interrupt_until(_: &AtomicBool) {}

    pub(crate) fn wakes() -> u64 {
        0
    }
}
