use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::groups::PAGE_MAX;
use super::{limit, missing, required, text, token, untoken};
use crate::error::{invalid, limit as over_limit, not_found};
use crate::model::{Policy, Zone};
use crate::storage::Storage;

/// AWS's quota for an account in a region.
const POLICIES_MAX: usize = 10;

/// What a policy is kept under: a name of the account's, or a resource.
fn key(call: &Call) -> Result<&str, ApiError> {
    text(&call.input, "policyName")
        .or_else(|| text(&call.input, "resourceArn"))
        .ok_or_else(|| missing("policyName"))
}

pub(crate) async fn put(storage: &Storage, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let key = key(call)?;
    let document = required(&call.input, "policyDocument")?;
    if !matches!(serde_json::from_str(document), Ok(Value::Object(_))) {
        return Err(invalid("The policy document is not valid JSON."));
    }
    let owned = |name| text(&call.input, name).map(str::to_owned);
    let policy = Policy {
        name: owned("policyName"),
        resource: owned("resourceArn"),
        document: document.into(),
        updated: now,
        revision: uuid::Uuid::new_v4().to_string(),
    };
    let _held = storage.hold(&zone, "").await;
    if storage.policy(&zone, key)?.is_none() && storage.policies(&zone)?.len() >= POLICIES_MAX {
        return Err(over_limit());
    }
    storage.put_policy(&zone, key, &policy).await?;
    let mut output = json!({"resourcePolicy": policy.wire()});
    if policy.resource.is_some() {
        output["revisionId"] = policy.revision.into();
    }
    Ok(Answer::json(output))
}

pub(crate) fn describe(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let scope = text(input, "policyScope").unwrap_or("ACCOUNT");
    let resource = text(input, "resourceArn");
    let after = untoken(input)?;
    let mut policies = storage.policies(&Zone::of(&call.caller))?;
    policies.retain(|policy| match resource {
        Some(resource) => policy.resource.as_deref() == Some(resource),
        None => policy.resource.is_some() == (scope == "RESOURCE"),
    });
    let name = |policy: &Policy| policy.name.clone().or_else(|| policy.resource.clone());
    policies.retain(|policy| after.is_none() || name(policy) > after);
    let page = limit(input, PAGE_MAX);
    let more = policies.len() > page;
    policies.truncate(page);
    let shown: Vec<Value> = policies.iter().map(Policy::wire).collect();
    let mut output = json!({"resourcePolicies": shown});
    if let (true, Some(last)) = (more, policies.last().and_then(name)) {
        output["nextToken"] = token(&last).into();
    }
    Ok(Answer::json(output))
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let key = key(call)?;
    let _held = storage.hold(&zone, "").await;
    if storage.policy(&zone, key)?.is_none() {
        return Err(not_found(&format!(
            "Policy with name [{key}] does not exist."
        )));
    }
    storage.delete_policy(&zone, key).await?;
    Ok(Answer::default())
}
