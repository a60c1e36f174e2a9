//! The door for calls from inside: Task states, Lambda, Rekognition, stacks. Members as the API model names them.

use aws::{Answer, ApiError, Call, Members};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::backend::{
    Backend, Completion, CompletionPart, Conditions, CopyTarget, Expected, ListingQuery, Put,
    Source, setting,
};
use crate::checksum::{Algorithm, Checksum, Kind};
use crate::error::{self, Result};
use crate::rows::{Bucket, Head, Millis, Object};
use crate::wire::{self, DEFAULT_CONTENT_TYPE, Slice, canonical_id};

/// An answer's body is in memory whole; who wants more asks by `Range`.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;
const PAGE_MAX: u64 = 1000;

/// Answers one call.
pub(crate) async fn answer(backend: &Backend, call: Call) -> Result<Answer> {
    let input = Input(call.input);
    let output = match call.operation.as_str() {
        "GetObject" => return get_object(backend, &input).await,
        "HeadObject" => {
            let (object, slice) = found(backend, &input)?;
            object_members(&object, &slice, &input)
        }
        "PutObject" => put_object(backend, &input, call.body).await?,
        "DeleteObject" => {
            let conditions = Conditions {
                if_match: input.text("IfMatch"),
                ..Conditions::default()
            };
            let version = input.text("VersionId");
            let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
            backend
                .delete(&bucket, &key, version.as_deref(), &conditions)
                .await?;
            Members::new()
        }
        "DeleteObjects" => delete_objects(backend, &input).await?,
        "CopyObject" => copy_object(backend, &input).await?,
        "GetObjectTagging" => {
            let (object, _) = found(backend, &input)?;
            members(json!({"TagSet": tag_list(&object.head.tags)}))
        }
        "PutObjectTagging" => {
            let tags = tag_set(&input, 10)?;
            let version = input.text("VersionId");
            let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
            backend.tag(&bucket, &key, version.as_deref(), tags).await?;
            Members::new()
        }
        "ListObjects" => list_objects(backend, &input)?,
        "ListObjectsV2" => list_objects_v2(backend, &input)?,
        "ListObjectVersions" => list_versions(backend, &input)?,
        "ListBuckets" => {
            let (buckets, _) = backend.list_buckets(&call.caller, "", None, None, 10_000)?;
            let listed: Vec<_> = buckets
                .iter()
                .map(|bucket| json!({"Name": bucket.name, "CreationDate": seconds(bucket.created)}))
                .collect();
            members(json!({
                "Buckets": listed,
                "Owner": {"ID": canonical_id(&call.caller.account)},
            }))
        }
        "CreateBucket" => {
            let constraint = input
                .0
                .get("CreateBucketConfiguration")
                .and_then(|configuration| configuration.get("LocationConstraint"))
                .and_then(Value::as_str);
            let name = input.needed("Bucket")?;
            backend
                .create_bucket(&call.caller, &name, constraint)
                .await?;
            members(json!({"Location": format!("/{name}")}))
        }
        "DeleteBucket" => {
            backend.delete_bucket(&input.needed("Bucket")?).await?;
            Members::new()
        }
        "HeadBucket" => {
            let bucket = input.bucket(backend)?;
            members(json!({"BucketRegion": bucket.region, "AccessPointAlias": false}))
        }
        "GetBucketLocation" => match input.bucket(backend)?.region.as_str() {
            "us-east-1" => Members::new(),
            region => members(json!({"LocationConstraint": region})),
        },
        "GetBucketVersioning" => {
            input.bucket(backend)?;
            Members::new()
        }
        "GetBucketPolicy" => {
            let mut bucket = input.bucket(backend)?;
            let policy = bucket
                .settings
                .remove(setting::POLICY)
                .ok_or_else(|| error::no_policy(&bucket.name))?;
            members(json!({"Policy": policy}))
        }
        "PutBucketPolicy" => {
            let policy = input.needed("Policy")?;
            wire::check_policy(&policy)?;
            set(backend, &input, setting::POLICY, Some(policy)).await?
        }
        "DeleteBucketPolicy" => set(backend, &input, setting::POLICY, None).await?,
        "PutBucketCors" => {
            let text = wire::cors_xml(input.0.get("CORSConfiguration"))?;
            set(backend, &input, setting::CORS, Some(text)).await?
        }
        "DeleteBucketCors" => set(backend, &input, setting::CORS, None).await?,
        "PutBucketNotificationConfiguration" => {
            let text = wire::notification_xml(input.0.get("NotificationConfiguration"))?;
            set(backend, &input, setting::NOTIFICATION, Some(text)).await?
        }
        "PutBucketTagging" => {
            let tags = tag_set(&input, 50)?;
            backend
                .configure(&input.needed("Bucket")?, |bucket| bucket.tags = tags)
                .await?;
            Members::new()
        }
        "GetBucketTagging" => {
            let bucket = input.bucket(backend)?;
            if bucket.tags.is_empty() {
                return Err(error::no_tags(&bucket.name));
            }
            members(json!({"TagSet": tag_list(&bucket.tags)}))
        }
        "CreateMultipartUpload" => create_upload(backend, &input).await?,
        "UploadPart" => upload_part(backend, &input, call.body).await?,
        "CompleteMultipartUpload" => complete(backend, &input).await?,
        "AbortMultipartUpload" => {
            backend
                .abort(
                    &input.needed("Bucket")?,
                    &input.needed("Key")?,
                    &input.needed("UploadId")?,
                )
                .await?;
            Members::new()
        }
        operation => return Err(ApiError::unknown_operation(operation)),
    };
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

/// A call's members, by what they have to be.
struct Input(Members);

impl Input {
    fn text(&self, member: &str) -> Option<String> {
        self.0.get(member)?.as_str().map(str::to_owned)
    }

    fn needed(&self, member: &str) -> Result<String> {
        self.text(member)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| error::invalid_argument(member, "", &format!("{member} must be given.")))
    }

    fn number(&self, member: &str) -> Option<i64> {
        let value = self.0.get(member)?;
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|number| number as i64))
    }

    fn limit(&self, member: &str) -> usize {
        let asked = self
            .number(member)
            .and_then(|asked| u64::try_from(asked).ok());
        asked.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize
    }

    fn bucket(&self, backend: &Backend) -> Result<Bucket> {
        backend.bucket(&self.needed("Bucket")?)
    }

    fn conditions(&self) -> Conditions {
        Conditions {
            if_match: self.text("IfMatch"),
            if_none_match: self.text("IfNoneMatch"),
            if_modified_since: self.number("IfModifiedSince"),
            if_unmodified_since: self.number("IfUnmodifiedSince"),
        }
    }

    fn head(&self) -> Result<Head> {
        let metadata = match self.0.get("Metadata") {
            Some(Value::Object(pairs)) => pairs
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()))
                })
                .collect(),
            _ => std::collections::BTreeMap::new(),
        };
        Ok(Head {
            content_type: self.text("ContentType"),
            cache_control: self.text("CacheControl"),
            content_disposition: self.text("ContentDisposition"),
            content_encoding: self.text("ContentEncoding"),
            content_language: self.text("ContentLanguage"),
            expires: self.text("Expires"),
            website_redirect: self.text("WebsiteRedirectLocation"),
            storage_class: self
                .text("StorageClass")
                .filter(|class| class != "STANDARD"),
            metadata,
            tags: match self.text("Tagging") {
                Some(tags) => wire::parse_tags(&tags)?,
                None => Vec::new(),
            },
        })
    }

    fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::parse(self.0.get("ChecksumAlgorithm")?.as_str()?)
    }

    fn checksums(&self) -> Vec<Checksum> {
        checksums(&self.0)
    }
}

