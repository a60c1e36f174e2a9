//! The project's chores: `cargo xtask test | tidy | console | demo | crash`. Only `std`, so that the first chore starts in a second.

#![expect(
    clippy::print_stdout,
    reason = "a command-line tool reports on standard output"
)]

mod console;
mod crash;
mod demo;
mod server;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What went wrong, in a sentence for the terminal.
type Failure = String;

const USAGE: &str = "\
usage: cargo xtask <chore>

  test [STEP…]      everything that must hold before a change lands; STEP: fmt tidy console clippy unit build sim e2e conformance
  tidy              the crates' imports against the map, the list of differences from AWS against the code
  console           build the console's files, which the next build of `canter` takes in; needs Node and npm
  demo [ARG…]       build the console, `canter` and the example's functions and run `canter demo ARG…`
  crash             kills the release server under load and compares; --rounds N [200], --seed S draws the same rounds";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((chore, rest)) => match chore.as_str() {
            "test" => test::run(rest),
            "tidy" => tidy::run(),
            "console" => console::build(),
            "demo" => demo::run(rest),
            "crash" => crash::run(rest),
            _ => Err(USAGE.to_owned()),
        },
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
}

/// The folder of the built binaries: where this one was built to.
fn binaries() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|error| format!("where am I: {error}"))?;
    Ok(own
        .parent()
        .expect("an executable lies in a folder")
        .to_owned())
}

fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end, its output on ours.
fn must(command: &mut Command) -> Result<(), Failure> {
    let text = words(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{text}: {status}")),
        Err(error) => Err(format!("{text}: {error}")),
    }
}

fn words(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
