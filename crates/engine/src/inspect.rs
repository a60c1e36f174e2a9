//! One state looked at: what its fields make of its data, and what it comes to.
//!
//! The state is run by the very code that executions run; here is only who looks on and what stands around it. TestState
//! is made of this, and whoever shows the data flow of a state that an execution went through.

use std::cell::RefCell;
use std::sync::Arc;

use asl::machine::{Kind, ScopeId, StateName, Transition};
use asl::{Json, Payload, StateMachine, Variable};

use crate::context::Beside;
use crate::execution::{Activity, FrameId, Role};
use crate::raised::Raised;
use crate::run::Run;
use crate::states;
use crate::{
    Effect, Execution, Failure, Input, Invocation, Limits, MapRunPlan, Outcome, Seed, Timestamp,
    Turn,
};

/// Which state, and all that it sees.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The execution around it; `scope` says in which workflow of the definition the state stands.
    pub seed: Seed,
    /// Its name.
    pub state: StateName,
    /// Its raw input.
    pub input: Payload,
    /// The variables that it sees, by their names without the dollar sign.
    pub variables: Vec<(Arc<str>, Payload)>,
    /// Members of the context object that stand in place of those of `seed`: `{"Execution": {"Id": …}, …}`.
    pub context: Option<Json>,
    /// How often each of its retriers has been used.
    pub retries: u64,
}

/// What was seen of the state's data on its way. A member is there once its field was applied.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// After `InputPath` (JSONPath).
    pub after_input_path: Option<Payload>,
    /// After `Parameters` (JSONPath).
    pub after_parameters: Option<Payload>,
    /// After `Arguments`, where there are any (JSONata).
    pub after_arguments: Option<Payload>,
    /// The raw result of a Task, Parallel or Map, or a Pass state's `Result`.
    pub result: Option<Payload>,
    /// After `ResultSelector` (JSONPath).
    pub after_result_selector: Option<Payload>,
    /// After `ResultPath` (JSONPath).
    pub after_result_path: Option<Payload>,
    /// What a Map iterates over, where no reader gives it: after `ItemsPath` or `Items`.
    pub items: Option<Payload>,
    /// What an inline Map's iterations are given, an array, where there is an `ItemSelector`. A Distributed Map's is made
    /// of its plan, by [`crate::child_input`].
    pub after_item_selector: Option<Payload>,
    /// `MaxConcurrency`
    pub max_concurrency: Option<u64>,
    /// `ToleratedFailureCount`
    pub tolerated_failure_count: Option<u64>,
    /// `ToleratedFailurePercentage`
    pub tolerated_failure_percentage: Option<f64>,
    /// The error that the state raised, and its cause.
    pub error: Option<(Option<String>, Option<String>)>,
    /// The retrier that names the error, whether or not it has tries left.
    pub retry_index: Option<usize>,
    /// The pause before the next try, where there is one.
    pub retry_backoff_seconds: Option<f64>,
    /// The catcher that takes the error.
    pub catch_index: Option<usize>,
    /// The rule of a Choice that matched.
    pub choice_index: Option<usize>,
}

/// What the state waits for.
#[derive(Clone, Debug)]
pub enum Awaits {
    /// Nothing: it has ended, see [`Inspection::ending`].
    Nothing,
    /// The end of this task.
    Task(Box<Invocation>),
    /// That instant.
    Instant(Timestamp),
    /// The results of its branches, an array.
    Branches,
    /// The results of its iterations, an array.
    Iterations,
    /// The end of this Map Run.
    MapRun(Box<MapRunPlan>),
}

/// What the state came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It was left.
    Succeeded {
        /// With this.
        output: Payload,
        /// For that state; none at the end of its workflow.
        next: Option<StateName>,
    },
    /// A catcher took its error.
    Caught {
        /// What is handed on.
        output: Payload,
        /// To that state.
        next: Option<StateName>,
    },
    /// It would be tried again.
    Retriable,
    /// Its workflow fails.
    Failed {
        /// The error's name.
        error: Option<String>,
        /// What a person reads.
        cause: Option<String>,
    },
}

/// The randomness of what is reviewed: what really came in is not known, and what hangs on it is told apart.
pub(crate) const CHANCE: [u8; 16] = [0; 16];

