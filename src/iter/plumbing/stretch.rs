//! How a loop over a long stretch begins whose items nobody has counted: the parts of a text, or its characters.
//!
//! As every long loop, it begins with the calling thread alone (see [`probe`](super::probe)). Such a producer cannot be cut where
//! one likes, but it can be halved, and halved again: so the first half is halved until a small piece is left at
//! the front, and the pieces are poured one after the other, each as long as all before it. As soon as help turns out to
//! be worth its price, all that is left is shared, the largest piece first; at once, if it took long enough the last time.
//!
//! (A thousand bytes of text took twice as long when they were forked at once, and up to five times from outside.)

use super::bridge::{UnindexedPart, fold_unindexed as fold, pour_unindexed as pour};
use super::glance::Glance;
use super::probe::Probe;
use super::splitter::{Splitter, is_crumb};
use super::spread::{cut_or_pour, join_piece};
use super::{Folder, Reducer, UnindexedConsumer, UnindexedProducer};
use crate::clock::Stopwatch;
use crate::paces::Site;
use crate::pool::in_worker;
use crate::pool::worker::Worker;

/// A producer of so many bytes or places, each of which has to be looked at.
pub(crate) trait Stretch: UnindexedProducer {
    /// How many.
    fn extent(&self) -> usize;
}

/// Into so many pieces, as a power of two, a loop is halved at first; the second, if these would be longer than `LONG`. Once, if
/// it will be over in no time: to look for a place to cut, and to begin anew behind it, costs as much as a line of text.
const FEW_CUTS: usize = 3;
const MOST_CUTS: usize = 10;
const LONG: usize = 4096;

/// Pours a stretch into a consumer, in pieces, in parallel if that is worth it.
pub(crate) fn bridge_stretch<P, C>(producer: P, consumer: C) -> C::Result
where
    P: Stretch,
    C: UnindexedConsumer<P::Item>,
{
    let extent = producer.extent();
    if extent < 2 || consumer.full() {
        return pour(producer, consumer);
    }
    in_worker(|worker, _| {
        let threads = worker.pool().num_threads();
        if threads == 1 {
            pour(producer, consumer)
        } else if Probe::is_for(extent, threads) {
            let site = Site::of(pour::<P, C> as *const ());
            match Glance::of(worker, site, extent) {
                Some(glance) => begin_at_once(worker, site, glance, producer, consumer),
                None => begin(
                    worker,
                    extent,
                    producer,
                    consumer,
                    Probe::begin(worker, site),
                ),
            }
        } else {
            let part = UnindexedPart::new(Splitter::new(), producer, consumer);
            cut_or_pour(worker, part, false)
        }
    })
}

