#![no_main]
//! Any file in any format ends, with items or an error, and from a place in it the rest is the same.

#[path = "items/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| check::check(input));
