//! Executions through time: the engine's steps made durable, its effects done, its answers given. *Commit, then act.*
//!
//! The crate owns state machines, executions, their history, timers, tasks in flight, callbacks and recovery. It knows
//! nothing of HTTP and of wire shapes. Begin with [`Runtime::start`], [`Runtime::create_state_machine`] and
//! [`Runtime::start_execution`]; inside, with `shard` (synchronous: inputs in, one commit, effects out) and `driver`
//! (the only place where something runs beside the workers).
//!
//! ```
//! use runtime::{CreateStateMachine, Runtime, RuntimeConfig, StartExecution, Status};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::start(RuntimeConfig::new(store::Store::memory(), aws::Registry::default()))?;
//! runtime.resume();
//! let machine = runtime
//!     .create_state_machine(CreateStateMachine {
//!         account: "000000000000".into(),
//!         region: "us-east-1".into(),
//!         name: "Hello".into(),
//!         definition: r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#.into(),
//!         role_arn: "arn:aws:iam::000000000000:role/r".into(),
//!         ..CreateStateMachine::default()
//!     })
//!     .await?;
//! let started = runtime
//!     .start_execution(StartExecution {
//!         state_machine_arn: machine.record.arn.to_string(),
//!         ..StartExecution::default()
//!     })
//!     .await?;
//! let ended = runtime.ended(&started.arn).await?;
//! assert_eq!(ended.record.status, Status::Succeeded);
//! # Ok(())
//! # }
//! ```

mod activities;
mod callbacks;
mod clock;
mod driver;
mod error;
mod ids;
mod inbox;
mod list;
mod lone;
mod machines;
mod map_runs;
mod message;
mod mocks;
mod recovery;
mod retention;
mod review;
mod shard;
mod tables;
mod tasks;
mod watch;

use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use asl::Payload;
use asl::machine::ScopeId;
use aws::{Arn, Registry};
use engine::{HistoryEvent, Limits, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{Order, Store};
use tokio::sync::{Semaphore, mpsc, oneshot};

use driver::{Lane, Running, Shared};
use inbox::Inbox;
use machines::Machines;
use message::{Message, Start};
use mocks::TestCase;
use shard::{Setting, Worker, World};
use tables::{executions, history};

pub use activities::ActivityTask;
pub use clock::{Clock, SystemClock, VirtualClock, Waker};
pub use error::RuntimeError;
pub use ids::{ExecutionKey, ExecutionName, SHARDS, StateMachineName};
pub use inbox::LongestTurn;
pub use list::{ExecutionPage, ExecutionSearch};
pub use lone::{LoneTask, LoneTaskDone};
pub use machines::{CreateStateMachine, StateMachine, UpdateStateMachine};
pub use map_runs::{SelectedItems, UpdateMapRun, select_items};
pub use message::{Finished, Started};
pub use mocks::{MOCKS_BYTES_MAX, MockConfiguration, MockError};
#[cfg(feature = "simulation")]
pub use shard::simulation;
pub use tables::activities::Activity;
pub use tables::executions::{ExecutionRecord, Status};
pub use tables::machines::{
    Alias, Revision, Settings, StateMachineRecord, StateMachineType, Version,
};
pub use tables::map_runs::{ChildOf, Counts, MapRunRecord as MapRun, MapRunStatus};
pub use watch::Watch;

/// What a runtime is made of.
pub struct RuntimeConfig {
    /// Where state machines and STANDARD executions live.
    pub store: Store,
    /// Whom tasks call; may be filled until [`Runtime::resume`].
    pub registry: Registry,
    /// AWS's quotas, or what replaces them.
    pub limits: Limits,
    /// Threads that own the shards.
    pub workers: usize,
    /// Tasks that run at a time: Lambda's default concurrency of an account.
    pub tasks_max: usize,
    /// Executions in memory; idle ones beyond it are read again when something happens to them.
    pub active_max: usize,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Who keeps execution logs.
    pub logs: Option<Arc<dyn HistorySink>>,
    /// The test cases that executions can be started as, until others are set.
    pub mocks: MockConfiguration,
    /// For how many days an execution is kept after its end; none keeps it for ever.
    pub retention_days: Option<u32>,
}

/// Told what happens in executions of state machines whose `loggingConfiguration` asks for it.
pub trait HistorySink: Send + Sync {
    /// New events of one execution, once they are durable (STANDARD) or have happened (EXPRESS), in their order. It must
    /// not wait: the committer calls.
    fn write(&self, execution: &ExecutionRecord, revision: &Revision, events: Vec<HistoryEvent>);
}

impl RuntimeConfig {
    /// AWS's limits, the machine's clock, and a worker for each core.
    pub fn new(store: Store, registry: Registry) -> Self {
        Self {
            store,
            registry,
            limits: Limits::default(),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            tasks_max: 1000,
            active_max: 4096,
            clock: Arc::new(SystemClock),
            logs: None,
            mocks: MockConfiguration::default(),
            retention_days: Some(retention::AWS_DAYS),
        }
    }
}

/// Executions and all that moves them. Cheap to clone; the last clone to go stops it.
#[derive(Clone)]
pub struct Runtime {
    house: Arc<House>,
}

/// Ends the workers with the last handle.
struct House {
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    tasks_max: usize,
    retention_days: Option<u32>,
    resumed: std::sync::Once,
    /// Closed when no task is left.
    gone: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// StartExecution's and StartSyncExecution's members.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct StartExecution {
    pub state_machine_arn: String,
    /// A test case of the mock configuration.
    pub test_case: Option<String>,
    pub name: Option<String>,
    /// JSON text; `{}` if there is none.
    pub input: Option<String>,
    pub trace_header: Option<String>,
}

/// DescribeExecution's answer.
#[derive(Clone, Debug)]
pub struct ExecutionDescription {
    /// All but the payloads.
    pub record: ExecutionRecord,
    /// As it was sent.
    pub input: Option<Payload>,
    /// Of SUCCEEDED.
    pub output: Option<Payload>,
}

/// Some events of a history.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// In the order that was asked for.
    pub events: Vec<HistoryEvent>,
    /// The id of the event with which the next page begins.
    pub next: Option<u64>,
}

