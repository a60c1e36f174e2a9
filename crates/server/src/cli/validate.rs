use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use super::table::{Tone, paint};

#[derive(Args)]
pub(super) struct Validate {
    /// Definitions, JSON; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON, one object for all files
    #[arg(long)]
    json: bool,
}

/// AWS's bound on a definition.
const DEFINITION_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(validate: &Validate) -> Result<ExitCode> {
    let mut valid = true;
    let mut reports = Vec::new();
    for file in &validate.files {
        let name = file.display().to_string();
        let text = read(file).with_context(|| format!("can't read `{name}`"))?;
        let parsed = asl::parse(&text);
        valid &= parsed.machine.is_some();
        if validate.json {
            let diagnostics: Vec<_> = parsed
                .diagnostics
                .iter()
                .map(|found| {
                    json!({
                        "severity": found.severity.to_string(),
                        "code": found.code,
                        "location": found.location,
                        "message": found.message,
                    })
                })
                .collect();
            let result = if parsed.machine.is_some() {
                "OK"
            } else {
                "FAIL"
            };
            reports.push(json!({"file": name, "result": result, "diagnostics": diagnostics}));
            continue;
        }
        for found in &parsed.diagnostics {
            let severity = found.severity.to_string();
            let tone = if severity == "ERROR" {
                Tone::Bad
            } else {
                Tone::Warn
            };
            let place = if found.location.is_empty() {
                String::new()
            } else {
                format!(" at {}", found.location)
            };
            println!(
                "{name}: {}: {}{place} [{}]",
                paint(&severity, tone),
                found.message,
                found.code
            );
        }
        if parsed.machine.is_some() {
            println!("{name}: {}", paint("OK", Tone::Good));
        }
    }
    if validate.json {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    }
    Ok(if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &PathBuf) -> Result<String> {
    let mut text = String::new();
    // One byte more than AWS takes, so that the parser itself says that it is too long.
    if file.as_os_str() == "-" {
        std::io::stdin()
            .take(DEFINITION_BYTES_MAX + 1)
            .read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?
            .take(DEFINITION_BYTES_MAX + 1)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}
