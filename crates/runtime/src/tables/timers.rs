use engine::{TimerId, Timestamp};
use store::{Batch, Keyspace, Store, Table};

use crate::{ExecutionKey, RuntimeError};

/// Execution key, timer → when it is due.
const TIMERS: Table = Table::new(Keyspace::State, "timers");

pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, timer: TimerId, at: Timestamp) {
    batch.put(
        TIMERS,
        &key.with(&timer.0.to_be_bytes()),
        at.0.to_be_bytes().to_vec(),
    );
}

pub(crate) fn delete(batch: &mut Batch, key: ExecutionKey, timer: TimerId) {
    batch.delete(TIMERS, &key.with(&timer.0.to_be_bytes()));
}

/// The timers of one execution.
pub(crate) fn each(
    store: &Store,
    of: ExecutionKey,
    mut found: impl FnMut(TimerId, Timestamp),
) -> Result<(), RuntimeError> {
    super::each(store, TIMERS, of.bytes(), |key, value| {
        let (timer, at) = timer(&key[ExecutionKey::BYTES..], value)?;
        found(timer, at);
        Ok(())
    })
}

/// All timers; of one that can't be read, whose it is.
pub(crate) fn all(
    store: &Store,
    mut found: impl FnMut(ExecutionKey, Result<(TimerId, Timestamp), RuntimeError>),
) -> Result<(), RuntimeError> {
    super::each(store, TIMERS, &[], |place, value| {
        let Some((key, tail)) = super::execution(place) else {
            return Ok(());
        };
        found(key, timer(tail, value));
        Ok(())
    })
}

fn timer(tail: &[u8], value: &[u8]) -> Result<(TimerId, Timestamp), RuntimeError> {
    let (Ok(id), Ok(at)) = (tail.try_into(), value.try_into()) else {
        return Err(RuntimeError::Damaged("timer"));
    };
    Ok((
        TimerId(u64::from_be_bytes(id)),
        Timestamp(i64::from_be_bytes(at)),
    ))
}
