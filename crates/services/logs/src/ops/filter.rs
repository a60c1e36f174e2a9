use std::collections::HashMap;
use std::sync::Arc;

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};
use store::Order;

use super::get::{EVENTS_MAX, PAGE_BYTES, event_id};
use super::{
    group_of, integer, limit, read_aside, required, stream_named, text, texts, token, untoken,
};
use crate::error::{invalid, invalid_token};
use crate::filter::Pattern;
use crate::model::{Group, Id, Position, Zone};
use crate::storage::{Event, Scan, Scope, Storage};

/// What one call looks at; a page may come back empty with a token, as AWS's do.
const SCANNED_EVENTS_MAX: usize = 100_000;
const SCANNED_BYTES_MAX: usize = 32 * 1024 * 1024;

pub(crate) async fn run(storage: &Arc<Storage>, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let input = &call.input;
    let pattern =
        Pattern::parse(text(input, "filterPattern").unwrap_or_default()).map_err(invalid)?;
    let (zone, group) = group_of(storage, call)?;
    let start = integer(input, "startTime")
        .unwrap_or(0)
        .max(group.expiry(now));
    let mut from = Position::at(start);
    if let Some(after) = untoken(input)? {
        let after = Position::from_digits(&after).ok_or_else(invalid_token)?;
        from = from.max(after.next());
    }
    let to = integer(input, "endTime").map_or(Position::MAX, |end| Position::new(end, u64::MAX));
    let streams = streams_of(storage, call, &zone, &group)?;
    // One stream is read by itself; several are taken out of the group.
    let only = match streams.len() {
        0 => return Ok(Page::default().answer()),
        1 => streams.keys().next().copied(),
        _ => None,
    };
    let scope = Scope {
        zone,
        group: group.id,
        stream: only,
    };
    let scan = storage.scan(scope, from, to, Order::Ascending);
    let events_max = limit(input, EVENTS_MAX);
    let page = read_aside(move || Page::read(scan, &streams, &pattern, events_max)).await?;
    Ok(page.answer())
}

/// The names of the streams that are searched.
fn streams_of(
    storage: &Storage,
    call: &Call,
    zone: &Zone,
    group: &Group,
) -> Result<HashMap<Id, String>, ApiError> {
    let names = texts(&call.input, "logStreamNames");
    let prefix = text(&call.input, "logStreamNamePrefix");
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid(
            "LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.",
        ));
    }
    let mut streams = HashMap::new();
    for name in &names {
        let stream = stream_named(storage, zone, group.id, name)?;
        streams.insert(stream.id, stream.name);
    }
    if names.is_empty() {
        let prefix = prefix.unwrap_or_default();
        storage.each_stream(zone, group.id, prefix, None, |stream| {
            streams.insert(stream.id, stream.name);
            true
        })?;
    }
    Ok(streams)
}

#[derive(Default)]
struct Page {
    events: Vec<Value>,
    /// Where the search stopped, if it did before the end.
    last: Option<Position>,
}

impl Page {
    fn read(
        mut scan: Scan,
        streams: &HashMap<Id, String>,
        pattern: &Pattern,
        events_max: usize,
    ) -> Result<Self, ApiError> {
        let mut page = Self::default();
        let (mut seen, mut seen_bytes, mut bytes) = (0, 0, 0);
        while let Some(event) = scan.next()? {
            seen += 1;
            seen_bytes += event.bytes();
            if let Some(stream) = streams.get(&event.stream)
                && pattern.matches(&event.message)
            {
                bytes += event.bytes();
                page.events.push(shown(&event, stream));
            }
            let full = page.events.len() >= events_max || bytes >= PAGE_BYTES;
            if full || seen >= SCANNED_EVENTS_MAX || seen_bytes >= SCANNED_BYTES_MAX {
                page.last = Some(event.position);
                break;
            }
        }
        Ok(page)
    }

    fn answer(self) -> Answer {
        // AWS has left the list of searched streams empty since 2020.
        let mut output = json!({"events": self.events, "searchedLogStreams": []});
        if let Some(last) = self.last {
            output["nextToken"] = token(&last.digits()).into();
        }
        Answer::json(output)
    }
}

fn shown(event: &Event, stream: &str) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.position.time(),
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": event_id(event.position),
    })
}

/// TestMetricFilter.
pub(crate) fn test(call: &Call) -> Result<Answer, ApiError> {
    let pattern = Pattern::parse(required(&call.input, "filterPattern")?).map_err(invalid)?;
    let matches: Vec<Value> = texts(&call.input, "logEventMessages")
        .iter()
        .enumerate()
        .filter(|(_, message)| pattern.matches(message))
        .map(|(at, message)| {
            json!({
                "eventNumber": at + 1,
                "eventMessage": message,
                "extractedValues": pattern.extract(message),
            })
        })
        .collect();
    Ok(Answer::json(json!({"matches": matches})))
}
