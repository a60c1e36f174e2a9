//! Lambda: a function's own ARN as resource, and `lambda:invoke`.

use std::borrow::Cow;

use asl::{Json, Payload};
use aws::{Answer, Members, RequestId};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Context, TaskError, add_metadata, http_date, members, payload, sdk, too_large, value_of,
};

/// A function as resource: it is given the task's input and its result is the task's.
pub(super) async fn function(context: &Context<'_>, arn: &str) -> Result<Payload, TaskError> {
    let input = members(json!({ "FunctionName": arn, "InvocationType": "RequestResponse" }));
    let body = Bytes::from(context.pending.parameters.text().to_string());
    let (answer, _) = invoke_function(context, input, body).await?;
    if answer.output.contains_key("FunctionError") {
        return Err(function_error(&answer.body, String::from_utf8_lossy));
    }
    result(context, arn, &answer)
}

/// `lambda:invoke`: the parameters are Invoke's, and the answer carries what Invoke answers around the payload.
pub(super) async fn invoke(context: &Context<'_>) -> Result<Payload, TaskError> {
    let mut input = members(context.parameters());
    let body = match input.shift_remove("Payload") {
        // Recorded: no event is an empty one (lambda_task_service, test_invoke_unsupported_param).
        None | Some(Value::Null) => Bytes::new(),
        // Recorded: a text is sent as it is, and is to be JSON itself (lambda_task_service, test_invoke_json_values).
        Some(Value::String(text)) => Bytes::from(text),
        Some(value) => Bytes::from(value.to_string()),
    };
    let kind = input.get("InvocationType").and_then(Value::as_str);
    let answered = kind.is_none_or(|kind| kind == "RequestResponse");
    let (answer, request_id) = invoke_function(context, input, body).await?;
    if answer.output.contains_key("FunctionError") {
        return Err(function_error(&answer.body, compact));
    }
    let version = answer
        .output
        .get("ExecutedVersion")
        .and_then(Value::as_str)
        .unwrap_or("$LATEST")
        .to_owned();
    let mut headers = vec![
        ("Connection", "keep-alive".to_owned()),
        ("Content-Length", answer.body.len().to_string()),
        ("Content-Type", "application/json".to_owned()),
        ("Date", http_date(context.shared.clock.now())),
        ("X-Amz-Executed-Version", version.clone()),
        ("x-amzn-Remapped-Content-Length", "0".to_owned()),
        ("x-amzn-RequestId", request_id.to_string()),
        ("X-Amzn-Trace-Id", format!("root=1-{request_id};sampled=0")),
    ];
    let mut output = Members::new();
    if answered {
        output.insert("ExecutedVersion".into(), version.into());
    }
    if let Some(log) = answer.output.get("LogResult") {
        headers.push((
            "X-Amz-Log-Result",
            log.as_str().unwrap_or_default().to_owned(),
        ));
        output.insert("LogResult".into(), log.clone());
    }
    if answered {
        let returned = result(context, "invoke", &answer)?;
        output.insert("Payload".into(), value_of(returned.value()));
    }
    let status = answer
        .output
        .get("StatusCode")
        .and_then(Value::as_u64)
        .map(|status| status as u16);
    let status = status.or(answer.status).unwrap_or(200);
    add_metadata(&mut output, &request_id, status, &headers);
    output.insert("StatusCode".into(), status.into());
    payload(&Value::Object(output))
}

async fn invoke_function(
    context: &Context<'_>,
    input: Members,
    body: Bytes,
) -> Result<(Answer, RequestId), TaskError> {
    let (request_id, answer) = context.call("lambda", "Invoke", input, body).await;
    match answer {
        Some(Ok(answer)) => Ok((answer, request_id)),
        Some(Err(error)) => Err(sdk::optimised_error("lambda", &error, &request_id)),
        None => Err(sdk::absent("lambda", "Lambda")),
    }
}

/// What a function returned: JSON, or nothing.
fn result(context: &Context<'_>, named: &str, answer: &Answer) -> Result<Payload, TaskError> {
    if answer.body.is_empty() {
        return Ok(Payload::new(Json::Null));
    }
    // Recorded: the size is judged before the text is read (error_handling, test_task_lambda_data_limit_exceeded…).
    if answer.body.len() > context.shared.limits.payload_bytes_max {
        return Err(too_large(named));
    }
    let text = std::str::from_utf8(&answer.body).ok();
    text.and_then(|text| Payload::from_text(text).ok())
        .ok_or_else(|| unknown_error(&answer.body))
}

/// A function's error is named by itself, and the text that it returned is the cause: to a function's own ARN as the
/// function wrote it, to `lambda:invoke` written anew (recorded: error_handling, test_raise_exception_catch of both).
fn function_error(body: &[u8], cause: impl Fn(&[u8]) -> Cow<'_, str>) -> TaskError {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let name = parsed
        .as_ref()
        .and_then(|value| value.get("errorType"))
        .and_then(Value::as_str);
    match name {
        Some(name) if !name.is_empty() => TaskError::new(name, cause(body)),
        _ => unknown_error(body),
    }
}

/// JSON without white space; what is none stays as it is.
fn compact(body: &[u8]) -> Cow<'_, str> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => value.to_string().into(),
        Err(_) => String::from_utf8_lossy(body),
    }
}

fn unknown_error(body: &[u8]) -> TaskError {
    TaskError::new(
        "Lambda.Unknown",
        format!(
            "The cause could not be determined because Lambda did not return an error type. Returned payload: {}",
            String::from_utf8_lossy(body)
        ),
    )
}
