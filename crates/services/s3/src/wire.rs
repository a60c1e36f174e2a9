//! S3's HTTP shapes on one side, the backend on the other: translation only.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use aws::{ApiError, Caller};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Extensions;
use s3s::dto::{
    self, AbortMultipartUploadInput, AbortMultipartUploadOutput, BucketLocationConstraint,
    CORSConfiguration, CORSRule, ChecksumType, CommonPrefix, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopyObjectResult,
    CopyPartResult, CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, DeleteBucketCorsInput, DeleteBucketCorsOutput, DeleteBucketInput,
    DeleteBucketOutput, DeleteBucketPolicyInput, DeleteBucketPolicyOutput,
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, DeleteObjectsInput, DeleteObjectsOutput,
    DeletedObject, ETag, ETagCondition, EncodingType, GetBucketAclInput, GetBucketAclOutput,
    GetBucketCorsInput, GetBucketCorsOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    GetBucketLocationInput, GetBucketLocationOutput, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketTaggingInput, GetBucketTaggingOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, GetObjectAclInput, GetObjectAclOutput, GetObjectAttributesInput,
    GetObjectAttributesOutput, GetObjectInput, GetObjectOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, Grant, Grantee, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, Initiator, ListBucketsInput, ListBucketsOutput, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectVersionsInput, ListObjectVersionsOutput,
    ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput,
    ListPartsOutput, MultipartUpload, ObjectStorageClass, ObjectVersion, ObjectVersionStorageClass,
    Owner, Permission, PutBucketCorsInput, PutBucketCorsOutput,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
    PutBucketPolicyInput, PutBucketPolicyOutput, PutBucketTaggingInput, PutBucketTaggingOutput,
    PutObjectInput, PutObjectOutput, PutObjectTaggingInput, PutObjectTaggingOutput,
    ServerSideEncryption, StorageClass, StreamingBlob, Tag, Timestamp, TimestampFormat, Type,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::xml;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use serde_json::Value;

use crate::backend::{
    Backend, Completion, CompletionPart, Conditions, CopyTarget, Expected, ListingQuery, Put,
    Source, setting,
};
use crate::checksum::{Algorithm, Checksum, Kind};
use crate::chunked::Trailers;
use crate::error::{self, Result};
use crate::rows::{Bucket, Head, Object, Part};

const PAGE_MAX: usize = 1000;
const BUCKETS_MAX: usize = 10_000;

/// What belongs to one request besides what `s3s` reads of it.
pub(crate) struct Context {
    pub caller: Caller,
    pub trailers: Option<Trailers>,
    pub payload_sha256: Option<String>,
    /// The algorithm that the client chose, by whichever header.
    pub algorithm: Option<Algorithm>,
    /// `Expires` as it came: any text is kept.
    pub expires: Option<String>,
    /// The refusal, in AWS's words, that becomes the answer.
    pub refusal: Mutex<Option<ApiError>>,
}

impl Context {
    fn of(extensions: &Extensions) -> Arc<Self> {
        let context: Option<&Arc<Self>> = extensions.get();
        Arc::clone(context.expect("the HTTP door gives every request a context"))
    }

    /// The backend's answer for `s3s`; a refusal is kept here, since an `S3Error` has no room for its members.
    fn answer<T>(&self, result: Result<T>) -> S3Result<S3Response<T>> {
        result.map(S3Response::new).map_err(|refusal| {
            let mut error = S3Error::new(S3ErrorCode::InternalError);
            if let Ok(status) = http::StatusCode::from_u16(refusal.status) {
                error.set_status_code(status);
            }
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
            error
        })
    }

    fn expected(&self, length: Option<i64>) -> Expected {
        Expected {
            trailers: self.trailers.clone(),
            payload_sha256: self.payload_sha256.clone(),
            algorithm: self.algorithm,
            length: length.and_then(|length| u64::try_from(length).ok()),
            ..Expected::default()
        }
    }
}

/// The operations over the backend.
pub(crate) struct Wire(pub Arc<Backend>);

/// The account's canonical id: 64 hexadecimal digits that say nothing else.
pub(crate) fn canonical_id(account: &str) -> String {
    crate::checksum::sha256_hex(account.as_bytes())
}

fn owner(account: &str) -> Owner {
    Owner {
        display_name: None,
        id: Some(canonical_id(account)),
    }
}

fn etag(text: &str) -> ETag {
    ETag::Strong(text.to_owned())
}

fn encrypted() -> ServerSideEncryption {
    // DIVERGENCE: objects say `AES256`, as AWS's have since 2023, and are not encrypted at rest.
    ServerSideEncryption::from_static(ServerSideEncryption::AES256)
}

fn condition(condition: Option<ETagCondition>) -> Option<String> {
    Some(match condition? {
        ETagCondition::Any => "*".to_owned(),
        ETagCondition::ETag(etag) => etag.into_value(),
    })
}

fn seconds(timestamp: Option<Timestamp>) -> Option<i64> {
    let mut text = Vec::new();
    timestamp?
        .format(TimestampFormat::EpochSeconds, &mut text)
        .ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split('.').next()?.parse().ok()
}

fn limit(asked: Option<i32>, name: &str) -> Result<usize> {
    match asked {
        None => Ok(PAGE_MAX),
        Some(asked) => usize::try_from(asked)
            .map(|asked| asked.min(PAGE_MAX))
            .map_err(|_| {
                error::invalid_argument(
                    name,
                    &asked.to_string(),
                    &format!("Argument {name} must be an integer between 0 and 2147483647"),
                )
            }),
    }
}

/// Keys in lists, as `encoding-type=url` wants them or as they are.
struct Spelling(bool);

impl Spelling {
    fn of(encoding: Option<&EncodingType>) -> Self {
        Self(encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL))
    }

    fn key(&self, key: &str) -> String {
        if self.0 {
            url_encode(key)
        } else {
            key.to_owned()
        }
    }

    fn prefixes(&self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        (!prefixes.is_empty()).then(|| {
            prefixes
                .iter()
                .map(|prefix| CommonPrefix {
                    prefix: Some(self.key(prefix)),
                })
                .collect()
        })
    }
}

/// As S3 does it: a form's encoding that leaves slashes.
fn url_encode(key: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const LEFT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'*')
        .remove(b'/')
        .remove(b' ');
    utf8_percent_encode(key, LEFT).to_string().replace(' ', "+")
}

/// Where a completed upload's object is, as AWS shows it.
pub(crate) fn location(bucket: &str, key: &str) -> String {
    format!("https://{bucket}.s3.amazonaws.com/{}", url_encode(key))
}

/// `k=v&k2=v2`, percent-encoded, of the `x-amz-tagging` header.
pub(crate) fn parse_tags(text: &str) -> Result<Vec<(String, String)>> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| error::invalid_tag("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."))
    };
    let mut tags = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        tags.push((decode(key)?, decode(value)?));
    }
    check_tags(&tags, 10)?;
    Ok(tags)
}

pub(crate) fn check_tags(tags: &[(String, String)], count_max: usize) -> Result<()> {
    if tags.len() > count_max {
        return Err(if count_max == 10 {
            ApiError::new("BadRequest", "Object tags cannot be greater than 10")
        } else {
            ApiError::new(
                "BadRequest",
                format!("Bucket tag count cannot be greater than {count_max}"),
            )
        });
    }
    for (at, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(error::invalid_tag(
                "The TagKey you have provided is invalid",
            ));
        }
        if value.chars().count() > 256 {
            return Err(error::invalid_tag(
                "The TagValue you have provided is invalid",
            ));
        }
        if tags.iter().take(at).any(|(earlier, _)| earlier == key) {
            return Err(error::invalid_tag(
                "Cannot provide multiple Tags with the same key",
            ));
        }
    }
    Ok(())
}

