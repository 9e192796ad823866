//! Std's collections as sources and as targets, against std's own iterators.

use crate::ledger::with_pools;
use lyocell::iter::Either;
use lyocell::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fmt::Debug;

const LENS: [u32; 5] = [0, 1, 2, 13, 1000];

/// For a collection: by reference, by value and, where it can, by mutable reference, it yields what std does.
macro_rules! yields_what_std_yields {
    ($($name:ident: $Collection:ty $(, mut |$item:ident| $change:expr)?;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|| {
                for len in LENS {
                    #[allow(unused_mut)]
                    let mut source: $Collection = (0..len).map(FromNumber::from_number).collect();
                    assert!(source.par_iter().collect::<Vec<_>>().into_iter().eq(&source));
                    assert!(source.par_iter().clone().filter(|_| true).count() == len as usize);
                    assert!(!format!("{:?}", source.par_iter()).is_empty());
                    $({
                        let mut twin = source.clone();
                        source.par_iter_mut().for_each(|$item| $change);
                        twin.iter_mut().for_each(|$item| $change);
                        assert!(source.iter().eq(twin.iter()));
                    })?
                    let order: Vec<_> = source.iter().map(ToOwnedItem::to_owned_item).collect();
                    assert_eq!(source.into_par_iter().collect::<Vec<_>>(), order);
                }
            });
        }
    )*};
}

/// Makes an item or an entry of a number.
trait FromNumber {
    fn from_number(number: u32) -> Self;
}
impl FromNumber for u32 {
    fn from_number(number: u32) -> Self {
        number.wrapping_mul(0x9E37_79B9) >> 8
    }
}
impl FromNumber for (u32, String) {
    fn from_number(number: u32) -> Self {
        (FromNumber::from_number(number), number.to_string())
    }
}

/// Clones what a borrowing iterator yields: an item, or a pair of references.
trait ToOwnedItem {
    type Owned;
    fn to_owned_item(self) -> Self::Owned;
}
impl ToOwnedItem for &u32 {
    type Owned = u32;
    fn to_owned_item(self) -> u32 {
        *self
    }
}
impl ToOwnedItem for (&u32, &String) {
    type Owned = (u32, String);
    fn to_owned_item(self) -> (u32, String) {
        (*self.0, self.1.clone())
    }
}

yields_what_std_yields! {
    vectors: Vec<u32>, mut |x| *x += 1;
    deques: VecDeque<u32>, mut |x| *x += 1;
    lists: LinkedList<u32>, mut |x| *x += 1;
    heaps: BinaryHeap<u32>;
    hash_sets: HashSet<u32>;
    tree_sets: BTreeSet<u32>;
    hash_maps: HashMap<u32, String>, mut |entry| entry.1.push('!');
    tree_maps: BTreeMap<u32, String>, mut |entry| entry.1.push('!');
}

#[test]
fn options_and_results_yield_their_value() {
    let mut some = Some(1);
    some.par_iter_mut().for_each(|x| *x += 1);
    assert_eq!(some.par_iter().collect::<Vec<_>>(), [&2]);
    assert_eq!(some.into_par_iter().collect::<Vec<_>>(), [2]);
    assert_eq!(
        None::<u8>
            .into_par_iter()
            .chain(Some(3))
            .collect::<Vec<_>>(),
        [3]
    );
    assert_eq!(
        Some(1)
            .into_par_iter()
            .zip(Some(2))
            .rev()
            .collect::<Vec<_>>(),
        [(1, 2)]
    );
    let mut ok: Result<_, u8> = Ok(1);
    ok.par_iter_mut().for_each(|x| *x += 1);
    assert_eq!(ok.par_iter().clone().collect::<Vec<_>>(), [&2]);
    assert_eq!(ok.into_par_iter().collect::<Vec<_>>(), [2]);
    assert_eq!(Err::<u8, _>(1).into_par_iter().count(), 0);
}

#[test]
fn arrays_by_reference_are_slices() {
    let mut array = [1, 2, 3];
    array.par_iter_mut().for_each(|x| *x *= 2);
    assert_eq!(array.par_iter().sum::<i32>(), 12);
    assert_eq!((&array).into_par_iter().len(), 3);
}

