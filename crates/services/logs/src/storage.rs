//! The rows of groups, streams, events and policies, under their account and region.
//!
//! An event is two rows: itself by group, time and number, and its place by group, stream, time and number. So a
//! group is read in the order of time whatever its streams are, a stream without its neighbours, and what has expired
//! is one range.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use aws::ApiError;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Batch, Keyspace, Order, Store, StoreError, Table};
use tokio::sync::{MutexGuard, oneshot};

use crate::error::{stored, unavailable};
use crate::model::{Group, Id, Policy, Position, Stream, Tally, Zone};

/// `{account}/{region}/{name}`
const GROUPS: Table = Table::new(Keyspace::Services, "logs/groups");
/// `{account}/{region}/` group → number of the next event, bytes.
const TALLIES: Table = Table::new(Keyspace::Services, "logs/tallies");
/// `{account}/{region}/` group, name.
const STREAMS: Table = Table::new(Keyspace::Services, "logs/streams");
/// `{account}/{region}/` group, time, number → stream, instant of arrival, message.
const EVENTS: Table = Table::new(Keyspace::Services, "logs/events");
/// `{account}/{region}/` group, stream, time, number → nothing.
const PLACES: Table = Table::new(Keyspace::Services, "logs/places");
/// `{account}/{region}/` group and, if only that is gone, stream → nothing: whose rows are still to be removed.
const DOOMED: Table = Table::new(Keyspace::Services, "logs/doomed");
/// `{account}/{region}/{name or resource}`
const POLICIES: Table = Table::new(Keyspace::Services, "logs/policies");

/// Enough for changes of different groups not to wait for each other.
const LOCKS: usize = 64;
/// Rows of groups, streams and policies read at a time.
const PAGE: usize = 256;
/// What AWS adds to the size of each event.
pub(crate) const EVENT_OVERHEAD_BYTES: usize = 26;

/// The rows, and the locks that keep a read and the write that follows from it together.
pub(crate) struct Storage {
    store: Store,
    locks: [tokio::sync::Mutex<()>; LOCKS],
    /// What the commits under way will have written, so that writers to one group share commits instead of queuing.
    writing: Arc<Mutex<HashMap<Id, Writing>>>,
}

