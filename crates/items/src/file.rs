//! One file of a dataset, whatever its format.

use asl::Json;
use serde::{Deserialize, Serialize};

use crate::config::Format;
use crate::csv::Csv;
use crate::json::{JsonItems, JsonLines, Member, Place};
use crate::parquet::Parquet;
use crate::source::Text;
use crate::{ReaderError, Source};

/// A place between two items of a file.
///
/// Going on costs one request, but for a compressed text, which is decompressed up to there, and in a Parquet file the
/// rows before it in its row group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mark {
    #[default]
    Start,
    /// CSV and JSON Lines: the offset in the text.
    Text {
        at: u64,
        items: u64,
    },
    Json {
        at: u64,
        place: Place,
        items: u64,
    },
    Parquet {
        group: u64,
        row: u64,
        items: u64,
    },
}

pub(crate) enum File {
    Csv(Csv),
    Json(JsonItems),
    JsonLines(JsonLines),
    Parquet(Parquet),
}

impl File {
    /// Opens it at the mark.
    pub(crate) fn open(
        format: &Format,
        source: Box<dyn Source>,
        item_bytes_max: usize,
        mark: &Mark,
    ) -> Result<Self, ReaderError> {
        let mut file = match format {
            Format::Csv(config) => {
                Self::Csv(Csv::open(Text::open(source)?, config, item_bytes_max)?)
            }
            Format::Json(pointer) => Self::Json(JsonItems::new(
                Text::open(source)?,
                pointer.clone(),
                item_bytes_max,
            )),
            Format::JsonLines => {
                Self::JsonLines(JsonLines::new(Text::open(source)?, item_bytes_max))
            }
            Format::Parquet => Self::Parquet(Parquet::open(source, item_bytes_max)?),
        };
        match (&mut file, *mark) {
            (_, Mark::Start) => {}
            (Self::Csv(csv), Mark::Text { at, items }) => csv.seek(at, items)?,
            (Self::JsonLines(lines), Mark::Text { at, items }) => lines.seek(at, items)?,
            (Self::Json(json), Mark::Json { at, place, items }) => json.seek(at, place, items)?,
            (Self::Parquet(parquet), Mark::Parquet { group, row, items }) => {
                parquet.seek(group, row, items)?;
            }
            (Self::Csv(_) | Self::Json(_) | Self::JsonLines(_) | Self::Parquet(_), _) => {
                return Err(ReaderError::Position);
            }
        }
        Ok(file)
    }

    pub(crate) fn next(&mut self) -> Result<Option<Member>, ReaderError> {
        let plain = |item: Option<Json>| item.map(|value| (None, value));
        match self {
            Self::Csv(csv) => csv.next().map(plain),
            Self::Json(json) => json.next(),
            Self::JsonLines(lines) => lines.next().map(plain),
            Self::Parquet(parquet) => parquet.next().map(plain),
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        match self {
            Self::Csv(csv) => {
                let (at, items) = csv.at();
                Mark::Text { at, items }
            }
            Self::Json(json) => {
                let (at, place, items) = json.at();
                Mark::Json { at, place, items }
            }
            Self::JsonLines(lines) => {
                let (at, items) = lines.at();
                Mark::Text { at, items }
            }
            Self::Parquet(parquet) => {
                let (group, row, items) = parquet.at();
                Mark::Parquet { group, row, items }
            }
        }
    }
}
