use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asl::machine::{ScopeId, StateName};
use asl::{Payload, Variable};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Effect, Limits, Outcome, TimerId, Timestamp};

/// What an execution is born with and keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// The execution's ARN: `$$.Execution.Id`.
    pub arn: Arc<str>,
    /// `$$.Execution.Name`
    pub name: Arc<str>,
    /// The unqualified ARN: `$$.StateMachine.Id`.
    pub state_machine_arn: Arc<str>,
    /// `$$.StateMachine.Name`
    pub state_machine_name: Arc<str>,
    /// `$$.Execution.RoleArn`
    pub role_arn: Arc<str>,
    /// Of `TaskScheduled`.
    pub region: Arc<str>,
    /// What StartExecution was given, its text as it was sent.
    pub input: Payload,
    /// `$$.Execution.StartTime`
    pub start: Timestamp,
    /// Where it was started through an alias.
    pub state_machine_alias_arn: Option<Arc<str>>,
    /// Where it was started through an alias or a version.
    pub state_machine_version_arn: Option<Arc<str>>,
    /// Which workflow of the definition it runs: not the outermost where it is a child of a Map Run.
    #[serde(default = "root")]
    pub scope: ScopeId,
    /// Its type is EXPRESS.
    pub express: bool,
    /// It was started by StartSyncExecution.
    #[serde(default)]
    pub synchronous: bool,
    /// What task tokens begin with, see [`crate::task_token`].
    pub token_prefix: Vec<u8>,
}

fn root() -> ScopeId {
    ScopeId::ROOT
}

/// One execution: a value that [`crate::step`] moves and that survives as its [`crate::Changes`].
#[derive(Debug)]
pub struct Execution {
    pub(crate) seed: Seed,
    pub(crate) limits: Limits,
    pub(crate) head: Head,
    pub(crate) frames: BTreeMap<FrameId, Frame>,
    /// Frames that can go on, by their turn. With the next two, an index over the frames: never written.
    pub(crate) ready: BTreeMap<u64, FrameId>,
    pub(crate) attempts: BTreeMap<AttemptId, FrameId>,
    pub(crate) timers: BTreeMap<TimerId, FrameId>,
    pub(crate) unsaved: Unsaved,
}

/// What changes at every step and is of the whole execution.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) started: bool,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) last_event_id: u64,
    pub(crate) last_frame: u64,
    pub(crate) last_attempt: u64,
    pub(crate) last_timer: u64,
    pub(crate) last_order: u64,
    /// Of the whole execution's time-out.
    pub(crate) deadline: Option<TimerId>,
    pub(crate) variables_bytes: usize,
}

/// One thread of an execution: the machine itself, a branch, or an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct FrameId(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) core: Core,
    /// The raw input of the current state.
    pub(crate) input: Payload,
    /// What a Map iterates over, while it does.
    pub(crate) items: Option<Payload>,
    /// What the branches or iterations of the current state gave, by their index.
    pub(crate) results: BTreeMap<u64, Payload>,
    /// Of this frame alone; inner frames read the outer ones' too.
    pub(crate) variables: BTreeMap<Variable, Payload>,
}

/// The small row of a frame: all but its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Core {
    pub(crate) parent: Option<FrameId>,
    /// 0 for the outermost.
    pub(crate) depth: u32,
    pub(crate) role: Role,
    pub(crate) scope: ScopeId,
    pub(crate) state: StateName,
    /// The event that caused what comes next.
    pub(crate) last_event_id: u64,
    pub(crate) visit: Visit,
    pub(crate) activity: Activity,
    /// Its place among those that can go on.
    pub(crate) order: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Root,
    Branch { index: u64 },
    Iteration { index: u64 },
}

/// One stay in a state, its retries included.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Visit {
    pub(crate) entered_event_id: u64,
    /// The event that the entering followed.
    pub(crate) before_event_id: u64,
    pub(crate) entered: Timestamp,
    /// How often each retrier has been used.
    pub(crate) retries: Vec<u64>,
    /// `$$.State.RetryCount`
    pub(crate) retry_count: u64,
}