#[derive(Default)]
struct Writing {
    commits: usize,
    tally: Tally,
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

/// What a sweep found under a doomed key.
#[derive(Clone, Debug)]
pub(crate) struct Doomed {
    key: Bytes,
    zone: Zone,
    group: Id,
    stream: Option<Id>,
}

impl Storage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            locks: [const { tokio::sync::Mutex::const_new(()) }; LOCKS],
            writing: Arc::default(),
        }
    }

    /// Keeps others from changing a group and its streams until the guard goes.
    pub(crate) async fn hold(&self, zone: &Zone, group: &str) -> MutexGuard<'_, ()> {
        let key = name_key(zone, group);
        // FNV-1a: any spread will do.
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.locks[(hash % LOCKS as u64) as usize].lock().await
    }

    pub(crate) fn group(&self, zone: &Zone, name: &str) -> Result<Option<Group>, ApiError> {
        self.get(GROUPS, &name_key(zone, name))
    }

    /// Groups whose name begins with `prefix`, from the name after `after` on, until `take` has enough.
    pub(crate) fn each_group(
        &self,
        zone: &Zone,
        prefix: &str,
        after: Option<&str>,
        mut take: impl FnMut(Group) -> bool,
    ) -> Result<(), ApiError> {
        let after = after.map(|name| name_key(zone, name));
        self.each(GROUPS, &name_key(zone, prefix), after, |_, row| {
            Ok(take(read(row)?))
        })
    }

    pub(crate) async fn put_group(&self, zone: &Zone, group: &Group) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(GROUPS, &name_key(zone, &group.name), written(group));
        self.commit(batch).await
    }

    /// Removes a group at once; its rows go with the next sweep.
    pub(crate) async fn delete_group(&self, zone: &Zone, group: &Group) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.delete(GROUPS, &name_key(zone, &group.name));
        batch.delete(TALLIES, &id_key(zone, &[group.id]));
        batch.put(DOOMED, &id_key(zone, &[group.id]), &b""[..]);
        self.commit(batch).await
    }

    pub(crate) fn tally(&self, zone: &Zone, group: Id) -> Result<Tally, ApiError> {
        let row = self.store.get(TALLIES, &id_key(zone, &[group]));
        let Some(row) = row.map_err(stored)? else {
            return Ok(Tally::default());
        };
        let (next, rest) = number(&row)?;
        let (bytes, _) = number(rest)?;
        Ok(Tally { next, bytes })
    }

    pub(crate) fn stream(
        &self,
        zone: &Zone,
        group: Id,
        name: &str,
    ) -> Result<Option<Stream>, ApiError> {
        self.get(STREAMS, &stream_key(zone, group, name))
    }

    /// Streams whose name begins with `prefix`, from the name after `after` on, until `take` has enough.
    pub(crate) fn each_stream(
        &self,
        zone: &Zone,
        group: Id,
        prefix: &str,
        after: Option<&str>,
        mut take: impl FnMut(Stream) -> bool,
    ) -> Result<(), ApiError> {
        let after = after.map(|name| stream_key(zone, group, name));
        self.each(
            STREAMS,
            &stream_key(zone, group, prefix),
            after,
            |_, row| Ok(take(read(row)?)),
        )
    }

    pub(crate) async fn put_stream(
        &self,
        zone: &Zone,
        group: Id,
        stream: &Stream,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        let key = stream_key(zone, group, &stream.name);
        batch.put(STREAMS, &key, written(stream));
        self.commit(batch).await
    }

    /// Removes a stream at once; its events go with the next sweep.
    pub(crate) async fn delete_stream(
        &self,
        zone: &Zone,
        group: Id,
        stream: &Stream,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.delete(STREAMS, &stream_key(zone, group, &stream.name));
        batch.put(DOOMED, &id_key(zone, &[group, stream.id]), &b""[..]);
        self.commit(batch).await
    }

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
            tally.bytes += counted_bytes(&row);
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

    fn writing(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Writing>> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Submits a batch whose outcome is noted in `entry`, and takes the note away once it is durable. The caller's lock
    /// of `writing` keeps batches in the order of their notes.
    fn submit(&self, entry: &mut Writing, group: Id, batch: Batch) -> Pending {
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

    pub(crate) fn policy(&self, zone: &Zone, name: &str) -> Result<Option<Policy>, ApiError> {
        self.get(POLICIES, &name_key(zone, name))
    }

    pub(crate) fn policies(&self, zone: &Zone) -> Result<Vec<Policy>, ApiError> {
        let mut all = Vec::new();
        self.each(POLICIES, zone.prefix().as_bytes(), None, |_, row| {
            all.push(read(row)?);
            Ok(true)
        })?;
        Ok(all)
    }

    pub(crate) async fn put_policy(
        &self,
        zone: &Zone,
        name: &str,
        policy: &Policy,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(POLICIES, &name_key(zone, name), written(policy));
        self.commit(batch).await
    }

    pub(crate) async fn delete_policy(&self, zone: &Zone, name: &str) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.delete(POLICIES, &name_key(zone, name));
        self.commit(batch).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), ApiError> {
        self.store.commit(batch).await.map(|_| ()).map_err(stored)
    }

    fn get<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, ApiError> {
        let row = self.store.get(table, key).map_err(stored)?;
        row.map(|row| read(&row)).transpose()
    }

    /// Rows whose key begins with `prefix`, after the key `after`, a page at a time, until `take` says no.
    fn each(
        &self,
        table: Table,
        prefix: &[u8],
        mut after: Option<Vec<u8>>,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<bool, ApiError>,
    ) -> Result<(), ApiError> {
        let end = store::after_prefix(prefix);
        loop {
            let from = match &after {
                Some(after) if after.as_slice() >= prefix => Bound::Excluded(after.as_slice()),
                _ => Bound::Included(prefix),
            };
            let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
            let rows = self
                .store
                .range(table, from, to, Order::Ascending, PAGE)
                .map_err(stored)?;
            for (key, row) in &rows {
                if !take(key, row)? {
                    return Ok(());
                }
            }
            match rows.last() {
                Some((last, _)) if rows.len() == PAGE => after = Some(last.to_vec()),
                _ => return Ok(()),
            }
        }
    }
}

/// Rows removed with one commit: enough to be quick, few enough that others' commits do not wait for it.
const SWEPT_AT_ONCE: usize = 256;

/// What the sweep needs.
impl Storage {
    /// Every group of every account that keeps its events for a time only.
    pub(crate) fn mortal_groups(&self) -> Result<Vec<(Zone, Group)>, ApiError> {
        let mut found = Vec::new();
        self.each(GROUPS, b"", None, |key, row| {
            let group: Group = read(row)?;
            if group.retention_days.is_some() {
                found.push((split(key)?.0, group));
            }
            Ok(true)
        })?;
        Ok(found)
    }

    pub(crate) fn doomed(&self) -> Result<Vec<Doomed>, ApiError> {
        let mut found = Vec::new();
        self.each(DOOMED, b"", None, |key, _| {
            let (zone, rest) = split(key)?;
            let (group, rest) = number(rest)?;
            let stream = (!rest.is_empty()).then(|| number(rest)).transpose()?;
            found.push(Doomed {
                key: Bytes::copy_from_slice(key),
                zone,
                group: Id(group),
                stream: stream.map(|(stream, _)| Id(stream)),
            });
            Ok(true)
        })?;
        Ok(found)
    }

    /// Removes some of a group's events before an instant; none if there are none.
    pub(crate) fn expire(
        &self,
        zone: &Zone,
        group: Id,
        before: i64,
    ) -> Result<Option<Pending>, ApiError> {
        let own = id_key(zone, &[group]);
        let rows = self
            .store
            .range(
                EVENTS,
                Bound::Included(&own),
                Bound::Excluded(&joined(&own, &Position::at(before).to_bytes())),
                Order::Ascending,
                SWEPT_AT_ONCE,
            )
            .map_err(stored)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let positions = rows.iter().map(|(key, row)| (key.slice(own.len()..), row));
        self.remove(zone, group, positions).map(Some)
    }

