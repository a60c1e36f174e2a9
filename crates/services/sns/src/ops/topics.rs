use aws::{Answer, ApiError, Call};
use serde_json::{Map, Value, json};
use store::Batch;

use super::{after, page, required, text, text_map, topic_of};
use crate::model::Topic;
use crate::name::TopicName;
use crate::storage::{MESSAGES, OUTBOX, SENT, SUBSCRIPTIONS, TOPICS, some_rows};
use crate::{Sns, error};

pub(crate) async fn create(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let given = text_map(input, "Attributes");
    let fifo = given.get("FifoTopic").is_some_and(|value| value == "true");
    let name = required(input, "Name")?;
    let name = TopicName::new(&call.caller.account, &call.caller.region, name);
    name.check(fifo)?;
    let mut topic = Topic {
        tags: super::tags::given(input)?,
        ..Topic::default()
    };
    for (attribute, value) in &given {
        set(&mut topic, attribute, value, fifo)
            .map_err(|reason| error::invalid(format!("Attributes Reason: {reason}")))?;
    }
    let _changing = sns.topics.changing.lock().await;
    match sns.topics.find(&name)? {
        Some(existing) => {
            let existing = &existing.topic;
            let differs = |attribute: &String| {
                existing.attributes.get(attribute) != topic.attributes.get(attribute)
            };
            if given.keys().any(differs) {
                return Err(error::invalid(
                    "Attributes Reason: Topic already exists with different attributes",
                ));
            }
            if !topic.tags.is_empty() && topic.tags != existing.tags {
                return Err(error::invalid(
                    "Tags Reason: Topic already exists with different tags",
                ));
            }
        }
        None => sns.topics.put(&name, &topic).await?,
    }
    Ok(Answer::json(json!({"TopicArn": name.arn()})))
}

/// Attributes that take what they are given.
const FREE: [&str; 5] = [
    "ArchivePolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "SignatureVersion",
];

/// How long an attribute may be: AWS's limit on a policy.
const VALUE_BYTES_MAX: usize = 30_720;

/// Checks and sets an attribute; what is wrong with it otherwise.
fn set(topic: &mut Topic, name: &str, value: &str, fifo: bool) -> Result<(), String> {
    let is_flag = ["true", "false"].contains(&value);
    let is_json = || matches!(serde_json::from_str(value), Ok(Value::Object(_)));
    let is_feedback = ["FeedbackRoleArn", "FeedbackSampleRate"]
        .iter()
        .any(|end| name.ends_with(end));
    let is_good = match name {
        "FifoTopic" => is_flag,
        "ContentBasedDeduplication" => fifo && is_flag,
        "TracingConfig" => ["Active", "PassThrough"].contains(&value),
        "SignatureVersion" => ["1", "2"].contains(&value),
        "Policy" | "DeliveryPolicy" => value.is_empty() || is_json(),
        name if FREE.contains(&name) || is_feedback => true,
        name => return Err(format!("Unknown attribute {name}")),
    };
    if !is_good || value.len() > VALUE_BYTES_MAX {
        return Err(format!("Invalid value [{value}] for attribute {name}"));
    }
    // AWS tells of a FIFO topic that it is one, and nothing of others.
    if value.is_empty() || (name == "FifoTopic" && value == "false") {
        topic.attributes.remove(name);
    } else {
        topic.attributes.insert(name.into(), value.into());
    }
    Ok(())
}

pub(crate) async fn set_attribute(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = topic_of(call)?;
    let attribute = required(&call.input, "AttributeName")?;
    let value = text(&call.input, "AttributeValue").unwrap_or_default();
    let _changing = sns.topics.changing.lock().await;
    let known = sns.topics.get(&name)?;
    let mut topic = known.topic.clone();
    if attribute == "FifoTopic" {
        return Err(error::invalid("AttributeName"));
    }
    set(&mut topic, attribute, value, name.is_fifo()).map_err(|reason| {
        if reason.starts_with("Unknown") {
            error::invalid("AttributeName")
        } else {
            error::invalid(reason)
        }
    })?;
    sns.topics.put(&name, &topic).await?;
    Ok(Answer::default())
}

pub(crate) fn attributes(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = topic_of(call)?;
    let known = sns.topics.get(&name)?;
    let confirmed = known
        .subscriptions
        .iter()
        .filter(|subscriber| subscriber.subscription.confirmed)
        .count();
    let pending = known.subscriptions.len() - confirmed;
    let mut attributes: Map<String, Value> = Map::new();
    for (name, value) in [
        (
            "Policy",
            super::permissions::policy_of(&name, &known.topic).to_string(),
        ),
        ("Owner", name.account.to_string()),
        ("SubscriptionsPending", pending.to_string()),
        ("TopicArn", name.arn()),
        (
            "EffectiveDeliveryPolicy",
            effective_delivery_policy().to_string(),
        ),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("DisplayName", String::new()),
        ("SubscriptionsDeleted", known.topic.deleted.to_string()),
    ] {
        attributes.insert(name.into(), value.into());
    }
    if name.is_fifo() {
        attributes.insert("ContentBasedDeduplication".into(), "false".into());
    }
    for (name, value) in &known.topic.attributes {
        attributes.insert(name.clone(), value.clone().into());
    }
    Ok(Answer::json(json!({"Attributes": attributes})))
}

/// AWS's default, which holds for all.
pub(crate) fn effective_delivery_policy() -> Value {
    json!({"http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }})
}

pub(crate) fn list(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let place = format!("{}/{}/", call.caller.account, call.caller.region);
    let after = after(&call.input)?;
    let rows: Vec<(String, Topic)> = some_rows(
        &sns.topics.store,
        TOPICS,
        &place,
        after.as_deref(),
        super::PAGE + 1,
    )?;
    let topics = rows.into_iter().map(|(key, _)| {
        let name = TopicName::new(
            &call.caller.account,
            &call.caller.region,
            &key[place.len()..],
        );
        (key, json!({"TopicArn": name.arn()}))
    });
    Ok(page("Topics", topics.collect()))
}

/// Deletes a topic, its subscriptions and what is under way to them; one that is not there is no error.
pub(crate) async fn delete(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = topic_of(call)?;
    let _changing = sns.topics.changing.lock().await;
    let prefix = format!("{name}/");
    for table in [SUBSCRIPTIONS, OUTBOX, MESSAGES, SENT] {
        loop {
            let rows = sns
                .topics
                .store
                .prefix(table, prefix.as_bytes(), store::Order::Ascending, 256)
                .map_err(|error| error::stored(&error))?;
            if rows.is_empty() {
                break;
            }
            let mut batch = Batch::default();
            for (key, _) in rows {
                batch.delete(table, &key);
            }
            sns.topics.commit(&name, batch).await?;
        }
    }
    let mut batch = Batch::default();
    batch.delete(TOPICS, name.to_string().as_bytes());
    sns.topics.commit(&name, batch).await?;
    Ok(Answer::default())
}
