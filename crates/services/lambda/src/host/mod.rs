//! Runs functions: one process an instance, one event at a time, kept warm between events.
//!
//! The host knows what a function needs to run ([`Work`]) and what came of an invocation ([`Invoked`]); it knows
//! nothing of the API around it. Begin with [`Host::invoke`].

mod environment;
mod interpreters;
mod limits;
mod logs;
mod pool;
mod runtime_api;
mod sandbox;
mod spawn;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

pub(crate) use environment::reserved_variables;
pub use logs::{LogBatch, LogEvent, LogSink};

use crate::code::{CodeStore, Lease};
use crate::model::Function;
use interpreters::Interpreters;
use logs::Logs;
use pool::{Place, Pool};
use sandbox::Sandbox;
use spawn::Spawner;

/// The largest answer of a function, in bytes: 6 MB and the room that AWS leaves for its wrapping.
pub(crate) const RESPONSE_BYTES_MAX: usize = 6_291_556;

/// Where the host works and how much it may do.
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    pub(crate) endpoint_url: String,
    pub(crate) processes_max: usize,
    pub(crate) init_timeout: Duration,
    pub(crate) queue_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) python: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    pub(crate) log_sink: Option<Arc<dyn LogSink>>,
}

/// A function as the host needs it; a new one is made when its code or its configuration changes.
pub(crate) struct Work {
    pub(crate) function: Function,
    /// Set when the function was changed or deleted: its processes take no further event.
    retired: Arc<AtomicBool>,
    /// What the pool keeps its processes under.
    id: String,
    /// Whoever holds the work may start a process of it, also when the function was changed or deleted meanwhile.
    _packages: Lease,
}

impl Work {
    pub(crate) fn new(function: Function, code: &Arc<CodeStore>) -> Self {
        let id = format!(
            "{}/{}/{}/{}/{}",
            function.account, function.region, function.name, function.version, function.generation
        );
        let layers = function.layers.iter().map(|layer| &layer.code_sha256);
        let packages = layers.chain([&function.code_sha256]).cloned().collect();
        Self {
            _packages: code.lease(packages),
            function,
            retired: Arc::default(),
            id,
        }
    }

    /// The same work with other particulars (tags, policy): its processes go on.
    pub(crate) fn going_on_from(mut self, old: &Self) -> Self {
        self.retired = Arc::clone(&old.retired);
        self
    }

    fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }
}

/// One event for one function.
pub(crate) struct Event {
    pub(crate) request_id: Arc<str>,
    pub(crate) invoked_arn: String,
    /// JSON text, decoded from the request's base64.
    pub(crate) client_context: Option<String>,
    pub(crate) payload: Bytes,
}

/// What came of an invocation.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) payload: Bytes,
    /// The function, its process or the host failed; `payload` says how.
    pub(crate) failed: bool,
    /// The last 4 KB of what the invocation logged.
    pub(crate) log_tail: Vec<u8>,
}

/// Why nothing came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Every process is busy and the wait for one was too long.
    Throttled,
    /// The host stops. The event may have been begun, but nothing counts that came of it.
    Stopping,
}

/// The processes of all functions.
pub(crate) struct Host {
    shared: Arc<Shared>,
}

/// What sandboxes and invocations need of the host.
struct Shared {
    settings: Settings,
    code: Arc<CodeStore>,
    pool: Pool,
    logs: Logs,
    interpreters: Interpreters,
    spawner: Spawner,
    /// The process groups that live, for the end of the host.
    groups: Groups,
}

type Groups = Arc<Mutex<BTreeSet<u32>>>;

