//! What Jayway and AWS answered, read from where it lies beside the repository: `shared/conformance` in the
//! repository's folder's parent, or in any folder above.

mod jsonpath;
mod recordings;

use std::path::{Path, PathBuf};

/// The data's folder; none, with a message, where it is absent (in CI that is a failure).
fn folder() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/conformance"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the conformance data are missing"
        );
        eprintln!(
            "skipped: no shared/conformance above {}",
            env!("CARGO_MANIFEST_DIR")
        );
    }
    found
}
