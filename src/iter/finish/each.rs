//! `for_each`, `count`, and the end that only makes items happen.

use crate::iter::ParallelIterator;
use crate::iter::plumbing::Folder;

use super::end::{End, Ending};

/// Calls `op` with each item.
#[inline]
pub(crate) fn for_each<I, F>(items: I, op: F)
where
    I: ParallelIterator,
    F: Fn(I::Item) + Sync,
{
    items.drive_unindexed(Ending::new(ForEach(&op)));
}

struct ForEach<'f, F>(&'f F);

impl<F> Clone for ForEach<'_, F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for ForEach<'_, F> {}

impl<T, F: Fn(T) + Sync> End<T> for ForEach<'_, F> {
    type Folder = Self;
    type Result = ();

    #[inline]
    fn folder(self) -> Self {
        self
    }

    #[inline]
    fn join(self, (): (), (): ()) {}
}

impl<T, F: Fn(T)> Folder<T> for ForEach<'_, F> {
    type Result = ();

    #[inline]
    fn consume(self, item: T) -> Self {
        (self.0)(item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        iter.into_iter().for_each(self.0);
        self
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) {}

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// Makes the items and drops them.
#[derive(Clone, Copy)]
pub(crate) struct Noop;

impl Noop {
    #[inline]
    pub(crate) fn new<T>() -> Ending<T, Self> {
        Ending::new(Self)
    }
}

impl<T> End<T> for Noop {
    type Folder = Self;
    type Result = ();

    #[inline]
    fn folder(self) -> Self {
        self
    }

    #[inline]
    fn join(self, (): (), (): ()) {}
}

impl<T> Folder<T> for Noop {
    type Result = ();

    #[inline]
    fn consume(self, _item: T) -> Self {
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        iter.into_iter().for_each(drop);
        self
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) {}

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// Counts the items.
#[inline]
pub(crate) fn count<I: ParallelIterator>(items: I) -> usize {
    items.drive_unindexed(Ending::new(Count))
}

#[derive(Clone, Copy)]
struct Count;

impl<T> End<T> for Count {
    type Folder = Counted;
    type Result = usize;

    #[inline]
    fn folder(self) -> Counted {
        Counted(0)
    }

    #[inline]
    fn join(self, left: usize, right: usize) -> usize {
        left + right
    }
}

struct Counted(usize);

impl<T> Folder<T> for Counted {
    type Result = usize;

    #[inline]
    fn consume(self, _item: T) -> Self {
        Self(self.0 + 1)
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        Self(self.0 + iter.into_iter().count())
    }

    // Std counts those that are liked without a branch, and several at a time.
    #[inline]
    fn consume_liked<I, P>(self, iter: I, is_liked: P) -> Self
    where
        I: Iterator<Item = T>,
        P: Fn(&T) -> bool,
    {
        Self(self.0 + iter.filter(is_liked).count())
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) -> usize {
        self.0
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}
