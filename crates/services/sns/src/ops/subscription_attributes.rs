use std::collections::BTreeMap;

use aws::{Answer, ApiError, Arn, Call};
use serde_json::{Map, Value, json};
use store::Batch;

use super::{required, text};
use crate::filter::{Filter, Scope};
use crate::model::Subscription;
use crate::name::SubscriptionName;
use crate::storage::{SUBSCRIPTIONS, put};
use crate::topics::Known;
use crate::{Sns, error};

/// AWS's quota on the filter policies of a topic.
const FILTERS_MAX: usize = 200;

/// Why an attribute is not set.
pub(super) enum Refused {
    Unknown(String),
    Invalid(String),
    TooManyFilters,
}

impl Refused {
    /// As the operation words it that put `before` before the reason.
    pub(super) fn within(self, before: &str) -> ApiError {
        match self {
            Self::Unknown(name) => error::invalid(format!("{before}Unknown attribute {name}")),
            Self::Invalid(reason) => error::invalid(format!("{before}{reason}")),
            Self::TooManyFilters => error::too_many_filters(),
        }
    }
}

/// Checks attributes that a subscription is to have; `of` is the one that has others already.
pub(super) fn check_all(
    known: &Known,
    of: Option<&Subscription>,
    attributes: &BTreeMap<String, String>,
) -> Result<(), Refused> {
    let kept = |name: &str| of.and_then(|of| of.attributes.get(name));
    let scope = attributes
        .get("FilterPolicyScope")
        .or_else(|| kept("FilterPolicyScope"));
    let scope = scope
        .and_then(|name| Scope::named(name))
        .unwrap_or_default();
    for (name, value) in attributes {
        check(name, value, scope)?;
    }
    // A policy that was set before must be one in the new scope too.
    if attributes.contains_key("FilterPolicyScope")
        && let Some(policy) = attributes
            .get("FilterPolicy")
            .or_else(|| kept("FilterPolicy"))
    {
        check("FilterPolicy", policy, scope)?;
    }
    let adds_filter = attributes.contains_key("FilterPolicy") && kept("FilterPolicy").is_none();
    let filters = known
        .subscriptions
        .iter()
        .filter(|one| one.filter.is_some());
    if adds_filter && filters.count() >= FILTERS_MAX {
        return Err(Refused::TooManyFilters);
    }
    Ok(())
}

fn check(name: &str, value: &str, scope: Scope) -> Result<(), Refused> {
    let is_json = || matches!(serde_json::from_str(value), Ok(Value::Object(_)));
    let is_good = match name {
        "RawMessageDelivery" => ["true", "false"].contains(&&*value.to_lowercase()),
        "FilterPolicyScope" => Scope::named(value).is_some(),
        "FilterPolicy" | "RedrivePolicy" if value.is_empty() => true,
        "FilterPolicy" => {
            Filter::read(value, scope)
                .map_err(|reason| Refused::Invalid(format!("FilterPolicy: {reason}")))?;
            true
        }
        "RedrivePolicy" => return check_redrive(value),
        "DeliveryPolicy" | "ReplayPolicy" => value.is_empty() || is_json(),
        "SubscriptionRoleArn" => value.parse::<Arn>().is_ok(),
        other => return Err(Refused::Unknown(other.into())),
    };
    if is_good {
        return Ok(());
    }
    Err(Refused::Invalid(format!(
        "{name}: Invalid value [{value}]."
    )))
}

fn check_redrive(value: &str) -> Result<(), Refused> {
    let policy: Option<Value> = serde_json::from_str(value).ok();
    let Some(policy) = policy.filter(Value::is_object) else {
        return Err(Refused::Invalid(
            "RedrivePolicy: failed to parse JSON.".into(),
        ));
    };
    let arn = policy["deadLetterTargetArn"].as_str();
    match arn.and_then(|arn| arn.parse().ok()) {
        Some(Arn { service, .. }) if service == "sqs" => Ok(()),
        _ => Err(Refused::Invalid(
            "RedrivePolicy: deadLetterTargetArn is an invalid arn".into(),
        )),
    }
}

fn named(call: &Call) -> Result<SubscriptionName, ApiError> {
    SubscriptionName::of_arn(required(&call.input, "SubscriptionArn")?)
        .ok_or_else(|| error::invalid("SubscriptionArn"))
}

pub(crate) fn get(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = named(call)?;
    let subscription = sns
        .topics
        .subscription(&name)?
        .ok_or_else(error::no_subscription)?;
    let mut attributes: Map<String, Value> = Map::new();
    for (name, value) in [
        ("SubscriptionArn", name.arn()),
        ("TopicArn", name.topic.arn()),
        ("Owner", subscription.owner.clone()),
        ("SubscriptionPrincipal", subscription.principal.clone()),
        ("Protocol", subscription.protocol.clone()),
        ("Endpoint", subscription.endpoint.clone()),
        ("PendingConfirmation", (!subscription.confirmed).to_string()),
        (
            "ConfirmationWasAuthenticated",
            subscription.authenticated.to_string(),
        ),
        ("RawMessageDelivery", "false".into()),
    ] {
        attributes.insert(name.into(), value.into());
    }
    if subscription.protocol.starts_with("http") {
        let policy = super::topics::effective_delivery_policy();
        let policy = json!({
            "healthyRetryPolicy": policy["http"]["defaultHealthyRetryPolicy"],
            "requestPolicy": policy["http"]["defaultRequestPolicy"],
        });
        attributes.insert("EffectiveDeliveryPolicy".into(), policy.to_string().into());
    }
    for (name, value) in &subscription.attributes {
        attributes.insert(name.clone(), value.clone().into());
    }
    if subscription.attributes.contains_key("FilterPolicy") {
        attributes
            .entry("FilterPolicyScope")
            .or_insert_with(|| "MessageAttributes".into());
    }
    Ok(Answer::json(json!({"Attributes": attributes})))
}

pub(crate) async fn set(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = named(call)?;
    let attribute = required(&call.input, "AttributeName")?;
    let value = text(&call.input, "AttributeValue").unwrap_or_default();
    let _changing = sns.topics.changing.lock().await;
    let mut subscription = sns
        .topics
        .subscription(&name)?
        .ok_or_else(error::no_subscription)?;
    let known = sns.topics.get(&name.topic)?;
    let given = BTreeMap::from([(attribute.to_owned(), value.to_owned())]);
    check_all(&known, Some(&subscription), &given).map_err(|refused| match refused {
        Refused::Unknown(_) => error::invalid("AttributeName"),
        refused => refused.within(""),
    })?;
    // An empty policy is none.
    if value.is_empty() || (attribute == "FilterPolicy" && value.trim() == "{}") {
        subscription.attributes.remove(attribute);
    } else {
        subscription
            .attributes
            .insert(attribute.into(), value.into());
    }
    let mut batch = Batch::default();
    put(&mut batch, SUBSCRIPTIONS, &name.to_string(), &subscription);
    sns.topics.commit(&name.topic, batch).await?;
    Ok(Answer::default())
}