fn checksums(members: &Members) -> Vec<Checksum> {
    Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| {
            let value = members.get(algorithm.member())?.as_str()?.to_owned();
            Some(Checksum { algorithm, value })
        })
        .collect()
}

fn members(value: Value) -> Members {
    Answer::json(value).output
}

fn seconds(time: Millis) -> u64 {
    time.seconds()
}

fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

fn tag_list(tags: &[(String, String)]) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn tag_set(input: &Input, count_max: usize) -> Result<Vec<(String, String)>> {
    let text = |tag: &Value, member: &str| {
        let text = tag.get(member).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let tags: Vec<_> = input
        .0
        .get("Tagging")
        .and_then(|tagging| tagging.get("TagSet"))
        .and_then(Value::as_array)
        .ok_or_else(error::malformed_xml)?
        .iter()
        .map(|tag| (text(tag, "Key"), text(tag, "Value")))
        .collect();
    wire::check_tags(&tags, count_max)?;
    Ok(tags)
}

async fn set(
    backend: &Backend,
    input: &Input,
    name: &str,
    value: Option<String>,
) -> Result<Members> {
    backend
        .configure(&input.needed("Bucket")?, |bucket| {
            match value {
                Some(value) => bucket.settings.insert(name.to_owned(), value),
                None => bucket.settings.remove(name),
            };
        })
        .await?;
    Ok(Members::new())
}

fn found(backend: &Backend, input: &Input) -> Result<(Object, Slice)> {
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let object = backend.object(&bucket, &key, input.text("VersionId").as_deref())?;
    input.conditions().check_read(&object)?;
    let slice = slice(&object, input)?;
    Ok((object, slice))
}

fn slice(object: &Object, input: &Input) -> Result<Slice> {
    let range = input
        .text("Range")
        .and_then(|range| s3s::dto::Range::parse(&range).ok());
    let part = input
        .number("PartNumber")
        .and_then(|n| i32::try_from(n).ok());
    Slice::of(object, range, part)
}

fn object_members(object: &Object, slice: &Slice, input: &Input) -> Members {
    let head = &object.head;
    let content_type = head.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
    let mut output = members(json!({
        "AcceptRanges": "bytes",
        "ContentLength": slice.range.end - slice.range.start,
        "ContentType": content_type,
        "ETag": quoted(&object.etag),
        "LastModified": seconds(object.modified),
        "Metadata": head.metadata,
        "ServerSideEncryption": "AES256",
    }));
    let optional = [
        ("CacheControl", &head.cache_control),
        ("ContentDisposition", &head.content_disposition),
        ("ContentEncoding", &head.content_encoding),
        ("ContentLanguage", &head.content_language),
        ("ContentRange", &slice.content_range(object.size)),
        ("Expires", &head.expires),
        ("StorageClass", &head.storage_class),
        ("WebsiteRedirectLocation", &head.website_redirect),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            output.insert(member.to_owned(), value.as_str().into());
        }
    }
    if !head.tags.is_empty() {
        output.insert("TagCount".to_owned(), head.tags.len().into());
    }
    if let Some(parts) = slice.parts {
        output.insert("PartsCount".to_owned(), parts.into());
    }
    let asked = input.text("ChecksumMode").as_deref() == Some("ENABLED");
    if let (true, false, Some(checksum)) = (asked, slice.partial, &object.checksum) {
        set_checksum(&mut output, checksum, object.checksum_kind);
    }
    output
}

