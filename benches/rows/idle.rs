//! What a pool costs that has nothing to do, and one that has next to nothing. CPU time is the result; the wall
//! clock only tells how long the pause was.

use crate::common::pools::chili_pool;
use crate::common::{Effort, Who, Workload};
use std::hint::black_box;
use std::thread::sleep;
use std::time::Duration;

const MILLISECOND: Duration = Duration::from_millis(1);

/// The pool has just been awake; it may take this long to come to rest.
const REST: Duration = Duration::from_millis(50);

pub(crate) fn workloads() -> Vec<Workload> {
    [2, 64]
        .into_iter()
        .flat_map(|width| [asleep(width), trickle(width)])
        .collect()
}

/// One second of nothing.
fn asleep(width: usize) -> Workload {
    let pause = if Effort::asked_for() == Effort::Full {
        1000 * MILLISECOND
    } else {
        200 * MILLISECOND
    };
    let workload = Workload::new(format!("idle/asleep/{width}_workers"))
        .row(Who::Serial, move |meter| meter.once(|| sleep(pause)))
        .row(Who::Chili, move |meter| {
            let _pool = chili_pool(width);
            sleep(REST);
            meter.once(|| sleep(pause));
        });
    twins!(workload, lib => move |meter| {
        let _pool = pool!(lib, width);
        sleep(REST);
        meter.once(|| sleep(pause));
    })
}

/// A fork of nothing every millisecond: too little to be worth waking many.
fn trickle(width: usize) -> Workload {
    let workload =
        Workload::new(format!("idle/trickle/{width}_workers")).row(Who::Chili, move |meter| {
            let pool = chili_pool(width);
            meter.call_after(
                || sleep(MILLISECOND),
                |()| pool.scope().join(|_| black_box(()), |_| black_box(())),
            );
        });
    twins!(workload, lib => move |meter| {
        let pool = pool!(lib, width);
        let fork = || lib::join(|| black_box(()), || black_box(()));
        meter.call_after(|| sleep(MILLISECOND), |()| pool.install(fork));
    })
}
