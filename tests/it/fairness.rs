//! Small calls from outside while a long loop keeps every worker busy.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use crate::common::{boom, caught, pool, sized, wait_for};
use crate::watchdog::{Note, watchdog};

const WIDTHS: [usize; 2] = [2, 4];

fn with_two_and_four(test: impl Fn(&ThreadPool)) {
    watchdog(|_| {
        for width in WIDTHS {
            for takes_part in [true, false] {
                let _note = Note(format!(
                    "a pool of {width}, the caller takes part: {takes_part}"
                ));
                let pool = ThreadPoolBuilder::new()
                    .num_threads(width)
                    .caller_participates(takes_part)
                    .build()
                    .expect("a pool");
                test(&pool);
            }
        }
    });
}

/// A loop over this many items, whose first one keeps its caller and whose last one keeps its thief until `is_served`. In between,
/// a thief has time enough to see what else there is.
const ITEMS: usize = sized(1000, 64);

fn long_item(n: usize, has_begun: &AtomicBool, is_served: &AtomicBool) {
    if n == 0 || n == ITEMS - 1 {
        wait_for(is_served);
    }
    has_begun.store(true, SeqCst);
    if !is_served.load(SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a call is made of: how it is driven, with this for each number.
type Drive = fn(&(dyn Fn(usize) + Sync));

fn small_calls_come_in_between(drive: Drive) {
    with_two_and_four(|pool| {
        let (has_begun, is_served) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| pool.install(|| drive(&|n| long_item(n, &has_begun, &is_served))));
            scope.spawn(|| {
                wait_for(&has_begun);
                for n in 0..4 {
                    assert_eq!(pool.install(|| lyocell::join(|| n, || 1)), (n, 1));
                }
                is_served.store(true, SeqCst);
            });
        });
    });
}

#[test]
fn small_calls_during_a_long_loop() {
    small_calls_come_in_between(|item| {
        (0..ITEMS)
            .into_par_iter()
            .with_max_len(ITEMS / 16)
            .for_each(item);
    });
}

#[test]
fn small_calls_during_a_long_reduction() {
    small_calls_come_in_between(|item| {
        let step = |n| {
            item(n);
            n
        };
        let sum = (0..ITEMS)
            .into_par_iter()
            .with_max_len(ITEMS / 16)
            .map(step)
            .sum::<usize>();
        assert_eq!(sum, ITEMS * (ITEMS - 1) / 2);
    });
}

#[test]
fn small_calls_during_a_long_unzip() {
    small_calls_come_in_between(|item| {
        let step = |n| {
            item(n);
            (n, n + 1)
        };
        let (left, right): (Vec<_>, Vec<_>) = (0..ITEMS)
            .into_par_iter()
            .with_max_len(ITEMS / 16)
            .map(step)
            .unzip();
        assert!(left.into_iter().eq(0..ITEMS));
        assert!(right.into_iter().eq(1..=ITEMS));
    });
}

/// A split of a range knows no length.
#[test]
fn small_calls_during_a_long_loop_of_unknown_length() {
    small_calls_come_in_between(|item| {
        let halve = |range: std::ops::Range<usize>| {
            let middle = range.start + range.len() / 2;
            let is_long = range.len() > ITEMS / 16;
            let right = is_long.then_some(middle..range.end);
            (range.start..if is_long { middle } else { range.end }, right)
        };
        lyocell::iter::split(0..ITEMS, halve).for_each(|range| range.for_each(item));
    });
}

/// What is spawned from outside, too.
#[test]
fn detached_jobs_during_a_long_loop() {
    with_two_and_four(|pool| {
        let (has_begun, is_served) = (AtomicBool::new(false), AtomicBool::new(false));
        let served = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                pool.install(|| {
                    (0..ITEMS)
                        .into_par_iter()
                        .with_max_len(ITEMS / 16)
                        .for_each(|n| long_item(n, &has_begun, &is_served));
                });
            });
            wait_for(&has_begun);
            pool.in_place_scope(|s| {
                for _ in 0..10 {
                    s.spawn(|_| {
                        served.fetch_add(1, SeqCst);
                    });
                }
            });
            is_served.store(true, SeqCst);
        });
        assert_eq!(served.into_inner(), 10);
    });
}

/// Detached jobs that follow each other without end keep nobody out.
#[test]
fn a_call_beside_an_endless_chain() {
    watchdog(|_| {
        fn link(pool: &Arc<ThreadPool>, is_over: &Arc<AtomicBool>) {
            if !is_over.load(SeqCst) {
                let (next, over) = (Arc::clone(pool), Arc::clone(is_over));
                pool.spawn(move || link(&next, &over));
            }
        }
        let (pool, is_over) = (Arc::new(pool(1)), Arc::new(AtomicBool::new(false)));
        link(&pool, &is_over);
        assert_eq!(pool.install(|| 7), 7);
        is_over.store(true, SeqCst);
    });
}

