//! Collections of all kinds.

use super::{few, is_third, list_calls, mix};
use either::Either;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::Arc;

type Two<'a> = (Vec<&'a u64>, Vec<&'a u64>);

list_calls! {
    "map, collect" |it| it.keys().iter().map(mix).collect::<Vec<_>>(), it.keys().par_iter().map(mix).collect::<Vec<_>>();
    "map by a borrowed factor, collect" |it| { let by = it.late() as f64; it.floats().iter().map(|x| x * by + 1.0).collect::<Vec<_>>() },
        { let by = it.late() as f64; it.floats().par_iter().map(|x| x * by + 1.0).collect::<Vec<_>>() };
    "map to roots, collect" |it| it.floats().iter().map(|x| x.sqrt().ln_1p()).collect::<Vec<_>>(),
        it.floats().par_iter().map(|x| x.sqrt().ln_1p()).collect::<Vec<_>>();
    "map, collect_into_vec" |it, each mut v = it.numbers().clone();| { v.clear(); v.extend(it.keys().iter().map(mix)); v },
        { it.keys().par_iter().map(mix).collect_into_vec(&mut v); v };
    "filter, collect" |it| it.keys().iter().filter(|x| is_third(x)).collect::<Vec<_>>(),
        it.keys().par_iter().filter(|x| is_third(x)).collect::<Vec<_>>();
    "filter all, collect" |it| it.keys().iter().copied().filter(|x| mix(x) != 1).collect::<Vec<_>>(),
        it.keys().par_iter().copied().filter(|x| mix(x) != 1).collect::<Vec<_>>();
    "filter few, collect" |it| it.keys().iter().copied().filter(|x| x % 100 == 0).collect::<Vec<_>>(),
        it.keys().par_iter().copied().filter(|x| x % 100 == 0).collect::<Vec<_>>();
    "filter_map, collect" |it| it.keys().iter().filter_map(|x| is_third(x).then(|| mix(x))).collect::<Vec<_>>(),
        it.keys().par_iter().filter_map(|x| is_third(x).then(|| mix(x))).collect::<Vec<_>>();
    "flat_map_iter, collect" |it| it.keys().iter().flat_map(few).collect::<Vec<_>>(),
        it.keys().par_iter().flat_map_iter(few).collect::<Vec<_>>();
    "flatten_iter, collect" |it| it.nested().iter().flatten().collect::<Vec<_>>(),
        it.nested().par_iter().flatten_iter().collect::<Vec<_>>();
    "flat_map, collect" |it| it.nested().iter().flat_map(|v| v).collect::<Vec<_>>(),
        it.nested().par_iter().flat_map(|v| v).collect::<Vec<_>>();
    "chain, collect" |it| it.keys().iter().chain(it.numbers()).copied().collect::<Vec<_>>(),
        it.keys().par_iter().chain(it.numbers()).copied().collect::<Vec<_>>();
    "zip, collect" |it| it.keys().iter().zip(it.numbers()).map(|(a, b)| a ^ b).collect::<Vec<_>>(),
        it.keys().par_iter().zip(it.numbers()).map(|(a, b)| a ^ b).collect::<Vec<_>>();
    "enumerate, collect" |it| it.keys().iter().enumerate().collect::<Vec<_>>(),
        it.keys().par_iter().enumerate().collect::<Vec<_>>();
    "rev, collect" |it| it.keys().iter().rev().copied().collect::<Vec<_>>(),
        it.keys().par_iter().rev().copied().collect::<Vec<_>>();
    "range, collect" |it| (0..it.n).map(|i| i * i).collect::<Vec<_>>(),
        (0..it.n).into_par_iter().map(|i| i * i).collect::<Vec<_>>();
    "words, collect" |it| it.words().iter().map(|word| word.to_uppercase()).collect::<Vec<_>>(),
        it.words().par_iter().map(|word| word.to_uppercase()).collect::<Vec<_>>();
    "intersperse, collect" |it| it.keys().iter().flat_map(|key| [*key, 0]).take(2 * it.n - 1).collect::<Vec<_>>(),
        it.keys().par_iter().copied().intersperse(0).collect::<Vec<_>>();
    "chunks, collect" |it| it.keys().chunks(10).map(<[u64]>::to_vec).collect::<Vec<_>>(),
        it.keys().par_iter().copied().chunks(10).collect::<Vec<_>>();
    "collect a box" |it| it.keys().iter().map(mix).collect::<Box<[_]>>(),
        it.keys().par_iter().map(mix).collect::<Box<[_]>>();
    "collect an Arc" |it| it.keys().iter().map(mix).collect::<Arc<[_]>>(),
        it.keys().par_iter().map(mix).collect::<Arc<[_]>>();
    "collect a VecDeque" |it| it.keys().iter().map(mix).collect::<VecDeque<_>>(),
        it.keys().par_iter().map(mix).collect::<VecDeque<_>>();
    "collect a LinkedList" |it| it.keys().iter().map(mix).collect::<LinkedList<_>>(),
        it.keys().par_iter().map(mix).collect::<LinkedList<_>>();
    "collect a BinaryHeap" |it| it.keys().iter().map(mix).collect::<BinaryHeap<_>>(),
        it.keys().par_iter().map(mix).collect::<BinaryHeap<_>>();
    "collect a HashMap" |it| it.keys().iter().map(|x| (*x, mix(x))).collect::<HashMap<_, _>>(),
        it.keys().par_iter().map(|x| (*x, mix(x))).collect::<HashMap<_, _>>();
    "filter, collect a HashMap" |it| it.pairs().iter().copied().filter(|x| is_third(&x.0)).collect::<HashMap<_, _>>(),
        it.pairs().par_iter().copied().filter(|x| is_third(&x.0)).collect::<HashMap<_, _>>();
    "collect a HashSet" |it| it.keys().iter().map(mix).collect::<HashSet<_>>(),
        it.keys().par_iter().map(mix).collect::<HashSet<_>>();
    "collect a HashSet of few" |it| it.small().iter().copied().collect::<HashSet<_>>(),
        it.small().par_iter().copied().collect::<HashSet<_>>();
    "collect a BTreeMap" |it| it.keys().iter().map(|x| (*x, mix(x))).collect::<BTreeMap<_, _>>(),
        it.keys().par_iter().map(|x| (*x, mix(x))).collect::<BTreeMap<_, _>>();
    "collect a sorted BTreeMap" |it| it.sorted().iter().map(|x| (*x, mix(x))).collect::<BTreeMap<_, _>>(),
        it.sorted().par_iter().map(|x| (*x, mix(x))).collect::<BTreeMap<_, _>>();
    "collect a BTreeSet" |it| it.keys().iter().map(mix).collect::<BTreeSet<_>>(),
        it.keys().par_iter().map(mix).collect::<BTreeSet<_>>();
    "collect results" |it| it.results().iter().copied().collect::<Result<Vec<_>, _>>(),
        it.results().par_iter().copied().collect::<Result<Vec<_>, _>>();
    "collect results, early error" |it| it.early_error().iter().copied().collect::<Result<Vec<_>, _>>(),
        it.early_error().par_iter().copied().collect::<Result<Vec<_>, _>>();
    "collect results of a filter" |it| it.results().iter().copied().filter(|x| matches!(x, Ok(x) if is_third(x))).collect::<Result<Vec<_>, _>>(),
        it.results().par_iter().copied().filter(|x| matches!(x, Ok(x) if is_third(x))).collect::<Result<Vec<_>, _>>();
    "collect results into a HashMap" |it| it.results().iter().map(|x| x.map(|x| (x, x))).collect::<Result<HashMap<_, _>, _>>(),
        it.results().par_iter().map(|x| x.map(|x| (x, x))).collect::<Result<HashMap<_, _>, _>>();
    "collect options" |it| it.options().iter().copied().collect::<Option<Vec<_>>>(),
        it.options().par_iter().copied().collect::<Option<Vec<_>>>();
    "parse words, collect results" |it| it.words().iter().map(|word| u64::from_str_radix(word, 36)).collect::<Result<Vec<_>, _>>(),
        it.words().par_iter().map(|word| u64::from_str_radix(word, 36)).collect::<Result<Vec<_>, _>>();
    "partition" |it| it.keys().iter().partition::<Vec<&u64>, _>(|x| is_third(x)),
        { let two: Two<'_> = it.keys().par_iter().partition(|x| is_third(x)); two };
    "partition_map" |it| it.keys().iter().fold((Vec::new(), Vec::new()), |(mut a, mut b), x| {
            if is_third(x) { a.push(mix(x)) } else { b.push(*x as u32) }
            (a, b)
        }),
        { let two: (Vec<_>, Vec<_>) = it.keys().par_iter().partition_map(|x| {
            if is_third(x) { Either::Left(mix(x)) } else { Either::Right(*x as u32) }
        }); two };
    "unzip" |it| it.pairs().iter().copied().unzip::<_, _, Vec<_>, Vec<_>>(),
        it.pairs().par_iter().copied().unzip::<_, _, Vec<_>, Vec<_>>();
    "filter, unzip" |it| it.pairs().iter().copied().filter(|x| is_third(&x.0)).unzip::<_, _, Vec<_>, Vec<_>>(),
        it.pairs().par_iter().copied().filter(|x| is_third(&x.0)).unzip::<_, _, Vec<_>, Vec<_>>();
    "unzip_into_vecs" |it| it.pairs().iter().copied().unzip::<_, _, Vec<_>, Vec<_>>(),
        { let (mut a, mut b) = (Vec::new(), Vec::new()); it.pairs().par_iter().copied().unzip_into_vecs(&mut a, &mut b); (a, b) };
    "par_extend of a Vec" |it, each mut v = vec![1_u64, 2, 3];| { v.extend(it.keys().iter().map(mix)); v },
        { v.par_extend(it.keys().par_iter().map(mix)); v };
    "filter, par_extend of a Vec" |it, each mut v = vec![1_u64, 2, 3];| { v.extend(it.keys().iter().copied().filter(is_third)); v },
        { v.par_extend(it.keys().par_iter().copied().filter(is_third)); v };
    "par_extend of a HashSet" |it, each mut set = HashSet::from([1_u64, 2]);| { set.extend(it.keys().iter().map(mix)); set },
        { set.par_extend(it.keys().par_iter().map(mix)); set };
    "characters, collect a String" |it| it.text().chars().map(|c| c.to_ascii_uppercase()).collect::<String>(),
        it.text().par_chars().map(|c| c.to_ascii_uppercase()).collect::<String>();
    "filter characters, collect a String" |it| it.text().chars().filter(|c| *c != 'e').collect::<String>(),
        it.text().par_chars().filter(|c| *c != 'e').collect::<String>();
    "slices of text, collect a String" |it| it.words().iter().map(|word| &word[1..]).collect::<String>(),
        it.words().par_iter().map(|word| &word[1..]).collect::<String>();
    "strings, collect a String" |it| it.keys().iter().map(u64::to_string).collect::<String>(),
        it.keys().par_iter().map(u64::to_string).collect::<String>();
    "map, collect nothing" |it| it.results().iter().map(|x| x.map(drop)).collect::<Result<(), _>>(),
        it.results().par_iter().map(|x| x.map(drop)).collect::<Result<(), _>>();
}
