//! The sorts under plans that divide even short slices, so that every seam between workers is reached.
#![allow(unsafe_code)]

use super::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A plan that divides down to a few elements.
const FINE: Plan = Plan {
    workers: 3,
    levels: 4,
    grain: 3,
};

/// Plans of different depth. The partition raises the grain itself, to the length of its sample.
const PLANS: [Plan; 4] = [
    FINE,
    Plan {
        workers: 2,
        levels: 2,
        grain: 10,
    },
    Plan {
        workers: 8,
        levels: 6,
        grain: 1,
    },
    Plan {
        workers: 1,
        levels: 3,
        grain: 20,
    },
];

/// A step through all that could be tried. Where programs are far slower, under emulators and sanitizers (`LYOCELL_TEST_SLOW` says so), it
/// is `slow`; where they are interpreted, `slowest`.
fn every(slow: usize, slowest: usize) -> usize {
    if cfg!(miri) {
        slowest
    } else if std::env::var_os("LYOCELL_TEST_SLOW").is_some() {
        slow
    } else {
        1
    }
}

/// Each of the sorts, with or without a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sort {
    Merge(Plan),
    Sift(Plan),
    Quick(Plan),
    ByIndex { stable: bool },
}

impl Sort {
    fn all() -> Vec<Self> {
        let planned = PLANS
            .into_iter()
            .step_by(every(1, 2))
            .flat_map(|plan| [Self::Merge(plan), Self::Sift(plan), Self::Quick(plan)]);
        planned
            .chain([true, false].map(|stable| Self::ByIndex { stable }))
            .collect()
    }

    fn run<T: Send>(self, v: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
        match self {
            Self::Merge(plan) => stable::sort(v, plan, &compare),
            Self::Sift(plan) if sift::sort(v, plan, &compare) => {}
            Self::Quick(plan) if quick::sort(v, plan, &compare) => {}
            Self::Sift(_) => v.sort_by(compare),
            Self::Quick(_) => v.sort_unstable_by(compare),
            Self::ByIndex { stable } => index::sort_by_index(v, stable, &compare),
        }
    }

    fn is_stable(self) -> bool {
        matches!(
            self,
            Self::Merge(_) | Self::Sift(_) | Self::ByIndex { stable: true }
        )
    }
}

/// Numbers that look random but are always the same.
pub(super) fn noise(len: usize) -> impl Iterator<Item = u64> {
    (0..len as u64).map(|i| {
        (i + 1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29)
            .wrapping_mul(0xBF58_476D)
    })
}

/// Named slices of `len` elements.
fn patterns(len: usize) -> Vec<(&'static str, Vec<u64>)> {
    let n = len as u64;
    let all = vec![
        ("random", noise(len).collect()),
        ("few", noise(len).map(|x| x >> 7 & 3).collect()),
        (
            "mostly one",
            noise(len)
                .map(|x| if x >> 9 & 15 == 0 { x } else { u64::MAX / 2 })
                .collect(),
        ),
        ("equal", vec![7; len]),
        ("rising", (0..n).collect()),
        ("falling", (0..n).rev().collect()),
        ("saw", (0..n).map(|i| i % 17).collect()),
        ("pipe", (0..n).map(|i| i.min(n - i)).collect()),
        (
            "appended",
            (0..n)
                .map(|i| if i + 5 > n { i * 7 % n } else { i })
                .collect(),
        ),
        ("halves", (0..n).map(|i| (i + n / 2) % n).collect()),
    ];
    all.into_iter().step_by(every(1, 4)).collect()
}

#[test]
fn every_length_and_pattern() {
    for sort in Sort::all() {
        for len in lengths() {
            for (pattern, mut v) in patterns(len) {
                let mut expected = v.clone();
                expected.sort();
                sort.run(&mut v, u64::cmp);
                assert!(v == expected, "{sort:?}, {pattern}, {len} elements");
            }
        }
    }
}

#[test]
fn equal_elements_keep_their_order() {
    // All, or what an interpreter gets done.
    let (lengths, counts): (&[usize], &[u64]) = if cfg!(miri) {
        (&[10, 65], &[3])
    } else {
        (&[2, 10, 63, 64, 65, 257, 2_000], &[1, 2, 3, 10, 1_000])
    };
    for sort in Sort::all().into_iter().filter(|sort| sort.is_stable()) {
        for &len in lengths {
            for &values in counts {
                // Chunks may differ as much as they like: in some patterns they have no value in common.
                for (pattern, v) in patterns(len) {
                    let scale = |x: u64| match pattern {
                        "random" => x % values,
                        _ => (u128::from(x) * u128::from(values) / len as u128) as u64,
                    };
                    let mut v: Vec<(u64, usize)> = v.into_iter().map(scale).zip(0..).collect();
                    sort.run(&mut v, |a, b| a.0.cmp(&b.0));
                    let note = || format!("{sort:?}, {pattern}, {len} elements of {values} values");
                    assert!(v.is_sorted(), "{}", note());
                }
            }
        }
    }
}

