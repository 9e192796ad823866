//! What a parallel iterator is made of: producers, consumers, folders, and the bridges between them.
//!
//! Users of parallel iterators never come here. Authors of new sources and new adapters do, and find
//! the same traits, names and signatures that rayon has, so their code serves both.
//!
//! A *producer* is a piece of work that can be cut in two. A *consumer* is what will be done with its
//! items, and is cut at the same place. When cutting ends, the consumer turns into a *folder*, the
//! producer pours its items into it, and *reducers* join the results of the pieces, always the left
//! piece with its right neighbour. A *bridge* does the cutting: it alone talks to the thread pool.
//!
//! | | knows its length | does not |
//! |---|---|---|
//! | source | [`Producer`] | [`UnindexedProducer`] |
//! | sink | [`Consumer`] | [`UnindexedConsumer`] |
//! | bridge | [`bridge`], [`bridge_producer_consumer`] | [`bridge_unindexed`] |
//!
//! ```
//! use lyocell::iter::plumbing::{UnindexedProducer, Folder, UnindexedConsumer, bridge_unindexed};
//! use lyocell::prelude::*;
//!
//! /// The squares of a range, as a parallel iterator of its own.
//! struct Squares(std::ops::Range<u32>);
//!
//! impl UnindexedProducer for Squares {
//!     type Item = u32;
//!     fn split(self) -> (Self, Option<Self>) {
//!         let (start, end) = (self.0.start, self.0.end);
//!         let middle = start + (end - start) / 2;
//!         if middle == start { (self, None) } else { (Self(start..middle), Some(Self(middle..end))) }
//!     }
//!     fn fold_with<F: Folder<u32>>(self, folder: F) -> F {
//!         folder.consume_iter(self.0.map(|x| x * x))
//!     }
//! }
//!
//! impl ParallelIterator for Squares {
//!     type Item = u32;
//!     fn drive_unindexed<C: UnindexedConsumer<u32>>(self, consumer: C) -> C::Result {
//!         bridge_unindexed(self, consumer)
//!     }
//! }
//!
//! assert_eq!(Squares(0..10).sum::<u32>(), 285);
//! ```

mod bridge;
pub(crate) mod company;
pub(crate) mod glance;
mod leaf;
pub(crate) mod price;
pub(crate) mod probe;
pub(crate) mod source;
mod splitter;
pub(crate) mod spread;
pub(crate) mod stretch;
pub(crate) mod taker;

use super::finish::over::Borrower;
use std::ops::Range;

pub use bridge::{bridge, bridge_producer_consumer, bridge_unindexed};
#[doc(hidden)]
pub use spread::SendProof;

/// A source of known length that can be cut at any index.
///
/// A producer is to an [`IndexedParallelIterator`](super::IndexedParallelIterator) what a cursor is to
/// a list: it may borrow from the thread that made it, which is why it is lent to a
/// [`ProducerCallback`] and not returned.
///
/// The bridge splits it, then calls [`fold_with`](Self::fold_with) on each piece.
///
/// ```
/// use lyocell::iter::plumbing::{Producer, ProducerCallback};
/// use lyocell::prelude::*;
///
/// struct Halves;
/// impl<T> ProducerCallback<T> for Halves {
///     type Output = (usize, usize);
///     fn callback<P: Producer<Item = T>>(self, producer: P) -> Self::Output {
///         let (left, right) = producer.split_at(3);
///         (left.into_iter().len(), right.into_iter().len())
///     }
/// }
///
/// assert_eq!((0..10u32).into_par_iter().with_producer(Halves), (3, 7));
/// ```
pub trait Producer: Send + Sized {
    /// What each index holds.
    type Item;

    /// The sequential iterator over a piece that will not be split any further.
    type IntoIter: DoubleEndedIterator<Item = Self::Item> + ExactSizeIterator;

    /// Whether a few items at its front are cut off for next to nothing: then it is poured block by block, with an eye on the clock. What others have
    /// made may copy all its items whenever it is cut, or begin each piece with something that takes long, so it is cut as seldom as can be.
    #[doc(hidden)]
    const GIVES_BLOCKS: bool = false;

