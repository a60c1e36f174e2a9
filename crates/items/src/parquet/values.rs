//! The values of a page, in whichever encoding.

use bytes::Bytes;

use super::bits::{Delta, Hybrid};
use super::shape::Physical;
use super::{Read, damaged};

/// A value as its physical type says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Boolean(bool),
    Int32(i32),
    Int64(i64),
    Float(f32),
    Double(f64),
    Bytes(Bytes),
}

/// The values of one page that are left.
pub(super) enum Values {
    Plain(Plain),
    Dictionary(Hybrid),
    /// Booleans in runs.
    Runs(Hybrid),
    Delta(Delta),
    DeltaLengths {
        lengths: Delta,
        bytes: Bytes,
    },
    /// Each begins with so many bytes of the one before.
    DeltaBytes {
        prefixes: Delta,
        suffixes: Delta,
        bytes: Bytes,
        last: Vec<u8>,
    },
    /// First bytes of all, then second ones, and so on.
    Split {
        bytes: Bytes,
        width: usize,
        next: usize,
    },
}

/// Values one after the other.
pub(super) struct Plain {
    bytes: Bytes,
    bit: u8,
}

impl Plain {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, bit: 0 }
    }

    fn next(&mut self, physical: Physical) -> Read<Raw> {
        match physical.width() {
            Some(width) => fixed(physical, self.take(width)?),
            None if physical == Physical::Boolean => {
                let byte = self.bytes.first().copied().ok_or_else(too_few)?;
                let value = byte >> self.bit & 1 == 1;
                self.bit = (self.bit + 1) % 8;
                if self.bit == 0 {
                    self.take(1)?;
                }
                Ok(Raw::Boolean(value))
            }
            None => {
                let length = u32::from_le_bytes(array(&self.take(4)?)?);
                self.take(length as usize).map(Raw::Bytes)
            }
        }
    }

    fn take(&mut self, bytes: usize) -> Read<Bytes> {
        take(&mut self.bytes, bytes)
    }
}

impl Values {
    /// `encoding` is the format's number.
    pub(super) fn new(encoding: i64, physical: Physical, mut bytes: Bytes) -> Read<Self> {
        Ok(match (encoding, physical) {
            (0, _) => Self::Plain(Plain::new(bytes)),
            (2 | 8, _) => {
                let width = take(&mut bytes, 1)?.first().copied().unwrap_or_default();
                Self::Dictionary(Hybrid::new(bytes, u32::from(width))?)
            }
            (3, Physical::Boolean) => {
                let length = u32::from_le_bytes(array(&take(&mut bytes, 4)?)?);
                Self::Runs(Hybrid::new(take(&mut bytes, length as usize)?, 1)?)
            }
            (5, Physical::Int32 | Physical::Int64) => Self::Delta(Delta::new(bytes)?),
            (6, Physical::Bytes) => {
                let lengths = Delta::new(bytes)?;
                let bytes = lengths.rest()?;
                Self::DeltaLengths { lengths, bytes }
            }
            (7, Physical::Bytes | Physical::Fixed(_)) => {
                let prefixes = Delta::new(bytes)?;
                let suffixes = Delta::new(prefixes.rest()?)?;
                Self::DeltaBytes {
                    bytes: suffixes.rest()?,
                    prefixes,
                    suffixes,
                    last: Vec::new(),
                }
            }
            (9, _) => Self::Split {
                width: physical.width().ok_or_else(unknown)?,
                bytes,
                next: 0,
            },
            _ => return Err(unknown()),
        })
    }

