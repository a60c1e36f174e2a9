use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use fjall::compaction::Leveled;
use fjall::{Database, KeyspaceCreateOptions, PersistMode, Readable};

use super::files;
use super::mark::Mark;
use crate::{Backend, Keyspace, Lsn, Order, StoreError, Write};

/// What this release writes; a folder of another number is not opened.
const FORMAT: u64 = 1;

const FORMAT_KEY: &[u8] = b"format";
const EPOCH_KEY: &[u8] = b"epoch";
/// Goes with every commit: the lsn, and the database's number before it.
pub(super) const LSN_KEY: &[u8] = b"lsn";

/// Blocks read from disk, shared by the keyspaces. The server is to stay below 60 MB resident; active executions are
/// in memory anyway, so that reads are for describing, listing and recovering.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Tables on disk. The first level of merged ones holds four, and whatever is flushed is merged with all of it: while that
/// goes on nothing is flushed, and what is written meanwhile stays in memory.
const TABLE_BYTES: u64 = 8 * 1024 * 1024;

/// Tables that are kept open: two gigabytes of them. The database's own number, 900, is nearly all that a system lets a
/// process open that does not ask for more.
const OPEN_TABLES_MAX: usize = 256;

/// How often, and in which distance, a lock is tried for.
const LOCK_TRIES: usize = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// One database a data folder: the view, its lsn and its epoch, each commit one atomic batch and one fdatasync.
pub(crate) struct Fjall {
    database: Database,
    keyspaces: [fjall::Keyspace; Keyspace::ALL.len()],
    lsn: AtomicU64,
    epoch: u64,
    mark: Mark,
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

        let path = folder.join("store");
        let damaged = |what| StoreError::Damaged {
            path: folder.to_path_buf(),
            what,
        };
        let (mark, noted) = Mark::open(folder).map_err(refused)?;
        let noted = noted.map_err(|what| damaged(format!("`{}` {what}", mark.path().display())))?;
        let acknowledged = noted.unwrap_or_default();
        if !path.try_exists().map_err(refused)? {
            keep_name(folder).map_err(refused)?;
        }
        let journals_end = check(folder, &path, acknowledged)?;
        let database = Database::builder(&path)
            .cache_size(CACHE_BYTES)
            .manual_journal_persist(true)
            .max_cached_files(Some(OPEN_TABLES_MAX))
            .max_journaling_size(64 * 1024 * 1024)
            .worker_threads(1)
            .open()
            .map_err(|error| open_error(error, folder))?;
        let known = journals_end.unwrap_or_default().max(acknowledged);
        let mut keyspaces = Vec::with_capacity(Keyspace::ALL.len());
        for keyspace in Keyspace::ALL {
            // All are made before the first commit.
            if known > 0 && !database.keyspace_exists(name(keyspace)) {
                return Err(damaged(format!("its `{}` are not there", name(keyspace))));
            }
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
        if noted.is_none() && lsn > 0 {
            tracing::warn!(
                "`{}` is missing or empty, as a power cut may leave it: whether the newest commits are all there can't be told",
                mark.path().display()
            );
        }
        if lsn < known {
            return Err(damaged(format!(
                "it ends with commit {lsn}, and commit {known} was durable (`{}`)",
                mark.path().display()
            )));
        }
        let epoch = number(meta, EPOCH_KEY)?.unwrap_or_default() + 1;
        let opened = Self {
            database,
            keyspaces,
            lsn: AtomicU64::new(lsn),
            epoch,
            mark,
        };
        let meta = |key: &'static [u8], value: u64| Write::Put {
            keyspace: Keyspace::Meta,
            key: Bytes::from_static(key),
            value: Bytes::copy_from_slice(&value.to_be_bytes()),
        };
        opened.commit(&[meta(FORMAT_KEY, FORMAT), meta(EPOCH_KEY, epoch)])?;
        Ok(opened)
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
        let numbers = [lsn.to_be_bytes(), self.database.seqno().to_be_bytes()].concat();
        batch.insert(self.keyspace(Keyspace::Meta), LSN_KEY, numbers);
        batch.commit().map_err(failed)?;
        self.lsn.store(lsn, Ordering::Release);
        self.mark.note(lsn);
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
        .compaction_strategy(Arc::new(
            Leveled::default().with_table_target_size(TABLE_BYTES),
        ))
        .manual_journal_persist(true)
}

