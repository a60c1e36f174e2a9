//! The workers of one store, moved by somebody else: no thread, no tokio, no clock of its own. For `canter-sim`, behind
//! the feature `simulation`.
//!
//! What runs beside the workers otherwise (`driver`, `tasks`, `map_runs`) is not here: whoever holds the [`Node`] takes
//! what is [`Asked`] and gives the answers, in any order, late, twice or never. Begin with [`Node::start`],
//! [`Node::turn`] and [`Node::commit`]; a crash is to drop the node and to start another on the same disk.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use asl::Payload;
use asl::machine::ScopeId;
use engine::{AttemptId, Execution, HistoryEvent, Input, TimerId, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{Batch, Commits, Order, Store};
use tokio::sync::oneshot;

use super::{Setting, StepFn, Worker, World};
use crate::inbox::Inbox;
use crate::message::{Callback, Finished, Message, Start, Started};
use crate::tables::executions::{self, ExecutionRecord, Status};
use crate::tables::map_runs::MapRunId;
use crate::tables::outbox::{self, Entry, Pending};
use crate::tables::{frames, history, timers};
use crate::{Clock, ExecutionKey, Revision, RuntimeError, Settings, callbacks, recovery};

/// Where every simulated state machine is.
const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

/// A state machine, in its only revision.
#[derive(Clone)]
pub struct Machine {
    name: Arc<str>,
    arn: Arc<str>,
    revision: Arc<Revision>,
    definition: Arc<asl::StateMachine>,
}

impl Machine {
    /// A state machine whose executions are logged.
    ///
    /// # Errors
    /// [`RuntimeError::InvalidDefinition`]
    pub fn new(name: &str, definition: &str) -> Result<Self, RuntimeError> {
        let parsed = asl::parse(definition);
        let invalid = RuntimeError::InvalidDefinition(parsed.diagnostics);
        let machine = parsed.machine.ok_or(invalid)?;
        let settings = Settings {
            logging: Some(serde_json::json!({ "level": "ALL" })),
            ..Settings::default()
        };
        Ok(Self {
            name: name.into(),
            arn: format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}").into(),
            revision: Arc::new(Revision {
                number: 0,
                id: None,
                definition: definition.into(),
                role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r").into(),
                settings,
                updated: Timestamp(0),
            }),
            definition: Arc::new(machine),
        })
    }

    /// The key of its execution of that name.
    pub fn key(&self, execution: &str) -> ExecutionKey {
        ExecutionKey::new(&self.arn, execution)
    }

    fn id(&self) -> [u8; 16] {
        let digest = Sha256::digest(self.arn.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        id
    }
}

/// A task that stands in the outbox.
#[derive(Clone, Debug)]
pub struct Task {
    /// Whose.
    pub key: ExecutionKey,
    /// Which try.
    pub attempt: AttemptId,
    /// As the definition writes it.
    pub resource: Arc<str>,
    /// The effective input.
    pub parameters: Payload,
    /// The state's name.
    pub state: Arc<str>,
    /// What the service answered when it accepted it; only the end is missing.
    pub submitted: Option<Payload>,
    /// What it started is to be stopped; nobody awaits it.
    pub abandoned: bool,
}

impl Task {
    fn of(key: ExecutionKey, pending: Pending) -> Self {
        Self {
            key,
            attempt: pending.attempt,
            resource: pending.resource,
            parameters: pending.parameters,
            state: pending.state,
            submitted: pending.submitted,
            abandoned: pending.abandoned,
        }
    }
}

/// What a worker wants of the world.
#[derive(Clone, Debug)]
pub enum Asked {
    /// To run a task, or to stop what an abandoned one has started.
    Run(Task),
    /// Nobody awaits this attempt any more.
    GiveUp {
        /// Whose.
        key: ExecutionKey,
        /// Which try.
        attempt: AttemptId,
    },
    /// To log these events.
    Log {
        /// The execution's.
        arn: Arc<str>,
        /// In their order.
        events: Vec<HistoryEvent>,
    },
}

/// What will be answered.
#[derive(Debug)]
pub struct Answer<T>(oneshot::Receiver<T>);

impl<T> Answer<T> {
    /// The answer, once; none before it is there.
    ///
    /// # Errors
    /// [`RuntimeError::Stopped`] when nobody is left who could answer, or after the answer.
    pub fn take(&mut self) -> Result<Option<T>, RuntimeError> {
        match self.0.try_recv() {
            Ok(answer) => Ok(Some(answer)),
            Err(oneshot::error::TryRecvError::Empty) => Ok(None),
            Err(oneshot::error::TryRecvError::Closed) => Err(RuntimeError::Stopped),
        }
    }
}

/// Keeps what is asked until somebody takes it.
struct Outside {
    machines: BTreeMap<[u8; 16], Machine>,
    asked: Mutex<VecDeque<Asked>>,
}

impl Outside {
    fn ask(&self, asked: Asked) {
        lock(&self.asked).push_back(asked);
    }
}

impl World for Outside {
    fn dispatch(&self, key: ExecutionKey, _express: bool, pending: Pending) {
        self.ask(Asked::Run(Task::of(key, pending)));
    }

    fn cancel(&self, key: ExecutionKey, attempt: AttemptId) {
        self.ask(Asked::GiveUp { key, attempt });
    }

    fn start_map_run(&self, _id: MapRunId) {
        unreachable!("a simulated state machine has no Distributed Map");
    }

    fn abort_map_run(&self, _id: MapRunId) {
        unreachable!("a simulated state machine has no Distributed Map");
    }

    fn log(&self, record: ExecutionRecord, _revision: Arc<Revision>, events: Vec<HistoryEvent>) {
        let arn = record.arn;
        self.ask(Asked::Log { arn, events });
    }

    fn revision(
        &self,
        record: &ExecutionRecord,
    ) -> Result<(Arc<Revision>, Arc<asl::StateMachine>), RuntimeError> {
        let machine = self.machines.get(&record.machine);
        let machine = machine.ok_or(RuntimeError::Damaged("state machine"))?;
        Ok((
            Arc::clone(&machine.revision),
            Arc::clone(&machine.definition),
        ))
    }

    fn absent_activities(&self, _machine: &asl::StateMachine) -> Vec<Arc<str>> {
        Vec::new()
    }
}

/// What a node is made of.
pub struct Plan {
    /// The disk, opened, and who makes its commits.
    pub store: (Store, Commits),
    /// The state machines there are.
    pub machines: Vec<Machine>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// AWS's quotas, or what replaces them.
    pub limits: engine::Limits,
    /// Between how many the shards are divided.
    pub workers: usize,
    /// Executions that each keeps in memory.
    pub active_max: usize,
    /// [`engine::step`], or one that fails.
    pub step: StepFn,
}

/// A process, as far as it is deterministic: the workers of a store, and what waits for its commits.
pub struct Node {
    store: Store,
    commits: Arc<Mutex<Commits>>,
    outside: Arc<Outside>,
    clock: Arc<dyn Clock>,
    workers: Vec<Worker>,
    /// Messages that wait for each.
    waiting: Vec<usize>,
    tickets: u64,
}

impl Node {
    /// Takes up what the disk holds, as [`crate::Runtime::start`] does.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn start(plan: Plan) -> Result<Self, RuntimeError> {
        let (store, commits) = plan.store;
        let commits = Arc::new(Mutex::new(commits));
        let machines = plan.machines.into_iter();
        let outside = Arc::new(Outside {
            machines: machines.map(|machine| (machine.id(), machine)).collect(),
            asked: Mutex::default(),
        });
        let mut workers = Vec::with_capacity(plan.workers);
        for share in recovery::shares(&store, plan.workers)? {
            let inbox = Arc::new(Inbox::default());
            // What waits for a commit holds the inbox: the commits go with the node all the same.
            let groups = Arc::downgrade(&commits);
            inbox.meanwhile(move || {
                let more = (groups.upgrade()).is_some_and(|groups| lock(&groups).step(usize::MAX));
                assert!(more, "a worker waits for a batch that nobody has submitted");
            });
            let setting = Setting {
                store: store.clone(),
                inbox,
                clock: Arc::clone(&plan.clock),
                world: Arc::clone(&outside) as Arc<dyn World>,
                watchers: Arc::default(),
                limits: plan.limits.clone(),
                express: false,
                active_max: plan.active_max,
                step: plan.step,
            };
            workers.push(Worker::new(setting, share.timers, share.ready));
            for (key, pending) in share.tasks {
                outside.dispatch(key, false, pending);
            }
        }
        Ok(Self {
            store,
            commits,
            outside,
            tickets: plan.clock.now().0.unsigned_abs() * 1000,
            clock: plan.clock,
            waiting: vec![0; workers.len()],
            workers,
        })
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// When a worker has something to do, if nothing more comes; never after a failed commit that it was told of.
    pub fn due(&self, worker: usize) -> Option<Timestamp> {
        if self.inbox(worker).is_closed() {
            return None;
        }
        let now = self.clock.now();
        let moved = &self.workers[worker];
        if self.waiting[worker] > 0 || !moved.ready.is_empty() || !moved.taken.is_empty() {
            return Some(now);
        }
        moved.timers.first().map(|(at, ..)| (*at).max(now))
    }

    /// One turn of a worker, with up to so many messages.
    pub fn turn(&mut self, worker: usize, messages_max: usize) {
        let inbox = self.inbox(worker);
        let messages = inbox.take(messages_max, Some(Duration::ZERO), 0);
        self.waiting[worker] -= messages.len();
        self.workers[worker].turn(messages);
    }

    /// Makes one group of up to so many waiting batches durable and tells those who wait; false if there was none.
    pub fn commit(&mut self, batches_max: usize) -> bool {
        lock(&self.commits).step(batches_max)
    }

    /// The next thing that is wanted of the world.
    pub fn asked(&mut self) -> Option<Asked> {
        lock(&self.outside.asked).pop_front()
    }

    /// False after a failed commit: only a restart helps.
    pub fn is_running(&self) -> bool {
        (0..self.workers.len()).all(|worker| !self.inbox(worker).is_closed())
    }

    /// What is committed.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn inbox(&self, worker: usize) -> &Arc<Inbox> {
        &self.workers[worker].setting.inbox
    }

    fn push(&mut self, key: ExecutionKey, message: Message) {
        let worker = usize::from(key.shard()) % self.workers.len();
        if !self.inbox(worker).is_closed() {
            self.inbox(worker).push(message);
            self.waiting[worker] += 1;
        }
    }

    // What clients ask.

    /// StartExecution.
    ///
    /// # Panics
    /// If the input is not JSON.
    pub fn start_execution(
        &mut self,
        machine: &Machine,
        name: &str,
        input: &str,
    ) -> Answer<Result<Started, RuntimeError>> {
        let start = self.clock.now();
        self.tickets = (start.0.unsigned_abs() * 1000).max(self.tickets + 1);
        let key = machine.key(name);
        let (answer, answered) = oneshot::channel();
        let arn = format!(
            "arn:aws:states:{REGION}:{ACCOUNT}:execution:{}:{name}",
            machine.name
        );
        let start = Start {
            key,
            record: ExecutionRecord {
                arn: arn.into(),
                name: name.into(),
                state_machine_arn: Arc::clone(&machine.arn),
                state_machine_version_arn: None,
                state_machine_alias_arn: None,
                machine: machine.id(),
                revision: 0,
                status: Status::Running,
                start,
                stop: None,
                error: None,
                cause: None,
                trace_header: None,
                input_digest: Sha256::digest(input).into(),
                ticket: self.tickets,
                last_row: 0,
                child_of: None,
                mocked: false,
            },
            machine: Arc::clone(&machine.definition),
            machine_name: Arc::clone(&machine.name),
            revision: Arc::clone(&machine.revision),
            region: REGION.into(),
            input: Payload::from_text(input).expect("whoever simulates gives JSON"),
            test_case: None,
            scope: ScopeId::ROOT,
            synchronous: false,
            ended: None,
            answer,
        };
        self.push(key, Message::Start(Box::new(start)));
        Answer(answered)
    }

    /// StopExecution.
    pub fn stop_execution(
        &mut self,
        key: ExecutionKey,
        error: &str,
    ) -> Answer<Result<Timestamp, RuntimeError>> {
        let (answer, answered) = oneshot::channel();
        let stop = Message::Stop {
            key,
            arn: String::new(),
            error: Some(error.to_owned()),
            cause: None,
            answer,
        };
        self.push(key, stop);
        Answer(answered)
    }

    /// SendTaskSuccess, SendTaskFailure or SendTaskHeartbeat, by the input that it makes for the token's attempt.
    ///
    /// # Errors
    /// [`RuntimeError::InvalidToken`] when it is none at all.
    pub fn call_back(
        &mut self,
        token: &str,
        input: impl FnOnce(AttemptId) -> Input,
    ) -> Result<Answer<Result<(), RuntimeError>>, RuntimeError> {
        let (key, attempt, nonce) = callbacks::parse(token)?;
        let (answer, answered) = oneshot::channel();
        let callback = Callback {
            key,
            attempt,
            nonce,
            input: input(attempt),
            answer,
        };
        self.push(key, Message::Callback(Box::new(callback)));
        Ok(Answer(answered))
    }

    /// Tells when an execution has ended; none if it does not exist.
    pub fn ended(&mut self, key: ExecutionKey) -> Answer<Option<Arc<Finished>>> {
        let (ended, told) = oneshot::channel();
        self.push(key, Message::Await { key, ended });
        Answer(told)
    }

    // What the driver tells.

    /// A task has ended.
    pub fn tell(&mut self, key: ExecutionKey, input: Input) {
        self.push(key, Message::Input { key, input });
    }

    /// A service has accepted a task and tells its end later: by a callback, or `watched`, by [`Node::tell`].
    pub fn submitted(
        &mut self,
        key: ExecutionKey,
        attempt: AttemptId,
        output: Payload,
        watched: bool,
    ) {
        let submitted = Message::Submitted {
            key,
            attempt,
            output,
            watched,
        };
        self.push(key, submitted);
    }

    /// A worker takes the task of an activity; the answer is the nonce of its token, or none if nobody awaits it.
    pub fn take_task(
        &mut self,
        key: ExecutionKey,
        attempt: AttemptId,
    ) -> Answer<Result<Option<u128>, RuntimeError>> {
        let (answer, answered) = oneshot::channel();
        let take = Message::Take {
            key,
            attempt,
            worker_name: None,
            answer,
        };
        self.push(key, take);
        Answer(answered)
    }

    /// What an abandoned task had started is stopped: it leaves the outbox.
    pub fn stopped(&mut self, key: ExecutionKey, attempt: AttemptId) {
        let mut batch = Batch::default();
        outbox::delete(&mut batch, key, attempt);
        let inboxes: Vec<_> = (0..self.workers.len())
            .map(|worker| Arc::clone(self.inbox(worker)))
            .collect();
        self.store.submit(batch, move |committed| {
            if committed.is_err() {
                for inbox in &inboxes {
                    inbox.close();
                }
            }
        });
    }
}

