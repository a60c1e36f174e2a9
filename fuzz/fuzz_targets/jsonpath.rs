//! Any path over any document ends, with a value or an error.
#![no_main]

use asl::{Json, JsonPath};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (path, document) = input;
    if let (Ok(path), Ok(document)) = (JsonPath::parse(path), Json::from_text(document)) {
        let _ = path.evaluate_jayway(&document);
    }
});
