//! The conditions of choice rules.

use crate::machine::Condition;
use crate::{Data, StatesError};

impl Condition {
    /// Whether it holds.
    ///
    /// # Errors
    /// `States.Runtime` if a `Variable` or a `…Path` names nothing.
    pub fn evaluate(&self, _data: &Data<'_>) -> Result<bool, StatesError> {
        Ok(false)
    }
}