impl Runtime {
    /// Reads what is unfinished in the store and starts the workers. Tasks wait for [`Runtime::resume`].
    ///
    /// # Errors
    /// When the store can't be read.
    ///
    /// # Panics
    /// Outside a tokio runtime, where tasks could not run.
    pub fn start(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        let workers = config.workers.max(1);
        let lane = |store: &Store| Lane {
            store: store.clone(),
            inboxes: (0..workers).map(|_| Arc::new(Inbox::default())).collect(),
        };
        let express = Store::memory();
        let shares = recovery::shares(&config.store, workers)?;
        let map_runs = recovery::map_runs(&config.store)?;
        let now = config.clock.now();
        let (alive, gone) = mpsc::channel(1);
        let shared = Arc::new_cyclic(|me| Shared {
            me: me.clone(),
            clock: config.clock,
            maps: map_runs::Live::new(&config.limits),
            limits: config.limits,
            registry: config.registry,
            logs: config.logs,
            mocks: RwLock::new(Arc::new(config.mocks)),
            machines: Machines::new(config.store.clone()),
            standard: lane(&config.store),
            express: lane(&express),
            handle: tokio::runtime::Handle::current(),
            permits: Arc::new(Semaphore::new(0)),
            running: Mutex::new(Running::default()),
            alive: Mutex::new(Some(alive)),
            closing: tokio::sync::watch::Sender::new(false),
            activities: Arc::default(),
            watchers: Arc::default(),
            map_changes: tokio::sync::Mutex::new(()),
            tickets: AtomicU64::new(now.0.max(0).unsigned_abs() * 1000),
        });
        let mut threads = Vec::with_capacity(2 * workers);
        let active_max = (config.active_max / workers).max(1);
        let setting = |lane: &Lane, index: usize, express: bool| Setting {
            store: lane.store.clone(),
            inbox: Arc::clone(&lane.inboxes[index]),
            clock: Arc::clone(&shared.clock),
            world: Arc::clone(&shared) as Arc<dyn World>,
            watchers: Arc::clone(&shared.watchers),
            limits: shared.limits.clone(),
            express,
            active_max,
            step: engine::step,
        };
        for (index, share) in shares.into_iter().enumerate() {
            let worker = Worker::new(
                setting(&shared.standard, index, false),
                share.timers,
                share.ready,
            );
            threads.push(spawn(
                &shared,
                &shared.standard.inboxes[index],
                worker,
                index,
            ));
            let worker = Worker::new(
                setting(&shared.express, index, true),
                std::collections::BTreeSet::new(),
                VecDeque::new(),
            );
            threads.push(spawn(
                &shared,
                &shared.express.inboxes[index],
                worker,
                index,
            ));
            for (key, pending) in share.tasks {
                shared.dispatch(key, false, pending);
            }
        }
        for id in map_runs {
            shared.run_map(id, true);
        }
        Ok(Self {
            house: Arc::new(House {
                shared,
                workers: Mutex::new(threads),
                tasks_max: config.tasks_max.max(1),
                retention_days: config.retention_days,
                resumed: std::sync::Once::new(),
                gone: tokio::sync::Mutex::new(gone),
            }),
        })
    }

