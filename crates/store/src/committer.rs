use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::{Backend, Batch, Lsn, StoreError};

type Done = Box<dyn FnOnce(Result<Lsn, StoreError>) + Send>;

/// What waits while one commit runs goes with the next, up to this many batches: past it an fsync no longer counts
/// and the first waiter only waits longer.
const GROUP_MAX: usize = 1024;

/// And up to about this many bytes: a group is held in memory twice while it is written.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The partition's one committer: a thread that turns waiting batches into one durable write.
pub(crate) struct Committer {
    queue: Mutex<Option<Sender<(Batch, Done)>>>,
    counters: Arc<Counters>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    pub(crate) fn start(backend: Arc<dyn Backend>) -> Self {
        let (queue, waiting) = channel();
        let groups = Groups::new(backend, waiting);
        let counters = Arc::clone(&groups.counters);
        let thread = std::thread::Builder::new()
            .name("committer".into())
            .spawn(move || groups.run())
            .expect("the system can start a thread");
        Self {
            queue: Mutex::new(Some(queue)),
            counters,
            thread: Mutex::new(Some(thread)),
        }
    }

    /// One without a thread.
    pub(crate) fn stepped(backend: Arc<dyn Backend>) -> (Self, Commits) {
        let (queue, waiting) = channel();
        let groups = Groups::new(backend, waiting);
        let committer = Self {
            queue: Mutex::new(Some(queue)),
            counters: Arc::clone(&groups.counters),
            thread: Mutex::new(None),
        };
        (committer, Commits(groups))
    }

    pub(crate) fn counted(&self) -> Counted {
        let Counters {
            commits,
            batches,
            bytes,
            nanoseconds,
        } = &*self.counters;
        Counted {
            commits: commits.load(Ordering::Relaxed),
            batches: batches.load(Ordering::Relaxed),
            bytes: bytes.load(Ordering::Relaxed),
            time: Duration::from_nanos(nanoseconds.load(Ordering::Relaxed)),
        }
    }

    pub(crate) fn submit(&self, batch: Batch, done: Done) {
        let queue = self
            .queue
            .lock()
            .expect("no holder of this lock panics")
            .clone();
        match queue {
            Some(queue) => {
                if let Err(refused) = queue.send((batch, done)) {
                    (refused.0.1)(Err(StoreError::Closed));
                }
            }
            None => done(Err(StoreError::Closed)),
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(
            self.queue
                .lock()
                .expect("no holder of this lock panics")
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .expect("no holder of this lock panics")
            .take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            // It does not panic by the database's doing.
            let _ = thread.join();
        }
    }
}

/// What the committer has done since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Durable group commits.
    pub commits: u64,
    /// Batches in them.
    pub batches: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// How long they took, one after another.
    pub time: Duration,
}

#[derive(Default)]
struct Counters {
    commits: AtomicU64,
    batches: AtomicU64,
    bytes: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Counters {
    fn add(&self, batches: usize, bytes: usize, time: Duration) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.batches.fetch_add(batches as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.nanoseconds
            .fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }
}

/// Makes groups of what waits.
struct Groups {
    backend: Arc<dyn Backend>,
    counters: Arc<Counters>,
    waiting: Receiver<(Batch, Done)>,
    poisoned: bool,
    newest: Lsn,
}

impl Groups {
    fn new(backend: Arc<dyn Backend>, waiting: Receiver<(Batch, Done)>) -> Self {
        Self {
            backend,
            counters: Arc::default(),
            waiting,
            poisoned: false,
            newest: Lsn::default(),
        }
    }

    fn run(mut self) {
        while let Ok(first) = self.waiting.recv() {
            self.commit(first, GROUP_MAX);
        }
    }

