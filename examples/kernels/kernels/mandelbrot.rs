//! The Mandelbrot set: rows that cost very different amounts.

use super::par::prelude::*;
use crate::data::Inputs;
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};

/// A point that has not escaped after so many steps counts as one of the set.
const STEPS: u32 = 1000;

/// The image has three columns to two rows, and shows the whole set.
struct Mandelbrot {
    width: usize,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    Ok(furnish(Mandelbrot {
        width: size.pick(192, 600, 1800),
    }))
}

impl Mandelbrot {
    fn height(&self) -> usize {
        self.width * 2 / 3
    }

    fn row(&self, row: usize, pixels: &mut [u32]) {
        let scale = 3.0 / self.width as f64;
        let y = row as f64 * scale - 1.0;
        for (column, pixel) in pixels.iter_mut().enumerate() {
            *pixel = steps_to_escape(column as f64 * scale - 2.0, y);
        }
    }
}

fn steps_to_escape(x: f64, y: f64) -> u32 {
    let (mut u, mut v) = (0.0, 0.0);
    for step in 0..STEPS {
        let (uu, vv) = (u * u, v * v);
        if uu + vv > 4.0 {
            return step;
        }
        v = 2.0 * u * v + y;
        u = uu - vv + x;
    }
    STEPS
}

impl Kernel for Mandelbrot {
    type Room = Vec<u32>;

    fn size(&self) -> String {
        format!(
            "{} × {} pixels",
            grouped(self.width),
            grouped(self.height())
        )
    }

    fn room(&self) -> Vec<u32> {
        vec![0; self.width * self.height()]
    }

    fn serial(&self, image: &mut Vec<u32>) {
        for (row, pixels) in image.chunks_mut(self.width).enumerate() {
            self.row(row, pixels);
        }
    }

    fn parallel(&self, image: &mut Vec<u32>) {
        image
            .par_chunks_mut(self.width)
            .enumerate()
            .for_each(|(row, pixels)| self.row(row, pixels));
    }

    fn compare(&self, serial: &Vec<u32>, parallel: &Vec<u32>) -> Agreement {
        Agreement::exact("pixels", serial, parallel)
    }

    fn answer(&self, image: &Vec<u32>) -> String {
        let inside = image.iter().filter(|&&steps| steps == STEPS).count();
        format!("area {:.4}", inside as f64 * 6.0 / image.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        assert_eq!(steps_to_escape(0.0, 0.0), STEPS);
        assert_eq!(steps_to_escape(-1.0, 0.0), STEPS);
        assert_eq!(steps_to_escape(2.0, 2.0), 1);
        assert_eq!(steps_to_escape(1.0, 0.0), 3);
    }

    #[test]
    fn both_agree() {
        let kernel = Mandelbrot { width: 60 };
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        assert!(serial.contains(&STEPS));
    }
}
