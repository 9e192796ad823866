//! Where items come from, beside std's way of getting them.

use std::collections::{BinaryHeap, LinkedList, VecDeque};
use std::hint::black_box;
use std::iter::from_fn;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::iter::{empty, once, repeat, repeat_n, split};
use lyocell::prelude::*;

use crate::common::{Note, boom, caught, inside, numbers, with_pools};
use crate::counted::Ledger;
use crate::twin::{
    LENGTHS, check_cut, check_face, check_indexed, check_splits, check_unindexed, for_each_cut,
};

macro_rules! sources {
    ($($name:ident: |$data:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|pool, width| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let $data = numbers(len);
                    let want: Vec<_> = $theirs.collect();
                    if width == 1 {
                        check_splits(|| $ours, &want);
                    }
                    inside(pool, &|| {
                        check_face(|| $ours, &want);
                        check_indexed(|| $ours, &want);
                    });
                }
            });
        }
    )*};
}

sources! {
    slice: |data| data.par_iter() => data.iter();
    slice_by_reference: |data| (&data[..]).into_par_iter() => data.iter();
    vec_by_reference: |data| (&data).into_par_iter() => data.iter();
    vec: |data| data.clone().into_par_iter() => data.iter().copied();
    vec_of_strings: |data| data.iter().map(u64::to_string).collect::<Vec<_>>().into_par_iter() => data.iter().map(u64::to_string);
    vec_of_nothings: |data| vec![(); data.len()].into_par_iter() => data.iter().map(|_| ());
    chunks_of_one: |data| data.par_chunks(1) => data.chunks(1);
    chunks: |data| data.par_chunks(3) => data.chunks(3);
    chunks_longer_than_all: |data| data.par_chunks(usize::MAX) => data.chunks(usize::MAX);
    chunks_exact: |data| data.par_chunks_exact(3) => data.chunks_exact(3);
    chunks_exact_longer_than_all: |data| data.par_chunks_exact(usize::MAX) => data.chunks_exact(usize::MAX);
    windows_of_one: |data| data.par_windows(1) => data.windows(1);
    windows_of_two: |data| data.par_windows(2) => data.windows(2);
    windows_of_three: |data| data.par_windows(3) => data.windows(3);
    windows: |data| data.par_windows(4) => data.windows(4);
    windows_of_eight: |data| data.par_windows(8) => data.windows(8);
    windows_of_nine: |data| data.par_windows(9) => data.windows(9);
    windows_longer_than_all: |data| data.par_windows(usize::MAX) => data.windows(usize::MAX);
    some: |data| Some(data.len()).into_par_iter() => Some(data.len()).into_iter();
    none: |data| data.first().filter(|_| false).copied().into_par_iter() => data.iter().take(0).copied();
    range_of_usize: |data| (3..data.len()).into_par_iter() => 3..data.len();
    range_of_u16_with_its_end: |data| (3..=data.len() as u16).into_par_iter() => 3..=data.len() as u16;
    boxed_slice: |data| data.clone().into_boxed_slice().into_par_iter() => data.iter().copied();
    deque: |data| turned(&data).into_par_iter() => data.iter().copied();
    heap: |data| BinaryHeap::from_iter(data.clone()).into_par_iter() => BinaryHeap::from_iter(data.clone()).into_iter();
    ok: |data| Ok::<_, u8>(data.len()).into_par_iter() => Some(data.len()).into_iter();
    err: |data| Err::<u8, _>(data.len()).into_par_iter() => None.into_iter();
    nothing: |data| { let _ = &data; empty::<u8>() } => data.iter().take(0).map(|_| 0_u8);
    one: |data| once(data.len()) => std::iter::once(data.len());
    repeated: |data| repeat_n(String::from("7"), data.len()) => std::iter::repeat_n(String::from("7"), data.len());
    repeated_without_end: |data| repeat(String::from("7")).take(data.len()) => std::iter::repeat_n(String::from("7"), data.len());
    repeated_beside_others: |data| repeat(7).zip(&data) => std::iter::repeat(7).zip(&data);
    tuple: |data| (&data, data.clone(), 0..data.len()).into_par_iter() => data.iter().zip(data.clone()).zip(0..).map(|((a, b), c)| (a, b, c));
}

