//! One visit of a state, followed by its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::machine::{Flow, Kind, MapMode, State, StateName, Transition};
use asl::{Json, JsonPath, Pattern, Payload, ReferencePath};

use super::stages::{
    ARGUMENTS, BACKOFF, ITEM_SELECTOR, ITEMS, PARAMETERS, RESULT, RESULT_PATH, RESULT_SELECTOR,
    forget, stages,
};
use super::trace::{Surroundings, Traced, What};
use super::{Attempt, Gap, Review, ReviewError, Reviewer, VisitStatus};
use crate::inspect::{CHANCE, Inspection};
use crate::raised::Raised;
use crate::states::joined;
use crate::{Ending, Event, MapItem, Seed, Seen, StateType, Subject, Timestamp};

/// Visits that one review computes within each other: of Maps around a state, or of states whose errors went up. A
/// definition may nest deeper; then what is so far out is left out.
const DEPTH_MAX: usize = 16;

const BY_CHANCE: &str = "it hung on a random number or a UUID, which the history does not tell";
const NOT_TOLD: &str = "the history does not tell it";
const TOKEN: &str = "a task token is told to nobody but the task";
const DIFFERS: &str = "computed again, the state comes to another end than the history tells";
const TOO_MUCH: &str = "it is too large, or could not be made for every item at once";
const OF_CHILDREN: &str = "its children were given it, see their inputs";
const TOO_DEEP: &str = "too many Map states are around it";

impl Reviewer {
    /// Reviews the visit that began with that event.
    pub(super) fn visit(&self, entered: u64, depth: usize) -> Result<Review, ReviewError> {
        let (mut visit, surroundings) = self.enter(entered, depth)?;
        visit.unused_error = visit.has_failed();
        for (id, traced, event) in self.trace.visit(entered) {
            visit.follow(id, traced, event);
            self.spend(&mut visit.inspection)?;
        }
        let review = visit.end();
        Ok(match review.status {
            VisitStatus::Running | VisitStatus::Retriable if self.is_over(&surroundings) => {
                Review {
                    status: VisitStatus::Aborted,
                    ..review
                }
            }
            _ => review,
        })
    }

    /// Has the state entered as it was, and goes on until it waits.
    fn enter(&self, entered: u64, depth: usize) -> Result<(Visit<'_>, Surroundings), ReviewError> {
        let (Some(traced), Some(event)) = (self.trace.get(entered), self.trace.event(entered))
        else {
            return Err(ReviewError::NoSuchEvent);
        };
        let Event::StateEntered {
            state_type,
            name,
            input,
        } = event
        else {
            return Err(ReviewError::NotEntered);
        };
        let scope = self.trace.scope(name).ok_or(ReviewError::OtherMachine)?;
        let state = self.machine.scopes.get(scope.0 as usize);
        let state = state.and_then(|scope| scope.states.get(name));
        let state = state.ok_or(ReviewError::OtherMachine)?;
        let surroundings = self.trace.surroundings(entered);
        let surroundings = surroundings.ok_or(ReviewError::OtherMachine)?;
        let mut gaps = Vec::new();
        let subject = Subject {
            seed: Seed {
                scope,
                ..self.seed.clone()
            },
            state: Arc::clone(name),
            input: input.clone(),
            variables: surroundings.variables.clone().into_iter().collect(),
            context: self.iteration(&surroundings, depth, &mut gaps),
            retries: 0,
        };
        let (machine, limits) = (Arc::clone(&self.machine), self.limits.clone());
        let mut inspection =
            Inspection::begin_as(machine, subject, limits, traced.at, CHANCE, Some(entered));
        self.spend(&mut inspection)?;
        let mut visit = Visit {
            reviewer: self,
            state,
            state_type: *state_type,
            entered,
            at: traced.at,
            input,
            depth,
            inspection,
            variables: surroundings.variables.clone(),
            attempts: Vec::new(),
            unused_error: false,
            by_chance: false,
            exited: None,
            gaps,
        };
        visit.doubt();
        Ok((visit, surroundings))
    }

