//! A column of a row group: page after page, value after value.

use bytes::Bytes;

use super::bits::Hybrid;
use super::footer::Chunk;
use super::shape::Leaf;
use super::thrift::{Kind, Thrift};
use super::values::{Dictionary, Raw, Values, array, take};
use super::{Read, damaged};
use crate::Source;
use crate::source::{decompress, read_fully};

/// Bytes read to find a page's header, and what else is there of the page.
const AHEAD_BYTES: usize = 64 * 1024;

/// A header has some 50 bytes, and statistics, which hold two values of the column.
const HEADER_BYTES_MAX: usize = 1024 * 1024;

/// The number of the encoding that levels have. Writers name another one where there are no levels.
const RUNS: i64 = 3;

/// Reads a column chunk; holds one page and the dictionary.
pub(super) struct Column {
    pub(super) leaf: Leaf,
    chunk: Chunk,
    at: u64,
    end: u64,
    /// What has been read from `at` on.
    ahead: Bytes,
    /// Of the chunk, in pages not begun.
    values_left: u64,
    dictionary: Option<Dictionary>,
    page: Option<Page>,
    levels: Option<Levels>,
}

/// Where a value, or its absence, stands in its row.
#[derive(Clone, Copy)]
pub(super) struct Levels {
    pub(super) repetition: u16,
    pub(super) definition: u16,
}

struct Page {
    left: u64,
    repetitions: Hybrid,
    definitions: Hybrid,
    values: Values,
}

impl Column {
    /// # Errors
    /// If the chunk is not within the file.
    pub(super) fn new(leaf: Leaf, chunk: Chunk, file_bytes: u64) -> Read<Self> {
        let end = chunk
            .start
            .checked_add(chunk.bytes)
            .filter(|end| *end <= file_bytes);
        Ok(Self {
            leaf,
            chunk,
            at: chunk.start,
            end: end.ok_or_else(|| damaged("a column is not within the file"))?,
            ahead: Bytes::new(),
            values_left: chunk.values,
            dictionary: None,
            page: None,
            levels: None,
        })
    }

    /// The levels of what is next; none behind the last.
    pub(super) fn levels(&mut self, source: &mut dyn Source) -> Read<Option<Levels>> {
        if self.levels.is_some() {
            return Ok(self.levels);
        }
        while self.page.as_ref().is_none_or(|page| page.left == 0) {
            if self.values_left == 0 {
                return Ok(None);
            }
            self.next_page(source)?;
        }
        let Some(page) = &mut self.page else {
            return Ok(None);
        };
        let levels = Levels {
            repetition: page.repetitions.next()? as u16,
            definition: page.definitions.next()? as u16,
        };
        if levels.repetition > self.leaf.repetition_max
            || levels.definition > self.leaf.definition_max
        {
            return Err(damaged("a level is too high"));
        }
        page.left -= 1;
        self.levels = Some(levels);
        Ok(self.levels)
    }

    /// Passes the levels that are next, and gives the value if there is one.
    pub(super) fn take(&mut self) -> Read<Option<Raw>> {
        let levels = self
            .levels
            .take()
            .ok_or_else(|| damaged("a column ends too early"))?;
        if levels.definition < self.leaf.definition_max {
            return Ok(None);
        }
        let page = self
            .page
            .as_mut()
            .ok_or_else(|| damaged("a column ends too early"))?;
        page.values
            .next(self.leaf.physical, self.dictionary.as_ref())
            .map(Some)
    }

    fn next_page(&mut self, source: &mut dyn Source) -> Read<()> {
        let header = self.header(source)?;
        let body = self.body(source, header.compressed_bytes)?;
        let page = match header.kind {
            PageKind::Data => self.data(&header, body)?,
            PageKind::DataV2 => self.data_v2(&header, body)?,
            PageKind::Dictionary => {
                let bytes = self.decompress(body, header.bytes)?;
                self.dictionary = Some(Dictionary::new(
                    self.leaf.physical,
                    bytes,
                    header.details.values,
                )?);
                return Ok(());
            }
            PageKind::Index => return Ok(()),
        };
        let left = self.values_left.checked_sub(page.left);
        self.values_left = left.ok_or_else(|| damaged("a column has too many values"))?;
        self.page = Some(page);
        Ok(())
    }

    fn data(&self, header: &PageHeader, body: Bytes) -> Read<Page> {
        let details = &header.details;
        let mut bytes = self.decompress(body, header.bytes)?;
        let mut levels = |max: u16, encoding: i64| {
            if max == 0 {
                return Hybrid::new(Bytes::new(), 0);
            }
            if encoding != RUNS {
                return Err(damaged("its levels have a retired encoding"));
            }
            let length = u32::from_le_bytes(array(&take(&mut bytes, 4)?)?);
            Hybrid::new(take(&mut bytes, length as usize)?, width(max))
        };
        Ok(Page {
            left: details.values,
            repetitions: levels(self.leaf.repetition_max, details.repetition_encoding)?,
            definitions: levels(self.leaf.definition_max, details.definition_encoding)?,
            values: Values::new(details.encoding, self.leaf.physical, bytes)?,
        })
    }

    /// Levels stand outside of what is compressed.
    fn data_v2(&self, header: &PageHeader, mut body: Bytes) -> Read<Page> {
        let details = &header.details;
        let repetitions = take(&mut body, size(details.repetition_bytes)?)?;
        let definitions = take(&mut body, size(details.definition_bytes)?)?;
        let bytes = header
            .bytes
            .checked_sub(repetitions.len() + definitions.len());
        let bytes = bytes.ok_or_else(|| damaged("a page has the wrong size"))?;
        let values = if details.compressed {
            self.decompress(body, bytes)?
        } else {
            body
        };
        Ok(Page {
            left: details.values,
            repetitions: Hybrid::new(repetitions, width(self.leaf.repetition_max))?,
            definitions: Hybrid::new(definitions, width(self.leaf.definition_max))?,
            values: Values::new(details.encoding, self.leaf.physical, values)?,
        })
    }