fn tags_in(tags: Vec<Tag>, count_max: usize) -> Result<Vec<(String, String)>> {
    let tags: Vec<_> = tags
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    check_tags(&tags, count_max)?;
    Ok(tags)
}

fn tags_out(tags: Vec<(String, String)>) -> Vec<Tag> {
    tags.into_iter()
        .map(|(key, value)| Tag {
            key: Some(key),
            value: Some(value),
        })
        .collect()
}

/// The five checksum members of an input, as a list.
macro_rules! checksums_in {
    ($from:expr) => {
        [
            (Algorithm::Crc32, $from.checksum_crc32.take()),
            (Algorithm::Crc32c, $from.checksum_crc32c.take()),
            (Algorithm::Crc64nvme, $from.checksum_crc64nvme.take()),
            (Algorithm::Sha1, $from.checksum_sha1.take()),
            (Algorithm::Sha256, $from.checksum_sha256.take()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| {
            Some(Checksum {
                algorithm,
                value: value?,
            })
        })
        .collect::<Vec<_>>()
    };
}

/// Sets the one of the five checksum members of an output that a checksum is of.
macro_rules! checksum_out {
    ($to:expr, $checksum:expr) => {
        match $checksum.algorithm {
            Algorithm::Crc32 => $to.checksum_crc32 = Some($checksum.value.clone()),
            Algorithm::Crc32c => $to.checksum_crc32c = Some($checksum.value.clone()),
            Algorithm::Crc64nvme => $to.checksum_crc64nvme = Some($checksum.value.clone()),
            Algorithm::Sha1 => $to.checksum_sha1 = Some($checksum.value.clone()),
            Algorithm::Sha256 => $to.checksum_sha256 = Some($checksum.value.clone()),
        }
    };
}

/// The headers that an object keeps, of an input that has them.
macro_rules! head_in {
    ($input:expr, $context:expr) => {
        Head {
            content_type: $input.content_type.take(),
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            expires: $context.expires.clone(),
            website_redirect: $input.website_redirect_location.take(),
            storage_class: storage_class($input.storage_class.take())?,
            metadata: $input
                .metadata
                .take()
                .unwrap_or_default()
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            tags: match $input.tagging.take() {
                Some(tags) => parse_tags(&tags)?,
                None => Vec::new(),
            },
        }
    };
}

/// The same into an output.
macro_rules! head_out {
    ($output:expr, $object:expr) => {
        let head = &$object.head;
        $output.content_type = Some(
            head.content_type
                .clone()
                .unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
        );
        $output.cache_control.clone_from(&head.cache_control);
        $output
            .content_disposition
            .clone_from(&head.content_disposition);
        $output.content_encoding.clone_from(&head.content_encoding);
        $output.content_language.clone_from(&head.content_language);
        $output
            .website_redirect_location
            .clone_from(&head.website_redirect);
        $output.storage_class = head.storage_class.clone().map(StorageClass::from);
        $output.metadata = Some(head.metadata.clone().into_iter().collect());
        $output.accept_ranges = Some("bytes".to_owned());
        $output.e_tag = Some(etag(&$object.etag));
        $output.last_modified = Some($object.modified.time().into());
        $output.server_side_encryption = Some(encrypted());
    };
}

pub(crate) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// `STANDARD` is kept as nothing: AWS does not show it on an object.
fn storage_class(class: Option<StorageClass>) -> Result<Option<String>> {
    const KNOWN: [&str; 8] = [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    ];
    match class.as_ref().map(StorageClass::as_str) {
        None | Some("STANDARD") => Ok(None),
        Some(class) if KNOWN.contains(&class) => Ok(Some(class.to_owned())),
        Some(_) => Err(ApiError::new(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        )),
    }
}

fn checksum_type(kind: Kind) -> ChecksumType {
    ChecksumType::from_static(kind.name())
}

/// What part of an object is asked for, and how many parts it has if one was.
pub(crate) struct Slice {
    pub range: Range<u64>,
    pub partial: bool,
    pub parts: Option<u32>,
}

impl Slice {
    /// # Errors
    /// `InvalidRange` or `InvalidPartNumber` when the object does not reach so far.
    pub(crate) fn of(
        object: &Object,
        range: Option<dto::Range>,
        part_number: Option<i32>,
    ) -> Result<Self> {
        if let Some(range) = range {
            let found = range.check(object.size).ok().filter(|r| !r.is_empty());
            let range = found
                .ok_or_else(|| error::invalid_range(&range.to_header_string(), object.size))?;
            return Ok(Self {
                range,
                partial: true,
                parts: None,
            });
        }
        let Some(number) = part_number else {
            return Ok(Self {
                range: 0..object.size,
                partial: false,
                parts: None,
            });
        };
        let number = u32::try_from(number).unwrap_or(0);
        let count = object.parts.unwrap_or(1);
        if number == 0 || number > count {
            return Err(error::invalid_part_number(number, count));
        }
        let start = object
            .blobs
            .iter()
            .take(number as usize - 1)
            .map(|blob| blob.size)
            .sum();
        let size = object.blobs.get(number as usize - 1).map_or(0, |b| b.size);
        Ok(Self {
            range: start..start + size,
            partial: size > 0,
            parts: object.parts,
        })
    }

    /// `bytes 0-9/100`
    pub(crate) fn content_range(&self, size: u64) -> Option<String> {
        let Range { start, end } = self.range;
        self.partial
            .then(|| format!("bytes {start}-{}/{size}", end.saturating_sub(1)))
    }
}

fn source(source: &dto::CopySource, conditions: Conditions) -> Result<Source> {
    match source {
        dto::CopySource::Bucket {
            bucket,
            key,
            version_id,
        } => Ok(Source {
            bucket: bucket.to_string(),
            key: key.to_string(),
            version: version_id.as_ref().map(ToString::to_string),
            conditions,
        }),
        dto::CopySource::AccessPoint { .. } | dto::CopySource::Outpost { .. } => {
            Err(ApiError::new(
                "NotImplemented",
                "A header you provided implies functionality that is not implemented",
            )
            .with_status(501))
        }
    }
}

macro_rules! source_in {
    ($input:expr) => {
        source(
            &$input.copy_source,
            Conditions {
                if_match: condition($input.copy_source_if_match.take()),
                if_none_match: condition($input.copy_source_if_none_match.take()),
                if_modified_since: seconds($input.copy_source_if_modified_since.take()),
                if_unmodified_since: seconds($input.copy_source_if_unmodified_since.take()),
            },
        )
    };
}

fn grants(account: &str) -> Vec<Grant> {
    vec![Grant {
        grantee: Some(Grantee {
            display_name: None,
            email_address: None,
            id: Some(canonical_id(account)),
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}

/// CORS rules from the model's members, checked, as the text that is kept.
pub(crate) fn cors_xml(configuration: Option<&Value>) -> Result<String> {
    let texts = |rule: &Value, member: &str| -> Option<Vec<String>> {
        let texts = rule.get(member)?.as_array()?;
        let texts = texts
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned));
        Some(texts.collect())
    };
    let rules = configuration
        .and_then(|configuration| configuration.get("CORSRules"))
        .and_then(Value::as_array)
        .ok_or_else(error::malformed_xml)?;
    let configuration = CORSConfiguration {
        cors_rules: rules
            .iter()
            .map(|rule| CORSRule {
                allowed_headers: texts(rule, "AllowedHeaders"),
                allowed_methods: texts(rule, "AllowedMethods").unwrap_or_default(),
                allowed_origins: texts(rule, "AllowedOrigins").unwrap_or_default(),
                expose_headers: texts(rule, "ExposeHeaders"),
                id: rule.get("ID").and_then(Value::as_str).map(str::to_owned),
                max_age_seconds: rule
                    .get("MaxAgeSeconds")
                    .and_then(Value::as_i64)
                    .and_then(|seconds| i32::try_from(seconds).ok()),
            })
            .collect(),
    };
    crate::cors::check(&configuration)?;
    to_xml(&configuration)
}

/// A notification configuration from the model's members, as the text that is kept.
pub(crate) fn notification_xml(configuration: Option<&Value>) -> Result<String> {
    let configuration = configuration.ok_or_else(error::malformed_xml)?;
    let all = |member: &str| configuration.get(member).and_then(Value::as_array);
    let text = |entry: &Value, member: &str| {
        let text = entry.get(member).and_then(Value::as_str);
        text.map(str::to_owned)
    };
    let target = |entry: &Value, member: &str| text(entry, member).unwrap_or_default();
    let events = |entry: &Value| -> Vec<dto::Event> {
        let events = entry.get("Events").and_then(Value::as_array);
        let events = events.into_iter().flatten().filter_map(Value::as_str);
        events.map(|event| event.to_owned().into()).collect()
    };
    let filter = |entry: &Value| {
        let rules = entry.pointer("/Filter/Key/FilterRules")?.as_array()?;
        Some(dto::NotificationConfigurationFilter {
            key: Some(dto::S3KeyFilter {
                filter_rules: Some(
                    rules
                        .iter()
                        .map(|rule| dto::FilterRule {
                            name: text(rule, "Name").map(dto::FilterRuleName::from),
                            value: text(rule, "Value"),
                        })
                        .collect(),
                ),
            }),
        })
    };
    to_xml(&dto::NotificationConfiguration {
        event_bridge_configuration: configuration
            .get("EventBridgeConfiguration")
            .map(|_| dto::EventBridgeConfiguration::default()),
        lambda_function_configurations: all("LambdaFunctionConfigurations").map(|entries| {
            let entries = entries
                .iter()
                .map(|entry| dto::LambdaFunctionConfiguration {
                    events: events(entry),
                    filter: filter(entry),
                    id: text(entry, "Id"),
                    lambda_function_arn: target(entry, "LambdaFunctionArn"),
                });
            entries.collect()
        }),
        queue_configurations: all("QueueConfigurations").map(|entries| {
            let entries = entries.iter().map(|entry| dto::QueueConfiguration {
                events: events(entry),
                filter: filter(entry),
                id: text(entry, "Id"),
                queue_arn: target(entry, "QueueArn"),
            });
            entries.collect()
        }),
        topic_configurations: all("TopicConfigurations").map(|entries| {
            let entries = entries.iter().map(|entry| dto::TopicConfiguration {
                events: events(entry),
                filter: filter(entry),
                id: text(entry, "Id"),
                topic_arn: target(entry, "TopicArn"),
            });
            entries.collect()
        }),
    })
}

fn to_xml(value: &impl xml::Serialize) -> Result<String> {
    let mut text = Vec::new();
    let mut serializer = xml::Serializer::new(&mut text);
    value
        .serialize(&mut serializer)
        .map_err(|_| error::internal())?;
    String::from_utf8(text).map_err(|_| error::internal())
}

pub(crate) fn from_xml<T: for<'xml> xml::Deserialize<'xml>>(text: &str) -> Result<T> {
    let mut deserializer = xml::Deserializer::new(text.as_bytes());
    T::deserialize(&mut deserializer).map_err(|_| error::internal())
}

fn listed_object(
    spelling: &Spelling,
    key: &str,
    object: &Object,
    owner: Option<Owner>,
) -> dto::Object {
    dto::Object {
        checksum_algorithm: object.checksum.as_ref().map(|checksum| {
            vec![dto::ChecksumAlgorithm::from_static(
                checksum.algorithm.name(),
            )]
        }),
        checksum_type: object
            .checksum
            .as_ref()
            .map(|_| checksum_type(object.checksum_kind)),
        e_tag: Some(etag(&object.etag)),
        key: Some(spelling.key(key)),
        last_modified: Some(object.modified.time().into()),
        owner,
        restore_status: None,
        size: Some(object.size as i64),
        storage_class: Some(ObjectStorageClass::from(
            object
                .head
                .storage_class
                .clone()
                .unwrap_or_else(|| "STANDARD".to_owned()),
        )),
    }
}

fn list_part(part: &Part, algorithm: Option<Algorithm>) -> dto::Part {
    let mut listed = dto::Part {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(part.modified.time().into()),
        part_number: Some(part.number as i32),
        size: Some(part.size as i64),
        ..dto::Part::default()
    };
    for checksum in &part.checksums {
        if Some(checksum.algorithm) == algorithm {
            checksum_out!(listed, checksum);
        }
    }
    listed
}

/// A marker as a token that says nothing.
pub(crate) fn token(marker: &str) -> String {
    URL_SAFE_NO_PAD.encode(marker)
}

pub(crate) fn marker(token: &str) -> Result<String> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            error::invalid_argument(
                "continuation-token",
                token,
                "The continuation token provided is incorrect",
            )
        })
}

