//! Heat that spreads over a plate, by Jacobi's sweeps: many short parallel loops, one after the other.

use super::par::prelude::*;
use crate::data::Inputs;
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};

/// A square plate whose top edge is kept hot and whose other edges are kept cold.
struct Heat {
    side: usize,
    sweeps: usize,
}

struct Room {
    now: Vec<f64>,
    next: Vec<f64>,
    /// By how much the last sweep changed the cell that it changed most.
    change: f64,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    let (side, sweeps) = size.pick((512, 100), (1024, 200), (2048, 400));
    Ok(furnish(Heat { side, sweeps }))
}

impl Heat {
    fn reset(&self, room: &mut Room) {
        for plate in [&mut room.now, &mut room.next] {
            plate.fill(0.0);
            plate[..self.side].fill(100.0);
        }
    }

    /// The rows that a sweep writes: all but the two edges.
    fn inner<'a>(&self, next: &'a mut [f64]) -> &'a mut [f64] {
        let edge = self.side;
        let end = next.len() - edge;
        &mut next[edge..end]
    }

    /// One row of a sweep, the edge at either end left as it is. `row` counts inner rows.
    fn row(&self, now: &[f64], row: usize, next: &mut [f64]) -> f64 {
        let side = self.side;
        let (above, rest) = now[row * side..][..3 * side].split_at(side);
        let (here, below) = rest.split_at(side);
        let inner = 1..side - 1;
        let next = &mut next[inner.clone()];
        let (above, below) = (&above[inner.clone()], &below[inner.clone()]);
        let (left, here, right) = (&here[..side - 2], &here[inner], &here[2..]);
        for x in 0..next.len() {
            next[x] = 0.25 * (above[x] + below[x] + left[x] + right[x]);
        }
        greatest_difference(next, here)
    }
}

/// By comparisons in lanes, which become vector code; `f64::max` does not, for the sake of NaNs.
fn greatest_difference(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut greatest = [0.0; LANES];
    for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
        for ((greatest, a), b) in greatest.iter_mut().zip(a).zip(b) {
            let difference = (a - b).abs();
            *greatest = if difference > *greatest {
                difference
            } else {
                *greatest
            };
        }
    }
    greatest.into_iter().fold(0.0, f64::max)
}

impl Kernel for Heat {
    type Room = Room;

    fn size(&self) -> String {
        let side = grouped(self.side);
        format!("{side} × {side}, {} sweeps", self.sweeps)
    }

    fn room(&self) -> Room {
        let cells = self.side * self.side;
        Room {
            now: vec![0.0; cells],
            next: vec![0.0; cells],
            change: 0.0,
        }
    }

    fn serial(&self, room: &mut Room) {
        self.reset(room);
        for _ in 0..self.sweeps {
            let rows = self.inner(&mut room.next).chunks_mut(self.side).enumerate();
            room.change = rows
                .map(|(row, next)| self.row(&room.now, row, next))
                .fold(0.0, f64::max);
            std::mem::swap(&mut room.now, &mut room.next);
        }
    }

    fn parallel(&self, room: &mut Room) {
        self.reset(room);
        for _ in 0..self.sweeps {
            let rows = self
                .inner(&mut room.next)
                .par_chunks_mut(self.side)
                .enumerate();
            room.change = rows
                .map(|(row, next)| self.row(&room.now, row, next))
                .reduce(|| 0.0, f64::max);
            std::mem::swap(&mut room.now, &mut room.next);
        }
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        // A maximum is the same in any order.
        Agreement::bits("cells", &serial.now, &parallel.now).and(Agreement::bits(
            "the last change",
            &[serial.change],
            &[parallel.change],
        ))
    }

    fn answer(&self, room: &Room) -> String {
        format!("last change {:.4}", room.change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kernel: &Heat) -> Room {
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        parallel
    }

    #[test]
    fn first_sweep() {
        let plate = run(&Heat { side: 5, sweeps: 1 });
        assert_eq!(plate.change, 25.0);
        assert_eq!(plate.now[5..10], [0.0, 25.0, 25.0, 25.0, 0.0]);
        assert_eq!(plate.now[10..15], [0.0; 5]);
    }

    #[test]
    fn the_middle_ends_as_the_mean_of_the_edges() {
        // One hot edge of four.
        let plate = run(&Heat {
            side: 9,
            sweeps: 1000,
        });
        assert!((plate.now[4 * 9 + 4] - 25.0).abs() < 1e-9);
        assert!(plate.change < 1e-12);
    }
}