/// Collects and extends in parallel as std does with one thread, with owned items and with references.
#[track_caller]
fn as_std<'a, C, T, R>(start: &[T], items: &'a [T], by_ref: impl Fn(&'a T) -> R + Sync + Send)
where
    C: Extend<T> + Clone + PartialEq + Debug + FromIterator<T>,
    C: FromParallelIterator<T> + ParallelExtend<T> + ParallelExtend<R>,
    T: Clone + Send + Sync + 'a,
    R: Send,
{
    let collected: C = items.iter().cloned().collect();
    assert_eq!(items.par_iter().cloned().collect::<C>(), collected);
    assert_eq!(
        items
            .par_iter()
            .with_max_len(3)
            .filter(|_| true)
            .cloned()
            .collect::<C>(),
        collected
    );

    let mut extended: C = start.iter().cloned().collect();
    let (mut indexed, mut unindexed, mut copied) =
        (extended.clone(), extended.clone(), extended.clone());
    extended.extend(items.iter().cloned());
    indexed.par_extend(items.par_iter().cloned());
    unindexed.par_extend(items.par_iter().with_max_len(3).filter(|_| true).cloned());
    copied.par_extend(items.par_iter().map(by_ref));
    assert_eq!(
        (&indexed, &unindexed, &copied),
        (&extended, &extended, &extended)
    );
}

#[test]
fn collections_are_collected_and_extended_as_by_std() {
    with_pools(|| {
        for len in LENS {
            let numbers: Vec<u32> = (0..len).map(|x| x * 7 % 50).collect();
            let start = [3, 4, 5];
            as_std::<Vec<_>, _, _>(&start, &numbers, |x| x);
            as_std::<VecDeque<_>, _, _>(&start, &numbers, |x| x);
            as_std::<LinkedList<_>, _, _>(&start, &numbers, |x| x);
            as_std::<HashSet<_>, _, _>(&start, &numbers, |x| x);
            as_std::<BTreeSet<_>, _, _>(&start, &numbers, |x| x);
            let entries: Vec<(u32, u32)> = (0..len).map(|x| (x * 7 % 50, x)).collect();
            let start = [(3, 99), (4, 99)];
            as_std::<HashMap<_, _>, _, _>(&start, &entries, |(k, v)| (k, v));
            as_std::<BTreeMap<_, _>, _, _>(&start, &entries, |(k, v)| (k, v));
            for items in [&numbers[..], &numbers[..len as usize / 2]] {
                let mut heap: BinaryHeap<u32> = items.par_iter().copied().collect();
                heap.par_extend(items);
                heap.par_extend(items.par_iter().copied().filter(|x| *x > 3));
                let mut twin: BinaryHeap<u32> = items.iter().copied().collect();
                twin.extend(items);
                twin.extend(items.iter().filter(|x| **x > 3));
                assert_eq!(heap.into_sorted_vec(), twin.into_sorted_vec());
            }
        }
    });
}

#[test]
fn text_is_collected_and_extended_in_order() {
    with_pools(|| {
        for len in [0, 1, 2, 500] {
            let words: Vec<String> = (0..len).map(|x| format!("{x}ä€")).collect();
            let joined = words.concat();
            let words = || words.par_iter().with_max_len(2);
            assert_eq!(words().cloned().collect::<String>(), joined);
            assert_eq!(
                words().map(|word| word.as_str()).collect::<String>(),
                joined
            );
            assert_eq!(
                words()
                    .map(|word| word.clone().into_boxed_str())
                    .collect::<String>(),
                joined
            );
            assert_eq!(words().map(Cow::from).collect::<String>(), joined);
            assert_eq!(
                words()
                    .flat_map_iter(|word| word.chars())
                    .collect::<String>(),
                joined
            );
            assert_eq!(
                *words().map(|word| word.as_str()).collect::<Box<str>>(),
                *joined
            );
            assert_eq!(words().cloned().collect::<Cow<'_, str>>(), joined);
            let chars: Vec<char> = joined.chars().collect();
            assert_eq!(chars.par_iter().collect::<String>(), joined);
            assert_eq!(*chars.par_iter().copied().collect::<Box<str>>(), *joined);
            assert_eq!(words().map(OsString::from).collect::<OsString>(), *joined);
            assert_eq!(words().map(OsStr::new).collect::<OsString>(), *joined);
            assert_eq!(
                words()
                    .map(|word| Cow::from(OsStr::new(word)))
                    .collect::<OsString>(),
                *joined
            );

            let mut text = String::from("> ");
            text.par_extend(words().cloned());
            text.par_extend(&chars);
            assert_eq!(text, format!("> {joined}{joined}"));
            let mut text = OsString::from("> ");
            text.par_extend(words().map(OsStr::new));
            assert_eq!(text, *format!("> {joined}"));
        }
    });
}

#[test]
fn either_collection_is_extended() {
    let mut left: Either<Vec<u8>, BTreeSet<u8>> = Either::Left(vec![9]);
    let mut right: Either<Vec<u8>, BTreeSet<u8>> = Either::Right(BTreeSet::from([9]));
    left.par_extend([1, 2]);
    right.par_extend([2, 1]);
    assert_eq!(left, Either::Left(vec![9, 1, 2]));
    assert_eq!(right, Either::Right(BTreeSet::from([1, 2, 9])));
}

#[test]
fn hash_tables_are_drained_and_keep_their_capacity() {
    let mut map: HashMap<u32, u32> = (0..100).map(|x| (x, x)).collect();
    let capacity = map.capacity();
    assert_eq!(map.par_drain().map(|(_, x)| x).sum::<u32>(), 4950);
    assert_eq!((map.len(), map.capacity()), (0, capacity));
    let mut set: HashSet<u32> = (0..100).collect();
    drop(set.par_drain());
    assert!(set.is_empty() && set.capacity() >= 100);
}