fn set_checksum(output: &mut Members, checksum: &Checksum, kind: Kind) {
    output.insert(
        checksum.algorithm.member().to_owned(),
        checksum.value.as_str().into(),
    );
    output.insert("ChecksumType".to_owned(), kind.name().into());
}

async fn get_object(backend: &Backend, input: &Input) -> Result<Answer> {
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let version = input.text("VersionId");
    let (object, pinned) = backend.pinned(&bucket, &key, version.as_deref())?;
    input.conditions().check_read(&object)?;
    let slice = slice(&object, input)?;
    let output = object_members(&object, &slice, input);
    let size = slice.range.end - slice.range.start;
    if size > BODY_BYTES_MAX {
        return Err(error::entity_too_large(BODY_BYTES_MAX));
    }
    let mut body = BytesMut::with_capacity(size as usize);
    let mut bytes = std::pin::pin!(backend.read(&object, slice.range, pinned));
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|error| error::disk(std::io::Error::other(error)))?;
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        output,
        body: body.freeze(),
        status: slice.partial.then_some(206),
    })
}

/// SDKs compute this checksum where nobody asks for one.
const SDK_ALGORITHM: Algorithm = Algorithm::Crc32;

fn expected(input: &Input, body: &Bytes) -> Expected {
    Expected {
        md5: input.text("ContentMD5"),
        checksums: input.checksums(),
        algorithm: Some(input.algorithm().unwrap_or(SDK_ALGORITHM)),
        length: Some(body.len() as u64),
        ..Expected::default()
    }
}

