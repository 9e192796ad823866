//! `take_any`, `skip_any`, `take_any_while`, `skip_any_while`, `while_some`: stages that remember,
//! across all pieces, whether they have seen enough.
//!
//! What they remember is one number or one flag, shared by the threads and free of any order between
//! them: `Relaxed` is enough everywhere, since nothing else is handed over with it.

use std::mem::needs_drop;

use crate::primitive::{AtomicUsize, Ordering};

use crate::iter::ParallelIterator;
use crate::iter::flag::Flag;
use crate::iter::plumbing::{Folder, UnindexedConsumer};

use super::adapter;
use super::stage::{Stage, StageConsumer};

/// Tickets that all threads draw from.
struct Tickets(AtomicUsize);

impl Tickets {
    /// Draws one, if any is left.
    #[inline]
    fn draw(&self) -> bool {
        // Relaxed: one variable only.
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }

    /// Draws as many of so many as are left, and tells how many.
    fn draw_many(&self, wanted: usize) -> usize {
        // Relaxed: one variable only.
        let drawn = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(wanted))
            });
        drawn.map_or(0, |left| left.min(wanted))
    }

    /// Takes back what was drawn and not used.
    fn give_back(&self, unused: usize) {
        if unused > 0 {
            // Relaxed: one variable only.
            self.0.fetch_add(unused, Ordering::Relaxed);
        }
    }

    #[inline]
    fn are_gone(&self) -> bool {
        // Relaxed: a hint.
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// Writes the adapter's `drive_unindexed`: the stage is made when driving begins, so that a clone of
/// the adapter starts afresh.
macro_rules! through_fresh_stage {
    (|$this:ident| $stage:expr) => {
        #[inline]
        fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
            let $this = self;
            let stage = $stage;
            $this
                .base
                .drive_unindexed(StageConsumer::new(&stage, consumer))
        }
    };
}

adapter! {
    /// Keeps some `count` items, whichever come first; made by [`take_any`](ParallelIterator::take_any).
    pub struct TakeAny<I> { base: I, count: usize }
}

struct TakeAnyStage(Tickets);

impl<T> Stage<T> for TakeAnyStage {
    type Out = T;
    const MAY_BE_FULL: bool = true;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: T) -> F {
        if self.0.draw() {
            folder.consume(item)
        } else {
            drop(item); // while the folder can be dropped, too, if the item panics; likewise below
            folder
        }
    }

    // Where it is certain how many items there are, their tickets are drawn at once. (One by one, with an atomic operation
    // each, a sum took 60 times as long.) What a folder does not take, since it is full before, is given back.
    #[inline]
    fn feed_all<F, I>(&self, mut folder: F, mut items: I, _: bool) -> F
    where
        F: Folder<T>,
        I: Iterator<Item = T>,
    {
        if let (least, Some(most)) = items.size_hint()
            && least == most
        {
            let drawn = self.0.draw_many(most);
            let mut taken = 0;
            let count = |item| {
                taken += 1;
                item
            };
            if const { needs_drop::<I>() } {
                folder = folder.consume_iter(items.by_ref().take(drawn).map(count));
                drop(items); // while the folder can be dropped, too, if an item panics
            } else {
                folder = folder.consume_iter(items.take(drawn).map(count)); // std's loop for slices
            }
            self.0.give_back(drawn - taken);
            return folder;
        }
        for item in items {
            folder = self.feed(folder, item);
            if self.0.are_gone() || folder.full() {
                break;
            }
        }
        folder
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.are_gone()
    }
}

impl<I: ParallelIterator> ParallelIterator for TakeAny<I> {
    type Item = I::Item;
    through_fresh_stage!(|this| TakeAnyStage(Tickets(AtomicUsize::new(this.count))));
}

adapter! {
    /// Drops some `count` items, whichever come first; made by [`skip_any`](ParallelIterator::skip_any).
    pub struct SkipAny<I> { base: I, count: usize }
}

struct SkipAnyStage(Tickets);

impl<T> Stage<T> for SkipAnyStage {
    type Out = T;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: T) -> F {
        if self.0.draw() {
            drop(item);
            folder
        } else {
            folder.consume(item)
        }
    }

    // Once the tickets are gone, they are gone: the rest runs free. As in `take_any`, they are drawn at once if it is certain
    // how many items there are.
    #[inline]
    fn feed_all<F: Folder<T>, I: Iterator<Item = T>>(&self, folder: F, items: I, _: bool) -> F {
        if let (least, Some(most)) = items.size_hint()
            && least == most
        {
            let drawn = if self.0.are_gone() {
                0
            } else {
                self.0.draw_many(most)
            };
            return folder.consume_iter(items.skip(drawn));
        }
        folder.consume_iter(items.skip_while(|_| self.0.draw()))
    }
}