#[test]
fn settles_only_what_is_in_order() {
    for len in lengths().chain([if cfg!(miri) { 300 } else { 70_000 }]) {
        for (pattern, mut v) in patterns(len) {
            let before = v.clone();
            let rising = v.is_sorted();
            let falling = v.windows(2).all(|pair| pair[0] > pair[1]);
            assert_eq!(
                order::settle(&mut v, &u64::cmp),
                rising || falling,
                "{pattern}, {len} elements"
            );
            assert!(if falling && len > 1 {
                v.iter().rev().eq(&before)
            } else {
                v == before
            });
        }
    }
}

/// Also where only the first step is to be divided. What is short is left to std.
#[test]
fn what_has_no_order_is_divided() {
    for levels in [0, 3] {
        let plan = Plan { levels, ..FINE };
        let mut v: Vec<u64> = noise(3_000).collect();
        assert!(quick::sort(&mut v, plan, &u64::cmp) && v.is_sorted());
        let mut v: Vec<u64> = noise(3_000).collect();
        assert!(sift::sort(&mut v, plan, &u64::cmp) && v.is_sorted());
    }
    let mut v: Vec<u64> = noise(90).collect();
    assert!(!quick::sort(&mut v, FINE, &u64::cmp) && !sift::sort(&mut v, FINE, &u64::cmp));
    assert!(v.into_iter().eq(noise(90)));
}

/// A common pivot is out of reach, so the pivots of the chunks differ, and the sides of a partition overlap.
#[test]
fn overlapping_sides_are_mended() {
    for mid in [0, 1, 30, 200, 399, 400] {
        for overlap in [0, 1, 7, 150] {
            let mut v: Vec<u64> = (0..400).collect();
            let (left, right) = v.split_at_mut(mid);
            // Some of the greatest on the left and some of the least on the right change sides.
            for i in 0..overlap.min(left.len()).min(right.len()) {
                if i % 3 != 0 {
                    std::mem::swap(&mut left[mid - 1 - i], &mut right[i]);
                }
            }
            left.sort();
            right.sort();
            seam::mend(&mut v, mid, &u64::cmp);
            assert!(v.iter().copied().eq(0..400), "{overlap} around {mid}");
        }
    }
}

fn lengths() -> impl Iterator<Item = usize> {
    let long: &[usize] = if cfg!(miri) { &[] } else { &[1_000, 3_001] };
    let short = if cfg!(miri) { 0..80 } else { 0..300 };
    long.iter().copied().chain(short.step_by(every(7, 26)))
}

/// An element that counts itself and its comparisons. Its cell is not `Sync`, so no two workers may see it at once.
struct Counted<'a> {
    value: u64,
    looks: Cell<u64>,
    live: &'a AtomicUsize,
}

impl<'a> Counted<'a> {
    fn new(value: u64, live: &'a AtomicUsize) -> Self {
        live.fetch_add(1, Relaxed); // a count only
        Self {
            value,
            looks: Cell::new(0),
            live,
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        // A count only. If an element were dropped twice, it would fall below zero.
        self.live
            .fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1))
            .expect("dropped twice");
    }
}

const FATAL: &str = "fatal comparison";

