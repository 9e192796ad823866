//! Collecting into vectors and what is made of vectors: order, panics, drops, and producers that lie.

use crate::ledger::{Item, Ledger, assert_panics_at, message_of, panic_as_planned, with_pools};
use lyocell::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer, UnindexedProducer, bridge,
    bridge_unindexed,
};
use lyocell::prelude::*;
use std::collections::{BTreeMap, LinkedList, VecDeque};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

const LENS: [usize; 8] = [0, 1, 2, 3, 7, 64, 1001, 20_011];

#[test]
fn indexed_items_keep_their_order() {
    with_pools(|| {
        for len in LENS {
            let expected: Vec<_> = (0..len).map(|x| 3 * x).collect();
            let items = || (0..len).into_par_iter().map(|x| 3 * x);
            assert_eq!(items().collect::<Vec<_>>(), expected);
            assert_eq!(items().with_max_len(1).collect::<Vec<_>>(), expected);
            assert_eq!(items().collect::<Box<[_]>>()[..], expected);
            assert_eq!(items().collect::<Rc<[_]>>()[..], expected);
            assert_eq!(items().collect::<Arc<[_]>>()[..], expected);
            assert_eq!(items().collect::<VecDeque<_>>(), expected);
            assert!(
                items()
                    .collect::<LinkedList<_>>()
                    .into_iter()
                    .eq(expected.iter().copied())
            );
        }
    });
}

#[test]
fn unindexed_items_keep_their_order() {
    with_pools(|| {
        for len in LENS {
            let expected: Vec<_> = (0..len).filter(|x| x % 3 != 1).collect();
            let items = || {
                (0..len)
                    .into_par_iter()
                    .with_max_len(5)
                    .filter(|x| x % 3 != 1)
            };
            assert_eq!(items().collect::<Vec<_>>(), expected);
            assert_eq!(items().collect::<Box<[_]>>()[..], expected);
            assert_eq!(items().collect::<Rc<[_]>>()[..], expected);
            assert_eq!(items().collect::<Arc<[_]>>()[..], expected);
            assert_eq!(items().collect::<VecDeque<_>>(), expected);
            assert!(
                items()
                    .collect::<LinkedList<_>>()
                    .into_iter()
                    .eq(expected.iter().copied())
            );
            let mut extended = vec![77];
            extended.par_extend(items());
            assert_eq!((extended[0], &extended[1..]), (77, &expected[..]));
            assert!(
                items()
                    .collect_vec_list()
                    .iter()
                    .all(|leaf| !leaf.is_empty())
            );
            assert!(
                items()
                    .collect_vec_list()
                    .into_iter()
                    .flatten()
                    .eq(expected.iter().copied())
            );
        }
    });
}

#[test]
fn many_unindexed_bytes_are_put_together_in_order() {
    // More than it takes for leaves to be moved in parallel, in items large and small.
    with_pools(|| {
        let bytes: Vec<u8> = (0..3_000_000u32)
            .into_par_iter()
            .filter(|x| x % 7 != 0)
            .map(|x| x as u8)
            .collect();
        assert!(
            bytes
                .iter()
                .copied()
                .eq((0..3_000_000u32).filter(|x| x % 7 != 0).map(|x| x as u8))
        );
        let blocks: Vec<[u64; 64]> = (0..5_000u32)
            .into_par_iter()
            .with_max_len(50)
            .filter(|x| x % 2 == 0)
            .map(|x| [u64::from(x); 64])
            .collect();
        assert!(
            blocks
                .iter()
                .copied()
                .eq((0..5_000).step_by(2).map(|x| [x; 64]))
        );
    });
}

#[test]
fn collect_into_vec_replaces_and_reuses() {
    let old = Ledger::new(50);
    let new = Ledger::new(40);
    let mut vec = old.items();
    let place = vec.as_ptr();
    (0..40)
        .into_par_iter()
        .map(|id| new.item(id))
        .collect_into_vec(&mut vec);
    old.assert_settled();
    assert_eq!(vec.as_ptr(), place, "the allocation was large enough");
    assert!(vec.iter().map(|item| item.id).eq(0..40));
    drop(vec);
    new.assert_settled();
}

