//! A sort, whose comparator may be honest, fickle or deadly. Whatever it does, the slice holds what it held; if it is honest, in order.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lyocell::prelude::*;

use super::Program;
use crate::common::{Random, boom, tag_of};

/// An element: its key, what tells it from others of that key, and something that makes it large, or own memory.
#[derive(Clone, PartialEq, Debug)]
struct Element<L> {
    key: u8,
    index: usize,
    load: L,
}

pub(super) fn run(mut program: Program<'_>) {
    match program.below(4) {
        0 => sort(program, |_| ()),
        1 => sort(program, |index| [index; 30]),
        2 => sort(program, |index| [index; 130]),
        _ => sort(program, Box::new),
    }
}

/// How elements are compared.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Honest,
    Backwards,
    Less,
    Greater,
    /// By different parts of the key on both sides.
    Askew,
    Tossed,
}

use Manner::{Askew, Backwards, Greater, Honest, Less, Tossed};

impl Manner {
    fn compare(self, a: u8, b: u8, seed: usize) -> Ordering {
        match self {
            Honest => a.cmp(&b),
            Backwards => b.cmp(&a),
            Less => Ordering::Less,
            Greater => Ordering::Greater,
            Askew => (a % 97).cmp(&(b % 89)),
            Tossed => Random(seed as u64).below(3).cmp(&1),
        }
    }
}

fn sort<L>(mut program: Program<'_>, load: impl Fn(usize) -> L)
where
    L: Send + Sync + Clone + PartialEq + Debug,
{
    let pool = program.pool();
    let fuse = match program.fuse() {
        usize::MAX => usize::MAX,
        fuse => fuse * (1 + program.below(40)),
    };
    let manner = [Honest, Honest, Backwards, Less, Greater, Askew, Tossed][program.below(7)];
    let (kind, len, slope) = (program.below(6), program.below(12_000), program.byte());
    let bytes = match program.0 {
        [] => &[0],
        bytes => bytes,
    };
    let input: Vec<Element<L>> = (0..len)
        .map(|index| Element {
            // The bytes again and again, and with a slope at that: many shapes, from runs to saws.
            key: bytes[index % bytes.len()].wrapping_add(slope.wrapping_mul((index / 64) as u8)),
            index,
            load: load(index),
        })
        .collect();

    let calls = AtomicUsize::new(0);
    let count = || {
        let call = calls.fetch_add(1, Relaxed); // a count
        if call == fuse {
            boom(fuse as u64);
        }
        call
    };
    let compare = |a: &Element<L>, b: &Element<L>| manner.compare(a.key, b.key, count());
    let key = |a: &Element<L>| {
        count();
        if manner == Backwards { !a.key } else { a.key }
    };
    let mut v = input.clone();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        pool.install(|| match kind {
            0 => v.par_sort_by(compare),
            1 => v.par_sort_unstable_by(compare),
            2 => v.par_sort_by_key(key),
            3 => v.par_sort_unstable_by_key(key),
            4 => v.par_sort_by_cached_key(key),
            _ => v.par_sort_by(|a, b| compare(a, b).then(a.index.cmp(&b.index))),
        });
    }));

    let has_own_manner = matches!(kind, 0 | 1 | 5);
    match outcome {
        Ok(()) if has_own_manner && !matches!(manner, Honest | Backwards) => {}
        Ok(()) => {
            let mut sorted = input.clone();
            sorted.sort_by(|a, b| match manner {
                Backwards => b.key.cmp(&a.key),
                _ => a.key.cmp(&b.key),
            });
            if matches!(kind, 1 | 3) {
                assert!(v.iter().map(|a| a.key).eq(sorted.iter().map(|a| a.key)));
            } else {
                assert!(v == sorted);
            }
        }
        // std's sorts may notice that a comparator contradicts itself, and say so.
        Err(payload) => match tag_of(payload) {
            Ok(tag) => assert_eq!(tag, fuse as u64),
            Err(payload) => {
                let words = payload.downcast_ref::<&str>().copied().unwrap_or_default();
                assert!(words.contains("total order"), "{words}");
                assert!(has_own_manner && !matches!(manner, Honest | Backwards));
            }
        },
    }
    // Each element is there, once and whole.
    v.sort_by_key(|a| a.index);
    assert!(v == input);
}
