//! The one thing we read from Exif: which way is up.

/// How to turn the stored pixels so that the picture stands upright; Exif's values 1 to 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// Applied first.
    pub(crate) mirrored: bool,
    /// Clockwise quarter turns, applied after mirroring.
    pub(crate) quarter_turns: u8,
}

impl Orientation {
    /// Exif 2.32, tag 0x0112; other values are as good as none.
    fn from_tag(value: u16) -> Self {
        let (mirrored, quarter_turns) = match value {
            2 => (true, 0),
            3 => (false, 2),
            4 => (true, 2),
            5 => (true, 3),
            6 => (false, 1),
            7 => (true, 1),
            8 => (false, 3),
            _ => (false, 0),
        };
        Self {
            mirrored,
            quarter_turns,
        }
    }

    /// Whether width and height change places.
    pub(crate) fn swaps_sides(self) -> bool {
        self.quarter_turns % 2 == 1
    }

    /// The upright pixels of a picture stored with this orientation, and their width and height.
    pub(crate) fn upright<const N: usize>(
        self,
        pixels: Vec<u8>,
        width: usize,
        height: usize,
    ) -> (Vec<u8>, usize, usize) {
        if self == Self::default() {
            return (pixels, width, height);
        }
        let (out_width, out_height) = if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        };
        let mut out = Vec::with_capacity(pixels.len());
        for y in 0..out_height {
            for x in 0..out_width {
                let (sx, sy) = match self.quarter_turns {
                    0 => (x, y),
                    1 => (y, height - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (width - 1 - y, x),
                };
                let sx = if self.mirrored { width - 1 - sx } else { sx };
                let at = (sy * width + sx) * N;
                out.extend_from_slice(&pixels[at..at + N]);
            }
        }
        (out, out_width, out_height)
    }
}

/// The orientation in a TIFF block (what follows `Exif\0\0`); upright where there is none or it can't be read.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    read_orientation(tiff).map_or_else(Orientation::default, Orientation::from_tag)
}

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

fn read_orientation(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let two = [*tiff.get(at)?, *tiff.get(at + 1)?];
        Some(if little {
            u16::from_le_bytes(two)
        } else {
            u16::from_be_bytes(two)
        })
    };
    let u32_at = |at: usize| {
        let (first, second) = (u32::from(u16_at(at)?), u32::from(u16_at(at + 2)?));
        Some(if little {
            second << 16 | first
        } else {
            first << 16 | second
        })
    };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    let entries = usize::from(u16_at(directory)?);
    (0..entries)
        .map_while(|index| {
            let at = directory.checked_add(2 + index * 12)?;
            Some((u16_at(at)?, u16_at(at + 2)?, u16_at(at + 8)?))
        })
        .find(|(tag, kind, _)| *tag == ORIENTATION && *kind == SHORT)
        .map(|(_, _, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiff(little: bool, value: u16) -> Vec<u8> {
        let two = |v: u16| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        let four = |v: u32| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        let mut out = if little {
            b"II".to_vec()
        } else {
            b"MM".to_vec()
        };
        out.extend(two(42));
        out.extend(four(8));
        out.extend(two(1));
        out.extend(two(0x0112));
        out.extend(two(3));
        out.extend(four(1));
        out.extend(two(value));
        out.extend(two(0));
        out
    }

    #[test]
    fn both_byte_orders_are_read() {
        for little in [true, false] {
            let six = orientation(&tiff(little, 6));
            assert_eq!((six.mirrored, six.quarter_turns), (false, 1));
        }
    }

    #[test]
    fn every_prefix_of_a_block_and_every_odd_value_is_upright() {
        let whole = tiff(true, 6);
        for end in 0..whole.len() - 4 {
            assert_eq!(orientation(&whole[..end]), Orientation::default());
        }
        for value in [0, 1, 9, 65535] {
            assert_eq!(orientation(&tiff(false, value)), Orientation::default());
        }
    }

    /// The letter-F test: where the first pixel of the stored picture lands, by Exif's own table
    /// (row 0 and column 0 of the stored picture are which sides of the upright one).
    #[test]
    fn all_eight_orientations_put_row_0_and_column_0_where_exif_says() {
        // 2 wide, 3 high, pixels numbered in storage order.
        let stored = vec![0, 1, 2, 3, 4, 5];
        let expected: [(u16, &[u8]); 8] = [
            (1, &[0, 1, 2, 3, 4, 5]), // top, left
            (2, &[1, 0, 3, 2, 5, 4]), // top, right
            (3, &[5, 4, 3, 2, 1, 0]), // bottom, right
            (4, &[4, 5, 2, 3, 0, 1]), // bottom, left
            (5, &[0, 2, 4, 1, 3, 5]), // left, top
            (6, &[4, 2, 0, 5, 3, 1]), // right, top
            (7, &[5, 3, 1, 4, 2, 0]), // right, bottom
            (8, &[1, 3, 5, 0, 2, 4]), // left, bottom
        ];
        for (tag, upright) in expected {
            let (pixels, width, height) =
                Orientation::from_tag(tag).upright::<1>(stored.clone(), 2, 3);
            assert_eq!(pixels, upright, "orientation {tag}");
            assert_eq!((width, height), if tag < 5 { (2, 3) } else { (3, 2) });
        }
    }
}
