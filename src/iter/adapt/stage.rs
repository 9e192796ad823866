//! Steps that look at one item at a time, and the consumer, folder and producer they all share.

use crate::iter::ParallelIterator;
use crate::iter::finish::over::Borrower;
use crate::iter::plumbing::{Consumer, Folder, Producer, SendProof, UnindexedConsumer};

use super::wrap::Wrap;
use std::ops::Range;

/// What becomes of one item: nothing, one thing, or many.
///
/// One stage serves all pieces, so that whatever it holds is shared by the threads.
pub(crate) trait Stage<T>: Sync {
    /// What is handed on.
    type Out;

    /// Whether it may once [want no more](Self::is_full), by what any thread has met.
    const MAY_BE_FULL: bool = false;

    /// Whether at most one thing comes of each item, and [`feed_over`](Self::feed_over) sees to it that it may be written over that.
    const MAKES_ONE_AT_MOST: bool = false;

    /// Hands on what becomes of one item.
    fn feed<F: Folder<Self::Out>>(&self, folder: F, item: T) -> F;

    /// Hands on what becomes of many items, until there are no more, the folder is full, or the stage
    /// wants no more itself.
    ///
    /// The loop asks after every item, also after those that come to nothing, so that a search behind
    /// a picky filter still ends as soon as somebody else has found something. (Handing
    /// `items.filter(…)` down as a whole would ask only after items that pass.)
    ///
    /// A stage that may be full is told whether it [is alone](Folder::set_alone), and then need not ask what others have met.
    #[inline]
    fn feed_all<F, I>(&self, mut folder: F, items: I, _is_alone: bool) -> F
    where
        F: Folder<Self::Out>,
        I: Iterator<Item = T>,
    {
        for item in items {
            folder = self.feed(folder, item);
            if self.is_full() || folder.full() {
                break;
            }
        }
        folder
    }

    /// The same for items in `slots`, if what becomes of them is written [over](Folder::consume_over) them. Not called unless the stage
    /// [makes one of each at most](Self::MAKES_ONE_AT_MOST).
    #[inline]
    fn feed_over<F, I>(&self, folder: F, _: Range<*mut ()>, items: I, _: Borrower) -> F
    where
        F: Folder<Self::Out>,
        I: Iterator<Item = T>,
    {
        self.feed_all(folder, items, false)
    }

    /// Whether the stage wants no more items, on any thread.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
}

/// A stage that makes exactly one thing of each item, so that length and indices stay.
///
/// It names the iterator of std that does the same, and whole iterators pass through it: a `sum` or a
/// `zip` at the end then runs std's own loop.
pub(crate) trait ExactStage<T>: Sync {
    /// What each item becomes.
    type Out;

    /// The iterator that [`apply_each`](Self::apply_each) returns.
    type Iter<'s, I>: DoubleEndedIterator<Item = Self::Out> + ExactSizeIterator
    where
        Self: 's,
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    /// What one item becomes.
    fn apply(&self, item: T) -> Self::Out;

    /// What the items of a piece become, by the iterator of std that has a name and a length.
    fn apply_each<I>(&self, items: I) -> Self::Iter<'_, I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    /// What the items of any iterator become.
    fn apply_all<I: Iterator<Item = T>>(&self, items: I) -> impl Iterator<Item = Self::Out>;
}

/// Marks an exact stage. (A stage of every exact stage outright would overlap with the other stages
/// in the compiler's eyes.)
#[derive(Clone)]
pub(crate) struct Exact<S>(pub(crate) S);

impl<T, S: ExactStage<T>> Stage<T> for Exact<S> {
    type Out = S::Out;
    const MAKES_ONE_AT_MOST: bool = true;

    #[inline]
    fn feed<F: Folder<Self::Out>>(&self, folder: F, item: T) -> F {
        folder.consume(self.0.apply(item))
    }

    #[inline]
    fn feed_all<F, I>(&self, folder: F, items: I, _is_alone: bool) -> F
    where
        F: Folder<Self::Out>,
        I: Iterator<Item = T>,
    {
        folder.consume_iter(self.0.apply_all(items))
    }

    #[inline]
    fn feed_over<F, I>(&self, folder: F, slots: Range<*mut ()>, items: I, borrower: Borrower) -> F
    where
        F: Folder<Self::Out>,
        I: Iterator<Item = T>,
    {
        folder.consume_over(slots, self.0.apply_all(items), borrower)
    }
}

