//! Programs in a string of bytes: whatever the bytes are, they mean something, and what they mean is checked.
//!
//! `tests/fuzz.rs` runs those of `tests/corpus`, and random ones for as long as it is told to; the targets in `fuzz/` hand over what
//! libFuzzer makes up. Both find the same faults with the same bytes.

mod chains;
mod pieces;
mod pools;
mod sorts;
mod trees;

use std::panic;
use std::sync::{Once, OnceLock};

use lyocell::ThreadPool;

use crate::common::pool;

/// A language, and its interpreter.
type Language = (&'static str, fn(Program<'_>));

/// All that there are.
pub(crate) const LANGUAGES: [Language; 5] = [
    ("chains", chains::run),
    ("pieces", pieces::run),
    ("pools", pools::run),
    ("sorts", sorts::run),
    ("trees", trees::run),
];

/// Runs a program, and panics if anything is wrong with what came of it.
pub(crate) fn run(language: &str, bytes: &[u8]) {
    static QUIET: Once = Once::new();
    QUIET.call_once(silence_sorts);
    let (_, interpreter) = LANGUAGES
        .iter()
        .find(|(name, _)| *name == language)
        .expect("a language");
    interpreter(Program(bytes));
}

/// std's sorts say so when a comparator contradicts itself. That is as it should be, and no news.
fn silence_sorts() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let words = info.payload().downcast_ref::<&str>();
        if !words.is_some_and(|words| words.contains("total order")) {
            usual(info);
        }
    }));
}

/// The bytes that are left. Behind the end there are only zeros.
#[derive(Clone, Copy)]
pub(crate) struct Program<'b>(pub(crate) &'b [u8]);

impl<'b> Program<'b> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    /// A number below `end`, from one byte, or from two if one can't say it.
    fn below(&mut self, end: usize) -> usize {
        let low = usize::from(self.byte());
        if end <= 256 {
            return low % end;
        }
        (low + 256 * usize::from(self.byte())) % end
    }

    fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next so many bytes, as a program of their own.
    fn part(&mut self, len: usize) -> Program<'b> {
        let (part, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        Program(part)
    }

    /// The operation that is to panic; in every other program none.
    fn fuse(&mut self) -> usize {
        match self.byte() {
            long if long < 128 => usize::MAX,
            short if short < 240 => usize::from(short - 128),
            _ => self.below(2000),
        }
    }

    /// One of the pools that all programs share.
    fn pool(&mut self) -> &'static ThreadPool {
        static POOLS: OnceLock<[ThreadPool; 4]> = OnceLock::new();
        let pools = POOLS.get_or_init(|| [pool(1), pool(2), pool(3), pool(5)]);
        &pools[self.below(pools.len())]
    }
}
