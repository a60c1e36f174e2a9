//! `canter bench`: what this machine makes of Canter, or of another server of the same APIs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::{Figure, Options};
use clap::Args;

use super::table::{Tone, paint};

#[derive(Args)]
pub(super) struct Bench {
    /// What to measure; everything if none is given
    #[arg(value_name = "SCENARIO", value_parser = clap::builder::PossibleValuesParser::new(bench::NAMES))]
    scenarios: Vec<String>,
    /// Measure the server that answers there, instead of starting one on an empty folder for each scenario
    #[arg(long, value_name = "URL", requires = "pid")]
    endpoint: Option<String>,
    /// That server's process
    #[arg(long, value_name = "PID", requires = "endpoint")]
    pid: Option<u32>,
    /// How long short executions are run, after a fifth of it to warm up
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    seconds: f64,
    /// Connections at a time, each with one execution
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    clients: usize,
    /// Begin so many executions a second, however long the answers take [default: as many as come]
    #[arg(long, value_name = "EXECUTIONS/S")]
    rate: Option<f64>,
    /// Multiply the numbers of executions, items and events
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    scale: f64,
    /// Print JSON, one object
    #[arg(long)]
    json: bool,
    /// Print a Markdown table
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Exit code 0: all was measured, whatever came out; 2: something did not work.
pub(super) fn run(bench: &Bench) -> Result<ExitCode> {
    let positive = |number: f64| number.is_finite() && number > 0.0;
    ensure!(
        positive(bench.seconds)
            && positive(bench.scale)
            && bench.rate.is_none_or(positive)
            && bench.clients > 0,
        "--seconds, --clients, --rate and --scale want numbers above 0"
    );
    let options = Options {
        scenarios: bench.scenarios.clone(),
        program: program()?,
        target: bench.endpoint.clone().zip(bench.pid),
        span: Duration::from_secs_f64(bench.seconds),
        clients: bench.clients,
        rate: bench.rate,
        scale: bench.scale,
    };
    let quiet = bench.json || bench.markdown;
    let report = bench::run(&options, |figures| {
        if !quiet {
            print(figures);
        }
    })?;
    if bench.json {
        println!("{}", serde_json::to_string_pretty(&report.to_json())?);
    } else if bench.markdown {
        print!("{}", report.to_markdown());
    }
    Ok(ExitCode::SUCCESS)
}

fn program() -> Result<PathBuf> {
    std::env::current_exe().context("can't find this program")
}

fn print(figures: &[Figure]) {
    if let Some(first) = figures.first() {
        println!("{}", paint(first.scenario, Tone::Head));
    }
    for figure in figures {
        let tone = match figure.met() {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Plain,
        };
        let value = paint(&format!("{:>14}", figure.text()), tone);
        let mark = paint(&figure.mark_text(), Tone::Faint);
        println!("  {:<52} {value}  {mark}", figure.what);
    }
}
