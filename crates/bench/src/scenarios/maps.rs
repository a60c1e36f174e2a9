//! Map states: a thousand iterations in one execution, and a file's worth of child executions.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::MEGABYTE;
use super::short::passes;
use crate::http::Connection;
use crate::load::timed;
use crate::server::Server;
use crate::{Figure, Options, states};

const ITERATIONS: u64 = 1000;

/// Maps at a time: they keep both cores busy, and each is polled seldom.
const MAP_CLIENTS: usize = 4;

/// By the clock on the wall, and what its thread had of a core.
const LONGEST_TURNS: [&str; 2] = [
    "canter_shard_longest_turn_seconds",
    "canter_shard_longest_turn_cpu_seconds",
];

pub(super) async fn inline(options: &Options) -> Result<Vec<Figure>> {
    let items: Vec<u64> = (0..options.scaled(ITERATIONS)).collect();
    let definition = json!({"StartAt": "M", "States": {"M": {
        "Type": "Map", "End": true, "ItemProcessor": passes(1)}}});
    let server = Server::start(options).await?;
    let machine = states::create(
        &mut server.connect().await?,
        "map1000",
        "STANDARD",
        &definition,
    )
    .await?;
    let input = json!(items).to_string();
    let arn = machine.clone();
    let text = input.clone();
    let measured = timed(
        &server,
        options,
        MAP_CLIENTS.min(options.clients),
        async move |connection: &mut Connection| {
            states::execute(connection, &arn, &text).await.map(drop)
        },
    )
    .await?;
    let mut connection = server.connect().await?;
    // Since it was asked for last: beside several, a shard mostly waits for a core.
    connection.metrics(LONGEST_TURNS).await?;
    let beside = beside(&server, machine, input).await?;
    let [wall, processor] = connection.metrics(LONGEST_TURNS).await?;
    let longest = |what, seconds: f64| Figure::new("map1000", what, seconds * 1000.0, "ms");
    let wall = wall.map(|seconds| {
        longest("longest time in which a shard was blocked by one", seconds).at_most(10.0)
    });
    let processor =
        processor.map(|seconds| longest("most CPU that a shard took at a time", seconds));
    Ok([
        Figure::new(
            "map1000",
            "server's CPU for an execution",
            measured.cpu_each(),
            "ms",
        )
        .at_most(40.0),
        Figure::new("map1000", "executions", measured.per_second(), "1/s"),
        Figure::new("map1000", "p50", measured.quantile(0.5), "ms"),
        Figure::new(
            "map1000",
            "p99 of another's start and end beside one",
            beside,
            "ms",
        ),
    ]
    .into_iter()
    .chain(wall)
    .chain(processor)
    .collect())
}

/// What others wait for while one client runs Maps: 99 of 100 one-Pass executions end within this, in milliseconds.
async fn beside(server: &Server, machine: String, input: String) -> Result<f64> {
    let mut connection = server.connect().await?;
    let short = states::create(&mut connection, "beside", "STANDARD", &passes(1)).await?;
    let over = Rc::new(Cell::new(false));
    let maps = {
        let over = Rc::clone(&over);
        let mut connection = server.connect().await?;
        tokio::task::spawn_local(async move {
            while !over.get() {
                states::execute(&mut connection, &machine, &input).await?;
            }
            Ok::<_, anyhow::Error>(())
        })
    };
    let mut took = Vec::new();
    for _ in 0..500 {
        let began = Instant::now();
        states::execute(&mut connection, &short, "{}").await?;
        took.push(began.elapsed());
    }
    over.set(true);
    maps.await??;
    took.sort_unstable();
    Ok(took[took.len() * 99 / 100].as_secs_f64() * 1000.0)
}

const ITEMS: u64 = 100_000;

pub(super) async fn distributed(options: &Options) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (kind, least) in [("EXPRESS", 10_000.0), ("STANDARD", 2_000.0)] {
        figures.extend(children(options, kind, least).await?);
    }
    Ok(figures)
}

async fn children(options: &Options, kind: &str, least: f64) -> Result<Vec<Figure>> {
    let count = options.scaled(ITEMS);
    let server = Server::start(options).await?;
    let mut connection = server.connect().await?;
    let rows = (0..count).map(|number| format!("{number},rider {number},Salt Lake City\n"));
    let file = std::iter::once("id,name,city\n".to_owned())
        .chain(rows)
        .collect::<String>();
    connection.rest("s3", "PUT", "/bench", "").await?;
    connection
        .rest("s3", "PUT", "/bench/riders.csv", file)
        .await?;
    let machine = states::create(
        &mut connection,
        "distributed",
        "STANDARD",
        &definition(kind),
    )
    .await?;
    let mut most = 0;
    let before = server.process.resident()?;
    let cpu = server.process.cpu()?;
    let began = Instant::now();
    let execution = states::start(&mut connection, &machine, None, "{}").await?;
    let mut watcher = server.connect().await?;
    let ended = {
        let execution = execution.clone();
        tokio::task::spawn_local(
            async move { states::await_success(&mut watcher, &execution).await },
        )
    };
    while !ended.is_finished() {
        most = most.max(server.process.resident()?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ended.await??;
    let span = began.elapsed().as_secs_f64();
    let cpu = (server.process.cpu()? - cpu) * 1000.0;
    Ok(vec![
        Figure::new(
            "distributed-map",
            format!("{kind} children"),
            count as f64 / span,
            "1/s",
        )
        .at_least(least),
        Figure::new(
            "distributed-map",
            format!("server's CPU for a child, {kind}"),
            cpu / count as f64,
            "ms",
        ),
        Figure::new(
            "distributed-map",
            format!("memory above the start, {kind}"),
            most.saturating_sub(before) as f64 / MEGABYTE,
            "MB",
        )
        .at_most(64.0),
    ])
}

fn definition(kind: &str) -> Value {
    let mut processor = passes(1);
    processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": kind});
    json!({"StartAt": "M", "States": {"M": {
        "Type": "Map", "End": true, "ItemProcessor": processor, "MaxConcurrency": 1000,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "bench", "Key": "riders.csv"},
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}},
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "bench", "Prefix": "out"}},
    }}})
}
