//! Objects: put, found, read, copied, removed.

use std::ops::Range;

use aws::BodyError;
use bytes::Bytes;
use futures_util::Stream;
use store::Batch;

use super::Backend;
use crate::blobs::{Blob, Pinned, ReceiveError, Received};
use crate::checksum::{Algorithm, Checksum, Hashers, Kind};
use crate::chunked::{ChunkedError, Trailers};
use crate::error::{self, Result};
use crate::rows::{self, Bucket, Head, Millis, OBJECTS, Object};

/// One PUT, and one part: 5 GiB.
pub(crate) const PUT_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
const KEY_BYTES_MAX: usize = 1024;
const METADATA_BYTES_MAX: usize = 2048;
/// A reader meets an object that is replaced just then; more than a few times in a row is no chance any more.
const READ_TRIES: usize = 16;

/// What a client claims about the bytes it sends.
#[derive(Default)]
pub(crate) struct Expected {
    /// `Content-MD5`, base64.
    pub md5: Option<String>,
    /// `x-amz-checksum-*` headers.
    pub checksums: Vec<Checksum>,
    /// The algorithm announced for a checksum in the trailers, or wished for.
    pub algorithm: Option<Algorithm>,
    /// Where trailers appear when the body has been read.
    pub trailers: Option<Trailers>,
    /// `x-amz-content-sha256`, hex.
    pub payload_sha256: Option<String>,
    /// `Content-Length`, without the chunk framing.
    pub length: Option<u64>,
}

/// A PUT.
pub(crate) struct Put<S> {
    pub head: Head,
    pub body: S,
    pub expected: Expected,
    pub conditions: Conditions,
}

/// `If-Match` and its relatives; ETags without quotes, `*` for any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    /// Whole seconds since 1970.
    pub if_modified_since: Option<i64>,
    pub if_unmodified_since: Option<i64>,
}

