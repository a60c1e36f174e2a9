//! Page tokens: where a list goes on, as text that a client gives back.

use aws::{ApiError, Call};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::input;

/// A token for the next page of that operation's list, which goes on after `last`.
pub(crate) fn write(operation: &str, last: &str) -> String {
    BASE64.encode(format!("{operation}\0{last}"))
}

/// After what the list goes on; none for the first page.
///
/// # Errors
/// `InvalidToken` for a text that is no token of this operation.
pub(crate) fn read(call: &Call, operation: &str) -> Result<Option<String>, ApiError> {
    let Some(token) = input::maybe(call, "nextToken") else {
        return Ok(None);
    };
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    let bytes = BASE64.decode(token).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    match text.split_once('\0') {
        Some((of, last)) if of == operation => Ok(Some(last.to_owned())),
        _ => Err(invalid()),
    }
}
