//! What a Task's `Resource` does: the manners that AWS documents for each integration. `sdk` serves all that have none.

mod http;
mod lambda;
mod mocked;
mod sdk;
mod states;

use std::sync::{Arc, Mutex, PoisonError};

use asl::{Json, Pattern, Payload, Resource, Target};
use aws::{Answer, ApiError, Arn, Call, Caller, Members, RequestId};
use bytes::Bytes;
use engine::Failure;
use serde_json::Value;
use tokio::sync::oneshot;

pub(crate) use mocked::mocked;

use crate::driver::{Permit, Shared};
use crate::message::{Ended, Finished};
use crate::tables::executions::ExecutionRecord;
use crate::tables::outbox::Pending;
use crate::{ExecutionKey, RuntimeError};

/// What came of a task.
pub(crate) enum TaskEnd {
    Succeeded(Payload),
    Failed(TaskError),
    /// The service accepted it; the end comes by a callback, or by [`watch`].
    Submitted {
        output: Payload,
        watched: bool,
        /// Tells the end of a child that nobody can ask for once it has ended.
        told: Option<Told>,
    },
    /// A worker will take it and tell its end by a callback.
    Queued,
    /// Nobody will know: the runtime stops, or the execution has ended.
    Unknown,
}

/// Told how an execution ended; none if there is no such execution.
pub(crate) type Told = oneshot::Receiver<Option<Arc<Finished>>>;

tokio::task_local! {
    /// Who wants to know how the EXPRESS execution ends that this task starts: it is gone when it has ended, so whoever
    /// asks later asks too late.
    static LISTENER: Mutex<Option<Ended>>;
}

/// The listener of the execution that the task at hand starts.
pub(crate) fn listener() -> Option<Ended> {
    let taken = LISTENER.try_with(|listener| {
        let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
        listener.take()
    });
    taken.ok().flatten()
}

/// Whether a job that a `.sync` task started went with the process that ran it: then it is started again.
pub(crate) fn lost_with_its_process(submitted: &Payload) -> bool {
    states::child(submitted).is_some_and(|name| name.express)
}

/// A task's error, as retriers and catchers see it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskError {
    pub(crate) error: String,
    pub(crate) cause: String,
    pub(crate) failure: Failure,
}

impl TaskError {
    fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        let (mut error, mut cause) = (error.into(), cause.into());
        shorten(&mut error, ERROR_CHARS_MAX);
        shorten(&mut cause, CAUSE_CHARS_MAX);
        Self {
            error,
            cause,
            failure: Failure::Failed,
        }
    }
}

/// The API's bounds of `error` and `cause`.
const ERROR_CHARS_MAX: usize = 256;
const CAUSE_CHARS_MAX: usize = 32_768;

fn shorten(text: &mut String, chars_max: usize) {
    if let Some((end, _)) = text.char_indices().nth(chars_max) {
        text.truncate(end);
    }
}

/// In whose name a task runs.
pub(crate) struct Errand {
    pub(crate) key: ExecutionKey,
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) role_arn: Arc<str>,
    /// The number of the execution's start, which no other has: names may be given again.
    pub(crate) ticket: u64,
    /// The ARNs of its state machine and of itself, where it is an execution's.
    pub(crate) sender: Vec<Arc<str>>,
    pub(crate) trace: Option<Arc<HttpTrace>>,
}

/// Where an HTTP Task puts its request and response.
#[derive(Default)]
pub(crate) struct HttpTrace {
    /// Whether with what its connection added.
    pub(crate) secrets: bool,
    pub(crate) seen: Mutex<Option<Value>>,
}

impl Errand {
    /// In the name of an execution's role.
    fn of(shared: &Shared, key: ExecutionKey, record: &ExecutionRecord) -> Option<Self> {
        let machine: Arn = record.state_machine_arn.parse().ok()?;
        let (revision, _) = shared
            .machines
            .revision(&record.machine, record.revision)
            .ok()?;
        Some(Self {
            key,
            account: machine.account.into(),
            region: machine.region.into(),
            role_arn: Arc::clone(&revision.role_arn),
            ticket: record.ticket,
            sender: [&record.state_machine_arn, &record.arn]
                .map(Arc::clone)
                .into(),
            trace: None,
        })
    }
}

/// One task's surroundings.
struct Context<'a> {
    shared: &'a Arc<Shared>,
    key: ExecutionKey,
    pending: &'a Pending,
    account: Arc<str>,
    region: Arc<str>,
    role_arn: Arc<str>,
    ticket: u64,
    sender: &'a [Arc<str>],
    listener: Mutex<Option<Ended>>,
    permit: Arc<Permit>,
    trace: Option<Arc<HttpTrace>>,
}

