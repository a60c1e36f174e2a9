//! Thrift's compact protocol, as far as Parquet uses it.

use super::{Read, damaged};

/// How deep what is skipped may nest; Parquet's own structures nest six deep.
const SKIP_DEPTH_MAX: u32 = 32;

/// The wire type of a field or of a list's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

/// Reads a message from its start.
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads a structure: `each` must read, or [skip](Self::skip), the field that it is given.
    pub(super) fn structure(
        &mut self,
        mut each: impl FnMut(&mut Self, i16, Kind) -> Read<()>,
    ) -> Read<()> {
        let mut id: i16 = 0;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(());
            }
            id = match header >> 4 {
                0 => i16::try_from(self.zigzag()?)
                    .map_err(|_| damaged("a field's number is too large"))?,
                delta => id.wrapping_add(i16::from(delta)),
            };
            let kind = kind(header & 0x0F)?;
            each(self, id, kind)?;
        }
    }

    /// Reads a list of structures, or whatever `each` reads.
    pub(super) fn list(
        &mut self,
        kind: Kind,
        mut each: impl FnMut(&mut Self, Kind) -> Read<()>,
    ) -> Read<()> {
        expect(kind == Kind::List)?;
        let (element, length) = self.list_header()?;
        for _ in 0..length {
            each(self, element)?;
        }
        Ok(())
    }

    pub(super) fn integer(&mut self, kind: Kind) -> Read<i64> {
        match kind {
            Kind::Byte => Ok(i64::from(self.byte()?.cast_signed())),
            Kind::Integer => self.zigzag(),
            _ => expect(false).map(|()| 0),
        }
    }

    /// An integer that is no less than zero.
    pub(super) fn count(&mut self, kind: Kind) -> Read<u64> {
        u64::try_from(self.integer(kind)?).map_err(|_| damaged("a count is negative"))
    }

    pub(super) fn boolean(kind: Kind) -> Read<bool> {
        expect(matches!(kind, Kind::True | Kind::False))?;
        Ok(kind == Kind::True)
    }

    pub(super) fn binary(&mut self, kind: Kind) -> Read<&'a [u8]> {
        expect(kind == Kind::Binary)?;
        let length = self.length()?;
        self.take(length)
    }

    /// Passes over a field's value.
    pub(super) fn skip(&mut self, kind: Kind) -> Read<()> {
        self.skip_nested(kind, 0)
    }

    fn skip_nested(&mut self, kind: Kind, depth: u32) -> Read<()> {
        if depth > SKIP_DEPTH_MAX {
            return Err(damaged("its metadata nests too deeply"));
        }
        match kind {
            Kind::True | Kind::False => Ok(()),
            Kind::Byte | Kind::Integer => self.integer(kind).map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Uuid => self.take(16).map(drop),
            Kind::Binary => self.binary(kind).map(drop),
            Kind::List => {
                let (element, length) = self.list_header()?;
                for _ in 0..length {
                    self.skip_element(element, depth)?;
                }
                Ok(())
            }
            Kind::Map => {
                let length = self.length()?;
                if length == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                for _ in 0..length {
                    self.skip_element(self::kind(kinds >> 4)?, depth)?;
                    self.skip_element(self::kind(kinds & 0x0F)?, depth)?;
                }
                Ok(())
            }
            Kind::Struct => self.structure(|thrift, _, kind| thrift.skip_nested(kind, depth + 1)),
        }
    }

    /// Outside of structures a Boolean takes a byte.
    fn skip_element(&mut self, kind: Kind, depth: u32) -> Read<()> {
        match kind {
            Kind::True | Kind::False => self.byte().map(drop),
            other => self.skip_nested(other, depth + 1),
        }
    }

    fn list_header(&mut self) -> Read<(Kind, usize)> {
        let header = self.byte()?;
        let length = match header >> 4 {
            15 => self.length()?,
            short => usize::from(short),
        };
        // Some writers give an empty list elements of no type.
        let element = if length == 0 {
            Kind::True
        } else {
            kind(header & 0x0F)?
        };
        Ok((element, length))
    }

    fn length(&mut self) -> Read<usize> {
        usize::try_from(self.varint()?).map_err(|_| damaged("a length is too large"))
    }

    fn zigzag(&mut self) -> Read<i64> {
        self.varint().map(unzigzag)
    }

    fn varint(&mut self) -> Read<u64> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (value, bytes) = varint(rest).ok_or_else(|| damaged("its metadata ends too early"))?;
        self.at += bytes;
        Ok(value)
    }

    fn byte(&mut self) -> Read<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| damaged("its metadata ends too early"))
    }

    fn take(&mut self, bytes: usize) -> Read<&'a [u8]> {
        let end = self.at.checked_add(bytes);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        self.at = end.unwrap_or(self.at);
        taken.ok_or_else(|| damaged("its metadata ends too early"))
    }
}

/// An unsigned integer of seven bits a byte, and how many bytes it takes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn expect(fits: bool) -> Read<()> {
    if fits {
        Ok(())
    } else {
        Err(damaged("a field of its metadata has another type"))
    }
}

fn kind(number: u8) -> Read<Kind> {
    Ok(match number {
        1 => Kind::True,
        2 => Kind::False,
        3 => Kind::Byte,
        4..=6 => Kind::Integer,
        7 => Kind::Double,
        8 => Kind::Binary,
        9 | 10 => Kind::List,
        11 => Kind::Map,
        12 => Kind::Struct,
        13 => Kind::Uuid,
        _ => return Err(damaged("its metadata has an unknown type")),
    })
}
