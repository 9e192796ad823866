//! [`ParallelIterator`]: what every parallel iterator can do.

use std::cmp::Ordering;
use std::collections::LinkedList;
use std::iter::{Product, Sum};

use either::Either;

use super::adapt::cutoff::{SkipAny, SkipAnyWhile, TakeAny, TakeAnyWhile, WhileSome};
use super::adapt::elementwise::{
    Cloned, Copied, Filter, FilterMap, FilterMapStage, FilterStage, FlatMapIter, FlatMapIterStage,
    FlattenIter, Inspect, InspectStage, Map, MapStage, Update, UpdateStage,
};
use super::adapt::folds::{Fold, FoldWith, TryFold, TryFoldWith};
use super::adapt::fuse::PanicFuse;
use super::adapt::intersperse::Intersperse;
use super::adapt::nested::{FlatMap, Flatten};
use super::adapt::pair::Chain;
use super::adapt::stage::Exact;
use super::adapt::stateful::{MapInit, MapWith};
use super::finish::over::{Borrower, Lent};
use super::finish::{any, each, gather, place, reduce, tries, unzip};
use super::plumbing::{Folder, UnindexedConsumer};
use super::tries::Try;
use super::{FromParallelIterator, IntoParallelIterator, ParallelExtend};

/// Items that many threads can work through at the same time.
///
/// Here are the adapters and ends of std's `Iterator` that make sense when items come in no order of
/// time, under their old names; where the old name would hide a choice, as in [`find_any`] and
/// [`find_first`], the new name says it. What needs indices is in [`IndexedParallelIterator`].
///
/// Adapters are lazy. Ends drive: they cut the items into pieces, work on them in parallel with the
/// calling thread among the workers, and return when all is done. Closures are called through `&`, by
/// many threads at once, so they are `Fn` and `Sync`.
///
/// [`find_any`]: Self::find_any
/// [`find_first`]: Self::find_first
/// [`IndexedParallelIterator`]: super::IndexedParallelIterator
///
/// ```
/// use lyocell::prelude::*;
///
/// let total: u32 = (1..=100u32).into_par_iter().filter(|n| n % 7 == 0).map(|n| n * n).sum();
/// assert_eq!(total, 49_735);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a parallel iterator",
    label = "not a parallel iterator",
    note = "collections and ranges begin with `par_iter()` or `into_par_iter()`, sequential iterators \
            with `par_bridge()`; the closures of adapters must be `Fn + Sync + Send`"
)]
pub trait ParallelIterator: Sized + Send {
    /// What it gives out.
    type Item: Send;

    // ---- ends that look at every item ----

    /// Calls a function with each item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// let total = AtomicU32::new(0);
    /// (1..=4).into_par_iter().for_each(|n| {
    ///     total.fetch_add(n, Ordering::Relaxed);
    /// });
    /// assert_eq!(total.into_inner(), 10);
    /// ```
    fn for_each<OP>(self, op: OP)
    where
        OP: Fn(Self::Item) + Sync + Send,
    {
        each::for_each(self, op);
    }

    /// Calls a function with each item and a value that belongs to the piece: a clone of `init`.
    ///
    /// It is for what can be cloned but not shared, such as the sender of a channel.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// (0..5u32).into_par_iter().for_each_with(sender, |sender, n| sender.send(n).unwrap());
    /// assert_eq!(receiver.iter().sum::<u32>(), 10);
    /// ```
    fn for_each_with<OP, T>(self, init: T, op: OP)
    where
        OP: Fn(&mut T, Self::Item) + Sync + Send,
        T: Send + Clone,
    {
        self.map_with(init, op).drive_unindexed(each::Noop::new());
    }

    /// Calls a function with each item and a value that belongs to the piece, made by `init`.
    ///
    /// It is for what is dear to make and good for many items: a buffer, a generator of random numbers.
    /// How many pieces there will be is not known; the value need not be `Send`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut names = vec![String::new(); 3];
    /// names.par_iter_mut().enumerate().for_each_init(
    ///     || String::from("fibre "),
    ///     |buffer, (n, name)| {
    ///         buffer.truncate(6);
    ///         buffer.push_str(&n.to_string());
    ///         name.clone_from(buffer);
    ///     },
    /// );
    /// assert_eq!(names, ["fibre 0", "fibre 1", "fibre 2"]);
    /// ```
    fn for_each_init<OP, INIT, T>(self, init: INIT, op: OP)
    where
        OP: Fn(&mut T, Self::Item) + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
    {
        self.map_init(init, op).drive_unindexed(each::Noop::new());
    }

