//! Buckets, objects and uploads over the store and the blob folder; both doors, HTTP and calls from inside, lead here.

mod buckets;
mod listing;
mod objects;
mod uploads;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::ops::Bound;
use std::sync::Arc;

use store::{Order, Store, StoreError, Table};
use tokio::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::blobs::Blobs;
use crate::error::{self, Result};
use crate::rows::{self, Bucket, OBJECTS, Object, PARTS, Part};

pub(crate) use buckets::setting;
pub(crate) use listing::ListingQuery;
pub(crate) use objects::{Conditions, CopyTarget, Expected, Put, Source};
pub(crate) use uploads::{Completion, CompletionPart};

/// Names are spread over this many locks; two that meet only wait for each other.
const STRIPES: usize = 256;
/// Rows that are read at once when a table is walked.
const PAGE: usize = 1000;

/// The object store's state.
pub(crate) struct Backend {
    store: Store,
    blobs: Arc<Blobs>,
    /// Shared by whoever writes into a bucket, exclusive for its removal and for what touches many keys.
    bucket_locks: Vec<RwLock<()>>,
    /// Held from reading a key's row to the commit that replaces it.
    key_locks: Vec<Mutex<()>>,
    /// The same for an upload and its parts. INVARIANT: taken in the order bucket, upload, key, each once.
    upload_locks: Vec<Mutex<()>>,
}

impl Backend {
    pub(crate) fn new(store: Store, blobs: Arc<Blobs>) -> Self {
        Self {
            store,
            blobs,
            bucket_locks: (0..STRIPES).map(|_| RwLock::default()).collect(),
            key_locks: (0..STRIPES).map(|_| Mutex::default()).collect(),
            upload_locks: (0..STRIPES).map(|_| Mutex::default()).collect(),
        }
    }

    async fn share(&self, bucket: &str) -> RwLockReadGuard<'_, ()> {
        self.bucket_locks[stripe(bucket)].read().await
    }

    async fn own(&self, bucket: &str) -> RwLockWriteGuard<'_, ()> {
        self.bucket_locks[stripe(bucket)].write().await
    }

    async fn lock(&self, row: &[u8]) -> MutexGuard<'_, ()> {
        self.key_locks[stripe(row)].lock().await
    }

    async fn lock_upload(&self, upload: &str) -> MutexGuard<'_, ()> {
        self.upload_locks[stripe(upload)].lock().await
    }

    fn row<T: serde::de::DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>> {
        match self.store.get(table, key).map_err(error::store)? {
            Some(bytes) => rows::decode(&bytes).map(Some),
            None => Ok(None),
        }
    }

    async fn commit(&self, batch: store::Batch) -> Result<()> {
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    /// A bucket by its name.
    // DIVERGENCE: a bucket answers in every region and to every account; policies, ACLs and public access blocks are
    // not applied.
    pub(crate) fn bucket(&self, name: &str) -> Result<Bucket> {
        self.row(rows::BUCKETS, name.as_bytes())?
            .ok_or_else(|| error::no_such_bucket(name))
    }

    /// Unlinks blobs that a crash left without a row.
    pub(crate) fn sweep(&self) -> std::io::Result<usize> {
        self.blobs.sweep(|| {
            let mut known = HashSet::new();
            // Parts first: one that becomes an object meanwhile is then found as the object's.
            self.walk(PARTS, |bytes| {
                if let Ok(part) = serde_json::from_slice::<Part>(bytes) {
                    known.extend(part.blob.map(|blob| blob.id));
                    return true;
                }
                false
            })?;
            self.walk(OBJECTS, |bytes| {
                if let Ok(object) = serde_json::from_slice::<Object>(bytes) {
                    known.extend(object.blobs.into_iter().map(|blob| blob.id));
                    return true;
                }
                false
            })?;
            Ok(known)
        })
    }

    /// Visits all rows of a table. A row that can't be read stops the walk, since its blobs are not known.
    fn walk(&self, table: Table, mut visit: impl FnMut(&[u8]) -> bool) -> Result<(), StoreError> {
        let mut from = Vec::new();
        loop {
            let start = if from.is_empty() {
                Bound::Unbounded
            } else {
                Bound::Excluded(from.as_slice())
            };
            let page = self
                .store
                .range(table, start, Bound::Unbounded, Order::Ascending, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            from = last.to_vec();
            if !page.iter().all(|(_, value)| visit(value)) {
                return Err(StoreError::Io(Arc::new(std::io::Error::other(
                    "a row of the object store can't be read",
                ))));
            }
        }
    }
}

fn stripe(name: impl std::hash::Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() as usize % STRIPES
}