/// Feeds a consumer through a stage.
pub(crate) struct StageConsumer<'s, S, C> {
    stage: &'s S,
    next: C,
}

impl<'s, S, C> StageConsumer<'s, S, C> {
    #[inline]
    pub(crate) fn new(stage: &'s S, next: C) -> Self {
        Self { stage, next }
    }
}

impl<'s, T, S, C> Consumer<T> for StageConsumer<'s, S, C>
where
    S: Stage<T>,
    C: Consumer<S::Out>,
{
    type Folder = StageFolder<'s, S, C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = C::REDUCER_IS_SEND;
    const IS_OPEN: bool = C::IS_OPEN;
    const IS_CUT_FOR_NOTHING: bool = C::IS_CUT_FOR_NOTHING;
    const IS_STOPPED_BY_OTHERS: bool = S::MAY_BE_FULL || C::IS_STOPPED_BY_OTHERS;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let (left, right, reducer) = self.next.split_at(index);
        (
            Self::new(self.stage, left),
            Self::new(self.stage, right),
            reducer,
        )
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let (next, reducer) = self.next.split_off_open(most)?;
        Some((Self::new(self.stage, next), reducer))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        StageFolder::new(self.stage, self.next.into_folder())
    }

    #[inline]
    fn full(&self) -> bool {
        self.stage.is_full() || self.next.full()
    }
}

impl<T, S, C> UnindexedConsumer<T> for StageConsumer<'_, S, C>
where
    S: Stage<T>,
    C: UnindexedConsumer<S::Out>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self::new(self.stage, self.next.split_off_left())
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        self.next.to_reducer()
    }
}

/// Feeds a folder through a stage.
pub(crate) struct StageFolder<'s, S, F> {
    stage: &'s S,
    next: F,
    /// Whether nobody else can fill the stage now.
    is_alone: bool,
}

impl<'s, S, F> StageFolder<'s, S, F> {
    #[inline]
    fn new(stage: &'s S, next: F) -> Self {
        Self {
            stage,
            next,
            is_alone: false,
        }
    }
}

impl<T, S, F> Folder<T> for StageFolder<'_, S, F>
where
    S: Stage<T>,
    F: Folder<S::Out>,
{
    type Result = F::Result;
    const WRITES_OVER: bool = S::MAKES_ONE_AT_MOST && F::WRITES_OVER;

    #[inline]
    fn consume(self, item: T) -> Self {
        Self {
            next: self.stage.feed(self.next, item),
            ..self
        }
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let items = iter.into_iter();
        Self {
            next: self.stage.feed_all(self.next, items, self.is_alone),
            ..self
        }
    }

    #[inline]
    fn consume_over<I>(self, slots: Range<*mut ()>, items: I, borrower: Borrower) -> Self
    where
        I: Iterator<Item = T>,
    {
        Self {
            next: self.stage.feed_over(self.next, slots, items, borrower),
            ..self
        }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
        self.next.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        (self.is_alone || !S::MAY_BE_FULL) && self.next.is_alone()
    }

    #[inline]
    fn complete(self) -> F::Result {
        self.next.complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.stage.is_full() || self.next.full()
    }
}

/// [`pour_blocks`](ParallelIterator::pour_blocks) of an iterator, through a stage.
#[inline]
pub(crate) fn pour_blocks<I, S, F>(
    base: I,
    stage: &S,
    folder: F,
    next_block: impl FnMut(usize) -> usize,
) -> (F, Option<I>)
where
    I: ParallelIterator,
    S: Stage<I::Item>,
    F: Folder<S::Out>,
{
    let (folder, rest) = base.pour_blocks(StageFolder::new(stage, folder), next_block);
    (folder.next, rest)
}

/// Wraps a producer in an exact stage.
pub(crate) struct StageWrap<'s, S>(pub(crate) &'s Exact<S>);

impl<T, S: ExactStage<T>> Wrap<T> for StageWrap<'_, S> {
    type Item = S::Out;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = S::Out> {
        StageProducer {
            stage: self.0,
            base,
        }
    }
}

/// A producer whose items pass through an exact stage.
struct StageProducer<'s, S, P> {
    stage: &'s Exact<S>,
    base: P,
}

