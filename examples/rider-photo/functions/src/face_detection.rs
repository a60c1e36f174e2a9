//! `FaceDetection`: is this a photo of one person without sunglasses?

use serde_json::{Value, json};

use crate::{Aws, AwsError, FunctionError, Photo};

/// Answers the one face's details, without its landmarks (nothing later reads them, and they are most of the text).
///
/// # Errors
/// `PhotoDoesNotMeetRequirementError` when the photo has not exactly one face, the face wears sunglasses, or the
/// file is too large or no picture; otherwise Rekognition's own error.
pub fn handle(aws: &dyn Aws, event: &Value) -> Result<Value, FunctionError> {
    let request = json!({ "Image": Photo::from_event(event)?.image()?, "Attributes": ["ALL"] });
    let mut answer = aws.rekognition("DetectFaces", &request).map_err(refused)?;
    let mut faces = match answer["FaceDetails"].take() {
        Value::Array(faces) => faces,
        _ => Vec::new(),
    };
    if faces.len() != 1 {
        return Err(FunctionError::photo_does_not_meet_requirement(format!(
            "Detected {} faces in the photo.",
            faces.len()
        )));
    }
    let mut face = faces.remove(0);
    if face["Sunglasses"]["Value"] == true {
        return Err(FunctionError::photo_does_not_meet_requirement(
            "Face is wearing sunglasses",
        ));
    }
    if let Some(details) = face.as_object_mut() {
        details.shift_remove("Landmarks");
    }
    Ok(face)
}

/// What the rider can mend is the photo's fault; the rest is an error of the system under its own name.
fn refused(error: AwsError) -> FunctionError {
    match error.code.as_str() {
        "ImageTooLargeException" => FunctionError::photo_does_not_meet_requirement(error.message),
        "InvalidImageFormatException" => FunctionError::photo_does_not_meet_requirement(
            "Unsupported image file format. Only JPEG or PNG is supported",
        ),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::FakeAws;

    fn event() -> Value {
        json!({"userId": "user_a", "s3Bucket": "photos", "s3Key": "1_happy_face.jpg"})
    }

    fn face(sunglasses: bool) -> Value {
        json!({
            "BoundingBox": {"Width": 0.2, "Height": 0.4, "Left": 0.3, "Top": 0.1},
            "Sunglasses": {"Value": sunglasses, "Confidence": 99.1},
            "Landmarks": [{"Type": "eyeLeft", "X": 0.4, "Y": 0.2}],
            "Confidence": 99.9
        })
    }

    fn answer(details: Value) -> Result<Value, FunctionError> {
        handle(
            &FakeAws::answering(json!({ "FaceDetails": details })),
            &event(),
        )
    }

    #[test]
    fn one_face_is_described_without_its_landmarks() {
        let aws = FakeAws::answering(json!({ "FaceDetails": [face(false)] }));
        let details = handle(&aws, &event()).expect("one face");
        assert_eq!(
            details,
            json!({
                "BoundingBox": {"Width": 0.2, "Height": 0.4, "Left": 0.3, "Top": 0.1},
                "Sunglasses": {"Value": false, "Confidence": 99.1},
                "Confidence": 99.9
            })
        );
        assert_eq!(
            aws.requests(),
            [(
                "rekognition:DetectFaces".to_owned(),
                json!({
                    "Image": {"S3Object": {"Bucket": "photos", "Name": "1_happy_face.jpg"}},
                    "Attributes": ["ALL"]
                })
            )]
        );
    }

    #[test]
    fn any_other_number_of_faces_is_refused_with_the_number() {
        for (faces, message) in [
            (json!([]), "Detected 0 faces in the photo."),
            (
                json!([face(false), face(false), face(false)]),
                "Detected 3 faces in the photo.",
            ),
        ] {
            let expected = FunctionError::photo_does_not_meet_requirement(message);
            assert_eq!(answer(faces), Err(expected));
        }
    }

    #[test]
    fn sunglasses_are_refused() {
        let expected = FunctionError::photo_does_not_meet_requirement("Face is wearing sunglasses");
        assert_eq!(answer(json!([face(true)])), Err(expected));
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words_for_the_rider() {
        for (code, said, message) in [
            (
                "InvalidImageFormatException",
                "Request has invalid image format.",
                "Unsupported image file format. Only JPEG or PNG is supported",
            ),
            (
                "ImageTooLargeException",
                "Image size is too large.",
                "Image size is too large.",
            ),
        ] {
            let expected = FunctionError::photo_does_not_meet_requirement(message);
            assert_eq!(
                handle(&FakeAws::failing(code, said), &event()),
                Err(expected)
            );
        }
    }

    #[test]
    fn other_errors_keep_their_name_and_words() {
        let said = "Unable to get object metadata from S3. Check object key, region and/or access permissions.";
        let aws = FakeAws::failing("InvalidS3ObjectException", said);
        let expected = FunctionError::new("InvalidS3ObjectException", said);
        assert_eq!(handle(&aws, &event()), Err(expected));
    }
}
