//! The workloads of `rows/tick.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/tick.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
