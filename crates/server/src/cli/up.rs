use std::process::ExitCode;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Settings, block_on};

pub(super) fn run(settings: &Settings) -> Result<ExitCode> {
    let config = settings.load()?;
    log_to_stderr(&config.log)?;
    block_on(async {
        let running = server::serve(config).await?;
        let url = running.url();
        // The one line: whoever waits for the server reads it and goes on.
        println!(
            "canter {} answers at {url}, its console at {url}/console/, data in {}",
            env!("CARGO_PKG_VERSION"),
            running.data_text()
        );
        stop_signal().await?;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Resolved at the first SIGTERM or SIGINT; a second one ends the process at once.
pub(super) async fn stop_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
        std::process::exit(130);
    });
    Ok(())
}

/// Human-readable lines on a terminal, JSON lines elsewhere.
pub(super) fn log_to_stderr(filter: &str) -> Result<()> {
    // s3s logs the refusals that clients get as errors of the server; ours are logged by the gateway. The database logs each
    // try for a lock that another process holds; the refusal says it once.
    let filter = EnvFilter::try_new(format!("{filter},s3s=off,fjall::locked_file=off"))
        .with_context(|| format!("`log` wants a level or a filter, not `{filter}`"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        log.init();
    } else {
        log.json().with_ansi(false).init();
    }
    Ok(())
}
