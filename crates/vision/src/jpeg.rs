//! What a JPEG's markers say, read before anything is decoded.

use crate::exif::{self, Orientation};

/// The header of a JPEG and what decoding it will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) components: u8,
    pub(crate) progressive: bool,
    /// Passes over the picture; each of a progressive file's costs time in proportion to the pixels.
    pub(crate) scans: usize,
    pub(crate) orientation: Orientation,
}

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP1: u8 = 0xe1;

/// Walks the markers from start to end; none if there is no frame header or a segment overruns the file.
///
/// Entropy-coded data is skipped by its stuffing rule (ITU T.81, B.1.1.5): `ff` is data when `00`, a restart marker
/// or another `ff` follows.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let mut rest = bytes.strip_prefix(&[0xff, SOI])?;
    let mut frame = None;
    let mut scans = 0;
    let mut orientation = Orientation::default();
    while let Some((marker, after)) = next_marker(rest) {
        rest = after;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue; // stands alone, without a length
        }
        if marker == EOI {
            break;
        }
        let Some(segment) = rest
            .first_chunk::<2>()
            .map(|length| usize::from(u16::from_be_bytes(*length)))
            .filter(|length| *length >= 2)
            .and_then(|length| rest.get(2..length))
        else {
            break; // cut short: the decoder says what it thinks of it
        };
        rest = &rest[2 + segment.len()..];
        match marker {
            SOS => scans += 1,
            APP1 => {
                if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                    orientation = exif::orientation(tiff);
                }
            }
            // All frame headers; C4, C8 and CC are tables and a reserved code.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && frame.is_none() => {
                let &[_precision, h1, h0, w1, w0, components, ..] = segment else {
                    return None;
                };
                frame = Some((
                    u16::from_be_bytes([w1, w0]),
                    u16::from_be_bytes([h1, h0]),
                    components,
                    marker & 3 == 2,
                ));
            }
            _ => {}
        }
    }
    let (width, height, components, progressive) = frame?;
    Some(Header {
        width,
        height,
        components,
        progressive,
        scans,
        orientation,
    })
}

/// The next marker's code and what follows it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)? + 1;
        match bytes.get(at)? {
            0x00 | 0xd0..=0xd7 => at += 1,
            0xff => {} // fill
            code => return Some((*code, &bytes[at + 1..])),
        }
    }
}
