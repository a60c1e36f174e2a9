//! Reading a call's members; the codec has checked their types and required ones.

use aws::{ApiError, Call, Members};
use serde_json::Value;

/// A required text.
///
/// # Errors
/// When a call from inside, which no codec checked, lacks it.
pub(crate) fn text<'a>(call: &'a Call, member: &str) -> Result<&'a str, ApiError> {
    maybe(call, member).ok_or_else(|| {
        ApiError::validation(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

/// A text that may be left out.
pub(crate) fn maybe<'a>(call: &'a Call, member: &str) -> Option<&'a str> {
    call.input.get(member).and_then(Value::as_str)
}

/// A switch that may be left out.
pub(crate) fn flag(call: &Call, member: &str) -> Option<bool> {
    call.input.get(member).and_then(Value::as_bool)
}

/// The page size: 0 and nothing mean AWS's default of 100 (API reference, ListExecutions).
pub(crate) fn page_size(call: &Call) -> usize {
    match call.input.get("maxResults").and_then(Value::as_u64) {
        None | Some(0) => 100,
        Some(size) => usize::try_from(size.min(1000)).unwrap_or(1000),
    }
}

/// `includedData` is `METADATA_ONLY`.
pub(crate) fn metadata_only(call: &Call) -> bool {
    maybe(call, "includedData") == Some("METADATA_ONLY")
}

/// A structure that may be left out.
pub(crate) fn object<'a>(call: &'a Call, member: &str) -> Option<&'a Members> {
    call.input.get(member).and_then(Value::as_object)
}
