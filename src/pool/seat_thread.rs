//! [`ThreadBuilder`]: a seat on its way to the thread that will sit on it, and who starts that thread.

use std::{fmt, io};

use super::WorkerPool;
use super::worker::Worker;
use crate::park::parker::Parker;
use crate::primitive::{Arc, thread};
use crate::unwind;

/// One of a pool's threads before it runs: what a [`spawn_handler`](crate::ThreadPoolBuilder::spawn_handler) is given.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new()
///     .num_threads(2)
///     .stack_size(1 << 20)
///     .thread_name(|index| format!("warp {index}"))
///     .spawn_handler(|thread| {
///         assert_eq!(thread.name(), Some(format!("warp {}", thread.index()).as_str()));
///         assert_eq!(thread.stack_size(), Some(1 << 20));
///         std::thread::spawn(|| thread.run());
///         Ok(())
///     })
///     .build()?;
/// assert_eq!(pool.current_num_threads(), 2);
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
pub struct ThreadBuilder {
    pool: Arc<WorkerPool>,
    index: usize,
    parker: Parker,
    name: Option<String>,
    stack_size: Option<usize>,
}

impl ThreadBuilder {
    /// The thread for seat `index` of `pool`, who will sleep by `parker`. Made once for each seat: W2.
    pub(crate) fn new(
        pool: &Arc<WorkerPool>,
        index: usize,
        parker: Parker,
        name: Option<String>,
        stack_size: Option<usize>,
    ) -> Self {
        Self {
            pool: Arc::clone(pool),
            index,
            parker,
            name,
            stack_size,
        }
    }

    /// The index that the thread will have in the pool.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The name that [`thread_name`](crate::ThreadPoolBuilder::thread_name) chose.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What [`stack_size`](crate::ThreadPoolBuilder::stack_size) was set to.
    pub fn stack_size(&self) -> Option<usize> {
        self.stack_size
    }

    /// Is a thread of the pool until that ends: runs jobs, and sleeps in between.
    ///
    /// # Panics
    /// If the calling thread is a thread of a pool already. Panics of jobs don't come here.
    pub fn run(self) {
        assert!(
            Worker::with_current(|worker| worker.is_none()),
            "a thread can be part of one pool only"
        );
        let guard = unwind::AbortOnUnwind("a worker unwound out of its loop");
        self.sit();
        guard.disarm();
    }

    #[allow(unsafe_code)]
    fn sit(self) {
        // SAFETY: W2: there is one `ThreadBuilder` for each seat, and this uses it up.
        unsafe { Worker::sit(self.pool, self.index, self.parker) }
    }

    /// The worker of the seat, for a thread that is to be one without a run loop.
    #[allow(unsafe_code)]
    pub(super) fn into_worker(self) -> Worker {
        // SAFETY: W2, as in `sit`.
        unsafe { Worker::new(self.pool, self.index, self.parker) }
    }

    /// std's own builder, with the name and stack size that were asked for.
    pub(super) fn std_builder(&self) -> thread::Builder {
        let mut thread = thread::Builder::new();
        if let Some(name) = &self.name {
            thread = thread.name(name.clone());
        }
        if let Some(stack_size) = self.stack_size {
            thread = thread.stack_size(stack_size);
        }
        thread
    }
}

impl fmt::Debug for ThreadBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadBuilder")
            .field("index", &self.index)
            .field("name", &self.name)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}

/// Who starts a pool's threads.
#[allow(unnameable_types)] // sealed: users pick one by the methods of the builder
pub trait ThreadSpawn {
    /// Sees to it that `seat` runs on a thread of its own. Gives the handle of that thread if the pool is to join it.
    #[doc(hidden)]
    fn spawn(&mut self, seat: ThreadBuilder) -> io::Result<Option<thread::JoinHandle<()>>>;

    /// Whether the user starts the threads, and may do what he likes to them.
    #[doc(hidden)]
    const IS_CUSTOM: bool;
}

/// Threads are std's, and the pool joins them.
#[derive(Debug, Default)]
#[allow(unnameable_types)] // as its trait
pub struct DefaultSpawn;

impl ThreadSpawn for DefaultSpawn {
    const IS_CUSTOM: bool = false;

    fn spawn(&mut self, seat: ThreadBuilder) -> io::Result<Option<thread::JoinHandle<()>>> {
        seat.std_builder().spawn(|| seat.run()).map(Some)
    }
}

/// Threads are started, and joined if at all, by a closure.
#[derive(Debug)]
#[allow(unnameable_types)] // as its trait
pub struct CustomSpawn<F>(F);

impl<F> CustomSpawn<F> {
    pub(super) fn new(spawn: F) -> Self {
        Self(spawn)
    }
}

impl<F> ThreadSpawn for CustomSpawn<F>
where
    F: FnMut(ThreadBuilder) -> io::Result<()>,
{
    const IS_CUSTOM: bool = true;

    fn spawn(&mut self, seat: ThreadBuilder) -> io::Result<Option<thread::JoinHandle<()>>> {
        (self.0)(seat).map(|()| None)
    }
}
