//! How a leaf is poured: in blocks, with an eye on those who have nothing to do.
//!
//! When a loop is cut, nobody knows which of its items will take long. A leaf that turns out to be longer than all the others
//! would be done by one thread while the rest looks on. So a leaf whose items take some time is poured in blocks, each of a
//! quarter of what is left or less, and few microseconds if it goes on as before. After each of them comes a look: if the worker's
//! own deque has run empty, and somebody sleeps or searches, half of what is left is given away. An even loop, whose leaves
//! all end within that time of each other, is cut no further.
//!
//! The blocks are for one [`Taker`]. Most consumers do not count, and give one folder for all blocks; one that writes to places is
//! cut at each of them. Where both is dear (`map_init` before `collect`), and with consumers of others' making, a leaf stays whole.
//!
//! (A loop of 10,000 items whose first thousand took a hundred times as long as the others took as long on two threads as
//! on one: they were all in the first leaf.)

use std::time::Duration;

use super::bridge::Part;
use super::probe::nanos;
use super::splitter::LengthSplitter;
use super::spread::join_piece;
use super::{Consumer, Folder, Producer, Reducer};
use crate::clock::Stopwatch;
use crate::pool::worker::Worker;

/// How long a block should take. A look at the clock and at the others takes a hundredth of that.
const BLOCK: Duration = Duration::from_micros(10);

/// What is left of a leaf is given away if it is likely to take so long: some times what it costs to wake somebody.
const WORTH_GIVING: Duration = Duration::from_micros(60);

/// Of what is left, a block takes one part in so many at most, whatever the pace was so far: the next items may be slower.
const PARTS: usize = 4;

/// But that it takes, if it is likely to be over sooner than this.
const SHORTEST: Duration = Duration::from_micros(1);

/// A piece that has been cut as far as it will be, unless somebody asks for more.
pub(super) struct Leaf<P> {
    pub(super) len: usize,
    /// How short a half may be.
    pub(super) min: usize,
    /// How many nanoseconds an item is likely to take; zero if the leaf should stay whole.
    pub(super) pace: f32,
    pub(super) producer: P,
}

impl<P: Producer> Leaf<P> {
    /// Pours it into a consumer.
    pub(super) fn pour<C: Consumer<P::Item>>(self, consumer: C) -> C::Result {
        if !self.is_long() || consumer.full() {
            return pour(self.producer, consumer);
        }
        Worker::with_current(|worker| {
            let Some(worker) = worker.filter(|worker| worker.pool().num_threads() > 1) else {
                return pour(self.producer, consumer);
            };
            if let Some((first, _)) = consumer.split_off_open(self.len) {
                let folder = first.into_folder();
                self.pour_in_blocks(worker, Open { folder, consumer })
            } else if C::IS_CUT_FOR_NOTHING {
                let done = None;
                self.pour_in_blocks(worker, Cut { done, consumer })
            } else {
                pour(self.producer, consumer)
            }
        })
    }

    /// A consumer for the parts of this leaf that may be given away, if its folder has begun, and `consumer` goes on behind it.
    pub(super) fn spare<C: Consumer<P::Item>>(&self, consumer: &C) -> Option<C> {
        let (spare, _) = self
            .is_long()
            .then(|| consumer.split_off_open(self.len))
            .flatten()?;
        Some(spare)
    }

    /// Pours it into a folder that has begun, and may give parts away if there is a [`spare`](Self::spare) consumer.
    pub(super) fn pour_on<C: Consumer<P::Item>>(
        self,
        worker: &Worker,
        folder: C::Folder,
        spare: Option<C>,
    ) -> C::Result {
        match spare {
            Some(consumer) => self.pour_in_blocks(worker, Open { folder, consumer }),
            None => fold(self.producer, folder).complete(),
        }
    }

    /// Whether it is likely to be long enough for a part of it to be given away.
    fn is_long(&self) -> bool {
        self.len / 2 >= self.min.max(1) && self.pace * self.len as f32 > nanos(WORTH_GIVING)
    }

