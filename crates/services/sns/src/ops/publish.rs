use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use aws::{Answer, ApiError, Call, Members};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use store::Batch;

use super::subscriptions::{SENDER, is_phone};
use super::{required, text, topic_of};
use crate::filter::Scope;
use crate::inbox::{Kind, Letter};
use crate::model::{Attribute, Attributes, Job, JobKey, Message, What};
use crate::name::TopicName;
use crate::outbox::{Durable, New};
use crate::sent::{SentOnce, Unwritten};
use crate::storage::{MESSAGES, SENT, put};
use crate::topics::{Known, Subscriber};
use crate::{Sns, envelope, error};

/// AWS's quota on a message, and on all of a batch.
const BYTES_MAX: usize = 262_144;
const SUBJECT_CHARS_MAX: usize = 100;
const ENTRIES_MAX: usize = 10;

/// How long a FIFO topic knows a message again.
const DEDUPLICATION_MILLISECONDS: i64 = 5 * 60 * 1000;

pub(crate) async fn one(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    if let Some(number) = text(input, "PhoneNumber") {
        return to_phone(sns, call, number).await;
    }
    let arn = text(input, "TopicArn").or_else(|| text(input, "TargetArn"));
    let arn = arn.ok_or_else(|| {
        error::invalid("TopicArn or TargetArn Reason: no value for required parameter")
    })?;
    if arn.contains(":endpoint/") {
        return Err(error::invalid(
            "TargetArn Reason: No endpoint found for the target arn specified",
        ));
    }
    let known = sns.topics.get(&TopicName::of_arn(arn)?)?;
    let message = message(sns, &known, input)?;
    let mut published = publish(sns, &known, vec![message]).await?;
    Ok(Answer::json(published.remove(0)))
}

pub(crate) async fn batch(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let topic = topic_of(call)?;
    let entries = entries(call)?;
    let known = sns.topics.get(&topic)?;
    let mut good = Vec::new();
    let mut failed = Vec::new();
    let mut bytes = 0;
    for (id, entry) in entries {
        match message(sns, &known, entry) {
            Ok(message) => {
                bytes += size(&message);
                good.push((id, message));
            }
            Err(error) => failed.push(json!({
                "Id": id, "Code": error.code, "Message": error.message, "SenderFault": true,
            })),
        }
    }
    if bytes > BYTES_MAX {
        return Err(ApiError::new(
            "BatchRequestTooLong",
            "The length of all the messages put together is more than the limit.",
        ));
    }
    let (ids, messages): (Vec<_>, Vec<_>) = good.into_iter().unzip();
    let published = publish(sns, &known, messages).await?;
    let successful = ids.iter().zip(published).map(|(id, mut answer)| {
        answer["Id"] = (*id).into();
        answer
    });
    let successful: Vec<Value> = successful.collect();
    Ok(Answer::json(
        json!({"Successful": successful, "Failed": failed}),
    ))
}

