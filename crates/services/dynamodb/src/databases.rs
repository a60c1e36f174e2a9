//! The SQLite files: one an account and region, opened on first use; expired items swept from those that are open.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use aws::{ApiError, Caller};
use dynoxide::Database;

use crate::error;

/// AWS deletes expired items within days; tests like to see it.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// Each open database holds three files and a page cache of 2 MB.
const OPEN_MAX: usize = 64;

/// The open databases by account and region.
pub(crate) struct Databases {
    folder: PathBuf,
    open: Mutex<BTreeMap<(String, String), Database>>,
    /// Dropped with this, which ends the sweeper.
    _alive: SyncSender<()>,
}

impl Databases {
    pub(crate) fn open(folder: &Path) -> Arc<Self> {
        let (alive, ended) = sync_channel(0);
        let databases = Arc::new(Self {
            folder: folder.to_owned(),
            open: Mutex::default(),
            _alive: alive,
        });
        let swept = Arc::downgrade(&databases);
        let started = std::thread::Builder::new()
            .name("dynamodb-sweep".into())
            .spawn(move || sweep(&swept, &ended));
        if let Err(error) = started {
            tracing::warn!(%error, "expired items will not be swept");
        }
        databases
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<(String, String), Database>> {
        // Whoever panicked had only looked an entry up or put a whole one in.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller's database.
    pub(crate) fn of(&self, caller: &Caller) -> Result<Database, ApiError> {
        // Both come from a request and become a path.
        let plain = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (1..=32).contains(&text.len()) && text.bytes().all(allowed)
        };
        if !plain(&caller.account) || !plain(&caller.region) {
            return Err(ApiError::new(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ));
        }
        let key = (caller.account.to_string(), caller.region.to_string());
        let mut all = self.all();
        if let Some(database) = all.get(&key) {
            return Ok(database.clone());
        }
        if all.len() >= OPEN_MAX {
            return Err(ApiError::new(
                "LimitExceededException",
                format!("Tables are kept for {OPEN_MAX} accounts and regions at once"),
            ));
        }
        let folder = self.folder.join(&key.0);
        let path = folder.join(format!("{}.sqlite", key.1));
        let opened = make(&self.folder, &folder)
            .map_err(|error| error.to_string())
            .and_then(|()| {
                path.to_str()
                    .ok_or_else(|| "the path is not UTF-8".to_owned())
            })
            .and_then(|path| Database::new(path).map_err(|error| error.to_string()));
        let database = opened.map_err(|error| {
            tracing::error!(%error, path = %path.display(), "the tables can't be opened");
            error::internal()
        })?;
        all.insert(key, database.clone());
        Ok(database)
    }

    fn opened(&self) -> Vec<Database> {
        self.all().values().cloned().collect()
    }
}

/// Makes a folder in another, so that both survive a power cut.
fn make(outer: &Path, inner: &Path) -> std::io::Result<()> {
    fs::create_dir_all(inner)?;
    for folder in [Some(outer), outer.parent()].into_iter().flatten() {
        if !folder.as_os_str().is_empty() {
            File::open(folder)?.sync_all()?;
        }
    }
    Ok(())
}

fn sweep(databases: &Weak<Databases>, ended: &Receiver<()>) {
    while ended.recv_timeout(SWEEP_EVERY) == Err(RecvTimeoutError::Timeout) {
        let Some(databases) = databases.upgrade() else {
            return;
        };
        for database in databases.opened() {
            match database.sweep_ttl() {
                Ok(0) => {}
                Ok(swept) => tracing::debug!(swept, "expired items deleted"),
                Err(error) => tracing::warn!(%error, "expired items could not be deleted"),
            }
        }
    }
}
