//! Chains of adapters at random, up to six deep, beside a naive twin.
//!
//! A chain is known only at run time, its type is not: after every two adapters it is put into a box (see [`AnyBoxed`]), so that all
//! common pairs meet as neighbours with their types in sight, and boxes, which are sources and producers of our own making, stand between.

use lyocell::iter::plumbing::{Producer, ProducerCallback};
use lyocell::prelude::*;
use lyocell::{ThreadPool, ThreadPoolBuilder};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::boxed::Boxed as AnyBoxed;
use crate::common::{WIDTHS, sized_or_slow, watchdog};

type Boxed = AnyBoxed<'static, u64>;

/// An adapter that keeps the index. Arguments are taken modulo something sensible.
#[derive(Clone, Copy, Debug)]
enum Step {
    Map(u64),
    Rev,
    Skip(usize),
    Take(usize),
    Every(usize),
    EnumerateAndAdd,
    ZipWithTheFirst(usize),
    ChainWithUpTo(usize),
    Lengths(usize, usize),
    MapInit(u64),
    Other(Other),
}

/// Adapters that keep the index and are seldom neighbours: they stand between boxes.
#[derive(Clone, Copy, Debug)]
enum Other {
    Interleave(usize),
    InterleaveShortest(usize),
    SumOfChunks(usize),
    FoldChunks(usize),
    Intersperse(u64),
    Update(u64),
    PanicFuse,
    InStep(usize),
    ZipEqWithItself,
}

/// An adapter that loses the index, and the ends of a chain.
#[derive(Clone, Copy, Debug)]
enum Last {
    Keep,
    Filter(u64),
    FilterMap(u64),
    FlatMap(u64),
    FilterThenFlatMap(u64),
    Fold,
    ParallelFlatMap(u64),
    FilterThenIntersperse(u64),
    Flatten(usize),
    Positions(u64),
    Blocks(usize),
    Cutoffs,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => any::<u64>().prop_map(Step::Map),
        1 => Just(Step::Rev),
        1 => (0..80_usize).prop_map(Step::Skip),
        1 => (0..300_usize).prop_map(Step::Take),
        1 => (1..9_usize).prop_map(Step::Every),
        1 => Just(Step::EnumerateAndAdd),
        1 => (0..300_usize).prop_map(Step::ZipWithTheFirst),
        1 => (0..60_usize).prop_map(Step::ChainWithUpTo),
        1 => (0..40_usize, 0..40_usize).prop_map(|(min, max)| Step::Lengths(min, max)),
        1 => any::<u64>().prop_map(Step::MapInit),
        5 => other().prop_map(Step::Other),
    ]
}

fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        (0..300_usize).prop_map(Other::Interleave),
        (0..300_usize).prop_map(Other::InterleaveShortest),
        (1..9_usize).prop_map(Other::SumOfChunks),
        (1..9_usize).prop_map(Other::FoldChunks),
        any::<u64>().prop_map(Other::Intersperse),
        any::<u64>().prop_map(Other::Update),
        Just(Other::PanicFuse),
        (0..300_usize).prop_map(Other::InStep),
        Just(Other::ZipEqWithItself),
    ]
}

fn last() -> impl Strategy<Value = Last> {
    prop_oneof![
        Just(Last::Keep),
        (1..5_u64).prop_map(Last::Filter),
        (1..5_u64).prop_map(Last::FilterMap),
        (1..5_u64).prop_map(Last::FlatMap),
        (1..5_u64).prop_map(Last::FilterThenFlatMap),
        Just(Last::Fold),
        (1..5_u64).prop_map(Last::ParallelFlatMap),
        (1..5_u64).prop_map(Last::FilterThenIntersperse),
        (1..9_usize).prop_map(Last::Flatten),
        (1..5_u64).prop_map(Last::Positions),
        (1..200_usize).prop_map(Last::Blocks),
        Just(Last::Cutoffs),
    ]
}

fn mix(x: u64, with: u64) -> u64 {
    (x ^ with).rotate_left(17).wrapping_add(with)
}

