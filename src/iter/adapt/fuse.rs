//! `panic_fuse`: when one piece panics, the others stop soon.
#![allow(unsafe_code)]

use crate::iter::flag::Flag;
use crate::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, SendProof, UnindexedConsumer,
};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

use super::adapter;
use super::wrap::{Wrap, WrapCallback, lengths_of_base};

adapter! {
    /// Stops early when an item panics; made by [`panic_fuse`](ParallelIterator::panic_fuse).
    pub struct PanicFuse<I> { base: I }
}

/// Held by every part of the loop; whoever is dropped by a panic burns it for all.
///
/// Nobody sees a panic that passes but the values it drops, so the fuse is one of them.
#[derive(Clone)]
struct Fuse<'a>(&'a Flag);

impl Fuse<'_> {
    #[inline]
    fn is_burnt(&self) -> bool {
        self.0.is_set()
    }
}

impl Drop for Fuse<'_> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set();
        }
    }
}

/// A part of the loop, and the fuse it holds.
struct Fused<'a, X> {
    part: X,
    fuse: Fuse<'a>,
    /// Whether nobody else can burn the fuse now, or whoever calls looks at it himself.
    is_alone: bool,
}

impl<'a, X> Fused<'a, X> {
    #[inline]
    fn new(part: X, fuse: Fuse<'a>) -> Self {
        Self {
            part,
            fuse,
            is_alone: false,
        }
    }
}

impl<I: ParallelIterator> ParallelIterator for PanicFuse<I> {
    type Item = I::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let flag = Flag::new();
        self.base.drive_unindexed(Fused::new(consumer, Fuse(&flag)))
    }

    #[inline]
    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for PanicFuse<I> {
    #[inline]
    fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
        let flag = Flag::new();
        self.base.drive(Fused::new(consumer, Fuse(&flag)))
    }

    #[inline]
    fn len(&self) -> usize {
        self.base.len()
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        let flag = Flag::new();
        self.base
            .with_producer(WrapCallback::new(FuseWrap(Fuse(&flag)), callback))
    }
}

impl<'a, T, C: Consumer<T>> Consumer<T> for Fused<'a, C> {
    type Folder = Fused<'a, C::Folder>;
    type Reducer = Fused<'a, C::Reducer>;
    type Result = C::Result;
    const IS_CUT_FOR_NOTHING: bool = C::IS_CUT_FOR_NOTHING;
    const IS_STOPPED_BY_OTHERS: bool = true;
    // SAFETY: those two, and a truth value, are all that it holds.
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> =
        unsafe { SendProof::of_both(&C::REDUCER_IS_SEND, &SendProof::<Fuse<'a>>::HERE) };
    const IS_OPEN: bool = C::IS_OPEN;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let (left, right, reducer) = self.part.split_at(index);
        (
            Fused::new(left, self.fuse.clone()),
            Fused::new(right, self.fuse.clone()),
            Fused::new(reducer, self.fuse),
        )
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let (part, reducer) = self.part.split_off_open(most)?;
        let reducer = Fused::new(reducer, self.fuse.clone());
        Some((Fused::new(part, self.fuse.clone()), reducer))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        Fused::new(self.part.into_folder(), self.fuse)
    }

    #[inline]
    fn full(&self) -> bool {
        self.fuse.is_burnt() || self.part.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Fused<'_, C> {
    #[inline]
    fn split_off_left(&self) -> Self {
        Fused::new(self.part.split_off_left(), self.fuse.clone())
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        Fused::new(self.part.to_reducer(), self.fuse.clone())
    }
}

impl<R, X: Reducer<R>> Reducer<R> for Fused<'_, X> {
    #[inline]
    fn reduce(self, left: R, right: R) -> R {
        self.part.reduce(left, right)
    }
}

impl<T, F: Folder<T>> Folder<T> for Fused<'_, F> {
    type Result = F::Result;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        self.part = self.part.consume(item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let Self {
            part,
            fuse,
            is_alone,
        } = self;
        let part = if is_alone {
            part.consume_iter(iter)
        } else {
            let mut items = iter.into_iter();
            let part = part.consume_iter(items.by_ref().take_while(|_| !fuse.is_burnt()));
            drop(items); // while the folder can be dropped, too, if an item panics
            part
        };
        Self {
            part,
            fuse,
            is_alone,
        }
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
        self.part.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.is_alone && self.part.is_alone()
    }

