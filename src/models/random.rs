//! Whole pools, as their users see them: their threads are scheduled one step at a time, as shuttle draws it.
//!
//! What loom can't go through, having too many interleavings by far, is tried here at random: by plain chance, by the *probabilistic
//! concurrency testing* of Burckhardt, Kothari, Musuvathi and Nagarakatte (ASPLOS 2010), which spends few preemptions at well-spread
//! places, and by walks that draw each interleaving about as often as any other. Time is drawn, too ([`clock`](crate::clock)), so a
//! loop takes every way that its pace may send it.
//!
//! shuttle takes every access for a sequentially consistent one. So this finds steps that are missing or in the wrong order, and no ordering
//! that is too weak: those are for loom.
//!
//! | variable             | says |
//! |----------------------|------|
//! | `LYOCELL_SCHEDULES`  | how many schedules of each kind are drawn for each model |
//! | `LYOCELL_SCHEDULE`   | the one to be followed, as a failing run has printed it; name the model, too |
//! | `SHUTTLE_RANDOM_SEED`| where the drawing begins |

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, ReplayScheduler, Scheduler, UrwRandomScheduler,
};
use shuttle::sync::{Arc, Barrier, Mutex};
use shuttle::{Config, MaxSteps, Runner, thread};

use super::twins;
use crate::prelude::*;
use crate::{Scope, ThreadPool, ThreadPoolBuilder};

/// The schedules of each kind, unless the environment says otherwise.
const SCHEDULES: usize = 100;

/// Draws schedules of a model, or follows the one that is given.
fn draw(model: fn()) {
    fn run(scheduler: impl Scheduler + 'static, model: fn()) -> usize {
        let mut config = Config::new();
        config.stack_size = 1 << 20; // unoptimised frames are large
        config.silence_warnings = true;
        config.max_steps = MaxSteps::FailAfter(200_000); // many times of what any of them takes
        Runner::new(scheduler, config).run(model)
    }
    if let Ok(schedule) = std::env::var("LYOCELL_SCHEDULE") {
        run(ReplayScheduler::new_from_encoded(&schedule), model);
        return;
    }
    let schedules = std::env::var("LYOCELL_SCHEDULES").map_or(SCHEDULES, |schedules| {
        schedules.parse().expect("a number of schedules")
    });
    let drawn = run(RandomScheduler::new(schedules), model)
        + run(PctScheduler::new(3, schedules), model)
        + run(UrwRandomScheduler::new(schedules), model);
    println!("drawn: {drawn} schedules");
}

/// Counts what was made, run and dropped.
#[derive(Default)]
struct Ledger {
    made: AtomicUsize,
    run: AtomicUsize,
    dropped: AtomicUsize,
}

/// What each closure holds.
struct Token(Arc<Ledger>);

impl Ledger {
    fn token(self: &Arc<Self>) -> Token {
        self.made.fetch_add(1, Relaxed);
        Token(Arc::clone(self))
    }

    /// All that was made was dropped once. Call when the pools are gone.
    fn settle(&self) {
        assert_eq!(self.made.load(Relaxed), self.dropped.load(Relaxed));
    }

    /// And it has run.
    fn settle_all_run(&self) {
        self.settle();
        assert_eq!(self.made.load(Relaxed), self.run.load(Relaxed));
    }
}

impl Token {
    fn run(self) {
        self.0.run.fetch_add(1, Relaxed);
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Relaxed);
    }
}

fn ledger() -> Arc<Ledger> {
    Arc::default()
}

fn chance(of: u32) -> bool {
    thread_rng().gen_ratio(1, of)
}

fn up_to(most: usize) -> usize {
    thread_rng().gen_range(1..=most)
}

/// One of so many, or none.
fn perhaps(of: usize) -> Option<usize> {
    chance(3).then(|| up_to(of) - 1)
}

/// Lets the threads of a pool fall asleep now and then, or none would ever be found so.
fn rest() {
    if chance(2) {
        (0..50).for_each(|_| thread::yield_now());
    }
}