    /// Whether what is around a visit has ended, or given it up.
    fn is_over(&self, surroundings: &Surroundings) -> bool {
        let mut around = surroundings.around.iter();
        self.trace.over || around.any(|(name, entered)| self.trace.gave_up(name, *entered))
    }

    /// `$$.Map` of the iteration that a state is part of.
    fn iteration(
        &self,
        surroundings: &Surroundings,
        depth: usize,
        gaps: &mut Vec<Gap>,
    ) -> Option<Json> {
        let (map, index) = surroundings.iteration?;
        let reason = match self.items(map, depth + 1) {
            Ok(items) => match MapItem::of(items.value(), index) {
                Some(item) => return Some(Json::object([("Map", item.context())])),
                None => NOT_TOLD,
            },
            Err(reason) => reason,
        };
        gaps.push(Gap {
            member: "context.Map",
            reason,
        });
        None
    }

    /// What a Map iterated over.
    fn items(&self, entered: u64, depth: usize) -> Result<Payload, &'static str> {
        if depth > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        let (visit, _) = self.enter(entered, depth).map_err(|_| NOT_TOLD)?;
        match visit.gaps.iter().find(|gap| gap.member == ITEMS) {
            Some(gap) => Err(gap.reason),
            None => visit.inspection.seen().items.ok_or(NOT_TOLD),
        }
    }
}

/// A visit on its way from its first event to its last.
struct Visit<'a> {
    reviewer: &'a Reviewer,
    state: &'a State,
    state_type: StateType,
    entered: u64,
    at: Timestamp,
    input: &'a Payload,
    depth: usize,
    inspection: Inspection,
    /// The variables that it saw.
    variables: BTreeMap<Arc<str>, Payload>,
    attempts: Vec<Attempt>,
    /// The state has failed in the computation, and the history has not told of it yet.
    unused_error: bool,
    /// Something random was evaluated on the way.
    by_chance: bool,
    exited: Option<Exit>,
    gaps: Vec<Gap>,
}

struct Exit {
    event_id: u64,
    at: Timestamp,
    output: Payload,
    assigned: Vec<(Arc<str>, Payload)>,
}

