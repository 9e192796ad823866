//! `zip`, `zip_eq`, `chain`: two iterators made one.
//!
//! Two producers are lent one inside the other, so it takes two callbacks to hold both. They are
//! written once, in [`PairCallback`]; an adapter says what to make of the two.

use std::iter;

use crate::iter::plumbing::glance::Glance;
use crate::iter::plumbing::probe::Probe;
use crate::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer,
};
use crate::iter::{IndexedParallelIterator, ParallelIterator};
use crate::join::join_on;
use crate::paces::Site;
use crate::pool::in_worker;

use super::adapter;
use super::reindex::first_of;
use super::wrap::{Wrap, WrapCallback, through_producer};

/// Makes one producer of two.
pub(super) trait Pair<A, B> {
    /// What the new producer gives out.
    type Item;

    fn pair<P, Q>(self, a: P, b: Q) -> impl Producer<Item = Self::Item>
    where
        P: Producer<Item = A>,
        Q: Producer<Item = B>;
}

/// Has been lent nothing yet.
pub(super) struct PairCallback<W, B, CB> {
    pub(super) pair: W,
    pub(super) b: B,
    pub(super) next: CB,
}

impl<T, W, B, CB> ProducerCallback<T> for PairCallback<W, B, CB>
where
    W: Pair<T, B::Item>,
    B: IndexedParallelIterator,
    CB: ProducerCallback<W::Item>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, a: P) -> CB::Output {
        self.b.with_producer(WrapCallback::new(
            HalfPaired { pair: self.pair, a },
            self.next,
        ))
    }
}

/// Has been lent the first producer; the second is the one it wraps.
struct HalfPaired<W, P> {
    pair: W,
    a: P,
}

impl<T, W, P> Wrap<T> for HalfPaired<W, P>
where
    P: Producer,
    W: Pair<P::Item, T>,
{
    type Item = W::Item;

    #[inline]
    fn wrap<Q: Producer<Item = T>>(self, b: Q) -> impl Producer<Item = W::Item> {
        self.pair.pair(self.a, b)
    }
}

/// Writes `with_producer` of an adapter over two fields.
macro_rules! pair_bases {
    (|$this:ident| $a:ident, $b:ident, $pair:expr) => {
        #[inline]
        fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
            let $this = self;
            let pair = $pair;
            $this.$a.with_producer(PairCallback {
                pair,
                b: $this.$b,
                next: callback,
            })
        }
    };
}
pub(super) use pair_bases;

/// Writes `min_len` and `max_len` of a producer over two fields: the stricter demand counts.
macro_rules! lengths_of_both {
    ($a:ident, $b:ident) => {
        #[inline]
        fn min_len(&self) -> usize {
            self.$a.min_len().max(self.$b.min_len())
        }

        #[inline]
        fn max_len(&self) -> usize {
            self.$a.max_len().min(self.$b.max_len())
        }
    };
}
pub(super) use lengths_of_both;

adapter! {
    /// Walks two iterators in step; made by [`zip`](IndexedParallelIterator::zip).
    pub struct Zip<A, B> { a: A, b: B }
}

adapter! {
    /// Walks two iterators of one length in step; made by [`zip_eq`](IndexedParallelIterator::zip_eq).
    pub struct ZipEq<A, B> { a: A, b: B }
}

/// The equal lengths of a `ZipEq` were checked when it was made.
macro_rules! zip_like {
    ($name:ident) => {
        impl<A, B> ParallelIterator for $name<A, B>
        where
            A: IndexedParallelIterator,
            B: IndexedParallelIterator,
        {
            type Item = (A::Item, B::Item);
            through_producer!(drive_unindexed, opt_len);
        }

        impl<A, B> IndexedParallelIterator for $name<A, B>
        where
            A: IndexedParallelIterator,
            B: IndexedParallelIterator,
        {
            through_producer!(drive);
            pair_bases!(
                |this| a,
                b,
                ZipPair {
                    a_len: this.a.len(),
                    b_len: this.b.len()
                }
            );

            #[inline]
            fn len(&self) -> usize {
                self.a.len().min(self.b.len())
            }
        }
    };
}

