use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{number, required, text};
use crate::moves::{Move, Status, handle_of};
use crate::name::QueueName;
use crate::settings::Settings;
use crate::{Sqs, error};

/// AWS's quota on the rate of a move.
const PER_SECOND_MAX: u32 = 500;

pub(crate) async fn start(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let source = queue_of(sqs, required(input, "SourceArn")?, "SourceArn")?;
    let destination = text(input, "DestinationArn")
        .map(|arn| queue_of(sqs, arn, "DestinationArn"))
        .transpose()?;
    let per_second = number(
        input,
        "MaxNumberOfMessagesPerSecond",
        1,
        PER_SECOND_MAX,
        "Must be between 1 and 500, if provided.",
    )?;
    if !is_dead_letter_queue(sqs, &source)? {
        return Err(error::invalid_parameter(
            "Source queue must be configured as a Dead Letter Queue.",
        ));
    }
    let now = sqs.now();
    let visible = sqs.queues.get(&source, now)?.counts(now)?.visible;
    let handle = sqs
        .moves
        .start(Move {
            id: uuid::Uuid::new_v4().to_string(),
            source: source.arn(),
            destination: destination.map(|name| name.arn()),
            per_second,
            started: now,
            status: Status::Running,
            moved: 0,
            to_move: visible as u64,
            failure: None,
        })
        .await?;
    Ok(Answer::json(json!({"TaskHandle": handle})))
}

fn queue_of(sqs: &Sqs, arn: &str, member: &str) -> Result<QueueName, ApiError> {
    let name = QueueName::of_arn(arn)
        .ok_or_else(|| error::bad_value(member, arn, "It is not the ARN of a queue."))?;
    match sqs.queues.find(&name, sqs.now())? {
        Some(_) => Ok(name),
        None => Err(error::no_resource(&format!(
            "The resource that you specified for the {member} parameter doesn't exist."
        ))),
    }
}

fn is_dead_letter_queue(sqs: &Sqs, name: &QueueName) -> Result<bool, ApiError> {
    let queues = sqs.queues.list(&name.account, &name.region, "")?;
    Ok(queues.into_iter().any(|(_, row)| {
        let redrive = Settings::new(row).redrive;
        redrive.is_some_and(|redrive| redrive.target == *name)
    }))
}

pub(crate) async fn cancel(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let handle = required(&call.input, "TaskHandle")?;
    let moved = sqs.moves.cancel(handle).await?;
    Ok(Answer::json(
        json!({"ApproximateNumberOfMessagesMoved": moved}),
    ))
}

pub(crate) fn list(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let source = queue_of(sqs, required(&call.input, "SourceArn")?, "SourceArn")?;
    let most = number(
        &call.input,
        "MaxResults",
        1,
        10,
        "Must be between 1 and 10, if provided.",
    )?;
    let moves = sqs.moves.newest(&source, most.unwrap_or(1) as usize)?;
    let results: Vec<Value> = moves.iter().map(shown).collect();
    Ok(Answer::json(json!({"Results": results})))
}

fn shown(task: &Move) -> Value {
    let mut shown = json!({
        "Status": task.status.name(),
        "SourceArn": task.source,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started.0,
    });
    // Only a task that runs can be cancelled.
    if task.status == Status::Running {
        shown["TaskHandle"] = handle_of(task).into();
    }
    for (name, value) in [
        ("DestinationArn", json!(task.destination)),
        ("MaxNumberOfMessagesPerSecond", json!(task.per_second)),
        ("FailureReason", json!(task.failure)),
    ] {
        if !value.is_null() {
            shown[name] = value;
        }
    }
    shown
}