    /// Lets tasks run, those first that an earlier process left. To be called once the registry is filled.
    pub fn resume(&self) {
        self.house.resumed.call_once(|| {
            self.shared().permits.add_permits(self.house.tasks_max);
            self.shared().sweep_map_runs();
            if let Some(days) = self.house.retention_days {
                self.shared().keep_for(days);
            }
        });
    }

    /// Stops accepting, lets commits in hand end, gives up tasks that run; the next start offers those again.
    pub async fn shutdown(&self) {
        self.shared().close();
        let workers = std::mem::take(
            &mut *self
                .house
                .workers
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        // The threads wait for the disk, which is no work for an async thread.
        let joined = tokio::task::spawn_blocking(move || {
            for worker in workers {
                // A worker that panicked has said so.
                let _ = worker.join();
            }
        });
        let _ = joined.await;
        // Nothing is ever sent.
        let _ = self.house.gone.lock().await.recv().await;
    }

    /// The longest turn of any worker of shards since the last call.
    pub fn longest_turn(&self) -> LongestTurn {
        let shared = self.shared();
        let inboxes = shared
            .standard
            .inboxes
            .iter()
            .chain(&shared.express.inboxes);
        inboxes
            .map(|inbox| inbox.longest_turn())
            .fold(LongestTurn::default(), |longest, turn| LongestTurn {
                wall: longest.wall.max(turn.wall),
                processor: longest.processor.max(turn.processor),
            })
    }

    /// Whether executions are accepted: false after a shutdown, a failed commit or a worker's panic.
    pub fn is_running(&self) -> bool {
        let shared = self.shared();
        shared.standard.is_open() && shared.express.is_open()
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.house.shared
    }

    /// The instant it is.
    pub fn now(&self) -> Timestamp {
        self.shared().clock.now()
    }

    /// Sixteen bytes that nobody can guess.
    pub fn entropy(&self) -> [u8; 16] {
        self.shared().clock.entropy()
    }

    /// The quotas in force.
    pub fn limits(&self) -> &Limits {
        &self.shared().limits
    }

    // State machines.

    /// Creates a state machine, or answers as the first time if it is the same again.
    pub async fn create_state_machine(
        &self,
        new: CreateStateMachine,
    ) -> Result<StateMachine, RuntimeError> {
        let id = self.shared().clock.entropy();
        self.shared().machines.create(new, self.now(), id).await
    }

    /// Gives a state machine a new revision, unless nothing changes. Running executions keep theirs.
    pub async fn update_state_machine(
        &self,
        update: UpdateStateMachine,
    ) -> Result<StateMachine, RuntimeError> {
        let revision = uuid::Builder::from_random_bytes(self.shared().clock.entropy()).into_uuid();
        self.shared()
            .machines
            .update(update, self.now(), revision.to_string())
            .await
    }

    /// The state machine that an ARN names; its qualifier may be a version's number or an alias.
    pub fn describe_state_machine(&self, arn: &str) -> Result<StateMachine, RuntimeError> {
        self.shared().machines.find(arn, || self.draw())
    }

    /// Deletes a state machine with its versions and aliases, if it is there.
    ///
    /// DIVERGENCE: on AWS it lingers in the status DELETING and its executions end at their next transition; here it
    /// is gone at once and its executions run to their end.
    pub async fn delete_state_machine(&self, arn: &str) -> Result<(), RuntimeError> {
        self.shared().machines.delete(arn).await
    }

    /// Up to `limit` state machines of an account and region whose names come after `after`, by name.
    pub fn list_state_machines(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StateMachineRecord>, RuntimeError> {
        self.shared().machines.list(account, region, after, limit)
    }

    /// Changes the tags of a state machine.
    pub async fn tag_state_machine(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Vec<(String, String)>) -> Result<(), RuntimeError> + Send,
    ) -> Result<(), RuntimeError> {
        self.shared().machines.tag(arn, change).await
    }

    /// Publishes the revision in force, or finds the version that keeps it already.
    pub async fn publish_version(
        &self,
        arn: &str,
        revision_id: Option<&str>,
        description: Option<String>,
    ) -> Result<StateMachine, RuntimeError> {
        self.shared()
            .machines
            .publish(arn, revision_id, description, self.now())
            .await
    }

    /// Deletes a version, unless an alias routes to it.
    pub async fn delete_version(&self, version_arn: &str) -> Result<(), RuntimeError> {
        self.shared().machines.delete_version(version_arn).await
    }

    /// Up to `limit` versions with a number below `before`, newest first.
    pub fn list_versions(
        &self,
        arn: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Version>, RuntimeError> {
        self.shared().machines.versions(arn, before, limit)
    }

    /// Makes an alias that routes to one or two versions by weight, or finds the same one.
    ///
    /// # Errors
    /// [`RuntimeError::Conflict`] when the name routes elsewhere already, [`RuntimeError::Validation`] when the routes
    /// are not versions of one state machine or their weights do not sum to 100.
    pub async fn create_alias(
        &self,
        name: &str,
        description: Option<String>,
        routes: &[(String, u32)],
    ) -> Result<(String, Alias), RuntimeError> {
        self.shared()
            .machines
            .create_alias(name, description, routes, self.now())
            .await
    }

    /// Changes an alias's description, its routes, or both.
    pub async fn update_alias(
        &self,
        alias_arn: &str,
        description: Option<String>,
        routes: Option<&[(String, u32)]>,
    ) -> Result<Alias, RuntimeError> {
        self.shared()
            .machines
            .update_alias(alias_arn, description, routes, self.now())
            .await
    }

    /// Deletes an alias.
    pub async fn delete_alias(&self, alias_arn: &str) -> Result<(), RuntimeError> {
        self.shared().machines.delete_alias(alias_arn).await
    }

    /// An alias by its ARN.
    pub fn describe_alias(&self, alias_arn: &str) -> Result<Alias, RuntimeError> {
        let (_, alias) = self.shared().machines.alias(alias_arn)?;
        Ok(alias)
    }

    /// The aliases of a state machine, or those that route to the version that the ARN names.
    pub fn list_aliases(&self, arn: &str) -> Result<Vec<Alias>, RuntimeError> {
        self.shared().machines.aliases(arn)
    }

    /// The mock configuration in force.
    pub fn mocks(&self) -> Arc<MockConfiguration> {
        let mocks = self.shared().mocks.read();
        Arc::clone(&mocks.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another mock configuration in place. Executions that run keep what they began with.
    pub fn set_mocks(&self, mocks: MockConfiguration) {
        let mut place = self
            .shared()
            .mocks
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Arc::new(mocks);
    }

    // Executions.

    /// Starts an execution; when this resolves, it is durable (STANDARD) or in memory (EXPRESS).
    ///
    /// # Errors
    /// [`RuntimeError::ExecutionAlreadyExists`] by the name rule of STANDARD, [`RuntimeError::Throttled`] when the
    /// shard's queue is full.
    pub async fn start_execution(&self, request: StartExecution) -> Result<Started, RuntimeError> {
        let machine = self.describe_state_machine(&request.state_machine_arn)?;
        let ended = if machine.record.kind == StateMachineType::Express {
            tasks::listener()
        } else {
            None
        };
        self.begin(machine, request, false, ended).await
    }

    /// Runs an EXPRESS execution to its end.
    pub async fn start_sync_execution(
        &self,
        request: StartExecution,
    ) -> Result<Arc<Finished>, RuntimeError> {
        let machine = self.describe_state_machine(&request.state_machine_arn)?;
        if machine.record.kind != StateMachineType::Express {
            return Err(RuntimeError::StateMachineTypeNotSupported);
        }
        let (ended, told) = oneshot::channel();
        self.begin(machine, request, true, Some(ended)).await?;
        told.await.ok().flatten().ok_or(RuntimeError::Stopped)
    }

    async fn begin(
        &self,
        machine: StateMachine,
        request: StartExecution,
        synchronous: bool,
        ended: Option<message::Ended>,
    ) -> Result<Started, RuntimeError> {
        let shared = self.shared();
        let text = request.input.unwrap_or_else(|| "{}".into());
        if text.len() > shared.limits.payload_bytes_max {
            return Err(RuntimeError::InvalidExecutionInput(format!(
                "Input exceeds the maximum of {} bytes",
                shared.limits.payload_bytes_max
            )));
        }
        let input_digest = Sha256::digest(&text).into();
        let input = Payload::from_text(text).map_err(|_| RuntimeError::InputIsNoJson)?;
        let arn: Arn = (machine.record.arn.parse())
            .map_err(|_| RuntimeError::InvalidArn(machine.record.arn.to_string()))?;
        let id = || {
            uuid::Builder::from_random_bytes(shared.clock.entropy())
                .into_uuid()
                .to_string()
        };
        let express = machine.record.kind == StateMachineType::Express;
        let test_case = match &request.test_case {
            None => None,
            Some(case) => Some(self.test_case(&machine.record.name, case)?),
        };
        let name = request.name.unwrap_or_else(id);
        let (resource, key_name) = if express {
            let id = id();
            (
                format!("express:{}:{name}:{id}", machine.record.name),
                format!("{name}:{id}"),
            )
        } else {
            (
                format!("execution:{}:{name}", machine.record.name),
                name.clone(),
            )
        };
        let region: Arc<str> = arn.region.as_str().into();
        let key = ExecutionKey::new(&machine.record.arn, &key_name);
        let start = self.now();
        let record = ExecutionRecord {
            arn: Arn { resource, ..arn }.to_string().into(),
            name: name.into(),
            state_machine_arn: Arc::clone(&machine.record.arn),
            state_machine_version_arn: machine.version_arn().map(Into::into),
            state_machine_alias_arn: machine.alias_arn().map(Into::into),
            machine: machine.record.id,
            revision: machine.revision.number,
            status: Status::Running,
            start,
            stop: None,
            error: None,
            cause: None,
            trace_header: request.trace_header,
            input_digest,
            ticket: shared.ticket(start),
            last_row: 0,
            child_of: None,
            mocked: test_case.is_some(),
        };
        let (_, definition) = shared.machines.revision(&record.machine, record.revision)?;
        let (answer, answered) = oneshot::channel();
        let lane = if express {
            &shared.express
        } else {
            &shared.standard
        };
        lane.offer(
            key,
            Message::Start(Box::new(Start {
                key,
                record,
                machine: definition,
                machine_name: Arc::clone(&machine.record.name),
                revision: machine.revision,
                region,
                input,
                test_case,
                scope: ScopeId::ROOT,
                synchronous,
                ended,
                answer,
            })),
        )?;
        answered.await.map_err(|_| RuntimeError::Stopped)?
    }

    fn test_case(&self, machine: &str, case: &str) -> Result<Arc<TestCase>, RuntimeError> {
        let mocks = self.mocks();
        let found = mocks.case(machine, case).cloned();
        found.ok_or_else(|| RuntimeError::TestCaseDoesNotExist {
            machine: machine.to_owned(),
            case: case.to_owned(),
        })
    }

    /// A number below a hundred.
    fn draw(&self) -> u32 {
        let [.., high, low] = self.shared().clock.entropy();
        u32::from(u16::from_be_bytes([high, low])) % 100
    }

    /// Stops a running execution; of an ended one, it answers when it ended.
    pub async fn stop_execution(
        &self,
        arn: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<Timestamp, RuntimeError> {
        let name = standard(arn)?;
        let (answer, answered) = oneshot::channel();
        let key = name.key();
        let arn = arn.to_owned();
        self.shared().standard.offer(
            key,
            Message::Stop {
                key,
                arn,
                error,
                cause,
                answer,
            },
        )?;
        answered.await.map_err(|_| RuntimeError::Stopped)?
    }

    /// Resolved when a STANDARD execution has ended.
    pub async fn ended(&self, arn: &str) -> Result<Arc<Finished>, RuntimeError> {
        let name = standard(arn)?;
        self.committed(arn, &name)?;
        self.shared()
            .ended(&name)
            .await?
            .ok_or_else(|| RuntimeError::ExecutionDoesNotExist(arn.to_owned()))
    }

    /// A STANDARD execution as it is committed, or a Map Run's EXPRESS child that has ended.
    pub fn describe_execution(&self, arn: &str) -> Result<ExecutionDescription, RuntimeError> {
        let name = ExecutionName::parse(arn)
            .filter(|name| !name.express || name.is_child())
            .ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let record = self.committed(arn, &name)?;
        let store = &self.shared().standard.store;
        let (input, output) = history::payloads(store, name.key(), &record)?;
        Ok(ExecutionDescription {
            record,
            input,
            output,
        })
    }

    /// The state machine as an execution runs it.
    pub fn state_machine_for_execution(
        &self,
        arn: &str,
    ) -> Result<(ExecutionRecord, Arc<Revision>, Arc<asl::StateMachine>), RuntimeError> {
        let record = self.committed(arn, &standard(arn)?)?;
        let (revision, definition) = self
            .shared()
            .machines
            .revision(&record.machine, record.revision)?;
        Ok((record, revision, definition))
    }

    /// Up to `limit` events of a STANDARD execution, from the event `from` on: by default the first, or in reverse
    /// the last. A page of large events ends earlier, at some megabytes.
    pub fn history(
        &self,
        arn: &str,
        from: Option<u64>,
        reverse: bool,
        limit: usize,
    ) -> Result<HistoryPage, RuntimeError> {
        let name = standard(arn)?;
        self.committed(arn, &name)?;
        let (order, from) = if reverse {
            (Order::Descending, from.unwrap_or(u64::MAX))
        } else {
            (Order::Ascending, from.unwrap_or(1))
        };
        let store = &self.shared().standard.store;
        let (events, next) = history::page(store, name.key(), from, order, limit)?;
        Ok(HistoryPage { events, next })
    }

    fn committed(&self, arn: &str, name: &ExecutionName) -> Result<ExecutionRecord, RuntimeError> {
        executions::get(&self.shared().standard.store, name.key())?
            .ok_or_else(|| RuntimeError::ExecutionDoesNotExist(arn.to_owned()))
    }
}

/// The name of a STANDARD execution.
fn standard(arn: &str) -> Result<ExecutionName, RuntimeError> {
    ExecutionName::parse(arn)
        .filter(|name| !name.express)
        .ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))
}

fn spawn(shared: &Arc<Shared>, inbox: &Arc<Inbox>, worker: Worker, index: usize) -> JoinHandle<()> {
    let sleeper = Arc::clone(inbox);
    shared.clock.on_change(Arc::new(move || sleeper.wake()));
    std::thread::Builder::new()
        .name(format!("shards-{index}"))
        .spawn(move || worker.run())
        .expect("the system can start a thread")
}