/// A pool of so many threads, with or without guests.
fn pool_of(width: usize) -> ThreadPool {
    let builder = ThreadPoolBuilder::new().num_threads(width);
    let builder = builder.caller_participates(chance(2));
    let pool = builder.build().expect("a pool");
    rest();
    pool
}

/// A pool of up to so many threads.
fn pool(most: usize) -> ThreadPool {
    pool_of(up_to(most))
}

/// Ends a pool in one way or the other.
fn end(pool: ThreadPool) {
    if chance(2) {
        pool.shutdown();
    }
}

/// Panics without a report, which would say that the model has failed.
fn fail(payload: usize) -> ! {
    resume_unwind(Box::new(payload))
}

fn fail_at(place: usize, fatal: Option<usize>) {
    if fatal == Some(place) {
        fail(place);
    }
}

/// What `f` gives, or the payload of its panic.
fn caught<R>(f: impl FnOnce() -> R) -> Result<R, usize> {
    let number = |payload: Box<dyn Any + Send>| match payload.downcast() {
        Ok(number) => *number,
        Err(payload) => resume_unwind(payload),
    };
    catch_unwind(AssertUnwindSafe(f)).map_err(number)
}

/// Counts the leaves of a tree of joins, of which one may fail.
fn tree(height: usize, ledger: &Arc<Ledger>, fatal: Option<usize>, leaf: usize) -> usize {
    if height == 0 {
        fail_at(leaf, fatal);
        return 1;
    }
    let (left, right) = (ledger.token(), ledger.token());
    let below = |token: Token, leaf| {
        token.run();
        tree(height - 1, ledger, fatal, leaf)
    };
    let (left, right) = crate::join(|| below(left, 2 * leaf), || below(right, 2 * leaf + 1));
    left + right
}

/// A tree of joins, called from outside.
#[test]
fn joins() {
    draw(|| {
        let (pool, ledger) = (pool(4), ledger());
        let fatal = perhaps(8);
        match caught(|| pool.install(|| tree(3, &ledger, fatal, 0))) {
            Ok(leaves) => assert_eq!((leaves, fatal), (8, None)),
            Err(leaf) => assert_eq!(fatal, Some(leaf)),
        }
        end(pool);
        ledger.settle();
        if fatal.is_none() {
            ledger.settle_all_run();
        }
    });
}

/// Jobs of a scope that spawn some more, in the pool or from outside of it. All of them run, whichever fails.
#[test]
fn scopes() {
    fn body<'s>(s: &Scope<'s>, ledger: &'s Arc<Ledger>, fatal: Option<usize>, width: usize) {
        for job in 0..2 {
            let token = ledger.token();
            s.spawn(move |s| {
                let child = ledger.token();
                s.spawn(move |_| {
                    child.run();
                    fail_at(2 + job, fatal);
                });
                token.run();
                fail_at(job, fatal);
            });
        }
        if chance(3) {
            let tokens: Vec<_> = (0..width)
                .map(|_| Mutex::new(Some(ledger.token())))
                .collect();
            s.spawn_broadcast(move |_, context| {
                let token = tokens[context.index()].lock().unwrap().take();
                token.expect("once on each thread").run();
            });
        }
        fail_at(4, fatal);
    }
    draw(|| {
        let (pool, ledger) = (pool(3), ledger());
        let (fatal, width) = (perhaps(5), pool.current_num_threads());
        let result = caught(|| {
            if chance(2) {
                pool.scope(|s| body(s, &ledger, fatal, width));
            } else {
                pool.in_place_scope(|s| body(s, &ledger, fatal, width));
            }
        });
        assert_eq!(result.err(), fatal);
        end(pool);
        ledger.settle_all_run();
    });
}

