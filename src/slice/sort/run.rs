//! A stretch of the slice under a stable sort, and the side of the buffer it lives on.
#![allow(unsafe_code)]

use super::merge::par_merge;
use std::cmp::Ordering;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Range;

/// Where the elements of a [`Run`] are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the caller's slice.
    Home,
    /// In the buffer beside it.
    Spare,
}

/// Elements of the caller's slice, which may live in the buffer for a while.
///
/// A merge reads one side and writes the other, and the comparator may panic in the middle of it. So nothing
/// is ever moved out of a side: a merge copies bits, and only when it has returned does `place` change, in one
/// step and without user code. Whatever unwinds, `place` names a side that is whole.
///
/// - R1 `home` and `spare` have the same length.
/// - R2 The side that `place` names holds every element of the run exactly once. The bits of the other side
///   belong to nobody. While [`Run::in_halves`] runs, this holds for the two halves instead.
/// - R3 A run that is dropped leaves its elements at home.
pub(super) struct Run<'a, T> {
    home: &'a mut [MaybeUninit<T>],
    spare: &'a mut [MaybeUninit<T>],
    place: Place,
}

impl<'a, T> Run<'a, T> {
    /// A run over the whole of `slice`, at home, beside the spare room of `buffer`.
    ///
    /// The buffer stays empty in its own eyes, so that it never drops an element.
    pub(super) fn new(slice: &'a mut [T], buffer: &'a mut Vec<T>) -> Self {
        let spare = &mut buffer.spare_capacity_mut()[..slice.len()]; // R1
        let home: *mut [T] = slice;
        // SAFETY: the same memory for the same time. This view could be filled with bits that are no element, but
        // R3 puts the elements back before the borrow ends.
        let home = unsafe { &mut *(home as *mut [MaybeUninit<T>]) };
        Self {
            home,
            spare,
            place: Place::Home,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.home.len()
    }

    pub(super) fn elements(&mut self) -> &mut [T] {
        self.sides().0
    }

    /// The elements, and the free side opposite to them.
    fn sides(&mut self) -> (&mut [T], &mut [MaybeUninit<T>]) {
        let (held, free) = match self.place {
            Place::Home => (&mut *self.home, &mut *self.spare),
            Place::Spare => (&mut *self.spare, &mut *self.home),
        };
        let held: *mut [MaybeUninit<T>] = held;
        // SAFETY: R2, there is an element in every place of this side.
        let held = unsafe { &mut *(held as *mut [T]) };
        (held, free)
    }

    /// Brings the elements to the other side. `fill` is given this side and that one.
    ///
    /// # Safety
    /// If `fill` returns, it has copied the bits of every element once (R2), in whatever order.
    pub(super) unsafe fn cross(&mut self, fill: impl FnOnce(&mut [T], &mut [MaybeUninit<T>])) {
        let (held, free) = self.sides();
        fill(held, free);
        self.moved();
    }

    /// A part of the run, which must be at home. It comes home again when it is dropped (R3), and until then the run is out of
    /// reach.
    pub(super) fn part(&mut self, range: Range<usize>) -> Run<'_, T> {
        assert!(self.place == Place::Home);
        Run {
            home: &mut self.home[range.clone()],
            spare: &mut self.spare[range],
            place: Place::Home,
        }
    }

    /// The same for what is before `mid` and the rest.
    pub(super) fn split_at(&mut self, mid: usize) -> (Run<'_, T>, Run<'_, T>) {
        assert!(self.place == Place::Home);
        let (home, home_rest) = self.home.split_at_mut(mid);
        let (spare, spare_rest) = self.spare.split_at_mut(mid);
        let run = |home, spare| Run {
            home,
            spare,
            place: Place::Home,
        };
        (run(home, spare), run(home_rest, spare_rest))
    }

    /// Takes note that the free side holds every element now (R2), by a copy or by a merge that has returned.
    fn moved(&mut self) {
        self.place = match self.place {
            Place::Home => Place::Spare,
            Place::Spare => Place::Home,
        };
    }
}

impl<T: Send> Run<'_, T> {
    /// Lets two workers do the same to the two halves of the run, which must be at home.
    ///
    /// If one of them panics the other completes; then both halves are dropped and bring their elements home (R3),
    /// where `place` has been saying that they are.
    pub(super) fn in_halves(&mut self, grain: usize, each: impl Fn(&mut Run<'_, T>) + Sync) {
        let (mut left, mut right) = self.split_at(self.len() / 2);
        crate::join(|| each(&mut left), || each(&mut right));
        if left.place != right.place {
            // One was in order from the start and has not moved. It follows the other, so that a merge of the two
            // ends at home as planned.
            let stray = if left.place == Place::Home {
                &mut left
            } else {
                &mut right
            };
            // SAFETY: a copy of all.
            unsafe { stray.cross(|held, free| par_copy(held, free, grain)) };
        }
        // R2 passes from the halves to the whole in one step, and the halves end without R3.
        let (left, _right) = (ManuallyDrop::new(left), ManuallyDrop::new(right));
        let place = left.place;
        self.place = place;
    }

    /// Merges what is before `mid` with the rest, both sorted, into the free side, or leaves them where they are if that is
    /// in order.
    pub(super) fn merge<F>(&mut self, mid: usize, grain: usize, compare: &F)
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        let (held, free) = self.sides();
        let (left, right) = held.split_at_mut(mid);
        let in_order = match (left.last(), right.first()) {
            (Some(last), Some(first)) => compare(first, last) != Ordering::Less,
            _ => true,
        };
        if !in_order {
            par_merge(left, right, free, grain, compare);
            self.moved();
        }
    }

    /// Brings the elements home with several workers. Without this, R3 does it with one.
    pub(super) fn par_go_home(&mut self, grain: usize) {
        if self.place == Place::Spare {
            // SAFETY: a copy of all.
            unsafe { self.cross(|held, free| par_copy(held, free, grain)) };
        }
    }
}

