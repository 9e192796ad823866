//! One thread's token: [`Parker::park`] waits for it, [`Unparker::unpark`] gives it. A token given early is kept.

use std::sync::OnceLock;

use crate::primitive::{Arc, AtomicUsize, Ordering, gap, left_out, thread};

/// No token, nobody waits.
const EMPTY: usize = 0;
/// The owner waits, or is about to.
const PARKED: usize = 1;
/// A token lies ready.
const NOTIFIED: usize = 2;

/// The waiting end. It belongs to the one thread that calls [`park`](Self::park).
#[derive(Debug)]
pub(crate) struct Parker {
    unparker: Unparker,
}

/// The waking end. It outlives the thread that waits, so a signal that comes too late hits nothing.
#[derive(Clone, Debug)]
pub(crate) struct Unparker {
    token: Arc<Token>,
}

/// The state word stands before the thread's own token, because that one may be given or taken by anybody:
/// a foreign `unpark` does no harm here.
#[derive(Debug)]
struct Token {
    state: AtomicUsize,
    /// Whom to wake. Set before the state first says PARKED.
    thread: OnceLock<thread::Thread>,
}

impl Parker {
    pub(crate) fn new() -> Self {
        let token = Token {
            state: AtomicUsize::new(EMPTY),
            thread: OnceLock::new(),
        };
        Self {
            unparker: Unparker {
                token: Arc::new(token),
            },
        }
    }

    #[inline]
    pub(crate) fn unparker(&self) -> &Unparker {
        &self.unparker
    }

    /// Waits for a token and takes it: all that its giver did before is visible afterwards.
    pub(crate) fn park(&self) {
        let Token { state, thread } = &*self.unparker.token;
        // NOTIFIED=>EMPTY. Acquire: sees what came before `unpark`.
        if state
            .compare_exchange(NOTIFIED, EMPTY, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
        {
            return;
        }
        thread.get_or_init(thread::current);
        // EMPTY=>PARKED. Release: `unpark`, which reads PARKED, sees the thread. If a token came just now, the loop
        // finds it.
        let _ = state.compare_exchange(EMPTY, PARKED, Ordering::Release, Ordering::Relaxed);
        loop {
            gap();
            // NOTIFIED=>EMPTY. Acquire, as above. Anything else is a spurious or foreign wake-up: wait on.
            if state
                .compare_exchange(NOTIFIED, EMPTY, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
            {
                return;
            }
            thread::park();
        }
    }
}

impl Unparker {
    /// Gives the token, and wakes the thread if it waits for it.
    pub(crate) fn unpark(&self) {
        // Release: `park` returns knowing all that we did before. A swap even if already NOTIFIED, so that `park` reads
        // from the latest token. Acquire: PARKED comes with the thread. EMPTY=>NOTIFIED, PARKED=>NOTIFIED,
        // NOTIFIED=>NOTIFIED.
        if left_out("token-kept") && self.token.state.load(Ordering::Relaxed) == EMPTY {
            return;
        }
        let order = if left_out("token-release") {
            Ordering::Relaxed
        } else {
            Ordering::AcqRel
        };
        if self.token.state.swap(NOTIFIED, order) == PARKED {
            gap();
            if let Some(thread) = self.token.thread.get() {
                thread.unpark();
            }
        }
    }
}

crate::primitive::thread_lazy! {
    /// The parker of a thread that waits without being a worker.
    static OWN: Parker = Parker::new();
}

/// Gives `f` a parker of the calling thread. It is the same one from call to call, but for a thread that is ending: there each
/// call has a new one.
pub(crate) fn with_own_parker<R>(f: impl FnOnce(&Parker) -> R) -> R {
    let mut f = Some(f);
    let mut give = |parker: &Parker| f.take().map(|f| f(parker));
    let result = OWN
        .try_with(&mut give)
        .unwrap_or_else(|_| give(&Parker::new()));
    result.expect("a closure that is called once")
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn state(parker: &Parker) -> usize {
        parker.unparker.token.state.load(Ordering::Relaxed)
    }

    #[test]
    fn a_token_given_early_is_kept_and_two_are_one() {
        let parker = Parker::new();
        for _ in 0..3 {
            assert_eq!(state(&parker), EMPTY);
            parker.unparker().unpark();
            parker.unparker().clone().unpark();
            assert_eq!(state(&parker), NOTIFIED);
            parker.park(); // at once
        }
        assert_eq!(state(&parker), EMPTY);
    }

    /// Neither the thread's own token, which anybody may give, nor that of another parker ends the wait.
    #[test]
    fn who_parks_waits_for_its_own_token() {
        let (parker, other) = (Parker::new(), Parker::new());
        for _ in 0..10 {
            let (is_given, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
            thread::current().unpark();
            other.unparker().unpark();
            thread::scope(|threads| {
                threads.spawn(|| {
                    while state(&parker) != PARKED && !is_over.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    is_given.store(true, Ordering::Relaxed); // ordered by the token
                    parker.unparker().unpark();
                });
                parker.park();
                let was_given = is_given.load(Ordering::Relaxed);
                is_over.store(true, Ordering::Relaxed);
                assert!(was_given);
            });
            assert_eq!(state(&parker), EMPTY);
        }
    }

    /// Beside the token of the parker it is given that of the thread.
    #[test]
    fn who_waits_is_woken_up() {
        let parker = Parker::new();
        let Token { state, thread } = &*parker.unparker.token;
        thread.get_or_init(thread::current);
        // No token of the thread lies there.
        thread::current().unpark();
        thread::park();
        state.store(PARKED, Ordering::Relaxed);
        parker.unparker().unpark();
        assert_eq!(state.load(Ordering::Relaxed), NOTIFIED);
        thread::park(); // at once
    }

    #[test]
    fn a_thread_keeps_its_parker() {
        let address = || with_own_parker(|parker| std::ptr::from_ref(parker).addr());
        let here = address();
        assert_eq!(address(), here);
        assert_ne!(thread::spawn(address).join().expect("no panic"), here);
    }
}
