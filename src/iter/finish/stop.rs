//! Collecting results: what is inside the `Ok`s goes on, and an `Err` stops everybody.

use super::collect;
use crate::iter::plumbing::{Consumer, Folder, SendProof, UnindexedConsumer};
use crate::iter::{FromParallelIterator, ParallelIterator};
use crate::primitive::Mutex;
use crate::primitive::{AtomicBool, Ordering};

/// Collects what is inside the `Ok`s into any collection, or returns an error, if there is one.
pub(crate) fn collect_oks<C, I, T, E>(par_iter: I) -> Result<C, E>
where
    C: FromParallelIterator<T>,
    I: ParallelIterator<Item = Result<T, E>>,
    T: Send,
    E: Send,
{
    let stop = Stop::new();
    let collection = C::from_par_iter(Oks {
        par_iter,
        stop: &stop,
    });
    stop.unless_set(collection)
}

/// As [`collect_oks`], for a vector: where the length is known each item is written straight into its
/// place, and if an error leaves places empty the vector is not needed any more.
///
/// A length that no allocation can have is no reason to fail: an early error may make most of it void.
pub(crate) fn collect_oks_into_vec<I, T, E>(par_iter: I) -> Result<Vec<T>, E>
where
    I: ParallelIterator<Item = Result<T, E>>,
    T: Send,
    E: Send,
{
    let Some(len) = par_iter.opt_len() else {
        return collect_oks(par_iter);
    };
    let mut vec = Vec::new();
    if vec.try_reserve_exact(len).is_err() {
        return collect_oks(par_iter);
    }
    let stop = Stop::new();
    collect::append_unless(
        &mut vec,
        len,
        || stop.is_set(),
        |window| par_iter.drive_unindexed(Opening::new(window, &stop)),
    );
    stop.unless_set(vec)
}

/// The error that stopped a collection, once there is one.
struct Stop<E> {
    is_set: AtomicBool,
    first: Mutex<Option<E>>,
}

impl<E> Stop<E> {
    fn new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            first: Mutex::new(None),
        }
    }

    #[inline]
    fn is_set(&self) -> bool {
        // Relaxed: a hint that work is in vain. The error itself goes by the lock.
        self.is_set.load(Ordering::Relaxed)
    }

    #[cold]
    fn set(&self, error: E) {
        // Whoever finds it locked or taken comes second, and only the first counts.
        if let Ok(mut first) = self.first.try_lock() {
            first.get_or_insert(error);
        }
        self.is_set.store(true, Ordering::Relaxed); // Relaxed: see `is_set`
    }

    /// What was collected, or the error.
    fn unless_set<C>(self, collection: C) -> Result<C, E> {
        let Some(error) = self.err() else {
            return Ok(collection);
        };
        drop(collection); // while the error can be dropped, too, if an item panics
        Err(error)
    }

    /// The error, once all threads are done.
    fn err(self) -> Option<E> {
        // Poisoned means that an unwanted error panicked as it was dropped; then nobody comes here.
        self.first
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What is inside the `Ok`s, until there is an `Err`.
struct Oks<'s, I, E> {
    par_iter: I,
    stop: &'s Stop<E>,
}

impl<I, T, E> ParallelIterator for Oks<'_, I, E>
where
    I: ParallelIterator<Item = Result<T, E>>,
    T: Send,
    E: Send,
{
    type Item = T;

    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<T>,
    {
        self.par_iter
            .drive_unindexed(Opening::new(consumer, self.stop))
    }
}

/// Opens results before what comes next: a consumer or a folder.
struct Opening<'s, C, E> {
    next: C,
    stop: &'s Stop<E>,
    /// Whether nobody else can set the stop now.
    is_alone: bool,
}

impl<'s, C, E> Opening<'s, C, E> {
    #[inline]
    fn new(next: C, stop: &'s Stop<E>) -> Self {
        Self {
            next,
            stop,
            is_alone: false,
        }
    }
}

impl<'s, T, E, C> Consumer<Result<T, E>> for Opening<'s, C, E>
where
    E: Send,
    C: Consumer<T>,
{
    type Folder = Opening<'s, C::Folder, E>;
    type Reducer = C::Reducer;
    type Result = C::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = C::REDUCER_IS_SEND;
    const IS_OPEN: bool = C::IS_OPEN;
    const IS_CUT_FOR_NOTHING: bool = C::IS_CUT_FOR_NOTHING;
    const IS_STOPPED_BY_OTHERS: bool = true;

    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let (left, right, reducer) = self.next.split_at(index);
        (
            Self { next: left, ..self },
            Self {
                next: right,
                ..self
            },
            reducer,
        )
    }

    #[inline]
    fn split_off_open(&self, most: usize) -> Option<(Self, Self::Reducer)> {
        let (next, reducer) = self.next.split_off_open(most)?;
        Some((Self { next, ..*self }, reducer))
    }

    fn into_folder(self) -> Self::Folder {
        Opening::new(self.next.into_folder(), self.stop)
    }

    fn full(&self) -> bool {
        self.stop.is_set() || self.next.full()
    }
}

impl<T, E, C> UnindexedConsumer<Result<T, E>> for Opening<'_, C, E>
where
    E: Send,
    C: UnindexedConsumer<T>,
{
    fn split_off_left(&self) -> Self {
        Self::new(self.next.split_off_left(), self.stop)
    }

    fn to_reducer(&self) -> C::Reducer {
        self.next.to_reducer()
    }
}

impl<T, E, F> Folder<Result<T, E>> for Opening<'_, F, E>
where
    F: Folder<T>,
{
    type Result = F::Result;

    #[inline]
    fn consume(mut self, item: Result<T, E>) -> Self {
        match item {
            Ok(item) => self.next = self.next.consume(item),
            Err(error) => self.stop.set(error),
        }
        self
    }

    #[inline]
    fn consume_iter<I>(mut self, items: I) -> Self
    where
        I: IntoIterator<Item = Result<T, E>>,
    {
        let Self { stop, is_alone, .. } = self;
        let opened = |item| match item {
            Ok(item) => Some(item),
            Err(error) => {
                stop.set(error);
                None
            }
        };
        let mut items = items.into_iter();
        self.next = if is_alone {
            self.next.consume_iter(items.by_ref().map_while(opened))
        } else {
            let wanted = items.by_ref().take_while(|_| !stop.is_set());
            self.next.consume_iter(wanted.map_while(opened))
        };
        drop(items); // while the folder can be dropped, too, if an item panics
        self
    }

    #[inline]
    fn set_alone(&mut self, is_alone: bool) {
        self.is_alone = is_alone;
        self.next.set_alone(is_alone);
    }

    #[inline]
    fn is_alone(&self) -> bool {
        self.is_alone && self.next.is_alone()
    }

    fn complete(self) -> F::Result {
        self.next.complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.stop.is_set() || self.next.full()
    }
}