zip_like!(Zip);
zip_like!(ZipEq);

struct ZipPair {
    a_len: usize,
    b_len: usize,
}

impl<A, B> Pair<A, B> for ZipPair {
    type Item = (A, B);

    // What has no partner goes first of all: std's `zip` would take it off the end item by item, and run
    // the closures before it, as soon as somebody begins from behind.

    #[inline]
    fn pair<P, Q>(self, a: P, b: Q) -> impl Producer<Item = (A, B)>
    where
        P: Producer<Item = A>,
        Q: Producer<Item = B>,
    {
        ZipProducer {
            a: shortened(a, self.a_len, self.b_len),
            b: shortened(b, self.b_len, self.a_len),
        }
    }
}

/// The first `most` of `len` items.
#[inline]
fn shortened<P: Producer>(items: P, len: usize, most: usize) -> P {
    if len > most {
        first_of(items, most)
    } else {
        items
    }
}

struct ZipProducer<A, B> {
    a: A,
    b: B,
}

impl<A: Producer, B: Producer> Producer for ZipProducer<A, B> {
    type Item = (A::Item, B::Item);
    type IntoIter = iter::Zip<A::IntoIter, B::IntoIter>;
    const GIVES_BLOCKS: bool = A::GIVES_BLOCKS && B::GIVES_BLOCKS;

    lengths_of_both!(a, b);

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.a.into_iter().zip(self.b.into_iter())
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (a, a_rest) = self.a.split_at(index);
        let (b, b_rest) = self.b.split_at(index);
        (
            Self { a, b },
            Self {
                a: a_rest,
                b: b_rest,
            },
        )
    }
}

adapter! {
    /// One iterator, then another; made by [`chain`](ParallelIterator::chain).
    pub struct Chain<A, B> { a: A, b: B }
}

impl<A, B> ParallelIterator for Chain<A, B>
where
    A: ParallelIterator,
    B: ParallelIterator<Item = A::Item>,
{
    type Item = A::Item;

    // The seam is the first cut, and there each side goes its own way. If the left side has a length,
    // the consumer is cut exactly there: a consumer that writes to places must know them.
    fn drive_unindexed<C: UnindexedConsumer<A::Item>>(self, consumer: C) -> C::Result {
        let Self { a, b } = self;
        let len = a.opt_len().and_then(|len| len.checked_add(b.opt_len()?));
        let (left, right, reducer) = match a.opt_len() {
            Some(len) => consumer.split_at(len),
            None => {
                let reducer = consumer.to_reducer();
                (consumer.split_off_left(), consumer, reducer)
            }
        };
        let (left, right) =
            drive_both(len, || a.drive_unindexed(left), || b.drive_unindexed(right));
        reducer.reduce(left, right)
    }

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        self.a.opt_len()?.checked_add(self.b.opt_len()?)
    }
}

impl<A, B> IndexedParallelIterator for Chain<A, B>
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator<Item = A::Item>,
{
    fn drive<C: Consumer<A::Item>>(self, consumer: C) -> C::Result {
        let Self { a, b } = self;
        let len = a.len().checked_add(b.len());
        let (left, right, reducer) = consumer.split_at(a.len());
        let (left, right) = drive_both(len, || a.drive(left), || b.drive(right));
        reducer.reduce(left, right)
    }

    pair_bases!(
        |this| a,
        b,
        ChainPair {
            a_len: this.a.len()
        }
    );

    fn len(&self) -> usize {
        total_len(&self.a, &self.b)
    }
}

