//! AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, members in JSON both ways.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use serde_json::Value;

use super::{header, json_value, response, status_of};
use crate::model::{OWN_TARGET_PREFIX, Operation, ServiceModel};
use crate::shape_value::take_members;
use crate::{Answer, ApiError, Members, RequestId};

pub(super) fn find_operation<'m>(
    model: &'m ServiceModel,
    parts: &Parts,
) -> Result<&'m Operation, ApiError> {
    let target = header(parts, "x-amz-target");
    let (prefix, name) = target.rsplit_once('.').unwrap_or(("", target));
    let found = match prefix {
        OWN_TARGET_PREFIX => model.own_operation(name),
        _ => model.operation(name),
    };
    found.ok_or_else(|| ApiError::unknown_operation(name))
}

pub(super) fn decode(
    model: &ServiceModel,
    operation: &Operation,
    body: &[u8],
) -> Result<Members, ApiError> {
    let members = parse_object(body)?;
    let Some(input) = operation.input else {
        return Ok(Members::new());
    };
    let members = if model.json_differs {
        json_value::from_wire(model, input, members)
    } else {
        members
    };
    take_members(model, model.shape(input), members).map_err(|text| serialization(&text))
}

pub(super) fn serialization(text: &str) -> ApiError {
    ApiError::new("SerializationException", text)
}

/// The JSON object that a body is; an empty body is an empty object. Nesting beyond 128 levels is refused by the parser.
pub(super) fn parse_object(body: &[u8]) -> Result<Members, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Members::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(serialization("Unexpected field type")),
        Err(_) => Err(serialization("Unable to parse the request body as JSON")),
    }
}

pub(super) fn encode(
    model: &ServiceModel,
    operation: &Operation,
    answer: Answer,
) -> Response<Bytes> {
    let output = match operation.output {
        Some(id) if model.json_differs => json_value::to_wire(model, id, answer.output),
        _ => answer.output,
    };
    let body = to_json(&Value::Object(output));
    // An operation without an output answers with nothing at all where the model gives it none.
    let body = if operation.output.is_none() && body == "{}" {
        String::new()
    } else {
        body
    };
    let status = answer.status.unwrap_or(operation.status);
    finish(
        model,
        response(status, &content_type(&model.json_version), body),
    )
}

pub(super) fn encode_error(
    model: &ServiceModel,
    error: &ApiError,
    request_id: &RequestId,
) -> Response<Bytes> {
    let mut body = Members::new();
    body.insert("__type".into(), Value::from(&*error.code));
    body.extend(error.members.clone());
    if model.id == "rekognition" {
        body.entry("Code")
            .or_insert_with(|| Value::from(&*error.code));
        body.entry("Logref")
            .or_insert_with(|| Value::from(&*request_id.0));
    }
    body.insert(
        message_member(model, &error.code).into(),
        Value::from(&*error.message),
    );
    let body = to_json(&Value::Object(body));
    let status = status_of(model, error);
    let mut response = response(status, &content_type(&model.json_version), body);
    if model.query_compatible
        && let Ok(value) = query_error(model, error)
    {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    finish(model, response)
}

pub(super) fn plain_error(json_version: &str, error: &ApiError) -> Response<Bytes> {
    let body = serde_json::json!({"__type": error.code, "message": error.message});
    response(error.status, &content_type(json_version), to_json(&body))
}

/// The name under which an error's text travels: `Message` where the model has that, `message` otherwise.
pub(super) fn message_member(model: &ServiceModel, code: &str) -> &'static str {
    let capital = model.error(code).is_some_and(|shape| {
        let structure = shape.structure();
        structure.is_some_and(|structure| structure.members.contains_key("Message"))
    });
    // Rekognition's errors have no members in the model, and a capital letter on the wire.
    if capital || model.id == "rekognition" {
        "Message"
    } else {
        "message"
    }
}

fn query_error(
    model: &ServiceModel,
    error: &ApiError,
) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let code = model
        .error(&error.code)
        .and_then(|shape| shape.error.as_ref()?.code.as_deref())
        .unwrap_or(&error.code);
    let fault = if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    HeaderValue::from_str(&format!("{code};{fault}"))
}

fn content_type(json_version: &str) -> String {
    format!("application/x-amz-json-{json_version}")
}

pub(super) fn to_json(value: &Value) -> String {
    serde_json::to_string(value).expect("a JSON value with text keys can be written")
}

fn finish(model: &ServiceModel, mut response: Response<Bytes>) -> Response<Bytes> {
    // DynamoDB's SDKs check it where it is there.
    if model.id == "dynamodb" {
        let crc = crc32fast::hash(response.body());
        response.headers_mut().insert("x-amz-crc32", crc.into());
    }
    response
}
