//! `sum`, `product`, `reduce`, `reduce_with`: many items made one, always left before right.

use std::iter::{self, Product, Sum};
use std::marker::PhantomData;
use std::mem::needs_drop;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::Folder;

use super::end::{End, Ending};

/// `sum` and `product` differ in one trait and one word. Each piece goes through std's own loop; that
/// is also how the results of two pieces are joined, since the traits know no other addition.
macro_rules! arithmetic {
    ($(#[$attr:meta])* $function:ident, $trait:ident, $end:ident, $folder:ident) => {
        $(#[$attr])*
        #[inline]
        pub(crate) fn $function<I, S>(items: I) -> S
        where
            I: ParallelIterator,
            S: Send + $trait<I::Item> + $trait,
        {
            items.drive_unindexed(Ending::new($end(PhantomData)))
        }

        struct $end<S>(PhantomData<fn() -> S>);

        impl<S> Clone for $end<S> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<S> Copy for $end<S> {}

        impl<T, S: Send + $trait<T> + $trait> End<T> for $end<S> {
            type Folder = $folder<S>;
            type Result = S;

            #[inline]
            fn folder(self) -> $folder<S> {
                $folder(iter::empty::<T>().$function())
            }

            #[inline]
            fn join(self, left: S, right: S) -> S {
                [left, right].into_iter().$function()
            }
        }

        struct $folder<S>(S);

        impl<T, S: $trait<T> + $trait> Folder<T> for $folder<S> {
            type Result = S;

            #[inline]
            fn consume(self, item: T) -> Self {
                let more: S = iter::once(item).$function();
                Self([self.0, more].into_iter().$function())
            }

            #[inline]
            fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
                let more: S = iter.into_iter().$function();
                Self([self.0, more].into_iter().$function())
            }

            #[inline]
            fn is_alone(&self) -> bool {
                true
            }

            #[inline]
            fn complete(self) -> S {
                self.0
            }

            #[inline]
            fn full(&self) -> bool {
                false
            }
        }
    };
}

arithmetic! {
    /// Adds all items up.
    sum, Sum, SumEnd, Summed
}

arithmetic! {
    /// Multiplies all items.
    product, Product, ProductEnd, Multiplied
}

/// Joins all items with `op`; the `identity` if there are none.
///
/// Plain values begin with an identity in each piece, as in a plain loop: from the second item on, a vectorised loop would read across the boundaries
/// of what the cache holds, and take a quarter longer. For others that would be of no use, since it changes nothing, and may be dear: a
/// table into which another one is emptied is filled twice.
#[inline]
pub(crate) fn reduce<I, ID, F>(items: I, identity: ID, op: F) -> I::Item
where
    I: ParallelIterator,
    ID: Fn() -> I::Item + Sync,
    F: Fn(I::Item, I::Item) -> I::Item + Sync,
{
    if const { needs_drop::<I::Item>() } {
        reduce_with(items, op).unwrap_or_else(identity)
    } else {
        reduce_with(items.fold(&identity, &op), &op).unwrap_or_else(&identity)
    }
}

/// Joins all items with `op`; `None` if there are none.
#[inline]
pub(crate) fn reduce_with<I, F>(items: I, op: F) -> Option<I::Item>
where
    I: ParallelIterator,
    F: Fn(I::Item, I::Item) -> I::Item + Sync,
{
    items.drive_unindexed(Ending::new(ReduceWith(&op)))
}

struct ReduceWith<'f, F>(&'f F);

impl<F> Clone for ReduceWith<'_, F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for ReduceWith<'_, F> {}

impl<'f, T, F> End<T> for ReduceWith<'f, F>
where
    T: Send,
    F: Fn(T, T) -> T + Sync,
{
    type Folder = ReducedWith<'f, T, F>;
    type Result = Option<T>;

    #[inline]
    fn folder(self) -> Self::Folder {
        ReducedWith {
            value: None,
            op: self.0,
        }
    }

    #[inline]
    fn join(self, left: Option<T>, right: Option<T>) -> Option<T> {
        match (left, right) {
            (Some(left), Some(right)) => Some((self.0)(left, right)),
            (left, right) => left.or(right),
        }
    }
}

struct ReducedWith<'f, T, F> {
    value: Option<T>,
    op: &'f F,
}

impl<T, F: Fn(T, T) -> T> Folder<T> for ReducedWith<'_, T, F> {
    type Result = Option<T>;

    #[inline]
    fn consume(self, item: T) -> Self {
        let value = match self.value {
            Some(value) => (self.op)(value, item),
            None => item,
        };
        Self {
            value: Some(value),
            op: self.op,
        }
    }

    // By std's own loop, without the value so far: a compiler that vectorises the greatest of many floats knows that loop only.
    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        match iter.into_iter().reduce(self.op) {
            Some(more) => self.consume(more),
            None => self,
        }
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) -> Option<T> {
        self.value
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// The least item; of several the first.
#[inline]
pub(crate) fn min<I: ParallelIterator<Item: Ord>>(items: I) -> Option<I::Item> {
    items.drive_unindexed(Ending::new(Extreme::<false>))
}

/// The greatest item; of several the last.
#[inline]
pub(crate) fn max<I: ParallelIterator<Item: Ord>>(items: I) -> Option<I::Item> {
    items.drive_unindexed(Ending::new(Extreme::<true>))
}

/// The item at one end of the order. (Std's own loop is what compilers know best for the greatest: as a reduction by `Ord::max` that of references
/// to a thousand integers took six times as long. For the least it is the other way round: of references to 50,000 integers, std's
/// took 42 µs and a reduction 14.)
#[derive(Clone, Copy)]
struct Extreme<const MAX: bool>;

impl<T: Ord + Send, const MAX: bool> End<T> for Extreme<MAX> {
    type Folder = Farthest<T, MAX>;
    type Result = Option<T>;

    #[inline]
    fn folder(self) -> Self::Folder {
        Farthest(None)
    }

    #[inline]
    fn join(self, left: Option<T>, right: Option<T>) -> Option<T> {
        Farthest::<T, MAX>(left).or_later(right).0
    }
}

/// The farthest item so far.
struct Farthest<T, const MAX: bool>(Option<T>);

impl<T: Ord, const MAX: bool> Farthest<T, MAX> {
    #[inline]
    fn or_later(self, later: Option<T>) -> Self {
        Self(match (self.0, later) {
            (Some(first), Some(later)) if first.cmp(&later).is_gt() == MAX => Some(first),
            (first, None) => first,
            (_, later) => later,
        })
    }
}

impl<T: Ord, const MAX: bool> Folder<T> for Farthest<T, MAX> {
    type Result = Option<T>;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.or_later(Some(item))
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let iter = iter.into_iter();
        let least = |first: T, later: T| if later < first { later } else { first };
        self.or_later(if MAX { iter.max() } else { iter.reduce(least) })
    }

    #[inline]
    fn is_alone(&self) -> bool {
        true
    }

    #[inline]
    fn complete(self) -> Option<T> {
        self.0
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}
