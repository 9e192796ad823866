//! One row for each method that ends a chain, beside std's: over numbers in one piece, in tiny ones, backwards, and filtered.

use std::cmp::Ordering;
use std::num::Wrapping;
use std::ops::ControlFlow;
use std::sync::atomic::{self, AtomicU64, AtomicUsize};

use lyocell::prelude::*;

use crate::boxed::Boxed;
use crate::common::{Note, Tagged, inside, numbers, sized_or_slow, with_pools};
use crate::twin::LENGTHS;

/// A number and its place: equal in `key` does not mean the same, so ties show which of them was chosen.
type Pair = (u64, usize);

fn by_key(a: &Pair, b: &Pair) -> Ordering {
    a.0.cmp(&b.0)
}

macro_rules! ends {
    ($($(#[$doc:meta])* $name:ident: |$source:ident| $ours:expr => $theirs:expr;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            with_pools(|pool, _| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let pairs: Vec<Pair> = numbers(len).into_iter().zip(0..).collect();
                    #[allow(unused_variables, reason = "a twin may know its answer beforehand")]
                    let (want, want_back, want_some) = {
                    let want = { let $source = pairs.iter().copied(); $theirs };
                    let want_back = { let $source = pairs.iter().copied().rev(); $theirs };
                    let want_some = { let $source = pairs.iter().copied().filter(|x| x.0 > 20); $theirs };
                    (want, want_back, want_some)
                    };
                    inside(pool, &|| {
                        let all = || pairs.par_iter().copied();
                        for (boxed, want) in [
                            (Boxed::new(all()), &want),
                            (Boxed::new(all().with_max_len(1)), &want),
                            (Boxed::new(all().with_min_len(10)), &want),
                            (Boxed::new(all().rev()), &want_back),
                        ] {
                            assert_eq!({ let $source = boxed; $ours }, *want);
                        }
                        for bound in [1, 3, usize::MAX] {
                            let some = Boxed::new(all().with_max_len(bound)).filter(|x| x.0 > 20);
                            assert_eq!({ let $source = some; $ours }, want_some);
                        }
                    });
                }
            });
        }
    )*};
}

