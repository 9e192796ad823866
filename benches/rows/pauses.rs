//! Short loops with serial stretches between them. In none, or one of 5 µs, the threads stay up; in a longer one they fall asleep. Then it
//! takes some time to have them back, and a loop that is over before is better done by one thread.
//!
//! Each worker has a processor of its own: some systems wake a thread on the one of whoever wakes it, and then the two share that.

use crate::common::clock::burn;
use crate::common::pins::pin;
use crate::common::{Who, Workload};
use std::hint::black_box;
use std::time::Duration;

const WIDTH: usize = 2;

/// About as many nanoseconds as it takes to mix so many numbers.
const ITEMS: [usize; 5] = [10_000, 25_000, 50_000, 100_000, 200_000];
/// In microseconds.
const PAUSES: [u64; 4] = [0, 5, 20, 200];

fn mix(x: &u64) -> u64 {
    (x ^ (x >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24
}

pub(crate) fn workloads() -> Vec<Workload> {
    let each = |items| PAUSES.map(|pause| workload(items, pause));
    ITEMS.into_iter().flat_map(each).collect()
}

fn workload(items: usize, pause: u64) -> Workload {
    let numbers: &'static [u64] = Vec::from_iter(0..items as u64).leak();
    let rest = move || {
        if pause > 0 {
            burn(Duration::from_micros(pause));
        }
    };
    let workload = Workload::new(format!("pauses/sum_of_{items}/after_{pause}_us")).row(
        Who::Serial,
        move |meter| {
            meter.call_after(rest, |()| black_box(numbers).iter().map(mix).sum::<u64>());
        },
    );
    twins!(workload, lib => move |meter| {
        use lib::prelude::*;
        let pool = lib::ThreadPoolBuilder::new().num_threads(WIDTH).start_handler(pin);
        let pool = pool.build().expect("threads to start");
        let call = |()| black_box(numbers).par_iter().map(mix).sum::<u64>();
        pool.install(|| meter.call_after(rest, call));
    })
}
