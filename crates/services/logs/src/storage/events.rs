//! Events: appended by many at once, read in order a chunk at a time.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, MutexGuard, PoisonError};

use aws::ApiError;
use bytes::Bytes;
use store::{Batch, Order, StoreError};
use tokio::sync::oneshot;

use super::{
    EVENTS, PLACES, STREAMS, Storage, TALLIES, broken, id_key, joined, number, stream_key,
    tally_row, written,
};
use crate::error::stored;
use crate::model::{Id, Position, Stream, Tally, Zone};

/// What AWS adds to the size of each event.
pub(crate) const EVENT_OVERHEAD_BYTES: usize = 26;

/// A group as the commits under way will have left it.
#[derive(Default)]
pub(super) struct Writing {
    commits: usize,
    pub(super) tally: Tally,
    streams: HashMap<Id, Stream>,
}

/// One event as it was kept.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) position: Position,
    pub(crate) stream: Id,
    pub(crate) ingested: i64,
    pub(crate) message: String,
}

impl Event {
    pub(crate) fn bytes(&self) -> usize {
        self.message.len() + EVENT_OVERHEAD_BYTES
    }
}

/// Whose events are meant.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) zone: Zone,
    pub(crate) group: Id,
    /// One stream's only.
    pub(crate) stream: Option<Id>,
}

impl Storage {
    /// Adds events to a stream that is there. Must be called while the group is held; the hold may go before what this
    /// returns has resolved, which is when the events are durable.
    pub(crate) fn append<'e>(
        &self,
        zone: &Zone,
        group: Id,
        stream: Stream,
        now: i64,
        events: impl Iterator<Item = (i64, &'e str)>,
    ) -> Result<Pending, ApiError> {
        let rows: Vec<(i64, Vec<u8>)> = events
            .map(|(time, message)| (time, event_row(stream.id, now, message)))
            .collect();
        let own = id_key(zone, &[group]);
        let place = id_key(zone, &[group, stream.id]);
        let mut writing = self.writing();
        let (mut tally, mut stream) = match writing.get(&group) {
            Some(entry) => (
                entry.tally,
                entry.streams.get(&stream.id).cloned().unwrap_or(stream),
            ),
            None => (self.tally(zone, group)?, stream),
        };
        let mut batch = Batch::default();
        for (time, row) in rows {
            let position = Position::new(time, tally.next).to_bytes();
            tally.next += 1;
            tally.bytes += (row.len() - EVENT_HEAD_BYTES + EVENT_OVERHEAD_BYTES) as u64;
            stream.first = Some(stream.first.map_or(time, |first| first.min(time)));
            stream.last = Some(stream.last.map_or(time, |last| last.max(time)));
            batch.put(EVENTS, &joined(&own, &position), row);
            batch.put(PLACES, &joined(&place, &position), &b""[..]);
        }
        stream.ingested = Some(now);
        batch.put(
            STREAMS,
            &stream_key(zone, group, &stream.name),
            written(&stream),
        );
        batch.put(TALLIES, &own, tally_row(tally));
        let entry = writing.entry(group).or_default();
        entry.tally = tally;
        entry.streams.insert(stream.id, stream);
        Ok(self.submit(entry, group, batch))
    }

    pub(super) fn writing(&self) -> MutexGuard<'_, HashMap<Id, Writing>> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Submits a batch whose outcome is noted in `entry`, and takes the note away once it is durable. The caller's lock
    /// of `writing` keeps batches in the order of their notes.
    pub(super) fn submit(&self, entry: &mut Writing, group: Id, batch: Batch) -> Pending {
        entry.commits += 1;
        let (tell, told) = oneshot::channel();
        let writing = Arc::clone(&self.writing);
        self.store.submit(batch, move |result| {
            // A store that is closed says so at once, under the caller's lock. After a failure nothing is written any
            // more, so that the note may stay.
            if result.is_ok() {
                let mut writing = writing.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(entry) = writing.get_mut(&group) {
                    entry.commits -= 1;
                    if entry.commits == 0 {
                        writing.remove(&group);
                    }
                }
            }
            // Whoever asked may have gone; the batch is durable all the same.
            let _ = tell.send(result.map(|_| ()));
        });
        Pending(told)
    }

    /// The events of a scope between two positions, both included.
    pub(crate) fn scan(
        self: &Arc<Self>,
        scope: Scope,
        from: Position,
        to: Position,
        order: Order,
    ) -> Scan {
        Scan {
            storage: Arc::clone(self),
            scope,
            from,
            to,
            order,
            ahead: Vec::new(),
            rows: ROWS_FIRST,
            ended: false,
        }
    }

