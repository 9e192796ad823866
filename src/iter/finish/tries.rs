//! `try_reduce`, `try_reduce_with`, and with them `try_for_each`: an end that fails fast.

use std::convert::Infallible;
use std::ops::ControlFlow::{self, Break, Continue};
use std::task::Poll;

use crate::iter::ParallelIterator;
use crate::iter::flag::Flag;
use crate::iter::plumbing::Folder;

use super::end::{End, Ending};

#[allow(unnameable_types)] // sealed
mod private {
    use super::ControlFlow;

    /// What `?` works on: `Option`, `Result`, `ControlFlow`, and the two kinds of `Poll` of a `Result`.
    ///
    /// It stands in for std's own trait of that name as long as that is unstable. Nobody can implement
    /// it, so that nothing breaks when std's takes its place.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a type that `?` can work on",
        label = "expected `Option`, `Result`, `ControlFlow` or a `Poll` of a `Result`"
    )]
    pub trait Try {
        /// What is inside when all is well.
        type Output;

        /// What is left when it is not.
        type Residual;

        #[doc(hidden)]
        fn from_output(output: Self::Output) -> Self;

        #[doc(hidden)]
        fn from_residual(residual: Self::Residual) -> Self;

        #[doc(hidden)]
        fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
    }
}
pub(in crate::iter) use private::Try;

/// One row per type: how it is made, and how it is taken apart.
macro_rules! tries {
    ($(
        impl[$($param:ident),*] $type:ty {
            $output:ty, $residual:ty;
            |$out:ident| $from_output:expr, |$res:ident| $from_residual:expr;
            $($pattern:pat => $branch:expr),+
        }
    )+) => { $(
        impl<$($param),*> Try for $type {
            type Output = $output;
            type Residual = $residual;

            #[inline]
            fn from_output($out: Self::Output) -> Self {
                $from_output
            }

            #[inline]
            fn from_residual($res: Self::Residual) -> Self {
                $from_residual
            }

            #[inline]
            fn branch(self) -> ControlFlow<Self::Residual, Self::Output> {
                match self {
                    $($pattern => $branch,)+
                }
            }
        }
    )+ };
}

tries! {
    impl[T] Option<T> {
        T, Option<Infallible>;
        |output| Some(output), |_none| None;
        Some(output) => Continue(output), None => Break(None)
    }
    impl[T, E] Result<T, E> {
        T, Result<Infallible, E>;
        |output| Ok(output), |residual| match residual { Err(error) => Err(error) };
        Ok(output) => Continue(output), Err(error) => Break(Err(error))
    }
    impl[B, C] ControlFlow<B, C> {
        C, ControlFlow<B, Infallible>;
        |output| Continue(output), |residual| match residual { Break(value) => Break(value) };
        Continue(output) => Continue(output), Break(value) => Break(Break(value))
    }
    impl[T, E] Poll<Result<T, E>> {
        Poll<T>, Result<Infallible, E>;
        |output| output.map(Ok), |residual| match residual { Err(error) => Poll::Ready(Err(error)) };
        Poll::Ready(Ok(output)) => Continue(Poll::Ready(output)),
        Poll::Ready(Err(error)) => Break(Err(error)),
        Poll::Pending => Continue(Poll::Pending)
    }
    impl[T, E] Poll<Option<Result<T, E>>> {
        Poll<Option<T>>, Result<Infallible, E>;
        |output| output.map(|item| item.map(Ok)),
        |residual| match residual { Err(error) => Poll::Ready(Some(Err(error))) };
        Poll::Ready(Some(Ok(output))) => Continue(Poll::Ready(Some(output))),
        Poll::Ready(Some(Err(error))) => Break(Err(error)),
        Poll::Ready(None) => Continue(Poll::Ready(None)),
        Poll::Pending => Continue(Poll::Pending)
    }
}

/// What the items of a piece have come to; it is final once it is `Break`.
type Control<T> = ControlFlow<<T as Try>::Residual, <T as Try>::Output>;

#[inline]
fn from_control<T: Try>(control: Control<T>) -> T {
    match control {
        Continue(output) => T::from_output(output),
        Break(residual) => T::from_residual(residual),
    }
}

/// Joins what is inside of all items, until one of them, or `op`, fails.
#[inline]
pub(crate) fn try_reduce<I, T, ID, F>(items: I, identity: ID, op: F) -> T
where
    I: ParallelIterator<Item = T>,
    T: Try + Send,
    ID: Fn() -> T::Output + Sync,
    F: Fn(T::Output, T::Output) -> T + Sync,
{
    let end = TryReduce {
        identity: &identity,
        op: &op,
        has_failed: &Flag::new(),
    };
    items.drive_unindexed(Ending::new(end))
}

