//! What a program wants in scope to use parallel iterators: the traits, and nothing else.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! assert_eq!([3, 1, 2].par_iter().max(), Some(&3));
//! ```

pub use crate::iter::{
    FromParallelIterator, IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator,
    IntoParallelRefMutIterator, ParallelBridge, ParallelDrainFull, ParallelDrainRange,
    ParallelExtend, ParallelIterator,
};
pub use crate::slice::{ParallelSlice, ParallelSliceMut};
pub use crate::str::ParallelString;
