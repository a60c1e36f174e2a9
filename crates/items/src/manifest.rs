//! Files that list the files of a dataset.

use asl::Json;

use crate::csv::{Csv, CsvConfig, CsvHeaders};
use crate::source::Text;
use crate::{Format, ITEM_BYTES_MAX, ObjectName, ReaderError, Source};

/// Which files there are, read as they are wanted.
pub(crate) enum Manifest {
    Inventory(Vec<ObjectName>),
    Athena { lines: Csv, next: u64 },
}

impl Manifest {
    /// `manifest.json` of an S3 Inventory report, and how its files are written. Only reports in CSV are read, as on AWS.
    /// Their members are named by its schema, unless `ReaderConfig` says so.
    pub(crate) fn inventory(
        source: Box<dyn Source>,
        delimiter: u8,
        headers: Option<CsvHeaders>,
    ) -> Result<(Self, Format), ReaderError> {
        let manifest = read_json(source)?;
        let text = |name: &str| {
            let value = manifest.get(name).and_then(Json::as_str);
            value.ok_or_else(|| unreadable(format!("it has no {name}")))
        };
        match text("fileFormat")? {
            "CSV" => {}
            other => {
                let problem =
                    format!("its files are {other}, and only reports in CSV are supported");
                return Err(unreadable(problem));
            }
        }
        let bucket = text("destinationBucket")?;
        let bucket = bucket.strip_prefix("arn:aws:s3:::").unwrap_or(bucket);
        let names = text("fileSchema")?.split(',');
        let files = manifest
            .get("files")
            .and_then(Json::as_array)
            .ok_or_else(|| unreadable("it has no files".to_owned()))?;
        let name = |file: &Json| {
            let key = file.get("key").and_then(Json::as_str);
            let key = key.ok_or_else(|| unreadable("a file of it has no key".to_owned()))?;
            Ok(ObjectName {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
            })
        };
        let files = files.iter().map(name).collect::<Result<_, ReaderError>>()?;
        let schema = names.map(|name| name.trim().to_owned()).collect();
        let format = Format::Csv(CsvConfig {
            delimiter,
            headers: headers.unwrap_or(CsvHeaders::Given(schema)),
        });
        Ok((Self::Inventory(files), format))
    }

    /// The manifest of an Athena `UNLOAD`: a line for each file, `s3://bucket/key`.
    pub(crate) fn athena(source: Box<dyn Source>) -> Result<Self, ReaderError> {
        let config = CsvConfig {
            delimiter: b',',
            headers: CsvHeaders::Given(vec![LOCATION.to_owned()]),
        };
        let lines = Csv::open(Text::open(source)?, &config, LOCATION_BYTES_MAX)?;
        Ok(Self::Athena { lines, next: 0 })
    }

    /// The file of that number, asked for in rising order.
    pub(crate) fn file(&mut self, number: u64) -> Result<Option<ObjectName>, ReaderError> {
        match self {
            Self::Inventory(files) => {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                Ok(files.get(number).cloned())
            }
            Self::Athena { lines, next } => loop {
                let Some(line) = lines.next()? else {
                    return Ok(None);
                };
                *next += 1;
                if *next > number {
                    return location(&line).map(Some);
                }
            },
        }
    }
}

const LOCATION: &str = "location";

/// A bucket's name has up to 63 bytes, a key 1,024, each perhaps escaped.
const LOCATION_BYTES_MAX: usize = 4096;

fn location(line: &Json) -> Result<ObjectName, ReaderError> {
    let text = line
        .get(LOCATION)
        .and_then(Json::as_str)
        .unwrap_or_default();
    text.split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("s3"))
        .and_then(|(_, path)| path.split_once('/'))
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
        .map(|(bucket, key)| ObjectName {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
        .ok_or_else(|| unreadable(format!("`{text}` is not the location of an object")))
}

/// Manifests are small: a file's entry has some 200 bytes, and 8 MiB of them list more than a bucket's largest report.
fn read_json(source: Box<dyn Source>) -> Result<Json, ReaderError> {
    let mut text = Text::open(source)?;
    while text.window().len() <= ITEM_BYTES_MAX && text.more()? {}
    if text.window().len() > ITEM_BYTES_MAX {
        return Err(unreadable(format!("it exceeds {ITEM_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(text.window()).map_err(|error| unreadable(error.to_string()))?;
    Json::from_text(text).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(problem: String) -> ReaderError {
    ReaderError::Manifest(problem)
}
