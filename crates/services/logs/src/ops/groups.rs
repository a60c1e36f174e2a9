use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{
    flag, group_of, integer, limit, missing, named_group, required, text, text_map, texts, token,
    untoken,
};
use crate::error::{constraint, group_exists, invalid, no_group};
use crate::model::{Group, Id, Zone};
use crate::storage::Storage;

/// AWS's page of DescribeLogGroups and DescribeLogStreams.
pub(super) const PAGE_MAX: usize = 50;

/// API reference, PutRetentionPolicy.
const RETENTION_DAYS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(crate) async fn create(storage: &Storage, call: &Call, now: i64) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let name = required(&call.input, "logGroupName")?;
    let group = Group {
        id: Id::new(),
        name: name.into(),
        created: now,
        class: text(&call.input, "logGroupClass")
            .unwrap_or("STANDARD")
            .into(),
        kms_key: text(&call.input, "kmsKeyId").map(Into::into),
        retention_days: None,
        protected: flag(&call.input, "deletionProtectionEnabled"),
        tags: text_map(&call.input, "tags"),
    };
    let _held = storage.hold(&zone, name).await;
    if storage.group(&zone, name)?.is_some() {
        return Err(group_exists());
    }
    storage.put_group(&zone, &group).await?;
    Ok(Answer::default())
}

pub(crate) async fn delete(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let name = required(&call.input, "logGroupName")?;
    let _held = storage.hold(&zone, name).await;
    let group = storage.group(&zone, name)?.ok_or_else(no_group)?;
    if group.protected {
        return Err(ApiError::validation(
            "The log group cannot be deleted because deletion protection is enabled.",
        ));
    }
    storage.delete_group(&zone, &group).await?;
    Ok(Answer::default())
}

pub(crate) fn describe(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let identifiers = texts(input, "logGroupIdentifiers");
    if !identifiers.is_empty() {
        return describe_named(storage, call, &identifiers);
    }
    let zone = Zone::of(&call.caller);
    let prefix = text(input, "logGroupNamePrefix").unwrap_or_default();
    let pattern = text(input, "logGroupNamePattern").unwrap_or_default();
    if !prefix.is_empty() && !pattern.is_empty() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let class = text(input, "logGroupClass");
    let page = limit(input, PAGE_MAX);
    let mut groups: Vec<Group> = Vec::new();
    storage.each_group(&zone, prefix, untoken(input)?.as_deref(), |group| {
        if group.name.contains(pattern) && class.is_none_or(|class| class == group.class) {
            groups.push(group);
        }
        groups.len() <= page
    })?;
    let more = groups.len() > page;
    groups.truncate(page);
    let mut output = json!({"logGroups": shown(storage, &zone, &groups)?});
    if let (true, Some(last)) = (more, groups.last()) {
        output["nextToken"] = token(&last.name).into();
    }
    Ok(Answer::json(output))
}

fn describe_named(
    storage: &Storage,
    call: &Call,
    identifiers: &[&str],
) -> Result<Answer, ApiError> {
    let mut found = Vec::new();
    for identifier in identifiers {
        let (zone, name) = named_group(call, identifier);
        if let Some(group) = storage.group(&zone, &name)? {
            found.extend(shown(storage, &zone, &[group])?);
        }
    }
    Ok(Answer::json(json!({"logGroups": found})))
}

fn shown(storage: &Storage, zone: &Zone, groups: &[Group]) -> Result<Vec<Value>, ApiError> {
    groups
        .iter()
        .map(|group| Ok(group.wire(zone, storage.tally(zone, group.id)?)))
        .collect()
}

pub(crate) async fn put_retention(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let days = integer(&call.input, "retentionInDays").ok_or_else(|| missing("retentionInDays"))?;
    if !RETENTION_DAYS.contains(&days) {
        let known = RETENTION_DAYS.map(|days| days.to_string()).join(", ");
        return Err(constraint(
            &format!("'{days}'"),
            "retentionInDays",
            &format!("Member must satisfy enum value set: [{known}]"),
        ));
    }
    change(storage, call, |group| group.retention_days = Some(days)).await
}

pub(crate) async fn delete_retention(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    change(storage, call, |group| group.retention_days = None).await
}

/// Kept and shown; what lies on the disk is not encrypted with it.
pub(crate) async fn associate_key(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let key = required(&call.input, "kmsKeyId")?;
    change(storage, call, |group| group.kms_key = Some(key.into())).await
}

pub(crate) async fn disassociate_key(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    change(storage, call, |group| group.kms_key = None).await
}

pub(crate) async fn protect(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let protected = flag(&call.input, "deletionProtectionEnabled");
    change(storage, call, |group| group.protected = protected).await
}

async fn change(
    storage: &Storage,
    call: &Call,
    apply: impl FnOnce(&mut Group),
) -> Result<Answer, ApiError> {
    let (zone, group) = match text(&call.input, "resourceIdentifier") {
        Some(identifier) => {
            let (zone, name) = named_group(call, identifier);
            let group = storage.group(&zone, &name)?.ok_or_else(no_group)?;
            (zone, group)
        }
        None => group_of(storage, call)?,
    };
    change_named(storage, &zone, &group.name, apply).await?;
    Ok(Answer::default())
}

pub(super) async fn change_named(
    storage: &Storage,
    zone: &Zone,
    name: &str,
    apply: impl FnOnce(&mut Group),
) -> Result<(), ApiError> {
    let _held = storage.hold(zone, name).await;
    let mut group = storage.group(zone, name)?.ok_or_else(no_group)?;
    apply(&mut group);
    storage.put_group(zone, &group).await
}
