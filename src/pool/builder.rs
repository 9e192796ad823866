//! [`ThreadPoolBuilder`]: how many threads, who starts them, how they are named, what they run at start and end.

use std::{fmt, io};

use super::bound;
use super::error::{ErrorKind, ThreadPoolBuildError};
use super::handle::ThreadPool;
use super::handlers::Handlers;
use super::seat_thread::{CustomSpawn, DefaultSpawn, ThreadBuilder, ThreadSpawn};
use super::{House, WorkerPool, global};
use crate::park::global::MAX_WORKERS;
use crate::park::parker::Parker;
use crate::primitive::Arc;
use crate::unwind::Payload;

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
///
/// Its type parameter says who starts the threads: std, or a [`spawn_handler`](Self::spawn_handler).
#[must_use = "a builder does nothing until `build` or `build_global`"]
pub struct ThreadPoolBuilder<S = DefaultSpawn> {
    num_threads: usize,
    use_current_thread: bool,
    is_breadth_first: bool,
    stack_size: Option<usize>,
    caller_participates: Option<bool>,
    name: Option<Box<dyn FnMut(usize) -> String>>,
    handlers: Handlers,
    spawn: S,
}

// Not derived, which would leave the parameter of `ThreadPoolBuilder::default()` open.
impl Default for ThreadPoolBuilder {
    fn default() -> Self {
        Self {
            num_threads: 0,
            use_current_thread: false,
            is_breadth_first: false,
            stack_size: None,
            caller_participates: None,
            name: None,
            handlers: Handlers::default(),
            spawn: DefaultSpawn,
        }
    }
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

    /// Runs `with_pool` with a pool whose threads may borrow: each calls `wrapper`, which prepares what it likes and then
    /// calls [`ThreadBuilder::run`]. When this returns, all of them have ended.
    ///
    /// # Panics
    /// If `with_pool` or a `wrapper` does.
    ///
    /// # Errors
    /// If the system refuses a thread. Those that had started are ended and joined.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// let inside = AtomicUsize::new(0); // borrowed by each thread
    /// let width = lyocell::ThreadPoolBuilder::new().num_threads(2).build_scoped(
    ///     |thread| {
    ///         inside.fetch_add(1, Relaxed);
    ///         thread.run();
    ///         inside.fetch_sub(1, Relaxed);
    ///     },
    ///     |pool| pool.install(lyocell::current_num_threads),
    /// )?;
    /// assert_eq!((width, inside.into_inner()), (2, 0));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    #[cfg(not(any(loom, shuttle)))] // whose builders start no scoped threads
    pub fn build_scoped<W, F, R>(self, wrapper: W, with_pool: F) -> Result<R, ThreadPoolBuildError>
    where
        W: Fn(ThreadBuilder) + Sync,
        F: FnOnce(&ThreadPool) -> R,
    {
        std::thread::scope(|scope| {
            let wrapper = &wrapper;
            let pool = self
                .spawn_handler(|seat| {
                    let thread = seat.std_builder();
                    thread.spawn_scoped(scope, || wrapper(seat)).map(drop)
                })
                .build()?;
            Ok(with_pool(&pool))
        })
    }
}

impl<S> ThreadPoolBuilder<S> {
    /// Sets who starts the threads: `spawn` is called once for each, and sees to it that [`ThreadBuilder::run`] is called on a thread
    /// of its own. Names and stack sizes are passed on to it, and are up to it.
    ///
    /// The pool does not join such threads. They end some time after it is dropped; those of the global pool do not.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new()
    ///     .num_threads(2)
    ///     .spawn_handler(|thread| {
    ///         std::thread::spawn(|| thread.run());
    ///         Ok(())
    ///     })
    ///     .build()?;
    /// assert_eq!(pool.install(|| 6 * 7), 42);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn spawn_handler<F>(self, spawn: F) -> ThreadPoolBuilder<CustomSpawn<F>>
    where
        F: FnMut(ThreadBuilder) -> io::Result<()>,
    {
        let Self {
            num_threads,
            use_current_thread,
            is_breadth_first,
            stack_size,
            caller_participates,
            name,
            handlers,
            spawn: _,
        } = self;
        ThreadPoolBuilder {
            num_threads,
            use_current_thread,
            is_breadth_first,
            stack_size,
            caller_participates,
            name,
            handlers,
            spawn: CustomSpawn::new(spawn),
        }
    }

