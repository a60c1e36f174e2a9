//! TagResource, UntagResource, ListTagsForResource, on collections.

use std::collections::BTreeMap;

use aws::{ApiError, Arn, Call, Caller};
use serde::Deserialize;
use serde_json::{Value, json};

use super::collections::TAGS_MAX;
use crate::error;
use crate::model::input;
use crate::storage::{Owner, Storage};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    resource_arn: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

pub(crate) async fn tag(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller.clone();
    let Input {
        resource_arn, tags, ..
    } = input(call)?;
    let id = collection(storage, &caller, &resource_arn)?;
    let owner = Owner::of(&caller);
    let change = storage.change(&owner, &id, |row| {
        row.tags.extend(tags);
        if row.tags.len() > TAGS_MAX {
            return Err(error::quota("A collection has at most 50 tags."));
        }
        Ok(())
    });
    change.await?;
    Ok(json!({}))
}

pub(crate) async fn untag(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller.clone();
    let Input {
        resource_arn,
        tag_keys,
        ..
    } = input(call)?;
    let id = collection(storage, &caller, &resource_arn)?;
    let owner = Owner::of(&caller);
    let change = storage.change(&owner, &id, |row| {
        row.tags.retain(|key, _| !tag_keys.contains(key));
        Ok(())
    });
    change.await?;
    Ok(json!({}))
}

pub(crate) fn list(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller.clone();
    let Input { resource_arn, .. } = input(call)?;
    let id = collection(storage, &caller, &resource_arn)?;
    Ok(json!({"Tags": storage.row(&Owner::of(&caller), &id)?.tags}))
}

/// The caller's collection that an ARN names, with or without the prefix that CreateCollection leaves out.
fn collection(storage: &Storage, caller: &Caller, arn: &str) -> Result<String, ApiError> {
    let full = if arn.starts_with("arn:") {
        arn.to_owned()
    } else {
        format!("arn:{arn}")
    };
    let parsed: Arn = full.parse().map_err(|_| error::invalid_parameters())?;
    let id = parsed.resource.strip_prefix("collection/");
    let id = id.filter(|_| {
        parsed.service == "rekognition"
            && *parsed.account == *caller.account
            && *parsed.region == *caller.region
    });
    let id = id.ok_or_else(|| error::no_resource(arn))?;
    let found = storage.row(&Owner::of(caller), id);
    found.map(|row| row.id).map_err(|_| error::no_resource(arn))
}
