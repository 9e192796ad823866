#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lyocell_fuzz::run("sorts", bytes));
