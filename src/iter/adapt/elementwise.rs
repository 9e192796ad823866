//! `map`, `inspect`, `update`, `cloned`, `copied`; `filter`, `filter_map`, `flat_map_iter`, `flatten_iter`.
//!
//! The consumers, folders and producers of all nine are those of [`stage`](super::stage). One set for
//! each adapter, written out by hand, was compared: `map().sum()`, `zip().for_each()`,
//! `filter().count()` and twenty other loops were as fast to within 3 %, once the compiler was told to
//! align loops (else their place in memory alone makes them differ by half, either way). Where looked
//! at, the instructions were the same, and vectorised. So the shorter source stays.

use std::iter;
use std::ops::Range;

use crate::iter::finish::over::Borrower;
use crate::iter::plumbing::Folder;
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;
use super::stage::{Exact, ExactStage, Stage, through_stage};

adapter! {
    /// Applies a function to each item; made by [`map`](ParallelIterator::map).
    pub struct Map<I, F> { base: I; stage: Exact<MapStage<F>> }
}

/// Item by item through a function.
#[derive(Clone)]
pub(in crate::iter) struct MapStage<F>(pub(in crate::iter) F);

impl<T, R, F> ExactStage<T> for MapStage<F>
where
    F: Fn(T) -> R + Sync,
{
    type Out = R;
    type Iter<'s, I>
        = iter::Map<I, &'s F>
    where
        F: 's,
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn apply(&self, item: T) -> R {
        (self.0)(item)
    }

    #[inline]
    fn apply_each<I>(&self, items: I) -> iter::Map<I, &F>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        items.map(&self.0)
    }

    #[inline]
    fn apply_all<I: Iterator<Item = T>>(&self, items: I) -> impl Iterator<Item = R> {
        items.map(&self.0)
    }
}

impl<I, F, R> ParallelIterator for Map<I, F>
where
    I: ParallelIterator,
    F: Fn(I::Item) -> R + Sync + Send,
    R: Send,
{
    type Item = F::Output;
    through_stage!(drive_unindexed, opt_len, pour_blocks, lend_memory);
}

impl<I, F, R> IndexedParallelIterator for Map<I, F>
where
    I: IndexedParallelIterator,
    F: Fn(I::Item) -> R + Sync + Send,
    R: Send,
{
    through_stage!(drive, len, with_producer);
}

adapter! {
    /// Shows each item to a function; made by [`inspect`](ParallelIterator::inspect).
    pub struct Inspect<I, F> { base: I; stage: Exact<InspectStage<F>> }
}

/// Item by item past a function.
#[derive(Clone)]
pub(in crate::iter) struct InspectStage<F>(pub(in crate::iter) F);

impl<T, F> ExactStage<T> for InspectStage<F>
where
    F: Fn(&T) + Sync,
{
    type Out = T;
    type Iter<'s, I>
        = iter::Inspect<I, &'s F>
    where
        F: 's,
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn apply(&self, item: T) -> T {
        (self.0)(&item);
        item
    }

    #[inline]
    fn apply_each<I>(&self, items: I) -> iter::Inspect<I, &F>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        items.inspect(&self.0)
    }

    #[inline]
    fn apply_all<I: Iterator<Item = T>>(&self, items: I) -> impl Iterator<Item = T> {
        items.inspect(&self.0)
    }
}

impl<I, F> ParallelIterator for Inspect<I, F>
where
    I: ParallelIterator,
    F: Fn(&I::Item) + Sync + Send,
{
    type Item = I::Item;
    through_stage!(drive_unindexed, opt_len, pour_blocks, lend_memory);
}

impl<I, F> IndexedParallelIterator for Inspect<I, F>
where
    I: IndexedParallelIterator,
    F: Fn(&I::Item) + Sync + Send,
{
    through_stage!(drive, len, with_producer);
}

adapter! {
    /// Lets a function change each item in place; made by [`update`](ParallelIterator::update).
    pub struct Update<I, F> { base: I; stage: Exact<UpdateStage<F>> }
}

/// Item by item under the hands of a function.
#[derive(Clone)]
pub(in crate::iter) struct UpdateStage<F>(pub(in crate::iter) F);

impl<T, F> ExactStage<T> for UpdateStage<F>
where
    F: Fn(&mut T) + Sync,
{
    type Out = T;
    type Iter<'s, I>
        = Updated<'s, I, F>
    where
        F: 's,
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn apply(&self, mut item: T) -> T {
        (self.0)(&mut item);
        item
    }

    #[inline]
    fn apply_each<I>(&self, items: I) -> Updated<'_, I, F>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        Updated { items, stage: self }
    }

    #[inline]
    fn apply_all<I: Iterator<Item = T>>(&self, items: I) -> impl Iterator<Item = T> {
        items.map(|item| self.apply(item))
    }
}

