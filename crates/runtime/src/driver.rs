//! Tasks in flight: the only place of the crate where something runs beside the workers.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use aws::Registry;
use engine::{AttemptId, Failure, HistoryEvent, Input};
use store::Batch;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::activities::{ActivityName, Queues};
use crate::inbox::Inbox;
use crate::machines::Machines;
use crate::map_runs::Live;
use crate::message::{Finished, Message};
use crate::shard::World;
use crate::tables::activities;
use crate::tables::executions::{self, ExecutionRecord};
use crate::tables::map_runs::MapRunId;
use crate::tables::outbox::{self, Pending};
use crate::tasks::{self, TaskEnd, TaskError};
use crate::watch::Watchers;
use crate::{
    Clock, ExecutionKey, ExecutionName, HistorySink, MockConfiguration, Revision, RuntimeError,
};

/// A store and the workers of its executions.
pub(crate) struct Lane {
    pub(crate) store: store::Store,
    pub(crate) inboxes: Vec<Arc<Inbox>>,
}

impl Lane {
    /// Whether all its workers work.
    pub(crate) fn is_open(&self) -> bool {
        self.inboxes.iter().all(|inbox| !inbox.is_closed())
    }

    pub(crate) fn inbox(&self, key: ExecutionKey) -> &Arc<Inbox> {
        &self.inboxes[usize::from(key.shard()) % self.inboxes.len()]
    }

    /// Hands a request to the shard's worker.
    pub(crate) fn offer(&self, key: ExecutionKey, message: Message) -> Result<(), RuntimeError> {
        let inbox = self.inbox(key);
        inbox.offer(message).map_err(|_| {
            if inbox.is_closed() {
                RuntimeError::Stopped
            } else {
                RuntimeError::Throttled
            }
        })
    }
}

/// What the handle, the workers and the tasks share.
pub(crate) struct Shared {
    pub(crate) me: Weak<Shared>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: engine::Limits,
    pub(crate) registry: Registry,
    pub(crate) logs: Option<Arc<dyn HistorySink>>,
    pub(crate) mocks: RwLock<Arc<MockConfiguration>>,
    pub(crate) machines: Machines,
    pub(crate) standard: Lane,
    pub(crate) express: Lane,
    pub(crate) handle: Handle,
    /// As many tasks run at a time; none before the runtime is resumed.
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) running: Mutex<Running>,
    /// Held by every task: when all are gone, the channel says so.
    pub(crate) alive: Mutex<Option<mpsc::Sender<()>>>,
    /// Says when calls of services are given up as well.
    pub(crate) closing: watch::Sender<bool>,
    pub(crate) activities: Arc<Queues>,
    pub(crate) watchers: Arc<Watchers>,
    /// Map Runs under way.
    pub(crate) maps: Live,
    /// Records of Map Runs are changed by one at a time.
    pub(crate) map_changes: tokio::sync::Mutex<()>,
    pub(crate) tickets: std::sync::atomic::AtomicU64,
}

/// Tasks in flight, to be given up.
#[derive(Default)]
pub(crate) struct Running {
    tasks: HashMap<(ExecutionKey, AttemptId), InFlight>,
    closed: bool,
}

struct InFlight {
    abort: AbortHandle,
    /// Until the task and each call of a service that it made are over.
    life: Weak<()>,
}

/// What a task holds while it is one of those that may run at a time.
pub(crate) struct Permit {
    one: Mutex<Option<OwnedSemaphorePermit>>,
    _life: Arc<()>,
}

impl Permit {
    /// Waits for it; none when the runtime has closed.
    pub(crate) async fn acquire(shared: &Shared, life: Arc<()>) -> Option<Self> {
        let permit = Arc::clone(&shared.permits).acquire_owned().await.ok()?;
        Some(Self {
            one: Mutex::new(Some(permit)),
            _life: life,
        })
    }