impl Step {
    /// The naive twin.
    fn twin(self, items: Vec<u64>) -> Vec<u64> {
        let items = items.into_iter();
        match self {
            Self::Map(with) | Self::MapInit(with) => items.map(|x| mix(x, with)).collect(),
            Self::Rev => items.rev().collect(),
            Self::Skip(n) => items.skip(n).collect(),
            Self::Take(n) => items.take(n).collect(),
            Self::Every(n) => items.step_by(n).collect(),
            Self::EnumerateAndAdd => items
                .enumerate()
                .map(|(at, x)| x.wrapping_add(at as u64))
                .collect(),
            Self::ZipWithTheFirst(n) => items.zip(0..n as u64).map(|(x, y)| mix(x, y)).collect(),
            Self::ChainWithUpTo(n) => items.chain(0..n as u64).collect(),
            Self::Lengths(..) => items.collect(),
            Self::Other(step) => step.twin(items.collect()),
        }
    }
}

impl Other {
    fn twin(self, items: Vec<u64>) -> Vec<u64> {
        match self {
            Self::Interleave(n) => {
                // Each item has its turn, and those of one turn stand side by side.
                let mut turns: Vec<(usize, u64)> = items.into_iter().enumerate().collect();
                turns.extend((0..n).map(|turn| (turn, turn as u64)));
                turns.sort_by_key(|(turn, _)| *turn);
                turns.into_iter().map(|(_, item)| item).collect()
            }
            Self::InterleaveShortest(n) => {
                let len = items.len();
                let kept = items.into_iter().take(n + 1).collect();
                Self::Interleave(n.min(len)).twin(kept)
            }
            Self::SumOfChunks(n) => items
                .chunks(n)
                .map(|chunk| chunk.iter().copied().fold(0, mix))
                .collect(),
            Self::FoldChunks(n) => items
                .chunks(n)
                .map(|chunk| chunk.iter().copied().fold(5, mix))
                .collect(),
            Self::Intersperse(with) => separated(items, with),
            Self::Update(with) => items.into_iter().map(|x| mix(x, with)).collect(),
            Self::PanicFuse => items,
            Self::InStep(n) => items
                .into_iter()
                .zip(0..n as u64)
                .map(|(x, y)| mix(x, y + 1))
                .collect(),
            Self::ZipEqWithItself => items.into_iter().map(|x| mix(x, x)).collect(),
        }
    }

    fn on(self, items: Boxed) -> Boxed {
        let numbers = |n: usize| (0..n).into_par_iter().map(|x| x as u64);
        match self {
            Self::Interleave(n) => Boxed::new(items.interleave(numbers(n))),
            Self::InterleaveShortest(n) => Boxed::new(items.interleave_shortest(numbers(n))),
            Self::SumOfChunks(n) => {
                let chunks = items.chunks(n);
                Boxed::new(chunks.map(|chunk| chunk.into_iter().fold(0, mix)))
            }
            Self::FoldChunks(n) => Boxed::new(items.fold_chunks(n, || 5, mix)),
            Self::Intersperse(with) => Boxed::new(items.intersperse(with)),
            Self::Update(with) => Boxed::new(items.update(move |x| *x = mix(*x, with))),
            Self::PanicFuse => Boxed::new(items.panic_fuse()),
            Self::InStep(n) => Boxed::new(
                (items, numbers(n), 0..usize::MAX)
                    .into_par_iter()
                    .map(|(x, y, _)| mix(x, y + 1)),
            ),
            Self::ZipEqWithItself => {
                let copy: Vec<u64> = items.collect();
                let both = copy.clone().into_par_iter().zip_eq(copy);
                Boxed::new(both.map(|(x, y)| mix(x, y)))
            }
        }
    }
}

fn separated(items: Vec<u64>, with: u64) -> Vec<u64> {
    let all = items.into_iter().flat_map(|x| [with, x]);
    all.skip(1).collect()
}