/// The one iterator here that std has no name for.
pub(in crate::iter) struct Updated<'s, I, F> {
    items: I,
    stage: &'s UpdateStage<F>,
}

impl<I, F> Iterator for Updated<'_, I, F>
where
    I: Iterator,
    F: Fn(&mut I::Item) + Sync,
{
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.items.next().map(|item| self.stage.apply(item))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }

    #[inline]
    fn fold<B, G: FnMut(B, I::Item) -> B>(self, init: B, mut op: G) -> B {
        self.items
            .fold(init, |state, item| op(state, self.stage.apply(item)))
    }
}

impl<I, F> DoubleEndedIterator for Updated<'_, I, F>
where
    I: DoubleEndedIterator,
    F: Fn(&mut I::Item) + Sync,
{
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.items.next_back().map(|item| self.stage.apply(item))
    }

    #[inline]
    fn rfold<B, G: FnMut(B, I::Item) -> B>(self, init: B, mut op: G) -> B {
        self.items
            .rfold(init, |state, item| op(state, self.stage.apply(item)))
    }
}

impl<I, F> ExactSizeIterator for Updated<'_, I, F>
where
    I: ExactSizeIterator,
    F: Fn(&mut I::Item) + Sync,
{
}

impl<I, F> ParallelIterator for Update<I, F>
where
    I: ParallelIterator,
    F: Fn(&mut I::Item) + Send + Sync,
{
    type Item = I::Item;
    through_stage!(drive_unindexed, opt_len, pour_blocks, lend_memory);
}

impl<I, F> IndexedParallelIterator for Update<I, F>
where
    I: IndexedParallelIterator,
    F: Fn(&mut I::Item) + Send + Sync,
{
    through_stage!(drive, len, with_producer);
}

/// `cloned` and `copied` differ in one trait and one word.
macro_rules! by_reference {
    ($(#[$attr:meta])* $name:ident, $stage:ident, $bound:ident, $method:ident, |$item:ident| $apply:expr) => {
        adapter! {
            $(#[$attr])*
            pub struct $name<I> { base: I }
        }

        /// From reference to value.
        struct $stage;

        impl<'a, T: $bound + 'a> ExactStage<&'a T> for $stage {
            type Out = T;
            type Iter<'s, I>
                = iter::$name<I>
            where
                I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator;

            #[inline]
            fn apply(&self, $item: &'a T) -> T {
                $apply
            }

            #[inline]
            fn apply_each<I>(&self, items: I) -> iter::$name<I>
            where
                I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
            {
                items.$method()
            }

            #[inline]
            fn apply_all<I: Iterator<Item = &'a T>>(&self, items: I) -> impl Iterator<Item = T> {
                items.$method()
            }
        }

        impl<'a, T, I> ParallelIterator for $name<I>
        where
            I: ParallelIterator<Item = &'a T>,
            T: $bound + Send + Sync + 'a,
        {
            type Item = T;
            through_stage!(drive_unindexed(Exact($stage)), opt_len, pour_blocks(Exact($stage)));
        }

        impl<'a, T, I> IndexedParallelIterator for $name<I>
        where
            I: IndexedParallelIterator<Item = &'a T>,
            T: $bound + Send + Sync + 'a,
        {
            through_stage!(drive(Exact($stage)), len, with_producer(Exact($stage)));
        }
    };
}

by_reference! {
    /// Clones each item out of its reference; made by [`cloned`](ParallelIterator::cloned).
    Cloned, ClonedStage, Clone, cloned, |item| item.clone()
}

by_reference! {
    /// Copies each item out of its reference; made by [`copied`](ParallelIterator::copied).
    Copied, CopiedStage, Copy, copied, |item| *item
}

adapter! {
    /// Keeps the items that a predicate likes; made by [`filter`](ParallelIterator::filter).
    pub struct Filter<I, P> { base: I; stage: FilterStage<P> }
}

/// On, or away.
#[derive(Clone)]
pub(in crate::iter) struct FilterStage<P>(pub(in crate::iter) P);

