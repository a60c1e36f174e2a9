//! `http:invoke`: the request is made by the registry's service `http`, whose errors are the task's own.

use asl::Payload;
use bytes::Bytes;
use serde_json::Value;

use super::{Context, TaskError, members, payload, sdk};

/// The parameters are the request; the result is `{Headers, ResponseBody, StatusCode, StatusText}`.
pub(super) async fn invoke(context: &Context<'_>) -> Result<Payload, TaskError> {
    let parameters = members(context.parameters());
    match context
        .call("http", "Invoke", parameters, Bytes::new())
        .await
    {
        (_, Some(Ok(answer))) => payload(&Value::Object(answer.output)),
        (_, Some(Err(error))) => Err(TaskError::new(error.code, error.message)),
        (_, None) => Err(sdk::absent("http", "Http")),
    }
}
