//! Parquet files, row by row.
//!
//! Ours, and not the `parquet` crate's: that one panics on some damaged files, reads ZSTD only through C, and can't be
//! told what to hold. Of a row group, one page a column is in memory, and its dictionary.

mod bits;
mod column;
mod convert;
mod footer;
mod shape;
mod thrift;
mod values;

use std::sync::Arc;

use asl::{Json, Members, Object};

use self::column::{Column, Levels};
use self::footer::{Footer, RowGroup};
use self::shape::{Leaf, Physical, Shape};
use crate::source::read_fully;
use crate::{ReaderError, Source};

/// How large a row group may be, uncompressed (developer guide, "ItemReader").
pub const ROW_GROUP_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// How large a file's footer may be (developer guide, "ItemReader").
pub const FOOTER_BYTES_MAX: u64 = 5 * 1024 * 1024;

const MAGIC: &[u8; 4] = b"PAR1";
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";
/// The footer's length and the magic number.
const TAIL_BYTES: u64 = 8;

type Read<T> = Result<T, ReaderError>;

fn damaged(problem: &'static str) -> ReaderError {
    ReaderError::Parquet(problem)
}

pub(crate) struct Parquet {
    source: Box<dyn Source>,
    groups: Vec<RowGroup>,
    shape: Arc<Shape>,
    leaves: Vec<Leaf>,
    /// The row group that is being read, and its rows before.
    group: usize,
    row: u64,
    columns: Vec<Column>,
    item_bytes_max: usize,
    rows: u64,
}

impl Parquet {
    /// # Errors
    /// If the footer can't be read or is too large.
    pub(crate) fn open(mut source: Box<dyn Source>, item_bytes_max: usize) -> Read<Self> {
        let footer = read_footer(&mut *source)?;
        let (shape, leaves) = shape::shape(&footer.schema)?;
        Ok(Self {
            source,
            groups: footer.groups,
            shape: Arc::new(shape),
            leaves,
            group: 0,
            row: 0,
            columns: Vec::new(),
            item_bytes_max,
            rows: 0,
        })
    }

    /// The row group and the row in it that are next, and the row's number in the file.
    pub(crate) fn at(&self) -> (u64, u64, u64) {
        (self.group as u64, self.row, self.rows)
    }

    /// The rows before it in its row group are read and dropped.
    pub(crate) fn seek(&mut self, group: u64, row: u64, rows: u64) -> Read<()> {
        self.group = usize::try_from(group).map_err(|_| ReaderError::Position)?;
        self.row = 0;
        self.rows = rows;
        self.columns.clear();
        for _ in 0..row {
            if self.group as u64 != group || self.next()?.is_none() {
                return Err(ReaderError::Position);
            }
            self.rows = rows;
        }
        Ok(())
    }

    /// The next row, or none behind the last.
    pub(crate) fn next(&mut self) -> Read<Option<Json>> {
        loop {
            let Some(group) = self.groups.get(self.group) else {
                return Ok(None);
            };
            if self.row == group.rows {
                self.group += 1;
                self.row = 0;
                self.columns.clear();
                continue;
            }
            if self.columns.is_empty() {
                self.columns = self.open_columns()?;
            }
            let mut assembly = Assembly {
                source: &mut *self.source,
                columns: &mut self.columns,
                bytes_left: self.item_bytes_max,
                too_large: ReaderError::ItemTooLarge {
                    index: self.rows,
                    bytes_max: self.item_bytes_max,
                },
            };
            let row = assembly.row(&self.shape)?;
            self.row += 1;
            self.rows += 1;
            return Ok(Some(row));
        }
    }

    fn open_columns(&self) -> Read<Vec<Column>> {
        let Some(group) = self.groups.get(self.group) else {
            return Ok(Vec::new());
        };
        let bytes = group.chunks.iter().map(|chunk| chunk.uncompressed_bytes);
        let bytes = bytes.fold(0_u64, u64::saturating_add).max(group.bytes);
        let compressed = group.chunks.iter().map(|chunk| chunk.bytes);
        let compressed = compressed.fold(0_u64, u64::saturating_add);
        if bytes.max(compressed) > ROW_GROUP_BYTES_MAX {
            return Err(damaged("a row group is larger than 256 MB"));
        }
        if group.chunks.len() != self.leaves.len() {
            return Err(damaged("a row group lacks a column"));
        }
        let file_bytes = self.source.len();
        let pairs = self.leaves.iter().zip(&group.chunks);
        pairs
            .map(|(leaf, chunk)| Column::new(*leaf, *chunk, file_bytes))
            .collect()
    }
}