    /// Makes the thread that builds the pool one of its threads: the one with index 0.
    ///
    /// It has no run loop, so it takes part only while it is inside a call that waits, such as [`join`](crate::join()),
    /// [`scope`](crate::scope()) or [`ThreadPool::install`], or calls [`yield_now`](crate::yield_now()). A
    /// [`broadcast`](crate::broadcast()) waits until it does. Start and exit handlers are not called on it.
    ///
    /// It stays bound to this pool until it ends, even if the pool goes before, and its calls then run on it alone.
    /// Dropping the pool on it runs what is left of its jobs, and does not wait for the other threads.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).use_current_thread().build()?;
    /// assert_eq!(lyocell::current_thread_index(), Some(0));
    /// let here = std::thread::current().id();
    /// assert_eq!(pool.install(|| std::thread::current().id()), here);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn use_current_thread(mut self) -> Self {
        self.use_current_thread = true;
        self
    }

    /// Lets each thread take the oldest of its own jobs first, instead of the newest.
    ///
    /// ```
    /// #[allow(deprecated)]
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).breadth_first().build()?;
    /// let order = std::sync::Mutex::new(Vec::new());
    /// pool.scope(|s| {
    ///     s.spawn(|_| order.lock().unwrap().push("first"));
    ///     s.spawn(|_| order.lock().unwrap().push("second"));
    /// });
    /// assert_eq!(order.into_inner().unwrap(), ["first", "second"]);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    #[deprecated(note = "use `scope_fifo` and `spawn_fifo`")]
    pub fn breadth_first(mut self) -> Self {
        self.is_breadth_first = true;
        self
    }

    /// Sets the number of threads.
    ///
    /// Zero, the default, means: what the environment variable `LYOCELL_NUM_THREADS` says, else `RAYON_NUM_THREADS`,
    /// else one for each processor that the process may use. A variable that holds no number is ignored, and
    /// zero in it means the number of processors. More than [`max_num_threads`](crate::max_num_threads) are cut to that.
    ///
    /// More threads than processors do no harm while they have nothing to do: an idle one uses no processor time, and 11 to
    /// 16 KiB of memory (measured on Linux, for pools of 64 to 1,000), most of it the touched pages of its stack.
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
    /// other thread needs to be woken for a small one. (Rather of a thread that fell asleep on the caller's own processor, where the system tells: so
    /// whoever is woken has another one, even if all threads are pinned.) At any moment no more than `num_threads` threads run jobs. Without an idle
    /// thread to stand in for, or with `false`, the call moves to a thread of the pool, and the caller blocks.
    ///
    /// By default callers take part in the global pool, unless its builder was asked for something about its threads that the
    /// caller's own thread would not have: names, stack sizes, a start or an exit handler. In a pool of one's own they do
    /// not: who builds one may count on its threads, whose thread-local values are not those of the caller.
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

    /// Sets what each thread runs first, with its index. It may use the pool already. Here a thread can be pinned to a processor. (In the global pool
    /// callers take no part then, unless [`caller_participates`](Self::caller_participates) says so.)
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
    /// pool.shutdown(); // joins both
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
    /// pool.shutdown();
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
}

impl<S: ThreadSpawn> ThreadPoolBuilder<S> {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system refuses a thread, or the calling thread was to be [used](Self::use_current_thread) and is one of a pool
    /// already. Threads that had started are ended, and joined but for those of a [`spawn_handler`](Self::spawn_handler).
    ///
    /// ```
    /// let absurd = lyocell::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 60).build();
    /// assert!(absurd.is_err());
    /// ```
    pub fn build(mut self) -> Result<ThreadPool, ThreadPoolBuildError> {
        self.launch()?.complete()
    }

    /// What is the default for the global pool only.
    pub(super) fn for_all_callers(mut self) -> Self {
        // What the caller's own thread would not have.
        let asks_nothing = !S::IS_CUSTOM
            && self.stack_size.is_none()
            && self.name.is_none()
            && self.handlers.start.is_none()
            && self.handlers.exit.is_none();
        self.caller_participates.get_or_insert(asks_nothing);
        self
    }

