//! One iterator, two collections: `unzip`, `partition`, `partition_map`, and tuples of collections.
//!
//! Neither collection says what it will do with its items until its `par_extend` is called, and each
//! call wants an iterator of its own. So the calls are nested: the left collection is given a
//! [`LeftHalf`], which keeps the consumer that it is driven with and gives the right collection a
//! [`RightHalf`]. When that is driven in its turn both consumers are known, and the real iterator is
//! driven once, into both.
#![allow(unsafe_code)]

use super::{collect, sift};
use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};
use crate::iter::{
    FromParallelIterator, IndexedParallelIterator, IntoParallelIterator, ParallelExtend,
    ParallelIterator,
};
use either::Either;
use std::convert::identity;

/// Where an item goes: to the left, to the right, or in parts to both.
trait Route<Item>: Sync + Send {
    type Left: Send;
    type Right: Send;

    /// Whether every item sends exactly one thing to each side, so that both keep the iterator's length.
    const KEEPS_LEN: bool;

    fn send<L, R>(&self, item: Item, left: L, right: R) -> (L, R)
    where
        L: Folder<Self::Left>,
        R: Folder<Self::Right>;

    /// Sends all items, until there are none left or neither side wants more.
    #[inline]
    fn send_all<L, R>(&self, items: impl Iterator<Item = Item>, mut left: L, mut right: R) -> (L, R)
    where
        L: Folder<Self::Left>,
        R: Folder<Self::Right>,
    {
        for item in items {
            (left, right) = self.send(item, left, right);
            if left.full() && right.full() {
                break;
            }
        }
        (left, right)
    }

    /// Sends the items that `is_liked` likes, until there are none left or neither side wants more.
    #[inline]
    fn send_liked<L, R>(
        &self,
        items: impl Iterator<Item = Item>,
        is_liked: impl Fn(&Item) -> bool,
        left: L,
        right: R,
    ) -> (L, R)
    where
        L: Folder<Self::Left>,
        R: Folder<Self::Right>,
    {
        send_liked_one_by_one(self, items, is_liked, left, right)
    }
}

/// [`Route::send_liked`] for items that are dear to move, or have to be dropped.
#[inline]
fn send_liked_one_by_one<Item, Via, L, R>(
    route: &Via,
    items: impl Iterator<Item = Item>,
    is_liked: impl Fn(&Item) -> bool,
    mut left: L,
    mut right: R,
) -> (L, R)
where
    Via: Route<Item> + ?Sized,
    L: Folder<Via::Left>,
    R: Folder<Via::Right>,
{
    for item in items {
        if is_liked(&item) {
            (left, right) = route.send(item, left, right);
        }
        if left.full() && right.full() {
            break;
        }
    }
    (left, right)
}

/// Sends the halves of a pair to both sides.
struct Halves;

impl<A: Send, B: Send> Route<(A, B)> for Halves {
    type Left = A;
    type Right = B;

    const KEEPS_LEN: bool = true;

    #[inline]
    fn send<L: Folder<A>, R: Folder<B>>(&self, item: (A, B), left: L, right: R) -> (L, R) {
        (left.consume(item.0), right.consume(item.1))
    }

    #[inline]
    fn send_liked<L, R>(
        &self,
        items: impl Iterator<Item = (A, B)>,
        is_liked: impl Fn(&(A, B)) -> bool,
        left: L,
        right: R,
    ) -> (L, R)
    where
        L: Folder<A>,
        R: Folder<B>,
    {
        if sift::is_for::<(A, B)>() {
            return sift::halve(items, is_liked, left, right);
        }
        send_liked_one_by_one(self, items, is_liked, left, right)
    }
}

/// Sends what a function makes of the item to the side that it names.
struct Sorted<F>(F);

impl<T, A: Send, B: Send, F> Route<T> for Sorted<F>
where
    F: Fn(T) -> Either<A, B> + Sync + Send,
{
    type Left = A;
    type Right = B;

    const KEEPS_LEN: bool = false;

    #[inline]
    fn send<L: Folder<A>, R: Folder<B>>(&self, item: T, left: L, right: R) -> (L, R) {
        match (self.0)(item) {
            Either::Left(item) => (left.consume(item), right),
            Either::Right(item) => (left, right.consume(item)),
        }
    }
}

/// Sends what a predicate likes to the left, and the rest to the right.
struct Liked<P>(P);

