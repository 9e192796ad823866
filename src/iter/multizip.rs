//! Tuples of up to twelve: a tuple of collections is run through in step.
//!
//! All of it is [`zip`](super::Zip), nested to the left, and a `map` that makes the pairs of pairs flat.

use super::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use super::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator,
    IntoParallelRefMutIterator, ParallelIterator,
};

/// Walks several iterators in step, as long as the shortest lasts.
///
/// ```
/// use lyocell::prelude::*;
///
/// let (a, b) = ([1, 2, 3], [10, 20, 30]);
/// let mut sums = [0; 3];
/// (&a, &b, &mut sums).into_par_iter().for_each(|(a, b, sum)| *sum = a + b);
/// assert_eq!(sums, [11, 22, 33]);
/// ```
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Debug, Clone)]
pub struct MultiZip<T> {
    tuple: T,
}

/// The flat iterator over the parallel iterators in `$x…`.
macro_rules! zipped {
    ($x:ident) => {
        $x.map(|$x| ($x,))
    };
    ($x:ident $($rest:ident)+) => {
        zipped!(@ $x, $x => $($rest)+; $x $($rest)+)
    };
    (@ $zip:expr, $pattern:pat => $x:ident $($rest:ident)*; $($all:ident)+) => {
        zipped!(@ $zip.zip($x), ($pattern, $x) => $($rest)*; $($all)+)
    };
    (@ $zip:expr, $pattern:pat => ; $($all:ident)+) => {
        $zip.map(|$pattern| ($($all,)+))
    };
}

macro_rules! multizip {
    ($($t:ident $x:ident),+) => {
        impl<$($t: IndexedParallelIterator),+> ParallelIterator for MultiZip<($($t,)+)> {
            type Item = ($($t::Item,)+);

            fn drive_unindexed<CONSUMER>(self, consumer: CONSUMER) -> CONSUMER::Result
            where
                CONSUMER: UnindexedConsumer<Self::Item>,
            {
                self.drive(consumer)
            }

            fn opt_len(&self) -> Option<usize> {
                Some(self.len())
            }
        }

        impl<$($t: IndexedParallelIterator),+> IndexedParallelIterator for MultiZip<($($t,)+)> {
            fn drive<CONSUMER>(self, consumer: CONSUMER) -> CONSUMER::Result
            where
                CONSUMER: Consumer<Self::Item>,
            {
                let ($($x,)+) = self.tuple;
                zipped!($($x)+).drive(consumer)
            }

            fn len(&self) -> usize {
                let ($($x,)+) = &self.tuple;
                [$($x.len()),+].into_iter().fold(usize::MAX, usize::min)
            }

            fn with_producer<CALLBACK>(self, callback: CALLBACK) -> CALLBACK::Output
            where
                CALLBACK: ProducerCallback<Self::Item>,
            {
                let ($($x,)+) = self.tuple;
                zipped!($($x)+).with_producer(callback)
            }
        }

        impl<$($t),+> IntoParallelIterator for ($($t,)+)
        where
            $($t: IntoParallelIterator<Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($t::Item,)+);
            type Iter = MultiZip<($($t::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($x,)+) = self;
                MultiZip { tuple: ($($x.into_par_iter(),)+) }
            }
        }

        impl<'a, $($t),+> IntoParallelIterator for &'a ($($t,)+)
        where
            $($t: IntoParallelRefIterator<'a, Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($t::Item,)+);
            type Iter = MultiZip<($($t::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($x,)+) = self;
                MultiZip { tuple: ($($x.par_iter(),)+) }
            }
        }

        impl<'a, $($t),+> IntoParallelIterator for &'a mut ($($t,)+)
        where
            $($t: IntoParallelRefMutIterator<'a, Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($t::Item,)+);
            type Iter = MultiZip<($($t::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($x,)+) = self;
                MultiZip { tuple: ($($x.par_iter_mut(),)+) }
            }
        }
    };
}

multizip! { A a }
multizip! { A a, B b }
multizip! { A a, B b, C c }
multizip! { A a, B b, C c, D d }
multizip! { A a, B b, C c, D d, E e }
multizip! { A a, B b, C c, D d, E e, F f }
multizip! { A a, B b, C c, D d, E e, F f, G g }
multizip! { A a, B b, C c, D d, E e, F f, G g, H h }
multizip! { A a, B b, C c, D d, E e, F f, G g, H h, I i }
multizip! { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j }
multizip! { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k }
multizip! { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l }
