//! A source that panics when it is asked for an item. To build a chain on it asks for none (see [`rows`](crate::rows)); to
//! end the chain does.

use lyocell::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use lyocell::prelude::*;

use crate::common::{boom, caught, watchdog};
use crate::counted::Counted;

/// A hundred items that nobody may see.
#[derive(Clone, Debug)]
pub(crate) struct Untouchable;

impl ParallelIterator for Untouchable {
    type Item = Counted;

    fn drive_unindexed<C: UnindexedConsumer<Counted>>(self, _: C) -> C::Result {
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

    fn drive<C: Consumer<Counted>>(self, _: C) -> C::Result {
        boom(2)
    }

    fn with_producer<CB: ProducerCallback<Counted>>(self, _: CB) -> CB::Output {
        boom(3)
    }
}

/// What ends a chain does look at it, and the source's panic comes out of it.
#[test]
fn ends_reach_the_source() {
    watchdog(|_| {
        let reached = |end: &dyn Fn()| assert!(caught(end).is_err());
        reached(&|| Untouchable.for_each(drop));
        reached(&|| _ = Untouchable.map(|x| x.value).sum::<u64>());
        reached(&|| _ = Untouchable.collect::<Vec<_>>());
        reached(&|| _ = Untouchable.find_any(|_| true));
        reached(&|| _ = Untouchable.reduce_with(|a, _| a));
        reached(&|| _ = Untouchable.min_by_key(|x| x.value));
        reached(&|| _ = Untouchable.step_by(2).rev().position_any(|_| true));
    });
}