impl<T: Send, P> Route<T> for Liked<P>
where
    P: Fn(&T) -> bool + Sync + Send,
{
    type Left = T;
    type Right = T;

    const KEEPS_LEN: bool = false;

    #[inline]
    fn send<L: Folder<T>, R: Folder<T>>(&self, item: T, left: L, right: R) -> (L, R) {
        if (self.0)(&item) {
            (left.consume(item), right)
        } else {
            (left, right.consume(item))
        }
    }

    #[inline]
    fn send_all<L, R>(&self, items: impl Iterator<Item = T>, mut left: L, mut right: R) -> (L, R)
    where
        L: Folder<T>,
        R: Folder<T>,
    {
        if sift::is_for::<T>() {
            return sift::part(items, &self.0, left, right);
        }
        for item in items {
            (left, right) = self.send(item, left, right);
            if left.full() && right.full() {
                break;
            }
        }
        (left, right)
    }
}

/// Collects the halves of each pair into collections of their own.
pub(crate) fn unzip<I, A, B, FromA, FromB>(par_iter: I) -> (FromA, FromB)
where
    I: ParallelIterator<Item = (A, B)>,
    FromA: Default + Send + ParallelExtend<A>,
    FromB: Default + Send + ParallelExtend<B>,
    A: Send,
    B: Send,
{
    let mut both = (FromA::default(), FromB::default());
    extend_both(&mut both, par_iter, Halves);
    both
}

/// Collects the items for which `predicate` holds to the left, and the others to the right.
pub(crate) fn partition<I, A, B, P>(par_iter: I, predicate: P) -> (A, B)
where
    I: ParallelIterator,
    A: Default + Send + ParallelExtend<I::Item>,
    B: Default + Send + ParallelExtend<I::Item>,
    P: Fn(&I::Item) -> bool + Sync + Send,
{
    let mut both = (A::default(), B::default());
    extend_both(&mut both, par_iter, Liked(predicate));
    both
}

/// Collects what `predicate` makes of each item on the side that it names.
pub(crate) fn partition_map<I, A, B, P, L, R>(par_iter: I, predicate: P) -> (A, B)
where
    I: ParallelIterator,
    A: Default + Send + ParallelExtend<L>,
    B: Default + Send + ParallelExtend<R>,
    P: Fn(I::Item) -> Either<L, R> + Sync + Send,
    L: Send,
    R: Send,
{
    let mut both = (A::default(), B::default());
    extend_both(&mut both, par_iter, Sorted(predicate));
    both
}

/// Replaces what both vectors hold by the halves of the pairs, each written once, into its place.
pub(crate) fn unzip_into_vecs<I, A, B>(par_iter: I, left: &mut Vec<A>, right: &mut Vec<B>)
where
    I: IndexedParallelIterator<Item = (A, B)>,
    A: Send,
    B: Send,
{
    left.clear();
    right.clear();
    let len = par_iter.len();
    collect::append(right, len, |right_window| {
        let mut right_half = None;
        collect::append(left, len, |left_window| {
            let both = Both {
                route: &Halves,
                left: left_window,
                right: right_window,
            };
            let halves = par_iter.drive(both);
            right_half = Some(halves.1);
            halves.0
        });
        right_half.expect("the left half is accepted after both were driven")
    });
}

/// Extends two collections by what `route` sends them.
fn extend_both<I, R, FromA, FromB>(both: &mut (FromA, FromB), par_iter: I, route: R)
where
    I: ParallelIterator,
    R: Route<I::Item>,
    FromA: Send + ParallelExtend<R::Left>,
    FromB: Send + ParallelExtend<R::Right>,
{
    both.0.par_extend(LeftHalf {
        par_iter,
        route,
        target: &mut both.1,
    });
}

/// What the left collection is extended with: waits for its consumer, then asks the right collection.
struct LeftHalf<'t, I, R, Target> {
    par_iter: I,
    route: R,
    target: &'t mut Target,
}

impl<I, R, Target> ParallelIterator for LeftHalf<'_, I, R, Target>
where
    I: ParallelIterator,
    R: Route<I::Item>,
    Target: Send + ParallelExtend<R::Right>,
{
    type Item = R::Left;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<R::Left>,
    {
        let Self {
            par_iter,
            route,
            target,
        } = self;
        let mut result = None;
        target.par_extend(RightHalf {
            par_iter,
            route,
            left: consumer,
            result: &mut result,
        });
        result
            .expect("`par_extend` of the right collection did not drive the iterator it was given")
    }

    fn opt_len(&self) -> Option<usize> {
        if R::KEEPS_LEN {
            self.par_iter.opt_len()
        } else {
            None
        }
    }
}

