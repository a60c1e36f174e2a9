//! S3's errors: codes, statuses and texts as AWS gives them.

use aws::ApiError;

pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

fn error(code: &'static str, status: u16, message: &str) -> ApiError {
    ApiError::new(code, message).with_status(status)
}

pub(crate) fn internal() -> ApiError {
    error(
        "InternalError",
        500,
        "We encountered an internal error. Please try again.",
    )
}

/// The store said no; the cause goes to the log.
pub(crate) fn store(cause: store::StoreError) -> ApiError {
    tracing::error!(cause = &cause as &dyn std::error::Error, "the store failed");
    internal()
}

/// The blob folder said no; the cause goes to the log.
pub(crate) fn disk(cause: std::io::Error) -> ApiError {
    tracing::error!(%cause, "the blob folder failed");
    internal()
}

pub(crate) fn no_such_bucket(bucket: &str) -> ApiError {
    error("NoSuchBucket", 404, "The specified bucket does not exist").with("BucketName", bucket)
}

pub(crate) fn no_such_key(key: &str) -> ApiError {
    error("NoSuchKey", 404, "The specified key does not exist.").with("Key", key)
}

pub(crate) fn no_such_version(key: &str, version: &str) -> ApiError {
    error(
        "NoSuchVersion",
        404,
        "The specified version does not exist.",
    )
    .with("Key", key)
    .with("VersionId", version)
}

pub(crate) fn invalid_version() -> ApiError {
    error("InvalidArgument", 400, "Invalid version id specified").with("ArgumentName", "versionId")
}

