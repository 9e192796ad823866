//! A pool at rest burns nothing: no CPU time, no wake-ups. Read from what Linux keeps about each thread.
#![cfg(target_os = "linux")]

#[path = "it/watchdog.rs"]
mod watchdog;

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, Builder, sleep};
use std::time::Duration;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use watchdog::watchdog;

/// What a thread has used so far.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usage {
    /// User and system time, in clock ticks.
    ticks: u64,
    /// How often it gave up the processor by itself: at least once for each time it was woken.
    rests: u64,
}

/// The usage of each thread of this process whose name begins so, by its number.
fn usage(prefix: &str) -> BTreeMap<u64, Usage> {
    let mut all = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task").expect("Linux") {
        let path = task.expect("a thread").path();
        let read = |file: &str| fs::read_to_string(path.join(file)).unwrap_or_default();
        if !read("comm").starts_with(prefix) {
            continue;
        }
        // The name in `stat` may hold blanks and ends with the last bracket; utime and stime are fields 14 and 15.
        let (stat, status) = (read("stat"), read("status"));
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let ticks =
            fields[11].parse::<u64>().expect("utime") + fields[12].parse::<u64>().expect("stime");
        let rests = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let rests = rests
            .and_then(|text| text.trim().parse().ok())
            .expect("a count of switches");
        let number = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse().ok());
        all.insert(number.expect("a thread's number"), Usage { ticks, rests });
    }
    all
}

/// Waits until the threads have come to rest, then watches them for a second, in which nothing may happen to them. If something
/// did, it may have been the system (a signal makes each thread that sleeps turn over), so they get another chance or two.
#[track_caller]
fn assert_rest(prefix: &str, threads: usize) {
    let (mut before, mut after) = watch_a_second(prefix);
    for _ in 0..2 {
        if after != before {
            (before, after) = watch_a_second(prefix);
        }
    }
    assert_eq!(before.len(), threads);
    assert_eq!(
        after, before,
        "threads at rest worked: after a second left, before it right"
    );
}

/// The usage at rest, and a second later. A pool that never rests is looked at as it is, after five seconds.
fn watch_a_second(prefix: &str) -> (BTreeMap<u64, Usage>, BTreeMap<u64, Usage>) {
    let mut before = usage(prefix);
    for _ in 0..100 {
        sleep(Duration::from_millis(50));
        let now = usage(prefix);
        if now == before {
            break;
        }
        before = now;
    }
    sleep(Duration::from_secs(1));
    (before, usage(prefix))
}

/// The measure itself is measured: a thread that wakes now and then, or one that spins, does not pass for one at rest.
#[test]
fn restless_threads_are_seen() {
    watchdog(|_| {
        for (name, work) in [
            ("wakes", (|| sleep(Duration::from_millis(20))) as fn()),
            ("spins", || ()),
        ] {
            let stop = Arc::new(AtomicBool::new(false));
            let stopped = Arc::clone(&stop);
            let restless = Builder::new().name(name.into()).spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    work();
                }
            });
            let (before, after) = watch_a_second(name);
            stop.store(true, Ordering::Relaxed);
            restless.expect("a thread").join().expect("no panic");
            assert_eq!((before.len(), after.len()), (1, 1));
            assert_ne!(before, after);
        }
    });
}

fn named_pool(name: &'static str, workers: usize) -> ThreadPool {
    let builder = ThreadPoolBuilder::new()
        .num_threads(workers)
        .thread_name(move |index| format!("{name}-{index}"));
    builder.build().expect("a pool")
}

#[test]
fn pool_that_never_worked() {
    watchdog(|_| {
        for workers in [2, 64] {
            let _pool = named_pool("fresh", workers);
            assert_rest("fresh", workers);
        }
    });
}

#[test]
fn pool_after_its_work() {
    watchdog(|_| {
        for workers in [2, 64] {
            let pool = named_pool("used", workers);
            for _ in 0..20 {
                assert_eq!(
                    pool.install(|| (0..10_000_u32).into_par_iter().with_max_len(1).sum::<u32>()),
                    49_995_000
                );
                pool.scope(|s| (0..100).for_each(|_| s.spawn(|_| ())));
            }
            assert_rest("used", workers);
        }
    });
}

/// One worker is busy and offers nothing: the others do not keep looking.
#[test]
fn pool_around_one_long_job() {
    watchdog(|_| {
        for workers in [2, 64] {
            let pool = named_pool("around", workers);
            let (begin, end) = (channel(), channel::<()>());
            pool.spawn(move || {
                begin.0.send(()).expect("awaited");
                // Blocked in code of its own, it rests as well, and may be counted with the others.
                let _ = end.1.recv();
            });
            assert_eq!(begin.1.recv(), Ok(()));
            assert_rest("around", workers);
            drop(end.0);
        }
    });
}

/// A worker waits for a stolen job: parked, not spinning.
#[test]
fn pool_around_a_waiting_join() {
    watchdog(|_| {
        for workers in [2, 64] {
            let pool = named_pool("latch", workers);
            let (begin, end) = (channel(), channel::<()>());
            let (begun, free) = (Mutex::new(begin.1), Mutex::new(end.1));
            thread::scope(|scope| {
                scope.spawn(|| {
                    pool.install(|| {
                        lyocell::join(
                            // Ends only when the other side has been stolen, and then waits for it.
                            || begun.lock().unwrap().recv().expect("the other side begins"),
                            || {
                                begin.0.send(()).expect("awaited");
                                let _ = free.lock().unwrap().recv();
                            },
                        )
                    })
                });
                assert_rest("latch", workers);
                drop(end.0);
            });
        }
    });
}
