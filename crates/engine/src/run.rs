//! One step: an input is taken in, then every frame that can go on does.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use asl::machine::{Kind, ScopeId, State, StateName, Transition};
use asl::{Allowance, Entropy, Payload, StateMachine, Variable};

use crate::execution::{Activity, Core, FrameId, Role, Visit};
use crate::inspect::Watch;
use crate::raised::Raised;
use crate::states;
use crate::{
    Effect, Event, Execution, HistoryEvent, Input, Outcome, StateType, Step, TimerId, Timestamp,
    Turn,
};

/// What an event weighs besides its payloads, roughly.
const EVENT_BYTES: usize = 128;

pub(crate) struct Run<'a> {
    pub(crate) machine: &'a StateMachine,
    pub(crate) execution: &'a mut Execution,
    pub(crate) now: Timestamp,
    pub(crate) entropy: RefCell<Entropy>,
    /// What evaluations may still take for the state at hand.
    pub(crate) allowance: Allowance,
    pub(crate) absent_activities: Vec<Arc<str>>,
    /// Tasks that were scheduled in this step and are started with its end.
    pub(crate) scheduled: Vec<FrameId>,
    /// Who looks on, where one state is inspected.
    pub(crate) watch: Option<&'a Watch>,
    pub(crate) step: Step,
    transitions: u32,
    history_bytes: usize,
    evaluation_steps: u64,
    /// The history is full.
    full: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        machine: &'a StateMachine,
        execution: &'a mut Execution,
        turn: Turn,
    ) -> (Input, Self) {
        let run = Self {
            machine,
            allowance: Allowance::new(execution.limits.payload_bytes_max),
            execution,
            now: turn.now,
            entropy: RefCell::new(Entropy::new(turn.entropy)),
            absent_activities: turn.absent_activities,
            scheduled: Vec::new(),
            watch: None,
            step: Step::default(),
            transitions: 0,
            history_bytes: 0,
            evaluation_steps: 0,
            full: false,
        };
        (turn.input, run)
    }

    pub(crate) fn turn(mut self, input: Input) -> Step {
        if self.execution.outcome().is_some() {
            return self.step;
        }
        self.accept(input);
        self.account();
        while !self.spent()
            && let Some(id) = self.execution.pop_ready()
        {
            self.advance(id);
            self.account();
        }
        for id in std::mem::take(&mut self.scheduled) {
            states::task::started(&mut self, id);
        }
        if self.full && self.execution.outcome().is_none() {
            self.finish_full();
        }
        self.step.unfinished = self.execution.is_unfinished();
        forget_what_came_and_went(&mut self.step.effects);
        self.step
    }

    /// The state at hand is done with for now: the next has an allowance of its own.
    fn account(&mut self) {
        self.evaluation_steps += self.allowance.renew();
    }

    fn spent(&self) -> bool {
        let limits = &self.execution.limits;
        self.full
            || self.transitions >= limits.step_transitions_max
            || self.history_bytes >= limits.step_history_bytes_max
            || self.evaluation_steps >= Allowance::JSONATA_STEPS
    }

    pub(crate) fn accept(&mut self, input: Input) {
        if let Input::Started = input {
            return self.start();
        }
        match input {
            Input::Started | Input::Continue => {}
            Input::TaskStarted {
                attempt,
                worker_name,
            } => states::task::taken(self, attempt, worker_name),
            Input::TaskSubmitted { attempt, output } => {
                states::task::submitted(self, attempt, output);
            }
            Input::TaskSucceeded { attempt, output } => {
                states::task::succeeded(self, attempt, output);
            }
            Input::TaskFailed {
                attempt,
                error,
                cause,
                failure,
            } => states::task::failed(self, attempt, Raised::new(error, cause), failure),
            Input::TaskHeartbeat { attempt } => states::task::heartbeat(self, attempt),
            Input::MapRunSucceeded { attempt, output } => {
                states::map_run::succeeded(self, attempt, output);
            }
            Input::MapRunFailed {
                attempt,
                error,
                cause,
            } => states::map_run::failed(self, attempt, Raised::new(error, cause)),
            Input::TimerFired { timer } => self.timer(timer),
            Input::Stop { error, cause } => self.finish(
                Event::ExecutionAborted {
                    error: error.clone(),
                    cause: cause.clone(),
                },
                Outcome::Aborted { error, cause },
            ),
            Input::Abandon { cause } => self.finish_failed(Raised::new(
                Some("States.Runtime".to_owned()),
                Some(cause.as_ref().to_owned()),
            )),
        }
    }

    fn start(&mut self) {
        if std::mem::replace(&mut self.execution.head_mut().started, true) {
            return;
        }
        let seed = &self.execution.seed;
        let input = seed.input.clone();
        let event = Event::ExecutionStarted {
            input: input.clone(),
            role_arn: Arc::clone(&seed.role_arn),
            state_machine_alias_arn: seed.state_machine_alias_arn.clone(),
            state_machine_version_arn: seed.state_machine_version_arn.clone(),
        };
        let limits = &self.execution.limits;
        let seconds_max = if seed.express {
            limits.express_seconds_max
        } else {
            limits.standard_seconds_max
        };
        // The definition's time-out is the outermost workflow's.
        let wanted = match seed.scope {
            ScopeId::ROOT => self.machine.timeout_seconds,
            _ => None,
        };
        let seconds = wanted.map_or(seconds_max, |seconds| seconds.min(seconds_max));
        let scope = seed.scope;
        self.emit(0, event);
        let deadline = self.set_timer(seconds.saturating_mul(1000));
        self.execution.head_mut().deadline = Some(deadline);
        // The first state's events follow no other: their previous id is 0.
        self.spawn(None, Role::Root, scope, 0, input);
    }

    /// A new frame at the start of its scope.
    pub(crate) fn spawn(
        &mut self,
        parent: Option<FrameId>,
        role: Role,
        scope: ScopeId,
        last_event_id: u64,
        input: Payload,
    ) -> FrameId {
        let state = self
            .machine
            .scopes
            .get(scope.0 as usize)
            .map(|scope| Arc::clone(&scope.start_at));
        let depth = parent
            .and_then(|parent| self.core(parent))
            .map_or(0, |parent| parent.depth + 1);
        let core = Core {
            parent,
            depth,
            role,
            scope,
            state: state.unwrap_or_default(),
            last_event_id,
            visit: Visit::default(),
            activity: Activity::Entering,
            order: None,
        };
        let id = self.execution.add_frame(core, input);
        self.execution.make_ready(id);
        id
    }

    fn timer(&mut self, timer: TimerId) {
        if self.execution.head.deadline == Some(timer) {
            self.execution.head_mut().deadline = None;
            let error = Some("States.Timeout".to_owned());
            return self.finish(
                Event::ExecutionTimedOut {
                    error: error.clone(),
                    cause: None,
                },
                Outcome::TimedOut { error, cause: None },
            );
        }
        let Some(id) = self.execution.timers.remove(&timer) else {
            return;
        };
        let Some(core) = self.core(id) else {
            return;
        };
        match core.activity.clone() {
            Activity::Waiting { .. } => states::wait::over(self, id),
            Activity::Backoff { .. } => {
                self.change(id, Activity::Executing);
                self.execution.make_ready(id);
            }
            Activity::Task(_) => states::task::timed_out(self, id, timer),
            Activity::Entering
            | Activity::Executing
            | Activity::Parallel { .. }
            | Activity::Map(_)
            | Activity::MapRun { .. } => {}
        }
    }

    fn advance(&mut self, id: FrameId) {
        let Some(state) = self.state(id) else {
            return self.finish_lost(id);
        };
        let Some(core) = self.core(id) else {
            return;
        };
        let entering = matches!(core.activity, Activity::Entering);
        self.transitions += 1;
        if entering {
            self.enter(id, state);
        }
        self.execute(id, state);
    }

    pub(crate) fn enter(&mut self, id: FrameId, state: &State) {
        let Some(frame) = self.execution.frames.get(&id) else {
            return;
        };
        let event = Event::StateEntered {
            state_type: state_type(&state.kind),
            name: Arc::clone(&state.name),
            input: told_input(state, &frame.input),
        };
        let before_event_id = frame.core.last_event_id;
        let entered_event_id = self.emit_in(id, event);
        let entered = self.now;
        if let Some(core) = self.execution.core_mut(id) {
            core.visit = Visit {
                entered_event_id,
                before_event_id,
                entered,
                retries: Vec::new(),
                retry_count: 0,
            };
        }
        self.change(id, Activity::Executing);
    }

    pub(crate) fn execute(&mut self, id: FrameId, state: &'a State) {
        let done = match &state.kind {
            Kind::Pass(pass) => states::pass::execute(self, id, state, pass),
            Kind::Task(task) => states::task::execute(self, id, state, task),
            Kind::Choice(choice) => states::choice::execute(self, id, state, choice),
            Kind::Wait(wait) => states::wait::execute(self, id, state, wait),
            Kind::Succeed => states::succeed::execute(self, id, state),
            Kind::Fail(fail) => states::fail::execute(self, id, state, fail),
            Kind::Parallel(parallel) => states::parallel::execute(self, id, state, parallel),
            Kind::Map(map) => states::map::execute(self, id, state, map),
        };
        if let Err(raised) = done {
            self.raise(id, raised);
        }
    }

    /// The state has given its output: on to the next, or the end of the frame.
    pub(crate) fn leave(
        &mut self,
        id: FrameId,
        state: &State,
        transition: &Transition,
        left: Left,
    ) -> Result<(), Raised> {
        let variables_bytes = self.execution.variables_bytes_with(id, &left.assigned);
        if variables_bytes > self.execution.limits.variables_bytes_max {
            return Err(Raised::too_large(&state.name));
        }
        let event = Event::StateExited {
            state_type: state_type(&state.kind),
            name: Arc::clone(&state.name),
            output: left.output.clone(),
            assigned_variables: left.assigned.clone(),
        };
        self.emit_in(id, event);
        for (name, value) in left.assigned {
            self.execution.assign(id, Variable(name), value);
        }
        if let Some(watch) = self.watch {
            watch.left(left.output, transition);
            return Ok(());
        }
        match transition {
            Transition::Next(next) => self.go(id, next, left.output),
            Transition::End => self.end(id, left.output),
        }
        Ok(())
    }

    fn go(&mut self, id: FrameId, next: &StateName, input: Payload) {
        self.execution.set_input(id, input);
        self.change(id, Activity::Entering);
        if let Some(core) = self.execution.core_mut(id) {
            core.state = Arc::clone(next);
        }
        self.execution.make_ready(id);
    }

    fn end(&mut self, id: FrameId, output: Payload) {
        let Some(core) = self.core(id) else {
            return;
        };
        match (core.role, core.parent) {
            (Role::Root, _) | (_, None) => self.finish(
                Event::ExecutionSucceeded {
                    output: output.clone(),
                },
                Outcome::Succeeded { output },
            ),
            (Role::Branch { index }, Some(parent)) => {
                states::parallel::branch_ended(self, parent, id, index, output);
            }
            (Role::Iteration { index }, Some(parent)) => {
                states::map::iteration_ended(self, parent, id, index, output);
            }
        }
    }

    /// The frame has failed for good.
    pub(crate) fn fail_frame(&mut self, id: FrameId, raised: Raised) {
        let Some(core) = self.core(id) else {
            return;
        };
        let (role, last) = (core.role, core.last_event_id);
        let Some(parent) = core.parent else {
            return self.finish_failed(raised);
        };
        if let Role::Iteration { index } = role {
            let name = self.core(parent).map(|core| Arc::clone(&core.state));
            let name = name.unwrap_or_default();
            self.emit(last, Event::MapIterationFailed { name, index });
        }
        // timeouts/test_service_lambda_map_timeout: the failed Task itself is told as aborted, too.
        if self
            .state(id)
            .is_some_and(|state| matches!(state.kind, Kind::Task(_)))
        {
            self.emit(last, Event::TaskStateAborted);
        }
        self.remove(id);
        self.give_up_below(parent, last);
        if let Some(core) = self.execution.core_mut(parent) {
            core.last_event_id = last;
        }
        self.raise(parent, raised.handed_up());
    }

    /// What a Map or Parallel has begun is given up, after that event.
    pub(crate) fn give_up_below(&mut self, id: FrameId, last: u64) {
        self.abort_below(id, last);
        self.execution.take_results(id);
        self.change(id, Activity::Executing);
    }

    /// The other branches or iterations are given up, and told so: all their events follow the one that failed.
    fn abort_below(&mut self, parent: FrameId, last: u64) {
        for id in self.execution.descendants(parent) {
            let Some(core) = self.core(id) else {
                continue;
            };
            let entered = !matches!(core.activity, Activity::Entering);
            let map_run = matches!(core.activity, Activity::MapRun { .. });
            let role = core.role;
            let name = core
                .parent
                .and_then(|parent| self.core(parent))
                .map(|core| Arc::clone(&core.state));
            if let Role::Iteration { index } = role {
                let name = name.unwrap_or_default();
                self.emit(last, Event::MapIterationAborted { name, index });
            }
            if map_run {
                self.emit(last, Event::MapRunAborted);
            }
            let aborted = self
                .state(id)
                .filter(|_| entered)
                .and_then(|state| aborted(&state.kind));
            if let Some(event) = aborted {
                self.emit(last, event);
            }
        }
        for id in self.execution.descendants(parent) {
            self.remove(id);
        }
    }

    fn finish_failed(&mut self, raised: Raised) {
        let (error, cause) = raised.into_parts();
        self.finish(
            Event::ExecutionFailed {
                error: error.clone(),
                cause: cause.clone(),
            },
            Outcome::Failed { error, cause },
        );
    }

    fn finish_full(&mut self) {
        let max = self.execution.limits.history_events_max;
        self.finish_failed(Raised::new(
            Some("States.Runtime".to_owned()),
            Some(format!(
                "The execution reached the maximum number of history events ({max})."
            )),
        ));
    }

    /// The machine has no such state: it is not the one that the execution was started with.
    pub(crate) fn finish_lost(&mut self, id: FrameId) {
        let name = self.core(id).map(|core| Arc::clone(&core.state));
        let name = name.unwrap_or_default();
        self.finish_failed(Raised::new(
            Some("States.Runtime".to_owned()),
            Some(format!("The state machine has no state '{name}'.")),
        ));
    }

    fn finish(&mut self, event: Event, outcome: Outcome) {
        if self.full && !matches!(event, Event::ExecutionFailed { .. }) {
            return self.finish_full();
        }
        let root = self.execution.frames.values().next();
        let last = root.map_or(0, |root| root.core.last_event_id);
        self.write(last, event);
        let ids: Vec<_> = self.execution.frames.keys().copied().collect();
        for id in ids {
            self.remove(id);
        }
        let head = self.execution.head_mut();
        let deadline = head.deadline.take();
        head.outcome = Some(outcome.clone());
        if let Some(timer) = deadline {
            self.effect(Effect::ClearTimer { timer });
        }
        self.effect(Effect::Finished(outcome));
    }

    pub(crate) fn remove(&mut self, id: FrameId) {
        let effects = self.execution.remove_frame(id);
        self.step.effects.extend(effects);
    }

    /// Sets what a frame is about; what its former activity asked for is taken back.
    pub(crate) fn change(&mut self, id: FrameId, activity: Activity) {
        let effects = self.execution.set_activity(id, activity);
        self.step.effects.extend(effects);
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.step.effects.push(effect);
    }

    pub(crate) fn set_timer(&mut self, after_milliseconds: u64) -> TimerId {
        let timer = self.execution.next_timer();
        let after = i64::try_from(after_milliseconds).unwrap_or(i64::MAX);
        let at = Timestamp(self.now.0.saturating_add(after));
        self.effect(Effect::SetTimer { timer, at });
        timer
    }

    /// Writes an event that follows the frame's last, and which the frame's next follows.
    pub(crate) fn emit_in(&mut self, id: FrameId, event: Event) -> u64 {
        let last = self.core(id).map_or(0, |core| core.last_event_id);
        let event_id = self.emit(last, event);
        if let Some(core) = self.execution.core_mut(id) {
            core.last_event_id = event_id;
        }
        event_id
    }

    pub(crate) fn emit(&mut self, previous_event_id: u64, event: Event) -> u64 {
        let id = self.execution.head.last_event_id;
        // The last place is kept for the event that ends the execution.
        let room = self.execution.limits.history_events_max.saturating_sub(1);
        if self.full || (!self.execution.seed.express && id >= room) {
            self.full = true;
            return id;
        }
        self.write(previous_event_id, event)
    }

    fn write(&mut self, previous_event_id: u64, event: Event) -> u64 {
        let head = self.execution.head_mut();
        head.last_event_id += 1;
        let id = head.last_event_id;
        self.history_bytes += EVENT_BYTES + event.payload_bytes();
        self.step.history.push(HistoryEvent {
            id,
            previous_event_id,
            timestamp: self.now,
            event,
        });
        id
    }

    pub(crate) fn core(&self, id: FrameId) -> Option<&Core> {
        self.execution.frames.get(&id).map(|frame| &frame.core)
    }

    /// The state in which a frame is.
    pub(crate) fn state(&self, id: FrameId) -> Option<&'a State> {
        let core = self.core(id)?;
        let machine = self.machine;
        let scope = machine.scopes.get(core.scope.0 as usize)?;
        scope.states.get(&core.state)
    }
}

