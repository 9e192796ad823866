//! Where items go: vectors, strings, maps, sets, pairs, options and results. Beside std's `collect` on the same items.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::Arc;

use lyocell::iter::Either;
use lyocell::prelude::*;

use crate::boxed::Boxed;
use crate::common::{Note, Tagged, inside, numbers, with_pools};
use crate::twin::LENGTHS;

/// A filter that only takes away the index.
fn all<T>(_: &T) -> bool {
    true
}

/// The same type from both sides, from a source with an index and from one without.
macro_rules! same_collection {
    ($($name:ident: $type:ty, |$x:ident| $item:expr;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|pool, _| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let numbers = numbers(len);
                    let want: $type = numbers.iter().map(|$x| $item).collect();
                    inside(pool, &|| {
                        for bound in [1, 7, usize::MAX] {
                            let items = || Boxed::new(numbers.par_iter().with_max_len(bound).map(|$x| $item));
                            assert_eq!(items().collect::<$type>(), want);
                            assert_eq!(items().filter(all).collect::<$type>(), want);
                        }
                    });
                }
            });
        }
    )*};
}

same_collection! {
    vec: Vec<u64>, |x| x + 1;
    vec_of_nothings: Vec<()>, |x| assert!(*x < 64);
    vec_of_strings: Vec<String>, |x| x.to_string();
    boxed_slice: Box<[u64]>, |x| x + 1;
    vec_deque: VecDeque<u64>, |x| x + 1;
    linked_list: LinkedList<u64>, |x| x + 1;
    btree_set: BTreeSet<u64>, |x| x / 2;
    hash_set: HashSet<u64>, |x| x / 2;
    btree_map: BTreeMap<u64, u64>, |x| (*x, x * x);
    hash_map: HashMap<u64, u64>, |x| (*x, x * x);
    string_of_chars: String, |x| char::from(64 + *x as u8);
    string_of_strings: String, |x| x.to_string();
    string_of_boxes: String, |x| x.to_string().into_boxed_str();
    nothing_of_nothings: (), |x| assert!(*x < 64);
    option_some: Option<Vec<u64>>, |x| Some(x + 1);
    option_none: Option<Vec<u64>>, |x| (*x < 50).then_some(*x);
    result_ok: Result<Vec<u64>, u64>, |x| Ok(x + 1);
    result_err: Result<Vec<u64>, ()>, |x| if *x < 50 { Ok(*x) } else { Err(()) };
    result_of_a_map: Result<HashMap<u64, u64>, ()>, |x| Ok((*x, x + 1));
}

/// Of two values under one key the later stays, as in std: for that the order must be kept.
#[test]
fn later_value_of_a_key_stays() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let pairs = || numbers.iter().copied().zip(0..len);
            pool.install(|| {
                let ours = || numbers.par_iter().copied().zip(0..len).with_max_len(1);
                assert_eq!(ours().collect::<HashMap<_, _>>(), pairs().collect());
                assert_eq!(ours().collect::<BTreeMap<_, _>>(), pairs().collect());
                assert_eq!(
                    ours().filter(|x| x.0 > 9).collect::<BTreeMap<_, _>>(),
                    pairs().filter(|x| x.0 > 9).collect()
                );
            });
        }
    });
}

