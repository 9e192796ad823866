//! The sorts: against std's, for many shapes and sizes of slices, in pools of several sizes; with comparators that
//! panic or contradict themselves.

use crate::common::{Random, sized_or_slow, watchdog};
use lyocell::ThreadPoolBuilder;
use lyocell::prelude::*;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Sizes around the length from which several workers sort numbers of 8 bytes, and some far beyond.
const LARGE: [usize; 9] = [
    2_047, 2_048, 2_049, 8_191, 8_192, 8_193, 20_000, 66_000, 200_003,
];

fn with_pools(test: impl Fn() + Sync) {
    for threads in [1, 2, 3, 8] {
        ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(&test);
    }
}

/// Named slices of `len` numbers.
fn patterns(len: usize) -> Vec<(&'static str, Vec<u64>)> {
    let mut rng = StdRng::seed_from_u64(len as u64);
    let n = len as u64;
    let random: Vec<u64> = (0..n).map(|_| rng.next_u64()).collect();
    let mut shuffled_a_little: Vec<u64> = (0..n).collect();
    for _ in 0..len / 100 {
        shuffled_a_little.swap(rng.random_range(0..len), rng.random_range(0..len));
    }
    vec![
        ("two values", random.iter().map(|x| x % 2).collect()),
        ("few values", random.iter().map(|x| x % 16).collect()),
        ("many values", random.iter().map(|x| x % 1_000).collect()),
        (
            "one value mostly",
            random
                .iter()
                .map(|x| if x % 20 == 0 { *x } else { u64::MAX / 2 })
                .collect(),
        ),
        ("equal", vec![3; len]),
        ("rising", (0..n).collect()),
        ("falling", (0..n).rev().collect()),
        ("falling with equals", (0..n).rev().map(|i| i / 3).collect()),
        ("saw", (0..n).map(|i| i % (n / 5 + 1)).collect()),
        ("fine saw", (0..n).map(|i| i % 64).collect()),
        ("organ pipe", (0..n).map(|i| i.min(n - i)).collect()),
        (
            "appended",
            (0..n)
                .map(|i| {
                    if i + 20 < n {
                        i
                    } else {
                        random[i as usize] % n
                    }
                })
                .collect(),
        ),
        ("shuffled a little", shuffled_a_little),
        ("random", random),
    ]
}

/// All that sort `v`, stable and unstable, checked against std. `T` orders by a part of itself, and equality looks at
/// all of it, so that the stable sorts are held to the order of equal elements.
fn check<T: Ord + Clone + Send + Sync + Debug>(
    name: &str,
    v: &[T],
    is_same: impl Fn(&T, &T) -> bool,
) {
    let mut expected = v.to_vec();
    expected.sort();
    let same =
        |v: &[T]| v.len() == expected.len() && v.iter().zip(&expected).all(|(a, b)| is_same(a, b));
    let len = v.len();

    let mut sorted = v.to_vec();
    sorted.par_sort();
    assert!(same(&sorted), "par_sort, {name}, {len} elements");

    let mut sorted = v.to_vec();
    sorted.par_sort_by_cached_key(T::clone);
    assert!(
        same(&sorted),
        "par_sort_by_cached_key, {name}, {len} elements"
    );

    let mut sorted = v.to_vec();
    sorted.par_sort_unstable();
    assert!(
        sorted == expected,
        "par_sort_unstable, {name}, {len} elements"
    );

    expected.sort_by(|a, b| b.cmp(a));
    let mut sorted = v.to_vec();
    sorted.par_sort_unstable_by(|a, b| b.cmp(a));
    assert!(
        sorted == expected,
        "par_sort_unstable_by, {name}, {len} elements"
    );
}

fn check_numbers(len: usize) {
    for (name, v) in patterns(len) {
        check(name, &v, |a, b| a == b);
    }
}

