//! [`Paces`]: how long an item of a loop took when the loop was met the last time.
//!
//! A program meets the same loops again and again, mostly with the same sort of items. Whoever remembers how long those took
//! need not find out each time: a long loop is shared at once, while the threads that it is shared with are still awake from
//! the one before, and a short one is watched less closely.
//!
//! Each seat remembers for itself, in a few words that no other thread writes. A loop is known by the address of the code that
//! was compiled for it. What is remembered may be wrong (the same code meets other items, or two loops share a word), so
//! nothing but speed may hang on it.

use std::marker::PhantomData;

use crate::iter::plumbing::company::Plan;
use crate::iter::plumbing::price::Gains;
use crate::primitive::{Ordering, fixed::AtomicU32};

/// How many loops a seat remembers at most.
const LOOPS: usize = 256;

/// What is known of each loop.
pub(crate) struct Paces {
    /// How long an item took the last time, by whatever number of threads.
    pub(crate) last: Table<f32>,
    /// How long the whole loop took all threads, for each of its items.
    pub(crate) shared: Table<f32>,
    /// How long a search took, whatever it found, and by whatever number of threads. No number of items: it may end after any.
    pub(crate) searches: Table<f32>,
    /// What will be done with it the next time.
    pub(crate) plans: Table<Plan>,
    /// What the latest loops have gained by help, all together.
    pub(crate) gains: Gains,
}

impl Paces {
    pub(crate) fn new() -> Self {
        Self {
            last: Table::new(),
            shared: Table::new(),
            searches: Table::new(),
            plans: Table::new(),
            gains: Gains::new(),
        }
    }
}

/// A word for each loop: a part of its site's hash in the upper half, in the lower one what is remembered; zero for nothing.
pub(crate) struct Table<V> {
    words: [AtomicU32; LOOPS],
    values: PhantomData<fn() -> V>,
}

/// What can be remembered.
pub(crate) trait Brief {
    /// Never zero.
    fn to_bits(self) -> u16;
    fn from_bits(bits: u16) -> Self;
}

/// Nanoseconds, to a percent: the upper half of the number.
impl Brief for f32 {
    fn to_bits(self) -> u16 {
        (f32::to_bits(self.max(f32::MIN_POSITIVE)) >> 16) as u16
    }

    fn from_bits(bits: u16) -> Self {
        f32::from_bits(u32::from(bits) << 16)
    }
}

/// A loop in the program.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Site {
    hash: u32,
}

/// The bits of a hash that are kept.
const TAG: u32 = 0xffff_0000;

impl Site {
    /// The loop of which this is the code.
    #[inline]
    pub(crate) fn of(code: *const ()) -> Self {
        // Fibonacci hashing (Knuth, *The Art of Computer Programming*, volume 3, section 6.4): the upper half is the good one.
        let hash = (code.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        Self { hash: hash as u32 }
    }

    fn place(self) -> usize {
        self.hash as usize % LOOPS
    }

    fn tag(self) -> u32 {
        self.hash & TAG
    }
}

impl<V: Brief> Table<V> {
    fn new() -> Self {
        Self {
            words: [const { AtomicU32::new(0) }; LOOPS],
            values: PhantomData,
        }
    }

    /// What is remembered of this loop, if anything.
    #[inline]
    pub(crate) fn of(&self, site: Site) -> Option<V> {
        // Relaxed: a hint.
        let word = self.words[site.place()].load(Ordering::Relaxed);
        (word & TAG == site.tag() && word & !TAG != 0).then(|| V::from_bits(word as u16))
    }

    /// Remembers it, and forgets what was known of another loop with the same word.
    pub(crate) fn note(&self, site: Site, value: V) {
        let word = site.tag() | u32::from(value.to_bits());
        // Relaxed: a hint.
        self.words[site.place()].store(word, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_remembered_to_a_percent() {
        let (paces, site) = (Table::<f32>::new(), Site::of(main as *const ()));
        assert_eq!(paces.of(site), None);
        for exact in [0.1, 1.7, 99.9, 12_345.6, 2e9] {
            paces.note(site, exact);
            let pace = paces.of(site).unwrap();
            assert!((0.99..=1.0).contains(&(pace / exact)), "{pace} for {exact}");
        }
        paces.note(site, 0.0);
        assert!(paces.of(site).unwrap() < 1e-30);
    }

    #[test]
    fn loops_are_told_apart() {
        let paces = Table::<f32>::new();
        let sites: Vec<Site> = (0..1000_usize)
            .map(|n| Site::of(std::ptr::without_provenance(0x40_0000 + 16 * n)))
            .collect();
        for (n, &site) in sites.iter().enumerate() {
            paces.note(site, (1 << (n % 30)) as f32);
            assert!(paces.of(site).is_some());
        }
        let remembered = sites.iter().filter(|&&site| paces.of(site).is_some());
        assert!((LOOPS / 2..=LOOPS).contains(&remembered.count()));
        for (n, &site) in sites.iter().enumerate() {
            let pace = paces.of(site);
            assert!(pace.is_none_or(|pace| pace == (1 << (n % 30)) as f32));
        }
    }

    fn main() {}
}
