//! Moving items out of vectors, arrays, strings and their like: each leaves or is dropped once, and the
//! rest stays.

use crate::ledger::{Item, Ledger, assert_panics_at, message_of, panic_as_planned, with_pools};
use lyocell::prelude::*;
use std::cell::Cell;
use std::collections::{BinaryHeap, VecDeque};
use std::mem;
use std::ops::{Bound, Range};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicIsize, Ordering};

fn ids(items: &[Item<'_>]) -> Vec<usize> {
    items.iter().map(|item| item.id).collect()
}

/// All ranges within `len`.
fn ranges(len: usize) -> impl Iterator<Item = Range<usize>> {
    (0..=len).flat_map(move |start| (start..=len).map(move |end| start..end))
}

fn without(len: usize, range: &Range<usize>) -> Vec<usize> {
    (0..len).filter(|id| !range.contains(id)).collect()
}

#[test]
fn every_range_is_drained_in_order() {
    with_pools(|| {
        for len in [0, 1, 2, 5, 6] {
            for range in ranges(len) {
                let ledger = Ledger::new(len);
                let mut vec = ledger.items();
                let drained: Vec<_> = vec.par_drain(range.clone()).with_max_len(1).collect();
                assert!(drained.iter().map(|item| item.id).eq(range.clone()));
                assert_eq!(ids(&vec), without(len, &range));
                drop((drained, vec));
                ledger.assert_settled();

                let ledger = Ledger::new(len);
                let (mut vec, mut drained) = (ledger.items(), Vec::new());
                vec.par_drain(range.clone()).collect_into_vec(&mut drained);
                assert!(drained.iter().map(|item| item.id).eq(range.clone()));
                assert_eq!(ids(&vec), without(len, &range));
                drop((drained, vec));
                ledger.assert_settled();
            }
        }
    });
}

#[test]
fn a_drain_that_is_not_run_removes_its_range() {
    for range in ranges(5) {
        let ledger = Ledger::new(5);
        let mut vec = ledger.items();
        assert_eq!(vec.par_drain(range.clone()).len(), range.len());
        assert_eq!(ids(&vec), without(5, &range));
        drop(vec);
        ledger.assert_settled();
    }
}

#[test]
fn a_drain_that_is_forgotten_leaves_the_vector_usable() {
    let ledger = Ledger::new(5);
    let mut vec = ledger.items();
    mem::forget(vec.par_drain(1..3));
    assert_eq!(ids(&vec), [0, 1, 2, 3, 4]);
    drop(vec);
    ledger.assert_settled();
}

#[test]
fn a_panic_while_draining_drops_the_range_and_keeps_the_rest() {
    with_pools(|| {
        for range in ranges(6) {
            for at in range.clone() {
                for max_len in [1, 100] {
                    let ledger = Ledger::new(6);
                    let mut vec = ledger.items();
                    assert_panics_at(at, || {
                        vec.par_drain(range.clone())
                            .with_max_len(max_len)
                            .for_each(|item| {
                                if item.id == at {
                                    panic_as_planned(at);
                                }
                            })
                    });
                    assert_eq!(ids(&vec), without(6, &range));
                    drop(vec);
                    ledger.assert_settled();
                }
            }
        }
    });
}

#[test]
fn a_panic_while_consuming_drops_all_once() {
    with_pools(|| {
        for len in [1, 2, 7, 16] {
            for at in 0..len {
                let ledger = Ledger::new(len);
                let check = |item: Item<'_>| {
                    if item.id == at {
                        panic_as_planned(at)
                    } else {
                        item.id
                    }
                };
                assert_panics_at(at, || {
                    ledger.items().into_par_iter().map(check).sum::<usize>()
                });
                ledger.assert_settled();
                let ledger = Ledger::new(len);
                let check = |item: &Item<'_>| {
                    if item.id == at {
                        panic_as_planned(at)
                    } else {
                        true
                    }
                };
                assert_panics_at(at, || ledger.items().into_par_iter().filter(check).count());
                ledger.assert_settled();
                let ledger = Ledger::new(len);
                assert_panics_at(at, || {
                    ledger.items().into_par_iter().rev().for_each(|item| {
                        if item.id == at {
                            panic_as_planned(at);
                        }
                    })
                });
                ledger.assert_settled();
            }
        }
    });
}