ends! {
    count: |source| source.count() => source.count();
    sum: |source| source.map(|x| x.0).sum::<u64>() => source.map(|x| x.0).sum::<u64>();
    sum_of_borrowed: |source| source.map(|x| x.0).collect::<Vec<_>>().par_iter().sum::<u64>() => source.map(|x| x.0).sum::<u64>();
    sum_of_options: |source| source.map(|x| (x.0 < 60).then_some(x.0)).sum::<Option<u64>>() => source.map(|x| (x.0 < 60).then_some(x.0)).sum::<Option<u64>>();
    product: |source| source.map(|x| Wrapping(x.0 | 1)).product::<Wrapping<u64>>() => source.map(|x| Wrapping(x.0 | 1)).product::<Wrapping<u64>>();
    /// Not commutative: only a reduction in order gives back the text.
    reduce: |source| source.map(|x| x.0.to_string()).reduce(String::new, |a, b| a + &b)
        => source.map(|x| x.0.to_string()).fold(String::new(), |a, b| a + &b);
    reduce_with: |source| source.map(|x| x.0.to_string()).reduce_with(|a, b| a + &b)
        => source.map(|x| x.0.to_string()).reduce(|a, b| a + &b);
    fold_then_reduce: |source| source.fold(Vec::new, |mut kept, x| { kept.push(x); kept }).reduce(Vec::new, |a, b| [a, b].concat())
        => source.collect::<Vec<_>>();
    min: |source| source.min() => source.min();
    max: |source| source.max() => source.max();
    min_of_keys: |source| source.map(|x| x.0).min() => source.map(|x| x.0).min();
    first_of_the_least: |source| source.map(|x| Tagged(x.0, x.1)).min().map(|x| x.1) => source.map(|x| Tagged(x.0, x.1)).min().map(|x| x.1);
    last_of_the_greatest: |source| source.map(|x| Tagged(x.0, x.1)).max().map(|x| x.1) => source.map(|x| Tagged(x.0, x.1)).max().map(|x| x.1);
    max_of_keys: |source| source.map(|x| x.0).max() => source.map(|x| x.0).max();
    /// Among equals the first is the smallest, the last the greatest, as in std.
    min_by: |source| source.min_by(by_key) => source.min_by(by_key);
    max_by: |source| source.max_by(by_key) => source.max_by(by_key);
    min_by_key: |source| source.min_by_key(|x| x.0) => source.min_by_key(|x| x.0);
    max_by_key: |source| source.max_by_key(|x| x.0) => source.max_by_key(|x| x.0);
    min_by_one_key_for_all: |source| source.min_by_key(|_| 0) => source.min_by_key(|_| 0);
    max_by_one_key_for_all: |source| source.max_by_key(|_| 0) => source.max_by_key(|_| 0);
    any: |source| source.any(|x| x.0 == 40) => { let mut source = source; source.any(|x| x.0 == 40) };
    any_of_none: |source| source.any(|_| false) => false;
    all: |source| source.all(|x| x.0 != 40) => { let mut source = source; source.all(|x| x.0 != 40) };
    all_of_all: |source| source.all(|_| true) => true;
    find_first: |source| source.find_first(|x| x.0 > 30) => { let mut source = source; source.find(|x| x.0 > 30) };
    find_first_of_all: |source| source.find_first(|_| true) => { let mut source = source; source.next() };
    find_first_of_none: |source| source.find_first(|_| false) => None;
    find_last: |source| source.find_last(|x| x.0 > 30) => { let mut source = source; source.rfind(|x| x.0 > 30) };
    find_last_of_all: |source| source.find_last(|_| true) => { let mut source = source; source.next_back() };
    find_any_finds_if_there_is_one: |source| source.find_any(|x| x.0 > 62).map(|x| x.0) => { let mut source = source; source.find(|x| x.0 > 62).map(|x| x.0) };
    try_for_each_that_fails: |source| source.try_for_each(|x| if x.0 == 40 { Err(x.0) } else { Ok(()) })
        => { let mut source = source; source.try_for_each(|x| if x.0 == 40 { Err(x.0) } else { Ok(()) }) };
    try_for_each_that_breaks: |source| source.try_for_each(|x| if x.0 == 40 { ControlFlow::Break(x.0) } else { ControlFlow::Continue(()) })
        => { let mut source = source; source.try_for_each(|x| if x.0 == 40 { ControlFlow::Break(x.0) } else { ControlFlow::Continue(()) }) };
    try_for_each_to_the_end: |source| { let n = AtomicUsize::new(0); (source.try_for_each(|_| { n.fetch_add(1, atomic::Ordering::Relaxed); Some(()) }), n.into_inner()) }
        => (Some(()), source.count());
    /// An identity that shows how often it came in would differ; a neutral one does not.
    try_reduce: |source| source.map(|x| (x.0 < 64).then(|| x.0.to_string())).try_reduce(String::new, |a, b| Some(a + &b))
        => Some(source.map(|x| x.0.to_string()).collect::<String>());
    try_reduce_that_fails: |source| source.map(|x| if x.0 == 40 { Err(x.0) } else { Ok(x.0) }).try_reduce(|| 0, |a, b| Ok(a + b))
        => source.map(|x| if x.0 == 40 { Err(x.0) } else { Ok(x.0) }).sum::<Result<u64, u64>>();
    try_reduce_with: |source| source.map(|x| Some(x.0.to_string())).try_reduce_with(|a, b| Some(a + &b))
        => source.map(|x| x.0.to_string()).reduce(|a, b| a + &b).map(Some);
    try_reduce_with_that_fails: |source| source.map(|x| (x.0 != 40).then_some(x.0)).try_reduce_with(|a, b| Some(a + b))
        => { let all: Vec<_> = source.map(|x| (x.0 != 40).then_some(x.0)).collect(); (!all.is_empty()).then(|| all.into_iter().sum::<Option<u64>>()) };
    try_reduce_whose_operation_fails: |source| source.map(|x| Some(x.0)).try_reduce(|| 0, |a, b| (a + b < 50).then_some(a + b))
        => Some(source.map(|x| x.0).sum::<u64>()).filter(|sum| *sum < 50);
    find_map_first: |source| source.find_map_first(|x| (x.0 > 30).then_some(x.1)) => { let mut source = source; source.find_map(|x| (x.0 > 30).then_some(x.1)) };
    find_map_last: |source| source.find_map_last(|x| (x.0 > 30).then_some(x.1)) => source.rev().find_map(|x| (x.0 > 30).then_some(x.1));
    find_map_any: |source| source.find_map_any(|x| (x.0 > 62).then_some(x.0)) => { let mut source = source; source.find_map(|x| (x.0 > 62).then_some(x.0)) };
    max_of_floats: |source| source.map(|x| x.0 as f64).max_by(f64::total_cmp) => source.map(|x| x.0 as f64).max_by(f64::total_cmp);
    product_of_results: |source| source.map(|x| if x.0 == 40 { Err(x.0) } else { Ok(Wrapping(x.0 | 1)) }).product::<Result<Wrapping<u64>, u64>>()
        => source.map(|x| if x.0 == 40 { Err(x.0) } else { Ok(Wrapping(x.0 | 1)) }).product::<Result<Wrapping<u64>, u64>>();
    vec_list: |source| source.collect_vec_list().into_iter().inspect(|part| assert!(!part.is_empty())).flatten().collect::<Vec<_>>()
        => source.collect::<Vec<_>>();
    /// A state serves one piece; whatever the pieces are, each item sees a state that began with what was given.
    for_each_with: |source| { let sum = AtomicU64::new(0); source.for_each_with(3, |state, x| _ = sum.fetch_add(x.0 + *state, atomic::Ordering::Relaxed)); sum.into_inner() }
        => source.map(|x| x.0 + 3).sum::<u64>();
    for_each_init: |source| { let sum = AtomicU64::new(0); source.for_each_init(|| 3, |state, x| _ = sum.fetch_add(x.0 + *state, atomic::Ordering::Relaxed)); sum.into_inner() }
        => source.map(|x| x.0 + 3).sum::<u64>();
    try_for_each_with: |source| source.try_for_each_with(40, |bad, x| if x.0 == *bad { Err(x.0) } else { Ok(()) })
        => { let mut source = source; source.try_for_each(|x| if x.0 == 40 { Err(x.0) } else { Ok(()) }) };
    try_for_each_init: |source| source.try_for_each_init(|| 40, |bad, x| if x.0 == *bad { None } else { Some(()) })
        => { let mut source = source; source.try_for_each(|x| if x.0 == 40 { None } else { Some(()) }) };
    for_each: |source| { let sum = AtomicU64::new(0); source.for_each(|x| _ = sum.fetch_add(x.0, atomic::Ordering::Relaxed)); sum.into_inner() }
        => source.map(|x| x.0).sum::<u64>();
}

