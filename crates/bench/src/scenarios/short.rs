//! Executions of some milliseconds, one after another on each connection.

use std::io::Write as _;

use anyhow::{Context, Result};
use base64::Engine as _;
use serde_json::{Value, json};

use super::MEGABYTE;
use crate::http::Connection;
use crate::load::{Measured, timed};
use crate::server::Server;
use crate::{Figure, Options, states};

/// A state machine of so many Pass states.
pub(super) fn passes(count: usize) -> Value {
    let states: serde_json::Map<String, Value> = (0..count)
        .map(|index| {
            let mut state = json!({"Type": "Pass"});
            if index + 1 == count {
                state["End"] = true.into();
            } else {
                state["Next"] = format!("P{}", index + 1).into();
            }
            (format!("P{index}"), state)
        })
        .collect();
    json!({"StartAt": "P0", "States": states})
}

pub(super) async fn measure(
    server: &Server,
    options: &Options,
    name: &str,
    definition: &Value,
) -> Result<Measured> {
    let machine =
        states::create(&mut server.connect().await?, name, "STANDARD", definition).await?;
    timed(
        server,
        options,
        options.clients,
        async move |connection: &mut Connection| {
            states::execute(connection, &machine, "{}").await.map(drop)
        },
    )
    .await
}

/// What an execution is to cost, and how many there are to be.
struct Marks {
    cpu_most: f64,
    /// Of those that have one: executions a second, and milliseconds for half of them and for 99 of 100.
    speed: Option<Speed>,
}

struct Speed {
    per_second_least: f64,
    quantiles_most: Option<(f64, f64)>,
}

fn figures(scenario: &'static str, measured: &Measured, marks: Marks) -> Vec<Figure> {
    let figure = |what: &str, value: f64, unit| Figure::new(scenario, what, value, unit);
    let cpu = figure("server's CPU for an execution", measured.cpu_each(), "ms");
    let mut rate = figure("executions", measured.per_second(), "1/s");
    let mut half = figure("p50", measured.quantile(0.5), "ms");
    let mut nearly_all = figure("p99", measured.quantile(0.99), "ms");
    if let Some(speed) = marks.speed {
        rate = rate.at_least(speed.per_second_least);
        if let Some((p50, p99)) = speed.quantiles_most {
            (half, nearly_all) = (half.at_most(p50), nearly_all.at_most(p99));
        }
    }
    let resident = measured.resident as f64 / MEGABYTE;
    let resident = figure("resident at the end", resident, "MB");
    vec![
        cpu.at_most(marks.cpu_most),
        rate,
        half,
        nearly_all,
        resident,
    ]
}

/// Marks of a scenario that has none of speed.
fn cpu_most(cpu_most: f64) -> Marks {
    Marks {
        cpu_most,
        speed: None,
    }
}

pub(super) async fn pass1(options: &Options) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let measured = measure(&server, options, "pass1", &passes(1)).await?;
    let marks = Marks {
        cpu_most: 0.12,
        speed: Some(Speed {
            per_second_least: 6000.0,
            quantiles_most: Some((10.0, 40.0)),
        }),
    };
    Ok(figures("pass1", &measured, marks))
}

pub(super) async fn pass10(options: &Options) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let measured = measure(&server, options, "pass10", &passes(10)).await?;
    Ok(figures("pass10", &measured, cpu_most(0.20)))
}

pub(super) async fn parallel5(options: &Options) -> Result<Vec<Figure>> {
    // A state's name is unique in the whole definition.
    let branch = |number: u32| {
        let name = format!("B{number}");
        json!({"StartAt": name, "States": {name: {"Type": "Pass", "End": true}}})
    };
    let branches: Vec<Value> = (0..5).map(branch).collect();
    let definition = json!({"StartAt": "All", "States": {"All": {"Type": "Parallel", "End": true, "Branches": branches}}});
    let server = Server::start(options).await?;
    let measured = measure(&server, options, "parallel5", &definition).await?;
    Ok(figures("parallel5", &measured, cpu_most(0.25)))
}

pub(super) async fn express1(options: &Options) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let mut connection = server.connect().await?;
    let machine = states::create(&mut connection, "express1", "EXPRESS", &passes(1)).await?;
    let one =
        async move |connection: &mut Connection| states::execute_sync(connection, &machine).await;
    let measured = timed(&server, options, options.clients, one).await?;
    let marks = Marks {
        cpu_most: 0.06,
        speed: Some(Speed {
            per_second_least: 15_000.0,
            quantiles_most: None,
        }),
    };
    Ok(figures("express1", &measured, marks))
}

/// Not so many at a time: each function's process is a Python of its own.
const LAMBDA_CLIENTS: usize = 16;

pub(super) async fn lambda1(options: &Options) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let mut connection = server.connect().await?;
    let arn = create_function(&mut connection).await?;
    let definition =
        json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": arn, "End": true}}});
    let machine = states::create(&mut connection, "lambda1", "STANDARD", &definition).await?;
    let clients = LAMBDA_CLIENTS.min(options.clients);
    let measured = timed(
        &server,
        options,
        clients,
        async move |connection: &mut Connection| {
            states::execute(connection, &machine, "{}").await.map(drop)
        },
    )
    .await?;
    Ok(figures("lambda1", &measured, cpu_most(0.4)))
}

/// A function that answers what it is given.
async fn create_function(connection: &mut Connection) -> Result<String> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("f.py", zip::write::SimpleFileOptions::default())?;
    archive.write_all(b"def handler(event, context):\n    return event\n")?;
    let code = base64::engine::general_purpose::STANDARD.encode(archive.finish()?.into_inner());
    let function = json!({
        "FunctionName": "lambda1", "Runtime": "python3.11", "Handler": "f.handler", "Code": {"ZipFile": code},
        "Role": "arn:aws:iam::000000000000:role/bench", "Timeout": 30,
    });
    let answer = connection
        .rest(
            "lambda",
            "POST",
            "/2015-03-31/functions",
            function.to_string(),
        )
        .await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let arn = answer["FunctionArn"]
        .as_str()
        .context("no FunctionArn in the answer")?;
    Ok(arn.to_owned())
}
