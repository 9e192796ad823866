//! Workloads as criterion benches: a group per workload, a function per row.

use super::{Took, Workload};
use criterion::{Criterion, Throughput};
use std::time::Duration;

/// Criterion shows the wall clock, or, with `BENCH_CLOCK=cpu` in the environment, the CPU time of the process.
fn clock() -> fn(Took) -> Duration {
    match std::env::var("BENCH_CLOCK").as_deref() {
        Ok("cpu") => |took| took.cpu.expect("a CPU clock on this system"),
        Ok("wall") | Err(_) => |took| took.wall,
        Ok(other) => panic!("BENCH_CLOCK is `wall` or `cpu`, not `{other}`"),
    }
}

/// Hundreds of rows in a coffee break: fewer samples and shorter ones than criterion takes if not told.
pub(crate) fn under_criterion(workloads: Vec<Workload>) {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let clock = clock();
    for workload in &workloads {
        let mut group = criterion.benchmark_group(&workload.name);
        let (units, _) = workload.units;
        if units > 1 {
            group.throughput(Throughput::Elements(units));
        }
        for row in &workload.rows {
            group.bench_function(row.who.name(), |bencher| {
                bencher.iter_custom(|calls| clock(row.turn(calls)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