#[test]
fn positions() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            pool.install(|| {
                for wanted in [0, 7, 40, 63, 64] {
                    for max in [1, 5, usize::MAX] {
                        let source = || numbers.par_iter().with_max_len(max);
                        let is = |x: &u64| *x == wanted;
                        assert_eq!(source().position_first(is), numbers.iter().position(is));
                        assert_eq!(source().position_last(is), numbers.iter().rposition(is));
                        match source().position_any(is) {
                            Some(at) => assert_eq!(numbers[at], wanted),
                            None => assert!(!numbers.contains(&wanted)),
                        }
                        let last = source()
                            .enumerate()
                            .find_last(|(_, x)| **x == wanted)
                            .map(|(at, _)| at);
                        assert_eq!(last, numbers.iter().rposition(is));
                    }
                }
            });
        }
    });
}

/// All words of up to four letters against all others, with one letter that nothing can be compared with.
#[test]
fn comparisons() {
    let letters = [0.0, 1.0, f64::NAN];
    let mut words: Vec<Vec<f64>> = vec![vec![]];
    for len in 0..sized_or_slow(4, 3, 2) {
        let longest: Vec<Vec<f64>> = words
            .iter()
            .filter(|word| word.len() == len)
            .cloned()
            .collect();
        words.extend(
            longest
                .iter()
                .flat_map(|word| letters.map(|letter| [&word[..], &[letter]].concat())),
        );
    }
    with_pools(|pool, _| {
        inside(pool, &|| {
            for a in &words {
                for b in &words {
                    let ours = || a.par_iter().with_max_len(1);
                    let facts = (
                        ours().partial_cmp(b),
                        ours().eq(b),
                        ours().ne(b),
                        (ours().lt(b), ours().le(b), ours().gt(b), ours().ge(b)),
                    );
                    let (x, y) = (a.iter(), b.iter());
                    let want = (
                        x.clone().partial_cmp(y.clone()),
                        x.clone().eq(y.clone()),
                        x.clone().ne(y.clone()),
                        (
                            x.clone().lt(y.clone()),
                            x.clone().le(y.clone()),
                            x.clone().gt(y.clone()),
                            x.ge(y),
                        ),
                    );
                    assert_eq!(facts, want, "{a:?} and {b:?}");
                    let bits = |word: &[f64]| word.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                    let (a, b) = (bits(a), bits(b));
                    assert_eq!(a.par_iter().with_max_len(1).cmp(&b), a.iter().cmp(&b));
                }
            }
        });
    });
}

