//! The operations, a file for each family, and what they share: reading inputs, naming groups, paging.

pub(crate) mod filter;
pub(crate) mod get;
pub(crate) mod groups;
pub(crate) mod policies;
pub(crate) mod put;
pub(crate) mod queries;
pub(crate) mod streams;
pub(crate) mod tags;

use std::collections::BTreeMap;

use aws::{ApiError, Arn, Call, Members};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error::{constraint, invalid, invalid_token, no_group, no_stream};
use crate::model::{Group, Id, Stream, Zone};
use crate::storage::Storage;

/// A member that the model requires; calls from inside may lack it all the same.
fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    text(input, name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ApiError {
    constraint("null", name, "Member must not be null")
}

fn text<'i>(input: &'i Members, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

fn integer(input: &Members, name: &str) -> Option<i64> {
    input.get(name).and_then(Value::as_i64)
}

fn flag(input: &Members, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn texts<'i>(input: &'i Members, name: &str) -> Vec<&'i str> {
    let items = input.get(name).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn text_map(input: &Members, name: &str) -> BTreeMap<String, String> {
    let entries = input.get(name).and_then(Value::as_object);
    entries
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// How many items are wanted, within what the operation gives at most.
fn limit(input: &Members, max: usize) -> usize {
    integer(input, "limit").map_or(max, |limit| {
        usize::try_from(limit).unwrap_or(1).clamp(1, max)
    })
}

/// A group by name or, as an identifier, by either of its ARNs; a name means one of the caller's own.
fn named_group(call: &Call, identifier: &str) -> (Zone, String) {
    let arn: Option<Arn> = identifier.parse().ok();
    let found = arn.and_then(|arn| {
        let name = arn.resource.strip_prefix("log-group:")?;
        let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
        let zone = Zone {
            account: arn.account,
            region: arn.region,
        };
        Some((zone, name))
    });
    found.unwrap_or_else(|| (Zone::of(&call.caller), identifier.to_owned()))
}

/// The group that `logGroupName` or `logGroupIdentifier` names.
fn group_of(storage: &Storage, call: &Call) -> Result<(Zone, Group), ApiError> {
    let name = text(&call.input, "logGroupName");
    let identifier = text(&call.input, "logGroupIdentifier");
    let (zone, name) = match (name, identifier) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
            ));
        }
        (Some(name), None) => (Zone::of(&call.caller), name.to_owned()),
        (None, Some(identifier)) => named_group(call, identifier),
        (None, None) => return Err(missing("logGroupName")),
    };
    let group = storage.group(&zone, &name)?.ok_or_else(no_group)?;
    Ok((zone, group))
}

fn stream_named(storage: &Storage, zone: &Zone, group: Id, name: &str) -> Result<Stream, ApiError> {
    storage.stream(zone, group, name)?.ok_or_else(no_stream)
}

fn token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// What a page's token says the page before ended with.
fn untoken(input: &Members) -> Result<Option<String>, ApiError> {
    let Some(token) = text(input, "nextToken") else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let last = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    last.map(Some).ok_or_else(invalid_token)
}

/// Does reading that may take a while where it holds nobody up.
async fn read_aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|error| Err(crate::error::unavailable(&error)))
}