fn stream(body: Bytes) -> impl futures_util::Stream<Item = Result<Bytes, aws::BodyError>> + Unpin {
    futures_util::stream::iter([Ok(body)])
}

async fn put_object(backend: &Backend, input: &Input, body: Bytes) -> Result<Members> {
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let put = Put {
        head: input.head()?,
        expected: expected(input, &body),
        body: stream(body),
        conditions: Conditions {
            if_match: input.text("IfMatch"),
            if_none_match: input.text("IfNoneMatch"),
            ..Conditions::default()
        },
    };
    let object = backend.put(&bucket, &key, put).await?;
    let mut output = members(json!({
        "ETag": quoted(&object.etag),
        "ServerSideEncryption": "AES256",
    }));
    if let Some(checksum) = &object.checksum {
        set_checksum(&mut output, checksum, object.checksum_kind);
    }
    Ok(output)
}

async fn delete_objects(backend: &Backend, input: &Input) -> Result<Members> {
    let delete = input.0.get("Delete").ok_or_else(error::malformed_xml)?;
    let quiet = delete.get("Quiet").and_then(Value::as_bool) == Some(true);
    let text = |object: &Value, member: &str| {
        let text = object.get(member)?.as_str()?;
        Some(text.to_owned())
    };
    let keys: Vec<_> = delete
        .get("Objects")
        .and_then(Value::as_array)
        .ok_or_else(error::malformed_xml)?
        .iter()
        .map(|object| Some((text(object, "Key")?, text(object, "VersionId"))))
        .collect::<Option<_>>()
        .ok_or_else(error::malformed_xml)?;
    if keys.is_empty() || keys.len() as u64 > PAGE_MAX {
        return Err(error::malformed_xml());
    }
    let answers = backend.delete_many(&input.needed("Bucket")?, &keys).await?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for ((key, version), answer) in keys.into_iter().zip(answers) {
        let mut entry = members(json!({"Key": key}));
        if let Some(version) = version {
            entry.insert("VersionId".to_owned(), version.into());
        }
        match answer {
            Ok(()) => deleted.push(entry),
            Err(refused) => {
                entry.insert("Code".to_owned(), refused.code.into());
                entry.insert("Message".to_owned(), refused.message.into());
                errors.push(entry);
            }
        }
    }
    let mut output = Members::new();
    if !quiet && !deleted.is_empty() {
        output.insert("Deleted".to_owned(), deleted.into());
    }
    if !errors.is_empty() {
        output.insert("Errors".to_owned(), errors.into());
    }
    Ok(output)
}

async fn copy_object(backend: &Backend, input: &Input) -> Result<Members> {
    let source = copy_source(&input.needed("CopySource")?, input)?;
    let replaces = |member| input.text(member).as_deref() == Some("REPLACE");
    let head = input.head()?;
    let target = CopyTarget {
        tags: replaces("TaggingDirective").then(|| head.tags.clone()),
        storage_class: head.storage_class.clone(),
        head: replaces("MetadataDirective").then_some(head),
        algorithm: input.algorithm(),
    };
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let object = backend.copy(&source, &bucket, &key, target).await?;
    let mut result = members(json!({
        "ETag": quoted(&object.etag),
        "LastModified": seconds(object.modified),
    }));
    if let Some(checksum) = &object.checksum {
        set_checksum(&mut result, checksum, object.checksum_kind);
    }
    Ok(members(json!({
        "CopyObjectResult": result,
        "ServerSideEncryption": "AES256",
    })))
}