struct TryReduce<'f, ID, F> {
    identity: &'f ID,
    op: &'f F,
    has_failed: &'f Flag,
}

impl<ID, F> Clone for TryReduce<'_, ID, F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<ID, F> Copy for TryReduce<'_, ID, F> {}

impl<'f, T, ID, F> End<T> for TryReduce<'f, ID, F>
where
    T: Try + Send,
    ID: Fn() -> T::Output + Sync,
    F: Fn(T::Output, T::Output) -> T + Sync,
{
    type Folder = TryReduced<'f, T, F>;
    type Result = T;
    const IS_STOPPED_BY_OTHERS: bool = true;

    #[inline]
    fn folder(self) -> Self::Folder {
        let control = Continue((self.identity)());
        TryReduced {
            control,
            op: self.op,
            has_failed: self.has_failed,
            is_alone: false,
        }
    }

    #[inline]
    fn join(self, left: T, right: T) -> T {
        from_control(join_both::<T>(left.branch(), right.branch(), self.op))
    }

    #[inline]
    fn is_full(self) -> bool {
        self.has_failed.is_set()
    }
}

struct TryReduced<'f, T: Try, F> {
    control: Control<T>,
    op: &'f F,
    has_failed: &'f Flag,
    is_alone: bool,
}

impl<T, F> Folder<T> for TryReduced<'_, T, F>
where
    T: Try,
    F: Fn(T::Output, T::Output) -> T,
{
    type Result = T;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        self.control = join_both::<T>(self.control, item.branch(), self.op);
        if self.control.is_break() {
            self.has_failed.set();
        }
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let Continue(first) = self.control else {
            drop(items);
            return self;
        };
        let Self { op, has_failed, .. } = self;
        self.control = if self.is_alone {
            join_all(first, items.into_iter(), op)
        } else {
            let items = items.into_iter();
            join_all(first, items.take_while(|_| !has_failed.is_set()), op)
        };
        if self.control.is_break() {
            has_failed.set();
        }
        self
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
    fn complete(self) -> T {
        from_control(self.control)
    }

    #[inline]
    fn full(&self) -> bool {
        self.control.is_break() || self.has_failed.is_set()
    }
}

/// Joins what is inside of two, until one of them, or `op`, fails. What is not handed on is dropped first: if it panicked afterwards, the
/// other would be neither returned nor dropped.
#[inline]
fn join_both<T: Try>(
    left: Control<T>,
    right: Control<T>,
    op: impl Fn(T::Output, T::Output) -> T,
) -> Control<T> {
    match (left, right) {
        (Continue(left), Continue(right)) => op(left, right).branch(),
        (Break(residual), right) => {
            drop(right);
            Break(residual)
        }
        (Continue(left), Break(residual)) => {
            drop(left);
            Break(residual)
        }
    }
}

/// Joins what is inside of all items behind `first`, until one of them, or `op`, fails.
#[inline]
fn join_all<T: Try>(
    first: T::Output,
    mut items: impl Iterator<Item = T>,
    op: impl Fn(T::Output, T::Output) -> T,
) -> Control<T> {
    let control = items.try_fold(first, |left, item| {
        join_both::<T>(Continue(left), item.branch(), &op)
    });
    drop(items);
    control
}

/// Joins what is inside of all items, until one of them, or `op`, fails; `None` if there are none.
#[inline]
pub(crate) fn try_reduce_with<I, T, F>(items: I, op: F) -> Option<T>
where
    I: ParallelIterator<Item = T>,
    T: Try + Send,
    F: Fn(T::Output, T::Output) -> T + Sync,
{
    let end = TryReduceWith {
        op: &op,
        has_failed: &Flag::new(),
    };
    items.drive_unindexed(Ending::new(end))
}

struct TryReduceWith<'f, F> {
    op: &'f F,
    has_failed: &'f Flag,
}

impl<F> Clone for TryReduceWith<'_, F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for TryReduceWith<'_, F> {}