impl Last {
    fn twin(self, items: Vec<u64>) -> Vec<u64> {
        let items = items.into_iter();
        match self {
            Self::Keep | Self::Fold | Self::Flatten(_) | Self::Blocks(_) | Self::Cutoffs => {
                items.collect()
            }
            Self::Filter(n) => items.filter(|x| x % n == 0).collect(),
            Self::FilterMap(n) => items
                .filter_map(|x| (x % n == 0).then_some(x / n))
                .collect(),
            Self::FlatMap(n) | Self::ParallelFlatMap(n) => items.flat_map(|x| 0..x % n).collect(),
            Self::FilterThenIntersperse(n) => separated(items.filter(|x| x % n == 1).collect(), 77),
            Self::Positions(n) => items
                .zip(0..)
                .filter(|(x, _)| x % n == 0)
                .map(|(_, at)| at)
                .collect(),
            Self::FilterThenFlatMap(n) => {
                items.filter(|x| x % n == 1).flat_map(|x| [x; 3]).collect()
            }
        }
    }

    /// Everything the chain can be asked for at its end.
    fn check(self, make: impl Fn() -> Boxed, want: &[u64]) {
        match self {
            Self::Keep => {
                assert_eq!(make().len(), want.len());
                let mut kept = Vec::new();
                make().collect_into_vec(&mut kept);
                assert_eq!(kept, want);
                assert_eq!(
                    make().position_first(|x| x % 3 == 0),
                    want.iter().position(|x| x % 3 == 0)
                );
                assert_eq!(make().max(), want.iter().copied().max());
                assert_eq!(
                    make().find_last(|x| x % 5 == 2),
                    want.iter().copied().rfind(|x| x % 5 == 2)
                );
                assert_eq!(make().any(|x| x % 7 == 1), want.iter().any(|x| x % 7 == 1));
                ends(make, want);
            }
            Self::Filter(n) => ends(|| make().filter(move |x| x % n == 0), want),
            Self::FilterMap(n) => ends(
                || make().filter_map(move |x| (x % n == 0).then_some(x / n)),
                want,
            ),
            Self::FlatMap(n) => ends(|| make().flat_map_iter(move |x| 0..x % n), want),
            Self::FilterThenFlatMap(n) => ends(
                || make().filter(move |x| x % n == 1).flat_map_iter(|x| [x; 3]),
                want,
            ),
            Self::ParallelFlatMap(n) => ends(|| make().flat_map(move |x| 0..x % n), want),
            Self::FilterThenIntersperse(n) => {
                ends(|| make().filter(move |x| x % n == 1).intersperse(77), want)
            }
            Self::Flatten(n) => {
                ends(|| make().chunks(n).flatten(), want);
                ends(|| make().chunks(n).flatten_iter(), want);
            }
            Self::Positions(n) => ends(
                || make().positions(move |x| x % n == 0).map(|at| at as u64),
                want,
            ),
            Self::Blocks(n) => {
                ends(|| make().by_uniform_blocks(n), want);
                ends(|| make().by_exponential_blocks(), want);
            }
            Self::Cutoffs => {
                ends(|| make().take_any(usize::MAX).skip_any(0), want);
                ends(
                    || {
                        let all = make().take_any_while(|_| true);
                        all.skip_any_while(|_| false).map(Some).while_some()
                    },
                    want,
                );
            }
            Self::Fold => {
                let push = |mut all: Vec<u64>, x| {
                    all.push(x);
                    all
                };
                assert_eq!(
                    make()
                        .fold(Vec::new, push)
                        .reduce(Vec::new, |a, b| [a, b].concat()),
                    want
                );
            }
        }
    }
}

fn ends<I: ParallelIterator<Item = u64>>(make: impl Fn() -> I, want: &[u64]) {
    assert_eq!(make().collect::<Vec<_>>(), want);
    assert_eq!(
        make().reduce(|| 0, u64::wrapping_add),
        want.iter().copied().fold(0, u64::wrapping_add)
    );
    assert_eq!(
        make().find_first(|x| x % 5 == 2),
        want.iter().copied().find(|x| x % 5 == 2)
    );
}