#[test]
fn a_fresh_vector_is_exactly_as_large_as_needed() {
    let vec: Vec<u8> = (0..3u8).into_par_iter().collect();
    assert_eq!(vec.capacity(), 3);
    let mut vec = Vec::new();
    [1u64; 5].into_par_iter().collect_into_vec(&mut vec);
    assert_eq!(vec.capacity(), 5);
}

/// Collects `len` items in the way of `collect`, once for every place at which making one can panic.
fn panics_at_every_item<C>(
    collect: impl Fn(usize, &(dyn Fn(usize) -> usize + Sync), &Ledger) -> C + Sync,
) {
    with_pools(|| {
        for len in [1, 2, 3, 7, 8, 13, 16] {
            for at in 0..len {
                let ledger = Ledger::new(len);
                let make = |id| if id == at { panic_as_planned(at) } else { id };
                assert_panics_at(at, || collect(len, &make, &ledger));
                ledger.assert_settled();
            }
        }
    });
}

/// One test for every way to collect accountable items.
macro_rules! panic_tests {
    ($($name:ident: |$items:ident| $collect:expr;)*) => {$(
        #[test]
        fn $name() {
            panics_at_every_item(|len, make, ledger| {
                // In the pieces that come by themselves, and in as many as there are items.
                let max_len = if len % 2 == 0 { 1 } else { usize::MAX };
                let items = (0..len).into_par_iter().with_max_len(max_len);
                let $items = items.map(|id| ledger.item(make(id)));
                drop($collect);
            });
        }
    )*};
}

panic_tests! {
    a_panic_in_collect_drops_all_once: |items| items.collect::<Vec<_>>();
    a_panic_in_unindexed_collect_drops_all_once: |items| items.filter(|_| true).collect::<Vec<_>>();
    a_panic_in_boxed_collect_drops_all_once: |items| items.collect::<Box<[_]>>();
    a_panic_in_rc_collect_drops_all_once: |items| items.collect::<Rc<[_]>>();
    a_panic_in_arc_collect_drops_all_once: |items| items.collect::<Arc<[_]>>();
    a_panic_in_deque_collect_drops_all_once: |items| items.collect::<VecDeque<_>>();
    a_panic_in_list_collect_drops_all_once: |items| items.collect::<LinkedList<_>>();
    a_panic_in_map_collect_drops_all_once: |items| items.map(|item| (item.id, item)).collect::<BTreeMap<_, _>>();
    a_panic_in_vec_list_drops_all_once: |items| items.filter(|_| true).collect_vec_list();
    a_panic_in_result_collect_drops_all_once: |items| items.map(Ok::<_, ()>).collect::<Result<Vec<_>, _>>();
    a_panic_in_option_collect_drops_all_once: |items| items.filter(|_| true).map(Some).collect::<Option<LinkedList<_>>>();
    a_panic_in_reversed_collect_drops_all_once: |items| items.rev().collect::<Vec<_>>();
    a_panic_in_zipped_collect_drops_all_once: |items| items.zip(0..1000usize).collect::<Vec<_>>();
    a_panic_in_chained_collect_drops_all_once: |items| items.map(Some).chain([None, None]).collect::<Vec<_>>();
}

#[test]
fn a_panic_in_the_old_memory_drops_old_and_new_once() {
    panics_at_every_item(|len, make, ledger| {
        let old = Ledger::new(len);
        let max_len = if len % 2 == 0 { 1 } else { usize::MAX };
        let items = old.items().into_par_iter().with_max_len(max_len);
        let items = items.map(|item| ledger.item(make(item.id)));
        let panic = catch_unwind(AssertUnwindSafe(|| drop(items.collect::<Vec<_>>())));
        old.assert_settled();
        resume_unwind(panic.unwrap_err());
    });
}

/// However many of the items pass, and whichever of the two functions it is that panics.
#[test]
fn a_panic_in_a_filter_over_the_old_memory_drops_old_and_new_once() {
    for (step, in_filter) in [1, 2, 5].into_iter().flat_map(|n| [(n, false), (n, true)]) {
        panics_at_every_item(|len, make, ledger| {
            let old = Ledger::new(len);
            let max_len = if len % 2 == 0 { 2 } else { usize::MAX };
            let items = old.items().into_par_iter().with_max_len(max_len);
            let items = items.filter(|item| !in_filter || make(item.id) % step == 0);
            let items = items.filter_map(|item| {
                let is_liked = in_filter || make(item.id) % step == 0;
                is_liked.then(|| ledger.item(item.id))
            });
            let panic = catch_unwind(AssertUnwindSafe(|| drop(items.collect::<Vec<_>>())));
            old.assert_settled();
            resume_unwind(panic.unwrap_err());
        });
    }
}

