//! What the benches share. A [`Workload`] lists its [`Row`]s once, one per library; criterion and `ratios` both take
//! them from there.
//!
//! | room | holds |
//! |---|---|
//! | `effort` | how much time a run may take, from the command line |
//! | `clock` | wall time, and the CPU time of the process and of one thread |
//! | `meter` | what one turn of a row is, and what it took |
//! | `row` | `Workload`, `Row`, `Who`, and `twins!`: one source for rayon and for lyocell |
//! | `pools` | pools of a given width, awake before the first call |
//! | `pins` | a processor for each thread |
//! | `data` | seeded inputs |
//! | `weather` | how many cores a run really had |
//! | `stats` | medians, quartiles, times in print |
//! | `under_criterion` | workloads as criterion benches |
#![allow(dead_code, unused_macros, unused_imports)] // every bench compiles this folder and uses a part of it

pub(crate) mod clock;
pub(crate) mod data;
pub(crate) mod effort;
pub(crate) mod meter;
pub(crate) mod pins;
#[macro_use]
pub(crate) mod pools;
#[macro_use]
pub(crate) mod row;
pub(crate) mod stats;
mod under_criterion;
pub(crate) mod weather;

pub(crate) use effort::Effort;
pub(crate) use meter::{Meter, Took};
pub(crate) use row::{Row, Who, Workload};
pub(crate) use under_criterion::under_criterion;
