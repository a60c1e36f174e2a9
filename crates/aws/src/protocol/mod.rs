//! The wire protocols over the models, server side: a request becomes an operation with members, an answer or an
//! error becomes a response. [`client`] is the other side.
//!
//! Begin with [`find_operation`], [`decode`], and then [`encode`] or [`encode_error`].

pub mod client;
mod form;
mod json;
mod json_value;
mod query;
mod rest;
#[cfg(test)]
mod round_trip;
mod xml;
mod xml_value;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use crate::model::{Operation, Protocol, ServiceModel};
use crate::shape_value::{missing, take_members, violations};
use crate::{Answer, ApiError, Members, Quotas, RequestId};

pub use form::{Form, FormError};

/// What stands in URLs and forms as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const UNRESERVED_AND_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The operation that a request names. For the query protocol it stands in the body, which may be empty for others.
///
/// # Errors
/// `UnknownOperationException` (`InvalidAction` in the query protocol).
pub fn find_operation<'m>(
    model: &'m ServiceModel,
    parts: &Parts,
    body: &[u8],
) -> Result<&'m Operation, ApiError> {
    match model.protocol {
        Protocol::AwsJson => json::find_operation(model, parts),
        Protocol::RestJson | Protocol::RestXml => rest::find_operation(model, parts),
        Protocol::Query => query::find_operation(model, parts, body),
    }
}

/// The members of a request's input and its HTTP payload, checked against the model.
///
/// # Errors
/// `SerializationException` for what is not of the model's types, `ValidationException` for what breaks its
/// constraints (`MalformedInput`, `ValidationError` in the query protocol).
pub fn decode(
    model: &ServiceModel,
    operation: &Operation,
    parts: &Parts,
    body: Bytes,
    quotas: Quotas,
) -> Result<(Members, Bytes), ApiError> {
    let (input, payload) = read(model, operation, parts, body)?;
    check(model, operation, &input, &payload, quotas)?;
    Ok((input, payload))
}

fn read(
    model: &ServiceModel,
    operation: &Operation,
    parts: &Parts,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    match model.protocol {
        Protocol::AwsJson => Ok((json::decode(model, operation, &body)?, Bytes::new())),
        Protocol::RestJson | Protocol::RestXml => rest::decode(model, operation, parts, body),
        Protocol::Query => Ok((query::decode(model, operation, parts, &body)?, Bytes::new())),
    }
}

/// Checks an input against the model's constraints; [`decode`] has done it already for what came over HTTP.
///
/// # Errors
/// `ValidationException` with all that is wrong, `ValidationError` in the query protocol, `InvalidParameterException` of
/// CloudWatch Logs.
pub fn check(
    model: &ServiceModel,
    operation: &Operation,
    input: &Members,
    payload: &[u8],
    quotas: Quotas,
) -> Result<(), ApiError> {
    let Some(shape) = operation.input else {
        return Ok(());
    };
    let broken = match model.id {
        // It has texts of its own for the rest, and its engine gives them.
        "dynamodb" => missing(model, shape, input),
        // It has texts of its own for all.
        "sqs" => None,
        _ => violations(model, shape, input, !payload.is_empty(), quotas),
    };
    match broken {
        Some(text) if model.protocol == Protocol::Query => {
            Err(ApiError::new("ValidationError", text))
        }
        Some(text) if model.id == "logs" => Err(ApiError::new("InvalidParameterException", text)),
        Some(text) => Err(ApiError::validation(text)),
        None => Ok(()),
    }
}

/// What [`decode`] does, for an input that did not come over HTTP: a Task state's parameters.
///
/// # Errors
/// As [`decode`].
pub fn admit(
    model: &ServiceModel,
    operation: &Operation,
    input: Members,
    payload: &[u8],
    quotas: Quotas,
) -> Result<Members, ApiError> {
    let input = match operation.input {
        Some(shape) => take_members(model, model.shape(shape), input)
            .map_err(|text| json::serialization(&text))?,
        None => Members::new(),
    };
    check(model, operation, &input, payload, quotas)?;
    Ok(input)
}

/// The response of an operation that succeeded.
pub fn encode(
    model: &ServiceModel,
    operation: &Operation,
    answer: Answer,
    request_id: &RequestId,
) -> Response<Bytes> {
    let response = match model.protocol {
        Protocol::AwsJson => json::encode(model, operation, answer),
        Protocol::RestJson | Protocol::RestXml => rest::encode(model, operation, answer),
        Protocol::Query => query::encode(model, operation, answer, request_id),
    };
    with_request_id(response, request_id)
}

/// The response of one that did not.
pub fn encode_error(
    model: &ServiceModel,
    error: &ApiError,
    request_id: &RequestId,
) -> Response<Bytes> {
    let response = match model.protocol {
        Protocol::AwsJson => json::encode_error(model, error, request_id),
        Protocol::RestJson => rest::encode_error(model, error),
        Protocol::RestXml => s3_error(error, "", request_id),
        Protocol::Query => query::encode_error(model, error, request_id),
    };
    with_request_id(response, request_id)
}

/// An error as S3 writes it.
pub fn s3_error(error: &ApiError, resource: &str, request_id: &RequestId) -> Response<Bytes> {
    let mut out = xml::Writer::new();
    out.open("Error", None);
    out.text("Code", &error.code);
    out.text("Message", &error.message);
    out.text("Resource", resource);
    out.text("RequestId", &request_id.0);
    out.close("Error");
    let mut response = response(error.status, "application/xml", out.finish());
    if let Ok(id) = HeaderValue::from_str(&request_id.0) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    response
}

/// An error before it is known which model the request is for: in the query protocol's form if it is a form.
pub fn encode_unrouted_error(
    parts: &Parts,
    error: &ApiError,
    request_id: &RequestId,
) -> Response<Bytes> {
    let is_form = header(parts, "content-type").starts_with("application/x-www-form-urlencoded");
    let response = if is_form {
        query::error_document("", error, request_id)
    } else {
        json::plain_error("1.0", error)
    };
    with_request_id(response, request_id)
}

/// The status of an error: its own, or the model's if it has none but the default.
fn status_of(model: &ServiceModel, error: &ApiError) -> u16 {
    let modelled = model
        .error(&error.code)
        .and_then(|shape| shape.error.as_ref()?.status);
    match modelled {
        Some(status) if error.status == 400 => status,
        _ => error.status,
    }
}

fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, value);
    }
    response
}

fn with_request_id(mut response: Response<Bytes>, id: &RequestId) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert("x-amzn-requestid", value);
    }
    response
}

fn header<'p>(parts: &'p Parts, name: &str) -> &'p str {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
