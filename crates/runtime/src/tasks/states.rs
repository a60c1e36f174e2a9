//! `states:startExecution`: nested executions, and waiting for their end.

use std::sync::Arc;

use asl::{Pattern, Payload};
use engine::{Event, Outcome, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Context, TaskEnd, TaskError, members, payload, sdk};
use crate::ExecutionName;
use crate::driver::Shared;
use crate::message::Finished;
use crate::tables::history;
use crate::tables::outbox::Pending;

/// StartExecution. A child that the parameters don't name is named by the attempt, so that a repetition after a crash
/// finds the child that is running already.
pub(super) async fn start_execution(context: &Context<'_>) -> Result<Payload, TaskError> {
    let mut parameters = members(context.parameters());
    if !parameters.contains_key("Name") {
        parameters.insert("Name".into(), child_name(context).into());
    }
    let pending = Pending {
        parameters: payload(&Value::Object(parameters))?,
        ..context.pending.clone()
    };
    let named = Context {
        pending: &pending,
        account: Arc::clone(&context.account),
        region: Arc::clone(&context.region),
        role_arn: Arc::clone(&context.role_arn),
        ..*context
    };
    sdk::optimised(&named, "states", "startExecution").await
}

/// A UUID (version 8) of the parent and the attempt.
fn child_name(context: &Context<'_>) -> String {
    let digest = Sha256::new()
        .chain_update(context.key.bytes())
        .chain_update(context.pending.attempt.0.to_be_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Waits for the child, and says what DescribeExecution would.
pub(super) async fn ended(
    shared: &Arc<Shared>,
    submitted: &Payload,
    pattern: Pattern,
) -> Result<TaskEnd, TaskError> {
    let lost = || TaskError::new("States.TaskFailed", "The nested execution can't be found.");
    let arn = submitted
        .value()
        .get("ExecutionArn")
        .and_then(|arn| arn.as_str())
        .ok_or_else(lost)?;
    let name = ExecutionName::parse(arn).ok_or_else(lost)?;
    let Some(finished) = shared.ended(&name).await else {
        return Ok(TaskEnd::Unknown);
    };
    let description = describe(shared, &name, &finished, pattern);
    match &finished.outcome {
        Outcome::Succeeded { .. } => payload(&description).map(TaskEnd::Succeeded),
        Outcome::Failed { .. } | Outcome::TimedOut { .. } | Outcome::Aborted { .. } => {
            Err(TaskError::new("States.TaskFailed", description.to_string()))
        }
    }
}

/// Recorded member by member: callback, test_start_execution_sync and test_start_execution_sync_delegate_failure.
fn describe(shared: &Shared, name: &ExecutionName, finished: &Finished, pattern: Pattern) -> Value {
    let record = &finished.record;
    let text = |text: &str| match pattern {
        Pattern::Sync2 => serde_json::from_str(text).unwrap_or_default(),
        Pattern::Sync | Pattern::RequestResponse | Pattern::WaitForTaskToken => Value::from(text),
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
    let first = history::read(
        &shared.standard.store,
        name.key(),
        1,
        store::Order::Ascending,
        1,
    );
    if let Ok(events) = first
        && let Some(Event::ExecutionStarted { input, .. }) =
            events.first().map(|event| &event.event)
    {
        put("Input", text(input.text()));
        put("InputDetails", json!({ "Included": true }));
    }
    put("Name", (&*record.name).into());
    if let Outcome::Succeeded { output } = &finished.outcome {
        put("Output", text(output.text()));
        put("OutputDetails", json!({ "Included": true }));
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
