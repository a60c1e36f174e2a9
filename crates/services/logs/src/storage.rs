//! The rows of groups, streams, events and policies, under their account and region.
//!
//! An event is two rows: itself by group, time and number, and its place by group, stream, time and number. So a
//! group is read in the order of time whatever its streams are, a stream without its neighbours, and what has expired
//! is one range. `events` writes and reads them, `sweep` removes them.

mod events;
mod sweep;

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use aws::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Batch, Keyspace, Order, Store, Table};
use tokio::sync::MutexGuard;

use crate::error::{stored, unavailable};
use crate::model::{Group, Id, Policy, Stream, Tally, Zone};

pub(crate) use events::{EVENT_OVERHEAD_BYTES, Event, Scan, Scope};

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
/// The rows, and the locks that keep a read and the write that follows from it together.
pub(crate) struct Storage {
    store: Store,
    locks: [tokio::sync::Mutex<()>; LOCKS],
    /// What the commits under way will have written, so that writers to one group share commits instead of queuing.
    writing: Arc<Mutex<HashMap<Id, events::Writing>>>,
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