    /// Whether it is cut for a price that grows with the number of items before the cut: then it is not poured block by block without need.
    #[doc(hidden)]
    const IS_CUT_DEARLY: bool = false;

    /// Gives the items of this piece to one thread, in order.
    fn into_iter(self) -> Self::IntoIter;

    /// The fewest items that are worth a piece of their own; the bridge does not cut below it.
    #[inline]
    fn min_len(&self) -> usize {
        1
    }

    /// The most items that one piece may hold; the bridge cuts until it is met, unless
    /// [`min_len`](Self::min_len) forbids it.
    #[inline]
    fn max_len(&self) -> usize {
        usize::MAX
    }

    /// Cuts into the items before `index` and the items from `index` on.
    ///
    /// # Panics
    /// It may, if `index` is greater than the number of items.
    fn split_at(self, index: usize) -> (Self, Self);

    /// Pours all items into `folder`, in order, until it is full.
    ///
    /// Overriding it pays where the items can be given out faster than one at a time.
    #[inline]
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>,
    {
        folder.consume_iter(self.into_iter())
    }
}

/// What is to be done with a [`Producer`] of any type, once there is one.
///
/// It stands where a closure cannot: closures have no type parameters of their own. See [`Producer`]
/// for an example.
pub trait ProducerCallback<T> {
    /// What the callback returns.
    type Output;

    /// Is called once, with the producer.
    fn callback<P>(self, producer: P) -> Self::Output
    where
        P: Producer<Item = T>;
}

/// A source of unknown length that can, perhaps, be cut somewhere near the middle.
///
/// The [module](self) has an example.
pub trait UnindexedProducer: Send + Sized {
    /// What it gives out.
    type Item;

    /// Cuts in two, the left piece first, or returns itself whole if it is too small.
    fn split(self) -> (Self, Option<Self>);

    /// Pours all items into `folder`, in order, until it is full.
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>;
}

/// What will happen to the items: a plan that is split beside its producer, and at the end becomes a
/// [`Folder`].
///
/// ```
/// use lyocell::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
/// use lyocell::prelude::*;
///
/// /// Adds up lengths.
/// struct Lengths;
/// impl<'a> Consumer<&'a str> for Lengths {
///     type Folder = Total;
///     type Reducer = Lengths;
///     type Result = usize;
///     fn split_at(self, _: usize) -> (Self, Self, Self) { (Lengths, Lengths, Lengths) }
///     fn into_folder(self) -> Total { Total(0) }
///     fn full(&self) -> bool { false }
/// }
/// impl<'a> UnindexedConsumer<&'a str> for Lengths {
///     fn split_off_left(&self) -> Self { Lengths }
///     fn to_reducer(&self) -> Self { Lengths }
/// }
/// impl Reducer<usize> for Lengths {
///     fn reduce(self, left: usize, right: usize) -> usize { left + right }
/// }
///
/// struct Total(usize);
/// impl<'a> Folder<&'a str> for Total {
///     type Result = usize;
///     fn consume(self, item: &'a str) -> Self { Total(self.0 + item.len()) }
///     fn complete(self) -> usize { self.0 }
///     fn full(&self) -> bool { false }
/// }
///
/// let words = ["much", "ado", "about"];
/// assert_eq!(words.par_iter().copied().drive_unindexed(Lengths), 12);
/// ```
pub trait Consumer<Item>: Send + Sized {
    /// What takes the items of one piece.
    type Folder: Folder<Item, Result = Self::Result>;

    /// What joins the results of two neighbours.
    type Reducer: Reducer<Self::Result>;

    /// What one piece comes to.
    type Result: Send;

    /// Whether reducers may go to other threads. Without this proof, a worker that has stolen a part of a loop stays with it
    /// until all of it is done, and does nothing else meanwhile.
    #[doc(hidden)]
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = None;

    /// Whether it need not know how many items come: [`split_off_open`](Self::split_off_open) gives something. A constant, so that
    /// each loop is compiled for one way of taking blocks and not for all.
    #[doc(hidden)]
    const IS_OPEN: bool = false;

    /// Whether it may be cut after every few items: neither folders nor results cost anything worth speaking of.
    #[doc(hidden)]
    const IS_CUT_FOR_NOTHING: bool = false;

