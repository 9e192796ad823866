//! Small calls, after a pause that lets every worker fall asleep (cold) or back to back (warm), from a thread outside
//! the pool or from one of its workers: what it costs to wake somebody, and to decide not to.
//!
//! The CPU time of a cold call includes what the workers burn after it until they sleep again.

use crate::common::clock::burn;
use crate::common::data::floats;
use crate::common::pools::chili_pool;
use crate::common::{Meter, Who, Workload};
use std::hint::black_box;
use std::thread::sleep;
use std::time::Duration;

/// Long enough for every worker to give up and sleep.
const PAUSE: Duration = Duration::from_millis(2);

/// Long beside any wake-up, so that a call that wakes nobody is seen to take twice as long.
const LONG: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug)]
enum Place {
    Outside,
    Inside,
}

#[derive(Clone, Copy, Debug)]
enum Heat {
    Cold,
    Warm,
}

impl Heat {
    fn measure<R>(self, meter: &mut Meter, mut call: impl FnMut() -> R) {
        match self {
            Self::Cold => meter.call_after(|| sleep(PAUSE), |()| call()),
            Self::Warm => meter.call(call),
        }
    }
}

const VARIANTS: [(Place, Heat, &str); 4] = [
    (Place::Outside, Heat::Cold, "outside/cold"),
    (Place::Outside, Heat::Warm, "outside/warm"),
    (Place::Inside, Heat::Cold, "inside/cold"),
    (Place::Inside, Heat::Warm, "inside/warm"),
];

/// Adds one call in all its variants. Outside means the free functions and the global pool, as most programs have
/// it; chili's pool is our own, since its heart must not beat while others are measured.
macro_rules! call {
    ($list:ident, $name:expr, $lib:ident => $call:expr $(, serial => $serial:expr)? $(, chili($scope:ident) => $chili:expr)?) => {
        for (place, heat, variant) in VARIANTS {
            let workload = Workload::new(format!("wake_latency/{}/{variant}", $name));
            $(let workload = workload.row(Who::Serial, move |meter| heat.measure(meter, || $serial));)?
            $(let workload = workload.row(Who::Chili, move |meter| {
                let pool = chili_pool(0);
                match place {
                    Place::Outside => heat.measure(meter, || {
                        let $scope = &mut pool.scope();
                        $chili
                    }),
                    Place::Inside => {
                        let $scope = &mut pool.scope();
                        heat.measure(meter, || $chili);
                    }
                }
            });)?
            $list.push(twins!(workload, $lib => move |meter| match place {
                Place::Outside => heat.measure(meter, || $call),
                Place::Inside => pool!($lib, std::thread::available_parallelism().map_or(1, usize::from)).install(|| heat.measure(meter, || $call)),
            }));
        }
    };
}

pub(crate) fn workloads() -> Vec<Workload> {
    let mut list = Vec::new();
    call!(list, "join_nothing",
        lib => lib::join(|| black_box(()), || black_box(())),
        chili(scope) => scope.join(|_| black_box(()), |_| black_box(())));
    call!(list, "scope_nothing", lib => lib::scope(|_| black_box(())));
    call!(list, "join_10ms",
        lib => lib::join(|| burn(LONG), || burn(LONG)),
        chili(scope) => scope.join(|_| burn(LONG), |_| burn(LONG)));
    call!(list, "loop_2x10ms", lib => {
        use lib::prelude::*;
        (0..2).into_par_iter().for_each(|_| burn(LONG))
    });
    for n in [16, 1_000, 30_000] {
        call!(list, format!("sum_{n}"),
            lib => {
                use lib::prelude::*;
                black_box(floats(n)).par_iter().sum::<f64>()
            },
            serial => black_box(floats(n)).iter().sum::<f64>());
    }
    list
}
