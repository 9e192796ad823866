//! Items from elsewhere than a slice.

use super::{is_third, list_calls, mix};

/// So much arithmetic that help is wanted.
fn slow(seed: u64) -> u64 {
    (0..200).fold(seed, |x, _| mix(&x))
}

list_calls! {
    "range, map, sum" |it| (0..it.n as u64).map(|x| mix(&x)).sum::<u64>(),
        (0..it.n as u64).into_par_iter().map(|x| mix(&x)).sum::<u64>();
    "range of u32, filter, count" |it| (0..it.n as u32).filter(|x| x.wrapping_mul(*x) % 7 == 3).count(),
        (0..it.n as u32).into_par_iter().filter(|x| x.wrapping_mul(*x) % 7 == 3).count();
    "range of i64, for_each" |it| (0..it.n as i64).for_each(|x| { std::hint::black_box(x); }),
        (0..it.n as i64).into_par_iter().for_each(|x| { std::hint::black_box(x); });
    "inclusive range, map, sum" |it| (1..=it.n as u64).map(|x| mix(&x)).sum::<u64>(),
        (1..=it.n as u64).into_par_iter().map(|x| mix(&x)).sum::<u64>();
    "range of slow items, sum" |it| (0..it.n as u64 / 100).map(slow).sum::<u64>(),
        (0..it.n as u64 / 100).into_par_iter().map(slow).sum::<u64>();
    "vector by value, sum" |it, each v = it.keys().clone();| v.into_iter().map(|x| mix(&x)).sum::<u64>(),
        v.into_par_iter().map(|x| mix(&x)).sum::<u64>();
    "vector by value, map, collect" |it, each v = it.keys().clone();| v.into_iter().map(|x| mix(&x)).collect::<Vec<_>>(),
        v.into_par_iter().map(|x| mix(&x)).collect::<Vec<_>>();
    "vector by value, filter, collect" |it, each v = it.keys().clone();| v.into_iter().filter(is_third).collect::<Vec<_>>(),
        v.into_par_iter().filter(is_third).collect::<Vec<_>>();
    // std takes over the vector's own memory, and leaves it to the result's drop to put the allocator in order: so that is on the clock.
    "strings by value, map, collect" |it, each v = it.words().clone();|
        drop(v.into_iter().map(|word| word.len()).collect::<Vec<_>>()),
        drop(v.into_par_iter().map(|word| word.len()).collect::<Vec<_>>());
    "strings by value, filter, collect" |it, each v = it.words().clone();|
        drop(v.into_iter().filter(|word| word.len() > 8).collect::<Vec<_>>()),
        drop(v.into_par_iter().filter(|word| word.len() > 8).collect::<Vec<_>>());
    "drain of a vector, sum" |it, each mut v = it.keys().clone();| v.drain(..).map(|x| mix(&x)).sum::<u64>(),
        v.par_drain(..).map(|x| mix(&x)).sum::<u64>();
    "HashMap, sum" |it| it.map().values().map(mix).sum::<u64>(), it.map().par_iter().map(|(_, x)| mix(x)).sum::<u64>();
    "HashMap, filter, collect" |it| it.map().iter().filter(|(x, _)| is_third(x)).collect::<Vec<_>>(),
        it.map().par_iter().filter(|(x, _)| is_third(x)).collect::<Vec<_>>();
    "HashMap by value, collect" |it, each map = it.map().clone();| map.into_iter().map(|(a, b)| a ^ b).collect::<Vec<_>>(),
        map.into_par_iter().map(|(a, b)| a ^ b).collect::<Vec<_>>();
    "HashMap, change values" |it, each mut map = it.map().clone();| { map.values_mut().for_each(|x| *x = mix(x)); map },
        { map.par_iter_mut().for_each(|(_, x)| *x = mix(x)); map };
    "HashSet, count" |it| it.set().iter().filter(|x| is_third(x)).count(),
        it.set().par_iter().filter(|x| is_third(x)).count();
    "HashSet by value, max" |it, each set = it.set().clone();| set.into_iter().max(), set.into_par_iter().max();
    "BTreeMap, sum" |it| it.tree().iter().map(|(a, b)| mix(a) ^ b).sum::<u64>(),
        it.tree().par_iter().map(|(a, b)| mix(a) ^ b).sum::<u64>();
    "BTreeMap, change values" |it, each mut tree = it.tree().clone();| { tree.values_mut().for_each(|x| *x = mix(x)); tree },
        { tree.par_iter_mut().for_each(|(_, x)| *x = mix(x)); tree };
    "BTreeSet, count" |it| it.tree_set().iter().filter(|x| is_third(x)).count(),
        it.tree_set().par_iter().filter(|x| is_third(x)).count();
    "BTreeSet, any, early" |it| it.tree_set().iter().any(is_third), it.tree_set().par_iter().any(is_third);
    "VecDeque, sum" |it| it.deque().iter().map(mix).sum::<u64>(), it.deque().par_iter().map(mix).sum::<u64>();
    "LinkedList, sum" |it| it.list().iter().map(mix).sum::<u64>(), it.list().par_iter().map(mix).sum::<u64>();
    "BinaryHeap, sum" |it| it.heap().iter().map(mix).sum::<u64>(), it.heap().par_iter().map(mix).sum::<u64>();
    "option, sum" |it| Some(it.n).iter().sum::<usize>(), Some(it.n).par_iter().sum::<usize>();
    "array, sum" |it| [it.n; 8].iter().sum::<usize>(), [it.n; 8].par_iter().sum::<usize>();
    "characters, count" |it| it.text().chars().filter(|c| *c == 'e').count(),
        it.text().par_chars().filter(|c| *c == 'e').count();
    "bytes, count" |it| it.text().bytes().filter(|c| *c == b'e').count(),
        it.text().par_bytes().filter(|c| *c == b'e').count();
    "char_indices, max" |it| it.text().char_indices().filter(|(_, c)| *c == 'e').max(),
        it.text().par_char_indices().filter(|(_, c)| *c == 'e').max();
    "lines, longest" |it| it.text().lines().map(str::len).max(), it.text().par_lines().map(str::len).max();
    "words of a text, count" |it| it.text().split_whitespace().filter(|word| word.len() > 8).count(),
        it.text().par_split_whitespace().filter(|word| word.len() > 8).count();
    "words of a text, collect" |it| it.text().split_whitespace().collect::<Vec<_>>(),
        it.text().par_split_whitespace().collect::<Vec<_>>();
    "split at letter, count" |it| it.text().split('e').count(), it.text().par_split('e').count();
    "matches, count" |it| it.text().matches('e').count(), it.text().par_matches('e').count();
    "par_bridge of quick items, sum" |it| it.keys().iter().map(mix).sum::<u64>(),
        it.keys().iter().par_bridge().map(mix).sum::<u64>();
    "par_bridge of slow items, sum" |it| (0..it.n as u64 / 100).map(slow).sum::<u64>(),
        (0..it.n as u64 / 100).par_bridge().map(slow).sum::<u64>();
    "par_bridge of lines, collect" |it| it.text().lines().map(str::to_uppercase).collect::<Vec<_>>(),
        it.text().lines().par_bridge().map(str::to_uppercase).collect::<Vec<_>>();
    "par_bridge, any, early" |it| { let key = it.early(); it.keys().iter().any(|x| *x == key) },
        { let key = it.early(); it.keys().iter().par_bridge().any(|x| *x == key) };
    "par_bridge of few, sum" |it| it.keys()[..10].iter().map(mix).sum::<u64>(),
        it.keys()[..10].iter().par_bridge().map(mix).sum::<u64>();
}
