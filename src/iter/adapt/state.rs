//! How an adapter's private state gets to every piece: made anew each time, or cloned. The consumer of
//! all six adapters with such a state is here too.

use std::marker::PhantomData;

use crate::iter::plumbing::{Consumer, Folder, SendProof, UnindexedConsumer};

/// What a piece's state grows from. The right piece keeps it, the left piece gets a clone.
pub(crate) trait Seed: Clone + Send {
    /// The state of one piece. It need not be `Send`: it lives and dies on one thread.
    type State;

    /// Begins a piece.
    fn grow(self) -> Self::State;
}

/// State that is made by calling a function: `map_init`, `fold`, `try_fold`.
pub(crate) struct Made<'f, F>(pub(crate) &'f F);

impl<F> Clone for Made<'_, F> {
    #[inline]
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S, F: Fn() -> S + Sync> Seed for Made<'_, F> {
    type State = S;

    #[inline]
    fn grow(self) -> S {
        (self.0)()
    }
}

/// State that is cloned from a first value: `map_with`, `fold_with`, `try_fold_with`. The last piece
/// gets the value itself. (A loop that gets no help is one piece, and may get a clone.)
#[derive(Clone)]
pub(crate) struct Given<S>(pub(crate) S);

impl<S: Clone + Send> Seed for Given<S> {
    type State = S;

    #[inline]
    fn grow(self) -> S {
        self.0
    }
}

/// What is done with items on their way when there is a state to do it with. It makes a folder out of
/// the next one; splitting and seeding are the same for all.
pub(crate) trait Hand<T, S>: Copy + Send {
    /// What is handed on.
    type Out;

    /// The folder of one piece.
    type Folder<F: Folder<Self::Out>>: Folder<T, Result = F::Result>;

    fn folder<F: Folder<Self::Out>>(self, next: F, state: S) -> Self::Folder<F>;
}

/// A closure, and a mark `K` of what is done with it.
pub(crate) struct By<'f, K, F>(pub(crate) &'f F, PhantomData<fn() -> K>);

impl<'f, K, F> By<'f, K, F> {
    #[inline]
    pub(crate) fn new(op: &'f F) -> Self {
        Self(op, PhantomData)
    }
}

impl<K, F> Clone for By<'_, K, F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, F> Copy for By<'_, K, F> {}

/// Consumes with a seed at hand.
pub(crate) struct SeedConsumer<H, D, C> {
    pub(crate) hand: H,
    pub(crate) seed: D,
    pub(crate) next: C,
}

impl<T, H, D, C> Consumer<T> for SeedConsumer<H, D, C>
where
    D: Seed,
    H: Hand<T, D::State>,
    C: Consumer<H::Out>,
{
    type Folder = H::Folder<C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = C::REDUCER_IS_SEND;
    const IS_OPEN: bool = C::IS_OPEN;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let (left, right, reducer) = self.next.split_at(index);
        (
            Self {
                hand: self.hand,
                seed: self.seed.clone(),
                next: left,
            },
            Self {
                hand: self.hand,
                seed: self.seed,
                next: right,
            },
            reducer,
        )
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let (next, reducer) = self.next.split_off_open(most)?;
        let seed = self.seed.clone();
        let hand = self.hand;
        Some((Self { hand, seed, next }, reducer))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        self.hand.folder(self.next.into_folder(), self.seed.grow())
    }

    #[inline]
    fn full(&self) -> bool {
        self.next.full()
    }
}

impl<T, H, D, C> UnindexedConsumer<T> for SeedConsumer<H, D, C>
where
    D: Seed,
    H: Hand<T, D::State>,
    C: UnindexedConsumer<H::Out>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self {
            hand: self.hand,
            seed: self.seed.clone(),
            next: self.next.split_off_left(),
        }
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        self.next.to_reducer()
    }
}

/// Writes a `drive…` method of an adapter with a seed.
macro_rules! through_seed {
    ($drive:ident, $consumer:ident, |$this:ident| $hand:expr, $seed:expr) => {
        #[inline]
        fn $drive<C: $consumer<Self::Item>>(self, consumer: C) -> C::Result {
            let $this = self;
            let consumer = SeedConsumer {
                hand: $hand,
                seed: $seed,
                next: consumer,
            };
            $this.base.$drive(consumer)
        }
    };
}
pub(crate) use through_seed;