impl<T> Drop for Run<'_, T> {
    fn drop(&mut self) {
        if self.place == Place::Spare {
            // SAFETY: a copy of all. R3.
            unsafe { self.cross(|held, free| copy(held, free)) };
        }
    }
}

/// [`copy`] by several workers.
fn par_copy<T: Send>(from: &mut [T], to: &mut [MaybeUninit<T>], grain: usize) {
    if from.len() <= grain {
        return copy(from, to);
    }
    let mid = from.len() / 2;
    let (from, from_rest) = from.split_at_mut(mid);
    let (to, to_rest) = to.split_at_mut(mid);
    crate::join(
        || par_copy(from, to, grain),
        || par_copy(from_rest, to_rest, grain),
    );
}

/// Copies the bits of `from` to `to`, which is as long. Which of the two are elements then is for the caller to say.
pub(super) fn copy<T>(from: &[T], to: &mut [MaybeUninit<T>]) {
    assert!(from.len() == to.len());
    let to = to.as_mut_ptr().cast::<T>();
    // SAFETY: two slices of one length, and `to` is borrowed mutably, so they do not overlap.
    unsafe { from.as_ptr().copy_to_nonoverlapping(to, from.len()) };
}

/// Copies the bits of one element.
#[inline(always)]
pub(super) fn copy_one<T>(from: &T, to: &mut MaybeUninit<T>) {
    // SAFETY: two places of one element each, and `to` is borrowed mutably, so they do not overlap.
    unsafe { std::ptr::from_ref(from).copy_to_nonoverlapping(to.as_mut_ptr(), 1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 20;

    /// Brings all elements to the other side, in the same order.
    fn cross(run: &mut Run<'_, String>) {
        // SAFETY: a copy of all.
        unsafe { run.cross(|held, free| copy(held, free)) };
    }

    /// Has `work` do something with a run, and checks that all its elements are at home afterwards.
    fn with_run(work: impl FnOnce(&mut Run<'_, String>)) {
        let all = || (0..LEN).map(|number| number.to_string());
        let (mut home, mut buffer): (Vec<_>, _) = (all().collect(), Vec::with_capacity(LEN));
        let mut run = Run::new(&mut home, &mut buffer);
        assert_eq!(run.len(), LEN);
        work(&mut run);
        assert!(run.elements().iter().cloned().eq(all()));
        drop(run);
        assert!(home.into_iter().eq(all()));
    }

    #[test]
    fn a_run_comes_home() {
        with_run(|run| {
            assert!(run.place == Place::Home);
            cross(run);
            assert!(run.place == Place::Spare && run.len() == LEN);
        });
        for grain in [1, 3, LEN] {
            with_run(|run| {
                for crosses in [false, true] {
                    if crosses {
                        cross(run);
                    }
                    run.par_go_home(grain);
                    assert!(run.place == Place::Home);
                }
            });
        }
        with_run(|run| {
            let mut part = run.part(3..7);
            assert!(part.len() == 4 && part.elements() == ["3", "4", "5", "6"]);
            cross(&mut part);
            assert_eq!(part.elements(), ["3", "4", "5", "6"]);
        });
        with_run(|run| {
            let (mut left, mut right) = run.split_at(LEN);
            assert_eq!((left.len(), right.len()), (LEN, 0));
            cross(&mut left);
            cross(&mut right);
        });
    }

    /// Both halves end on one side: if one has moved, on the other one.
    #[test]
    fn halves_end_together() {
        for moves in [[false, false], [false, true], [true, false], [true, true]] {
            with_run(|run| {
                run.in_halves(3, |half| {
                    let is_left = half.elements()[0] == "0";
                    assert_eq!(half.len(), LEN / 2);
                    if moves[usize::from(!is_left)] {
                        cross(half);
                    }
                });
                assert!((run.place == Place::Spare) == (moves != [false, false]));
            });
        }
    }

    #[test]
    fn a_merge_moves_what_is_not_in_order() {
        for (mid, grain) in [(0, 3), (7, 3), (7, LEN), (LEN, 3)] {
            for overlap in [0, 5] {
                let mut home: Vec<usize> = (0..LEN).collect();
                let is_in_order = overlap == 0 || mid == 0 || mid == LEN;
                if !is_in_order {
                    home[mid - 5..mid + 5].rotate_left(5);
                }
                let mut buffer = Vec::with_capacity(LEN);
                let mut run = Run::new(&mut home, &mut buffer);
                run.merge(mid, grain, &usize::cmp);
                assert!((run.place == Place::Home) == is_in_order);
                assert!(run.elements().iter().copied().eq(0..LEN));
            }
        }
    }
}