/// What a frame is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Activity {
    /// It is to enter its state.
    Entering,
    /// It is to do its state, which it has entered.
    Executing,
    /// A Task runs.
    Task(TaskRun),
    /// A Wait.
    Waiting { timer: TimerId },
    /// The pause before a retry.
    Backoff { timer: TimerId },
    /// The branches of a Parallel.
    Parallel { pending: u64, results_bytes: usize },
    /// The iterations of a Map.
    Map(Iterations),
    /// The Map Run of a Distributed Map.
    MapRun { attempt: AttemptId },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskRun {
    pub(crate) attempt: AttemptId,
    pub(crate) nonce: u128,
    pub(crate) timeout: Option<TimerId>,
    pub(crate) heartbeat: Option<TimerId>,
    pub(crate) heartbeat_seconds: Option<u64>,
    /// A worker has said that it took the task; saying it again changes nothing.
    pub(crate) taken: bool,
    /// The service has said that it took the task; likewise.
    pub(crate) submitted: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Iterations {
    pub(crate) length: u64,
    /// The first index that has not been started.
    pub(crate) next: u64,
    pub(crate) running: u64,
    pub(crate) concurrency: u64,
    pub(crate) results_bytes: usize,
}

/// Which part of a frame's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Input,
    Items,
    Result(u64),
    Variable(Variable),
}

/// What [`Execution::take_changes`] must write.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    pub(crate) seed: bool,
    pub(crate) head: bool,
    pub(crate) frames: BTreeSet<FrameId>,
    pub(crate) data: BTreeSet<(FrameId, Slot)>,
    /// Frames above it have never been written, so that nothing needs to be deleted.
    pub(crate) last_saved_frame: u64,
}

impl Execution {
    /// An execution that has not begun: give it [`crate::Input::Started`].
    pub fn new(seed: Seed, limits: Limits) -> Self {
        let unsaved = Unsaved {
            seed: true,
            head: true,
            ..Unsaved::default()
        };
        Self::assemble(seed, limits, Head::default(), BTreeMap::new(), unsaved)
    }

    pub(crate) fn assemble(
        seed: Seed,
        limits: Limits,
        head: Head,
        frames: BTreeMap<FrameId, Frame>,
        unsaved: Unsaved,
    ) -> Self {
        let mut execution = Self {
            seed,
            limits,
            head,
            frames,
            ready: BTreeMap::new(),
            attempts: BTreeMap::new(),
            timers: BTreeMap::new(),
            unsaved,
        };
        execution.index();
        execution
    }

    fn index(&mut self) {
        for (id, frame) in &self.frames {
            if let Some(order) = frame.core.order {
                self.ready.insert(order, *id);
            }
            if let Some(attempt) = frame.core.activity.attempt() {
                self.attempts.insert(attempt, *id);
            }
            for timer in frame.core.activity.timers() {
                self.timers.insert(timer, *id);
            }
        }
    }

    /// What it was born with.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// How it ended; none while it runs.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.head.outcome.as_ref()
    }

    /// The id of the newest history event, which is also their number.
    pub fn last_event_id(&self) -> u64 {
        self.head.last_event_id
    }

    /// Whether [`crate::Input::Continue`] would do something: the last step was unfinished, also after a restore.
    pub fn is_unfinished(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether a result of this attempt would still be heard.
    pub fn awaits(&self, attempt: AttemptId) -> bool {
        self.attempts.contains_key(&attempt)
    }

    /// Whether this timer is still set.
    pub fn awaits_timer(&self, timer: TimerId) -> bool {
        self.head.deadline == Some(timer) || self.timers.contains_key(&timer)
    }

    /// The nonce in the task token of an awaited attempt.
    pub fn attempt_nonce(&self, attempt: AttemptId) -> Option<u128> {
        let frame = self.frames.get(self.attempts.get(&attempt)?)?;
        match &frame.core.activity {
            Activity::Task(task) => Some(task.nonce),
            Activity::Entering
            | Activity::Executing
            | Activity::Waiting { .. }
            | Activity::Backoff { .. }
            | Activity::Parallel { .. }
            | Activity::Map(_)
            | Activity::MapRun { .. } => None,
        }
    }
}

