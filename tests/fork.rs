//! A process that forks: its child has none of the threads, and still no call in it hangs.
//!
//! A child runs its part under an alarm, which ends it should it hang, and leaves without going back to the test harness.
#![cfg(all(target_os = "linux", not(miri)))]
#![allow(unsafe_code)]

#[path = "it/watchdog.rs"]
mod watchdog;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use watchdog::watchdog;

/// Forks, runs `part` in the child, and demands that it returns there.
#[track_caller]
fn in_child(part: impl FnOnce()) {
    // SAFETY: the child does nothing of the harness, only what this test is about, and leaves by `_exit`.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process to be had");
    if child == 0 {
        // SAFETY: a number in, a number out.
        unsafe { libc::alarm(20) };
        let code = match catch_unwind(AssertUnwindSafe(part)) {
            Ok(()) => 0,
            Err(payload) => {
                tell(&words_of(&*payload));
                1
            }
        };
        // SAFETY: does not come back.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: writes to `status` only.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    // A signal would be SIGALRM (14) after a hang, or SIGABRT (6).
    assert_eq!(status, 0, "the child's wait status");
}

/// Writes to the standard error without its lock, which another thread may have had when it vanished.
fn tell(words: &str) {
    // SAFETY: reads the bytes of `words`.
    unsafe { libc::write(2, words.as_ptr().cast(), words.len()) };
}

fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

/// Demands that `call` panics because of the fork, and says so.
#[track_caller]
fn refuses(call: impl FnOnce()) {
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("this can't work in a child");
    let words = words_of(&*payload);
    assert!(words.contains("child process"), "{words}");
}

/// Every free function.
fn everything_works() {
    assert_eq!(lyocell::current_thread_index(), None);
    assert_eq!((0..10_000_u64).into_par_iter().sum::<u64>(), 49_995_000);
    assert_eq!(
        lyocell::join(|| 1, || lyocell::join(|| 2, || 3)),
        (1, (2, 3))
    );
    let count = AtomicUsize::new(0);
    lyocell::scope(|s| {
        (0..10).for_each(|_| s.spawn(|_| _ = count.fetch_add(1, Ordering::Relaxed)))
    });
    lyocell::in_place_scope(|s| s.spawn(|_| _ = count.fetch_add(1, Ordering::Relaxed)));
    assert_eq!(count.into_inner(), 11);
    assert_eq!(
        lyocell::broadcast(|_| 1).len(),
        lyocell::current_num_threads()
    );
    let (send, receive) = channel();
    lyocell::spawn(move || send.send(1).expect("awaited"));
    assert_eq!(receive.recv(), Ok(1));
}

/// A pool whose threads have all started.
fn pool(width: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new()
        .num_threads(width)
        .build()
        .expect("a pool");
    pool.broadcast(|_| ());
    pool
}

/// One test: the cases share the global pool, and the panic hook, which is silent because it would need locks in a child.
#[test]
fn forks() {
    std::panic::set_hook(Box::new(|_| ()));
    let result = catch_unwind(|| {
        watchdog(|_| {
            before_any_pool();
            at_rest();
            own_pools();
            in_a_scope();
            on_a_worker();
            back_in_the_pool();
            on_a_bound_thread();
            amid_calls();
            amid_starts();
            everything_works();
        });
    });
    if let Err(payload) = result {
        tell(&words_of(&*payload));
        panic!("a case failed");
    }
}

fn before_any_pool() {
    in_child(everything_works);
    in_child(lyocell::shutdown_global);
}

fn at_rest() {
    everything_works();
    in_child(everything_works);
    in_child(|| {
        everything_works();
        in_child(everything_works); // a grandchild
        everything_works();
        lyocell::shutdown_global();
        everything_works();
    });
    in_child(|| {
        lyocell::shutdown_global(); // there is none
        ThreadPoolBuilder::new()
            .num_threads(3)
            .build_global()
            .expect("the parent's does not count");
        assert_eq!(lyocell::current_num_threads(), 3);
        everything_works();
    });
    everything_works();
}

fn own_pools() {
    let parents = pool(2);
    assert_eq!(parents.install(|| 1), 1);
    in_child(|| {
        refuses(|| parents.install(|| ()));
        refuses(|| _ = parents.join(|| (), || ()));
        refuses(|| parents.scope(|_| ()));
        refuses(|| parents.scope_fifo(|_| ()));
        refuses(|| parents.in_place_scope(|s| s.spawn(|_| ())));
        refuses(|| parents.spawn(|| ()));
        refuses(|| parents.spawn_fifo(|| ()));
        refuses(|| _ = parents.broadcast(|_| ()));
        refuses(|| parents.spawn_broadcast(|_| ()));
        assert_eq!(parents.current_thread_index(), None);
        assert_eq!(parents.current_num_threads(), 2);
        assert_eq!(pool(2).install(|| 1), 1);
        everything_works();
    });
    assert_eq!(parents.install(|| 1), 1);
    // Dropped in the child, and then in the parent, where the closure goes unused.
    in_child(move || drop(parents));
}

/// The jobs of a scope that a child finds itself in stay with the parent.
fn in_a_scope() {
    let done = AtomicBool::new(false);
    lyocell::in_place_scope(|s| {
        s.spawn(|_| {
            while !done.load(Ordering::Relaxed) {
                thread::yield_now();
            }
        });
        in_child(|| {
            refuses(|| s.spawn(|_| ()));
            refuses(|| s.spawn_broadcast(|_, _| ()));
            everything_works();
        });
        done.store(true, Ordering::Relaxed);
    });

    // The child itself comes to the end of the scope.
    let done = AtomicBool::new(false);
    let mut child = 0;
    let end = catch_unwind(AssertUnwindSafe(|| {
        lyocell::in_place_scope(|s| {
            s.spawn(|_| {
                while !done.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            });
            // SAFETY: as in `in_child`.
            child = unsafe { libc::fork() };
            if child == 0 {
                // SAFETY: a number in, a number out.
                unsafe { libc::alarm(20) };
            }
            done.store(child != 0, Ordering::Relaxed);
        });
    }));
    if child == 0 {
        let told = end.is_err_and(|payload| words_of(&*payload).contains("child process"));
        // SAFETY: does not come back.
        unsafe { libc::_exit(i32::from(!told)) };
    }
    let mut status = 0;
    // SAFETY: writes to `status` only.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(status, 0, "the child's wait status");
}

/// The child is a worker no more.
fn on_a_worker() {
    lyocell::scope(|s| {
        for _ in 0..4 {
            s.spawn(|_| in_child(everything_works));
        }
    });
    let own = pool(2);
    own.install(|| in_child(everything_works));
    own.broadcast(|_| in_child(|| refuses(|| own.install(|| ()))));
}

/// A child whose only thread goes on as the worker that it was in the parent finds nobody there, and ends instead of waiting.
fn back_in_the_pool() {
    let own = pool(2);
    // No channel, whose lock could be taken in the child for good.
    static CHILD: AtomicI32 = AtomicI32::new(0);
    own.spawn(|| {
        // SAFETY: as in `in_child`, but that it leaves by an abort.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: a number in, a number out.
            unsafe { libc::alarm(20) };
        }
        CHILD.store(child, Ordering::Relaxed);
    });
    while CHILD.load(Ordering::Relaxed) == 0 {
        thread::yield_now();
    }
    let mut status = 0;
    // SAFETY: writes to `status` only.
    unsafe { libc::waitpid(CHILD.load(Ordering::Relaxed), &raw mut status, 0) };
    assert_eq!(libc::WTERMSIG(status), libc::SIGABRT);
}

