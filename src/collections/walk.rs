//! Collections that can be walked through by reference as often as one likes, each time in the same
//! order, though nobody can jump into the middle.
//!
//! To list references in a vector first, as is done elsewhere, is a walk too, and writes as much memory
//! as a small table has. So a piece is a place on the walk and a number of items. To cut it, a second
//! walker goes ahead to the middle. In a hash table that is quick, since it need not look at the items it
//! passes, and a loop that is not cut costs nothing beside std's. (To sum up 4 million values of 32 bytes
//! took one thread 48 ms by way of a list and takes 18 ms now, as std's own loop does. Two threads took 51 ms
//! of CPU and take 27. For linked lists there is less to win, but something; trees were tried and lost half.)

use super::begin::{Share, owns_much, pour_block, pour_walk};
use crate::clock::Stopwatch;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, Producer, UnindexedConsumer, bridge_producer_consumer};
use std::hint::black_box;
use std::vec;

/// What is still to come of a walk. `I` gives out shared references, and copies of it the same ones.
#[derive(Clone, Debug)]
pub(super) struct Walk<I>(pub(super) I);

impl<I> ParallelIterator for Walk<I>
where
    I: ExactSizeIterator<Item: Send> + Clone + Send,
{
    type Item = I::Item;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<I::Item>,
    {
        pour_walk(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

iterates_as_inner!(Walk);

/// So many items are passed over to find out how long that takes, but no more than one in so many.
const SAMPLE: usize = 256;
const SAMPLED: usize = 16;

impl<I> Share for Walk<I>
where
    I: ExactSizeIterator<Item: Send> + Clone + Send,
{
    /// Three and a half times what it takes to pass over an item, found out by passing over some. That depends on where they lie: in a list to
    /// pass over an item takes as long as to look at it, in a table it is quick unless the table lies in the cache. (It would be worth it from
    /// once on, but for the threads' beginning; and item by item, as it is timed, a table takes up to twice as long as by its own loop.)
    fn worth_sharing(&self) -> f32 {
        let mut ahead = self.0.clone();
        let items = (ahead.len() / SAMPLED).clamp(1, SAMPLE);
        let watch = Stopwatch::start();
        black_box(ahead.nth(items - 1));
        3.5 * watch.nanos() / items as f32
    }

    fn cut(mut self, len: usize) -> (impl Iterator<Item = I::Item>, Self) {
        let now = self.0.clone().take(len);
        if let Some(last) = len.checked_sub(1) {
            self.0.nth(last);
        }
        (now, self)
    }

    /// A folder that collects gets a walk of its own, by its own loop. (A filter into a vector took 13 ns for an item, and not 2, when it was handed
    /// one after the other. To count and to add up, the way is better gone once.)
    fn pour_block<F: Folder<I::Item>>(
        self,
        len: usize,
        folder: F,
        is_over: impl Fn() -> bool,
    ) -> (Self, F) {
        if !owns_much::<F>() || folder.full() {
            return pour_block(self, len, folder, is_over);
        }
        let (now, walk) = self.cut(len);
        (walk, folder.consume_iter(now))
    }

    fn pour<F: Folder<I::Item>>(self, folder: F) -> F {
        folder.consume_iter(self)
    }

    fn share<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let len = self.0.len();
        let whole = Stretch {
            walk: self.0,
            len,
            milestones: Vec::new(),
        };
        bridge_producer_consumer(len, whole, consumer)
    }
}

/// The next `len` items of a walk, which may go on beyond them.
struct Stretch<I> {
    walk: I,
    len: usize,
    /// Places that a walker to the end of this stretch has passed, by the number of items before them, so
    /// that the way is gone only once.
    milestones: Vec<(usize, I)>,
}

/// So many milestones are set on a way, for three cuts more, but none nearer than so many items.
const MILESTONES: usize = 8;
const SHORTEST_MILE: usize = 32;

impl<I> Producer for Stretch<I>
where
    I: ExactSizeIterator<Item: Send> + Clone + Send,
{
    type Item = I::Item;
    /// Walks go in one direction, so the other one needs a list. It is never asked for: there are no
    /// indices outside.
    type IntoIter = vec::IntoIter<I::Item>;
    const GIVES_BLOCKS: bool = true;
    /// To pass over the items takes a part of what they take.
    const IS_CUT_DEARLY: bool = true;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from_iter(self.walk.take(self.len)).into_iter()
    }

    fn split_at(mut self, index: usize) -> (Self, Self) {
        let passed = self.milestones.partition_point(|(at, _)| *at <= index);
        let mut beyond = self.milestones.split_off(passed);
        beyond.iter_mut().for_each(|(at, _)| *at -= index);

        let (mut at, mut ahead) = match self.milestones.last() {
            Some((at, walk)) => (*at, walk.clone()),
            None => (0, self.walk.clone()),
        };
        let mile = (index - at).div_ceil(MILESTONES);
        while mile >= SHORTEST_MILE && index - at > mile {
            ahead.nth(mile - 1);
            at += mile;
            self.milestones.push((at, ahead.clone()));
        }
        if let Some(last) = (index - at).checked_sub(1) {
            ahead.nth(last);
        }
        let right = Self {
            walk: ahead,
            len: self.len - index,
            milestones: beyond,
        };
        (Self { len: index, ..self }, right)
    }

    fn fold_with<F: Folder<I::Item>>(self, folder: F) -> F {
        // To the end of the walk, its own loop is the fastest.
        if self.walk.len() == self.len {
            folder.consume_iter(self.walk)
        } else {
            folder.consume_iter(self.walk.take(self.len))
        }
    }
}