/// What is made of a vector's items, one of each, comes to lie where they lay.
#[test]
fn a_vector_is_made_over_in_its_own_memory() {
    with_pools(|| {
        for len in [1, 2, 100, 20_011_usize] {
            let mut numbers = Vec::with_capacity(len + len / 2);
            numbers.extend(0..len);
            let (memory, capacity) = (numbers.as_ptr().addr(), numbers.capacity());
            let items = numbers.into_par_iter().with_min_len(2);
            let items = items.map(|x| x as isize).inspect(|x| assert!(*x >= 0));
            let items = items.update(|x| *x *= -2).with_max_len(1000);
            let halves: Vec<isize> = items.map(|x| x / 2).collect();
            assert!(halves.iter().copied().eq((0..len).map(|x| -(x as isize))));
            assert_eq!(
                (halves.as_ptr().addr(), halves.capacity()),
                (memory, capacity)
            );

            let texts: Box<[String]> = halves.iter().map(isize::to_string).collect();
            let memory = texts.as_ptr().addr();
            let bytes: Vec<Vec<u8>> = texts.into_par_iter().map(String::into_bytes).collect();
            let want = (0..len).map(|x| (-(x as isize)).to_string().into_bytes());
            assert!(bytes.iter().cloned().eq(want));
            assert_eq!(bytes.as_ptr().addr(), memory);
        }
    });
}

/// What passes a filter, or is smaller, comes to lie at the front of the memory, in as many pieces as may be.
#[test]
fn fewer_and_smaller_items_come_over_those_of_a_vector() {
    with_pools(|| {
        for (len, max_len) in [1, 2, 3, 100, 20_011_u64]
            .into_iter()
            .flat_map(|len| [1, 7, usize::MAX].map(|max_len| (len, max_len)))
        {
            let numbers = || Vec::from_iter(0..len);
            let items = || numbers().into_par_iter().with_max_len(max_len);
            for step in [1, 2, 3, 50] {
                let want: Vec<u64> = numbers().into_iter().filter(|x| x % step == 0).collect();
                assert_eq!(items().filter(|x| x % step == 0).collect::<Vec<_>>(), want);
                let kept = items().filter_map(|x| (x % step == 0).then_some(x as i64 + 1));
                let minus = kept.map(|x| x - 1).collect::<Box<[i64]>>();
                assert!(minus.iter().map(|x| *x as u64).eq(want.iter().copied()));
                let texts = items().map(|x| x.to_string()).collect::<Vec<_>>();
                let texts = texts.into_par_iter().with_max_len(max_len);
                let texts = texts.filter(|x| x.parse::<u64>().unwrap() % step == 0);
                let texts = texts.update(|x| x.push('!')).filter(|x| x.len() > 1);
                let want_texts = want.iter().map(|x| format!("{x}!"));
                assert!(texts.collect::<Vec<_>>().into_iter().eq(want_texts));
                let pairs = numbers().into_iter().map(|x| (x, [x; 3]));
                let pairs = Vec::from_iter(pairs).into_par_iter().with_max_len(max_len);
                let firsts = pairs.filter(|x| x.0 % step == 0).map(|(x, _)| x);
                assert_eq!(firsts.collect::<Vec<_>>(), want);
            }
            let texts = Vec::from_iter(numbers().iter().map(u64::to_string));
            let lens = texts.par_iter().map(String::len).collect::<Vec<_>>();
            let made = texts.into_par_iter().with_max_len(max_len);
            assert_eq!(made.map(|text| text.len()).collect::<Vec<_>>(), lens);
        }
    });
}