impl<T, P> Stage<T> for FilterStage<P>
where
    P: Fn(&T) -> bool + Sync,
{
    type Out = T;
    const MAKES_ONE_AT_MOST: bool = true;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: T) -> F {
        if (self.0)(&item) {
            folder.consume(item)
        } else {
            drop(item); // while the folder can be dropped, too, if the item panics
            folder
        }
    }

    #[inline]
    fn feed_all<F: Folder<T>, I: Iterator<Item = T>>(&self, folder: F, items: I, _: bool) -> F {
        folder.consume_liked(items, &self.0)
    }

    #[inline]
    fn feed_over<F, I>(&self, folder: F, slots: Range<*mut ()>, items: I, borrower: Borrower) -> F
    where
        F: Folder<T>,
        I: Iterator<Item = T>,
    {
        folder.consume_liked_over(slots, items, &self.0, borrower)
    }
}

impl<I, P> ParallelIterator for Filter<I, P>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync + Send,
{
    type Item = I::Item;
    through_stage!(drive_unindexed, pour_blocks, lend_memory_for_some);
}

adapter! {
    /// Keeps what a function makes `Some` of; made by [`filter_map`](ParallelIterator::filter_map).
    pub struct FilterMap<I, P> { base: I; stage: FilterMapStage<P> }
}

/// On in a new shape, or away.
#[derive(Clone)]
pub(in crate::iter) struct FilterMapStage<P>(pub(in crate::iter) P);

impl<T, R, P> Stage<T> for FilterMapStage<P>
where
    P: Fn(T) -> Option<R> + Sync,
{
    type Out = R;
    const MAKES_ONE_AT_MOST: bool = true;

    #[inline]
    fn feed<F: Folder<R>>(&self, folder: F, item: T) -> F {
        match (self.0)(item) {
            Some(out) => folder.consume(out),
            None => folder,
        }
    }

    #[inline]
    fn feed_all<F: Folder<R>, I: Iterator<Item = T>>(&self, folder: F, items: I, _: bool) -> F {
        folder.consume_some(items, &self.0)
    }

    #[inline]
    fn feed_over<F, I>(&self, folder: F, slots: Range<*mut ()>, items: I, borrower: Borrower) -> F
    where
        F: Folder<R>,
        I: Iterator<Item = T>,
    {
        folder.consume_over(slots, items.filter_map(&self.0), borrower)
    }
}

impl<I, P, R> ParallelIterator for FilterMap<I, P>
where
    I: ParallelIterator,
    P: Fn(I::Item) -> Option<R> + Sync + Send,
    R: Send,
{
    type Item = R;
    through_stage!(drive_unindexed, pour_blocks, lend_memory_for_some);
}

adapter! {
    /// Makes a sequential iterator of each item and runs through it; made by
    /// [`flat_map_iter`](ParallelIterator::flat_map_iter).
    pub struct FlatMapIter<I, F> { base: I; stage: FlatMapIterStage<F> }
}

/// One in, a whole iterator out.
#[derive(Clone)]
pub(in crate::iter) struct FlatMapIterStage<F>(pub(in crate::iter) F);

impl<T, S, F> Stage<T> for FlatMapIterStage<F>
where
    F: Fn(T) -> S + Sync,
    S: IntoIterator,
{
    type Out = S::Item;

    #[inline]
    fn feed<G: Folder<S::Item>>(&self, folder: G, item: T) -> G {
        folder.consume_iter((self.0)(item))
    }

    #[inline]
    fn feed_all<G, I>(&self, folder: G, items: I, _: bool) -> G
    where
        G: Folder<S::Item>,
        I: Iterator<Item = T>,
    {
        folder.consume_rows(items.map(&self.0))
    }
}

impl<I, F, SI> ParallelIterator for FlatMapIter<I, F>
where
    I: ParallelIterator,
    F: Fn(I::Item) -> SI + Sync + Send,
    SI: IntoIterator<Item: Send>,
{
    type Item = SI::Item;
    through_stage!(drive_unindexed, pour_blocks);
}

adapter! {
    /// Runs through each item, itself a sequential iterator; made by
    /// [`flatten_iter`](ParallelIterator::flatten_iter).
    pub struct FlattenIter<I> { base: I }
}

impl<I> ParallelIterator for FlattenIter<I>
where
    I: ParallelIterator<Item: IntoIterator<Item: Send>>,
{
    type Item = <I::Item as IntoIterator>::Item;

    #[inline]
    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: crate::iter::plumbing::UnindexedConsumer<Self::Item>,
    {
        self.base
            .flat_map_iter(std::convert::identity)
            .drive_unindexed(consumer)
    }
}
