//! `intersperse`: something between every two neighbours.
//!
//! Where pieces are cut at indices, each of them knows whether a separator goes before its first item:
//! it is a window on the row *item, separator, item, …*. Where lengths are unknown, as behind a filter,
//! nobody can know it while the pieces run: perhaps all items to the left are filtered away. There a
//! separator between two pieces is only put in when both are joined, if both have items. Its place is
//! set aside when they are cut.
#![allow(unsafe_code)]

use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer, SendProof, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::wrap::{Wrap, through_producer, wrap_base};
use std::mem::needs_drop;

/// Puts clones of an item between the others; made by
/// [`intersperse`](ParallelIterator::intersperse).
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct Intersperse<I>
where
    I: ParallelIterator,
{
    base: I,
    item: I::Item,
}

impl<I: ParallelIterator> Intersperse<I> {
    #[inline]
    pub(in crate::iter) fn new(base: I, item: I::Item) -> Self {
        Self { base, item }
    }
}

/// How many items there are when separators are counted too, if `usize` can say it.
fn separated_len(len: usize) -> Option<usize> {
    len.checked_add(len.saturating_sub(1))
}

impl<I> ParallelIterator for Intersperse<I>
where
    I: ParallelIterator<Item: Clone>,
{
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let consumer = SeparateConsumer {
            next: consumer,
            separator: self.item,
            is_counted: self.base.opt_len().is_some(),
            is_led: false,
            gap: None,
        };
        self.base.drive_unindexed(consumer).result
    }

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len().and_then(separated_len)
    }
}

impl<I> IndexedParallelIterator for Intersperse<I>
where
    I: IndexedParallelIterator<Item: Clone>,
{
    through_producer!(drive);
    wrap_base!(|this| SeparateWrap {
        len: this.len(),
        separator: this.item
    });

    fn len(&self) -> usize {
        separated_len(self.base.len()).expect("items and separators together exceed `usize`")
    }
}

struct SeparateWrap<T> {
    len: usize,
    separator: T,
}

impl<T: Clone + Send> Wrap<T> for SeparateWrap<T> {
    type Item = T;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = T> {
        SeparateProducer {
            base,
            separator: self.separator,
            is_led: false,
            len: self.len,
        }
    }
}

/// A window on the row of items and separators.
struct SeparateProducer<P: Producer> {
    base: P,
    separator: P::Item,
    /// Whether the window begins with a separator.
    is_led: bool,
    /// How many items and separators it shows.
    len: usize,
}

impl<P> Producer for SeparateProducer<P>
where
    P: Producer<Item: Clone + Send>,
{
    type Item = P::Item;
    type IntoIter = Separated<P::IntoIter>;
    const GIVES_BLOCKS: bool = P::GIVES_BLOCKS;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Separated {
            items: self.base.into_iter(),
            separator: self.separator,
            is_led: self.is_led,
            len: self.len,
        }
    }

    // So long a window has enough items, whatever it begins with. One item needs no separator.
    #[inline]
    fn min_len(&self) -> usize {
        match self.base.min_len() {
            0 | 1 => 1,
            min => min.saturating_mul(2),
        }
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len().saturating_mul(2)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        // Of an odd number, the greater half is of the kind that comes first.
        let items = index / 2 + usize::from(index % 2 == 1 && !self.is_led);
        let (left, right) = self.base.split_at(items);
        (
            Self {
                base: left,
                separator: self.separator.clone(),
                is_led: self.is_led,
                len: index,
            },
            Self {
                base: right,
                separator: self.separator,
                is_led: self.is_led ^ (index % 2 == 1),
                len: self.len - index,
            },
        )
    }
}

/// Gives out a window from both of its ends.
struct Separated<I: Iterator> {
    items: I,
    separator: I::Item,
    is_led: bool,
    len: usize,
}

impl<I: Iterator<Item: Clone>> Iterator for Separated<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.len = self.len.checked_sub(1)?;
        let is_separator = self.is_led;
        self.is_led = !is_separator;
        if is_separator {
            Some(self.separator.clone())
        } else {
            self.items.next()
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<I: DoubleEndedIterator<Item: Clone>> DoubleEndedIterator for Separated<I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.len = self.len.checked_sub(1)?;
        // An even number of places before the last one: it is of the kind that comes first.
        if self.is_led == self.len.is_multiple_of(2) {
            Some(self.separator.clone())
        } else {
            self.items.next_back()
        }
    }
}

impl<I: ExactSizeIterator<Item: Clone>> ExactSizeIterator for Separated<I> {}

/// Feeds a consumer with items and separators.
struct SeparateConsumer<C, T> {
    next: C,
    separator: T,
    /// Whether the indices that this is split at are true.
    is_counted: bool,
    /// Whether a separator goes before the first item, if there is one.
    is_led: bool,
    /// The place of the separator behind the last item, if one may be needed there.
    gap: Option<C>,
}