/// With what a state is left.
pub(crate) struct Left {
    pub(crate) output: Payload,
    pub(crate) assigned: Vec<(Arc<str>, Payload)>,
}

/// The input as `…StateEntered` tells it: the text that came, but for Maps with a `Label`, of which the recordings have
/// it written anew (scenarios/test_map_state_label; test_map_state_config_distributed_parameters has none and keeps it).
fn told_input(state: &State, input: &Payload) -> Payload {
    match &state.kind {
        Kind::Map(map) if map.label.is_some() => Payload::new(input.value().clone()),
        _ => input.clone(),
    }
}

fn state_type(kind: &Kind) -> StateType {
    match kind {
        Kind::Pass(_) => StateType::Pass,
        Kind::Task(_) => StateType::Task,
        Kind::Choice(_) => StateType::Choice,
        Kind::Wait(_) => StateType::Wait,
        Kind::Succeed => StateType::Succeed,
        Kind::Fail(_) => StateType::Fail,
        Kind::Parallel(_) => StateType::Parallel,
        Kind::Map(_) => StateType::Map,
    }
}

fn aborted(kind: &Kind) -> Option<Event> {
    match kind {
        Kind::Task(_) => Some(Event::TaskStateAborted),
        Kind::Wait(_) => Some(Event::WaitStateAborted),
        Kind::Parallel(_) => Some(Event::ParallelStateAborted),
        Kind::Map(_) => Some(Event::MapStateAborted),
        Kind::Pass(_) | Kind::Choice(_) | Kind::Succeed | Kind::Fail(_) => None,
    }
}

