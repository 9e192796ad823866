//! [`Handlers`]: what a pool calls at the turns of its threads' lives.

use super::WorkerPool;
use crate::unwind::{self, Payload};

type IndexHandler = dyn Fn(usize) + Send + Sync;
type PanicHandler = dyn Fn(Payload) + Send + Sync;

/// What the builder was given. Each is optional.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) start: Option<Box<IndexHandler>>,
    pub(crate) exit: Option<Box<IndexHandler>>,
    pub(crate) panic: Option<Box<PanicHandler>>,
}

impl Handlers {
    /// Whether there are none that threads call at their start or end.
    pub(crate) fn are_for_jobs_only(&self) -> bool {
        self.start.is_none() && self.exit.is_none()
    }

    /// Calls a handler of the worker on seat `index`, if it is set; its panic is one of a detached job.
    pub(crate) fn call(&self, pool: &WorkerPool, handler: Option<&IndexHandler>, index: usize) {
        if let Some(handler) = handler
            && let Err(payload) = unwind::catch(|| handler(index))
        {
            pool.report_panic(payload);
        }
    }
}
