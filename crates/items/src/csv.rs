//! Text delimited files, as Step Functions parses them (developer guide, "How Step Functions parses input CSV files").

use std::borrow::Cow;
use std::sync::Arc;

use asl::{Json, Members, Object};
use memchr::{memchr, memchr2};

use crate::ReaderError;
use crate::source::Text;

/// How large the headers may be (developer guide, "ItemReader").
pub const HEADERS_BYTES_MAX: usize = 10 * 1024;

/// How a text delimited file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvConfig {
    /// What separates fields: an ASCII character.
    pub delimiter: u8,
    /// Whence the items' members have their names.
    pub headers: CsvHeaders,
}

/// `CSVHeaderLocation`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CsvHeaders {
    /// `FIRST_ROW`
    #[default]
    FirstRow,
    /// `GIVEN`, with `CSVHeaders`.
    Given(Vec<String>),
}

/// Rows one by one: each an object of strings.
pub(crate) struct Csv {
    text: Text,
    delimiter: u8,
    columns: Vec<Column>,
    row_bytes_max: usize,
    rows: u64,
}

/// A member of each item, in the item's order.
struct Column {
    name: Arc<str>,
    field: usize,
}

impl Csv {
    /// # Errors
    /// If the file can't be read, or its headers are too large or repeat.
    pub(crate) fn open(
        mut text: Text,
        config: &CsvConfig,
        row_bytes_max: usize,
    ) -> Result<Self, ReaderError> {
        let headers = match &config.headers {
            CsvHeaders::Given(headers) => headers.clone(),
            CsvHeaders::FirstRow => first_row(&mut text, config.delimiter)?,
        };
        if headers.iter().map(String::len).sum::<usize>() > HEADERS_BYTES_MAX {
            return Err(ReaderError::HeadersTooLarge(HEADERS_BYTES_MAX));
        }
        Ok(Self {
            text,
            delimiter: config.delimiter,
            columns: columns(headers)?,
            row_bytes_max,
            rows: 0,
        })
    }

    /// The next row's offset and number.
    pub(crate) fn at(&self) -> (u64, u64) {
        (self.text.at(), self.rows)
    }

    pub(crate) fn seek(&mut self, at: u64, rows: u64) -> Result<(), ReaderError> {
        self.rows = rows;
        self.text.seek(at)
    }

    /// The next row, or none at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Json>, ReaderError> {
        let too_large = ReaderError::ItemTooLarge {
            index: self.rows,
            bytes_max: self.row_bytes_max,
        };
        let Some(row) = next_row(
            &mut self.text,
            self.delimiter,
            self.row_bytes_max,
            too_large,
        )?
        else {
            return Ok(None);
        };
        let fields: Vec<Cow<'_, str>> = Fields::of(row.text(&self.text), self.delimiter)
            .take(self.columns.len())
            .collect();
        let members: Members = self
            .columns
            .iter()
            .map(|column| {
                let field = fields.get(column.field).map_or("", AsRef::as_ref);
                (Arc::clone(&column.name), Json::from(field))
            })
            .collect();
        self.text.take(row.bytes);
        self.rows += 1;
        Ok(Some(Json::Object(Object::new(members))))
    }
}

fn first_row(text: &mut Text, delimiter: u8) -> Result<Vec<String>, ReaderError> {
    let too_large = ReaderError::HeadersTooLarge(HEADERS_BYTES_MAX);
    let Some(row) = next_row(text, delimiter, HEADERS_BYTES_MAX, too_large)? else {
        return Ok(Vec::new());
    };
    let headers = Fields::of(row.text(text), delimiter)
        .map(Cow::into_owned)
        .collect();
    text.take(row.bytes);
    Ok(headers)
}

/// The headers in the order in which AWS writes them: that of a Java `HashMap` (recorded, for one, in
/// `test_map_item_reader_csv_headers_first_row_typed_headers`; the developer guide's examples agree).
fn columns(headers: Vec<String>) -> Result<Vec<Column>, ReaderError> {
    let buckets = java_buckets(headers.len());
    let mut columns: Vec<Column> = headers
        .into_iter()
        .enumerate()
        .map(|(field, name)| Column {
            name: name.into(),
            field,
        })
        .collect();
    columns.sort_by_cached_key(|column| (java_hash(&column.name) & (buckets - 1), column.field));
    let mut names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(ReaderError::DuplicateHeaders);
    }
    Ok(columns)
}

