//! What a message is: its body, its attributes, their digests and sizes.

use std::collections::BTreeMap;

use aws::{ApiError, Members};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error;
use crate::index::{Seq, Standing};

/// A message's content, which never changes while it is in its queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(crate) attributes: Attributes,
    pub(crate) sender: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deduplication_id: Option<String>,
    /// The ARN of the queue that it was moved from as a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead_letter_source: Option<String>,
}

pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// One attribute, as on the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    #[serde(default)]
    data_type: String,
}

/// How many attributes a message may have: AWS's quota.
const ATTRIBUTES_MAX: usize = 10;
const ATTRIBUTE_NAME_BYTES_MAX: usize = 256;

impl Attribute {
    /// An attribute of type `String`.
    pub(crate) fn of_text(text: &str) -> Self {
        Self {
            string_value: Some(text.to_owned()),
            data_type: "String".into(),
            ..Self::default()
        }
    }

    /// Reads and checks the attribute of that name.
    pub(crate) fn read(name: &str, value: &Value) -> Result<Self, ApiError> {
        let attribute: Self =
            serde_json::from_value(value.clone()).map_err(|_| error::mistyped_attribute(name))?;
        attribute.check(name)?;
        Ok(attribute)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    fn is_binary(&self) -> bool {
        self.data_type.starts_with("Binary")
    }

    fn bytes(&self) -> Vec<u8> {
        if self.is_binary() {
            let base64 = self.binary_value.as_deref().unwrap_or_default();
            // It was read once already, by `check`.
            return STANDARD.decode(base64).unwrap_or_default();
        }
        self.string_value.clone().unwrap_or_default().into_bytes()
    }

    fn check(&self, name: &str) -> Result<(), ApiError> {
        let refuse = |text: String| Err(error::invalid_parameter(text));
        let kind = self.data_type.split('.').next().unwrap_or_default();
        if self.data_type.is_empty() {
            return refuse(format!(
                "The message (user) attribute '{name}' must contain a non-empty message attribute type."
            ));
        }
        if !["String", "Number", "Binary"].contains(&kind) || self.data_type.len() > 256 {
            return refuse(format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String."
            ));
        }
        let value = if self.is_binary() {
            &self.binary_value
        } else {
            &self.string_value
        };
        let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
            return refuse(format!(
                "The message (user) attribute '{name}' must contain a non-empty value of type '{}'.",
                if self.is_binary() { "Binary" } else { "String" }
            ));
        };
        if kind == "Number" && !value.trim().parse().is_ok_and(f64::is_finite) {
            return refuse(format!(
                "Can't cast the value of message (user) attribute '{name}' to a number."
            ));
        }
        if !self.is_binary() {
            return check_characters(value);
        }
        match STANDARD.decode(value) {
            Ok(_) => Ok(()),
            Err(_) => Err(error::mistyped_attribute(name)),
        }
    }
}

/// The attributes of an input, checked.
pub(crate) fn attributes_of(input: &Members, member: &str) -> Result<Attributes, ApiError> {
    let Some(given) = input.get(member).and_then(Value::as_object) else {
        return Ok(Attributes::new());
    };
    if given.len() > ATTRIBUTES_MAX {
        return Err(error::invalid_parameter(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].",
            given.len()
        )));
    }
    let mut attributes = Attributes::new();
    for (name, value) in given {
        check_attribute_name(name)?;
        attributes.insert(name.clone(), Attribute::read(name, value)?);
    }
    Ok(attributes)
}

fn check_attribute_name(name: &str) -> Result<(), ApiError> {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let is_placed = !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    if name.is_empty() || name.len() > ATTRIBUTE_NAME_BYTES_MAX || !is_plain || !is_placed {
        return Err(error::invalid_parameter(format!(
            "The message (user) attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters, and can be up to 256 characters long."
        )));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(error::invalid_parameter(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
        ));
    }
    Ok(())
}

/// XML 1.0's characters, which are all that a message may contain.
pub(crate) fn check_characters(text: &str) -> Result<(), ApiError> {
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_allowed) {
        return Ok(());
    }
    Err(error::invalid_contents())
}

/// What counts against the limit on a message: the body, and names, types and values of the attributes.
pub(crate) fn size(body: &str, attributes: &Attributes) -> usize {
    let attributes = attributes
        .iter()
        .map(|(name, value)| name.len() + value.data_type.len() + value.bytes().len());
    body.len() + attributes.sum::<usize>()
}

/// The digest of a body, in hexadecimal.
pub(crate) fn md5_of_text(text: &str) -> String {
    hex::encode(Md5::digest(text))
}

/// The digest of attributes as the developer guide computes it ("Calculating the MD5 message digest for message
/// attributes"): names in order, each length in four bytes before its text, one byte for the kind of value.
pub(crate) fn md5_of_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>,
) -> String {
    let attributes: BTreeMap<_, _> = attributes.into_iter().collect();
    let mut digest = Md5::new();
    for (name, value) in attributes {
        add(&mut digest, name.as_bytes());
        add(&mut digest, value.data_type.as_bytes());
        digest.update([if value.is_binary() { 2 } else { 1 }]);
        add(&mut digest, &value.bytes());
    }
    hex::encode(digest.finalize())
}

fn add(digest: &mut Md5, bytes: &[u8]) {
    digest.update((bytes.len() as u32).to_be_bytes());
    digest.update(bytes);
}

