//! Texts beside std's way of reading them and taking them apart.

use std::sync::atomic::{AtomicUsize, Ordering};

use lyocell::prelude::*;

use crate::common::{Note, Random, boom, caught, inside, is_slow, pool, sized, with_pools};
use crate::twin::check_unindexed;

/// Texts that are hard to cut: empty, of separators alone, with separators at their ends, of characters of every width, and
/// long ones at random.
fn texts() -> Vec<String> {
    let fixed = [
        "",
        ",",
        "\n",
        "\r",
        "\r\n",
        "\n\r",
        "\r\r\n",
        ",,,,,,,,",
        "\n\n\n\n",
        "\r\n\r\n\r\n",
        "     \t\n  ",
        "warp",
        ",warp",
        "warp,",
        ",warp,weft,",
        "warp\nweft",
        "warp\nweft\n",
        "warp\r\nweft\r",
        "warp\r\nweft\r\n\r\n",
        "\u{2003}\u{a0}a\u{3000}b\u{85}",
        "ü",
        "𝄞",
        "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞",
        ",𝄞,,€ü,,,𝄞",
        "€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€,€",
    ];
    let mut texts: Vec<String> = fixed.map(str::to_string).to_vec();
    let alphabets: [&[char]; 4] = [
        &['a', ','],
        &['\r', '\n', 'a'],
        &['𝄞', '€', 'ü', 'a', ','],
        &['\u{2003}', ' ', '\t', '\u{b}', '\u{85}', 'a', 'ü'],
    ];
    let mut random = Random(7);
    for alphabet in alphabets {
        for len in [2, 7, 40, sized(1500, 60)] {
            let mut pick = |_| alphabet[random.below(alphabet.len() as u64) as usize];
            texts.push((0..len).map(&mut pick).collect());
            // Far between: most pieces have no separator at all.
            texts.push(
                (0..len)
                    .map(|i| if i % 29 == 28 { pick(i) } else { 'x' })
                    .collect(),
            );
        }
    }
    // One separator only, everywhere.
    for at in 0..=9 {
        texts.push(format!("{},{}", "ü".repeat(at), "𝄞".repeat(9 - at)));
    }
    texts
}

macro_rules! texts {
    ($($name:ident: |$text:ident| $ours:expr => $theirs:expr;)*) => {$(
        #[test]
        fn $name() {
            let texts = texts();
            with_pools(|pool, _| {
                for text in &texts {
                    let _note = Note(format!("{text:?}"));
                    let $text: &str = text;
                    let want: Vec<_> = $theirs.collect();
                    inside(pool, &|| check_unindexed(|| $ours, &want));
                }
            });
        }
    )*};
}

fn is_vowel(c: char) -> bool {
    ['a', 'e', 'ü'].contains(&c)
}

texts! {
    chars: |text| text.par_chars() => text.chars();
    char_indices: |text| text.par_char_indices() => text.char_indices();
    bytes: |text| text.par_bytes() => text.bytes();
    encode_utf16: |text| text.par_encode_utf16() => text.encode_utf16();
    lines: |text| text.par_lines() => text.lines();
    split_whitespace: |text| text.par_split_whitespace() => text.split_whitespace();
    split_ascii_whitespace: |text| text.par_split_ascii_whitespace() => text.split_ascii_whitespace();

    split_at_a_char: |text| text.par_split(',') => text.split(',');
    split_at_a_wide_char: |text| text.par_split('𝄞') => text.split('𝄞');
    split_at_a_slice: |text| text.par_split(&[',', '€'][..]) => text.split(&[',', '€'][..]);
    split_at_an_array: |text| text.par_split([',', 'ü']) => text.split([',', 'ü']);
    split_at_an_array_by_reference: |text| text.par_split(&['\r', '\n']) => text.split(&['\r', '\n']);
    split_at_a_closure: |text| text.par_split(|c: char| !c.is_ascii()) => text.split(|c: char| !c.is_ascii());
    split_at_all: |text| text.par_split(|_| true) => text.split(|_| true);
    split_at_nothing: |text| text.par_split([]) => text.split([]);
    split_inclusive: |text| text.par_split_inclusive(',') => text.split_inclusive(',');
    split_inclusive_of_some: |text| text.par_split_inclusive([',', '𝄞', '\n']) => text.split_inclusive([',', '𝄞', '\n']);
    split_inclusive_at_all: |text| text.par_split_inclusive(|_| true) => text.split_inclusive(|_| true);
    split_terminator: |text| text.par_split_terminator(',') => text.split_terminator(',');
    split_terminator_of_some: |text| text.par_split_terminator(&[',', '𝄞', '\n']) => text.split_terminator(&[',', '𝄞', '\n']);
    split_terminator_at_all: |text| text.par_split_terminator(|_| true) => text.split_terminator(|_| true);

    matches: |text| text.par_matches(is_vowel) => text.matches(is_vowel);
    matches_of_a_char: |text| text.par_matches('𝄞') => text.matches('𝄞');
    match_indices: |text| text.par_match_indices(is_vowel) => text.match_indices(is_vowel);
    match_indices_of_some: |text| text.par_match_indices(&['𝄞', '\n'][..]) => text.match_indices(&['𝄞', '\n'][..]);
}

