//! The global pool is ended and started again, at rest and amid other threads' calls.
#![cfg(target_os = "linux")]

#[path = "it/watchdog.rs"]
mod watchdog;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPoolBuilder, shutdown_global};

use watchdog::watchdog;

fn build(width: usize, name: &'static str) {
    ThreadPoolBuilder::new()
        .num_threads(width)
        .thread_name(move |index| format!("{name}-{index}"))
        .build_global()
        .expect("there is no global pool");
}

/// How many threads of this process have names that begin so.
fn threads(prefix: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux");
    tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with(prefix))
        .count()
}

/// A thread that was joined is listed a moment longer, and one that was not joined as long as it takes.
fn await_none(prefix: &str) {
    while threads(prefix) > 0 {
        thread::yield_now();
    }
}

/// One test, since there is one global pool.
#[test]
fn global_pool_ends_and_begins() {
    watchdog(|_| {
        at_rest();
        spawned_jobs_are_finished();
        from_inside();
        captures_that_call();
        amid_calls();
        shutdown_global();
    });
}

fn at_rest() {
    shutdown_global(); // there is none yet
    shutdown_global();
    for width in [1, 3, 2] {
        build(width, "rest");
        assert_eq!(lyocell::current_num_threads(), width);
        assert_eq!((0..1_000_u32).into_par_iter().sum::<u32>(), 499_500);
        lyocell::broadcast(|_| ()); // so all of them have their names
        assert_eq!(threads("rest"), width);
        shutdown_global();
        await_none("rest");
    }
    // By itself, with the default width.
    assert_eq!((0..1_000_u32).into_par_iter().sum::<u32>(), 499_500);
    assert!(ThreadPoolBuilder::new().build_global().is_err());
    shutdown_global();
    shutdown_global();
}

fn spawned_jobs_are_finished() {
    let ran = Arc::new(AtomicUsize::new(0));
    build(2, "spawned");
    for _ in 0..100 {
        let ran = Arc::clone(&ran);
        lyocell::spawn(move || {
            let inner = Arc::clone(&ran);
            // On the old pool, though it is being shut down.
            lyocell::spawn(move || _ = inner.fetch_add(1, Ordering::Relaxed));
            ran.fetch_add(1, Ordering::Relaxed);
        });
    }
    shutdown_global();
    assert_eq!(ran.load(Ordering::Relaxed), 200);
    await_none("spawned");
}

/// Where it can't wait for itself.
fn from_inside() {
    build(2, "job");
    let after = lyocell::join(
        || {
            shutdown_global();
            lyocell::current_num_threads()
        },
        || (),
    );
    assert_eq!(after.0, 2, "the job still runs on its own pool");
    await_none("job");

    build(2, "detached");
    let (send, receive) = channel();
    lyocell::spawn(move || {
        shutdown_global();
        send.send(lyocell::join(|| 1, || 2)).expect("awaited");
    });
    assert_eq!(receive.recv(), Ok((1, 2)));
    await_none("detached");

    // A job of the global pool waits for one of another pool.
    build(2, "elsewhere");
    let other = ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool");
    lyocell::join(|| other.install(shutdown_global), || ());
    await_none("elsewhere");

    build(3, "scope");
    let ran = AtomicUsize::new(0);
    lyocell::in_place_scope(|s| {
        s.spawn(|_| _ = ran.fetch_add(1, Ordering::Relaxed));
        shutdown_global();
        s.spawn(|_| _ = ran.fetch_add(1, Ordering::Relaxed));
        build(1, "fresh");
        assert_eq!(lyocell::current_num_threads(), 1);
        s.spawn_broadcast(|_, context| {
            assert_eq!(context.num_threads(), 3);
            ran.fetch_add(1, Ordering::Relaxed);
        });
    });
    assert_eq!(ran.into_inner(), 5);
    await_none("scope");
    shutdown_global();
    await_none("fresh");
}

