use std::ops::Bound;

use asl::Payload;
use engine::{Event, HistoryEvent};
use store::{Batch, Keyspace, Order, Store, Table};

use super::executions::{ExecutionRecord, Status};
use super::{decode, encode};
use crate::{ExecutionKey, RuntimeError};

/// Execution key, id of the first event → the events of one step.
const HISTORY: Table = Table::new(Keyspace::History, "history");

/// Events are stored in rows of about this size, so that a page or the last event costs no more to read.
const CHUNK_EVENTS_MAX: usize = 32;

/// Writes the events of a step; gives the id with which the last row begins, none if there are no events.
pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, events: &[HistoryEvent]) -> Option<u64> {
    let mut last = None;
    for chunk in events.chunks(CHUNK_EVENTS_MAX) {
        if let Some(first) = chunk.first() {
            batch.put(HISTORY, &key.with(&first.id.to_be_bytes()), encode(&chunk));
            last = Some(first.id);
        }
    }
    last
}

/// The input of an execution and, if it succeeded, its output, which stand nowhere else. Without a search: the record
/// says in which row the end is.
pub(crate) fn payloads(
    store: &Store,
    key: ExecutionKey,
    record: &ExecutionRecord,
) -> Result<(Option<Payload>, Option<Payload>), RuntimeError> {
    let row = |first: u64| -> Result<Vec<HistoryEvent>, RuntimeError> {
        let row = store.get(HISTORY, &key.with(&first.to_be_bytes()))?;
        row.map_or(Ok(Vec::new()), |row| decode(&row, "history"))
    };
    let mut first = row(1)?;
    let last = match (record.status, record.last_row) {
        (Status::Succeeded, 1) => first.pop(),
        // As it was written before records said so.
        (Status::Succeeded, 0) => read(store, key, u64::MAX, Order::Descending, 1)?.pop(),
        (Status::Succeeded, last) => row(last)?.pop(),
        _ => None,
    };
    let output = match last.map(|event| event.event) {
        Some(Event::ExecutionSucceeded { output }) => Some(output),
        _ => None,
    };
    let input = match first.into_iter().next().map(|event| event.event) {
        Some(Event::ExecutionStarted { input, .. }) => Some(input),
        _ => None,
    };
    Ok((input, output))
}

/// What a page holds at most, if it holds more than one event: each may carry a payload of 256 KiB, and a page has up to
/// a thousand.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Events read at a time for a page.
const SLICE_EVENTS: usize = 64;

/// Up to `limit` events, fewer if they are large, and the id of the event that comes next.
pub(crate) fn page(
    store: &Store,
    key: ExecutionKey,
    from: u64,
    order: Order,
    limit: usize,
) -> Result<(Vec<HistoryEvent>, Option<u64>), RuntimeError> {
    let mut events: Vec<HistoryEvent> = Vec::new();
    let mut bytes = 0_usize;
    let mut next = Some(from);
    while let Some(start) = next.take() {
        // One more than needed tells whether there is a next page.
        let count = SLICE_EVENTS.min(limit - events.len());
        let slice = read(store, key, start, order, count + 1)?;
        for event in slice {
            bytes = bytes.saturating_add(encode(&event).len());
            if events.len() == limit || (bytes > PAGE_BYTES_MAX && !events.is_empty()) {
                return Ok((events, Some(event.id)));
            }
            next = match order {
                Order::Ascending => event.id.checked_add(1),
                Order::Descending => event.id.checked_sub(1),
            };
            events.push(event);
        }
    }
    Ok((events, None))
}

/// Up to `limit` events from the given id on, in either order.
pub(crate) fn read(
    store: &Store,
    key: ExecutionKey,
    from: u64,
    order: Order,
    limit: usize,
) -> Result<Vec<HistoryEvent>, RuntimeError> {
    let place = |id: u64| key.with(&id.to_be_bytes());
    let mut events: Vec<HistoryEvent> = Vec::new();
    match order {
        Order::Ascending => {
            // The row that holds an event may begin before it.
            let before = store.range(
                HISTORY,
                Bound::Included(&place(0)),
                Bound::Included(&place(from)),
                Order::Descending,
                1,
            )?;
            let mut next = before
                .first()
                .map_or_else(|| place(from), |(row, _)| row.to_vec());
            let end = place(u64::MAX);
            while events.len() < limit {
                let rows = store.range(
                    HISTORY,
                    Bound::Included(&next),
                    Bound::Included(&end),
                    Order::Ascending,
                    rows_for(limit - events.len()),
                )?;
                let Some((last, _)) = rows.last() else { break };
                next = [&last[..], &[0]].concat();
                for (_, row) in &rows {
                    let chunk: Vec<HistoryEvent> = decode(row, "history")?;
                    events.extend(chunk.into_iter().filter(|event| event.id >= from));
                }
            }
        }
        Order::Descending => {
            let mut next = place(from);
            let mut bound_included = true;
            while events.len() < limit {
                let to = if bound_included {
                    Bound::Included(&next[..])
                } else {
                    Bound::Excluded(&next[..])
                };
                let rows = store.range(
                    HISTORY,
                    Bound::Included(&place(0)),
                    to,
                    Order::Descending,
                    rows_for(limit - events.len()),
                )?;
                let Some((last, _)) = rows.last() else { break };
                for (_, row) in &rows {
                    let chunk: Vec<HistoryEvent> = decode(row, "history")?;
                    events.extend(chunk.into_iter().rev().filter(|event| event.id <= from));
                }
                next = last.to_vec();
                bound_included = false;
            }
        }
    }
    events.truncate(limit);
    Ok(events)
}

/// Rows hold from one event to [`CHUNK_EVENTS_MAX`]; a few more reads are better than megabytes too many.
fn rows_for(events: usize) -> usize {
    (events / 4).clamp(1, 64)
}

/// Removes the whole history.
pub(crate) fn delete(
    batch: &mut Batch,
    store: &Store,
    key: ExecutionKey,
) -> Result<(), RuntimeError> {
    /// Each may hold payloads of some hundred kilobytes.
    const ROWS: usize = 32;
    super::each_by(store, HISTORY, key.bytes(), ROWS, |row, _| {
        batch.delete(HISTORY, row);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use engine::Timestamp;

    use super::*;

    #[test]
    fn an_output_is_found_where_its_record_says_and_where_it_says_nothing() {
        let store = Store::memory();
        let key = ExecutionKey::new("machine", "name");
        let event = |id: u64, event: Event| HistoryEvent {
            id,
            previous_event_id: id - 1,
            timestamp: Timestamp(0),
            event,
        };
        let output = Payload::from_text("42").expect("it is JSON");
        let started = Event::ExecutionStarted {
            input: Payload::default(),
            role_arn: "role".into(),
            state_machine_alias_arn: None,
            state_machine_version_arn: None,
        };
        let mut batch = Batch::default();
        put(&mut batch, key, &[event(1, started)]);
        let succeeded = Event::ExecutionSucceeded {
            output: output.clone(),
        };
        let last_row = put(&mut batch, key, &[event(2, succeeded)]);
        store.commit_blocking(batch).expect("memory does not fail");
        for last_row in [last_row.unwrap_or_default(), 0] {
            let record = ExecutionRecord {
                status: Status::Succeeded,
                last_row,
                ..ExecutionRecord::of_test()
            };
            let (input, found) = payloads(&store, key, &record).expect("memory can be read");
            assert!(input.is_some());
            assert_eq!(found, Some(output.clone()), "{last_row}");
        }
    }
}