/// What was asked for and taken back within one step was never asked for.
fn forget_what_came_and_went(effects: &mut Vec<Effect>) {
    let mut attempts = BTreeSet::new();
    let mut timers = BTreeSet::new();
    for effect in effects.iter() {
        match effect {
            Effect::Invoke(invocation) => {
                attempts.insert(invocation.attempt);
            }
            Effect::StartMapRun(plan) => {
                attempts.insert(plan.attempt);
            }
            Effect::SetTimer { timer, .. } => {
                timers.insert(*timer);
            }
            Effect::CancelInvoke { .. } | Effect::ClearTimer { .. } | Effect::Finished(_) => {}
        }
    }
    let mut gone_attempts = BTreeSet::new();
    let mut gone_timers = BTreeSet::new();
    for effect in effects.iter() {
        match effect {
            Effect::CancelInvoke { attempt } if attempts.contains(attempt) => {
                gone_attempts.insert(*attempt);
            }
            Effect::ClearTimer { timer } if timers.contains(timer) => {
                gone_timers.insert(*timer);
            }
            Effect::Invoke(_)
            | Effect::StartMapRun(_)
            | Effect::CancelInvoke { .. }
            | Effect::SetTimer { .. }
            | Effect::ClearTimer { .. }
            | Effect::Finished(_) => {}
        }
    }
    effects.retain(|effect| match effect {
        Effect::Invoke(invocation) => !gone_attempts.contains(&invocation.attempt),
        Effect::StartMapRun(plan) => !gone_attempts.contains(&plan.attempt),
        Effect::CancelInvoke { attempt } => !gone_attempts.contains(attempt),
        Effect::SetTimer { timer, .. } | Effect::ClearTimer { timer } => {
            !gone_timers.contains(timer)
        }
        Effect::Finished(_) => true,
    });
}
