//! The deterministic interpreter of state machines: an execution is a value, [`step`] moves it.
//!
//! The crate owns what happens: frames, data flow, retries, branches, iterations, history. It has no clock, no
//! randomness, no IO: all that is unpredictable enters through [`Turn`], all that is wanted of the world leaves as an
//! [`Effect`]. The same machine, execution and turns give the same history, byte for byte. Begin with [`step`].

#![warn(missing_docs)]

mod effect;
mod execution;
mod history;
mod image;
mod limits;
mod token;
mod turn;

use asl::StateMachine;

pub use effect::{Effect, Invocation, Outcome, Step};
pub use execution::{Changes, Execution, RowKey, Seed};
pub use history::{Event, HistoryEvent, StateType};
pub use image::ImageError;
pub use limits::Limits;
pub use token::{parse_task_token, task_token};
pub use turn::{AttemptId, Failure, Input, TimerId, Timestamp, Turn};

/// Moves the execution by one turn.
///
/// Every frame runs until it must wait or the step's budget is spent; then [`Step::unfinished`] asks for
/// [`Input::Continue`].
pub fn step(_machine: &StateMachine, _execution: &mut Execution, _turn: Turn) -> Step {
    Step::default()
}
