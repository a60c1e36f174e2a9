//! `cargo xtask console`: the console's files, which the server's build puts into the binary.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, must, root};

/// Builds `console/dist`; files that come out the same are not written, so that the binary stays as it is.
pub(crate) fn build() -> Result<(), Failure> {
    install()?;
    npm(&["run", "build"])
}

/// What must hold of the console, and its files for the checks of the whole.
pub(crate) fn check() -> Result<(), Failure> {
    install()?;
    npm(&["run", "check"])?;
    npm(&["run", "build"])
}

/// For chores that can do without it: says why it is not there.
pub(crate) fn build_if_possible() {
    if let Err(failure) = build() {
        eprintln!("the server is built with the console as it was, or without: {failure}");
    }
}

/// Chromium for the walk through the console: fetched from Debian where the system is ours to change, as in a container.
pub(crate) fn browser() -> Result<(), Failure> {
    if prints("chromium", &["--version"]).is_some() {
        return Ok(());
    }
    let is_root = prints("id", &["-u"]).is_some_and(|user| user.trim() == "0");
    if !is_root || prints("apt-get", &["--version"]).is_none() {
        println!(
            "there is no `chromium`: the walk through the console is left out; install it, on Debian by apt"
        );
        return Ok(());
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        must(
            command
                .arg("-qq")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    apt(&["update"])?;
    apt(&["install", "-y", "--no-install-recommends", "chromium"])
}

/// What a program says, if it is there and has nothing to complain of.
fn prints(program: &str, arguments: &[&str]) -> Option<String> {
    let said = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    said.status.success().then_some(text)
}

/// Fetches the packages, but only when the lockfile is another one since the last time.
fn install() -> Result<(), Failure> {
    let lockfile = folder().join("package-lock.json");
    let wanted = fs::read(&lockfile).map_err(|error| format!("{}: {error}", lockfile.display()))?;
    // `npm ci` begins by removing `node_modules`, and so the stamp of an installation that was cut short.
    let stamp = folder().join("node_modules/.canter-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(&["ci"])?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

fn npm(arguments: &[&str]) -> Result<(), Failure> {
    must(Command::new("npm").args(arguments).current_dir(folder()))
}

fn folder() -> PathBuf {
    root().join("console")
}
