//! The blob folder: bytes of objects and parts, one file each, under names that are never used twice.
//!
//! A file is written under a temporary name, fsynced and renamed, and the folder fsynced, before a row may name it;
//! it is unlinked only after the row that named it is gone. What a crash leaves between the two is an orphan, swept
//! at the next start.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::BodyError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};

use crate::checksum::{Digests, Hashers};

/// Bytes that are gathered before they go to the disk together: a thread hand-over costs some 10 µs.
const WRITE_BYTES: usize = 512 * 1024;
/// Bytes that are read at once, and so held for each reader.
const READ_BYTES: usize = 256 * 1024;
/// AWS closes a connection that is idle for this long.
const IDLE: Duration = Duration::from_mins(1);

/// A file of the folder; zero bytes have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub id: String,
    pub size: u64,
}

/// Why a body did not become a blob.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    /// More than the limit.
    TooLarge,
    /// The client's stream broke.
    Broken(BodyError),
    /// The client sent nothing for too long.
    Idle,
    /// The disk.
    Io(io::Error),
}

impl From<io::Error> for ReceiveError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The folder.
pub(crate) struct Blobs {
    folder: PathBuf,
    /// The beginning of all names given by this process, so that the sweep tells them from those found.
    session: String,
    pins: Mutex<HashMap<String, Pin>>,
}

#[derive(Default)]
struct Pin {
    readers: usize,
    doomed: Vec<Blob>,
}

impl Blobs {
    /// Opens the folder, made if it is not there.
    ///
    /// # Errors
    /// When it can't be made or listed.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        if let Some(parent) = folder.parent() {
            sync_folder(parent)?;
        }
        let session = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        Ok(Self {
            folder: folder.to_owned(),
            session,
            pins: Mutex::default(),
        })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    fn new_id(&self) -> String {
        format!("{}-{}", self.session, uuid::Uuid::new_v4().simple())
    }

    /// Writes a stream to a temporary file while digesting it. Nothing is kept until [`Received::keep`].
    ///
    /// # Errors
    /// See [`ReceiveError`]; the file is gone then.
    pub(crate) async fn receive<S>(
        self: &Arc<Self>,
        mut body: S,
        bytes_max: u64,
        hashers: Hashers,
    ) -> Result<Received, ReceiveError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Unpin,
    {
        let mut writing = Writing {
            blobs: Arc::clone(self),
            id: self.new_id(),
            file: None,
            hashers,
            size: 0,
        };
        let mut gathered: Vec<Bytes> = Vec::new();
        let mut gathered_bytes = 0;
        loop {
            let next = tokio::time::timeout(IDLE, body.next())
                .await
                .map_err(|_| ReceiveError::Idle)?;
            let ended = next.is_none();
            if let Some(chunk) = next.transpose().map_err(ReceiveError::Broken)? {
                gathered_bytes += chunk.len();
                if writing.size + gathered_bytes as u64 > bytes_max {
                    return Err(ReceiveError::TooLarge);
                }
                gathered.push(chunk);
            }
            if gathered_bytes >= WRITE_BYTES || (ended && gathered_bytes > 0) {
                let chunks = std::mem::take(&mut gathered);
                gathered_bytes = 0;
                writing = blocking(move || writing.write(&chunks)).await?;
            }
            if ended {
                return Ok(writing.finish());
            }
        }
    }

    /// A second name for a blob's bytes, durable; their copy where the file system has no hard links.
    ///
    /// # Errors
    /// `NotFound` when the blob has been unlinked meanwhile.
    pub(crate) async fn duplicate(self: &Arc<Self>, blob: &Blob) -> io::Result<Blob> {
        let (blobs, blob, id) = (Arc::clone(self), blob.clone(), self.new_id());
        blocking(move || {
            let (from, to) = (blobs.path(&blob.id), blobs.path(&id));
            match fs::hard_link(&from, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                Err(_) => {
                    let temporary = blobs.path(&format!("{id}.tmp"));
                    fs::copy(&from, &temporary)?;
                    File::open(&temporary)?.sync_all()?;
                    fs::rename(&temporary, &to)?;
                }
            }
            sync_folder(&blobs.folder)?;
            Ok(Blob {
                id,
                size: blob.size,
            })
        })
        .await
    }

    /// Keeps what `owner`'s rows name from being unlinked while it is read. The caller looks whether the rows still
    /// stand after this, since the removal may have come first.
    pub(crate) fn pin(self: &Arc<Self>, owner: &str) -> Pinned {
        self.pins().entry(owner.to_owned()).or_default().readers += 1;
        Pinned {
            blobs: Arc::clone(self),
            owner: owner.to_owned(),
        }
    }

    /// Unlinks what no row names any more: now, or when the last reader has done.
    pub(crate) fn remove(self: &Arc<Self>, owner: &str, doomed: Vec<Blob>) {
        if doomed.is_empty() {
            return;
        }
        if let Some(pin) = self.pins().get_mut(owner) {
            pin.doomed.extend(doomed);
            return;
        }
        self.unlink(doomed);
    }

    fn unlink(self: &Arc<Self>, doomed: Vec<Blob>) {
        let blobs = Arc::clone(self);
        let work = move || {
            for blob in doomed {
                // A file that stays behind is an orphan: no row names it, and the next start sweeps it.
                if let Err(error) = fs::remove_file(blobs.path(&blob.id)) {
                    tracing::warn!(%error, "a blob could not be unlinked");
                }
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            Err(_) => work(),
        }
    }

    fn pins(&self) -> MutexGuard<'_, HashMap<String, Pin>> {
        // A reader that panicked leaves whole entries behind.
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of `ranges`, one after the other. Holds `pinned` to its end.
    pub(crate) fn read(
        self: &Arc<Self>,
        ranges: Vec<(Blob, Range<u64>)>,
        pinned: Pinned,
    ) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + Sync + use<> {
        let reading = Reading {
            blobs: Arc::clone(self),
            ranges: ranges.into_iter(),
            open: None,
            _pinned: pinned,
        };
        futures_util::stream::try_unfold(reading, |mut reading| async move {
            // A plain closure behind `spawn_blocking` keeps the stream `Sync`.
            let (reading, bytes) = blocking(move || {
                let bytes = reading.next()?;
                Ok((reading, bytes))
            })
            .await?;
            Ok(bytes.map(|bytes| (bytes, reading)))
        })
    }

    /// Unlinks what earlier processes left that `known` does not name. `known` is asked once, after the listing.
    ///
    /// # Errors
    /// When the folder can't be listed or the rows can't be read; nothing more is unlinked then.
    pub(crate) fn sweep(
        &self,
        known: impl FnOnce() -> Result<HashSet<String>, store::StoreError>,
    ) -> io::Result<usize> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            if let Ok(name) = entry?.file_name().into_string()
                && !name.starts_with(&self.session)
            {
                found.push(name);
            }
        }
        if found.is_empty() {
            return Ok(0);
        }
        let known = known().map_err(io::Error::other)?;
        let mut swept = 0;
        for name in found.iter().filter(|name| !known.contains(*name)) {
            match fs::remove_file(self.path(name)) {
                Ok(()) => swept += 1,
                // Removed by its row's removal meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(swept)
    }
}