/// How many buckets a `HashMap` has after so many insertions: 16, doubled whenever it is more than three quarters full.
fn java_buckets(entries: usize) -> u32 {
    let mut buckets: u32 = 16;
    while entries > buckets as usize / 4 * 3 {
        buckets *= 2;
    }
    buckets
}

/// `String.hashCode`, spread as `HashMap` does.
fn java_hash(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    hash ^ (hash >> 16)
}

/// A row at the start of the window, without its line break.
struct Row {
    bytes: usize,
}

impl Row {
    fn text<'a>(&self, text: &'a Text) -> &'a [u8] {
        text.window().get(..self.bytes).unwrap_or_default()
    }
}

/// Brings the next row to the window's start. What is between line breaks is a row unless it is empty, as it is between
/// the two characters of a Windows line break.
fn next_row(
    text: &mut Text,
    delimiter: u8,
    bytes_max: usize,
    too_large: ReaderError,
) -> Result<Option<Row>, ReaderError> {
    loop {
        let window = text.window();
        let bytes = match find_break(window, delimiter) {
            Some(0) => {
                text.take(1);
                continue;
            }
            Some(bytes) => bytes,
            None if text.ended() && window.is_empty() => return Ok(None),
            None if text.ended() || window.len() > bytes_max => window.len(),
            None => {
                text.more()?;
                continue;
            }
        };
        return if bytes > bytes_max {
            Err(too_large)
        } else {
            Ok(Some(Row { bytes }))
        };
    }
}

/// Where the first line break outside of quotes is.
fn find_break(window: &[u8], delimiter: u8) -> Option<usize> {
    let first = memchr2(b'\n', b'\r', window)?;
    if memchr(b'"', window.get(..first)?).is_none() {
        return Some(first);
    }
    let (mut quoted, mut field_start) = (false, true);
    let mut at = 0;
    while let Some(&byte) = window.get(at) {
        let next = window.get(at + 1).copied();
        match byte {
            b'"' if quoted && next == Some(b'"') => at += 1,
            b'"' if quoted || field_start => quoted = !quoted,
            b'\\' => at += usize::from(next.is_some_and(|next| is_escapable(next, delimiter))),
            b'\n' | b'\r' if !quoted => return Some(at),
            _ => {}
        }
        field_start = byte == delimiter && !quoted;
        at += 1;
    }
    None
}

/// What a backslash keeps from its meaning.
fn is_escapable(byte: u8, delimiter: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte == delimiter
}

/// The fields of a row.
///
/// A field in quotes may have delimiters and line breaks; a quote in it, as in one without, is written twice, or after a
/// backslash, which also escapes itself and the delimiter, and vanishes before anything else.
struct Fields<'a> {
    rest: Option<&'a [u8]>,
    delimiter: u8,
    /// Nothing in the row needs more than being cut.
    plain: bool,
}

impl<'a> Fields<'a> {
    fn of(row: &'a [u8], delimiter: u8) -> Self {
        Self {
            rest: Some(row),
            delimiter,
            plain: memchr2(b'"', b'\\', row).is_none(),
        }
    }

    fn cut(&mut self, row: &'a [u8]) -> &'a [u8] {
        match memchr(self.delimiter, row).and_then(|at| row.split_at_checked(at)) {
            Some((field, rest)) => {
                self.rest = rest.get(1..);
                field
            }
            None => row,
        }
    }

    fn unquote(&mut self, row: &'a [u8]) -> Vec<u8> {
        let mut field = Vec::new();
        let mut quoted = row.first() == Some(&b'"');
        let mut at = usize::from(quoted);
        while let Some(&byte) = row.get(at) {
            let next = row.get(at + 1).copied();
            at += 1;
            match byte {
                b'"' if next == Some(b'"') => {
                    field.push(b'"');
                    at += 1;
                }
                b'"' if quoted => quoted = false,
                b'\\' => {
                    let escaped = next.filter(|next| is_escapable(*next, self.delimiter));
                    field.extend(escaped);
                    at += usize::from(escaped.is_some());
                }
                _ if byte == self.delimiter && !quoted => {
                    self.rest = row.get(at..);
                    return field;
                }
                _ => field.push(byte),
            }
        }
        field
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rest.take()?;
        if self.plain {
            return Some(String::from_utf8_lossy(self.cut(row)));
        }
        let field = self.unquote(row);
        Some(match String::from_utf8(field) {
            Ok(field) => field.into(),
            Err(error) => String::from_utf8_lossy(error.as_bytes())
                .into_owned()
                .into(),
        })
    }
}

#[cfg(test)]
mod tests;
