//! The wire protocols from the other side: a call becomes a request, a response becomes an answer or an error.
//!
//! Requests have a path and no host, and are not signed: whoever sends them knows where to and in whose name.

mod error;
mod form;
mod rest;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use serde_json::Value;

use super::json::{parse_object, to_json};
use super::{json_value, xml, xml_value};
use crate::model::{Operation, Protocol, ServiceModel};
use crate::{Answer, ApiError, Call, Members};

/// The request of a call: method, path and query, headers, body. A token that makes a request idempotent, where the model
/// has one and the call does not, is the call's request id.
///
/// # Errors
/// `ValidationException` where a part of the path is not given or a header can't say its value,
/// `UnknownOperationException` for operations that stream events.
pub fn encode(
    model: &ServiceModel,
    operation: &Operation,
    call: Call,
) -> Result<Request<Bytes>, ApiError> {
    if model.streams_events(operation) {
        return Err(ApiError::unknown_operation(&operation.name));
    }
    let mut input = call.input;
    let structure = operation.input.and_then(|id| model.shape(id).structure());
    for (name, member) in structure.iter().flat_map(|structure| &structure.members) {
        if member.idempotency_token && !input.contains_key(&**name) {
            input.insert(name.to_string(), (*call.request_id.0).into());
        }
    }
    match model.protocol {
        Protocol::AwsJson => Ok(json_request(model, operation, input)),
        Protocol::Query => Ok(form::request(model, operation, &input)),
        Protocol::RestJson | Protocol::RestXml => rest::request(model, operation, input, call.body),
    }
}

/// The answer that a response holds.
///
/// # Errors
/// The service's own error, or [`ApiError::on_this_side`] where the response can't be read.
pub fn decode(
    model: &ServiceModel,
    operation: &Operation,
    response: Response<Bytes>,
) -> Result<Answer, ApiError> {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    if !parts.status.is_success() {
        return Err(error::read(model, operation, status, &parts.headers, &body));
    }
    let (output, body) = match model.protocol {
        Protocol::AwsJson => (json_output(model, operation, &body)?, Bytes::new()),
        Protocol::Query => (query_output(model, operation, &body)?, Bytes::new()),
        Protocol::RestJson | Protocol::RestXml => rest::output(model, operation, &parts, body)?,
    };
    Ok(Answer {
        output,
        body,
        status: (status != operation.status).then_some(status),
    })
}

/// What stands before the host of AWS's own endpoints for an operation: `sync-`, `111122223333.`.
pub fn host_prefix(operation: &Operation, input: &Members) -> Option<String> {
    let template = operation.host_prefix.as_deref()?;
    filled(template, |label| {
        let value = input.get(label)?.as_str()?;
        let is_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (!value.is_empty() && value.bytes().all(is_label)).then(|| value.to_owned())
    })
    .ok()
}

/// A template whose `{labels}` are replaced; an error is the label that has no value.
fn filled<'t>(
    template: &'t str,
    value: impl Fn(&'t str) -> Option<String>,
) -> Result<String, &'t str> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((label, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&value(label).ok_or(label)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn request(method: Method, path: &str, headers: HeaderMap, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().expect("a path is made of escaped text");
    *request.headers_mut() = headers;
    request
}

fn json_request(model: &ServiceModel, operation: &Operation, input: Members) -> Request<Bytes> {
    let body = match operation.input {
        Some(id) => json_value::to_wire(model, id, input),
        None => Members::new(),
    };
    let mut headers = HeaderMap::new();
    let target = format!("{}.{}", model.target_prefix, operation.name);
    let content_type = format!("application/x-amz-json-{}", model.json_version);
    let text = |text: &str| HeaderValue::from_str(text).expect("a model's names are plain text");
    headers.insert("x-amz-target", text(&target));
    headers.insert(header::CONTENT_TYPE, text(&content_type));
    if model.query_compatible {
        // Errors are to tell the code that they had in the query protocol.
        headers.insert("x-amzn-query-mode", HeaderValue::from_static("true"));
    }
    request(
        Method::POST,
        "/",
        headers,
        to_json(&Value::Object(body)).into(),
    )
}

fn json_output(
    model: &ServiceModel,
    operation: &Operation,
    body: &[u8],
) -> Result<Members, ApiError> {
    let Some(id) = operation.output else {
        return Ok(Members::new());
    };
    let members = parse_object(body).map_err(|error| unreadable(&error.message))?;
    Ok(json_value::from_wire(model, id, members))
}

fn query_output(
    model: &ServiceModel,
    operation: &Operation,
    body: &[u8],
) -> Result<Members, ApiError> {
    let Some(structure) = operation.output.and_then(|id| model.shape(id).structure()) else {
        return Ok(Members::new());
    };
    let root = xml::read(body).map_err(|text| unreadable(&text))?;
    let wrapper = operation.result_wrapper.as_deref();
    let element = match wrapper.map(|wrapper| root.child(wrapper)) {
        None => &root,
        Some(Some(element)) => element,
        Some(None) => return Ok(Members::new()),
    };
    xml_value::read_members(model, structure, element, true).map_err(|text| unreadable(&text))
}

fn unreadable(text: &str) -> ApiError {
    ApiError::on_this_side(format!("Unable to unmarshall response ({text})."))
}
