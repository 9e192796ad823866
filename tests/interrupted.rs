//! What the system does to threads that wait: it interrupts them with signals, over and over, and it has one processor for them all.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

#[path = "it/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "soak/system.rs"]
#[allow(dead_code)]
mod system;
#[path = "it/watchdog.rs"]
mod watchdog;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{mem, panic, thread};

use common::{fib, pool};
use lyocell::prelude::*;
use watchdog::watchdog;

/// Some of everything that makes workers wait and wake: calls from outside after a rest, forks, jobs that come too late.
fn rounds(width: usize, count: usize) {
    let pool = pool(width);
    let done = AtomicUsize::new(0);
    for round in 0..count {
        assert_eq!(pool.install(|| fib(8)), 21);
        pool.in_place_scope(|s| {
            for _ in 0..5 {
                s.spawn(|_| {
                    thread::sleep(Duration::from_micros(50 * (round % 7) as u64));
                    done.fetch_add(1, Relaxed);
                });
            }
        });
        assert_eq!(pool.broadcast(|context| context.index()).len(), width);
        let sum: usize = pool.install(|| (0..1000).into_par_iter().with_max_len(10).sum());
        assert_eq!(sum, 499_500);
        thread::sleep(Duration::from_micros(100 * (round % 5) as u64));
    }
    assert_eq!(done.into_inner(), 5 * count);
}

#[test]
fn by_signals() {
    watchdog(|_| {
        let is_over = AtomicBool::new(false);
        thread::scope(|threads| {
            let outcome = {
                threads.spawn(|| system::interrupt_until(&is_over));
                panic::catch_unwind(|| [1, 2, 4].into_iter().for_each(|width| rounds(width, 60)))
            };
            is_over.store(true, Relaxed);
            assert!(outcome.is_ok());
        });
        assert!(system::signals() > 100);
    });
}

/// A thread's processors are handed down to the threads that it starts.
#[test]
fn by_each_other_on_one_processor() {
    watchdog(|_| {
        // SAFETY: zeros are a valid set, the empty one.
        let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
        // SAFETY: the call writes to the set only.
        let failed = unsafe { libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) };
        assert_eq!(failed, 0);
        // SAFETY: the index is in range.
        let first = (0..1024).find(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) });
        // SAFETY: as above.
        let mut one: libc::cpu_set_t = unsafe { mem::zeroed() };
        // SAFETY: the index is in range.
        unsafe { libc::CPU_SET(first.expect("this thread runs somewhere"), &mut one) };
        // SAFETY: the call reads the set only.
        let failed = unsafe { libc::sched_setaffinity(0, size_of_val(&one), &raw const one) };
        assert_eq!(failed, 0);
        for width in [1, 2, 4, 16] {
            rounds(width, 20);
        }
    });
}