#[test]
fn items_that_nobody_takes_are_dropped_once() {
    with_pools(|| {
        for len in [0, 1, 2, 9, 100] {
            for stop in [0, len / 2, len] {
                let ledger = Ledger::new(len);
                let found = ledger
                    .items()
                    .into_par_iter()
                    .find_any(|item| item.id >= stop);
                assert_eq!(found.is_some(), stop < len);
                drop(found);
                ledger.assert_settled();

                let ledger = Ledger::new(len);
                let taken: Vec<_> = ledger.items().into_par_iter().take(stop).collect();
                assert!(taken.iter().map(|item| item.id).eq(0..stop));
                drop(taken);
                ledger.assert_settled();

                let ledger = Ledger::new(len);
                let rest: Vec<_> = ledger.items().into_par_iter().skip(stop).collect();
                assert!(rest.iter().map(|item| item.id).eq(stop..len));
                drop(rest);
                ledger.assert_settled();

                let ledger = Ledger::new(len);
                assert_eq!(ledger.items().into_par_iter().zip(0..stop).count(), stop);
                ledger.assert_settled();
            }
            let ledger = Ledger::new(len);
            let every_other: Vec<_> = ledger
                .items()
                .into_par_iter()
                .step_by(2)
                .map(|item| item.id)
                .collect();
            assert!(every_other.into_iter().eq((0..len).step_by(2)));
            ledger.assert_settled();

            let ledger = Ledger::new(len);
            drop(ledger.items().into_par_iter());
            ledger.assert_settled();
        }
    });
}

#[test]
fn boxed_slices_and_arrays_are_moved_out_of() {
    with_pools(|| {
        let ledger = Ledger::new(5);
        let items: Box<[_]> = ledger.items().into();
        let vec: Vec<_> = items.into_par_iter().collect();
        assert_eq!(ids(&vec), [0, 1, 2, 3, 4]);
        drop(vec);
        ledger.assert_settled();

        for at in 0..4 {
            let ledger = Ledger::new(4);
            let array: [_; 4] = std::array::from_fn(|id| ledger.item(id));
            assert_panics_at(at, || {
                array.into_par_iter().for_each(|item| {
                    if item.id == at {
                        panic_as_planned(at);
                    }
                })
            });
            ledger.assert_settled();
        }
        let ledger = Ledger::new(4);
        let array: [_; 4] = std::array::from_fn(|id| ledger.item(id));
        let vec: Vec<_> = array.into_par_iter().with_max_len(1).collect();
        assert_eq!(ids(&vec), [0, 1, 2, 3]);
        drop(vec);
        ledger.assert_settled();
    });
}

