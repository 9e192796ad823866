//! Everything at once, at random, for as long as `LYOCELL_SOAK_SECONDS` says (3 by default): trees of forks, scopes, spawns, broadcasts,
//! chains of iterators, panics, also of start handlers, nested pools, pools dropped in the midst, callers from outside that come and
//! end, isolated regions, signals that interrupt, on pools of 1 to 64 workers. Each job is entered into a book when it is made and when
//! it has run, and at the end both columns agree.
//!
//! `checks/soak` runs it while the process is stopped and continued, and while something else keeps the processors busy.

#[path = "it/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "soak/system.rs"]
mod system;
#[path = "it/watchdog.rs"]
mod watchdog;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::{Random, boom, caught, fib, tag_of};
use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder, isolate, join, join_context};
use watchdog::watchdog;

/// How many jobs were made, and how many have run.
#[derive(Default)]
struct Book {
    made: AtomicU64,
    run: AtomicU64,
    /// What panic handlers were given.
    panics: AtomicU64,
    /// Sides of forks that ran on another thread.
    steals: AtomicU64,
    pools: AtomicU64,
    threads: AtomicU64,
}

impl Book {
    fn make(&self, jobs: u64) {
        self.made.fetch_add(jobs, Relaxed);
    }

    fn run(&self) {
        self.run.fetch_add(1, Relaxed);
    }
}

