//! `fold` and `fold_with`; `try_fold` and `try_fold_with`: a state in place of the items, one for each
//! piece.

use std::fmt::{self, Debug};
use std::marker::PhantomData;
use std::ops::ControlFlow::{self, Break, Continue};

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer};
use crate::iter::tries::Try;

use super::adapter;
use super::state::{By, Given, Hand, Made, SeedConsumer, through_seed};

adapter! {
    /// Folds each piece from a state made anew; made by [`fold`](ParallelIterator::fold).
    pub struct Fold<I, ID, F> { base: I; identity: ID; fold_op: F }
}

adapter! {
    /// Folds each piece from a cloned state; made by [`fold_with`](ParallelIterator::fold_with).
    pub struct FoldWith<I, U, F> { base: I, item: U; fold_op: F }
}

impl<U, I, ID, F> ParallelIterator for Fold<I, ID, F>
where
    I: ParallelIterator,
    F: Fn(U, I::Item) -> U + Sync + Send,
    ID: Fn() -> U + Sync + Send,
    U: Send,
{
    type Item = U;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<Folding, _>::new(&this.fold_op),
        Made(&this.identity)
    );
}

impl<U, I, F> ParallelIterator for FoldWith<I, U, F>
where
    I: ParallelIterator,
    F: Fn(U, I::Item) -> U + Sync + Send,
    U: Send + Clone,
{
    type Item = U;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<Folding, _>::new(&this.fold_op),
        Given(this.item)
    );
}

enum Folding {}

impl<'f, T, S, F> Hand<T, S> for By<'f, Folding, F>
where
    F: Fn(S, T) -> S + Sync,
{
    type Out = S;
    type Folder<G: Folder<S>> = FoldingFolder<'f, S, F, G>;

    #[inline]
    fn folder<G: Folder<S>>(self, next: G, state: S) -> Self::Folder<G> {
        FoldingFolder {
            next,
            state,
            fold_op: self.0,
        }
    }
}

struct FoldingFolder<'f, S, F, G> {
    next: G,
    state: S,
    fold_op: &'f F,
}

impl<T, S, F, G> Folder<T> for FoldingFolder<'_, S, F, G>
where
    F: Fn(S, T) -> S,
    G: Folder<S>,
{
    type Result = G::Result;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        self.state = (self.fold_op)(self.state, item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let Self {
            next,
            state,
            fold_op,
        } = self;
        let mut iter = iter.into_iter();
        let state = if next.is_alone() {
            iter.fold(state, fold_op)
        } else {
            let wanted = iter.by_ref().take_while(|_| !next.full());
            let state = wanted.fold(state, fold_op);
            drop(iter); // while the state can be dropped, too, if an item panics; likewise below
            state
        };
        Self {
            next,
            state,
            fold_op,
        }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.next.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.next.is_alone()
    }

    #[inline]
    fn complete(self) -> G::Result {
        self.next.consume(self.state).complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.next.full()
    }
}

/// Folds each piece until it fails, from a state made anew; made by
/// [`try_fold`](ParallelIterator::try_fold).
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone)]
pub struct TryFold<I, U, ID, F> {
    base: I,
    identity: ID,
    fold_op: F,
    marker: PhantomData<U>,
}

impl<I, U, ID, F> TryFold<I, U, ID, F> {
    #[inline]
    pub(in crate::iter) fn new(base: I, identity: ID, fold_op: F) -> Self {
        Self {
            base,
            identity,
            fold_op,
            marker: PhantomData,
        }
    }
}

impl<U, I, ID, F> Debug for TryFold<I, U, ID, F>
where
    I: ParallelIterator + Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFold").field("base", &self.base).finish()
    }
}

/// Folds each piece until it fails, from a cloned state; made by
/// [`try_fold_with`](ParallelIterator::try_fold_with).
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone)]
pub struct TryFoldWith<I, U: Try, F> {
    base: I,
    item: U::Output,
    fold_op: F,
}

impl<I, U: Try, F> TryFoldWith<I, U, F> {
    #[inline]
    pub(in crate::iter) fn new(base: I, item: U::Output, fold_op: F) -> Self {
        Self {
            base,
            item,
            fold_op,
        }
    }
}

impl<I, U, F> Debug for TryFoldWith<I, U, F>
where
    I: Debug,
    U: Try<Output: Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFoldWith")
            .field("base", &self.base)
            .field("item", &self.item)
            .finish()
    }
}

impl<U, I, ID, F> ParallelIterator for TryFold<I, U, ID, F>
where
    I: ParallelIterator,
    F: Fn(U::Output, I::Item) -> U + Sync + Send,
    ID: Fn() -> U::Output + Sync + Send,
    U: Try + Send,
{
    type Item = U;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<TryFolding<U>, _>::new(&this.fold_op),
        Made(&this.identity)
    );
}

impl<U, I, F> ParallelIterator for TryFoldWith<I, U, F>
where
    I: ParallelIterator,
    F: Fn(U::Output, I::Item) -> U + Sync + Send,
    U: Try<Output: Clone + Send> + Send,
{
    type Item = U;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<TryFolding<U>, _>::new(&this.fold_op),
        Given(this.item)
    );
}

struct TryFolding<U>(PhantomData<U>);

impl<'f, T, U, F> Hand<T, U::Output> for By<'f, TryFolding<U>, F>
where
    U: Try,
    F: Fn(U::Output, T) -> U + Sync,
{
    type Out = U;
    type Folder<G: Folder<U>> = TryFoldingFolder<'f, U, F, G>;

    #[inline]
    fn folder<G: Folder<U>>(self, next: G, state: U::Output) -> Self::Folder<G> {
        TryFoldingFolder {
            next,
            state: Continue(state),
            fold_op: self.0,
        }
    }
}

struct TryFoldingFolder<'f, U: Try, F, G> {
    next: G,
    state: ControlFlow<U::Residual, U::Output>,
    fold_op: &'f F,
}

impl<T, U, F, G> Folder<T> for TryFoldingFolder<'_, U, F, G>
where
    U: Try,
    F: Fn(U::Output, T) -> U,
    G: Folder<U>,
{
    type Result = G::Result;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        if let Continue(state) = self.state {
            self.state = (self.fold_op)(state, item).branch();
        } else {
            drop(item);
        }
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let Continue(state) = self.state else {
            drop(iter);
            return self;
        };
        let Self { next, fold_op, .. } = self;
        let op = |state, item| fold_op(state, item).branch();
        let mut iter = iter.into_iter();
        let state = if next.is_alone() {
            iter.try_fold(state, op)
        } else {
            let mut wanted = iter.by_ref().take_while(|_| !next.full());
            wanted.try_fold(state, op)
        };
        drop(iter);
        Self {
            next,
            state,
            fold_op,
        }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.next.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.next.is_alone()
    }

    #[inline]
    fn complete(self) -> G::Result {
        let result = match self.state {
            Continue(state) => U::from_output(state),
            Break(residual) => U::from_residual(residual),
        };
        self.next.consume(result).complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.state.is_break() || self.next.full()
    }
}
