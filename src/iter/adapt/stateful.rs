//! `map_with` and `map_init`: a state beside the items, one for each piece.

use crate::iter::plumbing::{Consumer, Folder, Producer, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;
use super::state::{By, Given, Hand, Made, Seed, SeedConsumer, through_seed};
use super::wrap::{Wrap, WrapCallback, lengths_of_base};

adapter! {
    /// Maps with a cloned state; made by [`map_with`](ParallelIterator::map_with).
    pub struct MapWith<I, T, F> { base: I, item: T; map_op: F }
}

adapter! {
    /// Maps with a state made anew; made by [`map_init`](ParallelIterator::map_init).
    pub struct MapInit<I, INIT, F> { base: I; init: INIT; map_op: F }
}

impl<I, T, F, R> ParallelIterator for MapWith<I, T, F>
where
    I: ParallelIterator,
    T: Send + Clone,
    F: Fn(&mut T, I::Item) -> R + Sync + Send,
    R: Send,
{
    type Item = R;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<Mapping, _>::new(&this.map_op),
        Given(this.item)
    );

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

impl<I, T, F, R> IndexedParallelIterator for MapWith<I, T, F>
where
    I: IndexedParallelIterator,
    T: Send + Clone,
    F: Fn(&mut T, I::Item) -> R + Sync + Send,
    R: Send,
{
    through_seed!(
        drive,
        Consumer,
        |this| By::<Mapping, _>::new(&this.map_op),
        Given(this.item)
    );

    #[inline]
    fn len(&self) -> usize {
        self.base.len()
    }

    #[inline]
    fn with_producer<CB>(self, callback: CB) -> CB::Output
    where
        CB: crate::iter::plumbing::ProducerCallback<R>,
    {
        let wrap = SeedWrap {
            seed: Given(self.item),
            map_op: &self.map_op,
        };
        self.base.with_producer(WrapCallback::new(wrap, callback))
    }
}

impl<I, INIT, T, F, R> ParallelIterator for MapInit<I, INIT, F>
where
    I: ParallelIterator,
    INIT: Fn() -> T + Sync + Send,
    F: Fn(&mut T, I::Item) -> R + Sync + Send,
    R: Send,
{
    type Item = R;
    through_seed!(
        drive_unindexed,
        UnindexedConsumer,
        |this| By::<Mapping, _>::new(&this.map_op),
        Made(&this.init)
    );

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

impl<I, INIT, T, F, R> IndexedParallelIterator for MapInit<I, INIT, F>
where
    I: IndexedParallelIterator,
    INIT: Fn() -> T + Sync + Send,
    F: Fn(&mut T, I::Item) -> R + Sync + Send,
    R: Send,
{
    through_seed!(
        drive,
        Consumer,
        |this| By::<Mapping, _>::new(&this.map_op),
        Made(&this.init)
    );

    #[inline]
    fn len(&self) -> usize {
        self.base.len()
    }

    #[inline]
    fn with_producer<CB>(self, callback: CB) -> CB::Output
    where
        CB: crate::iter::plumbing::ProducerCallback<R>,
    {
        let wrap = SeedWrap {
            seed: Made(&self.init),
            map_op: &self.map_op,
        };
        self.base.with_producer(WrapCallback::new(wrap, callback))
    }
}

enum Mapping {}

impl<'f, T, S, R, F> Hand<T, S> for By<'f, Mapping, F>
where
    F: Fn(&mut S, T) -> R + Sync,
{
    type Out = R;
    type Folder<G: Folder<R>> = MappingFolder<'f, S, F, G>;

    #[inline]
    fn folder<G: Folder<R>>(self, next: G, state: S) -> Self::Folder<G> {
        MappingFolder {
            next,
            state,
            map_op: self.0,
        }
    }
}

struct MappingFolder<'f, S, F, G> {
    next: G,
    state: S,
    map_op: &'f F,
}

impl<T, S, R, F, G> Folder<T> for MappingFolder<'_, S, F, G>
where
    F: Fn(&mut S, T) -> R,
    G: Folder<R>,
{
    type Result = G::Result;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        let out = (self.map_op)(&mut self.state, item);
        self.next = self.next.consume(out);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        let state = &mut self.state;
        let map_op = self.map_op;
        self.next = self
            .next
            .consume_iter(iter.into_iter().map(|item| map_op(state, item)));
        self
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
        self.next.complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.next.full()
    }
}

/// Wraps a producer so that each piece has a state.
struct SeedWrap<'f, D, F> {
    seed: D,
    map_op: &'f F,
}

impl<T, D, R, F> Wrap<T> for SeedWrap<'_, D, F>
where
    D: Seed,
    F: Fn(&mut D::State, T) -> R + Sync,
{
    type Item = R;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = R> {
        SeedProducer {
            base,
            seed: self.seed,
            map_op: self.map_op,
        }
    }
}

struct SeedProducer<'f, P, D, F> {
    base: P,
    seed: D,
    map_op: &'f F,
}

impl<'f, P, D, F, R> Producer for SeedProducer<'f, P, D, F>
where
    P: Producer,
    D: Seed,
    F: Fn(&mut D::State, P::Item) -> R + Sync,
{
    type Item = R;
    type IntoIter = MappedWith<'f, P::IntoIter, D::State, F>;

    lengths_of_base!();

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        MappedWith {
            items: self.base.into_iter(),
            state: self.seed.grow(),
            map_op: self.map_op,
        }
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        (
            Self {
                base: left,
                seed: self.seed.clone(),
                map_op: self.map_op,
            },
            Self {
                base: right,
                seed: self.seed,
                map_op: self.map_op,
            },
        )
    }

    #[inline]
    fn fold_with<G: Folder<R>>(self, folder: G) -> G {
        let folder = MappingFolder {
            next: folder,
            state: self.seed.grow(),
            map_op: self.map_op,
        };
        self.base.fold_with(folder).next
    }
}

/// `Iterator::map` with a state.
struct MappedWith<'f, I, S, F> {
    items: I,
    state: S,
    map_op: &'f F,
}

impl<I, S, F, R> Iterator for MappedWith<'_, I, S, F>
where
    I: Iterator,
    F: Fn(&mut S, I::Item) -> R,
{
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        let item = self.items.next()?;
        Some((self.map_op)(&mut self.state, item))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }

    #[inline]
    fn fold<B, G: FnMut(B, R) -> B>(mut self, init: B, mut op: G) -> B {
        self.items.fold(init, |all, item| {
            op(all, (self.map_op)(&mut self.state, item))
        })
    }
}

impl<I, S, F, R> DoubleEndedIterator for MappedWith<'_, I, S, F>
where
    I: DoubleEndedIterator,
    F: Fn(&mut S, I::Item) -> R,
{
    #[inline]
    fn next_back(&mut self) -> Option<R> {
        let item = self.items.next_back()?;
        Some((self.map_op)(&mut self.state, item))
    }
}

impl<I, S, F, R> ExactSizeIterator for MappedWith<'_, I, S, F>
where
    I: ExactSizeIterator,
    F: Fn(&mut S, I::Item) -> R,
{
}
