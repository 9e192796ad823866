//! Pi by throwing darts at a quarter of a disc.

use super::par::prelude::*;
use crate::data::{Inputs, generator};
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};
use rand::Rng;

/// Darts thrown with one generator. Each block has its own, seeded by its number: so it does not matter who throws it,
/// and the count is the same in any order.
const BLOCK: u64 = 1 << 14;

struct Pi {
    blocks: u64,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    Ok(furnish(Pi {
        blocks: size.pick(500, 5_000, 30_000),
    }))
}

/// How many darts of a block hit the disc.
fn hits(block: u64) -> u64 {
    let mut random = generator(block);
    let mut hits = 0;
    for _ in 0..BLOCK {
        let dart = random.next_u64();
        // Two coordinates of 32 bits.
        let (x, y) = ((dart >> 32) as f64, (dart as u32) as f64);
        const RADIUS: f64 = (1_u64 << 32) as f64;
        hits += u64::from(x * x + y * y < RADIUS * RADIUS);
    }
    hits
}

impl Kernel for Pi {
    type Room = u64;

    fn size(&self) -> String {
        format!("{} darts", grouped((self.blocks * BLOCK) as usize))
    }

    fn room(&self) -> u64 {
        0
    }

    fn serial(&self, total: &mut u64) {
        *total = (0..self.blocks).map(hits).sum();
    }

    fn parallel(&self, total: &mut u64) {
        *total = (0..self.blocks).into_par_iter().map(hits).sum();
    }

    fn compare(&self, serial: &u64, parallel: &u64) -> Agreement {
        Agreement::exact("hits", &[serial], &[parallel])
    }

    fn answer(&self, total: &u64) -> String {
        format!(
            "π ≈ {:.6}",
            4.0 * *total as f64 / (self.blocks * BLOCK) as f64
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_pi_both_ways() {
        let kernel = Pi { blocks: 100 };
        let (mut serial, mut parallel) = (0, 0);
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        let pi = 4.0 * serial as f64 / (100 * BLOCK) as f64;
        assert!((pi - std::f64::consts::PI).abs() < 0.01, "{pi}");
    }
}
