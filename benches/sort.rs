//! The workloads of `rows/sort.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/sort.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
