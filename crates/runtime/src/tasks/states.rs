//! `states:startExecution`: nested executions, and waiting for their end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use asl::{Pattern, Payload};
use aws::{Answer, RequestId};
use engine::{AttemptId, Outcome, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::{Context, TaskEnd, TaskError, Told, members, payload, sdk, value_of};
use crate::driver::Shared;
use crate::message::{Finished, Message};
use crate::tables::executions::Status;
use crate::tables::outbox::Pending;
use crate::tables::{executions, history};
use crate::{ExecutionKey, ExecutionName, RuntimeError, StateMachineName};

/// Whether a call ends only when other tasks have: if it counted as a running task, those that wait could leave no room
/// for those they wait for.
pub(super) fn awaits_tasks(service: &str, operation: &str) -> bool {
    (service, operation) == ("states", "StartSyncExecution")
}

/// StartExecution. A child that the parameters don't name is named by the attempt, so that a repetition after a crash
/// finds the child that is running already.
///
/// A child without a record to look at tells its end to what comes with the answer.
pub(super) async fn start_execution(
    context: &Context<'_>,
) -> Result<(Payload, Option<Told>), TaskError> {
    let mut parameters = members(context.parameters());
    let mut derived = None;
    if !parameters.contains_key("Name") {
        let name = child_name(context.key, context.ticket, context.pending.attempt);
        parameters.insert("Name".into(), name.as_str().into());
        let machine = parameters.get("StateMachineArn").and_then(Value::as_str);
        derived = machine
            .and_then(StateMachineName::parse)
            .map(|machine| ExecutionKey::new(&machine.arn, &name));
    }
    let (ended, told) = oneshot::channel();
    let pending = Pending {
        parameters: payload(&Value::Object(parameters))?,
        ..context.pending.clone()
    };
    let named = Context {
        pending: &pending,
        account: Arc::clone(&context.account),
        region: Arc::clone(&context.region),
        role_arn: Arc::clone(&context.role_arn),
        listener: Mutex::new(Some(ended)),
        permit: Arc::clone(&context.permit),
        trace: None,
        ..*context
    };
    let output = match sdk::optimised(&named, "states", "startExecution").await {
        Err(error) if error.error == ALREADY_EXISTS => {
            repeated(&named, derived).ok_or(error).flatten()?
        }
        started => started?,
    };
    let express = child(&output).is_some_and(|name| name.express);
    Ok((output, express.then_some(told)))
}

/// What the service says of a name that was given before, as a task sees it.
const ALREADY_EXISTS: &str = "StepFunctions.ExecutionAlreadyExistsException";

/// The answer of a start that a crash lost, when the child has ended meanwhile. Nobody else has a derived name, so the
/// child is this attempt's and was started with the same input.
fn repeated(
    context: &Context<'_>,
    child: Option<ExecutionKey>,
) -> Option<Result<Payload, TaskError>> {
    let record = executions::get(&context.shared.standard.store, child?).ok()??;
    let answer = Answer::json(json!({
        "executionArn": &*record.arn,
        "startDate": record.start.0 as f64 / 1000.0,
    }));
    let request_id = RequestId(uuid::Uuid::new_v4().to_string().into());
    Some(sdk::dressed(
        context,
        "states",
        "startExecution",
        &answer,
        &request_id,
    ))
}

/// The execution that StartExecution's answer names.
pub(super) fn child(started: &Payload) -> Option<ExecutionName> {
    let arn = started.value().get("ExecutionArn")?;
    ExecutionName::parse(arn.as_str()?)
}

/// A UUID (version 8) of the parent, its start and the attempt.
fn child_name(parent: ExecutionKey, ticket: u64, attempt: AttemptId) -> String {
    let digest = Sha256::new()
        .chain_update(parent.bytes())
        .chain_update(ticket.to_be_bytes())
        .chain_update(attempt.0.to_be_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Stops the child of a task that nobody awaits any more, as AWS does when an execution is stopped or a branch fails.
///
/// # Errors
/// If the runtime stops before it is done.
pub(super) async fn stop(
    shared: &Arc<Shared>,
    parent: ExecutionKey,
    pending: &Pending,
) -> Result<(), RuntimeError> {
    /// The worker of the child has much to do.
    const PAUSE: Duration = Duration::from_millis(50);
    let Some(child) = known_child(shared, parent, pending)? else {
        return Ok(());
    };
    loop {
        match executions::get(&shared.standard.store, child)? {
            Some(record) if record.status == Status::Running => {
                let (answer, answered) = oneshot::channel();
                let message = Message::stop(child, record.arn.to_string(), answer);
                match shared.standard.offer(child, message) {
                    Err(RuntimeError::Throttled) => tokio::time::sleep(PAUSE).await,
                    Err(error) => return Err(error),
                    // It may have ended meanwhile, which is as good.
                    Ok(()) => match answered.await {
                        Ok(Err(RuntimeError::Stopped)) | Err(_) => {
                            return Err(RuntimeError::Stopped);
                        }
                        Ok(_) => return Ok(()),
                    },
                }
            }
            Some(_) | None => return Ok(()),
        }
    }
}

/// The child that a task started, or that has the name which no other task gives. Of a name that the definition gives
/// it is not known who started the execution, before the task has said so.
fn known_child(
    shared: &Arc<Shared>,
    parent: ExecutionKey,
    pending: &Pending,
) -> Result<Option<ExecutionKey>, RuntimeError> {
    if let Some(submitted) = &pending.submitted {
        let child = child(submitted).filter(|name| !name.express);
        return Ok(child.map(|name| name.key()));
    }
    let parameters = pending.parameters.value();
    let machine = parameters
        .get("StateMachineArn")
        .and_then(asl::Json::as_str);
    let machine = machine.and_then(StateMachineName::parse);
    if parameters.get("Name").is_some() {
        return Ok(None);
    }
    let record = executions::get(&shared.standard.store, parent)?;
    Ok(machine.zip(record).map(|(machine, record)| {
        let name = child_name(parent, record.ticket, pending.attempt);
        ExecutionKey::new(&machine.arn, &name)
    }))
}

/// Waits for the child, and says what DescribeExecution would.
pub(super) async fn ended(
    shared: &Arc<Shared>,
    submitted: &Payload,
    pattern: Pattern,
    credentials: bool,
    told: Option<Told>,
) -> Result<TaskEnd, TaskError> {
    let lost = || TaskError::new("States.TaskFailed", "The nested execution can't be found.");
    let name = child(submitted).ok_or_else(lost)?;
    let told = match told {
        Some(told) => told.await.ok().flatten(),
        None => None,
    };
    let finished = match told {
        Some(finished) => finished,
        None => match shared.ended(&name).await {
            Ok(finished) => finished.ok_or_else(lost)?,
            Err(_) => return Ok(TaskEnd::Unknown),
        },
    };
    let description = describe(shared, &name, &finished, pattern, credentials);
    match &finished.outcome {
        Outcome::Succeeded { .. } => payload(&description).map(TaskEnd::Succeeded),
        Outcome::Failed { .. } | Outcome::TimedOut { .. } | Outcome::Aborted { .. } => {
            Err(TaskError::new("States.TaskFailed", description.to_string()))
        }
    }
}

/// Recorded member by member: callback, test_start_execution_sync and test_start_execution_sync_delegate_failure; and
/// with what is told of redrives where a task has credentials (credentials/, test_cross_account_states_start_sync).
fn describe(
    shared: &Shared,
    name: &ExecutionName,
    finished: &Finished,
    pattern: Pattern,
    credentials: bool,
) -> Value {
    let record = &finished.record;
    let text = |data: &Payload| match pattern {
        Pattern::Sync2 => value_of(data.value()),
        Pattern::Sync | Pattern::RequestResponse | Pattern::WaitForTaskToken => {
            Value::from(&**data.text())
        }
    };
    let mut description = aws::Members::new();
    let mut put = |member: &str, value: Value| description.insert(member.to_owned(), value);
    if let Some(cause) = &record.cause {
        put("Cause", cause.as_str().into());
    }
    if let Some(error) = &record.error {
        put("Error", error.as_str().into());
    }
    put("ExecutionArn", (&*record.arn).into());
    let payloads = history::payloads(&shared.standard.store, name.key(), record);
    if let Ok((Some(input), _)) = payloads {
        put("Input", text(&input));
        put("InputDetails", json!({ "Included": true }));
    }
    put("Name", (&*record.name).into());
    if let Outcome::Succeeded { output } = &finished.outcome {
        put("Output", text(output));
        put("OutputDetails", json!({ "Included": true }));
    }
    if credentials {
        put("RedriveCount", 0.into());
        let succeeded = matches!(finished.outcome, Outcome::Succeeded { .. });
        let status = if succeeded {
            "NOT_REDRIVABLE"
        } else {
            "REDRIVABLE"
        };
        put("RedriveStatus", status.into());
        if succeeded {
            let reason = "Execution is SUCCEEDED and cannot be redriven";
            put("RedriveStatusReason", reason.into());
        }
    }
    put("StartDate", millis(record.start));
    put("StateMachineArn", (&*record.state_machine_arn).into());
    put("Status", record.status.as_str().into());
    put("StopDate", millis(record.stop.unwrap_or(record.start)));
    Value::Object(description)
}

fn millis(at: Timestamp) -> Value {
    at.0.into()
}
