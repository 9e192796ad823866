//! Panics: caught where they would cross a frame that others still use, carried as payloads, resumed in the caller.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `f` and catches its panic.
///
/// `AssertUnwindSafe` holds because whatever `f` broke is seen only after the payload is resumed in the caller, just
/// as if `f` had been called there.
#[inline]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Goes on with a caught panic. The hook does not run again: it has spoken when the panic began.
#[cold]
pub(crate) fn resume(payload: Payload) -> ! {
    resume_unwind(payload)
}

/// Drops a result that nobody will see, because an earlier panic is to be resumed. A panic in its destructor is
/// swallowed for the same reason; *its* payload is leaked, or this would have no end.
pub(crate) fn discard<T>(result: T) {
    if let Err(payload) = catch(move || drop(result)) {
        std::mem::forget(payload);
    }
}

/// Says why, and ends the process.
#[cold]
pub(crate) fn abort(why: &str) -> ! {
    eprintln!("lyocell: {why}; aborting");
    std::process::abort();
}

/// Aborts when dropped: held while unwinding would leave others with a pointer into a dead frame, and forgotten
/// ([`disarm`](Self::disarm)) on the way out.
pub(crate) struct AbortOnUnwind(pub(crate) &'static str);

impl AbortOnUnwind {
    pub(crate) fn disarm(self) {
        std::mem::forget(self);
    }
}

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        abort(self.0);
    }
}
