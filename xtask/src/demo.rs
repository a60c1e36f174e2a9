//! `cargo xtask demo`: the rider-photo application in one command.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::{Failure, binaries, cargo, console, must};

/// Builds the console, the server and the functions, then becomes `canter demo`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    console::build_if_possible();
    must(&mut cargo(&[
        "build",
        "--package=canter",
        "--package=rider-photo-functions",
        "--bins",
    ]))?;
    let binaries = binaries()?;
    let error = Command::new(binaries.join("canter"))
        .arg("demo")
        .arg("--functions")
        .arg(&binaries)
        .args(arguments)
        .exec();
    Err(format!("canter demo: {error}"))
}
