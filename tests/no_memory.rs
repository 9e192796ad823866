//! No memory for a deque to grow: what is forked runs at once, what is spawned goes where jobs from outside go, and nothing is lost.
//!
//! The allocator is this process's own. While it is told to, it refuses what is large, a ring of 128 jobs and more; or all that one thread
//! asks for. Whoever could not bear that would abort.
#![allow(unsafe_code)]

#[path = "it/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "it/watchdog.rs"]
mod watchdog;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use common::{boom, caught, pool};
use lyocell::prelude::*;
use lyocell::{join, scope, scope_fifo};
use watchdog::watchdog;

/// Below the second ring of a deque, above what the pool's other queues ask for at a time.
const LARGE: usize = 3000;

/// How often what is large will be refused.
static REFUSALS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread gets nothing at all, however small.
    static IS_STARVING: Cell<bool> = const { Cell::new(false) };
}

static REFUSED: AtomicUsize = AtomicUsize::new(0);
/// How many large pieces are in use.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

struct Stingy;

// SAFETY: all is the system's, but for what is refused, which any allocator may do.
unsafe impl GlobalAlloc for Stingy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let is_one_less = || REFUSALS.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if IS_STARVING.get() || layout.size() >= LARGE && is_one_less().is_ok() {
            REFUSED.fetch_add(1, Relaxed);
            return ptr::null_mut();
        }
        IN_USE.fetch_add(usize::from(layout.size() >= LARGE), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(usize::from(layout.size() >= LARGE), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Stingy = Stingy;

/// Runs `work` without memory, and tells how often that was noticed.
fn without_memory<R>(work: impl FnOnce() -> R) -> (R, usize) {
    refusing(usize::MAX, work)
}

/// Runs `work`, which is refused memory so many times, and then no more; and tells how often that was noticed.
fn refusing<R>(times: usize, work: impl FnOnce() -> R) -> (R, usize) {
    REFUSED.store(0, Relaxed);
    REFUSALS.store(times, Relaxed);
    let result = work();
    REFUSALS.store(0, Relaxed);
    (result, REFUSED.load(Relaxed))
}

/// As [`without_memory`], for this thread alone, and in earnest.
fn starving<R>(work: impl FnOnce() -> R) -> (R, usize) {
    REFUSED.store(0, Relaxed);
    IS_STARVING.set(true);
    let result = work();
    IS_STARVING.set(false);
    (result, REFUSED.load(Relaxed))
}

/// Leaves `depth` forks on the deque on its way down. One leaf panics, if it is told to.
fn spine(depth: u64, leaves: &AtomicUsize, fatal: Option<u64>) -> u64 {
    if depth == 0 {
        return 0;
    }
    let leaf = || {
        leaves.fetch_add(1, Relaxed);
        if fatal == Some(depth) {
            boom(depth);
        }
        depth
    };
    let (below, leaf) = join(|| spine(depth - 1, leaves, fatal), leaf);
    below + leaf
}

/// So many forks one within the other, with `work` at their end.
fn within_forks(depth: usize, work: &(dyn Fn() + Sync)) {
    if depth == 0 {
        return work();
    }
    join(|| within_forks(depth - 1, work), || ());
}

/// A part of a loop that is refused runs at once. It has parts itself, for which there is memory again, and whose items spawn: all of that is left on
/// the deque where the part would have been.
fn refused_once(width: usize) {
    const ITEMS: usize = 256;
    let small = pool(width);
    for depth in 58..66 {
        let runs: Vec<AtomicUsize> = (0..ITEMS).map(|_| AtomicUsize::new(0)).collect();
        let spawned = Arc::new(AtomicUsize::new(0));
        let work = || {
            let items: Vec<Vec<usize>> = (0..ITEMS).map(|item| vec![item; 4]).collect();
            let items = items.into_par_iter().with_max_len(1);
            refusing(1, || {
                items.for_each(|item| {
                    assert!(item.iter().all(|number| *number == item[0]));
                    runs[item[0]].fetch_add(1, Relaxed);
                    let spawned = Arc::clone(&spawned);
                    lyocell::spawn(move || _ = spawned.fetch_add(1, Relaxed));
                });
            });
        };
        small.install(|| within_forks(depth, &work));
        assert!(runs.into_iter().all(|runs| runs.into_inner() == 1));
        // Those of an earlier round may still be under way, but none is lost.
        while Arc::strong_count(&spawned) > 1 {
            std::thread::yield_now();
        }
        assert_eq!(spawned.load(Relaxed), ITEMS);
    }
    small.shutdown();
}

/// One test, since what it does holds for the whole process.
#[test]
fn nothing_is_lost() {
    const DEPTH: u64 = 300;
    watchdog(|_| {
        for width in [1, 2, 3] {
            refused_once(width);
            // A deque that has grown stays so: a pool for each.
            let before = IN_USE.load(Relaxed);
            let small = pool(width);
            // First, since the list of the rings that were outgrown keeps the little that it once got.
            let leaves = AtomicUsize::new(0);
            let (sum, refused) = small.install(|| starving(|| spine(DEPTH, &leaves, None)));
            assert_eq!(sum, DEPTH * (DEPTH + 1) / 2);
            assert_eq!(leaves.into_inner() as u64, DEPTH);
            assert!(refused > 0 || width > 1);

            let leaves = AtomicUsize::new(0);
            let (sum, refused) = small.install(|| without_memory(|| spine(DEPTH, &leaves, None)));
            assert_eq!(sum, DEPTH * (DEPTH + 1) / 2);
            assert_eq!(leaves.into_inner() as u64, DEPTH);
            // Beside thieves it may happen that the ring never was full.
            assert!(refused > 0 || width > 1);

            for fatal in [1, 100, 290] {
                let leaves = AtomicUsize::new(0);
                let spine = || spine(DEPTH, &leaves, Some(fatal));
                let (outcome, _) = small.install(|| without_memory(|| caught(spine)));
                assert_eq!(outcome, Err(fatal));
            }

            let jobs = AtomicUsize::new(0);
            let count = || _ = jobs.fetch_add(1, Relaxed);
            let ((), refused) = small.install(|| {
                without_memory(|| {
                    scope(|s| (0..500).for_each(|_| s.spawn(|_| count())));
                    // A line of jobs grows as any vector does, so this one stays short.
                    scope_fifo(|s| (0..50).for_each(|_| s.spawn_fifo(|_| count())));
                    (0..500)
                        .into_par_iter()
                        .with_max_len(1)
                        .for_each(|_| count());
                })
            });
            assert_eq!(jobs.into_inner(), 1050);
            assert!(refused > 0 || width > 1);

            // And with memory it grows.
            let leaves = AtomicUsize::new(0);
            assert_eq!(small.install(|| spine(1000, &leaves, None)), 500_500);
            // All rings that were outgrown go with their deque.
            let while_it_is_there = IN_USE.load(Relaxed);
            small.shutdown();
            let rings = while_it_is_there - IN_USE.load(Relaxed);
            assert!(rings > 0 || width > 1);
            assert_eq!(IN_USE.load(Relaxed), before);
        }
    });
}
