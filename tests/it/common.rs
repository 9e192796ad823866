//! What most tests need: pools of several widths, random numbers that a seed brings back, and panics that do not print.

use std::any::Any;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use lyocell::{ThreadPool, ThreadPoolBuilder};

pub(crate) use crate::watchdog::{Note, watchdog};

/// One worker has nobody to steal from, two are a pair, three make a victim a choice, eight are more than most machines' cores
/// in a test run.
pub(crate) const WIDTHS: [usize; 4] = [1, 2, 3, 8];

/// `usual`, or `small` where an interpreter would take too long.
pub(crate) const fn sized(usual: usize, small: usize) -> usize {
    if cfg!(miri) { small } else { usual }
}

/// Whether programs are far slower than usual, under emulators and sanitizers: `LYOCELL_TEST_SLOW` says so.
pub(crate) fn is_slow() -> bool {
    std::env::var_os("LYOCELL_TEST_SLOW").is_some()
}

/// [`sized`], or `slow` where programs are far slower: for tests that try all there is of something.
pub(crate) fn sized_or_slow(usual: usize, slow: usize, small: usize) -> usize {
    sized(if is_slow() { slow } else { usual }, small)
}

/// Callers take part, as they do in the global pool: more can go wrong so.
pub(crate) fn pool(workers: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(workers)
        .caller_participates(true)
        .build()
        .expect("a pool")
}

/// Runs `test` on a fresh pool of each width, under the watchdog.
#[track_caller]
pub(crate) fn with_pools(test: impl Fn(&ThreadPool, usize)) {
    watch_pools(&test);
}

#[track_caller]
fn watch_pools(test: &dyn Fn(&ThreadPool, usize)) {
    watchdog(|_| {
        for width in WIDTHS {
            let _note = Note(format!("a pool of {width}"));
            test(&pool(width), width);
        }
    });
}

/// As [`with_pools`], with the pool in an `Arc` so that threads of their own can share it.
#[track_caller]
pub(crate) fn with_shared_pools(test: impl Fn(Arc<ThreadPool>, usize)) {
    watchdog(|_| {
        for width in WIDTHS {
            let _note = Note(format!("a pool of {width}"));
            test(Arc::new(pool(width)), width);
        }
    });
}

/// `pool.install` for checks of many types, built once.
pub(crate) fn inside(pool: &ThreadPool, test: &(dyn Fn() + Sync)) {
    pool.install(test);
}

/// SplitMix64: the numbers after a seed stay the same for ever, so that a seed from an old report still means something.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Gives way to others until somebody has raised the flag.
pub(crate) fn wait_for(flag: &AtomicBool) {
    while !flag.load(SeqCst) {
        thread::yield_now();
    }
}

/// Small numbers in no order, many of them more than once.
pub(crate) fn numbers(len: usize) -> Vec<u64> {
    let mut random = Random(len as u64);
    (0..len).map(|_| random.below(64)).collect()
}

/// The payload of the tests' own panics. It is not a string, so nobody can have made it up on the way.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Boom(pub(crate) u64);

/// Panics without a message on stderr.
pub(crate) fn boom(tag: u64) -> ! {
    resume_unwind(Box::new(Boom(tag)))
}

/// What `f` came to: its value, or the tag of the [`Boom`] it panicked with. Any other panic goes on.
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, u64> {
    catch_unwind(AssertUnwindSafe(f))
        .map_err(|payload| tag_of(payload).unwrap_or_else(|other| resume_unwind(other)))
}

/// The tag, if the payload is a [`Boom`].
pub(crate) fn tag_of(payload: Box<dyn Any + Send>) -> Result<u64, Box<dyn Any + Send>> {
    payload.downcast::<Boom>().map(|boom| boom.0)
}

/// A naive parallel `fib`: a tree of joins whose leaves do nothing, so that forks are all there is.
pub(crate) fn fib(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = lyocell::join(|| fib(n - 1), || fib(n - 2));
    a + b
}

/// A key that is equal to others with the same number, and yet shows which one it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tagged(pub(crate) u64, pub(crate) usize);

impl PartialEq for Tagged {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Tagged {}

impl PartialOrd for Tagged {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tagged {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl Hash for Tagged {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
