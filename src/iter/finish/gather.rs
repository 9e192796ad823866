//! Collecting where the length is not known: every leaf keeps a small collection of its own, and the
//! leaves' collections are listed in order, to be put together once their sizes are known.

use super::collect::{self, Filled, Window};
use super::sift;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};
use std::collections::LinkedList;
use std::marker::PhantomData;
use std::{mem, slice};

/// What one leaf collects.
pub(super) trait Leaf<Item>: Default + Send {
    /// Takes one item.
    fn push(&mut self, item: Item);

    /// Takes the items of an iterator, by the fastest loop there is.
    fn extend(&mut self, items: impl IntoIterator<Item = Item>);

    /// Takes the items that `is_liked` likes.
    #[inline]
    fn extend_liked<I, P>(&mut self, items: I, is_liked: P)
    where
        I: Iterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        self.extend(items.filter(|item| is_liked(item)));
    }

    /// Takes the items of one iterator after the other.
    #[inline]
    fn extend_rows<I>(&mut self, rows: I)
    where
        I: Iterator<Item: IntoIterator<Item = Item>>,
    {
        rows.for_each(|row| self.extend(row));
    }

    /// Whether nothing has been kept, so that there is nothing to list.
    fn is_empty(&self) -> bool;

    /// Whether it is worth keeping: something is in it, or it has room.
    #[inline]
    fn is_begun(&self) -> bool {
        !self.is_empty()
    }

    /// Takes what its right neighbour has kept, if both are so small that a node of a list would cost more.
    fn absorb(&mut self, next: &mut Self) -> bool;
}

/// Up to so many bytes are small: moved sooner than listed.
pub(super) const SMALL: usize = 4 << 10;

/// How many items a leaf of unknown length has room for at first: two kibibytes' worth. Where each allocation takes a lock, as in glibc
/// if it grows, two threads that both begin with room for four get in each other's way: 20,000 items took them three times as long as one.
pub(super) const fn first_room<T>() -> usize {
    let fit = (2 << 10)
        / if size_of::<T>() == 0 {
            1
        } else {
            size_of::<T>()
        };
    if fit < 4 { 4 } else { fit }
}

impl<T: Send> Leaf<T> for Vec<T> {
    #[inline]
    fn push(&mut self, item: T) {
        if self.capacity() == 0 {
            self.reserve(first_room::<T>());
        }
        self.push(item);
    }

    /// If the iterator knows how many items there are at most, and these are few, room is made for all of them at once.
    #[inline]
    fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        let mut items = items.into_iter();
        let (least, most) = items.size_hint();
        let most = most.unwrap_or(usize::MAX);
        if least == most {
            if self.capacity() == 0 && least > 0 {
                self.reserve(least.max(first_room::<T>()));
            }
        } else if most > 1 && size_of::<T>() > 0 {
            if (self.len().saturating_add(most)).saturating_mul(size_of::<T>()) <= SMALL {
                self.reserve(most);
            } else if self.capacity() == 0 {
                let Some(first) = items.next() else { return };
                Leaf::push(self, first);
            }
        }
        Extend::extend(self, items);
    }

    #[inline]
    fn extend_liked<I, P>(&mut self, items: I, is_liked: P)
    where
        I: Iterator<Item = T>,
        P: Fn(&T) -> bool,
    {
        if sift::is_for::<T>() {
            sift::extend(self, items, is_liked);
        } else {
            Leaf::extend(self, items.filter(|item| is_liked(item)));
        }
    }

    /// Most rows are short, so for each of them nothing is asked but whether there is room.
    #[inline]
    fn extend_rows<I>(&mut self, rows: I)
    where
        I: Iterator<Item: IntoIterator<Item = T>>,
    {
        if self.capacity() == 0 && rows.size_hint().1 != Some(0) {
            self.reserve(first_room::<T>());
        }
        rows.for_each(|row| Extend::extend(self, row));
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    #[inline]
    fn is_begun(&self) -> bool {
        self.capacity() > 0
    }

    #[inline]
    fn absorb(&mut self, next: &mut Self) -> bool {
        let is_small = self.len().max(next.len()).saturating_mul(size_of::<T>()) <= SMALL;
        if is_small {
            self.append(next);
        }
        is_small
    }
}

/// How to make one collection of all that the leaves have kept, in order.
pub(super) type Unite<L> = fn(LinkedList<L>) -> L;

/// Gathers the leaves' collections, in order. None of them is empty. If it is told how to unite them, and they were shared
/// out, they are but one: so what that takes counts among the costs of sharing them out.
pub(super) fn gather<L, I>(par_iter: I, unite: Option<Unite<L>>) -> LinkedList<L>
where
    L: Leaf<I::Item>,
    I: ParallelIterator,
{
    match par_iter.drive_unindexed(Gather::new(unite)) {
        Leaves::One(leaf) if leaf.is_empty() => LinkedList::new(),
        Leaves::One(leaf) => LinkedList::from([leaf]),
        Leaves::Many(list, _) => list,
    }
}

