use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call, Members};
use serde_json::{Value, json};

use super::{required, texts};
use crate::name::TopicName;
use crate::{Sns, error};

/// AWS's quota.
const TAGS_MAX: usize = 50;

pub(super) fn given(input: &Members) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    let given = input.get("Tags").and_then(Value::as_array);
    for tag in given.into_iter().flatten() {
        let text = |name: &str| tag[name].as_str().unwrap_or_default().to_owned();
        if tags.insert(text("Key"), text("Value")).is_some() {
            return Err(error::invalid("Duplicated keys are not allowed."));
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(error::too_many_tags());
    }
    Ok(tags)
}

fn resource_of(call: &Call) -> Result<TopicName, ApiError> {
    let arn = required(&call.input, "ResourceArn")?;
    TopicName::of_arn(arn).map_err(|_| error::invalid("ResourceArn"))
}

pub(crate) async fn tag(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let tags = given(&call.input)?;
    change(sns, call, |kept| kept.extend(tags)).await
}

pub(crate) async fn untag(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let keys = texts(&call.input, "TagKeys");
    change(sns, call, |kept| kept.retain(|key, _| !keys.contains(key))).await
}

async fn change(
    sns: &Sns,
    call: &Call,
    apply: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<Answer, ApiError> {
    let name = resource_of(call)?;
    let _changing = sns.topics.changing.lock().await;
    let known = sns.topics.find(&name)?.ok_or_else(error::no_resource)?;
    let mut topic = known.topic.clone();
    apply(&mut topic.tags);
    if topic.tags.len() > TAGS_MAX {
        return Err(error::too_many_tags());
    }
    sns.topics.put(&name, &topic).await?;
    Ok(Answer::default())
}

pub(crate) fn list(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let name = resource_of(call)?;
    let known = sns.topics.find(&name)?.ok_or_else(error::no_resource)?;
    let tags = known.topic.tags.iter();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    Ok(Answer::json(json!({"Tags": tags})))
}
