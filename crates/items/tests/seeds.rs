//! The fuzz target's seeds, without a fuzzer.

#[path = "../../../fuzz/fuzz_targets/items/check.rs"]
mod check;

use std::fs;
use std::path::Path;

#[test]
fn every_seed_ends_and_can_be_gone_on_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/items");
    let mut count = 0;
    for seed in fs::read_dir(folder).expect("the seeds are there") {
        let seed = fs::read(seed.expect("it is readable").path()).expect("it is readable");
        check::check(&seed);
        for end in 0..seed.len().min(2000) {
            check::check(&seed[..end]);
        }
        count += 1;
    }
    assert!(count >= 14, "only {count} seeds");
}