/// The token of a task that a worker has taken.
pub fn task_token(key: ExecutionKey, attempt: AttemptId, nonce: u128) -> String {
    engine::task_token(key.bytes(), attempt, nonce)
}

/// Whose task a token is of, and which try; none if it is no token.
pub fn parse_task_token(token: &str) -> Option<(ExecutionKey, AttemptId)> {
    let (key, attempt, _) = callbacks::parse(token).ok()?;
    Some((key, attempt))
}

/// All that a store holds of one execution, but its history.
pub struct Kept {
    /// What is listed and described.
    pub record: ExecutionRecord,
    /// Under which statuses it is listed.
    pub listed: Vec<Status>,
    /// The outbox.
    pub tasks: Vec<Task>,
    /// Whether the outbox says that it wants to go on.
    pub continuing: bool,
    /// When each timer is due.
    pub timers: Vec<(TimerId, Timestamp)>,
    /// Its image, while it runs.
    pub execution: Option<Execution>,
    /// Whether rows of an image are there.
    pub has_rows: bool,
}

/// The record of an execution as it is committed.
///
/// # Errors
/// When the store can't be read.
pub fn record(store: &Store, key: ExecutionKey) -> Result<Option<ExecutionRecord>, RuntimeError> {
    executions::get(store, key)
}

