//! Buckets: made, found, configured, removed.

use std::ops::Bound;

use aws::Caller;
use store::{Batch, Order};

use super::Backend;
use crate::error::{self, Result};
use crate::rows::{self, BUCKETS, Bucket, Millis, OBJECTS, PARTS, Part, UPLOADS};

/// Names of the configurations that a bucket keeps as they came.
pub(crate) mod setting {
    pub(crate) const CORS: &str = "cors";
    pub(crate) const POLICY: &str = "policy";
    pub(crate) const ENCRYPTION: &str = "encryption";
    pub(crate) const LIFECYCLE: &str = "lifecycle";
    pub(crate) const OWNERSHIP: &str = "ownership";
    pub(crate) const PUBLIC_ACCESS: &str = "publicAccessBlock";
    pub(crate) const NOTIFICATION: &str = "notification";
}

impl Backend {
    /// Makes a bucket in the caller's region, or in the one that is asked for.
    pub(crate) async fn create_bucket(
        &self,
        caller: &Caller,
        name: &str,
        constraint: Option<&str>,
    ) -> Result<Bucket> {
        if !s3s::path::check_bucket_name(name) {
            return Err(error::invalid_bucket_name(name));
        }
        let region = bucket_region(&caller.region, constraint)?;
        let _owned = self.own(name).await;
        if let Some(found) = self.row::<Bucket>(BUCKETS, name.as_bytes())? {
            if *found.account != *caller.account {
                return Err(error::bucket_exists(name));
            }
            // The oldest region answers as it always has: again is no error.
            // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
            if found.region == "us-east-1" && region == "us-east-1" {
                return Ok(found);
            }
            return Err(error::bucket_owned(name));
        }
        let bucket = Bucket {
            name: name.to_owned(),
            account: caller.account.to_string(),
            region,
            created: Millis::now(),
            settings: std::collections::BTreeMap::new(),
            tags: Vec::new(),
        };
        let mut batch = Batch::default();
        batch.put(BUCKETS, name.as_bytes(), rows::encode(&bucket));
        self.commit(batch).await?;
        Ok(bucket)
    }

    /// Removes a bucket without objects; uploads under way go with it.
    pub(crate) async fn delete_bucket(&self, name: &str) -> Result<()> {
        let _owned = self.own(name).await;
        let bucket = self.bucket(name)?;
        let prefix = bucket.prefix();
        let any = self
            .store
            .prefix(OBJECTS, prefix.as_bytes(), Order::Ascending, 1)
            .map_err(error::store)?;
        if !any.is_empty() {
            return Err(error::bucket_not_empty(name));
        }
        let mut batch = Batch::default();
        let mut doomed = Vec::new();
        for (key, _) in self
            .store
            .prefix(UPLOADS, prefix.as_bytes(), Order::Ascending, usize::MAX)
            .map_err(error::store)?
        {
            batch.delete(UPLOADS, &key);
        }
        for (key, row) in self
            .store
            .prefix(PARTS, prefix.as_bytes(), Order::Ascending, usize::MAX)
            .map_err(error::store)?
        {
            batch.delete(PARTS, &key);
            doomed.extend(rows::decode::<Part>(&row)?.blob);
        }
        batch.delete(BUCKETS, name.as_bytes());
        self.commit(batch).await?;
        self.blobs.remove(name, doomed);
        Ok(())
    }

    /// The caller's buckets after `after`, in name order, up to `limit`, and whether there are more.
    pub(crate) fn list_buckets(
        &self,
        caller: &Caller,
        prefix: &str,
        region: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Bucket>, bool)> {
        let mut buckets = Vec::new();
        let mut from = after.map(str::to_owned);
        loop {
            let start = match &from {
                Some(name) => Bound::Excluded(name.as_bytes()),
                None => Bound::Included(prefix.as_bytes()),
            };
            let page = self
                .store
                .range(
                    BUCKETS,
                    start,
                    Bound::Unbounded,
                    Order::Ascending,
                    super::PAGE,
                )
                .map_err(error::store)?;
            if page.is_empty() {
                return Ok((buckets, false));
            }
            for (_, row) in page {
                let bucket: Bucket = rows::decode(&row)?;
                if bucket.name.as_str() > prefix && !bucket.name.starts_with(prefix) {
                    return Ok((buckets, false));
                }
                from = Some(bucket.name.clone());
                if *bucket.account == *caller.account
                    && bucket.name.starts_with(prefix)
                    && region.is_none_or(|region| region == bucket.region)
                {
                    if buckets.len() == limit {
                        return Ok((buckets, true));
                    }
                    buckets.push(bucket);
                }
            }
        }
    }

    /// Changes a bucket's row.
    pub(crate) async fn configure(
        &self,
        name: &str,
        change: impl FnOnce(&mut Bucket),
    ) -> Result<()> {
        let _owned = self.own(name).await;
        let mut bucket = self.bucket(name)?;
        change(&mut bucket);
        let mut batch = Batch::default();
        batch.put(BUCKETS, name.as_bytes(), rows::encode(&bucket));
        self.commit(batch).await
    }
}

/// Where a bucket goes that is asked for in `region`, the endpoint's, with a constraint. The endpoint of `us-east-1` is
/// the global one and makes buckets anywhere.
fn bucket_region(region: &str, constraint: Option<&str>) -> Result<String> {
    match constraint.filter(|constraint| !constraint.is_empty()) {
        None if region == "us-east-1" => Ok(region.to_owned()),
        None => Err(error::illegal_location("unspecified")),
        Some("us-east-1") => Err(error::invalid_location("us-east-1")),
        Some("EU") if region == "us-east-1" || region == "eu-west-1" => Ok("eu-west-1".to_owned()),
        Some(constraint) if constraint.len() > 32 || !constraint.contains('-') => {
            Err(error::invalid_location(constraint))
        }
        Some(constraint) if region == "us-east-1" || region == constraint => {
            Ok(constraint.to_owned())
        }
        Some(constraint) => Err(error::illegal_location(constraint)),
    }
}
