//! InspectState, an operation of our own: what a state's data went through in an execution that took place.

use std::time::Duration;

use aws::{Answer, ApiError, Call, Members};
use engine::{Attempt, Review, ReviewError, Seen, VisitStatus};
use runtime::Runtime;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{error, input, model, name};

/// Inspections at a time: each may hold some tens of megabytes of a history, and takes a core.
pub(crate) const RUNNING_MAX: usize = 4;

/// How long one waits for its turn: two at the most take about as long each.
const TURN_TIME: Duration = Duration::from_secs(5);

/// What an answer holds of payloads: a dozen stages of AWS's size, and the parameters of some tries.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The latest tries that are told.
const ATTEMPTS_MAX: usize = 100;

const TOO_LARGE: &str = "it is too large for one answer";

pub(crate) async fn run(
    runtime: &Runtime,
    turns: &Semaphore,
    call: &Call,
) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let event_id = call.input.get("eventId").and_then(Value::as_u64);
    let event_id = event_id.ok_or_else(|| ApiError::validation("eventId is not a number"))?;
    let turn = tokio::time::timeout(TURN_TIME, turns.acquire()).await;
    let _turn = turn.map_err(|_| ApiError::new("ThrottlingException", "Rate exceeded"))?;
    let (runtime, of) = (runtime.clone(), arn.to_owned());
    let review = tokio::task::spawn_blocking(move || runtime.review_state(&of, event_id)).await;
    let review = review.map_err(|error| {
        tracing::error!(%error, "the inspection of a state failed");
        ApiError::internal("We encountered an internal error. Please try again.")
    })?;
    let review = review
        .map_err(error::api)?
        .map_err(|error| refused(error, event_id))?;
    Ok(answer(arn, event_id, &review))
}

fn refused(error: ReviewError, event_id: u64) -> ApiError {
    ApiError::validation(match error {
        ReviewError::NoSuchEvent => format!("The execution has no event {event_id}"),
        ReviewError::NotEntered => {
            format!("Event {event_id} is not one of a state that was entered")
        }
        ReviewError::TooLarge => {
            format!("The history up to the end of the state of event {event_id} is too large")
        }
        ReviewError::OtherMachine => {
            "The history does not match the definition of the state machine".to_owned()
        }
    })
}

/// The members of an answer, as far as there is room.
struct Room {
    bytes: usize,
    left_out: Vec<&'static str>,
}

impl Room {
    fn put(&mut self, members: &mut Members, name: &'static str, text: Option<&str>) {
        let Some(text) = text else {
            return;
        };
        match self.bytes.checked_sub(text.len()) {
            Some(left) => {
                self.bytes = left;
                members.insert(name.into(), text.into());
            }
            None => self.left_out.push(name),
        }
    }
}

fn answer(arn: &str, event_id: u64, review: &Review) -> Answer {
    let mut room = Room {
        bytes: ANSWER_BYTES_MAX,
        left_out: Vec::new(),
    };
    let mut answer = Answer::json(json!({
        "executionArn": arn,
        "eventId": event_id,
        "stateName": &*review.state,
        "stateType": model::state_type(review.state_type),
        "status": status(review.status),
        "enteredDate": model::time(review.entered),
    }));
    let members = &mut answer.output;
    if let Some((id, at)) = review.exited {
        members.insert("exitedEventId".into(), id.into());
        members.insert("exitedDate".into(), model::time(at));
    }
    let (error, cause) = review.error.clone().unwrap_or_default();
    room.put(members, "input", Some(review.input.text()));
    room.put(
        members,
        "output",
        review.output.as_ref().map(|it| &**it.text()),
    );
    model::set(members, "nextState", review.next.as_deref());
    model::set(members, "error", error);
    model::set(members, "cause", cause);
    room.put(members, "context", Some(&review.context.to_text()));
    let before = variables(&review.variables_before);
    room.put(members, "variablesBefore", Some(&before));
    let after = review.variables_after.as_ref().map(variables);
    room.put(members, "variablesAfter", after.as_deref());
    let data = inspection_data(review, &mut room);
    members.insert("inspectionData".into(), data.into());
    let older = review.attempts.len().saturating_sub(ATTEMPTS_MAX);
    let attempts = review.attempts.iter().skip(older);
    let attempts: Vec<Value> = attempts.map(|it| attempt(it, &mut room)).collect();
    members.insert("attempts".into(), attempts.into());
    if older > 0 {
        members.insert("attemptsLeftOut".into(), older.into());
    }
    let gaps = review.gaps.iter().map(|gap| (gap.member, gap.reason));
    let gaps = gaps.chain(room.left_out.iter().map(|member| (*member, TOO_LARGE)));
    let gaps: Vec<Value> = gaps
        .map(|(member, reason)| json!({"member": member, "reason": reason}))
        .collect();
    members.insert("notRecomputed".into(), gaps.into());
    answer
}

