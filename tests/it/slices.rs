//! Slices in chunks, windows and parts, beside std's way of taking them apart.

use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::prelude::*;

use crate::common::{Note, Random, boom, caught, inside, numbers, with_pools};
use crate::ledger::message_of;
use crate::twin::{LENGTHS, check_cut, check_indexed, check_splits, check_unindexed, for_each_cut};

macro_rules! indexed {
    ($($name:ident: |$data:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            with_pools(|pool, width| {
                for len in LENGTHS {
                    let _note = Note(format!("{len} numbers"));
                    let $data = numbers(len);
                    let want: Vec<_> = $theirs.collect();
                    if width == 1 {
                        check_splits(|| $ours, &want);
                    }
                    inside(pool, &|| check_indexed(|| $ours, &want));
                }
            });
        }
    )*};
}

indexed! {
    rchunks_of_one: |data| data.par_rchunks(1) => data.rchunks(1);
    rchunks: |data| data.par_rchunks(3) => data.rchunks(3);
    rchunks_longer_than_all: |data| data.par_rchunks(usize::MAX) => data.rchunks(usize::MAX);
    rchunks_exact: |data| data.par_rchunks_exact(3) => data.rchunks_exact(3);
    rchunks_exact_longer_than_all: |data| data.par_rchunks_exact(usize::MAX) => data.rchunks_exact(usize::MAX);
    array_windows_of_one: |data| data.par_array_windows::<1>() => data.iter().map(std::array::from_ref);
    array_windows: |data| data.par_array_windows::<4>() => data.windows(4).map(|window| window.first_chunk().unwrap());
}

/// Each cut of mutable chunks needs data of its own.
#[test]
fn mutable_chunks_from_the_end_are_cut() {
    for len in LENGTHS {
        let data = numbers(len);
        let chunks: Vec<Vec<u64>> = data.rchunks(3).map(<[u64]>::to_vec).collect();
        let exact: Vec<Vec<u64>> = data.rchunks_exact(3).map(<[u64]>::to_vec).collect();
        for_each_cut(chunks.len(), |cuts| {
            let mut data = data.clone();
            let ours = data.par_rchunks_mut(3).map(|chunk| chunk.to_vec());
            check_cut(ours, cuts, &chunks);
        });
        for_each_cut(exact.len(), |cuts| {
            let mut data = data.clone();
            let ours = data.par_rchunks_exact_mut(3).map(|chunk| chunk.to_vec());
            check_cut(ours, cuts, &exact);
        });
    }
}

/// What is left over is the same slice as std's, wherever it is asked for.
#[test]
fn remainders() {
    for len in LENGTHS {
        let mut data = numbers(len);
        for size in [1, 3, 16, usize::MAX] {
            let at_end = data.chunks_exact(size).remainder().to_vec();
            let at_front = data.rchunks_exact(size).remainder().to_vec();
            assert_eq!(data.par_chunks_exact(size).remainder(), at_end);
            assert_eq!(data.par_rchunks_exact(size).remainder(), at_front);

            let mut chunks = data.par_chunks_exact_mut(size);
            assert_eq!(chunks.remainder(), at_end);
            assert_eq!(chunks.take_remainder(), at_end);
            assert_eq!(chunks.take_remainder(), []);
            assert_eq!(chunks.into_remainder(), []);
            assert_eq!(data.par_chunks_exact_mut(size).into_remainder(), at_end);

            let mut chunks = data.par_rchunks_exact_mut(size);
            assert_eq!(chunks.remainder(), at_front);
            assert_eq!(chunks.take_remainder(), at_front);
            assert_eq!(chunks.take_remainder(), []);
            assert_eq!(chunks.into_remainder(), []);
            assert_eq!(data.par_rchunks_exact_mut(size).into_remainder(), at_front);
        }
    }
}

/// Rows of few different values: empty, all alike, ends that differ, one that differs at each place, and random ones.
fn rows() -> Vec<Vec<u8>> {
    let mut rows = vec![
        vec![],
        vec![0],
        vec![1],
        vec![0; 33],
        vec![1; 33],
        [vec![0], vec![1; 31], vec![0]].concat(),
        [vec![1], vec![0; 31], vec![1]].concat(),
        (0..100).map(|i| i % 2).collect(),
    ];
    rows.extend((0..17).map(|at| (0..17).map(|i| u8::from(i == at)).collect()));
    let mut random = Random(3);
    for values in [2, 3, 40] {
        for len in [2, 9, 64, 1000] {
            rows.push((0..len).map(|_| random.below(values) as u8).collect());
        }
    }
    rows
}

macro_rules! parted {
    ($($name:ident: |$row:ident| $ours:expr, $mutably:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            let rows = rows();
            with_pools(|pool, _| {
                for row in &rows {
                    let _note = Note(format!("{row:?}"));
                    let want: Vec<&[u8]> = { let $row = &row[..]; $theirs.collect() };
                    inside(pool, &|| check_unindexed(|| { let $row = &row[..]; $ours }, &want));
                    inside(pool, &|| {
                        let mut own = row.clone();
                        let $row = &mut own[..];
                        let parts: Vec<&mut [u8]> = $mutably.collect();
                        assert_eq!(parts, want);
                        // Every one of them is there for itself.
                        for (at, part) in parts.into_iter().enumerate() {
                            part.fill(at as u8);
                        }
                    });
                }
            });
        }
    )*};
}