/// The one item that counts stands at each place in turn, alone or with a second one behind it.
#[test]
fn first_and_last_of_two_at_every_place() {
    with_pools(|pool, _| {
        let len = 40_usize;
        pool.install(|| {
            for first in 0..len {
                for last in (first..len).step_by(5) {
                    let source = || (0..len).into_par_iter().with_max_len(1);
                    let is = |at: &usize| *at == first || *at == last;
                    assert_eq!(source().find_first(is), Some(first));
                    assert_eq!(source().find_last(is), Some(last));
                    assert_eq!(source().position_first(|at| is(&at)), Some(first));
                    assert!([first, last].contains(&source().find_any(is).expect("there are two")));
                }
            }
        });
    });
}

/// Once it is found the search ends: with a range of this length it would never come to the end by itself.
#[test]
fn endless_ranges_end_early() {
    with_pools(|pool, _| {
        pool.install(|| {
            let endless = || (0..usize::MAX).into_par_iter();
            assert!(
                endless()
                    .find_any(|x| x % 1000 == 999)
                    .is_some_and(|x| x % 1000 == 999)
            );
            assert!(endless().any(|x| x % 10 == 3));
            assert!(!endless().all(|x| x % 10 != 3));
            assert!(
                endless()
                    .position_any(|x| x % 10 == 3)
                    .is_some_and(|x| x % 10 == 3)
            );
            assert_eq!(
                endless().try_for_each(|x| if x % 100 == 77 { Err(()) } else { Ok(()) }),
                Err(())
            );
            assert_eq!(
                endless()
                    .map(|x| (x % 100 != 77).then_some(x))
                    .collect::<Option<Vec<_>>>(),
                None
            );
            assert_eq!(endless().len(), usize::MAX);
            assert_eq!(endless().take(1000).sum::<usize>(), 999 * 500);
            assert_eq!(
                endless().skip(1000).take(2).collect::<Vec<_>>(),
                [1000, 1001]
            );
            assert_eq!(
                endless().rev().take(2).collect::<Vec<_>>(),
                [usize::MAX - 1, usize::MAX - 2]
            );
            assert_eq!(
                endless().step_by(usize::MAX / 2).collect::<Vec<_>>(),
                [0, usize::MAX / 2, usize::MAX - 1]
            );
            assert_eq!(
                endless()
                    .zip(5..8_u8)
                    .map(|(x, y)| x + usize::from(y))
                    .sum::<usize>(),
                21
            );
            assert_eq!(
                endless().enumerate().take(3).collect::<Vec<_>>(),
                [(0, 0), (1, 1), (2, 2)]
            );
            assert!(
                (0..u64::MAX)
                    .into_par_iter()
                    .find_any(|x| x % 7 == 5)
                    .is_some()
            );
            assert!((i128::MIN..i128::MAX).into_par_iter().any(|x| x % 7 == 0));
            assert!(
                (0..u64::MAX)
                    .into_par_iter()
                    .filter(|x| x % 2 == 1)
                    .any(|x| x % 7 == 6)
            );
        });
    });
}

/// The first of an endless range: everything behind it must be called off.
#[test]
fn first_of_an_endless_range() {
    with_pools(|pool, _| {
        pool.install(|| {
            assert_eq!(
                (0..usize::MAX).into_par_iter().find_first(|x| *x >= 5),
                Some(5)
            );
            assert_eq!(
                (0..usize::MAX).into_par_iter().position_first(|x| x >= 5),
                Some(5)
            );
        });
    });
}

/// Two lengths that add up to more than an index can hold.
#[test]
fn chain_too_long_to_count() {
    with_pools(|pool, _| {
        pool.install(|| {
            let long = || (0..u64::MAX).into_par_iter().chain(0..u64::MAX);
            assert_eq!(long().opt_len(), None);
            assert!(long().any(|x| x == 3));
        });
    });
}
