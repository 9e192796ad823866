//! A control loop: every three milliseconds a dozen bursts of two dozen short items, with serial stretches between. The
//! bursts are too short to be worth much help and come too seldom for anybody to wait for them; what is to be seen
//! is the CPU time that workers burn around them, beside the serial row, which is all useful.

use crate::common::clock::burn;
use crate::common::{Who, Workload};
use std::thread::sleep;
use std::time::Duration;

const BURSTS: u32 = 12;
const ITEMS: u32 = 24;
const ITEM: Duration = Duration::from_micros(2);
const STRETCH: Duration = Duration::from_micros(200);

/// What is left of the three milliseconds.
const REST: Duration = Duration::from_micros(24);

/// One tick, each burst of which is done by `burst`.
fn tick(mut burst: impl FnMut()) {
    for _ in 0..BURSTS {
        burn(STRETCH);
        burst();
    }
}

pub(crate) fn workloads() -> Vec<Workload> {
    [2, 16]
        .into_iter()
        .flat_map(|width| [apart(width), installed(width)])
        .collect()
}

fn workload(name: &str, width: usize) -> Workload {
    let workload = Workload::new(format!("tick/{name}/{width}_workers"));
    workload.row(Who::Serial, |meter| {
        meter.call_after(
            || sleep(REST),
            |()| tick(|| (0..ITEMS).for_each(|_| burn(ITEM))),
        );
    })
}

/// Each burst is a call of its own from outside.
fn apart(width: usize) -> Workload {
    twins!(workload("outside", width), lib => move |meter| {
        use lib::prelude::*;
        let pool = pool!(lib, width);
        let burst = || (0..ITEMS).into_par_iter().for_each(|_| burn(ITEM));
        meter.call_after(|| sleep(REST), |()| tick(|| pool.install(burst)));
    })
}

/// The whole loop runs inside of one call.
fn installed(width: usize) -> Workload {
    twins!(workload("inside", width), lib => move |meter| {
        use lib::prelude::*;
        let pool = pool!(lib, width);
        let burst = || (0..ITEMS).into_par_iter().for_each(|_| burn(ITEM));
        pool.install(|| meter.call_after(|| sleep(REST), |()| tick(burst)));
    })
}
