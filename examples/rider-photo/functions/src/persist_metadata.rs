//! `PersistMetadata`: save the photo with the rider's profile.

use serde_json::{Map, Value, json};

use crate::{Aws, FunctionError, Photo};

/// Puts the item `{Username, s3key, s3bucket, faceId, thumbnail}`; answers what DynamoDB answered (`{}`).
///
/// # Errors
/// `InvalidInputError` when the parallel steps' results are missing; otherwise DynamoDB's own error.
pub fn handle(aws: &dyn Aws, table: &str, event: &Value) -> Result<Value, FunctionError> {
    let photo = Photo::from_event(event)?;
    let face_id = text(event, "/parallelResult/0/FaceId")?;
    let thumbnail = event
        .pointer("/parallelResult/1/thumbnail")
        .and_then(Value::as_object)
        .ok_or_else(|| missing("/parallelResult/1/thumbnail"))?;
    let item = json!({
        "Username": {"S": photo.user_id},
        "s3key": {"S": photo.s3_key},
        "s3bucket": {"S": photo.s3_bucket},
        "faceId": {"S": face_id},
        "thumbnail": {"M": strings(thumbnail)?}
    });
    Ok(aws.dynamodb("PutItem", &json!({ "TableName": table, "Item": item }))?)
}

fn text<'a>(event: &'a Value, pointer: &str) -> Result<&'a str, FunctionError> {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| missing(pointer))
}

fn strings(members: &Map<String, Value>) -> Result<Map<String, Value>, FunctionError> {
    members
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name.clone(), json!({ "S": text }))),
            _ => Err(missing(&format!("/parallelResult/1/thumbnail/{name}"))),
        })
        .collect()
}

fn missing(pointer: &str) -> FunctionError {
    FunctionError::new(
        "InvalidInputError",
        format!("the input has no text or object at `{pointer}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::FakeAws;

    fn event() -> Value {
        json!({
            "userId": "user_a", "s3Bucket": "photos", "s3Key": "1_happy_face.jpg",
            "parallelResult": [
                {"FaceId": "00f884e1-31d4-5b7f-bcb2-bc91a51d3713"},
                {"thumbnail": {"s3key": "resized-1_happy_face.jpg", "s3bucket": "thumbnails"}}
            ]
        })
    }

    #[test]
    fn the_item_holds_photo_face_and_thumbnail() {
        let aws = FakeAws::answering(json!({}));
        assert_eq!(handle(&aws, "RiderPhotos", &event()), Ok(json!({})));
        assert_eq!(
            aws.requests(),
            [(
                "dynamodb:PutItem".to_owned(),
                json!({
                    "TableName": "RiderPhotos",
                    "Item": {
                        "Username": {"S": "user_a"},
                        "s3key": {"S": "1_happy_face.jpg"},
                        "s3bucket": {"S": "photos"},
                        "faceId": {"S": "00f884e1-31d4-5b7f-bcb2-bc91a51d3713"},
                        "thumbnail": {"M": {
                            "s3key": {"S": "resized-1_happy_face.jpg"},
                            "s3bucket": {"S": "thumbnails"}
                        }}
                    }
                })
            )]
        );
    }

    #[test]
    fn an_input_without_the_parallel_results_puts_nothing() {
        let aws = FakeAws::answering(json!({}));
        let mut event = event();
        event["parallelResult"][1] = json!({});
        let error = handle(&aws, "RiderPhotos", &event).expect_err("no thumbnail");
        assert_eq!(error.name, "InvalidInputError");
        assert!(aws.requests().is_empty());
    }
}