/// Detached jobs, and their own, while the pool is dropped. Panics go to the handler.
#[test]
fn detached() {
    draw(|| {
        let (ledger, width, fatal) = (ledger(), up_to(3), perhaps(6));
        let heard = Arc::new(Mutex::new(None));
        let hears = Arc::clone(&heard);
        let (begins, ends) = (ledger.token(), Arc::clone(&ledger));
        let pool = ThreadPoolBuilder::new()
            .num_threads(width)
            .panic_handler(move |payload| {
                let fatal = *payload.downcast::<usize>().expect("its own payload");
                assert!(hears.lock().unwrap().replace(fatal).is_none());
            })
            .start_handler(move |_| _ = begins.0.token().run())
            .exit_handler(move |_| ends.token().run())
            .build()
            .expect("a pool");
        for job in 0..3 {
            let token = ledger.token();
            let job = move || {
                let child = token.0.token();
                crate::spawn(move || {
                    child.run();
                    fail_at(3 + job, fatal);
                });
                token.run();
                fail_at(job, fatal);
            };
            if chance(2) {
                pool.spawn(job);
            } else {
                pool.spawn_fifo(job);
            }
        }
        end(pool);
        assert_eq!(heard.lock().unwrap().take(), fatal);
        ledger.settle();
        // But for the token that the start handler holds.
        assert_eq!(ledger.run.load(Relaxed), 6 + 2 * width);
    });
}

/// Two broadcasts in which all threads meet, called from outside or in the pool, and a detached one.
#[test]
fn broadcasts() {
    draw(|| {
        let (width, ledger) = (up_to(3), ledger());
        let (pool, fatal) = (Arc::new(pool_of(width)), perhaps(width));
        let all_meet = move |pool: &ThreadPool, fatal| {
            let barrier = Barrier::new(width);
            let call = || {
                pool.broadcast(|context| {
                    barrier.wait();
                    fail_at(context.index(), fatal);
                    context.index()
                })
            };
            let result = caught(|| {
                if chance(2) {
                    pool.install(call)
                } else {
                    call()
                }
            });
            match result {
                Ok(indices) => assert!(indices.into_iter().eq(0..width) && fatal.is_none()),
                Err(index) => assert_eq!(fatal, Some(index)),
            }
        };
        let other = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || all_meet(&pool, None))
        };
        let token = ledger.token();
        pool.spawn_broadcast(move |_| token.0.token().run());
        all_meet(&pool, fatal);
        // A guest, perhaps, on whose seat there may be mail when it leaves.
        assert_eq!(pool.install(|| crate::join(|| 1, || 2)), (1, 2));
        other.join().expect("no panic");
        end(Arc::into_inner(pool).expect("the last handle"));
        ledger.settle();
        assert_eq!(ledger.run.load(Relaxed), width);
    });
}

/// Two calls from outside that broadcast from within, where what one waits for may lie below the other on a stack.
#[test]
fn broadcasts_within_calls() {
    draw(|| {
        let (pool, ledger) = (Arc::new(pool(3)), ledger());
        let call = |pool: &ThreadPool, ledger: &Arc<Ledger>| {
            let all = || crate::broadcast(|_| ledger.token().run()).len();
            let (_, width) = pool.install(|| crate::join(|| ledger.token().run(), all));
            assert_eq!(width, pool.current_num_threads());
        };
        let other = {
            let (pool, ledger) = (Arc::clone(&pool), Arc::clone(&ledger));
            thread::spawn(move || call(&pool, &ledger))
        };
        call(&pool, &ledger);
        other.join().expect("no panic");
        end(Arc::into_inner(pool).expect("the last handle"));
        ledger.settle_all_run();
    });
}