/// Both halves into one folder, if the first one is over in no time.
fn begin_at_once<P, C>(
    worker: &Worker,
    site: Site,
    mut glance: Glance<'_>,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Stretch,
    C: UnindexedConsumer<P::Item>,
{
    let extent = producer.extent();
    let (first, rest) = producer.split();
    let reducer = consumer.to_reducer();
    let mut folder = consumer.split_off_left().into_folder();
    folder.set_alone(true);
    folder = fold(first, folder);
    let left = match rest {
        None => extent,
        Some(rest) => {
            let left = rest.extent();
            if folder.full() || !glance.shows_no_delay() {
                let probe = Probe::begin(worker, site);
                let so_far = folder.complete();
                return reducer.reduce(so_far, begin(worker, left, rest, consumer, probe));
            }
            folder = fold(rest, folder);
            left
        }
    };
    glance.note_end(left);
    folder.complete()
}

/// One folder takes all the pieces, until help is asked for.
fn begin<P, C>(
    worker: &Worker,
    extent: usize,
    mut first: P,
    consumer: C,
    mut probe: Probe<'_>,
) -> C::Result
where
    P: Stretch,
    C: UnindexedConsumer<P::Item>,
{
    let cuts = (extent / LONG).checked_ilog2().unwrap_or(0) as usize;
    let cuts = if probe.expects_no_help(extent) {
        1
    } else {
        cuts.clamp(FEW_CUTS, MOST_CUTS)
    };
    // The largest piece first, which is the last in order.
    let mut rest = [const { None }; MOST_CUTS];
    let mut pieces = 0;
    let mut left = 0;
    while pieces < cuts {
        let (front, back) = first.split();
        first = front;
        let Some(back) = back else { break };
        left += back.extent();
        rest[pieces] = Some(back);
        pieces += 1;
    }

    // A piece without extent may be an item all the same.
    let mut extent = first.extent().max(1);
    if !C::IS_STOPPED_BY_OTHERS && probe.expects_help(extent + left) {
        let front = |consumer| probe.time(extent, || pour(first, consumer));
        return share_all(worker, &mut rest[..pieces], &probe, consumer, front);
    }

    let reducer = consumer.to_reducer();
    let mut folder = consumer.split_off_left().into_folder();
    folder.set_alone(true);
    folder = fold(first, folder);
    while let Some(next) = pieces.checked_sub(1) {
        if folder.full() && consumer.full() {
            break;
        }
        // A folder of somebody's own making may be full although those behind it are not.
        if folder.full() || probe.is_worth_help(extent, left) {
            let so_far = folder.complete();
            let (rest, near) = rest[..pieces].split_at_mut(next);
            let near = Coarse::taken_from(&mut near[0], &probe);
            let near = |consumer| {
                let part = UnindexedPart::new(Splitter::new().halved(), near, consumer);
                cut_or_pour(worker, part, false)
            };
            let next = share_all(worker, rest, &probe, consumer, near);
            return reducer.reduce(so_far, next);
        }
        let next = rest[next].take().expect(PIECE);
        pieces -= 1;
        extent = next.extent();
        left -= extent;
        folder = fold(next, folder);
    }
    probe.note_stop();
    folder.complete()
}

const PIECE: &str = "a piece is taken once";

/// All pieces of `rest`, the last one of which comes first in order; and before them in order, on this thread, what comes of `front`.
fn share_all<P, C>(
    worker: &Worker,
    rest: &mut [Option<P>],
    probe: &Probe<'_>,
    consumer: C,
    front: impl FnOnce(C) -> C::Result,
) -> C::Result
where
    P: Stretch,
    C: UnindexedConsumer<P::Item>,
{
    let watch = Stopwatch::start();
    let result = share(worker, rest, probe, consumer, Splitter::new(), front);
    probe.note_shared(watch);
    result
}

fn share<P, C, F>(
    worker: &Worker,
    rest: &mut [Option<P>],
    probe: &Probe<'_>,
    consumer: C,
    splitter: Splitter,
    front: F,
) -> C::Result
where
    P: Stretch,
    C: UnindexedConsumer<P::Item>,
    F: FnOnce(C) -> C::Result,
{
    let Some((largest, others)) = rest.split_first_mut() else {
        return front(consumer);
    };
    let splitter = splitter.halved();
    let reducer = consumer.to_reducer();
    let near = consumer.split_off_left();
    let largest = Coarse::taken_from(largest, probe);
    let largest = UnindexedPart::new(splitter, largest, consumer);
    let others = |_| share(worker, others, probe, near, splitter, front);
    let (left, right) = join_piece(worker, others, largest, false);
    reducer.reduce(left, right)
}

/// A stretch that is not cut into [crumbs](is_crumb).
struct Coarse<P> {
    producer: P,
    /// How many nanoseconds a byte or place is likely to take.
    pace: f32,
}

impl<P> Coarse<P> {
    /// A piece of the stretch that is being probed.
    fn taken_from(piece: &mut Option<P>, probe: &Probe<'_>) -> Self {
        Self {
            producer: piece.take().expect(PIECE),
            pace: probe.likely_pace(),
        }
    }
}

impl<P: Stretch> UnindexedProducer for Coarse<P> {
    type Item = P::Item;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        let Self { producer, pace } = self;
        if is_crumb(producer.extent(), pace) {
            return (Self { producer, pace }, None);
        }
        let (near, far) = producer.split();
        let part = |producer| Self { producer, pace };
        (part(near), far.map(part))
    }

    #[inline]
    fn fold_with<F: Folder<P::Item>>(self, folder: F) -> F {
        self.producer.fold_with(folder)
    }
}

#[cfg(all(test, not(any(loom, stress))))]
mod tests {
    use super::*;

    /// So many places, without items.
    struct Places(usize);

    impl UnindexedProducer for Places {
        type Item = ();

        fn split(self) -> (Self, Option<Self>) {
            let near = self.0 / 2;
            (Self(near), Some(Self(self.0 - near)))
        }

        fn fold_with<F: Folder<()>>(self, folder: F) -> F {
            folder
        }
    }

    impl Stretch for Places {
        fn extent(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn a_stretch_is_not_cut_into_crumbs() {
        let halves = |extent, pace| {
            let producer = Places(extent);
            let (near, far) = Coarse { producer, pace }.split();
            (near.producer.0, far.map(|far| far.producer.0))
        };
        assert_eq!(halves(1_000, 1.0), (1_000, None));
        assert_eq!(halves(1_001, 10.0), (500, Some(501)));
        let producer = Places(16_000);
        let (near, _) = Coarse {
            producer,
            pace: 0.25,
        }
        .split();
        assert_eq!((near.producer.0, near.pace), (8_000, 0.25));
        assert!(near.split().1.is_none(), "it knows its pace, too");
    }
}
