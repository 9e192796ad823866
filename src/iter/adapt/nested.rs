//! `flat_map` and `flatten`: each item is a parallel iterator, and may be split in its turn.
//!
//! Mostly the inner iterators are short, and there are many of them. A bridge for each would cost many times what they do
//! themselves. So where the outer loop is long, and there is enough to take for others, inner items are poured into
//! the leaf's own folder first, with an eye on the clock. An inner loop that has taken some time gets a bridge for its
//! rest. (Ten additions each: 2 ns an item instead of 5.5; the same collected: 1 ns instead of 30.)

use crate::clock::Stopwatch;
use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};
use crate::iter::{IntoParallelIterator, ParallelIterator};
use crate::primitive::{AtomicUsize, Ordering};

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
        let len = self.base.opt_len();
        self.base.drive_unindexed(NestConsumer {
            nest: &Nest {
                map_op: self.map_op,
                stride: AtomicUsize::new(1),
            },
            is_long: len.is_some_and(|len| len >= LONG * crate::current_num_threads()),
            inner: consumer,
        })
    }
}

/// How many items a loop has per thread, at least, if there is enough to take for others.
const LONG: usize = 16;

/// How long an inner loop may keep to itself, in nanoseconds.
const ALONE: f32 = 6_000.0;

/// How often to look at the clock.
const LOOK: f32 = 3_000.0;

/// By how much the time to the next look may be longer than all before it.
const GROWTH: usize = 64;

/// How many inner loops get a bridge at once after one that was slow.
const SLOW: u32 = 16;

/// What the pieces of a nested loop share.
struct Nest<F> {
    map_op: F,
    /// How many inner items are likely to be over before the next look at the clock.
    stride: AtomicUsize,
}

/// What a leaf knows of the time that its inner items take.
#[derive(Clone, Copy)]
struct Pace<'n> {
    stride: &'n AtomicUsize,
    /// How many items may be poured until the next look.
    left: usize,
    /// The last look, and how many items were to be poured after it.
    last: Option<(Stopwatch, usize)>,
    /// When the inner loop was first looked at.
    begun: Option<Stopwatch>,
    /// How many inner loops still get a bridge at once.
    slow: u32,
}

impl<'n> Pace<'n> {
    fn new(stride: &'n AtomicUsize) -> Self {
        // Relaxed: a hint.
        let left = stride.load(Ordering::Relaxed);
        Self {
            stride,
            left: if left > 1 { left } else { 0 },
            last: None,
            begun: None,
            slow: 0,
        }
    }

    /// How many of the `len` items that an inner loop still has may be poured now.
    #[inline]
    fn next_block(&mut self, len: usize) -> usize {
        if self.left >= len {
            self.left -= len;
            return len;
        }
        self.look(len)
    }

    #[cold]
    fn look(&mut self, len: usize) -> usize {
        if self.left > 0 {
            return std::mem::take(&mut self.left);
        }
        if self.slow > 0 {
            self.slow -= 1;
            return 0;
        }
        let now = Stopwatch::start();
        let stride = match self.last {
            None => 1,
            Some((then, done)) => {
                if self
                    .begun
                    .is_some_and(|begun| now.nanos_since(begun) > ALONE)
                {
                    return self.give_up();
                }
                let fitting = done as f32 * LOOK / now.nanos_since(then).max(1.0);
                (fitting as usize).clamp(1, done.saturating_mul(GROWTH))
            }
        };
        self.begun.get_or_insert(now);
        self.last = Some((now, stride));
        self.stride.store(stride, Ordering::Relaxed); // a hint
        let block = stride.min(len);
        self.left = stride - block;
        block
    }