impl Host {
    pub(crate) fn start(settings: Settings, code: Arc<CodeStore>) -> std::io::Result<Self> {
        let folder = &settings.folder;
        // Whatever an earlier server left running there is dead: its functions died with it.
        let _ = std::fs::remove_dir_all(folder.join("scratch"));
        std::fs::create_dir_all(folder.join("scratch"))?;
        let bootstraps = interpreters::install(&folder.join("runtime"))?;
        let logs = Logs::new(folder.join("logs"), settings.log_sink.clone());
        let interpreters =
            Interpreters::new(bootstraps, settings.python.clone(), settings.node.clone());
        let pool = Pool::new(settings.processes_max, settings.queue_timeout);
        let shared = Arc::new(Shared {
            spawner: Spawner::start(),
            settings,
            code,
            pool,
            logs,
            interpreters,
            groups: Groups::default(),
        });
        tokio::spawn(reap(Arc::downgrade(&shared)));
        Ok(Self { shared })
    }

    /// Gives an event to a process and waits for what comes of it.
    ///
    /// The invocation runs to its end even if the caller stops waiting, as on AWS. A failure while the host stops may
    /// be the stop's own doing, its processes killed and what it calls gone: that is a refusal, not a failure of the
    /// function.
    pub(crate) async fn invoke(&self, work: Arc<Work>, event: Event) -> Result<Invoked, Refusal> {
        let (tell, told) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let mut result = run(&shared, &work, event).await;
            if result.as_ref().is_ok_and(|invoked| invoked.failed) && shared.pool.is_closed() {
                result = Err(Refusal::Stopping);
            }
            // Nobody may be waiting any more.
            let _ = tell.send(result);
        });
        told.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Lets the processes of a changed or deleted function end: idle ones now, busy ones after their event.
    pub(crate) fn retire(&self, work: &Work) {
        work.retired.store(true, Ordering::Release);
        self.shared.pool.drop_idle(&work.id);
    }

    /// What a function logged, oldest first, as far as it is kept in memory.
    pub(crate) fn logs(&self, account: &str, region: &str, name: &str) -> Vec<LogEvent> {
        self.shared.logs.events(account, region, name)
    }

    /// How many processes there are, idle ones included.
    #[cfg(test)]
    pub(crate) fn processes(&self) -> usize {
        self.shared.pool.live()
    }

    /// How many events wait for a process.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.shared.pool.waiting()
    }

    /// Takes no further event, lets those in hand end for up to `grace`, then kills every process.
    pub(crate) async fn shutdown(&self, grace: Duration) {
        self.shared.pool.close();
        let _ = tokio::time::timeout(grace, self.shared.pool.drained()).await;
        // No process is started any more.
        self.shared.spawner.stop();
        let groups = self
            .shared
            .groups
            .lock()
            .expect("no holder of this lock panics")
            .clone();
        for leader in groups {
            sandbox::kill_group(leader);
        }
        self.shared.logs.flush();
    }
}

/// Ends processes that nobody has asked for a while.
async fn reap(shared: std::sync::Weak<Shared>) {
    loop {
        let Some(idle_timeout) = shared.upgrade().map(|host| host.settings.idle_timeout) else {
            return;
        };
        tokio::time::sleep((idle_timeout / 4).max(Duration::from_millis(50))).await;
        if let Some(host) = shared.upgrade() {
            host.pool.drop_unused(idle_timeout);
        }
    }
}

async fn run(shared: &Arc<Shared>, work: &Arc<Work>, event: Event) -> Result<Invoked, Refusal> {
    let mut cold_only = false;
    loop {
        let mut sandbox = match shared.pool.acquire(&work.id, cold_only).await? {
            Place::Warm(sandbox) => sandbox,
            Place::Cold(permit) => {
                match Sandbox::start(shared, work, permit, &event.request_id).await {
                    Ok(sandbox) => Box::new(sandbox),
                    Err(failure) => return Ok(failure),
                }
            }
        };
        match sandbox.invoke(&event).await {
            sandbox::Outcome::Done { invoked, reusable } => {
                if reusable && !work.is_retired() {
                    shared.pool.release(sandbox);
                }
                return Ok(invoked);
            }
            // A process may die while it idles. The event has not been seen, so another process may have it.
            sandbox::Outcome::NotTaken => cold_only = true,
        }
    }
}