/// One state at work.
///
/// ```
/// use asl::Payload;
/// use engine::{Awaits, Ending, Inspection, Limits, Seed, Subject, Timestamp};
///
/// let definition = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true, "ResultPath": "$.said",
///     "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:ask"}}}"#;
/// let machine = std::sync::Arc::new(asl::parse(definition).machine.ok_or("it is no state machine")?);
/// let input = Payload::from_text(r#"{"who": "you"}"#)?;
/// # let seed = Seed { arn: "a".into(), name: "n".into(), state_machine_arn: "m".into(), state_machine_name: "m".into(),
/// #     role_arn: "r".into(), region: "eu-west-1".into(), input: input.clone(), start: Timestamp(0),
/// #     state_machine_alias_arn: None, state_machine_version_arn: None, scope: asl::machine::ScopeId::ROOT,
/// #     express: true, synchronous: true, token_prefix: Vec::new() };
/// let subject = Subject { seed, state: "Ask".into(), input, variables: Vec::new(), context: None, retries: 0 };
/// let mut ask = Inspection::begin(machine, subject, Limits::default(), Timestamp(0), [0; 16]);
/// let Awaits::Task(invocation) = ask.awaits() else { return Err("a task is to be run".into()) };
/// assert_eq!(invocation.parameters.text().as_ref(), r#"{"who": "you"}"#);
/// ask.succeed(Payload::from_text("42")?, Timestamp(0), [1; 16]);
/// let Some(Ending::Succeeded { output, next: None }) = ask.ending() else { return Err("it has not succeeded".into()) };
/// assert_eq!(output.value().to_text(), r#"{"who":"you","said":42}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Inspection {
    machine: Arc<StateMachine>,
    execution: Execution,
    frame: FrameId,
    watch: Watch,
    awaits: Awaits,
    /// Steps of evaluation that it took since that was asked for.
    steps: u64,
}

/// Who looks on. An execution has nobody, and pays a test for it.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// See [`Subject::context`].
    pub(crate) context: Option<Json>,
    /// Where the state was really entered: its event in the history of an execution that is reviewed.
    pub(crate) entered_event_id: Option<u64>,
    seen: RefCell<Seen>,
    /// What was seen before anything random was evaluated; none if nothing was.
    certain: RefCell<Option<Seen>>,
    left: RefCell<Option<(Payload, Option<StateName>)>>,
    /// The context object with which a reviewed state was entered.
    entered_with: RefCell<Json>,
}

impl Watch {
    /// The state is left.
    pub(crate) fn left(&self, output: Payload, transition: &Transition) {
        let next = match transition {
            Transition::Next(next) => Some(Arc::clone(next)),
            Transition::End => None,
        };
        *self.left.borrow_mut() = Some((output, next));
    }
}

impl Run<'_> {
    /// Tells who looks on, if anyone does.
    pub(crate) fn note(&self, tell: impl FnOnce(&mut Seen)) {
        if let Some(watch) = self.watch {
            tell(&mut watch.seen.borrow_mut());
        }
    }

    /// Whether an execution that took place is reviewed.
    pub(crate) fn reviews(&self) -> bool {
        self.watch
            .is_some_and(|watch| watch.entered_event_id.is_some())
    }

    /// Tells that what is seen from here on may hang on chance.
    pub(crate) fn note_chance(&self) {
        if let Some(watch) = self.watch {
            let mut certain = watch.certain.borrow_mut();
            certain.get_or_insert_with(|| watch.seen.borrow().clone());
        }
    }
}

impl Inspection {
    /// Enters the state and goes on until it has ended or waits.
    ///
    /// A state that the machine does not have fails like an execution of another machine.
    pub fn begin(
        machine: Arc<StateMachine>,
        subject: Subject,
        limits: Limits,
        now: Timestamp,
        entropy: [u8; 16],
    ) -> Self {
        Self::begin_as(machine, subject, limits, now, entropy, None)
    }

