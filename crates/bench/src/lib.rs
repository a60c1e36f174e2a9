//! What a server of Step Functions costs: load over HTTP, and the server's processor time and memory as the system
//! counts them.
//!
//! The crate owns the scenarios and the load; it knows nothing of the server but its API, so that the same scenarios
//! run against a peer. Begin with [`run`], which starts a server for each scenario or takes one that is there.

mod http;
mod load;
mod process;
mod report;
mod scenarios;
mod server;
mod states;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

pub use report::{Figure, Report};
pub use scenarios::NAMES;

/// What to measure, on which server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Scenarios by name, in this order; all if there are none.
    pub scenarios: Vec<String>,
    /// The `canter` to start, one on an empty folder for each scenario.
    pub program: PathBuf,
    /// A server that is there: its URL, and its process, whose children count too.
    pub target: Option<(String, u32)>,
    /// How long load is put on, after a fifth of it to warm up.
    pub span: Duration,
    /// Connections at a time, each with one request.
    pub clients: usize,
    /// Executions to begin a second, whatever the answers take; none: each client begins when its last one ended.
    pub rate: Option<f64>,
    /// By what the numbers of executions, items and events are multiplied.
    pub scale: f64,
}

impl Options {
    fn scaled(&self, number: u64) -> u64 {
        ((number as f64 * self.scale) as u64).max(1)
    }
}

/// Runs the scenarios one after another, telling `tell` the figures of each as it ends.
///
/// # Errors
/// When a scenario is not known, a server does not start, or an execution does not end as it should.
pub fn run(options: &Options, mut tell: impl FnMut(&[Figure])) -> Result<Report> {
    let wanted: Vec<&str> = if options.scenarios.is_empty() {
        NAMES.to_vec()
    } else {
        options.scenarios.iter().map(String::as_str).collect()
    };
    for name in &wanted {
        ensure!(
            NAMES.contains(name),
            "there is no scenario `{name}`; there are {}",
            NAMES.join(", ")
        );
    }
    // One thread makes the load: what it costs is then at most one core, and the same for every server.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    let mut report = Report::new(options);
    for name in wanted {
        let figures = local
            .block_on(&runtime, scenarios::run(name, options))
            .with_context(|| format!("scenario {name}"))?;
        tell(&figures);
        report.figures.extend(figures);
    }
    Ok(report)
}