    fn pour_in_blocks<T: Taker<P>>(self, worker: &Worker, mut taker: T) -> Output<P, T> {
        let Self {
            mut len,
            min,
            pace,
            mut producer,
        } = self;
        let mut blocks = Blocks::begin(pace);
        loop {
            let block = blocks.next(len);
            if block == len || taker.is_full() {
                return taker.end(producer);
            }
            let (now, later) = producer.split_at(block);
            taker = taker.take(block, now);
            producer = later;
            len -= block;
            blocks.note(block);
            let near_len = len / 2;
            if near_len < min.max(1) || !blocks.are_worth_giving(len) || !is_asked_for(worker) {
                continue;
            }
            let (near, far) = producer.split_at(near_len);
            let (taker, consumer, reducer) = taker.part(near_len);
            let pace = blocks.pace;
            let splitter = LengthSplitter::for_given_away(min);
            let far = Part::new(len - near_len, splitter, pace, far, consumer);
            let near = Self {
                len: near_len,
                min,
                pace,
                producer: near,
            };
            let near = |_| near.pour_in_blocks(worker, taker);
            let (near, far) = join_piece(worker, near, far, false);
            return reducer.reduce(near, far);
        }
    }
}

/// Whether somebody would take a part of what this worker does, and finds none on its deque.
fn is_asked_for(worker: &Worker) -> bool {
    worker.pool().parker.is_anybody_free() && !worker.has_own_jobs()
}

type Output<P, T> = <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Result;
type ReducerOf<P, T> = <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Reducer;

/// What takes block after block.
trait Taker<P: Producer>: Sized {
    type Consumer: Consumer<P::Item>;

    fn is_full(&self) -> bool;

    /// Takes a block of so many items.
    fn take(self, len: usize, block: P) -> Self;

    /// Parts with what comes after the next `near_len` items: itself, a consumer for those, and what joins the results.
    fn part(self, near_len: usize) -> (Self, Self::Consumer, ReducerOf<P, Self>);

    /// Takes the last block.
    fn end(self, block: P) -> Output<P, Self>;
}

/// One folder for all blocks, and the consumer that goes on after it.
struct Open<F, C> {
    folder: F,
    consumer: C,
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

    fn take(mut self, _: usize, block: P) -> Self {
        self.folder = fold(block, self.folder);
        self
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let Self { folder, consumer } = self;
        let (near, reducer) = consumer
            .split_off_open(near_len)
            .expect("an open consumer stays open");
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

/// A consumer that is cut for every block, and what has come of those so far, with the reducer that joins that to the next.
struct Cut<R, C, D> {
    done: Option<(R, D)>,
    consumer: C,
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

    fn take(self, len: usize, block: P) -> Self {
        let Self { done, consumer } = self;
        let (now, consumer, reducer) = consumer.split_at(len);
        let next = fold(block, now.into_folder()).complete();
        let done = Some((joined(done, next), reducer));
        Self { done, consumer }
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let Self { done, consumer } = self;
        let (consumer, far, reducer) = consumer.split_at(near_len);
        (Self { done, consumer }, far, reducer)
    }

    fn end(self, block: P) -> C::Result {
        let Self { done, consumer } = self;
        joined(done, pour(block, consumer))
    }
}

/// How the leaf goes on.
struct Blocks {
    watch: Stopwatch,
    done: usize,
    /// In nanoseconds for an item: so far, or what was expected.
    pace: f32,
    /// How long the next block should take, in nanoseconds.
    span: f32,
}

impl Blocks {
    fn begin(pace: f32) -> Self {
        Self {
            watch: Stopwatch::start(),
            done: 0,
            pace,
            span: nanos(BLOCK),
        }
    }

    /// How many of `left` items should come next.
    fn next(&self, left: usize) -> usize {
        let [fitting, least] = [self.span, nanos(SHORTEST)].map(|time| (time / self.pace) as usize);
        fitting.min(left / PARTS).max(least).clamp(1, left)
    }

    fn note(&mut self, block: usize) {
        self.done += block;
        let passed = self.watch.nanos();
        self.pace = passed / self.done as f32;
        // A long leaf needs no more looks than it has been long.
        self.span = nanos(BLOCK).max(passed / 16.0);
    }

    fn are_worth_giving(&self, left: usize) -> bool {
        self.pace * left as f32 > nanos(WORTH_GIVING)
    }
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
