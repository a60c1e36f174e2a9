//! A world for executions: a clock that only moves by hand, rows in memory, and nobody who acts by himself.

#![expect(dead_code, reason = "each test file uses its own part of it")]

pub(crate) mod compare;
pub(crate) mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use asl::{Payload, StateMachine};
use engine::{
    AttemptId, Effect, Event, Execution, Gap, HistoryEvent, Input, Invocation, Limits, MapRunPlan,
    Reviewer, Seed, TimerId, Timestamp, Turn, step,
};

/// 2026-11-22T11:50:00Z, when the recordings' inputs that name an instant were made.
pub(crate) const START: i64 = 1_795_348_200_000;

pub(crate) struct World {
    pub(crate) machine: Arc<StateMachine>,
    pub(crate) execution: Execution,
    pub(crate) now: i64,
    pub(crate) history: Vec<HistoryEvent>,
    /// Tasks to run, in the order in which they were asked for.
    pub(crate) invocations: VecDeque<Invocation>,
    pub(crate) timers: BTreeMap<TimerId, i64>,
    /// Map Runs to make.
    pub(crate) map_runs: VecDeque<MapRunPlan>,
    /// All that was ever asked for and all that was called off.
    pub(crate) invoked: Vec<AttemptId>,
    pub(crate) cancelled: Vec<AttemptId>,
    /// Lose everything but the rows after every step.
    pub(crate) crash: bool,
    pub(crate) head: Vec<u8>,
    pub(crate) rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Rows that the last step wrote or deleted, and their bytes.
    pub(crate) rows_changed: usize,
    pub(crate) bytes_written: usize,
    pub(crate) steps: u64,
    pub(crate) entropy: u64,
    pub(crate) absent_activities: Vec<Arc<str>>,
}

pub(crate) fn machine(definition: &str) -> Arc<StateMachine> {
    let parsed = asl::parse(definition);
    match parsed.machine {
        Some(machine) => Arc::new(machine),
        None => panic!("{definition}\n{:?}", parsed.diagnostics),
    }
}

pub(crate) fn seed(name: &str, input: &str) -> Seed {
    let account = "us-east-1:000000000000";
    Seed {
        arn: format!("arn:aws:states:{account}:execution:machine:{name}").into(),
        name: name.into(),
        state_machine_arn: format!("arn:aws:states:{account}:stateMachine:machine").into(),
        state_machine_name: "machine".into(),
        role_arn: "arn:aws:iam::000000000000:role/role".into(),
        region: "us-east-1".into(),
        input: Payload::from_text(input).expect("the input is JSON"),
        start: Timestamp(START),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        scope: asl::machine::ScopeId::ROOT,
        express: false,
        synchronous: false,
        token_prefix: b"shard-7/execution".to_vec(),
    }
}

/// Reviews every state of an execution, whole and as it was after each event: what is computed again must be what the
/// history tells.
pub(crate) fn review_all(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    // Each event is taken in once for each state: of long histories a part must do.
    let few = world.history.len() < 60;
    let part = if few { 1 } else { world.history.len() / 20 };
    for entered in world.history.iter().step_by(part) {
        let Event::StateEntered { name, .. } = &entered.event else {
            continue;
        };
        let mut reviewer = reviewer(world, entered.id);
        for event in &world.history {
            if event.id >= entered.id && few {
                // What has not happened yet is not told; that it can be asked for is enough.
                let _ = reviewer.review();
            }
            if !reviewer
                .take(event.clone())
                .expect("it is the history of this machine")
            {
                break;
            }
        }
        let review = reviewer.review().expect("the state was entered");
        let differs = |gap: &Gap| gap.reason.contains("comes to another end");
        if review.gaps.iter().any(differs) {
            let id = entered.id;
            wrong.push(format!(
                "{name}, entered at {id}, is reviewed otherwise: {review:?}"
            ));
        }
    }
    wrong
}

pub(crate) fn reviewer(world: &World, entered: u64) -> Reviewer {
    let seed = world.execution.seed().clone();
    Reviewer::new(Arc::clone(&world.machine), seed, Limits::default(), entered)
}

impl World {
    pub(crate) fn new(machine: Arc<StateMachine>, input: &str) -> Self {
        Self::with_limits(machine, input, Limits::default())
    }

