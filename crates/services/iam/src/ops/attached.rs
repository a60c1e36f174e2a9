use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::policies::find;
use super::{found, is_aws_managed, kind_of, optional, page, policy_name, required};
use crate::error::{no_policy, not_attachable, over_quota};
use crate::model::Kind;
use crate::storage::{Changes, Storage, Subject};

const ATTACHED_MAX: usize = 10;

pub(crate) async fn attach(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (account, kind) = (&*call.caller.account, kind_of(call));
    let name = required(&call.input, kind.name_member())?;
    let arn = required(&call.input, "PolicyArn")?;
    let (owner, policy) = policy_name(arn).ok_or_else(|| not_attachable(arn))?;
    // The policy must not be deleted between the look and the write.
    let _held = storage
        .hold(&[
            Subject::Principal(account, kind, name),
            Subject::Policy(&owner, &policy),
        ])
        .await;
    let mut principal = found(storage, call, kind)?;
    if !is_aws_managed(arn) && find(storage, account, arn)?.is_none() {
        return Err(not_attachable(arn));
    }
    if principal.attached.iter().any(|attached| attached == arn) {
        return Ok(Answer::default());
    }
    if principal.attached.len() >= ATTACHED_MAX {
        let quota = format!("PoliciesPer{}", kind.noun());
        return Err(over_quota(&quota, ATTACHED_MAX));
    }
    principal.attached.push(arn.into());
    let mut changes = Changes::default();
    changes.put_principal(account, kind, &principal);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) async fn detach(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (account, kind) = (&*call.caller.account, kind_of(call));
    let name = required(&call.input, kind.name_member())?;
    let arn = required(&call.input, "PolicyArn")?;
    let _held = storage
        .hold(&[Subject::Principal(account, kind, name)])
        .await;
    let mut principal = found(storage, call, kind)?;
    let before = principal.attached.len();
    principal.attached.retain(|attached| attached != arn);
    if principal.attached.len() == before {
        return Err(no_policy(arn));
    }
    let mut changes = Changes::default();
    changes.put_principal(account, kind, &principal);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let principal = found(storage, call, kind_of(call))?;
    let prefix = optional(&call.input, "PathPrefix").unwrap_or("/");
    let mut items: Vec<(String, Value)> = principal
        .attached
        .into_iter()
        .filter_map(|arn| {
            let path_and_name = arn.split_once(":policy")?.1;
            let name = path_and_name.rsplit('/').next()?.to_owned();
            path_and_name
                .starts_with(prefix)
                .then(|| (arn.clone(), json!({"PolicyName": name, "PolicyArn": arn})))
        })
        .collect();
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    page(call, "AttachedPolicies", items)
}

/// Who carries a policy.
pub(crate) fn entities(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let arn = required(&call.input, "PolicyArn")?;
    if !is_aws_managed(arn) && find(storage, account, arn)?.is_none() {
        return Err(no_policy(arn));
    }
    let filter = optional(&call.input, "EntityFilter");
    let carriers = |kind: Kind| -> Result<Vec<Value>, ApiError> {
        if filter.is_some_and(|filter| filter != kind.noun()) {
            return Ok(Vec::new());
        }
        let carriers = storage.principals(account, kind)?.into_iter();
        Ok(carriers
            .filter(|carrier| carrier.attached.iter().any(|attached| attached == arn))
            .map(|carrier| {
                let noun = kind.noun();
                json!({format!("{noun}Name"): carrier.name, format!("{noun}Id"): carrier.id})
            })
            .collect())
    };
    Ok(Answer::json(json!({
        "PolicyGroups": [],
        "PolicyUsers": carriers(Kind::User)?,
        "PolicyRoles": carriers(Kind::Role)?,
        "IsTruncated": false,
    })))
}
