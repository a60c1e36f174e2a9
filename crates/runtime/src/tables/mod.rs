//! What the rows mean: one file a table, each with its key and its encoding. Rows are MessagePack with named members
//! behind one byte of version, so that a later release may add a member.

pub(crate) mod activities;
pub(crate) mod executions;
pub(crate) mod frames;
pub(crate) mod history;
pub(crate) mod machines;
pub(crate) mod map_runs;
pub(crate) mod mocks;
pub(crate) mod outbox;
pub(crate) mod timers;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{ExecutionKey, RuntimeError};

const VERSION: u8 = 1;

/// In memory of its very length: that is how a row stands there until it is flushed, whatever room it was encoded in.
pub(crate) fn encode<T: Serialize>(row: &T) -> Bytes {
    /// Most rows fit: an execution's record, the events of a short step.
    const USUAL_BYTES: usize = 512;
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(VERSION);
    rmp_serde::encode::write_named(&mut bytes, row)
        .expect("rows are plain data and a vector takes any bytes");
    Bytes::copy_from_slice(&bytes)
}

pub(crate) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, RuntimeError> {
    let Some((&VERSION, row)) = bytes.split_first() else {
        return Err(RuntimeError::Damaged(what));
    };
    rmp_serde::from_slice(row).map_err(|error| {
        tracing::error!(%error, what, "a stored row can't be read");
        RuntimeError::Damaged(what)
    })
}

/// Whose row it is, and the rest of its key; none, and a word in the log, where it is nobody's.
fn execution(place: &[u8]) -> Option<(ExecutionKey, &[u8])> {
    let found = place
        .split_at_checked(ExecutionKey::BYTES)
        .and_then(|(key, tail)| Some((ExecutionKey::from_slice(key)?, tail)));
    if found.is_none() {
        tracing::error!(
            bytes = place.len(),
            "a stored row has no execution's key; it is left alone"
        );
    }
    found
}

/// Reads all rows under a prefix in pages, so that no table is ever in memory as a whole.
pub(crate) fn each(
    store: &store::Store,
    table: store::Table,
    prefix: &[u8],
    row: impl FnMut(&[u8], &[u8]) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    const PAGE: usize = 512;
    each_by(store, table, prefix, PAGE, row)
}

/// The same for rows that may be large, so many in memory at a time.
pub(crate) fn each_by(
    store: &store::Store,
    table: store::Table,
    prefix: &[u8],
    rows: usize,
    mut row: impl FnMut(&[u8], &[u8]) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    let end = store::after_prefix(prefix);
    let mut from = std::ops::Bound::Included(prefix.to_vec());
    loop {
        let to = end
            .as_deref()
            .map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let from_slice = match &from {
            std::ops::Bound::Included(key) => std::ops::Bound::Included(&key[..]),
            std::ops::Bound::Excluded(key) => std::ops::Bound::Excluded(&key[..]),
            std::ops::Bound::Unbounded => std::ops::Bound::Unbounded,
        };
        let page = store.range(table, from_slice, to, store::Order::Ascending, rows)?;
        for (key, value) in &page {
            row(key, value)?;
        }
        match page.last() {
            Some((key, _)) if page.len() == rows => from = std::ops::Bound::Excluded(key.to_vec()),
            _ => return Ok(()),
        }
    }
}