/// Runs an execution's task to its end, or to where the service has accepted it.
pub(crate) async fn perform_for(
    shared: &Arc<Shared>,
    key: ExecutionKey,
    record: &ExecutionRecord,
    pending: &Pending,
    permit: Permit,
) -> TaskEnd {
    match Errand::of(shared, key, record) {
        Some(errand) => perform(shared, &errand, pending, permit).await,
        None => TaskEnd::Failed(internal()),
    }
}

/// Runs a task likewise.
pub(crate) async fn perform(
    shared: &Arc<Shared>,
    errand: &Errand,
    pending: &Pending,
    permit: Permit,
) -> TaskEnd {
    end_of(shared, errand, pending, permit)
        .await
        .unwrap_or_else(TaskEnd::Failed)
}

fn internal() -> TaskError {
    TaskError::new(
        "States.Runtime",
        "The task could not be run because of an internal error.",
    )
}

async fn end_of(
    shared: &Arc<Shared>,
    errand: &Errand,
    pending: &Pending,
    permit: Permit,
) -> Result<TaskEnd, TaskError> {
    let resource = Resource::parse(&pending.resource).ok_or_else(internal)?;
    // Who has a task's credentials acts in their role's account.
    let borrowed = pending.role_arn.as_deref();
    let account = borrowed.and_then(|arn| arn.parse::<Arn>().ok());
    let context = Context {
        shared,
        key: errand.key,
        pending,
        account: account.map_or_else(|| Arc::clone(&errand.account), |role| role.account.into()),
        region: Arc::clone(&errand.region),
        role_arn: borrowed.map_or_else(|| Arc::clone(&errand.role_arn), Arc::from),
        ticket: errand.ticket,
        sender: &errand.sender,
        listener: Mutex::default(),
        permit: Arc::new(permit),
        trace: errand.trace.clone(),
    };
    match resource.target() {
        Target::Lambda { arn } => {
            let output = lambda::function(&context, arn).await?;
            bounded(&context, &resource, output).map(TaskEnd::Succeeded)
        }
        Target::Activity { arn } => {
            // Deleted since the task was scheduled.
            if !shared.activity_exists(arn) {
                return Err(TaskError {
                    failure: Failure::ScheduleFailed,
                    ..TaskError::new(
                        "States.Runtime",
                        format!("The activity {arn} does not exist."),
                    )
                });
            }
            shared
                .activities
                .add(arn, errand.key, pending.attempt, pending.parameters.clone());
            Ok(TaskEnd::Queued)
        }
        Target::Integration {
            service,
            action,
            pattern,
            sdk,
        } => {
            let mut told = None;
            let output = match (*sdk, &**service, &**action) {
                (false, "lambda", "invoke") => lambda::invoke(&context).await?,
                (false, "http", "invoke") => http::invoke(&context).await?,
                (false, "states", "startExecution") => {
                    let started = states::start_execution(&context).await?;
                    told = started.1;
                    started.0
                }
                (false, _, _) => sdk::optimised(&context, service, action).await?,
                (true, _, _) => sdk::call(&context, service, action).await?,
            };
            let output = bounded(&context, &resource, output)?;
            Ok(match pattern {
                Pattern::RequestResponse => TaskEnd::Succeeded(output),
                Pattern::WaitForTaskToken => TaskEnd::Submitted {
                    output,
                    watched: false,
                    told: None,
                },
                Pattern::Sync | Pattern::Sync2 => TaskEnd::Submitted {
                    output,
                    watched: true,
                    told,
                },
            })
        }
    }
}

/// What there is to know of a job that a `.sync` task started.
pub(crate) struct Job {
    resource: Arc<str>,
    /// Whether the task has `Credentials`.
    credentials: bool,
}

impl Job {
    pub(crate) fn of(pending: &Pending) -> Self {
        Self {
            resource: Arc::clone(&pending.resource),
            credentials: pending.role_arn.is_some(),
        }
    }
}

/// Whether what a task starts is stopped with it: nested executions that it waits for.
pub(crate) fn starts_what_can_be_stopped(pending: &Pending) -> bool {
    pending.mocked.is_none()
        && Resource::parse(&pending.resource).is_some_and(|resource| match resource.target() {
            Target::Integration {
                service,
                action,
                pattern: Pattern::Sync | Pattern::Sync2,
                sdk: false,
            } => &**service == "states" && &**action == "startExecution",
            Target::Integration { .. } | Target::Lambda { .. } | Target::Activity { .. } => false,
        })
}

/// Stops what such a task has started.
///
/// # Errors
/// If the runtime stops before it is done.
pub(crate) async fn stop_what_it_started(
    shared: &Arc<Shared>,
    key: ExecutionKey,
    pending: &Pending,
) -> Result<(), RuntimeError> {
    states::stop(shared, key, pending).await
}

