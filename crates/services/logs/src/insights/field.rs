use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value as Json;

use super::SearchedGroup;
use crate::model::{Id, Position, Zone};
use crate::storage::Event;

/// A value in a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Missing,
    Text(String),
    Number(f64),
    Bool(bool),
    /// Milliseconds since 1970.
    Time(i64),
}

impl Value {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite()),
            Self::Time(at) => Some(*at as f64),
            Self::Missing | Self::Bool(_) => None,
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        *self == Self::Missing
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => text == "true",
            Self::Missing | Self::Time(_) => false,
        }
    }

    /// As results show it; none if there is nothing to show.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Missing => None,
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number_text(*number)),
            Self::Bool(value) => Some(if *value { "1" } else { "0" }.to_owned()),
            Self::Time(at) => Some(time_text(*at)),
        }
    }

    /// About what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Missing | Self::Number(_) | Self::Bool(_) | Self::Time(_) => 8,
        }
    }

    /// Numbers by size, others as texts; what is missing comes first.
    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self.number(), other.number()) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            _ => self.text().cmp(&other.text()),
        }
    }
}

/// Whole numbers without a fraction, others with up to four digits of it.
fn number_text(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2026-11-22 17:00:00.000`
fn time_text(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

/// Where an event came from.
#[derive(Debug)]
pub(crate) struct Source<'q> {
    pub(crate) group: &'q SearchedGroup,
    pub(crate) stream: &'q str,
}

/// An event, or a line of statistics, on its way through a query.
#[derive(Debug, Default)]
pub(crate) struct Row<'q> {
    event: Option<(Event, Source<'q>)>,
    /// The message as JSON, once a field of it was asked for.
    document: OnceCell<Option<Json>>,
    /// What commands have computed, newest last.
    computed: Vec<(String, Value)>,
    /// How many bytes of text have been made for it.
    made: Cell<usize>,
}

/// Text that commands may make of one event, four times the largest: what one makes, the next may take many times.
const MADE_BYTES_MAX: usize = 4 * 1024 * 1024;

impl<'q> Row<'q> {
    pub(crate) fn new(event: Event, source: Source<'q>) -> Self {
        Self {
            event: Some((event, source)),
            ..Self::default()
        }
    }

    pub(super) fn of(computed: Vec<(String, Value)>) -> Self {
        Self {
            computed,
            ..Self::default()
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.computed.push((name.to_owned(), value));
    }

    /// Whether so many bytes of text may still be made for it; if so, they count as made.
    // DIVERGENCE: a query leaves out what its memory has no room for: text computed for one event beyond 4 MiB, and groups
    // and values of `stats` beyond 32 MiB.
    pub(super) fn make(&self, bytes: usize) -> bool {
        let made = self.made.get().saturating_add(bytes);
        let fits = made <= MADE_BYTES_MAX;
        if fits {
            self.made.set(made);
        }
        fits
    }

    pub(super) fn get(&self, name: &str) -> Value {
        let computed = self.computed.iter().rev().find(|(known, _)| known == name);
        if let Some((_, value)) = computed {
            return value.clone();
        }
        let Some((event, source)) = &self.event else {
            return Value::Missing;
        };
        match name {
            "@timestamp" => Value::Time(event.position.time()),
            "@ingestionTime" => Value::Time(event.ingested),
            "@message" => Value::Text(event.message.clone()),
            "@logStream" => Value::Text(source.stream.to_owned()),
            "@log" => Value::Text(format!(
                "{}:{}",
                source.group.zone.account, source.group.name
            )),
            "@ptr" => Value::Text(pointer(source.group, event.position)),
            name => self.discovered(event, name),
        }
    }

    /// A field of a message that is a JSON object.
    fn discovered(&self, event: &Event, name: &str) -> Value {
        let document = self.document.get_or_init(|| {
            let parsed = event.message.trim_start().starts_with('{');
            parsed
                .then(|| serde_json::from_str(&event.message).ok())
                .flatten()
        });
        match document
            .as_ref()
            .and_then(|document| member(document, name))
        {
            None | Some(Json::Null) => Value::Missing,
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Number(number)) => number
                .as_f64()
                .map_or_else(|| Value::Text(number.to_string()), Value::Number),
            Some(Json::Bool(value)) => Value::Bool(*value),
            Some(other) => Value::Text(other.to_string()),
        }
    }

    /// All fields of its event with their values.
    pub(crate) fn all(&self) -> BTreeMap<String, String> {
        let own = [
            "@timestamp",
            "@ingestionTime",
            "@message",
            "@logStream",
            "@log",
            "@ptr",
        ];
        let mut names = own.map(str::to_owned).to_vec();
        if let Some((event, _)) = &self.event
            && let Ok(document) = serde_json::from_str::<Json>(&event.message)
        {
            walk(&document, "", &mut names);
        }
        let shown = |name: String| {
            let text = self.get(&name).text()?;
            Some((name, text))
        };
        names.into_iter().filter_map(shown).collect()
    }

    /// Lets go of what can be had again.
    pub(super) fn rest(&mut self) {
        self.document.take();
        self.made.take();
    }

    pub(super) fn is_event(&self) -> bool {
        self.event.is_some()
    }

    /// About what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let event = self.event.as_ref().map_or(0, |(event, _)| event.bytes());
        let computed = self.computed.iter();
        let computed = computed.map(|(name, value)| name.len() + value.bytes());
        event + computed.sum::<usize>()
    }
}

/// AWS discovers so many fields of an event.
const DISCOVERED_MAX: usize = 200;

fn walk(value: &Json, path: &str, names: &mut Vec<String>) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                walk(value, &below(name), names);
            }
        }
        Json::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                walk(value, &below(&at.to_string()), names);
            }
        }
        _ if path.is_empty() || names.len() >= DISCOVERED_MAX => {}
        _ => names.push(path.to_owned()),
    }
}

/// The value at `a.b.0`; a name may itself have dots in it.
fn member<'d>(value: &'d Json, path: &str) -> Option<&'d Json> {
    let step = |name: &str| match value {
        Json::Object(members) => members.get(name),
        Json::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    step(path).or_else(|| {
        path.match_indices('.')
            .find_map(|(at, _)| member(step(&path[..at])?, &path[at + 1..]))
    })
}

/// `@ptr`: what GetLogRecord takes.
pub(crate) fn pointer(group: &SearchedGroup, at: Position) -> String {
    let SearchedGroup { zone, id, .. } = group;
    let Zone { account, region } = zone;
    let text = format!("{account}/{region}/{}/{}", id.0, at.digits());
    STANDARD_NO_PAD.encode(text)
}

pub(crate) fn read_pointer(pointer: &str) -> Option<(Zone, Id, Position)> {
    let text = String::from_utf8(STANDARD_NO_PAD.decode(pointer).ok()?).ok()?;
    let mut parts = text.split('/');
    let zone = Zone {
        account: parts.next()?.to_owned(),
        region: parts.next()?.to_owned(),
    };
    let id = Id(parts.next()?.parse().ok()?);
    Some((zone, id, Position::from_digits(parts.next()?)?))
}
