//! The bridges: they cut a producer and a consumer side by side, and lend one half to the pool.

use super::glance::Glance;
use super::leaf::Leaf;
use super::probe::{Probe, first_block};
use super::splitter::{LengthSplitter, Splitter, is_crumb, whole_rows};
use super::spread::{Piece, SendProof, cut_or_pour, join_piece};
use super::taker::{Cut, OPEN, Open, Output, Taker, fold, fold_anew, pour};
use super::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, UnindexedProducer,
};
use crate::clock::Stopwatch;
use crate::iter::IndexedParallelIterator;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::pool::worker::Worker;

/// Drives an indexed parallel iterator into a consumer.
///
/// A source or adapter that has a producer calls this from its `drive` and its `drive_unindexed`.
///
/// ```
/// use lyocell::iter::plumbing::{bridge, Consumer};
/// use lyocell::prelude::*;
///
/// fn drive_anything<I, C>(source: I, consumer: C) -> C::Result
/// where
///     I: IndexedParallelIterator,
///     C: Consumer<I::Item>,
/// {
///     bridge(source.rev(), consumer)
/// }
/// # struct Last;
/// # use lyocell::iter::plumbing::{Folder, Reducer};
/// # impl Consumer<u32> for Last {
/// #     type Folder = Kept; type Reducer = Last; type Result = Option<u32>;
/// #     fn split_at(self, _: usize) -> (Self, Self, Self) { (Last, Last, Last) }
/// #     fn into_folder(self) -> Kept { Kept(None) }
/// #     fn full(&self) -> bool { false }
/// # }
/// # impl Reducer<Option<u32>> for Last {
/// #     fn reduce(self, left: Option<u32>, right: Option<u32>) -> Option<u32> { right.or(left) }
/// # }
/// # struct Kept(Option<u32>);
/// # impl Folder<u32> for Kept {
/// #     type Result = Option<u32>;
/// #     fn consume(self, item: u32) -> Self { Kept(Some(item)) }
/// #     fn complete(self) -> Option<u32> { self.0 }
/// #     fn full(&self) -> bool { false }
/// # }
///
/// // `Last` is a consumer that keeps the last item.
/// assert_eq!(drive_anything((3..10u32).into_par_iter(), Last), Some(3));
/// ```
#[inline]
pub fn bridge<I, C>(par_iter: I, consumer: C) -> C::Result
where
    I: IndexedParallelIterator,
    C: Consumer<I::Item>,
{
    /// Takes the producer that `par_iter` lends.
    struct Bridge<C> {
        len: usize,
        consumer: C,
    }

    impl<T, C: Consumer<T>> ProducerCallback<T> for Bridge<C> {
        type Output = C::Result;

        #[inline]
        fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
            bridge_producer_consumer(self.len, producer, self.consumer)
        }
    }

    let len = par_iter.len();
    par_iter.with_producer(Bridge { len, consumer })
}

/// Pours the `len` items of a producer into a consumer, in pieces, in parallel.
///
/// A producer too short to be cut is poured by the caller at once, and the pool is left in peace.
///
/// ```
/// use lyocell::iter::plumbing::{bridge_producer_consumer, Consumer, Producer, ProducerCallback};
/// use lyocell::prelude::*;
///
/// /// Leaves out the first item, whatever the producer is.
/// struct Tail<C> { len: usize, consumer: C }
/// impl<T, C: Consumer<T>> ProducerCallback<T> for Tail<C> {
///     type Output = C::Result;
///     fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
///         let (_, tail) = producer.split_at(1);
///         bridge_producer_consumer(self.len - 1, tail, self.consumer)
///     }
/// }
/// # use lyocell::iter::plumbing::{Folder, Reducer};
/// # struct Count;
/// # impl Consumer<u8> for Count {
/// #     type Folder = Counted; type Reducer = Count; type Result = usize;
/// #     fn split_at(self, _: usize) -> (Self, Self, Self) { (Count, Count, Count) }
/// #     fn into_folder(self) -> Counted { Counted(0) }
/// #     fn full(&self) -> bool { false }
/// # }
/// # impl Reducer<usize> for Count { fn reduce(self, a: usize, b: usize) -> usize { a + b } }
/// # struct Counted(usize);
/// # impl Folder<u8> for Counted {
/// #     type Result = usize;
/// #     fn consume(self, _: u8) -> Self { Counted(self.0 + 1) }
/// #     fn complete(self) -> usize { self.0 }
/// #     fn full(&self) -> bool { false }
/// # }
///
/// // `Count` is a consumer that counts.
/// let source = (0..100u8).into_par_iter();
/// assert_eq!(source.with_producer(Tail { len: 100, consumer: Count }), 99);
/// ```
#[inline]
pub fn bridge_producer_consumer<P, C>(len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let (min, max) = (producer.min_len(), producer.max_len());
    if LengthSplitter::keeps_whole(min, len) {
        return pour(producer, consumer);
    }
    in_worker(|worker, is_migrated| {
        if max < len {
            let splitter = LengthSplitter::new(min, max, len);
            let part = Part::new(len, splitter, WHOLE_LEAVES, producer, consumer);
            return cut_or_pour(worker, part, false);
        }
        if worker.pool().num_threads() == 1 {
            return fold_anew(producer, consumer, true);
        }
        let beginning = Beginning {
            worker,
            is_migrated,
            min,
            site: Site::of(pour::<P, C> as *const ()),
        };
        if P::GIVES_BLOCKS {
            beginning.pour(len, producer, consumer)
        } else {
            beginning.pour_in_leaves(len, producer, consumer)
        }
    })
}

