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
}
