//! Conway's game of life on a torus, a byte to the cell: rows of 0 and 1 that add up in wide registers.

use super::par::prelude::*;
use crate::data::{Inputs, generator};
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};
use rand::RngExt;

struct Life {
    width: usize,
    start: Vec<u8>,
    generations: usize,
}

struct Room {
    now: Vec<u8>,
    next: Vec<u8>,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    let (side, generations) = size.pick((512, 300), (1536, 500), (4096, 800));
    let mut random = generator(0x5eed_0007);
    let start = (0..side * side)
        .map(|_| u8::from(random.random_bool(0.3)))
        .collect();
    Ok(furnish(Life {
        width: side,
        start,
        generations,
    }))
}

impl Life {
    fn height(&self) -> usize {
        self.start.len() / self.width
    }

    fn row(&self, now: &[u8], row: usize, next: &mut [u8]) {
        let (width, height) = (self.width, self.height());
        let line = |row: usize| &now[row % height * width..][..width];
        evolve(line(row + height - 1), line(row), line(row + 1), next);
    }
}

/// The next generation of one row. All four rows are of one length, at least 3.
fn evolve(above: &[u8], here: &[u8], below: &[u8], next: &mut [u8]) {
    let width = next.len();
    let alive = |neighbours: u8, cell: u8| u8::from(neighbours | cell == 3);
    let at_edge = |left: usize, x: usize, right: usize| {
        let sides =
            above[left] + above[right] + here[left] + here[right] + below[left] + below[right];
        alive(sides + above[x] + below[x], here[x])
    };
    next[0] = at_edge(width - 1, 0, 1);
    next[width - 1] = at_edge(width - 2, width - 1, 0);

    let inner = |row| {
        let row: &[u8] = row;
        (&row[..width - 2], &row[1..width - 1], &row[2..width])
    };
    let ((a0, a1, a2), (h0, h1, h2), (b0, b1, b2)) = (inner(above), inner(here), inner(below));
    for (x, next) in next[1..width - 1].iter_mut().enumerate() {
        *next = alive(
            a0[x] + a1[x] + a2[x] + h0[x] + h2[x] + b0[x] + b1[x] + b2[x],
            h1[x],
        );
    }
}

impl Kernel for Life {
    type Room = Room;

    fn size(&self) -> String {
        format!(
            "{} × {}, {} generations",
            grouped(self.width),
            grouped(self.height()),
            self.generations
        )
    }

    fn room(&self) -> Room {
        Room {
            now: self.start.clone(),
            next: self.start.clone(),
        }
    }

    fn serial(&self, Room { now, next }: &mut Room) {
        now.copy_from_slice(&self.start);
        for _ in 0..self.generations {
            for (row, next) in next.chunks_mut(self.width).enumerate() {
                self.row(now, row, next);
            }
            std::mem::swap(now, next);
        }
    }

    fn parallel(&self, Room { now, next }: &mut Room) {
        now.copy_from_slice(&self.start);
        for _ in 0..self.generations {
            next.par_chunks_mut(self.width)
                .enumerate()
                .for_each(|(row, next)| self.row(now, row, next));
            std::mem::swap(now, next);
        }
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        Agreement::exact("cells", &serial.now, &parallel.now)
    }

    fn answer(&self, room: &Room) -> String {
        let alive: usize = room.now.iter().map(|&cell| usize::from(cell)).sum();
        format!("{} cells alive", grouped(alive))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The live cells, as (x, y), of a torus after some generations.
    fn run(
        width: usize,
        height: usize,
        alive: &[(usize, usize)],
        generations: usize,
    ) -> Vec<(usize, usize)> {
        let mut start = vec![0; width * height];
        for &(x, y) in alive {
            start[y * width + x] = 1;
        }
        let kernel = Life {
            width,
            start,
            generations,
        };
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        let cells = parallel
            .now
            .iter()
            .enumerate()
            .filter(|&(_, &cell)| cell == 1);
        cells.map(|(i, _)| (i % width, i / width)).collect()
    }

    #[test]
    fn a_blinker_blinks() {
        assert_eq!(
            run(5, 5, &[(1, 2), (2, 2), (3, 2)], 1),
            [(2, 1), (2, 2), (2, 3)]
        );
        assert_eq!(
            run(5, 5, &[(1, 2), (2, 2), (3, 2)], 2),
            [(1, 2), (2, 2), (3, 2)]
        );
    }

    #[test]
    fn a_glider_goes_round_the_torus() {
        // It moves by one cell each way in four generations, over all edges.
        let glider = [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)];
        assert_eq!(run(7, 7, &glider, 4 * 7), glider);
        let moved = run(7, 7, &glider, 4);
        assert_eq!(moved, glider.map(|(x, y)| (x + 1, y + 1)));
    }
}
