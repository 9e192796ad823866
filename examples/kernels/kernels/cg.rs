//! Conjugate gradients: a symmetric positive definite system, solved in many short parallel loops.
//!
//! The inner products are sums over blocks, added up in the order of the blocks in both ways. A rounding difference in
//! the first step would be another path after a hundred, and no tolerance holds for an ill-conditioned matrix.

use super::par::prelude::*;
use crate::data::{Csr, Inputs};
use crate::kernel::{Agreement, Built, Kernel, Size, counted, furnish};
use std::borrow::Cow;

const BLOCK: usize = 1024;
/// The residual, relative to the right-hand side, at which the solution is good enough.
const GOOD_ENOUGH: f64 = 1e-8;
const MOST_STEPS: usize = 2000;

struct Cg<'a> {
    matrix: Cow<'a, Csr>,
}

/// For A x = b with b all ones: x, the residual r = b - A x, the direction p, and q = A p.
struct Room {
    x: Vec<f64>,
    r: Vec<f64>,
    p: Vec<f64>,
    q: Vec<f64>,
    /// One partial sum for each block.
    sums: Vec<f64>,
    steps: usize,
    relative_residual: f64,
    breakdown: Option<String>,
}

pub(super) fn build(inputs: &Inputs, size: Size) -> Built<'_> {
    let cg = match &inputs.matrix {
        Some(matrix) => Cg::of(matrix)?,
        None => Cg {
            matrix: Cow::Owned(Csr::poisson(size.pick(128, 320, 800))),
        },
    };
    Ok(furnish(cg))
}

impl<'a> Cg<'a> {
    /// Refuses a matrix that the method is not for. That it is not positive definite may show only on the way, so the
    /// system is solved once.
    fn of(matrix: &'a Csr) -> Result<Self, String> {
        if !matrix.is_square() {
            return Err(format!(
                "the matrix is not square: {} × {}",
                matrix.height(),
                matrix.width()
            ));
        }
        if let Some((row, column)) = matrix.first_asymmetry() {
            let (value, mirrored) = (matrix.get(row, column), matrix.get(column, row));
            let (row, column) = (row + 1, column + 1);
            return Err(format!(
                "the matrix is not symmetric: ({row}, {column}) is {value}, but ({column}, {row}) is {mirrored}"
            ));
        }
        if let Some(row) = (0..matrix.height()).find(|&row| matrix.get(row, row) <= 0.0) {
            let value = matrix.get(row, row);
            let row = row + 1;
            return Err(format!(
                "the matrix is not positive definite: ({row}, {row}) is {value}"
            ));
        }
        let cg = Self {
            matrix: Cow::Borrowed(matrix),
        };
        let mut room = cg.room();
        cg.serial(&mut room);
        match room.breakdown {
            None => Ok(cg),
            Some(reason) => Err(reason),
        }
    }

    /// q = A p for one block of rows, and this block's share of p · q.
    fn multiply(&self, block: usize, p: &[f64], q: &mut [f64]) -> f64 {
        let first = block * BLOCK;
        self.matrix.rows_times(first..first + q.len(), p, q);
        dot(&p[first..], q)
    }

    /// The part of a solve that is the same both ways.
    fn solve(
        room: &mut Room,
        multiply: impl Fn(&[f64], &mut [f64], &mut Vec<f64>),
        advance: impl Fn(f64, &mut Room),
        turn: impl Fn(f64, &[f64], &mut [f64]),
    ) {
        let norm_of_b = (room.x.len() as f64).sqrt();
        room.x.fill(0.0);
        room.r.fill(1.0);
        room.p.fill(1.0);
        room.steps = 0;
        room.relative_residual = 1.0;
        room.breakdown = None;
        let mut rr = room.x.len() as f64;
        while room.relative_residual > GOOD_ENOUGH && room.steps < MOST_STEPS {
            multiply(&room.p, &mut room.q, &mut room.sums);
            let pq: f64 = room.sums.iter().sum();
            if !pq.is_finite() {
                room.breakdown = Some(format!("numbers overflow in step {}", room.steps + 1));
                return;
            }
            if pq <= 0.0 {
                room.breakdown = Some(format!(
                    "the matrix is not positive definite: p · A p is {pq:e} in step {}",
                    room.steps + 1
                ));
                return;
            }
            advance(rr / pq, room);
            let rr_before = rr;
            rr = room.sums.iter().sum();
            turn(rr / rr_before, &room.r, &mut room.p);
            room.relative_residual = rr.sqrt() / norm_of_b;
            room.steps += 1;
        }
    }
}

/// x += alpha p and r -= alpha q for one block, and this block's share of r · r.
fn advance(alpha: f64, x: &mut [f64], r: &mut [f64], p: &[f64], q: &[f64]) -> f64 {
    for (((x, r), p), q) in x.iter_mut().zip(&mut *r).zip(p).zip(q) {
        *x += alpha * p;
        *r -= alpha * q;
    }
    dot(r, r)
}