/// Where a loop that may be cut begins.
struct Beginning<'worker> {
    worker: &'worker Worker,
    is_migrated: bool,
    min: usize,
    site: Site,
}

impl<'worker> Beginning<'worker> {
    #[inline]
    fn pour<P, C>(self, len: usize, producer: P, consumer: C) -> C::Result
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let glance = Glance::of(self.worker, self.site, len);
        if glance.is_none() && !Probe::is_for_loop(self.worker, self.site, len) {
            let trial = self.trial(len);
            let few = || trial.share(len, producer, consumer);
            trial.probe.time(len, few)
        } else if C::IS_OPEN {
            let (first, _) = consumer.split_off_open(len).expect(OPEN);
            // Whatever it takes to begin a folder is not the items' fault, so the clock starts after it.
            let taker = Open::new(first, consumer);
            self.pour_into(taker, glance, len, producer)
        } else if C::IS_CUT_FOR_NOTHING {
            self.pour_into(Cut::new(consumer), glance, len, producer)
        } else {
            self.trial(len).halved().pour_cut(len, producer, consumer)
        }
    }

    /// A producer that had better not be cut into blocks: shared at once, unless it was over soon the last time, and if its beginning shows that it will be again.
    fn pour_in_leaves<P, C>(self, len: usize, producer: P, consumer: C) -> C::Result
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let mut trial = self.trial(len);
        let block = first_block(len, self.worker.pool().num_threads());
        let was_short = trial.probe.last_pace().is_some() && !trial.probe.expects_help(len);
        if block == len || block < self.min || !was_short {
            return trial.share_in_leaves(len, producer, consumer);
        }
        let (now, later) = producer.split_at(block);
        let (first, consumer, reducer) = consumer.split_at(block);
        let first = fold_anew(now, first, true);
        let left = len - block;
        let rest = if trial.probe.is_worth_help(block, left) {
            trial.share_in_leaves(left, later, consumer)
        } else {
            let rest = fold_anew(later, consumer, true);
            trial.probe.note_end(left);
            rest
        };
        reducer.reduce(first, rest)
    }

    /// At once, if it turns out to be over in no time as it was the last time; else with an eye on the clock.
    #[inline]
    fn pour_into<P, T>(
        self,
        mut taker: T,
        glance: Option<Glance<'_>>,
        len: usize,
        producer: P,
    ) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        let Some(mut glance) = glance else {
            return self.trial(len).halved().pour(len, producer, taker);
        };
        let block = first_block(len, self.worker.pool().num_threads());
        taker.set_alone(true);
        if block == len {
            let result = taker.end(producer);
            glance.note_end(len);
            return result;
        }
        let (now, later) = producer.split_at(block);
        taker = taker.take(block, now);
        let left = len - block;
        if !glance.shows_no_delay() {
            taker.set_alone(false);
            return self.trial(left).halved().pour(left, later, taker);
        }
        let result = taker.end(later);
        glance.note_end(left);
        result
    }

    fn trial(&self, len: usize) -> Trial<'worker> {
        let Self {
            worker,
            is_migrated,
            min,
            site,
        } = *self;
        Trial {
            worker,
            is_migrated,
            splitter: LengthSplitter::new(min, usize::MAX, len),
            min,
            probe: Probe::begin(worker, site),
        }
    }
}

