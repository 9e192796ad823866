//! The crate's verbs on a [`ThreadPool`].

use super::handle::ThreadPool;
use crate::broadcast::{BroadcastContext, broadcast_on, spawn_broadcast_on};
use crate::join::join;
use crate::scope::{
    Scope, ScopeFifo, in_place_scope_fifo_on, in_place_scope_on, scope, scope_fifo,
};
use crate::spawn::{spawn_fifo_on, spawn_on};

impl ThreadPool {
    /// [`join`](crate::join()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// assert_eq!(pool.join(|| 6 * 7, || "warp"), (42, "warp"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn join<A, B, RA, RB>(&self, oper_a: A, oper_b: B) -> (RA, RB)
    where
        A: FnOnce() -> RA + Send,
        B: FnOnce() -> RB + Send,
        RA: Send,
        RB: Send,
    {
        self.install(|| join(oper_a, oper_b))
    }

    /// [`scope`](crate::scope()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let (mut left, mut right) = (0, 0);
    /// pool.scope(|s| {
    ///     s.spawn(|_| left = 1);
    ///     s.spawn(|_| right = 2);
    /// });
    /// assert_eq!((left, right), (1, 2));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R + Send,
        R: Send,
    {
        self.install(|| scope(op))
    }

    /// [`in_place_scope`](crate::in_place_scope()) whose jobs go to this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let here = std::thread::current().id();
    /// pool.in_place_scope(|s| {
    ///     assert_eq!(std::thread::current().id(), here);
    ///     s.spawn(move |_| assert_ne!(std::thread::current().id(), here));
    /// });
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn in_place_scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R,
    {
        in_place_scope_on(self.pool(), op)
    }

    /// [`scope_fifo`](crate::scope_fifo()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let mut done = false;
    /// pool.scope_fifo(|s| s.spawn_fifo(|_| done = true));
    /// assert!(done);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn scope_fifo<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&ScopeFifo<'scope>) -> R + Send,
        R: Send,
    {
        self.install(|| scope_fifo(op))
    }

    /// [`in_place_scope_fifo`](crate::in_place_scope_fifo()) whose jobs go to this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let here = std::thread::current().id();
    /// pool.in_place_scope_fifo(|s| s.spawn_fifo(move |_| assert_ne!(std::thread::current().id(), here)));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn in_place_scope_fifo<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&ScopeFifo<'scope>) -> R,
    {
        in_place_scope_fifo_on(self.pool(), op)
    }

    /// [`spawn`](crate::spawn()) on this pool. The pool ends no sooner than the job, even if it is dropped before.
    ///
    /// ```
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// pool.spawn(move || sender.send("done").unwrap());
    /// pool.shutdown();
    /// assert_eq!(receiver.try_recv(), Ok("done"));
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn spawn<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn_on(self.pool(), op);
    }

    /// [`spawn_fifo`](crate::spawn_fifo()) on this pool. The pool ends no sooner than the job, even if it is dropped before.
    ///
    /// ```
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// for number in 0..3 {
    ///     let sender = sender.clone();
    ///     pool.spawn_fifo(move || sender.send(number).unwrap());
    /// }
    /// drop((pool, sender));
    /// assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 1, 2]);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn spawn_fifo<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn_fifo_on(self.pool(), op);
    }

    /// [`broadcast`](crate::broadcast()) on this pool.
    ///
    /// ```
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// assert_eq!(pool.broadcast(|context| 10 * context.index()), [0, 10, 20]);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn broadcast<OP, R>(&self, op: OP) -> Vec<R>
    where
        OP: Fn(BroadcastContext<'_>) -> R + Sync,
        R: Send,
    {
        broadcast_on(self.pool(), op)
    }

    /// [`spawn_broadcast`](crate::spawn_broadcast()) on this pool. The pool ends no sooner than all the calls, even if it is dropped before.
    ///
    /// ```
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let pool = lyocell::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// pool.spawn_broadcast(move |context| sender.send(context.index()).unwrap());
    /// drop(pool);
    /// assert_eq!(receiver.iter().sum::<usize>(), 3);
    /// # Ok::<(), lyocell::ThreadPoolBuildError>(())
    /// ```
    pub fn spawn_broadcast<OP>(&self, op: OP)
    where
        OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
    {
        spawn_broadcast_on(self.pool(), op);
    }
}
