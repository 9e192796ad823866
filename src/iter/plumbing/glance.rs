//! [`Glance`]: how a loop that is over in no time gets by with a single look at the clock.
//!
//! A look takes 12 ns, a third of what it costs to begin a loop at all. But if next to no time has passed since the thread looked for
//! the last time, in whatever loop that was, then what it has done since has not taken more. So of a loop that was over in no time when it
//! was met the last time, some items come first, then a look; and if all went well, the rest at once. If not, which may also
//! be since the thread did something else meanwhile, the rest begins anew, with a [`Probe`](super::probe::Probe) and its own watch.
//!
//! How long the rest took, the next look will tell: if that is for the same loop, it begins anew. If another loop came in between,
//! nobody would know whose items were slow, so then there is a second look at the end.

use std::cell::Cell;
use std::time::Duration;

use super::probe::nanos;
use crate::clock::Stopwatch;
use crate::paces::{Paces, Site};
use crate::pool::worker::Worker;
use crate::primitive::thread_cell;

thread_cell! {
    /// When the thread has looked at the clock for the last time, and in which loop.
    static LAST: Cell<Option<(Stopwatch, Site)>> = Cell::new(None);
}

/// What is over so soon is far from being worth help, also if somebody is up and looks for work: whoever came for a half of it would find
/// less.
const SOON: Duration = Duration::from_micros(5);

/// Looks at the clock, and remembers that for the next loop.
#[inline]
pub(crate) fn look(site: Site) -> Stopwatch {
    let now = Stopwatch::start();
    LAST.with(|last| last.set(Some((now, site))));
    now
}

/// How many nanoseconds before `now` the thread has looked for the last time, in whatever loop.
pub(crate) fn since_last_look(now: Stopwatch) -> f32 {
    let last = LAST.with(Cell::get);
    last.map_or(f32::INFINITY, |(last, _)| now.nanos_since(last))
}

/// A loop that was over in no time when it was met the last time.
#[derive(Clone, Copy)]
pub(crate) struct Glance<'seat> {
    paces: &'seat Paces,
    site: Site,
    /// How many nanoseconds are next to nothing.
    soon: f32,
    /// The last look. It was before all items that have been done since.
    since: Stopwatch,
    /// Whether that was in the same loop.
    is_again: bool,
    has_looked: bool,
}

impl<'seat> Glance<'seat> {
    /// Of the loop at `site`, of `len` items, which `worker` begins: if it is one of those.
    #[inline]
    pub(crate) fn of(worker: &'seat Worker, site: Site, len: usize) -> Option<Self> {
        Self::with(nanos(SOON), worker.paces(), site, len)
    }

    #[inline]
    fn with(soon: f32, paces: &'seat Paces, site: Site, len: usize) -> Option<Self> {
        let (since, last_site) = LAST.with(Cell::get)?;
        let expected = paces.last.of(site)? * len as f32;
        (expected < soon).then_some(Self {
            paces,
            site,
            soon,
            since,
            is_again: last_site == site,
            has_looked: false,
        })
    }

    /// Looks whether the items so far were over in no time.
    #[inline]
    pub(crate) fn shows_no_delay(&mut self) -> bool {
        let now = look(self.site);
        let passed = now.nanos_since(self.since);
        self.since = now;
        self.has_looked = true;
        passed < self.soon
    }

    /// Takes note of the end of the loop, after its last `items`: if they took some time, it is timed when it is met the next time.
    #[inline]
    pub(crate) fn note_end(self, items: usize) {
        if self.has_looked && self.is_again {
            return;
        }
        let passed = look(self.site).nanos_since(self.since);
        if passed > self.soon {
            self.paces
                .last
                .note(self.site, passed / items.max(1) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::without_provenance;
    use std::thread;

    /// Loops at two places in the program.
    fn sites() -> [Site; 2] {
        [0x40_0000, 0x50_0000].map(|place| Site::of(without_provenance(place)))
    }

    const QUICK: f32 = 1e-9;
    const LEN: usize = 1000;

    fn glance(paces: &Paces, soon: f32, site: Site) -> Glance<'_> {
        paces.last.note(site, QUICK);
        Glance::with(soon, paces, site, LEN).expect("all is known")
    }

    fn sleep() {
        thread::sleep(Duration::from_millis(1));
    }

    #[test]
    fn what_is_not_known_to_be_quick_is_not_glanced_at() {
        let (paces, [site, other]) = (Paces::new(), sites());
        let soon = LEN as f32;
        paces.last.note(site, 0.5);
        thread::scope(|scope| {
            let first = scope.spawn(|| Glance::with(soon, &paces, site, LEN).is_some());
            assert!(!first.join().unwrap(), "that thread has never looked");
        });
        look(other);
        assert!(Glance::with(soon, &paces, site, LEN).is_some());
        assert!(Glance::with(soon, &paces, site, 2 * LEN + 100).is_none());
        assert!(Glance::with(soon, &paces, other, LEN).is_none());
    }

    #[test]
    fn a_delay_is_seen_at_the_look_and_at_the_end() {
        let (paces, [site, other]) = (Paces::new(), sites());
        look(other);
        let mut quick = glance(&paces, f32::MAX, site);
        sleep();
        assert!(quick.shows_no_delay());
        quick.note_end(LEN);
        assert!(paces.last.of(site).unwrap() < 2.0 * QUICK);

        look(other);
        let mut slow = glance(&paces, 1.0, site);
        sleep();
        assert!(!slow.shows_no_delay());
        sleep();
        slow.note_end(LEN);
        assert!(paces.last.of(site).unwrap() > 500.0);
        // Without a look before it, too.
        let slow = glance(&paces, 1.0, other);
        sleep();
        slow.note_end(LEN);
        assert!(paces.last.of(other).unwrap() > 500.0);
    }

    #[test]
    fn the_end_of_a_loop_that_comes_again_is_seen_by_its_next_look() {
        let (paces, [site, _]) = (Paces::new(), sites());
        look(site);
        let mut again = glance(&paces, 1.0, site);
        again.shows_no_delay();
        sleep();
        again.note_end(LEN);
        assert!(paces.last.of(site).unwrap() < 2.0 * QUICK);
        assert!(!glance(&paces, 1.0, site).shows_no_delay());
    }
}
