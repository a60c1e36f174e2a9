//! What reaches an endpoint: the envelope that AWS puts around a message, member by member in its order and spacing.

use serde_json::{Value, json};

use crate::model::{Message, Subscription};
use crate::name::SubscriptionName;

/// Where links lead, and how they are written.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// `http://127.0.0.1:4566`
    pub(crate) url: String,
}

// DIVERGENCE: messages are not signed: the signature says so, and there is no certificate behind its address.
const SIGNATURE: &str = "Q2FudGVyIGRvZXMgbm90IHNpZ24gbWVzc2FnZXMu";

impl Links {
    fn page(&self) -> String {
        format!("{}{}", self.url.trim_end_matches('/'), crate::PAGES_PATH)
    }

    fn certificate(&self) -> String {
        format!("{}SimpleNotificationService-unsigned.pem", self.page())
    }

    /// The link that confirms a subscription.
    pub(crate) fn confirm(&self, name: &SubscriptionName, token: &str) -> String {
        format!(
            "{}?Action=ConfirmSubscription&TopicArn={}&Token={token}",
            self.page(),
            name.topic.arn()
        )
    }

    /// The link that ends one.
    pub(crate) fn unsubscribe(&self, name: &SubscriptionName) -> String {
        format!(
            "{}?Action=Unsubscribe&SubscriptionArn={}",
            self.page(),
            name.arn()
        )
    }
}

/// A notification's JSON. Recorded: services/sns_task_service … test_publish_message_attributes.
pub(crate) fn notification(
    links: &Links,
    name: &SubscriptionName,
    message: &Message,
    protocol: &str,
) -> String {
    let mut members = vec![
        ("Type", json!("Notification")),
        ("MessageId", json!(message.id)),
    ];
    if let Some(number) = &message.sequence_number {
        members.push(("SequenceNumber", json!(number)));
    }
    members.push(("TopicArn", json!(name.topic.arn())));
    if let Some(subject) = &message.subject {
        members.push(("Subject", json!(subject)));
    }
    members.push(("Message", json!(message.for_protocol(protocol))));
    members.push(("Timestamp", json!(timestamp(message.published))));
    // FIFO topics' messages have no signature on AWS either.
    if message.sequence_number.is_none() {
        members.push(("SignatureVersion", json!(message.signature_version)));
        members.push(("Signature", json!(SIGNATURE)));
        members.push(("SigningCertURL", json!(links.certificate())));
    }
    members.push(("UnsubscribeURL", json!(links.unsubscribe(name))));
    if !message.attributes.is_empty() {
        members.push(("MessageAttributes", attributes(message)));
    }
    written(&members)
}

fn attributes(message: &Message) -> Value {
    let attributes = message.attributes.iter().map(|(name, attribute)| {
        let shown = json!({"Type": attribute.data_type, "Value": attribute.value()});
        (name.clone(), shown)
    });
    Value::Object(attributes.collect())
}

/// The question whether a subscription is wanted.
pub(crate) fn confirmation(
    links: &Links,
    name: &SubscriptionName,
    subscription: &Subscription,
    id: &str,
) -> String {
    let topic = name.topic.arn();
    written(&[
        ("Type", json!("SubscriptionConfirmation")),
        ("MessageId", json!(id)),
        ("Token", json!(subscription.token)),
        ("TopicArn", json!(topic)),
        (
            "Message",
            json!(format!(
                "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
            )),
        ),
        (
            "SubscribeURL",
            json!(links.confirm(name, &subscription.token)),
        ),
        ("Timestamp", json!(timestamp(subscription.created))),
        ("SignatureVersion", json!("1")),
        ("Signature", json!(SIGNATURE)),
        ("SigningCertURL", json!(links.certificate())),
    ])
}

/// The event of a Lambda function, whose members are spelt in a way of their own.
pub(crate) fn lambda_event(links: &Links, name: &SubscriptionName, message: &Message) -> Value {
    json!({"Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": name.arn(),
        "Sns": {
            "Type": "Notification",
            "MessageId": message.id,
            "TopicArn": name.topic.arn(),
            "Subject": message.subject,
            "Message": message.for_protocol("lambda"),
            "Timestamp": timestamp(message.published),
            "SignatureVersion": message.signature_version,
            "Signature": SIGNATURE,
            "SigningCertUrl": links.certificate(),
            "UnsubscribeUrl": links.unsubscribe(name),
            "MessageAttributes": attributes(message),
        },
    }]})
}

/// `2026-11-22T17:00:00.000Z`
pub(crate) fn timestamp(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
        .unwrap_or_default()
}

/// A line a member, as AWS writes it: some endpoints read it line by line.
fn written(members: &[(&str, Value)]) -> String {
    let lines: Vec<String> = members
        .iter()
        .map(|(name, value)| match value {
            Value::Object(inside) => {
                let lines: Vec<String> = inside
                    .iter()
                    .map(|(name, value)| format!("    {} : {value}", json!(name)))
                    .collect();
                format!("  \"{name}\" : {{\n{}\n  }}", lines.join(",\n"))
            }
            value => format!("  \"{name}\" : {value}"),
        })
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Attribute;

    #[test]
    fn a_notification_has_aws_s_members_in_its_order() {
        let links = Links {
            url: "http://h:1/".into(),
        };
        let arn = "arn:aws:sns:us-east-1:000000000000:t:id";
        let name = SubscriptionName::of_arn(arn).expect("it is one");
        let attribute = Attribute {
            data_type: "String".into(),
            string_value: Some("v".into()),
            binary_value: None,
        };
        let message = Message {
            id: "m".into(),
            subject: Some("s".into()),
            text: "say \"hello\"".into(),
            by_protocol: [("sqs".to_owned(), "for queues".to_owned())].into(),
            attributes: [("a".to_owned(), attribute)].into(),
            published: 1_795_366_800_123,
            signature_version: "1".into(),
            group: None,
            deduplication_id: None,
            sequence_number: None,
        };
        assert_eq!(
            notification(&links, &name, &message, "http"),
            r#"{
  "Type" : "Notification",
  "MessageId" : "m",
  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:t",
  "Subject" : "s",
  "Message" : "say \"hello\"",
  "Timestamp" : "2026-11-22T17:00:00.123Z",
  "SignatureVersion" : "1",
  "Signature" : "Q2FudGVyIGRvZXMgbm90IHNpZ24gbWVzc2FnZXMu",
  "SigningCertURL" : "http://h:1/_aws/sns/SimpleNotificationService-unsigned.pem",
  "UnsubscribeURL" : "http://h:1/_aws/sns/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:id",
  "MessageAttributes" : {
    "a" : {"Type":"String","Value":"v"}
  }
}"#
        );
        let for_queues: Value =
            serde_json::from_str(&notification(&links, &name, &message, "sqs")).expect("JSON");
        assert_eq!(for_queues["Message"], "for queues");
    }
}
