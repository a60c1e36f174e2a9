//! What a service says when it refuses.

use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use super::super::{json_value, xml, xml_value};
use crate::model::{Operation, Protocol, ServiceModel};
use crate::{ApiError, Members};

/// The error that a response holds.
pub(super) fn read(
    model: &ServiceModel,
    operation: &Operation,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> ApiError {
    let found = match model.protocol {
        Protocol::AwsJson | Protocol::RestJson => of_json(model, status, headers, body),
        Protocol::Query | Protocol::RestXml => of_xml(model, status, body),
    };
    found.unwrap_or_else(|| of_status(model, operation, status, body))
}

fn of_json(
    model: &ServiceModel,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<ApiError> {
    let mut members: Members = serde_json::from_slice(body).unwrap_or_default();
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let named = header("x-amzn-errortype")
        .or_else(|| text("__type"))
        .or_else(|| text("code"))
        .or_else(|| text("Code"))
        .map(bare);
    // `AWS.SimpleQueueService.NonExistentQueue;Sender`, of services that once spoke the query protocol.
    let queried = header("x-amzn-query-error").and_then(|value| value.split(';').next());
    let code = match (named, queried) {
        (Some(named), Some(queried)) if model.error(named).is_none() => queried,
        (named, queried) => named.or(queried)?,
    }
    .to_owned();
    let id = model.error_id(&code);
    let mut error = ApiError::new(code, "").with_status(status);
    for name in MESSAGES {
        if let Some(Value::String(text)) = members.remove(name) {
            error.message = text;
            break;
        }
    }
    if let Some(id) = id {
        error.members = without_message(json_value::from_wire(model, id, members));
    }
    Some(error)
}

const MESSAGES: [&str; 3] = ["message", "Message", "errorMessage"];

/// Without the namespace before it or what follows it: `com.amazonaws.x#Code`, `Code:http://…`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

fn of_xml(model: &ServiceModel, status: u16, body: &[u8]) -> Option<ApiError> {
    let root = xml::read(body).ok()?;
    // S3, the query protocol, EC2.
    let element = match root.name.as_str() {
        "Error" => &root,
        "Response" => root.child("Errors")?.child("Error")?,
        _ => root.child("Error")?,
    };
    Some(of_element(model, status, element))
}

pub(super) fn of_element(model: &ServiceModel, status: u16, element: &xml::Element) -> ApiError {
    let text = |name| element.child(name).map(|child| child.text.clone());
    let code = text("Code").unwrap_or_default();
    let message = text("Message").unwrap_or_default();
    let shape = model.error(&code).and_then(|shape| shape.structure());
    let members = shape
        .and_then(|structure| xml_value::read_members(model, structure, element, true).ok())
        .unwrap_or_default();
    ApiError {
        members: without_message(members),
        ..ApiError::new(code, message).with_status(status)
    }
}

fn without_message(mut members: Members) -> Members {
    members.retain(|name, _| !MESSAGES.contains(&name.as_str()));
    members
}

/// An error that has nothing but its status: of HEAD, or from something between us and the service.
fn of_status(model: &ServiceModel, operation: &Operation, status: u16, body: &[u8]) -> ApiError {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let code = match operation.errors.as_slice() {
        [error] if status == 404 && operation.method == Method::HEAD => {
            model.shape(*error).name.to_string()
        }
        _ => reason.replace(' ', ""),
    };
    let mut text = String::from_utf8_lossy(body).into_owned();
    if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS_MAX) {
        text.truncate(end);
    }
    let message = if text.trim().is_empty() {
        reason.to_owned()
    } else {
        text
    };
    ApiError::new(code, message).with_status(status)
}

/// Enough to see whose page it is.
const TEXT_CHARS_MAX: usize = 500;