impl Visit<'_> {
    fn follow(&mut self, id: u64, traced: &Traced, event: &Event) {
        let at = traced.at;
        match event {
            Event::LambdaFunctionScheduled { input, .. }
            | Event::ActivityScheduled { input, .. }
            | Event::TaskScheduled {
                parameters: input, ..
            } => self.begin(id, at, Some(input)),
            Event::ParallelStateStarted | Event::MapStateStarted { .. } => {
                self.children_failed(traced.previous);
                self.begin(id, at, None);
            }
            Event::LambdaFunctionSucceeded { output }
            | Event::ActivitySucceeded { output }
            | Event::TaskSucceeded { output, .. } => self.succeeded(output.clone(), at),
            Event::LambdaFunctionTimedOut { error, cause }
            | Event::ActivityTimedOut { error, cause }
            | Event::TaskTimedOut { error, cause, .. } => {
                let raised = Raised::new(error.clone(), cause.clone());
                self.failed(self.timed_out(raised, at), at);
            }
            Event::EvaluationFailed { .. } if self.is_expected(at) => {}
            Event::ParallelStateFailed | Event::MapStateFailed => {
                self.children_failed(traced.previous);
            }
            Event::StateExited {
                output,
                assigned_variables,
                ..
            } => {
                self.collect(at);
                if self.inspection.ending().is_none() {
                    match &self.state.kind {
                        Kind::Wait(_) => self.inspection.wake(at),
                        Kind::Map(_) if self.is_distributed() && self.hands_on() => {
                            self.succeeded(output.clone(), at);
                        }
                        _ => {}
                    }
                }
                self.doubt();
                self.exited = Some(Exit {
                    event_id: id,
                    at,
                    output: output.clone(),
                    assigned: assigned_variables.clone(),
                });
            }
            _ => {
                if let Some((error, cause)) = failure(event) {
                    self.failed(Raised::new(error, cause), at);
                }
            }
        }
    }

    /// Whether an evaluation that failed has failed when it was computed again.
    fn is_expected(&mut self, at: Timestamp) -> bool {
        self.collect(at);
        std::mem::take(&mut self.unused_error)
    }

    /// Whether the state's output is its result.
    fn hands_on(&self) -> bool {
        match &self.state.flow {
            Flow::JsonPath(flow) => {
                let is_whole = |path: &JsonPath| path.text().as_ref() == "$";
                flow.result_selector.is_none()
                    && flow
                        .result_path
                        .as_ref()
                        .is_some_and(ReferencePath::is_root)
                    && flow.output_path.as_ref().is_some_and(is_whole)
            }
            Flow::Jsonata(flow) => flow.output.is_none(),
        }
    }

    fn has_failed(&self) -> bool {
        self.inspection.seen().error.is_some()
    }

    /// A try begins.
    fn begin(&mut self, event_id: u64, start: Timestamp, parameters: Option<&Payload>) {
        if let Some(before) = self.attempts.last_mut() {
            let stop = before.stop.unwrap_or(start);
            before.retry_delay_seconds = Some((start.0 - stop.0) as f64 / 1000.0);
            self.inspection.forget_try();
        }
        self.unused_error = false;
        self.gaps.retain(|gap| gap.member != BACKOFF);
        self.attempts.push(Attempt {
            event_id,
            start,
            stop: None,
            parameters: parameters.cloned(),
            result: None,
            error: None,
            retry_index: None,
            retry_delay_seconds: None,
        });
    }

    /// The try at hand gave a result, which the state may yet fail to use.
    fn succeeded(&mut self, result: Payload, at: Timestamp) {
        self.inspection.conclude(result.clone(), at);
        self.doubt();
        self.unused_error = self.has_failed();
        self.stop(at, Some(result));
    }

    fn failed(&mut self, raised: Raised, at: Timestamp) {
        let is_open = (self.attempts.last()).is_some_and(|attempt| attempt.stop.is_none());
        if !is_open {
            self.inspection.forget_try();
        }
        self.inspection.raise(raised, at);
        self.unused_error = false;
        self.doubt();
        self.stop(at, None);
    }

    fn stop(&mut self, at: Timestamp, result: Option<Payload>) {
        let seen = self.inspection.seen();
        let Some(attempt) = self.attempts.last_mut() else {
            return;
        };
        attempt.stop = Some(at);
        attempt.error = seen.error;
        attempt.retry_index = seen.retry_index;
        let is_certain = !self.gaps.iter().any(|gap| gap.member == BACKOFF);
        attempt.retry_delay_seconds = seen.retry_backoff_seconds.filter(|_| is_certain);
        attempt.result = result.or_else(|| attempt.result.take());
    }

    /// Which of the two clocks of a task ran out is not told; a retrier may name either.
    fn timed_out(&self, mut raised: Raised, at: Timestamp) -> Raised {
        let Some(attempt) = self.attempts.last() else {
            return raised;
        };
        let seconds = match self.reviewer.trace.event(attempt.event_id) {
            Some(
                Event::TaskScheduled {
                    timeout_in_seconds, ..
                }
                | Event::ActivityScheduled {
                    timeout_in_seconds, ..
                },
            ) => *timeout_in_seconds,
            _ => return raised,
        };
        let passed = at.0.saturating_sub(attempt.start.0);
        let in_time = seconds.is_none_or(|seconds| passed < (seconds as i64).saturating_mul(1000));
        if in_time {
            raised.alias = Some("States.HeartbeatTimeout");
        }
        raised
    }

    /// A Parallel or Map fails or is tried again after that event: of a branch or iteration that failed, or its own.
    fn children_failed(&mut self, last: u64) {
        let is_open = (self.attempts.last()).is_some_and(|attempt| attempt.stop.is_none());
        if !is_open || self.unused_error {
            return;
        }
        let trace = &self.reviewer.trace;
        let of_child = trace.whose_is(last).as_ref() != Some(&self.state.name);
        let Some(&Traced { at, what, .. }) = trace.get(last) else {
            return;
        };
        if of_child && what != What::Exited {
            let (error, cause) = self.failure(last);
            self.failed(Raised::new(error, cause), at);
        } else {
            self.collect(at);
        }
    }

    /// What a branch or iteration failed with whose last event is given.
    fn failure(&self, last: u64) -> (Option<String>, Option<String>) {
        let trace = &self.reviewer.trace;
        if let Some(told) = trace.event(last).and_then(failure) {
            return told;
        }
        let entered = trace
            .whose_is(last)
            .and_then(|name| trace.entered(&name, last))
            .filter(|entered| *entered > self.entered && self.depth < DEPTH_MAX);
        let review = entered.map(|entered| self.reviewer.visit(entered, self.depth + 1));
        match review {
            Some(Ok(review)) => review.error.unwrap_or_default(),
            Some(Err(_)) | None => (None, None),
        }
    }

    /// Puts together what the branches or iterations gave, if they all have.
    fn collect(&mut self, at: Timestamp) {
        let is_open = (self.attempts.last()).is_some_and(|attempt| attempt.stop.is_none());
        if is_open
            && self.inspection.ending().is_none()
            && let Some(results) = self.results()
        {
            self.succeeded(results, at);
        }
    }

    /// The results of the last try of a Parallel or an inline Map.
    fn results(&self) -> Option<Payload> {
        let begun = self.attempts.last()?.event_id;
        let trace = &self.reviewer.trace;
        let output = |id: u64| match trace.event(id) {
            Some(Event::StateExited { output, .. }) => Some(output.clone()),
            _ => None,
        };
        let results: Option<Vec<Payload>> = match &self.state.kind {
            Kind::Parallel(parallel) => {
                let last = trace.last_exits(begun);
                let branches = parallel.branches.iter();
                branches.map(|scope| output(*last.get(scope)?)).collect()
            }
            Kind::Map(map) if map.mode == MapMode::Inline => {
                let visit = trace.visit(self.entered);
                let length = visit.iter().find_map(|(id, _, event)| match event {
                    Event::MapStateStarted { length } if *id == begun => Some(*length),
                    _ => None,
                })?;
                let mut by_index = BTreeMap::new();
                for (id, traced, event) in visit {
                    if let Event::MapIterationSucceeded { index, .. } = event
                        && id > begun
                    {
                        by_index.insert(*index, output(traced.previous)?);
                    }
                }
                (by_index.len() as u64 == length).then(|| by_index.into_values().collect())
            }
            _ => None,
        };
        results.map(joined)
    }

    /// What was seen since something random was evaluated is not what was.
    fn doubt(&mut self) {
        let Some(certain) = self.inspection.certain() else {
            return;
        };
        self.by_chance = true;
        for member in stages(&self.inspection.seen()) {
            if !stages(&certain).contains(&member) {
                self.gap(member, BY_CHANCE);
            }
        }
    }

    fn gap(&mut self, member: &'static str, reason: &'static str) {
        if !self.gaps.iter().any(|gap| gap.member == member) {
            self.gaps.push(Gap { member, reason });
        }
    }

    fn end(mut self) -> Review {
        let mut seen = self.inspection.seen();
        let ending = self.inspection.ending();
        let error = match &ending {
            Some(Ending::Failed { error, cause }) => Some((error.clone(), cause.clone())),
            _ => seen.error.clone(),
        };
        self.tell(&mut seen);
        self.compare(ending.as_ref(), &seen);
        let (status, next) = self.status(ending, &seen);
        let variables_after = self.exited.as_ref().map(|exit| {
            let assigned = exit.assigned.iter().cloned();
            let all = self.variables.clone().into_iter().chain(assigned);
            all.collect()
        });
        for gap in &self.gaps {
            forget(&mut seen, gap.member);
        }
        Review {
            state: Arc::clone(&self.state.name),
            state_type: self.state_type,
            status,
            entered: self.at,
            exited: self.exited.as_ref().map(|exit| (exit.event_id, exit.at)),
            input: self.input.clone(),
            output: self.exited.map(|exit| exit.output),
            next,
            error,
            context: self.inspection.entered_with(),
            variables_before: self.variables,
            variables_after,
            seen,
            attempts: self.attempts,
            gaps: self.gaps,
        }
    }

    /// What the history tells takes the place of what was computed again, and what it tells to nobody is named.
    fn tell(&mut self, seen: &mut Seen) {
        if let Some(given) = self
            .attempts
            .last()
            .and_then(|last| last.parameters.clone())
        {
            let (member, place) = match &self.state.flow {
                Flow::JsonPath(_) => (PARAMETERS, &mut seen.after_parameters),
                Flow::Jsonata(_) => (ARGUMENTS, &mut seen.after_arguments),
            };
            if place.is_some() {
                *place = Some(given);
                self.gaps.retain(|gap| gap.member != member);
            }
        }
        match &self.state.kind {
            Kind::Task(task) if task.resource.pattern() != Pattern::RequestResponse => {
                self.gap("context.Task", TOKEN);
            }
            Kind::Map(map) if map.item_selector.is_some() && !self.attempts.is_empty() => {
                if map.mode != MapMode::Inline {
                    self.gap(ITEM_SELECTOR, OF_CHILDREN);
                } else if seen.after_item_selector.is_none() {
                    self.gap(ITEM_SELECTOR, TOO_MUCH);
                }
            }
            _ => {}
        }
    }

    /// Compares what was computed with what the history tells.
    fn compare(&mut self, ending: Option<&Ending>, seen: &Seen) {
        let Some(exit) = &self.exited else {
            return;
        };
        let computed = match ending {
            Some(Ending::Succeeded { output, .. } | Ending::Caught { output, .. }) => Some(output),
            Some(Ending::Retriable | Ending::Failed { .. }) | None => None,
        };
        let same = computed.is_some_and(|output| output.value() == exit.output.value());
        if same || self.by_chance {
            return;
        }
        let is_path = matches!(self.state.flow, Flow::JsonPath(_));
        if self.is_distributed() && ending.is_none() {
            // The Map Run's output stands in no event.
            self.gap(RESULT, NOT_TOLD);
            for member in [RESULT_SELECTOR, RESULT_PATH]
                .into_iter()
                .filter(|_| is_path)
            {
                self.gap(member, NOT_TOLD);
            }
            return;
        }
        for member in stages(seen) {
            self.gap(member, DIFFERS);
        }
    }

    fn is_distributed(&self) -> bool {
        matches!(&self.state.kind, Kind::Map(map) if map.mode != MapMode::Inline)
    }

    fn status(&self, ending: Option<Ending>, seen: &Seen) -> (VisitStatus, Option<StateName>) {
        let transition = match &self.state.transition {
            Transition::Next(next) => Some(Arc::clone(next)),
            Transition::End => None,
        };
        match (ending, &self.exited) {
            (Some(Ending::Succeeded { next, .. }), Some(_)) => (VisitStatus::Succeeded, next),
            (Some(Ending::Caught { next, .. }), Some(_)) => (VisitStatus::Caught, next),
            (_, Some(_)) if seen.catch_index.is_some() => (VisitStatus::Caught, None),
            (_, Some(_)) => (VisitStatus::Succeeded, transition),
            (Some(Ending::Failed { .. }), None) => (VisitStatus::Failed, None),
            (Some(Ending::Retriable), None) => (VisitStatus::Retriable, None),
            (Some(Ending::Succeeded { .. } | Ending::Caught { .. }) | None, None) => {
                (VisitStatus::Running, None)
            }
        }
    }
}

/// What an event says that something failed with.
fn failure(event: &Event) -> Option<(Option<String>, Option<String>)> {
    match event {
        Event::LambdaFunctionTimedOut { error, cause }
        | Event::ActivityTimedOut { error, cause }
        | Event::TaskTimedOut { error, cause, .. }
        | Event::LambdaFunctionScheduleFailed { error, cause }
        | Event::LambdaFunctionStartFailed { error, cause }
        | Event::LambdaFunctionFailed { error, cause }
        | Event::ActivityScheduleFailed { error, cause }
        | Event::ActivityFailed { error, cause }
        | Event::TaskStartFailed { error, cause, .. }
        | Event::TaskSubmitFailed { error, cause, .. }
        | Event::TaskFailed { error, cause, .. }
        | Event::MapRunFailed { error, cause }
        | Event::EvaluationFailed { error, cause, .. } => Some((error.clone(), cause.clone())),
        _ => None,
    }
}
