//! Executions that AWS recorded, run in the engine alone: what the world did is taken from the recording, what the
//! engine says must be what AWS said.
//!
//! The recordings lie outside the repository. Without them the test says so and passes, but not where `CI` is set.
//! What does not match yet stands, with a reason, in `conformance/engine-expected-failures.tsv`.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use asl::Payload;
use engine::{Failure, Input, Invocation, Limits, Outcome};
use serde_json::{Value, json};
use support::World;
use support::compare::Compare;
use support::{review_all, wire};

#[test]
fn histories_are_those_that_aws_wrote() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(cases) = recordings(&root) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the recordings are missing"
        );
        eprintln!("the recordings are missing: nothing was compared");
        return;
    };
    let listed = root.join("conformance/engine-expected-failures.tsv");
    let listed = fs::read_to_string(listed).unwrap_or_default();
    let expected: BTreeSet<&str> = listed
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').next().unwrap_or_default())
        .collect();
    let only = std::env::var("ONLY").ok();
    let (mut matching, mut wrong, mut mended) = (0, Vec::new(), Vec::new());
    for case in cases.iter().map(|path| read(path)).filter(in_scope) {
        let id = case["id"].as_str().unwrap_or_default().to_owned();
        if only
            .as_ref()
            .is_some_and(|only| !id.contains(only.as_str()))
        {
            continue;
        }
        let differences = Replay::of(&case);
        match (differences.is_empty(), expected.contains(id.as_str())) {
            (true, false) => matching += 1,
            (true, true) => mended.push(id),
            (false, true) => {}
            (false, false) => wrong.push(format!("{id}\n    {}", differences.join("\n    "))),
        }
    }
    eprintln!(
        "{matching} recordings match, {} do not, {} do again",
        wrong.len(),
        mended.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        mended.is_empty(),
        "take these off the list:\n{}",
        mended.join("\n")
    );
}

fn recordings(root: &Path) -> Option<Vec<PathBuf>> {
    let folder = ["../shared", "../../shared"]
        .iter()
        .map(|shared| root.join(shared).join("conformance/cases"))
        .find(|cases| cases.is_dir())?;
    let mut found = Vec::new();
    for category in fs::read_dir(folder).ok()? {
        for case in fs::read_dir(category.ok()?.path()).ok()? {
            found.push(case.ok()?.path());
        }
    }
    found.sort();
    Some(found)
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a recording can be read");
    serde_json::from_str(&text).expect("a recording is JSON")
}

/// One machine or several, started and looked at; no Map Runs.
fn in_scope(case: &Value) -> bool {
    let kind = case["kind"].as_str().unwrap_or_default();
    let definitions: String = steps(case)
        .filter(|step| step["op"] == "CreateStateMachine")
        .filter_map(|step| step["params"]["definition"].as_str())
        .collect();
    let all_created = steps(case)
        .filter(|step| step["op"] == "CreateStateMachine")
        .all(|step| step["observed_error"].is_null());
    ["execution", "executions", "callback", "mocked", "api"].contains(&kind)
        && all_created
        && !definitions.is_empty()
        && !definitions.contains("DISTRIBUTED")
        && (steps(case).any(has_history) || case["expected"]["cases"].is_array())
}

fn has_history(step: &Value) -> bool {
    step["op"] == "GetExecutionHistory" && step["expect"].is_array()
}

fn steps(case: &Value) -> impl Iterator<Item = &Value> {
    case["steps"].as_array().into_iter().flatten()
}

struct Replay<'a> {
    case: &'a Value,
    steps: Vec<&'a Value>,
    compare: Compare,
}

impl<'a> Replay<'a> {
    /// The differences from what AWS answered.
    fn of(case: &'a Value) -> Vec<String> {
        let mut replay = Replay {
            case,
            steps: steps(case).collect(),
            compare: Compare::new(case),
        };
        if case["expected"]["cases"].is_array() {
            replay.outcomes();
        } else {
            replay.histories();
        }
        replay.compare.differences
    }

