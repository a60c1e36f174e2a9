//! Our own scripts, `conformance/engine/*.json`: a definition, an input, what the world does, and the history.
//!
//! A history line is an event's id, its previous id, its type, and its details, without the payloads' flags. With
//! `UPDATE=1` the histories are written instead of compared; review the difference as code.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use asl::Payload;
use engine::{Failure, Input};
use serde_json::{Value, json};
use support::{START, World, machine, wire};

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
            let history = lines(&world);
            if update {
                script["history"] = json!(history);
                let text = serde_json::to_string_pretty(&script).expect("it is JSON");
                fs::write(&path, text + "\n").expect("a script can be written");
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
    if let Some(seconds) = act["timer"].as_i64() {
        assert!(world.fire_next_timer(), "{name}: no timer is set");
        assert_eq!(world.now, START + seconds * 1000, "{name}: when it fires");
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
            failure: Failure::Failed,
        },
    });
}

/// A value in which `{"$long": n}` is a text of that length.
fn grown(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$long").and_then(Value::as_u64) {
            Some(length) => json!("x".repeat(length as usize)),
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
                line.extend(details.to_string().chars().take(240));
            }
            line
        })
        .collect()
}
