//! Slices put into order.

use super::{list_calls, mix};

list_calls! {
    "sort" |it, each mut v = it.keys().clone();| { v.sort(); v }, { v.par_sort(); v };
    "sort_unstable" |it, each mut v = it.keys().clone();| { v.sort_unstable(); v }, { v.par_sort_unstable(); v };
    "sort, sorted before" |it, each mut v = it.sorted().clone();| { v.sort(); v }, { v.par_sort(); v };
    "sort_unstable, sorted before" |it, each mut v = it.sorted().clone();| { v.sort_unstable(); v },
        { v.par_sort_unstable(); v };
    "sort of few values" |it, each mut v = it.small().clone();| { v.sort(); v }, { v.par_sort(); v };
    "sort_by of floats" |it, each mut v = it.floats().clone();| { v.sort_by(f64::total_cmp); v },
        { v.par_sort_by(f64::total_cmp); v };
    "sort_by_key" |it, each mut v = it.keys().clone();| { v.sort_by_key(mix); v }, { v.par_sort_by_key(mix); v };
    "sort_unstable_by_key" |it, each mut v = it.pairs().clone();| { v.sort_unstable_by_key(|x| x.1); v },
        { v.par_sort_unstable_by_key(|x| x.1); v };
    "sort_by_cached_key" |it, each mut v = it.numbers().clone();| { v.sort_by_cached_key(u64::to_string); v },
        { v.par_sort_by_cached_key(u64::to_string); v };
    "sort of words" |it, each mut v = it.words().clone();| { v.sort(); v }, { v.par_sort(); v };
    "sort_unstable of words" |it, each mut v = it.words().clone();| { v.sort_unstable(); v },
        { v.par_sort_unstable(); v };
}