/// The same with a thread for each part: whoever waits for a part that broadcasts is needed by the other call's broadcast, in one pool
/// and across two.
#[test]
fn broadcasts_of_calls_that_meet() {
    draw(|| {
        let is_across = chance(2);
        let width = if is_across { 2 } else { 4 };
        // From which pool to which one.
        let ways = if is_across {
            [[0, 1], [1, 0]]
        } else {
            [[0, 0]; 2]
        };
        let pools = Arc::new([(); 2].map(|()| pool_of(width)));
        let (ledger, all_begin) = (ledger(), Arc::new(Barrier::new(4)));
        let call = move |pools: &[ThreadPool; 2],
                         way: [usize; 2],
                         ledger: &Arc<Ledger>,
                         meet: &Barrier| {
            let [here, there] = way.map(|pool| &pools[pool]);
            let all = || {
                meet.wait();
                there.broadcast(|_| ledger.token().run()).len()
            };
            let waits = || {
                meet.wait();
                ledger.token().run();
            };
            let (_, count) = here.install(|| crate::join(waits, all));
            assert_eq!(count, width);
        };
        let other = {
            let (pools, ledger) = (Arc::clone(&pools), Arc::clone(&ledger));
            let all_begin = Arc::clone(&all_begin);
            thread::spawn(move || call(&pools, ways[1], &ledger, &all_begin))
        };
        call(&pools, ways[0], &ledger, &all_begin);
        other.join().expect("no panic");
        let pools = Arc::into_inner(pools).expect("the last handles");
        pools.into_iter().for_each(end);
        ledger.settle_all_run();
    });
}

/// The same, where threads of one call take jobs of the other on top of what they do, but for those that are isolated. One isolates what
/// it broadcasts. (Two that did so would wait for each other.)
#[test]
fn broadcasts_on_top_of_calls() {
    draw(|| {
        let (pool, ledger) = (Arc::new(pool(3)), ledger());
        let has_isolated = Arc::new(AtomicBool::new(false));
        let call = |pool: &ThreadPool, ledger: &Arc<Ledger>, has_isolated: &AtomicBool| {
            let all = || crate::broadcast(|_| ledger.token().run()).len();
            let part = || match up_to(5) {
                1 => _ = crate::yield_now(),
                2 => _ = crate::yield_local(),
                3 => _ = crate::isolate(|| crate::join(crate::yield_now, crate::yield_now)),
                4 if !has_isolated.swap(true, Relaxed) => _ = crate::isolate(all),
                _ => _ = all(),
            };
            pool.install(|| crate::join(part, || crate::join(part, part)));
        };
        let other = {
            let (pool, ledger) = (Arc::clone(&pool), Arc::clone(&ledger));
            let has_isolated = Arc::clone(&has_isolated);
            thread::spawn(move || call(&pool, &ledger, &has_isolated))
        };
        call(&pool, &ledger, &has_isolated);
        other.join().expect("no panic");
        end(Arc::into_inner(pool).expect("the last handle"));
        ledger.settle_all_run();
    });
}

/// Loops, whose items may fail, and which end in various ways.
#[test]
fn loops() {
    draw(|| {
        let (pool, ledger, len) = (pool(3), ledger(), up_to(12));
        let (fatal, most) = (perhaps(len), up_to(4));
        let tokens: Vec<_> = (0..len).map(|_| ledger.token()).collect();
        let step = |(at, token): (usize, Token)| {
            token.run();
            fail_at(at, fatal);
            at
        };
        let result = caught(|| {
            pool.install(|| match up_to(4) {
                1 => {
                    let items = tokens.into_par_iter().enumerate().with_max_len(most);
                    let found: Vec<_> = items.map(step).collect();
                    assert!(found.into_iter().eq(0..len));
                }
                2 => {
                    let items = tokens.into_par_iter().enumerate().with_max_len(most);
                    let sum: usize = items.map(step).filter(|_| true).sum();
                    assert_eq!(sum, len * (len - 1) / 2);
                }
                3 => {
                    let items = tokens.into_iter().enumerate().par_bridge();
                    let most = items.map(step).reduce(|| 0, usize::max);
                    assert_eq!(most, len - 1);
                }
                _ => {
                    let items = tokens.into_par_iter().enumerate();
                    let last = items.map(step).find_last(|_| true);
                    assert_eq!(last, Some(len - 1));
                }
            })
        });
        match result {
            // A search may be over before it comes there.
            Ok(()) => {}
            Err(at) => assert_eq!(fatal, Some(at)),
        }
        end(pool);
        ledger.settle();
    });
}

