//! Multipart uploads: begun, filled part by part, completed or aborted.

use std::ops::Range;

use aws::BodyError;
use bytes::Bytes;
use futures_util::Stream;
use store::{Batch, Order};

use super::Backend;
use super::objects::{Conditions, Expected, Source, check_head, check_key, new_id};
use crate::checksum::{self, Algorithm, Checksum, Kind};
use crate::error::{self, Result};
use crate::rows::{self, Bucket, Head, Millis, Object, PARTS, Part, UPLOADS, Upload};

const PART_NUMBER_MAX: u32 = 10_000;
/// All parts but the last.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;

/// What a CompleteMultipartUpload names.
#[derive(Default)]
pub(crate) struct Completion {
    pub parts: Vec<CompletionPart>,
    /// `x-amz-checksum-*` of the whole object.
    pub checksums: Vec<Checksum>,
    /// `x-amz-mp-object-size`.
    pub size: Option<u64>,
    pub conditions: Conditions,
}

/// A part as the client names it.
pub(crate) struct CompletionPart {
    pub number: u32,
    pub etag: String,
    pub checksums: Vec<Checksum>,
}

impl Backend {
    /// Begins an upload.
    pub(crate) async fn create_upload(
        &self,
        bucket: &str,
        key: &str,
        head: Head,
        algorithm: Option<Algorithm>,
        kind: Option<Kind>,
    ) -> Result<Upload> {
        check_key(key)?;
        check_head(&head)?;
        let _shared = self.share(bucket).await;
        let found = self.bucket(bucket)?;
        let chosen = algorithm.unwrap_or(Algorithm::Crc64nvme);
        let kind = kind.unwrap_or(chosen.default_kind());
        let fits = match kind {
            Kind::FullObject => chosen.can_combine(),
            Kind::Composite => chosen != Algorithm::Crc64nvme,
        };
        if !fits {
            return Err(error::invalid_request(&format!(
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                kind.name(),
                chosen.name().to_ascii_lowercase(),
            )));
        }
        let now = Millis::now();
        let upload = Upload {
            // Ids sort by the time of their beginning, as the list of uploads of one key does.
            id: format!("{:012x}{}", now.0, new_id()),
            key: key.to_owned(),
            initiated: now,
            head,
            algorithm,
            kind,
        };
        let mut batch = Batch::default();
        batch.put(
            UPLOADS,
            &found.upload_key(key, &upload.id),
            rows::encode(&upload),
        );
        self.commit(batch).await?;
        Ok(upload)
    }

    pub(crate) fn upload(&self, bucket: &Bucket, key: &str, upload: &str) -> Result<Upload> {
        self.row(UPLOADS, &bucket.upload_key(key, upload))?
            .ok_or_else(|| error::no_such_upload(upload))
    }

    /// Takes a part.
    pub(crate) async fn put_part<S>(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
        body: S,
        expected: Expected,
    ) -> Result<(Upload, Part, Checksum)>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Unpin,
    {
        check_number(number)?;
        let begun = self.upload(&self.bucket(bucket)?, key, upload)?;
        let algorithm = begun.checksum_algorithm();
        let (received, checksum) = self
            .receive(body, &expected, algorithm, &[algorithm])
            .await?;
        let part = Part {
            number,
            size: received.size,
            modified: Millis::now(),
            etag: received.digests.etag(),
            checksums: received.digests.checksums(),
            blob: received.keep().await.map_err(error::disk)?,
        };
        self.set_part(bucket, &begun, &part).await?;
        Ok((begun, part, checksum))
    }

    /// Takes a part from an object.
    pub(crate) async fn copy_part(
        &self,
        source: &Source,
        range: Option<&str>,
        bucket: &str,
        key: &str,
        upload: &str,
        number: u32,
    ) -> Result<(Upload, Part)> {
        check_number(number)?;
        let begun = self.upload(&self.bucket(bucket)?, key, upload)?;
        let (from, pinned) = self.copy_source(source)?;
        let range = match range {
            Some(text) => copy_range(text, from.size)?,
            None => 0..from.size,
        };
        let (received, _) = self
            .recopy(&from, range, pinned, begun.checksum_algorithm())
            .await?;
        let part = Part {
            number,
            size: received.size,
            modified: Millis::now(),
            etag: received.digests.etag(),
            checksums: received.digests.checksums(),
            blob: received.keep().await.map_err(error::disk)?,
        };
        self.set_part(bucket, &begun, &part).await?;
        Ok((begun, part))
    }

