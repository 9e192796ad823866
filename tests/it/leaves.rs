//! A leaf that turns out to be longer than the others is shared while it is being poured.

use std::collections::HashSet;
use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, ThreadId};
use std::time::Duration;

use lyocell::prelude::*;

use crate::common::{Note, boom, caught, pool, sized, watchdog};
use crate::counted::{Counted, Ledger};

const ITEMS: usize = sized(1000, 128);

/// The long items, all of them in the first leaf, however few threads there are.
const LONG: usize = ITEMS / 16;

/// The long items of a loop: who did them.
#[derive(Default)]
struct Done(Mutex<HashSet<ThreadId>>);

/// How many milliseconds a long item waits for a second thread, if it is not one of the first.
const PATIENCE: usize = 100;

impl Done {
    /// Does an item. The first ones of the long items take a millisecond, the later ones longer for as long as one thread has done them
    /// all: whoever would come but has to wait for a processor should find some of them left. (They once waited without end, and the
    /// thread that did all of them never came to the look at which it would have given some away.)
    fn item(&self, n: usize) -> usize {
        if n < LONG {
            let patience = if n > LONG / 4 { PATIENCE } else { 1 };
            for _ in 0..patience {
                let threads = {
                    let mut threads = self.0.lock().unwrap();
                    threads.insert(thread::current().id());
                    threads.len()
                };
                thread::sleep(Duration::from_millis(1));
                if threads > 1 {
                    break;
                }
            }
        }
        n
    }
}

/// Makes a call on pools of some widths, twice: the second time it is known from the start that the loop will be long.
fn is_shared(call: impl Fn(&Done) + Sync) {
    watchdog(|_| {
        for width in [2, 3, 4] {
            let _note = Note(format!("{width} threads"));
            let pool = pool(width);
            for _ in 0..2 {
                let done = Done::default();
                pool.install(|| call(&done));
                assert!(done.0.into_inner().unwrap().len() > 1);
            }
        }
    });
}

fn sum(numbers: impl Iterator<Item = usize>) -> usize {
    numbers.sum()
}

#[test]
fn sum_shares_its_first_leaf() {
    is_shared(|done| {
        let total: usize = (0..ITEMS).into_par_iter().map(|n| done.item(n)).sum();
        assert_eq!(total, sum(0..ITEMS));
    });
}

#[test]
fn collect_into_places_shares_its_first_leaf() {
    is_shared(|done| {
        let all: Vec<_> = (0..ITEMS).into_par_iter().map(|n| done.item(n)).collect();
        assert!(all.into_iter().eq(0..ITEMS));
    });
}

#[test]
fn unzip_into_places_shares_its_first_leaf() {
    is_shared(|done| {
        let (left, right): (Vec<_>, Vec<_>) = (0..ITEMS)
            .into_par_iter()
            .map(|n| (done.item(n), n + 1))
            .unzip();
        assert!(left.into_iter().eq(0..ITEMS) && right.into_iter().eq(1..=ITEMS));
    });
}

#[test]
fn filter_and_collect_shares_its_first_leaf() {
    is_shared(|done| {
        let odd: Vec<_> = (0..ITEMS)
            .into_par_iter()
            .filter(|&n| done.item(n) % 2 == 1)
            .collect();
        assert!(odd.into_iter().eq((0..ITEMS).filter(|n| n % 2 == 1)));
    });
}

#[test]
fn states_share_their_first_leaf() {
    is_shared(|done| {
        let parts = AtomicUsize::new(0);
        let count = || _ = parts.fetch_add(1, SeqCst);
        let total: usize = (0..ITEMS)
            .into_par_iter()
            .map_init(count, |(), n| done.item(n))
            .fold(|| 0, |total, n| total + n)
            .sum();
        assert_eq!(total, sum(0..ITEMS));
        assert!(parts.into_inner() > 1);
    });
}

#[test]
fn search_shares_its_first_leaf() {
    is_shared(|done| {
        let last = ITEMS - 1;
        let found = (0..ITEMS)
            .into_par_iter()
            .find_first(|&n| done.item(n) == last);
        assert_eq!(found, Some(last));
    });
}

#[test]
fn min_len_is_met() {
    watchdog(|_| {
        let pool = pool(4);
        let lens = Mutex::new(Vec::new());
        pool.install(|| {
            (0..64)
                .into_par_iter()
                .with_min_len(16)
                .fold(
                    || 0,
                    |len, _| {
                        thread::sleep(Duration::from_millis(1));
                        len + 1
                    },
                )
                .for_each(|len| lens.lock().unwrap().push(len));
        });
        let lens = lens.into_inner().unwrap();
        assert_eq!(lens.iter().sum::<usize>(), 64);
        assert!(lens.iter().all(|&len| len >= 16), "{lens:?}");
    });
}

/// Whoever does the item that panics, and whatever has been given away before: nothing is lost.
#[test]
fn panic_in_a_shared_leaf() {
    watchdog(|_| {
        for width in [2, 4] {
            let pool = pool(width);
            for at in [0, 1, LONG / 2, LONG - 1, LONG, ITEMS - 1] {
                let _note = Note(format!("{width} threads, item {at}"));
                let ledger = Ledger::new();
                let item = |n: usize| {
                    if n < LONG {
                        thread::sleep(Duration::from_micros(300));
                    }
                    if n == at {
                        boom(n as u64);
                    }
                    ledger.value(n as u64)
                };
                let collect = || (0..ITEMS).into_par_iter().map(item).collect::<Vec<_>>();
                let result = caught(|| pool.install(|| drop(collect())));
                assert_eq!(result, Err(at as u64));
                ledger.settle();
            }
        }
    });
}

/// A loop whose items get in each other's way: whoever meets another one in the middle of an item is held up.
fn with_a_narrow_gate(item: impl Fn(usize) -> Counted + Sync) -> Vec<Counted> {
    let inside = AtomicUsize::new(0);
    let pass = |n| {
        let is_narrow = inside.fetch_add(1, SeqCst) > 0;
        for _ in 0..if is_narrow { 2000 } else { 10 } {
            hint::spin_loop();
        }
        inside.fetch_sub(1, SeqCst);
        item(n)
    };
    (0..ITEMS).into_par_iter().map(pass).collect()
}

#[test]
fn a_loop_that_is_slower_in_company_is_left_to_one_thread() {
    watchdog(|_| {
        for width in [2, 4] {
            let pool = pool(width);
            let ledger = Ledger::new();
            let mut by_one = 0;
            for _ in 0..sized(100, 20) {
                let threads = Mutex::new(HashSet::new());
                let item = |n| {
                    threads.lock().unwrap().insert(thread::current().id());
                    ledger.value(n as u64)
                };
                let all = pool.install(|| with_a_narrow_gate(item));
                assert!(all.iter().map(|item| item.value as usize).eq(0..ITEMS));
                by_one += usize::from(threads.into_inner().unwrap().len() == 1);
            }
            assert!(by_one > 0);
            // Also by then a panic loses nothing.
            for at in [0, 1, ITEMS / 2, ITEMS - 1] {
                let item = |n| {
                    if n == at {
                        boom(n as u64);
                    }
                    ledger.value(n as u64)
                };
                let result = caught(|| pool.install(|| drop(with_a_narrow_gate(item))));
                assert_eq!(result, Err(at as u64));
            }
            ledger.settle();
        }
    });
}