    fn histories(&mut self) {
        for step in self.steps.clone() {
            if !has_history(step) {
                continue;
            }
            let Some(start) = Self::referred(&step["params"]["executionArn"]) else {
                continue;
            };
            for expect in step["expect"].as_array().into_iter().flatten() {
                let key = expect["key"].as_str().unwrap_or_default();
                let mut expected = &self.case["expected"][key];
                if let Some(at) = expect["at"].as_u64() {
                    expected = &expected[at as usize];
                }
                let events = &expected["events"];
                match (self.world(start), self.world(start)) {
                    (Ok(mut world), Ok(mut crashing)) => {
                        Script::new(events).play(&mut world);
                        self.compare.differences.extend(review_all(&world));
                        let actual = wire::history(&world.history);
                        crashing.crash = true;
                        Script::new(events).play(&mut crashing);
                        if actual != wire::history(&crashing.history) {
                            let problem = "a crash after every commit changes it".to_owned();
                            self.compare.differences.push(problem);
                        }
                        self.compare
                            .compare(events, &actual, &["events".to_owned()]);
                    }
                    (Err(problem), _) | (_, Err(problem)) => {
                        self.compare.differences.push(problem);
                    }
                }
            }
        }
    }

    /// A list of inputs and outputs, in the order of the executions.
    fn outcomes(&mut self) {
        let cases = self.case["expected"]["cases"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let starts: Vec<usize> = (0..self.steps.len())
            .filter(|place| self.steps[*place]["op"] == "StartExecution")
            .collect();
        for (place, (start, expected)) in starts.into_iter().zip(cases).enumerate() {
            let mut world = match self.world(start) {
                Ok(world) => world,
                Err(problem) => {
                    self.compare.differences.push(problem);
                    continue;
                }
            };
            Script::new(&json!([])).play_all(&mut world);
            self.compare.differences.extend(review_all(&world));
            let output = match world.execution.outcome() {
                Some(Outcome::Succeeded { output }) => json!(output.text().as_ref()),
                other => json!(format!("{other:?}")),
            };
            let input = self.steps[start]["params"]["input"].as_str().unwrap_or("?");
            let path = ["cases".to_owned(), format!("{place} ({input})")];
            self.compare.compare(&expected["output"], &output, &path);
        }
    }

    fn world(&self, start: usize) -> Result<World, String> {
        let params = &self.steps[start]["params"];
        let machine = Self::referred(&params["stateMachineArn"]);
        let definition = machine.map(|machine| &self.steps[machine]["params"]["definition"]);
        let definition = self.filled(definition.and_then(Value::as_str).unwrap_or_default());
        let parsed = asl::parse(&definition);
        let machine = parsed
            .machine
            .ok_or_else(|| format!("not a state machine: {:?}", parsed.diagnostics))?;
        let input = self.filled(params["input"].as_str().unwrap_or("{}"));
        // Activities that the client deleted before it started the execution.
        let deleted = self.steps[..start]
            .iter()
            .filter(|step| step["op"] == "DeleteActivity")
            .filter_map(|step| step["params"]["activityArn"].as_str());
        let absent = deleted.map(|arn| self.filled(arn).into()).collect();
        let mut world = World::with_limits(machine.into(), &input, Limits::default());
        world.absent_activities = absent;
        Ok(world)
    }

    /// The step that a param refers to.
    fn referred(param: &Value) -> Option<usize> {
        let inner = param.as_str()?.strip_prefix("${")?;
        inner.split(':').next()?.parse().ok()
    }

    /// A param with what earlier steps answered, as far as it matters here.
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once("${") {
            let Some((inner, after)) = reference.split_once('}') else {
                break;
            };
            filled.push_str(before);
            let (place, path) = inner.split_once(':').unwrap_or((inner, ""));
            let step = place
                .parse()
                .ok()
                .and_then(|place: usize| self.steps.get(place));
            let params = step.map_or(&Value::Null, |step| &step["params"]);
            let name = [
                "FunctionName",
                "name",
                "QueueName",
                "RoleName",
                "TableName",
                "Name",
            ]
            .iter()
            .find_map(|key| params[key].as_str())
            .unwrap_or("thing");
            let (prefix, suffix) = match path.rsplit('.').next().unwrap_or_default() {
                "FunctionArn" => ("arn:aws:lambda:us-east-1:000000000000:function:", ""),
                "activityArn" => ("arn:aws:states:us-east-1:000000000000:activity:", ""),
                "stateMachineArn" => ("arn:aws:states:us-east-1:000000000000:stateMachine:", ""),
                "TopicArn" => ("arn:aws:sns:us-east-1:000000000000:", ""),
                _ => ("http://world/", path),
            };
            filled.extend([prefix, name, suffix]);
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// What the world did to the tasks of one recorded execution.
struct Script {
    /// For each scheduled task, in their order, the events that followed.
    chains: Vec<Vec<Value>>,
    /// The execution was still running when it was looked at.
    open: bool,
    causes: BTreeMap<String, String>,
}

impl Script {
    fn new(events: &Value) -> Self {
        let events: Vec<&Value> = events.as_array().into_iter().flatten().collect();
        let kind = |event: &Value| event["type"].as_str().unwrap_or_default().to_owned();
        let mut chains = Vec::new();
        let mut used = BTreeSet::new();
        for event in events
            .iter()
            .filter(|event| kind(event).ends_with("Scheduled"))
        {
            let mut chain = Vec::new();
            let mut last = (*event).clone();
            while let Some((place, next)) = events.iter().enumerate().find(|(place, next)| {
                let follows = if last["id"] == json!([0]) {
                    next["id"] == json!([0])
                } else {
                    next["previousEventId"] == last["id"]
                };
                follows && !used.contains(place) && is_of_task(&kind(next))
            }) {
                used.insert(place);
                chain.push((*next).clone());
                last = (*next).clone();
                if is_end(&kind(next)) {
                    break;
                }
            }
            chains.push(chain);
        }
        let last = events.last().map(|event| kind(event)).unwrap_or_default();
        let mut causes = BTreeMap::new();
        for event in &events {
            collect_causes(event, &mut causes);
        }
        Self {
            chains,
            open: ![
                "ExecutionSucceeded",
                "ExecutionFailed",
                "ExecutionTimedOut",
                "ExecutionAborted",
            ]
            .contains(&last.as_str()),
            causes,
        }
    }

    fn play(&self, world: &mut World) {
        let mut pending: Vec<(Invocation, &Vec<Value>)> = Vec::new();
        let mut scheduled = self.chains.iter();
        world.give(Input::Started);
        while world.execution.outcome().is_none() {
            while let Some(invocation) = world.invocations.pop_front() {
                if let Some(chain) = scheduled.next() {
                    pending.push((invocation, chain));
                }
            }
            pending.retain(|(invocation, _)| world.execution.awaits(invocation.attempt));
            for (invocation, chain) in &pending {
                self.submit(world, invocation, chain);
            }
            let answered = pending
                .iter()
                .enumerate()
                .filter(|(_, (invocation, chain))| answered(invocation, chain))
                .min_by_key(|(_, (_, chain))| chain.last().and_then(|end| end["id"].as_u64()))
                .map(|(place, _)| place);
            if let Some(place) = answered {
                let (invocation, chain) = pending.remove(place);
                if let Some(end) = chain.last() {
                    world.give(self.answer(&invocation, end));
                }
            } else if self.open || !world.fire_next_timer() {
                break;
            }
        }
    }

    fn play_all(mut self, world: &mut World) {
        self.open = false;
        self.play(world);
    }

    /// What happened to a task before its end; once.
    fn submit(&self, world: &mut World, invocation: &Invocation, chain: &[Value]) {
        let attempt = invocation.attempt;
        let told = |world: &World, kind: &str| {
            world.types().iter().filter(|found| *found == kind).count()
                >= self.before(invocation, kind)
        };
        for event in chain {
            match event["type"].as_str().unwrap_or_default() {
                "TaskSubmitted" if !told(world, "TaskSubmitted") => {
                    let output = payload(&event["taskSubmittedEventDetails"]["output"]);
                    world.give(Input::TaskSubmitted { attempt, output });
                }
                "ActivityStarted" if !told(world, "ActivityStarted") => {
                    let worker = event["activityStartedEventDetails"]["workerName"].as_str();
                    let worker_name = worker.map(str::to_owned);
                    world.give(Input::TaskStarted {
                        attempt,
                        worker_name,
                    });
                }
                _ => {}
            }
        }
    }

    /// How many events of that kind there are when this task has had its own.
    fn before(&self, invocation: &Invocation, kind: &str) -> usize {
        self.chains
            .iter()
            .take(invocation.attempt.0 as usize)
            .flatten()
            .filter(|event| event["type"] == kind)
            .count()
    }

    fn answer(&self, invocation: &Invocation, end: &Value) -> Input {
        let attempt = invocation.attempt;
        let details = end
            .as_object()
            .into_iter()
            .flatten()
            .find(|(key, _)| key.ends_with("EventDetails"))
            .map(|(_, details)| details.clone())
            .unwrap_or_default();
        let kind = end["type"].as_str().unwrap_or_default();
        if kind.ends_with("Succeeded") {
            let output = payload(&details["output"]);
            return Input::TaskSucceeded { attempt, output };
        }
        if details["error"] == "States.DataLimitExceeded" {
            let output = Payload::from_text(format!("\"{}\"", "x".repeat(300_000)));
            let output = output.expect("it is a string");
            return Input::TaskSucceeded { attempt, output };
        }
        let failure = match kind {
            kind if kind.ends_with("TimedOut") => Failure::TimedOut,
            kind if kind.ends_with("StartFailed") => Failure::StartFailed,
            kind if kind.ends_with("ScheduleFailed") => Failure::ScheduleFailed,
            kind if kind.ends_with("SubmitFailed") => Failure::SubmitFailed,
            _ => Failure::Failed,
        };
        Input::TaskFailed {
            attempt,
            error: details["error"].as_str().map(str::to_owned),
            cause: self.cause(&details["cause"]),
            failure,
        }
    }

    /// The text of a cause that the recorder parsed: as it stands in some output, or compact.
    fn cause(&self, cause: &Value) -> Option<String> {
        match cause {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            parsed => Some(
                self.causes
                    .get(&parsed.to_string())
                    .cloned()
                    .unwrap_or_else(|| parsed.to_string()),
            ),
        }
    }
}

fn is_of_task(kind: &str) -> bool {
    is_end(kind)
        || [
            "TaskStarted",
            "TaskSubmitted",
            "LambdaFunctionStarted",
            "ActivityStarted",
        ]
        .contains(&kind)
}

fn is_end(kind: &str) -> bool {
    let task = ["Task", "LambdaFunction", "Activity"]
        .iter()
        .any(|prefix| kind.starts_with(prefix));
    task && (kind.ends_with("Succeeded") || kind.ends_with("Failed") || kind.ends_with("TimedOut"))
}

/// The recording has an end for the task that is not the engine's own doing.
fn answered(invocation: &Invocation, chain: &[Value]) -> bool {
    let Some(end) = chain.last() else {
        return false;
    };
    let kind = end["type"].as_str().unwrap_or_default();
    let limited = invocation.timeout_seconds.is_some() || invocation.heartbeat_seconds.is_some();
    is_end(kind) && !(kind.ends_with("TimedOut") && limited)
}

fn payload(value: &Value) -> Payload {
    let text = match value {
        Value::String(text) => text.clone(),
        parsed => parsed.to_string(),
    };
    Payload::from_text(text.clone())
        .or_else(|_| Payload::from_text(json!(text).to_string()))
        .expect("it is JSON, or a string")
}

fn collect_causes(value: &Value, causes: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let parsed = value
                    .as_str()
                    .and_then(|text| serde_json::from_str::<Value>(text).ok());
                match (key.as_str(), parsed) {
                    ("Cause", Some(parsed)) => {
                        causes.insert(
                            parsed.to_string(),
                            value.as_str().unwrap_or_default().to_owned(),
                        );
                    }
                    _ => collect_causes(value, causes),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_causes(item, causes)),
        _ => {}
    }
}
