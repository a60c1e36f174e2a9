//! Statements of a topic's policy.

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{required, texts, topic_of};
use crate::model::Topic;
use crate::name::TopicName;
use crate::{Sns, error};

/// What the owner's account may do, as the default policy says.
const ACTIONS: [&str; 8] = [
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
];

/// A topic's policy, or AWS's default one.
// DIVERGENCE: policies are kept and told, and never evaluated.
pub(super) fn policy_of(name: &TopicName, topic: &Topic) -> Value {
    let set = topic.attributes.get("Policy");
    set.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| {
            json!({
                "Version": "2008-10-17",
                "Id": "__default_policy_ID",
                "Statement": [{
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": ACTIONS,
                    "Resource": name.arn(),
                    "Condition": {"StringEquals": {"AWS:SourceOwner": name.account.as_ref()}},
                }],
            })
        })
}

pub(crate) async fn add(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let label = required(&call.input, "Label")?;
    let accounts = texts(&call.input, "AWSAccountId");
    let actions = texts(&call.input, "ActionName");
    let principals = accounts
        .iter()
        .map(|account| format!("arn:aws:iam::{account}:root"));
    let principals: Vec<String> = principals.collect();
    let actions: Vec<String> = actions
        .iter()
        .map(|action| format!("SNS:{action}"))
        .collect();
    change(sns, call, |name, statements| {
        if statements.iter().any(|one| one["Sid"] == label) {
            return Err(error::invalid("Statement already exists"));
        }
        statements.push(json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_all(principals)},
            "Action": one_or_all(actions),
            "Resource": name.arn(),
        }));
        Ok(())
    })
    .await
}

fn one_or_all(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 {
        texts.remove(0).into()
    } else {
        texts.into()
    }
}

/// A label that is not there is no error.
pub(crate) async fn remove(sns: &Sns, call: &Call) -> Result<Answer, ApiError> {
    let label = required(&call.input, "Label")?;
    change(sns, call, |_, statements| {
        statements.retain(|one| one["Sid"] != label);
        Ok(())
    })
    .await
}

async fn change(
    sns: &Sns,
    call: &Call,
    apply: impl FnOnce(&TopicName, &mut Vec<Value>) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let name = topic_of(call)?;
    let _changing = sns.topics.changing.lock().await;
    let known = sns.topics.get(&name)?;
    let mut policy = policy_of(&name, &known.topic);
    let mut statements = match policy["Statement"].take() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        single => vec![single],
    };
    apply(&name, &mut statements)?;
    policy["Statement"] = statements.into();
    let mut topic = known.topic.clone();
    topic.attributes.insert("Policy".into(), policy.to_string());
    sns.topics.put(&name, &topic).await?;
    Ok(Answer::default())
}
