//! This service's errors, in AWS's words.

use aws::ApiError;
use store::StoreError;

/// `1 validation error detected: Value '…' at '…' failed to satisfy constraint: …`
pub(crate) fn constraint(value: &str, member: &str, rule: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

pub(crate) fn invalid_parameter(message: impl Into<String>) -> ApiError {
    client("InvalidParameterValueException", message, 400)
}

/// The function, version or alias that this ARN names is not there.
pub(crate) fn function_not_found(arn: &str) -> ApiError {
    not_found(format!("Function not found: {arn}"))
}

pub(crate) fn not_found(message: impl Into<String>) -> ApiError {
    client("ResourceNotFoundException", message, 404)
}

pub(crate) fn conflict(message: impl Into<String>) -> ApiError {
    client("ResourceConflictException", message, 409)
}

pub(crate) fn precondition_failed() -> ApiError {
    client(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        412,
    )
}

pub(crate) fn throttled(reason: &'static str) -> ApiError {
    client("TooManyRequestsException", "Rate Exceeded.", 429).with("Reason", reason)
}

pub(crate) fn too_large(bytes_max: usize, operation: &str) -> ApiError {
    client(
        "RequestTooLargeException",
        format!("Request must be smaller than {bytes_max} bytes for the {operation} operation"),
        413,
    )
}

pub(crate) fn bad_payload(why: &str) -> ApiError {
    client(
        "InvalidRequestContentException",
        format!("Could not parse request body into json: {why}"),
        400,
    )
}

/// The detail goes to the log; the caller hears what AWS says.
pub(crate) fn service(detail: &dyn std::fmt::Display) -> ApiError {
    tracing::error!(%detail, "the function service failed");
    ApiError::new(
        "ServiceException",
        "An error occurred and the request cannot be processed.",
    )
    .with_status(500)
    .with("Type", "Service")
}

/// Not the function's failure: whoever asks again after the next start is served.
pub(crate) fn stopping() -> ApiError {
    ApiError::new("ServiceException", "The server is stopping.")
        .with_status(503)
        .with("Type", "Service")
}

pub(crate) fn store(error: StoreError) -> ApiError {
    service(&error)
}

fn client(code: &'static str, message: impl Into<String>, status: u16) -> ApiError {
    ApiError::new(code, message)
        .with_status(status)
        .with("Type", "User")
}