    pub(crate) fn with_limits(machine: Arc<StateMachine>, input: &str, limits: Limits) -> Self {
        Self {
            machine,
            execution: Execution::new(seed("name", input), limits),
            now: START,
            history: Vec::new(),
            invocations: VecDeque::new(),
            timers: BTreeMap::new(),
            invoked: Vec::new(),
            cancelled: Vec::new(),
            crash: false,
            head: Vec::new(),
            rows: BTreeMap::new(),
            rows_changed: 0,
            bytes_written: 0,
            steps: 0,
            entropy: 0,
            absent_activities: Vec::new(),
            map_runs: VecDeque::new(),
        }
    }

    /// Gives an input, and goes on until the execution waits.
    pub(crate) fn give(&mut self, input: Input) {
        let mut unfinished = self.give_once(input);
        while unfinished {
            unfinished = self.give_once(Input::Continue);
        }
    }

    /// Gives an input; whether the step asks to be continued.
    pub(crate) fn give_once(&mut self, input: Input) -> bool {
        self.steps += 1;
        let mut entropy = [7; 16];
        entropy[..8].copy_from_slice(&(self.entropy + self.steps).to_be_bytes());
        let turn = Turn {
            input,
            now: Timestamp(self.now),
            entropy,
            absent_activities: self.absent_activities.clone(),
        };
        let step = step(&self.machine, &mut self.execution, turn);
        self.history.extend(step.history);
        for effect in step.effects {
            self.take_in(effect);
        }
        self.commit();
        step.unfinished
    }

    fn take_in(&mut self, effect: Effect) {
        match effect {
            Effect::Invoke(invocation) => {
                self.invoked.push(invocation.attempt);
                self.invocations.push_back(*invocation);
            }
            Effect::StartMapRun(plan) => {
                self.invoked.push(plan.attempt);
                self.map_runs.push_back(*plan);
            }
            Effect::CancelInvoke { attempt } => {
                self.cancelled.push(attempt);
                self.invocations
                    .retain(|invocation| invocation.attempt != attempt);
            }
            Effect::SetTimer { timer, at } => {
                self.timers.insert(timer, at.0);
            }
            Effect::ClearTimer { timer } => {
                self.timers.remove(&timer);
            }
            Effect::Finished(_) => {}
        }
    }

    fn commit(&mut self) {
        let changes = self.execution.take_changes();
        self.rows_changed = changes.rows.len();
        self.bytes_written = 0;
        if let Some(head) = changes.head {
            self.bytes_written += head.len();
            self.head = head;
        }
        for (key, row) in changes.rows {
            match row {
                Some(row) => {
                    self.bytes_written += row.len();
                    self.rows.insert(key.0, row);
                }
                None => {
                    self.rows.remove(&key.0);
                }
            }
        }
        if self.crash {
            let rows = self.rows.clone().into_iter();
            self.execution = Execution::restore(&self.head, rows, Limits::default())
                .expect("what was written can be read");
        }
    }

    /// Lets the next timer fire, at its time; whether there was one.
    pub(crate) fn fire_next_timer(&mut self) -> bool {
        let next = self.timers.iter().min_by_key(|(id, at)| (**at, **id));
        let Some((timer, at)) = next.map(|(timer, at)| (*timer, *at)) else {
            return false;
        };
        self.timers.remove(&timer);
        self.now = self.now.max(at);
        self.give(Input::TimerFired { timer });
        true
    }

    /// Runs to the end: every task gets the answer that `answer` has for it, timers fire when nothing else is to do.
    pub(crate) fn run(&mut self, mut answer: impl FnMut(&Invocation) -> Input) {
        self.give(Input::Started);
        while self.execution.outcome().is_none() {
            match self.invocations.pop_front() {
                Some(invocation) => {
                    let input = answer(&invocation);
                    self.give(input);
                }
                None => assert!(self.fire_next_timer(), "the execution waits for nothing"),
            }
        }
    }

    /// The kinds of the events, in their order.
    pub(crate) fn types(&self) -> Vec<String> {
        self.history
            .iter()
            .map(|event| wire::event_type(&event.event))
            .collect()
    }
}

/// The task gives back what it was given.
pub(crate) fn echo(invocation: &Invocation) -> Input {
    Input::TaskSucceeded {
        attempt: invocation.attempt,
        output: invocation.parameters.clone(),
    }
}
