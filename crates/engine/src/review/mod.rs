//! The data flow of a state that an execution went through: computed again by the code that ran it, from the definition
//! and what the history tells.
//!
//! What the history holds is taken from there: inputs, what tasks were given, results, outputs. What lies between is
//! computed again. What hung on chance, or on what no history tells, is left out and said to be.

mod stages;
mod trace;
mod visit;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use asl::machine::StateName;
use asl::{Allowance, Json, Payload, StateMachine};

use crate::{HistoryEvent, Inspection, Limits, Seed, Seen, StateType, Timestamp};
use trace::Trace;

/// What one review goes through and holds. The events of AWS's quota with payloads of a few kilobytes each; a history
/// that has more is as long to read as a request may take.
const READ_BYTES_MAX: usize = 512 << 20;
/// The events of one visit, and the variables before it.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// Steps of evaluation: as much as a state may take, for the tries and for the Maps around.
const STEPS_MAX: u64 = 10 * Allowance::JSONATA_STEPS;
/// A few more events than AWS allows an execution.
const EVENTS_MAX: u64 = 30_000;

/// Why a state can't be reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The history has no such event, or not yet.
    #[error("the history has no such event")]
    NoSuchEvent,
    /// It is not the event of a state that was entered.
    #[error("the event is not that of a state that was entered")]
    NotEntered,
    /// There is too much history up to the state's end, or too much to evaluate.
    #[error("there is too much history up to the state's end, or too much to evaluate")]
    TooLarge,
    /// The history is not one of this definition.
    #[error("the history is not one of this definition")]
    OtherMachine,
}

/// How a visit of a state ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitStatus {
    /// It has not yet.
    Running,
    /// It waits to be tried again.
    Retriable,
    /// The state was left.
    Succeeded,
    /// A catcher took its error.
    Caught,
    /// Its workflow failed with it.
    Failed,
    /// Something else ended it: its execution, or another branch or iteration.
    Aborted,
}

/// One try of a Task, Parallel or Map.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Of the event that tells of its beginning.
    pub event_id: u64,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub stop: Option<Timestamp>,
    /// What a task was given.
    pub parameters: Option<Payload>,
    /// What it gave.
    pub result: Option<Payload>,
    /// What it failed with, also where its result could not be used.
    pub error: Option<(Option<String>, Option<String>)>,
    /// The retrier that names the error.
    pub retry_index: Option<usize>,
    /// The pause before the next try: as it was, or as it will be at most.
    pub retry_delay_seconds: Option<f64>,
}

/// Something that is left out because it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// In the words of TestState's `inspectionData`: `afterParameters`; `context` and `variablesAfter` beside.
    pub member: &'static str,
    /// Why, for a person.
    pub reason: &'static str,
}

/// What a state's data went through.
#[derive(Clone, Debug)]
pub struct Review {
    /// Which state.
    pub state: StateName,
    /// Its type.
    pub state_type: StateType,
    /// How the visit ended.
    pub status: VisitStatus,
    /// When it was entered.
    pub entered: Timestamp,
    /// The event with which it was left, and when.
    pub exited: Option<(u64, Timestamp)>,
    /// Its raw input.
    pub input: Payload,
    /// What it handed on.
    pub output: Option<Payload>,
    /// To which state.
    pub next: Option<StateName>,
    /// What it failed with, caught or not.
    pub error: Option<(Option<String>, Option<String>)>,
    /// The context object with which it was entered.
    pub context: Json,
    /// The variables that it saw, those of workflows around it among them.
    pub variables_before: BTreeMap<Arc<str>, Payload>,
    /// The same after its `Assign`; none if it has not been left.
    pub variables_after: Option<BTreeMap<Arc<str>, Payload>>,
    /// What its fields made of the data, without what is in `gaps`.
    pub seen: Seen,
    /// The tries, in their order.
    pub attempts: Vec<Attempt>,
    /// What is not known.
    pub gaps: Vec<Gap>,
}