/// Waits for the end of a job that a `.sync` task started.
pub(crate) async fn watch(
    shared: &Arc<Shared>,
    job: &Job,
    submitted: &Payload,
    told: Option<Told>,
) -> TaskEnd {
    let end = match Resource::parse(&job.resource)
        .as_ref()
        .map(Resource::target)
    {
        Some(Target::Integration {
            service,
            action,
            pattern,
            sdk: false,
        }) if &**service == "states" && &**action == "startExecution" => {
            states::ended(shared, submitted, *pattern, job.credentials, told).await
        }
        // DIVERGENCE: `.sync` is served for nested executions only.
        _ => Err(TaskError::new(
            "States.Runtime",
            format!("The job of `{}` can't be watched.", job.resource),
        )),
    };
    end.unwrap_or_else(TaskEnd::Failed)
}

/// Results have AWS's size limit; passing it is an error of its own.
fn bounded(
    context: &Context<'_>,
    resource: &Resource,
    output: Payload,
) -> Result<Payload, TaskError> {
    if output.text_bytes() <= context.shared.limits.payload_bytes_max {
        return Ok(output);
    }
    Err(too_large(&resource.resource()))
}

/// What AWS says of a result above the payload limit.
fn too_large(named: &str) -> TaskError {
    TaskError::new(
        "States.DataLimitExceeded",
        format!(
            "The state/task '{named}' returned a result with a size exceeding the maximum number of bytes service limit."
        ),
    )
}

impl Context<'_> {
    fn parameters(&self) -> Value {
        value_of(self.pending.parameters.value())
    }

    /// One call in the name of the execution's role; no answer if this process has no such service.
    async fn call(
        &self,
        service: &str,
        operation: &str,
        input: Members,
        body: Bytes,
    ) -> (RequestId, Option<Result<Answer, ApiError>>) {
        let request_id = RequestId(uuid::Uuid::new_v4().to_string().into());
        let Some(service) = self.shared.registry.get(service) else {
            return (request_id, None);
        };
        let call = Call {
            caller: Caller {
                account: Arc::clone(&self.account),
                region: Arc::clone(&self.region),
                access_key: "".into(),
                arn: Arc::clone(&self.role_arn),
            },
            request_id: request_id.clone(),
            service: service.id(),
            operation: operation.to_owned(),
            input,
            body,
        };
        if states::awaits_tasks(service.id(), operation) {
            self.permit.release();
        }
        let listener =
            std::mem::take(&mut *self.listener.lock().unwrap_or_else(PoisonError::into_inner));
        let service = Arc::clone(service);
        let answer = LISTENER.scope(
            Mutex::new(listener),
            async move { service.call(call).await },
        );
        let answer = self
            .shared
            .uncancelled(Arc::clone(&self.permit), answer)
            .await;
        (request_id, Some(answer))
    }
}

/// The engine's value as services take it. Not by way of its text, of which `serde_json` reads 127 levels only; the
/// recursion is bounded by [`asl::DEPTH_MAX`].
pub(crate) fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(text) => Value::from(&**text),
        Json::Array(items) => items.iter().map(value_of).collect(),
        Json::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.to_string(), value_of(value)))
                .collect(),
        ),
    }
}

/// A result of the engine's kind.
fn payload(value: &Value) -> Result<Payload, TaskError> {
    Payload::from_text(value.to_string()).map_err(|error| {
        TaskError::new(
            "States.Runtime",
            format!("The result of the task is no JSON: {error}"),
        )
    })
}

fn members(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}

/// `SdkHttpMetadata` and `SdkResponseMetadata`, which optimised integrations add to an answer.
fn add_metadata(
    output: &mut Members,
    request_id: &RequestId,
    status: u16,
    headers: &[(&str, String)],
) {
    let mut all = Members::new();
    let mut flat = Members::new();
    for (name, value) in headers {
        all.insert((*name).to_owned(), Value::from(vec![value.clone()]));
        flat.insert((*name).to_owned(), Value::from(value.clone()));
    }
    output.insert(
        "SdkHttpMetadata".into(),
        serde_json::json!({ "AllHttpHeaders": all, "HttpHeaders": flat, "HttpStatusCode": status }),
    );
    output.insert(
        "SdkResponseMetadata".into(),
        serde_json::json!({ "RequestId": request_id.to_string() }),
    );
}

/// `Sun, 22 Nov 2026 17:00:00 GMT`
fn http_date(now: engine::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(now.0)
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_goes_to_services_whole_however_deep_it_nests() {
        let text = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        let deep = Payload::from_text(text.as_str()).expect("the engine takes it");
        assert_eq!(value_of(deep.value()).to_string(), text);
        let mixed = r#"{"b":[1,2.5,"x",null,true],"a":{}}"#;
        let mixed = Payload::from_text(mixed).expect("it is JSON");
        assert_eq!(value_of(mixed.value()).to_string(), &**mixed.text());
    }
}
