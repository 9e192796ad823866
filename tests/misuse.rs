//! Arguments that make no sense panic at once, in words that name the argument and at the place of the caller.
//!
//! The place is seen by a panic hook, of which a process has one: hence a process of their own, and one test.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::{Bound, Range};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use lyocell::prelude::*;

thread_local! {
    /// Message, file and line of the last panic of this thread.
    static LAST: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
}

/// Message and place of the panic that `misuse` ends in, if it does.
fn panic_of(misuse: impl FnOnce()) -> Option<(String, String, u32)> {
    let result = catch_unwind(AssertUnwindSafe(misuse));
    LAST.take().filter(|_| result.is_err())
}

/// For each row the word that the message must hold, the code, and what came of it.
macro_rules! panics {
    ($($word:literal: $misuse:expr;)*) => {
        [$(($word, stringify!($misuse), panic_of(|| _ = $misuse))),*]
    };
}

#[test]
fn misuse_panics_where_it_happens() {
    let former = take_hook();
    set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or(("", 0), |place| (place.file(), place.line()));
        LAST.set(Some((
            info.payload_as_str().unwrap_or("").to_owned(),
            place.0.to_owned(),
            place.1,
        )));
    }));
    let (mut numbers, mut vec) = ([1, 2, 3], vec![1, 2, 3]);
    let (mut deque, mut text) = (VecDeque::from([1, 2, 3]), String::from("é"));
    let begin = line!();
    let panics = panics! {
        "step": numbers.par_iter().step_by(0);
        "chunk_size": numbers.par_iter().chunks(0);
        "chunk_size": numbers.par_iter().fold_chunks(0, || 0, |a, b| a + b);
        "chunk_size": numbers.par_iter().fold_chunks_with(0, 0, |a, b| a + b);
        "block_size": numbers.par_iter().by_uniform_blocks(0);
        "zip_op": numbers.par_iter().zip_eq(&[1, 2]);
        "other": (0..usize::MAX).into_par_iter().interleave(0..1);
        "chunk_size": numbers.par_chunks(0);
        "chunk_size": numbers.par_chunks_exact(0);
        "chunk_size": numbers.par_chunks_mut(0);
        "chunk_size": numbers.par_chunks_exact_mut(0);
        "window_size": numbers.par_windows(0);
        "range": vec.par_drain(2..5);
        "range": vec.par_drain(..4);
        "range": vec.par_drain(2..=usize::MAX);
        "range": vec.par_drain((Bound::Excluded(usize::MAX), Bound::Unbounded));
        "range": vec.par_drain(Range { start: 2, end: 1 });
        "range": deque.par_drain(2..5);
        "range": deque.par_drain(..=3);
        "range": text.par_drain(3..9);
        "range": text.par_drain(..1);
    };
    let end = line!();
    set_hook(former);
    assert_eq!((numbers, vec), ([1, 2, 3], vec![1, 2, 3]));
    assert_eq!((deque.len(), text.as_str()), (3, "é"));
    // All complaints at once: each is a call that leaves its user guessing.
    let mut complaints = Vec::new();
    for (word, code, panic) in panics {
        let Some((message, file, line)) = panic else {
            complaints.push(format!("`{code}` does not panic"));
            continue;
        };
        if !message.contains(word) {
            complaints.push(format!("`{code}` does not speak of {word}: {message:?}"));
        }
        if file != file!() || !(begin..end).contains(&line) {
            complaints.push(format!("`{code}` points to {file}:{line}"));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}
