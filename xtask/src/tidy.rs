//! `cargo xtask tidy`: the map of crates and the list of differences cannot lie.

use std::fs;
use std::path::Path;

use crate::{Failure, cargo, root};

/// Who may import whom, of our own crates (ARCHITECTURE.md's map). A crate that is not named here is not on the map.
const ARROWS: &[(&str, &[&str])] = &[
    ("canter-aws", &[]),
    ("canter-bench", &[]),
    ("canter-jsonata", &[]),
    ("canter-asl", &["canter-jsonata", "canter-aws"]),
    ("canter-engine", &["canter-asl"]),
    ("canter-items", &["canter-asl"]),
    ("canter-store", &[]),
    (
        "canter-runtime",
        &[
            "canter-engine",
            "canter-asl",
            "canter-items",
            "canter-store",
            "canter-aws",
        ],
    ),
    ("canter-gateway", &["canter-aws"]),
    ("canter-outbound", &["canter-aws"]),
    ("canter-vision", &[]),
    (
        "canter-service-states",
        &[
            "canter-runtime",
            "canter-engine",
            "canter-asl",
            "canter-aws",
        ],
    ),
    (
        "canter-service-rekognition",
        &["canter-aws", "canter-store", "canter-vision"],
    ),
    (SERVICE, &["canter-aws", "canter-store"]),
    (
        "canter-sim",
        &[
            "canter-runtime",
            "canter-engine",
            "canter-asl",
            "canter-store",
            "canter-aws",
        ],
    ),
    ("rider-photo-functions", &["canter-vision"]),
    ("xtask", &[]),
];

/// The row of the services that have none of their own.
const SERVICE: &str = "canter-service-";
/// The composition root imports everything.
const ROOT: &str = "canter";

/// What the pure ring never touches: runtimes, randomness, logging.
const PURE: [&str; 5] = [
    "canter-jsonata",
    "canter-asl",
    "canter-engine",
    "canter-items",
    "canter-vision",
];
const IMPURE: [&str; 9] = [
    "tokio",
    "rand",
    "fastrand",
    "getrandom",
    "tracing",
    "log",
    "metrics",
    "reqwest",
    "ureq",
];

/// The sections of docs/compatibility.md, and the folders whose remarks they list.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "Step Functions",
        &[
            "crates/asl",
            "crates/engine",
            "crates/items",
            "crates/jsonata",
            "crates/runtime",
            "crates/services/states",
        ],
    ),
    ("Lambda", &["crates/services/lambda"]),
    ("S3", &["crates/services/s3"]),
    ("DynamoDB", &["crates/services/dynamodb"]),
    (
        "Rekognition",
        &["crates/services/rekognition", "crates/vision"],
    ),
    ("SQS", &["crates/services/sqs"]),
    ("SNS", &["crates/services/sns"]),
    (
        "IAM and STS",
        &["crates/services/iam", "crates/services/sts"],
    ),
    ("EventBridge", &["crates/services/events"]),
    ("CloudWatch Logs", &["crates/services/logs"]),
    ("Calls to elsewhere", &["crates/outbound"]),
    (
        "Gateway",
        &[
            "crates/aws",
            "crates/gateway",
            "crates/server",
            "crates/store",
            "console",
        ],
    ),
];

pub(crate) fn run() -> Result<(), Failure> {
    let mut wrong = wrong_arrows(&dependencies()?);
    wrong.extend(unlisted_differences()?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("\n"))
}

/// `(crate, what it imports)`, third parties included.
fn dependencies() -> Result<Vec<(String, String)>, Failure> {
    let output = cargo(&[
        "tree",
        "--workspace",
        "--depth=1",
        "--edges=normal,build",
        "--no-dedupe",
    ])
    .args(["--all-features", "--prefix=depth", "--format= {p}"])
    .output()
    .map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo tree: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(pairs(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads lines such as `0 canter-asl v0.1.0 (…)` and, below each, `1 canter-aws v0.1.0 (…)`.
fn pairs(tree: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut importer = "";
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("0"), Some(name)) => importer = name,
            (Some("1"), Some(name)) => pairs.push((importer.to_owned(), name.to_owned())),
            _ => {}
        }
    }
    pairs
}

fn wrong_arrows(dependencies: &[(String, String)]) -> Vec<String> {
    let ours = |name: &str| name == ROOT || name.starts_with("canter-") || row(name).is_some();
    dependencies
        .iter()
        .filter_map(|(importer, imported)| {
            if PURE.contains(&importer.as_str()) && IMPURE.contains(&imported.as_str()) {
                return Some(format!(
                    "{importer} is in the pure ring and imports {imported}"
                ));
            }
            if importer == ROOT || !ours(imported) {
                return None;
            }
            match row(importer) {
                None => Some(format!("{importer} is not on the map in xtask/src/tidy.rs")),
                Some(allowed) if allowed.contains(&imported.as_str()) => None,
                Some(_) => Some(format!("{importer} may not import {imported}")),
            }
        })
        .collect()
}

