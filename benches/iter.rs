//! The workloads of `rows/iter.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/iter.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
