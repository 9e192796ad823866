//! `flat_map` and `flatten`: each item is a parallel iterator, and may be split in its turn.

use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};
use crate::iter::{IntoParallelIterator, ParallelIterator};

use super::adapter;

adapter! {
    /// Makes a parallel iterator of each item and runs through it; made by
    /// [`flat_map`](ParallelIterator::flat_map).
    pub struct FlatMap<I, F> { base: I; map_op: F }
}

impl<I, F, PI> ParallelIterator for FlatMap<I, F>
where
    I: ParallelIterator,
    F: Fn(I::Item) -> PI + Sync + Send,
    PI: IntoParallelIterator,
{
    type Item = PI::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<PI::Item>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(NestConsumer {
            map_op: &self.map_op,
            inner: consumer,
        })
    }
}

adapter! {
    /// Runs through each item, itself a parallel iterator; made by
    /// [`flatten`](ParallelIterator::flatten).
    pub struct Flatten<I> { base: I }
}

impl<I> ParallelIterator for Flatten<I>
where
    I: ParallelIterator<Item: IntoParallelIterator>,
{
    type Item = <I::Item as IntoParallelIterator>::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.base
            .flat_map(std::convert::identity)
            .drive_unindexed(consumer)
    }
}

/// The plan for the inner items. No folder is made of it before the innermost pieces.
struct NestConsumer<'f, F, C> {
    map_op: &'f F,
    inner: C,
}

impl<'f, T, U, F, C> Consumer<T> for NestConsumer<'f, F, C>
where
    F: Fn(T) -> U + Sync,
    U: IntoParallelIterator,
    C: UnindexedConsumer<U::Item>,
{
    type Folder = NestFolder<'f, F, C, C::Result>;
    type Reducer = C::Reducer;
    type Result = C::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = C::REDUCER_IS_SEND;

    // How many inner items are to the left of `index` is unknown, but an index is only a promise to
    // those who count on it, and an unindexed consumer does not.
    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, C::Reducer) {
        let reducer = self.inner.to_reducer();
        let left = self.inner.split_off_left();
        (
            Self {
                map_op: self.map_op,
                inner: left,
            },
            self,
            reducer,
        )
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        NestFolder {
            map_op: self.map_op,
            inner: self.inner,
            so_far: None,
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.inner.full()
    }
}

impl<T, U, F, C> UnindexedConsumer<T> for NestConsumer<'_, F, C>
where
    F: Fn(T) -> U + Sync,
    U: IntoParallelIterator,
    C: UnindexedConsumer<U::Item>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self {
            map_op: self.map_op,
            inner: self.inner.split_off_left(),
        }
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.inner.to_reducer()
    }
}

/// Drives one inner iterator after the other, and joins what they come to.
struct NestFolder<'f, F, C, R> {
    map_op: &'f F,
    inner: C,
    so_far: Option<R>,
}

impl<T, U, F, C> Folder<T> for NestFolder<'_, F, C, C::Result>
where
    F: Fn(T) -> U + Sync,
    U: IntoParallelIterator,
    C: UnindexedConsumer<U::Item>,
{
    type Result = C::Result;

    fn consume(mut self, item: T) -> Self {
        let inner = (self.map_op)(item).into_par_iter();
        let result = inner.drive_unindexed(self.inner.split_off_left());
        self.so_far = Some(match self.so_far {
            Some(so_far) => self.inner.to_reducer().reduce(so_far, result),
            None => result,
        });
        self
    }

    #[inline]
    fn complete(self) -> C::Result {
        match self.so_far {
            Some(result) => result,
            None => self.inner.into_folder().complete(),
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.inner.full()
    }
}
