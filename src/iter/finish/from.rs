//! `FromParallelIterator` for std's collections, and for options and results of collections.

use super::{collect, stop, tree};
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

/// Writes `FromParallelIterator` for a collection; `make` says how it comes of a parallel iterator.
macro_rules! from {
    ($(
        $(#[$doc:meta])*
        [$($bounds:tt)*] $Item:ty => $Collection:ty, |$par_iter:ident| $make:expr;
    )*) => {$(
        $(#[$doc])*
        impl<$($bounds)*> FromParallelIterator<$Item> for $Collection {
            fn from_par_iter<I>(par_iter: I) -> Self
            where
                I: IntoParallelIterator<Item = $Item>,
            {
                let $par_iter = par_iter.into_par_iter();
                $make
            }
        }
    )*};
}

/// An empty collection, extended.
fn extended<C, I>(par_iter: I) -> C
where
    I: ParallelIterator,
    C: Default + ParallelExtend<I::Item>,
{
    let mut collection = C::default();
    collection.par_extend(par_iter);
    collection
}

/// Collects the items in order. Where the length is known each is written once, straight into its place; what comes of a
/// [vector's items](crate::vec::IntoIter) may come to lie where those were.
///
/// ```
/// use lyocell::prelude::*;
///
/// let squares: Vec<u32> = (0..5u32).into_par_iter().map(|x| x * x).collect();
/// assert_eq!(squares, [0, 1, 4, 9, 16]);
/// ```
impl<T: Send> FromParallelIterator<T> for Vec<T> {
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = T>,
    {
        collect::collect_vec(par_iter.into_par_iter())
    }

    fn from_par_results<I, E>(par_iter: I) -> Result<Self, E>
    where
        I: ParallelIterator<Item = Result<T, E>>,
        E: Send,
    {
        stop::collect_oks_into_vec(par_iter)
    }
}

/// Writes `FromParallelIterator` for what is made of a vector; `make` says how.
macro_rules! from_vec {
    ($(
        $(#[$doc:meta])*
        [$($bounds:tt)*] $Item:ty => $Collection:ty, |$vec:ident| $make:expr;
    )*) => {$(
        $(#[$doc])*
        impl<$($bounds)*> FromParallelIterator<$Item> for $Collection {
            fn from_par_iter<I>(par_iter: I) -> Self
            where
                I: IntoParallelIterator<Item = $Item>,
            {
                let $vec = Vec::from_par_iter(par_iter);
                $make
            }

            fn from_par_results<I, E>(par_iter: I) -> Result<Self, E>
            where
                I: ParallelIterator<Item = Result<$Item, E>>,
                E: Send,
            {
                let $vec = Vec::from_par_results(par_iter)?;
                Ok($make)
            }
        }
    )*};
}

from_vec! {
    /// Collects the items in order, like a vector.
    [T: Send] T => Box<[T]>, |vec| vec.into();

    /// Collects the items in order, like a vector.
    [T: Send] T => VecDeque<T>, |vec| vec.into();

    /// Collects the items like a vector, then makes a heap of it on one thread.
    [T: Ord + Send] T => BinaryHeap<T>, |vec| vec.into();

    /// Collects the items like a vector, sorts them in parallel, and makes a tree of them on one thread. Of
    /// several that are equal the first one stays.
    [T: Ord + Send] T => BTreeSet<T>, |vec| tree::set_of(vec);

    /// Collects the entries like a vector, sorts them in parallel, and makes a tree of them on one thread.
    /// Of several with equal keys the first key and the last value stay, as with `insert`.
    [K: Ord + Send, V: Send] (K, V) => BTreeMap<K, V>, |vec| tree::map_of(vec);
}

from! {
    /// Collects the items in order. Where the length is known they are written straight into the shared
    /// allocation.
    [T: Send] T => Rc<[T]>, |par_iter| match par_iter.opt_len() {
        Some(len) => collect::collect_rc(par_iter, len),
        None => Vec::from_par_iter(par_iter).into(),
    };

    /// Collects the items in order. Where the length is known they are written straight into the shared
    /// allocation.
    [T: Send] T => Arc<[T]>, |par_iter| match par_iter.opt_len() {
        Some(len) => collect::collect_arc(par_iter, len),
        None => Vec::from_par_iter(par_iter).into(),
    };

    /// Collects the items in order.
    [T: Send] T => LinkedList<T>, |par_iter| extended(par_iter);

    /// Makes the items in parallel, and inserts them on one thread.
    [T: Eq + Hash + Send, S: BuildHasher + Default + Send] T => HashSet<T, S>,
        |par_iter| extended(par_iter);

    /// Makes the entries in parallel, and inserts them on one thread. Of several entries with one key the
    /// last one's value stays, as with a sequential iterator.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashMap;
    ///
    /// let lengths: HashMap<_, _> = ["much", "ado"].par_iter().map(|word| (*word, word.len())).collect();
    /// assert_eq!((lengths["much"], lengths["ado"]), (4, 3));
    /// ```
    [K: Eq + Hash + Send, V: Send, S: BuildHasher + Default + Send] (K, V) => HashMap<K, V, S>,
        |par_iter| extended(par_iter);

    /// Joins the strings in order.
    ['a] &'a OsStr => OsString, |par_iter| extended(par_iter);
    /// Joins the strings in order.
    ['a] Cow<'a, OsStr> => OsString, |par_iter| extended(par_iter);
    /// Joins the strings in order.
    [] OsString => OsString, |par_iter| extended(par_iter);

    /// Collects into the owned form.
    ['a, T: Send, C: ToOwned<Owned: FromParallelIterator<T>> + ?Sized] T => Cow<'a, C>,
        |par_iter| Cow::Owned(C::Owned::from_par_iter(par_iter));

    /// Runs the iterator for its effects. It shines inside a result:
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let check = |x: u32| if x < 10 { Ok(()) } else { Err(x) };
    /// assert_eq!((0..10u32).into_par_iter().map(check).collect::<Result<(), _>>(), Ok(()));
    /// assert_eq!((0..11u32).into_par_iter().map(check).collect::<Result<(), _>>(), Err(10));
    /// ```
    [] () => (), |par_iter| extended(par_iter);

    /// Collects what is inside the `Ok`s, until an `Err` turns up: then that is the result.
    ///
    /// The other threads stop soon after the first error, and what was collected is dropped. If there are
    /// several errors, any one of them may be returned.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let parse = |word: &&str| word.parse::<u32>().map_err(|_| word.to_string());
    /// let numbers: Result<Vec<u32>, String> = ["1", "2"].par_iter().map(parse).collect();
    /// assert_eq!(numbers, Ok(vec![1, 2]));
    /// let numbers: Result<Vec<u32>, String> = ["1", "two"].par_iter().map(parse).collect();
    /// assert_eq!(numbers, Err("two".to_string()));
    /// ```
    [T: Send, E: Send, C: FromParallelIterator<T>] Result<T, E> => Result<C, E>,
        |par_iter| C::from_par_results(par_iter);

    /// Collects what is inside the `Some`s, unless there is a `None`: then there is no collection at all.
    ///
    /// The other threads stop soon after the first `None`, and what was collected is dropped.
    [T: Send, C: FromParallelIterator<T>] Option<T> => Option<C>,
        |par_iter| C::from_par_results(par_iter.map(|item| item.ok_or(()))).ok();
}

/// Strings, and boxed strings by way of them.
macro_rules! from_text {
    ($([$($lifetime:lifetime)?] $Item:ty;)*) => {$(
        from! {
            /// Joins the items in order.
            [$($lifetime)?] $Item => String, |par_iter| extended(par_iter);
            /// Joins the items in order.
            [$($lifetime)?] $Item => Box<str>, |par_iter| String::from_par_iter(par_iter).into();
        }
    )*};
}

from_text! {
    [] char;
    ['a] &'a char;
    ['a] &'a str;
    [] String;
    [] Box<str>;
    ['a] Cow<'a, str>;
}