/// What the right collection is extended with: knows both consumers once it is driven.
struct RightHalf<'r, I, R, C, Result> {
    par_iter: I,
    route: R,
    left: C,
    result: &'r mut Option<Result>,
}

impl<I, R, C> ParallelIterator for RightHalf<'_, I, R, C, C::Result>
where
    I: ParallelIterator,
    R: Route<I::Item>,
    C: UnindexedConsumer<R::Left>,
{
    type Item = R::Right;

    fn drive_unindexed<D>(self, consumer: D) -> D::Result
    where
        D: UnindexedConsumer<R::Right>,
    {
        let both = Both {
            route: &self.route,
            left: self.left,
            right: consumer,
        };
        let (left, right) = self.par_iter.drive_unindexed(both);
        *self.result = Some(left);
        right
    }

    fn opt_len(&self) -> Option<usize> {
        if R::KEEPS_LEN {
            self.par_iter.opt_len()
        } else {
            None
        }
    }
}

/// Two of a kind, left and right: two consumers, two folders or two reducers.
struct Both<R, A, B> {
    route: R,
    left: A,
    right: B,
}

impl<'r, Item, R, A, B> Consumer<Item> for Both<&'r R, A, B>
where
    R: Route<Item>,
    A: Consumer<R::Left>,
    B: Consumer<R::Right>,
{
    type Folder = Both<&'r R, A::Folder, B::Folder>;
    type Reducer = Both<(), A::Reducer, B::Reducer>;
    type Result = (A::Result, B::Result);
    // SAFETY: those two are all that it holds.
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> =
        unsafe { SendProof::of_both(&A::REDUCER_IS_SEND, &B::REDUCER_IS_SEND) };
    const IS_OPEN: bool = A::IS_OPEN && B::IS_OPEN;
    const IS_CUT_FOR_NOTHING: bool = A::IS_CUT_FOR_NOTHING && B::IS_CUT_FOR_NOTHING;

    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let route = self.route;
        let (left_a, right_a, reducer_a) = self.left.split_at(index);
        let (left_b, right_b, reducer_b) = self.right.split_at(index);
        (
            Both {
                route,
                left: left_a,
                right: left_b,
            },
            Both {
                route,
                left: right_a,
                right: right_b,
            },
            Both {
                route: (),
                left: reducer_a,
                right: reducer_b,
            },
        )
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let route = self.route;
        let (left, left_reducer) = self.left.split_off_open(most)?;
        let (right, right_reducer) = self.right.split_off_open(most)?;
        let reducer = Both {
            route: (),
            left: left_reducer,
            right: right_reducer,
        };
        Some((Both { route, left, right }, reducer))
    }

    fn into_folder(self) -> Self::Folder {
        let Self { route, left, right } = self;
        Both {
            route,
            left: left.into_folder(),
            right: right.into_folder(),
        }
    }

    /// Only when neither side wants more: an item may be for either.
    fn full(&self) -> bool {
        self.left.full() && self.right.full()
    }
}

impl<Item, R, A, B> UnindexedConsumer<Item> for Both<&R, A, B>
where
    R: Route<Item>,
    A: UnindexedConsumer<R::Left>,
    B: UnindexedConsumer<R::Right>,
{
    fn split_off_left(&self) -> Self {
        let (left, right) = (self.left.split_off_left(), self.right.split_off_left());
        Both {
            route: self.route,
            left,
            right,
        }
    }

    fn to_reducer(&self) -> Self::Reducer {
        Both {
            route: (),
            left: self.left.to_reducer(),
            right: self.right.to_reducer(),
        }
    }
}

impl<Item, R, A, B> Folder<Item> for Both<&R, A, B>
where
    R: Route<Item>,
    A: Folder<R::Left>,
    B: Folder<R::Right>,
{
    type Result = (A::Result, B::Result);

    // Always: out of line, both folders go through memory at each item.
    #[inline(always)]
    fn consume(self, item: Item) -> Self {
        let (left, right) = self.route.send(item, self.left, self.right);
        Both {
            route: self.route,
            left,
            right,
        }
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = Item>>(self, items: I) -> Self {
        let Both { route, left, right } = self;
        let (left, right) = route.send_all(items.into_iter(), left, right);
        Both { route, left, right }
    }

    #[inline]
    fn consume_liked<I, P>(self, items: I, is_liked: P) -> Self
    where
        I: Iterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        let Both { route, left, right } = self;
        let (left, right) = route.send_liked(items, is_liked, left, right);
        Both { route, left, right }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.left.set_alone(is_alone);
        self.right.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.left.is_alone() && self.right.is_alone()
    }

    fn complete(self) -> Self::Result {
        (self.left.complete(), self.right.complete())
    }

    #[inline]
    fn full(&self) -> bool {
        self.left.full() && self.right.full()
    }
}

