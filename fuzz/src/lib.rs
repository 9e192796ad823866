//! The interpreters of `tests/programs`, for libFuzzer to feed.

#[path = "../../tests/it/boxed.rs"]
mod boxed;
#[path = "../../tests/it/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "../../tests/it/counted.rs"]
#[allow(dead_code)]
mod counted;
#[path = "../../tests/programs/mod.rs"]
mod programs;
#[path = "../../tests/it/watchdog.rs"]
#[allow(dead_code)]
mod watchdog;

/// Runs a program of that language, and panics if anything is wrong with what came of it.
pub fn run(language: &str, bytes: &[u8]) {
    programs::run(language, bytes);
}