fn on_a_bound_thread() {
    let bound = || {
        let pool = ThreadPoolBuilder::new()
            .num_threads(2)
            .use_current_thread()
            .build()
            .expect("a pool");
        pool.broadcast(|_| ()); // all have started
        in_child(|| {
            everything_works();
            refuses(|| pool.install(|| ()));
        });
        assert_eq!(pool.install(lyocell::current_thread_index), Some(0));
        in_child(move || drop(pool));
    };
    thread::spawn(bound).join().expect("no panic");
}

/// Other threads keep both the global pool and one of their own busy while this one forks.
fn amid_calls() {
    let own = pool(3);
    let call = |caller| match caller {
        0 | 1 => everything_works(),
        _ => assert_eq!(own.broadcast(|_| lyocell::join(|| 1, || 2)).len(), 3),
    };
    while_others(&call, || {
        in_child(|| {
            everything_works();
            refuses(|| own.spawn(|| ()));
        });
    });
}

/// The same while pools start and end. The child keeps to calls that start no thread: had it been forked while one was about to start or
/// to end, std would let it start none, since a lock would stay taken that is std's own.
fn amid_starts() {
    let own = pool(3);
    let call = |caller| match caller {
        0 => everything_works(),
        1 => assert_eq!(own.broadcast(|_| lyocell::join(|| 1, || 2)).len(), 3),
        _ => {
            lyocell::shutdown_global();
            everything_works();
        }
    };
    while_others(&call, || {
        in_child(|| {
            lyocell::shutdown_global(); // there is none
            assert_eq!(lyocell::current_thread_index(), None);
            assert_eq!(lyocell::yield_now(), None);
            refuses(|| own.spawn(|| ()));
            refuses(|| own.install(|| ()));
        });
    });
    everything_works();
}

/// Does `part` many times while three others do each their `call` all the time.
fn while_others(call: &(impl Fn(usize) + Sync), part: impl Fn()) {
    let (stop, gate) = (AtomicBool::new(false), Barrier::new(4));
    thread::scope(|scope| {
        for caller in 0..3 {
            let (stop, gate) = (&stop, &gate);
            scope.spawn(move || {
                gate.wait();
                while !stop.load(Ordering::Relaxed) {
                    call(caller);
                }
            });
        }
        // The callers stop also when a child fails, or the failure would not be heard of.
        let _stop = OnDrop(|| stop.store(true, Ordering::Relaxed));
        gate.wait();
        (0..60).for_each(|_| part());
    });
}

/// Calls its closure when it is dropped.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
