//! `IndexFace`: remember the rider's face.

use serde_json::{Value, json};

use crate::{Aws, FunctionError, Photo};

/// Answers the stored face: `FaceId`, `BoundingBox`, `ImageId`, `ExternalImageId` (the rider), `Confidence`.
///
/// # Errors
/// `FaceNotIndexedError` when Rekognition stored none; otherwise Rekognition's own error.
pub fn handle(aws: &dyn Aws, collection: &str, event: &Value) -> Result<Value, FunctionError> {
    let photo = Photo::from_event(event)?;
    let mut answer = aws.rekognition(
        "IndexFaces",
        &json!({
            "CollectionId": collection,
            "DetectionAttributes": [],
            "ExternalImageId": photo.user_id,
            "Image": photo.image()?
        }),
    )?;
    match answer.pointer_mut("/FaceRecords/0/Face") {
        Some(face) => Ok(face.take()),
        None => Err(not_indexed(&answer)),
    }
}

fn not_indexed(answer: &Value) -> FunctionError {
    let reasons = answer
        .pointer("/UnindexedFaces/0/Reasons")
        .unwrap_or(&Value::Null);
    FunctionError::new(
        "FaceNotIndexedError",
        format!("no face was indexed: {reasons}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::FakeAws;

    fn event() -> Value {
        json!({"userId": "user_a", "s3Bucket": "photos", "s3Key": "a.jpg"})
    }

    #[test]
    fn the_rider_names_the_stored_face() {
        let face =
            json!({"FaceId": "00f884e1-31d4-5b7f-bcb2-bc91a51d3713", "ExternalImageId": "user_a"});
        let aws = FakeAws::answering(json!({ "FaceRecords": [{"Face": face, "FaceDetail": {}}] }));
        assert_eq!(handle(&aws, "rider-photos", &event()), Ok(face));
        assert_eq!(
            aws.requests(),
            [(
                "rekognition:IndexFaces".to_owned(),
                json!({
                    "CollectionId": "rider-photos",
                    "DetectionAttributes": [],
                    "ExternalImageId": "user_a",
                    "Image": {"S3Object": {"Bucket": "photos", "Name": "a.jpg"}}
                })
            )]
        );
    }

    #[test]
    fn a_face_of_low_quality_is_refused_with_the_reasons() {
        let aws = FakeAws::answering(json!({
            "FaceRecords": [],
            "UnindexedFaces": [{"Reasons": ["LOW_BRIGHTNESS"], "FaceDetail": {}}]
        }));
        let error = handle(&aws, "c", &event()).expect_err("not indexed");
        assert_eq!(error.name, "FaceNotIndexedError");
        assert_eq!(error.message, r#"no face was indexed: ["LOW_BRIGHTNESS"]"#);
    }
}