    /// Starts as many of the threads as the system gives, up to the first that it refuses. None of what the user gave is dropped
    /// here, where somebody may hold a lock.
    pub(super) fn launch(&mut self) -> Result<Launch, ThreadPoolBuildError> {
        let Self {
            num_threads,
            use_current_thread,
            is_breadth_first,
            stack_size,
            caller_participates,
            ref mut name,
            ref mut handlers,
            ref mut spawn,
        } = *self;
        if use_current_thread && !bound::can_bind() {
            return Err(ErrorKind::CurrentThreadAlreadyInPool.into());
        }
        let house = House {
            is_breadth_first,
            has_guests: caller_participates.unwrap_or(false),
            deep_stack: stack_size.map_or(House::default().deep_stack, |size| size / 4),
        };
        let parkers: Vec<_> = (0..width(num_threads)).map(|_| Parker::new()).collect();
        let unparkers = parkers
            .iter()
            .map(|parker| parker.unparker().clone())
            .collect();
        let pool = WorkerPool::new(unparkers, std::mem::take(handlers), house);
        // From here on, leaving early drops the handle, which ends and joins what has started.
        let mut handle = ThreadPool::from_pool(Arc::new(pool));
        let mut own_seat = None;
        for (index, parker) in parkers.into_iter().enumerate() {
            let name = name.as_mut().map(|name| name(index));
            let seat = ThreadBuilder::new(handle.pool(), index, parker, name, stack_size);
            if use_current_thread && index == 0 {
                own_seat = Some(seat);
            } else {
                match spawn.spawn(seat) {
                    Ok(thread) => handle.keep(thread),
                    Err(error) => {
                        return Ok(Launch {
                            handle,
                            started: index,
                            refused: Some(ErrorKind::IOError(error).into()),
                        });
                    }
                }
            }
        }
        // Last, since it is for good. (Who starts the others may have bound this thread meanwhile.)
        let is_bound = own_seat.is_none_or(bound::bind);
        Ok(Launch {
            started: handle.current_num_threads(),
            handle,
            refused: (!is_bound).then(|| ErrorKind::CurrentThreadAlreadyInPool.into()),
        })
    }

    /// Starts the threads of the global pool, which otherwise starts with default settings when it is first used.
    ///
    /// # Errors
    /// If there is a global pool already, and as [`build`](Self::build).
    ///
    /// ```
    /// lyocell::ThreadPoolBuilder::new().num_threads(2).build_global()?;
    /// assert_eq!(lyocell::current_num_threads(), 2);
    /// let again = lyocell::ThreadPoolBuilder::new().build_global();
    /// assert!(again.unwrap_err().to_string().contains("already been initialized"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn build_global(self) -> Result<(), ThreadPoolBuildError> {
        global::start(self)
    }
}

/// A pool whose first `started` seats are taken, or kept for the calling thread.
pub(super) struct Launch {
    pub(super) handle: ThreadPool,
    pub(super) started: usize,
    /// Why one is not.
    pub(super) refused: Option<ThreadPoolBuildError>,
}

impl Launch {
    /// The pool, if all its seats are taken. Else it ends.
    pub(super) fn complete(self) -> Result<ThreadPool, ThreadPoolBuildError> {
        match self.refused {
            None => Ok(self.handle),
            Some(error) => {
                self.handle.shutdown();
                Err(error)
            }
        }
    }
}

impl<S> fmt::Debug for ThreadPoolBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Stands for a closure.
        #[derive(Debug)]
        struct Closure;
        f.debug_struct("ThreadPoolBuilder")
            .field("num_threads", &self.num_threads)
            .field("use_current_thread", &self.use_current_thread)
            .field("breadth_first", &self.is_breadth_first)
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
            .or_else(|| from("RAYON_RS_NUM_CPUS")) // what rayon once called it
            .unwrap_or(0),
        given => given,
    };
    let wanted = if wanted == 0 { num_cpus::get() } else { wanted };
    wanted.clamp(1, MAX_WORKERS)
}