fn seconds() -> Duration {
    let seconds = std::env::var("LYOCELL_SOAK_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(3))
}

fn random_pool(random: &mut Random, book: &Arc<Book>) -> ThreadPool {
    let widths = [1, 1, 2, 2, 3, 4, 7, 16, 64];
    let book = Arc::clone(book);
    book.pools.fetch_add(1, Relaxed);
    let mut builder = ThreadPoolBuilder::new()
        .num_threads(widths[random.below(widths.len() as u64) as usize])
        .panic_handler(move |payload| {
            assert!(tag_of(payload).is_ok());
            book.panics.fetch_add(1, Relaxed);
        });
    builder = builder.caller_participates(random.below(4) > 0);
    if random.below(4) == 0 {
        builder = builder.stack_size(256 << 10);
    }
    if random.below(8) == 0 {
        builder = builder.start_handler(|_| boom(4));
    }
    #[allow(deprecated)]
    if random.below(8) == 0 {
        builder = builder.breadth_first();
    }
    builder.build().expect("a pool")
}

/// A tree of all verbs, grown while it runs. Gives the number of its leaves. It goes over to `pool`, but not from within an isolated
/// region: two pools whose threads call each other from there may wait for each other for ever.
fn tree(book: &Arc<Book>, pool: Option<&ThreadPool>, mut random: Random, depth: u32) -> u64 {
    if depth == 0 {
        book.make(1);
        book.run();
        return 1;
    }
    let seed = random.next();
    let child_with = |pool, index: u64| {
        let random = Random(seed ^ (index + 1).wrapping_mul(0x9E37_79B9));
        tree(book, pool, random, depth - 1)
    };
    let child = |index| child_with(pool, index);
    let total = AtomicU64::new(0);
    let count = |leaves: u64| _ = total.fetch_add(leaves, Relaxed);
    match random.below(14) {
        0..4 => {
            let (left, right) = join_context(
                |_| child(0),
                |context| {
                    book.steals.fetch_add(context.migrated().into(), Relaxed);
                    child(1)
                },
            );
            count(left + right);
        }
        4 => lyocell::scope(|s| {
            for index in 0..random.below(4) {
                let count = &count;
                let child = &child;
                s.spawn(move |s| {
                    count(child(2 * index));
                    s.spawn(move |_| count(child(2 * index + 1)));
                });
            }
        }),
        5 => lyocell::scope_fifo(|s| {
            for index in 0..random.below(4) {
                let (count, child) = (&count, &child);
                s.spawn_fifo(move |_| count(child(index)));
            }
        }),
        6 => count(isolate(|| {
            let (left, right) = join(|| child_with(None, 0), || child_with(None, 1));
            left + right
        })),
        7 => count(
            (0..random.below(6) as usize)
                .into_par_iter()
                .with_max_len(1)
                .map(|index| child(index as u64))
                .sum(),
        ),
        8 => {
            let sides = caught(|| join(|| child(0), || boom(1)));
            assert_eq!(sides.err(), Some(1));
            let sides = caught(|| lyocell::scope(|s| s.spawn(|_| boom(2))));
            assert_eq!(sides.err(), Some(2));
        }
        9 => {
            count(match pool {
                Some(other) => other.install(|| child_with(None, 0)),
                None => child(0),
            });
        }
        10 => {
            book.make(1);
            let book = Arc::clone(book);
            lyocell::spawn(move || book.run());
        }
        11 if depth < 3 => {
            let width = lyocell::current_num_threads() as u64;
            book.make(width);
            let book = Arc::clone(book);
            lyocell::spawn_broadcast(move |_| book.run());
        }
        12 => {
            let mut numbers: Vec<u64> = (0..random.below(3000)).map(|_| random.below(99)).collect();
            numbers.par_sort_unstable();
            assert!(numbers.is_sorted());
            let odd: Vec<u64> = numbers.par_iter().copied().filter(|n| n % 2 == 1).collect();
            assert!(odd.is_sorted());
        }
        _ => count(fib(6)),
    }
    total.into_inner()
}

/// What one caller from outside does with the pools until the time is over.
fn caller(book: &Arc<Book>, pools: &Mutex<Vec<Arc<ThreadPool>>>, seed: u64, end: Instant) -> u64 {
    let mut random = Random(seed);
    let mut calls = 0;
    while Instant::now() < end {
        calls += 1;
        let (pool, other) = {
            let mut pools = pools.lock().unwrap();
            if random.below(40) == 0 {
                // The last of its callers drops it, perhaps with jobs still under way.
                let place = random.below(pools.len() as u64) as usize;
                pools[place] = Arc::new(random_pool(&mut random, book));
            }
            let mut pick = || Arc::clone(&pools[random.below(pools.len() as u64) as usize]);
            (pick(), pick())
        };
        let seed = Random(random.next());
        match random.below(8) {
            0 => {
                let width = pool.current_num_threads() as u64;
                book.make(width);
                let calls = pool.broadcast(|_| book.run());
                assert_eq!(calls.len() as u64, width);
            }
            1 => {
                let (sender, receiver) = mpsc::channel::<()>();
                let jobs = random.below(20);
                book.make(jobs);
                for job in 0..jobs {
                    let (book, sender) = (Arc::clone(book), sender.clone());
                    pool.spawn(move || {
                        book.run();
                        drop(sender);
                        if job == 13 {
                            boom(13);
                        }
                    });
                }
                drop(sender);
                assert!(receiver.recv().is_err());
            }
            2 => {
                // Dropped at once.
                let pool = random_pool(&mut random, book);
                book.make(3);
                for _ in 0..3 {
                    let book = Arc::clone(book);
                    pool.spawn(move || book.run());
                }
            }
            3 => {
                let made = random.below(5);
                book.make(made);
                pool.in_place_scope(|s| (0..made).for_each(|_| s.spawn(|_| book.run())));
            }
            4 => thread::sleep(Duration::from_micros(random.below(300))),
            5 if random.below(4) == 0 => {
                // A thread that calls once, and ends.
                book.threads.fetch_add(1, Relaxed);
                let guest = || pool.install(|| tree(book, None, seed, 4));
                thread::scope(|threads| threads.spawn(guest).join().unwrap());
            }
            _ => _ = pool.install(|| tree(book, Some(&other), seed, 6)),
        }
    }
    calls
}

#[test]
fn soak() {
    watchdog(|seed| {
        let book = Arc::new(Book::default());
        let mut random = Random(seed);
        let pools: Vec<_> = (0..4)
            .map(|_| Arc::new(random_pool(&mut random, &book)))
            .collect();
        let pools = Mutex::new(pools);
        let end = Instant::now() + seconds();
        let is_over = AtomicBool::new(false);
        let calls: u64 = thread::scope(|threads| {
            threads.spawn(|| system::interrupt_until(&is_over));
            let callers: Vec<_> = (0..6)
                .map(|index| {
                    let (book, pools) = (&book, &pools);
                    threads.spawn(move || caller(book, pools, seed ^ index, end))
                })
                .collect();
            let calls = callers.into_iter().map(|caller| caller.join());
            // Whatever came of them: the interrupter waits for this.
            let calls: Vec<_> = calls.collect();
            is_over.store(true, Relaxed);
            calls
                .into_iter()
                .map(|calls| calls.expect("no caller panics"))
                .sum()
        });
        // Waits for everything that was spawned.
        drop(pools);
        let (made, run) = (book.made.load(Relaxed), book.run.load(Relaxed));
        println!(
            "soak: seed {seed}, {calls} calls, {run} of {made} jobs done, {} forks stolen, {} times a thread slept and woke; {} pools, \
             {} panics caught by one, {} callers ended, {} signals",
            book.steals.load(Relaxed),
            system::wakes(),
            book.pools.load(Relaxed),
            book.panics.load(Relaxed),
            book.threads.load(Relaxed),
            system::signals(),
        );
        assert_eq!(made, run);
    });
}
