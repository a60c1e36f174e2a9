//! The runtime's refusals in AWS's codes (API reference, "Errors" of each operation).

use aws::ApiError;
use runtime::RuntimeError;

pub(crate) fn api(error: RuntimeError) -> ApiError {
    let message = error.to_string();
    match error {
        RuntimeError::InvalidArn(_) => ApiError::new("InvalidArn", message),
        RuntimeError::InvalidDefinition(_) => ApiError::new("InvalidDefinition", message),
        RuntimeError::StateMachineAlreadyExists(_) => {
            ApiError::new("StateMachineAlreadyExists", message)
        }
        RuntimeError::StateMachineDoesNotExist(_) => {
            ApiError::new("StateMachineDoesNotExist", message)
        }
        RuntimeError::StateMachineTypeNotSupported => {
            ApiError::new("StateMachineTypeNotSupported", message)
        }
        RuntimeError::NothingToUpdate => ApiError::new("MissingRequiredParameter", message),
        RuntimeError::Conflict(_) => ApiError::new("ConflictException", message).with_status(409),
        RuntimeError::ResourceNotFound(arn) => {
            ApiError::new("ResourceNotFound", message).with("resourceName", arn)
        }
        RuntimeError::MapRunCompleted => {
            ApiError::validation(message).with("reason", "CANNOT_UPDATE_COMPLETED_MAP_RUN")
        }
        RuntimeError::QuotaExceeded(_) => {
            ApiError::new("ServiceQuotaExceededException", message).with_status(402)
        }
        RuntimeError::Validation(_) | RuntimeError::TestCaseDoesNotExist { .. } => {
            ApiError::validation(message)
        }
        RuntimeError::ExecutionAlreadyExists(_) => ApiError::new("ExecutionAlreadyExists", message),
        RuntimeError::ExecutionDoesNotExist(_) => ApiError::new("ExecutionDoesNotExist", message),
        RuntimeError::ActivityAlreadyExists(_) => ApiError::new("ActivityAlreadyExists", message),
        RuntimeError::ActivityDoesNotExist(_) => ApiError::new("ActivityDoesNotExist", message),
        RuntimeError::ActivityWorkerLimitExceeded => {
            ApiError::new("ActivityWorkerLimitExceeded", message)
        }
        RuntimeError::InputIsNoJson | RuntimeError::InvalidExecutionInput(_) => {
            ApiError::new("InvalidExecutionInput", message)
        }
        RuntimeError::InvalidOutput(_) => ApiError::new("InvalidOutput", message),
        RuntimeError::InvalidToken => ApiError::new("InvalidToken", message),
        RuntimeError::TaskDoesNotExist => ApiError::new("TaskDoesNotExist", message),
        RuntimeError::TaskTimedOut => ApiError::new("TaskTimedOut", message),
        RuntimeError::Throttled => ApiError::new("ThrottlingException", message),
        RuntimeError::Stopped => ApiError::new("ServiceUnavailable", message).with_status(503),
        RuntimeError::Store(_) | RuntimeError::Damaged(_) => {
            tracing::error!(%error, "a request met a broken store");
            ApiError::internal("We encountered an internal error. Please try again.")
        }
    }
}