/// p = r + beta p.
fn turn(beta: f64, p: &mut f64, r: &f64) {
    *p = r + beta * *p;
}

/// Four sums side by side: a single one would wait for each addition.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (a[..length].chunks_exact(4), b[..length].chunks_exact(4));
    let (a_rest, b_rest) = (a.remainder(), b.remainder());
    let mut sums = [0.0; 4];
    for (a, b) in a.zip(b) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

impl Kernel for Cg<'_> {
    type Room = Room;

    fn size(&self) -> String {
        let rows = counted(self.matrix.height(), "row", "rows");
        format!(
            "{rows}, {}",
            counted(self.matrix.entries(), "entry", "entries")
        )
    }

    fn room(&self) -> Room {
        let vector = || vec![0.0; self.matrix.height()];
        Room {
            x: vector(),
            r: vector(),
            p: vector(),
            q: vector(),
            sums: vec![0.0; self.matrix.height().div_ceil(BLOCK)],
            steps: 0,
            relative_residual: 0.0,
            breakdown: None,
        }
    }

    fn serial(&self, room: &mut Room) {
        Self::solve(
            room,
            |p, q, sums| {
                for (block, (q, sum)) in q.chunks_mut(BLOCK).zip(sums).enumerate() {
                    *sum = self.multiply(block, p, q);
                }
            },
            |alpha,
             Room {
                 x, r, p, q, sums, ..
             }| {
                let blocks = x
                    .chunks_mut(BLOCK)
                    .zip(r.chunks_mut(BLOCK))
                    .zip(p.chunks(BLOCK))
                    .zip(q.chunks(BLOCK));
                for ((((x, r), p), q), sum) in blocks.zip(sums) {
                    *sum = advance(alpha, x, r, p, q);
                }
            },
            |beta, r, p| p.iter_mut().zip(r).for_each(|(p, r)| turn(beta, p, r)),
        );
    }

    fn parallel(&self, room: &mut Room) {
        Self::solve(
            room,
            |p, q, sums| {
                let blocks = q.par_chunks_mut(BLOCK).enumerate();
                blocks
                    .map(|(block, q)| self.multiply(block, p, q))
                    .collect_into_vec(sums);
            },
            |alpha,
             Room {
                 x, r, p, q, sums, ..
             }| {
                let unknowns = x.par_chunks_mut(BLOCK).zip(r.par_chunks_mut(BLOCK));
                let blocks = unknowns.zip(p.par_chunks(BLOCK)).zip(q.par_chunks(BLOCK));
                blocks
                    .map(|(((x, r), p), q)| advance(alpha, x, r, p, q))
                    .collect_into_vec(sums);
            },
            |beta, r, p| p.par_iter_mut().zip(r).for_each(|(p, r)| turn(beta, p, r)),
        );
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        Agreement::exact("steps", &[serial.steps], &[parallel.steps]).and(Agreement::bits(
            "unknowns",
            &serial.x,
            &parallel.x,
        ))
    }

    fn answer(&self, room: &Room) -> String {
        let Room {
            steps,
            relative_residual,
            ..
        } = room;
        if *relative_residual <= GOOD_ENOUGH {
            format!("solved in {}", counted(*steps, "step", "steps"))
        } else {
            format!("residual {relative_residual:.0e} after {steps} steps")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_poisson_both_ways() {
        // More than two blocks, the last one short.
        let matrix = Csr::poisson(47);
        let kernel = Cg::of(&matrix).expect("positive definite");
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        assert!(kernel.answer(&parallel).starts_with("solved in "));
        for row in 0..matrix.height() {
            assert!((matrix.row_times(row, &serial.x) - 1.0).abs() < 1e-5);
        }
    }

    fn refusal(height: usize, width: usize, triplets: &[(u32, u32, f64)]) -> String {
        Cg::of(&Csr::from_triplets(height, width, triplets))
            .err()
            .expect("refused")
    }

    #[test]
    fn says_what_it_is_not_for() {
        assert_eq!(
            refusal(1, 2, &[(0, 0, 1.0)]),
            "the matrix is not square: 1 × 2"
        );
        assert_eq!(
            refusal(2, 2, &[(0, 0, 1.0), (1, 1, 1.0), (0, 1, 3.0)]),
            "the matrix is not symmetric: (1, 2) is 3, but (2, 1) is 0"
        );
        assert_eq!(
            refusal(2, 2, &[(0, 0, 1.0)]),
            "the matrix is not positive definite: (2, 2) is 0"
        );
        // A saddle whose diagonal looks harmless: [[1, -2], [-2, 1]].
        let saddle = refusal(
            2,
            2,
            &[(0, 0, 1.0), (1, 1, 1.0), (0, 1, -2.0), (1, 0, -2.0)],
        );
        assert!(
            saddle.starts_with("the matrix is not positive definite: p · A p is -"),
            "{saddle}"
        );
        assert_eq!(
            refusal(1, 1, &[(0, 0, f64::INFINITY)]),
            "numbers overflow in step 1"
        );
    }
}
