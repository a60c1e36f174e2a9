use std::collections::BTreeSet;

use bytes::Bytes;
use engine::{Changes, Execution, Limits};
use store::{Batch, Keyspace, Store, Table};

use crate::{ExecutionKey, RuntimeError};

/// The engine's image of an execution: its head, and its rows behind a one.
pub(crate) const FRAMES: Table = Table::new(Keyspace::State, "frames");

/// The names of the rows that exist.
pub(crate) type Live = BTreeSet<Vec<u8>>;

const HEAD: &[u8] = &[0];
const ROW: u8 = 1;

/// Writes what changed; `live` is kept as the set of rows that exist.
pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, changes: Changes, live: &mut Live) {
    if let Some(head) = changes.head {
        // In memory of its very length, as every row.
        batch.put(FRAMES, &key.with(HEAD), Bytes::copy_from_slice(&head));
    }
    for (row, value) in changes.rows {
        let place = row_key(key, &row.0);
        if let Some(value) = value {
            batch.put(FRAMES, &place, value);
            live.insert(row.0);
        } else {
            batch.delete(FRAMES, &place);
            live.remove(&row.0);
        }
    }
}

/// Removes all of it.
pub(crate) fn delete(batch: &mut Batch, key: ExecutionKey, live: &Live) {
    batch.delete(FRAMES, &key.with(HEAD));
    for row in live {
        batch.delete(FRAMES, &row_key(key, row));
    }
}

/// The execution as it was committed, with the names of its rows.
pub(crate) fn restore(
    store: &Store,
    key: ExecutionKey,
    limits: &Limits,
) -> Result<Option<(Execution, Live)>, RuntimeError> {
    let mut head = None;
    let mut rows = Vec::new();
    super::each(store, FRAMES, key.bytes(), |place, value| {
        match place.get(ExecutionKey::BYTES..) {
            Some(HEAD) => head = Some(value.to_vec()),
            Some([ROW, row @ ..]) => rows.push((row.to_vec(), value.to_vec())),
            _ => return Err(RuntimeError::Damaged("frame's key")),
        }
        Ok(())
    })?;
    let Some(head) = head else {
        return Ok(None);
    };
    let live = rows.iter().map(|(row, _)| row.clone()).collect();
    let execution =
        Execution::restore(&head, rows.into_iter(), limits.clone()).map_err(|error| {
            tracing::error!(%error, "a stored execution can't be read");
            RuntimeError::Damaged("execution's image")
        })?;
    Ok(Some((execution, live)))
}

fn row_key(key: ExecutionKey, row: &[u8]) -> Vec<u8> {
    let mut place = Vec::with_capacity(ExecutionKey::BYTES + 1 + row.len());
    place.extend_from_slice(key.bytes());
    place.push(ROW);
    place.extend_from_slice(row);
    place
}
