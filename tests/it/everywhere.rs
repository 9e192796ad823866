//! The calls that [`panics`](crate::panics) leaves out, so that together they are all that take a closure, or look at their items: a
//! panic in each closure, clone, comparison and hash, at every position.

// The ledger of a key changes when the key is looked at; its order and its hash do not.
#![allow(clippy::mutable_key_type)]

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{Hash, Hasher};
use std::iter::{Product, Sum};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};

use lyocell::iter::{
    Either, ParallelBridge, repeat, walk_tree, walk_tree_postfix, walk_tree_prefix,
};
use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};

use crate::common::{Note, caught, tag_of, watchdog};
use crate::counted::{Counted, Ledger};
use crate::panics::at_each_operation;

/// A value that counts an operation whenever it is put in order. Not when it is asked whether it equals another: std's
/// trees, made of many items at once, forget some of them if that panics.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Judged(Counted);

impl PartialOrd for Judged {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Judged {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.operate();
        self.0.cmp(&other.0)
    }
}

/// A value that counts an operation whenever it is hashed, or compared with its equals.
#[derive(Clone, Debug)]
struct Hashed(Counted);

impl PartialEq for Hashed {
    fn eq(&self, other: &Self) -> bool {
        self.0.operate();
        self.0 == other.0
    }
}

impl Eq for Hashed {}

impl Hash for Hashed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.operate();
        self.0.hash(state);
    }
}

impl Sum for Judged {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items
            .reduce(|a, b| Self(a.0.plus(b.0)))
            .unwrap_or_else(|| Self(Ledger::new().value(0)))
    }
}

impl Product for Judged {
    fn product<I: Iterator<Item = Self>>(items: I) -> Self {
        items.sum()
    }
}

/// The values, to be judged, in an order that is neither rising nor falling.
fn judged(values: Vec<Counted>) -> Vec<Judged> {
    let (odd, even): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| value.value % 2 == 1);
    odd.into_iter().rev().chain(even).map(Judged).collect()
}

/// Each of them operates.
fn operating(values: Vec<Counted>) -> impl IndexedParallelIterator<Item = Counted> {
    values.into_par_iter().with_max_len(2).map(|value| {
        value.operate();
        value
    })
}

fn flag(item: &Counted) -> bool {
    item.operate();
    item.value == 35
}

macro_rules! rows {
    ($($name:ident: |$ledger:ident, $values:ident| $work:expr;)*) => {$(
        #[test]
        fn $name() {
            at_each_operation(|$ledger, $values| {
                let _ = $ledger;
                $work
            });
        }
    )*};
}

