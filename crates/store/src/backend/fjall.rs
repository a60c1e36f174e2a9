use std::collections::HashMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use fjall::{Database, KeyspaceCreateOptions, PersistMode, Readable};

use crate::{Backend, Keyspace, Lsn, Order, StoreError, Write};

/// What this release writes; a folder of another number is not opened.
const FORMAT: u64 = 1;

const FORMAT_KEY: &[u8] = b"format";
const EPOCH_KEY: &[u8] = b"epoch";
const LSN_KEY: &[u8] = b"lsn";

/// Blocks read from disk, shared by the keyspaces. The server is to stay below 60 MB resident; active executions are
/// in memory anyway, so that reads are for describing, listing and recovering.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// One database a data folder: the view, its lsn and its epoch, each commit one atomic batch and one fdatasync.
pub(crate) struct Fjall {
    database: Database,
    keyspaces: [fjall::Keyspace; Keyspace::ALL.len()],
    lsn: AtomicU64,
    epoch: u64,
}

impl Fjall {
    /// Opens or makes the database in `folder`, checks its format and takes it over under a new epoch.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let refused = |source| StoreError::Folder {
            path: folder.to_path_buf(),
            source: Arc::new(source),
        };
        std::fs::create_dir_all(folder).map_err(refused)?;
        // A folder that can be read and not written would be found out at the first commit only.
        let probe = folder.join(format!(".probe-{}", std::process::id()));
        std::fs::write(&probe, b"").map_err(refused)?;
        std::fs::remove_file(&probe).map_err(refused)?;

        let database = Database::builder(folder.join("store"))
            .cache_size(CACHE_BYTES)
            .manual_journal_persist(true)
            .max_journaling_size(64 * 1024 * 1024)
            .worker_threads(1)
            .open()
            .map_err(|error| open_error(error, folder.join("store")))?;
        let mut keyspaces = Vec::with_capacity(Keyspace::ALL.len());
        for keyspace in Keyspace::ALL {
            keyspaces.push(
                database
                    .keyspace(name(keyspace), || options(keyspace))
                    .map_err(StoreError::io)?,
            );
        }
        let keyspaces: [fjall::Keyspace; Keyspace::ALL.len()] = keyspaces
            .try_into()
            .unwrap_or_else(|_| unreachable!("one was pushed for each"));
        let meta = &keyspaces[index(Keyspace::Meta)];
        let found = number(meta, FORMAT_KEY)?;
        if let Some(found) = found
            && found != FORMAT
        {
            return Err(StoreError::Format {
                path: folder.to_path_buf(),
                found,
                known: FORMAT,
            });
        }
        let lsn = number(meta, LSN_KEY)?.unwrap_or_default();
        let epoch = number(meta, EPOCH_KEY)?.unwrap_or_default() + 1;
        let mut batch = database.batch().durability(Some(PersistMode::SyncData));
        batch.insert(meta, FORMAT_KEY, &FORMAT.to_be_bytes()[..]);
        batch.insert(meta, EPOCH_KEY, &epoch.to_be_bytes()[..]);
        batch.commit().map_err(StoreError::io)?;
        Ok(Self {
            database,
            keyspaces,
            lsn: AtomicU64::new(lsn),
            epoch,
        })
    }

    fn keyspace(&self, keyspace: Keyspace) -> &fjall::Keyspace {
        &self.keyspaces[index(keyspace)]
    }
}

impl Backend for Fjall {
    fn commit(&self, writes: &[Write]) -> Result<Lsn, StoreError> {
        let lsn = self.lsn.load(Ordering::Acquire) + 1;
        let mut batch = self
            .database
            .batch()
            .durability(Some(PersistMode::SyncData));
        // All writes of a batch bear one sequence number and the database names no winner among several to one key:
        // only the last goes in, which also saves the disk what a group overwrites itself.
        let mut last = HashMap::with_capacity(writes.len());
        for (position, write) in writes.iter().enumerate() {
            last.insert(place(write), position);
        }
        for (position, write) in writes.iter().enumerate() {
            if last.get(&place(write)) != Some(&position) {
                continue;
            }
            match write {
                Write::Put {
                    keyspace,
                    key,
                    value,
                } => batch.insert(self.keyspace(*keyspace), key.clone(), value.clone()),
                Write::Delete { keyspace, key } => {
                    batch.remove(self.keyspace(*keyspace), key.clone());
                }
            }
        }
        batch.insert(
            self.keyspace(Keyspace::Meta),
            LSN_KEY,
            &lsn.to_be_bytes()[..],
        );
        batch.commit().map_err(StoreError::io)?;
        self.lsn.store(lsn, Ordering::Release);
        Ok(Lsn(lsn))
    }

    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let view = self.database.snapshot();
        let value = view
            .get(self.keyspace(keyspace), key)
            .map_err(StoreError::io)?;
        Ok(value.map(Bytes::from))
    }

    fn range(
        &self,
        keyspace: Keyspace,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        if super::is_empty(&from, &to) {
            return Ok(Vec::new());
        }
        let view = self.database.snapshot();
        let rows = view.range(self.keyspace(keyspace), (from, to));
        let read = |row: fjall::Guard| {
            let (key, value) = row.into_inner().map_err(StoreError::io)?;
            Ok((Bytes::from(key), Bytes::from(value)))
        };
        match order {
            Order::Ascending => rows.take(limit).map(read).collect(),
            Order::Descending => rows.rev().take(limit).map(read).collect(),
        }
    }

    fn epoch(&self) -> u64 {
        self.epoch
    }
}

fn place(write: &Write) -> (Keyspace, &Bytes) {
    match write {
        Write::Put { keyspace, key, .. } | Write::Delete { keyspace, key } => (*keyspace, key),
    }
}

fn index(keyspace: Keyspace) -> usize {
    match keyspace {
        Keyspace::State => 0,
        Keyspace::History => 1,
        Keyspace::Services => 2,
        Keyspace::Meta => 3,
    }
}

/// Names on disk.
fn name(keyspace: Keyspace) -> &'static str {
    match keyspace {
        Keyspace::State => "state",
        Keyspace::History => "history",
        Keyspace::Services => "services",
        Keyspace::Meta => "meta",
    }
}

fn options(keyspace: Keyspace) -> KeyspaceCreateOptions {
    // The memtables are most of what the store keeps in memory: two of each may be there while one is flushed.
    let megabytes = match keyspace {
        Keyspace::State | Keyspace::History => 4,
        Keyspace::Services => 2,
        Keyspace::Meta => 1,
    };
    KeyspaceCreateOptions::default()
        .max_memtable_size(megabytes * 1024 * 1024)
        .manual_journal_persist(true)
}

fn number(meta: &fjall::Keyspace, key: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(value) = meta.get(key).map_err(StoreError::io)? else {
        return Ok(None);
    };
    let bytes = <[u8; 8]>::try_from(&value[..])
        .map_err(|_| StoreError::io(std::io::Error::from(std::io::ErrorKind::InvalidData)))?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

fn open_error(error: fjall::Error, path: PathBuf) -> StoreError {
    match error {
        fjall::Error::Locked => StoreError::InUse {
            path: path.parent().map(Path::to_path_buf).unwrap_or(path),
        },
        fjall::Error::Io(source) => StoreError::Folder {
            path,
            source: Arc::new(source),
        },
        other => StoreError::io(other),
    }
}
