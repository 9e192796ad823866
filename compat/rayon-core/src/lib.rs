//! [`lyocell`] by the name of rayon-core, for crates that ask for the pool alone. What the iterators add is there as well, and does no harm.
//!
//! ```
//! assert_eq!(rayon_core::join(|| 1, || 2), (1, 2));
//! ```

pub use lyocell::*;
