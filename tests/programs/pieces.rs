//! Slices and strings in pieces, as std cuts them. A predicate may panic.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::prelude::*;

use super::Program;
use crate::boxed::Boxed;
use crate::common::{boom, caught};

/// What strings are made of: separators of all kinds, and letters of one to four bytes.
const LETTERS: [char; 16] = [
    'a', 'b', 'a', ' ', '\n', '\r', '\t', ';', 'é', 'ß', '漢', '😀', '\u{a0}', '\u{2028}', '\0',
    '/',
];

/// Counts the calls of a predicate, one of which may panic.
struct Fuse {
    calls: AtomicUsize,
    fatal: usize,
}

impl Fuse {
    fn check(&self, answer: bool) -> bool {
        // Relaxed: a count.
        if self.calls.fetch_add(1, Ordering::Relaxed) == self.fatal {
            boom(self.fatal as u64);
        }
        answer
    }
}

pub(super) fn run(mut program: Program<'_>) {
    let fuse = Fuse {
        fatal: program.fuse(),
        calls: AtomicUsize::new(0),
    };
    let pool = program.pool();
    let result = caught(|| {
        pool.install(|| match program.below(3) {
            0 => shared(program, &fuse),
            1 => mutable(program, &fuse),
            _ => text(program, &fuse),
        });
    });
    if let Err(tag) = result {
        assert_eq!(tag, fuse.fatal as u64);
    }
}

#[track_caller]
fn assert_same<T, I>(ours: I, theirs: impl Iterator<Item = T>)
where
    T: Send + PartialEq + Debug,
    I: ParallelIterator<Item = T>,
{
    assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
}

/// The same for what has indices: also backwards, from the middle, and in steps.
#[track_caller]
fn assert_same_indexed<T, I>(ours: I, theirs: impl Iterator<Item = T>, way: usize)
where
    T: Send + PartialEq + Debug,
    I: IndexedParallelIterator<Item = T>,
{
    let ours = Boxed::new(ours);
    let mut theirs: Vec<T> = theirs.collect();
    assert_eq!(ours.len(), theirs.len());
    let third = theirs.len() / 3;
    match way % 4 {
        0 => assert_same(ours, theirs.into_iter()),
        1 => {
            theirs.reverse();
            assert_same(ours.rev(), theirs.into_iter());
        }
        2 => assert_same(
            ours.skip(third).take(third + 1).with_max_len(1),
            theirs.into_iter().skip(third).take(third + 1),
        ),
        _ => assert_same(ours.step_by(3), theirs.into_iter().step_by(3)),
    }
}

fn shared(mut program: Program<'_>, fuse: &Fuse) {
    let (kind, n, way) = (program.below(10), 1 + program.below(20), program.below(4));
    let v: Vec<u8> = program.0.to_vec();
    let ends = |x: &u8| usize::from(*x).is_multiple_of(n);
    let ends_or_panics = |x: &u8| fuse.check(ends(x));
    match kind {
        0 => assert_same_indexed(v.par_chunks(n), v.chunks(n), way),
        1 => {
            let chunks = v.par_chunks_exact(n);
            assert_eq!(chunks.remainder(), v.chunks_exact(n).remainder());
            assert_same_indexed(chunks, v.chunks_exact(n), way);
        }
        2 => assert_same_indexed(v.par_rchunks(n), v.rchunks(n), way),
        3 => {
            let chunks = v.par_rchunks_exact(n);
            assert_eq!(chunks.remainder(), v.rchunks_exact(n).remainder());
            assert_same_indexed(chunks, v.rchunks_exact(n), way);
        }
        4 => assert_same_indexed(v.par_windows(n), v.windows(n), way),
        5 => assert_same_indexed(
            v.par_array_windows::<3>(),
            v.windows(3).map(|items| items.try_into().expect("three")),
            way,
        ),
        6 => assert_same(v.par_split(ends_or_panics), v.split(ends)),
        7 => assert_same(
            v.par_split_inclusive(ends_or_panics),
            v.split_inclusive(ends),
        ),
        8 => assert_same(
            v.par_chunk_by(|a, b| fuse.check(a <= b)),
            v.chunk_by(|a, b| a <= b),
        ),
        _ => assert_same_indexed(v.par_iter(), v.iter(), way),
    }
}

