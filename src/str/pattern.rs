//! Which characters a search looks for.

#[allow(unnameable_types)] // sealed
mod private {
    /// What a text is searched for: a `char`, one of some (`&[char]`, `[char; N]`, `&[char; N]`), or those for which a
    /// closure `Fn(char) -> bool + Sync + Send` is true.
    ///
    /// It stands in for std's own trait of that name as long as that is unstable. Nobody can implement it, so that nothing
    /// breaks when std's takes its place.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be searched for in parallel",
        label = "expected a `char`, a slice or an array of them, or a closure `Fn(char) -> bool + Sync + Send`",
        note = "to search for a whole string, use `str::split` or `str::match_indices`"
    )]
    pub trait Pattern: Sized + Sync + Send {
        #[doc(hidden)]
        fn find(&self, text: &str) -> Option<usize>;

        #[doc(hidden)]
        fn rfind(&self, text: &str) -> Option<usize>;

        #[doc(hidden)]
        fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str>;

        #[doc(hidden)]
        fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str>;

        #[doc(hidden)]
        fn split_inclusive<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str>;

        #[doc(hidden)]
        fn matches<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str>;

        #[doc(hidden)]
        fn match_indices<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)>;
    }
}
pub(super) use private::Pattern;

use either::{Left, Right};
use memchr::{memchr, memrchr};

use super::byte::{Matches, Parts, byte_of};

/// By the byte, if it has but one, else by std's own search.
impl Pattern for char {
    #[inline]
    fn find(&self, text: &str) -> Option<usize> {
        match byte_of(*self) {
            Some(byte) => memchr(byte, text.as_bytes()),
            None => text.find(*self),
        }
    }

    #[inline]
    fn rfind(&self, text: &str) -> Option<usize> {
        match byte_of(*self) {
            Some(byte) => memrchr(byte, text.as_bytes()),
            None => text.rfind(*self),
        }
    }

    #[inline]
    fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_suffix(*self)
    }

    #[inline]
    fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        match byte_of(*self) {
            Some(byte) => Left(Parts::<false>::new(text, byte)),
            None => Right(text.split(*self)),
        }
    }

    #[inline]
    fn split_inclusive<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        match byte_of(*self) {
            Some(byte) => Left(Parts::<true>::new(text, byte)),
            None => Right(text.split_inclusive(*self)),
        }
    }

    #[inline]
    fn matches<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        match byte_of(*self) {
            Some(byte) => Left(Matches::new(text, byte, |place| &text[place..=place])),
            None => Right(text.matches(*self)),
        }
    }

    #[inline]
    fn match_indices<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        match byte_of(*self) {
            Some(byte) => Left(Matches::new(text, byte, |place| {
                (place, &text[place..=place])
            })),
            None => Right(text.match_indices(*self)),
        }
    }
}

/// One row for each of the other kinds: the pattern as std takes it, with std's own search.
macro_rules! patterns {
    ($(impl[$($param:tt)*] $type:ty: |$this:ident| $std:expr;)+) => { $(
        impl<$($param)*> Pattern for $type {
            #[inline]
            fn find(&self, text: &str) -> Option<usize> {
                let $this = self;
                text.find($std)
            }

            #[inline]
            fn rfind(&self, text: &str) -> Option<usize> {
                let $this = self;
                text.rfind($std)
            }

            #[inline]
            fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str> {
                let $this = self;
                text.strip_suffix($std)
            }

            #[inline]
            fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
                let $this = self;
                text.split($std)
            }

            #[inline]
            fn split_inclusive<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
                let $this = self;
                text.split_inclusive($std)
            }

            #[inline]
            fn matches<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
                let $this = self;
                text.matches($std)
            }

            #[inline]
            fn match_indices<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
                let $this = self;
                text.match_indices($std)
            }
        }
    )+ };
}

patterns! {
    impl[] &[char]: |this| *this;
    impl[const N: usize] [char; N]: |this| *this;
    impl[const N: usize] &[char; N]: |this| *this;
    impl[F: Fn(char) -> bool + Sync + Send] F: |this| this;
}
