use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::policies::{find, found};
use super::{flag, now, page, policy_name, required};
use crate::document::{self, Purpose};
use crate::error::{conflict, limit, no_policy, no_version};
use crate::model::{Policy, Version};
use crate::storage::{Changes, Storage, Subject};

const VERSIONS_MAX: usize = 5;

pub(crate) async fn create(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let document = required(&call.input, "PolicyDocument")?;
    document::check(document, Purpose::Identity)?;
    let policy = change(storage, call, |policy| {
        if policy.versions.len() >= VERSIONS_MAX {
            return Err(limit(
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
            ));
        }
        policy.newest += 1;
        let version = Version {
            id: format!("v{}", policy.newest),
            document: document.into(),
            created: now(),
        };
        if flag(&call.input, "SetAsDefault") {
            policy.default_version.clone_from(&version.id);
        }
        policy.versions.push(version);
        Ok(())
    })
    .await?;
    let newest = policy.versions.last().expect("one was just added");
    Ok(Answer::json(
        json!({"PolicyVersion": policy.wire_version(newest, false)}),
    ))
}

pub(crate) fn get(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let arn = required(&call.input, "PolicyArn")?;
    let id = required(&call.input, "VersionId")?;
    let policy = found(storage, &call.caller.account, arn)?;
    let version = policy.version(id).ok_or_else(|| no_version(arn, id))?;
    Ok(Answer::json(
        json!({"PolicyVersion": policy.wire_version(version, true)}),
    ))
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let arn = required(&call.input, "PolicyArn")?;
    let policy = found(storage, &call.caller.account, arn)?;
    // Newest first, and a page's marker grows: the key counts down.
    let items: Vec<(String, Value)> = policy
        .versions
        .iter()
        .rev()
        .enumerate()
        .map(|(at, version)| (format!("{at:04}"), policy.wire_version(version, false)))
        .collect();
    page(call, "Versions", items)
}

pub(crate) async fn set_default(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let arn = required(&call.input, "PolicyArn")?;
    let id = required(&call.input, "VersionId")?;
    change(storage, call, |policy| {
        if policy.version(id).is_none() {
            return Err(no_version(arn, id));
        }
        policy.default_version = id.into();
        Ok(())
    })
    .await?;
    Ok(Answer::default())
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let arn = required(&call.input, "PolicyArn")?;
    let id = required(&call.input, "VersionId")?;
    change(storage, call, |policy| {
        if policy.version(id).is_none() {
            return Err(no_version(arn, id));
        }
        if policy.default_version == id {
            return Err(conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.retain(|version| version.id != id);
        Ok(())
    })
    .await?;
    Ok(Answer::default())
}

async fn change(
    storage: &Storage,
    call: &Call,
    apply: impl FnOnce(&mut Policy) -> Result<(), ApiError>,
) -> Result<Policy, ApiError> {
    let account = &*call.caller.account;
    let arn = required(&call.input, "PolicyArn")?;
    let (owner, name) = policy_name(arn).ok_or_else(|| no_policy(arn))?;
    let _held = storage.hold(&[Subject::Policy(&owner, &name)]).await;
    let mut policy = find(storage, account, arn)?.ok_or_else(|| no_policy(arn))?;
    apply(&mut policy)?;
    policy.updated = now();
    let mut changes = Changes::default();
    changes.put_policy(account, &policy);
    storage.commit(changes).await?;
    Ok(policy)
}
