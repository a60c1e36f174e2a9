//! Execution logs: the history events that `loggingConfiguration` asks for, as log events in CloudWatch Logs.
//!
//! Delivery is as good as AWS's: what has happened is told soon after, in its order, and what waits when the process
//! ends is lost, as is what comes faster than it can be written.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use aws::{ApiError, Arn, Call, Caller, Members, Registry, RequestId};
use engine::{Event, HistoryEvent};
use runtime::{ExecutionRecord, HistorySink, Revision};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

use crate::model;

/// Steps whose events wait for delivery; a step's events are bounded by the engine.
const WAITING_MAX: usize = 4096;

/// Log events of one PutLogEvents (API reference: 10,000 events, 1 MiB).
const EVENTS_MAX: usize = 1000;
const BATCH_BYTES_MAX: usize = 1_000_000;

/// Payloads beyond are left out, and said to be truncated (developer guide, "Logging using CloudWatch Logs": 248 KB).
const EVENT_BYTES_MAX: usize = 248 * 1024;

/// A stream is written for so long; then comes another, so that none grows without end.
const STREAM_AGE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Streams known to exist; beyond it they are made sure of again.
const STREAMS_MAX: usize = 10_000;

/// What AWS calls the stream by which it checks that it may write.
const VALIDATION_STREAM: &str = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";

/// The sink that a runtime is given.
pub struct ExecutionLogs {
    queue: mpsc::Sender<Entry>,
    registry: Registry,
    streams: Mutex<Streams>,
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
        let logs = Arc::new(Self {
            queue,
            registry,
            streams: Mutex::default(),
        });
        // It ends with the last sender.
        tokio::spawn(deliver(Arc::downgrade(&logs), waiting));
        logs
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

async fn deliver(logs: Weak<ExecutionLogs>, mut waiting: mpsc::Receiver<Entry>) {
    while let Some(first) = waiting.recv().await {
        let Some(logs) = logs.upgrade() else {
            return;
        };
        let mut by_stream = vec![first];
        let mut entries = 1;
        while entries < EVENTS_MAX
            && let Ok(next) = waiting.try_recv()
        {
            entries += 1;
            let same =
                |known: &&mut Entry| known.group == next.group && known.machine == next.machine;
            match by_stream.iter_mut().find(same) {
                Some(known) => known.lines.extend(next.lines),
                None => by_stream.push(next),
            }
        }
        for entry in by_stream {
            logs.put(entry).await;
        }
    }
}

impl ExecutionLogs {
    async fn put(&self, mut entry: Entry) {
        // Executions of one machine take turns, and PutLogEvents takes events in the order of their times.
        entry.lines.sort_by_key(|(at, _)| *at);
        let mut rest = entry.lines.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut events, mut bytes) = (Vec::new(), 0);
            while let Some((at, text)) = rest.next_if(|(_, text)| {
                events.is_empty()
                    || (events.len() < EVENTS_MAX && bytes + text.len() < BATCH_BYTES_MAX)
            }) {
                bytes += text.len();
                events.push(json!({"timestamp": at, "message": text}));
            }
            let count = events.len();
            match self.put_some(&entry.group, &entry.machine, events).await {
                Ok(()) => {}
                // As on AWS, a group that is gone is no concern of the execution.
                Err(error) if error.code == "ResourceNotFoundException" => {
                    tracing::debug!(%error, group = %entry.group, "there is nowhere to write log events");
                }
                Err(error) => {
                    tracing::warn!(%error, group = %entry.group, count, "log events could not be written");
                }
            }
        }
    }

    async fn put_some(
        &self,
        group: &Arn,
        machine: &str,
        events: Vec<Value>,
    ) -> Result<(), ApiError> {
        let stream = self.stream(group, machine).await?;
        let name = group_name(group);
        let input = json!({"logGroupName": name, "logStreamName": stream, "logEvents": events});
        let written = ask(&self.registry, group, "PutLogEvents", input).await;
        if written.is_err() {
            // The stream may be gone; the next events make one anew.
            let key = (group.to_string(), machine.to_owned());
            self.streams.lock().await.remove(&key);
        }
        written.map(drop)
    }

    /// The stream that is written now.
    async fn stream(&self, group: &Arn, machine: &str) -> Result<String, ApiError> {
        let now = jiff::Timestamp::now();
        let key = (group.to_string(), machine.to_owned());
        let mut streams = self.streams.lock().await;
        if let Some((made, stream)) = streams.get(&key)
            && now.duration_since(*made) < STREAM_AGE
        {
            return Ok(stream.clone());
        }
        let stream = stream_name(machine, now);
        make_stream(&self.registry, group, &stream).await?;
        if streams.len() == STREAMS_MAX {
            streams.clear();
        }
        streams.insert(key, (now, stream.clone()));
        Ok(stream)
    }
}

/// By group and state machine: when it was made, and its name.
type Streams = HashMap<(String, String), (jiff::Timestamp, String)>;

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

impl ExecutionLogs {
    /// Makes sure that the destination of a configuration is there, as AWS does when a state machine is created or
    /// updated: it leaves a stream that says so. The machine's own stream is made as well, so that the first execution's
    /// events wait for none.
    ///
    /// # Errors
    /// `InvalidLoggingConfiguration` (recorded in sfn_api_logs, test_deleted_log_group).
    pub(crate) async fn check(
        &self,
        configuration: Option<&Value>,
        machine: &str,
    ) -> Result<(), ApiError> {
        let Some(logging) = Logging::read(configuration) else {
            return Ok(());
        };
        if self.registry.get("logs").is_none() {
            return Ok(());
        }
        let checked = self.leave_word(&logging.group, machine).await;
        checked.map_err(|_| {
            ApiError::new(
                "InvalidLoggingConfiguration",
                "Invalid Logging Configuration: Log Destination not found.",
            )
        })
    }

    async fn leave_word(&self, group: &Arn, machine: &str) -> Result<(), ApiError> {
        make_stream(&self.registry, group, VALIDATION_STREAM).await?;
        let message = "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription.";
        let now = jiff::Timestamp::now().as_millisecond();
        let events = json!([{"timestamp": now, "message": message}]);
        let name = group_name(group);
        let input =
            json!({"logGroupName": name, "logStreamName": VALIDATION_STREAM, "logEvents": events});
        ask(&self.registry, group, "PutLogEvents", input).await?;
        self.stream(group, machine).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