/// So many jobs as there are threads, which wait for one another: each has to find its own thread.
#[test]
fn jobs_that_meet() {
    draw(|| {
        let (ledger, width) = (ledger(), up_to(4));
        let (pool, barrier) = (pool_of(width), Arc::new(Barrier::new(width)));
        let job = || {
            let (token, barrier) = (ledger.token(), Arc::clone(&barrier));
            move || {
                barrier.wait();
                token.run();
            }
        };
        match up_to(4) {
            // From outside.
            1 => (0..width).for_each(|_| pool.spawn(job())),
            // From one of the threads.
            2 => {
                let jobs: Vec<_> = (1..width).map(|_| job()).collect();
                let own = job();
                pool.spawn(move || {
                    jobs.into_iter().for_each(crate::spawn);
                    own();
                });
            }
            // From a scope.
            3 => pool.scope(|s| {
                for _ in 1..width {
                    let job = job();
                    s.spawn(move |_| job());
                }
                job()();
            }),
            // The items of a loop.
            _ => {
                let jobs: Vec<_> = (0..width).map(|_| job()).collect();
                pool.install(|| jobs.into_par_iter().with_max_len(1).for_each(|job| job()));
            }
        }
        end(pool);
        ledger.settle_all_run();
    });
}

/// Callers from outside, more of them than there are seats.
#[test]
fn guests() {
    draw(|| {
        let (ledger, width) = (ledger(), up_to(2));
        let builder = ThreadPoolBuilder::new().num_threads(width);
        let pool = builder.caller_participates(true).build().expect("a pool");
        let pool = Arc::new(pool);
        let call = move |pool: &ThreadPool, ledger: &Arc<Ledger>| {
            rest();
            match up_to(5) {
                1 => {
                    let fatal = perhaps(4);
                    let leaves = caught(|| pool.install(|| tree(2, ledger, fatal, 0)));
                    assert_eq!(leaves.err(), fatal);
                }
                2 => pool.scope(|s| {
                    let token = ledger.token();
                    s.spawn(|_| token.run());
                }),
                3 => {
                    let token = ledger.token();
                    pool.spawn(|| token.run());
                }
                4 => pool.install(|| {
                    let token = ledger.token();
                    crate::spawn(|| token.run());
                }),
                _ => assert_eq!(pool.broadcast(|context| context.index()).len(), width),
            }
        };
        let others = [(); 2].map(|()| {
            let (pool, ledger) = (Arc::clone(&pool), Arc::clone(&ledger));
            thread::spawn(move || call(&pool, &ledger))
        });
        call(&pool, &ledger);
        others
            .into_iter()
            .for_each(|other| other.join().expect("no panic"));
        end(Arc::into_inner(pool).expect("the last handle"));
        ledger.settle();
    });
}

/// Parallel calls under a lock, within a region of their own; jobs that want the lock lie all around. One may fail.
#[test]
fn regions_under_a_lock() {
    draw(|| {
        let (pool, ledger, fatal) = (Arc::new(pool(3)), ledger(), perhaps(8));
        let lock = Arc::new(Mutex::new(0));
        let count = |ledger: &Arc<Ledger>, lock: &Mutex<usize>, fatal| {
            let mut sum = lock.lock().unwrap_or_else(|error| error.into_inner());
            *sum += match up_to(2) {
                1 => crate::isolate(|| tree(2, ledger, fatal, 0)),
                _ => crate::isolate(|| {
                    let leaves = AtomicUsize::new(0);
                    crate::in_place_scope(|s| {
                        for leaf in 0..4 {
                            let (leaves, token) = (&leaves, ledger.token());
                            s.spawn(move |_| {
                                token.run();
                                fail_at(leaf, fatal);
                                leaves.fetch_add(1, Relaxed);
                            });
                        }
                    });
                    leaves.into_inner()
                }),
            };
        };
        let other = {
            let (pool, ledger, lock) = (Arc::clone(&pool), Arc::clone(&ledger), Arc::clone(&lock));
            thread::spawn(move || pool.install(|| count(&ledger, &lock, None)))
        };
        let result = caught(|| {
            pool.scope(|s| {
                for job in 0..2 {
                    let (count, ledger, lock) = (&count, &ledger, &lock);
                    let fatal = fatal.and_then(|fatal| fatal.checked_sub(4 * job));
                    s.spawn(move |_| count(ledger, lock, fatal.filter(|&leaf| leaf < 4)));
                }
            })
        });
        assert_eq!(result.err(), fatal.map(|fatal| fatal % 4));
        other.join().expect("no panic");
        let sum = *lock.lock().unwrap_or_else(|error| error.into_inner());
        assert_eq!(sum, if fatal.is_some() { 8 } else { 12 });
        end(Arc::into_inner(pool).expect("the last handle"));
        ledger.settle();
    });
}