/// The parts are where they were: nothing is copied.
#[test]
fn parts_point_into_the_text() {
    with_pools(|pool, _| {
        let text = "warp,weft,,yarn,".repeat(20);
        let places = |parts: Vec<&str>| -> Vec<(usize, usize)> {
            parts
                .iter()
                .map(|part| (part.as_ptr().addr(), part.len()))
                .collect()
        };
        pool.install(|| {
            let ours = places(text.par_split(',').collect());
            assert_eq!(ours, places(text.split(',').collect()));
            let ours = places(text.par_matches('w').collect());
            assert_eq!(ours, places(text.matches('w').collect()));
        });
    });
}

/// A text that is soon read is read by one folder, however many pieces that takes.
#[test]
fn a_short_text_has_one_folder() {
    let text = "warp weft ".repeat(4);
    pool(2).install(|| {
        let folders = AtomicUsize::new(0);
        let begin = || _ = folders.fetch_add(1, Ordering::Relaxed);
        let mut fewest = usize::MAX;
        // Any of them may be interrupted, and then be worth help.
        for _ in 0..1000 {
            folders.store(0, Ordering::Relaxed);
            let chars = text.par_chars().fold(begin, |(), _| ()).count();
            assert_eq!(chars, folders.load(Ordering::Relaxed));
            fewest = fewest.min(chars);
            if fewest == 1 {
                break;
            }
        }
        // Where programs are far slower, no text is soon read.
        assert!(fewest == 1 || is_slow(), "{fewest} folders");
    });
}

/// A loop that has found what it wants asks about no more than it has begun.
#[test]
fn the_end_may_come_early() {
    with_pools(|pool, _| {
        let text = "warp\nweft\nyarn\n".repeat(100);
        pool.install(|| {
            assert_eq!(
                text.par_lines().find_first(|&line| line == "weft"),
                Some("weft")
            );
            assert_eq!(text.par_chars().find_first(|&c| c == 'y'), Some('y'));
            assert_eq!(
                text.par_char_indices()
                    .find_last(|&(_, c)| c == 'w')
                    .map(|(at, _)| at),
                Some(1490)
            );
            assert_eq!(text.par_split_terminator('\n').take_any(7).count(), 7);
        });
    });
}

/// The panic of a pattern comes out, whether it happened on the way to a cut or in a leaf.
#[test]
fn panics_of_a_pattern() {
    with_pools(|pool, _| {
        let text = "warp,weft,yarn,".repeat(9);
        for fatal in 0..text.len() {
            let asked = AtomicUsize::new(0);
            let separator = |c: char| {
                if asked.fetch_add(1, Ordering::Relaxed) == fatal {
                    boom(fatal as u64);
                }
                c == ','
            };
            let count = || text.par_split(separator).count();
            assert_eq!(caught(|| pool.install(count)), Err(fatal as u64));
        }
    });
}

#[test]
fn clones_and_prints() {
    let text = "warp weft";
    let chars = text.par_chars();
    assert_eq!(chars.clone().count(), chars.count());
    let split = text.par_split([' ']);
    assert_eq!(split.clone().count(), split.count());
    assert!(format!("{:?}", text.par_lines()).contains("warp weft"));
    assert!(format!("{:?}", text.par_matches('w')).contains("'w'"));
    assert!(text.par_bytes().opt_len().is_none());
}
