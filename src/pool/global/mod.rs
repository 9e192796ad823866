//! The global pool: started on first use, used by all threads that are not part of another one, ended on demand.

mod held;
mod slot;

use super::builder::{Launch, ThreadPoolBuilder};
use super::error::{ErrorKind, ThreadPoolBuildError};
use super::handle::ThreadPool;
use super::seat_thread::ThreadSpawn;
use super::worker::Worker;
use super::{WorkerPool, from_outside, guest, lone};
use crate::primitive::{
    Arc,
    fixed::{read, write},
};
use held::{Held, Seen};
use slot::state;

/// What there is of a global pool.
enum State {
    /// Nothing: the next call starts it.
    Empty,
    Running(ThreadPool),
    /// The system gave it no thread, so every caller works [for itself](lone).
    Alone,
}

/// Forgets the global pool, without touching it. For a child process made by `fork`.
pub(super) fn forget() {
    slot::forget();
    held::next_turn();
}

/// What a thread that is no worker finds.
enum Entry {
    Pool(Held),
    Alone,
}

impl State {
    fn entry(&self) -> Option<Entry> {
        match self {
            Self::Empty => None,
            Self::Running(handle) => Some(Entry::Pool(Held::of(handle))),
            Self::Alone => Some(Entry::Alone),
        }
    }
}

/// The global pool, started if it was not.
fn enter() -> Entry {
    match Held::again() {
        Some(pool) => Entry::Pool(pool),
        None => enter_anew(),
    }
}

#[cold]
fn enter_anew() -> Entry {
    Seen::forget();
    let entry = read(state()).entry();
    entry.unwrap_or_else(start_by_default)
}

#[cold]
fn start_by_default() -> Entry {
    // Held while the pool starts, so that two threads do not both start one.
    let mut state = write(state());
    loop {
        if let Some(entry) = state.entry() {
            return entry; // perhaps another thread was faster
        }
        *state = State::with_what_there_is();
    }
}

impl State {
    /// A pool of the default width, or of as many threads as the system is willing to give.
    fn with_what_there_is() -> Self {
        match ThreadPoolBuilder::new().for_all_callers().launch() {
            Ok(Launch {
                handle,
                refused: None,
                ..
            }) => Self::Running(handle),
            Ok(Launch {
                handle, started, ..
            }) if started > 0 => {
                handle.pool().settle_for(started);
                Self::Running(handle)
            }
            _ => Self::Alone,
        }
    }
}

/// Starts the global pool as `builder` says, unless there is one.
pub(super) fn start<S: ThreadSpawn>(
    builder: ThreadPoolBuilder<S>,
) -> Result<(), ThreadPoolBuildError> {
    // The builder goes after the lock, and so does a pool that lacks threads: what they have captured may call us as it goes,
    // and so may the threads that have started.
    let mut builder = builder.for_all_callers();
    let incomplete = {
        let mut state = write(state());
        let State::Empty = *state else {
            return Err(ErrorKind::GlobalPoolAlreadyInitialized.into());
        };
        match builder.launch()? {
            Launch {
                handle,
                refused: None,
                ..
            } => {
                *state = State::Running(handle);
                return Ok(());
            }
            incomplete => incomplete,
        }
    };
    incomplete.complete().map(drop)
}

/// Ends the global pool: finishes what was spawned on it, and ends and joins its threads. The next call that needs a global
/// pool starts a fresh one, for which [`build_global`](crate::ThreadPoolBuilder::build_global) may be called again.
///
/// For programs that want all threads gone at some point: before they unload the code, count their leaks, or change the
/// width of the pool. Any other can leave it alone.
///
/// Safe at any time: calls that other threads have under way run to their end on the old pool, and this one waits for them.
/// Where waiting might be for ever (inside of a job of that pool, or of another one, for which a job of that pool may be waiting, or
/// of a scope whose jobs go there) it does not wait, and the threads end by themselves. A pool with [`use_current_thread`](crate::ThreadPoolBuilder::use_current_thread) keeps that
/// thread.
///
/// ```
/// use lyocell::prelude::*;
///
/// lyocell::ThreadPoolBuilder::new().num_threads(2).build_global()?;
/// assert_eq!((0..10).into_par_iter().sum::<i32>(), 45);
/// lyocell::shutdown_global(); // both threads have ended
/// lyocell::ThreadPoolBuilder::new().num_threads(3).build_global()?;
/// assert_eq!(lyocell::current_num_threads(), 3);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub fn shutdown_global() {
    let ended = {
        let mut state = write(state());
        held::next_turn();
        std::mem::replace(&mut *state, State::Empty)
    };
    if let State::Running(handle) = ended {
        // What is held here might be this pool. It is all the same if it is an older one.
        let is_in_a_job = Worker::with_current(|worker| worker.is_some());
        if is_in_a_job || held::is_held_here() {
            handle.let_go();
        } else {
            handle.shutdown();
        }
    }
}

/// Runs `op` in the global pool and waits for it. For threads that are no workers.
#[cold]
pub(super) fn in_worker<R: Send>(op: impl FnOnce(&Worker, bool) -> R + Send) -> R {
    // By reference from here on, as in `in_other_worker`.
    let (mut op, mut result) = (Some(op), None);
    run(&mut |worker, is_migrated| result = op.take().map(|op| op(worker, is_migrated)));
    result.expect("an operation that did not panic has run")
}

fn run(op: &mut (dyn FnMut(&Worker, bool) + Send)) {
    if let Some(seen) = Seen::in_this_turn()
        && guest::as_guest(seen.pool(), &mut *op).is_ok()
    {
        return;
    }
    match enter() {
        Entry::Pool(pool) => from_outside(&pool, op),
        Entry::Alone => lone::sit(|worker| op(worker, true)),
    }
}

/// Gives `f` the global pool. For threads that are no workers.
pub(super) fn with_pool<R>(f: impl FnOnce(&Arc<WorkerPool>) -> R) -> R {
    match enter() {
        Entry::Pool(pool) => f(&pool),
        Entry::Alone => lone::sit(|worker| f(worker.pool())),
    }
}

/// How many threads the global pool has.
pub(super) fn num_threads() -> usize {
    match Seen::in_this_turn() {
        Some(seen) => seen.pool().num_threads(),
        None => match enter() {
            Entry::Pool(pool) => pool.num_threads(),
            Entry::Alone => 1,
        },
    }
}