    #[inline]
    fn complete(self) -> F::Result {
        self.part.complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.fuse.is_burnt() || self.part.full()
    }
}

struct FuseWrap<'a>(Fuse<'a>);

impl<T> Wrap<T> for FuseWrap<'_> {
    type Item = T;

    #[inline]
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = T> {
        FuseProducer { base, fuse: self.0 }
    }
}

struct FuseProducer<'a, P> {
    base: P,
    fuse: Fuse<'a>,
}

impl<'a, P: Producer> Producer for FuseProducer<'a, P> {
    type Item = P::Item;
    type IntoIter = Fused<'a, P::IntoIter>;
    const GIVES_BLOCKS: bool = P::GIVES_BLOCKS;

    lengths_of_base!();

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Fused::new(self.base.into_iter(), self.fuse)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        (
            Self {
                base: left,
                fuse: self.fuse.clone(),
            },
            Self {
                base: right,
                fuse: self.fuse,
            },
        )
    }

    #[inline]
    fn fold_with<F: Folder<P::Item>>(self, folder: F) -> F {
        self.base.fold_with(Fused::new(folder, self.fuse)).part
    }
}

/// Once the fuse is burnt it ends before its `len` says so; by then nobody will ask for the result.
impl<I: Iterator> Iterator for Fused<'_, I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if self.fuse.is_burnt() {
            None
        } else {
            self.part.next()
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.part.size_hint()
    }
}

