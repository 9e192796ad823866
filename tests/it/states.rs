//! How often the values of a piece are made: no more often than rayon makes them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use crate::common::{Note, sized, watchdog};

/// Runs `$call` on a pool whose other threads are all busy, so that nothing is stolen and the count is the same each time.
macro_rules! count_alone {
    ($lib:ident, $width:expr, |$made:ident| $call:expr) => {{
        let pool = $lib::ThreadPoolBuilder::new()
            .num_threads($width)
            .build()
            .expect("a pool");
        let begun = Barrier::new($width);
        let (hold, held) = mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        let $made = AtomicUsize::new(0);
        pool.in_place_scope(|scope| {
            for _ in 1..$width {
                scope.spawn(|_| {
                    begun.wait();
                    // Until the sender is gone.
                    let _ = held.lock().unwrap().recv();
                });
            }
            begun.wait();
            pool.install(|| $call);
            drop(hold);
        });
        $made.into_inner()
    }};
}

/// Counts with rayon and with us, from one source.
macro_rules! compare {
    ($width:expr, |$made:ident| $call:expr) => {{
        let theirs = {
            use rayon::prelude::*;
            count_alone!(rayon, $width, |$made| $call)
        };
        let ours = {
            use lyocell::prelude::*;
            count_alone!(lyocell, $width, |$made| $call)
        };
        assert!(ours > 0);
        assert!(ours <= theirs, "{ours} times, and rayon {theirs}");
    }};
}

fn take(micros: u64) {
    if micros > 0 {
        std::thread::sleep(Duration::from_micros(micros));
    }
}

/// What an item costs, by its number.
type Cost = fn(usize) -> u64;

/// What the items of a loop take, in microseconds.
const COSTS: [(&str, Cost); 5] = [
    ("nothing", |_| 0),
    ("all the same", |_| 5),
    ("the first tenth long", |i| if i < 20 { 100 } else { 0 }),
    ("the last one long", |i| if i == 199 { 2000 } else { 0 }),
    ("more and more", |i| i as u64 / 10),
];

#[test]
fn no_more_than_rayon() {
    watchdog(|_| {
        for width in [2, 3, sized(8, 4)] {
            for (name, cost) in COSTS {
                let _note = Note(format!("{width} threads, {name}"));
                let made = |made: &AtomicUsize| {
                    made.fetch_add(1, Ordering::Relaxed);
                };
                compare!(width, |count| (0..200usize)
                    .into_par_iter()
                    .map_init(|| made(&count), |(), i| take(cost(i)))
                    .for_each(drop));
                compare!(width, |count| (0..200usize)
                    .into_par_iter()
                    .fold(|| made(&count), |(), i| take(cost(i)))
                    .for_each(drop));
            }
        }
    });
}