impl<'s, S, P> Producer for StageProducer<'s, S, P>
where
    P: Producer,
    S: ExactStage<P::Item>,
{
    type Item = S::Out;
    type IntoIter = S::Iter<'s, P::IntoIter>;
    const GIVES_BLOCKS: bool = P::GIVES_BLOCKS;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.stage.0.apply_each(self.base.into_iter())
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        (
            Self {
                stage: self.stage,
                base: left,
            },
            Self {
                stage: self.stage,
                base: right,
            },
        )
    }

    #[inline]
    fn fold_with<F: Folder<S::Out>>(self, folder: F) -> F {
        self.base
            .fold_with(StageFolder::new(self.stage, folder))
            .next
    }
}

/// Writes the methods of an adapter that is a stage over its `base`: its field `stage`, or the stage
/// that is named.
macro_rules! through_stage {
    ($($method:ident $(($stage:expr))?),+) => {
        $($crate::iter::adapt::stage::through_stage!(@ $method $(($stage))?);)+
    };
    (@ drive_unindexed $(($stage:expr))?) => {
        #[inline]
        fn drive_unindexed<C>(self, consumer: C) -> C::Result
        where
            C: $crate::iter::plumbing::UnindexedConsumer<Self::Item>,
        {
            let stage = $crate::iter::adapt::stage::through_stage!(@ stage self $(, $stage)?);
            let consumer = $crate::iter::adapt::stage::StageConsumer::new(stage, consumer);
            self.base.drive_unindexed(consumer)
        }
    };
    (@ opt_len) => {
        #[inline]
        fn opt_len(&self) -> Option<usize> {
            self.base.opt_len()
        }
    };
    (@ lend_memory) => {
        $crate::iter::adapt::wrap::lend_memory_of_base!();
    };
    (@ lend_memory_for_some) => {
        $crate::iter::adapt::wrap::lend_memory_of_base!(keeps_places: false);
    };
    (@ pour_blocks) => {
        #[inline]
        fn pour_blocks<Next, Ask>(self, folder: Next, next_block: Ask) -> (Next, Option<Self>)
        where
            Next: $crate::iter::plumbing::Folder<Self::Item>,
            Ask: FnMut(usize) -> usize,
        {
            let Self { base, stage } = self;
            let (folder, rest) = $crate::iter::adapt::stage::pour_blocks(base, &stage, folder, next_block);
            (folder, rest.map(|base| Self { base, stage }))
        }
    };
    (@ pour_blocks($stage:expr)) => {
        #[inline]
        fn pour_blocks<Next, Ask>(self, folder: Next, next_block: Ask) -> (Next, Option<Self>)
        where
            Next: $crate::iter::plumbing::Folder<Self::Item>,
            Ask: FnMut(usize) -> usize,
        {
            let (folder, rest) = $crate::iter::adapt::stage::pour_blocks(self.base, &$stage, folder, next_block);
            (folder, rest.map(|base| Self { base }))
        }
    };
    (@ drive $(($stage:expr))?) => {
        #[inline]
        fn drive<C>(self, consumer: C) -> C::Result
        where
            C: $crate::iter::plumbing::Consumer<Self::Item>,
        {
            let stage = $crate::iter::adapt::stage::through_stage!(@ stage self $(, $stage)?);
            self.base.drive($crate::iter::adapt::stage::StageConsumer::new(stage, consumer))
        }
    };
    (@ len) => {
        #[inline]
        fn len(&self) -> usize {
            self.base.len()
        }
    };
    (@ with_producer $(($stage:expr))?) => {
        #[inline]
        fn with_producer<CB>(self, callback: CB) -> CB::Output
        where
            CB: $crate::iter::plumbing::ProducerCallback<Self::Item>,
        {
            let stage = $crate::iter::adapt::stage::through_stage!(@ stage self $(, $stage)?);
            let wrap = $crate::iter::adapt::stage::StageWrap(stage);
            self.base.with_producer($crate::iter::adapt::wrap::WrapCallback::new(wrap, callback))
        }
    };
    (@ stage $this:ident) => {
        &$this.stage
    };
    (@ stage $this:ident, $stage:expr) => {
        &$stage
    };
}
pub(crate) use through_stage;
