//! Ranges of every integer type and of `char`, in the middle of the type and at both of its ends.

use lyocell::prelude::*;

use crate::common::{inside, with_pools};
use crate::twin::{check_indexed, check_splits, check_unindexed};

/// Both ends of the type, the place where the sign changes, nothing, one, and backwards.
macro_rules! bounds {
    ($int:ty) => {{
        let (min, max, mid) = (<$int>::MIN, <$int>::MAX, <$int>::MAX / 2);
        [
            (min, min),
            (min, min + 1),
            (min, min + 100),
            (mid - 3, mid + 14),
            (max - 20, max),
            (max, max),
            (max, min),
            (9, 3),
        ]
    }};
}

macro_rules! indexed {
    ($($int:ident)*) => {$(
        #[test]
        fn $int() {
            with_pools(|pool, _| {
                for (begin, end) in bounds!($int) {
                    let want: Vec<$int> = (begin..end).collect();
                    check_splits(|| (begin..end).into_par_iter(), &want);
                    inside(pool, &|| check_indexed(|| (begin..end).into_par_iter(), &want));
                }
            });
        }
    )*};
}

indexed! { u8 u16 u32 usize i8 i16 i32 isize }

macro_rules! unindexed {
    ($($int:ident)*) => {$(
        #[test]
        fn $int() {
            with_pools(|pool, _| {
                for (begin, end) in bounds!($int) {
                    let want: Vec<$int> = (begin..end).collect();
                    inside(pool, &|| check_unindexed(|| (begin..end).into_par_iter(), &want));
                }
            });
        }
    )*};
}

unindexed! { u64 i64 u128 i128 }

mod inclusive {
    use super::*;

    macro_rules! inclusive {
        ($($int:ident)*) => {$(
            #[test]
            fn $int() {
                with_pools(|pool, _| {
                    for (begin, end) in bounds!($int) {
                        let want: Vec<$int> = (begin..=end).collect();
                        inside(pool, &|| check_unindexed(|| (begin..=end).into_par_iter(), &want));
                        // One that has been emptied by its iterator is empty here too.
                        let mut spent = begin..=end;
                        spent.by_ref().for_each(drop);
                        assert_eq!(pool.install(|| spent.into_par_iter().count()), 0);
                    }
                });
            }
        )*};
    }

    inclusive! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

    macro_rules! with_index {
        ($($name:ident: $int:ident;)*) => {$(
            #[test]
            fn $name() {
                with_pools(|pool, _| {
                    for (begin, end) in bounds!($int) {
                        let want: Vec<$int> = (begin..=end).collect();
                        inside(pool, &|| check_indexed(|| (begin..=end).into_par_iter(), &want));
                    }
                    let all: Vec<$int> = ($int::MIN..=$int::MAX).collect();
                    assert_eq!(pool.install(|| ($int::MIN..=$int::MAX).into_par_iter().collect::<Vec<_>>()), all);
                });
            }
        )*};
    }

    with_index! {
        u8_with_index: u8;
        u16_with_index: u16;
        i8_with_index: i8;
        i16_with_index: i16;
    }
}

/// The gap of the surrogates lies in the middle.
#[test]
fn chars() {
    with_pools(|pool, _| {
        for (begin, end) in [
            ('a', 'z'),
            ('z', 'a'),
            ('q', 'q'),
            ('\u{D7F0}', '\u{E010}'),
            ('\u{10FFF0}', char::MAX),
        ] {
            let (open, closed): (Vec<char>, Vec<char>) =
                ((begin..end).collect(), (begin..=end).collect());
            pool.install(|| {
                check_indexed(|| (begin..end).into_par_iter(), &open);
                check_indexed(|| (begin..=end).into_par_iter(), &closed);
            });
        }
    });
}

/// Longer than any index: there is no exact length, and the sum is still right.
#[test]
fn long_ranges_have_no_exact_length() {
    with_pools(|pool, _| {
        pool.install(|| {
            assert_eq!((0..u128::MAX).into_par_iter().opt_len(), None);
            assert_eq!((0..1000_u64).into_par_iter().opt_len(), Some(1000));
            assert_eq!((0..=999_u32).into_par_iter().opt_len(), Some(1000));
            assert_eq!(
                (i64::MAX - 3..i64::MAX)
                    .into_par_iter()
                    .map(i128::from)
                    .sum::<i128>(),
                3 * i128::from(i64::MAX) - 6
            );
        });
    });
}
