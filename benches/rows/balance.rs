//! Loops whose items do not all take the same time. What matters is that both threads end together, and that
//! 16 workers on as many cores do no worse.

use crate::common::{Who, Workload};
use std::hint::black_box;

/// So many steps of arithmetic, each of which waits for the one before it: about a nanosecond each.
/// How many is hidden from the compiler, which would else do a loop once and count its turns.
fn spin(steps: usize) -> u64 {
    (0..black_box(steps)).fold(steps as u64, |x, _| {
        (x ^ (x >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }) >> 40
}

/// A row of the Mandelbrot set, which few of the upper and many of the middle ones have a part in.
fn mandelbrot(row: usize) -> u64 {
    let escape = |column: usize| {
        let (x, y) = (
            column as f64 / 80.0 - 2.0,
            black_box(row) as f64 / 80.0 - 1.25,
        );
        let (mut re, mut im, mut steps) = (0.0, 0.0, 0);
        while re * re + im * im < 4.0 && steps < 200 {
            (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
            steps += 1;
        }
        steps
    };
    (0..200).map(escape).sum()
}

const MOST: usize = 200_000;

/// Lists workloads: a name, the loop as std has it, and in parallel.
macro_rules! loops {
    ($width:ident; $($name:literal: $serial:expr, $parallel:expr;)*) => {
        vec![$({
            let workload = Workload::new(format!("balance/{}/{}_workers", $name, $width))
                .row(Who::Serial, |meter| meter.call(|| $serial));
            twins!(workload, lib => move |meter| {
                use lib::prelude::*;
                let pool = pool!(lib, $width);
                pool.install(|| meter.call(|| $parallel));
            })
        }),*]
    };
}

fn of_width(width: usize) -> Vec<Workload> {
    loops! { width;
        "triangle": (0..2000).map(spin).sum::<u64>(), (0..2000).into_par_iter().map(spin).sum::<u64>();
        "one_heavy_last": (0..10_000).map(|i| spin(if i == 9_999 { 2_000_000 } else { 200 })).sum::<u64>(),
            (0..10_000).into_par_iter().map(|i| spin(if i == 9_999 { 2_000_000 } else { 200 })).sum::<u64>();
        "heavy_first_tenth": (0..10_000).map(|i| spin(if i < 1000 { 2000 } else { 20 })).sum::<u64>(),
            (0..10_000).into_par_iter().map(|i| spin(if i < 1000 { 2000 } else { 20 })).sum::<u64>();
        "mandelbrot": (0..200).map(mandelbrot).sum::<u64>(), (0..200).into_par_iter().map(mandelbrot).sum::<u64>();
        "eight_big": (0..8).map(|i| spin(500_000 + i)).sum::<u64>(),
            (0..8usize).into_par_iter().map(|i| spin(500_000 + i)).sum::<u64>();
        "three": (0..3).map(|i| spin(1_000_000 + i)).sum::<u64>(),
            (0..3usize).into_par_iter().map(|i| spin(1_000_000 + i)).sum::<u64>();
        "nested": (0..50).map(|i| (0..50).map(|k| spin(1000 + i + k)).sum::<u64>() >> 8).sum::<u64>(),
            (0..50usize).into_par_iter().map(|i| (0..50usize).into_par_iter().map(|k| spin(1000 + i + k)).sum::<u64>() >> 8).sum::<u64>();
        "flat_map": (0..50).flat_map(|i| (0..50).map(move |k| spin(1000 + i + k))).sum::<u64>(),
            (0..50usize).into_par_iter().flat_map(|i| (0..50usize).into_par_iter().map(move |k| spin(1000 + i + k))).sum::<u64>();
        "matches_at_the_end": (0..MOST).filter(|i| *i >= MOST / 10 * 9).map(|i| spin(100 + i % 8)).sum::<u64>(),
            (0..MOST).into_par_iter().filter(|i| *i >= MOST / 10 * 9).map(|i| spin(100 + i % 8)).sum::<u64>();
    }
}

pub(crate) fn workloads() -> Vec<Workload> {
    [2, 16].into_iter().flat_map(of_width).collect()
}