/// Of keys that are equal the first stays, with the last value, as when all are inserted one after the other. (Std's `collect` into a
/// tree keeps the last key.)
#[test]
fn first_of_equal_keys_stays() {
    fn shown(entries: impl IntoIterator<Item = (Tagged, usize)>) -> Vec<(u64, usize, usize)> {
        let mut all: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| (key.0, key.1, value))
            .collect();
        all.sort();
        all
    }
    with_pools(|pool, _| {
        for len in LENGTHS {
            let entries: Vec<(Tagged, usize)> = numbers(len)
                .into_iter()
                .zip(0..)
                .map(|(x, at)| (Tagged(x, at), at + 1))
                .collect();
            let mut inserted = BTreeMap::new();
            inserted.extend(entries.iter().copied());
            let want = shown(inserted);
            pool.install(|| {
                let ours = || entries.par_iter().copied().with_max_len(1);
                assert_eq!(shown(ours().collect::<BTreeMap<_, _>>()), want);
                assert_eq!(
                    shown(ours().filter(|_| true).collect::<BTreeMap<_, _>>()),
                    want
                );
                assert_eq!(shown(ours().collect::<HashMap<_, _>>()), want);
                let keys = want.iter().map(|&(key, at, _)| (key, at));
                let set: BTreeSet<Tagged> = ours().map(|(key, _)| key).collect();
                assert!(set.iter().map(|key| (key.0, key.1)).eq(keys.clone()));
                let mut set = BTreeSet::new();
                let mut map = BTreeMap::new();
                // Into empty ones, and once more into full ones, where the keys are that are there already.
                for _ in 0..2 {
                    set.par_extend(ours().map(|(key, _)| key));
                    map.par_extend(ours());
                    assert!(set.iter().map(|key| (key.0, key.1)).eq(keys.clone()));
                    assert_eq!(shown(map.clone()), want);
                }
            });
        }
    });
}

#[test]
fn heaps_and_shared_slices() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            pool.install(|| {
                let heap: BinaryHeap<u64> = numbers.par_iter().copied().collect();
                assert_eq!(
                    heap.into_sorted_vec(),
                    numbers
                        .iter()
                        .copied()
                        .collect::<BinaryHeap<_>>()
                        .into_sorted_vec()
                );
                assert_eq!(
                    numbers.par_iter().copied().collect::<Arc<[u64]>>()[..],
                    numbers
                );
                assert_eq!(
                    numbers.par_iter().copied().collect::<Cow<'_, [u64]>>(),
                    numbers
                );
            });
        }
    });
}

/// Which error comes out is not said, but it is one of them; and without any, all items are there.
#[test]
fn one_of_the_errors() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let bad = |x: u64| if x % 16 == 3 { Err(x) } else { Ok(x) };
            pool.install(|| {
                match numbers
                    .par_iter()
                    .map(|x| bad(*x))
                    .collect::<Result<Vec<_>, _>>()
                {
                    Ok(all) => assert_eq!(all, numbers),
                    Err(x) => assert!(x % 16 == 3 && numbers.contains(&x)),
                }
            });
        }
    });
}

/// The old contents go, the capacity is used again if it is enough.
/// Items without size need no room, however many there may be.
#[test]
fn items_of_no_size() {
    let text: String = (0..2000).map(|i| format!("{i}\n")).collect();
    with_pools(|pool, _| {
        inside(pool, &|| {
            let lines = || text.par_lines().filter_map(|_| Some(()));
            assert_eq!(lines().collect::<Vec<()>>().len(), 2000);
            let rows = || {
                (0..1000)
                    .into_par_iter()
                    .flat_map_iter(|_| (0..3).filter(|_| true))
            };
            assert_eq!(rows().map(|_| ()).collect::<Vec<()>>().len(), 3000);
            assert_eq!(
                rows()
                    .filter_map(|x| (x > 0).then_some(()))
                    .collect::<Vec<()>>()
                    .len(),
                2000
            );
        });
    });
}

#[test]
fn collect_into_vec_reuses_the_vec() {
    with_pools(|pool, _| {
        pool.install(|| {
            let mut kept: Vec<String> = vec!["old".into(); 7];
            for len in LENGTHS {
                (0..len)
                    .into_par_iter()
                    .map(|x| x.to_string())
                    .collect_into_vec(&mut kept);
                assert_eq!(kept, (0..len).map(|x| x.to_string()).collect::<Vec<_>>());
            }
            let place = kept.as_ptr();
            for len in LENGTHS {
                (0..len)
                    .into_par_iter()
                    .with_max_len(1)
                    .map(|x| x.to_string())
                    .collect_into_vec(&mut kept);
                assert_eq!((kept.as_ptr(), kept.len()), (place, len));
            }
        });
    });
}

