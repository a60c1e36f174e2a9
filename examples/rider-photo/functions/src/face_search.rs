//! `FaceSearch`, the workflow's `CheckFaceDuplicate`: has this face signed up before?

use serde_json::{Value, json};

use crate::{Aws, FunctionError, Photo};

/// Two photos at or above this similarity, in percent, are taken for one person.
const SIMILARITY_MIN: f64 = 70.0;

/// Answers `null` when the collection holds no such face.
///
/// # Errors
/// `FaceAlreadyExistsError` when it does; otherwise Rekognition's own error.
pub fn handle(aws: &dyn Aws, collection: &str, event: &Value) -> Result<Value, FunctionError> {
    let answer = aws.rekognition(
        "SearchFacesByImage",
        &json!({
            "CollectionId": collection,
            "Image": Photo::from_event(event)?.image()?,
            "FaceMatchThreshold": SIMILARITY_MIN,
            "MaxFaces": 3
        }),
    )?;
    match answer["FaceMatches"].as_array() {
        Some(matches) if !matches.is_empty() => Err(FunctionError::new(
            "FaceAlreadyExistsError",
            // The workshop's sentence, with its closing space.
            "Face in the picture is already in the system. ",
        )),
        _ => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::FakeAws;

    fn event() -> Value {
        json!({"userId": "user_a", "s3Bucket": "photos", "s3Key": "a.jpg", "detectedFaceDetails": {}})
    }

    #[test]
    fn a_new_face_gives_null() {
        let aws = FakeAws::answering(json!({ "FaceMatches": [] }));
        assert_eq!(handle(&aws, "rider-photos", &event()), Ok(Value::Null));
        assert_eq!(
            aws.requests(),
            [(
                "rekognition:SearchFacesByImage".to_owned(),
                json!({
                    "CollectionId": "rider-photos",
                    "Image": {"S3Object": {"Bucket": "photos", "Name": "a.jpg"}},
                    "FaceMatchThreshold": 70.0,
                    "MaxFaces": 3
                })
            )]
        );
    }

    #[test]
    fn a_known_face_is_refused() {
        let found = json!({ "FaceMatches": [{"Similarity": 99.2, "Face": {"FaceId": "f"}}] });
        let error = handle(&FakeAws::answering(found), "c", &event()).expect_err("known");
        assert_eq!(error.name, "FaceAlreadyExistsError");
        assert_eq!(
            error.message,
            "Face in the picture is already in the system. "
        );
    }

    #[test]
    fn an_absent_collection_keeps_its_name() {
        let aws = FakeAws::failing(
            "ResourceNotFoundException",
            "The collection id: c does not exist",
        );
        let error = handle(&aws, "c", &event()).expect_err("no collection");
        assert_eq!(error.name, "ResourceNotFoundException");
    }
}
