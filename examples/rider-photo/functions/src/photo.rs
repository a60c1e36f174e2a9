use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FunctionError;

/// The workflow's input: whose photo, and where it lies.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Photo {
    /// The rider.
    pub user_id: String,
    /// The bucket of the photo.
    pub s3_bucket: String,
    /// The photo's key as the input has it; it may be encoded as S3's event notifications encode keys.
    pub s3_key: String,
}

impl Photo {
    /// Reads the photo out of a state's input; other members are none of its business.
    ///
    /// # Errors
    /// `InvalidInputError` when a member is absent or not a string.
    pub fn from_event(event: &Value) -> Result<Self, FunctionError> {
        Self::deserialize(event)
            .map_err(|error| FunctionError::new("InvalidInputError", error.to_string()))
    }

    /// The object's key: S3's notifications write a space as `+` and other characters in percent form, and the
    /// workshop's functions decode every key so.
    ///
    /// # Errors
    /// `InvalidInputError` when the decoded key is not UTF-8.
    pub fn object_key(&self) -> Result<String, FunctionError> {
        percent_decode_str(&self.s3_key.replace('+', " "))
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| FunctionError::new("InvalidInputError", "`s3Key` is not UTF-8"))
    }

    /// The photo as Rekognition's `Image` names it.
    ///
    /// # Errors
    /// As [`Photo::object_key`].
    pub fn image(&self) -> Result<Value, FunctionError> {
        Ok(json!({ "S3Object": { "Bucket": self.s3_bucket, "Name": self.object_key()? } }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(key: &str) -> Photo {
        Photo::from_event(&json!({"userId": "u", "s3Bucket": "b", "s3Key": key})).expect("complete")
    }

    #[test]
    fn a_key_is_decoded_as_s3_notifications_encode_it() {
        assert_eq!(
            photo("my+photo%281%29.jpg").object_key().as_deref(),
            Ok("my photo(1).jpg")
        );
        assert_eq!(photo("%C3%A4.jpg").object_key().as_deref(), Ok("ä.jpg"));
        assert!(photo("%FF").object_key().is_err());
    }

    #[test]
    fn an_input_without_a_key_is_refused_by_name() {
        let error =
            Photo::from_event(&json!({"userId": "u", "s3Bucket": "b"})).expect_err("no key");
        assert_eq!(error.name, "InvalidInputError");
        assert!(error.message.contains("s3Key"), "{}", error.message);
    }
}
