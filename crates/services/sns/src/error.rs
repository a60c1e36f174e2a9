//! SNS's refusals, in its words.

use aws::ApiError;
use store::StoreError;

/// `Invalid parameter: …`
pub(crate) fn invalid(text: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidParameter", format!("Invalid parameter: {text}"))
}

/// Of a message's attributes.
pub(crate) fn invalid_value(text: impl Into<String>) -> ApiError {
    ApiError::new("ParameterValueInvalid", text)
}

/// Recorded: services/sns_task_service … test_publish_base_error_topic_arn.
pub(crate) fn no_topic() -> ApiError {
    ApiError::new("NotFound", "Topic does not exist").with_status(404)
}

pub(crate) fn no_subscription() -> ApiError {
    ApiError::new("NotFound", "Subscription does not exist").with_status(404)
}

pub(crate) fn no_resource() -> ApiError {
    ApiError::new("ResourceNotFound", "Resource does not exist").with_status(404)
}

pub(crate) fn too_many_filters() -> ApiError {
    ApiError::new(
        "FilterPolicyLimitExceeded",
        "Filter policy limit exceeded for topic",
    )
    .with_status(403)
}

pub(crate) fn too_many_subscriptions() -> ApiError {
    ApiError::new(
        "SubscriptionLimitExceeded",
        "Subscription limit exceeded for topic",
    )
    .with_status(403)
}

pub(crate) fn too_many_tags() -> ApiError {
    ApiError::new(
        "TagLimitExceeded",
        "Could not complete request: tag quota of per resource exceeded",
    )
}

pub(crate) fn throttled() -> ApiError {
    ApiError::new("Throttled", "Rate exceeded").with_status(429)
}

pub(crate) fn stored(error: &StoreError) -> ApiError {
    ApiError::new("InternalError", error.to_string()).with_status(500)
}

pub(crate) fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::new("InternalError", format!("a row can't be read: {error}")).with_status(500)
}