impl Wire {
    fn bucket(&self, name: &str) -> Result<Bucket> {
        self.0.bucket(name)
    }

    async fn put_object(
        &self,
        context: &Context,
        mut input: PutObjectInput,
    ) -> Result<PutObjectOutput> {
        let mut expected = context.expected(input.content_length);
        expected.md5 = input.content_md5.take();
        expected.checksums = checksums_in!(input);
        let put = Put {
            head: head_in!(input, context),
            body: input
                .body
                .take()
                .unwrap_or_else(|| s3s::Body::empty().into()),
            expected,
            conditions: Conditions {
                if_match: condition(input.if_match.take()),
                if_none_match: condition(input.if_none_match.take()),
                ..Conditions::default()
            },
        };
        let object = self.0.put(&input.bucket, &input.key, put).await?;
        let mut output = PutObjectOutput {
            e_tag: Some(etag(&object.etag)),
            checksum_type: Some(checksum_type(object.checksum_kind)),
            server_side_encryption: Some(encrypted()),
            ..PutObjectOutput::default()
        };
        if let Some(checksum) = &object.checksum {
            checksum_out!(output, checksum);
        }
        Ok(output)
    }

    fn get_object(&self, mut input: GetObjectInput) -> Result<(GetObjectOutput, Option<String>)> {
        let (object, pinned) =
            self.0
                .pinned(&input.bucket, &input.key, input.version_id.as_deref())?;
        Conditions {
            if_match: condition(input.if_match.take()),
            if_none_match: condition(input.if_none_match.take()),
            if_modified_since: seconds(input.if_modified_since.take()),
            if_unmodified_since: seconds(input.if_unmodified_since.take()),
        }
        .check_read(&object)?;
        let slice = Slice::of(&object, input.range, input.part_number)?;
        let mut output = GetObjectOutput {
            content_length: Some((slice.range.end - slice.range.start) as i64),
            content_range: slice.content_range(object.size),
            parts_count: slice.parts.map(|count| count as i32),
            tag_count: (!object.head.tags.is_empty()).then_some(object.head.tags.len() as i32),
            ..GetObjectOutput::default()
        };
        head_out!(output, object);
        if let (Some(_), false, Some(checksum)) =
            (&input.checksum_mode, slice.partial, &object.checksum)
        {
            checksum_out!(output, checksum);
            output.checksum_type = Some(checksum_type(object.checksum_kind));
        }
        let body = self.0.read(&object, slice.range, pinned);
        output.body = Some(StreamingBlob::wrap(futures_util::StreamExt::map(
            body,
            |bytes| bytes.map_err(std::io::Error::other),
        )));
        Ok((output, object.head.expires))
    }

