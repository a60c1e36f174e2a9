use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{missing, required, stream_named};
use crate::error::{invalid, no_group};
use crate::model::{Zone, sequence_token};
use crate::storage::{EVENT_OVERHEAD_BYTES, Storage};

/// API reference, PutLogEvents: what a batch and an event may have.
const BATCH_BYTES_MAX: usize = 1_048_576;
const EVENTS_MAX: usize = 10_000;
const SPAN_MILLISECONDS_MAX: i64 = 24 * 3600 * 1000;
const AGE_MILLISECONDS_MAX: i64 = 14 * SPAN_MILLISECONDS_MAX;
const AHEAD_MILLISECONDS_MAX: i64 = 2 * 3600 * 1000;

pub(crate) async fn run(storage: &Storage, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let group_name = required(&call.input, "logGroupName")?;
    let stream_name = required(&call.input, "logStreamName")?;
    let events = events_of(call)?;
    let (pending, answer) = {
        let _held = storage.hold(&zone, group_name).await;
        let group = storage.group(&zone, group_name)?.ok_or_else(no_group)?;
        let stream = stream_named(storage, &zone, group.id, stream_name)?;
        let mut output = json!({"nextSequenceToken": sequence_token(stream.id, now)});
        // Events are in order, so that those that are not taken stand at the two ends.
        let count = |before: i64| events.partition_point(|(time, _)| *time < before);
        let old = count(now - AGE_MILLISECONDS_MAX);
        let expired = count(group.expiry(now));
        let new = events.partition_point(|(time, _)| *time <= now + AHEAD_MILLISECONDS_MAX);
        let mut rejected = serde_json::Map::new();
        if old > 0 {
            rejected.insert("tooOldLogEventEndIndex".into(), old.into());
        }
        if expired > 0 {
            rejected.insert("expiredLogEventEndIndex".into(), expired.into());
        }
        if new < events.len() {
            rejected.insert("tooNewLogEventStartIndex".into(), new.into());
        }
        if !rejected.is_empty() {
            output["rejectedLogEventsInfo"] = Value::Object(rejected);
        }
        let taken = events.get(old.max(expired)..new).unwrap_or_default();
        let pending = if taken.is_empty() {
            None
        } else {
            let taken = taken.iter().copied();
            Some(storage.append(&zone, group.id, stream, now, taken)?)
        };
        (pending, Answer::json(output))
    };
    if let Some(pending) = pending {
        pending.durable().await?;
    }
    Ok(answer)
}

/// The batch's events, if it is one that AWS takes.
fn events_of(call: &Call) -> Result<Vec<(i64, &str)>, ApiError> {
    let given = call.input.get("logEvents").and_then(Value::as_array);
    let given = given.ok_or_else(|| missing("logEvents"))?;
    if given.is_empty() || given.len() > EVENTS_MAX {
        return Err(invalid(
            "The batch must hold at least 1 and at most 10000 log events.",
        ));
    }
    let mut events = Vec::with_capacity(given.len());
    let mut bytes = 0;
    for event in given {
        let time = event.get("timestamp").and_then(Value::as_i64);
        let time = time.ok_or_else(|| missing("logEvents.timestamp"))?;
        let message = event.get("message").and_then(Value::as_str);
        let message = message.ok_or_else(|| missing("logEvents.message"))?;
        let size = message.len() + EVENT_OVERHEAD_BYTES;
        if size > BATCH_BYTES_MAX {
            return Err(invalid(format!(
                "Log event too large: {size} bytes exceeds limit of {BATCH_BYTES_MAX}"
            )));
        }
        bytes += size;
        if events.last().is_some_and(|(last, _)| *last > time) {
            return Err(invalid(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        events.push((time, message));
    }
    if bytes > BATCH_BYTES_MAX {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES_MAX}"
        )));
    }
    let span = |(first, _): &(i64, &str), (last, _): &(i64, &str)| last - first;
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && span(first, last) > SPAN_MILLISECONDS_MAX
    {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(events)
}