/// Drives both sides of a chain, of so many items: together, or one after the other if there are many and they were over in no
/// time when they were met the last time. Each side may still be shared, if that proves wrong.
fn drive_both<A, B, RA, RB>(len: Option<usize>, a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    in_worker(|worker, _| {
        let threads = worker.pool().num_threads();
        let Some(len) = len.filter(|&len| Probe::is_for(len, threads)) else {
            return join_on(worker, |_| a(), |_| b(), false);
        };
        let site = Site::of(drive_both::<A, B, RA, RB> as *const ());
        let glance = Glance::of(worker, site, len);
        if threads == 1 || glance.is_some() {
            let both = (a(), b());
            if let Some(glance) = glance {
                glance.note_end(len);
            }
            return both;
        }
        let probe = Probe::begin(worker, site);
        let both = join_on(worker, |_| a(), |_| b(), false);
        probe.note_end(len);
        both
    })
}

/// The length of two iterators that both run to their end.
pub(super) fn total_len(
    a: &impl IndexedParallelIterator,
    b: &impl IndexedParallelIterator,
) -> usize {
    a.len()
        .checked_add(b.len())
        .expect("the lengths of both iterators together exceed `usize`")
}

struct ChainPair {
    a_len: usize,
}

impl<T> Pair<T, T> for ChainPair {
    type Item = T;

    #[inline]
    fn pair<P, Q>(self, a: P, b: Q) -> impl Producer<Item = T>
    where
        P: Producer<Item = T>,
        Q: Producer<Item = T>,
    {
        ChainProducer {
            a,
            b,
            a_len: self.a_len,
        }
    }
}

struct ChainProducer<A, B> {
    a: A,
    b: B,
    a_len: usize,
}

impl<A, B> Producer for ChainProducer<A, B>
where
    A: Producer,
    B: Producer<Item = A::Item>,
{
    type Item = A::Item;
    type IntoIter = Chained<A::IntoIter, B::IntoIter>;
    const GIVES_BLOCKS: bool = A::GIVES_BLOCKS && B::GIVES_BLOCKS;

    lengths_of_both!(a, b);

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Chained(self.a.into_iter().chain(self.b.into_iter()))
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let a_cut = index.min(self.a_len);
        let (a, a_rest) = self.a.split_at(a_cut);
        let (b, b_rest) = self.b.split_at(index - a_cut);
        (
            Self { a, b, a_len: a_cut },
            Self {
                a: a_rest,
                b: b_rest,
                a_len: self.a_len - a_cut,
            },
        )
    }

    #[inline]
    fn fold_with<F: Folder<A::Item>>(self, folder: F) -> F {
        let folder = self.a.fold_with(folder);
        if folder.full() {
            drop(self.b); // as the items of a full leaf
            folder
        } else {
            self.b.fold_with(folder)
        }
    }
}

/// A chain with an exact length, which std leaves out because the sum may overflow. Ours was checked.
struct Chained<A, B>(iter::Chain<A, B>);

impl<A, B> Iterator for Chained<A, B>
where
    A: Iterator,
    B: Iterator<Item = A::Item>,
{
    type Item = A::Item;

    #[inline]
    fn next(&mut self) -> Option<A::Item> {
        self.0.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn fold<S, G: FnMut(S, A::Item) -> S>(self, init: S, op: G) -> S {
        self.0.fold(init, op)
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<A::Item> {
        self.0.nth(n)
    }
}

impl<A, B> DoubleEndedIterator for Chained<A, B>
where
    A: DoubleEndedIterator,
    B: DoubleEndedIterator<Item = A::Item>,
{
    #[inline]
    fn next_back(&mut self) -> Option<A::Item> {
        self.0.next_back()
    }

    #[inline]
    fn rfold<S, G: FnMut(S, A::Item) -> S>(self, init: S, op: G) -> S {
        self.0.rfold(init, op)
    }
}

impl<A, B> ExactSizeIterator for Chained<A, B>
where
    A: ExactSizeIterator,
    B: ExactSizeIterator<Item = A::Item>,
{
}
