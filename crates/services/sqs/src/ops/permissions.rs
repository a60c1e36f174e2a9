//! Statements of a queue's policy, kept and never evaluated.

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{done, required, texts};
use crate::name::QueueName;
use crate::settings::Row;
use crate::{Sqs, error};

/// AWS's quota on the statements that AddPermission makes.
const ACTIONS_MAX: usize = 7;

pub(crate) async fn add(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let label = required(&call.input, "Label")?;
    let accounts = texts(&call.input, "AWSAccountIds");
    let actions = texts(&call.input, "Actions");
    if accounts.is_empty() {
        return Err(error::bad_value("PrincipalId", "[]", "Unable to verify."));
    }
    if actions.is_empty() {
        return Err(error::missing("Actions"));
    }
    if actions.len() > ACTIONS_MAX {
        return Err(error::over_limit(format!(
            "{} Actions were found, maximum allowed is {ACTIONS_MAX}.",
            actions.len()
        )));
    }
    change(sqs, call, |name, policy| {
        if statements(policy).iter().any(|one| one["Sid"] == label) {
            return Err(error::bad_value("Label", label, "Already exists."));
        }
        statements(policy).push(json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_all(
                accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect(),
            )},
            "Action": one_or_all(actions.iter().map(|action| format!("SQS:{action}")).collect()),
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

pub(crate) async fn remove(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let label = required(&call.input, "Label")?;
    change(sqs, call, |_, policy| {
        let statements = statements(policy);
        let before = statements.len();
        statements.retain(|one| one["Sid"] != label);
        if statements.len() < before {
            return Ok(());
        }
        Err(error::bad_value(
            "Label",
            label,
            "can't find label on existing policy.",
        ))
    })
    .await
}

async fn change(
    sqs: &Sqs,
    call: &Call,
    apply: impl FnOnce(&QueueName, &mut Value) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let _changing = sqs.queues.changing.lock().await;
    let queue = sqs.named(call)?;
    let mut row = queue.settings().row.clone();
    let mut policy = policy_of(&queue.name, &row);
    apply(&queue.name, &mut policy)?;
    if statements(&mut policy).is_empty() {
        row.attributes.remove("Policy");
    } else {
        row.attributes.insert("Policy".into(), policy.to_string());
    }
    sqs.queues.put(&queue.name, row, sqs.now()).await?;
    Ok(done())
}

fn policy_of(name: &QueueName, row: &Row) -> Value {
    let set = row.attributes.get("Policy");
    set.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| {
            json!({
                "Version": "2008-10-17",
                "Id": format!("{}/SQSDefaultPolicy", name.arn()),
                "Statement": [],
            })
        })
}

/// The statements of a policy; a single one may stand without its list.
fn statements(policy: &mut Value) -> &mut Vec<Value> {
    let statements = &mut policy["Statement"];
    if !statements.is_array() {
        let single = statements.take();
        *statements = if single.is_null() {
            json!([])
        } else {
            json!([single])
        };
    }
    statements.as_array_mut().expect("it was just made one")
}
