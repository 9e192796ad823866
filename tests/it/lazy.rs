//! To build a chain touches no item: it stands on a source that panics when it is asked for one.

use std::fmt::Debug;

use lyocell::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use lyocell::prelude::*;

use crate::common::{boom, caught, watchdog};

/// A hundred items that nobody may see.
#[derive(Clone, Debug)]
struct Untouchable;

impl ParallelIterator for Untouchable {
    type Item = u64;

    fn drive_unindexed<C: UnindexedConsumer<u64>>(self, _: C) -> C::Result {
        boom(1)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(100)
    }
}

impl IndexedParallelIterator for Untouchable {
    fn len(&self) -> usize {
        100
    }

    fn drive<C: Consumer<u64>>(self, _: C) -> C::Result {
        boom(2)
    }

    fn with_producer<CB: ProducerCallback<u64>>(self, _: CB) -> CB::Output {
        boom(3)
    }
}

/// Built, cloned, printed and dropped in peace; driven, it reaches the source at last.
fn check<I: ParallelIterator + Clone + Debug>(chain: I, len: Option<usize>) {
    assert_eq!(chain.opt_len(), len);
    assert!(!format!("{:?}", chain.clone()).is_empty());
    assert!(caught(|| chain.count()).is_err());
}

#[test]
fn chains_of_one() {
    watchdog(|_| {
        let with_len = Some(100);
        check(Untouchable, with_len);
        check(Untouchable.map(|x| x), with_len);
        check(Untouchable.map_init(|| boom(4), |(), x| x), with_len);
        check(Untouchable.map_with(5, |_, x| x), with_len);
        check(Untouchable.inspect(|_| boom(5)), with_len);
        check(Untouchable.enumerate(), with_len);
        check(Untouchable.zip(0..50_usize), Some(50));
        check((0..50_usize).into_par_iter().zip(Untouchable), Some(50));
        check(Untouchable.chain(Untouchable), Some(200));
        check(Untouchable.rev(), with_len);
        check(Untouchable.skip(30), Some(70));
        check(Untouchable.skip(300), Some(0));
        check(Untouchable.take(30), Some(30));
        check(Untouchable.take(300), with_len);
        check(Untouchable.step_by(3), Some(34));
        check(Untouchable.with_min_len(3), with_len);
        check(Untouchable.with_max_len(3), with_len);
        check(Untouchable.filter(|_| boom(6)), None);
        check(Untouchable.filter_map(Some), None);
        check(Untouchable.flat_map_iter(|x| [x, x]), None);
        check(Untouchable.fold(|| boom(7), |(), _| ()), None);
        check(Untouchable.filter(|_| boom(8)).map(|x| x), None);
        check(Untouchable.filter(|_| boom(9)).chain(Untouchable), None);
    });
}

/// What ends a chain does look at it, and the source's panic comes out of it.
#[test]
fn ends_reach_the_source() {
    watchdog(|_| {
        let reached = |end: &dyn Fn()| assert!(caught(end).is_err());
        reached(&|| Untouchable.for_each(drop));
        reached(&|| _ = Untouchable.sum::<u64>());
        reached(&|| _ = Untouchable.collect::<Vec<_>>());
        reached(&|| _ = Untouchable.find_any(|_| true));
        reached(&|| _ = Untouchable.reduce(|| 0, |a, _| a));
        reached(&|| _ = Untouchable.min());
        reached(&|| _ = Untouchable.step_by(2).rev().position_any(|_| true));
    });
}
