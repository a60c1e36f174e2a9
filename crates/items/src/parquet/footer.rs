//! What a Parquet file's footer says of it.

use super::thrift::{Kind, Thrift};
use super::{Read, damaged};

#[derive(Debug, Default)]
pub(super) struct Footer {
    /// The schema's nodes, depth first; the first is the root.
    pub(super) schema: Vec<Element>,
    pub(super) groups: Vec<RowGroup>,
}

/// A node of the schema.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// The number of a physical type, for a leaf.
    pub(super) physical: Option<i64>,
    /// Bytes of a fixed-length array.
    pub(super) length: i64,
    /// 0 required, 1 optional, 2 repeated.
    pub(super) repetition: i64,
    pub(super) children: u64,
    pub(super) meaning: Meaning,
}

/// What a value or a group stands for: of the logical type, or of the older converted type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Meaning {
    #[default]
    Plain,
    Text,
    List,
    Map,
    Decimal {
        scale: i64,
        precision: i64,
    },
    Date,
    Time(Unit),
    Timestamp {
        unit: Unit,
        utc: bool,
    },
    Unsigned,
    Uuid,
    Float16,
    Interval,
}

/// Of a time of day or a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

#[derive(Debug, Default)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
    /// Uncompressed.
    pub(super) bytes: u64,
}

/// A column's pages in a row group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chunk {
    pub(super) codec: i64,
    /// Nulls included.
    pub(super) values: u64,
    pub(super) start: u64,
    pub(super) bytes: u64,
    pub(super) uncompressed_bytes: u64,
}

impl Footer {
    pub(super) fn parse(bytes: &[u8]) -> Read<Self> {
        let mut footer = Self::default();
        Thrift::new(bytes).structure(|thrift, id, kind| match id {
            2 => thrift.list(kind, |thrift, _| {
                footer.schema.push(element(thrift)?);
                Ok(())
            }),
            4 => thrift.list(kind, |thrift, _| {
                footer.groups.push(row_group(thrift)?);
                Ok(())
            }),
            8 => Err(damaged("it is encrypted")),
            _ => thrift.skip(kind),
        })?;
        Ok(footer)
    }
}

fn element(thrift: &mut Thrift<'_>) -> Read<Element> {
    let mut element = Element::default();
    let mut converted = None;
    let (mut scale, mut precision) = (0, 0);
    let mut logical = None;
    thrift.structure(|thrift, id, kind| {
        match id {
            1 => element.physical = Some(thrift.integer(kind)?),
            2 => element.length = thrift.integer(kind)?,
            3 => element.repetition = thrift.integer(kind)?,
            4 => element.name = String::from_utf8_lossy(thrift.binary(kind)?).into_owned(),
            5 => element.children = thrift.count(kind)?,
            6 => converted = Some(thrift.integer(kind)?),
            7 => scale = thrift.integer(kind)?,
            8 => precision = thrift.integer(kind)?,
            10 if kind == Kind::Struct => logical = logical_type(thrift)?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    let older = converted.map(|converted| converted_type(converted, scale, precision));
    element.meaning = logical.or(older).unwrap_or_default();
    Ok(element)
}

/// A union: the field that is there says which it is. None for one that means no more than its physical type.
fn logical_type(thrift: &mut Thrift<'_>) -> Read<Option<Meaning>> {
    let mut meaning = None;
    thrift.structure(|thrift, id, kind| {
        if kind != Kind::Struct {
            return thrift.skip(kind);
        }
        let details = logical_details(thrift)?;
        meaning = match id {
            1 | 4 | 12 => Some(Meaning::Text),
            2 => Some(Meaning::Map),
            3 => Some(Meaning::List),
            5 => Some(Meaning::Decimal {
                scale: details.first,
                precision: details.second,
            }),
            6 => Some(Meaning::Date),
            7 => details.unit.map(Meaning::Time),
            8 => details.unit.map(|unit| Meaning::Timestamp {
                unit,
                utc: details.first != 0,
            }),
            10 if details.second == 0 => Some(Meaning::Unsigned),
            14 => Some(Meaning::Uuid),
            15 => Some(Meaning::Float16),
            _ => None,
        };
        Ok(())
    })?;
    Ok(meaning)
}

/// The first two fields of any logical type, as numbers, and the unit of a time.
#[derive(Default)]
struct Details {
    first: i64,
    second: i64,
    unit: Option<Unit>,
}

fn logical_details(thrift: &mut Thrift<'_>) -> Read<Details> {
    let mut details = Details::default();
    thrift.structure(|thrift, id, kind| {
        match (id, kind) {
            (1, Kind::True) => details.first = 1,
            (2, Kind::True) => details.second = 1,
            (1, Kind::Byte | Kind::Integer) => details.first = thrift.integer(kind)?,
            (2, Kind::Byte | Kind::Integer) => details.second = thrift.integer(kind)?,
            (2, Kind::Struct) => thrift.structure(|thrift, id, kind| {
                details.unit = match id {
                    1 => Some(Unit::Milliseconds),
                    2 => Some(Unit::Microseconds),
                    _ => Some(Unit::Nanoseconds),
                };
                thrift.skip(kind)
            })?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    Ok(details)
}

fn converted_type(number: i64, scale: i64, precision: i64) -> Meaning {
    let timestamp = |unit| Meaning::Timestamp { unit, utc: true };
    match number {
        0 | 4 | 19 => Meaning::Text,
        1 | 2 => Meaning::Map,
        3 => Meaning::List,
        5 => Meaning::Decimal { scale, precision },
        6 => Meaning::Date,
        7 => Meaning::Time(Unit::Milliseconds),
        8 => Meaning::Time(Unit::Microseconds),
        9 => timestamp(Unit::Milliseconds),
        10 => timestamp(Unit::Microseconds),
        11..=14 => Meaning::Unsigned,
        21 => Meaning::Interval,
        _ => Meaning::Plain,
    }
}

fn row_group(thrift: &mut Thrift<'_>) -> Read<RowGroup> {
    let mut group = RowGroup::default();
    thrift.structure(|thrift, id, kind| {
        match id {
            1 => thrift.list(kind, |thrift, _| {
                group.chunks.push(chunk(thrift)?);
                Ok(())
            })?,
            2 => group.bytes = thrift.count(kind)?,
            3 => group.rows = thrift.count(kind)?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    Ok(group)
}

fn chunk(thrift: &mut Thrift<'_>) -> Read<Chunk> {
    let mut chunk = None;
    thrift.structure(|thrift, id, kind| match id {
        1 => Err(damaged("its columns are in other files")),
        3 if kind == Kind::Struct => {
            chunk = Some(column_metadata(thrift)?);
            Ok(())
        }
        8 => Err(damaged("it is encrypted")),
        _ => thrift.skip(kind),
    })?;
    chunk.ok_or_else(|| damaged("a column has no metadata"))
}

fn column_metadata(thrift: &mut Thrift<'_>) -> Read<Chunk> {
    let mut chunk = Chunk::default();
    let mut dictionary = 0;
    thrift.structure(|thrift, id, kind| {
        match id {
            4 => chunk.codec = thrift.integer(kind)?,
            5 => chunk.values = thrift.count(kind)?,
            6 => chunk.uncompressed_bytes = thrift.count(kind)?,
            7 => chunk.bytes = thrift.count(kind)?,
            9 => chunk.start = thrift.count(kind)?,
            11 => dictionary = thrift.count(kind)?,
            _ => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    // Some writers set the dictionary's offset to zero where there is none.
    if dictionary > 0 {
        chunk.start = chunk.start.min(dictionary);
    }
    Ok(chunk)
}
