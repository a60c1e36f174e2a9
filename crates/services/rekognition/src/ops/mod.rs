//! One file an operation, or a few that belong together.

pub(crate) mod collections;
pub(crate) mod compare_faces;
pub(crate) mod detect_faces;
pub(crate) mod faces;
pub(crate) mod index_faces;
pub(crate) mod search;
pub(crate) mod tags;

use std::sync::Arc;

use aws::ApiError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vision::Embedding;

use crate::error;
use crate::model::{FACE_MODEL_VERSION, QualityFilter, Seen};
use crate::pictures::Pictures;
use crate::storage::{Collection, FaceRow};

/// The most items a page holds, and how many it holds where the request does not say.
const PAGE_MAX: usize = 4096;

/// A page's size, where zero is none given.
fn page_size(asked: Option<usize>) -> usize {
    asked
        .filter(|size| *size > 0)
        .unwrap_or(PAGE_MAX)
        .min(PAGE_MAX)
}

/// What a page token means: the last item of the page before.
fn read_token(token: Option<&str>) -> Result<Option<String>, ApiError> {
    let read = |token: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let last = String::from_utf8(bytes)
            .ok()?
            .strip_prefix("after:")?
            .to_owned();
        (!last.is_empty() && last.is_ascii()).then_some(last)
    };
    token
        .map(|token| read(token).ok_or_else(error::invalid_token))
        .transpose()
}

fn write_token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{last}"))
}

/// `Face`.
fn shown(row: &FaceRow) -> Value {
    let mut face = json!({
        "FaceId": row.id.to_string(),
        "BoundingBox": row.bounds,
        "ImageId": row.image.to_string(),
        "Confidence": row.confidence,
        "IndexFacesModelVersion": FACE_MODEL_VERSION,
    });
    if let Some(external) = &row.external_image {
        face["ExternalImageId"] = external.as_str().into();
    }
    face
}

/// `FaceMatch`es of a face, best first, without one that is not to be among them.
async fn matches(
    pictures: &Pictures,
    collection: &Arc<Collection>,
    to: &Embedding,
    threshold: Option<f32>,
    limit: Option<usize>,
    except: Option<uuid::Uuid>,
) -> Result<Vec<Value>, ApiError> {
    let limit = limit.unwrap_or(MATCHES_MAX).min(MATCHES_MAX);
    let least = vision::cosine_at(threshold.unwrap_or(THRESHOLD));
    let more = usize::from(except.is_some());
    collection.gallery().await?;
    let (scanned, to) = (Arc::clone(collection), to.clone());
    // A million faces keep a core busy for a tenth of a second.
    let scan = pictures.work(move |_| scanned.nearest(&to, least, limit + more));
    let found = scan.await?;
    Ok(found
        .into_iter()
        .filter(|(row, _)| Some(row.id) != except)
        .take(limit)
        .map(|(row, cosine)| json!({"Similarity": vision::similarity(cosine), "Face": shown(&row)}))
        .collect())
}

/// AWS's default of FaceMatchThreshold and SimilarityThreshold, in percent.
const THRESHOLD: f32 = 80.0;
const MATCHES_MAX: usize = 4096;

/// The largest face that passes a filter.
fn largest(seen: Vec<Seen>, filter: Option<QualityFilter>) -> Option<Seen> {
    let filter = filter.unwrap_or(QualityFilter::None);
    seen.into_iter()
        .find(|seen| seen.shortcomings(filter).is_empty())
}
