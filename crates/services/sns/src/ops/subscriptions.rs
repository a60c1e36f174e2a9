use aws::{Answer, ApiError, Arn, Call};
use serde_json::{Value, json};
use store::Batch;

use super::subscription_attributes::check_all;
use super::{after, page, required, text, text_map, topic_of};
use crate::inbox::{Kind, Letter};
use crate::model::{Job, JobKey, Subscription, What};
use crate::name::{SubscriptionName, TopicName, is_fifo};
use crate::outbox::New;
use crate::storage::{SUBSCRIPTIONS, TOPICS, put, some_rows};
use crate::topics::Known;
use crate::{Sns, envelope, error};

/// A publish reads all subscriptions of its topic and writes a row for each delivery.
const SUBSCRIPTIONS_MAX: usize = 10_000;

pub(crate) async fn subscribe(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let topic = topic_of(call)?;
    let protocol = required(input, "Protocol")?;
    let endpoint = text(input, "Endpoint").unwrap_or_default();
    let attributes = text_map(input, "Attributes");
    check_endpoint(&topic, protocol, endpoint)?;
    let _changing = sns.topics.changing.lock().await;
    let known = sns.topics.get(&topic)?;
    check_all(&known, None, &attributes)
        .map_err(|refused| refused.within("Attributes Reason: "))?;
    let existing = known.subscriptions.iter().find(|subscriber| {
        let one = &subscriber.subscription;
        one.protocol == protocol && one.endpoint == endpoint
    });
    let (name, subscription) = match existing {
        Some(existing) => {
            let kept = &existing.subscription.attributes;
            if attributes
                .iter()
                .any(|(name, value)| kept.get(name) != Some(value))
            {
                return Err(error::invalid(
                    "Attributes Reason: Subscription already exists with different attributes",
                ));
            }
            let mut subscription = existing.subscription.clone();
            if !subscription.confirmed {
                // It is asked anew, and has two days again.
                subscription.token = token();
                subscription.created = sns.clock.now();
            }
            (existing.name.clone(), subscription)
        }
        None => {
            // DIVERGENCE: AWS allows 12.5 million subscriptions of a topic, here it is 10,000.
            if known.subscriptions.len() >= SUBSCRIPTIONS_MAX {
                return Err(error::too_many_subscriptions());
            }
            let name = SubscriptionName {
                topic: topic.clone(),
                id: uuid::Uuid::new_v4().to_string().into(),
            };
            (name, new(sns, call, &topic, protocol, endpoint))
        }
    };
    let subscription = Subscription {
        attributes: if existing.is_some() {
            subscription.attributes
        } else {
            attributes
        },
        ..subscription
    };
    if existing.is_none() || !subscription.confirmed {
        keep(sns, &name, &subscription).await?;
    }
    let wants_arn = input.get("ReturnSubscriptionArn").and_then(Value::as_bool);
    let arn = if subscription.confirmed || wants_arn == Some(true) {
        name.arn()
    } else {
        "pending confirmation".into()
    };
    Ok(Answer::json(json!({"SubscriptionArn": arn})))
}

fn new(sns: &Sns, call: &Call, topic: &TopicName, protocol: &str, endpoint: &str) -> Subscription {
    let confirmed = match protocol {
        "http" | "https" | "email" | "email-json" => false,
        // A queue of another account is asked; those of one's own and functions are not.
        "sqs" => endpoint
            .parse()
            .is_ok_and(|arn: Arn| *arn.account == *topic.account),
        _ => true,
    };
    Subscription {
        protocol: protocol.into(),
        endpoint: endpoint.into(),
        owner: call.caller.account.to_string(),
        principal: call.caller.arn.to_string(),
        attributes: std::collections::BTreeMap::default(),
        confirmed,
        authenticated: confirmed,
        guarded: false,
        token: token(),
        created: sns.clock.now(),
    }
}

fn token() -> String {
    let random = || uuid::Uuid::new_v4().into_bytes();
    hex::encode([random(), random(), random(), random()].concat())
}

