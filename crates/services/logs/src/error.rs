//! CloudWatch Logs' refusals, in its words.

use aws::ApiError;
use store::StoreError;

pub(crate) fn no_group() -> ApiError {
    not_found("The specified log group does not exist.")
}

pub(crate) fn no_stream() -> ApiError {
    not_found("The specified log stream does not exist.")
}

pub(crate) fn not_found(text: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", text)
}

pub(crate) fn group_exists() -> ApiError {
    exists("The specified log group already exists")
}

pub(crate) fn stream_exists() -> ApiError {
    exists("The specified log stream already exists")
}

fn exists(text: &str) -> ApiError {
    ApiError::new("ResourceAlreadyExistsException", text)
}

pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", text)
}

/// `1 validation error detected: Value '…' at '…' failed to satisfy constraint: …`
pub(crate) fn constraint(value: &str, member: &str, rule: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {rule}"
    ))
}

pub(crate) fn invalid_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

pub(crate) fn limit() -> ApiError {
    ApiError::new("LimitExceededException", "Resource limit exceeded.")
}

/// The detail goes to the log.
pub(crate) fn unavailable(detail: &dyn std::fmt::Display) -> ApiError {
    tracing::error!(%detail, "the log service failed");
    ApiError::new(
        "ServiceUnavailableException",
        "The service cannot complete the request.",
    )
    .with_status(500)
}

pub(crate) fn stored(error: StoreError) -> ApiError {
    unavailable(&error)
}
