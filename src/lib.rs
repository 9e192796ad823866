//! lyocell
#![warn(rust_2018_idioms)]

mod barrier;
mod deque;
mod job;
mod join;
mod latch;
#[cfg(loom)]
mod models;
mod park;
mod pool;
mod primitive;
mod region;
mod scope;
mod spawn;
mod unwind;

pub use join::{FnContext, join, join_context};
pub use pool::builder::{ThreadPoolBuildError, ThreadPoolBuilder, max_num_threads};
pub use pool::handle::{ThreadPool, current_num_threads, current_thread_index};
pub use scope::{Scope, in_place_scope, scope};
pub use spawn::{Yield, spawn, yield_local, yield_now};