impl<A, B, RA, RB> Reducer<(A, B)> for Both<(), RA, RB>
where
    RA: Reducer<A>,
    RB: Reducer<B>,
{
    fn reduce(self, left: (A, B), right: (A, B)) -> (A, B) {
        (
            self.left.reduce(left.0, right.0),
            self.right.reduce(left.1, right.1),
        )
    }
}

/// Extends each collection by one half of the pairs.
impl<A, B, FromA, FromB> ParallelExtend<(A, B)> for (FromA, FromB)
where
    A: Send,
    B: Send,
    FromA: Send + ParallelExtend<A>,
    FromB: Send + ParallelExtend<B>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = (A, B)>,
    {
        extend_both(self, par_iter.into_par_iter(), Halves);
    }
}

/// Extends the first collection by the items on the left, and the second by those on the right.
impl<L, R, A, B> ParallelExtend<Either<L, R>> for (A, B)
where
    L: Send,
    R: Send,
    A: Send + ParallelExtend<L>,
    B: Send + ParallelExtend<R>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = Either<L, R>>,
    {
        extend_both(self, par_iter.into_par_iter(), Sorted(identity));
    }
}

/// Collects each half of the pairs into a collection of its own.
///
/// ```
/// use lyocell::prelude::*;
///
/// let (plain, squared): (Vec<u32>, Vec<u32>) = (1..4u32).into_par_iter().map(|x| (x, x * x)).collect();
/// assert_eq!((plain, squared), (vec![1, 2, 3], vec![1, 4, 9]));
/// ```
impl<A, B, FromA, FromB> FromParallelIterator<(A, B)> for (FromA, FromB)
where
    A: Send,
    B: Send,
    FromA: Send + FromParallelIterator<A>,
    FromB: Send + FromParallelIterator<B>,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = (A, B)>,
    {
        collected(unzip(par_iter.into_par_iter()))
    }
}

/// Collects the items on the left into the first collection, and those on the right into the second.
impl<L, R, A, B> FromParallelIterator<Either<L, R>> for (A, B)
where
    L: Send,
    R: Send,
    A: Send + FromParallelIterator<L>,
    B: Send + FromParallelIterator<R>,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = Either<L, R>>,
    {
        collected(partition_map(par_iter.into_par_iter(), identity))
    }
}

/// A collection that begins to exist when it is extended: [`FromParallelIterator`] behind the face of
/// [`ParallelExtend`].
struct Pending<C>(Option<C>);

impl<C> Default for Pending<C> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T, C> ParallelExtend<T> for Pending<C>
where
    T: Send,
    C: Send + FromParallelIterator<T>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>,
    {
        self.0 = Some(C::from_par_iter(par_iter));
    }
}

fn collected<A, B>((left, right): (Pending<A>, Pending<B>)) -> (A, B) {
    let made = "`unzip` extends each side once";
    (left.0.expect(made), right.0.expect(made))
}

#[cfg(test)]
mod tests {
    use super::super::each::Noop;
    use super::*;
    use crate::prelude::*;

    /// Takes so many items, and forgets what else it is given. As a consumer it has been given none.
    struct Until(usize, Vec<String>);

    struct Append;

    impl Consumer<String> for Until {
        type Folder = Self;
        type Reducer = Append;
        type Result = Vec<String>;
        const IS_OPEN: bool = true;

        fn split_at(self, index: usize) -> (Self, Self, Append) {
            (Self(index, vec![]), Self(self.0 - index, vec![]), Append)
        }

        fn split_off_open(&self, most: usize) -> Option<(Self, Append)> {
            Some((Self(most, vec![]), Append))
        }

        fn into_folder(self) -> Self {
            self
        }

        fn full(&self) -> bool {
            self.0 == 0
        }
    }

    impl Folder<String> for Until {
        type Result = Vec<String>;

        fn consume(mut self, item: String) -> Self {
            if self.1.len() < self.0 {
                self.1.push(item);
            }
            self
        }

        fn complete(self) -> Vec<String> {
            self.1
        }