/// Writes a subscription, and asks whether it is wanted if it is not known to be.
async fn keep(
    sns: &Sns,
    name: &SubscriptionName,
    subscription: &Subscription,
) -> Result<(), ApiError> {
    sns.outbox.admit(1)?;
    let mut batch = Batch::default();
    put(&mut batch, SUBSCRIPTIONS, &name.to_string(), subscription);
    let mut jobs = Vec::new();
    if !subscription.confirmed {
        if subscription.protocol.starts_with("email") {
            let letter = question(sns, name, subscription);
            sns.inbox
                .put(&mut batch, &name.topic.account, sns.number(), &letter)?;
        } else {
            let key = JobKey {
                subscription: name.clone(),
                number: sns.number(),
            };
            let job = Job {
                what: What::Confirmation,
                failures: 0,
                due: sns.clock.now(),
            };
            let endpoint = subscription.endpoint.clone();
            jobs.push(New { key, job, endpoint });
        }
    }
    // The row goes with the job, or there might be a question for a subscription that is not.
    sns.outbox.commit(batch, jobs).await?;
    sns.topics.changed(&name.topic);
    Ok(())
}

fn question(sns: &Sns, name: &SubscriptionName, subscription: &Subscription) -> Letter {
    let topic = name.topic.arn();
    let link = sns.links.confirm(name, &subscription.token);
    let id = uuid::Uuid::new_v4().to_string();
    let body = if subscription.protocol == "email-json" {
        envelope::confirmation(&sns.links, name, subscription, &id)
    } else {
        format!(
            "You have chosen to subscribe to the topic:\n{topic}\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n{link}\n"
        )
    };
    Letter {
        kind: Kind::Confirmation,
        to: subscription.endpoint.clone(),
        from: SENDER.into(),
        subject: Some("AWS Notification - Subscription Confirmation".into()),
        body,
        topic_arn: Some(topic),
        message_id: id,
        confirm_url: Some(link),
        token: Some(subscription.token.clone()),
        unsubscribe_url: None,
        sent: envelope::timestamp(sns.clock.now()),
    }
}

/// Whom AWS's emails are from.
pub(super) const SENDER: &str = "AWS Notifications <no-reply@sns.amazonaws.com>";

fn check_endpoint(topic: &TopicName, protocol: &str, endpoint: &str) -> Result<(), ApiError> {
    let is_of = |service: &str| {
        let arn = endpoint.parse();
        arn.is_ok_and(|arn: Arn| arn.service == service)
    };
    let is_email = || {
        let parts = endpoint.split_once('@');
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !endpoint.contains(char::is_whitespace)
    };
    let refusal = match protocol {
        "http" | "https" => {
            let is_address = endpoint
                .parse::<http::Uri>()
                .is_ok_and(|uri| uri.scheme_str() == Some(protocol) && uri.host().is_some());
            (!is_address).then_some("Endpoint must match the specified protocol")
        }
        "email" | "email-json" => (!is_email()).then_some("Email address"),
        "sqs" if !topic.is_fifo() && is_fifo(endpoint) => Some(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        "sqs" => (!is_of("sqs")).then_some("SQS endpoint ARN"),
        "lambda" => (!is_of("lambda")).then_some("Lambda endpoint ARN"),
        "sms" => (!is_phone(endpoint)).then_some("Invalid SMS endpoint"),
        // DIVERGENCE: subscriptions of these two and of `sms` are kept and told, and nothing is delivered to them.
        "application" => (!is_of("sns")).then_some("Application endpoint arn invalid"),
        "firehose" => (!is_of("firehose")).then_some("Firehose endpoint ARN"),
        other => {
            return Err(error::invalid(format!(
                "Does not support this protocol string: {other}"
            )));
        }
    };
    match refusal {
        Some(refusal) => Err(error::invalid(refusal)),
        None if topic.is_fifo() && protocol != "sqs" => {
            Err(error::invalid(format!("Invalid protocol type: {protocol}")))
        }
        None => Ok(()),
    }
}

/// A number in the international form, with or without its plus and the usual signs between digits.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (4..=20).contains(&digits)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-(). ".contains(&byte))
}

