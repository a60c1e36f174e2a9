use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{found, new_id, now, optional, page_of_principals, path_of, required, tags_of};
use crate::document::{self, Purpose};
use crate::error::{conflict, exists};
use crate::model::{Kind, Principal};
use crate::storage::{Changes, Storage, Subject};

const ROLE: Kind = Kind::Role;

pub(crate) async fn create(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (input, account) = (&call.input, &*call.caller.account);
    let name = required(input, "RoleName")?;
    let trust = required(input, "AssumeRolePolicyDocument")?;
    let path = path_of(input)?;
    document::check(trust, Purpose::Trust)?;
    let role = Principal {
        id: new_id(ROLE.id_prefix()),
        arn: format!("arn:aws:iam::{account}:role{path}{name}"),
        name: name.into(),
        path,
        created: now(),
        trust: Some(trust.into()),
        description: optional(input, "Description").map(Into::into),
        session_seconds_max: Some(session_seconds(call).unwrap_or(3600)),
        boundary: optional(input, "PermissionsBoundary").map(Into::into),
        tags: tags_of(input)?,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        access_keys: Vec::new(),
    };
    let _held = storage
        .hold(&[Subject::Principal(account, ROLE, name)])
        .await;
    if storage.principal(account, ROLE, name)?.is_some() {
        return Err(exists(ROLE, name));
    }
    let mut changes = Changes::default();
    changes.put_principal(account, ROLE, &role);
    storage.commit(changes).await?;
    Ok(Answer::json(
        json!({"Role": without_last_use(role.wire(ROLE, false))}),
    ))
}

/// A role that was just made has no use to tell of, and the answer leaves it out.
fn without_last_use(mut role: Value) -> Value {
    if let Some(members) = role.as_object_mut() {
        members.shift_remove("RoleLastUsed");
        // AWS tells these two only when the role is read.
        members.shift_remove("MaxSessionDuration");
    }
    role
}

fn session_seconds(call: &Call) -> Option<i64> {
    call.input.get("MaxSessionDuration").and_then(Value::as_i64)
}

pub(crate) fn get(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let role = found(storage, call, ROLE)?;
    Ok(Answer::json(json!({"Role": role.wire(ROLE, false)})))
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    page_of_principals(storage, call, ROLE, "Roles")
}

pub(crate) async fn update(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    change(storage, call, |role| {
        if let Some(description) = optional(&call.input, "Description") {
            role.description = Some(description.into());
        }
        if let Some(seconds) = session_seconds(call) {
            role.session_seconds_max = Some(seconds);
        }
    })
    .await?;
    Ok(Answer::default())
}

pub(crate) async fn update_description(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let description = required(&call.input, "Description")?;
    let role = change(storage, call, |role| {
        role.description = Some(description.into());
    })
    .await?;
    Ok(Answer::json(json!({"Role": role.wire(ROLE, false)})))
}

pub(crate) async fn update_trust(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let trust = required(&call.input, "PolicyDocument")?;
    document::check(trust, Purpose::Trust)?;
    change(storage, call, |role| role.trust = Some(trust.into())).await?;
    Ok(Answer::default())
}

async fn change(
    storage: &Storage,
    call: &Call,
    apply: impl FnOnce(&mut Principal),
) -> Result<Principal, ApiError> {
    let account = &*call.caller.account;
    let name = required(&call.input, "RoleName")?;
    let _held = storage
        .hold(&[Subject::Principal(account, ROLE, name)])
        .await;
    let mut role = found(storage, call, ROLE)?;
    apply(&mut role);
    let mut changes = Changes::default();
    changes.put_principal(account, ROLE, &role);
    storage.commit(changes).await?;
    Ok(role)
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let name = required(&call.input, "RoleName")?;
    let _held = storage
        .hold(&[Subject::Principal(account, ROLE, name)])
        .await;
    let role = found(storage, call, ROLE)?;
    if !role.attached.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !role.inline.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    let mut changes = Changes::default();
    changes.delete_principal(account, ROLE, name);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

/// There are no instance profiles here; tools ask before they delete a role.
pub(crate) fn instance_profiles(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    found(storage, call, ROLE)?;
    Ok(Answer::json(
        json!({"InstanceProfiles": [], "IsTruncated": false}),
    ))
}
