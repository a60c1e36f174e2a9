//! `Thumbnail`: a small copy of the photo for lists.

use serde_json::{Value, json};

use crate::{Aws, FunctionError, Photo};

/// The box a thumbnail fits into, in pixels.
const SIDE_MAX: u32 = 300;

/// Puts `resized-<key>` into `bucket`; answers `{thumbnail: {s3key, s3bucket}}`.
///
/// # Errors
/// `ImageIdentifyError` when the object is no picture that can be read; otherwise S3's own error.
pub fn handle(aws: &dyn Aws, bucket: &str, event: &Value) -> Result<Value, FunctionError> {
    let photo = Photo::from_event(event)?;
    let key = photo.object_key()?;
    let picture = aws.get_object(&photo.s3_bucket, &key)?;
    let small = vision::thumbnail(&picture, SIDE_MAX, SIDE_MAX)
        .map_err(|error| FunctionError::new("ImageIdentifyError", error.to_string()))?;
    let small_key = format!("resized-{key}");
    aws.put_object(bucket, &small_key, small.format.media_type(), &small.bytes)?;
    Ok(json!({ "thumbnail": { "s3key": small_key, "s3bucket": bucket } }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::FakeAws;

    fn event() -> Value {
        json!({"userId": "user_a", "s3Bucket": "photos", "s3Key": "1_happy_face.jpg"})
    }

    #[test]
    fn a_photo_fits_the_box_and_keeps_its_shape() {
        let aws = FakeAws::answering(json!({}));
        let photo = include_bytes!("../../pictures/1_happy_face.jpg");
        aws.put_object("photos", "1_happy_face.jpg", "image/jpeg", photo)
            .expect("kept in memory");
        assert_eq!(
            handle(&aws, "thumbnails", &event()),
            Ok(
                json!({"thumbnail": {"s3key": "resized-1_happy_face.jpg", "s3bucket": "thumbnails"}})
            )
        );
        let (content_type, bytes) = aws
            .object("thumbnails", "resized-1_happy_face.jpg")
            .expect("the thumbnail was put");
        assert_eq!(content_type, "image/jpeg");
        let small = vision::decode(&bytes, &vision::Limits::default()).expect("a JPEG");
        assert_eq!((small.width(), small.height()), (300, 200));
    }

    #[test]
    fn what_is_no_picture_leaves_no_thumbnail() {
        let aws = FakeAws::answering(json!({}));
        aws.put_object("photos", "1_happy_face.jpg", "image/jpeg", b"just text")
            .expect("kept");
        let error = handle(&aws, "thumbnails", &event()).expect_err("no picture");
        assert_eq!(error.name, "ImageIdentifyError");
        assert!(
            aws.object("thumbnails", "resized-1_happy_face.jpg")
                .is_none()
        );
    }
}
