//! The stable sort of what is in sorted stretches: leaves by std, which sees and merges those, and above them merges from the slice
//! to a buffer and back.

use super::Plan;
use super::run::Run;
use crate::pool::in_worker;
use std::cmp::Ordering;

pub(super) fn sort<T, F>(v: &mut [T], plan: Plan, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    // Two levels bring the elements to the buffer and home again, so an even number of them needs no copy at the end.
    // Rather one less than planned than one more: each is a pass over everything.
    let levels = (plan.levels & !1).max(2);
    in_worker(|_, _| {
        let mut buffer = Vec::with_capacity(v.len());
        let mut run = Run::new(v, &mut buffer);
        sort_run(&mut run, levels, plan.grain, compare);
        run.par_go_home(plan.grain);
    });
}

fn sort_run<T, F>(run: &mut Run<'_, T>, levels: u32, grain: usize, compare: &F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    if levels == 0 {
        return run.elements().sort_by(compare);
    }
    run.in_halves(grain, |half| sort_run(half, levels - 1, grain, compare));
    run.merge(run.len() / 2, grain, compare);
}
