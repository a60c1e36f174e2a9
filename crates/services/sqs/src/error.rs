//! SQS's refusals, in its words.

use aws::ApiError;
use store::StoreError;

/// Codes that the API does not model are spelt as the query protocol spells them; clients read them there.
pub(crate) fn invalid_parameter(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", text)
}

/// `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …`
pub(crate) fn bad_value(parameter: &str, value: impl std::fmt::Display, reason: &str) -> ApiError {
    invalid_parameter(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    ))
}

/// Recorded: error_handling/task_service_sqs … test_send_message_empty_body.
pub(crate) fn missing(parameter: &str) -> ApiError {
    ApiError::new(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}."),
    )
}

pub(crate) fn no_queue() -> ApiError {
    ApiError::new("QueueDoesNotExist", "The specified queue does not exist.")
}

pub(crate) fn invalid_address(url: &str) -> ApiError {
    ApiError::new(
        "InvalidAddress",
        format!("The address {url} is not valid for this endpoint."),
    )
}

pub(crate) fn bad_name(fifo: bool) -> ApiError {
    invalid_parameter(if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length."
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    })
}

pub(crate) fn exists(attribute: &str) -> ApiError {
    ApiError::new(
        "QueueNameExists",
        format!(
            "A queue already exists with the same name and a different value for attribute {attribute}"
        ),
    )
}

pub(crate) fn unknown_attribute(name: &str) -> ApiError {
    ApiError::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

pub(crate) fn fifo_only(name: &str) -> ApiError {
    ApiError::new(
        "InvalidAttributeName",
        format!("You can specify the {name} only when FifoQueue is set to true."),
    )
}

pub(crate) fn bad_attribute(name: &str) -> ApiError {
    ApiError::new(
        "InvalidAttributeValue",
        format!("Invalid value for the parameter {name}."),
    )
}

pub(crate) fn not_for_this_kind(parameter: &str, value: impl std::fmt::Display) -> ApiError {
    bad_value(
        parameter,
        value,
        "The request include parameter that is not valid for this queue type.",
    )
}

pub(crate) fn mistyped_attribute(name: &str) -> ApiError {
    invalid_parameter(format!(
        "The message (user) attribute '{name}' is not of the form of an attribute."
    ))
}

pub(crate) fn invalid_contents() -> ApiError {
    ApiError::new(
        "InvalidMessageContents",
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    )
}

pub(crate) fn too_long(bytes_max: usize) -> ApiError {
    invalid_parameter(format!(
        "One or more parameters are invalid. Reason: Message must be shorter than {bytes_max} bytes."
    ))
}

pub(crate) fn batch_too_long(bytes_max: usize, bytes: usize) -> ApiError {
    ApiError::new(
        "BatchRequestTooLong",
        format!(
            "Batch requests cannot be longer than {bytes_max} bytes. You have sent {bytes} bytes."
        ),
    )
}

pub(crate) fn empty_batch(entry: &str) -> ApiError {
    ApiError::new(
        "EmptyBatchRequest",
        format!("There should be at least one {entry} in the request."),
    )
}

pub(crate) fn too_many_entries(max: usize, given: usize) -> ApiError {
    ApiError::new(
        "TooManyEntriesInBatchRequest",
        format!("Maximum number of entries per request are {max}. You have sent {given}."),
    )
}

pub(crate) fn repeated_entry(id: &str) -> ApiError {
    ApiError::new("BatchEntryIdsNotDistinct", format!("Id {id} repeated."))
}

pub(crate) fn bad_entry_id() -> ApiError {
    ApiError::new(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    )
}

pub(crate) fn bad_receipt(handle: &str) -> ApiError {
    ApiError::new(
        "ReceiptHandleIsInvalid",
        format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
    )
}

/// A FIFO queue does not delete what others may have received since.
pub(crate) fn expired_receipt(handle: &str) -> ApiError {
    bad_value("ReceiptHandle", handle, "The receipt handle has expired.")
}

pub(crate) fn not_in_flight(handle: &str) -> ApiError {
    bad_value(
        "ReceiptHandle",
        handle,
        "Message does not exist or is not available for visibility timeout change.",
    )
}

pub(crate) fn over_limit(text: impl Into<String>) -> ApiError {
    ApiError::new("OverLimit", text)
}

pub(crate) fn no_resource(text: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", text)
}

pub(crate) fn unsupported(text: &str) -> ApiError {
    ApiError::new("UnsupportedOperation", text)
}

pub(crate) fn stored(error: &StoreError) -> ApiError {
    ApiError::internal(error.to_string())
}

pub(crate) fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::internal(format!("a row can't be read: {error}"))
}
