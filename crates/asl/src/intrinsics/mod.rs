//! `States.Format` and the others.

use std::sync::Arc;

use crate::{Data, Json, StatesError};

/// A call of an intrinsic function.
#[derive(Clone, Debug, PartialEq)]
pub struct Intrinsic {
    text: Arc<str>,
}

impl Intrinsic {
    /// As written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Its value.
    ///
    /// # Errors
    /// `States.IntrinsicFailure`.
    pub fn evaluate(&self, _data: &Data<'_>) -> Result<Json, StatesError> {
        Err(StatesError::new(
            "States.IntrinsicFailure",
            format!("Unknown function {}", self.text),
        ))
    }
}
