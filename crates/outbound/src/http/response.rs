//! What a task gets of an answer.

use aws::{Answer, ApiError, Members};
use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::runtime;

/// The answer as the task's result.
///
/// # Errors
/// `States.Http.StatusCode.<status>` for 400 and above; `States.Runtime` for what is not text.
pub(super) fn answer(response: Response<Bytes>) -> Result<Answer, ApiError> {
    let (parts, body) = response.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    if parts.status.as_u16() >= 400 {
        return Err(refused(parts.status, &body));
    }
    let is_binary = kind == "application/octet-stream"
        || ["image/", "video/", "audio/"]
            .iter()
            .any(|prefix| kind.starts_with(prefix));
    if is_binary && !body.is_empty() {
        return Err(runtime(format!(
            "The response of the HTTP endpoint has the content type '{kind}', which is not supported"
        )));
    }
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| runtime("The response of the HTTP endpoint can't be read as text"))?;
    let is_json = kind == "application/json" || kind.ends_with("+json");
    let parsed = is_json.then(|| serde_json::from_str(&text).ok()).flatten();
    let mut headers = Members::new();
    for name in parts.headers.keys() {
        let values: Vec<Value> = parts
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into())
            .collect();
        headers.insert(name.to_string(), values.into());
    }
    Ok(Answer::json(json!({
        "Headers": headers,
        "ResponseBody": parsed.unwrap_or(Value::String(text)),
        "StatusCode": parts.status.as_u16(),
        "StatusText": parts.status.canonical_reason().unwrap_or_default(),
    })))
}

/// DIVERGENCE: the cause that AWS gives is not documented; it is the answer's body here, or the status' text where there is
/// no body.
fn refused(status: StatusCode, body: &[u8]) -> ApiError {
    let text = String::from_utf8_lossy(body);
    let cause = if text.trim().is_empty() {
        status.canonical_reason().unwrap_or_default().to_owned()
    } else {
        text.into_owned()
    };
    ApiError::new(format!("States.Http.StatusCode.{}", status.as_u16()), cause)
}

/// AWS's words for a result above its limit.
pub(super) fn too_large() -> ApiError {
    ApiError::new(
        "States.DataLimitExceeded",
        "The state/task 'invoke' returned a result with a size exceeding the maximum number of bytes service limit.",
    )
}
