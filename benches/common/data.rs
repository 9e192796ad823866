//! Seeded inputs: the same numbers and words for every row, run and machine.

use super::Effort;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::{Arc, LazyLock};

/// How many elements the iterator workloads have: so few that overhead shows, a middle, and more than the caches hold.
pub(crate) const ITEMS: [usize; 3] = [1_000, 100_000, 10_000_000];

/// How many elements the sorts have.
pub(crate) const SORTED: [usize; 2] = [20_000, 1_000_000];

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// The longest input of this run; every shorter one is a prefix of it.
fn longest() -> usize {
    *Effort::asked_for().of(&ITEMS).last().expect("a size")
}

fn random_floats(seed: u64) -> Vec<f64> {
    // At least what the smallest workloads of `wake_latency` ask for.
    rng(seed)
        .random_iter()
        .take(longest().max(100_000))
        .collect()
}

static FLOATS: LazyLock<Vec<f64>> = LazyLock::new(|| random_floats(1));
static WEIGHTS: LazyLock<Vec<f64>> = LazyLock::new(|| random_floats(2));
static KEYS: LazyLock<Vec<u64>> = LazyLock::new(|| keys_of(3, longest()));

/// `n` numbers between 0 and 1.
pub(crate) fn floats(n: usize) -> &'static [f64] {
    &FLOATS[..n]
}

/// `n` other numbers between 0 and 1.
pub(crate) fn weights(n: usize) -> &'static [f64] {
    &WEIGHTS[..n]
}

/// `n` integers of all sizes.
pub(crate) fn keys(n: usize) -> &'static [u64] {
    &KEYS[..n]
}

fn keys_of(seed: u64, n: usize) -> Vec<u64> {
    rng(seed).random_iter().take(n).collect()
}

/// What the integers to be sorted look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Random,
    Sorted,
    Reversed,
    FewDistinct,
    ThirtyEach,
    Saw,
    NearlySorted,
}

impl Shape {
    pub(crate) const ALL: [Self; 7] = [
        Self::Random,
        Self::Sorted,
        Self::Reversed,
        Self::FewDistinct,
        Self::ThirtyEach,
        Self::Saw,
        Self::NearlySorted,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Sorted => "sorted",
            Self::Reversed => "reversed",
            Self::FewDistinct => "few_distinct",
            Self::ThirtyEach => "thirty_each",
            Self::Saw => "saw",
            Self::NearlySorted => "nearly_sorted",
        }
    }

    pub(crate) fn keys(self, n: usize) -> Vec<u64> {
        let mut keys = keys_of(4, n);
        match self {
            Self::Random => {}
            Self::Sorted => keys.sort_unstable(),
            Self::Reversed => keys.sort_unstable_by(|a, b| b.cmp(a)),
            Self::FewDistinct => keys.iter_mut().for_each(|key| *key %= 16),
            Self::ThirtyEach => keys.iter_mut().for_each(|key| *key %= n as u64 / 30 + 1),
            Self::Saw => (0..).zip(&mut keys).for_each(|(i, key)| *key = i % 1000),
            Self::NearlySorted => {
                let places: Vec<usize> = keys.iter().map(|&key| key as usize % n).collect();
                keys.sort_unstable();
                for pair in places.chunks_exact(2).take(n / 100) {
                    keys.swap(pair[0], pair[1]);
                }
            }
        }
        keys
    }
}

/// `n` words of 4 to 15 letters.
pub(crate) fn words(n: usize) -> Vec<String> {
    let mut rng = rng(5);
    (0..n)
        .map(|_| {
            let length = rng.random_range(4..16);
            (0..length)
                .map(|_| char::from(rng.random_range(b'a'..=b'z')))
                .collect()
        })
        .collect()
}

/// An input that the rows of a workload share, made when the first of them asks for it.
pub(crate) type Shared<T> = Arc<LazyLock<Vec<T>, Box<dyn FnOnce() -> Vec<T>>>>;

pub(crate) fn shared<T>(make: impl FnOnce() -> Vec<T> + 'static) -> Shared<T> {
    Arc::new(LazyLock::new(Box::new(make)))
}
