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

/// The timers of one execution, or of all for an empty prefix.
pub(crate) fn each(
    store: &Store,
    prefix: &[u8],
    mut timer: impl FnMut(ExecutionKey, TimerId, Timestamp),
) -> Result<(), RuntimeError> {
    super::each(store, TIMERS, prefix, |key, value| {
        let damaged = RuntimeError::Damaged("timer");
        let (Some((key, id)), Ok(at)) =
            (key.split_at_checked(ExecutionKey::BYTES), value.try_into())
        else {
            return Err(damaged);
        };
        let (Some(key), Ok(id)) = (ExecutionKey::from_slice(key), id.try_into()) else {
            return Err(damaged);
        };
        timer(
            key,
            TimerId(u64::from_be_bytes(id)),
            Timestamp(i64::from_be_bytes(at)),
        );
        Ok(())
    })
}
