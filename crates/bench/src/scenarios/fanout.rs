//! Many executions that wait, and all that end together.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use serde_json::json;

use super::MEGABYTE;
use crate::http::Connection;
use crate::load::counted;
use crate::server::Server;
use crate::{Figure, Options, states};

const EXECUTIONS: u64 = 100_000;

/// Those that are due one after another are due within this time.
const SPREAD_SECONDS: f64 = 60.0;

/// A second for each so many executions to begin, before the first is due.
const STARTED_A_SECOND: f64 = 2_000.0;

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    let count = options.scaled(EXECUTIONS);
    let mut figures = spread(options, count).await?;
    figures.extend(at_once(options, count).await?);
    Ok(figures)
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// An instant as a Wait state reads it.
fn instant(seconds: f64) -> Result<String> {
    let instant = jiff::Timestamp::from_millisecond((seconds * 1000.0) as i64)?;
    Ok(instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Starts so many executions that wait until their instant; the machine's ARN and how much the server grew.
async fn begin(
    server: &Server,
    options: &Options,
    count: u64,
    due: impl Fn(u64) -> f64 + 'static,
) -> Result<(String, f64)> {
    let definition = json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.due", "End": true}}});
    let machine = states::create(
        &mut server.connect().await?,
        "wait",
        "STANDARD",
        &definition,
    )
    .await?;
    let arn = machine.clone();
    let before = server.process.resident()?;
    let started = counted(
        server,
        options.clients,
        count,
        async move |connection: &mut Connection, number| {
            let input = format!(r#"{{"due":"{}"}}"#, instant(due(number))?);
            states::start(connection, &arn, Some(&number.to_string()), &input)
                .await
                .map(drop)
        },
    )
    .await?;
    Ok((machine, started.resident.saturating_sub(before) as f64))
}

/// When each one ended, by its number; waits until all have.
async fn ends(server: &Server, machine: &str, count: u64) -> Result<Vec<(u64, f64)>> {
    let mut connection = server.connect().await?;
    loop {
        let running = states::list(&mut connection, machine, "RUNNING").await?;
        if running.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let ended = states::list(&mut connection, machine, "SUCCEEDED").await?;
    ensure!(
        ended.len() as u64 == count,
        "{} of {count} executions succeeded",
        ended.len()
    );
    ended
        .into_iter()
        .map(|(name, stop)| Ok((name.parse()?, stop)))
        .collect()
}

async fn spread(options: &Options, count: u64) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let first = now() + 5.0 + count as f64 / STARTED_A_SECOND;
    let due = move |number: u64| first + SPREAD_SECONDS * number as f64 / count as f64;
    let (machine, grown) = begin(&server, options, count, due).await?;
    let begun = now();
    let resident = server.process.resident()?;
    let until = Duration::try_from_secs_f64(first + SPREAD_SECONDS - now()).unwrap_or_default();
    tokio::time::sleep(until).await;
    let mut late: Vec<f64> = ends(&server, &machine, count)
        .await?
        .into_iter()
        .map(|(number, stop)| stop - due(number).max(begun.min(first)))
        .collect();
    late.sort_unstable_by(f64::total_cmp);
    let p99 = late[(late.len() - 1) * 99 / 100];
    ensure!(late[0] > -0.002, "a Wait ended {} s early", -late[0]);
    Ok(vec![
        Figure::new(
            "wait-fanout",
            format!("resident with {count} open"),
            resident as f64 / MEGABYTE,
            "MB",
        )
        .at_most(400.0),
        Figure::new(
            "wait-fanout",
            "memory for one open",
            grown / count as f64,
            "B",
        ),
        Figure::new("wait-fanout", "due over 60 s: p99 late", p99, "s").at_most(1.0),
    ])
}

async fn at_once(options: &Options, count: u64) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let due = now() + 5.0 + count as f64 / STARTED_A_SECOND;
    let (machine, _) = begin(&server, options, count, move |_| due).await?;
    ensure!(now() < due, "the executions were due before all had begun");
    tokio::time::sleep(Duration::from_secs_f64((due - now()).max(0.0))).await;
    let cpu = server.process.cpu()?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ends = ends(&server, &machine, count).await?;
    let cpu = server.process.cpu()? - cpu;
    let last = ends.iter().map(|(_, stop)| *stop).fold(due, f64::max);
    Ok(vec![
        Figure::new(
            "wait-fanout",
            "all due at once: drained within",
            last - due,
            "s",
        )
        .at_most(10.0),
        Figure::new(
            "wait-fanout",
            "CPU to wake and end one",
            cpu * 1000.0 / count as f64,
            "ms",
        ),
    ])
}
