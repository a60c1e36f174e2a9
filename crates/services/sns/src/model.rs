//! What is kept: topics, subscriptions, messages under way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::filter::{Filter, Scope};
use crate::name::{SubscriptionName, TopicName};

/// A topic's row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Topic {
    /// Those that were set, by the API's names.
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    /// How many of its subscriptions were deleted.
    #[serde(default)]
    pub(crate) deleted: u64,
}

impl Topic {
    pub(crate) fn is(&self, attribute: &str, value: &str) -> bool {
        self.attributes
            .get(attribute)
            .is_some_and(|set| set == value)
    }

    pub(crate) fn signature_version(&self) -> &str {
        let set = self.attributes.get("SignatureVersion");
        set.map_or("1", String::as_str)
    }
}

/// A subscription's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) protocol: String,
    pub(crate) endpoint: String,
    pub(crate) owner: String,
    /// Who subscribed: an ARN.
    pub(crate) principal: String,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) confirmed: bool,
    /// Whether the confirmation was signed; so are subscriptions that need none.
    pub(crate) authenticated: bool,
    /// Whether it can be deleted by a link.
    pub(crate) guarded: bool,
    /// What confirms it.
    pub(crate) token: String,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
}

/// How long a confirmation's token holds: AWS's two days.
const TOKEN_MILLISECONDS: i64 = 48 * 3600 * 1000;

impl Subscription {
    pub(crate) fn is_raw(&self) -> bool {
        let set = self.attributes.get("RawMessageDelivery");
        set.is_some_and(|set| set.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn scope(&self) -> Scope {
        let set = self.attributes.get("FilterPolicyScope");
        set.and_then(|name| Scope::named(name)).unwrap_or_default()
    }

    /// Whether it waited for its confirmation longer than a token holds.
    pub(crate) fn is_lapsed(&self, now: i64) -> bool {
        !self.confirmed && now - self.created > TOKEN_MILLISECONDS
    }

    /// Its filter policy, which was checked when it was set.
    pub(crate) fn filter(&self) -> Option<Filter> {
        let policy = self.attributes.get("FilterPolicy")?;
        Filter::read(policy, self.scope()).ok()
    }

    /// The ARN of the queue for what can't be delivered.
    pub(crate) fn dead_letter_arn(&self) -> Option<String> {
        let policy = self.attributes.get("RedrivePolicy")?;
        let policy: Value = serde_json::from_str(policy).ok()?;
        policy["deadLetterTargetArn"].as_str().map(Into::into)
    }

    /// As the lists show it.
    pub(crate) fn listed(&self, name: &SubscriptionName) -> Value {
        json!({
            "SubscriptionArn": if self.confirmed { name.arn() } else { "PendingConfirmation".into() },
            "Owner": self.owner,
            "Protocol": self.protocol,
            "Endpoint": self.endpoint,
            "TopicArn": name.topic.arn(),
        })
    }
}

/// A message that was published, as long as any of its deliveries is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) subject: Option<String>,
    /// What is for protocols that `by_protocol` does not name.
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) by_protocol: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(crate) attributes: Attributes,
    /// Milliseconds since 1970.
    pub(crate) published: i64,
    pub(crate) signature_version: String,
    pub(crate) group: Option<String>,
    pub(crate) deduplication_id: Option<String>,
    /// Of FIFO topics.
    pub(crate) sequence_number: Option<String>,
}

impl Message {
    pub(crate) fn for_protocol(&self, protocol: &str) -> &str {
        self.by_protocol.get(protocol).unwrap_or(&self.text)
    }

    /// Its attributes as filter policies see them: numbers as numbers, lists as lists, bytes as something.
    pub(crate) fn attributes_as_object(&self) -> Map<String, Value> {
        let value = |attribute: &Attribute| {
            let text = attribute.string_value.as_deref().unwrap_or_default();
            match attribute.data_type.split('.').next() {
                Some("Number") => text.trim().parse::<f64>().map(Value::from).ok(),
                Some("Binary") => Some(json!({})),
                _ if attribute.data_type == "String.Array" => serde_json::from_str(text).ok(),
                _ => None,
            }
            .unwrap_or_else(|| text.into())
        };
        let attributes = self.attributes.iter();
        attributes
            .map(|(name, attribute)| (name.clone(), value(attribute)))
            .collect()
    }

    /// Its body as filter policies see it; none if it is no object.
    pub(crate) fn body_as_object(&self) -> Option<Map<String, Value>> {
        serde_json::from_str(&self.text).ok()
    }
}

pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// One attribute of a message, as on the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub(crate) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    /// Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

impl Attribute {
    pub(crate) fn is_binary(&self) -> bool {
        self.data_type.starts_with("Binary")
    }

    /// The text, or base64.
    pub(crate) fn value(&self) -> &str {
        let value = if self.is_binary() {
            &self.binary_value
        } else {
            &self.string_value
        };
        value.as_deref().unwrap_or_default()
    }
}

/// A delivery that is to be made: what, and how often it failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) what: What,
    pub(crate) failures: u32,
    /// Not before; milliseconds since 1970.
    pub(crate) due: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The message of that id.
    Notification(String),
    /// The question whether the subscription is wanted.
    Confirmation,
}

/// Where a job is to go, which is its key: jobs of a topic are in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobKey {
    pub(crate) subscription: SubscriptionName,
    pub(crate) number: u64,
}

impl JobKey {
    pub(crate) fn text(&self) -> String {
        let SubscriptionName { topic, id } = &self.subscription;
        format!("{topic}/{:020}/{id}", self.number)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '/');
        let topic = TopicName::new(parts.next()?, parts.next()?, parts.next()?);
        let number = parts.next()?.parse().ok()?;
        let id = parts.next()?.into();
        Some(Self {
            subscription: SubscriptionName { topic, id },
            number,
        })
    }
}
