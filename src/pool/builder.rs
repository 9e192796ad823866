//! [`ThreadPoolBuilder`]: how many threads, how they are named, what they run at start and end.

use std::{error, fmt, io};

use super::handle::ThreadPool;
use super::worker::Worker;
use super::{House, WorkerPool, global};
use crate::park::global::MAX_WORKERS;
use crate::park::parker::Parker;
use crate::primitive::{Arc, thread};
use crate::unwind::{self, Payload};

type IndexHandler = dyn Fn(usize) + Send + Sync;
type PanicHandler = dyn Fn(Payload) + Send + Sync;

/// What a pool calls at the turns of its threads' lives.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) start: Option<Box<IndexHandler>>,
    pub(crate) exit: Option<Box<IndexHandler>>,
    pub(crate) panic: Option<Box<PanicHandler>>,
}

impl Handlers {
    /// Calls a handler of the worker on seat `index`, if it is set; its panic is one of a detached job.
    pub(crate) fn call(&self, pool: &WorkerPool, handler: Option<&IndexHandler>, index: usize) {
        if let Some(handler) = handler
            && let Err(payload) = unwind::catch(|| handler(index))
        {
            pool.report_panic(payload);
        }
    }
}

/// Makes a [`ThreadPool`], or sets up the global one.
///
/// ```
/// let pool = lyocell::ThreadPoolBuilder::new()
///     .num_threads(3)
///     .thread_name(|index| format!("loom-{index}"))
///     .build()?;
/// let name = pool.install(|| std::thread::current().name().map(String::from));
/// assert!(name.unwrap().starts_with("loom-"));
/// # Ok::<(), lyocell::ThreadPoolBuildError>(())
/// ```
#[must_use = "a builder does nothing until `build` or `build_global`"]
#[derive(Default)]
pub struct ThreadPoolBuilder {
    num_threads: usize,
    stack_size: Option<usize>,
    caller_participates: Option<bool>,
    name: Option<Box<dyn FnMut(usize) -> String>>,
    handlers: Handlers,
}