// Ends.
rows! {
    for_each_with: |ledger, values| values.into_par_iter().for_each_with(ledger.value(1), |state, value| { state.operate(); drop(value) });
    for_each_init: |ledger, values| values.into_par_iter().for_each_init(|| ledger.value(1), |state, value| { state.operate(); drop(value) });
    try_for_each_with: |ledger, values| values.into_par_iter().with_max_len(1)
        .try_for_each_with(ledger.value(1), |state, value| { state.operate(); drop(value); Ok::<_, Counted>(()) });
    try_for_each_init: |ledger, values| values.into_par_iter().with_max_len(1)
        .try_for_each_init(|| ledger.value(1), |state, value| { state.operate(); drop(value); ControlFlow::<Counted>::Continue(()) });
    try_reduce_with: |ledger, values| { ledger.operate(); values.into_par_iter().with_max_len(1).map(Ok::<_, Counted>).try_reduce_with(|a, b| Ok(a.plus(b))) };
    sums: |ledger, values| operating(values).map(Judged).sum::<Judged>();
    products: |ledger, values| operating(values).map(Judged).product::<Judged>();
    sums_of_options: |ledger, values| operating(values).map(|value| Some(value.value)).sum::<Option<u64>>();
    least: |ledger, values| { ledger.operate(); judged(values).into_par_iter().with_max_len(1).min() };
    greatest: |ledger, values| { ledger.operate(); judged(values).into_par_iter().with_max_len(1).max() };
    greatest_by: |ledger, values| { ledger.operate(); judged(values).into_par_iter().with_max_len(1).max_by(|a, b| a.cmp(b)) };
    least_by_key: |ledger, values| values.into_par_iter().with_max_len(1).min_by_key(|value| value.clone());
    greatest_by_key: |ledger, values| values.into_par_iter().with_max_len(1).max_by_key(|value| Judged(value.clone()));
    find_any: |ledger, values| values.into_par_iter().with_max_len(1).find_any(|value| { value.operate(); false });
    find_first: |ledger, values| values.into_par_iter().with_max_len(1).find_first(|value| { value.operate(); false });
    find_last: |ledger, values| values.into_par_iter().with_max_len(1).find_last(|value| { value.operate(); false });
    find_map_any: |ledger, values| values.into_par_iter().with_max_len(1).find_map_any(|value| { value.operate(); None::<Counted> });
    find_map_first: |ledger, values| values.into_par_iter().with_max_len(1).find_map_first(|value| { value.operate(); None::<Counted> });
    find_map_last: |ledger, values| values.into_par_iter().with_max_len(1).find_map_last(|value| { value.operate(); None::<Counted> });
    any: |ledger, values| values.into_par_iter().any(|value| { value.operate(); false });
    all: |ledger, values| values.into_par_iter().all(|value| { value.operate(); true });
    position_any: |ledger, values| values.into_par_iter().with_max_len(1).position_any(|value| { value.operate(); false });
    position_first: |ledger, values| values.into_par_iter().with_max_len(1).position_first(|value| { value.operate(); false });
    position_last: |ledger, values| values.into_par_iter().with_max_len(1).position_last(|value| { value.operate(); false });
    compare: |ledger, values| {
        let same = values.clone();
        judged(values).into_par_iter().with_max_len(1).cmp(judged(same))
    };
    compare_in_part: |ledger, values| {
        let same = values.clone();
        judged(values).into_par_iter().with_max_len(1).partial_cmp(judged(same))
    };
    equal: |ledger, values| {
        let same: Vec<_> = values.clone().into_iter().map(Hashed).collect();
        values.into_par_iter().with_max_len(1).map(Hashed).eq(same)
    };
    less: |ledger, values| {
        let same = values.clone();
        judged(values).into_par_iter().with_max_len(1).lt(judged(same))
    };
    partition_map: |ledger, values| operating(values).partition_map::<VecDeque<_>, LinkedList<_>, _, _, _>(|value| {
        value.operate();
        if value.value % 2 == 0 { Either::Left(value) } else { Either::Right(value) }
    });
    unzip_of_unzips: |ledger, values| operating(values).map(|value| (value.clone(), (value.clone(), value)))
        .unzip::<_, _, Vec<_>, (Vec<_>, LinkedList<_>)>();
}

