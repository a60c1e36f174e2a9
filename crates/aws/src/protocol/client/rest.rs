//! REST: where members travel, from the client's side.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use percent_encoding::{percent_encode, utf8_percent_encode};
use serde_json::Value;

use super::super::json::{parse_object, to_json};
use super::super::rest::{from_header, prefixed_headers, text_of};
use super::super::{UNRESERVED, UNRESERVED_AND_SLASH, json_value, xml, xml_value};
use super::{error, filled, unreadable};
use crate::model::{
    Kind, Location, Member, Operation, Protocol, ServiceModel, ShapeId, Structure, TimestampFormat,
};
use crate::{ApiError, Members, timestamp};

pub(super) fn request(
    model: &ServiceModel,
    operation: &Operation,
    input: Members,
    payload: Bytes,
) -> Result<Request<Bytes>, ApiError> {
    let mut placed = Placed {
        query: operation.fixed_query().map(str::to_owned).collect(),
        ..Placed::default()
    };
    let structure = operation.input.and_then(|id| model.shape(id).structure());
    if let Some(structure) = structure {
        for (name, value) in input {
            if let (Some(member), false) = (structure.members.get(&*name), value.is_null()) {
                placed.put(model, member, &name, value)?;
            }
        }
    }
    let path = path(operation, &placed.labels)?;
    let Placed {
        query,
        mut headers,
        body,
        ..
    } = placed;
    let (body, content_type) = match structure {
        Some(structure) => body_of(model, operation, structure, body, payload)?,
        None => (Bytes::new(), ""),
    };
    if !content_type.is_empty() {
        let value = HeaderValue::from_static(content_type);
        headers.entry(header::CONTENT_TYPE).or_insert(value);
    }
    let query = query.join("&");
    let target = if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    };
    Ok(super::request(
        operation.method.clone(),
        &target,
        headers,
        body,
    ))
}

/// Where the members of an input went.
#[derive(Default)]
struct Placed {
    labels: Vec<(String, String)>,
    query: Vec<String>,
    headers: HeaderMap,
    body: Members,
}

impl Placed {
    fn put(
        &mut self,
        model: &ServiceModel,
        member: &Member,
        name: &str,
        value: Value,
    ) -> Result<(), ApiError> {
        let kind = &model.shape(member.shape).kind;
        let wire_name = member.wire_name(name);
        // A workflow's parameters have instants as text of one form; headers want another.
        let value = match (kind, value) {
            (Kind::Timestamp(_), Value::String(text)) => {
                timestamp::parse(&text).unwrap_or(Value::String(text))
            }
            (_, value) => value,
        };
        match member.location {
            None => {
                self.body.insert(name.to_owned(), value);
            }
            Some(Location::Uri) => {
                let text = text_of(model, kind, &value, TimestampFormat::Iso8601);
                let text = text.ok_or_else(|| unfit(name))?;
                self.labels.push((wire_name.to_owned(), text));
            }
            Some(Location::QueryString) => self.query(model, kind, wire_name, &value),
            Some(Location::Header) => {
                let text = text_of(model, kind, &value, TimestampFormat::Rfc822);
                self.header(name, wire_name, &text.unwrap_or_default())?;
            }
            Some(Location::Headers) => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    let text = value.as_str().unwrap_or_default();
                    self.header(name, &format!("{wire_name}{key}"), text)?;
                }
            }
            Some(Location::StatusCode) => {}
        }
        Ok(())
    }

    fn header(&mut self, member: &str, name: &str, text: &str) -> Result<(), ApiError> {
        let name: Result<HeaderName, _> = name.parse();
        match (name, HeaderValue::from_str(text)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
                Ok(())
            }
            _ => Err(unfit(member)),
        }
    }

    fn query(&mut self, model: &ServiceModel, kind: &Kind, name: &str, value: &Value) {
        match (kind, value) {
            (Kind::List(element), Value::Array(items)) => {
                let kind = &model.shape(element.shape).kind;
                for item in items {
                    self.query(model, kind, name, item);
                }
            }
            (Kind::Map(_, element), Value::Object(entries)) => {
                let kind = &model.shape(element.shape).kind;
                for (key, entry) in entries {
                    self.query(model, kind, key, entry);
                }
            }
            (kind, value) => {
                if let Some(text) = text_of(model, kind, value, TimestampFormat::Iso8601) {
                    self.query
                        .push(format!("{}={}", escaped(name), escaped(&text)));
                }
            }
        }
    }
}

