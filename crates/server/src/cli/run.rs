//! `canter run`: one execution to its end, on a running server or in memory.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use server::{Client, Config};

use super::block_on;
use super::table::{Table, Tone, paint, status_tone};

#[derive(Args)]
pub(super) struct Run {
    /// A definition's file, or the name or ARN of a state machine that the server has
    #[arg(value_name = "FILE|NAME|ARN")]
    machine: String,
    /// The input, JSON; `@FILE` reads it from a file
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
    input: String,
    /// The execution's name [default: a UUID]
    #[arg(long)]
    name: Option<String>,
    /// The server that runs it
    #[arg(
        long,
        value_name = "URL",
        env = "AWS_ENDPOINT_URL",
        default_value = "http://127.0.0.1:4566"
    )]
    endpoint: String,
    /// Run it in this process, in memory, without a server
    #[arg(long)]
    local: bool,
    /// Replace the definition of a state machine of the file's name that the server has already
    #[arg(long)]
    update: bool,
    /// Give up waiting after this many seconds; the execution goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
    /// Print JSON: the execution and its history
    #[arg(long)]
    json: bool,
}

pub(super) fn run(run: &Run) -> Result<ExitCode> {
    let input = match run.input.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("can't read `{file}`"))?
        }
        None => run.input.clone(),
    };
    block_on(async {
        if !run.local {
            return execute(run, &Client::new(&run.endpoint)?, &input).await;
        }
        let running = server::serve(Config::ephemeral()).await?;
        let ended = execute(run, &Client::new(&running.url())?, &input).await;
        running.stop().await;
        ended
    })
}

async fn execute(run: &Run, client: &Client, input: &str) -> Result<ExitCode> {
    let machine = machine(run, client).await?;
    let mut start = json!({"stateMachineArn": machine, "input": input});
    if let Some(name) = &run.name {
        start["name"] = name.as_str().into();
    }
    let described = client
        .states("DescribeStateMachine", &json!({"stateMachineArn": machine}))
        .await?;
    if described["type"] == "EXPRESS" {
        // An EXPRESS execution has no history to ask for: its end is all there is to see.
        let ended = client.states("StartSyncExecution", &start).await?;
        if run.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&json!({"execution": ended}))?
            );
        } else {
            show_end(&ended);
        }
        return Ok(exit_code(&ended));
    }
    let started = client.states("StartExecution", &start).await?;
    let arn = started["executionArn"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let deadline = Instant::now() + Duration::from_secs(run.wait);
    let mut pause = Duration::from_millis(5);
    let described = loop {
        let described = client
            .states("DescribeExecution", &json!({"executionArn": arn}))
            .await?;
        if described["status"] != "RUNNING" {
            break described;
        }
        if Instant::now() > deadline {
            bail!(
                "{arn} still runs after {} s{}",
                run.wait,
                if run.local { "" } else { "; it goes on" }
            );
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(500));
    };
    let events = history(client, &arn).await?;
    if run.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({"execution": described, "events": events}))?
        );
    } else {
        show(&described, &events);
    }
    Ok(exit_code(&described))
}