pub(crate) fn no_such_upload(upload: &str) -> ApiError {
    error(
        "NoSuchUpload",
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
    .with("UploadId", upload)
}

pub(crate) fn invalid_bucket_name(bucket: &str) -> ApiError {
    error(
        "InvalidBucketName",
        400,
        "The specified bucket is not valid.",
    )
    .with("BucketName", bucket)
}

pub(crate) fn bucket_exists(bucket: &str) -> ApiError {
    error(
        "BucketAlreadyExists",
        409,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    )
    .with("BucketName", bucket)
}

pub(crate) fn bucket_owned(bucket: &str) -> ApiError {
    error(
        "BucketAlreadyOwnedByYou",
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
    .with("BucketName", bucket)
}

pub(crate) fn bucket_not_empty(bucket: &str) -> ApiError {
    error(
        "BucketNotEmpty",
        409,
        "The bucket you tried to delete is not empty",
    )
    .with("BucketName", bucket)
}

pub(crate) fn illegal_location(constraint: &str) -> ApiError {
    error(
        "IllegalLocationConstraintException",
        400,
        &format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
        ),
    )
}

pub(crate) fn invalid_location(constraint: &str) -> ApiError {
    error(
        "InvalidLocationConstraint",
        400,
        "The specified location-constraint is not valid",
    )
    .with("LocationConstraint", constraint)
}

pub(crate) fn key_too_long(bytes: usize) -> ApiError {
    error("KeyTooLongError", 400, "Your key is too long")
        .with("Size", bytes.to_string())
        .with("MaxSizeAllowed", "1024")
}

pub(crate) fn metadata_too_large(bytes: usize) -> ApiError {
    error(
        "MetadataTooLarge",
        400,
        "Your metadata headers exceed the maximum allowed metadata size",
    )
    .with("Size", bytes.to_string())
    .with("MaxSizeAllowed", "2048")
}

pub(crate) fn entity_too_large(bytes_max: u64) -> ApiError {
    error(
        "EntityTooLarge",
        400,
        "Your proposed upload exceeds the maximum allowed size",
    )
    .with("MaxSizeAllowed", bytes_max.to_string())
}

pub(crate) fn entity_too_small(part: u32, etag: &str, size: u64, size_min: u64) -> ApiError {
    error(
        "EntityTooSmall",
        400,
        "Your proposed upload is smaller than the minimum allowed size",
    )
    .with("ProposedSize", size.to_string())
    .with("MinSizeAllowed", size_min.to_string())
    .with("PartNumber", part.to_string())
    .with("ETag", etag)
}

pub(crate) fn incomplete_body() -> ApiError {
    error(
        "IncompleteBody",
        400,
        "The request body terminated unexpectedly",
    )
}

pub(crate) fn missing_content_length() -> ApiError {
    error(
        "MissingContentLength",
        411,
        "You must provide the Content-Length HTTP header.",
    )
}

pub(crate) fn request_timeout() -> ApiError {
    error(
        "RequestTimeout",
        400,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
    )
}

pub(crate) fn invalid_argument(name: &str, value: &str, message: &str) -> ApiError {
    error("InvalidArgument", 400, message)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
}

pub(crate) fn invalid_request(message: &str) -> ApiError {
    error("InvalidRequest", 400, message)
}

pub(crate) fn invalid_tag(message: &str) -> ApiError {
    error("InvalidTag", 400, message)
}

pub(crate) fn invalid_digest() -> ApiError {
    error(
        "InvalidDigest",
        400,
        "The Content-MD5 you specified was invalid.",
    )
}

pub(crate) fn bad_md5() -> ApiError {
    error(
        "BadDigest",
        400,
        "The Content-MD5 you specified did not match what we received.",
    )
}

pub(crate) fn bad_checksum(algorithm: &str) -> ApiError {
    error(
        "BadDigest",
        400,
        &format!("The {algorithm} you specified did not match the calculated checksum."),
    )
}

pub(crate) fn bad_payload_hash(claimed: &str, computed: &str) -> ApiError {
    error(
        "XAmzContentSHA256Mismatch",
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
    .with("ClientComputedContentSHA256", claimed)
    .with("S3ComputedContentSHA256", computed)
}

pub(crate) fn precondition_failed(condition: &str) -> ApiError {
    error(
        "PreconditionFailed",
        412,
        "At least one of the pre-conditions you specified did not hold",
    )
    .with("Condition", condition)
}

/// Not an error to the client: the answer has no body.
pub(crate) fn not_modified() -> ApiError {
    error("NotModified", 304, "Not Modified")
}

pub(crate) fn invalid_range(requested: &str, size: u64) -> ApiError {
    error(
        "InvalidRange",
        416,
        "The requested range is not satisfiable",
    )
    .with("RangeRequested", requested)
    .with("ActualObjectSize", size.to_string())
}

pub(crate) fn invalid_part_number(requested: u32, actual: u32) -> ApiError {
    error(
        "InvalidPartNumber",
        416,
        "The requested partnumber is not satisfiable",
    )
    .with("PartNumberRequested", requested.to_string())
    .with("ActualPartCount", actual.to_string())
}

pub(crate) fn invalid_part(upload: &str, number: u32, etag: &str) -> ApiError {
    error(
        "InvalidPart",
        400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    )
    .with("UploadId", upload)
    .with("PartNumber", number.to_string())
    .with("ETag", etag)
}

pub(crate) fn invalid_part_order(upload: &str) -> ApiError {
    error(
        "InvalidPartOrder",
        400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    )
    .with("UploadId", upload)
}

pub(crate) fn malformed_xml() -> ApiError {
    error(
        "MalformedXML",
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(crate) fn malformed_policy(message: &str) -> ApiError {
    error("MalformedPolicy", 400, message)
}

pub(crate) fn no_cors(bucket: &str) -> ApiError {
    error(
        "NoSuchCORSConfiguration",
        404,
        "The CORS configuration does not exist",
    )
    .with("BucketName", bucket)
}

pub(crate) fn no_policy(bucket: &str) -> ApiError {
    error(
        "NoSuchBucketPolicy",
        404,
        "The bucket policy does not exist",
    )
    .with("BucketName", bucket)
}

/// A configuration that the bucket does not have.
pub(crate) fn not_configured(code: &'static str, message: &str, bucket: &str) -> ApiError {
    error(code, 404, message).with("BucketName", bucket)
}

pub(crate) fn no_tags(bucket: &str) -> ApiError {
    error("NoSuchTagSet", 404, "The TagSet does not exist").with("BucketName", bucket)
}

pub(crate) fn access_denied(message: &str) -> ApiError {
    error("AccessDenied", 403, message)
}

pub(crate) fn copy_to_itself() -> ApiError {
    invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
}

/// What AWS says with a code, for errors that come without words.
pub(crate) fn text_of(code: &str) -> &'static str {
    match code {
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "IncompleteBody" => "The request body terminated unexpectedly",
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request is not valid.",
    }
}