    fn header(&mut self, source: &mut dyn Source) -> Read<PageHeader> {
        let mut wanted = AHEAD_BYTES;
        loop {
            self.fill(source, wanted)?;
            let mut thrift = Thrift::new(&self.ahead);
            match page_header(&mut thrift) {
                Ok(header) => {
                    let bytes = thrift.at();
                    take(&mut self.ahead, bytes)?;
                    self.at += bytes as u64;
                    return Ok(header);
                }
                Err(_) if self.ahead.len() == wanted && wanted < HEADER_BYTES_MAX => wanted *= 2,
                Err(error) => return Err(error),
            }
        }
    }

    fn body(&mut self, source: &mut dyn Source, bytes: usize) -> Read<Bytes> {
        self.fill(source, bytes)?;
        let body = take(&mut self.ahead, bytes)?;
        self.at += bytes as u64;
        Ok(body)
    }

    /// Has so many bytes ahead, or all that are left of the chunk.
    fn fill(&mut self, source: &mut dyn Source, wanted: usize) -> Read<()> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = wanted.min(left);
        if self.ahead.len() >= wanted {
            return Ok(());
        }
        let missing = read_fully(
            source,
            self.at + self.ahead.len() as u64,
            wanted - self.ahead.len(),
        )?;
        self.ahead = if self.ahead.is_empty() {
            missing
        } else {
            [&self.ahead[..], &missing].concat().into()
        };
        Ok(())
    }

    /// A page is no larger than its column says, so that a row group's bound is the bound of all that is held.
    fn decompress(&self, body: Bytes, bytes: usize) -> Read<Bytes> {
        let wrong_size = || damaged("a page has the wrong size");
        if bytes as u64 > self.chunk.uncompressed_bytes {
            return Err(wrong_size());
        }
        let content: Bytes = match self.chunk.codec {
            0 => body,
            1 => {
                let length = snap::raw::decompress_len(&body).ok();
                length
                    .filter(|length| *length == bytes)
                    .ok_or_else(wrong_size)?;
                let content = snap::raw::Decoder::new().decompress_vec(&body);
                content
                    .map_err(|_| damaged("a page can't be decompressed"))?
                    .into()
            }
            2 | 6 => decompress(body, bytes)?.into(),
            _ => return Err(damaged("its compression is none of GZIP, SNAPPY and ZSTD")),
        };
        if content.len() == bytes {
            Ok(content)
        } else {
            Err(wrong_size())
        }
    }
}

struct PageHeader {
    kind: PageKind,
    bytes: usize,
    compressed_bytes: usize,
    details: Details,
}

enum PageKind {
    Data,
    DataV2,
    Dictionary,
    Index,
}

fn page_header(thrift: &mut Thrift<'_>) -> Read<PageHeader> {
    let (mut number, mut bytes, mut compressed_bytes) = (None, 0, 0);
    let mut details = Details::default();
    thrift.structure(|thrift, id, kind| {
        match id {
            1 => number = Some(thrift.integer(kind)?),
            2 => bytes = thrift.count(kind)?,
            3 => compressed_bytes = thrift.count(kind)?,
            5 | 7 | 8 if kind == Kind::Struct => details = page_details(thrift, id)?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    let kind = match number {
        Some(0) => PageKind::Data,
        Some(1) => PageKind::Index,
        Some(2) => PageKind::Dictionary,
        Some(3) => PageKind::DataV2,
        _ => return Err(damaged("a page has an unknown type")),
    };
    Ok(PageHeader {
        kind,
        bytes: size(bytes)?,
        compressed_bytes: size(compressed_bytes)?,
        details,
    })
}

/// What the headers of data and dictionary pages say besides.
struct Details {
    values: u64,
    encoding: i64,
    repetition_encoding: i64,
    definition_encoding: i64,
    repetition_bytes: u64,
    definition_bytes: u64,
    compressed: bool,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            values: 0,
            encoding: 0,
            repetition_encoding: RUNS,
            definition_encoding: RUNS,
            repetition_bytes: 0,
            definition_bytes: 0,
            compressed: true,
        }
    }
}

/// `page` is the field in which the details stand: 5 for a data page, 7 for a dictionary, 8 for a second version's.
fn page_details(thrift: &mut Thrift<'_>, page: i16) -> Read<Details> {
    let mut details = Details::default();
    thrift.structure(|thrift, id, kind| {
        match (page, id) {
            (_, 1) => details.values = thrift.count(kind)?,
            (5 | 7, 2) | (8, 4) => details.encoding = thrift.integer(kind)?,
            (5, 3) => details.definition_encoding = thrift.integer(kind)?,
            (5, 4) => details.repetition_encoding = thrift.integer(kind)?,
            (8, 5) => details.definition_bytes = thrift.count(kind)?,
            (8, 6) => details.repetition_bytes = thrift.count(kind)?,
            (8, 7) => details.compressed = Thrift::boolean(kind)?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    Ok(details)
}

/// The format's sizes have 31 bits.
fn size(bytes: u64) -> Read<usize> {
    i32::try_from(bytes)
        .ok()
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(|| damaged("a page has the wrong size"))
}

/// Bits that a level up to that one takes.
fn width(max: u16) -> u32 {
    u16::BITS - max.leading_zeros()
}
