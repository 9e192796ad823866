//! What the calls of the survey work on: one set for each size, made when first asked for.

use crate::common::data;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::OnceLock;

/// Writes the inputs: what a field holds, and how it comes of the size.
macro_rules! inputs {
    ($($field:ident: $Type:ty = |$it:ident| $make:expr;)*) => {
        /// All inputs of one size.
        #[derive(Default)]
        pub(crate) struct Inputs {
            pub(crate) n: usize,
            $($field: OnceLock<$Type>,)*
        }

        impl Inputs {
            $(pub(crate) fn $field(&'static self) -> &'static $Type {
                self.$field.get_or_init(|| {
                    let $it = self;
                    $make
                })
            })*
        }
    };
}

inputs! {
    // Integers of all sizes.
    keys: Vec<u64> = |it| data::Shape::Random.keys(it.n);
    // Integers whose sum does not overflow.
    numbers: Vec<u64> = |it| it.keys().iter().map(|key| key >> 40).collect();
    small: Vec<u32> = |it| it.keys().iter().map(|key| (key >> 54) as u32).collect();
    bytes: Vec<u8> = |it| it.keys().iter().map(|key| (key >> 57) as u8).collect();
    floats: Vec<f64> = |it| it.keys().iter().map(|key| (key >> 11) as f64 / (1_u64 << 53) as f64).collect();
    weights: Vec<f64> = |it| it.floats().iter().rev().copied().collect();
    sorted: Vec<u64> = |it| data::Shape::Sorted.keys(it.n);
    pairs: Vec<(u64, u64)> = |it| it.keys().iter().map(|&key| (key, key >> 3)).collect();
    options: Vec<Option<u64>> = |it| it.keys().iter().copied().map(Some).collect();
    results: Vec<Result<u64, u32>> = |it| it.keys().iter().copied().map(Ok).collect();
    // The first of them all is an error.
    early_error: Vec<Result<u64, u32>> = |it| {
        let mut results = it.results().clone();
        results[it.n / 100] = Err(1);
        results
    };
    nested: Vec<Vec<u64>> = |it| it.keys().chunks(10).map(<[u64]>::to_vec).collect();
    words: Vec<String> = |it| data::words(it.n);
    text: String = |it| {
        let mut text = String::new();
        for (number, word) in it.words().iter().take(it.n / 8).enumerate() {
            text.push_str(word);
            text.push(if number % 10 == 9 { '\n' } else { ' ' });
        }
        text
    };
    map: HashMap<u64, u64> = |it| it.pairs().iter().copied().collect();
    set: HashSet<u64> = |it| it.keys().iter().copied().collect();
    tree: BTreeMap<u64, u64> = |it| it.pairs().iter().copied().collect();
    tree_set: BTreeSet<u64> = |it| it.keys().iter().copied().collect();
    deque: VecDeque<u64> = |it| it.keys().iter().copied().collect();
    list: LinkedList<u64> = |it| it.keys().iter().copied().collect();
    heap: BinaryHeap<u64> = |it| it.keys().iter().copied().collect();
}

impl Inputs {
    /// Inputs of size `n`, which stay for the whole run.
    pub(crate) fn of(n: usize) -> &'static Self {
        Box::leak(Box::new(Self {
            n,
            ..Self::default()
        }))
    }

    /// Some key near the beginning.
    pub(crate) fn early(&'static self) -> u64 {
        self.keys()[self.n / 200]
    }

    /// The last key.
    pub(crate) fn late(&'static self) -> u64 {
        self.keys()[self.n - 1]
    }
}
