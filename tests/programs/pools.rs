//! Threads from outside that call, feed, replace and drop a handful of pools. Each job is entered into a book when it is made and when
//! it has run, and at the end both columns agree.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use super::Program;
use crate::common::{boom, caught, fib, tag_of};

/// How many jobs were made, how many have run, and how many panics went which way.
#[derive(Default)]
struct Book {
    made: AtomicU64,
    run: AtomicU64,
    boomed: AtomicU64,
    caught: AtomicU64,
}

impl Book {
    /// A job, to be run once.
    fn job(self: &Arc<Self>) -> impl Fn() + Send + Sync + 'static {
        self.jobs(1)
    }

    /// As many jobs in one closure.
    fn jobs(self: &Arc<Self>, count: u64) -> impl Fn() + Send + Sync + 'static {
        self.made.fetch_add(count, Relaxed);
        let book = Arc::clone(self);
        move || _ = book.run.fetch_add(1, Relaxed)
    }
}

fn new_pool(program: &mut Program<'_>, book: &Arc<Book>) -> Arc<ThreadPool> {
    let book = Arc::clone(book);
    let mut builder = ThreadPoolBuilder::new()
        .num_threads(1 + program.below(4))
        .panic_handler(move |payload| {
            assert!(tag_of(payload).is_ok());
            book.caught.fetch_add(1, Relaxed);
        });
    let ways = program.byte();
    if ways & 1 != 0 {
        builder = builder.caller_participates(false);
    }
    #[allow(deprecated)]
    if ways & 14 == 14 {
        builder = builder.breadth_first();
    }
    Arc::new(builder.build().expect("a pool"))
}

/// What one thread does.
fn caller(mut program: Program<'_>, book: &Arc<Book>, pools: &[Mutex<Arc<ThreadPool>>]) {
    let mut calls = 0;
    while !program.is_over() && calls < 60 {
        calls += 1;
        let verb = program.below(16);
        let place = &pools[program.below(pools.len())];
        let pool = Arc::clone(&place.lock().unwrap());
        let width = pool.current_num_threads() as u64;
        let some = program.below(8) as u64;
        match verb {
            0 => {
                let job = book.job();
                pool.install(|| {
                    job();
                    assert_eq!(fib(some as u32), [0, 1, 1, 2, 3, 5, 8, 13][some as usize]);
                });
            }
            1 => (0..some).for_each(|_| pool.spawn(book.job())),
            2 => (0..some).for_each(|_| pool.spawn_fifo(book.job())),
            3 => assert_eq!(pool.broadcast(|_| 1).len() as u64, width),
            4 => {
                let job = book.jobs(width);
                pool.spawn_broadcast(move |_| job());
            }
            5 => pool.scope(|s| {
                for _ in 0..some {
                    let (job, inner) = (book.job(), book.job());
                    s.spawn(move |s| {
                        job();
                        s.spawn(move |_| inner());
                    });
                }
            }),
            6 => pool.in_place_scope(|s| {
                for _ in 0..some {
                    let job = book.job();
                    s.spawn(move |_| job());
                }
                let job = book.jobs(width);
                s.spawn_broadcast(move |_, _| job());
            }),
            7 => {
                let job = book.job();
                book.boomed.fetch_add(1, Relaxed);
                pool.spawn(move || {
                    job();
                    boom(1);
                });
            }
            8 => {
                let job = book.job();
                let outcome = caught(|| {
                    pool.scope(|s| {
                        s.spawn(move |_| {
                            job();
                            boom(2)
                        })
                    })
                });
                assert_eq!(outcome, Err(2));
            }
            9 => assert_eq!(caught(|| pool.install(|| boom(3))), Err::<(), _>(3)),
            10 => {
                // A job that leaves more of them behind.
                let (job, inner) = (book.job(), book.job());
                pool.spawn(move || {
                    job();
                    lyocell::spawn(inner);
                });
            }
            11 => {
                let items: VecDeque<u64> = (0..50 * some).collect();
                let sum: u64 = pool.install(|| items.into_par_iter().sum());
                assert_eq!(sum, (0..50 * some).sum());
            }
            12 => {
                // The last of its callers drops the old one, perhaps with jobs still under way.
                let new = new_pool(&mut program, book);
                let old = std::mem::replace(&mut *place.lock().unwrap(), new);
                drop(old);
            }
            13 => {
                let new = new_pool(&mut program, book);
                (0..some).for_each(|_| new.spawn(book.job()));
                if program.byte() & 1 == 0 {
                    Arc::into_inner(new).expect("nobody else has it").shutdown();
                }
            }
            14 => {
                let other = Arc::clone(&pools[some as usize % pools.len()].lock().unwrap());
                let job = book.job();
                assert_eq!(
                    pool.install(|| {
                        job();
                        other.install(|| fib(5))
                    }),
                    5
                );
            }
            _ => thread::yield_now(),
        }
    }
}

pub(super) fn run(mut program: Program<'_>) {
    let book = Arc::new(Book::default());
    let pools: Vec<_> = (0..1 + program.below(3))
        .map(|_| Mutex::new(new_pool(&mut program, &book)))
        .collect();
    let callers = 1 + program.below(3);
    let share = program.0.len().div_ceil(callers).min(240);
    thread::scope(|threads| {
        for _ in 0..callers {
            let part = program.part(share);
            let (book, pools) = (&book, &pools);
            threads.spawn(move || caller(part, book, pools));
        }
    });
    // Waits for everything that was spawned.
    drop(pools);
    assert_eq!(book.made.load(Relaxed), book.run.load(Relaxed));
    assert_eq!(book.boomed.load(Relaxed), book.caught.load(Relaxed));
}
