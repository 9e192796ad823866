//! The fast Fourier transform by halves: a tree of `join`.

use super::par;
use super::par::prelude::*;
use crate::data::{Inputs, generator};
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};
use rand::RngExt;
use std::ops::{Add, Mul, Sub};

/// Below this many elements a half is transformed where it is: it fits the first cache.
const GRAIN: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex {
    re: f64,
    im: f64,
}

/// The length is a power of two, at least 2.
struct Fft {
    signal: Vec<Complex>,
    /// The roots of unity for the step from length n to two halves are those at `n / 2..n`: each step reads its own
    /// without gaps.
    roots: Vec<Complex>,
}

struct Room {
    /// Transformed in place, which leaves it in bit-reversed order.
    work: Vec<Complex>,
    spectrum: Vec<Complex>,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    Ok(furnish(Fft::new(size.pick(18, 21, 24))))
}

impl Fft {
    /// A signal of two tones and some noise.
    fn new(bits: u32) -> Self {
        let length = 1_usize << bits;
        let mut random = generator(0x5eed_0006);
        let signal = (0..length).map(|i| {
            let turns = i as f64 / length as f64;
            let tone = |frequency: f64| (std::f64::consts::TAU * frequency * turns).sin();
            let frequency = (length / 8 + 1) as f64;
            let re = tone(frequency) + 0.5 * tone(3.0) + random.random_range(-0.1..0.1);
            Complex { re, im: 0.0 }
        });
        let mut roots = vec![Complex { re: 1.0, im: 0.0 }; length];
        for half in (0..bits).map(|bit| 1 << bit) {
            for (k, root) in roots[half..2 * half].iter_mut().enumerate() {
                let (im, re) = (-std::f64::consts::PI * k as f64 / half as f64).sin_cos();
                *root = Complex { re, im };
            }
        }
        Self {
            signal: signal.collect(),
            roots,
        }
    }

    /// All lengths from `data.len()` down to 2, in place: half by half while they are long, then length by length.
    fn transform_serial(&self, data: &mut [Complex]) {
        if data.len() > GRAIN {
            let (low, high) = data.split_at_mut(data.len() / 2);
            self.pairs(low, high);
            self.transform_serial(low);
            self.transform_serial(high);
            return;
        }
        let mut length = data.len();
        while length > 2 {
            for data in data.chunks_mut(length) {
                let (low, high) = data.split_at_mut(length / 2);
                self.pairs(low, high);
            }
            length /= 2;
        }
        for pair in data.chunks_exact_mut(2) {
            (pair[0], pair[1]) = (pair[0] + pair[1], pair[0] - pair[1]);
        }
    }

    fn pairs(&self, low: &mut [Complex], high: &mut [Complex]) {
        let roots = &self.roots[low.len()..2 * low.len()];
        for ((low, high), root) in low.iter_mut().zip(high).zip(roots) {
            butterfly(low, high, *root);
        }
    }

    fn transform_parallel(&self, data: &mut [Complex]) {
        if data.len() <= GRAIN {
            return self.transform_serial(data);
        }
        let half = data.len() / 2;
        let (low, high) = data.split_at_mut(half);
        let pairs = low
            .par_iter_mut()
            .zip(&mut *high)
            .zip(&self.roots[half..2 * half]);
        pairs.for_each(|((low, high), root)| butterfly(low, high, *root));
        par::join(
            || self.transform_parallel(low),
            || self.transform_parallel(high),
        );
    }

    /// The place at which the transform in place leaves the element of index `i`.
    fn place(&self, i: usize) -> usize {
        i.reverse_bits() >> (usize::BITS - self.signal.len().trailing_zeros())
    }

    /// The frequency with the greatest amplitude.
    fn peak(spectrum: &[Complex]) -> usize {
        let power = |c: &Complex| c.re * c.re + c.im * c.im;
        let first_half = spectrum[..spectrum.len() / 2].iter().map(power).enumerate();
        first_half
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(frequency, _)| frequency)
    }
}

fn butterfly(low: &mut Complex, high: &mut Complex, root: Complex) {
    let (sum, difference) = (*low + *high, *low - *high);
    *low = sum;
    *high = difference * root;
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
}

impl Kernel for Fft {
    type Room = Room;

    fn size(&self) -> String {
        format!("{} elements", grouped(self.signal.len()))
    }

    fn room(&self) -> Room {
        Room {
            work: self.signal.clone(),
            spectrum: self.signal.clone(),
        }
    }

    fn serial(&self, Room { work, spectrum }: &mut Room) {
        work.copy_from_slice(&self.signal);
        self.transform_serial(work);
        for (i, element) in spectrum.iter_mut().enumerate() {
            *element = work[self.place(i)];
        }
    }

    fn parallel(&self, Room { work, spectrum }: &mut Room) {
        work.par_iter_mut()
            .zip(&self.signal)
            .for_each(|(work, signal)| *work = *signal);
        self.transform_parallel(work);
        spectrum
            .par_iter_mut()
            .enumerate()
            .for_each(|(i, element)| *element = work[self.place(i)]);
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        Agreement::exact("elements", &serial.spectrum, &parallel.spectrum)
    }

    fn answer(&self, room: &Room) -> String {
        format!("peak at {}", grouped(Self::peak(&room.spectrum)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_transform() {
        for bits in [1, 2, 6] {
            let kernel = Fft::new(bits);
            let mut room = kernel.room();
            kernel.serial(&mut room);
            let length = kernel.signal.len();
            for (frequency, element) in room.spectrum.iter().enumerate() {
                let mut plain = Complex { re: 0.0, im: 0.0 };
                for (i, &x) in kernel.signal.iter().enumerate() {
                    let turns = (frequency * i % length) as f64 / length as f64;
                    let (im, re) = (-std::f64::consts::TAU * turns).sin_cos();
                    plain = plain + x * Complex { re, im };
                }
                let off = *element - plain;
                assert!(
                    off.re.hypot(off.im) < 1e-9,
                    "{frequency} of {length}: {element:?}, not {plain:?}"
                );
            }
        }
    }

    #[test]
    fn both_agree_beyond_the_grain() {
        let kernel = Fft::new(14);
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        assert_eq!(Fft::peak(&serial.spectrum), (1 << 11) + 1);
    }
}