/// Sorts `values` with a comparator that panics the `fatal`-th time and otherwise answers with `compare`, and checks
/// that every element is still there once. Says whether it came to the panic.
fn sort_until(
    fatal: usize,
    values: &[u64],
    sort: Sort,
    compare: &(dyn Fn(u64, u64) -> Ordering + Sync),
) -> bool {
    let live = AtomicUsize::new(0);
    let calls = AtomicUsize::new(0);
    let mut v: Vec<Counted<'_>> = values
        .iter()
        .map(|&value| Counted::new(value, &live))
        .collect();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        sort.run(&mut v, |a, b| {
            a.looks.set(a.looks.get() + 1);
            b.looks.set(b.looks.get() + 1);
            // A count only.
            if calls.fetch_add(1, Relaxed) == fatal {
                std::panic::resume_unwind(Box::new(FATAL)); // without a report
            }
            compare(a.value, b.value)
        });
    }));
    assert_eq!(live.load(Relaxed), values.len());
    // Every look was written to the element itself, and none to a copy that was forgotten.
    let looks: u64 = v.iter().map(|element| element.looks.get()).sum();
    assert_eq!(
        looks,
        2 * calls.load(Relaxed) as u64,
        "{sort:?} at comparison {fatal}"
    );
    let mut left: Vec<u64> = v.iter().map(|element| element.value).collect();
    let mut expected = values.to_vec();
    left.sort();
    expected.sort();
    assert!(
        left == expected,
        "{sort:?} lost an element at comparison {fatal}"
    );
    drop(v);
    assert_eq!(live.load(Relaxed), 0);
    // std's sorts may have found out that `compare` contradicts itself, with a panic of their own.
    outcome.is_err_and(|payload| payload.downcast_ref() == Some(&FATAL))
}

#[test]
fn panic_at_every_comparison() {
    let len = if cfg!(miri) { 70 } else { 200 };
    for sort in Sort::all() {
        for (_, values) in patterns(len).into_iter().step_by(every(3, 4)) {
            let panics = |&fatal: &usize| sort_until(fatal, &values, sort, &|a, b| a.cmp(&b));
            assert!((0..).step_by(every(13, 151)).take_while(panics).count() > 0);
        }
    }
}

#[test]
fn contradictory_comparisons_keep_every_element() {
    use Ordering::{Equal, Greater, Less};
    for sort in Sort::all() {
        for len in lengths().skip(1).step_by(if cfg!(miri) { 9 } else { 17 }) {
            let values: Vec<u64> = noise(len).collect();
            for seed in 0..3 {
                let tosses = AtomicUsize::new(seed);
                let at_random = |_, _| {
                    let i = tosses.fetch_add(1, Relaxed) as u64; // a count only
                    [Less, Equal, Greater]
                        [(i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as usize % 3]
                };
                sort_until(usize::MAX, &values, sort, &at_random);
            }
            sort_until(usize::MAX, &values, sort, &|_, _| Less);
            sort_until(usize::MAX, &values, sort, &|_, _| Greater);
            sort_until(usize::MAX, &values, sort, &|a, b| (a % 97).cmp(&(b % 89)));
        }
    }
}

#[test]
fn arranges_any_permutation() {
    for len in [0, 1, 2, 5, 64] {
        for turn in 0..len.min(7) {
            let mut order: Vec<u32> = (0..len as u32).collect();
            order.rotate_left(turn);
            order[..len / 2].reverse();
            let expected: Vec<String> = order.iter().map(u32::to_string).collect();
            let mut v: Vec<String> = (0..len).map(|i| i.to_string()).collect();
            // SAFETY: `order` holds each number below `len` once.
            unsafe { index::arrange(&mut v, &mut order.clone()) };
            assert_eq!(v, expected);
            // Too large for a buffer.
            let mut v: Vec<[String; 5]> =
                (0..len).map(|i| [(); 5].map(|()| i.to_string())).collect();
            // SAFETY: the same.
            unsafe { index::arrange(&mut v, &mut order) };
            let expected = expected.iter().map(|text| [(); 5].map(|()| text.clone()));
            assert!(v.into_iter().eq(expected));
        }
    }
}

#[test]
fn keys_are_made_once_and_equal_ones_keep_their_order() {
    fn check<K: Ord + Send>(len: usize, key_of: impl Fn(u64) -> K + Sync) {
        let calls = AtomicUsize::new(0);
        let mut v: Vec<(u64, usize)> = noise(len).zip(0..).collect();
        let mut expected = v.clone();
        expected.sort_by_key(|&(number, _)| key_of(number));
        par_sort_by_cached_key(&mut v, |&(number, _)| {
            calls.fetch_add(1, Relaxed); // a count only
            key_of(number)
        });
        assert!(v == expected, "{len} elements");
        assert_eq!(calls.into_inner(), if len < 2 { 0 } else { len });
    }
    let long: &[usize] = if cfg!(miri) { &[300] } else { &[1_000, 3_001] };
    for len in (0..5).chain([255, 256, 257]).chain(long.iter().copied()) {
        // Beside such a key an index of half the width takes less room, beside the others it does not.
        check(len, |number| number as u8 % 10);
        check(len, |number| number % 10);
        check(len, |number| (number % 1_000).to_string());
    }
}
