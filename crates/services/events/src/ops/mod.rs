//! The operations, a file for each family, and what they share: reading inputs, naming buses, paging.

pub(crate) mod buses;
pub(crate) mod connections;
pub(crate) mod destinations;
pub(crate) mod permissions;
pub(crate) mod put_events;
pub(crate) mod rules;
pub(crate) mod tags;
pub(crate) mod targets;

use aws::{Answer, ApiError, Arn, Call, Members};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::Inner;
use crate::error::{missing, no_bus};
use crate::model::{Bus, DEFAULT_BUS, Tags, Zone};

fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    text(input, name).ok_or_else(|| missing(name))
}

/// An empty text is none, as several clients send it for members that they leave out.
fn text<'i>(input: &'i Members, name: &str) -> Option<&'i str> {
    let text = input.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

fn owned(input: &Members, name: &str) -> Option<String> {
    text(input, name).map(str::to_owned)
}

fn flag(input: &Members, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn list<'i>(input: &'i Members, name: &str) -> &'i [Value] {
    let items = input.get(name).and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}

fn tags_of(input: &Members) -> Tags {
    let tag = |tag: &Value| {
        let text = |name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("Key")?, text("Value")?))
    };
    list(input, "Tags").iter().filter_map(tag).collect()
}

/// The zone and name of a bus that is given by name or ARN; the default bus without either.
fn named_bus(call: &Call, given: Option<&str>) -> (Zone, String) {
    let given = given.unwrap_or(DEFAULT_BUS);
    let arn: Option<Arn> = given.parse().ok();
    let found = arn.and_then(|arn| {
        let name = arn.resource.strip_prefix("event-bus/")?.to_owned();
        let zone = Zone {
            account: arn.account,
            region: arn.region,
        };
        Some((zone, name))
    });
    found.unwrap_or_else(|| (Zone::of(&call.caller), given.to_owned()))
}

/// The same of `EventBusName`, where the bus must be there.
fn bus_of(inner: &Inner, call: &Call) -> Result<(Zone, String), ApiError> {
    let (zone, name) = named_bus(call, text(&call.input, "EventBusName"));
    found_bus(inner, &zone, &name)?;
    Ok((zone, name))
}

/// A bus as it is kept; the default bus is there without being made.
fn found_bus(inner: &Inner, zone: &Zone, name: &str) -> Result<Bus, ApiError> {
    match inner.storage.get::<Bus>(zone, name)? {
        Some(bus) => Ok(bus),
        None if name == DEFAULT_BUS => Ok(Bus::new(DEFAULT_BUS, jiff::Timestamp::UNIX_EPOCH)),
        None => Err(no_bus(name)),
    }
}

/// AWS's greatest page and its default.
const PAGE_MAX: usize = 100;

/// One page of a list in the order of its names.
fn page(call: &Call, member: &str, items: Vec<(String, Value)>) -> Result<Answer, ApiError> {
    let input = &call.input;
    let limit = input.get("Limit").and_then(Value::as_u64);
    let limit = limit.map_or(PAGE_MAX, |limit| (limit as usize).clamp(1, PAGE_MAX));
    let after = match text(input, "NextToken") {
        Some(token) => Some(untoken(token)?),
        None => None,
    };
    let mut rest = items
        .into_iter()
        .filter(|(name, _)| after.as_ref().is_none_or(|after| name > after));
    let mut last = String::new();
    let shown: Vec<Value> = rest
        .by_ref()
        .take(limit)
        .map(|(name, value)| {
            last = name;
            value
        })
        .collect();
    let mut output = Members::new();
    output.insert(member.to_owned(), Value::Array(shown));
    if rest.next().is_some() {
        output.insert("NextToken".to_owned(), URL_SAFE_NO_PAD.encode(last).into());
    }
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

fn untoken(token: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| ApiError::validation("The provided NextToken is not valid."))
}
