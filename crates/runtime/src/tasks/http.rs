//! `http:invoke`: the request is made by the registry's service `http`, whose errors are the task's own.

use std::sync::PoisonError;

use asl::Payload;
use aws::ApiError;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Context, TaskError, members, payload, sdk};

/// The parameters are the request; the result is `{Headers, ResponseBody, StatusCode, StatusText}`.
pub(super) async fn invoke(context: &Context<'_>) -> Result<Payload, TaskError> {
    if context.trace.is_some() {
        return traced(context).await;
    }
    let parameters = members(context.parameters());
    match context
        .call("http", "Invoke", parameters, Bytes::new())
        .await
    {
        (_, Some(Ok(answer))) => payload(&Value::Object(answer.output)),
        (_, Some(Err(error))) => Err(failed(error)),
        (_, None) => Err(sdk::absent("http", "Http")),
    }
}

/// The same, with the request and the response told to who asked for them.
async fn traced(context: &Context<'_>) -> Result<Payload, TaskError> {
    let secrets = context.trace.as_ref().is_some_and(|trace| trace.secrets);
    let input = json!({ "Parameters": context.parameters(), "RevealSecrets": secrets });
    let answer = context
        .call("http", "Trace", members(input), Bytes::new())
        .await;
    let mut output = match answer {
        (_, Some(Ok(answer))) => answer.output,
        (_, Some(Err(error))) => return Err(failed(error)),
        (_, None) => return Err(sdk::absent("http", "Http")),
    };
    let result = output.shift_remove("Result");
    let error = output.shift_remove("Error");
    if let Some(trace) = &context.trace {
        let mut seen = trace.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(Value::Object(output));
    }
    if let Some(result) = result {
        return payload(&result);
    }
    let text = |member: &str| {
        let value = error.as_ref().and_then(|error| error.get(member));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Err(TaskError::new(text("Error"), text("Cause")))
}

fn failed(error: ApiError) -> TaskError {
    TaskError::new(error.code, error.message)
}
