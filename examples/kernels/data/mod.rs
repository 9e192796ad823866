//! The data that kernels work on: given by files, or generated from fixed seeds.

mod csr;
mod points;
mod text;

pub(crate) use csr::{Csr, Triplet};
pub(crate) use points::Points;
pub(crate) use text::generate as generate_text;

use rand::SeedableRng;

/// A named generator, not `SmallRng`: its numbers are the same on every machine and in every version.
pub(crate) type Generator = rand::rngs::Xoshiro256PlusPlus;

pub(crate) fn generator(seed: u64) -> Generator {
    Generator::seed_from_u64(seed)
}

/// What the user gave. A kernel generates what is missing.
pub(crate) struct Inputs {
    pub(crate) matrix: Option<Csr>,
    pub(crate) texts: Option<Vec<String>>,
    pub(crate) points: Option<Points>,
    pub(crate) clusters: usize,
}

impl Inputs {
    pub(crate) const CLUSTERS: usize = 8;
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            matrix: None,
            texts: None,
            points: None,
            clusters: Self::CLUSTERS,
        }
    }
}