/// While it lives, what its owner named stays readable.
pub(crate) struct Pinned {
    blobs: Arc<Blobs>,
    owner: String,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let mut pins = self.blobs.pins();
        let Some(pin) = pins.get_mut(&self.owner) else {
            return;
        };
        pin.readers -= 1;
        if pin.readers == 0 {
            let doomed = pins.remove(&self.owner).unwrap_or_default().doomed;
            drop(pins);
            if !doomed.is_empty() {
                self.blobs.unlink(doomed);
            }
        }
    }
}

struct Reading {
    blobs: Arc<Blobs>,
    ranges: std::vec::IntoIter<(Blob, Range<u64>)>,
    open: Option<(File, u64)>,
    _pinned: Pinned,
}

impl Reading {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let Some((file, left)) = &mut self.open else {
                let Some((blob, range)) = self.ranges.next() else {
                    return Ok(None);
                };
                if !range.is_empty() {
                    let mut file = File::open(self.blobs.path(&blob.id))?;
                    file.seek(SeekFrom::Start(range.start))?;
                    self.open = Some((file, range.end - range.start));
                }
                continue;
            };
            let mut bytes = vec![0; READ_BYTES.min(usize::try_from(*left).unwrap_or(READ_BYTES))];
            file.read_exact(&mut bytes)?;
            *left -= bytes.len() as u64;
            if *left == 0 {
                self.open = None;
            }
            return Ok(Some(bytes.into()));
        }
    }
}

struct Writing {
    blobs: Arc<Blobs>,
    id: String,
    file: Option<Temporary>,
    hashers: Hashers,
    size: u64,
}

impl Writing {
    fn write(mut self, chunks: &[Bytes]) -> io::Result<Self> {
        let temporary = match &mut self.file {
            Some(temporary) => temporary,
            none => none.insert(Temporary::create(
                self.blobs.path(&format!("{}.tmp", self.id)),
            )?),
        };
        for chunk in chunks {
            temporary.file.write_all(chunk)?;
            self.hashers.update(chunk);
            self.size += chunk.len() as u64;
        }
        Ok(self)
    }

    fn finish(self) -> Received {
        Received {
            blobs: self.blobs,
            id: self.id,
            file: self.file,
            size: self.size,
            digests: self.hashers.finish(),
        }
    }
}

/// A file that goes with its value, unless it was renamed.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn create(path: PathBuf) -> io::Result<Self> {
        let file = File::create_new(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A whole stream, written and digested, not yet durable and under no name that counts.
pub(crate) struct Received {
    blobs: Arc<Blobs>,
    id: String,
    file: Option<Temporary>,
    pub size: u64,
    pub digests: Digests,
}

impl Received {
    /// Makes it durable under its name; none for zero bytes.
    ///
    /// # Errors
    /// When the disk says no.
    pub(crate) async fn keep(self) -> io::Result<Option<Blob>> {
        let Self {
            blobs,
            id,
            file,
            size,
            digests: _,
        } = self;
        let Some(temporary) = file else {
            return Ok(None);
        };
        blocking(move || {
            temporary.file.sync_all()?;
            fs::rename(&temporary.path, blobs.path(&id))?;
            sync_folder(&blobs.folder)?;
            Ok(Some(Blob { id, size }))
        })
        .await
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
}
