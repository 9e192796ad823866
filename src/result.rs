//! `Result` in parallel: one item if it is `Ok`, none if not.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! assert_eq!("7".parse::<u32>().into_par_iter().chain(2..4).sum::<u32>(), 12);
//! ```

use crate::option::at_most_one;

at_most_one! {
    /// The item of a `Result` that is `Ok`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(Ok::<_, ()>(7).into_par_iter().max(), Some(7));
    /// ```
    IntoIter<T>, T, Send, [E] Result<T, E>, |result| result.ok();

    /// A reference to the item of a `Result` that is `Ok`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!(Err::<u32, _>("none").par_iter().max(), None);
    /// ```
    Iter<'a, T>, &'a T, Sync, [E] &'a Result<T, E>, |result| result.as_ref().ok();

    /// A mutable reference to the item of a `Result` that is `Ok`.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let mut item = Ok::<_, ()>(1);
    /// item.par_iter_mut().for_each(|n| *n += 1);
    /// assert_eq!(item, Ok(2));
    /// ```
    IterMut<'a, T>, &'a mut T, Send, [E] &'a mut Result<T, E>, |result| result.as_mut().ok();
}
