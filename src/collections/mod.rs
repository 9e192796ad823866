//! Parallel iterators over std's collections.
//!
//! What lies in one or two slices is iterated over in place, and so are hash tables and linked lists by
//! shared reference. What else cannot be cut in the middle, a tree or a list or table whose items are moved
//! out or lent out to be changed, is listed in a vector by one thread, unless the loop is over before that is worth it.
//!
//! There is seldom a reason to name one of these types.

/// Writes a public parallel iterator that is another one under a name of its own, and makes a collection
/// turn into it.
///
/// The struct comes first with what it wraps, then the collection and how the wrapped iterator comes of it,
/// then the items. Parameters and bounds stand in brackets. At the end come the things that only some can
/// do: `indexed` ones know their length and indices, and `cloned` is for iterators over references, which
/// can be cloned whatever they refer to.
macro_rules! source {
    (
        $(#[$attribute:meta])*
        $Iter:ident $params:tt $(where $Param:ident: $Bound:ident)? = $Inner:ty,
        $from:tt $Collection:ty, |$collection:ident| $make:expr,
        $bounds:tt $Item:ty $(, $kind:ident)*
    ) => {
        source! { @named $(#[$attribute])* $Iter $params $(where $Param: $Bound)? = $Inner }
        source! { @into $from $Collection, |$collection| $make, $Iter $params, $Item }
        source! { @items $bounds $Iter $params, $Item }
        $(source! { @$kind $bounds $Iter $params, $Item })*
    };

    (
        @named $(#[$attribute:meta])*
        $Iter:ident [$($param:tt),*] $(where $Param:ident: $Bound:ident)? = $Inner:ty
    ) => {
        $(#[$attribute])*
        #[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
        pub struct $Iter<$($param),*> $(where $Param: $Bound)? {
            inner: $Inner,
        }
    };

    (
        @into [$($bounds:tt)*] $Collection:ty, |$collection:ident| $make:expr,
        $Iter:ident [$($param:tt),*], $Item:ty
    ) => {
        impl<$($bounds)*> IntoParallelIterator for $Collection {
            type Item = $Item;
            type Iter = $Iter<$($param),*>;

            fn into_par_iter(self) -> Self::Iter {
                let $collection = self;
                $Iter { inner: $make }
            }
        }
    };

    (@items [$($bounds:tt)*] $Iter:ident [$($param:tt),*], $Item:ty) => {
        impl<$($bounds)*> ParallelIterator for $Iter<$($param),*> {
            type Item = $Item;

            fn drive_unindexed<C>(self, consumer: C) -> C::Result
            where
                C: UnindexedConsumer<$Item>,
            {
                self.inner.drive_unindexed(consumer)
            }

            fn opt_len(&self) -> Option<usize> {
                self.inner.opt_len()
            }
        }
    };

    (@indexed [$($bounds:tt)*] $Iter:ident [$($param:tt),*], $Item:ty) => {
        impl<$($bounds)*> IndexedParallelIterator for $Iter<$($param),*> {
            fn drive<C>(self, consumer: C) -> C::Result
            where
                C: Consumer<$Item>,
            {
                self.inner.drive(consumer)
            }

            fn len(&self) -> usize {
                self.inner.len()
            }

            fn with_producer<CB>(self, callback: CB) -> CB::Output
            where
                CB: ProducerCallback<$Item>,
            {
                self.inner.with_producer(callback)
            }
        }
    };

    (@cloned $bounds:tt $Iter:ident [$($param:tt),*], $Item:ty) => {
        impl<$($param),*> Clone for $Iter<$($param),*> {
            fn clone(&self) -> Self {
                Self { inner: self.inner.clone() }
            }
        }
    };
}

/// Makes a wrapper of an iterator one itself, with the same length and the same loop.
macro_rules! iterates_as_inner {
    ($name:ident $(, const $flag:ident: bool)?) => {
        impl<I: Iterator $(, const $flag: bool)?> Iterator for $name<I $(, $flag)?> {
            type Item = I::Item;

            #[inline]
            fn next(&mut self) -> Option<I::Item> {
                self.0.next()
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }

            #[inline]
            fn fold<B, F: FnMut(B, I::Item) -> B>(self, first: B, f: F) -> B {
                self.0.fold(first, f)
            }
        }

        impl<I: ExactSizeIterator $(, const $flag: bool)?> ExactSizeIterator for $name<I $(, $flag)?> {}
    };
}

mod begin;
pub mod binary_heap;
pub mod btree_map;
pub mod btree_set;
pub mod hash_map;
pub mod hash_set;
mod keyed;
pub mod linked_list;
mod listed;
pub mod vec_deque;
mod walk;

/// Empties a collection that can become a vector and back without moving to another allocation, and gives
/// the allocation back when dropped.
struct Borrowed<'a, T, C: From<Vec<T>>> {
    collection: &'a mut C,
    vec: Vec<T>,
}

impl<'a, T, C> Borrowed<'a, T, C>
where
    C: Default + From<Vec<T>>,
    Vec<T>: From<C>,
{
    fn new(collection: &'a mut C) -> Self {
        let vec = std::mem::take(collection).into();
        Self { collection, vec }
    }
}

impl<T, C: From<Vec<T>>> Drop for Borrowed<'_, T, C> {
    fn drop(&mut self) {
        *self.collection = std::mem::take(&mut self.vec).into();
    }
}
