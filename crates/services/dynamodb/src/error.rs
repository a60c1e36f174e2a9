//! The engine's errors as AWS's.

use aws::ApiError;
use dynoxide::DynoxideError;
use serde_json::Value;

pub(crate) fn internal() -> ApiError {
    ApiError::new("InternalServerError", "Internal server error").with_status(500)
}

/// The engine's refusal. Its own failures go to the log, and only their code to the client.
pub(crate) fn refused(operation: &str, error: &DynoxideError) -> ApiError {
    let status = error.status_code();
    if status == 501 {
        return ApiError::unknown_operation(operation);
    }
    if status >= 500 {
        tracing::error!(%error, operation, "the table engine failed");
        return internal();
    }
    let code = error.error_type().rsplit('#').next().unwrap_or_default();
    let message = match (operation, error) {
        // These three put the family into the envelope that the model's own checks have.
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(text)) => {
            format!("1 validation error detected: {text}")
        }
        _ => error.to_string(),
    };
    let mut refused = ApiError::new(code.to_owned(), message);
    match error {
        DynoxideError::ConditionalCheckFailedException(_, Some(item))
        | DynoxideError::StatementConditionalCheckFailed(_, item) => {
            if let Ok(item) = serde_json::to_value(item) {
                refused = refused.with("Item", item);
            }
        }
        DynoxideError::TransactionCanceledException(_, reasons) => {
            if let Ok(reasons) = serde_json::to_value(reasons) {
                refused = refused.with("CancellationReasons", reasons);
            }
        }
        _ => {}
    }
    refused
}

/// A request that the engine could not read. Its readers say by a mark which of AWS's two classes that is.
pub(crate) fn unreadable(operation: &str, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    let marked = [
        ("VALIDATION_REQUEST:", "ValidationException"),
        ("VALIDATION_AS_READ:", "ValidationException"),
        ("VALIDATION:", "ValidationException"),
        ("SERIALIZATION_AS_READ:", "SerializationException"),
        ("SERIALIZATION:", "SerializationException"),
    ];
    for (mark, code) in marked {
        if let Some(text) = text.strip_prefix(mark) {
            let enveloped = mark == "VALIDATION_REQUEST:"
                && matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
            let message = if enveloped {
                format!("1 validation error detected: {text}")
            } else {
                text.to_owned()
            };
            return ApiError::new(code, message);
        }
    }
    if text.contains("empty AttributeValue") {
        return ApiError::validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        );
    }
    let missing = ["missing field", "unknown variant", "invalid type: null"];
    if text.contains("Supplied AttributeValue") || missing.iter().any(|start| text.contains(start))
    {
        return ApiError::validation(text);
    }
    ApiError::new("SerializationException", text)
}

/// An answer of the engine that is no object, or none at all.
pub(crate) fn unanswered(operation: &str, answer: &Result<Value, serde_json::Error>) -> ApiError {
    tracing::error!(
        ?answer,
        operation,
        "the table engine's answer can't be read"
    );
    internal()
}