/// If most of it is needed, the memory stays, and nothing but it is needed. If not, what is left over is given back.
#[test]
fn the_memory_of_a_filtered_vector_is_its_own() {
    with_pools(|| {
        for len in [100, 20_011] {
            let numbers = Vec::from_iter(0..len);
            let memory = numbers.as_ptr().addr();
            let most = numbers.into_par_iter().filter(|x| x % 5 != 0);
            let most = most.collect::<Vec<_>>();
            assert_eq!((most.as_ptr().addr(), most.capacity()), (memory, len));
            let few = most.into_par_iter().filter(|x| x % 50 == 1);
            let few = few.collect::<Vec<_>>();
            assert!(few.iter().copied().eq((0..len).filter(|x| x % 50 == 1)));
            assert!(few.capacity() <= len / 2);

            // Also where each item stays in its place.
            let mut few = Vec::with_capacity(10 * len);
            few.extend(0..len);
            let mapped = few.into_par_iter().map(|x| x as isize).collect::<Vec<_>>();
            assert!(mapped.iter().copied().eq(0..len as isize));
            assert!(mapped.capacity() < 2 * len);
        }
    });
}

/// What does not fit in, or changes its place, gets memory of its own.
#[test]
fn other_items_of_a_vector_are_made_elsewhere() {
    with_pools(|| {
        for len in [0, 1, 2, 100, 20_011_u32] {
            let items = || Vec::from_iter(0..len).into_par_iter().map(|x| x + 1);
            let want = Vec::from_iter(1..=len);
            let small: Vec<u8> = items().map(|x| x as u8).collect();
            assert!(small.iter().copied().eq(want.iter().map(|x| *x as u8)));
            let aligned: Vec<[u8; 4]> = items().map(u32::to_le_bytes).collect();
            assert!(
                aligned
                    .iter()
                    .copied()
                    .eq(want.iter().map(|x| x.to_le_bytes()))
            );
            let backwards: Vec<u32> = items().rev().map(|x| x - 1).collect();
            assert!(backwards.into_iter().rev().eq(0..len));
            let later: Vec<u32> = items().skip(1).chain([0]).map(|x| x).collect();
            let want_later = want.iter().copied().skip(1).chain([0]);
            assert!(later.into_iter().eq(want_later));
            let twice: Vec<u32> = items().zip(items()).map(|(a, b)| a + b).collect();
            assert!(twice.into_iter().eq(want.iter().map(|x| 2 * x)));
            let units: Vec<()> = vec![(); len as usize]
                .into_par_iter()
                .map(|()| ())
                .collect();
            assert_eq!(units.len(), len as usize);
            let odd: Vec<u32> = items().filter(|x| x % 2 == 1).map(|x| x).collect();
            assert!(odd.into_iter().eq((1..=len).step_by(2)));
        }
    });
}

#[test]
fn a_panic_in_collect_into_vec_drops_old_and_new_once() {
    panics_at_every_item(|len, make, ledger| {
        let old = Ledger::new(3);
        let mut vec = old.items();
        let items = (0..len).into_par_iter().map(|id| ledger.item(make(id)));
        let panic = catch_unwind(AssertUnwindSafe(|| items.collect_into_vec(&mut vec)));
        assert!(vec.is_empty());
        drop(vec);
        old.assert_settled();
        resume_unwind(panic.unwrap_err());
    });
}

#[test]
fn a_panic_in_par_extend_keeps_what_was_there() {
    panics_at_every_item(|len, make, ledger| {
        let old = Ledger::new(3);
        let mut vec = old.items();
        let items = (0..len).into_par_iter().map(|id| ledger.item(make(id)));
        let panic = catch_unwind(AssertUnwindSafe(|| vec.par_extend(items)));
        assert!(vec.iter().map(|item| item.id).eq(0..3));
        drop(vec);
        old.assert_settled();
        resume_unwind(panic.unwrap_err());
    });
}

#[test]
fn large_items_survive_a_panic_elsewhere() {
    with_pools(|| {
        for at in 0..9 {
            let ledger = Ledger::new(9);
            let make = |id: usize| {
                if id == at {
                    panic_as_planned(at)
                } else {
                    ledger.loaded(id, [id as u8; 1024])
                }
            };
            assert_panics_at(at, || (0..9).into_par_iter().map(make).collect::<Vec<_>>());
            assert_panics_at(at, || {
                (0..9).into_par_iter().map(make).filter(|_| true).count()
            });
        }
        let ledger = Ledger::new(9);
        let items: Vec<Item<'_, [u8; 1024]>> = (0..9)
            .into_par_iter()
            .map(|id| ledger.loaded(id, [id as u8; 1024]))
            .collect();
        assert!(
            items
                .iter()
                .all(|item| item.load.iter().all(|byte| usize::from(*byte) == item.id))
        );
        drop(items);
        ledger.assert_settled();
    });
}

