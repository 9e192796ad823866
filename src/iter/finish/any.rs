//! `find_any`: whoever finds something first tells the others.

use crate::iter::ParallelIterator;
use crate::iter::flag::Flag;
use crate::iter::plumbing::Folder;

use super::end::{End, Ending};

/// Some item that `predicate` likes.
#[inline]
pub(crate) fn find_any<I, P>(items: I, predicate: P) -> Option<I::Item>
where
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync,
{
    items.drive_unindexed(Ending::new(FindAny {
        predicate: &predicate,
        is_found: &Flag::new(),
    }))
}

struct FindAny<'p, P> {
    predicate: &'p P,
    is_found: &'p Flag,
}

impl<P> Clone for FindAny<'_, P> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for FindAny<'_, P> {}

impl<'p, T, P> End<T> for FindAny<'p, P>
where
    T: Send,
    P: Fn(&T) -> bool + Sync,
{
    type Folder = Finding<'p, T, P>;
    type Result = Option<T>;
    const IS_STOPPED_BY_OTHERS: bool = true;

    #[inline]
    fn folder(self) -> Self::Folder {
        Finding {
            end: self,
            is_alone: false,
            found: None,
        }
    }

    #[inline]
    fn join(self, left: Option<T>, right: Option<T>) -> Option<T> {
        if left.is_some() {
            drop(right); // while the other can be dropped, too, if this one panics
            left
        } else {
            right
        }
    }

    #[inline]
    fn is_full(self) -> bool {
        self.is_found.is_set()
    }
}

/// The first item that `predicate` likes.
///
/// Four looks to a turn. A turn of one is half a dozen instructions, and takes twice as long where they lie across a boundary of what the
/// processor fetches at once; compilers don't unroll loops with two ways out. (Of 1,000 numbers, the place of a late one took 693 ns, and
/// takes 385.) Nor do they keep in registers what the closures borrow, unless one item is looked at for certain before the loop begins.
#[inline]
pub(super) fn first_of<T>(
    mut items: impl Iterator<Item = T>,
    predicate: impl Fn(&T) -> bool,
) -> Option<T> {
    macro_rules! look {
        () => {{
            let item = items.next()?;
            if predicate(&item) {
                drop(items); // while what was found can be dropped, too, if an item panics
                return Some(item);
            }
        }};
    }
    look!();
    loop {
        look!();
        look!();
        look!();
        look!();
    }
}

/// The first item that both like.
///
/// Both questions are asked at once, since the first one may be answered at random: then to wait for its answer takes several times as
/// long as to ask the second. For that a compiler has to know that it may look at what the second one borrows, so one item is
/// asked both before the loop. (Of 50,000 numbers half of which were liked, a late one was found in 95 µs, where std took 24.)
#[inline]
pub(super) fn first_of_both<T>(
    mut items: impl Iterator<Item = T>,
    is_liked: impl Fn(&T) -> bool,
    predicate: impl Fn(&T) -> bool,
) -> Option<T> {
    let liked = items.find(&is_liked)?;
    if predicate(&liked) {
        drop(items);
        return Some(liked);
    }
    drop(liked); // before what is returned is there, and would be forgotten if it panicked
    first_of(items, |item| is_liked(item) && predicate(item))
}

struct Finding<'p, T, P> {
    end: FindAny<'p, P>,
    is_alone: bool,
    found: Option<T>,
}

impl<T, P> Finding<'_, T, P> {
    /// With what has been found, if anything.
    #[inline]
    fn with(mut self, found: Option<T>) -> Self {
        if found.is_some() {
            self.end.is_found.set();
            self.found = found;
        }
        self
    }
}

impl<T, P> Folder<T> for Finding<'_, T, P>
where
    P: Fn(&T) -> bool,
{
    type Result = Option<T>;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        if (self.end.predicate)(&item) {
            self.end.is_found.set();
            self.found = Some(item);
        } else {
            drop(item);
        }
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let FindAny {
            predicate,
            is_found,
        } = self.end;
        let mut iter = iter.into_iter();
        let found = if self.is_alone {
            first_of(iter, predicate)
        } else {
            let mut wanted = iter.by_ref().take_while(|_| !is_found.is_set());
            let found = wanted.find(predicate);
            drop(iter); // as in `first_of`
            found
        };
        self.with(found)
    }

    #[inline]
    fn consume_liked<I, L>(self, iter: I, is_liked: L) -> Self
    where
        I: Iterator<Item = T>,
        L: Fn(&T) -> bool,
    {
        let FindAny {
            predicate,
            is_found,
        } = self.end;
        let found = if self.is_alone {
            first_of_both(iter, is_liked, predicate)
        } else {
            first_of_both(iter.take_while(|_| !is_found.is_set()), is_liked, predicate)
        };
        self.with(found)
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.is_alone
    }

    #[inline]
    fn complete(self) -> Option<T> {
        self.found
    }

    #[inline]
    fn full(&self) -> bool {
        self.found.is_some() || self.end.is_found.is_set()
    }
}
