use std::borrow::Cow;

use asl::{PathError, StatesError};

/// An error on its way to a retrier, a catcher, or the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    /// Another name under which retriers and catchers know it.
    pub(crate) alias: Option<&'static str>,
    /// The field whose evaluation raised it, in JSONata: `Output/total`.
    pub(crate) location: Option<String>,
    /// Raised by the evaluation of a field of the state, whose name the cause is to tell.
    pub(crate) evaluation: bool,
}

impl Raised {
    pub(crate) fn new(error: Option<String>, cause: Option<String>) -> Self {
        Self {
            error,
            cause,
            alias: None,
            location: None,
            evaluation: false,
        }
    }

    /// `States.Runtime`, in the evaluation of a field.
    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        StatesError::runtime(cause).into()
    }

    /// `States.QueryEvaluationError`, in the evaluation of a field.
    pub(crate) fn query(location: &str, cause: impl Into<String>) -> Self {
        StatesError::query(location, cause).into()
    }

    /// A result, output or effective input beyond the limit.
    pub(crate) fn too_large(what: &str) -> Self {
        Self::new(
            Some(StatesError::DATA_LIMIT_EXCEEDED.to_owned()),
            Some(format!(
                "The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service \
                 limit."
            )),
        )
    }

    /// The same, in AWS's words where it is the evaluation of a field of the state that came to too much.
    pub(crate) fn sized(self, state: &str) -> Self {
        if self.evaluation && self.error.as_deref() == Some(StatesError::DATA_LIMIT_EXCEEDED) {
            return Self::too_large(state);
        }
        self
    }

    /// The same in the frame above, whose own name the cause is not to tell.
    pub(crate) fn handed_up(self) -> Self {
        Self {
            evaluation: false,
            ..self
        }
    }

    /// The same with the state's name before the cause, as all errors of evaluation have it.
    pub(crate) fn placed(mut self, state: &str, entered_event_id: u64) -> Self {
        if self.evaluation {
            let cause = self.cause.unwrap_or_default();
            self.cause = Some(format!(
                "An error occurred while executing the state '{state}' (entered at the event id #{entered_event_id}). \
                 {cause}"
            ));
            self.evaluation = false;
        }
        self
    }

    pub(crate) fn into_parts(self) -> (Option<String>, Option<String>) {
        (self.error, self.cause)
    }

    /// Whether `ErrorEquals` names it.
    pub(crate) fn matches(&self, error_equals: &[String]) -> bool {
        let error = self.error.as_deref();
        // Nothing retries or catches it, by whatever name (scenarios/test_catch_states_runtime).
        if error == Some("States.Runtime") {
            return false;
        }
        error_equals.iter().any(|name| match name.as_str() {
            "States.ALL" => true,
            "States.TaskFailed" => error != Some("States.Timeout"),
            name => Some(name) == error || Some(name) == self.alias,
        })
    }
}

impl From<StatesError> for Raised {
    fn from(error: StatesError) -> Self {
        Self {
            error: Some(Cow::into_owned(error.name)),
            cause: Some(error.cause),
            alias: None,
            location: error.location,
            evaluation: true,
        }
    }
}

impl From<PathError> for Raised {
    fn from(error: PathError) -> Self {
        StatesError::from(error).into()
    }
}
