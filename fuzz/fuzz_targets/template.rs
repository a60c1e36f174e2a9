//! Payload templates over inputs.
#![no_main]

#[path = "language/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| check::template(text));
