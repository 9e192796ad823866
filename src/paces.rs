//! [`Paces`]: how long an item of a loop took when the loop was met the last time.
//!
//! A program meets the same loops again and again, mostly with the same sort of items. Whoever remembers how long those took
//! need not find out each time: a long loop is shared at once, while the threads that it is shared with are still awake from
//! the one before, and a short one is watched less closely.
//!
//! Each seat remembers for itself, in a few words that no other thread writes. A loop is known by the address of the code that
//! was compiled for it. What is remembered may be wrong (the same code meets other items, or two loops share a word), so
//! nothing but speed may hang on it.

use crate::primitive::{Ordering, fixed::AtomicU32};

/// How many loops a seat remembers at most.
const LOOPS: usize = 64;

/// A word for each loop: a part of its site's hash in the upper half, in the lower one the upper half of the nanoseconds per
/// item, a floating-point number. Zero for none.
pub(crate) struct Paces([AtomicU32; LOOPS]);

/// A loop in the program.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    place: usize,
    tag: u32,
}

/// The bits of a tag.
const TAG: u32 = 0xffff_0000;

impl Site {
    /// The loop of which this is the code.
    #[inline]
    pub(crate) fn of(code: *const ()) -> Self {
        // Fibonacci hashing (Knuth, *The Art of Computer Programming*, volume 3, section 6.4): the upper half is the good one.
        let hash = (code.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let hash = hash as u32;
        Self {
            place: hash as usize % LOOPS,
            tag: hash & TAG,
        }
    }
}

impl Paces {
    pub(crate) fn new() -> Self {
        Self([const { AtomicU32::new(0) }; LOOPS])
    }

    /// How many nanoseconds an item of this loop took the last time, if that is remembered.
    #[inline]
    pub(crate) fn of(&self, site: Site) -> Option<f32> {
        // Relaxed: a hint.
        let word = self.0[site.place].load(Ordering::Relaxed);
        (word & TAG == site.tag && word & !TAG != 0).then(|| f32::from_bits(word << 16))
    }

    /// Remembers how many nanoseconds an item of this loop took, as a rule.
    pub(crate) fn note(&self, site: Site, pace: f32) {
        // Never zero, which would be none.
        let pace = pace.max(f32::MIN_POSITIVE).to_bits() >> 16;
        // Relaxed: a hint.
        self.0[site.place].store(site.tag | pace, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_remembered_to_a_percent() {
        let (paces, site) = (Paces::new(), Site::of(main as *const ()));
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
        let paces = Paces::new();
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
