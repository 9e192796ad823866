//! Sorting, stable and unstable, in the shapes that sorts are good or bad at. Each call gets its own fresh copy.

use crate::common::data::{SORTED, Shape, shared, words};
use crate::common::{Effort, Who, Workload};

/// Adds a workload for each of std's two sorts, beside their parallel namesakes.
macro_rules! sorts {
    ($list:ident, $shape:expr, $n:ident, $make:expr) => {
        let input = shared(move || $make);
        sorts!($list, "stable", $shape, $n, input, sort, par_sort);
        sorts!($list, "unstable", $shape, $n, input, sort_unstable, par_sort_unstable);
    };
    ($list:ident, $order:literal, $shape:expr, $n:ident, $input:ident, $serial:ident, $parallel:ident) => {
        let workload = Workload::new(format!("sort/{}/{}/{}", $order, $shape, $n));
        let input = $input.clone();
        let workload = workload.row(Who::Serial, move |meter| {
            meter.call_after(
                || Vec::clone(&input),
                |mut items| {
                    items.$serial();
                    items
                },
            );
        });
        $list.push(twins!(workload, lib => {
            let input = $input.clone();
            move |meter| {
                use lib::prelude::*;
                meter.call_after(
                    || Vec::clone(&input),
                    |mut items| {
                        items.$parallel();
                        items
                    },
                );
            }
        }));
    };
}

pub(crate) fn workloads() -> Vec<Workload> {
    let mut list = Vec::new();
    for &n in Effort::asked_for().of(&SORTED) {
        for shape in Shape::ALL {
            sorts!(list, shape.name(), n, shape.keys(n));
        }
        sorts!(list, "strings", n, words(n));
    }
    list
}
