//! Rekognition's refusals, in its words.

use aws::ApiError;
use store::StoreError;
use vision::{ImageError, ModelError};

pub(crate) fn invalid_parameters() -> ApiError {
    ApiError::new(
        "InvalidParameterException",
        "Request has invalid parameters.",
    )
}

/// What a picture without a face is to those who search by it.
pub(crate) fn no_face() -> ApiError {
    ApiError::new(
        "InvalidParameterException",
        "There are no faces in the image. Should be at least 1.",
    )
}

/// For a key, a bucket, a region or a right that is not there; AWS does not say which.
pub(crate) fn invalid_s3_object() -> ApiError {
    ApiError::new(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )
}

pub(crate) fn image_too_large() -> ApiError {
    ApiError::new("ImageTooLargeException", "Image size is too large.")
}

pub(crate) fn invalid_token() -> ApiError {
    ApiError::new(
        "InvalidPaginationTokenException",
        "Invalid Pagination Token",
    )
}

pub(crate) fn no_collection(id: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("The collection id: {id} does not exist"),
    )
}

pub(crate) fn collection_exists(id: &str) -> ApiError {
    ApiError::new(
        "ResourceAlreadyExistsException",
        format!("The collection id: {id} already exists"),
    )
}

pub(crate) fn no_face_id(id: &str) -> ApiError {
    ApiError::new(
        "InvalidParameterException",
        format!("faceId {id} was not found in the collection."),
    )
}

pub(crate) fn no_resource(arn: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("The resource {arn} does not exist"),
    )
}

pub(crate) fn quota(text: &str) -> ApiError {
    ApiError::new("ServiceQuotaExceededException", text)
}

/// More pictures wait than can be looked at in time.
pub(crate) fn busy() -> ApiError {
    ApiError::new(
        "ProvisionedThroughputExceededException",
        "Provisioned Rate exceeded.",
    )
}

pub(crate) fn image(error: &ImageError) -> ApiError {
    match error {
        ImageError::Format | ImageError::Broken { .. } => ApiError::new(
            "InvalidImageFormatException",
            "Request has invalid image format.",
        ),
        ImageError::TooLarge { .. } => image_too_large(),
    }
}

pub(crate) fn model(error: &ModelError) -> ApiError {
    tracing::error!(%error, source = ?std::error::Error::source(error), "a face model failed");
    internal()
}

pub(crate) fn stored(error: &StoreError) -> ApiError {
    tracing::error!(%error, "the face store failed");
    internal()
}

pub(crate) fn internal() -> ApiError {
    ApiError::new("InternalServerError", "Internal server error").with_status(500)
}
