//! Calls that may stop early, with a hit early, late, or never.

use super::{list_calls, mix};

list_calls! {
    "any, early" |it| { let key = it.early(); it.keys().iter().any(|k| *k == key) },
        { let key = it.early(); it.keys().par_iter().any(|k| *k == key) };
    "any, never" |it| it.keys().iter().any(|k| mix(k) == 1), it.keys().par_iter().any(|k| mix(k) == 1);
    "all, early" |it| { let key = it.early(); it.keys().iter().all(|k| *k != key) },
        { let key = it.early(); it.keys().par_iter().all(|k| *k != key) };
    "all, to the end" |it| it.keys().iter().all(|k| mix(k) != 1), it.keys().par_iter().all(|k| mix(k) != 1);
    "find_any, first" |it| { let key = it.keys()[0]; it.keys().iter().find(|k| **k == key) },
        { let key = it.keys()[0]; it.keys().par_iter().find_any(|k| **k == key) };
    "find_any, early" |it| { let key = it.early(); it.keys().iter().find(|k| **k == key) },
        { let key = it.early(); it.keys().par_iter().find_any(|k| **k == key) };
    "find_any, late" |it| { let key = it.late(); it.keys().iter().find(|k| **k == key) },
        { let key = it.late(); it.keys().par_iter().find_any(|k| **k == key) };
    "find_first, early" |it| { let key = it.early(); it.keys().iter().find(|k| **k == key) },
        { let key = it.early(); it.keys().par_iter().find_first(|k| **k == key) };
    "find_first, late" |it| { let key = it.late(); it.keys().iter().find(|k| **k == key) },
        { let key = it.late(); it.keys().par_iter().find_first(|k| **k == key) };
    "find_first, never" |it| it.keys().iter().find(|k| mix(k) == 1),
        it.keys().par_iter().find_first(|k| mix(k) == 1);
    "find_last, early" |it| { let key = it.keys()[it.n - 1 - it.n / 200]; it.keys().iter().rfind(|k| **k == key) },
        { let key = it.keys()[it.n - 1 - it.n / 200]; it.keys().par_iter().find_last(|k| **k == key) };
    "find_last, late" |it| { let key = it.keys()[0]; it.keys().iter().rfind(|k| **k == key) },
        { let key = it.keys()[0]; it.keys().par_iter().find_last(|k| **k == key) };
    "position_first, early" |it| { let key = it.early(); it.keys().iter().position(|k| *k == key) },
        { let key = it.early(); it.keys().par_iter().position_first(|k| *k == key) };
    "position_first, late" |it| { let key = it.late(); it.keys().iter().position(|k| *k == key) },
        { let key = it.late(); it.keys().par_iter().position_first(|k| *k == key) };
    "position_any, late" |it| { let key = it.late(); it.keys().iter().position(|k| *k == key) },
        { let key = it.late(); it.keys().par_iter().position_any(|k| *k == key) };
    "find_map_first, early" |it| { let key = it.early(); it.keys().iter().find_map(|k| (*k == key).then(|| mix(k))) },
        { let key = it.early(); it.keys().par_iter().find_map_first(|k| (*k == key).then(|| mix(k))) };
    "find_map_first, late" |it| { let key = it.late(); it.keys().iter().find_map(|k| (*k == key).then(|| mix(k))) },
        { let key = it.late(); it.keys().par_iter().find_map_first(|k| (*k == key).then(|| mix(k))) };
    "find_map_any, never" |it| it.keys().iter().find_map(|k| (mix(k) == 1).then_some(k)),
        it.keys().par_iter().find_map_any(|k| (mix(k) == 1).then_some(k));
    "filter, find_any, late" |it| { let key = it.late(); it.keys().iter().filter(|k| **k & 1 == key & 1).find(|k| **k == key) },
        { let key = it.late(); it.keys().par_iter().filter(|k| **k & 1 == key & 1).find_any(|k| **k == key) };
    "filter, any, never" |it| { let key = !it.late(); it.keys().iter().filter(|k| **k & 4 == 0).any(|k| *k == key) },
        { let key = !it.late(); it.keys().par_iter().filter(|k| **k & 4 == 0).any(|k| *k == key) };
    "any of words" |it| it.words().iter().any(|word| word.len() == 20),
        it.words().par_iter().any(|word| word.len() == 20);
    "try_for_each, early" |it| { let key = it.early(); it.keys().iter().try_for_each(|k| if *k == key { Err(()) } else { Ok(()) }) },
        { let key = it.early(); it.keys().par_iter().try_for_each(|k| if *k == key { Err(()) } else { Ok(()) }) };
    "while_some, count" |it| it.options().iter().map_while(|x| *x).count(),
        it.options().par_iter().copied().while_some().count();
    "take_any_while, count" |it| it.keys().iter().take_while(|k| mix(k) != 1).count(),
        it.keys().par_iter().take_any_while(|k| mix(k) != 1).count();
    "take_any, sum" |it| it.numbers().iter().take(it.n / 2).sum::<u64>(),
        it.numbers().par_iter().take_any(it.n / 2).sum::<u64>();
}
