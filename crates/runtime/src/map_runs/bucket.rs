//! S3, as Map Runs read datasets from it and write results to it: from threads that may wait.

use std::sync::Arc;

use aws::{Answer, ApiError, Call, Caller, Members, RequestId};
use bytes::Bytes;
use items::{Listed, ObjectName, Page, Part, Source, SourceError};
use serde_json::{Value, json};

use crate::driver::Shared;

/// Calls S3 in the name of a role.
#[derive(Clone)]
pub(super) struct Bucket {
    shared: Arc<Shared>,
    caller: Caller,
}

impl Bucket {
    pub(super) fn new(shared: &Arc<Shared>, caller: Caller) -> Self {
        Self {
            shared: Arc::clone(shared),
            caller,
        }
    }

    fn call(&self, operation: &str, input: Value, body: Bytes) -> Result<Answer, SourceError> {
        let call = Call {
            caller: self.caller.clone(),
            request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
            service: "s3",
            operation: operation.to_owned(),
            input: match input {
                Value::Object(members) => members,
                _ => Members::new(),
            },
            body,
        };
        let answered = self.shared.handle.block_on(self.shared.registry.call(call));
        answered.map_err(|error| SourceError(words(&error)))
    }

    /// An object, to be read where it is needed; what is read is of the version that is there now.
    pub(super) fn object(&self, name: &ObjectName) -> Result<Box<dyn Source>, SourceError> {
        let input = json!({"Bucket": name.bucket, "Key": name.key});
        let head = self.call("HeadObject", input, Bytes::new())?.output;
        let text = |member: &str| head.get(member).and_then(Value::as_str).map(str::to_owned);
        Ok(Box::new(Object {
            bucket: self.clone(),
            name: name.clone(),
            length: head
                .get("ContentLength")
                .and_then(Value::as_u64)
                .unwrap_or(0),
            etag: text("ETag"),
        }))
    }

    /// A page of a bucket's objects.
    pub(super) fn page(
        &self,
        arguments: &Value,
        start_after: Option<&str>,
    ) -> Result<Page, SourceError> {
        let mut input = arguments.clone();
        if let Some(key) = start_after {
            input["StartAfter"] = key.into();
        }
        let answer = self.call("ListObjectsV2", input, Bytes::new())?.output;
        let contents = answer.get("Contents").and_then(Value::as_array);
        let text =
            |object: &Value, member: &str| object[member].as_str().unwrap_or_default().to_owned();
        let objects = contents.into_iter().flatten().map(|object| Listed {
            etag: text(object, "ETag"),
            key: text(object, "Key"),
            last_modified_seconds: object["LastModified"].as_f64().unwrap_or(0.0) as u64,
            size_bytes: object["Size"].as_u64().unwrap_or(0),
            storage_class: text(object, "StorageClass"),
        });
        Ok(Page {
            objects: objects.collect(),
            truncated: answer.get("IsTruncated").and_then(Value::as_bool) == Some(true),
        })
    }
}

/// What S3 refused, as the AWS SDK words it.
fn words(error: &ApiError) -> String {
    format!(
        "{} (Service: S3, Status Code: {})",
        error.message, error.status
    )
}

struct Object {
    bucket: Bucket,
    name: ObjectName,
    length: u64,
    etag: Option<String>,
}

impl Source for Object {
    fn len(&self) -> u64 {
        self.length
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Bytes, SourceError> {
        let end = at.saturating_add(bytes as u64).min(self.length);
        if at >= end {
            return Ok(Bytes::new());
        }
        let mut input = json!({
            "Bucket": self.name.bucket,
            "Key": self.name.key,
            "Range": format!("bytes={at}-{}", end - 1),
        });
        if let Some(etag) = &self.etag {
            input["IfMatch"] = etag.as_str().into();
        }
        Ok(self.bucket.call("GetObject", input, Bytes::new())?.body)
    }
}

/// Files that are written part by part.
pub(super) struct Upload<'a> {
    bucket: &'a Bucket,
    name: String,
    /// The open multipart uploads by file: key, upload id, and the parts' tags.
    open: Vec<(String, String, Vec<Value>)>,
}

impl<'a> Upload<'a> {
    /// Into the bucket of that name.
    pub(super) fn new(bucket: &'a Bucket, name: &str) -> Self {
        Self {
            bucket,
            name: name.to_owned(),
            open: Vec::new(),
        }
    }

    /// Stores a part of the file of that key.
    pub(super) fn put(&mut self, key: &str, part: Part) -> Result<(), SourceError> {
        let body = Bytes::from(part.bytes);
        if part.last && part.number == 1 {
            let input = json!({"Bucket": self.name, "Key": key, "ContentType": "application/json"});
            return self.bucket.call("PutObject", input, body).map(drop);
        }
        let place = match self.open.iter().position(|(open, ..)| open == key) {
            Some(place) => place,
            None => {
                let input =
                    json!({"Bucket": self.name, "Key": key, "ContentType": "application/json"});
                let answer = self
                    .bucket
                    .call("CreateMultipartUpload", input, Bytes::new())?;
                let id = answer.output.get("UploadId").and_then(Value::as_str);
                let id = id.unwrap_or_default().to_owned();
                self.open.push((key.to_owned(), id, Vec::new()));
                self.open.len() - 1
            }
        };
        let (_, upload, parts) = &mut self.open[place];
        let input = json!({
            "Bucket": self.name, "Key": key, "UploadId": upload.as_str(), "PartNumber": part.number,
        });
        let answer = self.bucket.call("UploadPart", input, body)?;
        parts.push(json!({"PartNumber": part.number, "ETag": answer.output.get("ETag")}));
        if part.last {
            let (_, upload, parts) = self.open.swap_remove(place);
            let input = json!({
                "Bucket": self.name, "Key": key, "UploadId": upload, "MultipartUpload": {"Parts": parts},
            });
            self.bucket
                .call("CompleteMultipartUpload", input, Bytes::new())?;
        }
        Ok(())
    }
}
