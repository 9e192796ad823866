//! `Option` in parallel: one item or none.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! assert_eq!(Some(1).into_par_iter().chain(2..4).sum::<i32>(), 6);
//! ```

/// Three iterators over one item at most, by value and by both references.
macro_rules! at_most_one {
    ($(
        $(#[$attr:meta])*
        $name:ident<$($lifetime:lifetime,)? T>, $item:ty, $bound:ident, [$($owner_param:ident)?] $owner:ty, |$whole:ident| $into:expr;
    )+) => { $(
        $(#[$attr])*
        #[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
        #[derive(Debug)]
        pub struct $name<$($lifetime,)? T> {
            item: Option<$item>,
        }

        impl<$($lifetime,)? T: $bound> $crate::iter::plumbing::source::Source for $name<$($lifetime,)? T> {
            type Item = $item;
            type Seq = std::option::IntoIter<$item>;

            #[inline]
            fn length(&self) -> usize {
                usize::from(self.item.is_some())
            }

            #[inline]
            fn cut(self, index: usize) -> (Self, Self) {
                let nothing = Self { item: None };
                if index == 0 { (nothing, self) } else { (self, nothing) }
            }

            #[inline]
            fn seq(self) -> Self::Seq {
                self.item.into_iter()
            }
        }

        $crate::iter::plumbing::source::indexed_source!(impl[$($lifetime,)? T: $bound] $name<$($lifetime,)? T>, $item);

        impl<$($lifetime,)? T: $bound, $($owner_param)?> $crate::iter::IntoParallelIterator for $owner {
            type Item = $item;
            type Iter = $name<$($lifetime,)? T>;

            #[inline]
            fn into_par_iter(self) -> Self::Iter {
                let $whole = self;
                $name { item: $into }
            }
        }
    )+

        impl<T: Clone> Clone for IntoIter<T> {
            fn clone(&self) -> Self {
                Self { item: self.item.clone() }
            }
        }

        impl<T> Clone for Iter<'_, T> {
            fn clone(&self) -> Self {
                Self { item: self.item }
            }
        }
    };
}
pub(crate) use at_most_one;

at_most_one! {
    /// The item of an `Option`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(Some(7).into_par_iter().max(), Some(7));
    /// ```
    IntoIter<T>, T, Send, [] Option<T>, |option| option;

    /// A reference to the item of an `Option`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(None::<u32>.par_iter().max(), None);
    /// ```
    Iter<'a, T>, &'a T, Sync, [] &'a Option<T>, |option| option.as_ref();

    /// A mutable reference to the item of an `Option`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut item = Some(1);
    /// item.par_iter_mut().for_each(|n| *n += 1);
    /// assert_eq!(item, Some(2));
    /// ```
    IterMut<'a, T>, &'a mut T, Send, [] &'a mut Option<T>, |option| option.as_mut();
}