/// Applies a step to an iterator of a known type and hands the result, of a known type too, to the expression.
macro_rules! with_step {
    ($iter:expr, $step:expr, |$next:ident| $then:expr) => {{
        let iter = $iter;
        match $step {
            Step::Map(with) => {
                let $next = iter.map(move |x| mix(x, with));
                $then
            }
            Step::Rev => {
                let $next = iter.rev();
                $then
            }
            Step::Skip(n) => {
                let $next = iter.skip(n);
                $then
            }
            Step::Take(n) => {
                let $next = iter.take(n);
                $then
            }
            Step::Every(n) => {
                let $next = iter.step_by(n);
                $then
            }
            Step::EnumerateAndAdd => {
                let $next = iter.enumerate().map(|(at, x)| x.wrapping_add(at as u64));
                $then
            }
            Step::ZipWithTheFirst(n) => {
                let $next = iter.zip(0..n).map(|(x, y)| mix(x, y as u64));
                $then
            }
            Step::ChainWithUpTo(n) => {
                let $next = iter.chain((0..n).into_par_iter().map(|x| x as u64));
                $then
            }
            Step::Lengths(min, max) => {
                let $next = iter.with_min_len(min).with_max_len(max);
                $then
            }
            Step::MapInit(with) => {
                let $next = iter.map_init(move || with, |with, x| mix(x, *with));
                $then
            }
            Step::Other(_) => unreachable!("these stand between boxes"),
        }
    }};
}

fn build(items: Vec<u64>, steps: &[Step]) -> Boxed {
    let (mut chain, mut rest) = (Boxed::new(items.into_par_iter()), steps);
    loop {
        (chain, rest) = match *rest {
            [] => return chain,
            [Step::Other(step), ref rest @ ..] => (step.on(chain), rest),
            [one, ref rest @ ..] => {
                // One that has no neighbour of its kind is paired with a step that changes nothing.
                let (two, rest) = match *rest {
                    [Step::Other(_), ..] | [] => (Step::Skip(0), rest),
                    [two, ref rest @ ..] => (two, rest),
                };
                let pair = with_step!(chain, one, |next| with_step!(next, two, |next| {
                    Boxed::new(next)
                }));
                (pair, rest)
            }
        };
    }
}

/// As many cases as asked for, from the watchdog's seed.
fn runner(seed: u64, cases: usize) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: cases as u32,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn pools() -> Vec<ThreadPool> {
    WIDTHS
        .into_iter()
        .map(|width| {
            ThreadPoolBuilder::new()
                .num_threads(width)
                .build()
                .expect("a pool")
        })
        .collect()
}

#[test]
fn random_chains() {
    watchdog(|seed| {
        let pools = pools();
        let items = prop::collection::vec(0..1000_u64, 0..300);
        let steps = prop::collection::vec(step(), 0..=6);
        let case = (items, steps, last(), 0..pools.len());
        let cases = sized_or_slow(4000, 1000, 8);
        let outcome = runner(seed, cases).run(&case, |(items, steps, last, pool)| {
            let middle = steps
                .iter()
                .fold(items.clone(), |items, step| step.twin(items));
            let want = last.twin(middle);
            pools[pool].install(|| last.check(|| build(items.clone(), &steps), &want));
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    });
}

/// The same chains, cut by hand: two pieces from one split, beside the two halves of the twin.
#[test]
fn random_chains_cut_in_two() {
    struct Cut(usize);
    impl ProducerCallback<u64> for Cut {
        type Output = (Vec<u64>, Vec<u64>);

        fn callback<P: Producer<Item = u64>>(self, producer: P) -> Self::Output {
            let (left, right) = producer.split_at(self.0);
            // The right one backwards, to have had both directions.
            let mut back: Vec<u64> = right.into_iter().rev().collect();
            back.reverse();
            (left.into_iter().collect(), back)
        }
    }
    watchdog(|seed| {
        let case = (
            prop::collection::vec(0..1000_u64, 0..60),
            prop::collection::vec(step(), 0..=6),
            any::<prop::sample::Index>(),
        );
        let cases = sized_or_slow(10_000, 2500, 20);
        let outcome = runner(seed, cases).run(&case, |(items, steps, at)| {
            let want = steps
                .iter()
                .fold(items.clone(), |items, step| step.twin(items));
            let chain = build(items, &steps);
            if chain.len() != want.len() {
                return Err(TestCaseError::fail(format!(
                    "{} items, not {}",
                    chain.len(),
                    want.len()
                )));
            }
            let at = at.index(want.len() + 1);
            let (left, right) = chain.with_producer(Cut(at));
            prop_assert_eq!((&left[..], &right[..]), want.split_at(at));
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    });
}
