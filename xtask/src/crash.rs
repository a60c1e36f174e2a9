//! `cargo xtask crash`: the built server is killed again and again under load, and nothing that it acknowledged may be
//! lost (`e2e/crash.py`).

use std::process::Command;

use crate::test::virtual_environment;
use crate::{Failure, binaries, cargo, must, root};

/// The release binary, since that is what people run; the first failure ends the run and says where its data is.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    must(&mut cargo(&["build", "--package=canter", "--release"]))?;
    let mut release = binaries()?;
    release.set_file_name("release");
    must(
        Command::new(virtual_environment()?.join("bin/python"))
            .arg(root().join("e2e/crash.py"))
            .args(arguments)
            .env("CANTER_BINARIES", release),
    )
}