pub(crate) async fn confirm(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let topic = topic_of(call)?;
    let token = required(&call.input, "Token")?;
    let guarded = text(&call.input, "AuthenticateOnUnsubscribe");
    let guarded = guarded.is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let name = confirm_by(sns, &topic, token, true, guarded).await?;
    Ok(Answer::json(json!({"SubscriptionArn": name.arn()})))
}

/// Confirms the subscription that a token was made for. To do it again changes nothing.
pub(crate) async fn confirm_by(
    sns: &Sns,
    topic: &TopicName,
    token: &str,
    authenticated: bool,
    guarded: bool,
) -> Result<SubscriptionName, ApiError> {
    let _changing = sns.topics.changing.lock().await;
    let known = sns.topics.get(topic)?;
    let found = known
        .subscriptions
        .iter()
        .find(|subscriber| subscriber.subscription.token == token);
    let subscriber = found.ok_or_else(|| error::invalid("Token"))?;
    let subscription = &subscriber.subscription;
    if subscription.confirmed {
        return Ok(subscriber.name.clone());
    }
    if subscription.is_lapsed(sns.clock.now()) {
        return Err(error::invalid("Token"));
    }
    let subscription = Subscription {
        confirmed: true,
        authenticated,
        guarded,
        ..subscription.clone()
    };
    let mut batch = Batch::default();
    let key = subscriber.name.to_string();
    put(&mut batch, SUBSCRIPTIONS, &key, &subscription);
    sns.topics.commit(topic, batch).await?;
    Ok(subscriber.name.clone())
}

pub(crate) async fn unsubscribe(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = SubscriptionName::of_arn(required(&call.input, "SubscriptionArn")?)
        .ok_or_else(|| error::invalid("SubscriptionArn"))?;
    end(sns, &name).await?;
    Ok(Answer::default())
}

/// Deletes a subscription; one that is not there is no error.
// DIVERGENCE: nobody is told that a subscription was deleted.
pub(crate) async fn end(sns: &Sns, name: &SubscriptionName) -> Result<(), ApiError> {
    let _changing = sns.topics.changing.lock().await;
    let Some(known) = sns.topics.find(&name.topic)? else {
        return Ok(());
    };
    if sns.topics.subscription(name)?.is_none() {
        return Ok(());
    }
    let mut topic = known.topic.clone();
    topic.deleted += 1;
    let mut batch = Batch::default();
    batch.delete(SUBSCRIPTIONS, name.to_string().as_bytes());
    put(&mut batch, TOPICS, &name.topic.to_string(), &topic);
    sns.topics.commit(&name.topic, batch).await
}

pub(crate) fn list(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let place = format!("{}/{}/", call.caller.account, call.caller.region);
    listed(sns, call, &place)
}

pub(crate) fn list_of_topic(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let known: std::sync::Arc<Known> = sns.topics.get(&topic_of(call)?)?;
    listed(sns, call, &format!("{}/", known.name))
}

fn listed(sns: &Sns, call: &Call, prefix: &str) -> Result<Answer, ApiError> {
    let after = after(&call.input)?;
    let rows: Vec<(String, Subscription)> = some_rows(
        &sns.topics.store,
        SUBSCRIPTIONS,
        prefix,
        after.as_deref(),
        super::PAGE + 1,
    )?;
    let subscriptions = rows.into_iter().filter_map(|(key, subscription)| {
        let mut parts = key.splitn(4, '/');
        let topic = TopicName::new(parts.next()?, parts.next()?, parts.next()?);
        let id = parts.next()?.into();
        let shown = subscription.listed(&SubscriptionName { topic, id });
        Some((key, shown))
    });
    Ok(page("Subscriptions", subscriptions.collect()))
}
