//! Sorting numbers in place of elements, and then moving each element once.
#![allow(unsafe_code)]

use super::order;
use super::run::{Run, copy_one};
use crate::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator,
};
use crate::pool::in_worker;
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, needs_drop};

/// Fewer large elements than this are sorted as they are.
pub(super) const MIN_LEN: usize = 64;

/// Elements of at most so many bytes change places by way of a buffer.
const MAX_BUFFERED: usize = 64;

/// Fewer elements than this come back from it by one worker.
const HOME_GRAIN: usize = 32 << 10;

/// A number that can count the elements of a slice.
pub(super) trait Index: Copy + Ord + Send + Sync {
    fn new(index: usize) -> Self;
    fn get(self) -> usize;
}

impl Index for usize {
    fn new(index: usize) -> Self {
        index
    }
    fn get(self) -> usize {
        self
    }
}

/// For slices of at most [`u32::MAX`] elements.
impl Index for u32 {
    fn new(index: usize) -> Self {
        index as u32
    }
    fn get(self) -> usize {
        self as usize
    }
}

/// The elements of a slice for those who sort its indices.
///
/// - X1 The slice is borrowed mutably for `'a`, and there are `len` elements at `first`.
/// - X2 Among the numbers that are sorted each index occurs once.
/// - X3 A number is compared by one worker at a time. The sorts are generic over `T: Send`, so they treat numbers as
///   they would treat elements that are not `Sync`.
struct Elements<'a, T> {
    first: *const T,
    len: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: X2 and X3: different workers look at different elements, each of them as if it had been sent to them.
unsafe impl<T: Send> Sync for Elements<'_, T> {}

impl<'a, T> Elements<'a, T> {
    fn new(slice: &'a mut [T]) -> Self {
        Self {
            first: slice.as_ptr(),
            len: slice.len(),
            slice: PhantomData,
        }
    }

    /// # Safety
    /// X2 and X3 hold for `index`.
    unsafe fn get(&self, index: usize) -> &T {
        assert!(index < self.len);
        // SAFETY: X1.
        let element = unsafe { self.first.add(index) };
        // SAFETY: X1, and by X2 and X3 nobody else looks at it now.
        unsafe { &*element }
    }
}

/// Sorts the indices of `v` by their elements with `sort`, then the elements by their indices.
///
/// The elements stand still while `compare` is called, so a panic finds them all in place.
pub(super) fn sort_by_index<T, F>(v: &mut [T], stable: bool, compare: F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if order::settle(v, &compare) {
        return;
    }
    let mut order: Vec<usize> = (0..v.len()).collect(); // X2
    let elements = Elements::new(v);
    let compare = |&a: &usize, &b: &usize| {
        // SAFETY: X2 by `order`, X3 by the sort that calls us.
        let a = unsafe { elements.get(a) };
        // SAFETY: the same.
        let b = unsafe { elements.get(b) };
        compare(a, b)
    };
    if stable {
        super::mergesort(&mut order, compare, |order| order.sort_by(compare));
    } else {
        super::quicksort(&mut order, compare, |order| order.sort_unstable_by(compare));
    }
    // SAFETY: a sort only changes the places of the numbers below `v.len()`, whatever `compare` says.
    unsafe { arrange(v, &mut order) };
}

/// Sorts stably by keys that are made once for each element.
pub(crate) fn par_sort_by_cached_key<T, K, F>(v: &mut [T], key: F)
where
    T: Send,
    K: Ord + Send,
    F: Fn(&T) -> K + Sync,
{
    if v.len() < 2 {
        return;
    }
    // All its steps on one worker: a thread from outside comes there once.
    in_worker(|_, _| {
        if is_for_narrow::<K>(v.len()) {
            sort_by_keys::<u32, _, _, _>(v, &key);
        } else {
            sort_by_keys::<usize, _, _, _>(v, &key);
        }
    });
}

/// Whether indices of so many elements fit into half the width, and that makes a difference beside a key.
fn is_for_narrow<K>(len: usize) -> bool {
    u32::try_from(len).is_ok() && size_of::<(K, u32)>() < size_of::<(K, usize)>()
}

