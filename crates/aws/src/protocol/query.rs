//! The query protocol: a form in, XML out.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use serde_json::Value;

use super::{Form, response, status_of, xml, xml_value};
use crate::model::{Kind, Member, Operation, ServiceModel, Shape};
use crate::shape_value::take_text;
use crate::{Answer, ApiError, Members, RequestId};

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
            let at = member_at(self.model, member, name, prefix);
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
                // `Tags=` alone is an empty list.
                if self.form.get(at) == Some("") {
                    return Ok(Some(Value::Array(Vec::new())));
                }
                let at = items_at(self.model, member, element, at);
                let mut items = Vec::new();
                for index in self.indices(&at) {
                    items.extend(self.member(element, &format!("{at}.{index}"))?);
                }
                Ok((!items.is_empty()).then_some(Value::Array(items)))
            }
            Kind::Map(key, element) => {
                let at = entries_at(member, element, at);
                let key_name = key.wire_name("key");
                let value_name = element.wire_name("value");
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

/// The name of a structure's member in a form, under that of the structure.
pub(super) fn member_at(model: &ServiceModel, member: &Member, name: &str, prefix: &str) -> String {
    let name = match (&member.query_name, &member.location_name) {
        (Some(queried), _) if model.ec2 => Cow::Borrowed(&**queried),
        (None, Some(located)) if model.ec2 => {
            let mut letters = located.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            Cow::Owned(first.chain(letters).collect())
        }
        _ => Cow::Borrowed(member.wire_name(name)),
    };
    if prefix.is_empty() {
        name.into_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

/// What stands before the numbers of a list's items.
pub(super) fn items_at(
    model: &ServiceModel,
    member: &Member,
    element: &Member,
    at: &str,
) -> String {
    if model.ec2 {
        return at.to_owned();
    }
    if member.flattened || element.flattened {
        return match (&element.location_name, at.rsplit_once('.')) {
            (Some(name), Some((parent, _))) => format!("{parent}.{name}"),
            (Some(name), None) => name.to_string(),
            (None, _) => at.to_owned(),
        };
    }
    format!("{at}.{}", element.wire_name("member"))
}

/// What stands before the numbers of a map's entries.
pub(super) fn entries_at(member: &Member, element: &Member, at: &str) -> String {
    if member.flattened || element.flattened {
        at.to_owned()
    } else {
        format!("{at}.entry")
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
        let structure = model.shape(output).structure();
        let structure = structure.expect("an output is a structure");
        xml_value::write_members(&mut out, model, structure, &answer.output);
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
