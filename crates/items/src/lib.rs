//! Items out of files, results into files: the data side of the Distributed Map.
//!
//! The crate owns the formats that `ItemReader` knows, the batches of `ItemBatcher` and the files of `ResultWriter`. It
//! never does IO: bytes come in through [`Source`], and what it needs or has to store it gives to its caller. However
//! large a dataset is, little of it is in memory, and reading and writing can go on from small positions. Begin with
//! [`ItemReader`].
//!
//! ```
//! use items::{Call, ItemReader, Next, ObjectName, ReaderConfig};
//!
//! let config = asl::Json::from_text(r#"{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}"#)?;
//! let config = ReaderConfig::parse(Call::GetObject, Some(&config))?;
//! let origin = ObjectName { bucket: "films".into(), key: "ratings.csv".into() };
//! let mut reader = ItemReader::new(config, origin);
//! let mut ratings = Vec::new();
//! loop {
//!     match reader.next()? {
//!         Next::Object(_) => reader.give_object(Box::new(bytes::Bytes::from("film,rating\n307,3.5\n481,4\n")))?,
//!         Next::Page { .. } => unreachable!("it is one file"),
//!         Next::Item(item) => ratings.push((item.into_input().to_text(), reader.position())),
//!         Next::End => break,
//!     }
//! }
//! assert_eq!(ratings[1].0, r#"{"rating":"4","film":"481"}"#);
//! assert_eq!(ratings[1].1.items(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod batch;
mod config;
mod csv;
mod error;
mod file;
mod json;
mod listing;
mod manifest;
mod parquet;
mod reader;
mod results;
mod source;
#[cfg(test)]
mod testing;

pub use batch::{Batch, BatchConfig, INPUT_BYTES_MAX, ItemBatcher};
pub use config::{Call, Dataset, Format, ITEMS_MAX, ReaderConfig, limit};
pub use csv::{CsvConfig, CsvHeaders, HEADERS_BYTES_MAX};
pub use error::{ReaderError, SourceError, WriterError};
pub use json::{POINTER_CHARACTERS_MAX, POINTER_REACH_BYTES_MAX, Pointer};
pub use listing::{Listed, Page};
pub use parquet::{FOOTER_BYTES_MAX, ROW_GROUP_BYTES_MAX};
pub use reader::{Item, ItemReader, Next, ObjectName, Position};
pub use results::{
    Child, Destination, OutputType, PART_BYTES, Part, RESULT_FILE_BYTES_MAX, ResultFile,
    ResultWriter, Status, Transformation, WriterConfig, WriterPosition,
};
pub use source::{FILE_BYTES_MAX, Source};

/// How large the text of one item may be: AWS reads up to 8 MB, so that an `ItemSelector` can make it fit into a child's
/// input (developer guide, "ItemReader").
pub const ITEM_BYTES_MAX: usize = 8 * 1024 * 1024;
