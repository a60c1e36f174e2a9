//! What a store holds of executions that are not finished, when the runtime starts.
//!
//! State is the truth: nothing is run over again. Timers are armed, what stands in the outbox is offered once more,
//! and executions themselves are read when something happens to them, so that a start costs two scans of small rows.
//! An execution of which a row can't be read is left alone: the others go on.

use std::collections::{BTreeSet, HashSet, VecDeque};

use engine::{TimerId, Timestamp};
use store::Store;

use crate::tables::map_runs::{self, MapRunId};
use crate::tables::outbox::{self, Entry, Pending};
use crate::tables::timers;
use crate::{ExecutionKey, RuntimeError};

/// What one worker starts with.
#[derive(Default)]
pub(crate) struct Share {
    pub(crate) timers: BTreeSet<(Timestamp, ExecutionKey, TimerId)>,
    pub(crate) ready: VecDeque<ExecutionKey>,
    pub(crate) tasks: Vec<(ExecutionKey, Pending)>,
}

/// The shares of as many workers.
pub(crate) fn shares(store: &Store, workers: usize) -> Result<Vec<Share>, RuntimeError> {
    let mut shares: Vec<Share> = (0..workers).map(|_| Share::default()).collect();
    let of = |key: ExecutionKey| usize::from(key.shard()) % workers;
    let mut damaged = HashSet::new();
    let mut leave_alone = |key: ExecutionKey, error: &RuntimeError| {
        tracing::error!(%error, shard = key.shard(), "an execution can't be read; it is left alone");
        damaged.insert(key);
    };
    timers::all(store, |key, timer| match timer {
        Ok((timer, at)) => drop(shares[of(key)].timers.insert((at, key, timer))),
        Err(error) => leave_alone(key, &error),
    })?;
    outbox::all(store, |key, entry| match entry {
        Ok(Entry::Continue) => shares[of(key)].ready.push_back(key),
        Ok(Entry::Task(pending)) => shares[of(key)].tasks.push((key, *pending)),
        Err(error) => leave_alone(key, &error),
    })?;
    if !damaged.is_empty() {
        for share in &mut shares {
            share.timers.retain(|(_, key, _)| !damaged.contains(key));
            share.ready.retain(|key| !damaged.contains(key));
            share.tasks.retain(|(key, _)| !damaged.contains(key));
        }
    }
    Ok(shares)
}

/// The Map Runs that were under way.
pub(crate) fn map_runs(store: &Store) -> Result<Vec<MapRunId>, RuntimeError> {
    let mut found = Vec::new();
    map_runs::each_open(store, |id| found.push(id))?;
    Ok(found)
}
