//! Execution logs: the history events that `loggingConfiguration` asks for, as log events in CloudWatch Logs.
//!
//! Delivery is as good as AWS's: what has happened is told soon after, in its order, and what waits when the process
//! ends is lost, as is what comes faster than it can be written.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws::{ApiError, Arn, Call, Caller, Members, Registry, RequestId};
use engine::{Event, HistoryEvent};
use runtime::{ExecutionRecord, HistorySink, Revision};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::model;

/// Steps whose events wait for delivery; a step's events are bounded by the engine.
const WAITING_MAX: usize = 4096;

/// Log events of one PutLogEvents (API reference: 10,000 events, 1 MiB).
const EVENTS_MAX: usize = 1000;
const BATCH_BYTES_MAX: usize = 1_000_000;

/// Payloads beyond are left out, and said to be truncated (developer guide, "Logging using CloudWatch Logs": 248 KB).
const EVENT_BYTES_MAX: usize = 248 * 1024;

/// A stream is written for so long; then comes another, so that none grows without end.
const STREAM_AGE: Duration = Duration::from_hours(1);

/// Streams known to exist; beyond it they are made sure of again.
const STREAMS_MAX: usize = 10_000;

/// What AWS calls the stream by which it checks that it may write.
const VALIDATION_STREAM: &str = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";

/// The sink that a runtime is given.
pub struct ExecutionLogs {
    queue: mpsc::Sender<Entry>,
}

struct Entry {
    group: Arn,
    machine: String,
    lines: Vec<(i64, String)>,
}

impl ExecutionLogs {
    /// Delivers to the registry's `logs` service, from a task of its own.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(registry: Registry) -> Arc<Self> {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(deliver(registry, waiting));
        Arc::new(Self { queue })
    }
}

impl HistorySink for ExecutionLogs {
    fn write(&self, execution: &ExecutionRecord, revision: &Revision, events: Vec<HistoryEvent>) {
        let Some(logging) = Logging::read(revision.settings.logging.as_ref()) else {
            return;
        };
        let lines: Vec<_> = events
            .iter()
            .filter(|event| logging.level.tells(&event.event))
            .map(|event| (event.timestamp.0, line(execution, event, logging.data)))
            .collect();
        if lines.is_empty() {
            return;
        }
        let machine = execution.state_machine_arn.rsplit(':').next();
        let entry = Entry {
            group: logging.group,
            machine: machine.unwrap_or_default().to_owned(),
            lines,
        };
        if self.queue.try_send(entry).is_err() {
            tracing::warn!(execution = %execution.arn, "log events come faster than they can be written; some are left out");
        }
    }
}

/// `loggingConfiguration`, as far as it wants something.
struct Logging {
    level: Level,
    data: bool,
    group: Arn,
}

#[derive(Clone, Copy)]
enum Level {
    All,
    Error,
    Fatal,
}