/// What a piece comes to, and what is needed to join it.
struct Piece<C, R> {
    result: R,
    is_empty: bool,
    gap: Option<C>,
}

impl<T, C> Consumer<T> for SeparateConsumer<C, T>
where
    T: Clone + Send,
    C: UnindexedConsumer<T>,
{
    type Folder = SeparateFolder<C, C::Folder, T>;
    type Reducer = Rejoin<C::Reducer, T>;
    type Result = Piece<C, C::Result>;
    // SAFETY: of these two is all that it holds.
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> =
        unsafe { SendProof::of_both(&C::REDUCER_IS_SEND, &SendProof::<T>::HERE) };
    // Each part has a separator of its own, and so has each join.
    const IS_CUT_FOR_NOTHING: bool = C::IS_CUT_FOR_NOTHING && !needs_drop::<T>();

    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        if !self.is_counted {
            let (left, reducer) = (self.split_off_left(), self.to_reducer());
            return (left, self, reducer);
        }
        // Too many for `usize`: then nobody asked for places.
        let places = match separated_len(index) {
            Some(len) => len.saturating_add(usize::from(self.is_led && index > 0)),
            None => usize::MAX,
        };
        let (left, right, join) = self.next.split_at(places);
        let reducer = Rejoin {
            join,
            join_gap: None,
            separator: self.separator.clone(),
        };
        (
            Self {
                next: left,
                separator: self.separator.clone(),
                gap: None,
                ..self
            },
            Self {
                next: right,
                is_led: self.is_led || index > 0,
                ..self
            },
            reducer,
        )
    }

    fn into_folder(self) -> Self::Folder {
        SeparateFolder {
            next: self.next.into_folder(),
            separator: self.separator,
            is_led: self.is_led,
            is_empty: true,
            gap: self.gap,
        }
    }

    fn full(&self) -> bool {
        self.next.full()
    }
}

impl<T, C> UnindexedConsumer<T> for SeparateConsumer<C, T>
where
    T: Clone + Send,
    C: UnindexedConsumer<T>,
{
    // Of a piece that is led, both parts are: each has a place for a separator, and uses it if it has
    // items. Else the place between them is set aside.
    fn split_off_left(&self) -> Self {
        let next = self.next.split_off_left();
        let gap = (!self.is_led).then(|| self.next.split_off_left());
        Self {
            next,
            separator: self.separator.clone(),
            gap,
            ..*self
        }
    }

    fn to_reducer(&self) -> Self::Reducer {
        Rejoin {
            join: self.next.to_reducer(),
            join_gap: Some(self.next.to_reducer()),
            separator: self.separator.clone(),
        }
    }
}

/// Joins pieces, with a separator in the gap between them if there is one and both have items.
struct Rejoin<R, T> {
    join: R,
    join_gap: Option<R>,
    separator: T,
}

impl<T, C> Reducer<Piece<C, C::Result>> for Rejoin<C::Reducer, T>
where
    C: Consumer<T>,
{
    fn reduce(self, left: Piece<C, C::Result>, right: Piece<C, C::Result>) -> Piece<C, C::Result> {
        let has_both = !left.is_empty && !right.is_empty;
        let right_result = match (left.gap, self.join_gap) {
            (Some(gap), Some(join)) if has_both && !gap.full() => {
                let separator = gap.into_folder().consume(self.separator).complete();
                join.reduce(separator, right.result)
            }
            _ => right.result,
        };
        Piece {
            result: self.join.reduce(left.result, right_result),
            is_empty: left.is_empty && right.is_empty,
            gap: right.gap,
        }
    }
}

struct SeparateFolder<C, F, T> {
    next: F,
    separator: T,
    is_led: bool,
    is_empty: bool,
    gap: Option<C>,
}

impl<T, C, F> Folder<T> for SeparateFolder<C, F, T>
where
    T: Clone,
    F: Folder<T>,
{
    type Result = Piece<C, F::Result>;

    fn consume(mut self, item: T) -> Self {
        if self.is_led {
            self.next = self.next.consume(self.separator.clone());
        }
        if self.next.full() {
            drop(item); // while the folder can be dropped, too, if the item panics; likewise below
        } else {
            self.next = self.next.consume(item);
        }
        self.is_led = true;
        self.is_empty = false;
        self
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let mut items = items.into_iter();
        let Some(first) = items.next() else {
            return self;
        };
        self = self.consume(first);
        if self.next.full() {
            drop(items);
        } else {
            let separator = &self.separator;
            self.next = self
                .next
                .consume_rows(items.map(|item| [separator.clone(), item]));
        }
        self
    }

    fn complete(self) -> Self::Result {
        Piece {
            result: self.next.complete(),
            is_empty: self.is_empty,
            gap: self.gap,
        }
    }

    fn full(&self) -> bool {
        self.next.full()
    }
}

#[cfg(test)]
mod tests;
