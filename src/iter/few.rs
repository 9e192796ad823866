//! `empty` and `once`, and `Either` of two parallel iterators.

use std::{fmt, marker::PhantomData, option};

use either::Either;

use super::plumbing::source::{Source, indexed_source};
use super::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use super::{IndexedParallelIterator, ParallelIterator};

/// No items; made by [`empty`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
pub struct Empty<T> {
    marker: PhantomData<T>,
}

/// A parallel iterator without items.
///
/// ```
/// use lyocell::iter::empty;
/// use lyocell::prelude::*;
///
/// assert_eq!(empty::<u32>().count(), 0);
/// ```
#[inline]
pub fn empty<T: Send>() -> Empty<T> {
    Empty {
        marker: PhantomData,
    }
}

impl<T> Clone for Empty<T> {
    fn clone(&self) -> Self {
        Self {
            marker: PhantomData,
        }
    }
}

impl<T: Send> fmt::Debug for Empty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("Empty")
    }
}

impl<T: Send> Source for Empty<T> {
    type Item = T;
    type Seq = option::IntoIter<T>;

    #[inline]
    fn length(&self) -> usize {
        0
    }

    #[inline]
    fn cut(self, _index: usize) -> (Self, Self) {
        (self.clone(), self)
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        None.into_iter()
    }
}

indexed_source!(impl[T: Send] Empty<T>, T);

/// One item; made by [`once`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct Once<T> {
    item: Option<T>,
}

/// A parallel iterator over one item.
///
/// ```
/// use lyocell::iter::once;
/// use lyocell::prelude::*;
///
/// assert_eq!((0..3).into_par_iter().chain(once(10)).sum::<i32>(), 13);
/// ```
#[inline]
pub fn once<T: Send>(item: T) -> Once<T> {
    Once { item: Some(item) }
}

impl<T: Send> Source for Once<T> {
    type Item = T;
    type Seq = option::IntoIter<T>;

    #[inline]
    fn length(&self) -> usize {
        usize::from(self.item.is_some())
    }

    #[inline]
    fn cut(self, index: usize) -> (Self, Self) {
        let nothing = Self { item: None };
        if index == 0 {
            (nothing, self)
        } else {
            (self, nothing)
        }
    }

    #[inline]
    fn seq(self) -> Self::Seq {
        self.item.into_iter()
    }
}

indexed_source!(impl[T: Send] Once<T>, T);

impl<L, R> ParallelIterator for Either<L, R>
where
    L: ParallelIterator,
    R: ParallelIterator<Item = L::Item>,
{
    type Item = L::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<L::Item>>(self, consumer: C) -> C::Result {
        match self {
            Self::Left(items) => items.drive_unindexed(consumer),
            Self::Right(items) => items.drive_unindexed(consumer),
        }
    }

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        self.as_ref().either(L::opt_len, R::opt_len)
    }
}

impl<L, R> IndexedParallelIterator for Either<L, R>
where
    L: IndexedParallelIterator,
    R: IndexedParallelIterator<Item = L::Item>,
{
    #[inline]
    fn drive<C: Consumer<L::Item>>(self, consumer: C) -> C::Result {
        match self {
            Self::Left(items) => items.drive(consumer),
            Self::Right(items) => items.drive(consumer),
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.as_ref().either(L::len, R::len)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<L::Item>>(self, callback: CB) -> CB::Output {
        match self {
            Self::Left(items) => items.with_producer(callback),
            Self::Right(items) => items.with_producer(callback),
        }
    }
}