/// A deque whose items go round the end of its memory.
fn turned(data: &[u64]) -> VecDeque<u64> {
    let (front, back) = data.split_at(data.len() / 3);
    let mut deque: VecDeque<u64> = back.iter().copied().collect();
    front.iter().rev().for_each(|x| deque.push_front(*x));
    deque
}

macro_rules! arrays {
    ($($name:ident: $len:literal;)*) => {$(
        #[test]
        fn $name() {
            let data = numbers($len);
            let make = || <[u64; $len]>::try_from(data.clone()).expect("so many").into_par_iter();
            check_splits(make, &data);
            with_pools(|pool, _| inside(pool, &|| {
                check_face(make, &data);
                check_indexed(make, &data);
            }));
        }
    )*};
}

arrays! {
    array_of_0: 0;
    array_of_1: 1;
    array_of_17: 17;
}

/// Borrowed, from collections that are no slice.
#[test]
fn deques_and_heaps_by_reference() {
    with_pools(|pool, width| {
        for len in LENGTHS {
            let (deque, heap) = (turned(&numbers(len)), BinaryHeap::from(numbers(len)));
            let (in_deque, in_heap): (Vec<&u64>, Vec<&u64>) =
                (deque.iter().collect(), heap.iter().collect());
            if width == 1 {
                check_splits(|| deque.par_iter(), &in_deque);
                check_splits(|| heap.par_iter(), &in_heap);
            }
            inside(pool, &|| {
                check_face(|| deque.par_iter(), &in_deque);
                check_face(|| heap.par_iter(), &in_heap);
                check_indexed(|| deque.par_iter(), &in_deque);
                check_indexed(|| heap.par_iter(), &in_heap);
            });
            let want: Vec<u64> = deque.iter().copied().collect();
            for_each_cut(len, |cuts| {
                check_cut(deque.clone().par_iter_mut().map(|x| *x), cuts, &want);
                check_cut(deque.clone().par_drain(..), cuts, &want);
            });
        }
    });
}

macro_rules! unindexed_sources {
    ($($name:ident: |$data:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|pool, _| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let $data = numbers(len);
                    let want: Vec<_> = $theirs.collect();
                    inside(pool, &|| {
                        check_face(|| $ours, &want);
                        check_unindexed(|| $ours, &want);
                    });
                }
            });
        }
    )*};
}

/// The half after the middle, if there are two.
fn halves(range: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    if range.len() < 2 {
        return (range, None);
    }
    let middle = range.start + range.len() / 2;
    (range.start..middle, Some(middle..range.end))
}

unindexed_sources! {
    list: |data| LinkedList::from_iter(data.clone()).into_par_iter() => data.iter().copied();
    range_of_u64: |data| (3..data.len() as u64).into_par_iter() => 3..data.len() as u64;
    range_of_i128_with_its_end: |data| (-3..=data.len() as i128).into_par_iter() => -3..=data.len() as i128;
    cut_by_a_function: |data| split(0..data.len(), halves).flat_map_iter(|part| part) => 0..data.len();
}

#[test]
fn options_by_reference() {
    with_pools(|pool, _| {
        pool.install(|| {
            let (some, none): (Option<u32>, Option<u32>) = (Some(5), None);
            assert_eq!(some.par_iter().collect::<Vec<_>>(), [&5]);
            assert_eq!((&none).into_par_iter().count(), 0);
            let mut some = some;
            some.par_iter_mut().for_each(|x| *x += 1);
            assert_eq!((some, some.into_par_iter().len()), (Some(6), 1));
        });
    });
}

#[test]
fn remainder_of_chunks_exact() {
    for len in LENGTHS {
        let data = numbers(len);
        for size in [1, 3, 16, usize::MAX] {
            let (mut ours, theirs) = (data.par_chunks_exact(size), data.chunks_exact(size));
            assert_eq!(
                (ours.remainder(), ours.len()),
                (theirs.remainder(), theirs.len())
            );
            ours = data.par_chunks_exact(size);
            assert_eq!(
                ours.count() * size.min(len + 1) + theirs.remainder().len(),
                len
            );
        }
    }
}

