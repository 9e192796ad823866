//! Adapters before an end that costs little, so that they are what is measured.

use super::{few, is_third, list_calls, mix};

list_calls! {
    "filter, sum" |it| it.numbers().iter().filter(|x| is_third(x)).sum::<u64>(),
        it.numbers().par_iter().filter(|x| is_third(x)).sum::<u64>();
    "filter_map, sum" |it| it.numbers().iter().filter_map(|x| is_third(x).then(|| mix(x) >> 20)).sum::<u64>(),
        it.numbers().par_iter().filter_map(|x| is_third(x).then(|| mix(x) >> 20)).sum::<u64>();
    "flat_map_iter, count" |it| it.keys().iter().flat_map(few).filter(is_third).count(),
        it.keys().par_iter().flat_map_iter(few).filter(is_third).count();
    "flat_map, sum" |it| it.nested().iter().flat_map(|v| v).map(mix).sum::<u64>(),
        it.nested().par_iter().flat_map(|v| v).map(mix).sum::<u64>();
    "flatten_iter, sum" |it| it.nested().iter().flatten().map(mix).sum::<u64>(),
        it.nested().par_iter().flatten_iter().map(mix).sum::<u64>();
    "flatten of options, sum" |it| it.options().iter().flatten().map(mix).sum::<u64>(),
        it.options().par_iter().flatten_iter().map(mix).sum::<u64>();
    "zip of three" |it| it.floats().iter().zip(it.weights()).zip(it.numbers()).map(|((a, b), &c)| a.mul_add(*b, c as f64)).sum::<f64>(),
        (it.floats(), it.weights(), it.numbers()).into_par_iter().map(|(a, b, &c)| a.mul_add(*b, c as f64)).sum::<f64>();
    "zip, for_each" |it, each mut v = it.keys().clone();| { v.iter_mut().zip(it.numbers()).for_each(|(a, b)| *a ^= b); v },
        { v.par_iter_mut().zip(it.numbers()).for_each(|(a, b)| *a ^= b); v };
    "chain, sum" |it| it.numbers().iter().chain(it.keys()).map(mix).sum::<u64>(),
        it.numbers().par_iter().chain(it.keys()).map(mix).sum::<u64>();
    "enumerate, map, sum" |it| it.numbers().iter().enumerate().map(|(i, x)| i as u64 ^ x).sum::<u64>(),
        it.numbers().par_iter().enumerate().map(|(i, x)| i as u64 ^ x).sum::<u64>();
    "enumerate, filter, count" |it| it.numbers().iter().enumerate().filter(|(i, x)| (*i as u64 ^ **x) & 1 == 0).count(),
        it.numbers().par_iter().enumerate().filter(|(i, x)| (*i as u64 ^ **x) & 1 == 0).count();
    "rev, map, sum" |it| it.keys().iter().rev().map(mix).sum::<u64>(), it.keys().par_iter().rev().map(mix).sum::<u64>();
    "step_by, sum" |it| it.keys().iter().step_by(3).map(mix).sum::<u64>(),
        it.keys().par_iter().step_by(3).map(mix).sum::<u64>();
    "take, sum" |it| it.keys().iter().take(it.n / 2).map(mix).sum::<u64>(),
        it.keys().par_iter().take(it.n / 2).map(mix).sum::<u64>();
    "skip, sum" |it| it.keys().iter().skip(it.n / 2).map(mix).sum::<u64>(),
        it.keys().par_iter().skip(it.n / 2).map(mix).sum::<u64>();
    "skip, take, min" |it| it.keys().iter().skip(10).take(it.n / 2).min(),
        it.keys().par_iter().skip(10).take(it.n / 2).min();
    "interleave, sum" |it| it.numbers().iter().zip(it.keys()).flat_map(|(a, b)| [a, b]).map(mix).sum::<u64>(),
        it.numbers().par_iter().interleave(it.keys()).map(mix).sum::<u64>();
    "inspect, max" |it| it.keys().iter().inspect(|x| { std::hint::black_box(x); }).max(),
        it.keys().par_iter().inspect(|x| { std::hint::black_box(x); }).max();
    "map_with, sum" |it| it.keys().iter().map(|x| mix(x) ^ 7).sum::<u64>(),
        it.keys().par_iter().map_with(7, |seed, x| mix(x) ^ *seed).sum::<u64>();
    "map_init, sum" |it| it.keys().iter().map(|x| mix(x) ^ 7).sum::<u64>(),
        it.keys().par_iter().map_init(|| 7, |seed, x| mix(x) ^ *seed).sum::<u64>();
    "positions, sum" |it| it.keys().iter().enumerate().filter(|(_, x)| is_third(x)).map(|(i, _)| i).sum::<usize>(),
        it.keys().par_iter().positions(is_third).sum::<usize>();
    "with_min_len, sum" |it| it.keys().iter().map(mix).sum::<u64>(),
        it.keys().par_iter().with_min_len(100).map(mix).sum::<u64>();
    "with_max_len, sum" |it| it.keys().iter().map(mix).sum::<u64>(),
        it.keys().par_iter().with_max_len(1000).map(mix).sum::<u64>();
    "panic_fuse, sum" |it| it.keys().iter().map(mix).sum::<u64>(),
        it.keys().par_iter().panic_fuse().map(mix).sum::<u64>();
    "chunks, sum of lengths" |it| it.keys().chunks(10).map(|chunk| chunk.iter().map(mix).max().unwrap_or(0) >> 20).sum::<u64>(),
        it.keys().par_iter().chunks(10).map(|chunk| chunk.into_iter().map(mix).max().unwrap_or(0) >> 20).sum::<u64>();
    "par_chunks, sum of maxima" |it| it.keys().chunks(100).filter_map(|chunk| chunk.iter().max()).map(mix).sum::<u64>(),
        it.keys().par_chunks(100).filter_map(|chunk| chunk.iter().max()).map(mix).sum::<u64>();
    "par_chunks_exact, sum" |it| it.floats().chunks_exact(4).map(|x| x[0] * x[1] + x[2] * x[3]).sum::<f64>(),
        it.floats().par_chunks_exact(4).map(|x| x[0] * x[1] + x[2] * x[3]).sum::<f64>();
    "par_chunks_mut, for_each" |it, each mut v = it.keys().clone();| { v.chunks_mut(100).for_each(<[u64]>::reverse); v },
        { v.par_chunks_mut(100).for_each(<[u64]>::reverse); v };
    "par_windows of 2, count" |it| it.keys().windows(2).filter(|w| w[0] < w[1]).count(),
        it.keys().par_windows(2).filter(|w| w[0] < w[1]).count();
    "par_windows of 8, max" |it| it.numbers().windows(8).map(|w| w.iter().sum::<u64>()).max(),
        it.numbers().par_windows(8).map(|w| w.iter().sum::<u64>()).max();
    "par_chunk_by, count" |it| it.keys().chunk_by(|a, b| a < b).count(), it.keys().par_chunk_by(|a, b| a < b).count();
    "par_split, count" |it| it.keys().split(is_third).count(), it.keys().par_split(is_third).count();
    "fold_chunks, sum" |it| it.keys().chunks(100).map(|chunk| chunk.iter().fold(0, |a, b| a ^ b) >> 20).sum::<u64>(),
        it.keys().par_iter().fold_chunks(100, || 0, |a, b| a ^ b).map(|x| x >> 20).sum::<u64>();
}
