//! How things become parallel iterators, and how parallel iterators become things.

use std::ops::RangeBounds;

use super::ParallelIterator;

/// What can be turned into a parallel iterator.
///
/// As `IntoIterator` is for `for` loops, this is what parallel loops are written over. All collections
/// of std and ranges are, by value and by reference, and every parallel iterator is itself.
///
/// ```
/// use lyocell::prelude::*;
///
/// fn total(numbers: impl IntoParallelIterator<Item = u64>) -> u64 {
///     numbers.into_par_iter().sum()
/// }
///
/// assert_eq!(total(1..=4), 10);
/// assert_eq!(total([1, 2, 3].par_iter().map(|x| x * x)), 14);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be turned into a parallel iterator",
    label = "not a parallel iterator, nor a collection or range that has one",
    note = "a sequential iterator becomes parallel by `.par_bridge()`, a struct of yours by an \
            implementation of `IntoParallelIterator`; its items must be `Send` (`Sync` behind `&`)"
)]
pub trait IntoParallelIterator {
    /// The parallel iterator it turns into.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// What that gives out.
    type Item: Send;

    /// Turns into a parallel iterator. Nothing runs yet.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!((0..10u32).into_par_iter().filter(|x| x % 3 == 0).count(), 4);
    /// ```
    fn into_par_iter(self) -> Self::Iter;
}

#[diagnostic::do_not_recommend]
impl<T: ParallelIterator> IntoParallelIterator for T {
    type Iter = T;
    type Item = T::Item;

    #[inline]
    fn into_par_iter(self) -> T {
        self
    }
}

/// What can be run through by reference: everything whose `&` is [`IntoParallelIterator`].
///
/// ```
/// use lyocell::prelude::*;
///
/// let words = ["warp", "weft", "yarn"];
/// assert_eq!(words.par_iter().filter(|word| word.contains('a')).count(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run through in parallel by reference",
    label = "`&{Self}` is not `IntoParallelIterator`",
    note = "its items must be `Sync`; a parallel iterator itself needs no `par_iter()`"
)]
pub trait IntoParallelRefIterator<'data> {
    /// The parallel iterator over references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// What that gives out; mostly `&'data T`.
    type Item: Send + 'data;

    /// Begins to run through, by reference.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!([3, 1, 2].par_iter().max(), Some(&3));
    /// ```
    fn par_iter(&'data self) -> Self::Iter;
}

#[diagnostic::do_not_recommend]
impl<'data, I: 'data + ?Sized> IntoParallelRefIterator<'data> for I
where
    &'data I: IntoParallelIterator,
{
    type Iter = <&'data I as IntoParallelIterator>::Iter;
    type Item = <&'data I as IntoParallelIterator>::Item;

    #[inline]
    fn par_iter(&'data self) -> Self::Iter {
        self.into_par_iter()
    }
}

/// What can be changed on the way through: everything whose `&mut` is [`IntoParallelIterator`].
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut squares = [1, 2, 3];
/// squares.par_iter_mut().for_each(|x| *x *= *x);
/// assert_eq!(squares, [1, 4, 9]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run through in parallel by mutable reference",
    label = "`&mut {Self}` is not `IntoParallelIterator`",
    note = "its items must be `Send`"
)]
pub trait IntoParallelRefMutIterator<'data> {
    /// The parallel iterator over mutable references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// What that gives out; mostly `&'data mut T`.
    type Item: Send + 'data;

    /// Begins to run through, by mutable reference.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut counts = [0; 3];
    /// counts.par_iter_mut().enumerate().for_each(|(index, count)| *count = index);
    /// assert_eq!(counts, [0, 1, 2]);
    /// ```
    fn par_iter_mut(&'data mut self) -> Self::Iter;
}

#[diagnostic::do_not_recommend]
impl<'data, I: 'data + ?Sized> IntoParallelRefMutIterator<'data> for I
where
    &'data mut I: IntoParallelIterator,
{
    type Iter = <&'data mut I as IntoParallelIterator>::Iter;
    type Item = <&'data mut I as IntoParallelIterator>::Item;

    #[inline]
    fn par_iter_mut(&'data mut self) -> Self::Iter {
        self.into_par_iter()
    }
}