    async fn set_part(&self, bucket: &str, upload: &Upload, part: &Part) -> Result<()> {
        let set = async {
            let _shared = self.share(bucket).await;
            let found = self.bucket(bucket)?;
            let _locked = self.lock_upload(&upload.id).await;
            // It may have been completed or aborted while the bytes came.
            self.upload(&found, &upload.key, &upload.id)?;
            let row = found.part_key(&upload.id, part.number);
            let old: Option<Part> = self.row(PARTS, &row)?;
            let mut batch = Batch::default();
            batch.put(PARTS, &row, rows::encode(part));
            self.commit(batch).await?;
            Ok::<_, aws::ApiError>(old)
        };
        match set.await {
            Ok(old) => {
                let doomed = old.and_then(|old| old.blob).into_iter().collect();
                self.blobs.remove(&upload.id, doomed);
                Ok(())
            }
            Err(refused) => {
                if aws::Fault::Client == refused.fault() {
                    self.blobs
                        .remove(&upload.id, part.blob.clone().into_iter().collect());
                }
                Err(refused)
            }
        }
    }

    /// All parts of an upload, by number.
    fn parts(&self, bucket: &Bucket, upload: &str) -> Result<Vec<Part>> {
        self.store
            .prefix(
                PARTS,
                &bucket.parts_prefix(upload),
                Order::Ascending,
                PART_NUMBER_MAX as usize,
            )
            .map_err(error::store)?
            .iter()
            .map(|(_, row)| rows::decode(row))
            .collect()
    }

    /// Makes an object of the parts that are named.
    pub(crate) async fn complete(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        completion: Completion,
    ) -> Result<Object> {
        let shared = self.share(bucket).await;
        let found = self.bucket(bucket)?;
        let locked = self.lock_upload(upload).await;
        let begun = self.upload(&found, key, upload)?;
        let all = self.parts(&found, upload)?;
        let named = named_parts(&begun, &all, &completion)?;
        let size = named.iter().map(|part| part.size).sum();
        if completion.size.is_some_and(|claimed| claimed != size) {
            return Err(error::invalid_request(
                "The provided 'x-amz-mp-object-size' header does not match what was computed.",
            ));
        }
        let checksum = whole_checksum(&begun, &named, &completion)?;
        let etag = checksum::multipart_etag(named.iter().map(|part| part.etag.as_str()))
            .ok_or_else(error::internal)?;
        let object = Object {
            id: new_id(),
            size,
            modified: Millis::now(),
            etag,
            head: begun.head.clone(),
            checksum: Some(checksum),
            checksum_kind: begun.kind,
            blobs: named.iter().filter_map(|part| part.blob.clone()).collect(),
            parts: Some(named.len() as u32),
        };
        let mut batch = Batch::default();
        batch.delete(UPLOADS, &found.upload_key(key, upload));
        for part in &all {
            batch.delete(PARTS, &found.part_key(upload, part.number));
        }
        self.replace_in(&found, key, &object, &completion.conditions, batch)
            .await?;
        drop((locked, shared));
        let unused = all
            .into_iter()
            .filter_map(|part| part.blob)
            .filter(|blob| !object.blobs.contains(blob))
            .collect();
        self.blobs.remove(upload, unused);
        Ok(object)
    }

    /// Ends an upload and drops its parts.
    pub(crate) async fn abort(&self, bucket: &str, key: &str, upload: &str) -> Result<()> {
        let _shared = self.share(bucket).await;
        let found = self.bucket(bucket)?;
        let _locked = self.lock_upload(upload).await;
        self.upload(&found, key, upload)?;
        let all = self.parts(&found, upload)?;
        let mut batch = Batch::default();
        batch.delete(UPLOADS, &found.upload_key(key, upload));
        for part in &all {
            batch.delete(PARTS, &found.part_key(upload, part.number));
        }
        self.commit(batch).await?;
        self.blobs.remove(
            upload,
            all.into_iter().filter_map(|part| part.blob).collect(),
        );
        Ok(())
    }
}

