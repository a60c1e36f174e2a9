//! The shards of one worker: inputs in, one commit, effects out. Synchronous; the world comes in as [`Message`]s and
//! is reached through [`World`].

#[cfg(feature = "simulation")]
pub mod simulation;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use asl::Payload;
use engine::{
    AttemptId, Changes, Effect, Execution, HistoryEvent, Input, Outcome, Seed, Step, TimerId,
    Timestamp, Turn,
};
use store::{Batch, Store, StoreError};
use subtle::ConstantTimeEq as _;

use crate::inbox::{Began, Inbox};
use crate::message::{Callback, Ended, Finished, Message, Start, Started};
use crate::mocks::TestCase;
use crate::tables::executions::{self, ExecutionRecord, Status};
use crate::tables::map_runs::{self, MapRunId, Open};
use crate::tables::mocks::{self, Mocks};
use crate::tables::outbox::{self, Pending};
use crate::tables::{frames, history, timers};
use crate::tasks;
use crate::watch::{Subject, Watchers};
use crate::{Clock, ExecutionKey, Revision, RuntimeError, retention};

/// Inputs that share one batch: more would make the first wait for the last.
const INPUTS_MAX: usize = 256;

/// After so many history events of messages, of timers, or of executions that go on, the rest of that kind waits for the next
/// turn, so that nobody waits for many Maps' iterations: about a millisecond of a core. The step that passes it is bounded
/// by its own budget.
const EVENTS_MAX: usize = 512;

/// Batches on their way to the disk: one that is written, one that waits for the next group, and a little slack.
const BATCHES_MAX: u64 = 4;

/// The longest sleep before a timer: sleeps stand still while the machine is suspended, and the clock does not.
const PATIENCE_MAX: Duration = Duration::from_secs(5);

/// A name may be given again this long after its execution closed: milliseconds.
const NAME_KEPT: i64 = retention::AWS_DAYS as i64 * retention::DAY_MILLISECONDS;

/// What a worker asks of the rest of the runtime, after the commit.
pub(crate) trait World: Send + Sync {
    /// Runs a task.
    fn dispatch(&self, key: ExecutionKey, express: bool, pending: Pending);
    /// Gives up a task that may be running.
    fn cancel(&self, key: ExecutionKey, attempt: AttemptId);
    /// Runs a Map Run.
    fn start_map_run(&self, id: MapRunId);
    /// Gives up a Map Run that may be running: nobody awaits it any more.
    fn abort_map_run(&self, id: MapRunId);
    /// Tells those who keep execution logs.
    fn log(&self, record: ExecutionRecord, revision: Arc<Revision>, events: Vec<HistoryEvent>);
    /// The revision that an execution runs, and its definition.
    fn revision(
        &self,
        record: &ExecutionRecord,
    ) -> Result<(Arc<Revision>, Arc<asl::StateMachine>), RuntimeError>;
    /// Which of the machine's activities are not there.
    fn absent_activities(&self, machine: &asl::StateMachine) -> Vec<Arc<str>>;
}

/// [`engine::step`], but for tests of what happens when it fails.
pub(crate) type StepFn = fn(&asl::StateMachine, &mut Execution, Turn) -> Step;

/// What a worker needs.
pub(crate) struct Setting {
    pub(crate) store: Store,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) world: Arc<dyn World>,
    pub(crate) watchers: Arc<Watchers>,
    pub(crate) limits: engine::Limits,
    pub(crate) express: bool,
    /// Executions kept in memory; the others are read when an input comes.
    pub(crate) active_max: usize,
    pub(crate) step: StepFn,
}

/// What waits for the commit of a batch.
enum After {
    Dispatch(ExecutionKey, Pending),
    Cancel(ExecutionKey, AttemptId),
    StartMapRun(MapRunId),
    AbortMapRun(MapRunId),
    Log(Box<(ExecutionRecord, Arc<Revision>)>, Vec<HistoryEvent>),
    /// An answer, or why there is none.
    Tell(Box<dyn FnOnce(Result<(), StoreError>) + Send>),
}

/// What a new execution is made of.
struct Born {
    record: ExecutionRecord,
    revision: Arc<Revision>,
    machine: Arc<asl::StateMachine>,
    seed: Seed,
    test_case: Option<Arc<TestCase>>,
}

struct Active {
    record: ExecutionRecord,
    revision: Arc<Revision>,
    machine: Arc<asl::StateMachine>,
    /// Whether nothing of it stands in a batch yet: one that ends in its first step is written once, as ended.
    fresh: bool,
    /// None once it has ended.
    execution: Option<Execution>,
    /// Its end, until that is durable and the execution forgotten.
    finished: Option<Arc<Finished>>,
    timers: BTreeMap<TimerId, Timestamp>,
    outbox: BTreeMap<AttemptId, Arc<Pending>>,
    /// The Map Runs that it awaits.
    map_runs: BTreeMap<AttemptId, MapRunId>,
    /// What answers in place of services.
    mocks: Option<Mocks>,
    frames: BTreeSet<Vec<u8>>,
    /// Whether the outbox says that it wants to go on.
    continuing: bool,
    /// The batch of its latest change: it can't be forgotten before that is durable.
    batch: u64,
    used: u64,
}

pub(crate) struct Worker {
    setting: Setting,
    /// Messages that the last turn had no room for.
    taken: VecDeque<Message>,
    /// History events of the turn, of one kind of its work.
    events: usize,
    active: HashMap<ExecutionKey, Active>,
    timers: BTreeSet<(Timestamp, ExecutionKey, TimerId)>,
    /// Executions that have more to do.
    ready: VecDeque<ExecutionKey>,
    /// Those that stand in `ready`, each once.
    queued: HashSet<ExecutionKey>,
    waiting: HashMap<ExecutionKey, Vec<Ended>>,
    /// Ended executions that may be forgotten when the batch is durable.
    ended: VecDeque<(u64, ExecutionKey)>,
    /// Executions that can't be read; they are left alone until a restart.
    unreadable: HashSet<ExecutionKey>,
    batch: Batch,
    after: Vec<After>,
    /// What of the batch that is being filled may be watched; none if nobody watched anything when it was begun.
    changed: Option<Vec<Subject>>,
    /// The number of the batch that is being filled.
    number: u64,
    used: u64,
}