// Collections of every kind, made and made longer.
rows! {
    into_vec: |ledger, values| {
        let mut target = ledger.values(3);
        operating(values).collect_into_vec(&mut target);
        target
    };
    into_two_vecs: |ledger, values| {
        let (mut left, mut right) = (ledger.values(3), Vec::new());
        operating(values).map(|value| (value.clone(), value)).unzip_into_vecs(&mut left, &mut right);
        (left, right)
    };
    boxes: |ledger, values| operating(values).collect::<Box<[_]>>();
    shared: |ledger, values| operating(values).collect::<Arc<[_]>>();
    shared_here: |ledger, values| operating(values).collect::<Rc<[_]>>().len();
    lists_of_vectors: |ledger, values| operating(values).filter(|value| value.value % 5 != 0).collect_vec_list();
    heaps: |ledger, values| operating(values).map(Judged).collect::<BinaryHeap<_>>();
    tree_sets: |ledger, values| { let both = judged([values.clone(), values].concat()); both.into_par_iter().collect::<BTreeSet<_>>() };
    tree_maps: |ledger, values| { let both = judged([values.clone(), values].concat()); both.into_par_iter().map(|key| (key.clone(), key)).collect::<BTreeMap<_, _>>() };
    hash_sets: |ledger, values| [values.clone(), values].concat().into_par_iter().map(Hashed).collect::<HashSet<_>>();
    hash_maps: |ledger, values| [values.clone(), values].concat().into_par_iter()
        .map(|value| (Hashed(value.clone()), value)).collect::<HashMap<_, _>>();
    strings: |ledger, values| operating(values).map(|value| value.value.to_string()).collect::<String>();
    units: |ledger, values| operating(values).map(drop).collect::<()>();
    results: |ledger, values| operating(values).map(Ok::<_, Counted>).collect::<Result<LinkedList<_>, _>>();
    errors: |ledger, values| {
        let len = values.len();
        // Whatever comes first, the error or the panic.
        let result: Result<Vec<_>, Counted> = values.into_par_iter().with_max_len(1)
            .map(|value| { if flag(&value) { Err(value) } else { Ok(value) } }).collect();
        (0..len).for_each(|_| ledger.operate());
        result
    };
    options: |ledger, values| {
        let len = values.len();
        let result: Option<VecDeque<_>> = values.into_par_iter().with_max_len(1).map(|value| (!flag(&value)).then_some(value)).collect();
        (0..len).for_each(|_| ledger.operate());
        result
    };
    longer_vectors: |ledger, values| { let mut all = ledger.values(3); all.par_extend(operating(values)); all };
    longer_vectors_in_pieces: |ledger, values| { let mut all = ledger.values(3); all.par_extend(operating(values).filter(|value| value.value % 3 != 0)); all };
    longer_deques: |ledger, values| { let mut all = VecDeque::from(ledger.values(3)); all.rotate_left(1); all.par_extend(operating(values)); all };
    longer_lists: |ledger, values| { let mut all = LinkedList::from_iter(ledger.values(3)); all.par_extend(operating(values)); all };
    longer_heaps: |ledger, values| { let mut all = BinaryHeap::from(judged(ledger.values(3))); all.par_extend(operating(values).map(Judged)); all };
    longer_tree_sets: |ledger, values| { let mut all = BTreeSet::from_iter(judged(ledger.values(3))); all.par_extend(operating(values).map(Judged)); all };
    longer_hash_maps: |ledger, values| {
        let mut all = HashMap::<Hashed, Counted>::new();
        all.par_extend(operating(values).map(|value| (Hashed(value.clone()), value)));
        all
    };
    longer_strings: |ledger, values| { let mut all = String::from("x"); all.par_extend(operating(values).map(|value| value.value.to_string())); all };
}

// Sources.
rows! {
    mutable: |ledger, values| { let mut values = values; values.par_iter_mut().with_max_len(1).for_each(|value| { value.operate(); value.value += 1; }); values };
    borrowed_tables: |ledger, values| {
        let mut table: HashMap<u64, Counted> = (0..).zip(values).collect();
        table.par_iter_mut().for_each(|(_, value)| value.operate());
        table.par_iter().for_each(|(_, value)| value.operate());
        table
    };
    borrowed_heaps: |ledger, values| { let heap = BinaryHeap::from(values); heap.par_iter().for_each(Counted::operate); heap };
    drained_vectors: |ledger, values| {
        let mut values = [ledger.values(2), values, ledger.values(2)].concat();
        let (end, before) = (values.len() - 2, AtomicUsize::new(0));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(||
            values.par_drain(2..end).with_max_len(1).for_each(|value| { value.operate(); before.fetch_add(1, std::sync::atomic::Ordering::Relaxed); })));
        // What lies outside of the range stays, and it has its place.
        assert!(values.iter().map(|value| value.value).eq([0, 1, 0, 1]));
        if let Err(payload) = outcome { std::panic::resume_unwind(payload) }
        values
    };
    boxed_slices: |ledger, values| values.into_boxed_slice().into_par_iter().with_max_len(1).for_each(|value| value.operate());
    vectors_of_vectors: |ledger, values| values.into_par_iter().chunks(3).with_max_len(1).for_each(|chunk| chunk.iter().for_each(Counted::operate));
    repeated_for_ever: |ledger, values| repeat(ledger.value(1)).zip(values).with_max_len(1).for_each(|(one, value)| drop(one.plus(value)));
    bridged_and_bounded: |ledger, values| {
        let mut left = values;
        let next = || { let value = left.pop()?; value.operate(); Some(value) };
        std::iter::from_fn(next).par_bridge().map(|value| value.clone()).collect::<LinkedList<_>>()
    };
    zipped_twelvefold: |ledger, values| {
        let (a, b) = (values.clone(), values.clone());
        let (c, d) = (values.clone(), values.clone());
        (operating(values), a, b, c, d).into_par_iter().with_max_len(1).for_each(drop)
    };
    trees_from_the_root: |ledger, values| { let len = values.len(); let all = walk_tree_prefix(ledger.value(0), |value| value.below(ledger)).map(|value| value.clone()).collect::<Vec<_>>(); (len.min(40), all, values) };
    trees_from_the_leaves: |ledger, values| (walk_tree_postfix(ledger.value(0), |value| value.below(ledger)).map(|value| value.clone()).collect::<Vec<_>>(), values);
    trees: |ledger, values| (walk_tree(ledger.value(0), |value| value.below(ledger)).fold(Vec::new, |mut all, value| { value.operate(); all.push(value); all }).count(), values);
}

