//! The Amazon States Language: text in, a typed [`StateMachine`] and every [`Diagnostic`] out.
//!
//! The crate owns parsing, validation, paths, payload templates, intrinsic functions and choice rules. It knows
//! nothing of time and of executions: what is random or current comes in with [`Data`]. Begin with [`parse`] and
//! [`machine`].

//!
//! ```
//! let parsed = asl::parse(r#"{
//!     "StartAt": "Greet",
//!     "States": {"Greet": {"Type": "Pass", "Parameters": {"text.$": "States.Format('Hi {}', $.name)"}, "Next": "Nowhere"}}
//! }"#);
//! assert!(parsed.machine.is_none());
//! assert_eq!(
//!     asl::create_error_message(&parsed.diagnostics),
//!     "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at \
//!      /States/Greet/Next, MISSING_END_STATE: Workflow has no terminal state'"
//! );
//! ```

#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

pub mod machine;

mod choice;
mod data;
mod diagnostic;
mod expression;
mod intrinsics;
mod json;
mod parse;
mod path;
mod payload;
mod resource;
mod template;
mod timestamp;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use data::{Allowance, Data, Entropy, JsonataData, Place, StatesError};
pub use diagnostic::{Diagnostic, Problem, Severity, create_error_message};
pub use expression::Expression;
pub use intrinsics::Intrinsic;
pub use json::{Array, DEPTH_MAX, Json, JsonError, Members, Object};
pub use machine::StateMachine;
pub use parse::{
    DEFINITION_BYTES_MAX, LONE_STATE, MachineType, Parsed, parse, parse_accepted, parse_as,
    parse_state,
};
pub use path::{JsonPath, PathError, PathSyntaxError, ReferencePath, Root};
pub use payload::Payload;
pub use resource::{Pattern, Resource, Target};
pub use template::{PathMember, Template};
pub use timestamp::parse_timestamp;

/// The name of a variable, without the dollar sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Variable(pub Arc<str>);

impl std::borrow::Borrow<str> for Variable {
    fn borrow(&self) -> &str {
        &self.0
    }
}
