//! Collecting where the length is not known: every leaf keeps a small collection of its own, and the
//! leaves' collections are listed in order, to be put together once their sizes are known.

use super::collect::{self, Filled, Window};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use std::collections::LinkedList;
use std::marker::PhantomData;
use std::mem;

/// What one leaf collects.
pub(super) trait Leaf<Item>: Default + Send {
    /// Takes one item.
    fn push(&mut self, item: Item);

    /// Takes the items of an iterator, by the fastest loop there is.
    fn extend(&mut self, items: impl IntoIterator<Item = Item>);

    /// Whether nothing has been kept, so that there is nothing to list.
    fn is_empty(&self) -> bool;
}

impl<T: Send> Leaf<T> for Vec<T> {
    #[inline]
    fn push(&mut self, item: T) {
        self.push(item);
    }

    #[inline]
    fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        Extend::extend(self, items);
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// Gathers the leaves' collections, in order. None of them is empty.
pub(super) fn gather<L, I>(par_iter: I) -> LinkedList<L>
where
    L: Leaf<I::Item>,
    I: ParallelIterator,
{
    par_iter.drive_unindexed(Gather(PhantomData))
}

/// Collects into vectors that together hold all items in order: a single one if the length is known,
/// else one from each leaf.
pub(crate) fn collect_vec_list<I>(par_iter: I) -> LinkedList<Vec<I::Item>>
where
    I: ParallelIterator,
{
    let Some(len) = par_iter.opt_len() else {
        return gather(par_iter);
    };
    let mut whole = Vec::new();
    collect::extend_vec(par_iter, len, &mut whole);
    if whole.is_empty() {
        LinkedList::new()
    } else {
        LinkedList::from([whole])
    }
}

/// How many items the listed vectors hold together.
pub(super) fn total_len<T>(list: &LinkedList<Vec<T>>) -> usize {
    list.iter().map(Vec::len).sum()
}

/// Moves all items of `list` to the end of `target`, allocating at most once.
pub(super) fn append_list<T: Send>(target: &mut Vec<T>, list: LinkedList<Vec<T>>) {
    let mut leaves: Vec<_> = list.into_iter().collect();
    if target.capacity() == 0 && leaves.len() == 1 {
        // An only leaf need not move. (To let the first of many grow was tried: it loses, by up to nine
        // times, to one allocation of the right size.)
        mem::swap(target, &mut leaves[0]);
        return;
    }
    let len = leaves_len(&leaves);
    if len.saturating_mul(size_of::<T>()) < PARALLEL_MOVE_BYTES {
        target.reserve(len);
        leaves.iter_mut().for_each(|leaf| target.append(leaf));
    } else {
        collect::append(target, len, |window| move_leaves(window, &mut leaves));
    }
}

/// From so many bytes on the leaves are moved in parallel. (On two cores: no gain at 4 MiB, 28 % at 16.)
const PARALLEL_MOVE_BYTES: usize = 4 << 20;

/// Moves every leaf into its part of `window`, halving the list of leaves.
fn move_leaves<'w, T: Send>(window: Window<'w, T>, leaves: &mut [Vec<T>]) -> Filled<'w, T> {
    match leaves {
        [] => window.into_folder().complete(),
        [leaf] => window.into_folder().append(leaf).complete(),
        _ => {
            let (left, right) = leaves.split_at_mut(leaves.len() / 2);
            let (left_window, right_window, join) = window.split_at(leaves_len(left));
            let (left, right) = crate::join(
                || move_leaves(left_window, left),
                || move_leaves(right_window, right),
            );
            join.reduce(left, right)
        }
    }
}

fn leaves_len<T>(leaves: &[Vec<T>]) -> usize {
    leaves.iter().map(Vec::len).sum()
}

/// The consumer that gives each leaf a collection of its own.
struct Gather<L>(PhantomData<fn() -> L>);

impl<Item, L: Leaf<Item>> Consumer<Item> for Gather<L> {
    type Folder = Growing<L>;
    type Reducer = Concat;
    type Result = LinkedList<L>;

    fn split_at(self, _index: usize) -> (Self, Self, Concat) {
        (Self(PhantomData), self, Concat)
    }

    fn into_folder(self) -> Growing<L> {
        Growing(L::default())
    }

    fn full(&self) -> bool {
        false
    }
}

impl<Item, L: Leaf<Item>> UnindexedConsumer<Item> for Gather<L> {
    fn split_off_left(&self) -> Self {
        Self(PhantomData)
    }

    fn to_reducer(&self) -> Concat {
        Concat
    }
}

/// A leaf's collection while it grows.
struct Growing<L>(L);

impl<Item, L: Leaf<Item>> Folder<Item> for Growing<L> {
    type Result = LinkedList<L>;

    #[inline]
    fn consume(mut self, item: Item) -> Self {
        self.0.push(item);
        self
    }

    #[inline]
    fn consume_iter<I>(mut self, items: I) -> Self
    where
        I: IntoIterator<Item = Item>,
    {
        self.0.extend(items);
        self
    }

    fn complete(self) -> LinkedList<L> {
        if self.0.is_empty() {
            LinkedList::new()
        } else {
            LinkedList::from([self.0])
        }
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// Joins two lists by their ends.
struct Concat;

impl<L> Reducer<LinkedList<L>> for Concat {
    fn reduce(self, mut left: LinkedList<L>, mut right: LinkedList<L>) -> LinkedList<L> {
        left.append(&mut right);
        left
    }
}
