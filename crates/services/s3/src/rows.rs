//! The rows: buckets by their global name; objects, uploads and parts under account, region and bucket.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Keyspace, Table};

use crate::blobs::Blob;
use crate::checksum::{Algorithm, Checksum, Kind};

pub(crate) const BUCKETS: Table = Table::new(Keyspace::Services, "s3/buckets");
pub(crate) const OBJECTS: Table = Table::new(Keyspace::Services, "s3/objects");
pub(crate) const UPLOADS: Table = Table::new(Keyspace::Services, "s3/uploads");
pub(crate) const PARTS: Table = Table::new(Keyspace::Services, "s3/parts");

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Millis(pub u64);

impl Millis {
    pub(crate) fn now() -> Self {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(elapsed.map_or(0, |elapsed| elapsed.as_millis() as u64))
    }

    pub(crate) fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// Whole seconds, the precision of HTTP dates.
    pub(crate) fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

/// A bucket and what is configured on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub name: String,
    pub account: String,
    pub region: String,
    pub created: Millis,
    /// The configurations that are kept as they came, by their name in the API: XML, and JSON for
    /// `policy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
}

impl Bucket {
    /// What the keys of all its rows begin with. Names of buckets have no slash, accounts and regions neither.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/{}/{}/", self.account, self.region, self.name)
    }

    pub(crate) fn key(&self, key: &str) -> Vec<u8> {
        let mut whole = self.prefix().into_bytes();
        whole.extend_from_slice(key.as_bytes());
        whole
    }

    /// Uploads sort by key, then by when they began.
    pub(crate) fn upload_key(&self, key: &str, upload: &str) -> Vec<u8> {
        let mut whole = self.key(key);
        whole.push(0);
        whole.extend_from_slice(upload.as_bytes());
        whole
    }

    pub(crate) fn part_key(&self, upload: &str, number: u32) -> Vec<u8> {
        format!("{}{upload}/{number:05}", self.prefix()).into_bytes()
    }

    pub(crate) fn parts_prefix(&self, upload: &str) -> Vec<u8> {
        format!("{}{upload}/", self.prefix()).into_bytes()
    }
}

/// What a client says about an object besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Head {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_redirect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Object {
    /// New with every overwrite.
    pub id: String,
    pub size: u64,
    pub modified: Millis,
    /// Without quotes.
    pub etag: String,
    pub head: Head,
    pub checksum: Option<Checksum>,
    pub checksum_kind: Kind,
    /// Its bytes, in order.
    pub blobs: Vec<Blob>,
    /// For objects from a multipart upload: how many parts, and so blobs.
    pub parts: Option<u32>,
}

/// A multipart upload under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub id: String,
    pub key: String,
    pub initiated: Millis,
    pub head: Head,
    pub algorithm: Option<Algorithm>,
    pub kind: Kind,
}

impl Upload {
    /// What the object's checksum will be of: CRC64NVME where the client chose nothing.
    pub(crate) fn checksum_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::Crc64nvme)
    }
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub number: u32,
    pub size: u64,
    pub modified: Millis,
    pub etag: String,
    pub checksums: Vec<Checksum>,
    pub blob: Option<Blob>,
}

impl Part {
    pub(crate) fn checksum(&self, algorithm: Algorithm) -> Option<&str> {
        self.checksums
            .iter()
            .find(|checksum| checksum.algorithm == algorithm)
            .map(|checksum| checksum.value.as_str())
    }
}

pub(crate) fn encode(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows have string keys and no numbers but integers")
}

/// A row of ours, if it is one.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, aws::ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        tracing::error!(%error, "a row of the object store can't be read");
        crate::error::internal()
    })
}
