use aws::{Answer, ApiError, Call};
use serde_json::json;

use super::{found, kind_of, page, required};
use crate::document::{self, Purpose};
use crate::error::no_such;
use crate::model::{Kind, encoded};
use crate::storage::{Changes, Storage, Subject};

pub(crate) async fn put(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (input, account, kind) = (&call.input, &*call.caller.account, kind_of(call));
    let name = required(input, kind.name_member())?;
    let policy = required(input, "PolicyName")?;
    let document = required(input, "PolicyDocument")?;
    document::check(document, Purpose::Identity)?;
    let _held = storage
        .hold(&[Subject::Principal(account, kind, name)])
        .await;
    let mut principal = found(storage, call, kind)?;
    principal.inline.insert(policy.into(), document.into());
    let mut changes = Changes::default();
    changes.put_principal(account, kind, &principal);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) fn get(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let kind = kind_of(call);
    let principal = found(storage, call, kind)?;
    let policy = required(&call.input, "PolicyName")?;
    let document = principal
        .inline
        .get(policy)
        .ok_or_else(|| no_inline(kind, policy))?;
    let mut answer = Answer::json(json!({
        "PolicyName": policy,
        "PolicyDocument": encoded(document),
    }));
    answer
        .output
        .insert(kind.name_member().into(), principal.name.into());
    Ok(answer)
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let principal = found(storage, call, kind_of(call))?;
    let names = principal.inline.into_keys();
    let items = names.map(|name| (name.clone(), name.into())).collect();
    page(call, "PolicyNames", items)
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (account, kind) = (&*call.caller.account, kind_of(call));
    let name = required(&call.input, kind.name_member())?;
    let policy = required(&call.input, "PolicyName")?;
    let _held = storage
        .hold(&[Subject::Principal(account, kind, name)])
        .await;
    let mut principal = found(storage, call, kind)?;
    if principal.inline.remove(policy).is_none() {
        return Err(no_inline(kind, policy));
    }
    let mut changes = Changes::default();
    changes.put_principal(account, kind, &principal);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

fn no_inline(kind: Kind, policy: &str) -> ApiError {
    let noun = kind.noun().to_lowercase();
    no_such(format!(
        "The {noun} policy with name {policy} cannot be found."
    ))
}
