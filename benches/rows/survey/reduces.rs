//! One value of all items.

use super::{is_third, list_calls, mix};
use std::collections::HashMap;

type Histogram = HashMap<u32, u32>;

fn tallied(mut tally: Histogram, number: &u32) -> Histogram {
    *tally.entry(*number).or_default() += 1;
    tally
}

fn merged(mut left: Histogram, right: Histogram) -> Histogram {
    for (number, count) in right {
        *left.entry(number).or_default() += count;
    }
    left
}

list_calls! {
    "sum of integers" |it| it.numbers().iter().sum::<u64>(), it.numbers().par_iter().sum::<u64>();
    "sum of bytes" |it| it.bytes().iter().map(|&byte| u64::from(byte)).sum::<u64>(),
        it.bytes().par_iter().map(|&byte| u64::from(byte)).sum::<u64>();
    "sum of floats" |it| it.floats().iter().sum::<f64>(), it.floats().par_iter().sum::<f64>();
    "product of floats" |it| it.floats().iter().product::<f64>(), it.floats().par_iter().product::<f64>();
    "map, sum" |it| it.keys().iter().map(mix).sum::<u64>(), it.keys().par_iter().map(mix).sum::<u64>();
    "map to roots, sum" |it| it.floats().iter().map(|x| x.sqrt().ln_1p()).sum::<f64>(),
        it.floats().par_iter().map(|x| x.sqrt().ln_1p()).sum::<f64>();
    "three maps, sum" |it| it.keys().iter().map(mix).map(|x| x >> 3).map(|x| x ^ 5).sum::<u64>(),
        it.keys().par_iter().map(mix).map(|x| x >> 3).map(|x| x ^ 5).sum::<u64>();
    "copied, sum" |it| it.small().iter().copied().sum::<u32>(), it.small().par_iter().copied().sum::<u32>();
    "min" |it| it.keys().iter().min(), it.keys().par_iter().min();
    "max" |it| it.keys().iter().max(), it.keys().par_iter().max();
    "copied, max" |it| it.small().iter().copied().max(), it.small().par_iter().copied().max();
    "min_by_key" |it| it.keys().iter().min_by_key(|key| mix(key)), it.keys().par_iter().min_by_key(|key| mix(key));
    "max_by of floats" |it| it.floats().iter().max_by(|a, b| a.total_cmp(b)),
        it.floats().par_iter().max_by(|a, b| a.total_cmp(b));
    "filter, count" |it| it.keys().iter().filter(|key| is_third(key)).count(),
        it.keys().par_iter().filter(|key| is_third(key)).count();
    "filter, map by a borrowed factor, sum" |it| { let key = it.late(); it.keys().iter().filter(|k| **k & 4 == 0).map(|k| k & key).sum::<u64>() },
        { let key = it.late(); it.keys().par_iter().filter(|k| **k & 4 == 0).map(|k| k & key).sum::<u64>() };
    "reduce" |it| it.keys().iter().copied().fold(0, |a, b| a ^ b),
        it.keys().par_iter().copied().reduce(|| 0, |a, b| a ^ b);
    "reduce_with" |it| it.floats().iter().copied().reduce(f64::max),
        it.floats().par_iter().copied().reduce_with(f64::max);
    "fold, reduce" |it| it.floats().iter().fold((0.0, 0.0), |(a, b), x| (a + x, b + x * x)),
        it.floats().par_iter().fold(|| (0.0, 0.0), |(a, b), x| (a + x, b + x * x))
            .reduce(|| (0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    "fold_with, sum" |it| it.keys().iter().fold(0, |a, b| a + (b >> 40)),
        it.keys().par_iter().fold_with(0, |a, b| a + (b >> 40)).sum::<u64>();
    "histogram by fold, reduce" |it| it.small().iter().fold(Histogram::new(), tallied),
        it.small().par_iter().fold(Histogram::new, tallied).reduce(Histogram::new, merged);
    "try_fold, try_reduce" |it| it.numbers().iter().try_fold(0_u64, |a, b| a.checked_add(*b)),
        it.numbers().par_iter().try_fold(|| 0_u64, |a, b| a.checked_add(*b)).try_reduce(|| 0, |a, b| a.checked_add(b));
    "sum of options" |it| it.options().iter().map(|x| x.map(|x| x >> 40)).sum::<Option<u64>>(),
        it.options().par_iter().map(|x| x.map(|x| x >> 40)).sum::<Option<u64>>();
    "for_each on mutable slice" |it, each mut v = it.keys().clone();| { v.iter_mut().for_each(|x| *x = mix(x)); v },
        { v.par_iter_mut().for_each(|x| *x = mix(x)); v };
    "for_each_with" |it, each mut v = it.keys().clone();| { v.iter_mut().for_each(|x| *x = mix(x)); v },
        { v.par_iter_mut().for_each_with(7, |seed, x| *x = mix(x) ^ *seed); v };
    "for_each_init" |it, each mut v = it.keys().clone();| { v.iter_mut().for_each(|x| *x = mix(x)); v },
        { v.par_iter_mut().for_each_init(|| 7, |seed, x| *x = mix(x) ^ *seed); v };
    "try_for_each" |it| it.keys().iter().try_for_each(|key| if mix(key) == 1 { Err(()) } else { Ok(()) }),
        it.keys().par_iter().try_for_each(|key| if mix(key) == 1 { Err(()) } else { Ok(()) });
    "zip, map, sum" |it| it.floats().iter().zip(it.weights()).map(|(a, b)| a * b).sum::<f64>(),
        it.floats().par_iter().zip(it.weights()).map(|(a, b)| a * b).sum::<f64>();
    "equal slices" |it| it.keys().iter().eq(it.keys()), it.keys().par_iter().eq(it.keys());
    "comparison of slices" |it| it.keys().iter().cmp(it.keys()), it.keys().par_iter().cmp(it.keys());
}
