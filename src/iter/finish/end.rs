//! An end that is the same for every piece, and the consumer made of it.

use std::marker::PhantomData;

use crate::iter::plumbing::{Consumer, Folder, Reducer, SendProof, UnindexedConsumer};

/// What is done with the items at last, wherever in the sequence they are.
///
/// A few references at most, copied to every piece.
pub(crate) trait End<T>: Copy + Send {
    /// What takes the items of one piece.
    type Folder: Folder<T, Result = Self::Result>;

    /// What a piece comes to.
    type Result: Send;

    /// Begins a piece.
    fn folder(self) -> Self::Folder;

    /// Whether it may become full, by what others have found.
    const IS_STOPPED_BY_OTHERS: bool = false;

    /// Joins two neighbours.
    fn join(self, left: Self::Result, right: Self::Result) -> Self::Result;

    /// Whether no piece need be begun any more.
    #[inline]
    fn is_full(self) -> bool {
        false
    }
}

/// An end as a consumer, and as its reducer.
pub(crate) struct Ending<T, E> {
    end: E,
    marker: PhantomData<fn(T)>,
}

impl<T, E: End<T>> Ending<T, E> {
    #[inline]
    pub(crate) fn new(end: E) -> Self {
        Self {
            end,
            marker: PhantomData,
        }
    }
}

impl<T, E: End<T>> Consumer<T> for Ending<T, E> {
    type Folder = E::Folder;
    type Reducer = Self;
    type Result = E::Result;
    const REDUCER_IS_SEND: Option<SendProof<Self::Reducer>> = SendProof::HERE;
    const IS_OPEN: bool = true;
    const IS_STOPPED_BY_OTHERS: bool = E::IS_STOPPED_BY_OTHERS;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, Self) {
        (Self::new(self.end), Self::new(self.end), self)
    }

    #[inline]
    fn split_off_open(&self, _most: usize) -> Option<(Self, Self::Reducer)> {
        Some((Self::new(self.end), Self::new(self.end)))
    }

    #[inline]
    fn into_folder(self) -> E::Folder {
        self.end.folder()
    }

    #[inline]
    fn full(&self) -> bool {
        self.end.is_full()
    }
}

impl<T, E: End<T>> UnindexedConsumer<T> for Ending<T, E> {
    #[inline]
    fn split_off_left(&self) -> Self {
        Self::new(self.end)
    }

    #[inline]
    fn to_reducer(&self) -> Self {
        Self::new(self.end)
    }
}

impl<T, E: End<T>> Reducer<E::Result> for Ending<T, E> {
    #[inline]
    fn reduce(self, left: E::Result, right: E::Result) -> E::Result {
        self.end.join(left, right)
    }
}