    /// The same for a state that an execution entered with that event.
    pub(crate) fn begin_as(
        machine: Arc<StateMachine>,
        subject: Subject,
        limits: Limits,
        now: Timestamp,
        entropy: [u8; 16],
        entered_event_id: Option<u64>,
    ) -> Self {
        let Subject {
            seed,
            state,
            input,
            variables,
            context,
            retries,
        } = subject;
        let scope = seed.scope;
        let watch = Watch {
            context,
            entered_event_id,
            ..Watch::default()
        };
        let mut inspection = Self {
            machine,
            execution: Execution::new(seed, limits),
            frame: FrameId(0),
            watch,
            awaits: Awaits::Nothing,
            steps: 0,
        };
        inspection.frame = inspection.run(now, entropy, |run, _| {
            let frame = run.place(scope, state, input);
            for (name, value) in variables {
                run.execution.assign(frame, Variable(name), value);
            }
            run.begin_state(frame, retries);
            frame
        });
        inspection
    }

    /// What it waits for.
    pub fn awaits(&self) -> &Awaits {
        &self.awaits
    }

    /// What it came to; none while it waits.
    pub fn ending(&self) -> Option<Ending> {
        let seen = self.watch.seen.borrow();
        if let Some(Outcome::Failed { error, cause }) = self.execution.outcome() {
            let (error, cause) = (error.clone(), cause.clone());
            return Some(Ending::Failed { error, cause });
        }
        if let Some((output, next)) = self.watch.left.borrow().clone() {
            return Some(match seen.catch_index {
                None => Ending::Succeeded { output, next },
                Some(_) => Ending::Caught { output, next },
            });
        }
        seen.retry_backoff_seconds.map(|_| Ending::Retriable)
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.watch.seen.borrow().clone()
    }

    /// The variables as they are now, those that the state set among them.
    pub fn variables(&self) -> Vec<(Arc<str>, Payload)> {
        let frame = self.execution.frames.get(&self.frame);
        let variables = frame.into_iter().flat_map(|frame| &frame.variables);
        variables
            .map(|(name, value)| (Arc::clone(&name.0), value.clone()))
            .collect()
    }

    /// What it waits for ended well: with a task's result, the array of branches' or iterations' results, or a Map Run's
    /// output. For an instant, it has come.
    pub fn succeed(&mut self, output: Payload, now: Timestamp, entropy: [u8; 16]) {
        let awaited = std::mem::replace(&mut self.awaits, Awaits::Nothing);
        self.run(now, entropy, |run, frame| match awaited {
            Awaits::Nothing => {}
            Awaits::Task(task) => run.accept(Input::TaskSucceeded {
                attempt: task.attempt,
                output,
            }),
            Awaits::MapRun(plan) => run.accept(Input::MapRunSucceeded {
                attempt: plan.attempt,
                output,
            }),
            Awaits::Instant(_) => states::wait::over(run, frame),
            Awaits::Branches | Awaits::Iterations => run.finish_state(frame, output),
        });
    }

    /// What it waits for ended badly.
    pub fn fail(
        &mut self,
        error: Option<String>,
        cause: Option<String>,
        now: Timestamp,
        entropy: [u8; 16],
    ) {
        let awaited = std::mem::replace(&mut self.awaits, Awaits::Nothing);
        self.run(now, entropy, |run, frame| match awaited {
            Awaits::Nothing => {}
            Awaits::Task(task) => run.accept(Input::TaskFailed {
                attempt: task.attempt,
                error,
                cause,
                failure: Failure::Failed,
            }),
            Awaits::MapRun(plan) => run.accept(Input::MapRunFailed {
                attempt: plan.attempt,
                error,
                cause,
            }),
            Awaits::Instant(_) | Awaits::Branches | Awaits::Iterations => {
                run.raise(frame, Raised::new(error, cause));
            }
        });
    }

    /// What an execution told of the state's end is given, without regard to what the state waits for.
    pub(crate) fn conclude(&mut self, result: Payload, now: Timestamp) {
        self.run(now, CHANCE, |run, frame| run.finish_state(frame, result));
    }

    /// The same for an error.
    pub(crate) fn raise(&mut self, raised: Raised, now: Timestamp) {
        self.run(now, CHANCE, |run, frame| run.raise(frame, raised));
    }