fn mutable(mut program: Program<'_>, fuse: &Fuse) {
    let (kind, n, way) = (program.below(8), 1 + program.below(20), program.below(4));
    let mut ours: Vec<u8> = program.0.to_vec();
    let mut theirs = ours.clone();
    let ends = |x: &u8| usize::from(*x).is_multiple_of(n);
    let ends_or_panics = |x: &u8| fuse.check(ends(x));
    // The pieces of both stay apart, so each may be written to.
    let (v, w) = (&mut ours, &mut theirs);
    match kind {
        0 => assert_same_indexed(v.par_chunks_mut(n), w.chunks_mut(n), way),
        1 => {
            let mut chunks = v.par_chunks_exact_mut(n);
            assert_eq!(chunks.remainder().len(), w.len() % n);
            assert_same_indexed(chunks, w.chunks_exact_mut(n), way);
        }
        2 => assert_same_indexed(v.par_rchunks_mut(n), w.rchunks_mut(n), way),
        3 => assert_same_indexed(v.par_rchunks_exact_mut(n), w.rchunks_exact_mut(n), way),
        4 => assert_same(v.par_split_mut(ends_or_panics), w.split_mut(ends)),
        5 => assert_same(
            v.par_split_inclusive_mut(ends_or_panics),
            w.split_inclusive_mut(ends),
        ),
        6 => assert_same(
            v.par_chunk_by_mut(|a, b| fuse.check(a <= b)),
            w.chunk_by_mut(|a, b| a <= b),
        ),
        _ => {
            v.par_chunk_by_mut(|a, b| fuse.check(a <= b))
                .for_each(<[u8]>::reverse);
            w.chunk_by_mut(|a, b| a <= b).for_each(<[u8]>::reverse);
        }
    }
    assert_eq!(ours, theirs);
}

fn text(mut program: Program<'_>, fuse: &Fuse) {
    let kind = program.below(16);
    let letter = LETTERS[program.below(16)];
    let s: String = program
        .0
        .iter()
        .map(|&byte| LETTERS[usize::from(byte) % 16])
        .collect();
    let s = s.as_str();
    let cuts = |c: char| c == letter || c == ';';
    let cuts_or_panics = |c: char| fuse.check(cuts(c));
    match kind {
        0 => assert_same(s.par_chars(), s.chars()),
        1 => assert_same(s.par_char_indices(), s.char_indices()),
        2 => assert_same(s.par_bytes(), s.bytes()),
        3 => assert_same(s.par_encode_utf16(), s.encode_utf16()),
        4 => assert_same(s.par_split(letter), s.split(letter)),
        5 => assert_same(s.par_split(cuts_or_panics), s.split(cuts)),
        6 => assert_same(s.par_split_inclusive(letter), s.split_inclusive(letter)),
        7 => assert_same(
            s.par_split_inclusive(cuts_or_panics),
            s.split_inclusive(cuts),
        ),
        8 => assert_same(s.par_split_terminator(letter), s.split_terminator(letter)),
        9 => assert_same(
            s.par_split_terminator(cuts_or_panics),
            s.split_terminator(cuts),
        ),
        10 => assert_same(s.par_lines(), s.lines()),
        11 => assert_same(s.par_split_whitespace(), s.split_whitespace()),
        12 => assert_same(s.par_split_ascii_whitespace(), s.split_ascii_whitespace()),
        13 => assert_same(s.par_matches(cuts_or_panics), s.matches(cuts)),
        14 => assert_same(s.par_match_indices(letter), s.match_indices(letter)),
        _ => drained(program, s),
    }
}

/// A part of a string is drained, and driven in part or not at all.
fn drained(mut program: Program<'_>, s: &str) {
    let place = |at: usize| {
        (0..=at)
            .rev()
            .find(|&at| s.is_char_boundary(at))
            .unwrap_or(0)
    };
    let start = place(program.below(s.len() + 1));
    let end = place(start + program.below(s.len() - start + 1)).max(start);
    let mut left = s.to_owned();
    let drain = left.par_drain(start..end);
    match program.below(3) {
        0 => drop(drain),
        1 => assert_eq!(drain.find_first(|_| true), s[start..end].chars().next()),
        _ => assert_same(drain, s[start..end].chars()),
    }
    assert_eq!(left, [&s[..start], &s[end..]].concat());
}