parted! {
    split: |row| row.par_split(|&x| x == 0), row.par_split_mut(|&x| x == 0) => row.split(|&x| x == 0);
    split_at_all: |row| row.par_split(|_| true), row.par_split_mut(|_| true) => row.split(|_| true);
    split_at_nothing: |row| row.par_split(|_| false), row.par_split_mut(|_| false) => row.split(|_| false);
    split_inclusive: |row| row.par_split_inclusive(|&x| x == 0), row.par_split_inclusive_mut(|&x| x == 0)
        => row.split_inclusive(|&x| x == 0);
    split_inclusive_at_all: |row| row.par_split_inclusive(|_| true), row.par_split_inclusive_mut(|_| true)
        => row.split_inclusive(|_| true);
    split_inclusive_at_nothing: |row| row.par_split_inclusive(|_| false), row.par_split_inclusive_mut(|_| false)
        => row.split_inclusive(|_| false);
    chunk_by: |row| row.par_chunk_by(|a, b| a == b), row.par_chunk_by_mut(|a, b| a == b) => row.chunk_by(|a, b| a == b);
    chunk_by_order: |row| row.par_chunk_by(|a, b| a <= b), row.par_chunk_by_mut(|a, b| a <= b) => row.chunk_by(|a, b| a <= b);
    chunk_by_all: |row| row.par_chunk_by(|_, _| true), row.par_chunk_by_mut(|_, _| true) => row.chunk_by(|_, _| true);
    chunk_by_nothing: |row| row.par_chunk_by(|_, _| false), row.par_chunk_by_mut(|_, _| false) => row.chunk_by(|_, _| false);
}

/// The closure is asked about each place once, however the slice is cut.
#[test]
fn each_place_is_asked_about_once() {
    with_pools(|pool, _| {
        for row in rows() {
            let asked = AtomicUsize::new(0);
            let ask = |answer| {
                asked.fetch_add(1, Ordering::Relaxed);
                answer
            };
            let places = |_parts: usize| asked.swap(0, Ordering::Relaxed);
            pool.install(|| {
                assert_eq!(places(row.par_split(|&x| ask(x == 0)).count()), row.len());
                let runs = row.par_chunk_by(|a, b| ask(a == b));
                assert_eq!(places(runs.count()), row.len().saturating_sub(1));
            });
        }
    });
}

/// A panic in the closure at any place comes out.
#[test]
fn panics_of_a_separator() {
    with_pools(|pool, _| {
        let row: Vec<u64> = (0..60).collect();
        for fatal in 0..60 {
            let separator = |&x: &u64| if x == fatal { boom(fatal) } else { x % 7 == 0 };
            let count = || row.par_split(separator).count();
            assert_eq!(caught(|| pool.install(count)), Err(fatal));
            let together = |&a: &u64, _: &u64| if a == fatal { boom(fatal) } else { a % 7 != 0 };
            let count = || row.par_chunk_by(together).count();
            let pairs = if fatal == 59 { Ok(10) } else { Err(fatal) };
            assert_eq!(caught(|| pool.install(count)), pairs);
        }
    });
}

/// A size of zero is found out at once, and named.
#[test]
fn sizes_of_zero() {
    let mut data = [1, 2, 3];
    let messages = [
        message_of(|| _ = data.par_windows(0)),
        message_of(|| _ = data.par_array_windows::<0>()),
        message_of(|| _ = data.par_chunks(0)),
        message_of(|| _ = data.par_chunks_exact(0)),
        message_of(|| _ = data.par_rchunks(0)),
        message_of(|| _ = data.par_rchunks_exact(0)),
        message_of(|| _ = data.par_chunks_mut(0)),
        message_of(|| _ = data.par_chunks_exact_mut(0)),
        message_of(|| _ = data.par_rchunks_mut(0)),
        message_of(|| _ = data.par_rchunks_exact_mut(0)),
    ];
    assert_eq!(messages[0], "window_size must not be zero");
    assert_eq!(messages[1], "N must not be zero");
    for message in &messages[2..] {
        assert_eq!(message, "chunk_size must not be zero");
    }
}

#[test]
fn clones_and_prints() {
    let data = [1, 0, 2];
    let split = data.par_split(|&x| x == 0);
    assert_eq!(format!("{:?}", split.clone()), "Split { slice: [1, 0, 2] }");
    assert_eq!(split.count(), 2);
    let runs = data.par_chunk_by(|a, b| a < b);
    assert_eq!(runs.clone().count(), runs.count());
    let windows = data.par_array_windows::<2>();
    assert_eq!(windows.clone().count(), windows.len());
}
