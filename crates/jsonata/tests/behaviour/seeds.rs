//! The fuzz target's seeds, without a fuzzer.

#[path = "../../../../fuzz/fuzz_targets/jsonata_eval/check.rs"]
mod check;

use std::fs;
use std::path::Path;

#[test]
fn every_seed_ends_the_same_way_twice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/jsonata_eval");
    let mut count = 0;
    for seed in fs::read_dir(folder).expect("the seeds are there") {
        let seed = fs::read(seed.expect("it is readable").path()).expect("it is readable");
        check::check(&seed);
        for end in 0..seed.len() {
            check::check(&seed[..end]);
        }
        count += 1;
    }
    assert!(count >= 30, "only {count} seeds");
}
