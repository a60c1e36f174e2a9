//! What a history tells of frames: which event is of which state, and what led to it.
//!
//! Each event names the one that it follows. Inside a frame that is the frame's last event; a branch's first follows
//! `ParallelStateStarted`, an iteration's first its `MapIterationStarted`, and a Parallel or Map goes on after the last
//! event of the branch or iteration that ended last. Names of states are unique in a definition, so that a name tells
//! the workflow.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::machine::{Kind, ScopeId, StateName};
use asl::{Payload, StateMachine};

use super::ReviewError;
use crate::{Event, HistoryEvent, StateType, Timestamp};

/// What an event is, as far as it shows the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Entered,
    Exited,
    /// `EvaluationFailed`, which follows what came before the state's entering.
    Evaluation,
    IterationStarted {
        index: u64,
    },
    ParallelStarted,
    MapStarted,
    /// `ParallelStateFailed`, `MapStateFailed`
    Failed,
    Other,
}

#[derive(Debug)]
pub(super) struct Traced {
    pub(super) previous: u64,
    pub(super) at: Timestamp,
    pub(super) what: What,
    /// The state whose event it is; none of an execution's.
    pub(super) whose: Option<StateName>,
    /// Whether the state under review led to it.
    pub(super) below: bool,
}

#[derive(Debug)]
pub(super) struct Trace {
    root: u64,
    /// By their ids less one.
    events: Vec<Traced>,
    /// Events of which the payloads matter.
    kept: BTreeMap<u64, Event>,
    kept_bytes: usize,
    /// The states that were entered after an event.
    entered_after: BTreeMap<u64, Vec<u64>>,
    /// Where each state stands.
    scopes: BTreeMap<StateName, ScopeId>,
    /// The Parallel or Map around each workflow.
    parents: Vec<Option<StateName>>,
    /// Whether the execution has ended.
    pub(super) over: bool,
}

/// Where a state stood in its execution.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The variables that it saw, the nearest of each name.
    pub(super) variables: BTreeMap<Arc<str>, Payload>,
    /// The Parallel and Map states around it with the events that entered them, the innermost first.
    pub(super) around: Vec<(StateName, u64)>,
    /// The innermost iteration: the event that entered its Map, and its index.
    pub(super) iteration: Option<(u64, u64)>,
}

