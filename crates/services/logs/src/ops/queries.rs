use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{integer, missing, named_group, required, text, texts, token, untoken};
use crate::error::{invalid, invalid_token, no_group, not_found};
use crate::insights::{
    Kept, Malformed, Queries, Row, Searched, SearchedGroup, Source, names_of, parse, read_pointer,
    search,
};
use crate::model::Zone;
use crate::storage::{Scope, Storage};

/// API reference, StartQuery.
const GROUPS_MAX: usize = 50;
const ROWS_MAX: usize = 10_000;
/// Instants in seconds are below it until the year 5138; some clients send milliseconds.
const SECONDS_MAX: i64 = 100_000_000_000;

pub(crate) fn start(
    storage: &Arc<Storage>,
    queries: &Queries,
    call: &Call,
    now: i64,
) -> Result<Answer, ApiError> {
    let input = &call.input;
    let written = required(input, "queryString")?.to_owned();
    if let Some(language) = text(input, "queryLanguage").filter(|language| *language != "CWLI") {
        // DIVERGENCE: queries in OpenSearch PPL and SQL are refused.
        return Err(invalid(format!(
            "The query language {language} is not supported."
        )));
    }
    let instant = |name: &str| integer(input, name).ok_or_else(|| missing(name));
    let from = milliseconds(instant("startTime")?, 0);
    let to = milliseconds(instant("endTime")?, 999);
    if to < from {
        return Err(invalid("End time should not be before start time"));
    }
    let groups = groups_of(storage, call, now)?;
    let query = parse(&written).map_err(|why| malformed(&why))?;
    let limit = integer(input, "limit").map_or(ROWS_MAX, |limit| {
        usize::try_from(limit).unwrap_or(1).clamp(1, ROWS_MAX)
    });
    let names = groups.iter().map(|group| group.name.clone()).collect();
    let kept = Kept::new(Zone::of(&call.caller), written, names, now);
    let storage = Arc::clone(storage);
    let started = queries.start(kept, move |kept| {
        search(&storage, kept, &query, &groups, (from, to), limit)
    });
    match started {
        Some(kept) => Ok(Answer::json(json!({"queryId": kept.id}))),
        None => Err(ApiError::new(
            "LimitExceededException",
            "Account maximum query concurrency limit of [30] reached.",
        )),
    }
}

/// An instant that is given in seconds, and means all of its second.
fn milliseconds(at: i64, within: i64) -> i64 {
    if at > SECONDS_MAX {
        at
    } else {
        at * 1000 + within
    }
}

fn groups_of(storage: &Storage, call: &Call, now: i64) -> Result<Vec<SearchedGroup>, ApiError> {
    let input = &call.input;
    let mut named: Vec<&str> = text(input, "logGroupName").into_iter().collect();
    named.extend(texts(input, "logGroupNames"));
    named.extend(texts(input, "logGroupIdentifiers"));
    if named.is_empty() {
        return Err(invalid(
            "Either a log group name, log group names or log group identifiers must be provided.",
        ));
    }
    if named.len() > GROUPS_MAX {
        return Err(invalid(format!(
            "A query can search at most {GROUPS_MAX} log groups."
        )));
    }
    let mut groups: Vec<SearchedGroup> = Vec::new();
    for name in named {
        let (zone, name) = named_group(call, name);
        let group = storage.group(&zone, &name)?.ok_or_else(no_group)?;
        if groups.iter().all(|other| other.id != group.id) {
            groups.push(SearchedGroup {
                zone,
                id: group.id,
                expiry: group.expiry(now),
                name,
            });
        }
    }
    Ok(groups)
}

fn malformed(why: &Malformed) -> ApiError {
    ApiError::new("MalformedQueryException", why.message.clone()).with(
        "queryCompileError",
        json!({
            "location": {"startCharOffset": why.start, "endCharOffset": why.end},
            "message": why.message,
        }),
    )
}

pub(crate) fn results(queries: &Queries, call: &Call) -> Result<Answer, ApiError> {
    let kept = found(queries, call)?;
    let input = &call.input;
    let Some(outcome) = kept.outcome() else {
        return Ok(Answer::json(json!({
            "results": [],
            "statistics": statistics(&Searched::default(), &kept),
            "status": "Running",
            "queryLanguage": "CWLI",
        })));
    };
    let from = match untoken(input)? {
        Some(from) => from.parse().map_err(|_| invalid_token())?,
        None => 0,
    };
    let count = integer(input, "maxItems")
        .filter(|count| *count > 0)
        .map_or(ROWS_MAX, |count| usize::try_from(count).unwrap_or(ROWS_MAX));
    let rows = outcome.rows.iter().skip(from).take(count);
    let shown: Vec<Value> = rows.map(|row| row.iter().map(cell).collect()).collect();
    let next = from + shown.len();
    let mut output = json!({
        "results": shown,
        "statistics": statistics(&outcome.searched, &kept),
        "status": outcome.status,
        "queryLanguage": "CWLI",
    });
    if next < outcome.rows.len() {
        output["nextToken"] = token(&next.to_string()).into();
    }
    Ok(Answer::json(output))
}

