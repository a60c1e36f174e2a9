//! The fuzz targets' corpora, without a fuzzer: every text, and every beginning of it.

#[path = "../../../fuzz/fuzz_targets/language/check.rs"]
mod check;

use std::fs;
use std::path::Path;

/// Runs a check on the texts of a corpus and on their beginnings.
fn replay(name: &str, at_least: usize, check: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(name);
    let mut count = 0;
    for seed in fs::read_dir(folder).expect("the corpus is there") {
        let seed = fs::read(seed.expect("it is readable").path()).expect("it is readable");
        let text = String::from_utf8_lossy(&seed);
        check(&text);
        let ends = text.char_indices().map(|(end, _)| end).take(300);
        ends.for_each(|end| check(&text[..end]));
        count += 1;
    }
    assert!(count >= at_least, "{name}: only {count} texts");
}

#[test]
fn definitions() {
    replay("definition", 270, check::definition);
}

#[test]
fn paths() {
    replay("jsonpath", 300, check::jsonpath);
}

#[test]
fn templates() {
    replay("template", 340, check::template);
}
