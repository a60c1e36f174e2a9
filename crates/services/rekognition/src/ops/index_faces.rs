use aws::{ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::detect_faces::take;
use super::shown;
use crate::error;
use crate::model::{Asked, FACE_MODEL_VERSION, Image, QualityFilter, input};
use crate::pictures::{Pictures, embed};
use crate::storage::{FaceRow, Owner, Storage};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    collection_id: String,
    image: Image,
    external_image_id: Option<String>,
    detection_attributes: Option<Vec<String>>,
    max_faces: Option<usize>,
    quality_filter: Option<QualityFilter>,
}

/// Adds the largest faces of a picture that are good enough; each call makes new faces, also of the same picture.
pub(crate) async fn answer(
    storage: &Storage,
    pictures: &Pictures,
    mut call: Call,
) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let Input {
        collection_id: id,
        image,
        external_image_id,
        detection_attributes,
        max_faces,
        quality_filter,
    } = input(take(&mut call))?;
    let collection = storage.open(&owner, &id)?;
    let source = pictures.fetch(&call, image).await?;
    let filter = quality_filter.unwrap_or(QualityFilter::Medium);
    let max_faces = max_faces.unwrap_or(usize::MAX);
    let look = pictures.work(move |models| {
        let (picture, seen) = source.look(models)?;
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for seen in seen {
            let mut reasons = seen.shortcomings(filter);
            if good.len() == max_faces {
                reasons.push("EXCEEDS_MAX_FACES");
            }
            if reasons.is_empty() {
                let embedding = embed(models, &picture, &seen)?;
                good.push((seen, embedding));
            } else {
                refused.push((seen, reasons));
            }
        }
        Ok((good, refused))
    });
    let (good, refused) = look.await?;

    let image = Uuid::new_v4();
    let mut rows = Vec::with_capacity(good.len());
    let mut details = Vec::with_capacity(good.len());
    let asked = Asked::new(detection_attributes);
    for (seen, embedding) in good {
        let row = FaceRow {
            id: Uuid::new_v4(),
            image,
            external_image: external_image_id.clone(),
            bounds: seen.bounding_box(),
            confidence: seen.confidence(),
        };
        details.push(seen.detail(&asked));
        rows.push((row, embedding));
    }
    if !rows.is_empty() {
        let writing = collection.write().await;
        let writing = writing.ok_or_else(|| error::no_collection(&id))?;
        writing.add(&rows).await?;
    }
    let records: Vec<Value> = rows
        .iter()
        .zip(details)
        .map(|((row, _), detail)| json!({"Face": shown(row), "FaceDetail": detail}))
        .collect();
    let unindexed: Vec<Value> = refused
        .iter()
        .map(|(seen, reasons)| json!({"Reasons": reasons, "FaceDetail": seen.detail(&asked)}))
        .collect();
    Ok(json!({
        "FaceRecords": records,
        "FaceModelVersion": FACE_MODEL_VERSION,
        "UnindexedFaces": unindexed,
    }))
}
