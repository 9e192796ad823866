//! Items that account for themselves: a ledger knows of each how often it was made and dropped.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

/// The accounts of the items 0, 1, 2, …
pub(crate) struct Ledger {
    accounts: Vec<(AtomicU32, AtomicU32)>,
}

/// One item. Each of those that a ledger makes is dropped once, or the ledger complains.
pub(crate) struct Item<'l, Load = ()> {
    ledger: &'l Ledger,
    pub(crate) id: usize,
    pub(crate) load: Load,
}

impl Ledger {
    pub(crate) fn new(len: usize) -> Self {
        Self {
            accounts: (0..len).map(|_| Default::default()).collect(),
        }
    }

    pub(crate) fn item(&self, id: usize) -> Item<'_> {
        self.loaded(id, ())
    }

    pub(crate) fn loaded<Load>(&self, id: usize, load: Load) -> Item<'_, Load> {
        self.accounts[id].0.fetch_add(1, Ordering::Relaxed);
        Item {
            ledger: self,
            id,
            load,
        }
    }

    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        (0..self.accounts.len()).map(|id| self.item(id)).collect()
    }

    /// Every item that was made has been dropped exactly once.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        for (id, (made, dropped)) in self.accounts.iter().enumerate() {
            let (made, dropped) = (
                made.load(Ordering::Relaxed),
                dropped.load(Ordering::Relaxed),
            );
            assert!(made <= 1, "item {id} was made {made} times");
            assert_eq!(
                made, dropped,
                "item {id}: made {made} times, dropped {dropped} times"
            );
        }
    }
}

impl<Load> Drop for Item<'_, Load> {
    fn drop(&mut self) {
        self.ledger.accounts[self.id]
            .1
            .fetch_add(1, Ordering::Relaxed);
    }
}

/// The payload of a panic that a test has planned.
#[derive(Debug, PartialEq)]
pub(crate) struct Planned(pub(crate) usize);

/// Panics without a message on the terminal.
pub(crate) fn panic_as_planned(at: usize) -> ! {
    resume_unwind(Box::new(Planned(at)))
}

/// Runs `body`, which must panic as planned, with the very payload.
#[track_caller]
pub(crate) fn assert_panics_at<R>(at: usize, body: impl FnOnce() -> R) {
    let payload = caught(body);
    assert_eq!(payload.downcast_ref(), Some(&Planned(at)));
}

/// Runs `body`, which must panic with a message, and returns that.
#[track_caller]
pub(crate) fn message_of<R>(body: impl FnOnce() -> R) -> String {
    let payload = caught(body);
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_string(),
    }
}

#[track_caller]
fn caught<R>(body: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(_) => panic!("it should have panicked"),
        Err(payload) => payload,
    }
}

/// Runs `body` inside pools of one, two, three and eight threads.
pub(crate) fn with_pools(body: impl Fn() + Sync) {
    for threads in [1, 2, 3, 8] {
        let pool = lyocell::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(&body);
    }
}
