use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::policies::find;
use super::{found, kind_of, page, policy_name, required, tags_of};
use crate::error::{no_policy, over_quota};
use crate::model::Tags;
use crate::storage::{Changes, Storage, Subject};

const TAGS_MAX: usize = 50;

pub(crate) async fn tag(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let added = tags_of(&call.input)?;
    change(storage, call, |tags| {
        for (key, value) in added {
            match tags.iter_mut().find(|(held, _)| *held == key) {
                Some(held) => held.1 = value,
                None => tags.push((key, value)),
            }
        }
        if tags.len() > TAGS_MAX {
            return Err(over_quota("TagsPerResource", TAGS_MAX));
        }
        Ok(())
    })
    .await
}

pub(crate) async fn untag(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let keys = call.input.get("TagKeys").and_then(Value::as_array);
    let keys: Vec<&str> = keys
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    change(storage, call, |tags| {
        tags.retain(|(key, _)| !keys.contains(&key.as_str()));
        Ok(())
    })
    .await
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let tags = if is_policy(call) {
        let arn = required(&call.input, "PolicyArn")?;
        find(storage, &call.caller.account, arn)?
            .ok_or_else(|| no_policy(arn))?
            .tags
    } else {
        found(storage, call, kind_of(call))?.tags
    };
    let items = tags
        .into_iter()
        .enumerate()
        .map(|(at, (key, value))| (format!("{at:04}"), json!({"Key": key, "Value": value})))
        .collect();
    page(call, "Tags", items)
}

fn is_policy(call: &Call) -> bool {
    call.operation.contains("Policy")
}

async fn change(
    storage: &Storage,
    call: &Call,
    apply: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let mut changes = Changes::default();
    if is_policy(call) {
        let arn = required(&call.input, "PolicyArn")?;
        let (owner, name) = policy_name(arn).ok_or_else(|| no_policy(arn))?;
        let _held = storage.hold(&[Subject::Policy(&owner, &name)]).await;
        let mut policy = find(storage, account, arn)?.ok_or_else(|| no_policy(arn))?;
        apply(&mut policy.tags)?;
        changes.put_policy(account, &policy);
        storage.commit(changes).await?;
    } else {
        let kind = kind_of(call);
        let name = required(&call.input, kind.name_member())?;
        let _held = storage
            .hold(&[Subject::Principal(account, kind, name)])
            .await;
        let mut principal = found(storage, call, kind)?;
        apply(&mut principal.tags)?;
        changes.put_principal(account, kind, &principal);
        storage.commit(changes).await?;
    }
    Ok(Answer::default())
}
