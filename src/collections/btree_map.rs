//! Parallel iterators over ordered maps. They go in the order of the keys.

use super::keyed::Keyed;
use super::listed::Listed;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::btree_map::{self, BTreeMap};
use std::panic::UnwindSafe;

source! {
    /// A parallel iterator that moves the entries out of an ordered map.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BTreeMap;
    ///
    /// let ages = BTreeMap::from([("Bob", 29), ("Ann", 41)]);
    /// let names: Vec<_> = ages.into_par_iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["Ann", "Bob"]);
    /// ```
    #[derive(Debug)]
    IntoIter [K, V] = Listed<btree_map::IntoIter<K, V>>,
    [K: Send, V: Send] BTreeMap<K, V>, |map| Listed(map.into_iter()),
    [K: Send, V: Send] (K, V)
}

// It owns its items and has no cells, so a panic leaves it as it is or takes it along.
impl<K: UnwindSafe, V: UnwindSafe> UnwindSafe for IntoIter<K, V> {}

source! {
    /// A parallel iterator over the entries of an ordered map.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BTreeMap;
    ///
    /// let ages = BTreeMap::from([("Bob", 29), ("Ann", 41)]);
    /// assert_eq!(ages.par_iter().find_first(|(_, age)| **age > 21), Some((&"Ann", &41)));
    /// ```
    #[derive(Debug)]
    Iter ['a, K, V] = Listed<btree_map::Iter<'a, K, V>>,
    ['a, K: Sync, V: Sync] &'a BTreeMap<K, V>, |map| Listed(map.iter()),
    ['a, K: Sync + 'a, V: Sync + 'a] (&'a K, &'a V),
    cloned
}

source! {
    /// A parallel iterator over the entries of an ordered map, whose values may be changed.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::BTreeMap;
    ///
    /// let mut ages = BTreeMap::from([("Bob", 29), ("Ann", 41)]);
    /// ages.par_iter_mut().for_each(|(_, age)| *age += 1);
    /// assert_eq!(ages["Bob"], 30);
    /// ```
    #[derive(Debug)]
    IterMut ['a, K, V] = Listed<Keyed<btree_map::IterMut<'a, K, V>>>,
    ['a, K: Sync, V: Send] &'a mut BTreeMap<K, V>, |map| Listed(Keyed(map.iter_mut())),
    ['a, K: Sync + 'a, V: Send + 'a] (&'a K, &'a mut V)
}