    pub(super) fn next(
        &mut self,
        physical: Physical,
        dictionary: Option<&Dictionary>,
    ) -> Read<Raw> {
        match self {
            Self::Plain(plain) => plain.next(physical),
            Self::Dictionary(indices) => {
                let dictionary = dictionary.ok_or_else(|| damaged("a column has no dictionary"))?;
                dictionary.get(indices.next()? as usize, physical)
            }
            Self::Runs(runs) => Ok(Raw::Boolean(runs.next()? == 1)),
            Self::Delta(delta) => {
                let value = delta.next()?;
                Ok(match physical {
                    Physical::Int32 => Raw::Int32(value as i32),
                    _ => Raw::Int64(value),
                })
            }
            Self::DeltaLengths { lengths, bytes } => take(bytes, length(lengths)?).map(Raw::Bytes),
            Self::DeltaBytes {
                prefixes,
                suffixes,
                bytes,
                last,
            } => {
                let prefix = length(prefixes)?;
                if prefix > last.len() {
                    return Err(damaged("a value begins with more than there is"));
                }
                last.truncate(prefix);
                last.extend_from_slice(&take(bytes, length(suffixes)?)?);
                Ok(Raw::Bytes(Bytes::copy_from_slice(last)))
            }
            Self::Split { bytes, width, next } => {
                let count = bytes.len() / *width;
                if *next >= count {
                    return Err(too_few());
                }
                let streams =
                    (0..*width).filter_map(|stream| bytes.get(stream * count + *next).copied());
                let value: Bytes = streams.collect();
                *next += 1;
                fixed(physical, value)
            }
        }
    }
}

/// The distinct values of a column chunk.
pub(super) struct Dictionary {
    bytes: Bytes,
    /// Where each value begins, if they have no fixed width.
    starts: Vec<u32>,
}

impl Dictionary {
    pub(super) fn new(physical: Physical, bytes: Bytes, count: u64) -> Read<Self> {
        let mut starts = Vec::new();
        if physical == Physical::Boolean {
            return Err(unknown());
        }
        if physical == Physical::Bytes {
            let mut rest = bytes.clone();
            for _ in 0..count {
                starts.push((bytes.len() - rest.len()) as u32);
                let length = u32::from_le_bytes(array(&take(&mut rest, 4)?)?);
                take(&mut rest, length as usize)?;
            }
        }
        Ok(Self { bytes, starts })
    }

    fn get(&self, index: usize, physical: Physical) -> Read<Raw> {
        let outside = || damaged("a value is not in its dictionary");
        let start = match physical.width() {
            Some(width) => index.checked_mul(width).ok_or_else(outside)?,
            None => self.starts.get(index).copied().ok_or_else(outside)? as usize,
        };
        if start >= self.bytes.len() {
            return Err(outside());
        }
        Plain::new(self.bytes.slice(start..)).next(physical)
    }
}

fn fixed(physical: Physical, bytes: Bytes) -> Read<Raw> {
    Ok(match physical {
        Physical::Int32 => Raw::Int32(i32::from_le_bytes(array(&bytes)?)),
        Physical::Int64 => Raw::Int64(i64::from_le_bytes(array(&bytes)?)),
        Physical::Float => Raw::Float(f32::from_le_bytes(array(&bytes)?)),
        Physical::Double => Raw::Double(f64::from_le_bytes(array(&bytes)?)),
        Physical::Boolean | Physical::Int96 | Physical::Bytes | Physical::Fixed(_) => {
            Raw::Bytes(bytes)
        }
    })
}

fn length(lengths: &mut Delta) -> Read<usize> {
    usize::try_from(lengths.next()?).map_err(|_| damaged("a length is negative"))
}

/// Takes so many bytes off the front.
pub(super) fn take(bytes: &mut Bytes, count: usize) -> Read<Bytes> {
    if count > bytes.len() {
        return Err(too_few());
    }
    Ok(bytes.split_to(count))
}

pub(super) fn array<const N: usize>(bytes: &[u8]) -> Read<[u8; N]> {
    bytes.try_into().map_err(|_| too_few())
}

fn too_few() -> crate::ReaderError {
    damaged("a page has too few values")
}

fn unknown() -> crate::ReaderError {
    damaged("a column has an unknown encoding")
}