/// Collects into vectors that together hold all items in order: a single one if the length is known,
/// else one from each leaf.
pub(crate) fn collect_vec_list<I>(par_iter: I) -> LinkedList<Vec<I::Item>>
where
    I: ParallelIterator,
{
    let Some(len) = par_iter.opt_len() else {
        return gather(par_iter, None);
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

/// Gathers vectors and moves all their items to the end of `target`, allocating at most once.
pub(super) fn extend_vec<I>(target: &mut Vec<I::Item>, par_iter: I)
where
    I: ParallelIterator,
{
    // Whoever has room for them wants them moved there.
    let unite: Unite<Vec<I::Item>> = |list| {
        let mut whole = Vec::new();
        append_leaves(&mut whole, &mut Vec::from_iter(list));
        whole
    };
    match par_iter.drive_unindexed(Gather::new((target.capacity() == 0).then_some(unite))) {
        // An only leaf need not move. (To let the first of many grow was tried: it loses, by up to nine
        // times, to one allocation of the right size.)
        Leaves::One(leaf) if target.capacity() == 0 => {
            *target = leaf;
            give_back(target);
        }
        Leaves::One(mut leaf) => append_leaves(target, slice::from_mut(&mut leaf)),
        Leaves::Many(list, _) => append_leaves(target, &mut Vec::from_iter(list)),
    }
}

/// Gives back what is left over of a vector's room, if that is most of it.
pub(super) fn give_back<T>(vec: &mut Vec<T>) {
    if vec.len() < vec.capacity() / 2 {
        vec.shrink_to_fit();
    }
}

fn append_leaves<T: Send>(target: &mut Vec<T>, leaves: &mut [Vec<T>]) {
    let len = leaves_len(leaves);
    if len.saturating_mul(size_of::<T>()) < PARALLEL_MOVE_BYTES {
        target.reserve(len);
        leaves.iter_mut().for_each(|leaf| target.append(leaf));
    } else {
        collect::append(target, len, |window| move_leaves(window, leaves));
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
struct Gather<L> {
    unite: Option<Unite<L>>,
}

impl<L> Gather<L> {
    fn new(unite: Option<Unite<L>>) -> Self {
        Self { unite }
    }

    fn concat<Item>(&self) -> Concat<L, Item> {
        Concat {
            unite: self.unite,
            items: PhantomData,
        }
    }
}

impl<Item, L: Leaf<Item>> Consumer<Item> for Gather<L> {
    type Folder = Growing<L>;
    type Reducer = Concat<L, Item>;
    type Result = Leaves<L>;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = SendProof::HERE;
    const IS_OPEN: bool = true;

    fn split_at(self, _index: usize) -> (Self, Self, Concat<L, Item>) {
        let concat = self.concat();
        (Self::new(self.unite), self, concat)
    }

    #[inline]
    fn split_off_open(&self, _most: usize) -> Option<(Self, Self::Reducer)> {
        Some((Self::new(self.unite), self.concat()))
    }

    fn into_folder(self) -> Growing<L> {
        Growing(None)
    }

    fn full(&self) -> bool {
        false
    }
}

impl<Item, L: Leaf<Item>> UnindexedConsumer<Item> for Gather<L> {
    fn split_off_left(&self) -> Self {
        Self::new(self.unite)
    }

    fn to_reducer(&self) -> Concat<L, Item> {
        self.concat()
    }
}

/// What neighbouring leaves have kept. Many are listed, none of them empty; a list allocates, so one is not. How they are to be united
/// stands beside the list.
enum Leaves<L> {
    One(L),
    Many(LinkedList<L>, Option<Unite<L>>),
}

/// A leaf's collection while it grows; none before the first item.
///
/// One word, because folders are handed on by value from item to item: three words went through memory each time, so that
/// of a filter that let few items pass each of the others took five times as long.
struct Growing<L>(Option<Box<L>>);

impl<L> Growing<L> {
    /// The collection grows by more than one item. On the stack: in its box every item's push would write the new length into
    /// memory, next to where another thread keeps the length of its own. (Of 20,000 items two threads took three times as long as one.)
    /// But where it is if the items are counted beforehand, since std then writes the length only once.
    #[inline]
    fn grown<Item>(mut self, are_counted: bool, extend: impl FnOnce(&mut L)) -> Self
    where
        L: Leaf<Item>,
    {
        let mut moved = L::default();
        let in_place = match &mut self.0 {
            Some(boxed) if are_counted => Some(&mut **boxed),
            Some(boxed) => {
                moved = mem::take(boxed);
                None
            }
            None => None,
        };
        let is_moved = in_place.is_none();
        extend(in_place.unwrap_or(&mut moved));
        if is_moved {
            match &mut self.0 {
                Some(boxed) => **boxed = moved,
                None => self.0 = moved.is_begun().then(|| Box::new(moved)),
            }
        }
        self
    }
}

impl<Item, L: Leaf<Item>> Folder<Item> for Growing<L> {
    type Result = Leaves<L>;

    #[inline]
    fn consume(mut self, item: Item) -> Self {
        self.0.get_or_insert_default().push(item);
        self
    }

    #[inline]
    fn consume_iter<I>(self, items: I) -> Self
    where
        I: IntoIterator<Item = Item>,
    {
        let items = items.into_iter();
        let (least, most) = items.size_hint();
        self.grown(most == Some(least), |leaf| leaf.extend(items))
    }

    #[inline]
    fn consume_rows<I>(self, rows: I) -> Self
    where
        I: Iterator<Item: IntoIterator<Item = Item>>,
    {
        self.grown(false, |leaf| leaf.extend_rows(rows))
    }

    #[inline]
    fn consume_liked<I, P>(self, items: I, is_liked: P) -> Self
    where
        I: Iterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        self.grown(false, |leaf| leaf.extend_liked(items, is_liked))
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) -> Leaves<L> {
        Leaves::One(self.0.map_or_else(L::default, |leaf| *leaf))
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// Joins two lists by their ends. Small leaves become one.
struct Concat<L, Item> {
    unite: Option<Unite<L>>,
    items: PhantomData<fn(Item)>,
}

impl<Item, L: Leaf<Item>> Reducer<Leaves<L>> for Concat<L, Item> {
    fn reduce(self, left: Leaves<L>, right: Leaves<L>) -> Leaves<L> {
        let list = match (left, right) {
            (Leaves::One(left), right) if left.is_empty() => return right,
            (left, Leaves::One(right)) if right.is_empty() => return left,
            (Leaves::One(mut left), Leaves::One(mut right)) => {
                if left.absorb(&mut right) {
                    return Leaves::One(left);
                }
                LinkedList::from([left, right])
            }
            (Leaves::One(mut left), Leaves::Many(mut list, _)) => {
                let absorbs = |right: &mut L| left.absorb(right);
                if list.front_mut().is_some_and(absorbs) {
                    list.pop_front();
                }
                list.push_front(left);
                list
            }
            (Leaves::Many(mut list, _), Leaves::One(mut right)) => {
                let is_absorbed = |left: &mut L| left.absorb(&mut right);
                if !list.back_mut().is_some_and(is_absorbed) {
                    list.push_back(right);
                }
                list
            }
            (Leaves::Many(mut left, _), Leaves::Many(mut right, _)) => {
                left.append(&mut right);
                left
            }
        };
        Leaves::Many(list, self.unite)
    }

    fn settle(leaves: Leaves<L>) -> Leaves<L> {
        match leaves {
            Leaves::Many(list, Some(unite)) => Leaves::One(unite(list)),
            leaves => leaves,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::prelude::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    /// Short and long loops of short and empty rows, whose lengths are known or not.
    #[test]
    fn rows_are_collected_in_order() {
        for len in [0, 1, 2, 5, 100, if cfg!(miri) { 200 } else { 20_000_u32 }] {
            let row = |x: u32| x..x + x % 4;
            let some = |x: u32| row(x).filter(|y| y % 3 != 0);
            let items = || (0..len).into_par_iter();
            let want: Vec<u32> = (0..len).flat_map(row).collect();
            assert_eq!(items().flat_map_iter(row).collect::<Vec<_>>(), want);
            assert_eq!(items().flat_map(row).collect::<Vec<_>>(), want);
            let texts: String = want.iter().map(u32::to_string).collect();
            let text = items().flat_map_iter(row).map(|x| x.to_string());
            assert_eq!(text.collect::<String>(), texts);
            let want: Vec<u32> = (0..len).flat_map(some).collect();
            assert_eq!(items().flat_map_iter(some).collect::<Vec<_>>(), want);
        }
    }

    /// Each item is dropped once, in whatever row somebody panics.
    #[test]
    fn no_row_is_lost_in_a_panic() {
        let item = Arc::new(());
        let len = if cfg!(miri) { 50 } else { 1000 };
        for end in [0, 1, 2, len / 2, len - 1] {
            let row = |x: usize| {
                let item = &item;
                (0..3).map(move |y| {
                    if (x, y) == (end, 1) {
                        panic!()
                    } else {
                        item.clone()
                    }
                })
            };
            let items = (0..len).into_par_iter();
            let collect = || items.flat_map_iter(row).collect::<Vec<_>>();
            assert!(catch_unwind(AssertUnwindSafe(collect)).is_err());
            assert_eq!(Arc::strong_count(&item), 1);
        }
    }

    /// A vector or text that has room left over gives it back, one that was there keeps what it had.
    #[test]
    fn what_is_left_over_is_given_back() {
        let items = || (0..1000_usize).into_par_iter().filter(|x| *x == 7);
        assert!(items().collect::<Vec<_>>().capacity() < 100);
        assert!(
            items()
                .map(|x| x.to_string())
                .collect::<String>()
                .capacity()
                < 100
        );
        let mut numbers = vec![1];
        numbers.par_extend(items());
        assert_eq!(numbers, [1, 7]);
        let mut text = "1".to_string();
        text.par_extend(items().map(|x| x.to_string()));
        assert_eq!(text, "17");
    }
}