impl<'f, T, F> End<T> for TryReduceWith<'f, F>
where
    T: Try + Send,
    F: Fn(T::Output, T::Output) -> T + Sync,
{
    type Folder = TryReducedWith<'f, T, F>;
    type Result = Option<T>;
    const IS_STOPPED_BY_OTHERS: bool = true;

    #[inline]
    fn folder(self) -> Self::Folder {
        TryReducedWith {
            control: None,
            op: self.op,
            has_failed: self.has_failed,
            is_alone: false,
        }
    }

    #[inline]
    fn join(self, left: Option<T>, right: Option<T>) -> Option<T> {
        let (left, right) = match (left, right) {
            (Some(left), Some(right)) => (left, right),
            (left, right) => return left.or(right),
        };
        let both = join_both::<T>(left.branch(), right.branch(), self.op);
        Some(from_control(both))
    }

    #[inline]
    fn is_full(self) -> bool {
        self.has_failed.is_set()
    }
}

struct TryReducedWith<'f, T: Try, F> {
    control: Option<Control<T>>,
    op: &'f F,
    has_failed: &'f Flag,
    is_alone: bool,
}

impl<T, F> Folder<T> for TryReducedWith<'_, T, F>
where
    T: Try,
    F: Fn(T::Output, T::Output) -> T,
{
    type Result = Option<T>;

    #[inline]
    fn consume(self, item: T) -> Self {
        let control = match self.control {
            Some(so_far) => join_both::<T>(so_far, item.branch(), self.op),
            None => item.branch(),
        };
        if control.is_break() {
            self.has_failed.set();
        }
        Self {
            control: Some(control),
            ..self
        }
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, items: I) -> Self {
        let Self { op, has_failed, .. } = self;
        let mut items = items.into_iter();
        let first = match self.control.take() {
            None => items.next().map(T::branch),
            so_far => so_far,
        };
        self.control = first.map(|first| match first {
            Break(_) => {
                drop(items);
                first
            }
            Continue(first) if self.is_alone => join_all(first, items, op),
            Continue(first) => join_all(first, items.take_while(|_| !has_failed.is_set()), op),
        });
        if self.control.as_ref().is_some_and(Control::<T>::is_break) {
            has_failed.set();
        }
        self
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
        self.control.map(from_control)
    }

    #[inline]
    fn full(&self) -> bool {
        self.has_failed.is_set()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums that fail beyond a hundred, or where an item has failed.
    fn plus(left: u32, right: u32) -> Option<u32> {
        Some(left + right).filter(|sum| *sum <= 100)
    }

    type Batches<'a> = [&'a [Option<u32>]; 2];

    /// What two batches of items come to: one by one, batch by batch, and batch by batch with nobody else at work.
    fn fold<'f, F: Folder<Option<u32>>>(
        flags: &'f [Flag; 3],
        folder: impl Fn(&'f Flag) -> F,
        batches: Batches<'_>,
    ) -> [F::Result; 3] {
        let [one_by_one, together, mut alone] = flags.each_ref().map(folder);
        alone.set_alone(true);
        let batches = || batches.into_iter().map(|batch| batch.iter().copied());
        [
            batches().flatten().fold(one_by_one, F::consume).complete(),
            batches().fold(together, F::consume_iter).complete(),
            batches().fold(alone, F::consume_iter).complete(),
        ]
    }

    #[test]
    fn items_are_joined_until_one_fails() {
        let cases: [(Batches<'_>, Option<Option<u32>>); 7] = [
            ([&[], &[]], None),
            ([&[Some(1)], &[]], Some(Some(1))),
            ([&[], &[Some(1), Some(2)]], Some(Some(3))),
            ([&[Some(1), Some(2)], &[Some(3)]], Some(Some(6))),
            ([&[None], &[Some(2)]], Some(None)),
            ([&[Some(1), Some(2)], &[Some(3), None]], Some(None)),
            ([&[Some(60), Some(41)], &[Some(1)]], Some(None)),
        ];
        let new_flags = || [(); 3].map(|()| Flag::new());
        for (batches, want) in cases {
            let (with, without) = (new_flags(), new_flags());
            let folder = |has_failed| {
                TryReduceWith {
                    op: &plus,
                    has_failed,
                }
                .folder()
            };
            assert_eq!(fold(&with, folder, batches), [want; 3]);
            let identity = &|| 0;
            let folder = |has_failed| {
                TryReduce {
                    identity,
                    op: &plus,
                    has_failed,
                }
                .folder()
            };
            assert_eq!(
                fold(&without, folder, batches),
                [want.unwrap_or(Some(0)); 3]
            );
            let flags = with.iter().chain(&without);
            assert!(
                flags
                    .map(Flag::is_set)
                    .all(|is_set| is_set == (want == Some(None)))
            );
        }
    }
}
