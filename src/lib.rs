//! Data parallelism for Rust: rayon's whole way of working, with forks that cost next to nothing.
//!
//! A loop runs on all cores once `iter` reads `par_iter`:
//!
//! ```
//! use lyocell::prelude::*;
//!
//! let words = ["warp", "weft", "loom", "shuttle"];
//! let letters: usize = words.par_iter().map(|word| word.len()).sum();
//! assert_eq!(letters, 19);
//! ```
//!
//! # From `.iter()` to `.par_iter()`
//!
//! | sequential                    | parallel                                                      |
//! |-------------------------------|---------------------------------------------------------------|
//! | `v.iter()`, `v.iter_mut()`    | `v.par_iter()`, `v.par_iter_mut()`                            |
//! | `v.into_iter()`, `0..n`       | `v.into_par_iter()`, `(0..n).into_par_iter()`                 |
//! | `v.chunks(n)`, `v.windows(n)` | `v.par_chunks(n)`, `v.par_windows(n)`                         |
//! | `v.sort()`                    | `v.par_sort()`                                                |
//! | `s.lines()`, `s.chars()`      | `s.par_lines()`, `s.par_chars()`                              |
//! | `.fold(0, f)`                 | `.fold(\|\| 0, f)` gives one sum for each piece, `.sum()` joins them |
//! | `.find(f)`                    | `.find_any(f)`, or `.find_first(f)` where the first one counts |
//!
//! `map`, `filter`, `zip`, `enumerate`, `collect` and all the rest keep their names and their order. What closures share must
//! be `Sync`, and what they pass on `Send`; the compiler sees to that.
//!
//! # Without iterators
//! [`join`](join()) runs two closures, perhaps at the same time; [`scope`](scope()) runs any number that borrow from the caller's
//! frame; [`spawn`](spawn()) runs one that nobody waits for; [`broadcast`](broadcast()) runs one on every thread. A [`ThreadPool`] keeps work apart from the global pool.
//!
//! # What to count on
//! - A panic in any closure surfaces in the caller with its payload, after all that ran beside it has ended. Each value is dropped
//!   once.
//! - A job that was pushed can be taken by any free thread at once; no wake-up is lost.
//! - A thread from outside that calls into the global pool works itself, in the place of an idle thread. What waits in such a call does
//!   no strangers' jobs meanwhile, so a lock may be held around it (of calls that broadcast see [`broadcast`](broadcast())); elsewhere,
//!   [`isolate`] sees to that.
//! - A pool at rest uses no processor time at all: no timer, no heartbeat, no polling.
//! - A dropped pool finishes what was spawned on it, and joins its threads, if that takes no longer than some seconds.
//!
//! # When threads wake
//! To wake a thread costs the one who does it some 10 µs on a virtual machine, as much as thousands of additions. What is promised:
//!
//! - What is one of few finds a thread at once: each side of a [`join`](join()), each job of a [`scope`](scope()), each item of a loop of up to 16
//!   items per thread, unless all of that loop was over too soon for it the last time. If nobody is up and looking for work, a sleeper is woken
//!   before the caller begins with its own part.
//! - How long it takes a woken thread to come is measured all the time. Help is worth one and a half times that: some 50 µs where a thread comes after 34,
//!   20 µs for a loop that is met for the first time, and 6 where nobody needs to be woken. Loops that come within 8 µs of each other are worth it
//!   together.
//! - A longer loop begins on the calling thread, and asks for help as soon as its items so far took half of what is worth it, or a quarter if the rest
//!   will take all of it at that rate. If the same loop took that long the last time, it asks at once; if not, only when it has been
//!   that long, or will be at that rate. No single item is interrupted, so one that turns out to be long is waited for before the items after it are
//!   shared.
//! - A part of a loop on which one thread still works while others have nothing to do is cut again, as long as what is left of it will take 60
//!   µs or more: half of that is given away. So loops whose items differ need no hint; a loop of even ones becomes no more pieces than
//!   the threads are worth, and none that is likely to take less than 1.5 µs.
//! - A search that was over long before its end is begun alone the next time, for twice as long as it took, but 50 µs at most.
//! - A longer loop of many items is begun alone after it has been shared for 200 µs in all, but from 2 to 8 times, and once in a while after
//!   that. As soon as it turns out that it will take longer than it did in company, the rest is shared. If it took one thread less, one thread keeps it for the next 3 to 31 times; then company is tried
//!   again. (Strings by value, for one, whose allocator lets only one thread at a time give them back.)
//! - Nobody is woken while somebody is up and looking; whoever finds work and was the last one looking wakes the next: one whose processor is free,
//!   if there is one, else one that fell asleep on its own (on Linux).
//!   Who finds none looks for some 25 µs, the second half of them giving way to others, and then sleeps until a signal comes. After
//!   two sleeps in a row that were much longer than that, it looks for a quarter of it.
//!
//! Tried and dropped, each for its price: asking for help at once in any case (rayon does; its sum of 1,000 numbers from outside takes
//! 30 times as long); doing the whole rest alone if the first leaf was quick (heavy items at the end stayed with one thread); trying the
//! first item of a loop that is known to be long (26 µs for one block of bodies, in which the other threads fell asleep: an n-body
//! simulation took 1.04 of rayon's time, and 1.00 without); searching for only as long as a wake-up takes (a core that has slept
//! does the same arithmetic 13 % slower for one or two milliseconds); timers (to arm one costs as much as to wake a thread).
//!
//! # Where threads are scarce
//! If the system gives the global pool fewer threads than it wants, it works with those. If it gives none (as on WebAssembly
//! without atomics), each call does all of its work on the calling thread, detached jobs included, before it returns.
//! A pool of one's own reports the error instead.
//!
//! # After a `fork`
//! A child process has none of its parent's threads. There the global pool starts afresh, and a [`ThreadPool`] of the parent panics
//! when it is used, instead of hanging. (This goes for `fork` itself, on Linux, macOS and FreeBSD. A bare `clone` tells nobody.)
//! If another thread of the parent was about to start or to end at that moment, std itself may be unable to start one in the child: fork
//! when all pools have started, or call nothing there that needs a thread.
//!
//! # The rooms
//! For those who read on, from the bottom up: `primitive` is the door to atomics and threads, `barrier` a fence that only one
//! side pays for; `deque`, `job`, `latch` and `park` (which states the wake protocol) make a `pool` of workers; `join`,
//! `scope`, `spawn`, `fifo` and `broadcast` lend it work; [`iter`] and the sources around it turn loops into such work. `models` proves the
//! protocols, with `--cfg loom`, and tries whole pools at random, with `--cfg shuttle`.

