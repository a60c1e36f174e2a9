use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use asl::{Diagnostic, MachineType, Severity};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::table::{Tone, paint};

#[derive(Args)]
pub(super) struct Validate {
    /// Definitions, JSON; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The type of the state machines, which decides what their tasks may be
    #[arg(long, value_enum, ignore_case = true, default_value_t = Type::Standard)]
    r#type: Type,
    /// Warnings count like errors
    #[arg(long)]
    strict: bool,
    /// Print JSON, an array with an object a file
    #[arg(long)]
    json: bool,
    /// Write a JUnit report, a test case a file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Type {
    Standard,
    Express,
}

/// AWS's bound on a definition.
const DEFINITION_BYTES_MAX: u64 = 1 << 20;

/// What there is to say of one file.
struct Report {
    file: String,
    /// The definition's findings, or why it can't be read.
    outcome: Result<Vec<Diagnostic>, String>,
    valid: bool,
}

/// Exit code 0: all are valid; 1: one is not; 2: one can't be read.
pub(super) fn run(validate: &Validate) -> Result<ExitCode> {
    let reports: Vec<Report> = validate
        .files
        .iter()
        .map(|file| report(file, validate))
        .collect();
    if validate.json {
        let all: Vec<Value> = reports.iter().map(Report::to_json).collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        reports.iter().for_each(Report::print);
    }
    if let Some(file) = &validate.junit {
        std::fs::write(file, junit(&reports))
            .with_context(|| format!("can't write `{}`", file.display()))?;
    }
    Ok(if reports.iter().any(|report| report.outcome.is_err()) {
        ExitCode::from(2)
    } else if reports.iter().all(|report| report.valid) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(file: &Path, validate: &Validate) -> Report {
    let name = file.display().to_string();
    let machine_type = match validate.r#type {
        Type::Standard => MachineType::Standard,
        Type::Express => MachineType::Express,
    };
    match read(file) {
        Ok(text) => {
            let parsed = asl::parse_as(&text, machine_type);
            let fine = !validate.strict || parsed.diagnostics.is_empty();
            Report {
                file: name,
                valid: parsed.machine.is_some() && fine,
                outcome: Ok(parsed.diagnostics),
            }
        }
        Err(error) => Report {
            outcome: Err(format!("can't read `{name}`: {error}")),
            file: name,
            valid: false,
        },
    }
}

impl Report {
    fn result(&self) -> &'static str {
        if self.valid { "OK" } else { "FAIL" }
    }

    fn to_json(&self) -> Value {
        match &self.outcome {
            Ok(found) => json!({
                "file": self.file,
                "result": self.result(),
                "diagnostics": found.iter().map(diagnostic).collect::<Vec<_>>(),
            }),
            Err(error) => json!({"file": self.file, "result": "FAIL", "error": error}),
        }
    }

    fn print(&self) {
        match &self.outcome {
            Err(error) => eprintln!("canter: {error}"),
            Ok(found) => {
                for found in found {
                    let tone = match found.severity {
                        Severity::Error => Tone::Bad,
                        Severity::Warning => Tone::Warn,
                    };
                    let severity = paint(&found.severity.to_string(), tone);
                    println!("{}: {severity}: {}", self.file, sentence(found));
                }
                if self.valid {
                    println!("{}: {}", self.file, paint("OK", Tone::Good));
                }
            }
        }
    }
}

fn diagnostic(found: &Diagnostic) -> Value {
    json!({
        "severity": found.severity.to_string(),
        "code": found.code,
        "location": found.location,
        "message": found.message,
    })
}

/// `message at /States/X [CODE]`
fn sentence(found: &Diagnostic) -> String {
    match found.location.as_str() {
        "" => format!("{} [{}]", found.message, found.code),
        location => format!("{} at {location} [{}]", found.message, found.code),
    }
}

/// The report that CI servers read.
fn junit(reports: &[Report]) -> String {
    let errors = reports
        .iter()
        .filter(|report| report.outcome.is_err())
        .count();
    let failures = reports.iter().filter(|report| !report.valid).count() - errors;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a text can't fail.
    let _ = writeln!(
        xml,
        "<testsuite name=\"canter validate\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        reports.len()
    );
    for report in reports {
        let name = escaped(&report.file);
        let _ = write!(
            xml,
            "  <testcase classname=\"state machine\" name=\"{name}\""
        );
        let told = match &report.outcome {
            Err(error) => format!("<error message=\"{}\"/>", escaped(error)),
            Ok(found) if report.valid => {
                let lines: Vec<String> = found.iter().map(sentence).collect();
                match lines.join("\n") {
                    lines if lines.is_empty() => String::new(),
                    lines => format!("<system-out>{}</system-out>", escaped(&lines)),
                }
            }
            Ok(found) => {
                let lines: Vec<String> = found.iter().map(sentence).collect();
                let first = lines.first().map(String::as_str).unwrap_or_default();
                format!(
                    "<failure message=\"{}\">{}</failure>",
                    escaped(first),
                    escaped(&lines.join("\n"))
                )
            }
        };
        let _ = match told.as_str() {
            "" => writeln!(xml, "/>"),
            told => writeln!(xml, ">\n    {told}\n  </testcase>"),
        };
    }
    xml.push_str("</testsuite>\n");
    xml
}

/// Text for XML; what XML 1.0 has no form for is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

fn read(file: &Path) -> std::io::Result<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(texts: &[&str]) -> Vec<Report> {
        texts
            .iter()
            .enumerate()
            .map(|(place, text)| {
                let parsed = asl::parse(text);
                Report {
                    file: format!("{place}<&.json"),
                    valid: parsed.machine.is_some(),
                    outcome: Ok(parsed.diagnostics),
                }
            })
            .collect()
    }

    #[test]
    fn a_junit_report_has_a_case_a_file_and_all_its_findings() {
        let mut reports = reports(&[
            r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#,
            r#"{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}"#,
        ]);
        reports.push(Report {
            file: "gone.json".into(),
            outcome: Err("can't read `gone.json`: \u{1}no".into()),
            valid: false,
        });
        let xml = junit(&reports);
        assert!(xml.contains("tests=\"3\" failures=\"1\" errors=\"1\""));
        assert!(xml.contains("<testcase classname=\"state machine\" name=\"0&lt;&amp;.json\"/>"));
        assert!(xml.contains("Missing 'Next' target: B at /StartAt [MISSING_TRANSITION_TARGET]"));
        assert!(xml.contains("<error message=\"can't read `gone.json`: no\"/>"));
    }
}
