//! How a leaf is poured: in blocks, with an eye on those who have nothing to do.
//!
//! When a loop is cut, nobody knows which of its items will take long. A leaf that turns out to be longer than all the others
//! would be done by one thread while the rest looks on. So a leaf whose items take some time is poured in blocks, each of a
//! quarter of what is left or less, and of some microseconds if it goes on as before. After each of them comes a look: if the worker's
//! own deque has run empty, and somebody sleeps or searches, half of what is left is given away. An even loop, whose leaves
//! all end within that time of each other, is cut no further.
//!
//! The blocks are for one [`Taker`]. Where there is none, a leaf stays whole.
//!
//! (A loop of 10,000 items whose first thousand took a hundred times as long as the others took as long on two threads as
//! on one: they were all in the first leaf.)

use std::time::Duration;

use super::bridge::Part;
use super::probe::nanos;
use super::splitter::LengthSplitter;
use super::spread::join_piece;
use super::taker::{Cut, OPEN, Open, Output, Taker, pour};
use super::{Consumer, Producer, Reducer};
use crate::clock::Stopwatch;
use crate::pool::worker::Worker;

/// How long a block should take. A look at the clock and at the others takes a hundredth of that.
pub(super) const BLOCK: Duration = Duration::from_micros(if cfg!(stress) { 0 } else { 10 });

/// The same where others may end the search meanwhile: whoever has found something waits for them.
const SEARCHED_BLOCK: Duration = Duration::from_micros(if cfg!(stress) { 0 } else { 1 });

/// How many nanoseconds an item is taken to take at least, whatever is remembered: what a compiler has made nothing of may come before
/// what takes long. (Of a filter whose matches all lie at the end, the last half was then one block.)
const QUICKEST: f32 = 0.25;

/// Half of what is left of a leaf is given away if all of it is likely to take so long: several times what it costs to wake somebody.
const WORTH_GIVING: Duration = Duration::from_micros(if cfg!(stress) { 0 } else { 60 });

/// A leaf that is likely to take so long is not begun before somebody has come for what lies on the deque, if somebody might. (Three
/// items of a millisecond took as long with 16 workers on two processors as on one, every other time.)
const LONG: Duration = Duration::from_micros(200);

/// Of what is left, a block takes one part in so many at most, whatever the pace was so far: the next items may be slower.
pub(super) const PARTS: usize = 4;

/// But that it takes, if it is likely to be over sooner than this.
const SHORTEST: Duration = Duration::from_micros(if cfg!(stress) { 0 } else { 1 });

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
        self.insist_if_long();
        if !self.wants_blocks::<C>() || consumer.full() {
            return pour(self.producer, consumer);
        }
        Worker::with_current(|worker| {
            let Some(worker) = worker.filter(|worker| worker.pool().num_threads() > 1) else {
                return pour(self.producer, consumer);
            };
            if C::IS_OPEN {
                let (first, _) = consumer.split_off_open(self.len).expect(OPEN);
                self.pour_in_blocks(worker, Open::new(first, consumer))
            } else if C::IS_CUT_FOR_NOTHING {
                self.pour_in_blocks(worker, Cut::new(consumer))
            } else {
                pour(self.producer, consumer)
            }
        })
    }

    /// Pours it into a taker that has begun.
    pub(super) fn pour_on<T: Taker<P>>(self, worker: &Worker, taker: T) -> Output<P, T> {
        self.insist_if_long();
        if self.wants_blocks::<T::Consumer>() {
            self.pour_in_blocks(worker, taker)
        } else {
            taker.end(self.producer)
        }
    }

    fn insist_if_long(&self) {
        if self.pace * self.len as f32 > nanos(LONG) {
            Worker::with_current(|worker| worker.into_iter().for_each(Worker::insist));
        }
    }

    /// Whether it is likely to be long enough for a part of it to be given away, or else to be stopped by what others find: then it
    /// is cheaper to ask for that after each block than after each item, and std's own loops can be used.
    fn wants_blocks<C: Consumer<P::Item>>(&self) -> bool {
        let is_long = self.pace * self.len as f32 > nanos(WORTH_GIVING);
        self.pace > 0.0 && self.len / 2 >= self.min.max(1) && (is_long || C::IS_STOPPED_BY_OTHERS)
    }

    fn pour_in_blocks<T: Taker<P>>(self, worker: &Worker, mut taker: T) -> Output<P, T> {
        let Self {
            mut len,
            min,
            pace,
            mut producer,
        } = self;
        taker.set_alone(true);
        let mut blocks = Blocks::begin(pace, T::Consumer::IS_STOPPED_BY_OTHERS);
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
    worker.pool().parker.is_anybody_free(worker.guest_seat()) && !worker.has_own_jobs()
}

/// How many of `left` items should come next, if they are to take so long, and one takes so long (in nanoseconds).
pub(super) fn next_of(left: usize, span: f32, pace: f32) -> usize {
    let pace = pace.max(QUICKEST);
    let [fitting, least] = [span, nanos(SHORTEST)].map(|time| (time / pace) as usize);
    fitting.min(left / PARTS).max(least).clamp(1, left)
}

/// How long the next block should take, in nanoseconds, if it is no shorter than the first. What is long needs no more looks than it has been
/// long.
pub(super) fn span_after(passed: f32, least_span: f32) -> f32 {
    least_span.max(passed / 16.0)
}

/// How the leaf goes on.
struct Blocks {
    watch: Stopwatch,
    done: usize,
    /// In nanoseconds for an item: so far, or what was expected.
    pace: f32,
    /// How long the next block should take, in nanoseconds; and how long the first.
    span: f32,
    least_span: f32,
}

impl Blocks {
    fn begin(pace: f32, is_search: bool) -> Self {
        let least_span = nanos(if is_search { SEARCHED_BLOCK } else { BLOCK });
        Self {
            watch: Stopwatch::start(),
            done: 0,
            pace,
            span: least_span,
            least_span,
        }
    }

    /// How many of `left` items should come next.
    fn next(&self, left: usize) -> usize {
        next_of(left, self.span, self.pace)
    }

    fn note(&mut self, block: usize) {
        self.done += block;
        let passed = self.watch.nanos();
        self.pace = passed / self.done as f32;
        self.span = span_after(passed, self.least_span);
    }

    fn are_worth_giving(&self, left: usize) -> bool {
        self.pace * left as f32 > nanos(WORTH_GIVING)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Barrier;
    use std::thread;
    use std::time::Duration;

    use crate::pool::worker::Worker;
    use crate::prelude::*;

    /// The pool of the calling worker.
    fn pool() -> std::sync::Arc<crate::pool::WorkerPool> {
        Worker::with_current(|worker| worker.unwrap().pool().clone())
    }

    /// If nobody else is woken, the items wait for each other for ever.
    #[test]
    fn long_items_are_shared_even_if_a_searcher_never_gets_to_run() {
        if num_cpus::get() == 1 {
            return;
        }
        let two = crate::ThreadPoolBuilder::new()
            .num_threads(2)
            .build()
            .unwrap();
        let both_run = |meets: bool| {
            let barrier = Barrier::new(2);
            let item = |_| {
                thread::sleep(Duration::from_millis(1));
                if meets {
                    barrier.wait();
                }
            };
            (0..2_u32).into_par_iter().for_each(item);
        };
        two.install(|| {
            both_run(false); // how long an item takes is remembered
            let parker = &pool().parker;
            while !parker.must_wake(None) {
                thread::yield_now();
            }
            parker.start_searching();
            both_run(true);
            parker.stop_searching(|| (), std::iter::empty());
        });
    }
}