fn status(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Running => "RUNNING",
        VisitStatus::Retriable => "RETRIABLE",
        VisitStatus::Succeeded => "SUCCEEDED",
        VisitStatus::Caught => "CAUGHT_ERROR",
        VisitStatus::Failed => "FAILED",
        VisitStatus::Aborted => "ABORTED",
    }
}

fn variables(variables: &std::collections::BTreeMap<std::sync::Arc<str>, asl::Payload>) -> String {
    let members = variables.iter();
    let members = members.map(|(name, it)| (std::sync::Arc::clone(name), it.value().clone()));
    asl::Json::object(members).to_text()
}

/// The stages in the order in which a state goes through them, by TestState's names.
fn inspection_data(review: &Review, room: &mut Room) -> Members {
    let Seen {
        after_input_path,
        after_parameters,
        after_arguments,
        result,
        after_result_selector,
        after_result_path,
        items,
        after_item_selector,
        max_concurrency,
        tolerated_failure_count,
        tolerated_failure_percentage,
        error: _,
        retry_index,
        retry_backoff_seconds,
        catch_index,
        choice_index,
    } = &review.seen;
    let mut data = Members::new();
    for (name, stage) in [
        ("input", &Some(review.input.clone())),
        ("afterInputPath", after_input_path),
        ("afterParameters", after_parameters),
        ("afterArguments", after_arguments),
        ("afterItemsPath", items),
        ("afterItemSelector", after_item_selector),
        ("result", result),
        ("afterResultSelector", after_result_selector),
        ("afterResultPath", after_result_path),
    ] {
        room.put(&mut data, name, stage.as_ref().map(|it| &**it.text()));
    }
    model::set(&mut data, "choiceIndex", *choice_index);
    model::set(&mut data, "maxConcurrency", *max_concurrency);
    model::set(&mut data, "toleratedFailureCount", *tolerated_failure_count);
    model::set(
        &mut data,
        "toleratedFailurePercentage",
        *tolerated_failure_percentage,
    );
    let mut details = Members::new();
    model::set(&mut details, "catchIndex", *catch_index);
    model::set(&mut details, "retryIndex", *retry_index);
    let seconds = retry_backoff_seconds.map(|seconds| seconds as u64);
    model::set(&mut details, "retryBackoffIntervalSeconds", seconds);
    if !details.is_empty() {
        data.insert("errorDetails".into(), details.into());
    }
    data
}

fn attempt(attempt: &Attempt, room: &mut Room) -> Value {
    let mut members = Members::new();
    members.insert("eventId".into(), attempt.event_id.into());
    members.insert("startDate".into(), model::time(attempt.start));
    model::set(&mut members, "stopDate", attempt.stop.map(model::time));
    let parameters = attempt.parameters.as_ref().map(|it| &**it.text());
    room.put(&mut members, "parameters", parameters);
    let result = attempt.result.as_ref().map(|it| &**it.text());
    room.put(&mut members, "result", result);
    let (error, cause) = attempt.error.clone().unwrap_or_default();
    model::set(&mut members, "error", error);
    model::set(&mut members, "cause", cause);
    model::set(&mut members, "retryIndex", attempt.retry_index);
    model::set(
        &mut members,
        "retryDelaySeconds",
        attempt.retry_delay_seconds,
    );
    members.into()
}
