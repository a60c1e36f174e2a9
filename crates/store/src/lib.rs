//! Durable rows: an ordered, fenced log of batches and the view applied from it.
//!
//! The crate owns commits (atomic, durable, grouped), the backends and the format's version. It never knows what a
//! row means. Begin with [`Store`]: [`Store::commit`] for a service that awaits its write, [`Store::submit`] for a
//! shard that goes on and is told later, [`Store::get`] and [`Store::range`] for what is committed.
//!
//! ```
//! use store::{Batch, Keyspace, Store, Table};
//!
//! const ROLES: Table = Table::new(Keyspace::Services, "iam/roles");
//! let store = Store::memory();
//! let mut batch = Batch::default();
//! batch.put(ROLES, b"000000000000/admin", &b"{}"[..]);
//! store.commit_blocking(batch)?;
//! assert_eq!(store.get(ROLES, b"000000000000/admin")?.as_deref(), Some(&b"{}"[..]));
//! # Ok::<(), store::StoreError>(())
//! ```

mod backend;
mod batch;
mod committer;
mod error;
mod table;

use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

pub use backend::Backend;
pub use backend::faulty::{Disk, Fault};
pub use batch::{Batch, Write};
pub use committer::{Commits, Counted};
pub use error::StoreError;
pub use table::{Keyspace, Table, after_prefix};

/// The number of a durable group commit. Each is one more than that before; opening a folder is one too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

/// Which end of a range comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// One data folder, or one memory. Cheap to clone; the last clone to go closes it after the commits in hand.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    committer: Arc<committer::Committer>,
}

impl Store {
    /// The store in a data folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process has it, [`StoreError::Folder`] when it can't be made or written,
    /// [`StoreError::Format`] when another release wrote it, [`StoreError::Damaged`] when something that was
    /// acknowledged is missing.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self::over(Arc::new(backend::fjall::Fjall::open(
            folder.as_ref(),
        )?)))
    }

    /// A store that is gone with the process: EXPRESS executions, tests.
    pub fn memory() -> Self {
        Self::over(Arc::new(backend::memory::Memory::default()))
    }

    /// A store over a given backend.
    pub fn over(backend: Arc<dyn Backend>) -> Self {
        let committer = Arc::new(committer::Committer::start(Arc::clone(&backend)));
        Self { backend, committer }
    }

    /// How often the data folder has been opened for writing, this time included; 0 for memory.
    pub fn epoch(&self) -> u64 {
        self.backend.epoch()
    }

    /// What has been made durable since it was opened.
    pub fn counted(&self) -> Counted {
        self.committer.counted()
    }

    /// Makes a batch durable, together with what others ask for meanwhile, and calls `done` from the committer's
    /// thread; `done` must be short. Batches become durable in the order in which they were submitted.
    pub fn submit(
        &self,
        batch: Batch,
        done: impl FnOnce(Result<Lsn, StoreError>) + Send + 'static,
    ) {
        self.committer.submit(batch, Box::new(done));
    }

    /// Makes a batch durable; resolved only then.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] after a write or an fsync failed: nothing is answered any more until a restart.
    pub async fn commit(&self, batch: Batch) -> Result<Lsn, StoreError> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.submit(batch, move |result| {
            // Whoever asked may have gone; the batch is durable all the same.
            let _ = tell.send(result);
        });
        told.await.unwrap_or(Err(StoreError::Closed))
    }

    /// The same for threads outside the async runtime.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn commit_blocking(&self, batch: Batch) -> Result<Lsn, StoreError> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        self.submit(batch, move |result| {
            let _ = tell.send(result);
        });
        told.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// The committed value of a key.
    ///
    /// # Errors
    /// When the backend can't read.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.backend.get(table.keyspace(), &table.key(key))
    }

    /// Up to `limit` committed rows of a table between two keys, keys without the table's prefix.
    ///
    /// # Errors
    /// When the backend can't read.
    pub fn range(
        &self,
        table: Table,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let from = match from {
            Bound::Included(key) => Bound::Included(table.key(key)),
            Bound::Excluded(key) => Bound::Excluded(table.key(key)),
            Bound::Unbounded => Bound::Included(table.key(b"")),
        };
        let to = match to {
            Bound::Included(key) => Bound::Included(table.key(key)),
            Bound::Excluded(key) => Bound::Excluded(table.key(key)),
            Bound::Unbounded => Bound::Excluded(table.end()),
        };
        let rows = self
            .backend
            .range(table.keyspace(), from, to, order, limit)?;
        let skip = table.key(b"").len();
        Ok(rows
            .into_iter()
            .map(|(key, value)| (key.slice(skip..), value))
            .collect())
    }

    /// Up to `limit` committed rows whose key begins with `prefix`, in the given order.
    ///
    /// # Errors
    /// When the backend can't read.
    pub fn prefix(
        &self,
        table: Table,
        prefix: &[u8],
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        match table::after_prefix(prefix) {
            Some(end) => self.range(
                table,
                Bound::Included(prefix),
                Bound::Excluded(&end),
                order,
                limit,
            ),
            None => self.range(
                table,
                Bound::Included(prefix),
                Bound::Unbounded,
                order,
                limit,
            ),
        }
    }
}