/// What the interpreter changes; each says what is unsaved by it.
impl Execution {
    pub(crate) fn head_mut(&mut self) -> &mut Head {
        self.unsaved.head = true;
        &mut self.head
    }

    pub(crate) fn core_mut(&mut self, id: FrameId) -> Option<&mut Core> {
        let frame = self.frames.get_mut(&id)?;
        self.unsaved.frames.insert(id);
        Some(&mut frame.core)
    }

    pub(crate) fn next_attempt(&mut self) -> AttemptId {
        let head = self.head_mut();
        head.last_attempt += 1;
        AttemptId(head.last_attempt)
    }

    pub(crate) fn next_timer(&mut self) -> TimerId {
        let head = self.head_mut();
        head.last_timer += 1;
        TimerId(head.last_timer)
    }

    pub(crate) fn add_frame(&mut self, core: Core, input: Payload) -> FrameId {
        let head = self.head_mut();
        head.last_frame += 1;
        let id = FrameId(head.last_frame);
        let frame = Frame {
            core,
            input,
            items: None,
            results: BTreeMap::new(),
            variables: BTreeMap::new(),
        };
        self.frames.insert(id, frame);
        self.unsaved.frames.insert(id);
        self.unsaved.data.insert((id, Slot::Input));
        id
    }

    /// Puts a frame at the end of those that can go on.
    pub(crate) fn make_ready(&mut self, id: FrameId) {
        let head = self.head_mut();
        head.last_order += 1;
        let order = head.last_order;
        let Some(core) = self.core_mut(id) else {
            return;
        };
        let before = core.order.replace(order);
        if let Some(before) = before {
            self.ready.remove(&before);
        }
        self.ready.insert(order, id);
    }

    pub(crate) fn pop_ready(&mut self) -> Option<FrameId> {
        let (_, id) = self.ready.pop_first()?;
        if let Some(core) = self.core_mut(id) {
            core.order = None;
        }
        Some(id)
    }

    /// Changes what a frame is about, and takes back what was asked for its former activity.
    pub(crate) fn set_activity(&mut self, id: FrameId, activity: Activity) -> Vec<Effect> {
        let Some(core) = self.core_mut(id) else {
            return Vec::new();
        };
        let timers: Vec<_> = activity.timers().collect();
        let attempt = activity.attempt();
        let before = std::mem::replace(&mut core.activity, activity);
        let mut effects = Vec::new();
        if let Some(gone) = before.attempt().filter(|gone| Some(*gone) != attempt)
            && self.attempts.remove(&gone).is_some()
        {
            effects.push(Effect::CancelInvoke { attempt: gone });
        }
        for gone in before.timers().filter(|gone| !timers.contains(gone)) {
            if self.timers.remove(&gone).is_some() {
                effects.push(Effect::ClearTimer { timer: gone });
            }
        }
        if let Some(attempt) = attempt {
            self.attempts.insert(attempt, id);
        }
        for timer in timers {
            self.timers.insert(timer, id);
        }
        effects
    }

    pub(crate) fn set_input(&mut self, id: FrameId, input: Payload) {
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        if !Arc::ptr_eq(frame.input.text(), input.text()) {
            self.unsaved.data.insert((id, Slot::Input));
        }
        frame.input = input;
    }

