//! What a queue is set to: its attributes as AWS names them, checked, and read once.

use std::collections::BTreeMap;

use aws::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error;
use crate::index::Timestamp;
use crate::name::QueueName;

/// A queue's row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Those that were set, by the API's names; the others have AWS's defaults.
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

/// A row, read.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) row: Row,
    pub(crate) fifo: bool,
    pub(crate) visibility_seconds: u32,
    pub(crate) delay_seconds: u32,
    pub(crate) wait_seconds: u32,
    pub(crate) retention_seconds: u32,
    pub(crate) message_bytes_max: usize,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) content_deduplication: bool,
    /// Whether a deduplication id counts within its message group only.
    pub(crate) deduplicates_in_group: bool,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redrive {
    pub(crate) target: QueueName,
    pub(crate) receives_max: u32,
}

/// An attribute of whole numbers: name, least, greatest, default. From the API reference of CreateQueue.
const NUMBERS: [(&str, u32, u32, u32); 6] = [
    ("DelaySeconds", 0, 900, 0),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400, 300),
    ("MaximumMessageSize", 1024, 1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// An attribute of given words: name, words (the first is the default), whether only FIFO queues have it.
const WORDS: [(&str, [&str; 2], bool); 4] = [
    ("ContentBasedDeduplication", ["false", "true"], true),
    ("DeduplicationScope", ["queue", "messageGroup"], true),
    (
        "FifoThroughputLimit",
        ["perQueue", "perMessageGroupId"],
        true,
    ),
    ("SqsManagedSseEnabled", ["true", "false"], false),
];

/// Attributes of free text, gone when set to nothing.
// DIVERGENCE: policies, redrive-allow policies and encryption keys are kept and told, not applied.
const TEXTS: [&str; 4] = [
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
];

/// Those that the queue tells and nobody sets.
pub(crate) const TOLD: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// How long a text may be: a policy's limit is the longest.
const TEXT_BYTES_MAX: usize = 65_536;

impl Settings {
    pub(crate) fn new(row: Row) -> Self {
        let number = |name: &str| {
            let number = row.attributes.get(name).and_then(|text| text.parse().ok());
            number.unwrap_or_else(|| default_number(name))
        };
        let is = |name: &str, word: &str| row.attributes.get(name).is_some_and(|set| set == word);
        Self {
            fifo: is("FifoQueue", "true"),
            visibility_seconds: number("VisibilityTimeout"),
            delay_seconds: number("DelaySeconds"),
            wait_seconds: number("ReceiveMessageWaitTimeSeconds"),
            retention_seconds: number("MessageRetentionPeriod"),
            message_bytes_max: number("MaximumMessageSize") as usize,
            redrive: row
                .attributes
                .get("RedrivePolicy")
                .and_then(|text| Redrive::read(text).ok()),
            content_deduplication: is("ContentBasedDeduplication", "true"),
            deduplicates_in_group: is("DeduplicationScope", "messageGroup"),
            row,
        }
    }

    /// An attribute as GetQueueAttributes tells it: what was set, or AWS's default.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let set = self.row.attributes.get(name).cloned();
        set.or_else(|| self.default_of(name))
    }

    fn default_of(&self, name: &str) -> Option<String> {
        let is_encrypted_by_key = self.row.attributes.contains_key("KmsMasterKeyId");
        match name {
            "SqsManagedSseEnabled" if is_encrypted_by_key => Some("false".into()),
            "KmsDataKeyReusePeriodSeconds" if !is_encrypted_by_key => None,
            _ => {
                let number = NUMBERS.iter().find(|(known, ..)| *known == name);
                let word = WORDS.iter().find(|(known, ..)| *known == name);
                match (number, word) {
                    (Some((.., default)), _) => Some(default.to_string()),
                    (_, Some((_, [default, _], fifo_only))) if self.fifo || !fifo_only => {
                        Some((*default).to_owned())
                    }
                    _ => None,
                }
            }
        }
    }

    /// The names of all attributes that can be set.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        let numbers = NUMBERS.iter().map(|(name, ..)| *name);
        let words = WORDS.iter().map(|(name, ..)| *name);
        numbers.chain(words).chain(TEXTS).chain(["FifoQueue"])
    }
}

fn default_number(name: &str) -> u32 {
    let known = NUMBERS.iter().find(|(known, ..)| *known == name);
    known.map_or(0, |(.., default)| *default)
}

