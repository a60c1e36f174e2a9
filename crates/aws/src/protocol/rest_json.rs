//! REST with JSON bodies: members travel in the path, the query, headers and the body.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response};
use serde_json::Value;

use super::json::{message_member, parse_object, serialization, to_json};
use super::{Form, header, response, status_of};
use crate::model::{Kind, Location, Operation, Protocol, ServiceModel, Shape, TimestampFormat};
use crate::shape_value::{take, take_members, take_text};
use crate::{Answer, ApiError, Members, timestamp};

pub(super) fn find_operation<'m>(
    model: &'m ServiceModel,
    parts: &Parts,
) -> Result<&'m Operation, ApiError> {
    match model.operation_at(&parts.method, parts.uri.path()) {
        Some((operation, _)) => Ok(operation),
        None => Err(ApiError::unknown_operation(parts.uri.path()).with_status(404)),
    }
}

pub(super) fn decode(
    model: &ServiceModel,
    operation: &Operation,
    parts: &Parts,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    let Some(shape) = operation.input.map(|id| model.shape(id)) else {
        return Ok((Members::new(), Bytes::new()));
    };
    let structure = shape.structure().expect("an input is a structure");
    let (mut input, payload) = decode_body(model, shape, body)?;
    let labels = model
        .operation_at(&parts.method, parts.uri.path())
        .map(|(_, labels)| labels)
        .unwrap_or_default();
    let query = Form::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .map_err(|error| serialization(&error.to_string()))?;
    for (name, member) in &structure.members {
        let wire_name = member.location_name.as_deref().unwrap_or(name);
        let inner = model.shape(member.shape);
        let value = match member.location {
            None | Some(Location::StatusCode) => continue,
            Some(Location::Uri) => labels
                .iter()
                .find(|(label, _)| *label == wire_name)
                .map(|(_, text)| take_text(inner, text)),
            Some(Location::QueryString) => from_query(model, inner, &query, wire_name),
            Some(Location::Header) => match header(parts, wire_name) {
                "" => None,
                text => Some(take_text(inner, text)),
            },
            Some(Location::Headers) => prefixed_headers(parts, wire_name).map(Ok),
        };
        // What stands in the body under the same name is not meant.
        input.remove(&**name);
        if let Some(value) = value {
            let value = value.map_err(|text| serialization(&text))?;
            input.insert(name.to_string(), value);
        }
    }
    Ok((input, payload))
}

fn decode_body(
    model: &ServiceModel,
    shape: &Shape,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    let structure = shape.structure().expect("an input is a structure");
    let mistyped = |text: String| serialization(&text);
    let Some(payload) = structure.payload.as_deref() else {
        let reads_body = structure
            .members
            .values()
            .any(|member| member.location.is_none());
        if !reads_body {
            return Ok((Members::new(), Bytes::new()));
        }
        let members = take_members(model, shape, parse_object(&body)?).map_err(mistyped)?;
        return Ok((members, Bytes::new()));
    };
    let member = &structure.members[payload];
    match model.shape(member.shape).kind {
        Kind::Structure(_) => {
            let mut input = Members::new();
            if !body.is_empty() {
                let value = Value::Object(parse_object(&body)?);
                let value = take(model, member.shape, value).map_err(mistyped)?;
                input.insert(payload.into(), value);
            }
            Ok((input, Bytes::new()))
        }
        _ => Ok((Members::new(), body)),
    }
}

fn from_query(
    model: &ServiceModel,
    shape: &Shape,
    query: &Form,
    name: &str,
) -> Option<Result<Value, String>> {
    if let Kind::List(element) = &shape.kind {
        let element = model.shape(element.shape);
        let items: Result<Vec<Value>, String> = query
            .all(name)
            .map(|text| take_text(element, text))
            .collect();
        return match items {
            Ok(items) if items.is_empty() => None,
            items => Some(items.map(Value::Array)),
        };
    }
    query.get(name).map(|text| take_text(shape, text))
}

fn prefixed_headers(parts: &Parts, prefix: &str) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let found: Members = parts
        .headers
        .iter()
        .filter_map(|(name, value)| {
            let key = name.as_str().strip_prefix(&prefix)?;
            Some((key.to_owned(), value.to_str().ok()?.into()))
        })
        .collect();
    (!found.is_empty()).then_some(Value::Object(found))
}

pub(super) fn encode(
    model: &ServiceModel,
    operation: &Operation,
    answer: Answer,
) -> Response<Bytes> {
    let Answer {
        mut output,
        body,
        status,
    } = answer;
    let mut status = status.unwrap_or(operation.status);
    let mut headers = Vec::new();
    let structure = operation.output.and_then(|id| model.shape(id).structure());
    for (name, member) in structure.iter().flat_map(|structure| &structure.members) {
        match member.location {
            Some(Location::StatusCode) => {
                if let Some(code) = output.remove(&**name).and_then(|code| code.as_u64()) {
                    status = code as u16;
                }
            }
            Some(Location::Header) => {
                let value = output.remove(&**name);
                let text =
                    value.and_then(|value| header_text(&model.shape(member.shape).kind, &value));
                let wire_name = member.location_name.as_deref().unwrap_or(name);
                headers.extend(text.and_then(|text| header_pair(wire_name, &text)));
            }
            Some(Location::Headers) => {
                if let Some(Value::Object(entries)) = output.remove(&**name) {
                    let prefix = member.location_name.as_deref().unwrap_or_default();
                    headers.extend(entries.iter().filter_map(|(key, value)| {
                        header_pair(&format!("{prefix}{key}"), value.as_str()?)
                    }));
                }
            }
            _ => {}
        }
    }
    let payload = structure.and_then(|structure| {
        let name = structure.payload.as_deref()?;
        Some((name, &model.shape(structure.members[name].shape).kind))
    });
    let body = match payload {
        Some((name, Kind::Structure(_))) => Bytes::from(to_json(
            &output
                .remove(name)
                .unwrap_or_else(|| Value::Object(Members::new())),
        )),
        Some(_) => body,
        // No Content has none.
        None if status == 204 || structure.is_none() => Bytes::new(),
        None => Bytes::from(to_json(&Value::Object(output))),
    };
    let mut response = response(status, "application/json", body);
    response.headers_mut().extend(headers);
    response
}

fn header_text(kind: &Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (_, Value::Null) => None,
        (Kind::Timestamp(format), value) => {
            timestamp::format(value, format.unwrap_or(TimestampFormat::Rfc822))
        }
        (_, Value::String(text)) => Some(text.clone()),
        (_, other) => Some(other.to_string()),
    }
}

fn header_pair(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?))
}

pub(super) fn encode_error(model: &ServiceModel, error: &ApiError) -> Response<Bytes> {
    debug_assert_eq!(model.protocol, Protocol::RestJson);
    let shape = model.error(&error.code);
    let mut body = Members::new();
    let has_type = shape
        .and_then(Shape::structure)
        .is_some_and(|structure| structure.members.contains_key("Type"));
    if has_type {
        let fault = if error.status < 500 {
            "User"
        } else {
            "Service"
        };
        body.insert("Type".into(), fault.into());
    }
    body.extend(error.members.clone());
    body.insert(
        message_member(model, &error.code).into(),
        Value::from(&*error.message),
    );
    let mut response = response(
        status_of(model, error),
        "application/json",
        to_json(&Value::Object(body)),
    );
    let code = shape.map_or(&*error.code, |shape| &*shape.name);
    if let Ok(code) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}