    /// Calls a function with each item until it fails, and returns a failure if there was one.
    ///
    /// `R` is anything that `?` works on. With several failures, which one comes back may change from
    /// run to run; the other threads stop soon after the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let parse = |text: &&str| text.parse::<u8>().map(drop);
    /// assert!(["1", "20"].par_iter().try_for_each(parse).is_ok());
    /// assert!(["1", "300"].par_iter().try_for_each(parse).is_err());
    /// ```
    fn try_for_each<OP, R>(self, op: OP) -> R
    where
        OP: Fn(Self::Item) -> R + Sync + Send,
        R: Try<Output = ()> + Send,
    {
        tries::try_reduce(self.map(op), || (), |(), ()| R::from_output(()))
    }

    /// As [`try_for_each`](Self::try_for_each), with a clone of `init` for each piece.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let sent = (0..5u32).into_par_iter().try_for_each_with(sender, |sender, n| sender.send(n));
    /// assert!(sent.is_ok());
    /// assert_eq!(receiver.iter().sum::<u32>(), 10);
    /// ```
    fn try_for_each_with<OP, T, R>(self, init: T, op: OP) -> R
    where
        OP: Fn(&mut T, Self::Item) -> R + Sync + Send,
        T: Send + Clone,
        R: Try<Output = ()> + Send,
    {
        tries::try_reduce(self.map_with(init, op), || (), |(), ()| R::from_output(()))
    }

    /// As [`try_for_each`](Self::try_for_each), with a value for each piece that `init` makes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let result = (0..100u32).into_par_iter().try_for_each_init(
    ///     || String::new(),
    ///     |digits, n| {
    ///         digits.clear();
    ///         digits.push_str(&n.to_string());
    ///         if digits.len() < 3 { Some(()) } else { None }
    ///     },
    /// );
    /// assert_eq!(result, Some(()));
    /// ```
    fn try_for_each_init<OP, INIT, T, R>(self, init: INIT, op: OP) -> R
    where
        OP: Fn(&mut T, Self::Item) -> R + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
        R: Try<Output = ()> + Send,
    {
        tries::try_reduce(self.map_init(init, op), || (), |(), ()| R::from_output(()))
    }

    /// Counts the items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().filter(|n| n % 9 == 0).count(), 12);
    /// ```
    fn count(self) -> usize {
        each::count(self)
    }

    // ---- adapters, item by item ----

