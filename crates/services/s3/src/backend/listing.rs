//! Lists of objects, uploads and parts: in key order, cut by prefix, delimiter and number.

use std::ops::Bound;

use store::{Order, Table};

use super::Backend;
use crate::error::{self, Result};
use crate::rows::{self, Bucket, OBJECTS, Object, PARTS, Part, UPLOADS, Upload};

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListingQuery {
    pub prefix: String,
    pub delimiter: Option<String>,
    /// The list begins behind this key, and behind everything under it if it is a common prefix.
    pub after: Option<String>,
    pub limit: usize,
}

/// A page of objects.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub objects: Vec<(String, Object)>,
    pub prefixes: Vec<String>,
    /// The last key or common prefix of the page, if there is more behind it.
    pub next: Option<String>,
}

/// A page of uploads.
#[derive(Debug, Default)]
pub(crate) struct UploadListing {
    pub uploads: Vec<Upload>,
    pub prefixes: Vec<String>,
    /// Key and upload id of the last; no id behind a common prefix.
    pub next: Option<(String, Option<String>)>,
}

/// A page of an upload's parts.
#[derive(Debug)]
pub(crate) struct PartListing {
    pub upload: Upload,
    pub parts: Vec<Part>,
    pub truncated: bool,
}

enum Entry {
    Row(String, bytes::Bytes),
    Prefix(String),
}

impl Backend {
    /// Objects in key order.
    pub(crate) fn list(&self, bucket: &str, query: &ListingQuery) -> Result<Listing> {
        let bucket = self.bucket(bucket)?;
        let mut listing = Listing::default();
        let from = query.after.as_ref().map(|after| (after.clone(), None));
        let (entries, more) = self.entries(&bucket, OBJECTS, query, from)?;
        for entry in entries {
            match entry {
                Entry::Row(key, row) => listing.objects.push((key, rows::decode(&row)?)),
                Entry::Prefix(prefix) => listing.prefixes.push(prefix),
            }
        }
        if more {
            let key = listing.objects.last().map(|(key, _)| key);
            listing.next = key.max(listing.prefixes.last()).cloned();
        }
        Ok(listing)
    }

    /// Uploads by key and beginning. `upload_after` refines `query.after`.
    pub(crate) fn list_uploads(
        &self,
        bucket: &str,
        query: &ListingQuery,
        upload_after: Option<&str>,
    ) -> Result<UploadListing> {
        let bucket = self.bucket(bucket)?;
        let mut listing = UploadListing::default();
        let from = query
            .after
            .as_ref()
            .map(|after| (after.clone(), upload_after.map(str::to_owned)));
        let (entries, more) = self.entries(&bucket, UPLOADS, query, from)?;
        let mut last = None;
        for entry in entries {
            match entry {
                Entry::Row(_, row) => {
                    let upload: Upload = rows::decode(&row)?;
                    last = Some((upload.key.clone(), Some(upload.id.clone())));
                    listing.uploads.push(upload);
                }
                Entry::Prefix(prefix) => {
                    last = Some((prefix.clone(), None));
                    listing.prefixes.push(prefix);
                }
            }
        }
        listing.next = last.filter(|_| more);
        Ok(listing)
    }

    /// An upload's parts by number.
    pub(crate) fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        after: u32,
        limit: usize,
    ) -> Result<PartListing> {
        let bucket = self.bucket(bucket)?;
        let begun = self.upload(&bucket, key, upload)?;
        let rows = self
            .store
            .range(
                PARTS,
                Bound::Excluded(&bucket.part_key(upload, after)),
                Bound::Included(&bucket.part_key(upload, 99_999)),
                Order::Ascending,
                limit + 1,
            )
            .map_err(error::store)?;
        let truncated = rows.len() > limit;
        let parts = rows
            .iter()
            .take(limit)
            .map(|(_, row)| rows::decode(row))
            .collect::<Result<_>>()?;
        Ok(PartListing {
            upload: begun,
            parts,
            truncated,
        })
    }

    /// Up to `query.limit` rows and common prefixes, and whether there are more.
    ///
    /// `from` is the marker: a key, and for uploads the id behind which to begin within that key.
    fn entries(
        &self,
        bucket: &Bucket,
        table: Table,
        query: &ListingQuery,
        from: Option<(String, Option<String>)>,
    ) -> Result<(Vec<Entry>, bool)> {
        let start_of_bucket = bucket.prefix().into_bytes();
        let first = bucket.key(&query.prefix);
        let Some(end) = after_prefix(&first) else {
            return Err(error::internal());
        };
        let mut start = Bound::Included(first.clone());
        if let Some((key, upload)) = from {
            let behind = match upload {
                Some(upload) => Bound::Excluded(bucket.upload_key(&key, &upload)),
                None if table == UPLOADS => Bound::Included({
                    let mut rows = bucket.key(&key);
                    rows.push(1);
                    rows
                }),
                None => Bound::Excluded(bucket.key(&key)),
            };
            let behind = match common_prefix(&key, query) {
                Some(prefix) if prefix == key => {
                    after_prefix(&bucket.key(&prefix)).map_or(behind, Bound::Included)
                }
                _ => behind,
            };
            if bytes_of(&behind) > first.as_slice() {
                start = behind;
            }
        }
        if query.limit == 0 {
            return Ok((Vec::new(), false));
        }
        let mut entries = Vec::new();
        loop {
            if bytes_of(&start) >= end.as_slice() {
                return Ok((entries, false));
            }
            let page = self
                .store
                .range(
                    table,
                    start.as_ref().map(Vec::as_slice),
                    Bound::Excluded(&end),
                    Order::Ascending,
                    super::PAGE.min(query.limit + 1),
                )
                .map_err(error::store)?;
            let Some((last, _)) = page.last() else {
                return Ok((entries, false));
            };
            start = Bound::Excluded(last.to_vec());
            for (row_key, row) in page {
                let key = row_key
                    .get(start_of_bucket.len()..)
                    .and_then(|key| {
                        if table != UPLOADS {
                            return Some(key);
                        }
                        // The key ends before the NUL and the id.
                        let end = key.iter().rposition(|byte| *byte == 0)?;
                        key.get(..end)
                    })
                    .and_then(|key| std::str::from_utf8(key).ok())
                    .ok_or_else(error::internal)?
                    .to_owned();
                if entries.len() == query.limit {
                    return Ok((entries, true));
                }
                match common_prefix(&key, query) {
                    Some(prefix) => {
                        // Nothing under it is looked at: the next page begins behind it.
                        let behind =
                            after_prefix(&bucket.key(&prefix)).ok_or_else(error::internal)?;
                        start = Bound::Included(behind);
                        entries.push(Entry::Prefix(prefix));
                        break;
                    }
                    None => entries.push(Entry::Row(key, row)),
                }
            }
        }
    }
}

/// The part of a key up to the first delimiter behind the prefix.
fn common_prefix(key: &str, query: &ListingQuery) -> Option<String> {
    let delimiter = query.delimiter.as_deref().filter(|d| !d.is_empty())?;
    let rest = key.strip_prefix(query.prefix.as_str())?;
    let end = rest.find(delimiter)? + delimiter.len();
    Some(key[..query.prefix.len() + end].to_owned())
}

fn bytes_of(bound: &Bound<Vec<u8>>) -> &[u8] {
    match bound {
        Bound::Included(key) | Bound::Excluded(key) => key,
        Bound::Unbounded => &[],
    }
}

/// The least key behind all that begin with `prefix`.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let keep = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix.get(..=keep)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}
