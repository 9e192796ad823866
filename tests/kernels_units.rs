//! The unit tests of the example `kernels`, which stand beside the code they test.
//!
//! Cargo can run the tests of an example itself, but then it no longer builds the example as a program, and
//! `kernels_cli` needs that one.

#![allow(
    dead_code,
    reason = "without its `main`, nobody calls the outermost functions"
)]

#[path = "../examples/kernels/cli.rs"]
mod cli;
#[path = "../examples/kernels/data/mod.rs"]
mod data;
#[path = "../examples/kernels/failure.rs"]
mod failure;
#[path = "../examples/kernels/input/mod.rs"]
mod input;
#[path = "../examples/kernels/kernel.rs"]
mod kernel;
#[path = "../examples/kernels/kernels/mod.rs"]
mod kernels;
#[path = "../examples/kernels/measure.rs"]
mod measure;
#[path = "../examples/kernels/report.rs"]
mod report;
#[path = "../examples/kernels/table.rs"]
mod table;

use lyocell as par;
