//! A parallel iterator in a box: of whatever type, known by its items alone.
//!
//! It is a source and a producer of our own making, as other crates write them, and it spares the compiler from building every
//! check once for every chain.

use lyocell::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use lyocell::prelude::*;

pub(crate) struct Boxed<'a, T>(Box<dyn AnyIterator<T> + 'a>);

trait AnyIterator<T>: Send {
    fn items(&self) -> usize;
    fn produce(self: Box<Self>, callback: &mut dyn FnMut(BoxedProducer<'_, T>));
}

impl<T: Send, I: IndexedParallelIterator<Item = T>> AnyIterator<T> for I {
    fn items(&self) -> usize {
        self.len()
    }

    fn produce(self: Box<Self>, callback: &mut dyn FnMut(BoxedProducer<'_, T>)) {
        struct Call<'a, T>(&'a mut dyn FnMut(BoxedProducer<'_, T>));
        impl<T: Send> ProducerCallback<T> for Call<'_, T> {
            type Output = ();

            fn callback<P: Producer<Item = T>>(self, producer: P) {
                (self.0)(BoxedProducer(Box::new(producer)));
            }
        }
        self.with_producer(Call(callback));
    }
}

impl<'a, T: Send> Boxed<'a, T> {
    pub(crate) fn new(iter: impl IndexedParallelIterator<Item = T> + 'a) -> Self {
        Self(Box::new(iter))
    }
}

impl<T: Send> ParallelIterator for Boxed<'_, T> {
    type Item = T;

    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.items())
    }
}

impl<T: Send> IndexedParallelIterator for Boxed<'_, T> {
    fn len(&self) -> usize {
        self.0.items()
    }

    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        let (mut callback, mut output) = (Some(callback), None);
        self.0.produce(&mut |producer| {
            output = callback.take().map(|callback| callback.callback(producer));
        });
        output.expect("a producer is handed over once")
    }
}

struct BoxedProducer<'p, T>(Box<dyn AnyProducer<T> + 'p>);

trait AnyProducer<T>: Send {
    fn bounds(&self) -> (usize, usize);
    fn split<'p>(self: Box<Self>, index: usize) -> (BoxedProducer<'p, T>, BoxedProducer<'p, T>)
    where
        Self: 'p;
    fn iter<'p>(self: Box<Self>) -> Box<dyn AnySequence<T> + 'p>
    where
        Self: 'p;
}

trait AnySequence<T>: DoubleEndedIterator<Item = T> + ExactSizeIterator {}
impl<T, I: DoubleEndedIterator<Item = T> + ExactSizeIterator> AnySequence<T> for I {}

impl<T, P: Producer<Item = T>> AnyProducer<T> for P {
    fn bounds(&self) -> (usize, usize) {
        (self.min_len(), self.max_len())
    }

    fn split<'p>(self: Box<Self>, index: usize) -> (BoxedProducer<'p, T>, BoxedProducer<'p, T>)
    where
        Self: 'p,
    {
        let (left, right) = self.split_at(index);
        (
            BoxedProducer(Box::new(left)),
            BoxedProducer(Box::new(right)),
        )
    }

    fn iter<'p>(self: Box<Self>) -> Box<dyn AnySequence<T> + 'p>
    where
        Self: 'p,
    {
        Box::new(self.into_iter())
    }
}

impl<'p, T: 'p> Producer for BoxedProducer<'p, T> {
    type Item = T;
    type IntoIter = Box<dyn AnySequence<T> + 'p>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }

    fn min_len(&self) -> usize {
        self.0.bounds().0
    }

    fn max_len(&self) -> usize {
        self.0.bounds().1
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        self.0.split(index)
    }
}