/// A lock is held around the loop, and the other call wants it in the middle of a job. The worker that has taken this on is blocked,
/// and what it has left of the loop is done by others.
#[test]
fn a_lock_around_the_loop() {
    with_two_and_four(|pool| {
        for _ in 0..sized(20, 1) {
            let lock = Mutex::new(());
            let wants = AtomicUsize::new(0);
            let has_begun = AtomicBool::new(false);
            let strangers = others_in(pool);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let _held = lock.lock().unwrap();
                    let count = AtomicUsize::new(0);
                    pool.install(|| {
                        (0..ITEMS)
                            .into_par_iter()
                            .with_max_len(ITEMS / 16)
                            .for_each(|n| {
                                has_begun.store(true, SeqCst);
                                // Its caller's own half begins when all the others are blocked.
                                while n == 0 && wants.load(SeqCst) < strangers {
                                    thread::yield_now();
                                }
                                count.fetch_add(1, SeqCst);
                            });
                    });
                    assert_eq!(count.into_inner(), ITEMS);
                });
                for _ in 0..strangers {
                    scope.spawn(|| {
                        wait_for(&has_begun);
                        pool.install(|| {
                            wants.fetch_add(1, SeqCst);
                            drop(lock.lock().unwrap());
                        });
                    });
                }
            });
        }
    });
}

/// As many as there are threads beside the one that the loop's caller has.
fn others_in(pool: &ThreadPool) -> usize {
    pool.current_num_threads() - 1
}

/// Many calls whose jobs hold locks while they wait for loops of their own.
#[test]
fn locks_within_calls() {
    with_two_and_four(|pool| {
        let locks = [Mutex::new(0_usize), Mutex::new(0), Mutex::new(0)];
        let (callers, turns) = (6, sized(60, 2));
        thread::scope(|scope| {
            for caller in 0..callers {
                let locks = &locks;
                scope.spawn(move || {
                    for turn in 0..turns {
                        pool.install(|| {
                            let mut total = locks[(caller + turn) % 3].lock().unwrap();
                            let sum: usize = (0..64_usize)
                                .into_par_iter()
                                .with_max_len(2)
                                .map(|n| {
                                    if n % 16 == 0 {
                                        lyocell::spawn(|| ());
                                    }
                                    (0..n).into_par_iter().with_max_len(4).count()
                                })
                                .sum();
                            *total += sum;
                        });
                    }
                });
            }
        });
        let total: usize = locks
            .into_iter()
            .map(|lock| lock.into_inner().unwrap())
            .sum();
        assert_eq!(total, callers * turns * 63 * 32);
    });
}

/// Counts how many are alive.
struct Alive<'a>(&'a AtomicUsize);

impl<'a> Alive<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A stolen loop in sixteen leaves, with a panic in each of them in turn, or in two, or where results are joined: the first one
/// surfaces, and nothing is lost.
#[test]
fn a_panic_in_each_leaf() {
    with_two_and_four(|pool| {
        let leaves = 16;
        let run = |bad: &[usize], bad_join: Option<usize>| {
            let (alive, joins) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let result = caught(|| {
                pool.install(|| {
                    let items: Vec<_> = (0..leaves).map(|n| (n, Alive::new(&alive))).collect();
                    items
                        .into_par_iter()
                        .with_max_len(1)
                        .map(|(n, item)| {
                            // Long enough to be stolen.
                            thread::sleep(Duration::from_micros(50));
                            if bad.contains(&n) {
                                boom(n as u64);
                            }
                            vec![(n, item)]
                        })
                        .reduce(Vec::new, |mut left, right| {
                            if !left.is_empty() && !right.is_empty() {
                                let join = joins.fetch_add(1, SeqCst);
                                if bad_join == Some(join) {
                                    boom(99);
                                }
                            }
                            left.extend(right);
                            left
                        })
                        .into_iter()
                        .map(|(n, _)| n)
                        .collect::<Vec<_>>()
                })
            });
            assert_eq!(alive.into_inner(), 0);
            result
        };
        for _ in 0..sized(3, 1) {
            assert_eq!(run(&[], None), Ok((0..leaves).collect()));
            for n in 0..leaves {
                assert_eq!(run(&[n], None), Err(n as u64));
                assert_eq!(run(&[n, leaves - 1], None), Err(n as u64));
                assert_eq!(run(&[0, n], None), Err(0));
                if n < leaves - 1 {
                    assert_eq!(run(&[], Some(n)), Err(99));
                }
            }
        }
    });
}

/// A search that is over stops the rest of a stolen part as well.
#[test]
fn a_full_consumer_stops_a_stolen_part() {
    with_two_and_four(|pool| {
        for _ in 0..sized(100, 2) {
            let (begun, found) = (AtomicUsize::new(0), AtomicBool::new(false));
            let any = pool.install(|| {
                (0..ITEMS)
                    .into_par_iter()
                    .with_max_len(ITEMS / 16)
                    .find_any(|&n| {
                        begun.fetch_add(1, SeqCst);
                        if n == ITEMS / 2 {
                            found.store(true, SeqCst);
                            return true;
                        }
                        // The rest waits until it is in vain.
                        wait_for(&found);
                        false
                    })
            });
            assert_eq!(any, Some(ITEMS / 2));
            assert!(begun.into_inner() < ITEMS);
        }
    });
}
