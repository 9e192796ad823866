//! Programs made of bytes, in the languages of `tests/programs`: those of the corpus always, random ones on top for as many seconds as
//! `LYOCELL_FUZZ_SECONDS` says. What libFuzzer finds by way of `fuzz/` is added to the corpus, and fails here, too.

#[path = "it/boxed.rs"]
mod boxed;
#[path = "it/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "it/counted.rs"]
#[allow(dead_code)]
mod counted;
mod programs;
#[path = "it/watchdog.rs"]
mod watchdog;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::{Note, Random, sized};
use programs::LANGUAGES;
use watchdog::watchdog;

/// So that it can be fed to a debugger, or to the corpus.
fn note(language: &str, bytes: &[u8]) -> Note {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Note(format!("a program of {language}: {hex}"))
}

/// In the order of their names, so that a seed gives the same programs everywhere.
fn corpus_of(language: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(corpus.join(language))
        .expect("each language has a corpus")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn corpus() {
    for (language, _) in LANGUAGES {
        for file in corpus_of(language).into_iter().take(sized(usize::MAX, 3)) {
            let bytes = fs::read(&file).expect("a readable file");
            watchdog(|_| {
                let _note = Note(format!("{}", file.display()));
                programs::run(language, &bytes);
            });
        }
    }
}

/// Random bytes as they come, and the corpus with a few of its bytes changed.
#[test]
fn at_random() {
    let seconds = std::env::var("LYOCELL_FUZZ_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    for (index, (language, _)) in (0..).zip(LANGUAGES) {
        if std::env::var("LYOCELL_FUZZ_LANGUAGE").is_ok_and(|only| only != language) {
            continue;
        }
        let read = |file| fs::read(file).expect("a readable file");
        let seeds: Vec<Vec<u8>> = corpus_of(language).into_iter().map(read).collect();
        let left = end.saturating_duration_since(Instant::now());
        let share = Instant::now() + left / (LANGUAGES.len() as u32 - index);
        let mut runs = 0;
        while runs < sized(20, 1) || Instant::now() < share {
            // Each under a watchdog of its own, with a seed of its own.
            watchdog(|seed| {
                for round in 0..sized(50, 1) as u64 {
                    let bytes = random_program(Random(seed ^ round << 40), &seeds);
                    let _note = note(language, &bytes);
                    programs::run(language, &bytes);
                }
            });
            runs += 1;
        }
        println!("{language}: {} programs", runs * sized(50, 1));
    }
}

fn random_program(mut random: Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    if random.below(2) == 0 {
        let len = 1 + random.below(sized(300, 30) as u64);
        return (0..len).map(|_| random.next() as u8).collect();
    }
    let mut bytes = seeds[random.below(seeds.len() as u64) as usize].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        match random.below(3) {
            0 if at < bytes.len() => bytes[at] = random.next() as u8,
            1 if at < bytes.len() => _ = bytes.remove(at),
            _ => bytes.insert(at, random.next() as u8),
        }
    }
    bytes
}
