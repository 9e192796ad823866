//! Collections whose items only one thread can get at, one after the other: trees, and lists and tables whose items are moved
//! out or lent out to be changed.
//!
//! To be shared they are listed in a vector, which takes as long as a quick loop takes in all. So that is put off until help
//! is worth it.

use std::time::Duration;

use super::begin::{Share, pour_walk};
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The items of a walk that knows its length.
#[derive(Clone, Debug)]
pub(super) struct Listed<I>(pub(super) I);

impl<I> ParallelIterator for Listed<I>
where
    I: ExactSizeIterator<Item: Send> + Send,
{
    type Item = I::Item;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<I::Item>,
    {
        pour_walk(ToList(self.0), consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The same as a walk.
struct ToList<I>(I);

iterates_as_inner!(ToList);

impl<I> Share for ToList<I>
where
    I: ExactSizeIterator<Item: Send> + Send,
{
    /// To list an item takes one thread about half as long.
    const WORTH_SHARING: Duration = Duration::from_nanos(4);

    fn cut(mut self, len: usize) -> (impl Iterator<Item = I::Item>, Self) {
        let list = Vec::from_iter(self.0.by_ref().take(len));
        (list.into_iter(), self)
    }

    fn share<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        Vec::from_iter(self.0)
            .into_par_iter()
            .drive_unindexed(consumer)
    }
}
