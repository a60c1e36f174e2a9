//! Why a Map Run can't read its items or write its results. Texts are AWS's where a recording shows one.

use asl::JsonError;

/// Why bytes could not be had, in the words of who was asked for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// The cause of `States.ItemReaderFailed`.
// DIVERGENCE: causes that no recording shows are in words of our own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    /// The file's JSON, or what the pointer selects in it, has no items (recorded:
    /// `test_map_item_reader_json_no_json_list_object`).
    #[error("Attempting to map over non-iterable node.")]
    NotIterable,
    /// Recorded: `test_map_item_reader_csv_headers_decl_duplicate_headers`.
    #[error("CSV headers cannot contain duplicates.")]
    DuplicateHeaders,
    /// Recorded for `MaxItems`: `test_map_item_reader_csv_max_items_paths_-1_`.
    #[error("field {0} must be positive")]
    NotPositive(&'static str),
    /// A field of `ReaderConfig` is missing, of the wrong kind, or does not go with another.
    #[error("{0}")]
    Config(String),
    /// The header row, or `CSVHeaders`, is too large.
    #[error("CSV headers cannot exceed {0} bytes.")]
    HeadersTooLarge(usize),
    /// One item alone is too large.
    #[error("Item {index} exceeds the limit of {bytes_max} bytes.")]
    ItemTooLarge {
        /// From 0, in its file.
        index: u64,
        /// The bound.
        bytes_max: usize,
    },
    /// One item, perhaps with `BatchInput`, is too large for a child's input.
    #[error(
        "The input of a child workflow execution takes {bytes} bytes and exceeds the limit of {bytes_max} bytes."
    )]
    InputTooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        bytes_max: usize,
    },
    /// The file is too large, after decompression.
    #[error("The file exceeds the limit of {0} bytes.")]
    FileTooLarge(u64),
    /// An item's text is not JSON.
    #[error("Item {index} is not valid JSON: {error}.")]
    Json {
        /// From 0, in its file.
        index: u64,
        /// What is wrong, by line and column in the item's text.
        error: JsonError,
    },
    /// The text around the items is not JSON.
    #[error("The file is not valid JSON: {0}.")]
    JsonSyntax(&'static str),
    /// `ItemsPointer` selects nothing.
    #[error("ItemsPointer `{0}` matches nothing in the file.")]
    PointerUnmatched(String),
    /// What `ItemsPointer` selects begins too late in the file.
    #[error("ItemsPointer `{pointer}` matches nothing in the first {bytes_max} bytes of the file.")]
    PointerTooFar {
        /// The pointer.
        pointer: String,
        /// How far it is looked for.
        bytes_max: u64,
    },
    /// The compressed file is damaged.
    #[error("The file can't be decompressed: {0}.")]
    Compression(String),
    /// The Parquet file is damaged, or has what is not read.
    #[error("The Parquet file can't be read: {0}.")]
    Parquet(&'static str),
    /// The manifest is not what its type says.
    #[error("The manifest can't be read: {0}.")]
    Manifest(String),
    /// The position does not belong to this dataset.
    #[error("The position does not belong to this dataset.")]
    Position,
    /// The bytes could not be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// In one of many files.
    #[error("{object}: {error}")]
    InObject {
        /// `S3://bucket/key`.
        object: String,
        /// What is wrong there.
        error: Box<ReaderError>,
    },
}

impl ReaderError {
    /// The error's name in the history.
    pub const NAME: &'static str = "States.ItemReaderFailed";
}

/// The cause of `States.ResultWriterFailed`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriterError {
    /// A field of `WriterConfig` is of the wrong kind.
    #[error("{0}")]
    Config(String),
}

impl WriterError {
    /// The error's name in the history.
    pub const NAME: &'static str = "States.ResultWriterFailed";
}
