use std::collections::HashMap;

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{
    flag, is_aws_managed, new_id, now, optional, page, path_of, policy_name, required, tags_of,
};
use crate::document::{self, Purpose};
use crate::error::{conflict, no_policy, policy_exists};
use crate::model::{Kind, Policy, Version};
use crate::storage::{Changes, Storage, Subject};

pub(crate) async fn create(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (input, account) = (&call.input, &*call.caller.account);
    let name = required(input, "PolicyName")?;
    let document = required(input, "PolicyDocument")?;
    let path = path_of(input)?;
    document::check(document, Purpose::Identity)?;
    let created = now();
    let policy = Policy {
        id: new_id("ANPA"),
        arn: format!("arn:aws:iam::{account}:policy{path}{name}"),
        name: name.into(),
        path,
        description: optional(input, "Description").map(Into::into),
        created,
        updated: created,
        default_version: "v1".into(),
        newest: 1,
        versions: vec![Version {
            id: "v1".into(),
            document: document.into(),
            created,
        }],
        tags: tags_of(input)?,
    };
    let _held = storage.hold(&[Subject::Policy(account, name)]).await;
    if storage.policy(account, name)?.is_some() {
        return Err(policy_exists(name));
    }
    let mut changes = Changes::default();
    changes.put_policy(account, &policy);
    storage.commit(changes).await?;
    // The answer to a creation leaves the description out, as lists do, and has the tags.
    let mut shown = policy.wire(0, false);
    if let Some(members) = shown.as_object_mut() {
        members.shift_remove("Description");
        members.shift_remove("IsAttachable");
    }
    shown["IsAttachable"] = true.into();
    Ok(Answer::json(json!({"Policy": shown})))
}

pub(crate) fn get(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let arn = required(&call.input, "PolicyArn")?;
    let policy = found(storage, account, arn)?;
    let attachments = attachments(storage, account)?;
    let count = attachments.get(arn).copied().unwrap_or(0);
    Ok(Answer::json(json!({"Policy": policy.wire(count, false)})))
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (input, account) = (&call.input, &*call.caller.account);
    let prefix = optional(input, "PathPrefix").unwrap_or("/");
    let attachments = attachments(storage, account)?;
    // DIVERGENCE: AWS's own policies can be attached and read, but are not listed.
    let policies = match optional(input, "Scope") {
        Some("AWS") => Vec::new(),
        _ => storage.policies(account)?,
    };
    let mut items: Vec<(String, Value)> = policies
        .into_iter()
        .filter(|policy| policy.path.starts_with(prefix))
        .filter_map(|policy| {
            let count = attachments.get(&policy.arn).copied().unwrap_or(0);
            let wanted = count > 0 || !flag(input, "OnlyAttached");
            wanted.then(|| (policy.name.to_lowercase(), policy.wire(count, true)))
        })
        .collect();
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    page(call, "Policies", items)
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let arn = required(&call.input, "PolicyArn")?;
    let (owner, name) = policy_name(arn).ok_or_else(|| no_policy(arn))?;
    let _held = storage.hold(&[Subject::Policy(&owner, &name)]).await;
    let policy = find(storage, account, arn)?.ok_or_else(|| no_policy(arn))?;
    if attachments(storage, account)?.contains_key(arn) {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    let mut changes = Changes::default();
    changes.delete_policy(account, &name);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

/// The account's policy of that ARN.
pub(crate) fn find(
    storage: &Storage,
    account: &str,
    arn: &str,
) -> Result<Option<Policy>, ApiError> {
    let Some((owner, name)) = policy_name(arn) else {
        return Ok(None);
    };
    if owner != account {
        return Ok(None);
    }
    let policy = storage.policy(account, &name)?;
    Ok(policy.filter(|policy| policy.arn == arn))
}

/// The same, or one of AWS's.
pub(crate) fn found(storage: &Storage, account: &str, arn: &str) -> Result<Policy, ApiError> {
    if is_aws_managed(arn) {
        return Ok(aws_managed(arn));
    }
    find(storage, account, arn)?.ok_or_else(|| no_policy(arn))
}

// DIVERGENCE: what AWS's own policies say is not kept here; each reads as one that allows everything.
fn aws_managed(arn: &str) -> Policy {
    let path_and_name = arn.rsplit_once(":policy").map_or("/", |(_, rest)| rest);
    let (path, name) = path_and_name
        .rsplit_once('/')
        .unwrap_or(("", path_and_name));
    Policy {
        name: name.into(),
        path: format!("{path}/"),
        id: "ANPAAAAAAAAAAAAAAAAAA".into(),
        arn: arn.into(),
        description: None,
        created: 0,
        updated: 0,
        default_version: "v1".into(),
        newest: 1,
        versions: vec![Version {
            id: "v1".into(),
            document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#.into(),
            created: 0,
        }],
        tags: Vec::new(),
    }
}

/// How many carry each policy.
fn attachments(storage: &Storage, account: &str) -> Result<HashMap<String, usize>, ApiError> {
    let mut counts = HashMap::new();
    for kind in [Kind::Role, Kind::User] {
        for principal in storage.principals(account, kind)? {
            for arn in principal.attached {
                *counts.entry(arn).or_default() += 1;
            }
        }
    }
    Ok(counts)
}