// Slices.
rows! {
    split_where: |ledger, values| (values.par_split(|value| { value.operate(); value.value % 7 == 3 }).map(<[_]>::len).sum::<usize>(), ledger.operate());
    split_behind: |ledger, values| values.par_split_inclusive(|value| { value.operate(); value.value % 7 == 3 }).map(<[_]>::len).sum::<usize>();
    split_mutably: |ledger, values| {
        let mut values = values;
        values.par_split_mut(|value| { value.operate(); value.value % 7 == 3 }).for_each(<[_]>::reverse);
        values
    };
    runs: |ledger, values| { ledger.operate(); values.par_chunk_by(|a, b| { a.operate(); a.value / 5 == b.value / 5 }).map(<[_]>::len).collect::<Vec<_>>() };
    runs_mutably: |ledger, values| {
        ledger.operate();
        let mut values = values;
        values.par_chunk_by_mut(|a, b| { a.operate(); a.value / 5 == b.value / 5 }).for_each(<[_]>::reverse);
        values
    };
    chunks: |ledger, values| { values.par_chunks(2).for_each(|chunk| chunk.iter().for_each(Counted::operate)); values };
    chunks_mutably: |ledger, values| {
        let mut values = values;
        values.par_rchunks_mut(3).for_each(|chunk| { chunk.iter().for_each(Counted::operate); chunk.reverse(); });
        values
    };
    windows: |ledger, values| { ledger.operate(); values.par_windows(2).with_max_len(1).for_each(|pair| pair[0].operate()); values };
    sort: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort(); values };
    sort_by: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_by(|a, b| b.cmp(a)); values };
    sort_by_key: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_by_key(|value| value.0.clone()); values };
    sort_by_cached_key: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_by_cached_key(|value| value.clone()); values };
    sort_unstably: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_unstable(); values };
    sort_unstably_by: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_unstable_by(|a, b| b.cmp(a)); values };
    sort_unstably_by_key: |ledger, values| { ledger.operate(); let mut values = judged(values); values.par_sort_unstable_by_key(|value| value.0.clone()); values };
}