    fn head_object(
        &self,
        mut input: HeadObjectInput,
    ) -> Result<(HeadObjectOutput, Option<String>)> {
        let object = self
            .0
            .object(&input.bucket, &input.key, input.version_id.as_deref())?;
        Conditions {
            if_match: condition(input.if_match.take()),
            if_none_match: condition(input.if_none_match.take()),
            if_modified_since: seconds(input.if_modified_since.take()),
            if_unmodified_since: seconds(input.if_unmodified_since.take()),
        }
        .check_read(&object)?;
        let slice = Slice::of(&object, input.range, input.part_number)?;
        let mut output = HeadObjectOutput {
            content_length: Some((slice.range.end - slice.range.start) as i64),
            content_range: slice.content_range(object.size),
            parts_count: slice.parts.map(|count| count as i32),
            ..HeadObjectOutput::default()
        };
        head_out!(output, object);
        if let (Some(_), false, Some(checksum)) =
            (&input.checksum_mode, slice.partial, &object.checksum)
        {
            checksum_out!(output, checksum);
            output.checksum_type = Some(checksum_type(object.checksum_kind));
        }
        Ok((output, object.head.expires))
    }

    async fn copy_object(
        &self,
        context: &Context,
        mut input: CopyObjectInput,
    ) -> Result<CopyObjectOutput> {
        let source = source_in!(input)?;
        let replaces = |directive: Option<&str>, name| match directive {
            None | Some("COPY") => Ok(false),
            Some("REPLACE") => Ok(true),
            Some(other) => Err(error::invalid_argument(
                name,
                other,
                &format!(
                    "Unknown {} directive.",
                    name.trim_start_matches("x-amz-").replace("-directive", "")
                ),
            )),
        };
        let new_head = replaces(
            input
                .metadata_directive
                .as_ref()
                .map(dto::MetadataDirective::as_str),
            "x-amz-metadata-directive",
        )?;
        let new_tags = replaces(
            input
                .tagging_directive
                .as_ref()
                .map(dto::TaggingDirective::as_str),
            "x-amz-tagging-directive",
        )?;
        let algorithm = input
            .checksum_algorithm
            .as_ref()
            .and_then(|name| Algorithm::parse(name.as_str()))
            .or(context.algorithm);
        let head = head_in!(input, context);
        let target = CopyTarget {
            tags: new_tags.then(|| head.tags.clone()),
            storage_class: head.storage_class.clone(),
            head: new_head.then_some(head),
            algorithm,
        };
        let object = self
            .0
            .copy(&source, &input.bucket, &input.key, target)
            .await?;
        let mut result = CopyObjectResult {
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(object.modified.time().into()),
            checksum_type: object
                .checksum
                .as_ref()
                .map(|_| checksum_type(object.checksum_kind)),
            ..CopyObjectResult::default()
        };
        if let Some(checksum) = &object.checksum {
            checksum_out!(result, checksum);
        }
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            server_side_encryption: Some(encrypted()),
            ..CopyObjectOutput::default()
        })
    }

    async fn delete_objects(&self, input: DeleteObjectsInput) -> Result<DeleteObjectsOutput> {
        let quiet = input.delete.quiet.unwrap_or(false);
        let keys: Vec<_> = input
            .delete
            .objects
            .into_iter()
            .map(|object| (object.key, object.version_id))
            .collect();
        if keys.is_empty() || keys.len() > PAGE_MAX {
            return Err(error::malformed_xml());
        }
        let answers = self.0.delete_many(&input.bucket, &keys).await?;
        let mut deleted = Vec::new();
        let mut errors = Vec::new();
        for ((key, version_id), answer) in keys.into_iter().zip(answers) {
            match answer {
                Ok(()) if quiet => {}
                Ok(()) => deleted.push(DeletedObject {
                    key: Some(key),
                    version_id,
                    ..DeletedObject::default()
                }),
                Err(refused) => errors.push(dto::Error {
                    code: Some(refused.code.into_owned()),
                    key: Some(key),
                    message: Some(refused.message),
                    version_id,
                }),
            }
        }
        Ok(DeleteObjectsOutput {
            deleted: (!deleted.is_empty()).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..DeleteObjectsOutput::default()
        })
    }

    async fn create_upload(
        &self,
        context: &Context,
        mut input: CreateMultipartUploadInput,
    ) -> Result<CreateMultipartUploadOutput> {
        let algorithm = match &input.checksum_algorithm {
            Some(name) => Some(
                Algorithm::parse(name.as_str()).ok_or_else(|| {
                    error::invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
                })?,
            ),
            None => None,
        };
        let kind = input
            .checksum_type
            .as_ref()
            .and_then(|kind| Kind::parse(kind.as_str()));
        let head = head_in!(input, context);
        let upload = self
            .0
            .create_upload(&input.bucket, &input.key, head, algorithm, kind)
            .await?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            checksum_algorithm: upload
                .algorithm
                .map(|algorithm| dto::ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: upload.algorithm.map(|_| checksum_type(upload.kind)),
            server_side_encryption: Some(encrypted()),
            upload_id: Some(upload.id),
            ..CreateMultipartUploadOutput::default()
        })
    }

    async fn upload_part(
        &self,
        context: &Context,
        mut input: UploadPartInput,
    ) -> Result<UploadPartOutput> {
        let mut expected = context.expected(input.content_length);
        expected.md5 = input.content_md5.take();
        expected.checksums = checksums_in!(input);
        let body = input
            .body
            .take()
            .unwrap_or_else(|| s3s::Body::empty().into());
        let (_, part, checksum) = self
            .0
            .put_part(
                &input.bucket,
                &input.key,
                &input.upload_id,
                u32::try_from(input.part_number).unwrap_or(0),
                body,
                expected,
            )
            .await?;
        let mut output = UploadPartOutput {
            e_tag: Some(etag(&part.etag)),
            server_side_encryption: Some(encrypted()),
            ..UploadPartOutput::default()
        };
        checksum_out!(output, checksum);
        Ok(output)
    }

    async fn upload_part_copy(
        &self,
        mut input: UploadPartCopyInput,
    ) -> Result<UploadPartCopyOutput> {
        let source = source_in!(input)?;
        let (upload, part) = self
            .0
            .copy_part(
                &source,
                input.copy_source_range.as_deref(),
                &input.bucket,
                &input.key,
                &input.upload_id,
                u32::try_from(input.part_number).unwrap_or(0),
            )
            .await?;
        let mut result = CopyPartResult {
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(part.modified.time().into()),
            ..CopyPartResult::default()
        };
        for checksum in &part.checksums {
            if Some(checksum.algorithm) == upload.algorithm {
                checksum_out!(result, checksum);
            }
        }
        Ok(UploadPartCopyOutput {
            copy_part_result: Some(result),
            server_side_encryption: Some(encrypted()),
            ..UploadPartCopyOutput::default()
        })
    }

    async fn complete_upload(
        &self,
        mut input: CompleteMultipartUploadInput,
    ) -> Result<CompleteMultipartUploadOutput> {
        let parts = input
            .multipart_upload
            .take()
            .and_then(|upload| upload.parts)
            .unwrap_or_default()
            .into_iter()
            .map(|mut part| CompletionPart {
                number: part
                    .part_number
                    .and_then(|n| u32::try_from(n).ok())
                    .unwrap_or(0),
                checksums: checksums_in!(part),
                etag: part.e_tag.map(ETag::into_value).unwrap_or_default(),
            })
            .collect();
        let completion = Completion {
            parts,
            checksums: checksums_in!(input),
            size: input
                .mpu_object_size
                .and_then(|size| u64::try_from(size).ok()),
            conditions: Conditions {
                if_match: condition(input.if_match.take()),
                if_none_match: condition(input.if_none_match.take()),
                ..Conditions::default()
            },
        };
        let object = self
            .0
            .complete(&input.bucket, &input.key, &input.upload_id, completion)
            .await?;
        let mut output = CompleteMultipartUploadOutput {
            location: Some(location(&input.bucket, &input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag(&object.etag)),
            checksum_type: object
                .checksum
                .as_ref()
                .map(|_| checksum_type(object.checksum_kind)),
            server_side_encryption: Some(encrypted()),
            ..CompleteMultipartUploadOutput::default()
        };
        if let Some(checksum) = &object.checksum {
            checksum_out!(output, checksum);
        }
        Ok(output)
    }

    fn list_parts(&self, input: ListPartsInput) -> Result<ListPartsOutput> {
        let limit = limit(input.max_parts, "max-parts")?;
        let after = input
            .part_number_marker
            .and_then(|marker| u32::try_from(marker).ok())
            .unwrap_or(0);
        let bucket = self.bucket(&input.bucket)?;
        let listing =
            self.0
                .list_parts(&input.bucket, &input.key, &input.upload_id, after, limit)?;
        let last = listing.parts.last().map_or(0, |part| part.number);
        let algorithm = listing.upload.algorithm;
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            checksum_algorithm: algorithm
                .map(|algorithm| dto::ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: algorithm.map(|_| checksum_type(listing.upload.kind)),
            initiator: Some(Initiator {
                display_name: None,
                id: Some(canonical_id(&bucket.account)),
            }),
            owner: Some(owner(&bucket.account)),
            is_truncated: Some(listing.truncated),
            max_parts: Some(limit as i32),
            part_number_marker: Some(after as i32),
            next_part_number_marker: Some(last as i32),
            parts: Some(
                listing
                    .parts
                    .iter()
                    .map(|part| list_part(part, algorithm))
                    .collect(),
            ),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..ListPartsOutput::default()
        })
    }

    fn list_uploads(&self, input: ListMultipartUploadsInput) -> Result<ListMultipartUploadsOutput> {
        let limit = limit(input.max_uploads, "max-uploads")?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let bucket = self.bucket(&input.bucket)?;
        let query = ListingQuery {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone(),
            after: input.key_marker.clone().filter(|marker| !marker.is_empty()),
            limit,
        };
        let upload_after = input.upload_id_marker.as_deref().filter(|m| !m.is_empty());
        let listing = self.0.list_uploads(&input.bucket, &query, upload_after)?;
        let truncated = listing.next.is_some();
        let (next_key, next_upload) = listing.next.unzip();
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            common_prefixes: spelling.prefixes(&listing.prefixes),
            delimiter: input.delimiter.map(|delimiter| spelling.key(&delimiter)),
            encoding_type: input.encoding_type,
            is_truncated: Some(truncated),
            key_marker: Some(spelling.key(&input.key_marker.unwrap_or_default())),
            upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
            max_uploads: Some(limit as i32),
            next_key_marker: next_key.map(|key| spelling.key(&key)),
            next_upload_id_marker: next_upload.flatten(),
            prefix: Some(spelling.key(&query.prefix)),
            request_charged: None,
            uploads: (!listing.uploads.is_empty()).then(|| {
                listing
                    .uploads
                    .into_iter()
                    .map(|upload| MultipartUpload {
                        checksum_algorithm: upload
                            .algorithm
                            .map(|algorithm| dto::ChecksumAlgorithm::from_static(algorithm.name())),
                        checksum_type: upload.algorithm.map(|_| checksum_type(upload.kind)),
                        initiated: Some(upload.initiated.time().into()),
                        initiator: Some(Initiator {
                            display_name: None,
                            id: Some(canonical_id(&bucket.account)),
                        }),
                        key: Some(spelling.key(&upload.key)),
                        owner: Some(owner(&bucket.account)),
                        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
                        upload_id: Some(upload.id),
                    })
                    .collect()
            }),
        })
    }

    fn list_objects(&self, input: ListObjectsInput) -> Result<ListObjectsOutput> {
        let limit = limit(input.max_keys, "maxKeys")?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let bucket = self.bucket(&input.bucket)?;
        let query = ListingQuery {
            prefix: input.prefix.unwrap_or_default(),
            delimiter: input.delimiter,
            after: input.marker.clone().filter(|marker| !marker.is_empty()),
            limit,
        };
        let listing = self.0.list(&input.bucket, &query)?;
        Ok(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(spelling.key(&query.prefix)),
            marker: Some(spelling.key(&input.marker.unwrap_or_default())),
            max_keys: Some(limit as i32),
            is_truncated: Some(listing.next.is_some()),
            contents: (!listing.objects.is_empty()).then(|| {
                listing
                    .objects
                    .iter()
                    .map(|(key, object)| {
                        listed_object(&spelling, key, object, Some(owner(&bucket.account)))
                    })
                    .collect()
            }),
            common_prefixes: spelling.prefixes(&listing.prefixes),
            // Without a delimiter the last key is the marker, and clients know that.
            next_marker: listing
                .next
                .filter(|_| query.delimiter.is_some())
                .map(|next| spelling.key(&next)),
            delimiter: query.delimiter.map(|delimiter| spelling.key(&delimiter)),
            encoding_type: input.encoding_type,
            request_charged: None,
        })
    }

    fn list_objects_v2(&self, input: ListObjectsV2Input) -> Result<ListObjectsV2Output> {
        let limit = limit(input.max_keys, "maxKeys")?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let bucket = self.bucket(&input.bucket)?;
        let after = match &input.continuation_token {
            Some(token) => Some(marker(token)?),
            None => input.start_after.clone().filter(|after| !after.is_empty()),
        };
        let query = ListingQuery {
            prefix: input.prefix.unwrap_or_default(),
            delimiter: input.delimiter,
            after,
            limit,
        };
        let listing = self.0.list(&input.bucket, &query)?;
        let shown = input.fetch_owner.unwrap_or(false);
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(spelling.key(&query.prefix)),
            max_keys: Some(limit as i32),
            key_count: Some((listing.objects.len() + listing.prefixes.len()) as i32),
            continuation_token: input.continuation_token,
            is_truncated: Some(listing.next.is_some()),
            next_continuation_token: listing.next.as_deref().map(token),
            contents: (!listing.objects.is_empty()).then(|| {
                listing
                    .objects
                    .iter()
                    .map(|(key, object)| {
                        let owner = shown.then(|| owner(&bucket.account));
                        listed_object(&spelling, key, object, owner)
                    })
                    .collect()
            }),
            common_prefixes: spelling.prefixes(&listing.prefixes),
            delimiter: query.delimiter.map(|delimiter| spelling.key(&delimiter)),
            encoding_type: input.encoding_type,
            start_after: input.start_after.map(|after| spelling.key(&after)),
            request_charged: None,
        })
    }

    fn list_versions(&self, input: ListObjectVersionsInput) -> Result<ListObjectVersionsOutput> {
        let limit = limit(input.max_keys, "maxKeys")?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let bucket = self.bucket(&input.bucket)?;
        let query = ListingQuery {
            prefix: input.prefix.unwrap_or_default(),
            delimiter: input.delimiter,
            after: input.key_marker.clone().filter(|marker| !marker.is_empty()),
            limit,
        };
        let listing = self.0.list(&input.bucket, &query)?;
        let last_is_object = listing.objects.last().map(|(key, _)| key) == listing.next.as_ref();
        Ok(ListObjectVersionsOutput {
            name: Some(input.bucket),
            prefix: Some(spelling.key(&query.prefix)),
            key_marker: Some(spelling.key(&input.key_marker.unwrap_or_default())),
            version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
            max_keys: Some(limit as i32),
            is_truncated: Some(listing.next.is_some()),
            next_version_id_marker: listing
                .next
                .as_ref()
                .filter(|_| last_is_object)
                .map(|_| "null".to_owned()),
            next_key_marker: listing.next.map(|next| spelling.key(&next)),
            versions: (!listing.objects.is_empty()).then(|| {
                listing
                    .objects
                    .iter()
                    .map(|(key, object)| {
                        let listed = listed_object(&spelling, key, object, None);
                        ObjectVersion {
                            checksum_algorithm: listed.checksum_algorithm,
                            checksum_type: listed.checksum_type,
                            e_tag: listed.e_tag,
                            is_latest: Some(true),
                            key: listed.key,
                            last_modified: listed.last_modified,
                            owner: Some(owner(&bucket.account)),
                            restore_status: None,
                            size: listed.size,
                            storage_class: Some(ObjectVersionStorageClass::from_static(
                                ObjectVersionStorageClass::STANDARD,
                            )),
                            version_id: Some("null".to_owned()),
                        }
                    })
                    .collect()
            }),
            common_prefixes: spelling.prefixes(&listing.prefixes),
            delimiter: query.delimiter.map(|delimiter| spelling.key(&delimiter)),
            encoding_type: input.encoding_type,
            delete_markers: None,
            request_charged: None,
        })
    }

    fn list_buckets(
        &self,
        context: &Context,
        input: ListBucketsInput,
    ) -> Result<ListBucketsOutput> {
        let limit = input
            .max_buckets
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(BUCKETS_MAX)
            .clamp(1, BUCKETS_MAX);
        let after = input
            .continuation_token
            .as_deref()
            .map(marker)
            .transpose()?;
        let (buckets, more) = self.0.list_buckets(
            &context.caller,
            input.prefix.as_deref().unwrap_or_default(),
            input.bucket_region.as_deref(),
            after.as_deref(),
            limit,
        )?;
        // AWS shows the region only to those who ask page by page.
        let paged = input.max_buckets.is_some();
        Ok(ListBucketsOutput {
            continuation_token: buckets
                .last()
                .filter(|_| more)
                .map(|bucket| token(&bucket.name)),
            buckets: Some(
                buckets
                    .into_iter()
                    .map(|bucket| dto::Bucket {
                        bucket_region: paged.then_some(bucket.region),
                        creation_date: Some(bucket.created.time().into()),
                        name: Some(bucket.name),
                    })
                    .collect(),
            ),
            owner: Some(owner(&context.caller.account)),
            prefix: input.prefix,
        })
    }

    fn attributes(&self, input: GetObjectAttributesInput) -> Result<GetObjectAttributesOutput> {
        let object = self
            .0
            .object(&input.bucket, &input.key, input.version_id.as_deref())?;
        // They come as one header or several.
        let wants = |name: &str| {
            let mut listed = input.object_attributes.iter();
            listed.any(|wanted| wanted.as_str().split(',').any(|one| one.trim() == name))
        };
        let mut output = GetObjectAttributesOutput {
            last_modified: Some(object.modified.time().into()),
            ..GetObjectAttributesOutput::default()
        };
        if wants("ETag") {
            output.e_tag = Some(etag(&object.etag));
        }
        if wants("ObjectSize") {
            output.object_size = Some(object.size as i64);
        }
        if wants("StorageClass") {
            output.storage_class = Some(StorageClass::from(
                object
                    .head
                    .storage_class
                    .clone()
                    .unwrap_or_else(|| "STANDARD".to_owned()),
            ));
        }
        if let (true, Some(found)) = (wants("Checksum"), &object.checksum) {
            let mut checksum = dto::Checksum {
                checksum_type: Some(checksum_type(object.checksum_kind)),
                ..dto::Checksum::default()
            };
            checksum_out!(checksum, found);
            output.checksum = Some(checksum);
        }
        if let (true, Some(parts)) = (wants("ObjectParts"), object.parts) {
            output.object_parts = Some(dto::GetObjectAttributesParts {
                total_parts_count: Some(parts as i32),
                ..dto::GetObjectAttributesParts::default()
            });
        }
        Ok(output)
    }
}

