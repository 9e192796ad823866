//! What takes a leaf block by block, and may stop between two of them: a consumer that is already at work.
//!
//! Most consumers do not count, and give one folder for all blocks: [`Open`]. One that writes to places is cut at each of them:
//! [`Cut`]. Where both would be dear (`map_init` before `collect`), and for consumers of others' making, there is none.

use super::{Consumer, Folder, Producer, Reducer};

pub(super) type Output<P, T> =
    <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Result;
pub(super) type ReducerOf<P, T> =
    <<T as Taker<P>>::Consumer as Consumer<<P as Producer>::Item>>::Reducer;

/// What takes block after block.
pub(super) trait Taker<P: Producer>: Sized {
    type Consumer: Consumer<P::Item>;

    fn is_full(&self) -> bool;

    /// As for a [`Folder`], whether nobody else works at the loop, or its caller asks after every block whether it is full.
    fn set_alone(&mut self, is_alone: bool);

    /// Takes a block of so many items.
    fn take(self, len: usize, block: P) -> Self;

    /// Parts with what comes after the next `near_len` items: itself, a consumer for those, and what joins the results.
    fn part(self, near_len: usize) -> (Self, Self::Consumer, ReducerOf<P, Self>);

    /// Takes the last block.
    fn end(self, block: P) -> Output<P, Self>;
}

/// One folder for all blocks, and the consumer that goes on after it.
pub(super) struct Open<F, C> {
    folder: F,
    consumer: C,
}

impl<F, C> Open<F, C> {
    /// `consumer` goes on after `first`.
    pub(super) fn new<T>(first: C, consumer: C) -> Self
    where
        C: Consumer<T, Folder = F>,
    {
        let folder = first.into_folder();
        Self { folder, consumer }
    }
}

impl<P, C> Taker<P> for Open<C::Folder, C>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    type Consumer = C;

    fn is_full(&self) -> bool {
        self.folder.full()
    }

    fn set_alone(&mut self, is_alone: bool) {
        self.folder.set_alone(is_alone);
    }

    fn take(mut self, _: usize, block: P) -> Self {
        self.folder = fold(block, self.folder);
        self
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let Self { folder, consumer } = self;
        let (near, reducer) = consumer.split_off_open(near_len).expect(OPEN);
        let near = Self {
            folder,
            consumer: near,
        };
        (near, consumer, reducer)
    }

    fn end(self, block: P) -> C::Result {
        fold(block, self.folder).complete()
    }
}

/// What [`Consumer::IS_OPEN`] promises.
pub(crate) const OPEN: &str = "an open consumer stays open";

/// A consumer that is cut for every block, and what has come of those so far, with the reducer that joins that to the next.
pub(super) struct Cut<R, C, D> {
    done: Option<(R, D)>,
    consumer: C,
    is_alone: bool,
}

impl<R, C, D> Cut<R, C, D> {
    pub(super) fn new(consumer: C) -> Self {
        Self {
            done: None,
            consumer,
            is_alone: false,
        }
    }
}

fn joined<R, D: Reducer<R>>(done: Option<(R, D)>, next: R) -> R {
    match done {
        Some((done, reducer)) => reducer.reduce(done, next),
        None => next,
    }
}

impl<P, C> Taker<P> for Cut<C::Result, C, C::Reducer>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    type Consumer = C;

    fn is_full(&self) -> bool {
        self.consumer.full()
    }

    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
    }

    fn take(self, len: usize, block: P) -> Self {
        let Self {
            done,
            consumer,
            is_alone,
        } = self;
        let (now, consumer, reducer) = consumer.split_at(len);
        let next = fold_anew(block, now, is_alone);
        Self {
            done: Some((joined(done, next), reducer)),
            consumer,
            is_alone,
        }
    }

    fn part(self, near_len: usize) -> (Self, C, C::Reducer) {
        let (consumer, far, reducer) = self.consumer.split_at(near_len);
        (Self { consumer, ..self }, far, reducer)
    }

    fn end(self, block: P) -> C::Result {
        joined(self.done, fold_anew(block, self.consumer, self.is_alone))
    }
}

/// A block of a leaf, by a folder of its own.
#[inline]
pub(super) fn fold_anew<P, C>(block: P, consumer: C, is_alone: bool) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let mut folder = consumer.into_folder();
    folder.set_alone(is_alone);
    fold(block, folder).complete()
}

/// A block of a leaf. One function for all blocks, so that the loop that the user wrote is compiled once for them.
///
/// Items that nobody wants are dropped before anything is returned: if one of them panicked afterwards, what has come of the others would be
/// neither returned nor dropped. So it is wherever a folder leaves some.
#[inline(never)]
pub(super) fn fold<P, F>(producer: P, folder: F) -> F
where
    P: Producer,
    F: Folder<P::Item>,
{
    if folder.full() {
        drop(producer);
        return folder;
    }
    producer.fold_with(folder)
}

