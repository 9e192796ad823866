//! The workloads of `rows/wake_latency.rs` under criterion.

#[macro_use]
mod common;
#[path = "rows/wake_latency.rs"]
mod rows;

fn main() {
    common::under_criterion(rows::workloads());
}