impl ThreadPoolBuilder {
    /// A builder with every setting at its default.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().build()?;
    /// assert!(pool.current_num_threads() >= 1);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of threads.
    ///
    /// Zero, the default, means: what the environment variable `LYOCELL_NUM_THREADS` says, else `RAYON_NUM_THREADS`,
    /// else one for each processor that the process may use. A variable that holds no number is ignored, and
    /// zero in it means the number of processors. More than [`max_num_threads`](crate::max_num_threads) are cut to that.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// assert_eq!(pool.current_num_threads(), 2);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn num_threads(mut self, num_threads: usize) -> Self {
        self.num_threads = num_threads;
        self
    }

    /// Names each thread by its index. Unnamed by default.
    ///
    /// ```
    /// let builder = lyocell::ThreadPoolBuilder::new().num_threads(1).thread_name(|index| format!("worker {index}"));
    /// let name = builder.build()?.install(|| std::thread::current().name().map(String::from));
    /// assert_eq!(name.as_deref(), Some("worker 0"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn thread_name<F>(mut self, closure: F) -> Self
    where
        F: FnMut(usize) -> String + 'static,
    {
        self.name = Some(Box::new(closure));
        self
    }

    /// Sets the size of each thread's stack, in bytes. By default it is what [`std::thread`] gives, 2 MiB mostly.
    ///
    /// ```
    /// fn depth(n: u32) -> u32 {
    ///     let frame = std::hint::black_box([n; 256]); // a kibibyte a call
    ///     if n == 0 { 0 } else { depth(frame[0] - 1) + 1 }
    /// }
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).stack_size(64 << 20).build()?;
    /// assert_eq!(pool.install(|| depth(20_000)), 20_000);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn stack_size(mut self, stack_size: usize) -> Self {
        self.stack_size = Some(stack_size);
        self
    }

    /// Says whether a thread from outside that calls into the pool may work itself.
    ///
    /// It then sits down on the seat of an idle thread of the pool, with its index, for the length of the call, and no
    /// other thread needs to be woken for a small one. At any moment no more than `num_threads` threads run jobs. Without an idle
    /// thread to stand in for, or with `false`, the call moves to a thread of the pool, and the caller blocks.
    ///
    /// By default callers take part, unless the builder was asked for something about the threads of the pool that the
    /// caller's own thread would not have: names, stack sizes, a start or an exit handler.
    ///
    /// ```
    /// let here = std::thread::current().id();
    /// let builder = lyocell::ThreadPoolBuilder::new().num_threads(2).caller_participates(false);
    /// assert_ne!(builder.build()?.install(|| std::thread::current().id()), here);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn caller_participates(mut self, participates: bool) -> Self {
        self.caller_participates = Some(participates);
        self
    }

    /// Sets what each thread runs first, with its index. It may use the pool already.
    ///
    /// A panic in it is treated as one in a detached [`spawn`](crate::spawn).
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    /// static STARTED: AtomicUsize = AtomicUsize::new(0);
    /// let pool = lyocell::ThreadPoolBuilder::new()
    ///     .num_threads(2)
    ///     .start_handler(|_index| { STARTED.fetch_add(1, SeqCst); })
    ///     .build()?;
    /// drop(pool); // joins both
    /// assert_eq!(STARTED.load(SeqCst), 2);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn start_handler<H>(mut self, start_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.start = Some(Box::new(start_handler));
        self
    }

    /// Sets what each thread runs last, with its index. A panic in it is treated as one in a detached
    /// [`spawn`](crate::spawn).
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    /// static ENDED: AtomicUsize = AtomicUsize::new(0);
    /// let builder = lyocell::ThreadPoolBuilder::new().num_threads(2);
    /// let pool = builder.exit_handler(|_index| { ENDED.fetch_add(1, SeqCst); }).build()?;
    /// drop(pool);
    /// assert_eq!(ENDED.load(SeqCst), 2);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn exit_handler<H>(mut self, exit_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.exit = Some(Box::new(exit_handler));
        self
    }

    /// Sets who hears of panics that no caller waits for: those of detached [`spawn`](crate::spawn)s and of the start
    /// and exit handlers. Without one, such a panic aborts the process. So does a panic in this handler.
    ///
    /// ```
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let sender = std::sync::Mutex::new(sender);
    /// let pool = lyocell::ThreadPoolBuilder::new()
    ///     .panic_handler(move |payload| { sender.lock().unwrap().send(payload).unwrap(); })
    ///     .build()?;
    /// pool.spawn(|| std::panic::resume_unwind(Box::new("torn")));
    /// assert_eq!(receiver.recv().unwrap().downcast_ref(), Some(&"torn"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn panic_handler<H>(mut self, panic_handler: H) -> Self
    where
        H: Fn(Payload) + Send + Sync + 'static,
    {
        self.handlers.panic = Some(Box::new(panic_handler));
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    /// If the system refuses a thread. Those that had started are ended and joined.
    ///
    /// ```
    /// let absurd = lyocell::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 60).build();
    /// assert!(absurd.is_err());
    /// ```
    pub fn build(self) -> Result<ThreadPool, ThreadPoolBuildError> {
        let Self {
            num_threads,
            stack_size,
            caller_participates,
            mut name,
            handlers,
        } = self;
        let asks_nothing = stack_size.is_none()
            && name.is_none()
            && handlers.start.is_none()
            && handlers.exit.is_none();
        let house = House {
            has_guests: caller_participates.unwrap_or(asks_nothing),
            deep_stack: stack_size.map_or(House::default().deep_stack, |size| size / 4),
        };
        let parkers: Vec<_> = (0..width(num_threads)).map(|_| Parker::new()).collect();
        let unparkers = parkers
            .iter()
            .map(|parker| parker.unparker().clone())
            .collect();
        // From here on, leaving early drops the handle, which ends and joins what has started.
        let mut handle = ThreadPool::new(Arc::new(WorkerPool::new(unparkers, handlers, house)));
        for (index, parker) in parkers.into_iter().enumerate() {
            let mut thread = thread::Builder::new();
            if let Some(name) = &mut name {
                thread = thread.name(name(index));
            }
            if let Some(stack_size) = stack_size {
                thread = thread.stack_size(stack_size);
            }
            handle.start(thread, index, parker).map_err(ErrorKind::Io)?;
        }
        Ok(handle)
    }

    /// Starts the threads of the global pool, which otherwise starts with default settings when it is first used.
    ///
    /// # Errors
    /// If there is a global pool already, or the system refuses a thread.
    ///
    /// ```
    /// lyocell::ThreadPoolBuilder::new().num_threads(2).build_global()?;
    /// assert_eq!(lyocell::current_num_threads(), 2);
    /// let again = lyocell::ThreadPoolBuilder::new().build_global();
    /// assert!(again.unwrap_err().to_string().contains("already been initialized"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn build_global(self) -> Result<(), ThreadPoolBuildError> {
        global::start(self).map(drop)
    }
}