    /// Makes something of each item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let squares: Vec<u32> = (1..5).into_par_iter().map(|n| n * n).collect();
    /// assert_eq!(squares, [1, 4, 9, 16]);
    /// ```
    #[inline]
    fn map<F, R>(self, map_op: F) -> Map<Self, F>
    where
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        Map::new(self, Exact(MapStage(map_op)))
    }

    /// Makes something of each item and a value that belongs to the piece: a clone of `init`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// // Each piece counts on from its own clone, so the first item of every piece is numbered 1.
    /// let numbers: Vec<u32> = ["a", "b"].par_iter().map_with(0, |n, _| { *n += 1; *n }).collect();
    /// assert!(numbers == [1, 1] || numbers == [1, 2]);
    /// ```
    #[inline]
    fn map_with<F, T, R>(self, init: T, map_op: F) -> MapWith<Self, T, F>
    where
        F: Fn(&mut T, Self::Item) -> R + Sync + Send,
        T: Send + Clone,
        R: Send,
    {
        MapWith::new(self, init, map_op)
    }

    /// Makes something of each item and a value that belongs to the piece, made by `init`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let lengths: Vec<usize> = (0..4u32)
    ///     .into_par_iter()
    ///     .map_init(String::new, |buffer, n| {
    ///         buffer.clear();
    ///         buffer.extend((0..n).map(|_| '#'));
    ///         buffer.len()
    ///     })
    ///     .collect();
    /// assert_eq!(lengths, [0, 1, 2, 3]);
    /// ```
    #[inline]
    fn map_init<F, INIT, T, R>(self, init: INIT, map_op: F) -> MapInit<Self, INIT, F>
    where
        F: Fn(&mut T, Self::Item) -> R + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
        R: Send,
    {
        MapInit::new(self, init, map_op)
    }

    /// Clones each item out of its reference.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let words = [String::from("warp"), String::from("weft")];
    /// assert_eq!(words.par_iter().cloned().collect::<Vec<String>>(), words);
    /// ```
    #[inline]
    fn cloned<'a, T>(self) -> Cloned<Self>
    where
        T: 'a + Clone + Send,
        Self: ParallelIterator<Item = &'a T>,
    {
        Cloned::new(self)
    }

    /// Copies each item out of its reference.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_iter().copied().max(), Some(3));
    /// ```
    #[inline]
    fn copied<'a, T>(self) -> Copied<Self>
    where
        T: 'a + Copy + Send,
        Self: ParallelIterator<Item = &'a T>,
    {
        Copied::new(self)
    }

    /// Shows each item to a function on its way past.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let n = (0..10).into_par_iter().inspect(|n| assert!(*n < 10)).count();
    /// assert_eq!(n, 10);
    /// ```
    #[inline]
    fn inspect<OP>(self, inspect_op: OP) -> Inspect<Self, OP>
    where
        OP: Fn(&Self::Item) + Sync + Send,
    {
        Inspect::new(self, Exact(InspectStage(inspect_op)))
    }

    /// Lets a function change each item in place.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let lists: Vec<Vec<u32>> =
    ///     (0..3).into_par_iter().map(|n| vec![n]).update(|list| list.push(9)).collect();
    /// assert_eq!(lists, [[0, 9], [1, 9], [2, 9]]);
    /// ```
    #[inline]
    fn update<F>(self, update_op: F) -> Update<Self, F>
    where
        F: Fn(&mut Self::Item) + Sync + Send,
    {
        Update::new(self, Exact(UpdateStage(update_op)))
    }

    /// Keeps the items that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let even: Vec<u32> = (0..10).into_par_iter().filter(|n| n % 2 == 0).collect();
    /// assert_eq!(even, [0, 2, 4, 6, 8]);
    /// ```
    #[inline]
    fn filter<P>(self, filter_op: P) -> Filter<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        Filter::new(self, FilterStage(filter_op))
    }

    /// Keeps what a function makes `Some` of.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let numbers: Vec<u8> =
    ///     ["7", "x", "300", "9"].par_iter().filter_map(|text| text.parse().ok()).collect();
    /// assert_eq!(numbers, [7, 9]);
    /// ```
    #[inline]
    fn filter_map<P, R>(self, filter_op: P) -> FilterMap<Self, P>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        FilterMap::new(self, FilterMapStage(filter_op))
    }

    /// Makes a parallel iterator of each item, and runs through all of them as one.
    ///
    /// The inner iterators are split as well. If they are short, [`flat_map_iter`] costs less.
    ///
    /// [`flat_map_iter`]: Self::flat_map_iter
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let all: Vec<u32> = (0..4u32).into_par_iter().flat_map(|n| 0..n).collect();
    /// assert_eq!(all, [0, 0, 1, 0, 1, 2]);
    /// ```
    #[inline]
    fn flat_map<F, PI>(self, map_op: F) -> FlatMap<Self, F>
    where
        F: Fn(Self::Item) -> PI + Sync + Send,
        PI: IntoParallelIterator,
    {
        FlatMap::new(self, map_op)
    }

    /// Makes a sequential iterator of each item, and runs through all of them as one.
    ///
    /// Each inner iterator is run through by one thread. That is enough if there are many of them.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let letters: String = ["fi", "bre"].par_iter().flat_map_iter(|word| word.chars()).collect();
    /// assert_eq!(letters, "fibre");
    /// ```
    #[inline]
    fn flat_map_iter<F, SI>(self, map_op: F) -> FlatMapIter<Self, F>
    where
        F: Fn(Self::Item) -> SI + Sync + Send,
        SI: IntoIterator<Item: Send>,
    {
        FlatMapIter::new(self, FlatMapIterStage(map_op))
    }

    /// Runs through items that are parallel iterators themselves, as one.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let rows = [[1, 2], [3, 4]];
    /// assert_eq!(rows.par_iter().flatten().sum::<i32>(), 10);
    /// ```
    #[inline]
    fn flatten(self) -> Flatten<Self>
    where
        Self::Item: IntoParallelIterator,
    {
        Flatten::new(self)
    }

    /// Runs through items that are sequential iterators themselves, each on one thread, as one.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let rows = [[1, 2], [3, 4]];
    /// assert_eq!(rows.par_iter().flatten_iter().sum::<i32>(), 10);
    /// ```
    #[inline]
    fn flatten_iter(self) -> FlattenIter<Self>
    where
        Self::Item: IntoIterator<Item: Send>,
    {
        FlattenIter::new(self)
    }

    // ---- many made one ----

    /// Joins all items into one, two at a time.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let (low, high) = [4, 8, 2]
    ///     .par_iter()
    ///     .map(|&n| (n, n))
    ///     .reduce(|| (i32::MAX, i32::MIN), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    /// assert_eq!((low, high), (2, 8));
    /// ```
    ///
    /// # Order and cost
    /// `op` only ever joins neighbours, the left one first, so it need not be commutative. It must be
    /// associative, or the result depends on how the items were cut. `identity` must change nothing: it is called
    /// for each piece if the items are plain values, and else only if there are none.
    fn reduce<OP, ID>(self, identity: ID, op: OP) -> Self::Item
    where
        OP: Fn(Self::Item, Self::Item) -> Self::Item + Sync + Send,
        ID: Fn() -> Self::Item + Sync + Send,
    {
        reduce::reduce(self, identity, op)
    }

    /// Joins all items into one, two at a time; `None` if there are none.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let longest = |a, b| if str::len(b) > str::len(a) { b } else { a };
    /// assert_eq!(["on", "and", "off"].par_iter().copied().reduce_with(longest), Some("and"));
    /// assert_eq!([""; 0].par_iter().copied().reduce_with(longest), None);
    /// ```
    ///
    /// # Order and cost
    /// As [`reduce`](Self::reduce), without an identity.
    fn reduce_with<OP>(self, op: OP) -> Option<Self::Item>
    where
        OP: Fn(Self::Item, Self::Item) -> Self::Item + Sync + Send,
    {
        reduce::reduce_with(self, op)
    }

    /// Joins what is inside of all items, until an item or `op` fails.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// fn total(numbers: &[Option<u8>]) -> Option<u8> {
    ///     numbers.par_iter().copied().try_reduce(|| 0, u8::checked_add)
    /// }
    /// assert_eq!(total(&[Some(100), Some(50)]), Some(150));
    /// assert_eq!(total(&[Some(100), None]), None);
    /// assert_eq!(total(&[Some(200), Some(100)]), None);
    /// ```
    ///
    /// # Order and cost
    /// As [`reduce`](Self::reduce). With several failures, which one comes back may change from run to
    /// run; the other threads stop soon after the first.
    fn try_reduce<T, OP, ID>(self, identity: ID, op: OP) -> Self::Item
    where
        OP: Fn(T, T) -> Self::Item + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        Self::Item: Try<Output = T>,
    {
        tries::try_reduce(self, identity, op)
    }

    /// Joins what is inside of all items, until an item or `op` fails; `None` if there are no items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let numbers = ["1", "2", "3"].par_iter().map(|text| text.parse::<i32>());
    /// assert_eq!(numbers.try_reduce_with(|a, b| Ok(a + b)), Some(Ok(6)));
    /// ```
    ///
    /// # Order and cost
    /// As [`try_reduce`](Self::try_reduce), without an identity.
    fn try_reduce_with<T, OP>(self, op: OP) -> Option<Self::Item>
    where
        OP: Fn(T, T) -> Self::Item + Sync + Send,
        Self::Item: Try<Output = T>,
    {
        tries::try_reduce_with(self, op)
    }

    /// Folds the items of each piece; gives out what each piece comes to.
    ///
    /// It is the first half of a reduction whose result has another type than the items: `fold` within
    /// the pieces, then for instance [`reduce`](Self::reduce) over them.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let letters = ["warp", "weft"]
    ///     .par_iter()
    ///     .fold(String::new, |mut all, word| { all.push_str(word); all })
    ///     .reduce(String::new, |a, b| a + &b);
    /// assert_eq!(letters, "warpweft");
    /// ```
    ///
    /// # Order and cost
    /// One item for each piece, at least one, in order. How many pieces there are depends on the threads
    /// and on chance. `identity` is called once for each.
    #[inline]
    fn fold<T, ID, F>(self, identity: ID, fold_op: F) -> Fold<Self, ID, F>
    where
        F: Fn(T, Self::Item) -> T + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        T: Send,
    {
        Fold::new(self, identity, fold_op)
    }

    /// As [`fold`](Self::fold), each piece beginning with a clone of `init`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let total: u32 = (1..=4u32).into_par_iter().fold_with(0, |sum, n| sum + n).sum();
    /// assert_eq!(total, 10);
    /// ```
    #[inline]
    fn fold_with<F, T>(self, init: T, fold_op: F) -> FoldWith<Self, T, F>
    where
        F: Fn(T, Self::Item) -> T + Sync + Send,
        T: Send + Clone,
    {
        FoldWith::new(self, init, fold_op)
    }

    /// As [`fold`](Self::fold), but a piece ends when `fold_op` fails, and gives out the failure.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let total = (1..=4u8)
    ///     .into_par_iter()
    ///     .try_fold(|| 0u8, |sum, n| sum.checked_add(n))
    ///     .try_reduce(|| 0, u8::checked_add);
    /// assert_eq!(total, Some(10));
    /// ```
    #[inline]
    fn try_fold<T, R, ID, F>(self, identity: ID, fold_op: F) -> TryFold<Self, R, ID, F>
    where
        F: Fn(T, Self::Item) -> R + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        R: Try<Output = T> + Send,
    {
        TryFold::new(self, identity, fold_op)
    }

    /// As [`try_fold`](Self::try_fold), each piece beginning with a clone of `init`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let total = (1..=40u8)
    ///     .into_par_iter()
    ///     .try_fold_with(0u8, |sum, n| sum.checked_add(n))
    ///     .try_reduce(|| 0, u8::checked_add);
    /// assert_eq!(total, None);
    /// ```
    #[inline]
    fn try_fold_with<F, T, R>(self, init: T, fold_op: F) -> TryFoldWith<Self, R, F>
    where
        F: Fn(T, Self::Item) -> R + Sync + Send,
        R: Try<Output = T> + Send,
        T: Clone + Send,
    {
        TryFoldWith::new(self, init, fold_op)
    }

    /// Adds all items up.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([1.5, 2.5].par_iter().sum::<f64>(), 4.0);
    /// assert_eq!([0u32; 0].par_iter().sum::<u32>(), 0);
    /// ```
    ///
    /// # Order and cost
    /// Each piece from left to right, then the sums of neighbouring pieces. A sum of floats may differ
    /// in the last digits from run to run, as its cuts do.
    ///
    /// # Panics
    /// On overflow where `+` does, that is with debug assertions.
    fn sum<S>(self) -> S
    where
        S: Send + Sum<Self::Item> + Sum<S>,
    {
        reduce::sum(self)
    }

    /// Multiplies all items.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((1..=5u64).into_par_iter().product::<u64>(), 120);
    /// ```
    ///
    /// # Order and cost
    /// As [`sum`](Self::sum).
    ///
    /// # Panics
    /// On overflow where `*` does, that is with debug assertions.
    fn product<P>(self) -> P
    where
        P: Send + Product<Self::Item> + Product<P>,
    {
        reduce::product(self)
    }

    /// The least item; of several equal ones the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([4, 2, 7].par_iter().min(), Some(&2));
    /// ```
    fn min(self) -> Option<Self::Item>
    where
        Self::Item: Ord,
    {
        reduce::min(self)
    }

    /// The least item as `f` compares; of several equal ones the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([-1.5, 0.5, -2.0].par_iter().copied().min_by(f64::total_cmp), Some(-2.0));
    /// ```
    fn min_by<F>(self, f: F) -> Option<Self::Item>
    where
        F: Sync + Send + Fn(&Self::Item, &Self::Item) -> Ordering,
    {
        self.reduce_with(|a, b| if f(&a, &b).is_gt() { b } else { a })
    }

    /// The item with the least key; of several the first. Keys are made once for each item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([-3i32, 2, -2].par_iter().min_by_key(|n| n.abs()), Some(&2));
    /// ```
    fn min_by_key<K, F>(self, f: F) -> Option<Self::Item>
    where
        K: Ord + Send,
        F: Sync + Send + Fn(&Self::Item) -> K,
    {
        let keyed = self.map(|item| (f(&item), item));
        keyed
            .min_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, item)| item)
    }

    /// The greatest item; of several equal ones the last.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([4, 2, 7].par_iter().max(), Some(&7));
    /// ```
    fn max(self) -> Option<Self::Item>
    where
        Self::Item: Ord,
    {
        reduce::max(self)
    }

    /// The greatest item as `f` compares; of several equal ones the last.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([-1.5, 0.5, -2.0].par_iter().copied().max_by(f64::total_cmp), Some(0.5));
    /// ```
    fn max_by<F>(self, f: F) -> Option<Self::Item>
    where
        F: Sync + Send + Fn(&Self::Item, &Self::Item) -> Ordering,
    {
        self.reduce_with(|a, b| if f(&a, &b).is_gt() { a } else { b })
    }

    /// The item with the greatest key; of several the last. Keys are made once for each item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([-3i32, 2, 3].par_iter().max_by_key(|n| n.abs()), Some(&3));
    /// ```
    fn max_by_key<K, F>(self, f: F) -> Option<Self::Item>
    where
        K: Ord + Send,
        F: Sync + Send + Fn(&Self::Item) -> K,
    {
        let keyed = self.map(|item| (f(&item), item));
        keyed
            .max_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, item)| item)
    }

    /// First these items, then those of another iterator.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let all: Vec<u32> = (0..2).into_par_iter().chain(5..7).collect();
    /// assert_eq!(all, [0, 1, 5, 6]);
    /// ```
    ///
    /// # Order and cost
    /// Keeps order and exact length. Both sides are worked on at the same time.
    #[inline]
    fn chain<C>(self, chain: C) -> Chain<Self, C::Iter>
    where
        C: IntoParallelIterator<Item = Self::Item>,
    {
        Chain::new(self, chain.into_par_iter())
    }

    /// Puts a clone of an item between every two neighbours.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sum: String = ["1", "2", "3"].par_iter().copied().intersperse(" + ").collect();
    /// assert_eq!(sum, "1 + 2 + 3");
    /// ```
    ///
    /// # Order and cost
    /// Keeps order, and length where there is one. Behind a `filter`, too, there is nothing before the
    /// first item that is left, and nothing after the last.
    #[inline]
    fn intersperse(self, element: Self::Item) -> Intersperse<Self>
    where
        Self::Item: Clone,
    {
        Intersperse::new(self, element)
    }

    // ---- searches ----

    /// Some item that a predicate likes, not necessarily the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let found = (0..100).into_par_iter().find_any(|n| n % 7 == 6);
    /// assert_eq!(found.map(|n| n % 7), Some(6));
    /// ```
    ///
    /// # Order and cost
    /// As soon as one thread has found something, the others stop.
    fn find_any<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        any::find_any(self, predicate)
    }

    /// The first item that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().find_first(|n| n % 7 == 6), Some(6));
    /// ```
    ///
    /// # Order and cost
    /// As soon as something is found, everything to the right of it stops; what is to the left goes on.
    fn find_first<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        place::find_first(self, predicate)
    }

    /// The last item that a predicate likes.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().find_last(|n| n % 7 == 6), Some(97));
    /// ```
    ///
    /// # Order and cost
    /// As soon as something is found, the pieces to the left of it stop. A piece is run through from
    /// its beginning all the same: over an indexed iterator, `rev().find_first(…)` looks at fewer items.
    fn find_last<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        place::find_last(self, predicate)
    }

    /// Some result that is `Some`, not necessarily the first.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let number = ["x", "7"].par_iter().find_map_any(|text| text.parse::<u32>().ok());
    /// assert_eq!(number, Some(7));
    /// ```
    fn find_map_any<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        self.filter_map(predicate).find_any(|_| true)
    }

    /// The first result that is `Some`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let number = ["x", "7", "9"].par_iter().find_map_first(|text| text.parse::<u32>().ok());
    /// assert_eq!(number, Some(7));
    /// ```
    fn find_map_first<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        self.filter_map(predicate).find_first(|_| true)
    }

    /// The last result that is `Some`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let number = ["7", "9", "x"].par_iter().find_map_last(|text| text.parse::<u32>().ok());
    /// assert_eq!(number, Some(9));
    /// ```
    fn find_map_last<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        self.filter_map(predicate).find_last(|_| true)
    }

    #[doc(hidden)]
    #[deprecated(note = "say which one: `find_any`, `find_first` or `find_last`")]
    fn find<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        self.find_any(predicate)
    }

    /// Whether a predicate likes at least one item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([0, 7, 0].par_iter().any(|&n| n > 5));
    /// assert!(![0; 0].par_iter().any(|_: &u8| true));
    /// ```
    ///
    /// # Order and cost
    /// The threads stop as soon as the answer is yes.
    fn any<P>(self, predicate: P) -> bool
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.map(predicate).find_any(|is_liked| *is_liked).is_some()
    }

    /// Whether a predicate likes every item.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert!([6, 7].par_iter().all(|&n| n > 5));
    /// assert!([0; 0].par_iter().all(|_: &u8| false));
    /// ```
    ///
    /// # Order and cost
    /// The threads stop as soon as the answer is no.
    fn all<P>(self, predicate: P) -> bool
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.map(predicate).find_any(|is_liked| !is_liked).is_none()
    }

    // ---- adapters that break off ----

    /// Unwraps items until some thread meets a `None`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let all = [Some(1), Some(2)].par_iter().copied().while_some().count();
    /// assert_eq!(all, 2);
    /// let fewer = [Some(1), None, Some(3)].par_iter().copied().while_some().count();
    /// assert!(fewer <= 2);
    /// ```
    ///
    /// # Order and cost
    /// *Until* is meant in time, not in place: items to the right of the `None` may have come before it,
    /// items to the left of it may not.
    #[inline]
    fn while_some<T>(self) -> WhileSome<Self>
    where
        Self: ParallelIterator<Item = Option<T>>,
        T: Send,
    {
        WhileSome::new(self)
    }

    /// Makes all threads stop soon when one of them panics.
    ///
    /// A panic resurfaces in the caller in any case, but only after the other pieces have been worked
    /// through; after this they give up instead. It costs a look at a flag for each item.
    ///
    /// ```should_panic
    /// use lyocell::prelude::*;
    ///
    /// (0..1_000_000u32).into_par_iter().panic_fuse().for_each(|n| assert!(n != 500));
    /// ```
    #[inline]
    fn panic_fuse(self) -> PanicFuse<Self> {
        PanicFuse::new(self)
    }

    /// Keeps `n` of the items, whichever come first in time.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let some: Vec<u32> = (0..100).into_par_iter().take_any(5).collect();
    /// assert_eq!(some.len(), 5);
    /// assert!(some.is_sorted());
    /// ```
    ///
    /// # Order and cost
    /// Which items those are may change from run to run; they keep their order. For the first `n` in
    /// place, use [`take`](super::IndexedParallelIterator::take).
    ///
    /// What comes next may want no more in one piece, as [`try_fold`](Self::try_fold) does. Others may then have given up already, in the belief
    /// that all `n` were taken: so it can be fewer.
    #[inline]
    fn take_any(self, n: usize) -> TakeAny<Self> {
        TakeAny::new(self, n)
    }

    /// Drops `n` of the items, whichever come first in time.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().skip_any(95).count(), 5);
    /// ```
    ///
    /// # Order and cost
    /// Which items those are may change from run to run; the others keep their order. For the first `n`
    /// in place, use [`skip`](super::IndexedParallelIterator::skip).
    #[inline]
    fn skip_any(self, n: usize) -> SkipAny<Self> {
        SkipAny::new(self, n)
    }

    /// Keeps items until, on any thread, one displeases a predicate.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let good = (0..100).into_par_iter().take_any_while(|n| *n < 50).count();
    /// assert!(good <= 50);
    /// ```
    ///
    /// # Order and cost
    /// *Until* is meant in time, not in place: what is kept may change from run to run.
    #[inline]
    fn take_any_while<P>(self, predicate: P) -> TakeAnyWhile<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        TakeAnyWhile::new(self, predicate)
    }

    /// Drops items until, on any thread, one displeases a predicate.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let rest = (0..100).into_par_iter().skip_any_while(|n| *n < 50).count();
    /// assert!(rest >= 50);
    /// ```
    ///
    /// # Order and cost
    /// *Until* is meant in time, not in place: what is dropped may change from run to run.
    #[inline]
    fn skip_any_while<P>(self, predicate: P) -> SkipAnyWhile<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        SkipAnyWhile::new(self, predicate)
    }

    // ---- ends that keep the items ----

    /// Collects the items into anything that is [`FromParallelIterator`].
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let squares: Vec<u32> = (1..4).into_par_iter().map(|n| n * n).collect();
    /// assert_eq!(squares, [1, 4, 9]);
    ///
    /// let parsed: Result<Vec<u8>, _> = ["1", "x"].par_iter().map(|text| text.parse::<u8>()).collect();
    /// assert!(parsed.is_err());
    /// ```
    ///
    /// # Order and cost
    /// Sequences keep the order. The items of an indexed iterator are written straight to their places in the `Vec`, which is a new one, or lies
    /// in the memory of the [vector](crate::vec::IntoIter) that they come from; those of others are gathered piece by piece first.
    fn collect<C>(self) -> C
    where
        C: FromParallelIterator<Self::Item>,
    {
        C::from_par_iter(self)
    }

    /// Collects the items into a list of vectors, in order.
    ///
    /// It is what [`collect`](Self::collect) into a `Vec` of unknown length begins with: every piece fills
    /// a vector of its own, and here they are left as they are. None of them is empty. An iterator that
    /// knows its length makes only one.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let pieces = (0..100).into_par_iter().filter(|n| n % 3 == 0).collect_vec_list();
    /// assert!(pieces.into_iter().flatten().eq((0..100).step_by(3)));
    /// ```
    fn collect_vec_list(self) -> LinkedList<Vec<Self::Item>> {
        gather::collect_vec_list(self)
    }

    /// Collects the halves of pairs into two collections.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let (plain, squared): (Vec<u32>, Vec<u32>) = (1..4).into_par_iter().map(|n| (n, n * n)).unzip();
    /// assert_eq!((plain, squared), (vec![1, 2, 3], vec![1, 4, 9]));
    /// ```
    ///
    /// # Order and cost
    /// Each collection is as if it had been collected alone, and the iterator runs once. Pairs of pairs
    /// unzip into pairs of pairs.
    fn unzip<A, B, FromA, FromB>(self) -> (FromA, FromB)
    where
        Self: ParallelIterator<Item = (A, B)>,
        FromA: Default + Send + ParallelExtend<A>,
        FromB: Default + Send + ParallelExtend<B>,
        A: Send,
        B: Send,
    {
        unzip::unzip(self)
    }

    /// Collects the items that please a predicate into one collection, and the others into another.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let (even, odd): (Vec<u32>, Vec<u32>) = (0..6).into_par_iter().partition(|n| n % 2 == 0);
    /// assert_eq!((even, odd), (vec![0, 2, 4], vec![1, 3, 5]));
    /// ```
    ///
    /// # Order and cost
    /// Sequences keep the order.
    fn partition<A, B, P>(self, predicate: P) -> (A, B)
    where
        A: Default + Send + ParallelExtend<Self::Item>,
        B: Default + Send + ParallelExtend<Self::Item>,
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        unzip::partition(self, predicate)
    }

    /// Collects what a function makes of the items: what it calls left into one collection, what it
    /// calls right into another.
    ///
    /// ```
    /// use lyocell::iter::Either;
    /// use lyocell::prelude::*;
    ///
    /// let words = ["1", "two", "3"];
    /// let (numbers, others): (Vec<u32>, Vec<&str>) =
    ///     words.par_iter().partition_map(|word| match word.parse::<u32>() {
    ///         Ok(number) => Either::Left(number),
    ///         Err(_) => Either::Right(*word),
    ///     });
    /// assert_eq!((numbers, others), (vec![1, 3], vec!["two"]));
    /// ```
    ///
    /// # Order and cost
    /// Sequences keep the order.
    fn partition_map<A, B, P, L, R>(self, predicate: P) -> (A, B)
    where
        A: Default + Send + ParallelExtend<L>,
        B: Default + Send + ParallelExtend<R>,
        P: Fn(Self::Item) -> Either<L, R> + Sync + Send,
        L: Send,
        R: Send,
    {
        unzip::partition_map(self, predicate)
    }

    // ---- how it is driven ----

    /// Pours all items into a consumer: the one method that every parallel iterator must have.
    ///
    /// It is called by ends and adapters; see [`plumbing`](super::plumbing).
    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<Self::Item>;

    /// The exact number of items, if it is known beforehand.
    ///
    /// With `Some`, [`collect`](Self::collect) writes to final places; then exactly so many items must
    /// come, from left to right in each piece.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..10u64).into_par_iter().map(|n| n + 1).opt_len(), Some(10));
    /// assert_eq!((0..10u64).into_par_iter().filter(|n| *n > 1).opt_len(), None);
    /// ```
    fn opt_len(&self) -> Option<usize> {
        None
    }

    /// Whether [`lend_memory`](Self::lend_memory) ever lends anything.
    #[doc(hidden)]
    const LENDS_MEMORY: bool = false;

    /// Lends out the memory that the items lie in, if others of type `U` can lie there as well. `None` if there is no such memory.
    ///
    /// An adapter that passes this on makes at most one item of each, in order, and lets its base pour.
    #[doc(hidden)]
    #[inline]
    fn lend_memory<U>(&mut self, _borrower: Borrower) -> Option<Lent<U>> {
        None
    }

    /// Pours items into a folder that is open already, as long as `next_block`, asked how many of the so many that are left,
    /// does not say none. Gives the folder back, with what is left.
    ///
    /// For loops within a leaf of another, which are mostly over before a bridge would have been built.
    #[doc(hidden)]
    #[inline]
    fn pour_blocks<F, N>(self, folder: F, next_block: N) -> (F, Option<Self>)
    where
        F: Folder<Self::Item>,
        N: FnMut(usize) -> usize,
    {
        let _ = next_block;
        (folder, Some(self))
    }
}
