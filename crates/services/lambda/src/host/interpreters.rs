//! Finds the Python and the Node.js of this machine, and lays down the bootstraps that they run.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

const PYTHON_BOOTSTRAP: &str = include_str!("bootstrap.py");
const NODE_BOOTSTRAP: &str = include_str!("bootstrap.cjs");

/// The bootstraps as files.
pub(super) struct Bootstraps {
    pub(super) folder: PathBuf,
    pub(super) python: PathBuf,
    pub(super) node: PathBuf,
}

pub(super) fn install(folder: &Path) -> io::Result<Bootstraps> {
    std::fs::create_dir_all(folder)?;
    let bootstraps = Bootstraps {
        folder: folder.to_owned(),
        python: folder.join("bootstrap.py"),
        node: folder.join("bootstrap.cjs"),
    };
    std::fs::write(&bootstraps.python, PYTHON_BOOTSTRAP)?;
    std::fs::write(&bootstraps.node, NODE_BOOTSTRAP)?;
    Ok(bootstraps)
}

/// Looks for interpreters once and remembers them.
pub(super) struct Interpreters {
    pub(super) bootstraps: Bootstraps,
    python: Option<PathBuf>,
    node: Option<PathBuf>,
    found: Mutex<HashMap<String, Option<Arc<Path>>>>,
}

impl Interpreters {
    pub(super) fn new(
        bootstraps: Bootstraps,
        python: Option<PathBuf>,
        node: Option<PathBuf>,
    ) -> Self {
        Self {
            bootstraps,
            python,
            node,
            found: Mutex::new(HashMap::new()),
        }
    }

    /// The interpreter for `python3.12` or `nodejs20.x`: that very version if it is there, otherwise the nearest.
    ///
    /// It runs what it finds and so takes some milliseconds the first time: call it where blocking is allowed.
    pub(super) fn find(&self, runtime: &str) -> Result<Arc<Path>, String> {
        // The lock is held while looking: two cold starts at once look once.
        let mut found = self.found.lock().expect("no holder of this lock panics");
        if let Some(known) = found.get(runtime) {
            return known.clone().ok_or_else(|| missing(runtime));
        }
        let path = if runtime.starts_with("python") {
            self.python.clone().or_else(|| {
                first_that_runs(
                    pythons(runtime),
                    &["-c", "import sys; print(sys.executable)"],
                )
            })
        } else {
            self.node.clone().or_else(|| {
                let asked = runtime.trim_start_matches("nodejs").trim_end_matches(".x");
                let names = [format!("node{asked}"), "node".into(), "nodejs".into()];
                first_that_runs(names.to_vec(), &["-p", "process.execPath"])
            })
        };
        let path = path.map(Arc::from);
        found.insert(runtime.into(), path.clone());
        path.ok_or_else(|| missing(runtime))
    }
}

fn missing(runtime: &str) -> String {
    if runtime.starts_with("python") {
        format!(
            "no Python 3 was found on this machine for runtime {runtime}: install python3 or name one in the configuration"
        )
    } else {
        format!(
            "no Node.js was found on this machine for runtime {runtime}: install node (18 or newer) or name one in the configuration"
        )
    }
}

/// Names to try for `python3.12`, nearest first: itself, newer ones before older ones at the same distance, `python3`.
fn pythons(runtime: &str) -> Vec<String> {
    let asked: i32 = runtime
        .strip_prefix("python3.")
        .and_then(|minor| minor.parse().ok())
        .unwrap_or(12);
    let mut minors: Vec<i32> = search_path()
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| {
            entry
                .ok()?
                .file_name()
                .to_str()?
                .strip_prefix("python3.")?
                .parse()
                .ok()
        })
        .filter(|minor| *minor >= 7)
        .collect();
    minors.sort_by_key(|minor| ((minor - asked).abs(), -minor));
    minors.dedup();
    let mut names: Vec<String> = minors
        .into_iter()
        .map(|minor| format!("python3.{minor}"))
        .collect();
    names.push("python3".into());
    names.push("python".into());
    names
}

fn search_path() -> Vec<PathBuf> {
    let path =
        std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/local/bin:/usr/bin:/bin"));
    std::env::split_paths(&path).collect()
}

/// The interpreter that the first working name stands for. Names may be shims of a version manager that refuse.
fn first_that_runs(names: Vec<String>, arguments: &[&str]) -> Option<PathBuf> {
    let folders = search_path();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .filter(|candidate| is_executable(candidate))
            .find_map(|candidate| ask(&candidate, arguments))
    })
}

fn ask(candidate: &Path, arguments: &[&str]) -> Option<PathBuf> {
    let answer = Command::new(candidate)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let path = PathBuf::from(text.trim());
    (answer.status.success() && is_executable(&path)).then_some(path)
}

fn is_executable(path: &Path) -> bool {
    path.is_absolute()
        && path
            .metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