/// `bucket/key`, percent-encoded, with an optional `?versionId=`.
fn copy_source(text: &str, input: &Input) -> Result<Source> {
    match s3s::dto::CopySource::parse(text) {
        Ok(s3s::dto::CopySource::Bucket {
            bucket,
            key,
            version_id,
        }) => Ok(Source {
            bucket: bucket.into(),
            key: key.into(),
            version: version_id.map(Into::into),
            conditions: Conditions {
                if_match: input.text("CopySourceIfMatch"),
                if_none_match: input.text("CopySourceIfNoneMatch"),
                if_modified_since: input.number("CopySourceIfModifiedSince"),
                if_unmodified_since: input.number("CopySourceIfUnmodifiedSince"),
            },
        }),
        _ => Err(error::invalid_argument(
            "x-amz-copy-source",
            text,
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )),
    }
}

fn listed(key: &str, object: &Object) -> Members {
    let mut entry = members(json!({
        "Key": key,
        "LastModified": seconds(object.modified),
        "ETag": quoted(&object.etag),
    }));
    if let Some(checksum) = &object.checksum {
        entry.insert(
            "ChecksumAlgorithm".to_owned(),
            json!([checksum.algorithm.name()]),
        );
        entry.insert(
            "ChecksumType".to_owned(),
            object.checksum_kind.name().into(),
        );
    }
    entry.insert("Size".to_owned(), object.size.into());
    let class = object.head.storage_class.as_deref().unwrap_or("STANDARD");
    entry.insert("StorageClass".to_owned(), class.into());
    entry
}

struct Page {
    output: Members,
    contents: Vec<Members>,
    next: Option<String>,
    query: ListingQuery,
    bucket: Bucket,
}

/// What the three lists have in common; `limit` and `after` by their members.
fn page(backend: &Backend, input: &Input, after: Option<String>) -> Result<Page> {
    let bucket = input.bucket(backend)?;
    let query = ListingQuery {
        prefix: input.text("Prefix").unwrap_or_default(),
        delimiter: input.text("Delimiter"),
        after: after.filter(|after| !after.is_empty()),
        limit: input.limit("MaxKeys"),
    };
    let listing = backend.list(&bucket.name, &query)?;
    let mut output = members(json!({
        "IsTruncated": listing.next.is_some(),
        "Name": bucket.name,
        "Prefix": query.prefix,
        "MaxKeys": query.limit,
    }));
    if let Some(delimiter) = &query.delimiter {
        output.insert("Delimiter".to_owned(), delimiter.as_str().into());
    }
    if !listing.prefixes.is_empty() {
        let prefixes: Vec<_> = listing
            .prefixes
            .iter()
            .map(|prefix| json!({"Prefix": prefix}))
            .collect();
        output.insert("CommonPrefixes".to_owned(), prefixes.into());
    }
    let contents: Vec<_> = listing.objects.iter().map(|(k, o)| listed(k, o)).collect();
    output.insert(
        "KeyCount".to_owned(),
        (contents.len() + listing.prefixes.len()).into(),
    );
    Ok(Page {
        output,
        contents,
        next: listing.next,
        query,
        bucket,
    })
}

fn list_objects_v2(backend: &Backend, input: &Input) -> Result<Members> {
    let token = input.text("ContinuationToken");
    let after = match &token {
        Some(token) => Some(wire::marker(token)?),
        None => input.text("StartAfter"),
    };
    let Page {
        mut output,
        contents,
        next,
        ..
    } = page(backend, input, after)?;
    if !contents.is_empty() {
        output.insert("Contents".to_owned(), contents.into());
    }
    if let Some(token) = token {
        output.insert("ContinuationToken".to_owned(), token.into());
    }
    if let Some(next) = next {
        output.insert(
            "NextContinuationToken".to_owned(),
            wire::token(&next).into(),
        );
    }
    if let Some(after) = input.text("StartAfter") {
        output.insert("StartAfter".to_owned(), after.into());
    }
    Ok(output)
}

fn list_objects(backend: &Backend, input: &Input) -> Result<Members> {
    let marker = input.text("Marker").unwrap_or_default();
    let Page {
        mut output,
        mut contents,
        next,
        query,
        bucket,
    } = page(backend, input, Some(marker.clone()))?;
    output.shift_remove("KeyCount");
    output.insert("Marker".to_owned(), marker.into());
    for entry in &mut contents {
        entry.insert(
            "Owner".to_owned(),
            json!({"ID": canonical_id(&bucket.account)}),
        );
    }
    if !contents.is_empty() {
        output.insert("Contents".to_owned(), contents.into());
    }
    if let (Some(next), Some(_)) = (next, query.delimiter) {
        output.insert("NextMarker".to_owned(), next.into());
    }
    Ok(output)
}