fn check_number(number: u32) -> Result<()> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    Err(error::invalid_argument(
        "partNumber",
        &number.to_string(),
        "Part number must be an integer between 1 and 10000, inclusive",
    ))
}

/// `bytes=first-last`, both ends within the source.
fn copy_range(text: &str, size: u64) -> Result<Range<u64>> {
    let ends = text
        .strip_prefix("bytes=")
        .and_then(|ends| ends.split_once('-'))
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    let Some((first, last)): Option<(u64, u64)> = ends.filter(|(first, last)| first <= last) else {
        return Err(error::invalid_argument(
            "x-amz-copy-source-range",
            text,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        ));
    };
    if last >= size {
        return Err(error::invalid_argument(
            "x-amz-copy-source-range",
            text,
            &format!("Range specified is not valid for source object of size: {size}"),
        ));
    }
    Ok(first..last + 1)
}

fn named_parts<'a>(
    upload: &Upload,
    all: &'a [Part],
    completion: &Completion,
) -> Result<Vec<&'a Part>> {
    if completion.parts.is_empty() {
        return Err(error::malformed_xml());
    }
    let mut named: Vec<&Part> = Vec::with_capacity(completion.parts.len());
    for wanted in &completion.parts {
        if named
            .last()
            .is_some_and(|last| last.number >= wanted.number)
        {
            return Err(error::invalid_part_order(&upload.id));
        }
        let missing = || error::invalid_part(&upload.id, wanted.number, &wanted.etag);
        let part = all
            .binary_search_by_key(&wanted.number, |part| part.number)
            .ok()
            .and_then(|at| all.get(at))
            .ok_or_else(missing)?;
        if part.etag != wanted.etag.trim_matches('"') {
            return Err(missing());
        }
        for claimed in &wanted.checksums {
            if part
                .checksum(claimed.algorithm)
                .is_some_and(|value| value != claimed.value)
            {
                return Err(missing());
            }
        }
        if let (Some(algorithm), Kind::Composite) = (upload.algorithm, upload.kind)
            && !wanted.checksums.iter().any(|c| c.algorithm == algorithm)
        {
            return Err(error::invalid_request(&format!(
                "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {} in the request.",
                algorithm.name().to_ascii_lowercase(),
                wanted.number,
            )));
        }
        named.push(part);
    }
    for part in named.iter().rev().skip(1) {
        if part.size < PART_BYTES_MIN {
            return Err(error::entity_too_small(
                part.number,
                &part.etag,
                part.size,
                PART_BYTES_MIN,
            ));
        }
    }
    Ok(named)
}

fn whole_checksum(upload: &Upload, parts: &[&Part], completion: &Completion) -> Result<Checksum> {
    let algorithm = upload.checksum_algorithm();
    let value_of = |part: &&Part| part.checksum(algorithm).map(str::to_owned);
    let values: Vec<String> = parts
        .iter()
        .map(value_of)
        .collect::<Option<_>>()
        .ok_or_else(error::internal)?;
    let value = match upload.kind {
        Kind::FullObject => {
            let parts: Vec<_> = values
                .iter()
                .zip(parts)
                .map(|(value, part)| (value.as_str(), part.size))
                .collect();
            checksum::combine(algorithm, &parts)
        }
        Kind::Composite => {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            checksum::compose(algorithm, &values)
        }
    }
    .ok_or_else(error::internal)?;
    for claimed in &completion.checksums {
        // A composite one may come without its count.
        let found = value.split('-').next().unwrap_or_default();
        if claimed.algorithm == algorithm && claimed.value != value && claimed.value != found {
            return Err(error::bad_checksum(algorithm.name()));
        }
    }
    Ok(Checksum { algorithm, value })
}
