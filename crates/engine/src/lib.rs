//! The deterministic interpreter of state machines: an execution is a value, [`step`] moves it.
//!
//! The crate owns what happens: frames, data flow, retries, branches, iterations, history. It has no clock, no
//! randomness, no IO: all that is unpredictable enters through [`Turn`], all that is wanted of the world leaves as an
//! [`Effect`]. The same machine, execution and turns give the same history, byte for byte. Begin with [`step`].

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
mod limits;
mod raised;
mod retry;
mod run;
mod states;
mod token;
mod turn;

use asl::StateMachine;

pub use effect::{Effect, Invocation, Outcome, Step};
pub use execution::{Execution, Seed};
pub use history::{Event, HistoryEvent, StateType};
pub use image::{Changes, ImageError, RowKey};
pub use limits::Limits;
pub use token::{parse_task_token, task_token};
pub use turn::{AttemptId, Failure, Input, TimerId, Timestamp, Turn};

/// Moves the execution by one turn.
///
/// Every frame runs until it must wait or the step's budget is spent; then [`Step::unfinished`] asks for
/// [`Input::Continue`]. Nothing makes it fail: what goes wrong goes wrong inside the execution. An ended execution
/// stays as it is.
pub fn step(machine: &StateMachine, execution: &mut Execution, turn: Turn) -> Step {
    let run = run::Run::new(machine, execution, turn.now, turn.entropy);
    run.turn(turn.input)
}
