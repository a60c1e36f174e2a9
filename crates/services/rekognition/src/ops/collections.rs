//! CreateCollection, DescribeCollection, ListCollections, DeleteCollection.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws::{ApiError, Arn, Call, Caller};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{page_size, read_token, write_token};
use crate::error;
use crate::model::{FACE_MODEL_VERSION, input};
use crate::storage::{CollectionRow, Owner, Storage};

/// AWS's quota a collection.
pub(crate) const TAGS_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    collection_id: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    collection_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(crate) async fn create(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller.clone();
    let Create {
        collection_id: id,
        tags,
    } = input(call)?;
    if tags.len() > TAGS_MAX {
        return Err(error::quota("A collection has at most 50 tags."));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let row = CollectionRow {
        id,
        created: now.map_or(0, |now| now.as_millis() as u64),
        tags,
    };
    storage.create(&Owner::of(&caller), &row).await?;
    Ok(json!({
        "StatusCode": 200,
        // As AWS writes it here, without the prefix `arn:`.
        "CollectionArn": arn(&caller, &row.id).trim_start_matches("arn:"),
        "FaceModelVersion": FACE_MODEL_VERSION,
    }))
}

pub(crate) async fn describe(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller.clone();
    let owner = Owner::of(&caller);
    let Named { collection_id: id } = input(call)?;
    let row = storage.row(&owner, &id)?;
    let count = storage.open(&owner, &id)?.count().await?;
    Ok(json!({
        "FaceCount": count,
        "UserCount": 0,
        "FaceModelVersion": FACE_MODEL_VERSION,
        "CollectionARN": arn(&caller, &id),
        "CreationTimestamp": row.created as f64 / 1000.0,
    }))
}

pub(crate) fn list(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let List {
        next_token,
        max_results,
    } = input(call)?;
    let after = read_token(next_token.as_deref())?;
    let size = page_size(max_results);
    let mut rows = storage.list(&owner, after.as_deref(), size + 1)?;
    let more = rows.len() > size;
    rows.truncate(size);
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut output = json!({
        "CollectionIds": ids,
        "FaceModelVersions": vec![FACE_MODEL_VERSION; ids.len()],
    });
    if let (true, Some(last)) = (more, ids.last()) {
        output["NextToken"] = write_token(last).into();
    }
    Ok(output)
}

pub(crate) async fn delete(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let Named { collection_id: id } = input(call)?;
    storage.delete(&owner, &id).await?;
    Ok(json!({"StatusCode": 200}))
}

fn arn(caller: &Caller, id: &str) -> String {
    let resource = format!("collection/{id}");
    Arn::new("rekognition", &caller.region, &caller.account, resource).to_string()
}
