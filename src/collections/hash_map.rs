//! Parallel iterators over hash maps.

use super::keyed::Keyed;
use super::listed::Listed;
use super::walk::Walk;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelDrainFull, ParallelIterator};
use crate::vec;
use std::collections::hash_map::{self, HashMap};
use std::marker::PhantomData;
use std::panic::UnwindSafe;

source! {
    /// A parallel iterator that moves the entries out of a hash map.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashMap;
    ///
    /// let ages = HashMap::from([("Ann", 41), ("Bob", 29)]);
    /// assert_eq!(ages.into_par_iter().map(|(_, age)| age).max(), Some(41));
    /// ```
    #[derive(Debug)]
    IntoIter [K, V] = Listed<hash_map::IntoIter<K, V>>,
    [K: Send, V: Send, S] HashMap<K, V, S>, |map| Listed(map.into_iter()),
    [K: Send, V: Send] (K, V)
}

// It owns its items and has no cells, so a panic leaves it as it is or takes it along.
impl<K: UnwindSafe, V: UnwindSafe> UnwindSafe for IntoIter<K, V> {}

source! {
    /// A parallel iterator over the entries of a hash map.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashMap;
    ///
    /// let ages = HashMap::from([("Ann", 41), ("Bob", 29)]);
    /// assert!(ages.par_iter().all(|(name, age)| name.len() == 3 && *age > 21));
    /// ```
    #[derive(Debug)]
    Iter ['a, K, V] = Walk<hash_map::Iter<'a, K, V>>,
    ['a, K: Sync, V: Sync, S] &'a HashMap<K, V, S>, |map| Walk(map.iter()),
    ['a, K: Sync, V: Sync] (&'a K, &'a V),
    cloned
}

source! {
    /// A parallel iterator over the entries of a hash map, whose values may be changed.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::HashMap;
    ///
    /// let mut ages = HashMap::from([("Ann", 41), ("Bob", 29)]);
    /// ages.par_iter_mut().for_each(|(_, age)| *age += 1);
    /// assert_eq!(ages["Bob"], 30);
    /// ```
    #[derive(Debug)]
    IterMut ['a, K, V] = Listed<Keyed<hash_map::IterMut<'a, K, V>>>,
    ['a, K: Sync, V: Send, S] &'a mut HashMap<K, V, S>, |map| Listed(Keyed(map.iter_mut())),
    ['a, K: Sync, V: Send] (&'a K, &'a mut V)
}

/// A parallel iterator that moves the entries out of a hash map, which keeps its capacity.
///
/// ```
/// use lyocell::prelude::*;
/// use std::collections::HashMap;
///
/// let mut ages = HashMap::from([("Ann", 41), ("Bob", 29)]);
/// assert_eq!(ages.par_drain().map(|(_, age)| age).min(), Some(29));
/// assert!(ages.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, K, V> {
    inner: vec::IntoIter<(K, V)>,
    borrow: PhantomData<&'a mut HashMap<K, V>>,
}

impl<'a, K: Send, V: Send, S> ParallelDrainFull for &'a mut HashMap<K, V, S> {
    type Iter = Drain<'a, K, V>;
    type Item = (K, V);

    fn par_drain(self) -> Drain<'a, K, V> {
        Drain {
            inner: Vec::from_iter(self.drain()).into_par_iter(),
            borrow: PhantomData,
        }
    }
}

source! { @items [K: Send, V: Send] Drain ['_, K, V], (K, V) }