        fn full(&self) -> bool {
            self.1.len() >= self.0
        }
    }

    impl Reducer<Vec<String>> for Append {
        fn reduce(self, left: Vec<String>, right: Vec<String>) -> Vec<String> {
            [left, right].concat()
        }
    }

    /// What is sent to two sides that want so many, and how many items that took.
    fn sent<Item>(
        route: &impl Route<Item, Left = String, Right = String>,
        most: (usize, usize),
        item: impl Fn(usize) -> Item,
    ) -> (usize, usize, usize) {
        let mut taken = 0;
        let items = (0..100).map(item).inspect(|_| taken += 1);
        let (left, right) = route.send_all(items, Until(most.0, vec![]), Until(most.1, vec![]));
        (left.complete().len(), right.complete().len(), taken)
    }

    /// Items are taken until both sides are full, and no longer. Every third goes to the left.
    #[test]
    fn who_is_full_does_not_stop_the_other() {
        let goes_left = |n: usize| n.is_multiple_of(3);
        let halves = |n: usize| (n.to_string(), n.to_string());
        let either = |n: usize| {
            let item = n.to_string();
            if goes_left(n) {
                Either::Left(item)
            } else {
                Either::Right(item)
            }
        };
        let liked = Liked(|item: &String| goes_left(item.parse().expect("a number")));
        let rows = [
            ((2, 5), 5, 8),
            ((5, 2), 5, 13),
            ((0, 4), 4, 6),
            ((4, 0), 4, 10),
        ];
        for (most, of_pairs, of_others) in rows {
            assert_eq!(sent(&Halves, most, halves), (most.0, most.1, of_pairs));
            let want = (most.0, most.1, of_others);
            assert_eq!(sent(&Sorted(either), most, |n| n), want);
            assert_eq!(sent(&liked, most, |n| n.to_string()), want);
        }
        assert_eq!(sent(&Halves, (100, 3), halves), (100, 3, 100));
        assert_eq!(sent(&Sorted(either), (3, 100), |n| n), (3, 66, 100));
        assert_eq!(sent(&liked, (100, 3), |n| n.to_string()), (34, 3, 100));
    }

    /// Also where not all are liked: here every other one.
    #[test]
    fn who_is_full_does_not_stop_the_other_from_what_is_liked() {
        let rows = [
            ((2, 5), (2, 5), 9),
            ((5, 2), (5, 2), 9),
            ((0, 1), (0, 1), 1),
            ((100, 3), (50, 3), 100),
        ];
        for (most, want, want_taken) in rows {
            let mut taken = 0;
            let pairs = (0..100).map(|n: usize| (n.to_string(), n.to_string()));
            let pairs = pairs.inspect(|_| taken += 1);
            let is_even = |pair: &(String, String)| pair.0.ends_with(['0', '2', '4', '6', '8']);
            let sides = (Until(most.0, vec![]), Until(most.1, vec![]));
            let (left, right) = Halves.send_liked(pairs, is_even, sides.0, sides.1);
            assert_eq!((left.complete().len(), right.complete().len()), want);
            assert_eq!(taken, want_taken);
        }
    }

    /// A folder that can be alone, or not.
    struct Notes {
        cares: bool,
        is_alone: bool,
    }

    impl Folder<u8> for Notes {
        type Result = ();

        fn consume(self, _: u8) -> Self {
            self
        }

        fn set_alone(&mut self, is_alone: bool) {
            self.is_alone = is_alone && self.cares;
        }

        fn is_alone(&self) -> bool {
            self.is_alone
        }

        fn complete(self) {}

        fn full(&self) -> bool {
            false
        }
    }