/// A loop, or what is left of it, before anybody else is asked for help.
struct Trial<'worker> {
    worker: &'worker Worker,
    is_migrated: bool,
    splitter: LengthSplitter,
    min: usize,
    probe: Probe<'worker>,
}

impl Trial<'_> {
    /// With half the budget for pieces, since the first leaf is kept.
    fn halved(self) -> Self {
        Self {
            splitter: self.splitter.halved(),
            ..self
        }
    }

    /// Pours block after block, and forks the rest once that is worth it. One taker takes all the blocks: a loop that gets no help
    /// is over with a single folder.
    #[inline(never)]
    fn pour<P, T>(mut self, mut len: usize, mut producer: P, mut taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        if self.probe.expects_help(len) && !taker.is_full() {
            return if T::Consumer::IS_STOPPED_BY_OTHERS {
                self.search(len, producer, taker)
            } else {
                self.share_or_keep(len, producer, taker)
            };
        }
        taker.set_alone(true);
        loop {
            let block = self.probe.next_span(len);
            if block == len || taker.is_full() {
                let result = taker.end(producer);
                if T::Consumer::IS_STOPPED_BY_OTHERS {
                    self.probe.note_search(self.probe.note_stop());
                } else {
                    self.probe.note_end(block);
                }
                return result;
            }
            let (now, later) = producer.split_at(block);
            taker = taker.take(block, now);
            (producer, len) = (later, len - block);
            if self.probe.is_worth_help(block, len) {
                taker.set_alone(false);
                return self.share_or_keep(len, producer, taker);
            }
        }
    }

    /// A search that would be long if it had to look at all items: alone, for about as long as it took the last time, if it was soon over then.
    fn search<P, T>(mut self, mut len: usize, mut producer: P, mut taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        taker.set_alone(true);
        while let Some(block) = self.probe.next_searched(len) {
            let (now, later) = producer.split_at(block);
            taker = taker.take(block, now);
            (producer, len) = (later, len - block);
            if taker.is_full() {
                let result = taker.end(producer);
                self.probe.note_search(self.probe.note_stop());
                return result;
            }
            self.probe.note_searched(block);
        }
        taker.set_alone(false);
        self.share_search(len, producer, taker)
    }

    /// Shares a search, and takes note of how long it took.
    fn share_search<P, T>(self, len: usize, producer: P, taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        let result = self.fork_at_once(len, producer, taker);
        let passed = self.probe.passed();
        self.probe.note_search(passed);
        self.probe.note_at_most(len, passed);
        result
    }

    /// Shares a loop that is long enough for that, unless it is better off with one thread.
    fn share_or_keep<P, T>(self, len: usize, producer: P, taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        // How long all items of a search would have taken, nobody knows.
        if T::Consumer::IS_STOPPED_BY_OTHERS {
            return self.share_search(len, producer, taker);
        }
        if P::IS_CUT_DEARLY {
            return self.fork_at_once(len, producer, taker);
        }
        let company = self.probe.company();
        if company.is_of_no_use(len, self.worker.pool().num_threads()) {
            return self.keep(len, producer, taker);
        }
        let watch = Stopwatch::start();
        let result = self.fork_at_once(len, producer, taker);
        let result = <T::Consumer as Consumer<_>>::Reducer::settle(result);
        company.note_shared(len, watch.nanos() / len as f32);
        result
    }

    /// Pours block after block alone, as long as nobody is missed.
    #[cold]
    fn keep<P, T>(self, mut len: usize, mut producer: P, mut taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        taker.set_alone(true);
        let mut hermit = self.probe.company().take_leave(self.probe.likely_pace());
        loop {
            let block = hermit.next(len);
            if block == len || taker.is_full() {
                let result = taker.end(producer);
                hermit.note(block);
                hermit.end();
                return result;
            }
            let (now, later) = producer.split_at(block);
            taker = taker.take(block, now);
            (producer, len) = (later, len - block);
            hermit.note(block);
            if hermit.misses_company(len) {
                taker.set_alone(false);
                return self.fork_at_once(len, producer, taker);
            }
        }
    }

    /// Keeps a leaf, if there is more than one, and forks what comes after it.
    fn fork_at_once<P, T>(&self, len: usize, producer: P, taker: T) -> Output<P, T>
    where
        P: Producer,
        T: Taker<P>,
    {
        let leaf_len = self.probe.first_leaf(len, self.min);
        if leaf_len == len {
            return taker.end(producer);
        }
        let (left, right) = producer.split_at(leaf_len);
        let left = self.leaf(leaf_len, left);
        let (taker, consumer, reducer) = taker.part(leaf_len);
        let finish = || left.pour_on(self.worker, taker);
        let finish = || {
            if T::Consumer::IS_STOPPED_BY_OTHERS {
                finish() // nobody knows after how many items
            } else {
                self.probe.time(leaf_len, finish)
            }
        };
        let (left, right) = self.fork(finish, len, leaf_len, right, consumer);
        reducer.reduce(left, right)
    }

    /// The same for a consumer that gives no taker. It is cut for every leaf.
    fn pour_cut<P, C>(self, len: usize, producer: P, consumer: C) -> C::Result
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let leaf_len = self.probe.next_leaf(len, self.min);
        if leaf_len == len || consumer.full() {
            let result = pour(producer, consumer);
            if self.probe.has_begun() {
                self.probe.note_stop();
            }
            return result;
        }
        let (left, right) = producer.split_at(leaf_len);
        let (left_consumer, right_consumer, reducer) = consumer.split_at(leaf_len);
        let (left, right) = if self.probe.expects_help(len) {
            let leaf = self.leaf(leaf_len, left);
            let left = || self.probe.time(leaf_len, || leaf.pour(left_consumer));
            self.fork(left, len, leaf_len, right, right_consumer)
        } else {
            self.pour_leaf(len, leaf_len, left, left_consumer, right, right_consumer)
        };
        reducer.reduce(left, right)
    }

    /// Pours the first leaf block by block, and then the rest.
    fn pour_leaf<P, C>(
        mut self,
        len: usize,
        leaf_len: usize,
        mut left: P,
        left_consumer: C,
        right: P,
        right_consumer: C,
    ) -> (C::Result, C::Result)
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let mut folder = left_consumer.into_folder();
        let mut left_len = leaf_len;
        let right_len = len - leaf_len;
        loop {
            let block = self.probe.next_block(left_len);
            if block == left_len {
                let result = fold(left, folder).complete();
                let right = if self.probe.is_worth_help(block, right_len) {
                    self.share(right_len, right, right_consumer)
                } else {
                    self.pour_cut(right_len, right, right_consumer)
                };
                return (result, right);
            }
            let (now, later) = left.split_at(block);
            folder = fold(now, folder);
            left = later;
            left_len -= block;
            if self.probe.is_worth_help(block, left_len + right_len) {
                let finish = || fold(left, folder).complete();
                return self.fork(finish, len, leaf_len, right, right_consumer);
            }
        }
    }

    /// Finishes a leaf that has begun, and forks what comes after it: the further half of the loop first, for others, then
    /// what lies between.
    fn fork<P, C, R>(
        &self,
        finish: impl FnOnce() -> R,
        len: usize,
        leaf_len: usize,
        rest: P,
        consumer: C,
    ) -> (R, C::Result)
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let Self {
            worker,
            is_migrated,
            splitter,
            min,
            ..
        } = *self;
        let watch = Stopwatch::start();
        let pace = self.probe.likely_pace();
        let rest_len = len - leaf_len;
        let near_len = whole_rows(len / 2).saturating_sub(leaf_len);
        let finish = |_| finish();
        let both = if near_len < min {
            let rest = Part::new(rest_len, splitter, pace, rest, consumer);
            join_piece(worker, finish, rest, is_migrated)
        } else {
            let (near, far) = rest.split_at(near_len);
            let (near_consumer, far_consumer, reducer) = consumer.split_at(near_len);
            let near = Part::new(near_len, splitter, pace, near, near_consumer);
            let far_len = rest_len - near_len;
            let far = Part::new(far_len, splitter.halved(), pace, far, far_consumer);
            let finish_and_near = |_| join_piece(worker, finish, near, is_migrated);
            let ((finished, near), far) = join_piece(worker, finish_and_near, far, is_migrated);
            (finished, reducer.reduce(near, far))
        };
        self.probe.note_fork(len, self.probe.note_shared(watch));
        both
    }

    fn leaf<P>(&self, len: usize, producer: P) -> Leaf<P> {
        Leaf {
            len,
            min: self.min,
            pace: self.probe.likely_pace(),
            producer,
        }
    }

    /// Cuts it into leaves that stay whole, no more than are of use, for all to take.
    fn share_in_leaves<P, C>(&self, len: usize, producer: P, consumer: C) -> C::Result
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let watch = Stopwatch::start();
        let part = Part::new(len, self.splitter, WHOLE_LEAVES, producer, consumer);
        let result = cut_or_pour(self.worker, part, false);
        let passed = self.probe.note_shared(watch);
        // How many items of a search were looked at, nobody knows.
        if !C::IS_STOPPED_BY_OTHERS {
            self.probe.note_fork(len, passed);
            self.probe.note_at_most(len, passed);
        }
        result
    }

    /// Cuts what is left, for all to take.
    fn share<P, C>(&self, len: usize, producer: P, consumer: C) -> C::Result
    where
        P: Producer,
        C: Consumer<P::Item>,
    {
        let pace = self.probe.likely_pace();
        let part = Part::new(len, self.splitter, pace, producer, consumer);
        cut_or_pour(self.worker, part, false)
    }
}

