pub(crate) mod faulty;
mod files;
pub(crate) mod fjall;
mod mark;
pub(crate) mod memory;

use std::ops::Bound;

use bytes::Bytes;

use crate::{Keyspace, Lsn, Order, StoreError, Write};

/// Where rows are kept. One suite runs on every backend.
pub trait Backend: Send + Sync {
    /// Makes the writes durable, atomically, under the next lsn. Called by one thread only.
    ///
    /// # Errors
    /// Any error means that the outcome is unknown: the store poisons itself and is to be opened again.
    fn commit(&self, writes: &[Write]) -> Result<Lsn, StoreError>;

    /// The committed value of a key.
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// Up to `limit` committed rows between two keys.
    fn range(
        &self,
        keyspace: Keyspace,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError>;

    /// How often this view has been taken over: each owner's commits bear its number. 0 where no one else can come.
    fn epoch(&self) -> u64 {
        0
    }
}

/// Whether no key can lie between the bounds, which ordered maps must not be asked.
fn is_empty(from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (
            Bound::Included(low) | Bound::Excluded(low),
            Bound::Included(high) | Bound::Excluded(high),
        ) => low >= high,
    }
}