    /// Removes some of a deleted stream's events, likewise.
    fn unstream(&self, zone: &Zone, group: Id, stream: Id) -> Result<Option<Pending>, ApiError> {
        let place = id_key(zone, &[group, stream]);
        let places = self
            .store
            .prefix(PLACES, &place, Order::Ascending, SWEPT_AT_ONCE)
            .map_err(stored)?;
        if places.is_empty() {
            return Ok(None);
        }
        let own = id_key(zone, &[group]);
        let mut rows = Vec::with_capacity(places.len());
        for (key, _) in &places {
            let position = key.slice(place.len()..);
            let row = self.store.get(EVENTS, &joined(&own, &position));
            rows.push((position, row.map_err(stored)?.unwrap_or_default()));
        }
        let rows = rows.iter().map(|(position, row)| (position.clone(), row));
        self.remove(zone, group, rows).map(Some)
    }

    fn remove<'r>(
        &self,
        zone: &Zone,
        group: Id,
        rows: impl Iterator<Item = (Bytes, &'r Bytes)>,
    ) -> Result<Pending, ApiError> {
        let own = id_key(zone, &[group]);
        let mut writing = self.writing();
        let mut tally = match writing.get(&group) {
            Some(entry) => entry.tally,
            None => self.tally(zone, group)?,
        };
        let mut batch = Batch::default();
        for (position, row) in rows {
            batch.delete(EVENTS, &joined(&own, &position));
            if let Ok((stream, _)) = number(row) {
                let place = id_key(zone, &[group, Id(stream)]);
                batch.delete(PLACES, &joined(&place, &position));
            }
            tally.bytes = tally.bytes.saturating_sub(counted_bytes(row));
        }
        batch.put(TALLIES, &own, tally_row(tally));
        let entry = writing.entry(group).or_default();
        entry.tally = tally;
        Ok(self.submit(entry, group, batch))
    }

    /// Removes some of what a deleted group or stream left; whether there may be more.
    pub(crate) async fn bury(&self, doomed: &Doomed) -> Result<bool, ApiError> {
        let Doomed {
            zone,
            group,
            stream,
            key,
        } = doomed;
        if let Some(stream) = stream
            && let Some(pending) = self.unstream(zone, *group, *stream)?
        {
            pending.durable().await?;
            return Ok(true);
        }
        let mut batch = Batch::default();
        let more = stream.is_none() && self.rows_of(zone, *group, &mut batch)?;
        if !more {
            batch.delete(DOOMED, key);
        }
        self.commit(batch).await?;
        Ok(more)
    }

    /// Puts the removal of some rows of a deleted group into a batch; whether there were any.
    fn rows_of(&self, zone: &Zone, group: Id, batch: &mut Batch) -> Result<bool, ApiError> {
        let prefix = id_key(zone, &[group]);
        for table in [EVENTS, PLACES, STREAMS, TALLIES] {
            let rows = self
                .store
                .prefix(table, &prefix, Order::Ascending, SWEPT_AT_ONCE)
                .map_err(stored)?;
            for (key, _) in &rows {
                batch.delete(table, key);
            }
            if !rows.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
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

fn name_key(zone: &Zone, name: &str) -> Vec<u8> {
    (zone.prefix() + name).into_bytes()
}

fn id_key(zone: &Zone, ids: &[Id]) -> Vec<u8> {
    let mut key = zone.prefix().into_bytes();
    for id in ids {
        key.extend(id.0.to_be_bytes());
    }
    key
}

fn stream_key(zone: &Zone, group: Id, name: &str) -> Vec<u8> {
    joined(&id_key(zone, &[group]), name.as_bytes())
}

fn joined(prefix: &[u8], rest: &[u8]) -> Vec<u8> {
    [prefix, rest].concat()
}

/// The zone of a key, and what follows it.
fn split(key: &[u8]) -> Result<(Zone, &[u8]), ApiError> {
    let mut parts = key.splitn(3, |byte| *byte == b'/');
    let mut next = || parts.next().ok_or_else(broken);
    let (account, region, rest) = (next()?, next()?, next()?);
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    let zone = Zone {
        account: text(account),
        region: text(region),
    };
    Ok((zone, rest))
}

fn tally_row(tally: Tally) -> Vec<u8> {
    let Tally { next, bytes } = tally;
    [next.to_be_bytes(), bytes.to_be_bytes()].concat()
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

/// What AWS would count for it.
fn counted_bytes(row: &[u8]) -> u64 {
    (row.len().saturating_sub(EVENT_HEAD_BYTES) + EVENT_OVERHEAD_BYTES) as u64
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

/// The number that a row begins with, and the rest of the row.
fn number(row: &[u8]) -> Result<(u64, &[u8]), ApiError> {
    let (head, rest) = row.split_first_chunk().ok_or_else(broken)?;
    Ok((u64::from_be_bytes(*head), rest))
}

fn broken() -> ApiError {
    unavailable(&"a row is shorter than it should be")
}

fn written(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows are plain data")
}

fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|error| unavailable(&error))
}
