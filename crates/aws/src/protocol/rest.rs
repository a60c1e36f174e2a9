//! REST: members travel in the path, the query, headers and the body, which is JSON or XML.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::Value;

use super::json::{message_member, parse_object, serialization, to_json};
use super::{Form, header, json_value, response, status_of, xml, xml_value};
use crate::model::{
    Kind, Location, Operation, Protocol, ServiceModel, Shape, ShapeId, TimestampFormat,
};
use crate::shape_value::{Mistyped, take_members, take_text};
use crate::{Answer, ApiError, Members, timestamp};

pub(super) fn find_operation<'m>(
    model: &'m ServiceModel,
    parts: &Parts,
) -> Result<&'m Operation, ApiError> {
    let query = parts.uri.query().unwrap_or_default();
    match model.operation_at(&parts.method, parts.uri.path(), query) {
        Some(operation) => Ok(operation),
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
    let (mut input, payload) = decode_body(model, operation, shape, body)?;
    let labels = operation.labels(parts.uri.path()).unwrap_or_default();
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
                text => Some(from_header(model, inner, text)),
            },
            Some(Location::Headers) => prefixed_headers(&parts.headers, wire_name).map(Ok),
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
    operation: &Operation,
    shape: &Shape,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    let structure = shape.structure().expect("an input is a structure");
    let Some(payload) = structure.payload.as_deref() else {
        let reads_body = structure
            .members
            .values()
            .any(|member| member.location.is_none());
        if !reads_body {
            return Ok((Members::new(), Bytes::new()));
        }
        let id = operation.input.expect("its shape is at hand");
        return Ok((decode_structure(model, id, &body)?, Bytes::new()));
    };
    let member = &structure.members[payload];
    let mut input = Members::new();
    match model.shape(member.shape).kind {
        Kind::Structure(_) if !body.is_empty() => {
            let value = decode_structure(model, member.shape, &body)?;
            input.insert(payload.into(), Value::Object(value));
        }
        Kind::String if !body.is_empty() => {
            let text = String::from_utf8(body.to_vec());
            let text = text.map_err(|_| serialization("The request body is not UTF-8"))?;
            input.insert(payload.into(), text.into());
        }
        Kind::Structure(_) | Kind::String => {}
        _ => return Ok((input, body)),
    }
    Ok((input, Bytes::new()))
}

/// The structure that a whole body is.
fn decode_structure(model: &ServiceModel, id: ShapeId, body: &[u8]) -> Result<Members, ApiError> {
    let structure = model.shape(id).structure().expect("called for structures");
    if model.protocol == Protocol::RestXml {
        if body.is_empty() {
            return Ok(Members::new());
        }
        let malformed = |text: String| ApiError::new("MalformedXML", text);
        let root = xml::read(body).map_err(malformed)?;
        return xml_value::read_members(model, structure, &root, false).map_err(malformed);
    }
    let mut members = parse_object(body)?;
    if model.json_differs {
        members = json_value::from_wire(model, id, members);
    }
    take_members(model, model.shape(id), members).map_err(|text| serialization(&text))
}

/// A value that came in a header: lists are separated by commas.
pub(super) fn from_header(
    model: &ServiceModel,
    shape: &Shape,
    text: &str,
) -> Result<Value, Mistyped> {
    let Kind::List(element) = &shape.kind else {
        return take_text(shape, text);
    };
    let element = model.shape(element.shape);
    text.split(',')
        .map(|item| take_text(element, item.trim()))
        .collect::<Result<_, _>>()
        .map(Value::Array)
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

pub(super) fn prefixed_headers(headers: &HeaderMap, prefix: &str) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let found: Members = headers
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
                let kind = &model.shape(member.shape).kind;
                let text =
                    value.and_then(|value| text_of(model, kind, &value, TimestampFormat::Rfc822));
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
        let member = &structure.members[name];
        Some((name, member, &model.shape(member.shape).kind))
    });
    let body = match payload {
        Some((name, member, Kind::Structure(_))) => {
            let value = match output.remove(name) {
                Some(Value::Object(members)) => members,
                _ => Members::new(),
            };
            encode_structure(model, member.shape, member.wire_name(name), value)
        }
        Some((name, _, Kind::String)) => match output.remove(name) {
            Some(Value::String(text)) => text.into(),
            _ => body,
        },
        Some(_) => body,
        // No Content has none.
        None if status == 204 || structure.is_none() => Bytes::new(),
        None => {
            let id = operation.output.expect("its structure is at hand");
            encode_structure(model, id, &format!("{}Result", operation.name), output)
        }
    };
    let content_type = match model.protocol {
        Protocol::RestXml => "application/xml",
        _ => "application/json",
    };
    let mut response = response(status, content_type, body);
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The whole body that a structure is; `root` is the name of its element in XML.
fn encode_structure(model: &ServiceModel, id: ShapeId, root: &str, members: Members) -> Bytes {
    if model.protocol == Protocol::RestXml {
        let structure = model.shape(id).structure().expect("called for structures");
        let mut out = xml::Writer::new();
        out.open(root, Some(&model.xml_namespace));
        xml_value::write_members(&mut out, model, structure, &members);
        out.close(root);
        return out.finish().into();
    }
    let members = if model.json_differs {
        json_value::to_wire(model, id, members)
    } else {
        members
    };
    to_json(&Value::Object(members)).into()
}

/// A value as a header, a query or a path says it; none if it is null or nothing that fits there.
pub(super) fn text_of(
    model: &ServiceModel,
    kind: &Kind,
    value: &Value,
    timestamps: TimestampFormat,
) -> Option<String> {
    match (kind, value) {
        (_, Value::Null | Value::Object(_)) => None,
        (Kind::Timestamp(format), value) => timestamp::format(value, format.unwrap_or(timestamps)),
        (Kind::List(element), Value::Array(items)) => {
            let element = &model.shape(element.shape).kind;
            let texts: Option<Vec<_>> = items
                .iter()
                .map(|item| text_of(model, element, item, timestamps))
                .collect();
            texts.map(|texts| texts.join(","))
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
