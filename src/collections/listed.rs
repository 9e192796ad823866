//! Collections whose items only one thread can get at, one after the other: trees, and lists and tables whose items are moved
//! out or lent out to be changed.
//!
//! To be shared they are listed in a vector, which takes as long as a quick loop takes in all. So that is put off until help
//! is worth it.

use super::begin::{Share, pour_block, pour_walk};
use crate::iter::plumbing::{Folder, UnindexedConsumer};
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The items of a walk that knows its length.
///
/// `ONE_LOOP` is for sets that are trees. Their `next` is so long that it is compiled into a loop only if there are few loops
/// that want it, and half as fast if it is not; so all items go through one loop, that of [`pour_block`].
#[derive(Clone, Debug)]
pub(super) struct Listed<I, const ONE_LOOP: bool = false>(pub(super) I);

impl<I, const ONE_LOOP: bool> ParallelIterator for Listed<I, ONE_LOOP>
where
    I: ExactSizeIterator<Item: Send> + Send,
{
    type Item = I::Item;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<I::Item>,
    {
        pour_walk(ToList::<I, ONE_LOOP>(self.0), consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// From about so many bytes on, an allocation is new memory.
const LARGE: usize = 1 << 20;

/// The same as a walk.
struct ToList<I, const ONE_LOOP: bool>(I);

iterates_as_inner!(ToList, const ONE_LOOP: bool);

impl<I, const ONE_LOOP: bool> Share for ToList<I, ONE_LOOP>
where
    I: ExactSizeIterator<Item: Send> + Send,
{
    /// To list an item takes one thread about half as long; more in a list that the allocator asks the system for, page by page.
    fn worth_sharing(&self) -> f32 {
        let size = size_of::<I::Item>().saturating_mul(self.0.len());
        if size < LARGE { 8.0 } else { 12.0 }
    }

    fn cut(mut self, len: usize) -> (impl Iterator<Item = I::Item>, Self) {
        let list = Vec::from_iter(self.0.by_ref().take(len));
        (list.into_iter(), self)
    }

    fn pour<F: Folder<I::Item>>(self, folder: F) -> F {
        if ONE_LOOP {
            let len = self.len();
            let (rest, folder) = pour_block(self, len, folder, || true);
            drop(rest); // while the folder can be dropped, too, if an item panics
            folder
        } else {
            folder.consume_iter(self)
        }
    }

    fn share<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        Vec::from_iter(self.0)
            .into_par_iter()
            .drive_unindexed(consumer)
    }
}