impl fmt::Debug for ThreadPoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Stands for a closure.
        #[derive(Debug)]
        struct Closure;
        f.debug_struct("ThreadPoolBuilder")
            .field("num_threads", &self.num_threads)
            .field("thread_name", &self.name.as_ref().map(|_| Closure))
            .field("stack_size", &self.stack_size)
            .field("caller_participates", &self.caller_participates)
            .field(
                "start_handler",
                &self.handlers.start.as_ref().map(|_| Closure),
            )
            .field(
                "exit_handler",
                &self.handlers.exit.as_ref().map(|_| Closure),
            )
            .field(
                "panic_handler",
                &self.handlers.panic.as_ref().map(|_| Closure),
            )
            .finish_non_exhaustive()
    }
}

/// How many threads are meant by `wanted`.
fn width(wanted: usize) -> usize {
    // Zero in a variable stands for the number of processors.
    let from = |variable| std::env::var(variable).ok()?.parse().ok();
    let wanted = match wanted {
        0 => from("LYOCELL_NUM_THREADS")
            .or_else(|| from("RAYON_NUM_THREADS"))
            .unwrap_or(0),
        given => given,
    };
    let wanted = if wanted == 0 { num_cpus::get() } else { wanted };
    wanted.clamp(1, MAX_WORKERS)
}

/// The most threads that a pool can have.
///
/// ```
/// assert!(lyocell::max_num_threads() >= 255);
/// ```
pub fn max_num_threads() -> usize {
    MAX_WORKERS
}

/// Why a pool could not be built.
///
/// ```
/// let error = lyocell::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 60).build().unwrap_err();
/// assert!(std::error::Error::source(&error).is_some()); // what the system said
/// ```
#[derive(Debug)]
pub struct ThreadPoolBuildError {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    GlobalPoolAlreadyInitialized,
    Io(io::Error),
}

impl From<ErrorKind> for ThreadPoolBuildError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl ThreadPoolBuildError {
    pub(crate) fn already_initialized() -> Self {
        ErrorKind::GlobalPoolAlreadyInitialized.into()
    }
}

impl fmt::Display for ThreadPoolBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::GlobalPoolAlreadyInitialized => {
                f.write_str("The global thread pool has already been initialized.")
            }
            ErrorKind::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for ThreadPoolBuildError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            ErrorKind::GlobalPoolAlreadyInitialized => None,
            ErrorKind::Io(error) => Some(error),
        }
    }
}

/// Lets the thread of seat `index` live its life.
pub(crate) fn worker_main(pool: Arc<WorkerPool>, index: usize, parker: Parker) {
    let guard = unwind::AbortOnUnwind("a worker unwound out of its loop");
    sit(pool, index, parker);
    guard.disarm();
}

#[allow(unsafe_code)]
fn sit(pool: Arc<WorkerPool>, index: usize, parker: Parker) {
    // SAFETY: W2: `build` makes one thread for each seat, and nothing else sits down.
    unsafe { Worker::sit(&pool, index, parker) }
}