#[test]
fn unzip() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let want: (Vec<u64>, Vec<String>) =
                numbers.iter().map(|x| (x + 1, x.to_string())).unzip();
            pool.install(|| {
                let source = || {
                    numbers
                        .par_iter()
                        .with_max_len(2)
                        .map(|x| (x + 1, x.to_string()))
                };
                assert_eq!(source().unzip::<_, _, Vec<_>, Vec<_>>(), want);
                assert_eq!(
                    source().filter(|_| true).unzip::<_, _, Vec<_>, Vec<_>>(),
                    want
                );
                let (mut left, mut right) = (vec![1, 2, 3], Vec::new());
                source().unzip_into_vecs(&mut left, &mut right);
                assert_eq!((left, right), want);
                let nested = numbers.par_iter().map(|x| (*x, (x / 2, x / 3)));
                let (a, (b, c)): (Vec<_>, (Vec<_>, HashSet<_>)) = nested.unzip();
                assert_eq!(a, numbers);
                assert_eq!(b, numbers.iter().map(|x| x / 2).collect::<Vec<_>>());
                assert_eq!(c, numbers.iter().map(|x| x / 3).collect());
            });
        }
    });
}

#[test]
fn partition() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let want: (Vec<u64>, Vec<u64>) = numbers.iter().partition(|x| **x % 3 == 0);
            pool.install(|| {
                let source = || numbers.par_iter().copied().with_max_len(3);
                assert_eq!(
                    source().partition::<Vec<_>, Vec<_>, _>(|x| x % 3 == 0),
                    want
                );
                let (threes, others): (BTreeSet<u64>, Vec<u64>) =
                    source().partition(|x| x % 3 == 0);
                assert_eq!(
                    (threes, others),
                    (want.0.iter().copied().collect(), want.1.clone())
                );
                let either = |x: u64| {
                    if x.is_multiple_of(3) {
                        Either::Left(x)
                    } else {
                        Either::Right(x.to_string())
                    }
                };
                let (threes, others): (Vec<u64>, Vec<String>) = source().partition_map(either);
                assert_eq!(
                    (threes, others),
                    (want.0.clone(), want.1.iter().map(u64::to_string).collect())
                );
            });
        }
    });
}

/// `par_extend` adds behind what is there.
#[test]
fn extend() {
    with_pools(|pool, _| {
        for len in LENGTHS {
            let numbers = numbers(len);
            let want: Vec<u64> = [7, 8].into_iter().chain(numbers.iter().copied()).collect();
            pool.install(|| {
                let (mut by_index, mut without) = (vec![7, 8], vec![7, 8]);
                by_index.par_extend(numbers.par_iter().copied().with_max_len(1));
                without.par_extend(numbers.par_iter().copied().filter(|_| true));
                assert_eq!((&by_index, &without), (&want, &want));
                let mut text = "<".to_owned();
                text.par_extend(numbers.par_iter().map(u64::to_string));
                assert_eq!(
                    text,
                    numbers
                        .iter()
                        .fold("<".to_owned(), |text, x| text + &x.to_string())
                );
            });
        }
    });
}

/// The least that may be said of the sorts: sorted, and with the same items; the stable ones leave equals in order.
#[test]
fn sorts() {
    with_pools(|pool, _| {
        for len in LENGTHS.into_iter().chain([20_000]) {
            let pairs: Vec<(u64, usize)> = numbers(len).into_iter().zip(0..).collect();
            let mut want = pairs.clone();
            want.sort_by_key(|pair| pair.0);
            let sorted = |sort: fn(&mut [(u64, usize)])| {
                let mut copy = pairs.clone();
                pool.install(|| sort(&mut copy));
                copy
            };
            assert_eq!(sorted(|all| all.par_sort()), want);
            assert_eq!(sorted(|all| all.par_sort_by(|a, b| a.0.cmp(&b.0))), want);
            assert_eq!(sorted(|all| all.par_sort_by_key(|pair| pair.0)), want);
            assert_eq!(sorted(|all| all.par_sort_unstable()), want);
            want.reverse();
            assert_eq!(
                sorted(|all| all.par_sort_unstable_by(|a, b| b.cmp(a))),
                want
            );
        }
    });
}
