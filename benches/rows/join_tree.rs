//! Fibonacci numbers by `join` without a cut-off: next to no work, so all that shows is what a fork costs.

use crate::common::pools::chili_pool;
use crate::common::{Who, Workload};
use std::hint::black_box;

pub(crate) fn workloads(n: u32) -> Vec<Workload> {
    [1, 2].map(|width| join_tree(n, width)).into()
}

fn join_tree(n: u32, width: usize) -> Workload {
    let workload = Workload::new(format!(
        "join_tree/fib{n}/{width}_worker{}",
        if width == 1 { "" } else { "s" }
    ))
    .units(joins(n), "join")
    .row(Who::Serial, move |meter| meter.call(|| fib(black_box(n))))
    .row(Who::Chili, move |meter| {
        let pool = chili_pool(width);
        let mut scope = pool.scope();
        meter.call(|| fib_chili(&mut scope, black_box(n)));
    });
    twins!(workload, lib => move |meter| {
        fn fib(n: u32) -> u64 {
            if n < 2 {
                return n.into();
            }
            let (a, b) = lib::join(|| fib(n - 1), || fib(n - 2));
            a + b
        }
        pool!(lib, width).install(|| meter.call(|| fib(black_box(n))));
    })
}

/// How often `fib(n)` forks: F(n + 1) - 1 times.
fn joins(n: u32) -> u64 {
    let (mut this, mut next) = (0_u64, 1);
    for _ in 0..=n {
        (this, next) = (next, this + next);
    }
    this - 1
}

/// Kept as the recursion that the others fork: inlined into itself it would be a race of compilers.
#[inline(never)]
fn fib(n: u32) -> u64 {
    if n < 2 {
        n.into()
    } else {
        black_box(fib(n - 1)) + fib(n - 2)
    }
}

fn fib_chili(scope: &mut chili::Scope<'_>, n: u32) -> u64 {
    if n < 2 {
        return n.into();
    }
    let (a, b) = scope.join(
        |scope| fib_chili(scope, n - 1),
        |scope| fib_chili(scope, n - 2),
    );
    a + b
}
