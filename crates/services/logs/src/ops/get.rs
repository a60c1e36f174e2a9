use std::sync::Arc;

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};
use store::Order;

use super::{flag, group_of, integer, limit, read_aside, required, stream_named, text};
use crate::error::invalid_token;
use crate::model::Position;
use crate::storage::{Event, Scope, Storage};

/// AWS's page: so many events or about so many bytes of them, whichever comes first.
pub(super) const EVENTS_MAX: usize = 10_000;
pub(super) const PAGE_BYTES: usize = 1024 * 1024;

/// Where a page goes on: after a position, or before one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    Forward(Position),
    Backward(Position),
}

impl Cursor {
    fn parse(token: &str) -> Option<Self> {
        let (direction, rest) = token.split_once('/')?;
        let at = position_of(rest.strip_suffix("/s")?)?;
        match direction {
            "f" => Some(Self::Forward(at)),
            "b" => Some(Self::Backward(at)),
            _ => None,
        }
    }

    fn text(self) -> String {
        let (direction, at) = match self {
            Self::Forward(at) => ('f', at),
            Self::Backward(at) => ('b', at),
        };
        format!("{direction}/{}/s", event_id(at))
    }
}

/// An event's id as AWS writes it: 56 digits.
pub(super) fn event_id(at: Position) -> String {
    format!("39{}{:015}", at.digits(), 0)
}

fn position_of(id: &str) -> Option<Position> {
    let digits = id.strip_prefix("39")?.strip_suffix("000000000000000")?;
    Position::from_digits(digits)
}

pub(crate) async fn run(storage: &Arc<Storage>, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let input = &call.input;
    let name = required(input, "logStreamName")?;
    let (zone, group) = group_of(storage, call)?;
    let stream = stream_named(storage, &zone, group.id, name)?;
    let cursor = match text(input, "nextToken") {
        Some(token) => Some(Cursor::parse(token).ok_or_else(invalid_token)?),
        None => None,
    };
    let start = integer(input, "startTime")
        .unwrap_or(0)
        .max(group.expiry(now));
    let first = Position::at(start);
    // An event at the end time itself is not meant.
    let last = match integer(input, "endTime") {
        Some(end) => match Position::at(end).0.checked_sub(1) {
            Some(last) if end > start => Position(last),
            _ => return Ok(page(&[], cursor, first)),
        },
        None => Position::MAX,
    };
    let head = flag(input, "startFromHead");
    let (from, to, order) = match cursor {
        Some(Cursor::Forward(after)) => (after.next().max(first), last, Order::Ascending),
        Some(Cursor::Backward(Position(0))) => return Ok(page(&[], cursor, first)),
        Some(Cursor::Backward(before)) => {
            (first, Position(before.0 - 1).min(last), Order::Descending)
        }
        None if head => (first, last, Order::Ascending),
        None => (first, last, Order::Descending),
    };
    let scope = Scope {
        zone,
        group: group.id,
        stream: Some(stream.id),
    };
    let mut scan = storage.scan(scope, from, to, order);
    let events_max = limit(input, EVENTS_MAX);
    let events = read_aside(move || {
        let mut events: Vec<Event> = Vec::new();
        let mut bytes = 0;
        while events.len() < events_max
            && bytes < PAGE_BYTES
            && let Some(event) = scan.next()?
        {
            bytes += event.bytes();
            events.push(event);
        }
        if order == Order::Descending {
            events.reverse();
        }
        Ok(events)
    })
    .await?;
    Ok(page(&events, cursor, first))
}

/// The events with the tokens of what comes before and after them. Where nothing is left in a direction, its token is
/// the one that was sent.
fn page(events: &[Event], cursor: Option<Cursor>, first: Position) -> Answer {
    let (backward, forward) = match (events.first(), events.last(), cursor) {
        (Some(head), Some(tail), _) => (head.position, tail.position),
        (_, _, Some(Cursor::Forward(at))) => (at.next(), at),
        (_, _, Some(Cursor::Backward(at))) => (at, Position(at.0.saturating_sub(1))),
        (_, _, None) => (first, Position(first.0.saturating_sub(1))),
    };
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({
                "timestamp": event.position.time(),
                "message": event.message,
                "ingestionTime": event.ingested,
            })
        })
        .collect();
    Answer::json(json!({
        "events": events,
        "nextForwardToken": Cursor::Forward(forward).text(),
        "nextBackwardToken": Cursor::Backward(backward).text(),
    }))
}