mod barrier;
mod broadcast;
mod clock;
mod configuration;
mod deque;
mod fifo;
mod fork;
mod job;
mod join;
mod latch;
#[cfg(any(loom, shuttle))]
mod models;
mod paces;
mod park;
mod parts;
mod pool;
mod primitive;
mod queue;
mod region;
mod scope;
mod span;
mod spawn;
mod unwind;
mod yields;

pub mod array;
pub mod collections;
pub mod iter;
pub mod option;
pub mod prelude;
pub mod range;
pub mod range_inclusive;
pub mod result;
pub mod slice;
pub mod str;
pub mod string;
pub mod vec;

pub use broadcast::{BroadcastContext, broadcast, spawn_broadcast};
#[allow(deprecated)]
pub use configuration::{Configuration, initialize};
pub use join::{FnContext, join, join_context};
pub use pool::builder::ThreadPoolBuilder;
pub use pool::current::{
    current_num_threads, current_thread_has_pending_tasks, current_thread_index, max_num_threads,
};
pub use pool::error::ThreadPoolBuildError;
pub use pool::global::shutdown_global;
pub use pool::handle::ThreadPool;
pub use pool::seat_thread::ThreadBuilder;
pub use region::isolate;
pub use scope::{Scope, ScopeFifo, in_place_scope, in_place_scope_fifo, scope, scope_fifo};
pub use spawn::{spawn, spawn_fifo};
pub use yields::{Yield, yield_local, yield_now};