    pub(crate) fn set_items(&mut self, id: FrameId, items: Payload) {
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.items = Some(items);
            self.unsaved.data.insert((id, Slot::Items));
        }
    }

    pub(crate) fn add_result(&mut self, id: FrameId, index: u64, result: Payload) {
        if let Some(frame) = self.frames.get_mut(&id) {
            frame.results.insert(index, result);
            self.unsaved.data.insert((id, Slot::Result(index)));
        }
    }

    /// What the branches or iterations gave, in their order; the frame forgets it and what it iterated over.
    pub(crate) fn take_results(&mut self, id: FrameId) -> Vec<Payload> {
        let Some(frame) = self.frames.get_mut(&id) else {
            return Vec::new();
        };
        if frame.items.take().is_some() {
            self.unsaved.data.insert((id, Slot::Items));
        }
        std::mem::take(&mut frame.results)
            .into_iter()
            .map(|(index, result)| {
                self.unsaved.data.insert((id, Slot::Result(index)));
                result
            })
            .collect()
    }

    /// How many bytes the variables would take, were these assigned.
    pub(crate) fn variables_bytes_with(
        &self,
        id: FrameId,
        assigned: &[(Arc<str>, Payload)],
    ) -> usize {
        let known = self.frames.get(&id).map(|frame| &frame.variables);
        let replaced = assigned
            .iter()
            .filter_map(|(name, _)| known?.get(name.as_ref()));
        let replaced: usize = replaced.map(Payload::text_bytes).sum();
        let added: usize = assigned.iter().map(|(_, value)| value.text_bytes()).sum();
        (self.head.variables_bytes + added).saturating_sub(replaced)
    }

    pub(crate) fn assign(&mut self, id: FrameId, variable: Variable, value: Payload) {
        let bytes = value.text_bytes();
        let Some(frame) = self.frames.get_mut(&id) else {
            return;
        };
        let before = frame.variables.insert(variable.clone(), value);
        self.unsaved.data.insert((id, Slot::Variable(variable)));
        let head = self.head_mut();
        head.variables_bytes = (head.variables_bytes + bytes)
            .saturating_sub(before.map_or(0, |before| before.text_bytes()));
    }

    /// Takes a frame away, and back what was asked for it; its own frames are the caller's care.
    pub(crate) fn remove_frame(&mut self, id: FrameId) -> Vec<Effect> {
        let effects = self.set_activity(id, Activity::Entering);
        self.take_results(id);
        let Some(frame) = self.frames.remove(&id) else {
            return effects;
        };
        if let Some(order) = frame.core.order {
            self.ready.remove(&order);
        }
        self.unsaved.data.insert((id, Slot::Input));
        let mut bytes = 0;
        for (variable, value) in frame.variables {
            bytes += value.text_bytes();
            self.unsaved.data.insert((id, Slot::Variable(variable)));
        }
        let head = self.head_mut();
        head.variables_bytes = head.variables_bytes.saturating_sub(bytes);
        effects
    }

    /// The frames below this one, each before its own.
    pub(crate) fn descendants(&self, id: FrameId) -> Vec<FrameId> {
        let mut children: BTreeMap<FrameId, Vec<FrameId>> = BTreeMap::new();
        for (child, frame) in self.frames.range(FrameId(id.0 + 1)..) {
            if let Some(parent) = frame.core.parent {
                children.entry(parent).or_default().push(*child);
            }
        }
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            if next != id {
                found.push(next);
            }
            open.extend(children.remove(&next).into_iter().flatten().rev());
        }
        found
    }
}

impl Activity {
    pub(crate) fn attempt(&self) -> Option<AttemptId> {
        match self {
            Self::Task(task) => Some(task.attempt),
            Self::MapRun { attempt } => Some(*attempt),
            Self::Entering
            | Self::Executing
            | Self::Waiting { .. }
            | Self::Backoff { .. }
            | Self::Parallel { .. }
            | Self::Map(_) => None,
        }
    }

    pub(crate) fn timers(&self) -> impl Iterator<Item = TimerId> + use<> {
        let timers = match self {
            Self::Task(task) => [task.timeout, task.heartbeat],
            Self::Waiting { timer } | Self::Backoff { timer } => [Some(*timer), None],
            Self::Entering
            | Self::Executing
            | Self::Parallel { .. }
            | Self::Map(_)
            | Self::MapRun { .. } => [None, None],
        };
        timers.into_iter().flatten()
    }
}