    /// Whether it may become full by what others have found, and folders ask for that between items unless they are
    /// [told not to](Folder::set_alone).
    #[doc(hidden)]
    const IS_STOPPED_BY_OTHERS: bool = false;

    /// Cuts into a consumer for the first `index` items, one for the rest, and the reducer that will
    /// join their results.
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer);

    /// Splits off a consumer for some items at the front, `most` or fewer, and the reducer; `self` goes on with those after
    /// them, if there are any. `None` unless it is [open](Self::IS_OPEN): the number must be known beforehand.
    #[doc(hidden)]
    #[inline]
    fn split_off_open(&self, _most: usize) -> Option<(Self, Self::Reducer)> {
        None
    }

    /// Begins to take items, on the thread that calls.
    fn into_folder(self) -> Self::Folder;

    /// Whether further items would change nothing. A full consumer is given none and split no more.
    fn full(&self) -> bool;
}

/// Takes the items of one piece, one after the other, on one thread.
///
/// [`Consumer`] has an example.
pub trait Folder<Item>: Sized {
    /// What the items come to.
    type Result;

    /// Whether it may write into the memory that its items [come from](super::ParallelIterator::lend_memory).
    #[doc(hidden)]
    const WRITES_OVER: bool = false;

    /// Takes one item.
    #[must_use]
    fn consume(self, item: Item) -> Self;

    /// Takes the items of an iterator, until there are none left or the folder is [full](Self::full).
    ///
    /// Overriding it pays where a loop inside `iter` is faster than a loop around it.
    #[inline]
    #[must_use]
    fn consume_iter<I>(mut self, iter: I) -> Self
    where
        I: IntoIterator<Item = Item>,
    {
        for item in iter {
            self = self.consume(item);
            if self.full() {
                break;
            }
        }
        self
    }

    /// Takes those items of an iterator that `is_liked` likes, until there are none left or the folder is full.
    ///
    /// A folder that collects does better without a branch for each item.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn consume_liked<I, P>(self, iter: I, is_liked: P) -> Self
    where
        I: Iterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        self.consume_some(iter, |item| is_liked(&item).then_some(item))
    }

    /// Takes what `make` makes `Some` of, until there are no more items or the folder is full.
    ///
    /// The first such item is taken before the loop: a compiler that does not know whether there will be one has to load what the later
    /// closures borrow behind the first one's branch, in every turn, and can neither vectorise the loop nor do without the branch. (A sum of
    /// half of the items at random then takes 14 times as long.)
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn consume_some<I, P>(self, mut iter: I, make: P) -> Self
    where
        I: Iterator,
        P: Fn(I::Item) -> Option<Item>,
    {
        // Unless it is alone, it asks after every item, also after those that come to nothing, so that a search behind a picky filter
        // still ends as soon as somebody else has found something.
        let first = loop {
            match iter.next().map(&make) {
                None => return self,
                Some(Some(first)) => break first,
                Some(None) if !self.is_alone() && self.full() => {
                    drop(iter); // while the folder can be dropped, too, if an item panics
                    return self;
                }
                Some(None) => {}
            }
        };
        let mut folder = self.consume(first);
        if folder.full() {
            drop(iter);
            return folder;
        }
        if folder.is_alone() {
            return folder.consume_iter(iter.filter_map(make));
        }
        for item in iter {
            if let Some(made) = make(item) {
                folder = folder.consume(made);
            }
            if folder.full() {
                break;
            }
        }
        folder
    }

    /// Takes the items of one iterator after the other, until there are none left or the folder is full.
    ///
    /// As one iterator: a sum of floats then adds from left to right, not inner sum by inner sum. A folder that collects does better
    /// without: std's `flatten` asks after each item whether a row is over, also where the rows have lengths.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn consume_rows<I>(self, rows: I) -> Self
    where
        I: Iterator<Item: IntoIterator<Item = Item>>,
    {
        self.consume_iter(rows.flatten())
    }

    /// Takes items that are made of those that lie in `slots`, at most one of each, and writes them there.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn consume_over<I>(self, slots: Range<*mut ()>, items: I, _borrower: Borrower) -> Self
    where
        I: Iterator<Item = Item>,
    {
        let _ = slots;
        self.consume_iter(items)
    }

    /// The same with those of the items that `is_liked` likes.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn consume_liked_over<I, P>(
        self,
        slots: Range<*mut ()>,
        items: I,
        is_liked: P,
        borrower: Borrower,
    ) -> Self
    where
        I: Iterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        self.consume_over(slots, items.filter(is_liked), borrower)
    }

    /// Tells whether from now on only what this folder takes can fill it, since nobody else works at the loop, or the caller asks
    /// every few microseconds whether it is [full](Self::full). Then nothing need be asked between items that come to nothing.
    #[doc(hidden)]
    #[inline]
    fn set_alone(&mut self, _is_alone: bool) {}

    /// Whether nothing need be asked between items that come to nothing: it has been told so, or nothing can ever fill it.
    #[doc(hidden)]
    #[inline]
    fn is_alone(&self) -> bool {
        false
    }

    /// Ends the piece.
    fn complete(self) -> Self::Result;

    /// Whether further items would change nothing.
    fn full(&self) -> bool;
}