fn entries(call: &Call) -> Result<Vec<(&str, &Members)>, ApiError> {
    let given = call.input.get("PublishBatchRequestEntries");
    let given: Vec<&Members> = given
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    if given.is_empty() {
        return Err(ApiError::new(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        ));
    }
    if given.len() > ENTRIES_MAX {
        return Err(ApiError::new(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let mut ids = HashSet::new();
    let mut entries = Vec::new();
    for entry in given {
        let id = required(entry, "Id")?;
        let is_plain = id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_plain || !(1..=80).contains(&id.len()) {
            return Err(ApiError::new(
                "InvalidBatchEntryId",
                "The Id of a batch entry in a batch request doesn't abide by the specification.",
            ));
        }
        if !ids.insert(id) {
            return Err(ApiError::new(
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.",
            ));
        }
        entries.push((id, entry));
    }
    Ok(entries)
}

/// A message as a request or an entry of a batch gives it.
fn message(sns: &Sns, known: &Known, input: &Members) -> Result<Message, ApiError> {
    let given = required(input, "Message")?;
    if given.is_empty() {
        return Err(error::invalid("Empty message"));
    }
    let subject = text(input, "Subject");
    if subject.is_some_and(|subject| !is_subject(subject)) {
        return Err(error::invalid("Subject"));
    }
    let by_protocol = match text(input, "MessageStructure") {
        Some("json") => by_protocol(given)?,
        _ => BTreeMap::new(),
    };
    let text_for_all = by_protocol.get("default").map_or(given, String::as_str);
    let mut message = Message {
        id: uuid::Uuid::new_v4().to_string(),
        subject: subject.map(Into::into),
        text: text_for_all.to_owned(),
        by_protocol,
        attributes: attributes(input)?,
        published: sns.clock.now(),
        signature_version: known.topic.signature_version().to_owned(),
        group: text(input, "MessageGroupId").map(Into::into),
        deduplication_id: text(input, "MessageDeduplicationId").map(Into::into),
        sequence_number: None,
    };
    if size(&message).max(given.len()) > BYTES_MAX {
        return Err(error::invalid("Message too long"));
    }
    order(known, &mut message)?;
    Ok(message)
}

/// What a FIFO topic needs, and others do not take.
fn order(known: &Known, message: &mut Message) -> Result<(), ApiError> {
    for (name, id) in [
        ("MessageGroupId", &message.group),
        ("MessageDeduplicationId", &message.deduplication_id),
    ] {
        let is_good = |id: &String| {
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if id.as_ref().is_some_and(|id| !is_good(id)) {
            return Err(error::invalid(format!(
                "{name} Reason: The request includes {name} parameter that is not valid"
            )));
        }
    }
    if !known.name.is_fifo() {
        // A group is passed on to fair queues; to know messages again is for FIFO topics.
        return match message.deduplication_id {
            Some(_) => Err(error::invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            )),
            None => Ok(()),
        };
    }
    if message.group.is_none() {
        return Err(error::invalid(
            "The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    if message.deduplication_id.is_none() {
        if !known.topic.is("ContentBasedDeduplication", "true") {
            return Err(error::invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
        message.deduplication_id = Some(hex::encode(Sha256::digest(&message.text)));
    }
    Ok(())
}

/// Up to a hundred characters, none of them a control character, the first one no blank.
fn is_subject(subject: &str) -> bool {
    (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count())
        && !subject.starts_with(char::is_whitespace)
        && !subject.chars().any(char::is_control)
}

/// The texts of a message of structure `json`.
fn by_protocol(text: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let Ok(texts) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Err(error::invalid(
            "Message Structure - JSON message body failed to parse",
        ));
    };
    let texts: BTreeMap<String, String> = texts
        .into_iter()
        .filter_map(|(protocol, text)| Some((protocol, text.as_str()?.to_owned())))
        .collect();
    if texts.contains_key("default") {
        return Ok(texts);
    }
    Err(error::invalid(
        "Message Structure - No default entry in JSON message body",
    ))
}

fn attributes(input: &Members) -> Result<Attributes, ApiError> {
    let given = input.get("MessageAttributes").and_then(Value::as_object);
    let mut attributes = Attributes::new();
    for (name, value) in given.into_iter().flatten() {
        let attribute: Option<Attribute> = serde_json::from_value(value.clone()).ok();
        let Some(attribute) = attribute.filter(|attribute| !attribute.data_type.is_empty()) else {
            return Err(error::invalid_value(format!(
                "The message attribute '{name}' must contain non-empty message attribute type."
            )));
        };
        check_attribute(name, &attribute)?;
        attributes.insert(name.clone(), attribute);
    }
    Ok(attributes)
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<(), ApiError> {
    let is_name = (1..=256).contains(&name.len())
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if !is_name {
        return Err(error::invalid_value(format!(
            "The message attribute name '{name}' is invalid: it can contain the characters A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.)."
        )));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    if !["String", "Number", "Binary"].contains(&kind) {
        return Err(error::invalid_value(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
        )));
    }
    if attribute.value().is_empty() {
        return Err(error::invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{}'.",
            attribute.data_type
        )));
    }
    if kind == "Number" && !attribute.value().trim().parse().is_ok_and(f64::is_finite) {
        return Err(error::invalid_value(format!(
            "Could not cast message attribute '{name}' value to number."
        )));
    }
    Ok(())
}

fn size(message: &Message) -> usize {
    let attributes = message
        .attributes
        .iter()
        .map(|(name, value)| name.len() + value.data_type.len() + value.value().len());
    message.text.len() + attributes.sum::<usize>()
}

/// Publishes messages together; gives what their answers say. Returns once all is written down.
async fn publish(
    sns: &Sns,
    known: &Arc<Known>,
    messages: Vec<Message>,
) -> Result<Vec<Value>, ApiError> {
    sns.outbox
        .admit(messages.len() * known.subscriptions.len())?;
    let (published, durable) = submit(sns, known, messages)?;
    durable.durable().await?;
    Ok(published)
}

/// Hands messages to the store, those of a FIFO topic in their order; what their answers will say, once they are durable.
fn submit(
    sns: &Sns,
    known: &Known,
    messages: Vec<Message>,
) -> Result<(Vec<Value>, Durable), ApiError> {
    let mut held = known.name.is_fifo().then(|| sns.sent.hold(&known.name));
    let mut batch = Batch::default();
    let mut jobs = Vec::new();
    let mut published = Vec::new();
    let mut sent = Unwritten::new();
    for mut message in messages {
        if let Some(held) = &held {
            let key = deduplication_key(known, &message);
            let earlier = match sent.remove(&key) {
                Some(earlier) => Some(earlier),
                None => sns.sent.find(held, &key)?,
            };
            let earlier = earlier.filter(|sent: &SentOnce| sent.until > message.published);
            let once = earlier.unwrap_or_else(|| {
                message.sequence_number = Some(format!("1{:019}", sns.number()));
                SentOnce {
                    id: message.id.clone(),
                    sequence_number: message.sequence_number.clone(),
                    until: message.published + DEDUPLICATION_MILLISECONDS,
                }
            });
            published.push(json!({"MessageId": once.id, "SequenceNumber": once.sequence_number}));
            put(&mut batch, SENT, &key, &once);
            sent.insert(key, once);
            if message.sequence_number.is_none() {
                continue;
            }
        } else {
            published.push(json!({"MessageId": message.id}));
        }
        address(sns, known, &message, &mut batch, &mut jobs)?;
    }
    if let Some(held) = &mut held {
        held.extend(sent.clone());
    }
    let (all, topic) = (Arc::clone(&sns.sent), known.name.clone());
    let durable = sns.outbox.submit(batch, jobs, move || {
        if !sent.is_empty() {
            all.written(&topic, &sent);
        }
    });
    Ok((published, durable))
}

fn deduplication_key(known: &Known, message: &Message) -> String {
    let id = message.deduplication_id.as_deref().unwrap_or_default();
    let is_by_group = known.topic.is("FifoThroughputScope", "MessageGroup");
    match &message.group {
        Some(group) if is_by_group => format!("{}/{group}\0{id}", known.name),
        _ => format!("{}/{id}", known.name),
    }
}

/// Adds what a message needs to reach those who want it: letters, and jobs with the message itself.
fn address(
    sns: &Sns,
    known: &Known,
    message: &Message,
    batch: &mut Batch,
    jobs: &mut Vec<New>,
) -> Result<(), ApiError> {
    let before = jobs.len();
    let attributes = message.attributes_as_object();
    let body = message.body_as_object();
    for subscriber in &known.subscriptions {
        let wants = match (&subscriber.filter, subscriber.scope) {
            (None, _) => true,
            (Some(filter), Scope::MessageAttributes) => filter.wants(&attributes),
            (Some(filter), Scope::MessageBody) => {
                body.as_ref().is_some_and(|body| filter.wants(body))
            }
        };
        if !wants || !subscriber.subscription.confirmed {
            continue;
        }
        match &*subscriber.subscription.protocol {
            "email" | "email-json" => {
                let letter = letter(sns, known, subscriber, message);
                sns.inbox
                    .put(batch, &known.name.account, sns.number(), &letter)?;
            }
            "sqs" | "lambda" | "http" | "https" => jobs.push(New {
                key: JobKey {
                    subscription: subscriber.name.clone(),
                    number: sns.number(),
                },
                job: Job {
                    what: What::Notification(message.id.clone()),
                    failures: 0,
                    due: message.published,
                },
                endpoint: subscriber.subscription.endpoint.clone(),
            }),
            _ => {}
        }
    }
    if jobs.len() > before {
        put(
            batch,
            MESSAGES,
            &format!("{}/{}", known.name, message.id),
            message,
        );
    }
    Ok(())
}

/// A notification as an email.
fn letter(sns: &Sns, known: &Known, subscriber: &Subscriber, message: &Message) -> Letter {
    let name = &subscriber.name;
    let subscription = &subscriber.subscription;
    let link = sns.links.unsubscribe(name);
    let text = message.for_protocol(&subscription.protocol);
    let body = if subscription.protocol == "email-json" {
        envelope::notification(&sns.links, name, message, "email-json")
    } else {
        format!(
            "{text}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n{link}\n"
        )
    };
    let display_name = known.topic.attributes.get("DisplayName");
    Letter {
        kind: Kind::Notification,
        to: subscription.endpoint.clone(),
        from: match display_name {
            Some(display_name) => format!("{display_name} <no-reply@sns.amazonaws.com>"),
            None => SENDER.into(),
        },
        subject: Some(
            message
                .subject
                .clone()
                .unwrap_or_else(|| "AWS Notification Message".into()),
        ),
        body,
        topic_arn: Some(known.name.arn()),
        message_id: message.id.clone(),
        confirm_url: None,
        token: None,
        unsubscribe_url: Some(link),
        sent: envelope::timestamp(message.published),
    }
}

/// A text message: a letter too.
async fn to_phone(sns: &Sns, call: &Call, number: &str) -> Result<Answer, ApiError> {
    let message = required(&call.input, "Message")?;
    if !is_phone(number) {
        return Err(error::invalid(format!(
            "PhoneNumber Reason: {number} is not valid to publish to"
        )));
    }
    if message.is_empty() {
        return Err(error::invalid("Empty message"));
    }
    if message.len() > BYTES_MAX {
        return Err(error::invalid("Message too long"));
    }
    let id = uuid::Uuid::new_v4().to_string();
    let letter = Letter {
        kind: Kind::Sms,
        to: number.into(),
        from: "AWS".into(),
        subject: text(&call.input, "Subject").map(Into::into),
        body: message.into(),
        topic_arn: None,
        message_id: id.clone(),
        confirm_url: None,
        token: None,
        unsubscribe_url: None,
        sent: envelope::timestamp(sns.clock.now()),
    };
    let mut batch = Batch::default();
    sns.inbox
        .put(&mut batch, &call.caller.account, sns.number(), &letter)?;
    sns.outbox.commit(batch, Vec::new()).await?;
    Ok(Answer::json(json!({"MessageId": id})))
}