#[test]
fn items_of_size_zero_are_counted() {
    static LIVE: AtomicIsize = AtomicIsize::new(0);
    #[derive(Debug)]
    struct Nothing;
    impl Nothing {
        fn new() -> Self {
            LIVE.fetch_add(1, Ordering::Relaxed);
            Nothing
        }
    }
    impl Drop for Nothing {
        fn drop(&mut self) {
            LIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }
    with_pools(|| {
        for len in LENS {
            let vec: Vec<_> = (0..len).into_par_iter().map(|_| Nothing::new()).collect();
            assert_eq!(
                (vec.len(), LIVE.load(Ordering::Relaxed)),
                (len, len as isize)
            );
            drop(vec);
            let shared: Arc<[_]> = (0..len).into_par_iter().map(|_| Nothing::new()).collect();
            assert_eq!(
                (shared.len(), LIVE.load(Ordering::Relaxed)),
                (len, len as isize)
            );
            drop(shared);
            let vec: Vec<_> = (0..len)
                .into_par_iter()
                .map(|_| Nothing::new())
                .filter(|_| true)
                .collect();
            assert_eq!(
                (vec.len(), LIVE.load(Ordering::Relaxed)),
                (len, len as isize)
            );
            drop(vec);
            assert_eq!(LIVE.load(Ordering::Relaxed), 0);
        }
        for at in 0..13 {
            let make = |id: usize| {
                if id == at {
                    panic_as_planned(at)
                } else {
                    Nothing::new()
                }
            };
            assert_panics_at(at, || (0..13).into_par_iter().map(make).collect::<Vec<_>>());
            assert_eq!(LIVE.load(Ordering::Relaxed), 0);
        }
        let short = Liar {
            says: 10,
            gives: 0..8,
            hint: Hint::True,
        };
        assert!(
            message_of(|| short.map(|_| Nothing::new()).collect::<Vec<_>>())
                .contains("promised 10")
        );
        assert_eq!(LIVE.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn units_are_counted_and_not_stored() {
    let units: Vec<()> = (0..100_000u32).into_par_iter().map(drop).collect();
    assert_eq!(units.len(), 100_000);
    let ran = AtomicUsize::new(0);
    let count = |_| {
        ran.fetch_add(1, Ordering::Relaxed);
    };
    let () = (0..1000u32).into_par_iter().map(count).collect();
    assert_eq!(ran.into_inner(), 1000);
}

/// Says it has `says` items, and gives those of a range.
#[derive(Clone)]
struct Liar {
    says: usize,
    gives: Range<usize>,
    hint: Hint,
}

/// What its sequential iterators say about their length.
#[derive(Clone, Copy)]
enum Hint {
    True,
    Unknown,
    Few(usize),
}

impl ParallelIterator for Liar {
    type Item = usize;

    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.says)
    }
}

impl IndexedParallelIterator for Liar {
    fn drive<C: Consumer<usize>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn len(&self) -> usize {
        self.says
    }

    fn with_producer<CB: ProducerCallback<usize>>(self, callback: CB) -> CB::Output {
        callback.callback(self)
    }
}

impl Producer for Liar {
    type Item = usize;
    type IntoIter = LiarIter;

    fn into_iter(self) -> LiarIter {
        LiarIter(self.gives, self.hint)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let Range { start, end } = self.gives;
        let middle = (start + index).min(end);
        (
            Self {
                gives: start..middle,
                ..self
            },
            Self {
                gives: middle..end,
                ..self
            },
        )
    }
}

struct LiarIter(Range<usize>, Hint);

impl Iterator for LiarIter {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.1 {
            Hint::True => self.0.size_hint(),
            Hint::Unknown => (0, None),
            Hint::Few(few) => (
                self.0.len().saturating_sub(few),
                Some(self.0.len().saturating_sub(few)),
            ),
        }
    }
}

impl DoubleEndedIterator for LiarIter {
    fn next_back(&mut self) -> Option<usize> {
        self.0.next_back()
    }
}

impl ExactSizeIterator for LiarIter {
    fn len(&self) -> usize {
        self.0.len()
    }
}

#[test]
fn too_few_items_are_noticed_and_dropped() {
    with_pools(|| {
        for (says, gives) in [(1, 0), (10, 9), (10, 5), (10, 4), (10, 0), (1000, 999)] {
            for hint in [Hint::True, Hint::Unknown] {
                let ledger = Ledger::new(gives);
                let liar = || {
                    Liar {
                        says,
                        gives: 0..gives,
                        hint,
                    }
                    .map(|id| ledger.item(id))
                };
                assert!(
                    message_of(|| liar().collect::<Vec<_>>())
                        .contains(&format!("promised {says} items"))
                );
                ledger.assert_settled();

                let ledger = Ledger::new(gives);
                let liar = || {
                    Liar {
                        says,
                        gives: 0..gives,
                        hint,
                    }
                    .map(|id| ledger.item(id))
                };
                let mut vec = Vec::new();
                assert!(message_of(|| liar().collect_into_vec(&mut vec)).contains("fell short"));
                assert!(vec.is_empty());
                ledger.assert_settled();

                let ledger = Ledger::new(gives);
                let liar = || {
                    Liar {
                        says,
                        gives: 0..gives,
                        hint,
                    }
                    .map(|id| ledger.item(id))
                };
                assert!(message_of(|| liar().collect::<Arc<[_]>>()).contains("fell short"));
                ledger.assert_settled();
            }
        }
    });
}

#[test]
fn too_many_items_are_noticed_and_dropped() {
    with_pools(|| {
        for (says, gives) in [(0, 1), (1, 2), (9, 10), (10, 15), (1000, 3000)] {
            for hint in [Hint::True, Hint::Unknown] {
                let ledger = Ledger::new(gives);
                let liar = || {
                    Liar {
                        says,
                        gives: 0..gives,
                        hint,
                    }
                    .map(|id| ledger.item(id))
                };
                let message = message_of(|| liar().collect::<Vec<_>>());
                assert!(
                    message.contains("promised") && message.contains("yields more"),
                    "{message}"
                );
                ledger.assert_settled();
            }
        }
    });
}

#[test]
fn a_hint_that_is_too_low_does_no_harm() {
    // An iterator that hides some of its items is not asked for them: the sum falls short, or it fits.
    let liar = Liar {
        says: 10,
        gives: 0..10,
        hint: Hint::Few(3),
    };
    let ledger = Ledger::new(10);
    assert!(
        message_of(|| liar.map(|id| ledger.item(id)).collect::<Vec<_>>()).contains("promised 10")
    );
    ledger.assert_settled();
}

/// Tells its length, but is driven without indices.
struct Unindexed(Range<usize>);

impl ParallelIterator for Unindexed {
    type Item = usize;

    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl UnindexedProducer for Unindexed {
    type Item = usize;

    fn split(self) -> (Self, Option<Self>) {
        let middle = self.0.start + self.0.len() / 2;
        if middle == self.0.start {
            return (self, None);
        }
        (Self(self.0.start..middle), Some(Self(middle..self.0.end)))
    }

    fn fold_with<F: Folder<usize>>(self, folder: F) -> F {
        folder.consume_iter(self.0)
    }
}

#[test]
fn a_length_without_indices_is_refused() {
    let pool = lyocell::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let message = message_of(|| pool.install(|| Unindexed(0..100).collect::<Vec<_>>()));
    assert!(message.contains("opt_len"), "{message}");
}

#[test]
fn results_stop_at_an_error_and_drop_the_rest() {
    with_pools(|| {
        for len in [1, 2, 3, 8, 1000] {
            let ledger = Ledger::new(len);
            let all: Result<Vec<_>, usize> = (0..len)
                .into_par_iter()
                .map(|id| Ok(ledger.item(id)))
                .collect();
            assert!(all.unwrap().iter().map(|item| item.id).eq(0..len));
            ledger.assert_settled();
            for at in [0, len / 2, len - 1] {
                let ledger = Ledger::new(len);
                let check = |id| {
                    if id == at {
                        Err(id)
                    } else {
                        Ok(ledger.item(id))
                    }
                };
                let none: Result<Vec<_>, usize> = (0..len).into_par_iter().map(check).collect();
                assert_eq!(none.err(), Some(at));
                ledger.assert_settled();
                let ledger = Ledger::new(len);
                let check = |id| (id != at).then(|| ledger.item(id));
                let none: Option<Vec<_>> = (0..len).into_par_iter().map(check).collect();
                assert!(none.is_none());
                ledger.assert_settled();
            }
            let ledger = Ledger::new(len);
            let errors: Result<Vec<()>, _> = (0..len)
                .into_par_iter()
                .map(|id| Err(ledger.item(id)))
                .collect();
            assert!(errors.unwrap_err().id < len);
            ledger.assert_settled();
        }
    });
}

#[test]
fn results_of_known_length_are_written_in_place() {
    with_pools(|| {
        let ok: Result<Vec<_>, ()> = (0..1001u32)
            .into_par_iter()
            .with_max_len(9)
            .map(Ok)
            .collect();
        let ok = ok.unwrap();
        assert_eq!(ok.capacity(), 1001);
        assert!(ok.into_iter().eq(0..1001));
        let some: Option<VecDeque<_>> = (0..1001u32)
            .into_par_iter()
            .filter(|x| x % 2 == 0)
            .map(Some)
            .collect();
        assert!(some.unwrap().into_iter().eq((0..1001).step_by(2)));
        let none: Option<BTreeMap<_, _>> = (0..9)
            .into_par_iter()
            .map(|x| (x < 8).then_some((x, x)))
            .collect();
        assert_eq!(none, None);
    });
}

#[test]
fn an_error_excuses_missing_items_and_nothing_else_does() {
    with_pools(|| {
        let short = Liar {
            says: 100,
            gives: 0..90,
            hint: Hint::True,
        };
        let message = message_of(|| {
            short
                .clone()
                .map(Ok::<_, ()>)
                .collect::<Result<Vec<_>, _>>()
        });
        assert!(message.contains("fell short"), "{message}");
        let check = |x| if x == 70 { Err(x) } else { Ok(x) };
        assert_eq!(short.map(check).collect::<Result<Vec<_>, _>>(), Err(70));
    });
}

#[test]
fn an_error_stops_the_others() {
    // One thread, one row: nothing after the error may be looked at.
    let pool = lyocell::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let seen = AtomicUsize::new(0);
    let stopped: Option<()> = pool.install(|| {
        (0..100_000)
            .into_par_iter()
            .map(|x| (seen.fetch_add(1, Ordering::Relaxed) + x < 10).then_some(()))
            .collect()
    });
    assert!(stopped.is_none());
    assert!(seen.into_inner() < 50_000);
}

#[test]
fn nested_collections_collect() {
    let parse = |word: &&str| word.parse::<u8>().ok();
    assert_eq!(
        ["1", "2"]
            .par_iter()
            .map(parse)
            .collect::<Option<Box<[_]>>>()
            .as_deref(),
        Some(&[1, 2][..])
    );
    let pairs: Result<(Vec<_>, VecDeque<_>), ()> =
        (0..5).into_par_iter().map(|x| Ok((x, 2 * x))).collect();
    assert_eq!(
        pairs,
        Ok((vec![0, 1, 2, 3, 4], VecDeque::from([0, 2, 4, 6, 8])))
    );
}

/// Leaves begin with room for many items. What becomes of them has no more than twice the room it needs.
#[test]
fn few_items_take_little_room() {
    with_pools(|| {
        for kept in [1, 2, 3, 10, 100] {
            let is_kept = |n: &u64| n.is_multiple_of(1_000 / kept);
            let numbers = || (0..1_000_u64).into_par_iter();
            let filtered: Vec<u64> = numbers().filter(is_kept).collect();
            let made: Vec<u64> = numbers().filter_map(|n| is_kept(&n).then_some(n)).collect();
            let flat: Vec<u64> = numbers()
                .flat_map_iter(|n| is_kept(&n).then_some(n))
                .collect();
            for vec in [filtered, made, flat] {
                assert!(vec.len() >= kept as usize);
                assert!(vec.capacity() <= 2 * vec.len() + 1);
            }
        }
    });
}
