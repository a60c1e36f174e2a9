//! SearchFacesByImage and SearchFaces.

use aws::{ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::detect_faces::take;
use super::{largest, matches};
use crate::error;
use crate::model::{FACE_MODEL_VERSION, Image, QualityFilter, input};
use crate::pictures::{Pictures, embed};
use crate::storage::{Owner, Storage};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByImage {
    collection_id: String,
    image: Image,
    max_faces: Option<usize>,
    face_match_threshold: Option<f32>,
    quality_filter: Option<QualityFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByFace {
    collection_id: String,
    face_id: Uuid,
    max_faces: Option<usize>,
    face_match_threshold: Option<f32>,
}

/// Searches for the largest face of a picture.
pub(crate) async fn by_image(
    storage: &Storage,
    pictures: &Pictures,
    mut call: Call,
) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let ByImage {
        collection_id: id,
        image,
        max_faces,
        face_match_threshold,
        quality_filter,
    } = input(take(&mut call))?;
    let collection = storage.open(&owner, &id)?;
    let source = pictures.fetch(&call, image).await?;
    let look = pictures.work(move |models| {
        let (picture, seen) = source.look(models)?;
        let wanted = largest(seen, quality_filter).ok_or_else(error::no_face)?;
        let person = embed(models, &picture, &wanted)?;
        Ok((wanted, person))
    });
    let (wanted, person) = look.await?;
    let found = matches(
        pictures,
        &collection,
        &person,
        face_match_threshold,
        max_faces,
        None,
    );
    Ok(json!({
        "SearchedFaceBoundingBox": wanted.bounding_box(),
        "SearchedFaceConfidence": wanted.confidence(),
        "FaceMatches": found.await?,
        "FaceModelVersion": FACE_MODEL_VERSION,
    }))
}

/// Searches for a face of the collection; the face itself is not among the matches.
pub(crate) async fn by_face(
    storage: &Storage,
    pictures: &Pictures,
    call: Call,
) -> Result<Value, ApiError> {
    let owner = Owner::of(&call.caller);
    let ByFace {
        collection_id: id,
        face_id,
        max_faces,
        face_match_threshold,
    } = input(call)?;
    let collection = storage.open(&owner, &id)?;
    let face = collection.face(&face_id)?;
    let (_, person) = face.ok_or_else(|| error::no_face_id(&face_id.to_string()))?;
    let except = Some(face_id);
    let found = matches(
        pictures,
        &collection,
        &person,
        face_match_threshold,
        max_faces,
        except,
    );
    Ok(json!({
        "SearchedFaceId": face_id.to_string(),
        "FaceMatches": found.await?,
        "FaceModelVersion": FACE_MODEL_VERSION,
    }))
}