#[test]
fn every_small_length() {
    let step = sized_or_slow(1, 7, 50);
    with_pools(|| (0..300).step_by(step).for_each(check_numbers));
}

#[test]
fn large_lengths() {
    let lengths = &LARGE[..sized_or_slow(9, 7, 3)];
    with_pools(|| lengths.iter().copied().for_each(check_numbers));
}

/// An element of `8 * N` bytes that is ordered by `key` alone.
#[derive(Clone, Debug)]
struct Padded<const N: usize> {
    key: u64,
    rest: [u64; N],
}

impl<const N: usize> PartialEq for Padded<N> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<const N: usize> Eq for Padded<N> {}
impl<const N: usize> PartialOrd for Padded<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<const N: usize> Ord for Padded<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

fn check_padded<const N: usize>(lengths: &[usize]) {
    for &len in lengths {
        for (name, v) in patterns(len) {
            let numbered = (0..).zip(v).map(|(i, key)| Padded {
                key: key % 100,
                rest: [i; N],
            });
            check(name, &numbered.collect::<Vec<_>>(), |a, b| {
                a.key == b.key && a.rest == b.rest
            });
        }
    }
}

#[test]
fn stability_and_element_sizes() {
    with_pools(|| {
        check_padded::<1>(&[50, 4_096, 9_000, 70_000]);
        check_padded::<31>(&[63, 64, 65, 3_000, 20_000]); // 256 bytes: stably by index
        check_padded::<127>(&[63, 64, 65, 3_000, 9_000]); // 1 KiB: all by index
    });
}

#[test]
fn strings() {
    with_pools(|| {
        for len in [100, 3_000, 30_000] {
            for (name, v) in patterns(len) {
                check(
                    name,
                    &v.iter().map(u64::to_string).collect::<Vec<_>>(),
                    |a, b| a == b,
                );
            }
        }
    });
}

#[test]
fn floats() {
    with_pools(|| {
        for (_, v) in patterns(50_000) {
            let mut v: Vec<f64> = v.iter().map(|&x| f64::from_bits(x)).collect();
            v.par_sort_by(f64::total_cmp);
            assert!(v.is_sorted_by(|a, b| a.total_cmp(b).is_le()));
            v.par_sort_unstable_by(|a, b| b.total_cmp(a));
            assert!(v.is_sorted_by(|a, b| a.total_cmp(b).is_ge()));
        }
    });
}

#[test]
fn keys() {
    with_pools(|| {
        for len in [0, 1, 100, 2_000, sized_or_slow(50_000, 10_000, 3_000)] {
            for (name, v) in patterns(len) {
                let mut expected: Vec<(usize, u64)> = v.into_iter().enumerate().collect();
                let input = expected.clone();
                expected.sort_by_key(|(_, x)| x % 10);

                let mut sorted = input.clone();
                sorted.par_sort_by_key(|(_, x)| x % 10);
                assert!(
                    sorted == expected,
                    "par_sort_by_key, {name}, {len} elements"
                );

                let calls = AtomicUsize::new(0);
                let mut sorted = input.clone();
                sorted.par_sort_by_cached_key(|(_, x)| {
                    calls.fetch_add(1, Relaxed); // a count only
                    (x % 10).to_string()
                });
                assert!(
                    sorted == expected,
                    "par_sort_by_cached_key, {name}, {len} elements"
                );
                assert!(calls.into_inner() == len || len < 2);

                let mut sorted = input;
                sorted.par_sort_unstable_by_key(|(i, x)| (x % 10, *i));
                assert!(
                    sorted == expected,
                    "par_sort_unstable_by_key, {name}, {len} elements"
                );
            }
        }
    });
}

/// The key borrows from its element, so it cannot outlive the comparison.
#[test]
fn keys_need_not_be_sent() {
    let mut v: Vec<u64> = patterns(20_000).remove(0).1;
    v.par_sort_by_key(|x| std::rc::Rc::new(*x));
    assert!(v.is_sorted());
    v.par_sort_unstable_by_key(|x| std::cmp::Reverse(std::rc::Rc::new(*x)));
    assert!(v.is_sorted_by(|a, b| a >= b));
}