    /// Commits a batch together with those that wait behind it, up to `most` in all.
    fn commit(&mut self, (first, done): (Batch, Done), most: usize) {
        let mut bytes = first.bytes();
        let mut group = first;
        let mut told = vec![done];
        while told.len() < most
            && bytes < GROUP_BYTES_MAX
            && let Ok((batch, done)) = self.waiting.try_recv()
        {
            bytes += batch.bytes();
            group.append(batch);
            told.push(done);
        }
        // INVARIANT: after one failed commit nothing is acknowledged any more; what the disk holds is unknown.
        let result = if self.poisoned {
            Err(StoreError::Poisoned)
        } else if group.is_empty() {
            // Who asks for nothing waits for those before, who are durable already.
            Ok(self.newest)
        } else {
            let began = Instant::now();
            // A panic of the database leaves as little known as a write that failed, and everybody hears of it.
            let committed = catch_unwind(AssertUnwindSafe(|| self.backend.commit(&group.writes)))
                .unwrap_or_else(|_| Err(StoreError::io(Panicked)));
            if committed.is_ok() {
                self.counters.add(told.len(), bytes, began.elapsed());
            }
            committed
        };
        match &result {
            Ok(lsn) => self.newest = *lsn,
            Err(error) if !self.poisoned => {
                self.poisoned = true;
                tracing::error!(
                    "a write to the data folder failed: {}; nothing more is accepted until the server is restarted, \
                     which goes on from what was acknowledged",
                    because(error)
                );
            }
            Err(_) => {}
        }
        for done in told {
            done(result.clone());
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the database panicked")]
struct Panicked;

/// An error with its causes, in one line.
fn because(error: &StoreError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| {
        error.source()
    });
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// Commits that are made when they are asked for, by whoever holds this: for a simulation, which decides when the disk
/// is done. What waits when it goes is lost, as in a crash.
pub struct Commits(Groups);

impl Commits {
    /// Makes the next group, of at most `most` batches (at least one); false if nothing waits.
    pub fn step(&mut self, most: usize) -> bool {
        let Ok(first) = self.0.waiting.try_recv() else {
            return false;
        };
        self.0.commit(first, most.min(GROUP_MAX));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Disk, Fault, Keyspace, Table};

    struct Panics;

    impl Backend for Panics {
        fn commit(&self, _: &[crate::Write]) -> Result<Lsn, StoreError> {
            panic!("as a broken database may")
        }

        fn get(&self, _: Keyspace, _: &[u8]) -> Result<Option<bytes::Bytes>, StoreError> {
            Ok(None)
        }

        fn range(
            &self,
            _: Keyspace,
            _: std::ops::Bound<Vec<u8>>,
            _: std::ops::Bound<Vec<u8>>,
            _: crate::Order,
            _: usize,
        ) -> Result<Vec<(bytes::Bytes, bytes::Bytes)>, StoreError> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn everybody_hears_of_a_panic_of_the_database() {
        let committer = Committer::start(Arc::new(Panics));
        let commit = || {
            let mut batch = Batch::default();
            batch.put(Table::new(Keyspace::State, "rows"), b"key", &b"value"[..]);
            let (tell, told) = channel();
            committer.submit(batch, Box::new(move |result| drop(tell.send(result))));
            told.recv()
                .expect("it is told")
                .expect_err("nothing was committed")
        };
        assert!(matches!(commit(), StoreError::Io(_)));
        assert!(matches!(commit(), StoreError::Poisoned));
    }

    #[test]
    fn what_became_durable_is_counted_and_nothing_else() {
        const ROWS: Table = Table::new(Keyspace::State, "rows");
        let faults = |lsn: Lsn| if lsn.0 == 2 { Fault::Lost } else { Fault::None };
        let (store, mut commits) = Disk::default().open_stepped(faults);
        let put = || {
            let mut batch = Batch::default();
            batch.put(ROWS, b"key", &b"value"[..]);
            let bytes = batch.bytes() as u64;
            store.submit(batch, |_| {});
            bytes
        };
        let bytes = put() + put();
        assert!(commits.step(2));
        put();
        assert!(commits.step(1), "and fails");
        let counted = store.counted();
        let Counted {
            commits, batches, ..
        } = counted;
        assert_eq!((commits, batches, counted.bytes), (1, 2, bytes));
    }
}
