//! The deterministic interpreter of state machines: an execution is a value, [`step`] moves it.
//!
//! The crate owns what happens: frames, data flow, retries, branches, iterations, history. It has no clock, no
//! randomness, no IO: all that is unpredictable enters through [`Turn`], all that is wanted of the world leaves as an
//! [`Effect`]. The same machine, execution and turns give the same history, byte for byte. Begin with [`step`].
//!
//! Whoever drives it gives an input, makes [`Execution::take_changes`] durable, and only then acts on the effects:
//!
//! ```
//! use asl::Payload;
//! use engine::{Effect, Execution, Input, Limits, Outcome, Seed, Timestamp, Turn, step};
//!
//! let definition = r#"{"StartAt": "Greet", "States": {"Greet": {"Type": "Pass", "Result": "hello", "End": true}}}"#;
//! let machine = asl::parse(definition).machine.ok_or("it is no state machine")?;
//! let seed = Seed {
//!     arn: "arn:aws:states:eu-west-1:111122223333:execution:greeter:one".into(),
//!     name: "one".into(),
//!     state_machine_arn: "arn:aws:states:eu-west-1:111122223333:stateMachine:greeter".into(),
//!     state_machine_name: "greeter".into(),
//!     role_arn: "arn:aws:iam::111122223333:role/greeter".into(),
//!     region: "eu-west-1".into(),
//!     input: Payload::from_text("{}")?,
//!     start: Timestamp(0),
//!     state_machine_alias_arn: None,
//!     state_machine_version_arn: None,
//!     scope: asl::machine::ScopeId::ROOT,
//!     express: false,
//!     synchronous: false,
//!     token_prefix: Vec::new(),
//! };
//! let mut execution = Execution::new(seed, Limits::default());
//!
//! let mut input = Input::Started;
//! loop {
//!     let turn = Turn { input, now: Timestamp(0), entropy: [0; 16], absent_activities: Vec::new() };
//!     let step = step(&machine, &mut execution, turn);
//!     let changes = execution.take_changes();
//!     assert!(changes.head.is_some(), "here they are committed, with `step.history`");
//!     for effect in step.effects {
//!         // Only now: an invocation is sent, a timer is set.
//!         assert!(matches!(effect, Effect::Finished(_)), "a Pass state asks for nothing");
//!     }
//!     if !step.unfinished {
//!         break;
//!     }
//!     input = Input::Continue;
//! }
//! let Some(Outcome::Succeeded { output }) = execution.outcome() else {
//!     return Err("it has not succeeded".into());
//! };
//! assert_eq!(output.text().as_ref(), r#""hello""#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod context;
mod effect;
mod execution;
mod flow;
mod history;
mod image;
mod inspect;
mod limits;
mod map_run;
mod raised;
mod retry;
mod review;
mod run;
mod states;
mod token;
mod turn;

use asl::StateMachine;

pub use effect::{Effect, Invocation, Outcome, Step};
pub use execution::{Execution, Seed};
pub use history::{Event, HistoryEvent, StateType};
pub use image::{Changes, ImageError, RowKey};
pub use inspect::{Awaits, Ending, Inspection, Seen, Subject};
pub use limits::Limits;
pub use map_run::{BatchPlan, MapItem, MapRunPlan, ReadPlan, WritePlan, child_input};
pub use review::{Attempt, Gap, Review, ReviewError, Reviewer, VisitStatus};
pub use token::{parse_task_token, task_token};
pub use turn::{AttemptId, Failure, Input, TimerId, Timestamp, Turn};

/// Moves the execution by one turn.
///
/// Every frame runs until it must wait or the step's budget is spent; then [`Step::unfinished`] asks for
/// [`Input::Continue`]. Nothing makes it fail: what goes wrong goes wrong inside the execution. An ended execution
/// stays as it is.
pub fn step(machine: &StateMachine, execution: &mut Execution, turn: Turn) -> Step {
    let (input, run) = run::Run::new(machine, execution, turn);
    run.turn(input)
}
