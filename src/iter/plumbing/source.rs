//! Sources that are their own cursor: a slice, a range, an option. The producer and the driving methods
//! are the same for all of them.

use super::{Folder, Producer};

/// Something with a length that can be cut in two of the same kind.
pub(crate) trait Source: Send + Sized {
    /// What each index holds.
    type Item;

    /// The sequential iterator over it.
    type Seq: DoubleEndedIterator<Item = Self::Item> + ExactSizeIterator;

    /// How many items there are.
    fn length(&self) -> usize;

    /// Cuts into the items before `index` and the items from `index` on.
    fn cut(self, index: usize) -> (Self, Self);

    /// Begins to give out the items.
    fn seq(self) -> Self::Seq;

    /// Pours all items into a folder. To override it pays as for [`Producer::fold_with`].
    #[inline]
    fn pour<F: Folder<Self::Item>>(self, folder: F) -> F {
        folder.consume_iter(self.seq())
    }
}

/// A source as a producer. (Not the source itself, which would then have two kinds of `into_iter`.)
pub(crate) struct SourceProducer<S>(pub(crate) S);

impl<S: Source> Producer for SourceProducer<S> {
    type Item = S::Item;
    type IntoIter = S::Seq;
    const GIVES_BLOCKS: bool = true;

    #[inline]
    fn into_iter(self) -> S::Seq {
        self.0.seq()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.0.cut(index);
        (Self(left), Self(right))
    }

    #[inline]
    fn fold_with<F: Folder<S::Item>>(self, folder: F) -> F {
        self.0.pour(folder)
    }
}

/// [`pour_blocks`](crate::iter::ParallelIterator::pour_blocks) of a source.
#[inline]
pub(crate) fn pour_blocks<S, F>(
    mut source: S,
    mut folder: F,
    mut next_block: impl FnMut(usize) -> usize,
) -> (F, Option<S>)
where
    S: Source,
    F: Folder<S::Item>,
{
    loop {
        let len = source.length();
        let block = next_block(len);
        if block >= len {
            return (source.pour(folder), None);
        }
        if block == 0 || folder.full() {
            return (folder, Some(source));
        }
        let (now, later) = source.cut(block);
        folder = now.pour(folder);
        source = later;
    }
}

/// Writes `pour_blocks` of a source.
macro_rules! pour_source_blocks {
    () => {
        #[inline]
        fn pour_blocks<Next, Ask>(self, folder: Next, next_block: Ask) -> (Next, Option<Self>)
        where
            Next: $crate::iter::plumbing::Folder<Self::Item>,
            Ask: FnMut(usize) -> usize,
        {
            $crate::iter::plumbing::source::pour_blocks(self, folder, next_block)
        }
    };
}
pub(crate) use pour_source_blocks;

/// Makes a [`Source`] an indexed parallel iterator.
macro_rules! indexed_source {
    (impl[$($param:tt)*] $source:ty, $item:ty) => {
        impl<$($param)*> $crate::iter::ParallelIterator for $source {
            type Item = $item;
            $crate::iter::adapt::wrap::through_producer!(drive_unindexed, opt_len);
            $crate::iter::plumbing::source::pour_source_blocks!();

            /// From behind, as it is likely to be there.
            #[inline]
            fn find_last<P>(self, predicate: P) -> Option<$item>
            where
                P: Fn(&$item) -> bool + Sync + Send,
            {
                use $crate::iter::IndexedParallelIterator;
                self.rev().find_first(predicate)
            }
        }

        impl<$($param)*> $crate::iter::IndexedParallelIterator for $source {
            $crate::iter::adapt::wrap::through_producer!(drive);

            #[inline]
            fn len(&self) -> usize {
                $crate::iter::plumbing::source::Source::length(self)
            }

            #[inline]
            fn with_producer<CB>(self, callback: CB) -> CB::Output
            where
                CB: $crate::iter::plumbing::ProducerCallback<$item>,
            {
                callback.callback($crate::iter::plumbing::source::SourceProducer(self))
            }
        }
    };
}
pub(crate) use indexed_source;