/// Committed history events, from one on.
///
/// # Errors
/// When the store can't be read.
pub fn history(
    store: &Store,
    key: ExecutionKey,
    from: u64,
) -> Result<Vec<HistoryEvent>, RuntimeError> {
    history::read(store, key, from, Order::Ascending, usize::MAX)
}

/// What a store holds of an execution; none if there is no such execution.
///
/// # Errors
/// When it can't be read, or is not what was written.
pub fn kept(
    store: &Store,
    key: ExecutionKey,
    limits: &engine::Limits,
) -> Result<Option<Kept>, RuntimeError> {
    let Some(record) = executions::get(store, key)? else {
        return Ok(None);
    };
    let mut listed = Vec::new();
    for status in Status::ALL {
        let there = executions::listed(store, &record.machine, status, None, usize::MAX)?;
        let times = there.iter().filter(|(_, listed)| *listed == key).count();
        listed.extend(std::iter::repeat_n(status, times));
    }
    let (mut tasks, mut continuing, mut set) = (Vec::new(), false, Vec::new());
    outbox::each(store, key, |entry| match entry {
        Entry::Continue => continuing = true,
        Entry::Task(pending) => tasks.push(Task::of(key, *pending)),
    })?;
    timers::each(store, key, |timer, at| set.push((timer, at)))?;
    let image = frames::restore(store, key, limits)?;
    let rows = store.prefix(frames::FRAMES, key.bytes(), Order::Ascending, 1)?;
    Ok(Some(Kept {
        record,
        listed,
        tasks,
        continuing,
        timers: set,
        execution: image.map(|(execution, _)| execution),
        has_rows: !rows.is_empty(),
    }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A step that panics holds none of these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