// DIVERGENCE: lifecycle rules, notifications, public access blocks, ownership controls and default encryption are kept and shown, not
// carried out.
impl Wire {
    async fn keep(&self, bucket: &str, name: &str, text: Result<String>) -> Result<()> {
        let text = text?;
        self.0
            .configure(bucket, |bucket| {
                bucket.settings.insert(name.to_owned(), text);
            })
            .await
    }

    async fn forget(&self, bucket: &str, name: &str) -> Result<()> {
        self.0
            .configure(bucket, |bucket| {
                bucket.settings.remove(name);
            })
            .await
    }

    fn kept<T: for<'xml> xml::Deserialize<'xml>>(
        &self,
        bucket: &str,
        name: &str,
        code: &'static str,
        message: &str,
    ) -> Result<T> {
        let bucket = self.bucket(bucket)?;
        let text = bucket
            .settings
            .get(name)
            .ok_or_else(|| error::not_configured(code, message, &bucket.name))?;
        from_xml(text)
    }
}

fn lifecycle_xml(configuration: Option<&dto::BucketLifecycleConfiguration>) -> Result<String> {
    to_xml(configuration.ok_or_else(error::malformed_xml)?)
}

/// An answer with `Expires` as it was stored.
fn with_expires<T>(answer: (T, Option<String>)) -> S3Response<T> {
    let (output, expires) = answer;
    let mut response = S3Response::new(output);
    if let Some(value) = expires.and_then(|text| text.parse().ok()) {
        response.headers.insert(http::header::EXPIRES, value);
    }
    response
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait::async_trait]
impl S3 for Wire {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::put_object(self, &context, request.input).await)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        let context = Context::of(&request.extensions);
        let answer = context.answer(Wire::get_object(self, request.input))?;
        Ok(with_expires(answer.output))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        let context = Context::of(&request.extensions);
        let answer = context.answer(Wire::head_object(self, request.input))?;
        Ok(with_expires(answer.output))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::copy_object(self, &context, request.input).await)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Answer<DeleteObjectOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let conditions = Conditions {
            if_match: condition(input.if_match),
            ..Conditions::default()
        };
        let deleted = self
            .0
            .delete(
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                &conditions,
            )
            .await;
        context.answer(deleted.map(|()| DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::delete_objects(self, request.input).await)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        let context = Context::of(&request.extensions);
        context.answer(self.create_upload(&context, request.input).await)
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::upload_part(self, &context, request.input).await)
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> Answer<UploadPartCopyOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::upload_part_copy(self, request.input).await)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let context = Context::of(&request.extensions);
        context.answer(self.complete_upload(request.input).await)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let aborted = self
            .0
            .abort(&input.bucket, &input.key, &input.upload_id)
            .await;
        context.answer(aborted.map(|()| AbortMultipartUploadOutput::default()))
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::list_parts(self, request.input))
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(self.list_uploads(request.input))
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> Answer<ListObjectsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::list_objects(self, request.input))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::list_objects_v2(self, request.input))
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Answer<ListObjectVersionsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(self.list_versions(request.input))
    }

    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> Answer<ListBucketsOutput> {
        let context = Context::of(&request.extensions);
        context.answer(Wire::list_buckets(self, &context, request.input))
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Answer<CreateBucketOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let constraint = input
            .create_bucket_configuration
            .and_then(|configuration| configuration.location_constraint);
        let made = self
            .0
            .create_bucket(
                &context.caller,
                &input.bucket,
                constraint.as_ref().map(BucketLocationConstraint::as_str),
            )
            .await;
        context.answer(made.map(|bucket| CreateBucketOutput {
            location: Some(format!("/{}", bucket.name)),
        }))
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> Answer<DeleteBucketOutput> {
        let context = Context::of(&request.extensions);
        let deleted = self.0.delete_bucket(&request.input.bucket).await;
        context.answer(deleted.map(|()| DeleteBucketOutput::default()))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|bucket| HeadBucketOutput {
            access_point_alias: Some(false),
            bucket_region: Some(bucket.region),
            ..HeadBucketOutput::default()
        }))
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answer<GetBucketLocationOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|bucket| {
            GetBucketLocationOutput {
                location_constraint: (bucket.region != "us-east-1")
                    .then(|| BucketLocationConstraint::from(bucket.region)),
            }
        }))
    }

    async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Answer<GetBucketVersioningOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|_| GetBucketVersioningOutput::default()))
    }

    async fn get_bucket_acl(
        &self,
        request: S3Request<GetBucketAclInput>,
    ) -> Answer<GetBucketAclOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|bucket| GetBucketAclOutput {
            grants: Some(grants(&bucket.account)),
            owner: Some(owner(&bucket.account)),
        }))
    }

    async fn get_object_acl(
        &self,
        request: S3Request<GetObjectAclInput>,
    ) -> Answer<GetObjectAclOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let found = self.bucket(&input.bucket).and_then(|bucket| {
            self.0
                .object(&input.bucket, &input.key, input.version_id.as_deref())?;
            Ok(GetObjectAclOutput {
                grants: Some(grants(&bucket.account)),
                owner: Some(owner(&bucket.account)),
                request_charged: None,
            })
        });
        context.answer(found)
    }

    async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> Answer<GetBucketEncryptionOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        let found = bucket.and_then(|bucket| match bucket.settings.get(setting::ENCRYPTION) {
            Some(text) => from_xml(text),
            None => Ok(dto::ServerSideEncryptionConfiguration {
                rules: vec![dto::ServerSideEncryptionRule {
                    apply_server_side_encryption_by_default: Some(
                        dto::ServerSideEncryptionByDefault {
                            kms_master_key_id: None,
                            sse_algorithm: encrypted(),
                        },
                    ),
                    bucket_key_enabled: Some(false),
                }],
            }),
        });
        context.answer(found.map(|found| GetBucketEncryptionOutput {
            server_side_encryption_configuration: Some(found),
        }))
    }

    async fn put_bucket_cors(
        &self,
        request: S3Request<PutBucketCorsInput>,
    ) -> Answer<PutBucketCorsOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let put = async {
            crate::cors::check(&input.cors_configuration)?;
            let text = to_xml(&input.cors_configuration)?;
            self.0
                .configure(&input.bucket, |bucket| {
                    bucket.settings.insert(setting::CORS.to_owned(), text);
                })
                .await
        };
        context.answer(put.await.map(|()| PutBucketCorsOutput::default()))
    }

    async fn get_bucket_cors(
        &self,
        request: S3Request<GetBucketCorsInput>,
    ) -> Answer<GetBucketCorsOutput> {
        let context = Context::of(&request.extensions);
        let name = request.input.bucket;
        let found = self.bucket(&name).and_then(|bucket| {
            let text = bucket
                .settings
                .get(setting::CORS)
                .ok_or_else(|| error::no_cors(&name))?;
            let configuration: dto::CORSConfiguration = from_xml(text)?;
            Ok(GetBucketCorsOutput {
                cors_rules: Some(configuration.cors_rules),
            })
        });
        context.answer(found)
    }

    async fn delete_bucket_cors(
        &self,
        request: S3Request<DeleteBucketCorsInput>,
    ) -> Answer<DeleteBucketCorsOutput> {
        let context = Context::of(&request.extensions);
        let deleted = self
            .0
            .configure(&request.input.bucket, |bucket| {
                bucket.settings.remove(setting::CORS);
            })
            .await;
        context.answer(deleted.map(|()| DeleteBucketCorsOutput::default()))
    }

    async fn put_bucket_policy(
        &self,
        request: S3Request<PutBucketPolicyInput>,
    ) -> Answer<PutBucketPolicyOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let put = async {
            check_policy(&input.policy)?;
            self.0
                .configure(&input.bucket, |bucket| {
                    bucket
                        .settings
                        .insert(setting::POLICY.to_owned(), input.policy);
                })
                .await
        };
        context.answer(put.await.map(|()| PutBucketPolicyOutput::default()))
    }

    async fn get_bucket_policy(
        &self,
        request: S3Request<GetBucketPolicyInput>,
    ) -> Answer<GetBucketPolicyOutput> {
        let context = Context::of(&request.extensions);
        let name = request.input.bucket;
        let found = self.bucket(&name).and_then(|mut bucket| {
            let policy = bucket.settings.remove(setting::POLICY);
            Ok(GetBucketPolicyOutput {
                policy: Some(policy.ok_or_else(|| error::no_policy(&name))?),
            })
        });
        context.answer(found)
    }

    async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> Answer<DeleteBucketPolicyOutput> {
        let context = Context::of(&request.extensions);
        let deleted = self
            .0
            .configure(&request.input.bucket, |bucket| {
                bucket.settings.remove(setting::POLICY);
            })
            .await;
        context.answer(deleted.map(|()| DeleteBucketPolicyOutput::default()))
    }

    async fn put_bucket_notification_configuration(
        &self,
        request: S3Request<PutBucketNotificationConfigurationInput>,
    ) -> Answer<PutBucketNotificationConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let put = async {
            let text = to_xml(&input.notification_configuration)?;
            self.0
                .configure(&input.bucket, |bucket| {
                    bucket
                        .settings
                        .insert(setting::NOTIFICATION.to_owned(), text);
                })
                .await
        };
        context.answer(
            put.await
                .map(|()| PutBucketNotificationConfigurationOutput::default()),
        )
    }

    async fn get_bucket_notification_configuration(
        &self,
        request: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> Answer<GetBucketNotificationConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let found = self.bucket(&request.input.bucket).and_then(|bucket| {
            let Some(text) = bucket.settings.get(setting::NOTIFICATION) else {
                return Ok(GetBucketNotificationConfigurationOutput::default());
            };
            let found: dto::NotificationConfiguration = from_xml(text)?;
            Ok(GetBucketNotificationConfigurationOutput {
                event_bridge_configuration: found.event_bridge_configuration,
                lambda_function_configurations: found.lambda_function_configurations,
                queue_configurations: found.queue_configurations,
                topic_configurations: found.topic_configurations,
            })
        });
        context.answer(found)
    }

    async fn put_bucket_tagging(
        &self,
        request: S3Request<PutBucketTaggingInput>,
    ) -> Answer<PutBucketTaggingOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let put = async {
            let tags = tags_in(input.tagging.tag_set, 50)?;
            self.0
                .configure(&input.bucket, |bucket| bucket.tags = tags)
                .await
        };
        context.answer(put.await.map(|()| PutBucketTaggingOutput::default()))
    }

    async fn get_bucket_tagging(
        &self,
        request: S3Request<GetBucketTaggingInput>,
    ) -> Answer<GetBucketTaggingOutput> {
        let context = Context::of(&request.extensions);
        let name = request.input.bucket;
        let found = self.bucket(&name).and_then(|bucket| {
            if bucket.tags.is_empty() {
                return Err(error::no_tags(&name));
            }
            Ok(GetBucketTaggingOutput {
                tag_set: tags_out(bucket.tags),
            })
        });
        context.answer(found)
    }

    async fn delete_bucket_tagging(
        &self,
        request: S3Request<DeleteBucketTaggingInput>,
    ) -> Answer<DeleteBucketTaggingOutput> {
        let context = Context::of(&request.extensions);
        let deleted = self
            .0
            .configure(&request.input.bucket, |bucket| bucket.tags.clear())
            .await;
        context.answer(deleted.map(|()| DeleteBucketTaggingOutput::default()))
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> Answer<PutObjectTaggingOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let put = async {
            let tags = tags_in(input.tagging.tag_set, 10)?;
            self.0
                .tag(&input.bucket, &input.key, input.version_id.as_deref(), tags)
                .await
        };
        context.answer(put.await.map(|()| PutObjectTaggingOutput::default()))
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> Answer<GetObjectTaggingOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let found = self
            .0
            .object(&input.bucket, &input.key, input.version_id.as_deref());
        context.answer(found.map(|object| GetObjectTaggingOutput {
            tag_set: tags_out(object.head.tags),
            version_id: None,
        }))
    }

    async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> Answer<DeleteObjectTaggingOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let deleted = self
            .0
            .tag(
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                Vec::new(),
            )
            .await;
        context.answer(deleted.map(|()| DeleteObjectTaggingOutput::default()))
    }

    async fn get_object_attributes(
        &self,
        request: S3Request<GetObjectAttributesInput>,
    ) -> Answer<GetObjectAttributesOutput> {
        let context = Context::of(&request.extensions);
        context.answer(self.attributes(request.input))
    }

    async fn put_public_access_block(
        &self,
        request: S3Request<dto::PutPublicAccessBlockInput>,
    ) -> Answer<dto::PutPublicAccessBlockOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let kept = self
            .keep(
                &input.bucket,
                setting::PUBLIC_ACCESS,
                to_xml(&input.public_access_block_configuration),
            )
            .await;
        context.answer(kept.map(|()| dto::PutPublicAccessBlockOutput::default()))
    }

    async fn get_public_access_block(
        &self,
        request: S3Request<dto::GetPublicAccessBlockInput>,
    ) -> Answer<dto::GetPublicAccessBlockOutput> {
        let context = Context::of(&request.extensions);
        let found = self.kept(
            &request.input.bucket,
            setting::PUBLIC_ACCESS,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        );
        context.answer(found.map(|found| dto::GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(found),
        }))
    }

    async fn delete_public_access_block(
        &self,
        request: S3Request<dto::DeletePublicAccessBlockInput>,
    ) -> Answer<dto::DeletePublicAccessBlockOutput> {
        let context = Context::of(&request.extensions);
        let forgotten = self
            .forget(&request.input.bucket, setting::PUBLIC_ACCESS)
            .await;
        context.answer(forgotten.map(|()| dto::DeletePublicAccessBlockOutput::default()))
    }

    async fn put_bucket_ownership_controls(
        &self,
        request: S3Request<dto::PutBucketOwnershipControlsInput>,
    ) -> Answer<dto::PutBucketOwnershipControlsOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let kept = self
            .keep(
                &input.bucket,
                setting::OWNERSHIP,
                to_xml(&input.ownership_controls),
            )
            .await;
        context.answer(kept.map(|()| dto::PutBucketOwnershipControlsOutput::default()))
    }

    async fn get_bucket_ownership_controls(
        &self,
        request: S3Request<dto::GetBucketOwnershipControlsInput>,
    ) -> Answer<dto::GetBucketOwnershipControlsOutput> {
        let context = Context::of(&request.extensions);
        let found = self.kept(
            &request.input.bucket,
            setting::OWNERSHIP,
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        );
        context.answer(found.map(|found| dto::GetBucketOwnershipControlsOutput {
            ownership_controls: Some(found),
        }))
    }

    async fn delete_bucket_ownership_controls(
        &self,
        request: S3Request<dto::DeleteBucketOwnershipControlsInput>,
    ) -> Answer<dto::DeleteBucketOwnershipControlsOutput> {
        let context = Context::of(&request.extensions);
        let forgotten = self.forget(&request.input.bucket, setting::OWNERSHIP).await;
        context.answer(forgotten.map(|()| dto::DeleteBucketOwnershipControlsOutput::default()))
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        request: S3Request<dto::PutBucketLifecycleConfigurationInput>,
    ) -> Answer<dto::PutBucketLifecycleConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let kept = self
            .keep(
                &input.bucket,
                setting::LIFECYCLE,
                lifecycle_xml(input.lifecycle_configuration.as_ref()),
            )
            .await;
        context.answer(kept.map(|()| dto::PutBucketLifecycleConfigurationOutput::default()))
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        request: S3Request<dto::GetBucketLifecycleConfigurationInput>,
    ) -> Answer<dto::GetBucketLifecycleConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let found = self.kept(
            &request.input.bucket,
            setting::LIFECYCLE,
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        );
        context.answer(found.map(|found: dto::BucketLifecycleConfiguration| {
            dto::GetBucketLifecycleConfigurationOutput {
                rules: Some(found.rules),
                ..Default::default()
            }
        }))
    }

    async fn delete_bucket_lifecycle(
        &self,
        request: S3Request<dto::DeleteBucketLifecycleInput>,
    ) -> Answer<dto::DeleteBucketLifecycleOutput> {
        let context = Context::of(&request.extensions);
        let forgotten = self.forget(&request.input.bucket, setting::LIFECYCLE).await;
        context.answer(forgotten.map(|()| dto::DeleteBucketLifecycleOutput::default()))
    }

    async fn put_bucket_encryption(
        &self,
        request: S3Request<dto::PutBucketEncryptionInput>,
    ) -> Answer<dto::PutBucketEncryptionOutput> {
        let context = Context::of(&request.extensions);
        let input = request.input;
        let kept = self
            .keep(
                &input.bucket,
                setting::ENCRYPTION,
                to_xml(&input.server_side_encryption_configuration),
            )
            .await;
        context.answer(kept.map(|()| dto::PutBucketEncryptionOutput::default()))
    }

    async fn delete_bucket_encryption(
        &self,
        request: S3Request<dto::DeleteBucketEncryptionInput>,
    ) -> Answer<dto::DeleteBucketEncryptionOutput> {
        let context = Context::of(&request.extensions);
        let forgotten = self
            .forget(&request.input.bucket, setting::ENCRYPTION)
            .await;
        context.answer(forgotten.map(|()| dto::DeleteBucketEncryptionOutput::default()))
    }

    async fn get_bucket_website(
        &self,
        request: S3Request<dto::GetBucketWebsiteInput>,
    ) -> Answer<dto::GetBucketWebsiteOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.and_then(|bucket| {
            Err(error::not_configured(
                "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration",
                &bucket.name,
            ))
        }))
    }

    async fn get_bucket_replication(
        &self,
        request: S3Request<dto::GetBucketReplicationInput>,
    ) -> Answer<dto::GetBucketReplicationOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.and_then(|bucket| {
            Err(error::not_configured(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
                &bucket.name,
            ))
        }))
    }

    async fn get_object_lock_configuration(
        &self,
        request: S3Request<dto::GetObjectLockConfigurationInput>,
    ) -> Answer<dto::GetObjectLockConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.and_then(|bucket| {
            Err(error::not_configured(
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket",
                &bucket.name,
            ))
        }))
    }

    async fn get_bucket_logging(
        &self,
        request: S3Request<dto::GetBucketLoggingInput>,
    ) -> Answer<dto::GetBucketLoggingOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|_| dto::GetBucketLoggingOutput::default()))
    }

    async fn get_bucket_accelerate_configuration(
        &self,
        request: S3Request<dto::GetBucketAccelerateConfigurationInput>,
    ) -> Answer<dto::GetBucketAccelerateConfigurationOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|_| dto::GetBucketAccelerateConfigurationOutput::default()))
    }

    async fn get_bucket_request_payment(
        &self,
        request: S3Request<dto::GetBucketRequestPaymentInput>,
    ) -> Answer<dto::GetBucketRequestPaymentOutput> {
        let context = Context::of(&request.extensions);
        let bucket = self.bucket(&request.input.bucket);
        context.answer(bucket.map(|_| dto::GetBucketRequestPaymentOutput {
            payer: Some(dto::Payer::from_static("BucketOwner")),
        }))
    }
}

/// A policy is kept if it is a JSON object with a version and statements; what it allows is not looked at.
pub(crate) fn check_policy(policy: &str) -> Result<()> {
    if policy.len() > 20 * 1024 {
        return Err(error::malformed_policy(
            "Policies must not be larger than 20480 bytes",
        ));
    }
    let parsed: serde_json::Value = serde_json::from_str(policy).map_err(|_| {
        error::malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    })?;
    if !parsed.is_object() {
        return Err(error::malformed_policy(
            "Policies must be valid JSON and the first byte must be '{'",
        ));
    }
    if parsed.get("Statement").is_none() {
        return Err(error::malformed_policy("Missing required field Statement"));
    }
    Ok(())
}
