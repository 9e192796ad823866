//! [`Place`]: on which processor a worker lay down.
//!
//! Who pushes a job is busy on its own processor. A sleeper that lay down there is likely to be woken there, too: it must, if its
//! thread may run nowhere else, and the kernel of a virtual machine may take an idle processor for one that its host has given to
//! others. Then both take turns on one processor until the kernel notices, some milliseconds later. So another sleeper is better. (Two workers with a
//! processor each, and a caller who keeps to that of the second one: loops of 25 µs to 2 ms ran at 0.9 to 1.0 of serial speed when the
//! second one was woken for them, and run at 1.2 to 1.9.) Better still one on whose processor nobody else is up.
//!
//! All of this is a hint: a thread may have moved since, and where the system can't tell, nobody is beside anybody.
#![allow(unsafe_code)]

use crate::primitive::{Ordering, fixed::AtomicUsize};

/// A processor's number in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Processor(pub(super) usize);

impl Processor {
    /// The one that the calling thread runs on.
    #[cfg(all(target_os = "linux", not(any(miri, loom, shuttle))))]
    #[inline]
    pub(crate) fn here() -> Option<Self> {
        // (The C library reads a word that the kernel keeps for the thread, 3 ns, or asks the kernel.)
        // SAFETY: the call takes nothing, and touches no memory of ours.
        let number = unsafe { libc::sched_getcpu() };
        usize::try_from(number).ok().map(Self)
    }

    #[cfg(not(all(target_os = "linux", not(any(miri, loom, shuttle)))))]
    pub(crate) fn here() -> Option<Self> {
        None
    }
}

/// Where somebody lay down the last time.
#[derive(Debug)]
pub(crate) struct Place(AtomicUsize);

impl Place {
    const UNKNOWN: usize = usize::MAX;

    pub(crate) const fn unknown() -> Self {
        Self(AtomicUsize::new(Self::UNKNOWN))
    }

    pub(crate) fn set(&self, processor: Option<Processor>) {
        let number = processor.map_or(Self::UNKNOWN, |Processor(number)| number);
        self.0.store(number, Ordering::Relaxed); // a hint
    }

    /// Whether that was on this processor, as far as anybody knows.
    pub(crate) fn is_on(&self, processor: Option<Processor>) -> bool {
        // Relaxed: a hint.
        processor.is_some_and(|Processor(number)| number == self.0.load(Ordering::Relaxed))
    }
}

/// Some processors, of the first thousand.
#[derive(Debug, Default)]
pub(super) struct Processors([u64; 16]);

impl Processors {
    const BITS: usize = u64::BITS as usize;

    /// This one.
    pub(super) fn just(Processor(number): Processor) -> Self {
        let mut these = Self::default();
        these.add(number);
        these
    }

    /// And the one where somebody lay down.
    pub(super) fn insert(&mut self, place: &Place) {
        // Relaxed: a hint.
        self.add(place.0.load(Ordering::Relaxed));
    }

    fn add(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / Self::BITS) {
            *word |= 1 << (number % Self::BITS);
        }
    }

    /// Whether somebody lay down on one of them.
    pub(super) fn contain(&self, place: &Place) -> bool {
        // Relaxed: a hint.
        let number = place.0.load(Ordering::Relaxed);
        let word = self.0.get(number / Self::BITS);
        word.is_some_and(|word| word & 1 << (number % Self::BITS) != 0)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_nowhere() {
        let place = Place::unknown();
        let processors = [Some(Processor(0)), Some(Processor(1)), None];
        assert!(processors.iter().all(|&processor| !place.is_on(processor)));
        for lain_on in processors {
            place.set(lain_on);
            for processor in processors {
                let is_same = processor == lain_on && processor.is_some();
                assert_eq!(place.is_on(processor), is_same);
            }
        }
    }

    #[test]
    fn some_are_not_others() {
        let places = [0, 1, 63, 64, 1023, 1024, 4000].map(|number| {
            let place = Place::unknown();
            place.set(Some(Processor(number)));
            place
        });
        let mut some = Processors::just(Processor(1));
        some.insert(&places[3]);
        some.insert(&places[4]);
        some.insert(&places[6]);
        some.insert(&Place::unknown());
        let contained = places.each_ref().map(|place| some.contain(place));
        // Those beyond a thousand are never known.
        assert_eq!(contained, [false, true, false, true, true, false, false]);
        assert!(!some.contain(&Place::unknown()));
    }

    /// A thread that may run on one processor only is there.
    #[test]
    #[cfg(all(target_os = "linux", not(any(miri, shuttle))))]
    fn the_system_knows() {
        let ids = core_affinity::get_core_ids().unwrap_or_default();
        std::thread::scope(|threads| {
            for id in ids {
                threads.spawn(move || {
                    if core_affinity::set_for_current(id) {
                        assert_eq!(Processor::here(), Some(Processor(id.id)));
                    }
                });
            }
        });
    }
}