impl<I: ParallelIterator> ParallelIterator for SkipAny<I> {
    type Item = I::Item;
    through_fresh_stage!(|this| SkipAnyStage(Tickets(AtomicUsize::new(this.count))));
}

adapter! {
    /// Keeps items until, on any thread, one displeases; made by
    /// [`take_any_while`](ParallelIterator::take_any_while).
    pub struct TakeAnyWhile<I, P> { base: I; predicate: P }
}

struct TakeAnyWhileStage<'p, P> {
    predicate: &'p P,
    is_over: Flag,
}

impl<P> TakeAnyWhileStage<'_, P> {
    /// Whether the predicate likes an item. If not, all is over.
    #[inline]
    fn likes<T>(&self, item: &T) -> bool
    where
        P: Fn(&T) -> bool,
    {
        let is_liked = (self.predicate)(item);
        if !is_liked {
            self.is_over.set();
        }
        is_liked
    }
}

impl<T, P> Stage<T> for TakeAnyWhileStage<'_, P>
where
    P: Fn(&T) -> bool + Sync,
{
    type Out = T;
    const MAY_BE_FULL: bool = true;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: T) -> F {
        if !self.is_over.is_set() && self.likes(&item) {
            folder.consume(item)
        } else {
            drop(item);
            folder
        }
    }

    #[inline]
    fn feed_all<F: Folder<T>, I: Iterator<Item = T>>(
        &self,
        folder: F,
        mut items: I,
        is_alone: bool,
    ) -> F {
        let liked = |item: T| {
            if self.likes(&item) {
                return Some(item);
            }
            drop(item); // by std's `take_while` after what has come of the others was returned
            None
        };
        let folder = if is_alone {
            folder.consume_iter(items.by_ref().map_while(liked))
        } else {
            let wanted = items.by_ref().take_while(|_| !self.is_over.is_set());
            folder.consume_iter(wanted.map_while(liked))
        };
        drop(items);
        folder
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.is_over.is_set()
    }
}

impl<I, P> ParallelIterator for TakeAnyWhile<I, P>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync + Send,
{
    type Item = I::Item;
    through_fresh_stage!(|this| TakeAnyWhileStage {
        predicate: &this.predicate,
        is_over: Flag::new()
    });
}

adapter! {
    /// Drops items until, on any thread, one displeases; made by
    /// [`skip_any_while`](ParallelIterator::skip_any_while).
    pub struct SkipAnyWhile<I, P> { base: I; predicate: P }
}

struct SkipAnyWhileStage<'p, P> {
    predicate: &'p P,
    is_over: Flag,
}

impl<P> SkipAnyWhileStage<'_, P> {
    #[inline]
    fn skips<T>(&self, item: &T) -> bool
    where
        P: Fn(&T) -> bool,
    {
        if self.is_over.is_set() {
            return false;
        }
        let is_skipped = (self.predicate)(item);
        if !is_skipped {
            self.is_over.set();
        }
        is_skipped
    }
}

impl<T, P> Stage<T> for SkipAnyWhileStage<'_, P>
where
    P: Fn(&T) -> bool + Sync,
{
    type Out = T;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: T) -> F {
        if self.skips(&item) {
            drop(item);
            folder
        } else {
            folder.consume(item)
        }
    }

    // Skipping never comes back once it is over: the rest runs free.
    #[inline]
    fn feed_all<F: Folder<T>, I: Iterator<Item = T>>(&self, folder: F, items: I, _: bool) -> F {
        folder.consume_iter(items.skip_while(|item| self.skips(item)))
    }
}

impl<I, P> ParallelIterator for SkipAnyWhile<I, P>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync + Send,
{
    type Item = I::Item;
    through_fresh_stage!(|this| SkipAnyWhileStage {
        predicate: &this.predicate,
        is_over: Flag::new()
    });
}

adapter! {
    /// Unwraps items until, on any thread, one is `None`; made by
    /// [`while_some`](ParallelIterator::while_some).
    pub struct WhileSome<I> { base: I }
}

struct WhileSomeStage {
    is_over: Flag,
}

