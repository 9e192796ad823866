//! A sparse matrix times a vector: rows of uneven length, bound by memory.

use super::par::prelude::*;
use crate::data::{Csr, Inputs};
use crate::kernel::{Agreement, Built, Kernel, Size, counted, furnish};
use std::borrow::Cow;

/// One product of a small matrix would be too short to time.
const PRODUCTS: usize = 10;

struct SpMv<'a> {
    matrix: Cow<'a, Csr>,
    x: Vec<f64>,
}

pub(super) fn build(inputs: &Inputs, size: Size) -> Built<'_> {
    let matrix = match &inputs.matrix {
        Some(matrix) => Cow::Borrowed(matrix),
        None => Cow::Owned(Csr::uneven(size.pick(100_000, 400_000, 1_600_000))),
    };
    Ok(furnish(SpMv::new(matrix)))
}

impl<'a> SpMv<'a> {
    fn new(matrix: Cow<'a, Csr>) -> Self {
        // Small whole numbers and a half: nothing cancels to zero throughout.
        let x = (0..matrix.width()).map(|i| (i % 7) as f64 + 0.5).collect();
        Self { matrix, x }
    }
}

impl Kernel for SpMv<'_> {
    type Room = Vec<f64>;

    fn size(&self) -> String {
        let rows = counted(self.matrix.height(), "row", "rows");
        format!(
            "{rows}, {}",
            counted(self.matrix.entries(), "entry", "entries")
        )
    }

    fn room(&self) -> Vec<f64> {
        vec![0.0; self.matrix.height()]
    }

    fn serial(&self, y: &mut Vec<f64>) {
        for _ in 0..PRODUCTS {
            self.matrix.rows_times(0..self.matrix.height(), &self.x, y);
        }
    }

    fn parallel(&self, y: &mut Vec<f64>) {
        for _ in 0..PRODUCTS {
            y.par_iter_mut()
                .enumerate()
                .for_each(|(row, y)| *y = self.matrix.row_times(row, &self.x));
        }
    }

    fn compare(&self, serial: &Vec<f64>, parallel: &Vec<f64>) -> Agreement {
        Agreement::bits("elements", serial, parallel)
    }

    fn answer(&self, y: &Vec<f64>) -> String {
        let largest = y.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
        format!("largest {largest:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_with_empty_rows() {
        let matrix = Csr::from_triplets(3, 9, &[(0, 8, 2.0), (2, 0, 1.0)]);
        let kernel = SpMv::new(Cow::Owned(matrix));
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(serial, [3.0, 0.0, 0.5]);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
    }
}
