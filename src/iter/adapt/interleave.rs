//! `interleave` and `interleave_shortest`: two iterators by turns.

use crate::iter::plumbing::{Folder, Producer, ProducerCallback};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;
use super::pair::{Pair, PairCallback, lengths_of_both, pair_bases, total_len};
use super::reindex::Take;
use super::wrap::through_producer;

adapter! {
    /// Takes from two iterators by turns; made by [`interleave`](IndexedParallelIterator::interleave).
    pub struct Interleave<I, J> { i: I, j: J }
}

impl<I, J> ParallelIterator for Interleave<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    type Item = I::Item;
    through_producer!(drive_unindexed, opt_len);
}

impl<I, J> IndexedParallelIterator for Interleave<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    through_producer!(drive);
    pair_bases!(
        |this| i,
        j,
        InterleavePair {
            i_len: this.i.len(),
            j_len: this.j.len()
        }
    );

    fn len(&self) -> usize {
        total_len(&self.i, &self.j)
    }
}

struct InterleavePair {
    i_len: usize,
    j_len: usize,
}

impl<T> Pair<T, T> for InterleavePair {
    type Item = T;

    #[inline]
    fn pair<P, Q>(self, i: P, j: Q) -> impl Producer<Item = T>
    where
        P: Producer<Item = T>,
        Q: Producer<Item = T>,
    {
        InterleaveProducer {
            i,
            j,
            i_len: self.i_len,
            j_len: self.j_len,
            is_js_turn: false,
        }
    }
}

struct InterleaveProducer<I, J> {
    i: I,
    j: J,
    i_len: usize,
    j_len: usize,
    is_js_turn: bool,
}

impl<I, J> Producer for InterleaveProducer<I, J>
where
    I: Producer,
    J: Producer<Item = I::Item>,
{
    type Item = I::Item;
    type IntoIter = Interleaved<I::IntoIter, J::IntoIter>;
    const GIVES_BLOCKS: bool = I::GIVES_BLOCKS && J::GIVES_BLOCKS;

    lengths_of_both!(i, j);

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Interleaved {
            i: self.i.into_iter(),
            j: self.j.into_iter(),
            is_js_turn: self.is_js_turn,
        }
    }

    // Of `index` items each side gives half, and whose turn it is gives the odd one. A side that has
    // fewer gives all it has, and the other side makes up for it.
    fn split_at(self, index: usize) -> (Self, Self) {
        let odd = index % 2;
        let i_share = index / 2 + if self.is_js_turn { 0 } else { odd };
        let i_cut = i_share
            .max(index.saturating_sub(self.j_len))
            .min(self.i_len);
        let j_cut = index - i_cut;
        let (i, i_rest) = self.i.split_at(i_cut);
        let (j, j_rest) = self.j.split_at(j_cut);
        (
            Self {
                i,
                j,
                i_len: i_cut,
                j_len: j_cut,
                is_js_turn: self.is_js_turn,
            },
            Self {
                i: i_rest,
                j: j_rest,
                i_len: self.i_len - i_cut,
                j_len: self.j_len - j_cut,
                is_js_turn: self.is_js_turn ^ (odd == 1),
            },
        )
    }

    /// Pair by pair, as long as there are pairs: nobody has to be asked whose turn it is, or who comes to an end, and std's own
    /// `zip` is vectorised. (With both questions, sums took 1.6 times as long.)
    #[inline]
    fn fold_with<F: Folder<I::Item>>(self, mut folder: F) -> F {
        let Self {
            i,
            mut j,
            i_len,
            mut j_len,
            is_js_turn,
        } = self;
        if is_js_turn && j_len > 0 {
            let (first, rest) = j.split_at(1);
            folder = first.fold_with(folder);
            (j, j_len) = (rest, j_len - 1);
        }
        let pairs = i_len.min(j_len);
        let (i, i_rest) = i.split_at(pairs);
        let (j, j_rest) = j.split_at(pairs);
        if pairs > 0 && !folder.full() {
            let pairs = i.into_iter().zip(j.into_iter());
            folder = folder.consume_iter(pairs.flat_map(|(i, j)| [i, j]));
        } else {
            drop((i, j)); // as the items of a full leaf, here and below
        }
        if i_len > pairs && !folder.full() {
            folder = i_rest.fold_with(folder);
        } else {
            drop(i_rest);
        }
        if j_len > pairs && !folder.full() {
            folder = j_rest.fold_with(folder);
        } else {
            drop(j_rest);
        }
        folder
    }
}

/// Two iterators by turns; when one is empty, the rest of the other.
struct Interleaved<I, J> {
    i: I,
    j: J,
    is_js_turn: bool,
}

impl<I, J> Iterator for Interleaved<I, J>
where
    I: ExactSizeIterator,
    J: ExactSizeIterator<Item = I::Item>,
{
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        let is_js_turn = self.is_js_turn;
        self.is_js_turn = !is_js_turn;
        // An iterator that is known to be empty is not asked again.
        if if is_js_turn {
            self.j.len() > 0
        } else {
            self.i.len() == 0
        } {
            self.j.next()
        } else {
            self.i.next()
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.i.len() + self.j.len();
        (len, Some(len))
    }

    /// Pair by pair, as long as there are pairs: nobody has to be asked whose turn it is.
    #[inline]
    fn fold<S, G: FnMut(S, I::Item) -> S>(self, init: S, mut op: G) -> S {
        let Self {
            mut i,
            mut j,
            is_js_turn,
        } = self;
        let mut folded = init;
        if is_js_turn
            && j.len() > 0
            && let Some(item) = j.next()
        {
            folded = op(folded, item);
        }
        for _ in 0..i.len().min(j.len()) {
            let Some(item) = i.next() else { break };
            folded = op(folded, item);
            let Some(item) = j.next() else { break };
            folded = op(folded, item);
        }
        folded = i.fold(folded, &mut op);
        j.fold(folded, op)
    }
}

impl<I, J> DoubleEndedIterator for Interleaved<I, J>
where
    I: DoubleEndedIterator + ExactSizeIterator,
    J: DoubleEndedIterator<Item = I::Item> + ExactSizeIterator,
{
    // The longer side has the last word. With equally many left, whose turn it is not.
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        let (i_len, j_len) = (self.i.len(), self.j.len());
        if i_len > j_len || (i_len == j_len && self.is_js_turn) {
            self.i.next_back()
        } else {
            self.j.next_back()
        }
    }
}

impl<I, J> ExactSizeIterator for Interleaved<I, J>
where
    I: ExactSizeIterator,
    J: ExactSizeIterator<Item = I::Item>,
{
}

adapter! {
    /// Takes from two iterators by turns until one is empty; made by
    /// [`interleave_shortest`](IndexedParallelIterator::interleave_shortest).
    pub struct InterleaveShortest<I, J> { interleave: Interleave<Take<I>, Take<J>> }
}

impl<I, J> InterleaveShortest<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    /// Keeps what has a turn: `i` begins, and may give one item more than `j`.
    #[inline]
    pub(in crate::iter) fn of(i: I, j: J) -> Self {
        let (i_len, j_len) = (i.len(), j.len());
        let i_turns = if i_len <= j_len { i_len } else { j_len + 1 };
        Self::new(i.take(i_turns).interleave(j.take(i_len)))
    }
}

impl<I, J> ParallelIterator for InterleaveShortest<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    type Item = I::Item;
    through_producer!(drive_unindexed, opt_len);
}

impl<I, J> IndexedParallelIterator for InterleaveShortest<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    through_producer!(drive);

    fn len(&self) -> usize {
        self.interleave.len()
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        self.interleave.with_producer(callback)
    }
}
