//! EventBridge's refusals, in its words.

use aws::ApiError;
use store::StoreError;

pub(crate) fn not_found(text: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFoundException", text)
}

pub(crate) fn no_bus(name: &str) -> ApiError {
    not_found(format!("Event bus {name} does not exist."))
}

pub(crate) fn no_rule(name: &str, bus: &str) -> ApiError {
    not_found(format!("Rule {name} does not exist on EventBus {bus}."))
}

pub(crate) fn exists(what: &str, name: &str) -> ApiError {
    ApiError::new(
        "ResourceAlreadyExistsException",
        format!("{what} {name} already exists."),
    )
}

pub(crate) fn access_denied(caller: &str, connection: &str) -> ApiError {
    ApiError::new(
        "AccessDeniedException",
        format!(
            "User: {caller} is not authorized to perform: events:RetrieveConnectionCredentials on resource: {connection}"
        ),
    )
}

pub(crate) fn limit() -> ApiError {
    ApiError::new(
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
}

pub(crate) fn invalid_pattern(why: &str) -> ApiError {
    ApiError::new(
        "InvalidEventPatternException",
        format!("Event pattern is not valid. Reason: {why}"),
    )
}

/// A member that the model requires; calls from inside may lack it all the same.
pub(crate) fn missing(name: &str) -> ApiError {
    let mut path = name.to_owned();
    if let Some(first) = path.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    ApiError::validation(format!(
        "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The detail goes to the log.
pub(crate) fn internal(detail: &dyn std::fmt::Display) -> ApiError {
    tracing::error!(%detail, "the event service failed");
    ApiError::new(
        "InternalException",
        "This exception occurs due to unexpected causes.",
    )
    .with_status(500)
}

pub(crate) fn stored(error: StoreError) -> ApiError {
    internal(&error)
}
