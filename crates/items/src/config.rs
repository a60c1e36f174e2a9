//! What `ReaderConfig` and its call of S3 say together.

use asl::Json;

use crate::csv::{CsvConfig, CsvHeaders};
use crate::json::Pointer;
use crate::{ITEM_BYTES_MAX, ReaderError};

/// How many items a Map Run may have (developer guide, "ItemReader").
pub const ITEMS_MAX: u64 = 100_000_000;

/// A dataset's kind and bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderConfig {
    /// What is read.
    pub dataset: Dataset,
    /// After how many items it ends: `MaxItems` (see [`limit`]), or else [`ITEMS_MAX`].
    pub items_max: Option<u64>,
    /// How large one item's text may be, [`ITEM_BYTES_MAX`] unless set.
    pub item_bytes_max: usize,
}

/// Where the items are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dataset {
    /// In one object: `getObject`.
    Object(Format),
    /// What `listObjectsV2` says of each object is an item.
    Listing,
    /// In the objects that `listObjectsV2` lists: `LOAD_AND_FLATTEN`.
    Listed(Format),
    /// In the files that an S3 Inventory manifest lists.
    Inventory {
        /// What separates fields.
        delimiter: u8,
        /// None: the manifest's `fileSchema`.
        headers: Option<CsvHeaders>,
    },
    /// In the files that an Athena `UNLOAD` manifest lists.
    Athena(Format),
}

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `CSV`
    Csv(CsvConfig),
    /// `JSON`, with its `ItemsPointer`.
    Json(Pointer),
    /// `JSONL`
    JsonLines,
    /// `PARQUET`
    Parquet,
}

/// Which call of S3 an `ItemReader` names in `Resource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `arn:aws:states:::s3:getObject`
    GetObject,
    /// `arn:aws:states:::s3:listObjectsV2`
    ListObjectsV2,
}

impl ReaderConfig {
    /// A dataset without bounds of its own.
    pub fn new(dataset: Dataset) -> Self {
        Self {
            dataset,
            items_max: None,
            item_bytes_max: ITEM_BYTES_MAX,
        }
    }

    /// Reads `ReaderConfig`, its expressions evaluated. `MaxItems` is the caller's, as it may be a path: [`limit`].
    ///
    /// # Errors
    /// If a field is missing, has no such value, or does not go with another.
    pub fn parse(call: Call, config: Option<&Json>) -> Result<Self, ReaderError> {
        let config = Fields(config);
        let input = config.text("InputType")?;
        let flatten = match config.text("Transformation")? {
            None | Some("NONE") => false,
            Some("LOAD_AND_FLATTEN") => true,
            Some(other) => return Err(unknown("Transformation", other)),
        };
        let manifest = config.text("ManifestType")?;
        let dataset = match (call, manifest, input) {
            (Call::ListObjectsV2, _, _) if !flatten => Dataset::Listing,
            (Call::ListObjectsV2, _, Some(input)) => Dataset::Listed(config.format(input)?),
            (Call::GetObject, Some("S3_INVENTORY"), None | Some("MANIFEST"))
            | (Call::GetObject, None, Some("MANIFEST")) => Dataset::Inventory {
                delimiter: config.delimiter()?,
                headers: config.headers()?,
            },
            (Call::GetObject, Some("ATHENA_DATA"), Some(input @ ("CSV" | "JSONL" | "PARQUET"))) => {
                Dataset::Athena(config.format(input)?)
            }
            (Call::GetObject, None, Some(input)) => Dataset::Object(config.format(input)?),
            (Call::ListObjectsV2, _, None) | (Call::GetObject, None, None) => {
                return Err(missing("InputType"));
            }
            (Call::GetObject, Some(manifest), input) => {
                let input = input.unwrap_or("none");
                let message = format!("ManifestType {manifest} does not go with InputType {input}");
                return Err(ReaderError::Config(message));
            }
        };
        Ok(Self::new(dataset))
    }
}

/// The bound that a count such as `MaxItems` sets, evaluated: none for 0 (recorded:
/// `test_map_item_reader_csv_max_items_paths_0_`). A text of digits is a number (recorded:
/// `test_reference_in_map_state_max_items_path_MAP_STATE_REFERENCE_IN_MAX_ITEMS_PATH_`).
///
/// # Errors
/// If it is no whole number, negative, or above `max`.
pub fn limit(field: &'static str, value: &Json, max: u64) -> Result<Option<u64>, ReaderError> {
    let number = match value {
        Json::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    let wrong = |problem: String| Err(ReaderError::Config(format!("field {field} must {problem}")));
    match number {
        Some(0) => Ok(None),
        Some(number) if number < 0 => Err(ReaderError::NotPositive(field)),
        Some(number) if number.unsigned_abs() <= max => Ok(Some(number.unsigned_abs())),
        Some(_) => wrong(format!("not exceed {max}")),
        None => wrong("be an integer".to_owned()),
    }
}

struct Fields<'a>(Option<&'a Json>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Json> {
        self.0.and_then(|config| config.get(name))
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, ReaderError> {
        let text = |value: &'a Json| {
            let message = || ReaderError::Config(format!("field {name} must be a string"));
            value.as_str().ok_or_else(message)
        };
        self.get(name).map(text).transpose()
    }

    fn format(&self, input: &str) -> Result<Format, ReaderError> {
        Ok(match input {
            "CSV" => Format::Csv(CsvConfig {
                delimiter: self.delimiter()?,
                headers: self.headers()?.unwrap_or_default(),
            }),
            "JSON" => Format::Json(match self.text("ItemsPointer")? {
                Some(pointer) => Pointer::parse(pointer)?,
                None => Pointer::default(),
            }),
            "JSONL" => Format::JsonLines,
            "PARQUET" => Format::Parquet,
            other => return Err(unknown("InputType", other)),
        })
    }

    fn delimiter(&self) -> Result<u8, ReaderError> {
        Ok(match self.text("CSVDelimiter")? {
            None | Some("COMMA") => b',',
            Some("PIPE") => b'|',
            Some("SEMICOLON") => b';',
            Some("SPACE") => b' ',
            Some("TAB") => b'\t',
            Some(other) => return Err(unknown("CSVDelimiter", other)),
        })
    }

    fn headers(&self) -> Result<Option<CsvHeaders>, ReaderError> {
        match self.text("CSVHeaderLocation")? {
            None => Ok(None),
            Some("FIRST_ROW") => Ok(Some(CsvHeaders::FirstRow)),
            Some("GIVEN") => {
                let headers = self
                    .get("CSVHeaders")
                    .and_then(Json::as_array)
                    .ok_or_else(|| missing("CSVHeaders"))?;
                let text = |header: &Json| header.as_str().map(str::to_owned);
                let headers: Option<_> = headers.iter().map(text).collect();
                let message =
                    || ReaderError::Config("field CSVHeaders must have strings only".to_owned());
                headers.map(CsvHeaders::Given).ok_or_else(message).map(Some)
            }
            Some(other) => Err(unknown("CSVHeaderLocation", other)),
        }
    }
}

fn unknown(field: &str, value: &str) -> ReaderError {
    ReaderError::Config(format!("field {field} has no value {value}"))
}

fn missing(field: &str) -> ReaderError {
    ReaderError::Config(format!("field {field} is required"))
}

#[cfg(test)]
mod tests;