fn sort_by_keys<I, T, K, F>(v: &mut [T], key: &F)
where
    I: Index,
    T: Send,
    K: Ord + Send,
    F: Fn(&T) -> K + Sync,
{
    let with_key = |(i, element): (usize, &mut T)| (key(element), I::new(i));
    let mut keys: Vec<(K, I)> = v.par_iter_mut().enumerate().map(with_key).collect();
    // No two are equal, thanks to the index, so the faster sort is stable too.
    super::par_quicksort(&mut keys, Ord::cmp, <[_]>::sort_unstable);
    let mut order: Vec<I> = keys.par_iter_mut().map(|&mut (_, index)| index).collect();
    // SAFETY: each index was given to one key, and the sort only changed their places.
    unsafe { arrange(v, &mut order) };
    if needs_drop::<K>() {
        // Only now: with two million short strings let go of, the allocator took longer to find room for a buffer than
        // the elements to change places.
        keys.into_par_iter().for_each(drop);
    }
}

/// Brings element `order[i]` to place `i`, for every `i`.
///
/// Small ones by way of a buffer, by several workers. (Two million numbers take twenty times as long by cycles, where each look says where
/// the next one goes.)
///
/// # Safety
/// `order` holds each number below `v.len()` exactly once.
pub(super) unsafe fn arrange<T: Send, I: Index>(v: &mut [T], order: &mut [I]) {
    assert!(v.len() == order.len());
    let mut buffer = Vec::new();
    if size_of::<T>() > MAX_BUFFERED || buffer.try_reserve_exact(v.len()).is_err() {
        // SAFETY: the caller's promise.
        return unsafe { arrange_by_cycles(v, order) };
    }
    let mut run = Run::new(v, &mut buffer);
    let fill = |held: &mut [T], free: &mut [MaybeUninit<T>]| {
        let elements = Elements::new(held);
        let places = free.par_iter_mut().zip(&*order);
        places.for_each(|(place, index)| {
            // SAFETY: X2 by the caller's promise, X3 because nothing is compared.
            copy_one(unsafe { elements.get(index.get()) }, place);
        });
    };
    // SAFETY: each of the indices occurs once, and every place gets what its own one says.
    unsafe { run.cross(fill) };
    run.par_go_home(HOME_GRAIN);
}

/// The same without a buffer.
///
/// It follows each cycle of the permutation with a hole, so that an element moves once. Swaps would need no unsafe
/// code, but took up to twice as long with elements of 1 KiB.
///
/// # Safety
/// As for [`arrange`].
pub(super) unsafe fn arrange_by_cycles<T, I: Index>(v: &mut [T], order: &mut [I]) {
    assert!(v.len() == order.len());
    let first = v.as_mut_ptr();
    // On the heap, since elements come here for being large.
    let mut held: Box<MaybeUninit<T>> = Box::new_uninit();
    for start in 0..order.len() {
        if order[start].get() == start {
            continue;
        }
        // From here to the end of the cycle the element of `start` is in `held`, and no user code runs.
        // SAFETY: `start` is below the length.
        let mut hole = unsafe { first.add(start) };
        // SAFETY: an element of the slice, and a room of its own.
        unsafe { hole.copy_to_nonoverlapping(held.as_mut_ptr(), 1) };
        let mut from = std::mem::replace(&mut order[start], I::new(start)).get();
        while from != start {
            // SAFETY: `from` comes from `order`, so it is below the length.
            let next = unsafe { first.add(from) };
            // SAFETY: two different places of the slice, since no number but `start` comes twice in a cycle.
            unsafe { next.copy_to_nonoverlapping(hole, 1) };
            hole = next;
            from = std::mem::replace(&mut order[from], I::new(from)).get();
        }
        // SAFETY: the element that was held comes to the last place of its cycle.
        unsafe { hole.copy_from_nonoverlapping(held.as_ptr(), 1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_as_narrow_as_helps() {
        let is_wide = cfg!(target_pointer_width = "64");
        assert_eq!(is_for_narrow::<u8>(1000), is_wide);
        assert_eq!(is_for_narrow::<[u32; 3]>(u32::MAX as usize), is_wide);
        assert!(!is_for_narrow::<u64>(1000) && !is_for_narrow::<String>(1000));
        assert!(!is_wide || !is_for_narrow::<u8>(usize::MAX));
    }
}
