//! The one door to atomics, locks, threads and thread-locals.
//!
//! Every room asks here and nowhere else, so that the models run the very code that ships, on loom's own primitives
//! (`--cfg loom`) or on shuttle's (`--cfg shuttle`), and a seeded stress build (`--cfg stress`) can stretch every gap between two
//! protocol steps.

pub(crate) use crossbeam_utils::CachePadded;

#[cfg(not(any(loom, shuttle)))]
pub(crate) use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread,
};

#[cfg(loom)]
pub(crate) use loom::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread,
};

#[cfg(shuttle)]
pub(crate) use shuttle::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
    },
    thread,
};

/// Whether this is a model: what is tuned for speed is as small there as it can be.
pub(crate) const IS_MODEL: bool = cfg!(any(loom, shuttle));

/// What a `static` names. loom has no such atomics, and no protocol goes through these.
pub(crate) mod fixed {
    use std::sync::PoisonError;
    use std::sync::atomic::Ordering;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize};
    pub(crate) use std::thread_local;

    /// A number that threads leave for each other as a hint: whoever reads it may as well have come a little sooner.
    #[derive(Debug)]
    pub(crate) struct Number {
        bits: AtomicU32,
    }

    impl Number {
        pub(crate) const fn new(number: f32) -> Self {
            Self {
                bits: AtomicU32::new(number.to_bits()),
            }
        }

        #[inline]
        pub(crate) fn get(&self) -> f32 {
            f32::from_bits(self.bits.load(Ordering::Relaxed)) // Relaxed: a hint
        }

        pub(crate) fn set(&self, number: f32) {
            self.bits.store(number.to_bits(), Ordering::Relaxed); // Relaxed: likewise
        }
    }

    #[cfg(not(shuttle))]
    pub(crate) use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

    #[cfg(shuttle)]
    pub(crate) use shuttle::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

    /// Locks for reading. What a writer left when it panicked is whole: it writes last.
    pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
        lock.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks for writing, as [`read`] does.
    pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
        lock.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Declares a thread-local with a constant start value and no destructor: one load from the thread's own segment.
macro_rules! thread_cell {
    ($(#[$doc:meta])* static $name:ident: $type:ty = $start:expr;) => {
        #[cfg(not(any(loom, shuttle)))]
        std::thread_local! { $(#[$doc])* static $name: $type = const { $start } }
        #[cfg(shuttle)]
        shuttle::thread_local! { $(#[$doc])* static $name: $type = $start }
        #[cfg(loom)]
        loom::thread_local! { $(#[$doc])* static $name: $type = $start }
    };
}
pub(crate) use thread_cell;

/// Declares a thread-local that is made on first use and dropped when its thread ends.
macro_rules! thread_lazy {
    ($(#[$doc:meta])* static $name:ident: $type:ty = $start:expr;) => {
        #[cfg(not(any(loom, shuttle)))]
        std::thread_local! { $(#[$doc])* static $name: $type = $start }
        #[cfg(shuttle)]
        shuttle::thread_local! { $(#[$doc])* static $name: $type = $start }
        #[cfg(loom)]
        loom::thread_local! { $(#[$doc])* static $name: $type = $start }
    };
}
pub(crate) use thread_lazy;

/// A queue of what comes from outside a pool. In a model it is the plainest one that can be seen into.
#[cfg(not(any(loom, shuttle)))]
#[derive(Debug)]
pub(crate) struct Injector<T>(crossbeam_deque::Injector<T>);

#[cfg(not(any(loom, shuttle)))]
impl<T> Injector<T> {
    pub(crate) fn new() -> Self {
        Self(crossbeam_deque::Injector::new())
    }

    pub(crate) fn push(&self, value: T) {
        self.0.push(value);
    }

    /// Takes the oldest value. Looking into an empty queue costs two loads.
    pub(crate) fn take(&self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        std::iter::repeat_with(|| self.0.steal())
            .find(|steal| !steal.is_retry())?
            .success()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(any(loom, shuttle))]
pub(crate) struct Injector<T>(Mutex<std::collections::VecDeque<T>>);

#[cfg(any(loom, shuttle))]
impl<T> Injector<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(std::collections::VecDeque::new()))
    }

    pub(crate) fn push(&self, value: T) {
        lock(&self.0).push_back(value);
    }

    pub(crate) fn take(&self) -> Option<T> {
        lock(&self.0).pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}

/// Locks a mutex that no panic can poison: what is done under our locks does not unwind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> impl std::ops::DerefMut<Target = T> + '_ {
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}

/// Whether a thread has ended, so that joining it takes no time.
#[cfg(not(any(loom, shuttle)))]
pub(crate) fn has_ended(thread: &thread::JoinHandle<()>) -> bool {
    thread.is_finished()
}

/// Models can't tell, and their joins are not timed.
#[cfg(any(loom, shuttle))]
pub(crate) fn has_ended(_thread: &thread::JoinHandle<()>) -> bool {
    true
}

/// One turn of a busy wait. A model must see it as a yield, or it would try endless spinning.
pub(crate) fn relax() {
    #[cfg(not(any(loom, shuttle)))]
    std::hint::spin_loop();
    #[cfg(any(loom, shuttle))]
    thread::yield_now();
}

/// Marks a gap between two named protocol steps. A stress build lingers here at random, so that the rare
/// interleavings become the common ones; any other build does nothing.
#[inline(always)]
pub(crate) fn gap() {
    #[cfg(stress)]
    stress::linger();
}

/// Whether a model leaves out the named protocol step, to show that it would notice. Never true outside of models.
#[cfg(not(any(loom, shuttle)))]
#[inline(always)]
pub(crate) const fn left_out(_step: &str) -> bool {
    false
}

#[cfg(any(loom, shuttle))]
pub(crate) use crate::models::left_out;

/// A random number, which comes again when a schedule is replayed.
#[cfg(shuttle)]
pub(crate) fn random() -> u64 {
    use shuttle::rand::RngCore;
    shuttle::rand::thread_rng().next_u64()
}

#[cfg(stress)]
mod stress {
    use std::cell::Cell;

    thread_local! { static STATE: Cell<u64> = const { Cell::new(0) } }

    /// Nothing (mostly), a short spin, or a yield; decided by a xorshift seeded by the thread's own address.
    pub(super) fn linger() {
        let chance = STATE.with(|state| {
            let mut x = state.get();
            if x == 0 {
                x = std::ptr::from_ref(state).addr() as u64 | 1;
            }
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            state.set(x);
            x % 64
        });
        match chance {
            0 => std::thread::yield_now(),
            1..=7 => (0..chance * 40).for_each(|_| std::hint::spin_loop()),
            _ => {}
        }
    }
}