fn exit_code(described: &Value) -> ExitCode {
    if described["status"] == "SUCCEEDED" {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The ARN of what the person named; a file's definition is put on the server under the file's name.
async fn machine(run: &Run, client: &Client) -> Result<String> {
    let named = run.machine.as_str();
    if named.starts_with("arn:") {
        return Ok(named.to_owned());
    }
    let path = Path::new(named);
    if !path.is_file() {
        let listed = client
            .states("ListStateMachines", &json!({"maxResults": 1000}))
            .await?;
        let machines = listed["stateMachines"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = machines
            .iter()
            .find(|machine| machine["name"] == named)
            .map(|machine| &machine["stateMachineArn"]);
        return match found.and_then(Value::as_str) {
            Some(arn) => Ok(arn.to_owned()),
            None => bail!(
                "`{named}` is neither a file here nor a state machine of {}",
                if run.local {
                    "this process, which starts empty"
                } else {
                    &run.endpoint
                }
            ),
        };
    }
    let definition =
        std::fs::read_to_string(path).with_context(|| format!("can't read `{named}`"))?;
    let stem = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("machine");
    let name: String = stem
        .trim_end_matches(".json")
        .trim_end_matches(".asl")
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    let role = "arn:aws:iam::000000000000:role/canter-run";
    let create = json!({"name": name, "definition": definition, "roleArn": role});
    match client.states("CreateStateMachine", &create).await {
        Ok(created) => Ok(created["stateMachineArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned()),
        Err(error) if error.code() == "StateMachineAlreadyExists" && !run.update => bail!(
            "the server has a state machine `{name}` with another definition; `--update` replaces it, `canter run {name}` runs it as it is"
        ),
        Err(error) if error.code() == "StateMachineAlreadyExists" => {
            let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{name}");
            client
                .states(
                    "UpdateStateMachine",
                    &json!({"stateMachineArn": arn, "definition": definition}),
                )
                .await?;
            Ok(arn)
        }
        Err(error) => Err(error.into()),
    }
}

async fn history(client: &Client, arn: &str) -> Result<Vec<Value>> {
    let mut events = Vec::new();
    let mut ask = json!({"executionArn": arn, "maxResults": 1000});
    loop {
        let mut page = client.states("GetExecutionHistory", &ask).await?;
        if let Value::Array(mut more) = page["events"].take() {
            events.append(&mut more);
        }
        match page["nextToken"].as_str() {
            Some(token) => ask["nextToken"] = token.into(),
            None => return Ok(events),
        }
    }
}

fn show(described: &Value, events: &[Value]) {
    let mut table = Table::new(&["ID", "AFTER", "AT", "EVENT", "WHAT"]);
    let began = time(events.first());
    for event in events {
        let kind = event["type"].as_str().unwrap_or_default();
        let tone = if kind.ends_with("Failed")
            || kind.ends_with("TimedOut")
            || kind.ends_with("Aborted")
        {
            Tone::Bad
        } else if kind == "ExecutionSucceeded" {
            Tone::Good
        } else {
            Tone::Plain
        };
        let after = event["previousEventId"].to_string();
        let at = format!("{:.3} s", time(Some(event)) - began);
        table.toned(
            tone,
            [&event["id"].to_string(), &after, &at, kind, &what(event)],
        );
    }
    print!("{table}");
    show_end(described);
}

fn show_end(described: &Value) {
    let status = described["status"].as_str().unwrap_or_default();
    println!("{}", paint(status, status_tone(status)));
    for (name, member) in [("output", "output"), ("error", "error"), ("cause", "cause")] {
        if let Some(text) = described[member].as_str() {
            println!("{name}: {text}");
        }
    }
}

fn time(event: Option<&Value>) -> f64 {
    event
        .and_then(|event| event["timestamp"].as_f64())
        .unwrap_or_default()
}

/// The few words of an event that a person looks for.
fn what(event: &Value) -> String {
    let details = event
        .as_object()
        .into_iter()
        .flatten()
        .find(|(name, _)| name.ends_with("EventDetails"));
    let Some((_, details)) = details else {
        return String::new();
    };
    let part = |name: &str| details[name].as_str().map(str::to_owned);
    let failure = match (part("error"), part("cause")) {
        (Some(error), Some(cause)) => Some(format!("{error}: {cause}")),
        (error, cause) => error.or(cause),
    };
    let resource = match (part("resourceType"), part("resource")) {
        (Some(kind), Some(resource)) => Some(format!("{kind}:{resource}")),
        (_, resource) => resource,
    };
    let data = part("input")
        .or_else(|| part("output"))
        .or_else(|| part("parameters"));
    let words = [part("name"), resource, failure, data];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// One visit of a state, as a person counts them.
#[derive(Serialize)]
pub(super) struct Step {
    pub(super) state: String,
    pub(super) status: String,
    pub(super) milliseconds: u64,
    pub(super) what: String,
}

impl Step {
    pub(super) fn took(&self) -> String {
        format!("{} ms", self.milliseconds)
    }
}

/// A history's states in the order in which they were entered; each with what it failed of, where it did.
pub(super) fn steps(events: &[Value]) -> Vec<Step> {
    let mut steps = Vec::new();
    for event in events {
        let Some(kind) = event["type"].as_str() else {
            continue;
        };
        if !kind.ends_with("StateEntered") {
            continue;
        }
        let name = event["stateEnteredEventDetails"]["name"]
            .as_str()
            .unwrap_or_default();
        let (mut status, mut what, mut end) = ("RUNNING", String::new(), time(Some(event)));
        let mut branch = vec![event["id"].as_u64()];
        let later = events
            .iter()
            .filter(|other| other["id"].as_u64() > event["id"].as_u64());
        for other in later {
            // What follows from this entry, through the events between, belongs to this visit.
            if !branch.contains(&other["previousEventId"].as_u64()) {
                continue;
            }
            let kind = other["type"].as_str().unwrap_or_default();
            if kind.ends_with("StateEntered") && !kind.starts_with("Fail") && status != "RUNNING" {
                break;
            }
            branch.push(other["id"].as_u64());
            end = time(Some(other));
            let details = other
                .as_object()
                .into_iter()
                .flatten()
                .find(|(key, _)| key.ends_with("EventDetails"));
            let error = details.and_then(|(_, details)| details["error"].as_str());
            if kind.ends_with("Failed") || kind.ends_with("TimedOut") {
                status = "FAILED";
                if let (Some(error), true) = (error, what.is_empty()) {
                    error.clone_into(&mut what);
                }
            } else if kind.ends_with("StateExited")
                && other["stateExitedEventDetails"]["name"] == name
            {
                status = if status == "FAILED" {
                    "CAUGHT"
                } else {
                    "SUCCEEDED"
                };
                break;
            } else if kind == "ExecutionAborted" {
                status = "ABORTED";
            }
        }
        steps.push(Step {
            state: name.to_owned(),
            status: status.to_owned(),
            milliseconds: ((end - time(Some(event))).max(0.0) * 1000.0).round() as u64,
            what,
        });
    }
    steps
}