    /// The instant for which a Wait waited has come.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        self.run(now, CHANCE, states::wait::over);
    }

    /// The pause before a retry is over: what was seen of the try before is forgotten.
    pub(crate) fn forget_try(&mut self) {
        let mut seen = self.watch.seen.borrow_mut();
        *seen = Seen {
            result: None,
            after_result_selector: None,
            after_result_path: None,
            error: None,
            retry_index: None,
            retry_backoff_seconds: None,
            ..std::mem::take(&mut *seen)
        };
    }

    /// How many steps of evaluation it took since the last time.
    pub(crate) fn take_steps(&mut self) -> u64 {
        std::mem::take(&mut self.steps)
    }

    /// What was seen before anything random was evaluated, in what was given last; none if nothing random was.
    pub(crate) fn certain(&self) -> Option<Seen> {
        self.watch.certain.borrow().clone()
    }

    /// The context object with which a reviewed state was entered.
    pub(crate) fn entered_with(&self) -> Json {
        self.watch.entered_with.borrow().clone()
    }

    fn run<T>(
        &mut self,
        now: Timestamp,
        entropy: [u8; 16],
        work: impl FnOnce(&mut Run<'_>, FrameId) -> T,
    ) -> T {
        let turn = Turn {
            input: Input::Continue,
            now,
            entropy,
            absent_activities: Vec::new(),
        };
        let (_, mut run) = Run::new(&self.machine, &mut self.execution, turn);
        run.watch = Some(&self.watch);
        self.watch.certain.take();
        let done = work(&mut run, self.frame);
        let effects = std::mem::take(&mut run.step.effects);
        let steps = run.allowance.renew();
        self.steps += steps;
        if self.ending().is_none() {
            self.awaits = self.awaited(effects);
        }
        done
    }

    fn awaited(&self, effects: Vec<Effect>) -> Awaits {
        for effect in effects {
            match effect {
                Effect::Invoke(invocation) => return Awaits::Task(invocation),
                Effect::StartMapRun(plan) => return Awaits::MapRun(plan),
                Effect::SetTimer { at, .. } if self.waits() => return Awaits::Instant(at),
                Effect::SetTimer { .. }
                | Effect::ClearTimer { .. }
                | Effect::CancelInvoke { .. }
                | Effect::Finished(_) => {}
            }
        }
        let frame = self.execution.frames.values().next();
        let state = frame.and_then(|frame| {
            let scope = self.machine.scopes.get(frame.core.scope.0 as usize)?;
            scope.states.get(&frame.core.state)
        });
        match state.map(|state| &state.kind) {
            Some(Kind::Parallel(_)) => Awaits::Branches,
            Some(Kind::Map(_)) => Awaits::Iterations,
            Some(_) | None => Awaits::Nothing,
        }
    }

    fn waits(&self) -> bool {
        let frame = self.execution.frames.values().next();
        frame.is_some_and(|frame| matches!(frame.core.activity, Activity::Waiting { .. }))
    }
}

/// What only an inspection does with a frame.
impl Run<'_> {
    /// The outermost frame, at that state.
    fn place(&mut self, scope: ScopeId, state: StateName, input: Payload) -> FrameId {
        self.execution.head_mut().started = true;
        let frame = self.spawn(None, Role::Root, scope, 0, input);
        self.execution.pop_ready();
        if let Some(core) = self.execution.core_mut(frame) {
            core.state = state;
        }
        frame
    }

    fn begin_state(&mut self, frame: FrameId, retries: u64) {
        let Some(state) = self.state(frame) else {
            return self.finish_lost(frame);
        };
        self.enter(frame, state);
        if let Some(core) = self.execution.core_mut(frame) {
            core.visit.retries = vec![retries; state.retriers().len()];
            core.visit.retry_count = retries;
        }
        if self.reviews()
            && let Some(watch) = self.watch
        {
            *watch.entered_with.borrow_mut() = self.context(frame, &Beside::default());
        }
        self.execute(frame, state);
    }

    /// The state's work gave `result`.
    fn finish_state(&mut self, frame: FrameId, result: Payload) {
        let Some(state) = self.state(frame) else {
            return;
        };
        let left = self.check(&state.name, result);
        let left = left
            .and_then(|result| self.leaving(frame, state, result))
            .and_then(|left| self.leave(frame, state, &state.transition, left));
        if let Err(raised) = left {
            self.raise(frame, raised);
        }
    }
}
