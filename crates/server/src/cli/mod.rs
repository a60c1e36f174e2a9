//! The subcommands. Each prints for a person on a terminal and as JSON with `--json`.
#![expect(
    clippy::print_stdout,
    reason = "standard output is where a command answers"
)]

mod bench;
mod config;
mod demo;
mod run;
mod table;
mod up;
mod validate;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use server::Config;

/// Runs Amazon States Language workflows, unchanged, on your own machines.
#[derive(Parser)]
#[command(
    name = "canter",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves every API on one port until it is told to stop
    Up(Settings),
    /// Serves, lays out the rider-photo application, runs it on sample pictures, and says where to look
    Demo(demo::Demo),
    /// Runs a state machine once, to its end, and shows its history
    Run(run::Run),
    /// Checks state machine definitions
    Validate(validate::Validate),
    /// Measures speed and memory, of Canter or of another server
    Bench(bench::Bench),
    /// Prints the settings in force, and whence each one comes
    Config(config::Print),
}

/// The settings that the command line can give; each also has an environment variable and a place in the TOML file.
#[derive(Args, Clone, Default)]
struct Settings {
    /// Address and port of every API [default: 127.0.0.1:4566] [env: CANTER_LISTEN]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder that holds everything durable [default: ./canter-data] [env: CANTER_DATA]
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// Allow an address that other machines reach, though nothing authenticates callers yet
    #[arg(long)]
    insecure_listen: bool,
    /// Accept this name in the Host header too; can be given more than once
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Let the pages of this origin call the APIs; can be given more than once
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// `aws`: AWS's quotas; `none`: without the 256 KiB and 25,000-event limits [default: aws]
    #[arg(long, value_name = "WHICH")]
    limits: Option<String>,
    /// For how many days an execution is kept after its end; `none`: for ever [default: 90] [env: CANTER_RETENTION_DAYS]
    #[arg(long, value_name = "DAYS")]
    retention_days: Option<String>,
    /// What goes to standard error: error, warn, info, debug, or a filter by module [default: warn]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Call this service elsewhere, s3=https://minio.local:9000; can be given more than once
    #[arg(long, value_name = "SERVICE=URL")]
    endpoint: Vec<String>,
    /// Folder of API models (botocore's service-2.json) of services that are elsewhere [env: CANTER_MODELS]
    #[arg(long, value_name = "FOLDER")]
    models: Option<String>,
    /// Mock configuration of Step Functions Local; executions start as its test cases [env: CANTER_MOCK_CONFIG]
    #[arg(long, value_name = "FILE")]
    mock_config: Option<String>,
    /// PEM file of further authorities to trust in calls to elsewhere [env: CANTER_CA_BUNDLE]
    #[arg(long, value_name = "FILE")]
    ca_bundle: Option<String>,
    /// The TOML file to read [default: canter.toml, if it is there] [env: CANTER_CONFIG]
    #[arg(long, value_name = "FILE", env = "CANTER_CONFIG", hide_env = true)]
    config: Option<PathBuf>,
}

impl Settings {
    fn load(&self) -> anyhow::Result<Config> {
        let mut flags = BTreeMap::new();
        for (name, value) in [
            ("listen", &self.listen),
            ("data", &self.data),
            ("limits", &self.limits),
            ("retention-days", &self.retention_days),
            ("log", &self.log),
            ("models", &self.models),
            ("mock-config", &self.mock_config),
            ("ca-bundle", &self.ca_bundle),
        ] {
            if let Some(value) = value {
                flags.insert(name, value.clone());
            }
        }
        if self.insecure_listen {
            flags.insert("insecure-listen", "true".into());
        }
        if !self.allow_host.is_empty() {
            flags.insert("allow-host", self.allow_host.join(","));
        }
        if !self.allow_origin.is_empty() {
            flags.insert("allow-origin", self.allow_origin.join(","));
        }
        if !self.endpoint.is_empty() {
            flags.insert("endpoint", self.endpoint.join(","));
        }
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Config::load(&flags, &environment, self.config.as_deref())
    }
}

pub(crate) fn main() -> ExitCode {
    end_with_the_reader();
    let Cli { command } = Cli::parse();
    let done = match command {
        Command::Up(settings) => up::run(&settings),
        Command::Demo(demo) => demo::run(&demo),
        Command::Run(run) => run::run(&run),
        Command::Validate(validate) => validate::run(&validate),
        Command::Bench(bench) => bench::run(&bench),
        Command::Config(print) => config::run(&print),
    };
    done.unwrap_or_else(|error| {
        eprintln!("canter: {error:#}");
        ExitCode::from(2)
    })
}

/// `canter run … | head`: when nobody reads standard output any more, the command ends as the shell expects, silently.
fn end_with_the_reader() {
    /// 128 + SIGPIPE
    const BROKEN_PIPE: i32 = 141;
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(BROKEN_PIPE);
        }
        usual(panic);
    }));
}

/// The runtime that everything asynchronous runs on.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
