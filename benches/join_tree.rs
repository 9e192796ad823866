//! The workloads of `rows/join_tree.rs` under criterion, with a smaller tree where time is short.

#[macro_use]
mod common;
#[path = "rows/join_tree.rs"]
mod rows;

use common::Effort;

fn main() {
    let n = if Effort::asked_for() == Effort::Full {
        32
    } else {
        24
    };
    common::under_criterion(rows::workloads(n));
}