/// From this side it keeps what its `len` says, as long as items are asked for one by one: `std`'s `Zip` asks for the length first, and
/// panics itself if it is deceived. That panic might come out instead of the one that burnt the fuse.
impl<I: DoubleEndedIterator> DoubleEndedIterator for Fused<'_, I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.part.next_back()
    }

    #[inline]
    fn rfold<B, F: FnMut(B, I::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let mut folded = init;
        while !self.fuse.is_burnt()
            && let Some(item) = self.part.next_back()
        {
            folded = f(folded, item);
        }
        folded
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Fused<'_, I> {}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;
    use crate::prelude::*;

    /// One half of a loop panics, and `then` sees the other half.
    fn burnt(then: impl FnOnce(&mut dyn DoubleEndedLen)) {
        struct Halves<F>(F);
        impl<F: FnOnce(&mut dyn DoubleEndedLen)> ProducerCallback<u8> for Halves<F> {
            type Output = ();

            fn callback<P: Producer<Item = u8>>(self, producer: P) {
                let (left, right) = producer.split_at(10);
                let mut left = left.into_iter();
                assert_eq!(left.next(), Some(0));
                let fatal = catch_unwind(AssertUnwindSafe(|| {
                    let _items = right.into_iter();
                    resume_unwind(Box::new(()));
                }));
                assert!(fatal.is_err());
                (self.0)(&mut left);
            }
        }
        (0..20_u8)
            .into_par_iter()
            .panic_fuse()
            .with_producer(Halves(then));
    }

    trait DoubleEndedLen: DoubleEndedIterator<Item = u8> + ExactSizeIterator {}
    impl<I: DoubleEndedIterator<Item = u8> + ExactSizeIterator> DoubleEndedLen for I {}

    #[test]
    fn a_burnt_fuse_ends_the_loop() {
        burnt(|items| assert_eq!(items.next(), None));
    }

    /// A zip that goes backwards relies on the length.
    #[test]
    fn a_burnt_fuse_deceives_no_zip() {
        burnt(|items| assert_eq!(items.zip(0..4).next_back(), Some((4, 3))));
        burnt(|items| assert_eq!((0..40).zip(items).next_back(), Some((8, 9))));
    }

    /// A part of a loop that wants so many items, consumer and folder.
    struct Part {
        left: usize,
        is_alone: bool,
        /// Whether it cares about that.
        notes: bool,
    }

    struct Add;

    impl Consumer<u8> for Part {
        type Folder = Self;
        type Reducer = Add;
        type Result = usize;

        fn split_at(self, index: usize) -> (Self, Self, Add) {
            let Self { left, .. } = self;
            (part(index), part(left - index), Add)
        }

        fn into_folder(self) -> Self {
            self
        }

        fn full(&self) -> bool {
            self.left == 0
        }
    }

    impl Folder<u8> for Part {
        type Result = usize;

        fn consume(mut self, _: u8) -> Self {
            self.left -= 1;
            self
        }

        fn set_alone(&mut self, is_alone: bool) {
            self.is_alone = is_alone && self.notes;
        }

        fn is_alone(&self) -> bool {
            self.is_alone
        }

        fn complete(self) -> usize {
            self.left
        }

        fn full(&self) -> bool {
            self.left == 0
        }
    }

    impl Reducer<usize> for Add {
        fn reduce(self, left: usize, right: usize) -> usize {
            left + right
        }
    }

    fn part(left: usize) -> Part {
        Part {
            left,
            is_alone: false,
            notes: true,
        }
    }

    #[test]
    fn who_holds_a_burnt_fuse_wants_no_more() {
        for is_burnt in [false, true] {
            for left in [0, 3] {
                let flag = Flag::new();
                let fused = Fused::new(part(left), Fuse(&flag));
                if is_burnt {
                    flag.set();
                }
                let is_full = is_burnt || left == 0;
                assert_eq!(Consumer::<u8>::full(&fused), is_full);
                let folder = Consumer::<u8>::into_folder(fused);
                assert_eq!(Folder::<u8>::full(&folder), is_full);
                assert_eq!(folder.fuse.is_burnt(), is_burnt);
            }
        }
    }

    /// Who is alone looks at the fuse only between blocks, if all that is further down is alone, too.
    #[test]
    fn a_burnt_fuse_stops_a_block_in_company() {
        for is_alone in [false, true] {
            for notes in [false, true] {
                let flag = Flag::new();
                let part = Part { notes, ..part(9) };
                let mut folder = Fused::new(part, Fuse(&flag));
                Folder::<u8>::set_alone(&mut folder, is_alone);
                assert_eq!(Folder::<u8>::is_alone(&folder), is_alone && notes);
                let folder = folder.consume_iter([1, 2]);
                flag.set();
                let left = folder.consume_iter([3, 4, 5]).complete();
                assert_eq!(left, if is_alone { 4 } else { 7 });
            }
        }
    }

    #[test]
    fn a_loop_backwards_stops_at_a_burnt_fuse() {
        let flag = Flag::new();
        let all = Fused::new(0..9_u8, Fuse(&flag));
        assert_eq!((all.len(), all.size_hint()), (9, (9, Some(9))));
        let seen = all.rfold(vec![], |mut seen, item| {
            seen.push(item);
            if item == 5 {
                flag.set();
            }
            seen
        });
        assert_eq!(seen, [8, 7, 6, 5]);
        let none = Fused::new(0..9_u8, Fuse(&flag)).rfold(0, |count, _| count + 1);
        assert_eq!(none, 0);
    }

    #[test]
    fn a_whole_fuse_changes_nothing() {
        let items = || (0..50_u8).into_par_iter().panic_fuse();
        assert_eq!((items().len(), items().opt_len()), (50, Some(50)));
        assert!(items().collect::<Vec<_>>().into_iter().eq(0..50));
        let some = (0..50_u8).into_par_iter().filter(|x| x % 3 == 1);
        let some = some.panic_fuse();
        assert_eq!(some.opt_len(), None);
        assert!(some.collect::<Vec<_>>().into_iter().eq((1..50).step_by(3)));
        let backwards = items().rev().map(u32::from).collect::<Vec<_>>();
        assert!(backwards.into_iter().eq((0..50).rev()));
    }
}
