use std::ops::Bound;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::memory::Memory;
use crate::committer::Committer;
use crate::{Backend, Commits, Keyspace, Lsn, Order, Store, StoreError, Write};

/// What happens to one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It succeeds.
    None,
    /// It fails and nothing of it is on the disk: the write failed, or was torn and is dropped at recovery.
    Lost,
    /// It fails and yet all of it is on the disk: the fsync failed, or the machine died before the answer.
    Kept,
}

/// A disk for tests: it outlives the stores opened on it, and does to each commit what it is told to.
///
/// ```
/// use store::{Batch, Disk, Fault, Keyspace, Table};
///
/// const ROWS: Table = Table::new(Keyspace::Services, "rows");
/// let disk = Disk::default();
/// let store = disk.open(|lsn| if lsn.0 == 2 { Fault::Kept } else { Fault::None });
/// let row = |key: &[u8]| {
///     let mut batch = Batch::default();
///     batch.put(ROWS, key, key.to_vec());
///     batch
/// };
/// store.commit_blocking(row(b"a"))?;
/// assert!(store.commit_blocking(row(b"b")).is_err());
/// assert!(store.commit_blocking(row(b"c")).is_err(), "after a failed commit nothing is accepted");
///
/// let again = disk.open(|_| Fault::None);
/// assert!(again.get(ROWS, b"b")?.is_some());
/// assert!(again.get(ROWS, b"c")?.is_none());
/// # Ok::<(), store::StoreError>(())
/// ```
#[derive(Clone, Default)]
pub struct Disk {
    kept: Arc<Memory>,
}

type Faults = Box<dyn FnMut(Lsn) -> Fault + Send>;

struct Faulty {
    disk: Disk,
    lsn: Mutex<(Lsn, Faults)>,
}

impl Disk {
    /// A store on what the disk holds; `faults` is asked at each commit, whose numbers begin at 1 with this store.
    pub fn open(&self, faults: impl FnMut(Lsn) -> Fault + Send + 'static) -> Store {
        Store::over(self.faulty(faults))
    }

    /// The same without a thread: groups are committed when they are asked for.
    ///
    /// ```
    /// use store::{Batch, Disk, Fault, Keyspace, Table};
    ///
    /// const ROWS: Table = Table::new(Keyspace::Services, "rows");
    /// let disk = Disk::default();
    /// let (store, mut commits) = disk.open_stepped(|_| Fault::None);
    /// let mut batch = Batch::default();
    /// batch.put(ROWS, b"a", &b"1"[..]);
    /// store.submit(batch, |_| {});
    /// assert!(store.get(ROWS, b"a")?.is_none());
    /// assert!(commits.step(1) && !commits.step(1));
    /// assert!(store.get(ROWS, b"a")?.is_some());
    /// # Ok::<(), store::StoreError>(())
    /// ```
    pub fn open_stepped(
        &self,
        faults: impl FnMut(Lsn) -> Fault + Send + 'static,
    ) -> (Store, Commits) {
        let backend = self.faulty(faults);
        let (committer, commits) = Committer::stepped(Arc::clone(&backend));
        let committer = Arc::new(committer);
        (Store { backend, committer }, commits)
    }

    fn faulty(&self, faults: impl FnMut(Lsn) -> Fault + Send + 'static) -> Arc<dyn Backend> {
        Arc::new(Faulty {
            disk: self.clone(),
            lsn: Mutex::new((Lsn(0), Box::new(faults))),
        })
    }
}

impl Backend for Faulty {
    fn commit(&self, writes: &[Write]) -> Result<Lsn, StoreError> {
        let mut state = self.lsn.lock().map_err(|_| StoreError::Poisoned)?;
        state.0.0 += 1;
        let lsn = state.0;
        let broken = || StoreError::io(std::io::Error::other("the disk was told to fail"));
        match (state.1)(lsn) {
            Fault::None => self.disk.kept.commit(writes).map(|_| lsn),
            Fault::Lost => Err(broken()),
            Fault::Kept => {
                self.disk.kept.commit(writes)?;
                Err(broken())
            }
        }
    }

    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.disk.kept.get(keyspace, key)
    }

    fn range(
        &self,
        keyspace: Keyspace,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        self.disk.kept.range(keyspace, from, to, order, limit)
    }
}