/// Closes the inbox when the worker goes, by a panic too: callers hear of it and readiness shows it.
struct Closing(Arc<Inbox>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Worker {
    pub(crate) fn new(
        setting: Setting,
        timers: BTreeSet<(Timestamp, ExecutionKey, TimerId)>,
        ready: VecDeque<ExecutionKey>,
    ) -> Self {
        Self {
            setting,
            taken: VecDeque::new(),
            events: 0,
            active: HashMap::new(),
            timers,
            queued: ready.iter().copied().collect(),
            ready,
            waiting: HashMap::new(),
            ended: VecDeque::new(),
            unreadable: HashSet::new(),
            batch: Batch::default(),
            after: Vec::new(),
            changed: None,
            number: 1,
            used: 0,
        }
    }

    /// Works until the inbox is closed.
    pub(crate) fn run(mut self) {
        let _closing = Closing(Arc::clone(&self.setting.inbox));
        while !self.setting.inbox.is_closed() {
            let submitted = self.number - 1;
            let room = INPUTS_MAX.saturating_sub(self.taken.len());
            let messages = (self.setting.inbox).take(room, self.patience(), submitted);
            self.turn(messages);
        }
        // What was done is answered, if the store still answers; what had no room is dropped like what waits in the inbox.
        self.submit();
    }

    /// How long there is nothing to do; none if only a message or the clock can change that.
    fn patience(&self) -> Option<Duration> {
        if !self.ready.is_empty() || !self.taken.is_empty() {
            return Some(Duration::ZERO);
        }
        let (at, ..) = self.timers.first()?;
        if *at <= self.setting.clock.now() {
            return Some(Duration::ZERO);
        }
        self.setting
            .clock
            .sleep(*at)
            .map(|patience| patience.min(PATIENCE_MAX))
    }

    fn turn(&mut self, messages: Vec<Message>) {
        let began = Began::now();
        self.taken.extend(messages);
        // Each kind of work has room of its own: none keeps another from going on.
        self.events = 0;
        while self.has_room()
            && let Some(message) = self.taken.pop_front()
        {
            self.take(message);
        }
        self.events = 0;
        self.fire_timers();
        self.events = 0;
        for _ in 0..self.ready.len().min(INPUTS_MAX) {
            if self.has_room()
                && let Some(key) = self.ready.pop_front()
            {
                self.queued.remove(&key);
                self.advance(key, Input::Continue);
            }
        }
        self.submit();
        self.setting.inbox.note_turn(&began);
        if self.number > BATCHES_MAX {
            self.setting.inbox.wait_durable(self.number - BATCHES_MAX);
        }
        self.forget();
    }

    fn has_room(&self) -> bool {
        self.events < EVENTS_MAX
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Start(start) => self.start(*start),
            Message::Input { key, input } => {
                self.advance(key, input);
            }
            Message::Submitted {
                key,
                attempt,
                output,
                watched,
            } => self.submitted(key, attempt, output, watched),
            Message::Take {
                key,
                attempt,
                worker_name,
                answer,
            } => {
                let taken = self.hand_over(key, attempt, worker_name);
                self.tell(answer, Ok(taken));
            }
            Message::Callback(callback) => self.callback(*callback),
            Message::Stop {
                key,
                arn,
                error,
                cause,
                answer,
            } => {
                let stopped = self.stop(key, &arn, error, cause);
                self.tell(answer, stopped);
            }
            Message::Await { key, ended } => self.wait_for(key, ended),
            Message::Erase {
                key,
                ticket,
                rows,
                answer,
            } => {
                let erased = self.erase(key, ticket, rows);
                self.tell(answer, erased);
            }
            Message::MapRunEnded { id, key, input } => {
                // The step comes first: the batch that takes it also forgets what the Map Run's work needed.
                if self.advance(key, input) || self.is_over(key) {
                    map_runs::close(&mut self.batch, id);
                }
            }
        }
    }

    fn fire_timers(&mut self) {
        let now = self.setting.clock.now();
        for _ in 0..INPUTS_MAX {
            match self.timers.first() {
                Some(&(at, key, timer)) if at <= now && self.has_room() => {
                    self.timers.pop_first();
                    self.advance(key, Input::TimerFired { timer });
                }
                Some(&(at, ..)) if at <= now => break,
                _ => return,
            }
        }
        // There may be more; the others get their turn first.
        self.setting.inbox.wake();
    }

    // StartExecution.

    fn start(&mut self, start: Start) {
        match self.admit(&start) {
            Ok(None) => self.begin(start),
            Ok(Some(earlier)) => self.tell(start.answer, Ok(earlier)),
            Err(error) => self.tell(start.answer, Err(error)),
        }
    }

    /// The name rule: none if the execution may start, its earlier answer if it is running already.
    fn admit(&mut self, start: &Start) -> Result<Option<Started>, RuntimeError> {
        if self.setting.express {
            return Ok(None);
        }
        let Some(existing) = self.record(start.key)? else {
            return Ok(None);
        };
        let refused = || RuntimeError::ExecutionAlreadyExists(start.record.arn.to_string());
        if existing.status == Status::Running {
            let same = existing.machine == start.record.machine
                && existing.input_digest == start.record.input_digest;
            return if same {
                Ok(Some(Started {
                    arn: Arc::clone(&existing.arn),
                    start: existing.start,
                }))
            } else {
                Err(refused())
            };
        }
        let closed = existing.stop.unwrap_or(existing.start);
        let free = closed.0.saturating_add(NAME_KEPT);
        if existing.machine == start.record.machine && self.setting.clock.now().0 < free {
            return Err(refused());
        }
        if !self.settle() {
            return Err(RuntimeError::Stopped);
        }
        let store = &self.setting.store;
        retention::erase(&mut self.batch, store, start.key, &existing)?;
        Ok(None)
    }

    /// Removes rows of an execution that has ended, unless its name has been given again.
    fn erase(&mut self, key: ExecutionKey, ticket: u64, rows: Batch) -> Result<(), RuntimeError> {
        let record = self.record(key)?;
        let is_same =
            |record: ExecutionRecord| record.ticket == ticket && record.status != Status::Running;
        if record.is_some_and(is_same) {
            self.batch.append(rows);
        }
        Ok(())
    }

    fn begin(&mut self, start: Start) {
        let key = start.key;
        let seed = Seed {
            arn: Arc::clone(&start.record.arn),
            name: Arc::clone(&start.record.name),
            state_machine_arn: Arc::clone(&start.record.state_machine_arn),
            state_machine_name: start.machine_name,
            role_arn: Arc::clone(&start.revision.role_arn),
            region: start.region,
            input: start.input,
            start: start.record.start,
            state_machine_alias_arn: start.record.state_machine_alias_arn.clone(),
            state_machine_version_arn: start.record.state_machine_version_arn.clone(),
            express: self.setting.express,
            scope: start.scope,
            synchronous: start.synchronous,
            token_prefix: key.bytes().to_vec(),
        };
        let started = Started {
            arn: Arc::clone(&start.record.arn),
            start: start.record.start,
        };
        if let Some(ended) = start.ended {
            self.waiting.entry(key).or_default().push(ended);
        }
        let born = Born {
            record: start.record,
            revision: start.revision,
            machine: start.machine,
            seed,
            test_case: start.test_case,
        };
        self.unreadable.remove(&key);
        if let Some(case) = &born.test_case {
            mocks::put(&mut self.batch, key, case);
        }
        self.tell(start.answer, Ok(started));
        let active = self.bear(&born);
        if !self.step(key, active, Input::Started, Some(&born)) {
            // It was taken in all the same.
            self.write_in(key, &born.record);
        }
    }

    fn write_in(&mut self, key: ExecutionKey, record: &ExecutionRecord) {
        executions::put(&mut self.batch, key, record);
        if !self.setting.express {
            executions::list_in(&mut self.batch, key, record);
            if let Some(changed) = &mut self.changed {
                changed.push(Subject::List(*record.list()));
            }
        }
    }

    fn bear(&self, born: &Born) -> Active {
        Active {
            record: born.record.clone(),
            revision: Arc::clone(&born.revision),
            machine: Arc::clone(&born.machine),
            fresh: true,
            execution: Some(Execution::new(
                born.seed.clone(),
                self.setting.limits.clone(),
            )),
            finished: None,
            timers: BTreeMap::new(),
            outbox: BTreeMap::new(),
            map_runs: BTreeMap::new(),
            mocks: born.test_case.clone().map(Mocks::new),
            frames: BTreeSet::new(),
            continuing: false,
            batch: self.number,
            used: self.used,
        }
    }

    // Inputs of running executions.

    /// Whether the input was taken in.
    fn advance(&mut self, key: ExecutionKey, input: Input) -> bool {
        match self.claim(key) {
            Some(active) => self.step(key, active, input, None),
            None => false,
        }
    }

    /// Whether an execution needs no input any more.
    fn is_over(&self, key: ExecutionKey) -> bool {
        let record = self.record(key);
        record.is_ok_and(|record| record.is_none_or(|record| record.status != Status::Running))
    }

    fn submitted(&mut self, key: ExecutionKey, attempt: AttemptId, output: Payload, watched: bool) {
        let input = Input::TaskSubmitted {
            attempt,
            output: output.clone(),
        };
        if !self.advance(key, input) {
            return;
        }
        // In the batch of the step.
        if watched
            && let Some(active) = self.active.get_mut(&key)
            && (active.execution.as_ref()).is_some_and(|execution| execution.awaits(attempt))
            && let Some(pending) = active.outbox.get_mut(&attempt)
        {
            let pending = Arc::make_mut(pending);
            pending.submitted = Some(output);
            outbox::put(&mut self.batch, key, pending);
        } else {
            self.asked(key, attempt);
        }
    }

    /// A task whose end a callback tells need not be asked for again.
    fn asked(&mut self, key: ExecutionKey, attempt: AttemptId) {
        if let Some(active) = self.active.get_mut(&key)
            && active.outbox.remove(&attempt).is_some()
        {
            outbox::delete(&mut self.batch, key, attempt);
        }
    }

    /// A worker takes a task: from now on only its token, or a time-out, ends it.
    fn hand_over(
        &mut self,
        key: ExecutionKey,
        attempt: AttemptId,
        worker_name: Option<String>,
    ) -> Option<u128> {
        let active = self.claim(key)?;
        let nonce = active
            .execution
            .as_ref()
            .and_then(|execution| execution.attempt_nonce(attempt));
        if nonce.is_none() {
            self.active.insert(key, active);
            return None;
        }
        let input = Input::TaskStarted {
            attempt,
            worker_name,
        };
        if !self.step(key, active, input, None) {
            return None;
        }
        self.asked(key, attempt);
        nonce
    }

    fn callback(&mut self, callback: Callback) {
        let mut verdict = self.judge(&callback);
        // The step comes first: whatever batch takes it, the answer waits for that batch.
        if verdict.is_ok() && !self.advance(callback.key, callback.input) {
            verdict = Err(RuntimeError::Stopped);
        }
        self.tell(callback.answer, verdict);
    }

    /// Whether the bearer of a task token may speak.
    fn judge(&mut self, callback: &Callback) -> Result<(), RuntimeError> {
        match self.record(callback.key)? {
            None => return Err(RuntimeError::TaskDoesNotExist),
            Some(record) if record.status != Status::Running => {
                return Err(RuntimeError::TaskTimedOut);
            }
            Some(_) => {}
        }
        let active = self.claim(callback.key).ok_or(RuntimeError::TaskTimedOut)?;
        let nonce = active
            .execution
            .as_ref()
            .and_then(|execution| execution.attempt_nonce(callback.attempt));
        self.active.insert(callback.key, active);
        let nonce = nonce.ok_or(RuntimeError::TaskTimedOut)?;
        if bool::from(nonce.to_be_bytes().ct_eq(&callback.nonce.to_be_bytes())) {
            Ok(())
        } else {
            Err(RuntimeError::InvalidToken)
        }
    }

    fn stop(
        &mut self,
        key: ExecutionKey,
        arn: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<Timestamp, RuntimeError> {
        let missing = || RuntimeError::ExecutionDoesNotExist(arn.to_owned());
        let record = self.record(key)?.ok_or_else(missing)?;
        if record.status == Status::Running {
            let stopped = self.advance(key, Input::Stop { error, cause });
            if !stopped {
                return Err(RuntimeError::Stopped);
            }
        }
        let record = self.record(key)?.ok_or_else(missing)?;
        Ok(record.stop.unwrap_or_else(|| self.setting.clock.now()))
    }

    fn wait_for(&mut self, key: ExecutionKey, ended: Ended) {
        if let Some(active) = self.active.get(&key) {
            match &active.finished {
                None => self.waiting.entry(key).or_default().push(ended),
                Some(finished) => {
                    let finished = Arc::clone(finished);
                    self.after.push(After::Tell(Box::new(move |committed| {
                        if committed.is_ok() {
                            // Whoever listened may have gone.
                            let _ = ended.send(Some(finished));
                        }
                    })));
                }
            }
            return;
        }
        match executions::get(&self.setting.store, key) {
            Ok(Some(record)) if record.status == Status::Running => {
                self.waiting.entry(key).or_default().push(ended);
            }
            // It ended before anyone listened: the committed view tells.
            Ok(Some(_)) => {
                if let Ok(Some(finished)) = self.committed_end(key) {
                    let _ = ended.send(Some(Arc::new(finished)));
                }
            }
            Ok(None) => {
                let _ = ended.send(None);
            }
            // The listener learns it from the dropped channel.
            Err(_) => {}
        }
    }

    fn committed_end(&self, key: ExecutionKey) -> Result<Option<Finished>, RuntimeError> {
        let Some(record) = executions::get(&self.setting.store, key)? else {
            return Ok(None);
        };
        let (_, output) = history::payloads(&self.setting.store, key, &record)?;
        let (error, cause) = (record.error.clone(), record.cause.clone());
        let outcome = match record.status {
            Status::Running => return Ok(None),
            Status::Succeeded => Outcome::Succeeded {
                output: output.unwrap_or_default(),
            },
            Status::Failed => Outcome::Failed { error, cause },
            Status::TimedOut => Outcome::TimedOut { error, cause },
            Status::Aborted => Outcome::Aborted { error, cause },
        };
        Ok(Some(Finished { record, outcome }))
    }

    // Steps.

    /// Gives the engine one input. A step that panics leaves nothing behind: the execution is read again and the
    /// input given once more; one that brings down two steps ends the execution. False if the input was dropped.
    fn step(
        &mut self,
        key: ExecutionKey,
        mut active: Active,
        input: Input,
        born: Option<&Born>,
    ) -> bool {
        let abandon = Input::Abandon {
            cause: Arc::from("The execution failed because of an internal error."),
        };
        for input in [&input, &input, &abandon] {
            if let Some((step, changes)) = self.try_step(&mut active, input) {
                self.keep(key, active, input, step, changes);
                return true;
            }
            let again = if let Some(born) = born {
                Some(self.bear(born))
            } else if self.settle() {
                self.load(key)
            } else {
                // What was committed is not what was taken in; the next process goes on from there.
                None
            };
            match again {
                Some(again) => active = again,
                None => return false,
            }
        }
        tracing::error!(execution = %active.record.arn, "an execution could not even be given up; it is left alone");
        self.unreadable.insert(key);
        false
    }

    fn try_step(&self, active: &mut Active, input: &Input) -> Option<(Step, Changes)> {
        let execution = active.execution.as_mut()?;
        let turn = Turn {
            input: input.clone(),
            now: self.setting.clock.now(),
            entropy: self.setting.clock.entropy(),
            absent_activities: self.setting.world.absent_activities(&active.machine),
        };
        let machine = &active.machine;
        let step = self.setting.step;
        // The one place where a broken invariant of the pure ring is caught: everything that the closure touches is
        // dropped by the caller.
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            let step = step(machine, execution, turn);
            // Of one that has ended nothing is kept.
            let changes = if end_of(&step.effects).is_some() {
                Changes::default()
            } else {
                execution.take_changes()
            };
            (step, changes)
        }));
        if stepped.is_err() {
            tracing::error!(execution = %active.record.arn, "a step failed; the execution is read again");
        }
        stepped.ok()
    }

    /// Writes what a step did into the batch.
    fn keep(
        &mut self,
        key: ExecutionKey,
        mut active: Active,
        input: &Input,
        step: Step,
        changes: Changes,
    ) {
        active.batch = self.number;
        self.used += 1;
        active.used = self.used;
        self.events += step.history.len();
        if !self.setting.express
            && let Some(row) = history::put(&mut self.batch, key, &step.history)
        {
            active.record.last_row = row;
            if let Some(changed) = &mut self.changed {
                changed.push(Subject::Execution(key));
            }
        }
        if active.revision.settings.logs() && !step.history.is_empty() {
            let whose = Box::new((active.record.clone(), Arc::clone(&active.revision)));
            self.after.push(After::Log(whose, step.history));
        }
        self.settle_input(key, &mut active, input);
        let mut effects = step.effects;
        let end = end_of(&effects).map(|position| effects.remove(position));
        if end.is_none() {
            frames::put(&mut self.batch, key, changes, &mut active.frames);
            if std::mem::take(&mut active.fresh) {
                self.write_in(key, &active.record);
            }
        }
        for effect in effects {
            match effect {
                Effect::Invoke(invocation) => {
                    let mut pending = Pending::from(*invocation);
                    if let Some(mocks) = &mut active.mocks {
                        pending.mocked = mocks.next(&mut self.batch, key, &pending.state);
                    }
                    outbox::put(&mut self.batch, key, &pending);
                    active
                        .outbox
                        .insert(pending.attempt, Arc::new(pending.clone()));
                    self.after.push(After::Dispatch(key, pending));
                }
                Effect::StartMapRun(plan) => {
                    let id = map_runs::open(&mut self.batch, key, &active.record, &plan);
                    active.map_runs.insert(plan.attempt, id);
                    self.after.push(After::StartMapRun(id));
                }
                Effect::CancelInvoke { attempt } => {
                    if let Some(id) = active.map_runs.remove(&attempt) {
                        map_runs::put_open(&mut self.batch, id, &Open::Aborting);
                        self.after.push(After::AbortMapRun(id));
                        continue;
                    }
                    let pending = active.outbox.remove(&attempt);
                    self.give_up(key, attempt, pending.as_deref());
                }
                Effect::SetTimer { timer, at } => {
                    if let Some(before) = active.timers.insert(timer, at) {
                        self.timers.remove(&(before, key, timer));
                    }
                    self.timers.insert((at, key, timer));
                    timers::put(&mut self.batch, key, timer, at);
                }
                Effect::ClearTimer { timer } => self.clear_timer(key, &mut active, timer),
                Effect::Finished(_) => {
                    unreachable!("an execution ends once, and that was taken out")
                }
            }
        }
        if let Some(Effect::Finished(outcome)) = end {
            self.finish(key, active, outcome);
            return;
        }
        if step.unfinished && self.queued.insert(key) {
            self.ready.push_back(key);
        }
        if step.unfinished != active.continuing {
            active.continuing = step.unfinished;
            if step.unfinished {
                outbox::put_continue(&mut self.batch, key);
            } else {
                outbox::delete_continue(&mut self.batch, key);
            }
        }
        self.active.insert(key, active);
    }

    /// An answered task leaves the outbox and a timer that fired leaves its table, in the batch of what they caused.
    fn settle_input(&mut self, key: ExecutionKey, active: &mut Active, input: &Input) {
        match input {
            Input::TaskSucceeded { attempt, .. } | Input::TaskFailed { attempt, .. } => {
                let awaited = active
                    .execution
                    .as_ref()
                    .is_some_and(|execution| execution.awaits(*attempt));
                if !awaited && active.outbox.remove(attempt).is_some() {
                    outbox::delete(&mut self.batch, key, *attempt);
                }
            }
            Input::MapRunSucceeded { attempt, .. } | Input::MapRunFailed { attempt, .. } => {
                active.map_runs.remove(attempt);
            }
            Input::TimerFired { timer } => self.clear_timer(key, active, *timer),
            Input::Started
            | Input::Continue
            | Input::TaskStarted { .. }
            | Input::TaskSubmitted { .. }
            | Input::TaskHeartbeat { .. }
            | Input::Stop { .. }
            | Input::Abandon { .. } => {}
        }
    }

    fn clear_timer(&mut self, key: ExecutionKey, active: &mut Active, timer: TimerId) {
        if let Some(at) = active.timers.remove(&timer) {
            self.timers.remove(&(at, key, timer));
            timers::delete(&mut self.batch, key, timer);
        }
    }

    /// Nobody awaits a task any more. It leaves the outbox, unless what it started is to be stopped.
    fn give_up(&mut self, key: ExecutionKey, attempt: AttemptId, pending: Option<&Pending>) {
        match pending {
            Some(pending) if tasks::starts_what_can_be_stopped(pending) => {
                let abandoned = Pending {
                    abandoned: true,
                    ..pending.clone()
                };
                outbox::put(&mut self.batch, key, &abandoned);
                self.after.push(After::Dispatch(key, abandoned));
            }
            Some(_) => {
                outbox::delete(&mut self.batch, key, attempt);
                self.after.push(After::Cancel(key, attempt));
            }
            None => self.after.push(After::Cancel(key, attempt)),
        }
    }

    fn finish(&mut self, key: ExecutionKey, mut active: Active, outcome: Outcome) {
        for timer in active.timers.keys().copied().collect::<Vec<_>>() {
            self.clear_timer(key, &mut active, timer);
        }
        for (attempt, pending) in std::mem::take(&mut active.outbox) {
            self.give_up(key, attempt, Some(&pending));
        }
        if active.continuing {
            outbox::delete_continue(&mut self.batch, key);
        }
        if self.setting.express && active.mocks.is_some() {
            mocks::delete(&mut self.batch, key);
        }
        if !active.fresh {
            frames::delete(&mut self.batch, key, &active.frames);
        }
        let before = active.record.clone();
        let (status, error, cause) = match &outcome {
            Outcome::Succeeded { .. } => (Status::Succeeded, None, None),
            Outcome::Failed { error, cause } => (Status::Failed, error.clone(), cause.clone()),
            Outcome::TimedOut { error, cause } => (Status::TimedOut, error.clone(), cause.clone()),
            Outcome::Aborted { error, cause } => (Status::Aborted, error.clone(), cause.clone()),
        };
        active.record = ExecutionRecord {
            status,
            stop: Some(self.setting.clock.now()),
            error,
            cause,
            ..before.clone()
        };
        // Nobody can ask for an ended EXPRESS execution any more: they are not described.
        match (self.setting.express, active.fresh) {
            (true, true) => {}
            (true, false) => executions::delete(&mut self.batch, key),
            (false, fresh) => {
                if !fresh {
                    executions::list_out(&mut self.batch, key, &before);
                }
                self.write_in(key, &active.record);
            }
        }
        let finished = Arc::new(Finished {
            record: active.record.clone(),
            outcome,
        });
        if let Some(listeners) = self.waiting.remove(&key) {
            let finished = Arc::clone(&finished);
            self.after.push(After::Tell(Box::new(move |committed| {
                if committed.is_ok() {
                    for listener in listeners {
                        // Whoever listened may have gone.
                        let _ = listener.send(Some(Arc::clone(&finished)));
                    }
                }
            })));
        }
        active.finished = Some(finished);
        active.execution = None;
        active.frames.clear();
        self.ended.push_back((self.number, key));
        self.active.insert(key, active);
    }

    // Executions in memory and on disk.

    /// The record as it is with all that was taken in, committed or not.
    fn record(&self, key: ExecutionKey) -> Result<Option<ExecutionRecord>, RuntimeError> {
        match self.active.get(&key) {
            Some(active) => Ok(Some(active.record.clone())),
            None => executions::get(&self.setting.store, key),
        }
    }

    /// A running execution, taken out of memory or read; none if it is not running.
    fn claim(&mut self, key: ExecutionKey) -> Option<Active> {
        if let Some(active) = self.active.remove(&key) {
            if active.execution.is_some() {
                return Some(active);
            }
            self.active.insert(key, active);
            return None;
        }
        self.load(key)
    }

    /// INVARIANT: an execution that is not in memory has all its changes committed.
    fn load(&mut self, key: ExecutionKey) -> Option<Active> {
        if self.unreadable.contains(&key) {
            return None;
        }
        match self.read(key) {
            Ok(active) => active,
            Err(error) => {
                tracing::error!(%error, shard = key.shard(), "an execution can't be read; it is left alone");
                self.unreadable.insert(key);
                None
            }
        }
    }

    fn read(&self, key: ExecutionKey) -> Result<Option<Active>, RuntimeError> {
        let store = &self.setting.store;
        let Some(record) = executions::get(store, key)? else {
            return Ok(None);
        };
        if record.status != Status::Running {
            return Ok(None);
        }
        let Some((execution, frames)) = frames::restore(store, key, &self.setting.limits)? else {
            return Err(RuntimeError::Damaged("execution's image"));
        };
        let (revision, machine) = self.setting.world.revision(&record)?;
        let mocks = if record.mocked {
            // Without them services would be called that must not be.
            Some(mocks::get(store, key)?.ok_or(RuntimeError::Damaged("test case"))?)
        } else {
            None
        };
        let mut active = Active {
            record,
            revision,
            machine,
            fresh: false,
            execution: Some(execution),
            finished: None,
            timers: BTreeMap::new(),
            outbox: BTreeMap::new(),
            map_runs: BTreeMap::new(),
            mocks,
            frames,
            continuing: false,
            batch: 0,
            used: self.used,
        };
        timers::each(store, key, |timer, at| {
            active.timers.insert(timer, at);
        })?;
        if let Some(execution) = &active.execution {
            let mut found = map_runs::of_execution(store, key, None, usize::MAX)?;
            found.retain(|(attempt, _)| execution.awaits(*attempt));
            active.map_runs.extend(found);
        }
        outbox::each(store, key, |entry| match entry {
            outbox::Entry::Continue => active.continuing = true,
            outbox::Entry::Task(pending) if pending.abandoned => {}
            outbox::Entry::Task(pending) => {
                active.outbox.insert(pending.attempt, Arc::new(*pending));
            }
        })?;
        Ok(Some(active))
    }

    /// Drops ended executions whose end is durable, and idle ones beyond the bound, those first that were used
    /// longest ago.
    fn forget(&mut self) {
        let durable = self.setting.inbox.durable();
        while let Some((batch, key)) = self.ended.front().copied()
            && batch <= durable
        {
            self.ended.pop_front();
            if self
                .active
                .get(&key)
                .is_some_and(|active| active.execution.is_none() && active.batch == batch)
            {
                self.active.remove(&key);
            }
        }
        if self.active.len() <= self.setting.active_max {
            return;
        }
        let mut idle: Vec<_> = self
            .active
            .iter()
            .filter(|(_, active)| {
                active.batch <= durable && active.execution.is_some() && !active.continuing
            })
            .map(|(key, active)| (active.used, *key))
            .collect();
        idle.sort_unstable();
        // A quarter at a time, so that the search is not repeated at each input.
        for (_, key) in idle.into_iter().take(self.setting.active_max / 4 + 1) {
            self.active.remove(&key);
        }
    }

    // Commits.

    /// Answers after the commit of the batch that is being filled, and so of all before it.
    fn tell<T: Send + 'static>(
        &mut self,
        answer: tokio::sync::oneshot::Sender<Result<T, RuntimeError>>,
        result: Result<T, RuntimeError>,
    ) {
        self.after.push(After::Tell(Box::new(move |committed| {
            // Whoever asked may have gone.
            let _ = answer.send(committed.map_err(RuntimeError::from).and(result));
        })));
    }

    /// Hands the batch to the committer. Effects and answers leave when it is durable, and not before.
    fn submit(&mut self) {
        if self.batch.is_empty() && self.after.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let after = std::mem::take(&mut self.after);
        let watchers = Arc::clone(&self.setting.watchers);
        let next_changed = watchers.any().then(Vec::new);
        let changed = std::mem::replace(&mut self.changed, next_changed);
        let number = self.number;
        self.number += 1;
        let world = Arc::clone(&self.setting.world);
        let inbox = Arc::clone(&self.setting.inbox);
        let express = self.setting.express;
        self.setting.store.submit(batch, move |committed| {
            let failed = committed.err();
            for after in after {
                match after {
                    After::Dispatch(key, pending) if failed.is_none() => {
                        world.dispatch(key, express, pending);
                    }
                    After::Cancel(key, attempt) if failed.is_none() => world.cancel(key, attempt),
                    After::StartMapRun(id) if failed.is_none() => world.start_map_run(id),
                    After::AbortMapRun(id) if failed.is_none() => world.abort_map_run(id),
                    After::Log(whose, events) if failed.is_none() => {
                        world.log(whose.0, whose.1, events);
                    }
                    After::Dispatch(..)
                    | After::Cancel(..)
                    | After::StartMapRun(_)
                    | After::AbortMapRun(_)
                    | After::Log(..) => {}
                    After::Tell(tell) => tell(failed.clone().map_or(Ok(()), Err)),
                }
            }
            if failed.is_none() && !express {
                watchers.tell(changed.as_deref());
            }
            // Whoever waits for the batch may close the store next.
            drop(world);
            match failed {
                None => inbox.mark_durable(number),
                Some(error) => {
                    // INVARIANT: after a failed commit nothing more is answered or done; a restart recovers.
                    tracing::error!(%error, "a commit failed; the executions of this store stop");
                    inbox.close();
                }
            }
        });
    }

    /// Makes the committed view be what is in memory; false if the worker is closed before.
    fn settle(&mut self) -> bool {
        self.submit();
        self.setting.inbox.wait_durable(self.number - 1)
    }
}

