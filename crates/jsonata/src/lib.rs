//! JSONata as Step Functions speaks it: version 2.0.6 without `$eval`, and with `$partition`, `$range`, `$hash`,
//! `$random`, `$uuid` and `$parse`; errors in the reference implementation's words, bounds in AWS's.
//!
//! The crate owns parsing and evaluation. It knows nothing of states and of AWS's payloads: values come in through
//! [`Scope::bind`], the time and what is random with [`Scope::new`], and every evaluation is bounded in steps, depth
//! and memory ([`Bounds`]). Begin with [`Expression`]; inside, with `evaluate`.
//!
//! ```
//! use jsonata::{Bounds, Expression, Scope, Value};
//!
//! let expression = Expression::parse("$sum($states.input.items.(price * quantity))")?;
//! assert!(expression.references().variables.contains(&vec!["states".into(), "input".into(), "items".into()]));
//!
//! let item = |price, quantity| {
//!     Value::object([("price", Value::Number(price)), ("quantity", Value::Number(quantity))])
//! };
//! let input = Value::object([("items", Value::array([item(2.5, 2.0), item(1.0, 3.0)]))]);
//! let mut scope = Scope::new(1_700_000_000_000, || 4, Bounds::default());
//! scope.bind("states", Value::object([("input", input)]));
//! assert_eq!(expression.evaluate(&mut scope)?, Some(Value::Number(8.0)));
//!
//! let error = Expression::parse("$sum('a')")?.evaluate(&mut scope).unwrap_err();
//! assert_eq!(error.to_string(), "T0412: Argument 1 of function \"sum\" must be an array of \"numbers\"");
//! # Ok::<(), jsonata::Error>(())
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
#![expect(clippy::float_cmp, reason = "the language compares numbers exactly")]

mod bounds;
mod chance;
mod error;
mod evaluate;
mod expression;
mod functions;
mod json;
mod number;
mod references;
mod regex;
mod scope;
mod syntax;
mod value;

pub use bounds::Bounds;
pub use chance::{java_random, uuid_v4};
pub use error::Error;
pub use expression::Expression;
pub use functions::is_function;
pub use references::References;
pub use regex::{Flags as RegexFlags, Regex};
pub use scope::Scope;
pub use value::{Array, Function, Members, Object, Value, View};