/// For parts whose leaves should stay whole, instead of a pace.
const WHOLE_LEAVES: f32 = 0.0;

/// A part of a loop of known length.
pub(super) struct Part<P, C> {
    len: usize,
    splitter: LengthSplitter,
    /// How many nanoseconds an item is likely to take.
    pace: f32,
    producer: P,
    consumer: C,
}

impl<P, C> Part<P, C> {
    pub(super) fn new(
        len: usize,
        splitter: LengthSplitter,
        pace: f32,
        producer: P,
        consumer: C,
    ) -> Self {
        Self {
            len,
            splitter,
            pace,
            producer,
            consumer,
        }
    }
}

impl<P, C> Piece for Part<P, C>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    type Output = C::Result;
    type Reducer = C::Reducer;
    const REDUCER_IS_SEND: Option<SendProof<C::Reducer>> = C::REDUCER_IS_SEND;

    #[inline]
    fn wants_cut(&mut self, is_stolen: bool) -> bool {
        let is_crumb = self.pace != WHOLE_LEAVES && is_crumb(self.len, self.pace);
        !is_crumb && self.splitter.may_split(self.len, is_stolen) && !self.consumer.full()
    }

    #[inline]
    fn cut(self) -> (Self, Option<(Self, C::Reducer)>) {
        let Self {
            len,
            splitter,
            pace,
            producer,
            consumer,
        } = self;
        // Of leaves that have a longest length, each half counts.
        let middle = if pace == WHOLE_LEAVES {
            len / 2
        } else {
            whole_rows(len / 2).max(splitter.min())
        };
        let (left, right) = producer.split_at(middle);
        let (left_consumer, right_consumer, reducer) = consumer.split_at(middle);
        let left = Self::new(middle, splitter, pace, left, left_consumer);
        let right = Self::new(len - middle, splitter, pace, right, right_consumer);
        (left, Some((right, reducer)))
    }

    #[inline]
    fn pour(self) -> C::Result {
        let leaf = Leaf {
            len: self.len,
            min: self.splitter.min(),
            pace: self.pace,
            producer: self.producer,
        };
        leaf.pour(self.consumer)
    }
}