impl Logging {
    fn read(configuration: Option<&Value>) -> Option<Self> {
        let configuration = configuration?;
        let level = match configuration["level"].as_str()? {
            "ALL" => Level::All,
            "ERROR" => Level::Error,
            "FATAL" => Level::Fatal,
            _ => return None,
        };
        let group =
            configuration["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].as_str()?;
        Some(Self {
            level,
            data: configuration["includeExecutionData"]
                .as_bool()
                .unwrap_or(false),
            group: group.parse().ok()?,
        })
    }
}

impl Level {
    /// Developer guide, "Log levels for Step Functions execution events".
    fn tells(self, event: &Event) -> bool {
        match self {
            Self::All => true,
            Self::Error => {
                let name = model::type_name(event);
                name == "FailStateEntered"
                    || ["Failed", "TimedOut", "Aborted"]
                        .iter()
                        .any(|end| name.ends_with(end))
            }
            Self::Fatal => matches!(
                event,
                Event::ExecutionAborted { .. }
                    | Event::ExecutionFailed { .. }
                    | Event::ExecutionTimedOut { .. }
            ),
        }
    }
}

/// One log event, its members in AWS's order and its numbers as text (recorded in logs/).
fn line(execution: &ExecutionRecord, event: &HistoryEvent, data: bool) -> String {
    let whole = |details: Value| {
        json!({
            "id": event.id.to_string(),
            "type": model::type_name(&event.event),
            "details": details,
            "previous_event_id": event.previous_event_id.to_string(),
            "event_timestamp": event.timestamp.0.to_string(),
            "execution_arn": &*execution.arn,
            "redrive_count": "0",
        })
        .to_string()
    };
    let text = whole(model::event_details(&event.event, data));
    if text.len() <= EVENT_BYTES_MAX {
        return text;
    }
    let mut details = model::event_details(&event.event, false);
    for payload in ["inputDetails", "outputDetails"] {
        if model::event_details(&event.event, true)
            .get(payload)
            .is_some()
        {
            details[payload] = json!({"truncated": true});
        }
    }
    whole(details)
}

async fn deliver(registry: Registry, mut waiting: mpsc::Receiver<Entry>) {
    let mut streams = Streams::default();
    while let Some(first) = waiting.recv().await {
        let mut entries = vec![first];
        while let Ok(next) = waiting.try_recv() {
            entries.push(next);
            if entries.len() == EVENTS_MAX {
                break;
            }
        }
        let mut by_stream: Vec<(Arn, String, Vec<(i64, String)>)> = Vec::new();
        for entry in entries {
            let same = |known: &&mut (Arn, String, Vec<_>)| {
                known.0 == entry.group && known.1 == entry.machine
            };
            match by_stream.iter_mut().find(same) {
                Some((_, _, lines)) => lines.extend(entry.lines),
                None => by_stream.push((entry.group, entry.machine, entry.lines)),
            }
        }
        for (group, machine, lines) in by_stream {
            streams.put(&registry, &group, &machine, lines).await;
        }
    }
}

/// The streams that are written now.
#[derive(Default)]
struct Streams {
    names: HashMap<(String, String), (jiff::Timestamp, String)>,
}

impl Streams {
    async fn put(
        &mut self,
        registry: &Registry,
        group: &Arn,
        machine: &str,
        lines: Vec<(i64, String)>,
    ) {
        let mut rest = lines.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut events, mut bytes) = (Vec::new(), 0);
            while let Some((at, text)) = rest.next_if(|(_, text)| {
                events.is_empty()
                    || (events.len() < EVENTS_MAX && bytes + text.len() < BATCH_BYTES_MAX)
            }) {
                bytes += text.len();
                events.push(json!({"timestamp": at, "message": text}));
            }
            if let Err(error) = self.put_some(registry, group, machine, events).await {
                // As on AWS, a group that is gone is no concern of the execution.
                tracing::debug!(%error, %group, "log events could not be written");
                return;
            }
        }
    }

    async fn put_some(
        &mut self,
        registry: &Registry,
        group: &Arn,
        machine: &str,
        events: Vec<Value>,
    ) -> Result<(), ApiError> {
        let now = jiff::Timestamp::now();
        let key = (group.to_string(), machine.to_owned());
        let known = self.names.get(&key).filter(|(made, _)| {
            now.duration_since(*made) < STREAM_AGE.try_into().unwrap_or_default()
        });
        let stream = match known {
            Some((_, stream)) => stream.clone(),
            None => {
                let stream = stream_name(machine, now);
                make_stream(registry, group, &stream).await?;
                if self.names.len() == STREAMS_MAX {
                    self.names.clear();
                }
                self.names.insert(key.clone(), (now, stream.clone()));
                stream
            }
        };
        let written = ask(
            registry,
            group,
            "PutLogEvents",
            json!({"logGroupName": group_name(group), "logStreamName": stream, "logEvents": events}),
        );
        let written = written.await;
        if written.is_err() {
            self.names.remove(&key);
        }
        written.map(drop)
    }
}

/// `states/<state machine>/<YYYY-MM-DD-HH-MM>/<8 hex>`
fn stream_name(machine: &str, now: jiff::Timestamp) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let (id, _) = id.split_at(8);
    format!("states/{machine}/{}/{id}", now.strftime("%Y-%m-%d-%H-%M"))
}

async fn make_stream(registry: &Registry, group: &Arn, stream: &str) -> Result<(), ApiError> {
    let input = json!({"logGroupName": group_name(group), "logStreamName": stream});
    match ask(registry, group, "CreateLogStream", input).await {
        Err(error) if error.code != "ResourceAlreadyExistsException" => Err(error),
        _ => Ok(()),
    }
}

/// `log-group:/aws/vendedlogs/…:*` → the name.
fn group_name(group: &Arn) -> &str {
    let name = group.resource.strip_prefix("log-group:");
    name.unwrap_or_default().trim_end_matches(":*")
}

async fn ask(
    registry: &Registry,
    group: &Arn,
    operation: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let input: Members = match input {
        Value::Object(members) => members,
        _ => Members::new(),
    };
    let call = Call {
        caller: Caller::root(&group.account, &group.region),
        request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
        service: "logs",
        operation: operation.into(),
        input,
        body: bytes::Bytes::new(),
    };
    let answer = registry.call(call).await?;
    Ok(Value::Object(answer.output))
}

/// Makes sure that the destination of a configuration is there, as AWS does when a state machine is created or updated:
/// it leaves a stream that says so.
///
/// # Errors
/// `InvalidLoggingConfiguration` (recorded in sfn_api_logs, test_deleted_log_group).
pub(crate) async fn check(
    registry: &Registry,
    configuration: Option<&Value>,
) -> Result<(), ApiError> {
    let Some(logging) = Logging::read(configuration) else {
        return Ok(());
    };
    if registry.get("logs").is_none() {
        return Ok(());
    }
    let group = &logging.group;
    let not_found = |_| {
        ApiError::new(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Log Destination not found.",
        )
    };
    make_stream(registry, group, VALIDATION_STREAM)
        .await
        .map_err(not_found)?;
    let message = "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription.";
    let now = jiff::Timestamp::now().as_millisecond();
    let events = json!([{"timestamp": now, "message": message}]);
    let input = json!({"logGroupName": group_name(group), "logStreamName": VALIDATION_STREAM, "logEvents": events});
    ask(registry, group, "PutLogEvents", input)
        .await
        .map(drop)
        .map_err(not_found)
}