fn cell((field, value): &(String, String)) -> Value {
    json!({"field": field, "value": value})
}

fn statistics(searched: &Searched, kept: &Kept) -> Value {
    json!({
        "recordsMatched": searched.matched as f64,
        "recordsScanned": searched.events as f64,
        "estimatedRecordsSkipped": 0.0,
        "bytesScanned": searched.bytes as f64,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": kept.group_names.len() as f64,
    })
}

fn found(queries: &Queries, call: &Call) -> Result<Arc<Kept>, ApiError> {
    let id = required(&call.input, "queryId")?;
    queries
        .find(&Zone::of(&call.caller), id)
        .ok_or_else(|| not_found("The specified query does not exist."))
}

pub(crate) fn stop(queries: &Queries, call: &Call) -> Result<Answer, ApiError> {
    let kept = found(queries, call)?;
    if kept.outcome().is_some() {
        return Err(invalid("The specified query is not running."));
    }
    kept.stopped.store(true, Ordering::Relaxed);
    Ok(Answer::json(json!({"success": true})))
}

/// Queries of one page, at most and by default.
const PAGE_MAX: usize = 1000;

pub(crate) fn describe(queries: &Queries, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let group = text(input, "logGroupName");
    let status = text(input, "status");
    let mut shown = Vec::new();
    for kept in queries.list(&Zone::of(&call.caller)) {
        let outcome = kept.outcome();
        let now = outcome.as_ref().map_or("Running", |outcome| outcome.status);
        let named = group.is_none_or(|group| kept.group_names.iter().any(|name| name == group));
        if !named || status.is_some_and(|status| status != now) {
            continue;
        }
        let mut query = json!({
            "queryLanguage": "CWLI",
            "queryId": kept.id,
            "queryString": kept.text,
            "status": now,
            "createTime": kept.created,
        });
        if let Some(name) = kept.group_names.first() {
            query["logGroupName"] = name.as_str().into();
        }
        if let Some(outcome) = outcome {
            query["queryDuration"] = outcome.took.into();
            query["bytesScanned"] = (outcome.searched.bytes as f64).into();
        }
        shown.push(query);
    }
    let from = match untoken(input)? {
        Some(from) => from.parse().map_err(|_| invalid_token())?,
        None => 0,
    };
    let count = integer(input, "maxResults").map_or(PAGE_MAX, |count| {
        usize::try_from(count).unwrap_or(1).clamp(1, PAGE_MAX)
    });
    let more = shown.len() > from + count;
    let page: Vec<Value> = shown.into_iter().skip(from).take(count).collect();
    let mut output = json!({"queries": page});
    if more {
        output["nextToken"] = token(&(from + count).to_string()).into();
    }
    Ok(Answer::json(output))
}

/// GetLogRecord: all fields of the event that a result's `@ptr` means.
pub(crate) fn record(storage: &Storage, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let absent = || not_found("The specified log record does not exist.");
    let pointer = required(&call.input, "logRecordPointer")?;
    let (zone, id, at) =
        read_pointer(pointer).ok_or_else(|| invalid("The log record pointer is invalid."))?;
    let scope = Scope {
        zone: zone.clone(),
        group: id,
        stream: None,
    };
    let mut group = None;
    storage.each_group(&zone, "", None, |candidate| {
        let found = candidate.id == id;
        if found {
            group = Some(candidate);
        }
        !found
    })?;
    let group = group.ok_or_else(absent)?;
    let event = storage.event(&scope, at)?.ok_or_else(absent)?;
    let searched = SearchedGroup {
        expiry: group.expiry(now),
        zone,
        id,
        name: group.name,
    };
    let names = names_of(storage, std::slice::from_ref(&searched))?;
    let stream = names.get(&event.stream).ok_or_else(absent)?;
    if at.time() < searched.expiry {
        return Err(absent());
    }
    let source = Source {
        group: &searched,
        stream,
    };
    Ok(Answer::json(
        json!({"logRecord": Row::new(event, source).all()}),
    ))
}
