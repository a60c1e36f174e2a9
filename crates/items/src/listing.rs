//! What `ListObjectsV2` says of objects, as items.

use asl::Json;

/// One answer of `ListObjectsV2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `Contents`, in its order.
    pub objects: Vec<Listed>,
    /// `IsTruncated`
    pub truncated: bool,
}

/// One object of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `ETag`, with its quotes.
    pub etag: String,
    /// `Key`
    pub key: String,
    /// `LastModified`, whole seconds since 1970.
    pub last_modified_seconds: u64,
    /// `Size`
    pub size_bytes: u64,
    /// `StorageClass`
    pub storage_class: String,
}

impl Listed {
    /// What the S3 console makes for a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.size_bytes == 0 && self.key.ends_with('/')
    }

    /// The members and their order as recorded in `test_map_item_reader_base_list_objects_v2`; there, the tag is `Etag`.
    pub(crate) fn into_item(self) -> Json {
        Json::object([
            ("Etag", Json::from(self.etag)),
            ("LastModified", self.last_modified_seconds.into()),
            ("Key", self.key.into()),
            ("Size", self.size_bytes.into()),
            ("StorageClass", self.storage_class.into()),
        ])
    }
}
