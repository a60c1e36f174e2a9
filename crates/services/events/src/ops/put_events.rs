use aws::{Answer, ApiError, Call};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{list, named_bus, required};
use crate::Inner;
use crate::error::invalid_pattern;
use crate::model::Zone;
use crate::outbox::{Parcel, Taken};
use crate::pattern::Pattern;

/// API reference, PutEvents: the entries of a request together.
const ENTRIES_BYTES_MAX: usize = 256 * 1024;

/// Levels of a detail: with those around it, it must be read again from its row, of 127 at most.
const DETAIL_DEPTH_MAX: usize = 100;

/// Why an entry is not taken.
struct Refused {
    code: &'static str,
    message: String,
}

pub(crate) async fn run(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let entries = list(&call.input, "Entries");
    if entries.iter().map(size_of).sum::<usize>() > ENTRIES_BYTES_MAX {
        return Err(ApiError::validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    let mut parcel = Parcel::default();
    let mut results = Vec::with_capacity(entries.len());
    for entry in entries {
        results.push(take(inner, call, entry, &mut parcel)?);
    }
    inner.outbox.send(parcel).await?;
    let failed = results.iter().filter(|result| result.is_err()).count();
    let shown: Vec<Value> = results
        .into_iter()
        .map(|result| match result {
            Ok(id) => json!({"EventId": id}),
            Err(refused) => json!({"ErrorCode": refused.code, "ErrorMessage": refused.message}),
        })
        .collect();
    Ok(Answer::json(
        json!({"FailedEntryCount": failed, "Entries": shown}),
    ))
}

/// Puts an entry's event for all its targets into the parcel; its id.
fn take(
    inner: &Inner,
    call: &Call,
    entry: &Value,
    parcel: &mut Parcel,
) -> Result<Result<String, Refused>, ApiError> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let (zone, bus) = named_bus(call, text("EventBusName").filter(|name| !name.is_empty()));
    let (event, id) = match event_of(inner, call, &zone, entry) {
        Ok(event) => event,
        Err(refused) => return Ok(Err(refused)),
    };
    let taken = Taken {
        event,
        ingested: inner.clock.now(),
        hops: 0,
    };
    let mut own = Parcel::default();
    // AWS says nothing of a bus that is not there: the event is taken, and gone.
    if !inner.route(&zone, &bus, &taken, &mut own)? {
        tracing::warn!(bus, "an event is dropped: there is no such event bus");
    }
    if !inner
        .outbox
        .has_room(parcel.deliveries() + own.deliveries())
    {
        return Ok(Err(Refused {
            code: "ThrottlingException",
            message: "Rate exceeded".to_owned(),
        }));
    }
    parcel.append(own);
    Ok(Ok(id))
}

/// The event that targets will see, and its id.
fn event_of(
    inner: &Inner,
    call: &Call,
    zone: &Zone,
    entry: &Value,
) -> Result<(Value, String), Refused> {
    let text = |name: &'static str| {
        let text = entry.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).ok_or_else(|| Refused {
            code: "InvalidArgument",
            message: format!(
                "Parameter {name} is not valid. Reason: {name} is a required argument."
            ),
        })
    };
    let source = text("Source")?;
    let detail_type = text("DetailType")?;
    let detail = text("Detail")?;
    if source.starts_with("aws.") && !is_from_inside(call) {
        return Err(Refused {
            code: "NotAuthorizedForSourceException",
            message: "Not authorized for the source.".to_owned(),
        });
    }
    let detail: Option<Value> = serde_json::from_str(detail).ok();
    let detail = detail.filter(|detail| detail.is_object() && depth(detail) <= DETAIL_DEPTH_MAX);
    let detail = detail.ok_or_else(|| Refused {
        code: "MalformedDetail",
        message: "Detail is malformed.".to_owned(),
    })?;
    let time = entry.get("Time").and_then(Value::as_f64);
    let time = time.and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0) as i64).ok());
    let time = time.unwrap_or_else(|| inner.clock.now());
    let id = uuid::Uuid::new_v4().to_string();
    let event = json!({
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": source,
        "account": call.caller.account.as_ref(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": zone.region,
        "resources": entry.get("Resources").cloned().unwrap_or_else(|| json!([])),
        "detail": detail,
    });
    Ok((event, id))
}

fn depth(value: &Value) -> usize {
    let below = match value {
        Value::Object(members) => members.values().map(depth).max(),
        Value::Array(items) => items.iter().map(depth).max(),
        _ => return 0,
    };
    below.unwrap_or(0) + 1
}

/// Whether a service of this process speaks for itself, which AWS's own sources do. A Task state calls in the name of its
/// execution's role, and a client with an access key.
fn is_from_inside(call: &Call) -> bool {
    let caller = &call.caller;
    caller.access_key.is_empty() && caller.arn.ends_with(":root")
}

/// The guide, "Calculating PutEvents event entry size".
fn size_of(entry: &Value) -> usize {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map_or(0, str::len);
    let resources = entry.get("Resources").and_then(Value::as_array);
    let resources = resources.into_iter().flatten().filter_map(Value::as_str);
    let time = if entry.get("Time").is_some() { 14 } else { 0 };
    time + text("Source")
        + text("DetailType")
        + text("Detail")
        + resources.map(str::len).sum::<usize>()
}

/// TestEventPattern.
pub(crate) fn test_pattern(call: &Call) -> Result<Answer, ApiError> {
    let pattern = required(&call.input, "EventPattern")?;
    let event = required(&call.input, "Event")?;
    let pattern = Pattern::parse(pattern).map_err(|why| invalid_pattern(&why))?;
    let Ok(event @ Value::Object(_)) = serde_json::from_str::<Value>(event) else {
        return Err(ApiError::validation("Parameter Event is not valid."));
    };
    let lacking = [
        "id",
        "account",
        "source",
        "time",
        "region",
        "resources",
        "detail-type",
    ]
    .into_iter()
    .find(|name| event.get(name).is_none());
    if let Some(name) = lacking {
        return Err(ApiError::validation(format!(
            "Parameter Event is not valid. Reason: {name} is a required field."
        )));
    }
    Ok(Answer::json(json!({"Result": pattern.matches(&event)})))
}