/// Jobs for a scope from outside of its pool, while it is waited for by one who is confined to it.
#[test]
fn jobs_from_elsewhere() {
    draw(|| {
        let (here, there, ledger) = (pool(2), pool(2), ledger());
        let spawns = |s: &Scope<'_>| {
            // By a thread of the other pool, so into the injector of this one.
            there.install(|| {
                for _ in 0..2 {
                    let token = ledger.token();
                    s.spawn(|_| token.run());
                }
            });
        };
        let calls = |s: &Scope<'_>| match up_to(2) {
            1 => spawns(s),
            _ => _ = crate::join(|| spawns(s), || tree(1, &ledger, None, 0)),
        };
        here.scope(|s| s.spawn(|s| calls(s)));
        end(here);
        end(there);
        ledger.settle_all_run();
    });
}

/// Pools whose threads call each other and back.
#[test]
fn nested_pools() {
    draw(|| {
        let (pools, ledger) = (Arc::new([pool(2), pool(2)]), ledger());
        let call = |pools: &[ThreadPool; 2], ledger: &Arc<Ledger>, first: usize, fatal| {
            let [a, b] = [&pools[first], &pools[1 - first]];
            let inner = || a.install(|| tree(1, ledger, fatal, 0));
            let outer = || b.install(|| crate::join(inner, || tree(1, ledger, fatal, 2)));
            let result = caught(|| a.install(outer));
            assert_eq!(result.err(), fatal);
        };
        let other = {
            let (pools, ledger) = (Arc::clone(&pools), Arc::clone(&ledger));
            thread::spawn(move || call(&pools, &ledger, 1, None))
        };
        call(&pools, &ledger, 0, perhaps(2));
        other.join().expect("no panic");
        let pools = Arc::into_inner(pools).expect("the last handles");
        pools.into_iter().for_each(end);
        ledger.settle();
    });
}

/// A pool that ends while its threads begin, fall asleep or wake; perhaps by the hand of one of them.
#[test]
fn ends() {
    draw(|| {
        let (pool, ledger) = (Arc::new(pool(4)), ledger());
        for _ in 0..up_to(3) - 1 {
            let (token, handle) = (ledger.token(), chance(2).then(|| Arc::clone(&pool)));
            pool.spawn(move || {
                if chance(2) {
                    let token = token.0.token();
                    crate::spawn(|| token.run());
                }
                token.run();
                drop(handle);
            });
        }
        let is_held = Arc::strong_count(&pool) > 1;
        match Arc::into_inner(pool) {
            Some(pool) => {
                end(pool);
                ledger.settle_all_run();
            }
            // Its own thread lets it go, and nobody joins them: the schedule ends when they have.
            None => assert!(is_held),
        }
    });
}

