//! Our own scripts, `conformance/engine/*.json`: a definition, an input, what the world does, and the history.
//!
//! A history line is an event's id, its previous id, its type, and its details, without the payloads' flags. With
//! `UPDATE=1` the histories are written instead of compared; review the difference as code. The same scripts are
//! played against the binary by `e2e/test_scripts.py`.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use asl::Payload;
use engine::{Execution, Failure, Input, Limits, Seed};
use serde_json::{Value, json};
use support::{START, World, machine, review_all, seed, wire};

/// As wide as a line of a script may be.
const COLUMNS_MAX: usize = 120;

#[test]
fn scripts_give_their_histories() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in scripts() {
        let text = fs::read_to_string(&path).expect("a script can be read");
        let mut script: Value = serde_json::from_str(&text).expect("a script is JSON");
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for crash in [false, true] {
            let world = play(&name, &script, crash);
            for problem in review_all(&world) {
                wrong.push(format!(
                    "{name}: {problem}\n    {}",
                    lines(&world).join("\n    ")
                ));
            }
            let mut history = lines(&world);
            if let Some(last) = script["last"].as_u64() {
                history.drain(..history.len().saturating_sub(last as usize));
            }
            if update {
                script["history"] = json!(history);
                fs::write(&path, written(&script, 0, 0) + "\n").expect("a script can be written");
            } else if script["history"] != json!(history) {
                wrong.push(format!(
                    "{name} (crash: {crash}):\n    {}",
                    history.join("\n    ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/engine");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the scripts are there")
        .map(|entry| entry.expect("a folder can be read").path())
        .collect();
    paths.sort();
    paths
}

fn play(name: &str, script: &Value, crash: bool) -> World {
    let mut world = World::new(
        machine(&script["definition"].to_string()),
        &grown(&script["input"]).to_string(),
    );
    if script["type"] == "EXPRESS" {
        let seed = Seed {
            express: true,
            ..seed("name", &grown(&script["input"]).to_string())
        };
        world.execution = Execution::new(seed, Limits::default());
    }
    world.crash = crash;
    world.give(Input::Started);
    for act in script["world"].as_array().into_iter().flatten() {
        perform(name, act, &mut world);
    }
    if world.execution.outcome().is_some() {
        assert!(world.timers.is_empty(), "{name}: timers are left");
        assert!(world.invocations.is_empty(), "{name}: tasks are left");
    }
    world
}

fn perform(name: &str, act: &Value, world: &mut World) {
    let payload = |value: &Value| Payload::from_text(grown(value).to_string()).expect("it is JSON");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(seconds) = act["timer"].as_f64() {
        assert!(world.fire_next_timer(), "{name}: no timer is set");
        let milliseconds = (seconds * 1000.0).round() as i64;
        assert_eq!(world.now - START, milliseconds, "{name}: when it fires");
        return;
    }
    if let Some(seconds) = act["pass_seconds"].as_i64() {
        world.now += seconds * 1000;
        return;
    }
    if let Some(stop) = act.get("stop") {
        let (error, cause) = (text(&stop["error"]), text(&stop["cause"]));
        return world.give(Input::Stop { error, cause });
    }
    let nth = act["nth"].as_u64().unwrap_or(0) as usize;
    let attempt = world.invocations.get(nth).expect("a task runs").attempt;
    if let Some(worker) = act.get("taken") {
        let worker_name = text(worker);
        return world.give(Input::TaskStarted {
            attempt,
            worker_name,
        });
    }
    if act.get("heartbeat").is_some() {
        return world.give(Input::TaskHeartbeat { attempt });
    }
    if let Some(output) = act.get("submitted") {
        let output = payload(output);
        return world.give(Input::TaskSubmitted { attempt, output });
    }
    world.invocations.remove(nth);
    let failed = &act["failed"];
    world.give(match act.get("succeeded") {
        Some(output) => Input::TaskSucceeded {
            attempt,
            output: payload(output),
        },
        None => Input::TaskFailed {
            attempt,
            error: text(&failed["error"]),
            cause: text(&failed["cause"]),
            failure: match failed.get("how") {
                Some(how) => serde_json::from_value::<Failure>(how.clone()).expect("a failure"),
                None => Failure::Failed,
            },
        },
    });
}

/// A value in which `{"$long": n}` is a text of that length, and `{"$long": n, "of": text}` that text n times.
fn grown(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$long").and_then(Value::as_u64) {
            Some(times) => {
                let of = members.get("of").and_then(Value::as_str);
                json!(of.unwrap_or("x").repeat(times as usize))
            }
            None => members
                .iter()
                .map(|(key, value)| (key.clone(), grown(value)))
                .collect(),
        },
        Value::Array(items) => items.iter().map(grown).collect(),
        other => other.clone(),
    }
}

fn lines(world: &World) -> Vec<String> {
    let events = wire::history(&world.history);
    let events = events.as_array().into_iter().flatten();
    events
        .map(|event| {
            let mut line = format!(
                "{} {} {}",
                event["id"],
                event["previousEventId"],
                event["type"].as_str().unwrap_or_default()
            );
            let details = event.as_object().into_iter().flatten();
            for (_, details) in details.filter(|(key, _)| key.ends_with("EventDetails")) {
                let mut details = details.clone();
                if let Some(members) = details.as_object_mut() {
                    members.retain(|_, value| value != &json!({"truncated": false}));
                    members.shift_remove("roleArn");
                }
                line.push(' ');
                line.extend(details.to_string().chars().take(400));
            }
            line
        })
        .collect()
}

/// A script's text: what fits into a line stands in one.
fn written(value: &Value, indent: usize, column: usize) -> String {
    let line = one_line(value);
    let own_lines = indent == 0
        || value
            .as_array()
            .is_some_and(|items| items.len() > 1 && items.iter().all(Value::is_string));
    if !own_lines && column + line.chars().count() < COLUMNS_MAX {
        return line;
    }
    let pad = " ".repeat(indent + 2);
    let (open, lines, close) = match value {
        Value::Object(members) if !members.is_empty() => {
            let member = |(key, value): (&String, &Value)| {
                let key = format!("{pad}{}: ", json!(key));
                let column = key.chars().count();
                key + &written(value, indent + 2, column)
            };
            ('{', members.iter().map(member).collect::<Vec<_>>(), '}')
        }
        Value::Array(items) if !items.is_empty() => {
            let item = |value: &Value| pad.clone() + &written(value, indent + 2, indent + 2);
            ('[', items.iter().map(item).collect(), ']')
        }
        _ => return line,
    };
    format!(
        "{open}\n{}\n{}{close}",
        lines.join(",\n"),
        " ".repeat(indent)
    )
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let member =
                |(key, value): (&String, &Value)| format!("{}: {}", json!(key), one_line(value));
            format!(
                "{{{}}}",
                members.iter().map(member).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(one_line).collect::<Vec<_>>().join(", ")
        ),
        other => other.to_string(),
    }
}
