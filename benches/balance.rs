//! The workloads of `rows/balance.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/balance.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
