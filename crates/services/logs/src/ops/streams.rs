use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::groups::PAGE_MAX;
use super::{flag, group_of, limit, required, stream_named, text, token, untoken};
use crate::error::{invalid, invalid_token, no_group, stream_exists};
use crate::model::{Id, Stream, Zone};
use crate::storage::Storage;

pub(crate) async fn create(storage: &Storage, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let group = required(&call.input, "logGroupName")?;
    let name = required(&call.input, "logStreamName")?;
    let _held = storage.hold(&zone, group).await;
    let group = storage.group(&zone, group)?.ok_or_else(no_group)?.id;
    if storage.stream(&zone, group, name)?.is_some() {
        return Err(stream_exists());
    }
    let stream = Stream {
        id: Id::new(),
        name: name.into(),
        created: now,
        first: None,
        last: None,
        ingested: None,
    };
    storage.put_stream(&zone, group, &stream).await?;
    Ok(Answer::default())
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let group = required(&call.input, "logGroupName")?;
    let name = required(&call.input, "logStreamName")?;
    let _held = storage.hold(&zone, group).await;
    let group = storage.group(&zone, group)?.ok_or_else(no_group)?.id;
    let stream = stream_named(storage, &zone, group, name)?;
    storage.delete_stream(&zone, group, &stream).await?;
    Ok(Answer::default())
}

pub(crate) fn describe(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let by_time = text(input, "orderBy") == Some("LastEventTime");
    let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
    if by_time && !prefix.is_empty() {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let (zone, group) = group_of(storage, call)?;
    let page = limit(input, PAGE_MAX);
    let after = untoken(input)?;
    let mut streams: Vec<Stream> = Vec::new();
    if by_time || flag(input, "descending") {
        storage.each_stream(&zone, group.id, prefix, None, |stream| {
            streams.push(stream);
            true
        })?;
        streams = sorted_page(streams, call, by_time, after.as_deref())?;
    } else {
        storage.each_stream(&zone, group.id, prefix, after.as_deref(), |stream| {
            streams.push(stream);
            streams.len() <= page
        })?;
    }
    let more = streams.len() > page;
    streams.truncate(page);
    let arn = group.arn(&zone);
    let shown: Vec<Value> = streams.iter().map(|stream| stream.wire(&arn)).collect();
    let mut output = json!({"logStreams": shown});
    if let (true, Some(last)) = (more, streams.last()) {
        let last = if by_time {
            format!("{}/{}", last_time(last), last.name)
        } else {
            last.name.clone()
        };
        output["nextToken"] = token(&last).into();
    }
    Ok(Answer::json(output))
}

/// The streams in the order asked for, from the one after the last page's on.
fn sorted_page(
    mut streams: Vec<Stream>,
    call: &Call,
    by_time: bool,
    after: Option<&str>,
) -> Result<Vec<Stream>, ApiError> {
    let key = |stream: &Stream| {
        let time = if by_time { last_time(stream) } else { 0 };
        (time, stream.name.clone())
    };
    streams.sort_by_cached_key(key);
    let after = match after {
        Some(after) if by_time => {
            let (time, name) = after.split_once('/').ok_or_else(invalid_token)?;
            Some((time.parse().map_err(|_| invalid_token())?, name.to_owned()))
        }
        Some(after) => Some((0, after.to_owned())),
        None => None,
    };
    let descending = flag(&call.input, "descending");
    if descending {
        streams.reverse();
    }
    if let Some(after) = after {
        streams.retain(|stream| {
            if descending {
                key(stream) < after
            } else {
                key(stream) > after
            }
        });
    }
    Ok(streams)
}

/// Streams without events come before those that have some.
fn last_time(stream: &Stream) -> i64 {
    stream.last.unwrap_or(0)
}
