//! A server that is ended without warning, with many executions behind it and many under way.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::json;

use super::MEGABYTE;
use super::short::passes;
use crate::http::Connection;
use crate::load::counted;
use crate::server::Server;
use crate::{Figure, Options, states};

const STORED: u64 = 1_000_000;
const OPEN: u64 = 100_000;

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    if options.target.is_some() {
        bail!("a server that is there can't be ended");
    }
    let mut server = Server::start(options).await?;
    let mut connection = server.connect().await?;
    let waits =
        json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86_400, "End": true}}});
    let (stored, open) = (options.scaled(STORED), options.scaled(OPEN));
    let mut figures = Vec::new();
    for (name, definition, count) in [("stored", passes(1), stored), ("open", waits, open)] {
        let machine = states::create(&mut connection, name, "STANDARD", &definition).await?;
        let filled = counted(
            &server,
            options.clients,
            count,
            async move |connection: &mut Connection, number| {
                states::start(connection, &machine, Some(&number.to_string()), "{}")
                    .await
                    .map(drop)
            },
        )
        .await?;
        figures.push(Figure::new(
            "restart",
            format!("starts while filling, {name}"),
            filled.per_second(),
            "1/s",
        ));
    }
    let ready = server.crash_and_restart().await?;
    figures.push(
        Figure::new(
            "restart",
            format!("{stored} stored, {open} open: ready within"),
            ready.as_secs_f64(),
            "s",
        )
        .at_most(5.0),
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    figures.push(Figure::new(
        "restart",
        "resident after it",
        server.process.resident()? as f64 / MEGABYTE,
        "MB",
    ));
    if let Some(folder) = server.folder() {
        let bytes = size(folder)? as f64 / (stored + open) as f64;
        figures.push(Figure::new(
            "restart",
            "on disk for an execution",
            bytes,
            "B",
        ));
    }
    Ok(figures)
}

fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum += if kind.is_dir() {
            size(&entry.path())?
        } else {
            entry.metadata()?.len()
        };
    }
    Ok(sum)
}