/// Pours a producer of unknown length into a consumer, in pieces, in parallel.
///
/// The [module](super) has an example.
#[inline]
pub fn bridge_unindexed<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    let splitter = Splitter::new();
    if splitter.keeps_whole() {
        return pour_unindexed(producer, consumer);
    }
    let part = UnindexedPart::new(splitter, producer, consumer);
    in_worker(|worker, is_migrated| cut_or_pour(worker, part, is_migrated))
}

/// A part of a loop of unknown length. The producer may refuse a cut.
pub(super) struct UnindexedPart<P, C> {
    splitter: Splitter,
    producer: P,
    consumer: C,
}

impl<P, C> UnindexedPart<P, C> {
    pub(super) fn new(splitter: Splitter, producer: P, consumer: C) -> Self {
        Self {
            splitter,
            producer,
            consumer,
        }
    }
}

impl<P, C> Piece for UnindexedPart<P, C>
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    type Output = C::Result;
    type Reducer = C::Reducer;
    const REDUCER_IS_SEND: Option<SendProof<C::Reducer>> = C::REDUCER_IS_SEND;

    #[inline]
    fn wants_cut(&mut self, is_stolen: bool) -> bool {
        !self.consumer.full() && self.splitter.may_split(is_stolen)
    }

    #[inline]
    fn cut(self) -> (Self, Option<(Self, C::Reducer)>) {
        let Self {
            splitter,
            producer,
            consumer,
        } = self;
        let part = |producer, consumer| Self {
            splitter,
            producer,
            consumer,
        };
        match producer.split() {
            (whole, None) => (part(whole, consumer), None),
            (left, Some(right)) => {
                let reducer = consumer.to_reducer();
                let left = part(left, consumer.split_off_left());
                (left, Some((part(right, consumer), reducer)))
            }
        }
    }

    #[inline]
    fn pour(self) -> C::Result {
        pour_unindexed(self.producer, self.consumer)
    }
}

