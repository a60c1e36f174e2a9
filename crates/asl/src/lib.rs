//! The Amazon States Language: text in, a typed [`StateMachine`] and every [`Diagnostic`] out.
//!
//! The crate owns parsing, validation, paths, payload templates, intrinsic functions and choice rules. It knows
//! nothing of time and of executions: what is random or current comes in with [`Data`]. Begin with [`parse`] and
//! [`machine`].

#![warn(missing_docs)]

pub mod machine;

mod json;
mod payload;

pub use json::{Json, Object};
pub use payload::Payload;