impl Conditions {
    /// Whether a read may go on. The order of the four is HTTP's.
    pub(crate) fn check_read(&self, object: &Object) -> Result<()> {
        let modified = object.modified.seconds() as i64;
        match &self.if_match {
            Some(wanted) if !matches(wanted, object) => {
                return Err(error::precondition_failed("If-Match"));
            }
            Some(_) => {}
            None => {
                if self
                    .if_unmodified_since
                    .is_some_and(|since| modified > since)
                {
                    return Err(error::precondition_failed("If-Unmodified-Since"));
                }
            }
        }
        match &self.if_none_match {
            Some(unwanted) if matches(unwanted, object) => Err(error::not_modified()),
            Some(_) => Ok(()),
            None => {
                if self
                    .if_modified_since
                    .is_some_and(|since| modified <= since)
                {
                    Err(error::not_modified())
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Whether a copy's source is as wished: every failure is a 412 there.
    fn check_source(&self, object: &Object) -> Result<()> {
        self.check_read(object).map_err(|failed| {
            if failed.status == 304 {
                let condition = if self.if_none_match.is_some() {
                    "x-amz-copy-source-If-None-Match"
                } else {
                    "x-amz-copy-source-If-Modified-Since"
                };
                error::precondition_failed(condition)
            } else {
                failed
            }
        })
    }

    /// Whether a write may replace what is there.
    pub(crate) fn check_write(&self, key: &str, found: Option<&Object>) -> Result<()> {
        if let Some(wanted) = &self.if_match {
            match found {
                None => return Err(error::no_such_key(key)),
                Some(object) if !matches(wanted, object) => {
                    return Err(error::precondition_failed("If-Match"));
                }
                Some(_) => {}
            }
        }
        match (&self.if_none_match, found) {
            (Some(unwanted), Some(object)) if matches(unwanted, object) => {
                Err(error::precondition_failed("If-None-Match"))
            }
            _ => Ok(()),
        }
    }
}

fn matches(condition: &str, object: &Object) -> bool {
    condition == "*" || condition.trim_matches('"') == object.etag
}

/// The object to copy from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
    pub conditions: Conditions,
}

/// What becomes of a copy.
pub(crate) struct CopyTarget {
    /// New values for the headers and metadata; the source's without.
    pub head: Option<Head>,
    /// New tags; the source's without.
    pub tags: Option<Vec<(String, String)>>,
    pub storage_class: Option<String>,
    pub algorithm: Option<Algorithm>,
}

impl Backend {
    /// An object's row, and whether it may be read.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Object> {
        let bucket = self.bucket(bucket)?;
        self.object_in(&bucket, key, version)
    }

    fn object_in(&self, bucket: &Bucket, key: &str, version: Option<&str>) -> Result<Object> {
        check_version(key, version)?;
        self.row(OBJECTS, &bucket.key(key))?
            .ok_or_else(|| error::no_such_key(key))
    }

    /// An object that stays readable while the pin lives.
    pub(crate) fn pinned(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(Object, Pinned)> {
        let bucket = self.bucket(bucket)?;
        let mut object = self.object_in(&bucket, key, version)?;
        for _ in 0..READ_TRIES {
            let pinned = self.blobs.pin(&object.id);
            let again = self.object_in(&bucket, key, version)?;
            if again.id == object.id {
                return Ok((again, pinned));
            }
            object = again;
        }
        Err(error::internal())
    }

    /// A range of an object's bytes.
    pub(crate) fn read(
        &self,
        object: &Object,
        range: Range<u64>,
        pinned: Pinned,
    ) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + Sync + use<> {
        let mut ranges = Vec::new();
        let mut start = 0;
        for blob in &object.blobs {
            let end = start + blob.size;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                ranges.push((blob.clone(), from - start..to - start));
            }
            start = end;
        }
        self.blobs.read(ranges, pinned)
    }

    /// Puts an object.
    pub(crate) async fn put<S>(&self, bucket: &str, key: &str, put: Put<S>) -> Result<Object>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Unpin,
    {
        check_key(key)?;
        check_head(&put.head)?;
        let found = self.bucket(bucket)?;
        if put.conditions.if_match.is_some() || put.conditions.if_none_match.is_some() {
            // Told before the bytes are taken, and looked at again under the lock.
            put.conditions
                .check_write(key, self.row(OBJECTS, &found.key(key))?.as_ref())?;
        }
        let (received, checksum) = self
            .receive(put.body, &put.expected, Algorithm::Crc64nvme, &[])
            .await?;
        let (size, etag) = (received.size, received.digests.etag());
        let blob = received.keep().await.map_err(error::disk)?;
        let object = Object {
            id: new_id(),
            size,
            modified: Millis::now(),
            etag,
            head: put.head,
            checksum: Some(checksum),
            checksum_kind: Kind::FullObject,
            blobs: blob.into_iter().collect(),
            parts: None,
        };
        self.replace(bucket, key, &object, &put.conditions).await?;
        Ok(object)
    }

    /// Takes a body to the disk and compares what the client claims about it. The checksum is the one to keep: the
    /// client's, or `otherwise`. Digests of `also` are computed beside.
    pub(crate) async fn receive<S>(
        &self,
        body: S,
        expected: &Expected,
        otherwise: Algorithm,
        also: &[Algorithm],
    ) -> Result<(Received, Checksum)>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Unpin,
    {
        let length = expected.length.ok_or_else(error::missing_content_length)?;
        if length > PUT_BYTES_MAX {
            return Err(error::entity_too_large(PUT_BYTES_MAX));
        }
        let chosen = expected
            .checksums
            .first()
            .map(|checksum| checksum.algorithm)
            .or(expected.algorithm)
            .unwrap_or(otherwise);
        let mut wanted = vec![chosen];
        wanted.extend(expected.checksums.iter().map(|claimed| claimed.algorithm));
        wanted.extend(also);
        wanted.extend(expected.payload_sha256.as_ref().map(|_| Algorithm::Sha256));
        let received = self
            .blobs
            .receive(body, length, Hashers::new(wanted))
            .await
            .map_err(receive_error)?;
        if received.size != length {
            return Err(error::incomplete_body());
        }
        verify(&received, expected)?;
        let value = received.digests.value(chosen).ok_or_else(error::internal)?;
        Ok((
            received,
            Checksum {
                algorithm: chosen,
                value,
            },
        ))
    }

    /// Sets the row of an object whose blobs are new, and unlinks what it replaces. On refusal the new blobs go.
    async fn replace(
        &self,
        bucket: &str,
        key: &str,
        object: &Object,
        conditions: &Conditions,
    ) -> Result<()> {
        let replaced = async {
            let _shared = self.share(bucket).await;
            // Looked up again: it may have been removed while the bytes came.
            let found = self.bucket(bucket)?;
            self.replace_in(&found, key, object, conditions, Batch::default())
                .await
        }
        .await;
        if let Err(refused) = &replaced
            && refused.fault() == aws::Fault::Client
        {
            // After a failed commit it is unknown whether the row stands: then the next start's sweep decides.
            self.blobs.remove(&object.id, object.blobs.clone());
        }
        replaced
    }

    /// Sets an object's row, together with `batch`, in a bucket whose lock the caller holds.
    pub(super) async fn replace_in(
        &self,
        bucket: &Bucket,
        key: &str,
        object: &Object,
        conditions: &Conditions,
        mut batch: Batch,
    ) -> Result<()> {
        let row = bucket.key(key);
        let _locked = self.lock(&row).await;
        let old: Option<Object> = self.row(OBJECTS, &row)?;
        conditions.check_write(key, old.as_ref())?;
        batch.put(OBJECTS, &row, rows::encode(object));
        self.commit(batch).await?;
        if let Some(old) = old {
            self.blobs.remove(&old.id, old.blobs);
        }
        Ok(())
    }

    /// Copies an object.
    pub(crate) async fn copy(
        &self,
        source: &Source,
        bucket: &str,
        key: &str,
        target: CopyTarget,
    ) -> Result<Object> {
        check_key(key)?;
        self.bucket(bucket)?;
        let (from, pinned) = self.pinned(&source.bucket, &source.key, source.version.as_deref())?;
        source.conditions.check_source(&from)?;
        if from.size > PUT_BYTES_MAX {
            return Err(error::invalid_request(
                "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
            ));
        }
        if source.bucket == bucket
            && source.key == key
            && target.head.is_none()
            && target.storage_class.is_none()
        {
            return Err(error::copy_to_itself());
        }
        let mut head = match target.head {
            Some(mut head) => {
                check_head(&head)?;
                head.tags.clone_from(&from.head.tags);
                head
            }
            None => from.head.clone(),
        };
        if let Some(tags) = target.tags {
            head.tags = tags;
        }
        head.storage_class = target.storage_class;
        let algorithm = target
            .algorithm
            .or(from.checksum.as_ref().map(|checksum| checksum.algorithm))
            .unwrap_or(Algorithm::Crc64nvme);
        let same = from
            .checksum
            .clone()
            .filter(|checksum| checksum.algorithm == algorithm);
        let object = match same {
            Some(checksum) if from.parts.is_none() => {
                let mut blobs = Vec::with_capacity(1);
                for blob in &from.blobs {
                    blobs.push(self.blobs.duplicate(blob).await.map_err(error::disk)?);
                }
                drop(pinned);
                Object {
                    id: new_id(),
                    modified: Millis::now(),
                    head,
                    blobs,
                    checksum: Some(checksum),
                    ..from
                }
            }
            _ => {
                let (received, checksum) =
                    self.recopy(&from, 0..from.size, pinned, algorithm).await?;
                Object {
                    id: new_id(),
                    size: from.size,
                    modified: Millis::now(),
                    etag: received.digests.etag(),
                    head,
                    checksum: Some(checksum),
                    checksum_kind: Kind::FullObject,
                    blobs: keep(received).await?,
                    parts: None,
                }
            }
        };
        self.replace(bucket, key, &object, &Conditions::default())
            .await?;
        Ok(object)
    }

    /// A range of an object as a stream of its own to the disk.
    pub(crate) async fn recopy(
        &self,
        from: &Object,
        range: Range<u64>,
        pinned: Pinned,
        algorithm: Algorithm,
    ) -> Result<(Received, Checksum)> {
        let expected = Expected {
            length: Some(range.end - range.start),
            ..Expected::default()
        };
        let body = Box::pin(self.read(from, range, pinned));
        self.receive(body, &expected, algorithm, &[]).await
    }

    /// The source of a part copy, if it is as wished.
    pub(crate) fn copy_source(&self, source: &Source) -> Result<(Object, Pinned)> {
        let (from, pinned) = self.pinned(&source.bucket, &source.key, source.version.as_deref())?;
        source.conditions.check_source(&from)?;
        Ok((from, pinned))
    }

    /// Removes an object; nothing happens if it is not there.
    pub(crate) async fn delete(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        conditions: &Conditions,
    ) -> Result<()> {
        let _shared = self.share(bucket).await;
        let row = self.bucket(bucket)?.key(key);
        check_version(key, version)?;
        let _locked = self.lock(&row).await;
        let Some(old) = self.row::<Object>(OBJECTS, &row)? else {
            return Ok(());
        };
        conditions.check_write(key, Some(&old))?;
        let mut batch = Batch::default();
        batch.delete(OBJECTS, &row);
        self.commit(batch).await?;
        self.blobs.remove(&old.id, old.blobs);
        Ok(())
    }

    /// Removes many objects with one commit. The answers are in the order of the keys.
    pub(crate) async fn delete_many(
        &self,
        bucket: &str,
        keys: &[(String, Option<String>)],
    ) -> Result<Vec<Result<()>>> {
        let _owned = self.own(bucket).await;
        let found = self.bucket(bucket)?;
        let mut batch = Batch::default();
        let mut answers = Vec::with_capacity(keys.len());
        let mut removed = Vec::new();
        for (key, version) in keys {
            let checked = check_version(key, version.as_deref());
            if checked.is_ok()
                && let Some(old) = self.row::<Object>(OBJECTS, &found.key(key))?
            {
                batch.delete(OBJECTS, &found.key(key));
                removed.push(old);
            }
            answers.push(checked);
        }
        if !batch.is_empty() {
            self.commit(batch).await?;
        }
        // A key may stand in the list twice.
        removed.sort_by(|a, b| a.id.cmp(&b.id));
        removed.dedup_by(|a, b| a.id == b.id);
        for old in removed {
            self.blobs.remove(&old.id, old.blobs);
        }
        Ok(answers)
    }

    /// Sets an object's tags.
    pub(crate) async fn tag(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        tags: Vec<(String, String)>,
    ) -> Result<()> {
        let _shared = self.share(bucket).await;
        let found = self.bucket(bucket)?;
        let row = found.key(key);
        let _locked = self.lock(&row).await;
        let mut object = self.object_in(&found, key, version)?;
        object.head.tags = tags;
        let mut batch = Batch::default();
        batch.put(OBJECTS, &row, rows::encode(&object));
        self.commit(batch).await
    }
}

pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

pub(super) fn check_key(key: &str) -> Result<()> {
    if key.len() > KEY_BYTES_MAX {
        return Err(error::key_too_long(key.len()));
    }
    if key.is_empty() {
        return Err(error::invalid_argument(
            "Key",
            key,
            "Object key must have length greater than zero.",
        ));
    }
    Ok(())
}

pub(super) fn check_head(head: &Head) -> Result<()> {
    let bytes = head.metadata.iter().map(|(k, v)| k.len() + v.len()).sum();
    if bytes > METADATA_BYTES_MAX {
        return Err(error::metadata_too_large(bytes));
    }
    Ok(())
}

/// Buckets here never had versioning on: every object's version is `null`.
fn check_version(key: &str, version: Option<&str>) -> Result<()> {
    match version {
        None | Some("null") => Ok(()),
        // AWS's ids have 32 characters; another text is no id at all.
        Some(version) if version.len() == 32 => Err(error::no_such_version(key, version)),
        Some(_) => Err(error::invalid_version()),
    }
}

pub(super) async fn keep(received: Received) -> Result<Vec<Blob>> {
    let blob = received.keep().await.map_err(error::disk)?;
    Ok(blob.into_iter().collect())
}

fn receive_error(failed: ReceiveError) -> aws::ApiError {
    match failed {
        ReceiveError::TooLarge => error::incomplete_body(),
        ReceiveError::Idle => error::request_timeout(),
        ReceiveError::Io(cause) => error::disk(cause),
        ReceiveError::Broken(cause) => match cause.downcast_ref::<ChunkedError>() {
            Some(ChunkedError::Malformed | ChunkedError::Incomplete) => error::incomplete_body(),
            None => {
                tracing::debug!(%cause, "a request's body broke off");
                error::incomplete_body()
            }
        },
    }
}

fn verify(received: &Received, expected: &Expected) -> Result<()> {
    let digests = &received.digests;
    if let Some(claimed) = &expected.md5 {
        if claimed.len() != 24 {
            return Err(error::invalid_digest());
        }
        if *claimed != crate::checksum::base64(&digests.md5) {
            return Err(error::bad_md5());
        }
    }
    for claimed in &expected.checksums {
        if digests.value(claimed.algorithm).as_ref() != Some(&claimed.value) {
            return Err(error::bad_checksum(claimed.algorithm.name()));
        }
    }
    if let Some(claimed) = &expected.payload_sha256
        && let Some(computed) = digests.raw(Algorithm::Sha256).map(hex::encode)
        && !claimed.eq_ignore_ascii_case(&computed)
    {
        return Err(error::bad_payload_hash(claimed, &computed));
    }
    if let Some(trailers) = &expected.trailers {
        let trailers = trailers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for algorithm in Algorithm::ALL {
            if let Some(claimed) = trailers.get(algorithm.header())
                && let Some(computed) = digests.value(algorithm)
                && claimed.as_bytes() != computed.as_bytes()
            {
                return Err(error::bad_checksum(algorithm.name()));
            }
        }
    }
    Ok(())
}
