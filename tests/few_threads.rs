//! A system that refuses threads: the global pool makes do with what there is, a pool of one's own says so.
//!
//! The limit is one on address space, which also binds a privileged process: a thread needs room for its stack. It is a fact
//! of the whole process, so each case runs in a child of its own, which is this very program.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

#[path = "it/watchdog.rs"]
mod watchdog;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use lyocell::ThreadPoolBuilder;
use lyocell::prelude::*;

use watchdog::watchdog;

/// Tells a child what it is.
const CASE: &str = "LYOCELL_TEST_CASE";
/// More than the limit lets through.
const WANTED: usize = 12;
/// Large, so that all else that takes address space is small beside it: an allocator reserves 128 MiB for a new thread at times.
const STACK: usize = 512 << 20;

fn is_child() -> bool {
    std::env::var_os(CASE).is_some()
}

/// Runs the test `name` again, as a child.
fn in_child(name: &str) {
    let this = std::env::current_exe().expect("a test knows its own path");
    let output = Command::new(this)
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(CASE, "1")
        .env("LYOCELL_NUM_THREADS", WANTED.to_string())
        .env("RUST_MIN_STACK", STACK.to_string())
        .output()
        .expect("a test can run itself");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Leaves the process so many bytes of address space beyond what it has now; `None` lifts the limit.
fn leave_room(bytes: Option<usize>) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the call writes to `limit` only.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
    assert_eq!(failed, 0);
    limit.rlim_cur = match bytes {
        None => limit.rlim_max,
        Some(bytes) => {
            let statm = fs::read_to_string("/proc/self/statm").expect("Linux");
            let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
            pages * 4096 + bytes as u64
        }
    };
    // SAFETY: the call reads `limit` only.
    let failed = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
    assert_eq!(failed, 0);
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("Linux").count()
}

/// Every verb, called from outside, on whatever the global pool is.
fn everything_works(width: usize) {
    assert_eq!(lyocell::current_num_threads(), width);
    assert_eq!(lyocell::current_thread_index(), None);
    assert_eq!((0..10_000_u64).into_par_iter().sum::<u64>(), 49_995_000);
    let mut numbers: Vec<_> = (0..5_000_u32).rev().collect();
    numbers.par_sort();
    assert!(numbers.is_sorted());
    assert_eq!(
        lyocell::join(|| 1, || lyocell::join(|| 2, || 3)),
        (1, (2, 3))
    );
    assert_eq!(lyocell::join_context(|a| a.migrated(), |_| ()), (true, ()));
    assert_eq!(
        lyocell::broadcast(|context| context.index()),
        (0..width).collect::<Vec<_>>()
    );

    let count = AtomicUsize::new(0);
    let add = || _ = count.fetch_add(1, Ordering::Relaxed);
    lyocell::scope(|s| (0..10).for_each(|_| s.spawn(|s| s.spawn(|_| add()))));
    lyocell::scope_fifo(|s| (0..10).for_each(|_| s.spawn_fifo(|_| add())));
    lyocell::in_place_scope(|s| {
        (0..10).for_each(|_| s.spawn(|_| add()));
        s.spawn_broadcast(|_, _| add());
    });
    assert_eq!(count.into_inner(), 30 + width);

    // Detached: what they send arrives, though nobody calls in again.
    let (send, receive) = channel();
    let sent = send.clone();
    lyocell::spawn(move || {
        let again = sent.clone();
        lyocell::spawn(move || again.send(1).expect("awaited"));
        sent.send(2).expect("awaited");
    });
    lyocell::spawn_fifo(move || send.send(3).expect("awaited"));
    assert_eq!(receive.iter().collect::<BTreeSet<_>>(), [1, 2, 3].into());
    let (send, receive) = channel();
    lyocell::spawn_broadcast(move |context| send.send(context.index()).expect("awaited"));
    assert_eq!(receive.iter().collect::<BTreeSet<_>>().len(), width);

    let panic = std::panic::catch_unwind(|| {
        lyocell::join(|| (), || std::panic::resume_unwind(Box::new(7)))
    });
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&7));
}

/// Not even one thread: every caller works for itself, and a pool of one's own is an error that leaves nothing behind.
#[test]
fn none() {
    if !is_child() {
        return in_child("none");
    }
    watchdog(|_| {
        let before = threads();
        leave_room(Some(STACK / 2));
        assert!(
            thread::Builder::new().spawn(|| ()).is_err(),
            "the limit holds"
        );
        everything_works(1);
        assert_eq!(threads(), before);
        for width in [1, 3] {
            let error = ThreadPoolBuilder::new()
                .num_threads(width)
                .build()
                .expect_err("no thread");
            assert!(std::error::Error::source(&error).is_some(), "{error}");
        }
        assert_eq!(threads(), before);
        // It stays so: what has once begun to work alone does not change under its caller's feet.
        leave_room(None);
        everything_works(1);
        assert!(ThreadPoolBuilder::new().build_global().is_err());
    });
}

/// Some threads, but not as many as wanted: the global pool has those, and a pool of one's own gives them back.
#[test]
fn some() {
    if !is_child() {
        return in_child("some");
    }
    watchdog(|_| {
        let before = threads();
        leave_room(Some(4 * STACK + STACK / 2));
        let error = ThreadPoolBuilder::new()
            .num_threads(WANTED)
            .build()
            .expect_err("too many threads");
        assert!(std::error::Error::source(&error).is_some(), "{error}");
        while threads() > before {
            thread::yield_now(); // a joined thread is listed a moment longer
        }
        let width = lyocell::current_num_threads();
        assert!(0 < width && width < WANTED, "{width}");
        assert_eq!(threads(), before + width);
        everything_works(width);
        leave_room(None);
        everything_works(width);
    });
}

/// Threads of the program itself call all at once, and none waits for another.
#[test]
fn none_for_many_callers() {
    if !is_child() {
        return in_child("none_for_many_callers");
    }
    watchdog(|_| {
        let gate = std::sync::Barrier::new(5);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    gate.wait(); // all have started
                    gate.wait(); // the limit stands
                    // Meets the others in the middle of a parallel call.
                    lyocell::join(|| gate.wait(), || ());
                    everything_works(1);
                });
            }
            gate.wait();
            leave_room(Some(STACK / 2));
            gate.wait();
            lyocell::join(|| gate.wait(), || ());
        });
    });
}
