//! The query protocol: a form in, XML out.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use serde_json::Value;

use super::{Form, response, status_of, xml};
use crate::model::{Kind, Member, Operation, ServiceModel, Shape, TimestampFormat};
use crate::shape_value::take_text;
use crate::{Answer, ApiError, Members, RequestId, timestamp};

pub(super) fn find_operation<'m>(
    model: &'m ServiceModel,
    parts: &Parts,
    body: &[u8],
) -> Result<&'m Operation, ApiError> {
    let form = read_form(parts, body)?;
    let Some(action) = form.get("Action") else {
        return Err(ApiError::new(
            "MissingAction",
            "Action parameter is missing from the request",
        ));
    };
    model.operation(action).ok_or_else(|| {
        let version = form.get("Version").unwrap_or(&model.api_version);
        ApiError::new(
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        )
    })
}

fn read_form(parts: &Parts, body: &[u8]) -> Result<Form, ApiError> {
    let malformed =
        |error: super::FormError| ApiError::new("MalformedQueryString", error.to_string());
    let mut form =
        Form::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(malformed)?;
    form.extend(Form::parse(body).map_err(malformed)?);
    Ok(form)
}

pub(super) fn decode(
    model: &ServiceModel,
    operation: &Operation,
    parts: &Parts,
    body: &[u8],
) -> Result<Members, ApiError> {
    let Some(input) = operation.input else {
        return Ok(Members::new());
    };
    let form = read_form(parts, body)?;
    let reader = Reader { model, form: &form };
    reader
        .structure(model.shape(input), "")
        .map_err(|text| ApiError::new("MalformedInput", text))
}

struct Reader<'a> {
    model: &'a ServiceModel,
    form: &'a Form,
}

// Each level of the value is a further segment of some name that was sent, so the depth is bounded by the body.
impl Reader<'_> {
    fn structure(&self, shape: &Shape, prefix: &str) -> Result<Members, String> {
        let mut members = Members::new();
        let structure = shape.structure().expect("called for structures");
        for (name, member) in &structure.members {
            let wire_name = member.location_name.as_deref().unwrap_or(name);
            let at = if prefix.is_empty() {
                wire_name.to_owned()
            } else {
                format!("{prefix}.{wire_name}")
            };
            if let Some(value) = self.member(member, &at)? {
                members.insert(name.to_string(), value);
            }
        }
        Ok(members)
    }

    fn member(&self, member: &Member, at: &str) -> Result<Option<Value>, String> {
        let shape = self.model.shape(member.shape);
        match &shape.kind {
            Kind::List(element) => {
                let at = if member.flattened || element.flattened {
                    match (&element.location_name, at.rsplit_once('.')) {
                        (Some(name), Some((parent, _))) => format!("{parent}.{name}"),
                        (Some(name), None) => name.to_string(),
                        (None, _) => at.to_owned(),
                    }
                } else {
                    // `Tags=` alone is an empty list.
                    if self.form.get(at) == Some("") {
                        return Ok(Some(Value::Array(Vec::new())));
                    }
                    let name = element.location_name.as_deref().unwrap_or("member");
                    format!("{at}.{name}")
                };
                let mut items = Vec::new();
                for index in self.indices(&at) {
                    items.extend(self.member(element, &format!("{at}.{index}"))?);
                }
                Ok((!items.is_empty()).then_some(Value::Array(items)))
            }
            Kind::Map(key, element) => {
                let at = if member.flattened || element.flattened {
                    at.to_owned()
                } else {
                    format!("{at}.entry")
                };
                let key_name = key.location_name.as_deref().unwrap_or("key");
                let value_name = element.location_name.as_deref().unwrap_or("value");
                let mut entries = Members::new();
                for index in self.indices(&at) {
                    let key = self.form.get(&format!("{at}.{index}.{key_name}"));
                    let value = self.member(element, &format!("{at}.{index}.{value_name}"))?;
                    if let (Some(key), Some(value)) = (key, value) {
                        entries.insert(key.to_owned(), value);
                    }
                }
                Ok((!entries.is_empty()).then_some(Value::Object(entries)))
            }
            Kind::Structure(_) => {
                if !self.form.has(at) {
                    return Ok(None);
                }
                self.structure(shape, at)
                    .map(|members| Some(Value::Object(members)))
            }
            _ => self
                .form
                .get(at)
                .map(|text| take_text(shape, text))
                .transpose(),
        }
    }

    fn indices(&self, prefix: &str) -> BTreeSet<u32> {
        self.form
            .under(prefix)
            .filter_map(|segment| segment.parse().ok())
            .collect()
    }
}