/// What begins the row.
fn number(meta: &fjall::Keyspace, key: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(value) = meta.get(key).map_err(StoreError::io)? else {
        return Ok(None);
    };
    match files::numbers(&value) {
        (Some(number), _) => Ok(Some(number)),
        (None, _) => Err(StoreError::io(std::io::Error::from(
            std::io::ErrorKind::InvalidData,
        ))),
    }
}

/// Looks at the journals before the database changes them; the newest lsn in them.
fn check(folder: &Path, database: &Path, acknowledged: u64) -> Result<Option<u64>, StoreError> {
    let refused = |source| StoreError::Folder {
        path: folder.to_path_buf(),
        source: Arc::new(source),
    };
    let damaged = |what| StoreError::Damaged {
        path: folder.to_path_buf(),
        what,
    };
    // Another process may be writing them.
    let Some(_lock) = lock(folder, &database.join("lock"))? else {
        return if acknowledged == 0 {
            Ok(None)
        } else {
            Err(damaged(format!("`{}` is not there", database.display())))
        };
    };
    let at = |damage: files::Damage| {
        let (file, offset) = (damage.path.display(), damage.offset);
        damaged(format!("{} (`{file}` at byte {offset})", damage.what))
    };
    let found = files::check_journals(database, acknowledged)
        .map_err(refused)?
        .map_err(at)?;
    let complete = found.is_some() || acknowledged > 0;
    files::check_tables(database, complete)
        .map_err(refused)?
        .map_err(at)?;
    // The last file that is written when a database is made.
    let version = database.join("version");
    if !version.try_exists().map_err(refused)? {
        if complete {
            return Err(damaged(format!("`{}` is not there", version.display())));
        }
        files::remove_blank(database).map_err(refused)?;
    }
    Ok(found)
}

/// The database's own lock, which is to be dropped before the database takes it; none if there is no database yet.
fn lock(folder: &Path, path: &Path) -> Result<Option<File>, StoreError> {
    let refused = |source| StoreError::Folder {
        path: folder.to_path_buf(),
        source: Arc::new(source),
    };
    let file = match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(refused)?,
    };
    // A process that was just killed holds it until the system has cleaned up.
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
        }
    }
    Err(StoreError::InUse {
        path: folder.to_path_buf(),
    })
}

/// Why a commit failed, by what the system says where that is known.
fn failed(error: fjall::Error) -> StoreError {
    match error {
        fjall::Error::Io(source) => StoreError::io(source),
        fjall::Error::Poisoned => StoreError::io(BehindFailed),
        other => StoreError::io(other),
    }
}

/// What the database flushes and merges behind the commits could not be written; it logs what the system said.
#[derive(Debug, thiserror::Error)]
#[error("the database could not write its tables, as the log says before")]
struct BehindFailed;

/// Makes durable that there is a folder: its name and those of the two above it stand in the folders around them.
fn keep_name(folder: &Path) -> std::io::Result<()> {
    for around in folder.ancestors().take(3) {
        let here = if around.as_os_str().is_empty() {
            Path::new(".")
        } else {
            around
        };
        File::open(here)?.sync_all()?;
    }
    Ok(())
}

fn open_error(error: fjall::Error, folder: &Path) -> StoreError {
    match error {
        fjall::Error::Locked => StoreError::InUse {
            path: folder.to_path_buf(),
        },
        fjall::Error::Io(source) if !is_content(source.kind()) => StoreError::Folder {
            path: folder.to_path_buf(),
            source: Arc::new(source),
        },
        other => StoreError::Damaged {
            path: folder.to_path_buf(),
            what: format!("the database says {other:?}"),
        },
    }
}

/// Whether an error says what is in files, and not that they can't be read or written.
fn is_content(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind;
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::NotFound
    )
}