impl Message {
    /// A system attribute by its name, as text.
    pub(crate) fn system_attribute(
        &self,
        name: &str,
        seq: Seq,
        standing: &Standing,
        fifo: bool,
    ) -> Option<String> {
        match name {
            "SenderId" => Some(self.sender.clone()),
            "SentTimestamp" => Some(standing.sent.0.to_string()),
            "ApproximateReceiveCount" => Some(standing.receives.to_string()),
            "ApproximateFirstReceiveTimestamp" => {
                standing.first_received.map(|first| first.0.to_string())
            }
            "SequenceNumber" => fifo.then(|| sequence_number(seq)),
            "MessageDeduplicationId" => self.deduplication_id.clone(),
            "MessageGroupId" => self.group.clone(),
            "AWSTraceHeader" => self.trace_header.clone(),
            "DeadLetterQueueSourceArn" => self.dead_letter_source.clone(),
            _ => None,
        }
    }
}

/// All system attributes that a received message may have.
pub(crate) const SYSTEM_ATTRIBUTES: [&str; 9] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

/// Twenty digits, as AWS's are.
pub(crate) fn sequence_number(seq: Seq) -> String {
    format!("1{:019}", seq.0)
}

/// Which of a message's own attributes a receive asked for: by name, by prefix (`bar.*`), or all.
pub(crate) fn selected<'a>(
    attributes: &'a Attributes,
    names: &[&str],
) -> Vec<(&'a String, &'a Attribute)> {
    let asked = |name: &str| {
        names.iter().any(|asked| match asked.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => *asked == "All" || *asked == name,
        })
    };
    attributes.iter().filter(|(name, _)| asked(name)).collect()
}

/// Attributes as a received message shows them.
pub(crate) fn wire_attributes(attributes: &[(&String, &Attribute)]) -> Value {
    attributes
        .iter()
        .map(|(name, value)| ((*name).clone(), json!(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(value: Value) -> Result<Attributes, ApiError> {
        let input = json!({"MessageAttributes": value});
        attributes_of(
            input.as_object().expect("it is an object"),
            "MessageAttributes",
        )
    }

    #[test]
    fn the_digest_of_attributes_is_the_developer_guides() {
        // The digests that botocore and the AWS SDK for Java compute for the same attributes.
        let given = attributes(json!({
            "my_attribute_no_2": {"DataType": "String", "StringValue": "World"},
            "my_attribute_no_1": {"DataType": "String", "StringValue": "Hello"},
        }))
        .expect("they are valid");
        let mut bytes = Vec::new();
        for (name, value) in [
            ("my_attribute_no_1", "Hello"),
            ("my_attribute_no_2", "World"),
        ] {
            for text in [name, "String"] {
                bytes.extend((text.len() as u32).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
            bytes.push(1);
            bytes.extend((value.len() as u32).to_be_bytes());
            bytes.extend(value.as_bytes());
        }
        assert_eq!(md5_of_attributes(&given), hex::encode(Md5::digest(&bytes)));
        assert_eq!(md5_of_text("hello"), "5d41402abc4b2a76b9719d911017c592");
    }

    #[test]
    fn attributes_are_chosen_by_name_and_by_prefix() {
        let given = attributes(json!({
            "a": {"DataType": "String", "StringValue": "1"},
            "bar.x": {"DataType": "Number", "StringValue": "2"},
            "bar.y": {"DataType": "Binary.png", "BinaryValue": "AA=="},
        }))
        .expect("they are valid");
        let chosen = |names: &[&str]| -> Vec<&str> {
            let chosen = selected(&given, names);
            chosen.into_iter().map(|(name, _)| name.as_str()).collect()
        };
        assert_eq!(chosen(&["All"]), ["a", "bar.x", "bar.y"]);
        assert_eq!(chosen(&[".*"]), ["a", "bar.x", "bar.y"]);
        assert_eq!(chosen(&["bar.*"]), ["bar.x", "bar.y"]);
        assert_eq!(chosen(&["a", "nothing"]), ["a"]);
        assert!(chosen(&[]).is_empty());
        assert_eq!(size("body", &given), 4 + 1 + 6 + 1 + 5 + 6 + 1 + 5 + 10 + 1);
    }

    #[test]
    fn attributes_that_no_client_could_read_are_refused() {
        for (name, value) in [
            ("a b", json!({"DataType": "String", "StringValue": "x"})),
            (".a", json!({"DataType": "String", "StringValue": "x"})),
            ("a..b", json!({"DataType": "String", "StringValue": "x"})),
            ("AWS.a", json!({"DataType": "String", "StringValue": "x"})),
            ("a", json!({"StringValue": "x"})),
            ("a", json!({"DataType": "Text", "StringValue": "x"})),
            ("a", json!({"DataType": "String", "StringValue": ""})),
            ("a", json!({"DataType": "String", "BinaryValue": "AA=="})),
            ("a", json!({"DataType": "Binary", "StringValue": "x"})),
            ("a", json!({"DataType": "Number", "StringValue": "x"})),
            ("a", json!("x")),
        ] {
            let refused = attributes(json!({name: value})).expect_err("it is not valid");
            assert_eq!(refused.code, "InvalidParameterValue", "{name} {value}");
        }
        let many: Members = (0..11)
            .map(|n| {
                (
                    format!("a{n}"),
                    json!({"DataType": "String", "StringValue": "x"}),
                )
            })
            .collect();
        assert!(attributes(Value::Object(many)).is_err());
        let control = json!({"a": {"DataType": "String", "StringValue": "\u{1}"}});
        assert_eq!(
            attributes(control).expect_err("it is no text").code,
            "InvalidMessageContents"
        );
    }
}