// Verbs that somebody waits for. Each value is captured by one closure.
rows! {
    joins: |ledger, values| {
        fn split(mut values: Vec<Counted>) -> Vec<Counted> {
            if values.len() < 2 {
                values.iter().for_each(Counted::operate);
                return values;
            }
            let right = values.split_off(values.len() / 2);
            let (mut left, right) = lyocell::join(|| split(values), || split(right));
            left.extend(right);
            left
        }
        split(values)
    };
    joins_with_contexts: |ledger, values| values.into_iter().for_each(|value| {
        let other = ledger.value(1);
        drop(lyocell::join_context(move |_| { value.operate(); value }, move |_| { other.operate(); other }));
    });
    scopes: |ledger, values| lyocell::scope(|s| for value in values {
        s.spawn(move |s| { value.operate(); s.spawn(move |_| value.operate()) });
    });
    scopes_in_line: |ledger, values| lyocell::scope_fifo(|s| for value in values {
        s.spawn_fifo(move |s| { value.operate(); s.spawn_fifo(move |_| value.operate()) });
    });
    scopes_in_place: |ledger, values| lyocell::in_place_scope(|s| for value in values {
        s.spawn(move |_| value.operate());
    });
    scopes_in_place_and_line: |ledger, values| lyocell::in_place_scope_fifo(|s| for value in values {
        s.spawn_fifo(move |_| value.operate());
    });
    scopes_whose_body_panics: |ledger, values| lyocell::scope(|s| for value in values {
        value.operate();
        s.spawn(move |_| drop(value));
    });
    scopes_that_broadcast: |ledger, values| lyocell::scope(|s| for value in values {
        s.spawn_broadcast(move |_, _| value.operate());
    });
    scopes_in_line_that_broadcast: |ledger, values| lyocell::scope_fifo(|s| for value in values {
        s.spawn_broadcast(move |_, _| value.operate());
    });
    broadcasts: |ledger, values| lyocell::broadcast(|context| {
        let index = context.index();
        values.iter().skip(index % 2).map(Counted::clone).collect::<Vec<_>>()
    }).into_iter().chain([{ values.iter().for_each(Counted::operate); Vec::new() }]).count();
    isolated: |ledger, values| lyocell::isolate(|| operating(values).map(|value| value.clone()).collect::<Vec<_>>());
    installed_elsewhere: |ledger, values| {
        thread_local! { static PLACE: Cell<usize> = const { Cell::new(0) } }
        PLACE.set(1);
        let other = ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        other.install(move || { values.iter().for_each(Counted::operate); values })
    };
}

/// Verbs that nobody waits for: the payload goes to the panic handler, the values are dropped, and the pool goes on.
#[test]
fn detached() {
    type Verb = fn(&ThreadPool, Vec<Counted>);
    let verbs: [(&str, Verb); 6] = [
        ("spawn", |pool, values| {
            for value in values {
                pool.spawn(move || value.operate());
            }
        }),
        ("spawn_fifo", |pool, values| {
            for value in values {
                pool.spawn_fifo(move || value.operate());
            }
        }),
        ("spawn_broadcast", |pool, values| {
            for value in values {
                let once = AtomicBool::new(false);
                pool.spawn_broadcast(move |_| {
                    if !once.swap(true, std::sync::atomic::Ordering::Relaxed) {
                        value.operate();
                    }
                });
            }
        }),
        ("spawn from a job", |pool, values| {
            pool.spawn(move || {
                for value in values {
                    lyocell::spawn(move || value.operate());
                }
            });
        }),
        ("spawn_fifo from a job", |pool, values| {
            pool.spawn(move || {
                for value in values {
                    lyocell::spawn_fifo(move || value.operate());
                }
            });
        }),
        ("a call from a job", |pool, values| {
            for value in values {
                pool.spawn(move || {
                    let results = lyocell::join(|| value.clone(), || ());
                    drop(results);
                });
            }
        }),
    ];
    watchdog(|_| {
        for (name, verb) in verbs {
            for width in [1, 3] {
                for fuse in 0..8 {
                    let _note = Note(format!("{name} on {width}, a panic at operation {fuse}"));
                    let tags = Arc::new(Mutex::new(Vec::new()));
                    let handler = {
                        let tags = Arc::clone(&tags);
                        move |payload| tags.lock().unwrap().push(tag_of(payload).expect("ours"))
                    };
                    let pool = ThreadPoolBuilder::new()
                        .num_threads(width)
                        .panic_handler(handler)
                        .build()
                        .expect("a pool");
                    let ledger = Ledger::with_fuse(fuse);
                    let values = ledger.values(8);
                    assert!(caught(|| verb(&pool, values)).is_ok());
                    assert_eq!(pool.install(|| lyocell::join(|| 1, || 2)), (1, 2));
                    pool.shutdown();
                    assert_eq!(*tags.lock().unwrap(), [fuse as u64]);
                    ledger.settle();
                }
            }
        }
    });
}