    #[test]
    fn both_are_alone_when_each_is() {
        for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
            let side = |cares| Notes {
                cares,
                is_alone: false,
            };
            let mut both = Both {
                route: &Halves,
                left: side(left),
                right: side(right),
            };
            for is_alone in [true, false] {
                Folder::<(u8, u8)>::set_alone(&mut both, is_alone);
                let sides = (both.left.is_alone, both.right.is_alone);
                assert_eq!(sides, (left && is_alone, right && is_alone));
                let are_alone = Folder::<(u8, u8)>::is_alone(&both);
                assert_eq!(are_alone, left && right && is_alone);
            }
        }
    }

    #[test]
    fn both_are_full_when_each_is() {
        for (left, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let both = Both {
                route: &Halves,
                left: Until(left, vec![]),
                right: Until(right, vec![]),
            };
            let is_full = left == 0 && right == 0;
            assert_eq!(Consumer::<(String, String)>::full(&both), is_full);
            let (near, _) = Consumer::<(String, String)>::split_off_open(&both, 3)
                .expect("neither side needs to count");
            assert_eq!((near.left.0, near.right.0), (3, 3));
            let folder = Consumer::<(String, String)>::into_folder(both);
            assert_eq!(Folder::<(String, String)>::full(&folder), is_full);
        }
    }

    #[test]
    fn both_are_cut_for_nothing_if_each_is() {
        fn of<A: Consumer<String>, B: Consumer<String>>(_: &A, _: &B) -> bool {
            <Both<&Halves, A, B> as Consumer<(String, String)>>::IS_CUT_FOR_NOTHING
        }
        let plain = Until(0, vec![]);
        collect::append(&mut vec![], 0, |window| {
            let rows = [of(&plain, &plain), of(&window, &plain), of(&plain, &window)];
            assert_eq!(rows, [false; 3]);
            assert!(of(&window, &window));
            window.into_folder().complete()
        });
    }

    /// A length is promised only where each item sends something to each side.
    #[test]
    fn who_knows_the_length() {
        fn lengths<R: Route<(u32, u32), Left = u32, Right = u32>>(route: R) -> [Option<usize>; 2] {
            let pairs = || (0..5_u32).into_par_iter().map(|x| (x, x));
            let half = LeftHalf {
                par_iter: pairs(),
                route,
                target: &mut Vec::<u32>::new(),
            };
            let left = half.opt_len();
            let half = RightHalf {
                par_iter: pairs(),
                route: half.route,
                left: Noop::new::<u32>(),
                result: &mut None::<()>,
            };
            [left, half.opt_len()]
        }
        assert_eq!(lengths(Halves), [Some(5); 2]);
        let sorted = Sorted(|(x, y): (u32, u32)| {
            if x < 3 {
                Either::Left(x)
            } else {
                Either::Right(y)
            }
        });
        assert_eq!(lengths(sorted), [None; 2]);
    }

    /// Into any collections, whether they hold something already or not.
    #[test]
    fn each_goes_where_it_belongs() {
        let pairs = || (0..100_u32).into_par_iter().map(|x| (x, 2 * x));
        let is_small = |x: &u32| *x < 30;
        let side = |x: u32| {
            if is_small(&x) {
                Either::Left(x)
            } else {
                Either::Right(x)
            }
        };
        let doubled: Vec<u32> = (0..100).map(|x| 2 * x).collect();
        let (small, large): (Vec<u32>, Vec<u32>) = (0..100).partition(is_small);
        let halves = ((0..100).collect::<Vec<u32>>(), doubled);
        let sides = (small, large);

        assert_eq!(unzip(pairs()), halves);
        let (mut left, mut right) = (vec![7], vec![7]);
        unzip_into_vecs(pairs(), &mut left, &mut right);
        assert_eq!((left, right), halves);
        assert_eq!(pairs().collect::<(Vec<u32>, Vec<u32>)>(), halves);
        assert_eq!(partition((0..100).into_par_iter(), is_small), sides);
        assert_eq!(partition_map((0..100).into_par_iter(), side), sides);
        let eithers = || (0..100).into_par_iter().map(side);
        assert_eq!(eithers().collect::<(Vec<u32>, Vec<u32>)>(), sides);

        // Some of them, whether they are copied, or moved and dropped.
        let some = || pairs().filter(|pair| is_small(&pair.1));
        let texts = || some().map(|(x, y)| (x.to_string(), y.to_string()));
        let few: (Vec<u32>, Vec<u32>) = (0..15).map(|x| (x, 2 * x)).unzip();
        let is_even = |pair: &(String, String)| pair.0.ends_with(['0', '2', '4', '6', '8']);
        let even = few.0.iter().filter(|x| x.is_multiple_of(2));
        let even: (Vec<String>, Vec<String>) =
            even.map(|x| (x.to_string(), (2 * x).to_string())).unzip();
        assert_eq!(unzip(some()), few);
        assert_eq!(unzip(texts().filter(is_even)), even);

        let mut both = halves.clone();
        both.par_extend(pairs());
        let (left, right) = halves;
        assert_eq!(both, (left.repeat(2), right.repeat(2)));
        let mut both = sides.clone();
        both.par_extend(eithers());
        let (left, right) = sides;
        assert_eq!(both, (left.repeat(2), right.repeat(2)));
    }
}