/// A whole leaf: one piece, one folder, one thread. A full consumer takes no items at all.
#[inline]
pub(super) fn pour<P, C>(producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if consumer.full() {
        drop(producer);
        return consumer.into_folder().complete();
    }
    producer.fold_with(consumer.into_folder()).complete()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::{AtomicBool, Ordering::Relaxed};
    use std::ops::Range;

    struct Numbers(Range<u32>);

    impl Producer for Numbers {
        type Item = u32;
        type IntoIter = Range<u32>;

        fn into_iter(self) -> Range<u32> {
            self.0
        }

        fn split_at(self, index: usize) -> (Self, Self) {
            let middle = self.0.start + index as u32;
            (Self(self.0.start..middle), Self(middle..self.0.end))
        }
    }

    /// Consumer and folder: the items, each with a note whether it came to one who was alone.
    struct Log<'a> {
        is_full: &'a AtomicBool,
        is_alone: bool,
        items: Vec<(u32, bool)>,
    }

    impl<'a> Log<'a> {
        fn new(is_full: &'a AtomicBool) -> Self {
            Self {
                is_full,
                is_alone: false,
                items: vec![],
            }
        }
    }

    struct Append;

    impl<'a> Consumer<u32> for Log<'a> {
        type Folder = Self;
        type Reducer = Append;
        type Result = Vec<(u32, bool)>;
        const IS_OPEN: bool = true;

        fn split_at(self, _: usize) -> (Self, Self, Append) {
            (Self::new(self.is_full), self, Append)
        }

        fn split_off_open(&self, _: usize) -> Option<(Self, Append)> {
            Some((Self::new(self.is_full), Append))
        }

        fn into_folder(self) -> Self {
            self
        }

        fn full(&self) -> bool {
            self.is_full.load(Relaxed)
        }
    }

    impl Folder<u32> for Log<'_> {
        type Result = Vec<(u32, bool)>;

        fn consume(mut self, item: u32) -> Self {
            self.items.push((item, self.is_alone));
            self
        }

        fn set_alone(&mut self, is_alone: bool) {
            self.is_alone = is_alone;
        }

        fn complete(self) -> Vec<(u32, bool)> {
            self.items
        }

        fn full(&self) -> bool {
            self.is_full.load(Relaxed)
        }
    }

    impl Reducer<Vec<(u32, bool)>> for Append {
        fn reduce(self, left: Vec<(u32, bool)>, right: Vec<(u32, bool)>) -> Vec<(u32, bool)> {
            [left, right].concat()
        }
    }

    /// Blocks come in order, also to the one that takes over what is parted with, who is told nothing.
    fn blocks_stay_in_order<'a>(
        mut taker: impl Taker<Numbers, Consumer = Log<'a>>,
        is_alone: bool,
    ) {
        taker.set_alone(is_alone);
        let taker = taker.take(3, Numbers(0..3)).take(2, Numbers(3..5));
        assert!(!taker.is_full());
        let (near, far, reducer) = taker.part(2);
        let near = near.end(Numbers(5..7));
        let far = pour(Numbers(7..10), far);
        let want = (0..10).map(|number| (number, is_alone && number < 7));
        assert!(reducer.reduce(near, far).into_iter().eq(want));
    }

    #[test]
    fn all_blocks_are_taken_in_order() {
        let is_full = &AtomicBool::new(false);
        let new = || Log::new(is_full);
        for is_alone in [false, true] {
            blocks_stay_in_order(Open::new(new(), new()), is_alone);
            blocks_stay_in_order(Cut::new(new()), is_alone);
        }
    }

    fn a_full_one_takes_none<'a>(
        taker: impl Taker<Numbers, Consumer = Log<'a>>,
        is_full: &AtomicBool,
    ) {
        let taker = taker.take(2, Numbers(0..2));
        is_full.store(true, Relaxed);
        assert!(taker.is_full());
        let taker = taker.take(2, Numbers(2..4));
        let items = taker.end(Numbers(4..6)).into_iter();
        assert!(items.map(|item| item.0).eq(0..2));
        is_full.store(false, Relaxed);
    }

    #[test]
    fn who_is_full_takes_none() {
        let is_full = &AtomicBool::new(false);
        let new = || Log::new(is_full);
        a_full_one_takes_none(Open::new(new(), new()), is_full);
        a_full_one_takes_none(Cut::new(new()), is_full);
        assert_eq!(pour(Numbers(0..2), new()).len(), 2);
        is_full.store(true, Relaxed);
        assert!(pour(Numbers(0..2), new()).is_empty());
    }
}