/// What is lent out mutably is cut like everything else; each cut needs data of its own.
#[test]
fn mutable_sources_are_cut() {
    for len in LENGTHS {
        let data = numbers(len);
        let (each, chunks): (Vec<u64>, Vec<Vec<u64>>) =
            (data.clone(), data.chunks(3).map(<[u64]>::to_vec).collect());
        let exact: Vec<Vec<u64>> = data.chunks_exact(3).map(<[u64]>::to_vec).collect();
        for_each_cut(each.len(), |cuts| {
            check_cut(data.clone().par_iter_mut().map(|x| *x), cuts, &each);
            check_cut(data.clone().par_drain(..), cuts, &each);
        });
        for_each_cut(chunks.len(), |cuts| {
            check_cut(
                data.clone().par_chunks_mut(3).map(|chunk| chunk.to_vec()),
                cuts,
                &chunks,
            );
        });
        for_each_cut(exact.len(), |cuts| {
            check_cut(
                data.clone()
                    .par_chunks_exact_mut(3)
                    .map(|chunk| chunk.to_vec()),
                cuts,
                &exact,
            );
        });
    }
}

/// Every item is lent once, to one thread, and what is written stays.
#[test]
fn mutable_sources_write() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            for max in [1, 4, usize::MAX] {
                let mut ours = vec![0; len];
                pool.install(|| {
                    ours.par_iter_mut()
                        .with_max_len(max)
                        .enumerate()
                        .for_each(|(at, x)| *x += at);
                    ours.par_chunks_mut(7)
                        .with_max_len(max)
                        .rev()
                        .enumerate()
                        .for_each(|(at, chunk)| chunk[0] += at);
                    ours.par_chunks_exact_mut(5)
                        .with_max_len(max)
                        .for_each(|chunk| chunk[4] *= chunk.len());
                    let again = (&mut ours).into_par_iter();
                    again.skip(1).step_by(2).for_each(|x| *x += 1);
                });
                let mut theirs: Vec<usize> = (0..len).collect();
                theirs
                    .chunks_mut(7)
                    .rev()
                    .enumerate()
                    .for_each(|(at, chunk)| chunk[0] += at);
                theirs
                    .chunks_exact_mut(5)
                    .for_each(|chunk| chunk[4] *= chunk.len());
                theirs.iter_mut().skip(1).step_by(2).for_each(|x| *x += 1);
                assert_eq!(ours, theirs);
            }
        }
        let mut data = numbers(20);
        let rest = pool.install(|| {
            let mut chunks = data.par_chunks_exact_mut(8);
            assert_eq!((chunks.len(), chunks.remainder().len()), (2, 4));
            let rest = chunks.into_remainder();
            rest.fill(99);
            rest.len()
        });
        assert_eq!((rest, data[16..].iter().sum::<u64>()), (4, 4 * 99));
    });
}

/// Taken out of a vector: the rest closes up, whether the items are driven to the end, in part, or not at all.
#[test]
fn par_drain_leaves_the_rest() {
    with_pools(|pool, _| {
        for (begin, end) in [
            (0, 0),
            (0, 40),
            (0, 17),
            (5, 5),
            (5, 30),
            (39, 40),
            (40, 40),
        ] {
            let want: Vec<u64> = (0..begin).chain(end..40).collect();
            let ledger = Ledger::new();
            pool.install(|| {
                let rest_of = |drain: &dyn Fn(&mut Vec<_>)| {
                    let mut values = ledger.values(40);
                    drain(&mut values);
                    assert_eq!(
                        values.iter().map(|value| value.value).collect::<Vec<_>>(),
                        want
                    );
                };
                let range = begin as usize..end as usize;
                rest_of(&|values| {
                    let taken: Vec<u64> = values
                        .par_drain(range.clone())
                        .map(|value| value.value)
                        .collect();
                    assert_eq!(taken, (begin..end).collect::<Vec<_>>());
                });
                rest_of(&|values| drop(values.par_drain(range.clone())));
                rest_of(&|values| {
                    assert!(
                        !values
                            .par_drain(range.clone())
                            .any(|value| value.value > 40)
                    )
                });
                rest_of(&|values| {
                    _ = values
                        .par_drain(range.clone())
                        .find_any(|value| value.value % 3 == 0)
                });
                rest_of(&|values| assert!(values.par_drain(range.clone()).take(3).count() <= 3));
            });
            ledger.settle();
        }
        let mut values = vec![1, 2, 3, 4];
        assert_eq!(pool.install(|| values.par_drain(1..=2).sum::<i32>()), 5);
        assert_eq!(pool.install(|| values.par_drain(..).sum::<i32>()), 5);
        assert_eq!(values, []);
    });
}

