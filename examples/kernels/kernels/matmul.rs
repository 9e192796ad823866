//! The product of two dense matrices, by blocks that stay in the cache.

use super::par::prelude::*;
use crate::data::{Inputs, generator};
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};
use rand::RngExt;

/// The product is worked out in bands of so many rows, one after the other or side by side.
const BAND: usize = 16;
/// Within a band, a block of the second factor is used for all of its rows before the next block is fetched.
const BLOCK_HEIGHT: usize = 64;
const BLOCK_WIDTH: usize = 256;

/// Both factors are square, stored by rows.
struct MatMul {
    side: usize,
    a: Vec<f64>,
    b: Vec<f64>,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    Ok(furnish(MatMul::new(size.pick(512, 1024, 2048))))
}

impl MatMul {
    fn new(side: usize) -> Self {
        let mut random = generator(0x5eed_0005);
        let mut matrix = || {
            (0..side * side)
                .map(|_| random.random_range(-1.0..1.0))
                .collect()
        };
        Self {
            side,
            a: matrix(),
            b: matrix(),
        }
    }

    fn band(&self, band: usize, out: &mut [f64]) {
        let side = self.side;
        out.fill(0.0);
        for top in (0..side).step_by(BLOCK_HEIGHT) {
            let bottom = side.min(top + BLOCK_HEIGHT);
            for left in (0..side).step_by(BLOCK_WIDTH) {
                let right = side.min(left + BLOCK_WIDTH);
                for (i, out) in out.chunks_mut(side).enumerate() {
                    let a = &self.a[(band * BAND + i) * side..][..side];
                    self.block_row(a, top..bottom, left..right, &mut out[left..right]);
                }
            }
        }
    }

    /// Adds to a piece of one row what one block contributes. Four rows of the block at a time: the piece is then read
    /// and written once for four multiplications.
    fn block_row(
        &self,
        a: &[f64],
        rows: std::ops::Range<usize>,
        columns: std::ops::Range<usize>,
        out: &mut [f64],
    ) {
        let b = |row: usize| &self.b[row * self.side..][columns.clone()];
        let mut k = rows.start;
        while k + 4 <= rows.end {
            let (a0, a1, a2, a3) = (a[k], a[k + 1], a[k + 2], a[k + 3]);
            let quads = b(k).iter().zip(b(k + 1)).zip(b(k + 2)).zip(b(k + 3));
            for (out, (((b0, b1), b2), b3)) in out.iter_mut().zip(quads) {
                *out += a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
            }
            k += 4;
        }
        while k < rows.end {
            for (out, b) in out.iter_mut().zip(b(k)) {
                *out += a[k] * b;
            }
            k += 1;
        }
    }
}

impl Kernel for MatMul {
    type Room = Vec<f64>;

    fn size(&self) -> String {
        let side = grouped(self.side);
        format!("{side} × {side}")
    }

    fn room(&self) -> Vec<f64> {
        vec![0.0; self.side * self.side]
    }

    fn serial(&self, product: &mut Vec<f64>) {
        for (band, out) in product.chunks_mut(BAND * self.side).enumerate() {
            self.band(band, out);
        }
    }

    fn parallel(&self, product: &mut Vec<f64>) {
        product
            .par_chunks_mut(BAND * self.side)
            .enumerate()
            .for_each(|(band, out)| self.band(band, out));
    }

    fn compare(&self, serial: &Vec<f64>, parallel: &Vec<f64>) -> Agreement {
        Agreement::bits("elements", serial, parallel)
    }

    fn answer(&self, product: &Vec<f64>) -> String {
        let trace: f64 = product.iter().step_by(self.side + 1).sum();
        format!("trace {trace:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_product() {
        // No multiple of any block.
        let kernel = MatMul::new(75);
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        for i in 0..75 {
            for j in 0..75 {
                let plain: f64 = (0..75)
                    .map(|k| kernel.a[i * 75 + k] * kernel.b[k * 75 + j])
                    .sum();
                assert!((serial[i * 75 + j] - plain).abs() < 1e-12);
            }
        }
    }
}
