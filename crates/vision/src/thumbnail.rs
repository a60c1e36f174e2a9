use fast_image_resize::FilterType;

use crate::picture::{Format, ImageError, Limits, Pixels, decode_raw};
use crate::resample::resize;

/// A small copy of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumb {
    /// The encoded file, without metadata.
    pub bytes: Vec<u8>,
    /// The original's format.
    pub format: Format,
    /// Pixels, upright.
    pub width: u32,
    /// Pixels, upright.
    pub height: u32,
    /// Width and height of the original, upright.
    pub original: (u32, u32),
}

/// JPEG quality: artefacts are not seen at a thumbnail's size, and 75 would save a fifth of a few kilobytes.
const QUALITY: u8 = 85;

/// A copy that fits into `width_max` by `height_max` pixels, upright, its aspect ratio kept, never larger than the
/// original; a PNG keeps its transparency. Sides of zero are taken as one.
///
/// # Errors
/// As [`decode`](crate::decode), with the default [`Limits`].
pub fn thumbnail(bytes: &[u8], width_max: u32, height_max: u32) -> Result<Thumb, ImageError> {
    let mut boxed = (width_max.max(1), height_max.max(1));
    let mut target = (1, 1);
    let raw = decode_raw(bytes, &Limits::default(), |width, height| {
        target = fit((width, height), boxed);
        // Twice the size leaves the resampling filter something to work on.
        let least = |side: u32| side.saturating_mul(2).max(1);
        let turned = fit((width, height), (boxed.1, boxed.0));
        (least(target.0.max(turned.0)), least(target.1.max(turned.1)))
    })?;
    let turned = raw.orientation.swaps_sides();
    if turned {
        boxed = (boxed.1, boxed.0);
    }
    target = fit(raw.original, boxed);
    let from = (raw.width, raw.height);
    let original = if turned {
        (raw.original.1, raw.original.0)
    } else {
        raw.original
    };
    let (target_width, target_height) = (target.0 as usize, target.1 as usize);
    let (bytes, width, height) = match raw.pixels {
        Pixels::Rgb(rgb) => {
            let small = resize::<3>(&rgb, from, target, FilterType::Lanczos3);
            let (small, width, height) =
                raw.orientation
                    .upright::<3>(small, target_width, target_height);
            let bytes = match raw.format {
                Format::Jpeg => encode_jpeg(&small, width, height)?,
                Format::Png => encode_png(&small, width, height, png::ColorType::Rgb)?,
            };
            (bytes, width, height)
        }
        Pixels::Rgba(rgba) => {
            let small = resize::<4>(&rgba, from, target, FilterType::Lanczos3);
            let (small, width, height) =
                raw.orientation
                    .upright::<4>(small, target_width, target_height);
            let bytes = encode_png(&small, width, height, png::ColorType::Rgba)?;
            (bytes, width, height)
        }
    };
    Ok(Thumb {
        bytes,
        format: raw.format,
        width: width as u32,
        height: height as u32,
        original,
    })
}

/// The largest size of the same shape within a box, at least one pixel a side, at most the original.
fn fit((width, height): (u32, u32), (width_max, height_max): (u32, u32)) -> (u32, u32) {
    let share = (f64::from(width_max) / f64::from(width))
        .min(f64::from(height_max) / f64::from(height))
        .min(1.0);
    let side = |pixels: u32, max: u32| ((f64::from(pixels) * share).round() as u32).clamp(1, max);
    (side(width, width_max), side(height, height_max))
}

fn encode_jpeg(rgb: &[u8], width: usize, height: usize) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::with_capacity(rgb.len() / 8 + 1024);
    let side = |pixels: usize| {
        u16::try_from(pixels).map_err(|_| ImageError::TooLarge {
            width: width as u32,
            height: height as u32,
        })
    };
    jpeg_encoder::Encoder::new(&mut bytes, QUALITY)
        .encode(
            rgb,
            side(width)?,
            side(height)?,
            jpeg_encoder::ColorType::Rgb,
        )
        .map_err(|error| Format::Jpeg.broken(error))?;
    Ok(bytes)
}

fn encode_png(
    pixels: &[u8],
    width: usize,
    height: usize,
    color: png::ColorType,
) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::with_capacity(pixels.len() / 2 + 1024);
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder
        .write_header()
        .map_err(|error| Format::Png.broken(error))?;
    writer
        .write_image_data(pixels)
        .and_then(|()| writer.finish())
        .map_err(|error| Format::Png.broken(error))?;
    Ok(bytes)
}
