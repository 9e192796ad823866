//! How often the values of a piece are made, and a producer of others' making is cut: no more often than by rayon.

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

/// A state is begun with for each piece also where `map_init` has a producer behind it, and may take long to make.
#[test]
fn states_of_producers_are_no_more() {
    watchdog(|_| {
        for width in [2, sized(8, 4)] {
            for (name, cost) in COSTS {
                let _note = Note(format!("{width} threads, {name}"));
                // Also when the loop is known.
                compare!(width, |count| for _ in 0..2 {
                    let states = (0..200usize).into_par_iter().map_init(
                        || {
                            count.fetch_add(1, Ordering::Relaxed);
                            take(200);
                        },
                        |(), i| take(cost(i)),
                    );
                    states.enumerate().for_each(drop);
                });
                compare!(width, |count| for _ in 0..2 {
                    let states = (0..200usize).into_par_iter().map_init(
                        || count.fetch_add(1, Ordering::Relaxed),
                        |_, i| take(cost(i)),
                    );
                    states.rev().zip(0..150usize).chunks(2).for_each(drop);
                });
            }
        }
    });
}

/// A producer that moves what is behind a cut, and counts its cuts.
struct Moved<'a> {
    items: Vec<usize>,
    cuts: &'a AtomicUsize,
}

/// Makes it a source of the library's.
macro_rules! moved {
    ($lib:ident in $room:ident) => {
        mod $room {
            use super::Moved;
            use std::sync::atomic::Ordering;
            use $lib::iter::plumbing::*;
            use $lib::prelude::*;

            impl Producer for Moved<'_> {
                type Item = usize;
                type IntoIter = std::vec::IntoIter<usize>;

                fn into_iter(self) -> Self::IntoIter {
                    self.items.into_iter()
                }

                fn split_at(mut self, index: usize) -> (Self, Self) {
                    self.cuts.fetch_add(1, Ordering::Relaxed);
                    let items = self.items.split_off(index);
                    let cuts = self.cuts;
                    (self, Moved { items, cuts })
                }
            }

            impl ParallelIterator for Moved<'_> {
                type Item = usize;

                fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
                    bridge(self, consumer)
                }
            }

            impl IndexedParallelIterator for Moved<'_> {
                fn len(&self) -> usize {
                    self.items.len()
                }

                fn drive<C: Consumer<usize>>(self, consumer: C) -> C::Result {
                    bridge(self, consumer)
                }

                fn with_producer<B: ProducerCallback<usize>>(self, callback: B) -> B::Output {
                    callback.callback(self)
                }
            }
        }
    };
}

moved!(rayon in theirs);
moved!(lyocell in ours);

#[test]
fn what_is_cut_dearly_is_cut_as_seldom() {
    fn source(cuts: &AtomicUsize) -> Moved<'_> {
        let items = (0..200).collect();
        Moved { items, cuts }
    }
    watchdog(|_| {
        for width in [2, sized(8, 4)] {
            for (name, cost) in COSTS {
                let _note = Note(format!("{width} threads, {name}"));
                compare!(width, |cuts| for _ in 0..2 {
                    source(&cuts).map(|i| take(cost(i))).for_each(drop);
                });
                compare!(width, |cuts| for _ in 0..2 {
                    let items = source(&cuts).enumerate().map(|(i, _)| take(cost(i)));
                    assert!(items.find_any(|()| false).is_none());
                });
            }
        }
    });
}
