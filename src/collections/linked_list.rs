//! Parallel iterators over linked lists.

use super::listed::Listed;
use super::walk::Walk;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::linked_list::{self, LinkedList};
use std::panic::UnwindSafe;

source! {
    /// A parallel iterator that moves the items out of a linked list.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::LinkedList;
    ///
    /// let doubled: Vec<_> = LinkedList::from([1, 2, 3]).into_par_iter().map(|x| 2 * x).collect();
    /// assert_eq!(doubled, [2, 4, 6]);
    /// ```
    #[derive(Debug, Clone)]
    IntoIter [T] = Listed<linked_list::IntoIter<T>>,
    [T: Send] LinkedList<T>, |list| Listed(list.into_iter()),
    [T: Send] T
}

// It owns its items and has no cells, so a panic leaves it as it is or takes it along.
impl<T: UnwindSafe> UnwindSafe for IntoIter<T> {}

source! {
    /// A parallel iterator over the items of a linked list.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::LinkedList;
    ///
    /// let list = LinkedList::from([1, 2, 3]);
    /// assert_eq!(list.par_iter().sum::<i32>(), 6);
    /// ```
    #[derive(Debug)]
    Iter ['a, T] = Walk<linked_list::Iter<'a, T>>,
    ['a, T: Sync] &'a LinkedList<T>, |list| Walk(list.iter()),
    ['a, T: Sync] &'a T,
    cloned
}

source! {
    /// A parallel iterator over the items of a linked list, which may be changed.
    ///
    /// ```
    /// use lyocell::prelude::*;
    /// use std::collections::LinkedList;
    ///
    /// let mut list = LinkedList::from([1, 2, 3]);
    /// list.par_iter_mut().for_each(|x| *x *= 2);
    /// assert_eq!(list, LinkedList::from([2, 4, 6]));
    /// ```
    #[derive(Debug)]
    IterMut ['a, T] = Listed<linked_list::IterMut<'a, T>>,
    ['a, T: Send] &'a mut LinkedList<T>, |list| Listed(list.iter_mut()),
    ['a, T: Send] &'a mut T
}
