use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{found, new_id, now, optional, page, page_of_principals, path_of, required, tags_of};
use crate::error::{conflict, exists, invalid, no_principal, no_such, over_quota};
use crate::model::{AccessKey, Kind, Principal};
use crate::storage::{Changes, Storage, Subject};

const USER: Kind = Kind::User;
const ACCESS_KEYS_MAX: usize = 2;

pub(crate) async fn create(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (input, account) = (&call.input, &*call.caller.account);
    let name = required(input, "UserName")?;
    let path = path_of(input)?;
    let user = Principal {
        id: new_id(USER.id_prefix()),
        arn: format!("arn:aws:iam::{account}:user{path}{name}"),
        name: name.into(),
        path,
        created: now(),
        trust: None,
        description: None,
        session_seconds_max: None,
        boundary: optional(input, "PermissionsBoundary").map(Into::into),
        tags: tags_of(input)?,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        access_keys: Vec::new(),
    };
    let _held = storage
        .hold(&[Subject::Principal(account, USER, name)])
        .await;
    if storage.principal(account, USER, name)?.is_some() {
        return Err(exists(USER, name));
    }
    let mut changes = Changes::default();
    changes.put_principal(account, USER, &user);
    storage.commit(changes).await?;
    Ok(Answer::json(json!({"User": user.wire(USER, false)})))
}

pub(crate) fn get(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let Some(name) = named(call) else {
        // Without a name the caller is meant; here that is the account's root.
        let caller = &call.caller;
        return Ok(Answer::json(json!({"User": {
            "Path": "/", "UserName": "root", "UserId": caller.account.as_ref(),
            "Arn": caller.arn.as_ref(), "CreateDate": 0,
        }})));
    };
    let user = storage.principal(&call.caller.account, USER, name)?;
    let user = user.ok_or_else(|| no_principal(USER, name))?;
    Ok(Answer::json(json!({"User": user.wire(USER, false)})))
}

/// The user that the input names, or the caller if that is a user.
fn named(call: &Call) -> Option<&str> {
    optional(&call.input, "UserName").or_else(|| {
        let (_, path_and_name) = call.caller.arn.split_once(":user/")?;
        path_and_name.rsplit('/').next()
    })
}

fn needed(call: &Call) -> Result<&str, ApiError> {
    named(call)
        .ok_or_else(|| invalid("Must specify userName when calling with non-User credentials"))
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    page_of_principals(storage, call, USER, "Users")
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let name = required(&call.input, "UserName")?;
    let _held = storage
        .hold(&[Subject::Principal(account, USER, name)])
        .await;
    let user = found(storage, call, USER)?;
    if !user.access_keys.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete access keys first.",
        ));
    }
    if !user.attached.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !user.inline.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    let mut changes = Changes::default();
    changes.delete_principal(account, USER, name);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) async fn create_key(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let name = needed(call)?;
    let _held = storage
        .hold(&[Subject::Principal(account, USER, name)])
        .await;
    let mut user = owner(storage, account, name)?;
    if user.access_keys.len() >= ACCESS_KEYS_MAX {
        return Err(over_quota("AccessKeysPerUser", ACCESS_KEYS_MAX));
    }
    let random = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(uuid::Uuid::into_bytes);
    let [head, tail] = random;
    let key = AccessKey {
        id: aws::access_key_id(
            "AKIA",
            account,
            [head[0], head[1], head[2], head[3], head[4]],
        ),
        account: account.into(),
        user: user.name.clone(),
        secret: STANDARD.encode([&head[1..], &tail[1..]].concat()),
        status: "Active".into(),
        created: now(),
    };
    user.access_keys.push(key.id.clone());
    let mut changes = Changes::default();
    changes.put_principal(account, USER, &user);
    changes.put_access_key(&key);
    storage.commit(changes).await?;
    let mut shown = wire_key(&key);
    shown["SecretAccessKey"] = key.secret.into();
    Ok(Answer::json(json!({"AccessKey": shown})))
}

pub(crate) fn list_keys(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let user = owner(storage, &call.caller.account, needed(call)?)?;
    let mut items = Vec::new();
    for id in &user.access_keys {
        if let Some(key) = storage.access_key(id)? {
            items.push((id.clone(), wire_key(&key)));
        }
    }
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    page(call, "AccessKeyMetadata", items)
}

pub(crate) async fn update_key(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let name = needed(call)?;
    let status = required(&call.input, "Status")?;
    let _held = storage
        .hold(&[Subject::Principal(account, USER, name)])
        .await;
    let mut key = own_key(storage, call, name)?;
    key.status = status.into();
    let mut changes = Changes::default();
    changes.put_access_key(&key);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) async fn delete_key(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let account = &*call.caller.account;
    let name = needed(call)?;
    let _held = storage
        .hold(&[Subject::Principal(account, USER, name)])
        .await;
    let key = own_key(storage, call, name)?;
    let mut user = owner(storage, account, name)?;
    user.access_keys.retain(|id| *id != key.id);
    let mut changes = Changes::default();
    changes.put_principal(account, USER, &user);
    changes.delete_access_key(&key.id);
    storage.commit(changes).await?;
    Ok(Answer::default())
}

fn owner(storage: &Storage, account: &str, name: &str) -> Result<Principal, ApiError> {
    storage
        .principal(account, USER, name)?
        .ok_or_else(|| no_principal(USER, name))
}

fn own_key(storage: &Storage, call: &Call, name: &str) -> Result<AccessKey, ApiError> {
    let user = owner(storage, &call.caller.account, name)?;
    let id = required(&call.input, "AccessKeyId")?;
    let key = storage.access_key(id)?;
    key.filter(|key| user.access_keys.contains(&key.id))
        .ok_or_else(|| no_such(format!("The Access Key with id {id} cannot be found.")))
}

fn wire_key(key: &AccessKey) -> Value {
    json!({
        "UserName": key.user,
        "AccessKeyId": key.id,
        "Status": key.status,
        "CreateDate": key.created,
    })
}