#[test]
fn items_of_size_zero_are_drained() {
    static LIVE: AtomicIsize = AtomicIsize::new(0);
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            LIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let nothings = |len: usize| -> Vec<_> {
        LIVE.fetch_add(len as isize, Ordering::Relaxed);
        (0..len).map(|_| Nothing).collect()
    };
    with_pools(|| {
        let mut vec = nothings(11);
        assert_eq!(vec.par_drain(2..7).count(), 5);
        assert_eq!((vec.len(), LIVE.load(Ordering::Relaxed)), (6, 6));
        assert_eq!(
            vec.into_par_iter().with_max_len(1).map(|_| 1).sum::<i32>(),
            6
        );
        assert_eq!(LIVE.load(Ordering::Relaxed), 0);
        let vec: Vec<_> = nothings(11).into_par_iter().collect();
        assert_eq!((vec.len(), LIVE.load(Ordering::Relaxed)), (11, 11));
        drop(vec);
        assert_eq!(LIVE.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn large_items_are_drained() {
    with_pools(|| {
        let ledger = Ledger::new(9);
        let mut vec: Vec<_> = (0..9)
            .map(|id| ledger.loaded(id, [id as u8; 1024]))
            .collect();
        let drained: Vec<_> = vec.par_drain(3..8).collect();
        let is_intact = |item: &Item<'_, [u8; 1024]>| item.load == [item.id as u8; 1024];
        assert!(drained.iter().all(is_intact) && vec.iter().all(is_intact));
        drop((drained, vec));
        ledger.assert_settled();
    });
}

#[test]
fn bad_ranges_are_named() {
    let mut vec = vec![1, 2, 3];
    let message = message_of(|| vec.par_drain(..4));
    assert!(
        message.contains("..4") && message.contains("length of 3"),
        "{message}"
    );
    #[expect(clippy::reversed_empty_ranges)]
    let message = message_of(|| vec.par_drain(2..1));
    assert!(message.contains("2..1"), "{message}");
    let message = message_of(|| vec.par_drain(4..));
    assert!(message.contains("4.."), "{message}");
    let message = message_of(|| vec.par_drain(..=usize::MAX));
    assert!(message.contains(&format!("..={}", usize::MAX)), "{message}");
    let message = message_of(|| vec.par_drain((Bound::Excluded(usize::MAX), Bound::Unbounded)));
    assert!(message.contains(&usize::MAX.to_string()), "{message}");
    assert_eq!(vec, [1, 2, 3]);
    let mut deque = VecDeque::from([1, 2, 3]);
    assert!(message_of(|| deque.par_drain(..4)).contains("..4"));
    let mut text = String::from("aäb");
    assert!(message_of(|| text.par_drain(..9)).contains("..9"));
    assert!(message_of(|| text.par_drain(..2)).contains("in two, at 2"));
    assert_eq!(text, "aäb");
}

#[test]
fn a_bad_range_is_blamed_on_the_caller() {
    thread_local!(static PLACE: Cell<(bool, u32)> = const { Cell::new((false, 0)) });
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let (is_watched, _) = PLACE.get();
        match info.location() {
            Some(place) if is_watched && place.file().ends_with("drain.rs") => {
                PLACE.set((true, place.line()))
            }
            _ => hook(info),
        }
    }));
    let blamed = |body: &mut dyn FnMut()| {
        PLACE.set((true, 0));
        panic::catch_unwind(AssertUnwindSafe(body)).unwrap_err();
        PLACE.take().1
    };
    let (mut vec, mut deque, mut text) = (vec![1], VecDeque::from([1]), String::from("a"));
    let lines = [
        (line!(), blamed(&mut || drop(vec.par_drain(2..)))),
        (line!(), blamed(&mut || drop(deque.par_drain(2..)))),
        (line!(), blamed(&mut || drop(text.par_drain(2..)))),
    ];
    for (here, blamed) in lines {
        assert_eq!(here, blamed);
    }
}

#[test]
fn deques_are_drained_wherever_they_begin() {
    with_pools(|| {
        for shift in 0..4 {
            for range in ranges(5) {
                let ledger = Ledger::new(5);
                let deque = || {
                    let mut deque: VecDeque<_> = (shift..5).map(|id| ledger.item(id)).collect();
                    (0..shift)
                        .rev()
                        .for_each(|id| deque.push_front(ledger.item(id)));
                    deque
                };
                let mut left = deque();
                let drained: Vec<_> = left.par_drain(range.clone()).collect();
                assert!(drained.iter().map(|item| item.id).eq(range.clone()));
                assert!(left.iter().map(|item| item.id).eq(without(5, &range)));
                drop((left, drained));
                ledger.assert_settled();

                let ledger = Ledger::new(5);
                let mut left: VecDeque<_> = ledger.items().into();
                drop(left.par_drain(range.clone()));
                assert!(left.iter().map(|item| item.id).eq(without(5, &range)));
                let at = 77;
                let panic_if = |_| {
                    if range.len() < 5 {
                        panic_as_planned(at)
                    }
                };
                if !left.is_empty() {
                    assert_panics_at(at, || left.par_drain(..).for_each(panic_if));
                    assert!(left.is_empty());
                }
                drop(left);
                ledger.assert_settled();
            }
        }
    });
}

#[test]
fn heaps_are_drained() {
    with_pools(|| {
        let mut heap: BinaryHeap<_> = (0..100).collect();
        let capacity = heap.capacity();
        assert_eq!(heap.par_drain().sum::<i32>(), 4950);
        assert_eq!((heap.len(), heap.capacity()), (0, capacity));
        heap.extend([1, 2, 3]);
        drop(heap.par_drain());
        assert!(heap.is_empty());
        heap.extend([1, 2, 3]);
        assert_panics_at(2, || heap.par_drain().for_each(|_| panic_as_planned(2)));
        assert!(heap.is_empty());
    });
}

#[test]
fn strings_are_drained_between_characters() {
    with_pools(|| {
        let whole = "aä€𝄞".repeat(50);
        let bounds: Vec<_> = (0..=whole.len())
            .filter(|at| whole.is_char_boundary(*at))
            .step_by(7)
            .collect();
        for start in &bounds {
            for end in bounds.iter().filter(|end| *end >= start) {
                let mut text = whole.clone();
                let drained: String = text.par_drain(*start..*end).collect();
                assert_eq!(drained, whole[*start..*end]);
                assert_eq!(text, whole[..*start].to_string() + &whole[*end..]);
            }
        }
        let mut text = whole.clone();
        assert_panics_at(3, || text.par_drain(1..).for_each(|_| panic_as_planned(3)));
        assert_eq!(text, "a");
    });
}