fn unfit(member: &str) -> ApiError {
    ApiError::validation(format!("The value of {member} can't be sent"))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn path(operation: &Operation, labels: &[(String, String)]) -> Result<String, ApiError> {
    let template = operation.uri.split('?').next().unwrap_or_default();
    let value = |label: &str| {
        let name = label.strip_suffix('+').unwrap_or(label);
        let (_, text) = labels.iter().find(|(known, _)| known == name)?;
        // An empty part would make it the path of another operation.
        if text.is_empty() {
            return None;
        }
        let keeps_slashes = label.ends_with('+');
        let kept = if keeps_slashes {
            UNRESERVED_AND_SLASH
        } else {
            UNRESERVED
        };
        Some(percent_encode(text.as_bytes(), kept).to_string())
    };
    filled(template, value).map_err(|label| {
        let name = label.strip_suffix('+').unwrap_or(label);
        ApiError::validation(format!("{name} must not be null or empty"))
    })
}

/// The body, and the type of its content where a header does not say it.
fn body_of(
    model: &ServiceModel,
    operation: &Operation,
    structure: &Structure,
    mut members: Members,
    payload: Bytes,
) -> Result<(Bytes, &'static str), ApiError> {
    let Some(name) = structure.payload.as_deref() else {
        let has_body = structure
            .members
            .values()
            .any(|member| member.location.is_none());
        let id = operation.input.expect("its structure is at hand");
        return Ok(match model.protocol {
            Protocol::RestXml if members.is_empty() => (Bytes::new(), ""),
            Protocol::RestXml => {
                let (root, namespace) = match &operation.input_element {
                    Some((root, Some(namespace))) => (&**root, &*namespace.uri),
                    Some((root, None)) => (&**root, &*model.xml_namespace),
                    None => (&*model.shape(id).name, &*model.xml_namespace),
                };
                let mut out = xml::Writer::new();
                out.open(root, Some(namespace));
                xml_value::write_members(&mut out, model, structure, &members);
                out.close(root);
                (out.finish().into(), "application/xml")
            }
            _ if !has_body || (members.is_empty() && operation.method == Method::GET) => {
                (Bytes::new(), "")
            }
            _ => (json(model, id, members), "application/json"),
        });
    };
    let member = &structure.members[name];
    let value = members.remove(name);
    Ok(match (&model.shape(member.shape).kind, value) {
        (Kind::Blob, Some(Value::String(text))) if payload.is_empty() => {
            let bytes = STANDARD.decode(text).map_err(|_| unfit(name))?;
            (bytes.into(), blob_type(structure))
        }
        (Kind::String, Some(Value::String(text))) if payload.is_empty() => (text.into(), ""),
        (Kind::Blob | Kind::String, _) if payload.is_empty() => (payload, ""),
        (Kind::Blob | Kind::String, _) => (payload, blob_type(structure)),
        (Kind::Structure(_), None) if model.protocol == Protocol::RestJson => {
            (Bytes::from_static(b"{}"), "application/json")
        }
        (_, None) => (Bytes::new(), ""),
        (_, Some(value)) if model.protocol == Protocol::RestXml => {
            let mut out = xml::Writer::new();
            xml_value::write_member(&mut out, model, member, member.wire_name(name), &value);
            (out.finish().into(), "application/xml")
        }
        (Kind::Structure(_), Some(Value::Object(members))) => {
            (json(model, member.shape, members), "application/json")
        }
        (_, Some(value)) => (to_json(&value).into(), "application/json"),
    })
}

fn json(model: &ServiceModel, id: ShapeId, members: Members) -> Bytes {
    to_json(&Value::Object(json_value::to_wire(model, id, members))).into()
}

/// Where the caller can say the type of bytes, none is made up: S3 keeps it with the object.
fn blob_type(structure: &Structure) -> &'static str {
    let mut members = structure.members.iter();
    if members.any(|(name, member)| {
        let wire_name = member.wire_name(name);
        wire_name.eq_ignore_ascii_case("content-type")
    }) {
        ""
    } else {
        "application/octet-stream"
    }
}