    #[cold]
    fn give_up(&mut self) -> usize {
        self.slow = SLOW;
        self.stride.store(1, Ordering::Relaxed); // a hint
        (self.left, self.last, self.begun) = (0, None, None);
        0
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
struct NestConsumer<'n, F, C> {
    nest: &'n Nest<F>,
    /// Whether it is part of a loop that leaves enough to others.
    is_long: bool,
    inner: C,
}

impl<'n, T, U, F, C> Consumer<T> for NestConsumer<'n, F, C>
where
    F: Fn(T) -> U + Sync,
    U: IntoParallelIterator,
    C: UnindexedConsumer<U::Item>,
{
    type Folder = NestFolder<'n, F, C, C::Folder, C::Result>;
    type Reducer = C::Reducer;
    type Result = C::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = C::REDUCER_IS_SEND;
    const IS_OPEN: bool = true;

    // How many inner items are to the left of `index` is unknown, but an index is only a promise to
    // those who count on it, and an unindexed consumer does not.
    #[inline]
    fn split_at(mut self, index: usize) -> (Self, Self, C::Reducer) {
        // A part that is long makes the whole long.
        self.is_long |= index >= 2 * LONG;
        let reducer = self.inner.to_reducer();
        let left = UnindexedConsumer::<T>::split_off_left(&self);
        (left, self, reducer)
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let is_long = self.is_long || most >= 2 * LONG;
        let inner = self.inner.split_off_left();
        Some((
            Self {
                inner,
                is_long,
                ..*self
            },
            self.inner.to_reducer(),
        ))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        NestFolder {
            pace: Pace::new(&self.nest.stride),
            plan: self,
            open: None,
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
            inner: self.inner.split_off_left(),
            ..*self
        }
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.inner.to_reducer()
    }
}

/// Goes through one inner iterator after the other, and joins what they come to.
struct NestFolder<'n, F, C, G, R> {
    plan: NestConsumer<'n, F, C>,
    pace: Pace<'n>,
    /// What takes the inner items that come next, after those of `so_far`.
    open: Option<G>,
    so_far: Option<R>,
}

impl<F, C, G, R> NestFolder<'_, F, C, G, R> {
    /// Joins what comes next.
    fn join<U>(&mut self, next: R)
    where
        C: UnindexedConsumer<U, Result = R>,
    {
        self.so_far = Some(match self.so_far.take() {
            Some(so_far) => self.plan.inner.to_reducer().reduce(so_far, next),
            None => next,
        });
    }

    /// Goes through an inner iterator, which may be shared with other threads.
    fn drive<I>(&mut self, inner: I)
    where
        I: ParallelIterator,
        C: UnindexedConsumer<I::Item, Result = R>,
    {
        let result = inner.drive_unindexed(self.plan.inner.split_off_left());
        self.join::<I::Item>(result);
    }
}

impl<T, U, F, C> Folder<T> for NestFolder<'_, F, C, C::Folder, C::Result>
where
    F: Fn(T) -> U + Sync,
    U: IntoParallelIterator,
    C: UnindexedConsumer<U::Item>,
{
    type Result = C::Result;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter([item])
    }

    // What is open and the pace are moved about in registers, if they fit; the whole folder would not.
    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let items = items.into_iter();
        if self.plan.is_long {
            let mut pace = self.pace;
            let open = self.open.take();
            let mut open = open.unwrap_or_else(|| self.plan.inner.split_off_left().into_folder());
            for item in items {
                let inner = (self.plan.nest.map_op)(item).into_par_iter();
                pace.begun = None;
                let rest;
                (open, rest) = inner.pour_blocks(open, |len| pace.next_block(len));
                if let Some(rest) = rest
                    && !open.full()
                {
                    self.join::<U::Item>(open.complete());
                    self.drive(rest);
                    open = self.plan.inner.split_off_left().into_folder();
                }
                if self.plan.inner.full() || open.full() {
                    break;
                }
            }
            (self.open, self.pace) = (Some(open), pace);
            return self;
        }
        for item in items {
            self.drive((self.plan.nest.map_op)(item).into_par_iter());
            if self.plan.inner.full() {
                break;
            }
        }
        self
    }

    #[inline]
    fn complete(mut self) -> C::Result {
        if let Some(open) = self.open.take() {
            self.join::<U::Item>(open.complete());
        }
        match self.so_far {
            Some(result) => result,
            None => self.plan.inner.into_folder().complete(),
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.plan.inner.full() || self.open.as_ref().is_some_and(Folder::full)
    }
}