/// Sets checked attributes in a row; a text of nothing removes what was set.
///
/// # Errors
/// `InvalidAttributeName`, `InvalidAttributeValue`, and `InvalidParameterValue` for redrive policies.
pub(crate) fn set(
    attributes: &mut BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
    fifo: bool,
) -> Result<(), ApiError> {
    for (name, value) in given {
        check(name, value, fifo)?;
        if value.is_empty() {
            attributes.remove(name);
        } else {
            attributes.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}

fn check(name: &str, value: &str, fifo: bool) -> Result<(), ApiError> {
    if let Some((_, least, greatest, _)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
        return match value.parse::<u32>() {
            Ok(number) if (*least..=*greatest).contains(&number) => Ok(()),
            _ => Err(error::bad_attribute(name)),
        };
    }
    if let Some((_, words, fifo_only)) = WORDS.iter().find(|(known, ..)| *known == name) {
        if *fifo_only && !fifo {
            return Err(error::fifo_only(name));
        }
        return if words.contains(&value) {
            Ok(())
        } else {
            Err(error::bad_attribute(name))
        };
    }
    match name {
        "FifoQueue" if value == "true" && fifo => Ok(()),
        // AWS knows no standard queue with this attribute, not even with the value `false`.
        "FifoQueue" if value == "false" => Err(error::unknown_attribute(name)),
        "FifoQueue" => Err(error::bad_attribute(name)),
        "RedrivePolicy" if !value.is_empty() => Redrive::read(value).map(|_| ()),
        "KmsMasterKeyId" if value.len() <= TEXT_BYTES_MAX => Ok(()),
        _ if !TEXTS.contains(&name) => Err(error::unknown_attribute(name)),
        _ if value.is_empty() => Ok(()),
        _ if value.len() > TEXT_BYTES_MAX => Err(error::bad_attribute(name)),
        _ => match serde_json::from_str(value) {
            Ok(Value::Object(_)) => Ok(()),
            _ => Err(error::bad_attribute(name)),
        },
    }
}

/// AWS's quota: the most receives that a redrive policy may allow.
const RECEIVES_MAX: u32 = 1000;

impl Redrive {
    /// Reads a redrive policy; numbers may be written as text.
    pub(crate) fn read(text: &str) -> Result<Self, ApiError> {
        let refuse = |reason: &str| error::bad_value("RedrivePolicy", text, reason);
        let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
            return Err(refuse("Redrive policy is not a valid JSON map."));
        };
        let lacks = |name: &str| {
            refuse(&format!(
                "Redrive policy does not contain mandatory attribute: {name}."
            ))
        };
        let arn = policy
            .get("deadLetterTargetArn")
            .ok_or_else(|| lacks("deadLetterTargetArn"))?;
        let most = policy
            .get("maxReceiveCount")
            .ok_or_else(|| lacks("maxReceiveCount"))?;
        let number = match most {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
        };
        let Some(receives_max) = number.filter(|number| (1..=RECEIVES_MAX).contains(number)) else {
            let shown = most.as_str().map_or_else(|| most.to_string(), Into::into);
            return Err(refuse(&format!(
                "Invalid value for maxReceiveCount: {shown}, valid values are from 1 to {RECEIVES_MAX} both inclusive."
            )));
        };
        let target = arn.as_str().and_then(QueueName::of_arn);
        Ok(Self {
            target: target.ok_or_else(|| refuse("Invalid value for deadLetterTargetArn."))?,
            receives_max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, value: &str, fifo: bool) -> Option<String> {
        let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let refused = set(&mut BTreeMap::new(), &given, fifo).err();
        refused.map(|error| error.to_string())
    }

    #[test]
    fn attributes_are_checked_as_aws_words_it() {
        for (name, value, text) in [
            (
                "VisibilityTimeout",
                "43201",
                "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.",
            ),
            (
                "DelaySeconds",
                "soon",
                "InvalidAttributeValue: Invalid value for the parameter DelaySeconds.",
            ),
            (
                "Policy",
                "{",
                "InvalidAttributeValue: Invalid value for the parameter Policy.",
            ),
            (
                "Colour",
                "red",
                "InvalidAttributeName: Unknown Attribute Colour.",
            ),
            (
                "QueueArn",
                "arn",
                "InvalidAttributeName: Unknown Attribute QueueArn.",
            ),
            (
                "FifoQueue",
                "false",
                "InvalidAttributeName: Unknown Attribute FifoQueue.",
            ),
            (
                "ContentBasedDeduplication",
                "true",
                "InvalidAttributeName: You can specify the ContentBasedDeduplication only when FifoQueue is set to true.",
            ),
            (
                "RedrivePolicy",
                "no",
                "InvalidParameterValue: Value no for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.",
            ),
        ] {
            assert_eq!(refused(name, value, false).as_deref(), Some(text));
        }
        for (name, value, fifo) in [
            ("VisibilityTimeout", "0", false),
            ("Policy", "", false),
            ("Policy", r#"{"Statement": []}"#, false),
            ("FifoQueue", "true", true),
            ("DeduplicationScope", "messageGroup", true),
        ] {
            assert_eq!(refused(name, value, fifo), None, "{name} {value}");
        }
    }

    #[test]
    fn a_redrive_policy_takes_numbers_as_text() {
        let read = |count: &str| {
            let arn = "arn:aws:sqs:us-east-1:000000000000:dead";
            let text = format!(r#"{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": {count}}}"#);
            Redrive::read(&text).map(|redrive| redrive.receives_max)
        };
        assert_eq!(read("3"), Ok(3));
        assert_eq!(read("\"3\""), Ok(3));
        for count in ["0", "1001", "\"x\"", "null", "1.5"] {
            assert!(read(count).is_err(), "{count}");
        }
        assert!(Redrive::read(r#"{"maxReceiveCount": 1}"#).is_err());
    }
}
