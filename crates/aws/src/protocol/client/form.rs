//! The query protocol's forms, and EC2's dialect of them.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::super::UNRESERVED;
use super::super::query::{entries_at, items_at, member_at};
use crate::model::{Kind, Member, Operation, ServiceModel, Structure, TimestampFormat};
use crate::{Members, timestamp};

pub(super) fn request(
    model: &ServiceModel,
    operation: &Operation,
    input: &Members,
) -> Request<Bytes> {
    let mut form = Form {
        model,
        text: format!("Action={}&Version={}", operation.name, model.api_version),
    };
    if let Some(structure) = operation.input.and_then(|id| model.shape(id).structure()) {
        form.structure(structure, input, "");
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
    );
    super::request(Method::POST, "/", headers, form.text.into())
}

struct Form<'m> {
    model: &'m ServiceModel,
    text: String,
}

impl Form<'_> {
    fn structure(&mut self, structure: &Structure, members: &Members, prefix: &str) {
        for (name, member) in &structure.members {
            if let Some(value) = members.get(&**name) {
                let at = member_at(self.model, member, name, prefix);
                self.value(member, value, &at);
            }
        }
    }

    fn value(&mut self, member: &Member, value: &Value, at: &str) {
        let shape = self.model.shape(member.shape);
        match (&shape.kind, value) {
            (_, Value::Null) => {}
            (Kind::Structure(structure), Value::Object(members)) => {
                self.structure(structure, members, at);
            }
            (Kind::List(_), Value::Array(items)) if items.is_empty() => {
                // An empty list is said by its name alone; EC2 has no way to say it.
                if !self.model.ec2 {
                    self.pair(at, "");
                }
            }
            (Kind::List(element), Value::Array(items)) => {
                let at = items_at(self.model, member, element, at);
                for (index, item) in items.iter().enumerate() {
                    self.value(element, item, &format!("{at}.{}", index + 1));
                }
            }
            (Kind::Map(key, element), Value::Object(entries)) => {
                let at = entries_at(member, element, at);
                for (index, (name, entry)) in entries.iter().enumerate() {
                    let at = format!("{at}.{}", index + 1);
                    self.pair(&format!("{at}.{}", key.wire_name("key")), name);
                    let at = format!("{at}.{}", element.wire_name("value"));
                    self.value(element, entry, &at);
                }
            }
            (Kind::Timestamp(format), value) => {
                let format = format.unwrap_or(TimestampFormat::Iso8601);
                if let Some(text) = timestamp::format(value, format) {
                    self.pair(at, &text);
                }
            }
            (_, Value::String(text)) => self.pair(at, text),
            (_, other) => self.pair(at, &other.to_string()),
        }
    }

    fn pair(&mut self, name: &str, value: &str) {
        self.text.push('&');
        self.text.extend(utf8_percent_encode(name, UNRESERVED));
        self.text.push('=');
        self.text.extend(utf8_percent_encode(value, UNRESERVED));
    }
}