impl WhileSomeStage {
    /// `None` ends it for all.
    #[inline]
    fn note<T>(&self, item: Option<T>) -> Option<T> {
        if item.is_none() {
            self.is_over.set();
        }
        item
    }
}

impl<T> Stage<Option<T>> for WhileSomeStage {
    type Out = T;
    const MAY_BE_FULL: bool = true;

    #[inline]
    fn feed<F: Folder<T>>(&self, folder: F, item: Option<T>) -> F {
        match self.note(item) {
            Some(item) => folder.consume(item),
            None => folder,
        }
    }

    // Down as a whole, so that collecting can write whole runs.
    #[inline]
    fn feed_all<F: Folder<T>, I: Iterator<Item = Option<T>>>(
        &self,
        folder: F,
        mut items: I,
        is_alone: bool,
    ) -> F {
        let folder = if is_alone {
            folder.consume_iter(items.by_ref().map_while(|item| self.note(item)))
        } else {
            let wanted = items.by_ref().take_while(|_| !self.is_over.is_set());
            folder.consume_iter(wanted.map_while(|item| self.note(item)))
        };
        drop(items);
        folder
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.is_over.is_set()
    }
}

impl<I, T> ParallelIterator for WhileSome<I>
where
    I: ParallelIterator<Item = Option<T>>,
    T: Send,
{
    type Item = T;
    through_fresh_stage!(|this| WhileSomeStage {
        is_over: Flag::new()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kept<T>(Vec<T>);

    impl<T> Folder<T> for Kept<T> {
        type Result = Vec<T>;

        fn consume(mut self, item: T) -> Self {
            self.0.push(item);
            self
        }

        fn complete(self) -> Vec<T> {
            self.0
        }

        fn full(&self) -> bool {
            false
        }
    }

    /// What comes of `items`, and how many of them are taken.
    fn feed<T, S: Stage<T>>(
        stage: &S,
        items: impl Iterator<Item = T>,
        is_alone: bool,
    ) -> (Vec<S::Out>, usize) {
        let mut taken = 0;
        let items = items.inspect(|_| taken += 1);
        let kept = stage.feed_all(Kept(Vec::new()), items, is_alone);
        (kept.complete(), taken)
    }

    /// Is full after so many items.
    struct Until(usize);

    impl<T> Folder<T> for Until {
        type Result = usize;

        fn consume(self, _: T) -> Self {
            Self(self.0 - 1)
        }

        fn complete(self) -> usize {
            self.0
        }

        fn full(&self) -> bool {
            self.0 == 0
        }
    }

    /// Another piece may use the tickets that this one has drawn at once and does not use, being full by itself.
    #[test]
    fn unused_tickets_are_given_back() {
        fn check<T>(items: impl Iterator<Item = T>, wanted: usize, left: usize) {
            let stage = TakeAnyStage(Tickets(AtomicUsize::new(7)));
            let missing = Folder::<T>::complete(stage.feed_all(Until(wanted), items, false));
            assert_eq!(missing, (wanted + left).saturating_sub(7));
            assert_eq!(stage.0.draw_many(usize::MAX), left);
        }
        for (wanted, left) in [(3, 4), (7, 0), (9, 0)] {
            check(0..8, wanted, left);
            check(vec![String::new(); 8].into_iter(), wanted, left);
            check((0..9).filter(|x| *x != 0), wanted, left);
        }
    }

    /// Whoever is alone ends the stage by what he meets himself, and is not ended by it before.
    fn check<S: Stage<T, Out = u32>, T>(new: impl Fn() -> S, item: impl Fn(u32) -> T + Copy) {
        for is_alone in [false, true] {
            let stage = new();
            let fed = feed(&stage, (0..7).map(item), is_alone);
            assert_eq!(fed, ((0..7).collect(), 7));
            assert!(!stage.is_full());
            let fed = feed(&stage, (5..99).map(item), is_alone);
            assert_eq!(fed, (vec![5, 6, 7], 4));
            assert!(stage.is_full());
            let (kept, _) = feed(&stage, (0..2).map(item), is_alone);
            assert_eq!(kept.len(), if is_alone { 2 } else { 0 });
        }
    }

    #[test]
    fn what_ends_a_stage() {
        let new = || TakeAnyWhileStage {
            predicate: &|number: &u32| *number != 8,
            is_over: Flag::new(),
        };
        check(new, |number| number);
        let new = || WhileSomeStage {
            is_over: Flag::new(),
        };
        check(new, |number| (number != 8).then_some(number));
    }
}
