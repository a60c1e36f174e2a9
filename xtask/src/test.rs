//! `cargo xtask test`: every check in order, each timed; the first that fails ends the run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::server::Server;
use crate::{Failure, binaries, cargo, console, must, root, tidy};

type Step = (&'static str, fn() -> Result<(), Failure>);

const STEPS: &[Step] = &[
    ("fmt", || must(&mut cargo(&["fmt", "--all", "--check"]))),
    ("tidy", tidy::run),
    // Before what is compiled: the server takes the console's files in.
    ("console", console::check),
    ("clippy", || {
        let arguments = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        must(&mut cargo(&arguments))
    }),
    ("unit", || {
        // The same cases in every run; `cargo test` alone draws fresh ones.
        must(cargo(&["test", "--workspace", "--quiet"]).env("PROPTEST_RNG_SEED", "2016112300"))
    }),
    ("build", || {
        // The whole workspace, so that dependencies keep the features that they were tested with.
        must(&mut cargo(&["build", "--workspace", "--bins"]))
    }),
    ("sim", simulations),
    ("e2e", end_to_end),
    ("conformance", conformance),
];

/// Services that some recordings need and Canter does not have.
const ABSENT_SERVICES: [&str; 4] = ["apigateway", "cloudformation", "secretsmanager", "kms"];

pub(crate) fn run(wanted: &[String]) -> Result<(), Failure> {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| STEPS.iter().all(|(step, _)| step != name))
    {
        return Err(format!("no step `{unknown}`"));
    }
    let began = Instant::now();
    for (name, step) in STEPS {
        if !wanted.is_empty() && wanted.iter().all(|wanted| wanted != name) {
            continue;
        }
        println!("── {name}");
        let since = Instant::now();
        let outcome = step();
        let seconds = since.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("── {name}: passed in {seconds:.1} s"),
            Err(failure) => {
                return Err(format!("── {name}: FAILED after {seconds:.1} s: {failure}"));
            }
        }
    }
    println!("── all passed in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Seeds of a run of the simulator: about half a minute.
const SEEDS: &str = "2000";

/// Crashes, failing disks and misbehaving services in simulation. Other seeds each time; a failure prints the command
/// that repeats it.
fn simulations() -> Result<(), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let from = now.map_or(0, |now| now.as_secs() * 1000).to_string();
    println!("seeds from {from}");
    must(Command::new(binaries()?.join("canter-sim")).args(["--seeds", SEEDS, "--from", &from]))
}

/// AWS CLI and boto3 against the built binary.
fn end_to_end() -> Result<(), Failure> {
    console::browser()?;
    let venv = virtual_environment()?;
    must(
        Command::new(venv.join("bin/python"))
            .args([
                "-m",
                "unittest",
                "discover",
                "--verbose",
                "--start-directory",
                "e2e",
            ])
            .args(["--top-level-directory", "e2e"])
            .env("CANTER_BINARIES", binaries()?)
            .env("VIRTUAL_ENV", &venv)
            .env("PATH", path_with(&venv.join("bin"))?)
            .current_dir(root()),
    )
}

/// Conversations recorded from AWS, replayed against the built binary.
fn conformance() -> Result<(), Failure> {
    let recordings = shared().join("conformance");
    if !recordings.exists() {
        if std::env::var_os("CI").is_some() {
            return Err(format!("{} is not there", recordings.display()));
        }
        println!("skipped: {} is not there", recordings.display());
        return Ok(());
    }
    let venv = virtual_environment()?;
    let binaries = binaries()?;
    let server = Server::start(&binaries.join("canter"), &binaries.join("conformance"))?;
    let failures = binaries.join("conformance-failures.tsv");
    std::fs::write(&failures, "").map_err(|error| format!("{}: {error}", failures.display()))?;
    let ran = Command::new(venv.join("bin/python"))
        .arg(recordings.join("replay.py"))
        .args(["--endpoint", &server.url, "--validated", "--without"])
        .args(ABSENT_SERVICES)
        .arg("--write-failures")
        .arg(&failures)
        // Recordings are read only.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(root())
        .status()
        .map_err(|error| format!("replay.py: {error}"))?;
    // 1 says that some differ.
    if !matches!(ran.code(), Some(0 | 1)) {
        return Err(format!("replay.py: {ran}"));
    }
    let listed = read(&root().join("conformance/expected-failures.tsv"))?;
    judge(&read(&failures)?, &listed)
}

/// What differs must be listed with its reason, and what is listed must differ, so that the list only shrinks; where
/// the reason begins with `varies: `, it may.
fn judge(failures: &str, listed: &str) -> Result<(), Failure> {
    let table = |text: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('\t'));
        pairs
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect()
    };
    let (failures, listed) = (table(failures), table(listed));
    let new = failures
        .iter()
        .filter(|(name, _)| !listed.contains_key(*name));
    let new = new.map(|(name, why)| format!("newly fails: {name}: {why}"));
    let mended = listed
        .iter()
        .filter(|(name, why)| !failures.contains_key(*name) && !why.starts_with("varies: "))
        .map(|(name, _)| format!("matches now, take it off the list: {name}"));
    let surprises: Vec<String> = new.chain(mended).collect();
    if surprises.is_empty() {
        Ok(())
    } else {
        Err(surprises.join("\n"))
    }
}

/// The folder beside the repository with recordings and photographs; `CANTER_SHARED` names another.
fn shared() -> PathBuf {
    std::env::var_os("CANTER_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// The Python environment with the clients, made anew when `e2e/requirements.txt` changes.
pub(crate) fn virtual_environment() -> Result<PathBuf, Failure> {
    let venv = binaries()?.join("e2e-venv");
    let requirements = root().join("e2e/requirements.txt");
    let wanted = read(&requirements)?;
    let stamp = venv.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(venv);
    }
    must(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv),
    )?;
    must(
        Command::new(venv.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(&requirements),
    )?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(venv)
}

fn path_with(first: &Path) -> Result<std::ffi::OsString, Failure> {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn the_list_of_failures_only_shrinks() {
        let listed = "# why\na.json\tits clock\nb.json\tvaries: by load\n";
        assert_eq!(judge("a.json\tdiffers\nb.json\tdiffers\n", listed), Ok(()));
        assert_eq!(judge("a.json\tdiffers\n", listed), Ok(()));
        let mended = judge("", listed).unwrap_err();
        assert_eq!(mended, "matches now, take it off the list: a.json");
        let new = judge("a.json\tx\nc.json\ty\n", listed).unwrap_err();
        assert_eq!(new, "newly fails: c.json: y");
    }
}