/// Which of a step's effects is the execution's end.
fn end_of(effects: &[Effect]) -> Option<usize> {
    effects
        .iter()
        .position(|effect| matches!(effect, Effect::Finished(_)))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::oneshot;

    use asl::machine::ScopeId;

    use super::*;
    use crate::VirtualClock;

    /// Notes what is asked for.
    struct Noted {
        dispatched: Mutex<Vec<AttemptId>>,
        machine: Arc<asl::StateMachine>,
    }

    impl World for Noted {
        fn dispatch(&self, _key: ExecutionKey, _express: bool, pending: Pending) {
            self.dispatched
                .lock()
                .expect("no test panics here")
                .push(pending.attempt);
        }
        fn cancel(&self, _key: ExecutionKey, _attempt: AttemptId) {}
        fn start_map_run(&self, _id: MapRunId) {}
        fn abort_map_run(&self, _id: MapRunId) {}
        fn log(&self, _record: ExecutionRecord, _of: Arc<Revision>, _events: Vec<HistoryEvent>) {}
        fn revision(
            &self,
            _record: &ExecutionRecord,
        ) -> Result<(Arc<Revision>, Arc<asl::StateMachine>), RuntimeError> {
            Ok((revision(), Arc::clone(&self.machine)))
        }
        fn absent_activities(&self, _machine: &asl::StateMachine) -> Vec<Arc<str>> {
            Vec::new()
        }
    }

    struct Bench {
        worker: Worker,
        world: Arc<Noted>,
        key: ExecutionKey,
    }

    fn revision() -> Arc<Revision> {
        Arc::new(Revision {
            number: 0,
            id: None,
            definition: "".into(),
            role_arn: "role".into(),
            settings: crate::Settings::default(),
            updated: Timestamp(0),
        })
    }

    const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:M";

    /// A worker without a thread, and a state machine of one task.
    fn bench(step: StepFn) -> Bench {
        let definition = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"}}}"#;
        let machine = Arc::new(
            asl::parse(definition)
                .machine
                .expect("the definition is valid"),
        );
        let world = Arc::new(Noted {
            dispatched: Mutex::default(),
            machine,
        });
        let setting = Setting {
            store: Store::memory(),
            inbox: Arc::new(Inbox::default()),
            clock: Arc::new(VirtualClock::default()),
            world: Arc::clone(&world) as Arc<dyn World>,
            watchers: Arc::default(),
            limits: engine::Limits::default(),
            express: false,
            active_max: 16,
            step,
        };
        Bench {
            worker: Worker::new(setting, BTreeSet::new(), VecDeque::new()),
            world,
            key: ExecutionKey::new(MACHINE, "run"),
        }
    }

    impl Bench {
        fn give(&mut self, message: Message) {
            self.worker.turn(vec![message]);
            assert!(self.worker.settle(), "memory does not fail");
        }

        fn start(&mut self) {
            let message = self.start_of(self.key);
            self.give(message);
        }

        fn start_of(&self, key: ExecutionKey) -> Message {
            let (answer, _) = oneshot::channel();
            Message::Start(Box::new(Start {
                key,
                record: ExecutionRecord::of_test(),
                machine: Arc::clone(&self.world.machine),
                machine_name: "M".into(),
                revision: revision(),
                region: "us-east-1".into(),
                input: Payload::default(),
                test_case: None,
                scope: ScopeId::ROOT,
                synchronous: false,
                ended: None,
                answer,
            }))
        }

        fn callback(&self) -> (Message, oneshot::Receiver<Result<(), RuntimeError>>) {
            let attempt = self.world.dispatched.lock().expect("no test panics here")[0];
            let execution = self.worker.active[&self.key].execution.as_ref();
            let nonce = execution.and_then(|execution| execution.attempt_nonce(attempt));
            let output = Payload::from_text("42").expect("it is JSON");
            let (answer, answered) = oneshot::channel();
            let callback = Callback {
                key: self.key,
                attempt,
                nonce: nonce.expect("the task is awaited"),
                input: Input::TaskSucceeded { attempt, output },
                answer,
            };
            (Message::Callback(Box::new(callback)), answered)
        }

        fn answer_task(&mut self) {
            let attempt = self.world.dispatched.lock().expect("no test panics here")[0];
            let output = Payload::from_text("42").expect("it is JSON");
            let input = Input::TaskSucceeded { attempt, output };
            self.give(Message::Input {
                key: self.key,
                input,
            });
        }

        fn record(&self) -> ExecutionRecord {
            let record =
                executions::get(&self.worker.setting.store, self.key).expect("memory can be read");
            record.expect("the execution is there")
        }

        fn event_ids(&self) -> Vec<u64> {
            let events = history::read(
                &self.worker.setting.store,
                self.key,
                1,
                store::Order::Ascending,
                100,
            );
            events
                .expect("memory can be read")
                .iter()
                .map(|event| event.id)
                .collect()
        }
    }

    #[test]
    fn a_step_that_fails_once_leaves_no_trace() {
        static STEPS: AtomicU32 = AtomicU32::new(0);
        fn every_first_try_fails(
            machine: &asl::StateMachine,
            execution: &mut Execution,
            turn: Turn,
        ) -> Step {
            let step = engine::step(machine, execution, turn);
            assert!(
                STEPS.fetch_add(1, Ordering::SeqCst) % 2 == 1,
                "a broken invariant, in mid-step"
            );
            step
        }
        let mut bench = bench(every_first_try_fails);
        bench.start();
        assert_eq!(bench.record().status, Status::Running);
        bench.answer_task();
        assert_eq!(bench.record().status, Status::Succeeded);
        let ids = bench.event_ids();
        assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
        assert_eq!(
            bench
                .world
                .dispatched
                .lock()
                .expect("no test panics here")
                .len(),
            1
        );
    }

    #[test]
    fn a_callback_is_acknowledged_with_its_step_and_not_before() {
        static FAILED: AtomicU32 = AtomicU32::new(0);
        fn first_result_fails(
            machine: &asl::StateMachine,
            execution: &mut Execution,
            turn: Turn,
        ) -> Step {
            assert!(
                !matches!(turn.input, Input::TaskSucceeded { .. })
                    || FAILED.fetch_add(1, Ordering::SeqCst) > 0,
                "a broken invariant"
            );
            engine::step(machine, execution, turn)
        }
        let mut bench = bench(first_result_fails);
        bench.start();
        let (callback, mut answered) = bench.callback();
        bench.worker.take(callback);
        assert!(
            answered.try_recv().is_err(),
            "the step that was tried again waits for its commit"
        );
        assert!(bench.worker.settle(), "memory does not fail");
        assert!(matches!(answered.try_recv(), Ok(Ok(()))));
        assert_eq!(bench.record().status, Status::Succeeded);
    }

    #[test]
    fn a_callback_that_a_closing_worker_drops_is_not_acknowledged() {
        fn results_fail(
            machine: &asl::StateMachine,
            execution: &mut Execution,
            turn: Turn,
        ) -> Step {
            assert!(
                !matches!(turn.input, Input::TaskSucceeded { .. }),
                "a broken invariant"
            );
            engine::step(machine, execution, turn)
        }
        let mut bench = bench(results_fail);
        bench.start();
        let (callback, answered) = bench.callback();
        // As many batches as nobody has made: the worker can't settle.
        bench.worker.number += 1;
        bench.worker.setting.inbox.close();
        bench.worker.take(callback);
        bench.worker.submit();
        assert!(matches!(
            answered.blocking_recv(),
            Ok(Err(RuntimeError::Stopped))
        ));
        assert_eq!(bench.record().status, Status::Running);
    }

    #[test]
    fn a_map_run_whose_end_was_not_taken_in_stays_under_way() {
        fn ends_fail(machine: &asl::StateMachine, execution: &mut Execution, turn: Turn) -> Step {
            assert!(
                !matches!(turn.input, Input::MapRunSucceeded { .. }),
                "a broken invariant"
            );
            engine::step(machine, execution, turn)
        }
        for closing in [true, false] {
            let mut bench = bench(ends_fail);
            bench.start();
            let id = MapRunId::of("a Map Run");
            map_runs::put_open(&mut bench.worker.batch, id, &Open::Running);
            assert!(bench.worker.settle(), "memory does not fail");
            if closing {
                // As many batches as nobody has made: the worker can't settle.
                bench.worker.number += 1;
                bench.worker.setting.inbox.close();
            }
            bench.worker.take(Message::MapRunEnded {
                id,
                key: bench.key,
                input: Input::MapRunSucceeded {
                    attempt: AttemptId(7),
                    output: Payload::default(),
                },
            });
            bench.worker.submit();
            let inbox = Arc::clone(&bench.worker.setting.inbox);
            let status = if closing {
                Status::Running
            } else {
                assert!(inbox.wait_durable(bench.worker.number - 1));
                Status::Failed
            };
            assert_eq!(bench.record().status, status);
            let open = map_runs::get_open(&bench.worker.setting.store, id);
            assert_eq!(open.expect("memory can be read").is_some(), closing);
        }
    }

    #[test]
    fn what_a_turn_has_no_room_for_waits_for_the_next() {
        fn long(machine: &asl::StateMachine, execution: &mut Execution, turn: Turn) -> Step {
            let mut step = engine::step(machine, execution, turn);
            let last = step.history.last().expect("a start has events").clone();
            step.history.resize(EVENTS_MAX / 2, last);
            step
        }
        let mut bench = bench(long);
        let keys = ["a", "b", "c"].map(|name| ExecutionKey::new(MACHINE, name));
        let messages = keys.map(|key| bench.start_of(key)).into();
        bench.worker.turn(messages);
        let begun = |worker: &Worker| keys.map(|key| worker.active.contains_key(&key));
        assert_eq!(begun(&bench.worker), [true, true, false]);
        assert_eq!(bench.worker.patience(), Some(Duration::ZERO));
        bench.worker.turn(Vec::new());
        assert_eq!(begun(&bench.worker), [true; 3]);
        assert_ne!(bench.worker.patience(), Some(Duration::ZERO));
    }

    #[test]
    fn a_worker_looks_at_the_clock_soon_after_the_machine_wakes_up() {
        let mut bench = bench(engine::step);
        bench.worker.setting.clock = Arc::new(crate::SystemClock);
        let tomorrow = Timestamp(crate::SystemClock.now().0 + 86_400_000);
        bench
            .worker
            .timers
            .insert((tomorrow, bench.key, TimerId(1)));
        assert_eq!(bench.worker.patience(), Some(PATIENCE_MAX));
    }

    /// A clock that nobody can read.
    struct Stuck;

    impl Clock for Stuck {
        fn now(&self) -> Timestamp {
            panic!("a broken invariant, outside of any step")
        }
        fn entropy(&self) -> [u8; 16] {
            [0; 16]
        }
        fn sleep(&self, _until: Timestamp) -> Option<Duration> {
            None
        }
        fn on_change(&self, _waker: crate::Waker) {}
    }

    #[test]
    fn a_worker_that_panics_closes_its_inbox() {
        let bench = bench(engine::step);
        let inbox = Arc::clone(&bench.worker.setting.inbox);
        let mut worker = bench.worker;
        worker.setting.clock = Arc::new(Stuck);
        worker.timers.insert((Timestamp(0), bench.key, TimerId(1)));
        let ended = std::thread::spawn(move || worker.run()).join();
        assert!(ended.is_err() && inbox.is_closed());
    }

    #[test]
    fn an_input_that_brings_down_two_steps_ends_its_execution() {
        fn results_fail(
            machine: &asl::StateMachine,
            execution: &mut Execution,
            turn: Turn,
        ) -> Step {
            assert!(
                !matches!(turn.input, Input::TaskSucceeded { .. }),
                "a broken invariant"
            );
            engine::step(machine, execution, turn)
        }
        let mut bench = bench(results_fail);
        bench.start();
        bench.answer_task();
        let record = bench.record();
        assert_eq!(record.status, Status::Failed);
        assert_eq!(record.error.as_deref(), Some("States.Runtime"));
    }

    #[test]
    fn an_execution_that_fails_at_every_step_is_left_alone_and_others_go_on() {
        fn nothing_works(_: &asl::StateMachine, _: &mut Execution, _: Turn) -> Step {
            panic!("a broken invariant");
        }
        let mut bench = bench(nothing_works);
        bench.start();
        assert!(bench.worker.unreadable.contains(&bench.key));
        bench.worker.setting.step = engine::step;
        bench.key = ExecutionKey::new(MACHINE, "other");
        bench.start();
        bench.answer_task();
        assert_eq!(bench.record().status, Status::Succeeded);
    }

    #[test]
    fn a_result_that_comes_twice_changes_nothing() {
        let mut bench = bench(engine::step);
        bench.start();
        bench.answer_task();
        let (record, ids) = (bench.record(), bench.event_ids());
        bench.answer_task();
        assert_eq!((bench.record(), bench.event_ids()), (record, ids));
    }

    #[test]
    fn only_the_execution_that_was_read_is_erased_and_only_once_it_has_ended() {
        let mut bench = bench(engine::step);
        bench.start();
        let erase = |bench: &mut Bench, ticket: u64| {
            let mut rows = Batch::default();
            executions::delete(&mut rows, bench.key);
            let (answer, answered) = oneshot::channel();
            bench.give(Message::Erase {
                key: bench.key,
                ticket,
                rows,
                answer,
            });
            let answered = answered.blocking_recv();
            assert!(answered.is_ok_and(|answer| answer.is_ok()));
            let record = executions::get(&bench.worker.setting.store, bench.key);
            record.expect("memory can be read").is_none()
        };
        let ticket = bench.record().ticket;
        assert!(!erase(&mut bench, ticket), "it runs");
        bench.answer_task();
        assert!(!erase(&mut bench, ticket + 1), "it was another");
        assert!(erase(&mut bench, ticket));
    }

    #[test]
    fn nothing_is_left_in_memory_or_in_the_outbox_after_the_end() {
        let mut bench = bench(engine::step);
        bench.start();
        bench.answer_task();
        bench.worker.turn(Vec::new());
        assert!(bench.worker.active.is_empty() && bench.worker.timers.is_empty());
        let mut left = 0;
        let store = &bench.worker.setting.store;
        outbox::all(store, |_, _| left += 1).expect("memory can be read");
        timers::all(store, |_, _| left += 1).expect("memory can be read");
        let image = frames::restore(store, bench.key, &engine::Limits::default())
            .expect("memory can be read");
        assert!(left == 0 && image.is_none());
    }
}
