#![no_main]
//! Any expression over any document ends, with a value or an error, and the same way twice.

#[path = "jsonata_eval/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| check::check(input));