/// In no order, each once; and what is left in the sequential iterator comes when it is bridged again.
#[test]
fn bridged() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let data = numbers(len);
            let mut want = data.clone();
            want.sort();
            pool.install(|| {
                let bridge = data.iter().copied().par_bridge();
                assert!(format!("{bridge:?}").contains("IterBridge"));
                for bridge in [bridge.clone(), bridge] {
                    let mut all: Vec<u64> = bridge.collect();
                    all.sort();
                    assert_eq!(all, want);
                }
                let mut iter = data.iter();
                let taken = iter.by_ref().par_bridge().any(|x| *x < 64);
                assert_eq!(taken, len > 0);
                assert!(iter.len() < len.max(1));
            });
        }
    });
}

/// The same loop over and over: it is shared, then tried alone, and what is left of it shared after all, or not. Its length may be known
/// or not, and an item take as long in company as alone, or longer, for a lock.
#[test]
fn bridged_again_and_again() {
    let busy = |x: u64| (0..300).fold(x, |x, _| black_box(x));
    let lock = Mutex::new(());
    let locked = |x| {
        let _guard = lock.lock();
        busy(x)
    };
    with_pools(|pool, _| {
        pool.install(|| {
            for turn in 0..40 {
                let _note = Note(format!("turn {turn}"));
                let sum = 999 * 500;
                let known = || (0..1000).par_bridge();
                let unknown = || (0..2000).filter(|x| *x < 1000).par_bridge();
                let one_by_one = || {
                    let mut rest = 0..1000;
                    from_fn(move || rest.next()).par_bridge() // says nothing of its length
                };
                assert_eq!(known().map(busy).sum::<u64>(), sum);
                assert_eq!(known().map(locked).sum::<u64>(), sum);
                assert_eq!(unknown().map(busy).sum::<u64>(), sum);
                assert_eq!(unknown().map(locked).sum::<u64>(), sum);
                assert_eq!(one_by_one().map(busy).sum::<u64>(), sum);
                assert_eq!(one_by_one().map(locked).sum::<u64>(), sum);
            }
            let brittle = |x| if x == 700 { boom(x) } else { locked(x) };
            for _ in 0..40 {
                let sum = || (0..1000).par_bridge().map(brittle).sum::<u64>();
                assert_eq!(caught(sum), Err(700));
            }
        });
    });
}

/// Without an end, and so without a length: some other end must be found.
#[test]
fn repeated_for_ever() {
    with_pools(|pool, _| {
        pool.install(|| {
            assert_eq!(repeat(7).opt_len(), None);
            assert_eq!(repeat(7).take_any(1000).sum::<u64>(), 7000);
            assert_eq!(repeat(7).find_first(|x| *x == 7), Some(7));
            assert!(repeat(7).map(|x| x + 1).any(|x| x == 8));
        });
    });
}

/// No item comes twice and none is left out, over many runs and all widths.
#[test]
fn stress() {
    with_pools(|pool, _| {
        let seen: Vec<AtomicUsize> = (0..2000).map(|_| AtomicUsize::new(0)).collect();
        for round in 1..=20 {
            pool.install(|| {
                (0..2000_usize)
                    .into_par_iter()
                    .with_max_len(round)
                    .for_each(|at| _ = seen[at].fetch_add(1, Ordering::Relaxed));
            });
            assert!(
                seen.iter()
                    .all(|times| times.load(Ordering::Relaxed) == round)
            );
        }
    });
}
