//! ListFaces and DeleteFaces.

use aws::{ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{page_size, read_token, shown, write_token};
use crate::error;
use crate::model::{FACE_MODEL_VERSION, input};
use crate::storage::{FaceRow, Owner, Storage};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    collection_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    user_id: Option<String>,
    face_ids: Option<Vec<Uuid>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    collection_id: String,
    face_ids: Vec<Uuid>,
}

/// In the order of their ids.
pub(crate) fn list(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let List {
        collection_id: id,
        next_token,
        max_results,
        user_id,
        face_ids,
    } = input(call)?;
    let collection = storage.open(&owner, &id)?;
    let after = read_token(next_token.as_deref())?;
    let size = page_size(max_results);
    let mut rows: Vec<FaceRow> = match face_ids {
        // No face belongs to a user: there are none.
        _ if user_id.is_some() => Vec::new(),
        Some(mut ids) => {
            ids.sort_unstable();
            ids.dedup();
            let wanted = ids
                .iter()
                .filter(|id| after.as_ref().is_none_or(|after| id.to_string() > *after));
            let mut rows = Vec::new();
            for id in wanted {
                rows.extend(collection.face(id)?.map(|(row, _)| row));
                if rows.len() > size {
                    break;
                }
            }
            rows
        }
        None => collection.faces(after.as_deref(), size + 1)?,
    };
    let more = rows.len() > size;
    rows.truncate(size);
    let mut output = json!({
        "Faces": rows.iter().map(shown).collect::<Vec<_>>(),
        "FaceModelVersion": FACE_MODEL_VERSION,
    });
    if let (true, Some(last)) = (more, rows.last()) {
        output["NextToken"] = write_token(&last.id.to_string()).into();
    }
    Ok(output)
}

/// Deletes what is there and reports what is not.
pub(crate) async fn delete(storage: &Storage, call: Call) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let Delete {
        collection_id: id,
        face_ids: mut ids,
    } = input(call)?;
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let collection = storage.open(&owner, &id)?;
    let writing = collection.write().await;
    let writing = writing.ok_or_else(|| error::no_collection(&id))?;
    let deleted = writing.remove(&ids).await?;
    let gone: std::collections::HashSet<&Uuid> = deleted.iter().collect();
    let missing: Vec<Value> = ids
        .iter()
        .filter(|id| !gone.contains(id))
        .map(|id| json!({"FaceId": id.to_string(), "Reasons": ["FACE_NOT_FOUND"]}))
        .collect();
    let deleted: Vec<String> = deleted.iter().map(Uuid::to_string).collect();
    Ok(json!({"DeletedFaces": deleted, "UnsuccessfulFaceDeletions": missing}))
}