fn read_footer(source: &mut dyn Source) -> Read<Footer> {
    let file_bytes = source.len();
    let tail_at = file_bytes
        .checked_sub(TAIL_BYTES)
        .filter(|at| *at >= MAGIC.len() as u64);
    let tail_at = tail_at.ok_or_else(|| damaged("it is too short"))?;
    let tail = read_fully(source, tail_at, TAIL_BYTES as usize)?;
    let (length, magic) = tail.split_at_checked(4).unwrap_or_default();
    if magic == ENCRYPTED_MAGIC {
        return Err(damaged("it is encrypted"));
    }
    if magic != MAGIC {
        return Err(damaged("it is not a Parquet file"));
    }
    let length = u64::from(u32::from_le_bytes(values::array(length)?));
    if length > FOOTER_BYTES_MAX {
        return Err(damaged("its footer is larger than 5 MB"));
    }
    let at = tail_at
        .checked_sub(length)
        .ok_or_else(|| damaged("its footer is not within the file"))?;
    Footer::parse(&read_fully(source, at, length as usize)?)
}

/// Puts one row together out of its columns' values.
struct Assembly<'a> {
    source: &'a mut dyn Source,
    columns: &'a mut [Column],
    /// What the row's text may still take; each value is counted by the least that it takes.
    bytes_left: usize,
    too_large: ReaderError,
}

impl Assembly<'_> {
    /// A row that is whole ends at each column's next beginning of a row.
    fn row(&mut self, shape: &Shape) -> Read<Json> {
        let row = self.read(shape)?;
        for column in 0..self.columns.len() {
            if self
                .levels(column)?
                .is_some_and(|levels| levels.repetition > 0)
            {
                return Err(damaged("its columns do not agree"));
            }
        }
        Ok(row)
    }

    fn read(&mut self, shape: &Shape) -> Read<Json> {
        match shape {
            Shape::Value(column) => self.value(*column),
            Shape::Struct(fields) => {
                let mut members = Members::new();
                for (name, shape) in fields {
                    self.spend(name.len())?;
                    members.insert(Arc::clone(name), self.read(shape)?);
                }
                Ok(Json::Object(Object::new(members)))
            }
            Shape::Optional {
                definition,
                columns,
                inner,
            } => {
                if self.first_levels(columns.start)?.definition >= *definition {
                    return self.read(inner);
                }
                self.pass(columns.clone(), *definition)?;
                Ok(Json::Null)
            }
            Shape::Repeated {
                definition,
                repetition,
                columns,
                element,
                map,
            } => {
                let mut elements = Vec::new();
                if self.first_levels(columns.start)?.definition < *definition {
                    self.pass(columns.clone(), *definition)?;
                } else {
                    loop {
                        elements.push(self.read(element)?);
                        let next = self.levels(columns.start)?;
                        if next.is_none_or(|levels| levels.repetition != *repetition) {
                            break;
                        }
                    }
                }
                Ok(if *map {
                    to_object(&elements)
                } else {
                    Json::from(elements)
                })
            }
        }
    }

    fn value(&mut self, column: usize) -> Read<Json> {
        self.first_levels(column)?;
        let (leaf, raw) = {
            let column = self.column(column)?;
            (column.leaf, column.take()?)
        };
        let raw = raw.ok_or_else(|| damaged("its columns do not agree"))?;
        if let values::Raw::Bytes(bytes) = &raw {
            self.spend(bytes.len())?;
        }
        self.spend(1)?;
        let instant = (leaf.physical == Physical::Int96).then(|| convert::int96(&raw));
        Ok(instant
            .flatten()
            .unwrap_or_else(|| convert::convert(leaf.meaning, &raw)))
    }

    /// Passes over the one entry that each column has for a node that is not there.
    fn pass(&mut self, columns: std::ops::Range<usize>, definition: u16) -> Read<()> {
        self.spend(1)?;
        for column in columns {
            if self.first_levels(column)?.definition >= definition {
                return Err(damaged("its columns do not agree"));
            }
            self.column(column)?.take()?;
        }
        Ok(())
    }

    fn first_levels(&mut self, column: usize) -> Read<Levels> {
        self.levels(column)?
            .ok_or_else(|| damaged("a column ends too early"))
    }

    fn levels(&mut self, column: usize) -> Read<Option<Levels>> {
        let column = self.columns.get_mut(column).ok_or_else(no_column)?;
        column.levels(self.source)
    }

    fn column(&mut self, column: usize) -> Read<&mut Column> {
        self.columns.get_mut(column).ok_or_else(no_column)
    }

    fn spend(&mut self, bytes: usize) -> Read<()> {
        let left = self.bytes_left.checked_sub(bytes);
        self.bytes_left = left.ok_or_else(|| self.too_large.clone())?;
        Ok(())
    }
}

fn no_column() -> ReaderError {
    damaged("a row group lacks a column")
}

/// A map's entries as members; of equal keys the last counts.
fn to_object(entries: &[Json]) -> Json {
    Json::object(entries.iter().filter_map(|entry| {
        let mut members = entry.as_object()?.values();
        let key = match members.next()? {
            Json::String(key) => Arc::clone(key),
            other => other.to_text().into(),
        };
        Some((key, members.next()?.clone()))
    }))
}

#[cfg(test)]
mod tests;