#[test]
fn no_size() {
    with_pools(|| {
        let mut v = [(); 1 << 20];
        v.par_sort();
        v.par_sort_unstable();
        v.par_sort_by(|(), ()| Ordering::Greater);
        v.par_sort_by_key(|()| 1);
        v[..1_000].par_sort_by_cached_key(|()| 1);
        assert_eq!(v.len(), 1 << 20);
        // Not one by one.
        watchdog(|_| {
            let mut all = [(); usize::MAX];
            all.par_sort();
            all.par_sort_unstable();
            assert_eq!(all.len(), usize::MAX);
        });
    });
}

/// An element that counts itself and its comparisons. Its cell is not `Sync`, so no two workers may see it at once.
struct Counted<'a, const N: usize> {
    value: u64,
    looks: Cell<u64>,
    live: &'a AtomicUsize,
    _size: [u64; N],
}

impl<'a, const N: usize> Counted<'a, N> {
    fn new(value: u64, live: &'a AtomicUsize) -> Self {
        live.fetch_add(1, Relaxed); // a count only
        Self {
            value,
            looks: Cell::new(0),
            live,
            _size: [0; N],
        }
    }
}

impl<const N: usize> Drop for Counted<'_, N> {
    fn drop(&mut self) {
        // A count only. If an element were dropped twice, it would fall below zero.
        self.live
            .fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1))
            .expect("dropped twice");
    }
}

const FATAL: &str = "fatal comparison";

/// Sorts `values` by `compare`, which panics at the `fatal`-th comparison, and checks that each element is there once
/// afterwards. Says how often it was called.
fn sort_until<const N: usize>(
    fatal: usize,
    values: &[u64],
    stable: bool,
    compare: &(dyn Fn(u64, u64) -> Ordering + Sync),
) -> usize {
    let live = AtomicUsize::new(0);
    let calls = AtomicUsize::new(0);
    let mut v: Vec<Counted<'_, N>> = values
        .iter()
        .map(|&value| Counted::new(value, &live))
        .collect();
    let compare = |a: &Counted<'_, N>, b: &Counted<'_, N>| {
        a.looks.set(a.looks.get() + 1);
        b.looks.set(b.looks.get() + 1);
        // A count only.
        if calls.fetch_add(1, Relaxed) == fatal {
            std::panic::resume_unwind(Box::new(FATAL)); // without a report
        }
        compare(a.value, b.value)
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        if stable {
            v.par_sort_by(compare)
        } else {
            v.par_sort_unstable_by(compare)
        }
    }));
    let calls = calls.into_inner();
    if calls > fatal {
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&FATAL));
    }
    assert_eq!(live.load(Relaxed), values.len());
    // Every look was written to the element itself, and none to a copy that was forgotten.
    assert_eq!(
        v.iter().map(|element| element.looks.get()).sum::<u64>(),
        2 * calls as u64
    );
    let mut left: Vec<u64> = v.iter().map(|element| element.value).collect();
    let mut expected = values.to_vec();
    left.sort();
    expected.sort();
    assert!(
        left == expected,
        "lost an element at comparison {fatal} of {} elements",
        values.len()
    );
    drop(v);
    assert_eq!(live.load(Relaxed), 0);
    calls
}

fn panics_at_many_comparisons<const N: usize>(len: usize, step_of: fn(usize) -> usize) {
    with_pools(|| {
        for (_, values) in patterns(len).into_iter().step_by(3) {
            for stable in [true, false] {
                let calls = sort_until::<N>(usize::MAX, &values, stable, &|a, b| a.cmp(&b));
                for fatal in (0..calls).step_by(step_of(calls)) {
                    sort_until::<N>(fatal, &values, stable, &|a, b| a.cmp(&b));
                }
            }
        }
    });
}

