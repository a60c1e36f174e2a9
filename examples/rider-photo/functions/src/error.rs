use std::fmt;

use lambda_runtime::Diagnostic;

use crate::AwsError;

/// What a function fails with: the name that a state machine's `Catch` names, and a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The error's name, `errorType` on the wire.
    pub name: String,
    /// What happened, `errorMessage` on the wire.
    pub message: String,
}

impl FunctionError {
    /// An error of that name.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
        }
    }

    /// The photo cannot be a rider's photo; the workflow catches this and tells the rider why.
    pub fn photo_does_not_meet_requirement(message: impl Into<String>) -> Self {
        Self::new("PhotoDoesNotMeetRequirementError", message)
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for FunctionError {}

/// An AWS error passes through under its own name and in its own words.
impl From<AwsError> for FunctionError {
    fn from(error: AwsError) -> Self {
        Self::new(error.code, error.message)
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self {
            error_type: error.name,
            error_message: error.message,
        }
    }
}
