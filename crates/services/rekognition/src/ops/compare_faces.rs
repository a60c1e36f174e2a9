use aws::{ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::THRESHOLD;
use super::detect_faces::take;
use super::largest;
use crate::error;
use crate::model::{Image, QualityFilter, input};
use crate::pictures::{Pictures, embed};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    source_image: Image,
    target_image: Image,
    similarity_threshold: Option<f32>,
    quality_filter: Option<QualityFilter>,
}

/// Compares the largest face of one picture with every face of another.
pub(crate) async fn answer(pictures: &Pictures, mut call: Call) -> Result<Value, ApiError> {
    let Input {
        source_image,
        target_image,
        similarity_threshold,
        quality_filter,
    } = input(take(&mut call))?;
    let source = pictures.fetch(&call, source_image).await?;
    let target = pictures.fetch(&call, target_image).await?;
    let threshold = similarity_threshold.unwrap_or(THRESHOLD);
    let compare = pictures.work(move |models| {
        let (picture, seen) = source.look(models)?;
        let wanted = largest(seen, quality_filter).ok_or_else(error::invalid_parameters)?;
        let person = embed(models, &picture, &wanted)?;
        let (picture, seen) = target.look(models)?;
        let (mut alike, mut unlike) = (Vec::new(), Vec::new());
        let filter = quality_filter.unwrap_or(QualityFilter::None);
        for seen in seen {
            if !seen.shortcomings(filter).is_empty() {
                continue;
            }
            let similarity = vision::similarity(person.cosine(&embed(models, &picture, &seen)?));
            if similarity >= threshold {
                alike.push((similarity, seen));
            } else {
                unlike.push(seen.compared());
            }
        }
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok((wanted, alike, unlike))
    });
    let (wanted, alike, unlike) = compare.await?;
    let matches: Vec<Value> = alike
        .iter()
        .map(|(similarity, seen)| json!({"Similarity": similarity, "Face": seen.compared()}))
        .collect();
    Ok(json!({
        "SourceImageFace": {
            "BoundingBox": wanted.bounding_box(),
            "Confidence": wanted.confidence(),
        },
        "FaceMatches": matches,
        "UnmatchedFaces": unlike,
    }))
}
