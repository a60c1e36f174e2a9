//! Puts into the binary the console's built files, if there are any (`cargo xtask console` builds them), and the allocator's
//! options.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the console's build adds to a file's name for the file in brotli and in gzip.
const ENCODED: [&str; 2] = [".br", ".gz"];

fn main() {
    console();
    allocator();
}

fn variable(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).expect("cargo sets it"))
}

/// mimalloc reads its options before `main`; what sets them is linked into the command, and not into what only uses the library.
fn allocator() {
    println!("cargo::rerun-if-changed=allocator.c");
    let objects = cc::Build::new()
        .file("allocator.c")
        .include(variable("DEP_MIMALLOC_INCLUDE_DIR"))
        .compile_intermediates();
    for object in objects {
        println!("cargo::rustc-link-arg-bins={}", object.display());
    }
}

fn console() {
    let dist = variable("CARGO_MANIFEST_DIR").join("../../console/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut paths = Vec::new();
    collect(&dist, &dist, &mut paths);
    paths.sort();
    let files = paths
        .iter()
        .filter(|path| ENCODED.iter().all(|suffix| !path.ends_with(suffix)))
        .fold(String::new(), |mut list, path| {
            let bytes = |suffix: &str| {
                let file = dist.join(format!("{path}{suffix}"));
                format!("include_bytes!({:?})", file.to_string_lossy())
            };
            let encoded = ENCODED.map(|suffix| {
                let is_there = paths.contains(&format!("{path}{suffix}"));
                is_there.then(|| bytes(suffix)).map_or("None".into(), |bytes| format!("Some({bytes})"))
            });
            let (plain, [brotli, gzip]) = (bytes(""), encoded);
            writeln!(
                list,
                "    ConsoleFile {{ path: {path:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},"
            )
            .expect("a string takes every line");
            list
        });
    let list = format!("pub(crate) static FILES: &[ConsoleFile] = &[\n{files}];\n");
    fs::write(variable("OUT_DIR").join("console.rs"), list).expect("cargo's folder takes files");
}

/// The files below a folder by their paths from its root, `/` between the names; those that begin with a dot are no part
/// of it.
fn collect(root: &Path, folder: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the folder stays while it is read").path();
        if path.is_dir() {
            collect(root, &path, paths);
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
            && !name.starts_with('.')
        {
            paths.push(name.to_owned());
        }
    }
}
