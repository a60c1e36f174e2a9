//! Tags of state machines and activities.

use aws::{Answer, ApiError, Call};
use runtime::{Runtime, RuntimeError};
use serde_json::{Value, json};

use crate::{error, input, name};

/// The tags of a call, later ones of the same key winning.
///
/// # Errors
/// `TooManyTags` above AWS's 50, `ValidationException` when a key is one of AWS's own.
pub(crate) fn read(call: &Call, member: &str) -> Result<Vec<(String, String)>, ApiError> {
    let given = call
        .input
        .get(member)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut tags = Vec::new();
    for tag in given {
        let text = |part: &str| tag[part].as_str().unwrap_or_default().to_owned();
        put(&mut tags, own(text("key"))?, text("value"));
    }
    if tags.len() > TAGS_MAX {
        return Err(too_many(
            input::maybe(call, "resourceArn").unwrap_or_default(),
        ));
    }
    Ok(tags)
}

/// API reference, quotas: tags per resource.
const TAGS_MAX: usize = 50;

fn too_many(arn: &str) -> ApiError {
    ApiError::new(
        "TooManyTags",
        "Too Many Tags: 'The number of tags exceeds the limit of 50'",
    )
    .with("resourceName", arn)
}

/// The key of a tag that users may set: AWS keeps `aws:`, in any case, to itself.
fn own(key: String) -> Result<String, ApiError> {
    let reserved = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if reserved {
        return Err(ApiError::new(
            "ValidationException",
            format!("Tag key '{key}' starts with 'aws:', which is reserved for AWS"),
        ));
    }
    Ok(key)
}

fn put(tags: &mut Vec<(String, String)>, key: String, value: String) {
    match tags.iter_mut().find(|(known, _)| *known == key) {
        Some(known) => known.1 = value,
        None => tags.push((key, value)),
    }
}

/// What is not there is a resource not found, whatever its kind (API reference, ListTagsForResource).
fn not_found(refusal: RuntimeError, arn: &str) -> ApiError {
    error::api(match refusal {
        RuntimeError::StateMachineDoesNotExist(_) | RuntimeError::ActivityDoesNotExist(_) => {
            RuntimeError::ResourceNotFound(arn.to_owned())
        }
        other => other,
    })
}

/// Changes the tags of a state machine or an activity.
async fn change(
    runtime: &Runtime,
    arn: &str,
    change: impl FnOnce(&mut Vec<(String, String)>) -> Result<(), RuntimeError> + Send,
) -> Result<(), RuntimeError> {
    match name::activity(arn) {
        Ok(_) => runtime.tag_activity(arn, change).await,
        Err(_) => runtime.tag_state_machine(arn, change).await,
    }
}

pub(crate) async fn tag(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "resourceArn")?;
    name::taggable(arn)?;
    let new = read(call, "tags")?;
    let mut too_many_tags = false;
    let tagged = change(runtime, arn, |tags| {
        for (key, value) in new {
            put(tags, key, value);
        }
        too_many_tags = tags.len() > TAGS_MAX;
        if too_many_tags {
            Err(RuntimeError::QuotaExceeded("too many tags".into()))
        } else {
            Ok(())
        }
    })
    .await;
    if too_many_tags {
        return Err(too_many(arn));
    }
    tagged.map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) async fn untag(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "resourceArn")?;
    name::taggable(arn)?;
    let keys = call
        .input
        .get("tagKeys")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let gone = |key: &str| keys.iter().any(|known| known == key);
    let untagged = change(runtime, arn, |tags| {
        tags.retain(|(key, _)| !gone(key));
        Ok(())
    });
    untagged.await.map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) fn list(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "resourceArn")?;
    name::taggable(arn)?;
    let found = match name::activity(arn) {
        Ok(_) => runtime.describe_activity(arn).map(|activity| activity.tags),
        Err(_) => runtime
            .describe_state_machine(arn)
            .map(|machine| machine.record.tags.clone()),
    };
    let tags: Vec<Value> = found
        .map_err(|error| not_found(error, arn))?
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    Ok(Answer::json(json!({"tags": tags})))
}