fn list_versions(backend: &Backend, input: &Input) -> Result<Members> {
    let marker = input.text("KeyMarker").unwrap_or_default();
    let Page {
        mut output,
        mut contents,
        next,
        ..
    } = page(backend, input, Some(marker.clone()))?;
    output.shift_remove("KeyCount");
    output.insert("KeyMarker".to_owned(), marker.into());
    for entry in &mut contents {
        entry.insert("VersionId".to_owned(), "null".into());
        entry.insert("IsLatest".to_owned(), true.into());
    }
    if !contents.is_empty() {
        output.insert("Versions".to_owned(), contents.into());
    }
    if let Some(next) = next {
        output.insert("NextKeyMarker".to_owned(), next.into());
        output.insert("NextVersionIdMarker".to_owned(), "null".into());
    }
    Ok(output)
}

async fn create_upload(backend: &Backend, input: &Input) -> Result<Members> {
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let kind = input
        .text("ChecksumType")
        .and_then(|kind| Kind::parse(&kind));
    let upload = backend
        .create_upload(&bucket, &key, input.head()?, input.algorithm(), kind)
        .await?;
    let mut output = members(json!({
        "Bucket": bucket,
        "Key": key,
        "UploadId": upload.id,
        "ServerSideEncryption": "AES256",
    }));
    if let Some(algorithm) = upload.algorithm {
        output.insert("ChecksumAlgorithm".to_owned(), algorithm.name().into());
        output.insert("ChecksumType".to_owned(), upload.kind.name().into());
    }
    Ok(output)
}

async fn upload_part(backend: &Backend, input: &Input, body: Bytes) -> Result<Members> {
    let number = input
        .number("PartNumber")
        .and_then(|n| u32::try_from(n).ok());
    let expected = expected(input, &body);
    let (_, part, checksum) = backend
        .put_part(
            &input.needed("Bucket")?,
            &input.needed("Key")?,
            &input.needed("UploadId")?,
            number.unwrap_or(0),
            stream(body),
            expected,
        )
        .await?;
    let mut output = members(json!({
        "ETag": quoted(&part.etag),
        "ServerSideEncryption": "AES256",
    }));
    output.insert(
        checksum.algorithm.member().to_owned(),
        checksum.value.into(),
    );
    Ok(output)
}

async fn complete(backend: &Backend, input: &Input) -> Result<Members> {
    let parts = input
        .0
        .get("MultipartUpload")
        .and_then(|upload| upload.get("Parts"))
        .and_then(Value::as_array)
        .ok_or_else(error::malformed_xml)?;
    let parts = parts
        .iter()
        .map(|part| {
            let part = part.as_object()?;
            Some(CompletionPart {
                number: u32::try_from(part.get("PartNumber")?.as_u64()?).ok()?,
                etag: part.get("ETag")?.as_str()?.to_owned(),
                checksums: checksums(part),
            })
        })
        .collect::<Option<_>>()
        .ok_or_else(error::malformed_xml)?;
    let (bucket, key) = (input.needed("Bucket")?, input.needed("Key")?);
    let completion = Completion {
        parts,
        checksums: input.checksums(),
        size: None,
        conditions: Conditions {
            if_match: input.text("IfMatch"),
            if_none_match: input.text("IfNoneMatch"),
            ..Conditions::default()
        },
    };
    let upload = input.needed("UploadId")?;
    let object = backend.complete(&bucket, &key, &upload, completion).await?;
    let mut output = members(json!({
        "Bucket": bucket,
        "Key": key,
        "Location": wire::location(&bucket, &key),
        "ETag": quoted(&object.etag),
        "ServerSideEncryption": "AES256",
    }));
    if let Some(checksum) = &object.checksum {
        set_checksum(&mut output, checksum, object.checksum_kind);
    }
    Ok(output)
}
