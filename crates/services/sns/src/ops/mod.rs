//! The operations, a file for each family, and what they share: reading inputs and pages.

pub(crate) mod permissions;
pub(crate) mod publish;
pub(crate) mod subscription_attributes;
pub(crate) mod subscriptions;
pub(crate) mod tags;
pub(crate) mod topics;

use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call, Members};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error;
use crate::name::TopicName;

fn text<'i>(input: &'i Members, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

/// A text that must be there; calls from inside may lack what the model requires.
fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    text(input, name).ok_or_else(|| error::invalid(name))
}

fn texts(input: &Members, name: &str) -> Vec<String> {
    let given = input.get(name).and_then(Value::as_array);
    given
        .into_iter()
        .flatten()
        .filter_map(|text| Some(text.as_str()?.to_owned()))
        .collect()
}

/// A map of texts; what is no text in it is left out.
fn text_map(input: &Members, name: &str) -> BTreeMap<String, String> {
    let given = input.get(name).and_then(Value::as_object);
    given
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn topic_of(call: &Call) -> Result<TopicName, ApiError> {
    TopicName::of_arn(required(&call.input, "TopicArn")?)
}

/// How many items a list shows at once: AWS's number.
const PAGE: usize = 100;

/// An answer with one page of a list, of whose items one more than a page was asked for; `last` is the key of the last
/// one that is shown.
fn page(member: &str, mut items: Vec<(String, Value)>) -> Answer {
    let is_more = items.len() > PAGE;
    items.truncate(PAGE);
    let mut output = Members::new();
    if is_more && let Some((key, _)) = items.last() {
        output.insert("NextToken".into(), URL_SAFE_NO_PAD.encode(key).into());
    }
    let shown: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    output.insert(member.into(), shown.into());
    Answer {
        output,
        ..Answer::default()
    }
}

/// The key after which the asked for page begins.
fn after(input: &Members) -> Result<Option<String>, ApiError> {
    let Some(token) = text(input, "NextToken") else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(key) => Ok(Some(key)),
        None => Err(error::invalid("NextToken")),
    }
}