    /// Lets another task run, since this one only waits from here on.
    pub(crate) fn release(&self) {
        *self.one.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Shared {
    pub(crate) fn standard(&self) -> &Lane {
        &self.standard
    }

    pub(crate) fn lane(&self, express: bool) -> &Lane {
        if express {
            &self.express
        } else {
            &self.standard
        }
    }

    /// What whatever runs holds: none once the runtime closes.
    pub(crate) fn alive(&self) -> Option<mpsc::Sender<()>> {
        self.alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The order of starts: the time in microseconds, and never the same number twice.
    pub(crate) fn ticket(&self, now: engine::Timestamp) -> u64 {
        let now = now.0.max(0).unsigned_abs() * 1000;
        let last = self
            .tickets
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
                Some(now.max(last + 1))
            });
        let (Ok(last) | Err(last)) = last;
        now.max(last + 1)
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the workers and gives up all tasks; the outbox offers them again at the next start.
    pub(crate) fn close(&self) {
        // First: nobody takes for an end what is dropped with the inboxes.
        self.closing.send_replace(true);
        for inbox in self.standard.inboxes.iter().chain(&self.express.inboxes) {
            inbox.close();
        }
        let tasks = {
            let mut running = self.lock();
            running.closed = true;
            std::mem::take(&mut running.tasks)
        };
        for task in tasks.into_values() {
            task.abort.abort();
        }
        *self.alive.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// INVARIANT: after a failed commit nothing more is answered or done; a restart recovers. A worker sees to that for
    /// itself; this is for commits that no worker makes.
    pub(crate) fn stop_executions(&self, error: &store::StoreError) {
        tracing::error!(%error, "a commit failed; the executions of this store stop");
        self.stop_workers();
    }

    /// Ends the workers of STANDARD executions: whoever waits for one is told.
    pub(crate) fn stop_workers(&self) {
        for inbox in &self.standard.inboxes {
            inbox.close();
        }
    }

    /// Resolved when the execution has ended; none if it does not exist. An error means that the runtime stops before.
    pub(crate) async fn ended(
        &self,
        execution: &ExecutionName,
    ) -> Result<Option<Arc<Finished>>, RuntimeError> {
        let (ended, told) = oneshot::channel();
        let key = execution.key();
        self.lane(execution.express)
            .inbox(key)
            .push(Message::Await { key, ended });
        told.await.map_err(|_| RuntimeError::Stopped)
    }
}

impl Shared {
    /// Runs a call of a service to its end, even when whoever waits for it is given up: services are not made to be
    /// left in the middle of a change. Only the runtime's own end cuts it off, as a crash would. The call counts as a
    /// running task as long as it runs, unless its permit is released.
    pub(crate) async fn uncancelled<T: Send + 'static>(
        &self,
        permit: Arc<Permit>,
        call: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let Some(alive) = self.alive() else {
            // The task that waits is being given up.
            return std::future::pending().await;
        };
        let mut closing = self.closing.subscribe();
        let call = self.handle.spawn(async move {
            let _held = (alive, permit);
            tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => None,
                end = call => Some(end),
            }
        });
        match call.await {
            Ok(Some(end)) => end,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

impl World for Shared {
    fn dispatch(&self, key: ExecutionKey, express: bool, pending: Pending) {
        let Some(me) = self.me.upgrade() else {
            return;
        };
        let attempt = pending.attempt;
        let mut running = self.lock();
        if running.closed {
            return;
        }
        let Some(alive) = self.alive() else {
            return;
        };
        let before = running.tasks.remove(&(key, attempt));
        let life = Arc::new(());
        let task = InFlight {
            life: Arc::downgrade(&life),
            abort: if pending.abandoned {
                let before = before.map(|task| {
                    task.abort.abort();
                    task.life
                });
                let stop = stop(alive, me, key, pending, before);
                self.handle.spawn(stop).abort_handle()
            } else {
                let run = run(alive, me, key, express, pending, life);
                self.handle.spawn(run).abort_handle()
            },
        };
        running.tasks.insert((key, attempt), task);
    }

    fn cancel(&self, key: ExecutionKey, attempt: AttemptId) {
        self.activities.forget(key, attempt);
        let task = self.lock().tasks.remove(&(key, attempt));
        if let Some(task) = task {
            task.abort.abort();
        }
    }

    fn start_map_run(&self, id: MapRunId) {
        self.run_map(id, false);
    }

    fn abort_map_run(&self, id: MapRunId) {
        self.abort_map(id);
    }

    fn log(&self, record: ExecutionRecord, revision: Arc<Revision>, events: Vec<HistoryEvent>) {
        if let Some(logs) = &self.logs {
            logs.write(&record, &revision, events);
        }
    }

    fn revision(
        &self,
        record: &ExecutionRecord,
    ) -> Result<(Arc<Revision>, Arc<asl::StateMachine>), RuntimeError> {
        self.machines.revision(&record.machine, record.revision)
    }

    fn absent_activities(&self, machine: &asl::StateMachine) -> Vec<Arc<str>> {
        let there = |arn: &&Arc<str>| self.activity_exists(arn);
        machine
            .activities
            .iter()
            .filter(|arn| !there(arn))
            .cloned()
            .collect()
    }
}

impl Shared {
    /// Whether there is such an activity; so it is said where it can't be read.
    pub(crate) fn activity_exists(&self, arn: &str) -> bool {
        ActivityName::parse(arn)
            .is_some_and(|name| !matches!(activities::get(&self.standard.store, &name), Ok(None)))
    }
}

/// `_alive` is first, so that it is dropped last.
async fn run(
    _alive: mpsc::Sender<()>,
    shared: Arc<Shared>,
    key: ExecutionKey,
    express: bool,
    pending: Pending,
    life: Arc<()>,
) {
    let attempt = pending.attempt;
    let inbox = Arc::clone(shared.lane(express).inbox(key));
    let end = end_of(&shared, &inbox, key, express, pending, life).await;
    shared.lock().tasks.remove(&(key, attempt));
    let input = match end {
        TaskEnd::Succeeded(output) => Input::TaskSucceeded { attempt, output },
        TaskEnd::Failed(TaskError {
            error,
            cause,
            failure,
        }) => Input::TaskFailed {
            attempt,
            error: Some(error),
            cause: Some(cause),
            failure,
        },
        // A callback will tell the end, or the next start of the runtime looks for it.
        TaskEnd::Submitted { .. } | TaskEnd::Queued | TaskEnd::Unknown => return,
    };
    inbox.push(Message::Input { key, input });
}

/// Stops what an abandoned task started, once the task itself can start nothing more; then it leaves the outbox.
async fn stop(
    _alive: mpsc::Sender<()>,
    shared: Arc<Shared>,
    key: ExecutionKey,
    pending: Pending,
    before: Option<Weak<()>>,
) {
    /// Calls that are under way take about as long.
    const PAUSE: Duration = Duration::from_millis(2);
    while before.as_ref().is_some_and(|life| life.strong_count() > 0) {
        tokio::time::sleep(PAUSE).await;
    }
    // An error means that the runtime stops; the next start offers the task again.
    if tasks::stop_what_it_started(&shared, key, &pending)
        .await
        .is_ok()
    {
        let mut batch = Batch::default();
        outbox::delete(&mut batch, key, pending.attempt);
        if let Err(error) = shared.standard.store.commit(batch).await {
            shared.stop_executions(&error);
        }
    }
    shared.lock().tasks.remove(&(key, pending.attempt));
}

async fn end_of(
    shared: &Arc<Shared>,
    inbox: &Inbox,
    key: ExecutionKey,
    express: bool,
    pending: Pending,
    life: Arc<()>,
) -> TaskEnd {
    if let Some(mocked) = &pending.mocked {
        let end = tasks::mocked(&pending, mocked);
        // What is told in two steps is told so here, too; after a restart the first one may have been.
        if let (Some(output), None) = (end.submitted, &pending.submitted) {
            inbox.push(Message::Submitted {
                key,
                attempt: pending.attempt,
                output,
                watched: true,
            });
        }
        return end.end;
    }
    let job = tasks::Job::of(&pending);
    // Accepted before a restart, only its end is missing.
    if let Some(submitted) = &pending.submitted
        && !tasks::lost_with_its_process(submitted)
    {
        return tasks::watch(shared, &job, submitted, None).await;
    }
    let attempt = pending.attempt;
    let end = {
        // Closed only with the runtime.
        let Some(permit) = Permit::acquire(shared, life).await else {
            return TaskEnd::Unknown;
        };
        perform(shared, key, express, pending, permit).await
    };
    let TaskEnd::Submitted {
        output,
        watched,
        told,
    } = end
    else {
        return end;
    };
    inbox.push(Message::Submitted {
        key,
        attempt,
        output: output.clone(),
        watched,
    });
    if watched {
        tasks::watch(shared, &job, &output, told).await
    } else {
        TaskEnd::Submitted {
            output,
            watched,
            told,
        }
    }
}

/// The execution that a task is for; none if it has ended. What can't be read at the moment is tried for a while, since
/// the execution waits for its task.
async fn record_of(
    shared: &Shared,
    key: ExecutionKey,
    express: bool,
) -> Result<Option<ExecutionRecord>, RuntimeError> {
    const TRIES: u32 = 10;
    const PAUSE: Duration = Duration::from_secs(1);
    let mut tried = 1;
    loop {
        match executions::get(&shared.lane(express).store, key) {
            Err(error @ RuntimeError::Store(_)) if tried < TRIES => {
                tracing::error!(%error, "the execution of a task can't be read; it is tried again");
                tokio::time::sleep(PAUSE).await;
                tried += 1;
            }
            found => return found,
        }
    }
}

/// Calls the service in a task of its own, so that a panic in it is a failed task and no more.
async fn perform(
    shared: &Arc<Shared>,
    key: ExecutionKey,
    express: bool,
    pending: Pending,
    permit: Permit,
) -> TaskEnd {
    let record = match record_of(shared, key, express).await {
        Ok(Some(record)) => record,
        // It has ended meanwhile: nobody awaits this.
        Ok(None) => return TaskEnd::Unknown,
        Err(error) => {
            return TaskEnd::Failed(TaskError {
                error: "States.TaskFailed".into(),
                cause: format!("The execution could not be read: {error}"),
                failure: Failure::Failed,
            });
        }
    };
    let mut call = JoinSet::new();
    let context = Arc::clone(shared);
    call.spawn(async move { tasks::perform_for(&context, key, &record, &pending, permit).await });
    match call.join_next().await {
        Some(Ok(end)) => end,
        Some(Err(error)) if error.is_panic() => TaskEnd::Failed(TaskError {
            error: "States.TaskFailed".into(),
            cause: "The service failed because of an internal error.".into(),
            failure: Failure::Failed,
        }),
        Some(Err(_)) | None => TaskEnd::Unknown,
    }
}
