//! Trees: sorted in parallel first, then built from the leaves up, which is faster than to insert one by
//! one. The result is that of inserting, which keeps the first of several equal keys and the last value.
//! (Std's `collect` keeps the last key, too; its `extend` inserts.)

use crate::slice::ParallelSliceMut;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// The map that inserting the entries into an empty one comes to.
pub(super) fn map_of<K: Ord + Send, V: Send>(mut entries: Vec<(K, V)>) -> BTreeMap<K, V> {
    entries.par_sort_by(|a, b| a.0.cmp(&b.0));
    entries.dedup_by(|later, first| {
        let is_known = later.0.cmp(&first.0).is_eq();
        if is_known {
            mem::swap(&mut later.1, &mut first.1);
        }
        is_known
    });
    BTreeMap::from_iter(entries)
}

/// The set that inserting the items into an empty one comes to.
pub(super) fn set_of<T: Ord + Send>(mut items: Vec<T>) -> BTreeSet<T> {
    items.par_sort();
    items.dedup_by(|later, first| later.cmp(&first).is_eq());
    BTreeSet::from_iter(items)
}
