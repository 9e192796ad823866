//! The workloads of `rows/pauses.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/pauses.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
