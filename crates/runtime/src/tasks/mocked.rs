//! A task whose end the mock configuration says.

use asl::{Pattern, Payload, Resource, Target};
use engine::Failure;

use super::{TaskEnd, TaskError};
use crate::mocks::MockedOutcome;
use crate::tables::outbox::Pending;

/// How a mocked task ends.
pub(crate) struct MockedEnd {
    /// What the service would have answered first, of a job or a callback.
    pub(crate) submitted: Option<Payload>,
    pub(crate) end: TaskEnd,
}

/// The end of a task without its run.
pub(crate) fn mocked(pending: &Pending, outcome: &MockedOutcome) -> MockedEnd {
    let resource = Resource::parse(&pending.resource);
    let result = match outcome {
        MockedOutcome::Return(result) => result,
        MockedOutcome::Throw { error, cause } => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            return MockedEnd {
                submitted: None,
                end: TaskEnd::Failed(TaskError {
                    failure: Failure::Failed,
                    ..TaskError::new(text(error), text(cause))
                }),
            };
        }
    };
    let (target, pattern) = match &resource {
        Some(resource) => (Some(resource.target()), resource.pattern()),
        None => (None, Pattern::RequestResponse),
    };
    // A function's own ARN gives what the function returned, of all that Invoke answers
    // (local_mocking/test_lambda_invoke).
    let returned = match target {
        Some(Target::Lambda { .. }) => result.value().get("Payload"),
        Some(Target::Activity { .. } | Target::Integration { .. }) | None => None,
    };
    let result = returned.map_or_else(|| result.clone(), |returned| Payload::new(returned.clone()));
    MockedEnd {
        submitted: (pattern != Pattern::RequestResponse).then(|| result.clone()),
        end: TaskEnd::Succeeded(result),
    }
}