pub(super) fn encode(
    model: &ServiceModel,
    operation: &Operation,
    answer: Answer,
    request_id: &RequestId,
) -> Response<Bytes> {
    let root = format!("{}Response", operation.name);
    let mut out = xml::Writer::new();
    out.open(&root, Some(&model.xml_namespace));
    if let Some(output) = operation.output {
        if let Some(wrapper) = &operation.result_wrapper {
            out.open(wrapper, None);
        }
        write_members(&mut out, model, model.shape(output), &answer.output);
        if let Some(wrapper) = &operation.result_wrapper {
            out.close(wrapper);
        }
    }
    out.open("ResponseMetadata", None);
    out.text("RequestId", &request_id.0);
    out.close("ResponseMetadata");
    out.close(&root);
    response(
        answer.status.unwrap_or(operation.status),
        "text/xml",
        out.finish(),
    )
}

fn write_members(out: &mut xml::Writer, model: &ServiceModel, shape: &Shape, members: &Members) {
    for (name, member) in shape
        .structure()
        .iter()
        .flat_map(|structure| &structure.members)
    {
        if let Some(value) = members.get(&**name) {
            let name = member.location_name.as_deref().unwrap_or(name);
            write_member(out, model, member, name, value);
        }
    }
}

fn write_member(
    out: &mut xml::Writer,
    model: &ServiceModel,
    member: &Member,
    name: &str,
    value: &Value,
) {
    let shape = model.shape(member.shape);
    match (&shape.kind, value) {
        (_, Value::Null) => {}
        (Kind::Structure(_), Value::Object(members)) => {
            out.open(name, None);
            write_members(out, model, shape, members);
            out.close(name);
        }
        (Kind::List(element), Value::Array(items)) => {
            let flat = member.flattened || element.flattened;
            let item_name = match element.location_name.as_deref() {
                Some(item_name) => item_name,
                None if flat => name,
                None => "member",
            };
            if !flat {
                out.open(name, None);
            }
            for item in items {
                write_member(out, model, element, item_name, item);
            }
            if !flat {
                out.close(name);
            }
        }
        (Kind::Map(key, element), Value::Object(entries)) => {
            let flat = member.flattened || element.flattened;
            let entry_name = if flat { name } else { "entry" };
            if !flat {
                out.open(name, None);
            }
            for (entry_key, entry) in entries {
                out.open(entry_name, None);
                out.text(key.location_name.as_deref().unwrap_or("key"), entry_key);
                let value_name = element.location_name.as_deref().unwrap_or("value");
                write_member(out, model, element, value_name, entry);
                out.close(entry_name);
            }
            if !flat {
                out.close(name);
            }
        }
        (Kind::Timestamp(format), value) => {
            let format = format.unwrap_or(TimestampFormat::Iso8601);
            if let Some(text) = timestamp::format(value, format) {
                out.text(name, &text);
            }
        }
        (_, Value::String(text)) => out.text(name, text),
        (_, other) => out.text(name, &other.to_string()),
    }
}

pub(super) fn encode_error(
    model: &ServiceModel,
    error: &ApiError,
    request_id: &RequestId,
) -> Response<Bytes> {
    // Services may name an error by its shape; the wire has the code.
    let code = model
        .error(&error.code)
        .and_then(|shape| shape.error.as_ref()?.code.clone());
    let error = match code {
        Some(code) => &ApiError {
            code: String::from(code).into(),
            ..error.clone()
        },
        None => error,
    };
    let status = status_of(model, error);
    error_document(
        &model.xml_namespace,
        &error.clone().with_status(status),
        request_id,
    )
}

pub(super) fn error_document(
    namespace: &str,
    error: &ApiError,
    request_id: &RequestId,
) -> Response<Bytes> {
    let mut out = xml::Writer::new();
    out.open("ErrorResponse", Some(namespace));
    out.open("Error", None);
    out.text(
        "Type",
        if error.status < 500 {
            "Sender"
        } else {
            "Receiver"
        },
    );
    out.text("Code", &error.code);
    out.text("Message", &error.message);
    out.close("Error");
    out.text("RequestId", &request_id.0);
    out.close("ErrorResponse");
    response(error.status, "text/xml", out.finish())
}
