//! The deterministic interpreter of state machines: an execution is a value, [`step`] moves it.
//!
//! The crate owns what happens: frames, data flow, retries, branches, iterations, history. It has no clock, no
//! randomness, no IO: all that is unpredictable enters through [`Turn`], all that is wanted of the world leaves as an
//! [`Effect`]. The same machine, execution and turns give the same history, byte for byte. Begin with [`step`].

#![warn(missing_docs)]

mod effect;
mod history;
mod turn;

pub use effect::{Effect, Invocation, Outcome, Step};
pub use history::{Event, HistoryEvent, StateType};
pub use turn::{AttemptId, Failure, Input, TimerId, Timestamp, Turn};