/// The leaf of a producer of unknown length, as [`pour`].
#[inline]
pub(super) fn pour_unindexed<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    if consumer.full() {
        drop(producer);
        return consumer.into_folder().complete();
    }
    fold_unindexed(producer, consumer.into_folder()).complete()
}

/// As [`fold`].
#[inline(never)]
pub(super) fn fold_unindexed<P, F>(producer: P, folder: F) -> F
where
    P: UnindexedProducer,
    F: Folder<P::Item>,
{
    if folder.full() {
        drop(producer);
        return folder;
    }
    producer.fold_with(folder)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::hint::black_box;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::iter::plumbing::source::SourceProducer;
    use crate::prelude::*;
    use crate::{ThreadPoolBuilder, range};

    /// A sum that is dear to settle, and how often that was done.
    #[derive(Clone, Copy)]
    struct Dear;

    struct Sum {
        sum: u32,
        settled: usize,
    }

    const DEAR: Duration = Duration::from_millis(5);

    impl Folder<u32> for Sum {
        type Result = Self;

        fn consume(self, item: u32) -> Self {
            let item = (0..100).fold(item, |item, _| black_box(item));
            let sum = self.sum + item;
            Self { sum, ..self }
        }

        fn complete(self) -> Self {
            self
        }

        fn full(&self) -> bool {
            false
        }
    }

    impl Reducer<Sum> for Dear {
        fn reduce(self, left: Sum, right: Sum) -> Sum {
            Sum {
                sum: left.sum + right.sum,
                settled: left.settled + right.settled,
            }
        }

        fn settle(whole: Sum) -> Sum {
            thread::sleep(DEAR);
            let settled = whole.settled + 1;
            Sum { settled, ..whole }
        }
    }

    impl Consumer<u32> for Dear {
        type Folder = Sum;
        type Reducer = Self;
        type Result = Sum;
        const IS_CUT_FOR_NOTHING: bool = true;

        fn split_at(self, _: usize) -> (Self, Self, Self) {
            (self, self, self)
        }

        fn into_folder(self) -> Sum {
            Sum { sum: 0, settled: 0 }
        }

        fn full(&self) -> bool {
            false
        }
    }

    /// Whoever steals a piece cuts it again, unless it is likely to be over before anybody would come for a half.
    #[test]
    #[cfg(not(stress))]
    fn a_crumb_is_not_cut_although_it_is_stolen() {
        let splitter = LengthSplitter::new(1, usize::MAX, 1_000);
        let wants_cut = |len: usize, pace| {
            let numbers = SourceProducer((0..len as u32).into_par_iter());
            Part::new(len, splitter, pace, numbers, Dear).wants_cut(true)
        };
        assert!(!wants_cut(1_000, 1.0) && !wants_cut(10, 100.0));
        assert!(wants_cut(1_000, 10.0) && wants_cut(10, 1_000.0));
        assert!(
            wants_cut(1_000, WHOLE_LEAVES),
            "a longest length is kept, however quick"
        );
    }

    /// What is settled once for all pieces, and not for one piece alone, counts as part of what company takes.
    #[test]
    fn to_settle_is_a_cost_of_sharing() {
        type Numbers = SourceProducer<range::Iter<u32>>;
        const LEN: u32 = 10_000;
        let pool = ThreadPoolBuilder::new().num_threads(2).build();
        pool.expect("a pool").install(|| {
            let site = Site::of(pour::<Numbers, Dear> as *const ());
            let shared = || Worker::with_current(|worker| worker?.paces().shared.of(site));
            let mut settled = 0;
            while settled == 0 {
                let numbers = SourceProducer((0..LEN).into_par_iter());
                let whole = bridge_producer_consumer(LEN as usize, numbers, Dear);
                assert_eq!(whole.sum, LEN * (LEN - 1) / 2);
                settled = whole.settled;
            }
            assert_eq!(settled, 1);
            let pace = shared().expect("a pace was noted");
            assert!(pace * LEN as f32 >= 0.99 * DEAR.as_nanos() as f32); // it is kept to a percent
        });
    }
}