/// What parallel iterators can be collected into; the other side of
/// [`collect`](ParallelIterator::collect).
///
/// ```
/// use lyocell::prelude::*;
///
/// /// The least and the greatest.
/// #[derive(Debug, PartialEq)]
/// struct Span(u32, u32);
///
/// impl FromParallelIterator<u32> for Span {
///     fn from_par_iter<I: IntoParallelIterator<Item = u32>>(items: I) -> Self {
///         let spans = items.into_par_iter().map(|x| Span(x, x));
///         spans.reduce(|| Span(u32::MAX, 0), |a, b| Span(a.0.min(b.0), a.1.max(b.1)))
///     }
/// }
///
/// assert_eq!([3, 9, 4].par_iter().copied().collect::<Span>(), Span(3, 9));
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be collected from a parallel iterator over `{T}`",
    label = "not something that items of type `{T}` can be collected into"
)]
pub trait FromParallelIterator<T>
where
    T: Send,
{
    /// Collects. Most callers write [`collect`](ParallelIterator::collect) instead.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(Vec::from_par_iter(1..4), [1, 2, 3]);
    /// ```
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = T>;

    /// Collects what is inside the `Ok`s, or returns an error if there is one.
    ///
    /// `Result` and `Option` collect by it, so that a vector of known length is written in place there too.
    #[doc(hidden)]
    fn from_par_results<I, E>(par_iter: I) -> Result<Self, E>
    where
        Self: Sized,
        I: ParallelIterator<Item = Result<T, E>>,
        E: Send,
    {
        crate::iter::finish::stop::collect_oks(par_iter)
    }
}

/// What can be extended by a parallel iterator.
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut numbers = vec![0];
/// numbers.par_extend((1..4).into_par_iter().map(|x| x * 10));
/// assert_eq!(numbers, [0, 10, 20, 30]);
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be extended by a parallel iterator over `{T}`",
    label = "not something that items of type `{T}` can be added to"
)]
pub trait ParallelExtend<T>
where
    T: Send,
{
    /// Adds all items; to a sequence at its end, and in order.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut text = String::from("fib");
    /// text.par_extend(['r', 'e']);
    /// assert_eq!(text, "fibre");
    /// ```
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>;
}

/// What can be emptied in parallel and keeps its memory: maps, sets and heaps.
///
/// ```
/// use lyocell::prelude::*;
/// use std::collections::HashSet;
///
/// let mut set = HashSet::from([1, 2, 3]);
/// assert_eq!(set.par_drain().sum::<i32>(), 6);
/// assert!(set.is_empty());
/// ```
pub trait ParallelDrainFull {
    /// The draining iterator.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// What it gives out.
    type Item: Send;

    /// Takes all items out.
    ///
    /// Whatever the iterator has not given out when it is dropped is dropped with it: afterwards the
    /// collection is empty in any case.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BinaryHeap;
    ///
    /// let mut heap = BinaryHeap::from([2, 1]);
    /// assert_eq!(heap.par_drain().max(), Some(2));
    /// assert!(heap.is_empty());
    /// ```
    fn par_drain(self) -> Self::Iter;
}

/// What a range can be taken out of in parallel: vectors, deques and strings.
///
/// ```
/// use lyocell::prelude::*;
///
/// let mut numbers = vec![1, 2, 3, 4, 5];
/// assert_eq!(numbers.par_drain(1..4).sum::<i32>(), 9);
/// assert_eq!(numbers, [1, 5]);
/// ```
pub trait ParallelDrainRange<Idx = usize> {
    /// The draining iterator.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// What it gives out.
    type Item: Send;

    /// Takes the items of a range out.
    ///
    /// Whatever the iterator has not given out when it is dropped is dropped with it: afterwards the
    /// range is gone in any case.
    ///
    /// # Panics
    /// If the range begins after its end or ends after the collection's.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut text = String::from("lyocell");
    /// assert_eq!(text.par_drain(3..).filter(|&c| c == 'l').count(), 2);
    /// assert_eq!(text, "lyo");
    /// ```
    fn par_drain<R: RangeBounds<Idx>>(self, range: R) -> Self::Iter;
}
