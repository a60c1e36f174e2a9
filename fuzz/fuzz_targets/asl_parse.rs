//! Any text is a definition or not; what is said of it fits what is given.
#![no_main]

use asl::Severity;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = asl::parse(text);
    let errors = parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(parsed.machine.is_none(), errors);
});