fn row(name: &str) -> Option<&'static [&'static str]> {
    ARROWS
        .iter()
        .find(|(known, _)| *known == name)
        .or_else(|| {
            ARROWS
                .iter()
                .find(|(known, _)| *known == SERVICE && name.starts_with(SERVICE))
        })
        .map(|(_, allowed)| *allowed)
}

/// Every remark in the code needs its line in the document, and every line its remark: a section has as many of both.
fn unlisted_differences() -> Result<Vec<String>, Failure> {
    let path = root().join("docs/compatibility.md");
    let document =
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut wrong = Vec::new();
    for (section, folders) in SECTIONS {
        let mut remarks = Vec::new();
        for folder in *folders {
            collect_remarks(&root().join(folder), &mut remarks)?;
        }
        wrong.extend(unequal(section, &lines_of(&document, section), &remarks));
    }
    Ok(wrong)
}

fn unequal(section: &str, lines: &[&str], remarks: &[String]) -> Option<String> {
    (lines.len() != remarks.len()).then(|| {
        format!(
            "docs/compatibility.md lists {} differences under `{section}`:\n  {}\nthe code remarks on {}:\n  {}",
            lines.len(),
            lines.join("\n  "),
            remarks.len(),
            remarks.join("\n  ")
        )
    })
}

/// The entries directly under a heading of that name.
fn lines_of<'d>(document: &'d str, section: &str) -> Vec<&'d str> {
    document
        .lines()
        .skip_while(|line| line.strip_prefix("## ") != Some(section))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("- "))
        .collect()
}

fn collect_remarks(folder: &Path, remarks: &mut Vec<String>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "node_modules" && name != "dist" {
                collect_remarks(&path, remarks)?;
            }
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "ts" || kind == "tsx")
        {
            let text = fs::read_to_string(&path).map_err(failed)?;
            let shown = path
                .strip_prefix(root())
                .unwrap_or(&path)
                .display()
                .to_string();
            remarks.extend(text.lines().enumerate().filter_map(|(index, line)| {
                line.split_once("// DIVERGENCE:")
                    .map(|(_, remark)| format!("{shown}:{}:{remark}", index + 1))
            }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(importer: &str, imported: &str) -> Vec<String> {
        wrong_arrows(&[(importer.to_owned(), imported.to_owned())])
    }

    #[test]
    fn arrows_point_inward() {
        assert!(judged("canter-engine", "canter-asl").is_empty());
        assert!(judged("canter-service-s3", "canter-store").is_empty());
        assert!(judged("canter", "canter-service-s3").is_empty());
        assert!(judged("canter-gateway", "hyper").is_empty());
        assert_eq!(
            judged("canter-asl", "canter-engine"),
            ["canter-asl may not import canter-engine"]
        );
        assert_eq!(
            judged("canter-service-s3", "canter-service-iam"),
            ["canter-service-s3 may not import canter-service-iam"]
        );
        assert_eq!(judged("canter-store", "canter").len(), 1);
        assert_eq!(judged("canter-newcomer", "canter-aws").len(), 1);
    }

    #[test]
    fn the_pure_ring_stays_pure() {
        assert_eq!(
            judged("canter-engine", "tokio"),
            ["canter-engine is in the pure ring and imports tokio"]
        );
        assert!(judged("canter-runtime", "tokio").is_empty());
    }

    #[test]
    fn a_section_lists_each_remark_and_nothing_else() {
        let document = "## A\n\n- one\n- two\n\n## B\n\n- three\n";
        let lines = lines_of(document, "A");
        assert_eq!(lines, ["- one", "- two"]);
        let remarks = |count: usize| vec!["a.rs:1: differs".to_owned(); count];
        assert_eq!(unequal("A", &lines, &remarks(2)), None);
        for count in [1, 3] {
            let wrong = unequal("A", &lines, &remarks(count)).expect("it differs");
            assert!(wrong.contains("lists 2 differences under `A`"), "{wrong}");
        }
    }

    #[test]
    fn the_tree_is_read_in_pairs() {
        let tree =
            "0 canter-asl v0.1.0 (/a b)\n1 serde v1.0.0\n1 canter-aws v0.1.0\n\n0 xtask v0.1.0\n";
        let expected = [("canter-asl", "serde"), ("canter-asl", "canter-aws")];
        let expected: Vec<_> = expected
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        assert_eq!(pairs(tree), expected);
    }

    #[test]
    fn a_sections_entries_are_counted() {
        let document = "# T\n\n## S3\n\n- one\n  more of it\n- two\n\n## Gateway\n\n- three\n";
        assert_eq!(lines_of(document, "S3").len(), 2);
        assert_eq!(lines_of(document, "Gateway").len(), 1);
        assert_eq!(lines_of(document, "Lambda").len(), 0);
    }
}
