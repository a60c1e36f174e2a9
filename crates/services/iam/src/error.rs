//! IAM's refusals, in its words.

use aws::ApiError;
use store::StoreError;

use crate::model::Kind;

pub(crate) fn not_here(operation: &str) -> ApiError {
    ApiError::new(
        "InvalidAction",
        format!("The operation {operation} is not available on this server."),
    )
}

pub(crate) fn exists(kind: Kind, name: &str) -> ApiError {
    already(format!("{} with name {name} already exists.", kind.noun()))
}

pub(crate) fn policy_exists(name: &str) -> ApiError {
    already(format!(
        "A policy called {name} already exists. Duplicate names are not allowed."
    ))
}

fn already(text: String) -> ApiError {
    ApiError::new("EntityAlreadyExists", text).with_status(409)
}

pub(crate) fn no_such(text: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", text).with_status(404)
}

pub(crate) fn no_principal(kind: Kind, name: &str) -> ApiError {
    let noun = kind.noun().to_lowercase();
    no_such(format!("The {noun} with name {name} cannot be found."))
}

pub(crate) fn no_policy(arn: &str) -> ApiError {
    no_such(format!("Policy {arn} was not found."))
}

pub(crate) fn not_attachable(arn: &str) -> ApiError {
    no_such(format!("Policy {arn} does not exist or is not attachable."))
}

pub(crate) fn no_version(arn: &str, version: &str) -> ApiError {
    no_such(format!(
        "Policy {arn} version {version} does not exist or is not attachable."
    ))
}

pub(crate) fn conflict(text: &str) -> ApiError {
    ApiError::new("DeleteConflict", text).with_status(409)
}

pub(crate) fn over_quota(name: &str, quota: usize) -> ApiError {
    limit(format!("Cannot exceed quota for {name}: {quota}"))
}

pub(crate) fn limit(text: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", text).with_status(409)
}

pub(crate) fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocument", text)
}

pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", text)
}

pub(crate) fn stored(error: &StoreError) -> ApiError {
    ApiError::new("ServiceFailure", error.to_string()).with_status(500)
}