    /// The event at a position.
    pub(crate) fn event(&self, scope: &Scope, at: Position) -> Result<Option<Event>, ApiError> {
        let key = joined(&id_key(&scope.zone, &[scope.group]), &at.to_bytes());
        let row = self.store.get(EVENTS, &key).map_err(stored)?;
        row.map(|row| event(at, &row)).transpose()
    }
}

/// A write that has been submitted.
pub(crate) struct Pending(oneshot::Receiver<Result<(), StoreError>>);

impl Pending {
    /// Resolves when it is durable.
    pub(crate) async fn durable(self) -> Result<(), ApiError> {
        self.0
            .await
            .unwrap_or(Err(StoreError::Closed))
            .map_err(stored)
    }
}

/// Rows read at a time: few at first, twice as many each time, fewer once they turn out to be large. An event has up
/// to 1 MiB.
const ROWS_FIRST: usize = 16;
const ROWS_MIN: usize = 4;
const ROWS_MAX: usize = 256;
const CHUNK_BYTES: usize = 1024 * 1024;

/// Events in order, read as they are asked for.
pub(crate) struct Scan {
    storage: Arc<Storage>,
    scope: Scope,
    from: Position,
    to: Position,
    order: Order,
    /// What has been read and not been given out, last first.
    ahead: Vec<Event>,
    rows: usize,
    ended: bool,
}

impl Scan {
    pub(crate) fn next(&mut self) -> Result<Option<Event>, ApiError> {
        while self.ahead.is_empty() && !self.ended {
            self.read_on()?;
        }
        Ok(self.ahead.pop())
    }

    fn read_on(&mut self) -> Result<(), ApiError> {
        let rows = self.chunk()?;
        self.ended = rows.len() < self.rows;
        let mut bytes = 0;
        let mut last = None;
        let mut ahead = Vec::with_capacity(rows.len());
        for (position, row) in rows {
            bytes += row.len();
            last = Some(position);
            // A place whose event is gone was swept just now.
            if !row.is_empty() {
                ahead.push(event(position, &row)?);
            }
        }
        ahead.reverse();
        self.ahead = ahead;
        match (last, self.order) {
            (Some(Position::MAX) | None, _) | (Some(Position(0)), Order::Descending) => {
                self.ended = true;
            }
            (Some(last), Order::Ascending) => self.from = last.next(),
            (Some(last), Order::Descending) => self.to = Position(last.0 - 1),
        }
        self.rows = if bytes < CHUNK_BYTES {
            (self.rows * 2).min(ROWS_MAX)
        } else {
            (self.rows / 4).max(ROWS_MIN)
        };
        Ok(())
    }

    /// The next rows with their positions; an empty row where a place has no event any more.
    fn chunk(&self) -> Result<Vec<(Position, Bytes)>, ApiError> {
        let Scope {
            zone,
            group,
            stream,
        } = &self.scope;
        let own = id_key(zone, &[*group]);
        let (table, prefix) = match stream {
            Some(stream) => (PLACES, id_key(zone, &[*group, *stream])),
            None => (EVENTS, own.clone()),
        };
        let from = joined(&prefix, &self.from.to_bytes());
        let to = joined(&prefix, &self.to.to_bytes());
        let store = &self.storage.store;
        let rows = store
            .range(
                table,
                Bound::Included(&from),
                Bound::Included(&to),
                self.order,
                self.rows,
            )
            .map_err(stored)?;
        let mut found = Vec::with_capacity(rows.len());
        for (key, row) in rows {
            let position = position(&key[prefix.len()..])?;
            let row = match stream {
                Some(_) => {
                    let row = store.get(EVENTS, &joined(&own, &position.to_bytes()));
                    row.map_err(stored)?.unwrap_or_default()
                }
                None => row,
            };
            found.push((position, row));
        }
        Ok(found)
    }
}

/// The head of an event's row: its stream and when it came.
const EVENT_HEAD_BYTES: usize = 16;

fn event_row(stream: Id, ingested: i64, message: &str) -> Vec<u8> {
    let mut row = Vec::with_capacity(EVENT_HEAD_BYTES + message.len());
    row.extend(stream.0.to_be_bytes());
    row.extend(ingested.to_be_bytes());
    row.extend(message.as_bytes());
    row
}

fn event(position: Position, row: &[u8]) -> Result<Event, ApiError> {
    let (stream, rest) = number(row)?;
    let (ingested, message) = number(rest)?;
    Ok(Event {
        position,
        stream: Id(stream),
        ingested: ingested as i64,
        message: String::from_utf8_lossy(message).into_owned(),
    })
}

fn position(bytes: &[u8]) -> Result<Position, ApiError> {
    let bytes = bytes.try_into().map_err(|_| broken())?;
    Ok(Position(u128::from_be_bytes(bytes)))
}
