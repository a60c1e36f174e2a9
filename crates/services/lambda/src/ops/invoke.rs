use aws::{Answer, ApiError, Call, Members};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{named, unqualified};
use crate::host::{Event, Refusal};
use crate::model::input;
use crate::names::LATEST;
use crate::storage::StoredEvent;
use crate::{Lambda, error};

/// AWS's quotas on a payload: 6 MB for an answer awaited, 1 MB for an event.
const REQUEST_BYTES_MAX: usize = 6_291_456;
const EVENT_BYTES_MAX: usize = 1_048_576;
/// The decoded client context.
const CLIENT_CONTEXT_BYTES_MAX: usize = 3583;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    invocation_type: Option<String>,
    log_type: Option<String>,
    client_context: Option<String>,
}

pub(crate) async fn run(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let mut reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    let invoked_arn = reference.qualified_arn();
    // Invoke names the version in its refusal even where the caller did not:
    // recorded in error_handling/task_service_lambda … test_no_such_function_catch.
    reference.qualifier.get_or_insert_with(|| LATEST.to_owned());
    let work = lambda.functions.find(&reference)?;
    let client_context = input
        .client_context
        .as_deref()
        .map(client_context)
        .transpose()?;
    let kind = input
        .invocation_type
        .as_deref()
        .unwrap_or("RequestResponse");
    let bytes_max = if kind == "Event" {
        EVENT_BYTES_MAX
    } else {
        REQUEST_BYTES_MAX
    };
    if call.body.len() > bytes_max {
        return Err(error::too_large(bytes_max, "InvokeFunction"));
    }
    let payload = payload(call.body)?;
    let version = work.function.version.clone();
    match kind {
        "DryRun" => Ok(Answer {
            output: status(204, Some(&version)),
            body: Bytes::new(),
            status: Some(204),
        }),
        "Event" => {
            let now = jiff::Timestamp::now().as_millisecond();
            let function = &work.function;
            lambda
                .events
                .accept(StoredEvent {
                    account: function.account.clone(),
                    region: function.region.clone(),
                    name: function.name.clone(),
                    version,
                    invoked_arn,
                    request_id: call.request_id.to_string(),
                    client_context,
                    payload: String::from_utf8_lossy(&payload).into_owned(),
                    accepted_milliseconds: now,
                    failures: 0,
                    due_milliseconds: now,
                })
                .await?;
            Ok(Answer {
                output: status(202, None),
                body: Bytes::new(),
                status: Some(202),
            })
        }
        "RequestResponse" => {
            if unqualified(lambda, &reference)?.reserved_concurrency == Some(0) {
                return Err(error::throttled(
                    "ReservedFunctionConcurrentInvocationLimitExceeded",
                ));
            }
            let event = Event {
                request_id: call.request_id.0,
                invoked_arn,
                client_context,
                payload,
            };
            let invoked =
                lambda
                    .host
                    .invoke(work, event)
                    .await
                    .map_err(|refusal| match refusal {
                        Refusal::Throttled => error::throttled("ConcurrentInvocationLimitExceeded"),
                        Refusal::Stopping => error::stopping(),
                    })?;
            let mut output = status(200, Some(&version));
            if invoked.failed {
                output.insert("FunctionError".into(), json!("Unhandled"));
            }
            if input.log_type.as_deref() == Some("Tail") {
                let tail = BASE64.encode(&invoked.log_tail);
                output.insert("LogResult".into(), json!(tail));
            }
            Ok(Answer {
                output,
                body: invoked.payload,
                status: Some(200),
            })
        }
        other => Err(error::constraint(
            other,
            "invocationType",
            "Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
        )),
    }
}

fn status(code: u16, version: Option<&str>) -> Members {
    let mut output = Members::new();
    output.insert("StatusCode".into(), json!(code));
    if let Some(version) = version {
        output.insert("ExecutedVersion".into(), json!(version));
    }
    output
}

/// A payload that is JSON; none is an empty object.
fn payload(body: Bytes) -> Result<Bytes, ApiError> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let text = std::str::from_utf8(&body)
        .map_err(|_| error::bad_payload("Could not parse payload into json: Invalid UTF-8"))?;
    if let Err(why) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(error::bad_payload(&parse_error(text, &why)));
    }
    Ok(body)
}

/// The parser's complaint as AWS words it, where that is known.
fn parse_error(text: &str, why: &serde_json::Error) -> String {
    let (line, column) = (why.line(), why.column());
    let what = if why.is_eof() {
        "Unexpected end-of-input".to_owned()
    } else {
        let token: String = text
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(256)
            .collect();
        if token.starts_with(|c: char| c.is_alphabetic()) {
            format!(
                "Unrecognized token '{token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
            )
        } else {
            "Unexpected character".to_owned()
        }
    };
    format!(
        "Could not parse payload into json: {what}\n at [Source: (byte[]); line: {line}, column: {column}]"
    )
}

/// JSON text that fits into a header.
fn client_context(base64: &str) -> Result<String, ApiError> {
    let invalid =
        || error::bad_payload("Client context must be a valid Base64-encoded JSON object.");
    let bytes = BASE64.decode(base64).map_err(|_| invalid())?;
    if bytes.len() > CLIENT_CONTEXT_BYTES_MAX {
        return Err(invalid());
    }
    // Written anew, so that it holds no line break.
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(value @ Value::Object(_)) => Ok(value.to_string()),
        _ => Err(invalid()),
    }
}
