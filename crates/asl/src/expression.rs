use std::sync::Arc;

use crate::{Data, Json, StatesError};

/// A JSONata expression, without its `{%` and `%}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: Arc<str>,
}

impl Expression {
    /// The expression of a string that begins with `{%` and ends with `%}`.
    pub fn from_delimited(string: &str) -> Option<Self> {
        let inner = string.strip_prefix("{%")?.strip_suffix("%}")?;
        Some(Self {
            text: inner.trim().into(),
        })
    }

    /// Its text, without the delimiters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value.
    ///
    /// # Errors
    /// Always, as long as there is no evaluator: [`crate::parse`] refuses definitions that hold expressions.
    pub fn evaluate(&self, _data: &Data<'_>) -> Result<Json, StatesError> {
        Err(StatesError::new(
            "States.QueryEvaluationError",
            format!(
                "The JSONata expression '{}' cannot be evaluated: JSONata is not supported yet",
                self.text
            ),
        ))
    }
}