impl Trace {
    pub(super) fn new(machine: &StateMachine, root: u64) -> Self {
        let mut scopes = BTreeMap::new();
        let mut parents = vec![None; machine.scopes.len()];
        let states = (0..).map(ScopeId).zip(&machine.scopes);
        let states = states.flat_map(|(id, scope)| scope.states.values().map(move |it| (id, it)));
        for (scope, state) in states {
            scopes.insert(Arc::clone(&state.name), scope);
            let inner: &[ScopeId] = match &state.kind {
                Kind::Parallel(parallel) => &parallel.branches,
                Kind::Map(map) => std::slice::from_ref(&map.processor),
                Kind::Pass(_)
                | Kind::Task(_)
                | Kind::Choice(_)
                | Kind::Wait(_)
                | Kind::Succeed
                | Kind::Fail(_) => &[],
            };
            for inner in inner {
                if let Some(parent) = parents.get_mut(inner.0 as usize) {
                    *parent = Some(Arc::clone(&state.name));
                }
            }
        }
        Self {
            root,
            events: Vec::new(),
            kept: BTreeMap::new(),
            kept_bytes: 0,
            entered_after: BTreeMap::new(),
            scopes,
            parents,
            over: false,
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Takes the next event; whether more are wanted.
    pub(super) fn take(
        &mut self,
        machine: &StateMachine,
        event: HistoryEvent,
    ) -> Result<bool, ReviewError> {
        let HistoryEvent {
            id,
            previous_event_id: previous,
            timestamp,
            event,
        } = event;
        if id != self.events.len() as u64 + 1 || previous >= id {
            return Err(ReviewError::OtherMachine);
        }
        let what = what(&event);
        let whose = self.whose(machine, previous, &event);
        let known = |name: &StateName| self.scopes.contains_key(name);
        if !whose.as_ref().is_none_or(known) {
            return Err(ReviewError::OtherMachine);
        }
        if id == self.root && what != What::Entered {
            return Err(ReviewError::NotEntered);
        }
        let of_root = whose.is_some() && whose == self.whose_is(self.root);
        let below = id == self.root || self.is_below(previous, what, of_root);
        self.over |= matches!(
            event,
            Event::ExecutionSucceeded { .. }
                | Event::ExecutionFailed { .. }
                | Event::ExecutionTimedOut { .. }
                | Event::ExecutionAborted { .. }
        );
        if what == What::Entered {
            self.entered_after.entry(previous).or_default().push(id);
        }
        self.events.push(Traced {
            previous,
            at: timestamp,
            what,
            whose,
            below,
        });
        if below || self.matters(id, &event) {
            self.kept_bytes = self.kept_bytes.saturating_add(event.payload_bytes());
            self.kept.insert(id, event);
        }
        let again = matches!(what, What::Entered | What::Exited);
        Ok(!(self.over || id > self.root && below && of_root && again))
    }

    /// An evaluation that fails while its state is entered is told after what came before.
    fn is_below(&self, previous: u64, what: What, of_root: bool) -> bool {
        let Some(root) = self.get(self.root) else {
            return false;
        };
        let led_here = self.get(previous).is_some_and(|before| before.below);
        led_here || (what == What::Evaluation && of_root && previous == root.previous)
    }

    /// Before the state under review only variables and what Maps iterated over matter.
    fn matters(&self, id: u64, event: &Event) -> bool {
        id < self.root
            && match event {
                Event::StateEntered { state_type, .. } => *state_type == StateType::Map,
                Event::StateExited {
                    assigned_variables, ..
                } => !assigned_variables.is_empty(),
                _ => false,
            }
    }

    /// The state whose event it is. Parallel and Map tell some of their events without a name: they are of the state
    /// that told the one before, or of the one around it where that state had ended.
    fn whose(&self, machine: &StateMachine, previous: u64, event: &Event) -> Option<StateName> {
        match event {
            Event::StateEntered { name, .. }
            | Event::StateExited { name, .. }
            | Event::EvaluationFailed { state: name, .. }
            | Event::MapIterationStarted { name, .. }
            | Event::MapIterationSucceeded { name, .. }
            | Event::MapIterationFailed { name, .. }
            | Event::MapIterationAborted { name, .. } => Some(Arc::clone(name)),
            Event::ParallelStateStarted
            | Event::ParallelStateSucceeded
            | Event::ParallelStateFailed => {
                self.of_kind(machine, previous, |kind| matches!(kind, Kind::Parallel(_)))
            }
            Event::MapStateStarted { .. } | Event::MapStateSucceeded | Event::MapStateFailed => {
                self.of_kind(machine, previous, |kind| matches!(kind, Kind::Map(_)))
            }
            _ => self.whose_is(previous),
        }
    }

    fn of_kind(
        &self,
        machine: &StateMachine,
        previous: u64,
        is_it: impl Fn(&Kind) -> bool,
    ) -> Option<StateName> {
        let before = self.get(previous)?;
        let whose = before.whose.as_ref()?;
        let scope = self.scope(whose)?;
        let state = machine.scopes.get(scope.0 as usize)?.states.get(whose)?;
        let ended = matches!(before.what, What::Exited | What::Failed);
        if is_it(&state.kind) && !ended {
            return Some(Arc::clone(whose));
        }
        self.parent(scope)
    }

    /// In which workflow a state stands.
    pub(super) fn scope(&self, name: &StateName) -> Option<ScopeId> {
        self.scopes.get(name).copied()
    }

    /// The Parallel or Map around a workflow.
    pub(super) fn parent(&self, scope: ScopeId) -> Option<StateName> {
        self.parents.get(scope.0 as usize)?.clone()
    }

    pub(super) fn get(&self, id: u64) -> Option<&Traced> {
        self.events.get(usize::try_from(id.checked_sub(1)?).ok()?)
    }

    pub(super) fn event(&self, id: u64) -> Option<&Event> {
        self.kept.get(&id)
    }

    pub(super) fn whose_is(&self, id: u64) -> Option<StateName> {
        self.get(id)?.whose.clone()
    }

    /// The events of a visit beside its first, up to its end, with their ids.
    pub(super) fn visit(&self, entered: u64) -> Vec<(u64, &Traced, &Event)> {
        let whose = self.whose_is(entered);
        let before = self.get(entered).map(|entered| entered.previous);
        let mut found = Vec::new();
        for (id, event) in self.kept.range(entered + 1..) {
            let Some(traced) = self.get(*id).filter(|traced| traced.whose == whose) else {
                continue;
            };
            let told_before = traced.what == What::Evaluation && Some(traced.previous) == before;
            if !told_before && !self.leads(entered, traced.previous) {
                continue;
            }
            if traced.what == What::Entered {
                break;
            }
            found.push((*id, traced, event));
            if traced.what == What::Exited {
                break;
            }
        }
        found
    }

    /// The last state that was left in each workflow, of what an event led to.
    pub(super) fn last_exits(&self, from: u64) -> BTreeMap<ScopeId, u64> {
        let mut last = BTreeMap::new();
        for id in self.kept.range(from + 1..).map(|(id, _)| *id) {
            let Some(traced) = self.get(id).filter(|traced| traced.what == What::Exited) else {
                continue;
            };
            let scope = traced.whose.as_ref().and_then(|name| self.scope(name));
            if let Some(scope) = scope
                && self.leads(from, traced.previous)
            {
                last.insert(scope, id);
            }
        }
        last
    }

    /// Whether an event led to another, or is it.
    fn leads(&self, first: u64, last: u64) -> bool {
        if first == self.root {
            return self.get(last).is_some_and(|last| last.below);
        }
        let mut id = last;
        while id > first {
            let Some(traced) = self.get(id) else {
                return false;
            };
            // What is told after a state's entering was skipped in the telling.
            id = match (traced.what, &traced.whose) {
                (What::Evaluation, Some(whose)) => self
                    .skipped(whose, traced.previous, id)
                    .unwrap_or(traced.previous),
                _ => traced.previous,
            };
        }
        id == first
    }

    /// The entering of a state that its `EvaluationFailed` does not follow, though it came between.
    fn skipped(&self, name: &StateName, previous: u64, before: u64) -> Option<u64> {
        let entered = self.entered_after.get(&previous)?;
        entered
            .iter()
            .rev()
            .copied()
            .find(|id| *id < before && self.whose_is(*id).as_ref() == Some(name))
    }

    /// The last entering of a state on the way to an event.
    pub(super) fn entered(&self, name: &StateName, on_the_way_to: u64) -> Option<u64> {
        let mut id = on_the_way_to;
        loop {
            let traced = self.get(id)?;
            if traced.whose.as_ref() == Some(name) {
                match traced.what {
                    What::Entered => return Some(id),
                    What::Evaluation => {
                        if let Some(entered) = self.skipped(name, traced.previous, id) {
                            return Some(entered);
                        }
                    }
                    _ => {}
                }
            }
            id = traced.previous;
        }
    }

    /// What was around a state when it was entered.
    pub(super) fn surroundings(&self, entered: u64) -> Option<Surroundings> {
        let mut found = Surroundings::default();
        let mut scope = self.scope(&self.whose_is(entered)?)?;
        let mut id = self.get(entered)?.previous;
        while id != 0 {
            let traced = self.get(id)?;
            let entered = match traced.what {
                What::Exited => {
                    if let Some(Event::StateExited {
                        assigned_variables, ..
                    }) = self.event(id)
                    {
                        for (name, value) in assigned_variables {
                            let nearest = found.variables.entry(Arc::clone(name));
                            nearest.or_insert_with(|| value.clone());
                        }
                    }
                    self.entered(traced.whose.as_ref()?, traced.previous)?
                }
                What::IterationStarted { .. } | What::ParallelStarted => {
                    let parent = self.parent(scope)?;
                    let entered = self.entered(&parent, traced.previous)?;
                    if let What::IterationStarted { index } = traced.what {
                        found.iteration.get_or_insert((entered, index));
                    }
                    scope = self.scope(&parent)?;
                    found.around.push((parent, entered));
                    entered
                }
                What::Entered
                | What::Evaluation
                | What::MapStarted
                | What::Failed
                | What::Other => return None,
            };
            id = self.get(entered)?.previous;
        }
        Some(found)
    }

    /// Whether a Parallel or Map has given up what it had begun when the state under review was entered.
    pub(super) fn gave_up(&self, name: &StateName, entered: u64) -> bool {
        let after = self
            .events
            .get(usize::try_from(self.root).unwrap_or(usize::MAX)..);
        let ids = self.root + 1..;
        ids.zip(after.into_iter().flatten()).any(|(_, traced)| {
            let ends = matches!(
                traced.what,
                What::Entered
                    | What::Exited
                    | What::ParallelStarted
                    | What::MapStarted
                    | What::Failed
            );
            ends && traced.whose.as_ref() == Some(name) && self.leads(entered, traced.previous)
        })
    }
}

fn what(event: &Event) -> What {
    match event {
        Event::StateEntered { .. } => What::Entered,
        Event::StateExited { .. } => What::Exited,
        Event::EvaluationFailed { .. } => What::Evaluation,
        Event::MapIterationStarted { index, .. } => What::IterationStarted { index: *index },
        Event::ParallelStateStarted => What::ParallelStarted,
        Event::MapStateStarted { .. } => What::MapStarted,
        Event::ParallelStateFailed | Event::MapStateFailed => What::Failed,
        _ => What::Other,
    }
}
