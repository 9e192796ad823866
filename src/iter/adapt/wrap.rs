//! New views of a producer, and the crate's one [`ProducerCallback`] for them.

use crate::iter::plumbing::{Producer, ProducerCallback};

/// Makes a producer of a producer: reversed, shortened, numbered, …
pub(crate) trait Wrap<T> {
    /// What the new producer gives out.
    type Item;

    /// Wraps `base`. Runs on the thread that drives, before anything is split.
    fn wrap<P: Producer<Item = T>>(self, base: P) -> impl Producer<Item = Self::Item>;
}

/// Wraps the producer it is lent, and hands it on.
pub(crate) struct WrapCallback<W, CB> {
    wrap: W,
    next: CB,
}

impl<W, CB> WrapCallback<W, CB> {
    #[inline]
    pub(crate) fn new(wrap: W, next: CB) -> Self {
        Self { wrap, next }
    }
}

impl<T, W, CB> ProducerCallback<T> for WrapCallback<W, CB>
where
    W: Wrap<T>,
    CB: ProducerCallback<W::Item>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.next.callback(self.wrap.wrap(base))
    }
}

/// Writes [`lend_memory`](crate::iter::ParallelIterator::lend_memory) for an adapter that makes one item of each, of which its index does not
/// change; or for one that makes at most one of each, in order.
macro_rules! lend_memory_of_base {
    ($(keeps_places: $keeps_places:literal)?) => {
        #[doc(hidden)]
        const LENDS_MEMORY: bool = I::LENDS_MEMORY;

        #[inline]
        fn lend_memory<U>(
            &mut self,
            borrower: $crate::iter::finish::over::Borrower,
        ) -> Option<$crate::iter::finish::over::Lent<U>> {
            let lent = self.base.lend_memory(borrower)?;
            $(let lent = $crate::iter::finish::over::Lent {
                keeps_places: $keeps_places,
                ..lent
            };)?
            Some(lent)
        }
    };
}
pub(crate) use lend_memory_of_base;

/// Writes the methods of an iterator that is always driven by its own producer.
macro_rules! through_producer {
    ($($method:ident),+) => {
        $($crate::iter::adapt::wrap::through_producer!(@ $method);)+
    };
    (@ drive_unindexed) => {
        #[inline]
        fn drive_unindexed<C>(self, consumer: C) -> C::Result
        where
            C: $crate::iter::plumbing::UnindexedConsumer<Self::Item>,
        {
            $crate::iter::plumbing::bridge(self, consumer)
        }
    };
    (@ opt_len) => {
        #[inline]
        fn opt_len(&self) -> Option<usize> {
            Some($crate::iter::IndexedParallelIterator::len(self))
        }
    };
    (@ drive) => {
        #[inline]
        fn drive<C>(self, consumer: C) -> C::Result
        where
            C: $crate::iter::plumbing::Consumer<Self::Item>,
        {
            $crate::iter::plumbing::bridge(self, consumer)
        }
    };
}
pub(crate) use through_producer;

/// Writes `with_producer` of an adapter that wraps the producer of its `base`.
macro_rules! wrap_base {
    (|$this:ident| $wrap:expr) => {
        #[inline]
        fn with_producer<CB>(self, callback: CB) -> CB::Output
        where
            CB: $crate::iter::plumbing::ProducerCallback<Self::Item>,
        {
            let $this = self;
            let wrap = $wrap;
            $this
                .base
                .with_producer($crate::iter::adapt::wrap::WrapCallback::new(wrap, callback))
        }
    };
}
pub(crate) use wrap_base;

/// Writes `min_len` and `max_len` of a producer that has as many items as its `base`.
macro_rules! lengths_of_base {
    () => {
        #[inline]
        fn min_len(&self) -> usize {
            self.base.min_len()
        }

        #[inline]
        fn max_len(&self) -> usize {
            self.base.max_len()
        }
    };
}
pub(crate) use lengths_of_base;
