//! Numbers packed into bits.

use bytes::Bytes;

use super::thrift::{unzigzag, varint};
use super::{Read, damaged};

/// Runs of equal numbers and bit-packed ones, as levels and dictionary indices are written ("RLE / Bit-Packing Hybrid").
pub(super) struct Hybrid {
    bytes: Bytes,
    at: usize,
    width: u32,
    run: Run,
}

enum Run {
    Equal {
        value: u64,
        left: u64,
    },
    /// Numbers from that bit on.
    Packed {
        bit: usize,
        left: u64,
    },
}

impl Hybrid {
    /// # Errors
    /// If a number has more bits than any has.
    pub(super) fn new(bytes: Bytes, width: u32) -> Read<Self> {
        if width > 32 {
            return Err(damaged("a number has too many bits"));
        }
        Ok(Self {
            bytes,
            at: 0,
            width,
            run: Run::Equal { value: 0, left: 0 },
        })
    }

    pub(super) fn next(&mut self) -> Read<u32> {
        if self.width == 0 {
            return Ok(0);
        }
        loop {
            match &mut self.run {
                Run::Equal { left: 0, .. } | Run::Packed { left: 0, .. } => self.begin_run()?,
                Run::Equal { value, left } => {
                    *left -= 1;
                    return Ok(*value as u32);
                }
                Run::Packed { bit, left } => {
                    let value = unpack(&self.bytes, *bit, self.width)?;
                    *bit += self.width as usize;
                    *left -= 1;
                    return Ok(value as u32);
                }
            }
        }
    }

    fn begin_run(&mut self) -> Read<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (header, bytes) = varint(rest).ok_or_else(too_few)?;
        self.at += bytes;
        let count = header >> 1;
        if count == 0 {
            return Err(damaged("a run is empty"));
        }
        if header & 1 == 0 {
            let value = unpack(&self.bytes, self.at * 8, self.width.next_multiple_of(8))?;
            self.at += self.width.div_ceil(8) as usize;
            self.run = Run::Equal { value, left: count };
        } else {
            // A group is eight numbers; of the last one, the bytes without numbers may be missing.
            let bytes = count
                .checked_mul(u64::from(self.width))
                .and_then(|bytes| usize::try_from(bytes).ok())
                .and_then(|bytes| self.at.checked_add(bytes))
                .ok_or_else(too_few)?;
            self.run = Run::Packed {
                bit: self.at * 8,
                left: count.checked_mul(8).ok_or_else(too_few)?,
            };
            self.at = bytes;
        }
        Ok(())
    }
}

/// The number of that many bits, least significant first, that begins at that bit.
fn unpack(bytes: &[u8], bit: usize, width: u32) -> Read<u64> {
    if width == 0 {
        return Ok(0);
    }
    let first = bit / 8;
    let last = (bit + width as usize - 1) / 8;
    let mut window = [0_u8; 16];
    let taken = bytes.get(first..=last).ok_or_else(too_few)?;
    for (to, from) in window.iter_mut().zip(taken) {
        *to = *from;
    }
    let shifted = u128::from_le_bytes(window) >> (bit % 8);
    Ok((shifted & ((1_u128 << width) - 1)) as u64)
}

/// Integers as differences from the one before (`DELTA_BINARY_PACKED`).
pub(super) struct Delta {
    bytes: Bytes,
    at: usize,
    miniblock_values: u64,
    miniblocks: u64,
    left: u64,
    value: i64,
    /// The first integer stands in the header.
    first: bool,
    block: Block,
}

/// What is left of a block.
#[derive(Default)]
struct Block {
    least: i64,
    /// Where the next miniblock's width stands.
    width_at: usize,
    miniblocks_left: u64,
    bit: usize,
    width: u32,
    values_left: u64,
}

impl Delta {
    pub(super) fn new(bytes: Bytes) -> Read<Self> {
        let mut delta = Self {
            bytes,
            at: 0,
            miniblock_values: 0,
            miniblocks: 0,
            left: 0,
            value: 0,
            first: true,
            block: Block::default(),
        };
        let block_values = delta.varint()?;
        delta.miniblocks = delta.varint()?;
        delta.left = delta.varint()?;
        delta.value = unzigzag(delta.varint()?);
        let fits = delta.miniblocks > 0
            && block_values % delta.miniblocks == 0
            && (block_values / delta.miniblocks).is_multiple_of(8)
            && block_values > 0
            && block_values <= BLOCK_VALUES_MAX;
        if !fits {
            return Err(damaged("a block of differences has an unknown form"));
        }
        delta.miniblock_values = block_values / delta.miniblocks;
        Ok(delta)
    }

    pub(super) fn next(&mut self) -> Read<i64> {
        if self.left == 0 {
            return Err(too_few());
        }
        self.left -= 1;
        if std::mem::take(&mut self.first) {
            return Ok(self.value);
        }
        if self.block.values_left == 0 {
            self.begin_miniblock()?;
        }
        let difference = unpack(&self.bytes, self.block.bit, self.block.width)?;
        self.block.bit += self.block.width as usize;
        self.block.values_left -= 1;
        let difference = self.block.least.wrapping_add(difference.cast_signed());
        self.value = self.value.wrapping_add(difference);
        Ok(self.value)
    }

    /// What stands behind the integers.
    pub(super) fn rest(&self) -> Read<Bytes> {
        let mut ahead = Self {
            bytes: self.bytes.clone(),
            block: Block::default(),
            ..*self
        };
        ahead.left = ahead.left.saturating_sub(1);
        while ahead.left > 0 {
            ahead.begin_miniblock()?;
            ahead.left = ahead.left.saturating_sub(ahead.miniblock_values);
        }
        ahead.bytes.get(ahead.at..).ok_or_else(too_few)?;
        Ok(ahead.bytes.slice(ahead.at..))
    }

    /// Miniblocks that would hold nothing are missing, but have widths.
    fn begin_miniblock(&mut self) -> Read<()> {
        if self.block.miniblocks_left == 0 {
            self.block.least = unzigzag(self.varint()?);
            self.block.width_at = self.at;
            self.block.miniblocks_left = self.miniblocks;
            self.at += usize::try_from(self.miniblocks).map_err(|_| too_few())?;
        }
        let width = self
            .bytes
            .get(self.block.width_at)
            .copied()
            .ok_or_else(too_few)?;
        if width > 64 {
            return Err(damaged("a number has too many bits"));
        }
        self.block.width = u32::from(width);
        self.block.width_at += 1;
        self.block.miniblocks_left -= 1;
        self.block.bit = self.at * 8;
        self.block.values_left = self.miniblock_values;
        let bits = self.miniblock_values * u64::from(width);
        self.at += usize::try_from(bits / 8).map_err(|_| too_few())?;
        Ok(())
    }

    fn varint(&mut self) -> Read<u64> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (value, bytes) = varint(rest).ok_or_else(too_few)?;
        self.at += bytes;
        Ok(value)
    }
}

/// Writers use 128 and 256; above that, offsets could overflow.
const BLOCK_VALUES_MAX: u64 = 1 << 20;

fn too_few() -> crate::ReaderError {
    damaged("a page has too few values")
}

#[cfg(test)]
mod tests;
