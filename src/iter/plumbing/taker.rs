//! What takes a leaf block by block, and may stop between two of them: a consumer that is already at work.
//!
//! Most consumers do not count, and give one folder for all blocks: [`Open`]. One that writes to places is cut at each of them:
//! [`Cut`]. Where both would be dear (`map_init` before `collect`), and for consumers of others' making, there is none.

use super::{Consumer, Folder, Producer, Reducer};

pub(super) type Output<P, T> =
    <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Result;
pub(super) type ReducerOf<P, T> =
    <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Reducer;

/// What takes block after block.
pub(super) trait Taker<P: Producer>: Sized {
    type Consumer: Consumer<P::Item>;

    fn is_full(&self) -> bool;

    /// As for a [`Folder`], whether nobody else works at the loop, or its caller asks after every block whether it is full.
    fn set_alone(&mut self, is_alone: bool);

    /// Takes a block of so many items.
    fn take(self, len: usize, block: P) -> Self;

    /// Parts with what comes after the next `near_len` items: itself, a consumer for those, and what joins the results.
    fn part(self, near_len: usize) -> (Self, Self::Consumer, ReducerOf<P, Self>);

    /// Takes the last block.
    fn end(self, block: P) -> Output<P, Self>;
}

/// One folder for all blocks, and the consumer that goes on after it.
pub(super) struct Open<F, C> {
    folder: F,
    consumer: C,
}

impl<F, C> Open<F, C> {
    /// `consumer` goes on after `first`.
    pub(super) fn new<T>(first: C, consumer: C) -> Self
    where
        C: Consumer<T, Folder = F>,
    {
        let folder = first.into_folder();
        Self { folder, consumer }
    }
}

impl<P, C> Taker<P> for Open<C::Folder, C>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    type Consumer = C;

    fn is_full(&self) -> bool {
        self.folder.full()
    }

    fn set_alone(&mut self, is_alone: bool) {
        self.folder.set_alone(is_alone);
    }

    fn take(mut self, _: usize, block: P) -> Self {
        self.folder = fold(block, self.folder);
        self
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let Self { folder, consumer } = self;
        let (near, reducer) = consumer.split_off_open(near_len).expect(OPEN);
        let near = Self {
            folder,
            consumer: near,
        };
        (near, consumer, reducer)
    }

    fn end(self, block: P) -> C::Result {
        fold(block, self.folder).complete()
    }
}

const OPEN: &str = "an open consumer stays open";

/// A consumer that is cut for every block, and what has come of those so far, with the reducer that joins that to the next.
pub(super) struct Cut<R, C, D> {
    done: Option<(R, D)>,
    consumer: C,
    is_alone: bool,
}

impl<R, C, D> Cut<R, C, D> {
    pub(super) fn new(consumer: C) -> Self {
        Self {
            done: None,
            consumer,
            is_alone: false,
        }
    }
}

fn joined<R, D: Reducer<R>>(done: Option<(R, D)>, next: R) -> R {
    match done {
        Some((done, reducer)) => reducer.reduce(done, next),
        None => next,
    }
}

impl<P, C> Taker<P> for Cut<C::Result, C, C::Reducer>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    type Consumer = C;

    fn is_full(&self) -> bool {
        self.consumer.full()
    }

    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
    }

    fn take(self, len: usize, block: P) -> Self {
        let Self {
            done,
            consumer,
            is_alone,
        } = self;
        let (now, consumer, reducer) = consumer.split_at(len);
        let next = fold_anew(block, now, is_alone);
        Self {
            done: Some((joined(done, next), reducer)),
            consumer,
            is_alone,
        }
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let (consumer, far, reducer) = self.consumer.split_at(near_len);
        (Self { consumer, ..self }, far, reducer)
    }

    fn end(self, block: P) -> C::Result {
        joined(self.done, fold_anew(block, self.consumer, self.is_alone))
    }
}

/// A block of a leaf, by a folder of its own.
#[inline]
fn fold_anew<P, C>(block: P, consumer: C, is_alone: bool) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let mut folder = consumer.into_folder();
    folder.set_alone(is_alone);
    fold(block, folder).complete()
}

/// A block of a leaf. One function for all blocks, so that the loop that the user wrote is compiled once for them.
#[inline(never)]
pub(super) fn fold<P, F>(producer: P, folder: F) -> F
where
    P: Producer,
    F: Folder<P::Item>,
{
    if folder.full() {
        return folder;
    }
    producer.fold_with(folder)
}

/// A whole leaf: one piece, one folder, one thread. A full consumer takes no items at all.
#[inline]
pub(super) fn pour<P, C>(producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    producer.fold_with(consumer.into_folder()).complete()
}
