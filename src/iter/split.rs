//! `split`: anything that a function can cut in two.

use std::fmt;

use super::ParallelIterator;
use super::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// The pieces of something that a function cuts; made by [`split`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone)]
pub struct Split<D, S> {
    data: D,
    splitter: S,
}

/// A parallel iterator over pieces of `data`, which `splitter` cuts in two as often as is useful.
///
/// The splitter returns two parts, the first one first, or `None` for the second if there is nothing to
/// cut. For most data structures that is all it takes to work on them in parallel.
///
/// ```
/// use lyocell::iter::split;
/// use lyocell::prelude::*;
/// use std::ops::Range;
///
/// /// A field of so many rows and columns, cut across its longer side.
/// type Field = (Range<usize>, Range<usize>);
///
/// fn halves(side: &Range<usize>) -> (Range<usize>, Range<usize>) {
///     let middle = side.start + side.len() / 2;
///     (side.start..middle, middle..side.end)
/// }
///
/// fn cut((rows, columns): Field) -> (Field, Option<Field>) {
///     if rows.len().max(columns.len()) < 2 {
///         ((rows, columns), None)
///     } else if rows.len() > columns.len() {
///         let (upper, lower) = halves(&rows);
///         ((upper, columns.clone()), Some((lower, columns)))
///     } else {
///         let (left, right) = halves(&columns);
///         ((rows.clone(), left), Some((rows, right)))
///     }
/// }
///
/// let area = |(rows, columns): Field| rows.len() * columns.len();
/// assert_eq!(split((0..30, 0..20), cut).map(area).sum::<usize>(), 600);
/// ```
///
/// # Order and cost
/// The pieces are in order. How many there are depends on the threads and on who is idle when; with one
/// thread nothing is cut at all.
#[inline]
pub fn split<D, S>(data: D, splitter: S) -> Split<D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync,
{
    Split { data, splitter }
}

impl<D: fmt::Debug, S> fmt::Debug for Split<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Split").field("data", &self.data).finish()
    }
}

impl<D, S> ParallelIterator for Split<D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync + Send,
{
    type Item = D;

    fn drive_unindexed<C: UnindexedConsumer<D>>(self, consumer: C) -> C::Result {
        let whole = Part {
            data: self.data,
            splitter: &self.splitter,
        };
        bridge_unindexed(whole, consumer)
    }
}

/// A part, and what can cut it further.
struct Part<'s, D, S> {
    data: D,
    splitter: &'s S,
}

impl<D, S> UnindexedProducer for Part<'_, D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync,
{
    type Item = D;

    fn split(self) -> (Self, Option<Self>) {
        let Self { data, splitter } = self;
        let (first, second) = splitter(data);
        let part = |data| Self { data, splitter };
        (part(first), second.map(part))
    }

    fn fold_with<F: Folder<D>>(self, folder: F) -> F {
        folder.consume(self.data)
    }
}