/// Takes in a history and reviews one state of it.
///
/// ```
/// # use std::sync::Arc;
/// # use asl::Payload;
/// # use engine::{Execution, Input, Limits, Reviewer, Seed, Timestamp, Turn, VisitStatus, step};
/// # let definition = r#"{"StartAt": "Add", "States": {"Add": {"Type": "Pass", "InputPath": "$.a", "ResultPath": "$.b", "End": true}}}"#;
/// # let machine = Arc::new(asl::parse(definition).machine.ok_or("it is no state machine")?);
/// # let seed = Seed { arn: "a".into(), name: "n".into(), state_machine_arn: "m".into(), state_machine_name: "m".into(),
/// #     role_arn: "r".into(), region: "eu-west-1".into(), input: Payload::from_text(r#"{"a": 1}"#)?, start: Timestamp(0),
/// #     state_machine_alias_arn: None, state_machine_version_arn: None, scope: asl::machine::ScopeId::ROOT,
/// #     express: false, synchronous: false, token_prefix: Vec::new() };
/// # let mut execution = Execution::new(seed.clone(), Limits::default());
/// # let turn = Turn { input: Input::Started, now: Timestamp(0), entropy: [0; 16], absent_activities: Vec::new() };
/// # let history = step(&machine, &mut execution, turn).history;
/// // Event 2 is the `PassStateEntered` of a state `Add` with `"InputPath": "$.a", "ResultPath": "$.b"`.
/// let mut reviewer = Reviewer::new(machine, seed, Limits::default(), 2);
/// for event in history {
///     if !reviewer.take(event)? {
///         break;
///     }
/// }
/// let review = reviewer.review()?;
/// assert_eq!(review.status, VisitStatus::Succeeded);
/// assert_eq!(review.seen.after_input_path.map(|it| it.text().to_string()).as_deref(), Some("1"));
/// assert_eq!(review.output.map(|it| it.text().to_string()).as_deref(), Some(r#"{"a":1,"b":1}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reviewer {
    machine: Arc<StateMachine>,
    seed: Seed,
    limits: Limits,
    entered_event_id: u64,
    trace: Trace,
    read_bytes: usize,
    /// What may still be evaluated.
    steps: Cell<u64>,
}

impl Reviewer {
    /// Reviews the state that was entered with that event. The seed is as the execution was started, with any token prefix.
    pub fn new(
        machine: Arc<StateMachine>,
        seed: Seed,
        limits: Limits,
        entered_event_id: u64,
    ) -> Self {
        let trace = Trace::new(&machine, entered_event_id);
        Self {
            machine,
            seed,
            limits,
            entered_event_id,
            trace,
            read_bytes: 0,
            steps: Cell::new(STEPS_MAX),
        }
    }

    /// Takes the next event, from the first on; whether it wants more.
    ///
    /// # Errors
    /// [`ReviewError::TooLarge`] beyond its bounds, [`ReviewError::NotEntered`] as soon as that is known,
    /// [`ReviewError::OtherMachine`] for events of states that the definition does not have.
    pub fn take(&mut self, event: HistoryEvent) -> Result<bool, ReviewError> {
        self.read_bytes = self.read_bytes.saturating_add(event.event.payload_bytes());
        if self.read_bytes > READ_BYTES_MAX || event.id > EVENTS_MAX {
            return Err(ReviewError::TooLarge);
        }
        let wants_more = self.trace.take(&self.machine, event)?;
        if self.trace.kept_bytes() > KEPT_BYTES_MAX {
            return Err(ReviewError::TooLarge);
        }
        Ok(wants_more)
    }

    /// Computes the state's data again. Evaluation is bounded as that of ten states is.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchEvent`] if the history ended before, [`ReviewError::TooLarge`] beyond its bounds.
    pub fn review(&self) -> Result<Review, ReviewError> {
        self.steps.set(STEPS_MAX);
        self.visit(self.entered_event_id, 0)
    }

    fn spend(&self, inspection: &mut Inspection) -> Result<(), ReviewError> {
        let left = self.steps.get().checked_sub(inspection.take_steps());
        self.steps.set(left.ok_or(ReviewError::TooLarge)?);
        Ok(())
    }
}
