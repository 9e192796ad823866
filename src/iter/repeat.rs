//! `repeat` and `repeat_n`: one item again and again.

use super::plumbing::source::{Source, indexed_source};
use super::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use super::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator, Zip};

/// One item without end; made by [`repeat`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct Repeat<T> {
    element: T,
}

/// A parallel iterator that clones an item without end.
///
/// Something has to end it: [`take`](Repeat::take), [`zip`](Repeat::zip), a search.
///
/// ```
/// use lyocell::iter::repeat;
/// use lyocell::prelude::*;
///
/// assert_eq!(repeat(7).take(3).sum::<u32>(), 21);
/// assert_eq!(repeat(7).zip([1, 2]).map(|(a, b)| a * b).max(), Some(14));
/// assert_eq!(repeat(7).find_any(|n| *n == 7), Some(7));
/// ```
#[inline]
pub fn repeat<T: Clone + Send>(element: T) -> Repeat<T> {
    Repeat { element }
}

impl<T: Clone + Send> Repeat<T> {
    /// So many of them.
    ///
    /// ```
    /// use lyocell::iter::repeat;
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(repeat("no").take(3).len(), 3);
    /// ```
    #[inline]
    pub fn take(self, n: usize) -> RepeatN<T> {
        repeat_n(self.element, n)
    }

    /// One of them with each item of another iterator.
    ///
    /// ```
    /// use lyocell::iter::repeat;
    /// use lyocell::prelude::*;
    ///
    /// assert!(repeat(2).zip([4, 6]).all(|(a, b)| b % a == 0));
    /// ```
    #[inline]
    pub fn zip<Z>(self, zip_op: Z) -> Zip<RepeatN<T>, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        let other = zip_op.into_par_iter();
        let n = other.len();
        self.take(n).zip(other)
    }
}

impl<T: Clone + Send> ParallelIterator for Repeat<T> {
    type Item = T;

    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        bridge_unindexed(WithoutEnd(self.element), consumer)
    }
}

struct WithoutEnd<T>(T);

impl<T: Clone + Send> UnindexedProducer for WithoutEnd<T> {
    type Item = T;

    fn split(self) -> (Self, Option<Self>) {
        (Self(self.0.clone()), Some(self))
    }

    fn fold_with<F: Folder<T>>(self, folder: F) -> F {
        folder.consume_iter(std::iter::repeat(self.0))
    }
}

/// One item so many times; made by [`repeat_n`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct RepeatN<T> {
    /// `None` when nothing is left.
    element: Option<T>,
    n: usize,
}

/// A parallel iterator over `n` clones of an item; the last one is the item itself.
///
/// ```
/// use lyocell::iter::repeat_n;
/// use lyocell::prelude::*;
///
/// assert_eq!(repeat_n(7, 3).collect::<Vec<u32>>(), [7, 7, 7]);
/// ```
#[inline]
pub fn repeat_n<T: Clone + Send>(element: T, n: usize) -> RepeatN<T> {
    RepeatN {
        element: (n > 0).then_some(element),
        n,
    }
}

/// The old name of [`repeat_n`].
#[deprecated(note = "use `repeat_n`, as it is called in `std::iter`")]
pub fn repeatn<T: Clone + Send>(element: T, n: usize) -> RepeatN<T> {
    repeat_n(element, n)
}

impl<T: Clone + Send> Source for RepeatN<T> {
    type Item = T;
    type Seq = RepeatedN<T>;

    #[inline]
    fn length(&self) -> usize {
        self.n
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let rest = self.n - index;
        let (left, right) = match (index, rest) {
            (0, _) => (None, self.element),
            (_, 0) => (self.element, None),
            _ => (self.element.clone(), self.element),
        };
        (
            Self {
                element: left,
                n: index,
            },
            Self {
                element: right,
                n: rest,
            },
        )
    }

    #[inline]
    fn seq(self) -> RepeatedN<T> {
        RepeatedN(self)
    }
}

indexed_source!(impl[T: Clone + Send] RepeatN<T>, T);

/// A `RepeatN` that gives out its items. (std's `RepeatN` cannot be empty without an item.)
#[derive(Debug)]
pub(crate) struct RepeatedN<T>(RepeatN<T>);

impl<T: Clone> Iterator for RepeatedN<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.n = self.0.n.saturating_sub(1);
        if self.0.n > 0 {
            self.0.element.clone()
        } else {
            self.0.element.take()
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.n, Some(self.0.n))
    }
}

impl<T: Clone> DoubleEndedIterator for RepeatedN<T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.next()
    }
}

impl<T: Clone> ExactSizeIterator for RepeatedN<T> {}