#[test]
fn panic_at_every_comparison() {
    panics_at_many_comparisons::<1>(60, |_| 1);
    panics_at_many_comparisons::<126>(70, |_| 1); // by index
}

#[test]
fn panic_in_any_phase() {
    // A step that is odd and not a round part of the whole, to fall into leaves, merges, partitions and samples.
    panics_at_many_comparisons::<1>(3_000, |calls| (calls / 41) | 1);
    panics_at_many_comparisons::<126>(2_100, |calls| (calls / 17) | 1);
}

/// A toss of one of three answers, the same for the same seed. By a few instructions: sorts toss millions of times.
fn toss(seed: usize) -> Ordering {
    [Ordering::Less, Ordering::Equal, Ordering::Greater][Random(seed as u64).below(3) as usize]
}

/// std's sorts may notice that a comparator contradicts itself and panic, and so may ours with them inside.
#[test]
fn contradictory_comparisons() {
    with_pools(|| {
        for len in [10, 50, 2_500, 9_000] {
            for (_, values) in patterns(len).into_iter().step_by(4) {
                for stable in [true, false] {
                    let tosses = AtomicUsize::new(len);
                    let at_random = |_, _| toss(tosses.fetch_add(1, Relaxed)); // a count only
                    sort_until::<1>(usize::MAX, &values, stable, &at_random);
                    sort_until::<1>(usize::MAX, &values, stable, &|_, _| Ordering::Less);
                    sort_until::<1>(usize::MAX, &values, stable, &|_, _| Ordering::Greater);
                    sort_until::<1>(usize::MAX, &values, stable, &|a, b| (a % 97).cmp(&(b % 89)));
                    sort_until::<126>(usize::MAX, &values, stable, &|a, b| (a % 97).cmp(&(b % 89)));
                }
            }
        }
    });
}

#[test]
fn panic_of_a_key_leaves_the_slice_as_it_was() {
    with_pools(|| {
        for len in [5, 3_000] {
            let input: Vec<String> = patterns(len)
                .pop()
                .unwrap()
                .1
                .iter()
                .map(u64::to_string)
                .collect();
            for fatal in (0..len).step_by(len / 5) {
                let calls = AtomicUsize::new(0);
                let mut v = input.clone();
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    v.par_sort_by_cached_key(|s| {
                        // A count only.
                        if calls.fetch_add(1, Relaxed) == fatal {
                            std::panic::resume_unwind(Box::new(FATAL));
                        }
                        s.clone()
                    });
                }));
                assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&FATAL));
                assert!(v == input);
            }
        }
    });
}

#[test]
fn sorts_within_sorts() {
    with_pools(|| {
        let mut v: Vec<u64> = patterns(3_000).pop().unwrap().1;
        v.par_sort_by(|a, b| {
            if a % 1_024 == 0 {
                let mut inner = patterns(9_000).pop().unwrap().1;
                inner.par_sort_unstable();
                assert!(inner.is_sorted());
            }
            a.cmp(b)
        });
        assert!(v.is_sorted());
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Runs of any length, rising, falling or of few values, one after the other.
    #[test]
    fn any_mixture_of_runs(runs in prop::collection::vec((any::<u8>(), 0..6_000_usize, 0..50_000_u64), 0..12)) {
        let mut v = Vec::new();
        for (kind, len, start) in runs {
            v.extend((0..len as u64).map(|i| match kind % 4 {
                0 => start + i,
                1 => (start + 6_000) - i,
                2 => start + i * 7_919 % 5,
                _ => i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40,
            }));
        }
        let numbered: Vec<Padded<1>> = (0..).zip(&v).map(|(i, &key)| Padded { key, rest: [i] }).collect();
        check("runs", &numbered, |a, b| a.key == b.key && a.rest == b.rest);
    }
}
