//! [`lyocell`] by the name of rayon, so that a whole dependency tree moves over at once:
//!
//! ```toml
//! [patch.crates-io]
//! rayon = { path = ".../compat/rayon" }
//! rayon-core = { path = ".../compat/rayon-core" }
//! ```
//!
//! ```
//! use rayon::prelude::*;
//! assert_eq!((1..=4).into_par_iter().sum::<i32>(), 10);
//! ```

pub use lyocell::*;
