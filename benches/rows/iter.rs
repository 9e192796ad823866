//! The common chains, from a thread outside the pool, at sizes from "too small to gain" to "larger than the caches".

use crate::common::data::{ITEMS, floats, keys, weights};
use crate::common::{Effort, Who, Workload};
use std::hint::black_box;

/// Adds one operation. The parallel form is compiled for rayon and for lyocell; the input passes through `black_box`
/// at each call, so that no call can be lifted out of its loop.
macro_rules! op {
    ($list:ident, $name:literal, $n:ident, $input:pat = $data:expr, $serial:expr, $parallel:expr) => {
        let workload = Workload::new(format!("iter/{}/{}", $name, $n)).row(Who::Serial, move |meter| {
            let data = $data;
            meter.call(|| {
                let $input = black_box(data);
                $serial
            });
        });
        $list.push(twins!(workload, lib => move |meter| {
            use lib::prelude::*;
            let data = $data;
            meter.call(|| {
                let $input = black_box(data);
                $parallel
            });
        }));
    };
}

/// A dozen bits of arithmetic that no compiler does away with.
fn mix(key: &u64) -> u64 {
    (key ^ (key >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24
}

fn is_third(key: &&u64) -> bool {
    (**key).is_multiple_of(3)
}

/// None to three items.
fn few(key: &u64) -> std::ops::Range<u64> {
    let first = key >> 8;
    first..first + (key & 3)
}

type Refs = Vec<&'static u64>;

pub(crate) fn workloads() -> Vec<Workload> {
    let mut list = Vec::new();
    for &n in Effort::asked_for().of(&ITEMS) {
        op!(
            list,
            "sum",
            n,
            v = floats(n),
            v.iter().sum::<f64>(),
            v.par_iter().sum::<f64>()
        );
        op!(
            list,
            "dot",
            n,
            (v, w) = (floats(n), weights(n)),
            v.iter().zip(w).map(|(a, b)| a * b).sum::<f64>(),
            v.par_iter().zip(w).map(|(a, b)| a * b).sum::<f64>()
        );
        op!(
            list,
            "map_sum",
            n,
            v = keys(n),
            v.iter().map(mix).sum::<u64>(),
            v.par_iter().map(mix).sum::<u64>()
        );
        op!(
            list,
            "max",
            n,
            v = keys(n),
            v.iter().max(),
            v.par_iter().max()
        );
        op!(
            list,
            "filter_count",
            n,
            v = keys(n),
            v.iter().filter(is_third).count(),
            v.par_iter().filter(is_third).count()
        );
        op!(
            list,
            "find_first_late",
            n,
            v = keys(n),
            v.iter().find(|&key| *key == v[n - 1]),
            v.par_iter().find_first(|&key| *key == v[n - 1])
        );
        op!(
            list,
            "map_collect",
            n,
            v = keys(n),
            v.iter().map(mix).collect::<Vec<_>>(),
            v.par_iter().map(mix).collect::<Vec<_>>()
        );
        op!(
            list,
            "filter_collect",
            n,
            v = keys(n),
            v.iter().filter(is_third).collect::<Vec<_>>(),
            v.par_iter().filter(is_third).collect::<Vec<_>>()
        );
        op!(
            list,
            "flat_map_collect",
            n,
            v = keys(n),
            v.iter().flat_map(few).collect::<Vec<_>>(),
            v.par_iter().flat_map_iter(few).collect::<Vec<_>>()
        );
        op!(
            list,
            "partition",
            n,
            v = keys(n),
            v.iter().partition::<Refs, _>(is_third),
            v.par_iter().partition::<Refs, Refs, _>(is_third)
        );
    }
    list
}