/// The global pool: called, ended and begun anew at the same time.
#[test]
fn global_pool() {
    draw(|| {
        // What the schedule before has left is of another world.
        crate::pool::forget_all();
        let ledger = ledger();
        let call = |ledger: &Arc<Ledger>| {
            // One of them will be the first.
            _ = ThreadPoolBuilder::new().num_threads(2).build_global();
            match up_to(4) {
                1 => assert_eq!(tree(2, ledger, None, 0), 4),
                2 => {
                    let token = ledger.token();
                    crate::spawn(|| token.run());
                }
                3 => assert_eq!((0..4).into_par_iter().with_max_len(1).sum::<usize>(), 6),
                _ => crate::shutdown_global(),
            }
        };
        let others = [(); 2].map(|()| {
            let ledger = Arc::clone(&ledger);
            thread::spawn(move || call(&ledger))
        });
        call(&ledger);
        others
            .into_iter()
            .for_each(|other| other.join().expect("no panic"));
        crate::shutdown_global();
        ledger.settle_all_run();
    });
}

/// Where a program of all verbs happens.
struct Place {
    pools: [ThreadPool; 2],
    ledger: Arc<Ledger>,
    lock: Mutex<usize>,
}

/// Does something at random, and more of it below. What is isolated neither broadcasts nor goes to other pools: see the limits in
/// `SAFETY.md`.
fn act(place: &Arc<Place>, depth: usize, is_isolated: bool) {
    let token = place.ledger.token();
    let below = || act(place, depth - 1, is_isolated);
    match thread_rng().gen_range(0..if depth == 0 { 4 } else { 15 }) {
        0 if chance(4) => fail(depth),
        0 => _ = crate::yield_now(),
        1 => _ = crate::yield_local(),
        2 | 3 => token.run(),
        4 | 5 => _ = crate::join(below, below),
        6 => crate::scope(|s| {
            (0..up_to(2)).for_each(|_| s.spawn(|_| below()));
            below();
        }),
        7 => {
            let place = Arc::clone(place);
            crate::spawn(move || act(&place, depth - 1, false));
        }
        8 | 9 => (0..up_to(4)).into_par_iter().for_each(|_| below()),
        10 => crate::isolate(|| act(place, depth - 1, true)),
        11 => {
            let mut sum = place.lock.lock().unwrap_or_else(|error| error.into_inner());
            *sum += crate::isolate(|| tree(up_to(2), &place.ledger, None, 0));
        }
        _ if is_isolated => below(),
        12 => _ = place.pools[up_to(2) - 1].broadcast(|_| place.ledger.token().run()),
        _ => place.pools[up_to(2) - 1].install(below),
    }
}

/// All verbs at once, in two pools, called from outside by two threads.
#[test]
fn programs() {
    draw(|| {
        let ledger = ledger();
        let pools = [(); 2].map(|()| {
            ThreadPoolBuilder::new()
                .num_threads(up_to(4))
                .caller_participates(chance(2))
                .panic_handler(|payload| assert!(payload.is::<usize>()))
                .build()
                .expect("a pool")
        });
        let place = Arc::new(Place {
            pools,
            ledger: Arc::clone(&ledger),
            lock: Mutex::new(0),
        });
        let call = |place: &Arc<Place>, pool: usize| {
            _ = caught(|| place.pools[pool].install(|| act(place, 3, false)));
        };
        let other = {
            let place = Arc::clone(&place);
            thread::spawn(move || call(&place, 0))
        };
        call(&place, up_to(2) - 1);
        other.join().expect("no panic");
        // Its last handle may be with a detached job.
        drop(place);
    });
}

twins! {
    without_waking: "random::jobs_that_meet" without "P4";
    without_another_look: "random::detached" without "S3";
    without_the_chain: "random::jobs_that_meet" without "C4";
    without_waking_for_mail: "random::broadcasts" without "post-wake";
    without_waking_at_the_end: "random::ends" without "end-wake";
    without_a_token_from_the_latch: "random::joins" without "latch-unpark";
    without_g4: "random::guests" without "G4";
    without_a_look_into_the_mailbox: "random::broadcasts" without "G4-mail";
    without_mail_for_all: "random::broadcasts_on_top_of_calls" without "open";
    without_hearing_of_broadcasts: "random::broadcasts_of_calls_that_meet" without "broadcasting";
    without_mail_from_abroad: "random::broadcasts_of_calls_that_meet" without "open-abroad";
    without_strict_yields: "random::broadcasts_on_top_of_calls" without "strict-yield";
}
