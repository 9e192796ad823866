//! Each option of `ThreadPoolBuilder`, seen from inside the pool it makes.

use std::collections::HashSet;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use lyocell::{ThreadPool, ThreadPoolBuilder, scope};

use crate::common::{WIDTHS, boom, sized, tag_of, watchdog};

/// What `look` returns on each worker, in the order of their indices: as many jobs as workers, none ending before all have begun.
pub(crate) fn on_each_worker<R: Send>(pool: &ThreadPool, look: impl Fn() -> R + Sync) -> Vec<R> {
    let all = Barrier::new(pool.current_num_threads());
    let mut seen = Mutex::new(Vec::new());
    pool.scope(|s| {
        for _ in 0..pool.current_num_threads() {
            s.spawn(|_| {
                all.wait();
                let index = lyocell::current_thread_index().expect("a worker");
                seen.lock().unwrap().push((index, look()));
            });
        }
    });
    let seen = seen.get_mut().unwrap();
    seen.sort_by_key(|(index, _)| *index);
    assert!(seen.iter().enumerate().all(|(at, (index, _))| at == *index));
    seen.drain(..).map(|(_, look)| look).collect()
}

#[test]
fn num_threads_and_the_default() {
    watchdog(|_| {
        let default = ThreadPoolBuilder::new()
            .build()
            .expect("a pool")
            .current_num_threads();
        assert!(default > 0);
        assert_eq!(
            ThreadPoolBuilder::default()
                .num_threads(0)
                .build()
                .unwrap()
                .current_num_threads(),
            default
        );
        for width in [1, 2, 5, 64] {
            let pool = ThreadPoolBuilder::new()
                .num_threads(width)
                .build()
                .expect("a pool");
            assert_eq!(pool.current_num_threads(), width);
            assert_eq!(
                on_each_worker(&pool, || thread::current().id())
                    .into_iter()
                    .collect::<HashSet<_>>()
                    .len(),
                width
            );
        }
        assert!(lyocell::max_num_threads() >= 64);
    });
}

#[test]
fn thread_name_is_asked_once_per_worker() {
    watchdog(|_| {
        for workers in WIDTHS {
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            let name = move |index| {
                count.fetch_add(1, Ordering::Relaxed);
                format!("weft-{index}")
            };
            let pool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .thread_name(name)
                .build()
                .expect("a pool");
            let names = on_each_worker(&pool, || thread::current().name().map(str::to_owned));
            assert_eq!(
                names,
                (0..workers)
                    .map(|index| Some(format!("weft-{index}")))
                    .collect::<Vec<_>>()
            );
            assert_eq!(asked.load(Ordering::Relaxed), workers);
        }
    });
}

/// A dozen mebibytes of frames, which no default stack holds; a few times as many under a checker.
#[test]
fn stack_size_holds_what_it_promises() {
    #[inline(never)]
    fn descend(depth: usize) -> usize {
        let frame = std::hint::black_box([depth as u8; 1024]);
        if depth == 0 {
            0
        } else {
            descend(depth - 1) + usize::from(frame[0] == depth as u8)
        }
    }
    watchdog(|_| {
        let depth = sized(12_000, 30);
        let pool = ThreadPoolBuilder::new()
            .num_threads(2)
            .stack_size(64 << 20)
            .build()
            .expect("a pool");
        assert_eq!(on_each_worker(&pool, || descend(depth)), [depth; 2]);
    });
}

#[test]
fn handlers_run_once_for_each_worker() {
    watchdog(|_| {
        for workers in WIDTHS {
            let (starts, exits) = (Arc::new(Mutex::new(Vec::new())), channel());
            let (log, exit) = (Arc::clone(&starts), Mutex::new(exits.0));
            let pool = ThreadPoolBuilder::new()
                .num_threads(workers)
                .start_handler(move |index| {
                    assert_eq!(lyocell::current_thread_index(), Some(index));
                    log.lock().unwrap().push((index, thread::current().id()));
                })
                .exit_handler(move |index| {
                    exit.lock()
                        .unwrap()
                        .send((index, thread::current().id()))
                        .expect("awaited")
                })
                .build()
                .expect("a pool");
            let threads = on_each_worker(&pool, || thread::current().id());
            drop(pool);
            // The handler, and with it the sender, goes away with the pool.
            let mut exits: Vec<_> = exits.1.iter().collect();
            exits.sort_by_key(|exit| exit.0);
            let mut starts = starts.lock().unwrap().clone();
            starts.sort_by_key(|start| start.0);
            assert_eq!(starts, threads.into_iter().enumerate().collect::<Vec<_>>());
            assert_eq!(starts, exits);
        }
    });
}

/// A handler that panics has its payload handed to the panic handler, and the worker works all the same.
#[test]
fn panics_of_handlers_go_to_the_panic_handler() {
    watchdog(|_| {
        let (send, receive) = channel();
        let send = Mutex::new(send);
        let pool = ThreadPoolBuilder::new()
            .num_threads(3)
            .start_handler(|index| boom(index as u64))
            .exit_handler(|index| boom(10 + index as u64))
            .panic_handler(move |payload| {
                send.lock()
                    .unwrap()
                    .send(tag_of(payload).expect("ours"))
                    .expect("awaited")
            })
            .build()
            .expect("a pool");
        assert_eq!(on_each_worker(&pool, || 1), [1; 3]);
        drop(pool);
        let mut tags: Vec<_> = receive.iter().collect();
        tags.sort_unstable();
        assert_eq!(tags, [0, 1, 2, 10, 11, 12]);
    });
}

/// Panics that somebody waits for do not concern the panic handler.
#[test]
fn panic_handler_leaves_join_and_scope_alone() {
    watchdog(|_| {
        let called = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&called);
        let pool = ThreadPoolBuilder::new()
            .num_threads(2)
            .panic_handler(move |_| _ = count.fetch_add(1, Ordering::Relaxed))
            .build()
            .expect("a pool");
        for _ in 0..20 {
            assert_eq!(
                crate::common::caught(|| pool.join(|| (), || boom(1))),
                Err::<((), ()), _>(1)
            );
            assert_eq!(
                crate::common::caught(|| pool.install(|| scope(|s| s.spawn(|_| boom(2))))),
                Err(2)
            );
        }
        drop(pool);
        assert_eq!(called.load(Ordering::Relaxed), 0);
    });
}

/// No address space holds such a stack. That is an error with words, not a hang and not a panic.
#[test]
#[cfg_attr(miri, ignore = "an interpreter has no stacks of its own to run out of")]
fn absurd_stack_size_is_an_error() {
    watchdog(|_| {
        for workers in WIDTHS {
            let error = ThreadPoolBuilder::new()
                .num_threads(workers)
                .stack_size(usize::MAX / 64 * 63) // a process of 32 bits may well have three quarters in one piece
                .build()
                .expect_err("a stack of that size");
            assert!(!error.to_string().is_empty());
            assert!(!format!("{error:?}").is_empty());
            // It has a cause to show, or it tells the cause itself.
            assert!(error.source().is_some() || error.to_string().len() > 10);
        }
    });
}

#[test]
fn builder_is_printed_and_defaulted() {
    let builder = ThreadPoolBuilder::default()
        .num_threads(3)
        .thread_name(|_| String::new());
    assert!(format!("{builder:?}").contains("ThreadPoolBuilder"));
}