/// Joins the results of two neighbouring pieces into the result of both.
///
/// [`Consumer`] has an example.
pub trait Reducer<Result> {
    /// Joins `left`, the result of the earlier items, with `right`.
    fn reduce(self, left: Result, right: Result) -> Result;

    /// Does what is left to do when all is joined. What that takes counts among the costs of sharing a loop.
    ///
    /// For speed alone: it is called once for a loop that was shared, and not for one that a single thread did, nor for all kinds of loops.
    #[doc(hidden)]
    fn settle(result: Result) -> Result
    where
        Self: Sized,
    {
        result
    }
}

/// A [`Consumer`] that can be split without knowing where.
///
/// The pieces still keep their order: what is split off is always to the left of what remains.
pub trait UnindexedConsumer<I>: Consumer<I> {
    /// Splits off a consumer for some items at the front; `self` goes on with those after them.
    #[must_use]
    fn split_off_left(&self) -> Self;

    /// The reducer for the two consumers that [`split_off_left`](Self::split_off_left) leaves.
    fn to_reducer(&self) -> Self::Reducer;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Takes numbers until somebody else has found something, at the question `end`.
    struct Asked<'a> {
        taken: Vec<u32>,
        questions: &'a Cell<usize>,
        end: usize,
        is_alone: bool,
    }

    impl Folder<u32> for Asked<'_> {
        type Result = Vec<u32>;

        fn consume(mut self, item: u32) -> Self {
            self.taken.push(item);
            self
        }

        fn is_alone(&self) -> bool {
            self.is_alone
        }

        fn complete(self) -> Vec<u32> {
            self.taken
        }

        fn full(&self) -> bool {
            self.questions.set(self.questions.get() + 1);
            self.questions.get() == self.end
        }
    }

    /// What it takes of so many items, of which every third is liked, and how often it was asked.
    fn taken(items: u32, end: usize, is_alone: bool) -> (Vec<u32>, usize) {
        let questions = Cell::new(0);
        let folder = Asked {
            taken: Vec::new(),
            questions: &questions,
            end,
            is_alone,
        };
        let liked = folder.consume_liked(0..items, |item| item % 3 == 2);
        (liked.complete(), questions.get())
    }

    #[test]
    fn a_search_in_company_asks_after_every_item() {
        for items in [0, 1, 2, 3, 4, 9, 10] {
            let all: Vec<u32> = (2..items).step_by(3).collect();
            assert_eq!(taken(items, 0, false), (all, items as usize));
        }
        for end in 1..10 {
            let some: Vec<u32> = (2..end as u32).step_by(3).collect();
            assert_eq!(taken(100, end, false), (some, end));
        }
    }

    #[test]
    fn who_is_alone_is_asked_after_items_that_are_taken() {
        for items in [0, 1, 2, 3, 4, 9, 10] {
            let all: Vec<u32> = (2..items).step_by(3).collect();
            let questions = all.len();
            assert_eq!(taken(items, 0, true), (all, questions));
        }
        for end in 1..4 {
            let some: Vec<u32> = (2..).step_by(3).take(end).collect();
            assert_eq!(taken(100, end, true), (some, end));
        }
    }
}