pub(super) fn output(
    model: &ServiceModel,
    operation: &Operation,
    parts: &Parts,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    let Some(id) = operation.output else {
        return Ok((Members::new(), Bytes::new()));
    };
    let structure = model.shape(id).structure().expect("an output is one");
    let (mut output, body) = match structure.payload.as_deref() {
        Some(name) => payload(model, structure, name, body)?,
        None => {
            let has_body = structure
                .members
                .values()
                .any(|member| member.location.is_none());
            let members = if has_body {
                read_structure(model, id, structure, &body)?
            } else {
                Members::new()
            };
            (members, Bytes::new())
        }
    };
    for (name, member) in &structure.members {
        let wire_name = member.wire_name(name);
        let value = match member.location {
            Some(Location::Header) => parts.headers.get(wire_name).map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes());
                from_header(model, model.shape(member.shape), &text)
                    .unwrap_or_else(|_| text.as_ref().into())
            }),
            Some(Location::Headers) => prefixed_headers(&parts.headers, wire_name),
            Some(Location::StatusCode) => Some(parts.status.as_u16().into()),
            None | Some(Location::Uri | Location::QueryString) => None,
        };
        if let Some(value) = value {
            output.insert(name.to_string(), value);
        }
    }
    Ok((output, body))
}

/// The member that is the whole body.
fn payload(
    model: &ServiceModel,
    structure: &Structure,
    name: &str,
    body: Bytes,
) -> Result<(Members, Bytes), ApiError> {
    let member = &structure.members[name];
    let value = match &model.shape(member.shape).kind {
        Kind::Blob => return Ok((Members::new(), body)),
        _ if body.is_empty() => return Ok((Members::new(), body)),
        Kind::String => String::from_utf8_lossy(&body).into(),
        Kind::Structure(inner) => Value::Object(read_structure(model, member.shape, inner, &body)?),
        _ => serde_json::from_slice(&body).map_err(|error| unreadable(&error.to_string()))?,
    };
    Ok((Members::from_iter([(name.to_owned(), value)]), Bytes::new()))
}

fn read_structure(
    model: &ServiceModel,
    id: ShapeId,
    structure: &Structure,
    body: &[u8],
) -> Result<Members, ApiError> {
    if model.protocol == Protocol::RestJson {
        let members = parse_object(body).map_err(|error| unreadable(&error.message))?;
        return Ok(json_value::from_wire(model, id, members));
    }
    if body.is_empty() {
        return Ok(Members::new());
    }
    let root = xml::read(body).map_err(|text| unreadable(&text))?;
    // A copy that fails after its answer has begun says so in a body under status 200.
    if root.name == "Error" {
        return Err(error::of_element(model, 500, &root));
    }
    let members = xml_value::read_members(model, structure, &root, true);
    let mut members = members.map_err(|text| unreadable(&text))?;
    // The root of GetBucketLocation's answer is its only member.
    let mut all = structure.members.iter();
    if let (true, Some((name, member))) = (members.is_empty(), all.next())
        && all.next().is_none()
        && member.wire_name(name) == root.name
        && let Ok(Some(value)) = xml_value::read_element(model, member, &root, true)
        && value != ""
    {
        members.insert(name.to_string(), value);
    }
    Ok(members)
}