/// What a builder or a pool was given calls the global pool, and ends it, as it goes.
fn captures_that_call() {
    struct Calls(Arc<AtomicUsize>);
    impl Drop for Calls {
        fn drop(&mut self) {
            lyocell::join(|| (), || ());
            shutdown_global();
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let count = Arc::new(AtomicUsize::new(0));
    let calls = || Calls(Arc::clone(&count));
    let gone = || count.swap(0, Ordering::Relaxed);
    let with_handler = || {
        let calls = calls();
        ThreadPoolBuilder::new()
            .num_threads(1)
            .panic_handler(move |_| _ = &calls)
    };

    // The last to remember an ended pool is this thread, until it finds that there is none, or another one.
    for is_another in [false, true] {
        with_handler().build_global().expect("there is none");
        lyocell::in_place_scope(|_| ());
        shutdown_global();
        assert_eq!(gone(), 0);
        if is_another {
            build(1, "another");
        }
        lyocell::in_place_scope(|_| ());
        assert_eq!(gone(), 1);
        shutdown_global();
        await_none("another");
    }

    // A pool that can't start.
    let builder = with_handler().spawn_handler({
        let calls = calls();
        move |_| {
            let _ = &calls;
            Err(std::io::Error::other("no more wool"))
        }
    });
    let error = builder.build_global().expect_err("its thread is missing");
    assert!(error.to_string().contains("no more wool"), "{error}");
    assert_eq!(gone(), 2);

    // One that does, and needs no names and no threads any more.
    let builder = ThreadPoolBuilder::new().num_threads(1);
    let builder = builder.thread_name({
        let calls = calls();
        move |_| {
            let _ = &calls;
            "named".to_owned()
        }
    });
    let builder = builder.spawn_handler({
        let calls = calls();
        move |seat| {
            let _ = &calls;
            thread::spawn(|| seat.run());
            Ok(())
        }
    });
    builder.build_global().expect("there is none");
    assert_eq!(gone(), 2);

    // One that may not.
    build(1, "first");
    assert!(with_handler().build_global().is_err());
    assert_eq!(gone(), 1);
    await_none("first");
}

/// Other threads call, spawn and open scopes all the while; each call gets its result, and nothing hangs.
fn amid_calls() {
    let (stop, gate) = (AtomicBool::new(false), Barrier::new(5));
    let spawned = Arc::new(AtomicUsize::new(0));
    let calls: usize = thread::scope(|scope| {
        let callers: Vec<_> = (0..4_usize)
            .map(|caller| {
                let (stop, gate, spawned) = (&stop, &gate, &spawned);
                scope.spawn(move || {
                    gate.wait();
                    let mut calls = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let sum: u64 = (0..500_u64).into_par_iter().sum();
                        assert_eq!(sum, 124_750);
                        let mut cells = [0; 4];
                        lyocell::in_place_scope(|s| {
                            for cell in &mut cells {
                                s.spawn(move |_| *cell = caller);
                            }
                        });
                        assert_eq!(cells, [caller; 4]);
                        assert!(!lyocell::broadcast(|context| context.index()).is_empty());
                        let counted = Arc::clone(spawned);
                        lyocell::spawn(move || _ = counted.fetch_add(1, Ordering::Relaxed));
                        // The same by one who takes part.
                        let counted = Arc::clone(spawned);
                        lyocell::scope(|_| {
                            assert!(!lyocell::broadcast(|context| context.index()).is_empty());
                            lyocell::spawn(move || _ = counted.fetch_add(1, Ordering::Relaxed));
                        });
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        gate.wait();
        for round in 0..100 {
            if round % 3 == 0 {
                let _ = ThreadPoolBuilder::new().num_threads(3).build_global();
            }
            thread::yield_now();
            shutdown_global();
        }
        stop.store(true, Ordering::Relaxed);
        callers
            .into_iter()
            .map(|caller| caller.join().expect("no panic"))
            .sum()
    });
    shutdown_global();
    assert_eq!(spawned.load(Ordering::Relaxed), 2 * calls);
    assert!(calls > 0);
}
