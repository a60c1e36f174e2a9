//! The removal of what has expired, and of what deleted groups and streams left behind.

use std::sync::Arc;

use aws::ApiError;
use bytes::Bytes;
use store::{Batch, Order};

use super::events::{Pending, Scope};
use super::{
    DOOMED, EVENTS, GROUPS, PLACES, STREAMS, Storage, TALLIES, id_key, joined, number, read, split,
    tally_row,
};
use crate::error::stored;
use crate::model::{Group, Id, Position, Zone};

/// What is removed with one commit: enough to be quick, little enough that others' commits do not wait for it. Events
/// are read for it, so that they are bounded by their bytes too.
const SWEPT_AT_ONCE: usize = 256;
const SWEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a deletion left to be removed.
#[derive(Clone, Debug)]
pub(crate) struct Doomed {
    key: Bytes,
    scope: Scope,
}

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
                scope: Scope {
                    zone,
                    group: Id(group),
                    stream: stream.map(|(stream, _)| Id(stream)),
                },
            });
            Ok(true)
        })?;
        Ok(found)
    }

    /// Removes some of a group's events before an instant; none if there are none.
    pub(crate) fn expire(
        self: &Arc<Self>,
        zone: &Zone,
        group: Id,
        before: i64,
    ) -> Result<Option<Pending>, ApiError> {
        let scope = Scope {
            zone: zone.clone(),
            group,
            stream: None,
        };
        match Position::at(before).0.checked_sub(1) {
            Some(last) => self.remove_some(&scope, Position(last)),
            None => Ok(None),
        }
    }

    /// Removes some of what a deletion left; whether there may be more.
    pub(crate) async fn bury(self: &Arc<Self>, doomed: &Doomed) -> Result<bool, ApiError> {
        let Doomed { key, scope } = doomed;
        if let Some(removed) = self.remove_some(scope, Position::MAX)? {
            removed.durable().await?;
            return Ok(true);
        }
        let mut batch = Batch::default();
        let mut more = false;
        if scope.stream.is_none() {
            let own = id_key(&scope.zone, &[scope.group]);
            let streams = self
                .store
                .prefix(STREAMS, &own, Order::Ascending, SWEPT_AT_ONCE)
                .map_err(stored)?;
            for (key, _) in &streams {
                batch.delete(STREAMS, key);
            }
            more = !streams.is_empty();
            batch.delete(TALLIES, &own);
        }
        if !more {
            batch.delete(DOOMED, key);
        }
        self.commit(batch).await?;
        Ok(more)
    }

    /// Removes the first events of a scope up to a position; none if there are none.
    fn remove_some(
        self: &Arc<Self>,
        scope: &Scope,
        to: Position,
    ) -> Result<Option<Pending>, ApiError> {
        let Scope { zone, group, .. } = scope;
        let own = id_key(zone, &[*group]);
        let mut scan = self.scan(scope.clone(), Position(0), to, Order::Ascending);
        let mut batch = Batch::default();
        let (mut count, mut bytes) = (0, 0);
        while count < SWEPT_AT_ONCE
            && bytes < SWEPT_BYTES_MAX
            && let Some(event) = scan.next()?
        {
            count += 1;
            bytes += event.bytes();
            let position = event.position.to_bytes();
            let place = id_key(zone, &[*group, event.stream]);
            batch.delete(EVENTS, &joined(&own, &position));
            batch.delete(PLACES, &joined(&place, &position));
        }
        if count == 0 {
            return Ok(None);
        }
        let mut writing = self.writing();
        let mut tally = match writing.get(group) {
            Some(entry) => entry.tally,
            None => self.tally(zone, *group)?,
        };
        tally.bytes = tally.bytes.saturating_sub(bytes as u64);
        batch.put(TALLIES, &own, tally_row(tally));
        let entry = writing.entry(*group).or_default();
        entry.tally = tally;
        Ok(Some(self.submit(entry, *group, batch)))
    }
}
