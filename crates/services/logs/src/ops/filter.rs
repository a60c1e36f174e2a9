use std::collections::{HashMap, HashSet};
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
    let named = named_streams(storage, call, &zone, &group)?;
    let prefix = text(input, "logStreamNamePrefix").map(str::to_owned);
    let events_max = limit(input, EVENTS_MAX);
    let storage = Arc::clone(storage);
    let search = move || {
        let streams = match (named, prefix) {
            (Some(streams), _) => Some(streams),
            (None, Some(prefix)) => Some(begun_with(&storage, &zone, &group, &prefix)?),
            (None, None) => None,
        };
        // One stream is read by itself; several are taken out of the group.
        let only = match &streams {
            Some(streams) if streams.is_empty() => return Ok(Shown::default().answer()),
            Some(streams) if streams.len() == 1 => streams.keys().next().copied(),
            Some(_) | None => None,
        };
        let scope = Scope {
            zone: zone.clone(),
            group: group.id,
            stream: only,
        };
        let scan = storage.scan(scope, from, to, Order::Ascending);
        let page = Page::read(scan, streams.as_ref(), &pattern, events_max)?;
        let streams = match streams {
            Some(streams) => streams,
            None => streams_of(&storage, &zone, &group, &page.events)?,
        };
        Ok(page.named(&streams).answer())
    };
    read_aside(search).await
}

type Names = HashMap<Id, String>;

/// The streams that the request names, if it does.
fn named_streams(
    storage: &Storage,
    call: &Call,
    zone: &Zone,
    group: &Group,
) -> Result<Option<Names>, ApiError> {
    let names = texts(&call.input, "logStreamNames");
    if names.is_empty() {
        return Ok(None);
    }
    if text(&call.input, "logStreamNamePrefix").is_some() {
        return Err(invalid(
            "LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.",
        ));
    }
    let mut streams = Names::new();
    for name in names {
        let stream = stream_named(storage, zone, group.id, name)?;
        streams.insert(stream.id, stream.name);
    }
    Ok(Some(streams))
}

fn begun_with(
    storage: &Storage,
    zone: &Zone,
    group: &Group,
    prefix: &str,
) -> Result<Names, ApiError> {
    let mut streams = Names::new();
    storage.each_stream(zone, group.id, prefix, None, |stream| {
        streams.insert(stream.id, stream.name);
        true
    })?;
    Ok(streams)
}

/// The streams of events that were found: a group may have many others.
fn streams_of(
    storage: &Storage,
    zone: &Zone,
    group: &Group,
    events: &[Event],
) -> Result<Names, ApiError> {
    let mut left: HashSet<Id> = events.iter().map(|event| event.stream).collect();
    let mut streams = Names::new();
    if left.is_empty() {
        return Ok(streams);
    }
    storage.each_stream(zone, group.id, "", None, |stream| {
        if left.remove(&stream.id) {
            streams.insert(stream.id, stream.name);
        }
        !left.is_empty()
    })?;
    Ok(streams)
}

#[derive(Default)]
struct Page {
    events: Vec<Event>,
    /// Where the search stopped, if it did before the end.
    last: Option<Position>,
}

impl Page {
    fn read(
        mut scan: Scan,
        streams: Option<&Names>,
        pattern: &Pattern,
        events_max: usize,
    ) -> Result<Self, ApiError> {
        let mut page = Self::default();
        let (mut seen, mut seen_bytes, mut bytes) = (0, 0, 0);
        while let Some(event) = scan.next()? {
            seen += 1;
            seen_bytes += event.bytes();
            let position = event.position;
            let is_searched = streams.is_none_or(|streams| streams.contains_key(&event.stream));
            if is_searched && pattern.matches(&event.message) {
                bytes += event.bytes();
                page.events.push(event);
            }
            let full = page.events.len() >= events_max || bytes >= PAGE_BYTES;
            if full || seen >= SCANNED_EVENTS_MAX || seen_bytes >= SCANNED_BYTES_MAX {
                page.last = Some(position);
                break;
            }
        }
        Ok(page)
    }

    /// Its events as they are shown; a stream without a name has just been deleted.
    fn named(self, streams: &Names) -> Shown {
        let named = self.events.iter();
        let named = named.filter_map(|event| Some(shown(event, streams.get(&event.stream)?)));
        Shown {
            events: named.collect(),
            last: self.last,
        }
    }
}

#[derive(Default)]
struct Shown {
    events: Vec<Value>,
    last: Option<Position>,
}

impl Shown {
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
