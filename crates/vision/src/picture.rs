use std::borrow::Cow;
use std::io::Cursor;

use crate::exif::{self, Orientation};
use crate::jpeg;

/// What a picture may cost; judged by its header, before decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width × height as stored. 100 million by default: the largest phone cameras in common use.
    pub pixels_max: u64,
    /// What the decoder may hold at once. A progressive JPEG needs all its coefficients, 6 bytes a pixel at worst.
    pub memory_bytes_max: u64,
    /// Scans of a JPEG. Encoders write about 10; a file of 5 MB can hold a hundred thousand.
    pub scans_max: usize,
    /// Scans × pixels of a progressive JPEG, which is what its decoding time grows with.
    pub scan_pixels_max: u64,
    /// A JPEG may be decoded at 1/2, 1/4 or 1/8 as long as its longer side keeps this many pixels.
    pub detail_side: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixels_max: 100_000_000,
            memory_bytes_max: 512 << 20,
            scans_max: 100,
            scan_pixels_max: 1_000_000_000,
            detail_side: 1920,
        }
    }
}

/// Why a picture could not be had from the bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Neither JPEG nor PNG by its first bytes.
    #[error("the bytes are neither a JPEG nor a PNG")]
    Format,
    /// A JPEG or PNG that is broken or uses a part of the format nobody reads.
    #[error("the {format} can't be decoded: {reason}")]
    Broken {
        format: &'static str,
        reason: String,
    },
    /// Larger than [`Limits`] allow, in pixels, scans or memory.
    #[error("the picture of {width} by {height} pixels is too large to decode")]
    TooLarge { width: u32, height: u32 },
}

/// The two formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
}

impl Format {
    /// `image/jpeg` or `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
        }
    }

    pub(crate) fn broken(self, reason: impl ToString) -> ImageError {
        ImageError::Broken {
            format: self.name(),
            reason: reason.to_string(),
        }
    }
}

/// The format by the content; names and media types are not believed.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(Format::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Format::Png)
    } else {
        None
    }
}

/// An upright picture in RGB, eight bits a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    original: (u32, u32),
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture from its pixels, row by row, three bytes each; none if their number is not `width * height`.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let pixels = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        (pixels > 0 && pixels.checked_mul(3)? == rgb.len()).then_some(Self {
            width,
            height,
            original: (width, height),
            rgb,
        })
    }

    /// Of the pixels held, upright; a large JPEG may have been decoded at a fraction of its size.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// As [`Picture::width`].
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Width and height of the file, upright.
    pub fn original_size(&self) -> (u32, u32) {
        self.original
    }

    /// The pixels, row by row, three bytes each.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

/// Decodes a JPEG or PNG and turns it upright. Transparency is laid over white.
///
/// # Errors
/// See [`ImageError`]; limits are judged before anything of the picture's size is allocated.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, ImageError> {
    let detail = limits.detail_side;
    let raw = decode_raw(bytes, limits, |width, height| {
        let share = f64::from(detail) / f64::from(width.max(height));
        let side = |pixels: u32| (f64::from(pixels) * share).ceil() as u32;
        (side(width), side(height))
    })?;
    let original = if raw.orientation.swaps_sides() {
        (raw.original.1, raw.original.0)
    } else {
        raw.original
    };
    let rgb = raw.pixels.into_rgb();
    let (rgb, width, height) =
        raw.orientation
            .upright::<3>(rgb, raw.width as usize, raw.height as usize);
    Ok(Picture {
        width: width as u32,
        height: height as u32,
        original,
        rgb,
    })
}

/// Pixels as they were stored, not yet turned.
pub(crate) struct Raw {
    pub(crate) format: Format,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) original: (u32, u32),
    pub(crate) orientation: Orientation,
    pub(crate) pixels: Pixels,
}

pub(crate) enum Pixels {
    Rgb(Vec<u8>),
    Rgba(Vec<u8>),
}

impl Pixels {
    fn into_rgb(self) -> Vec<u8> {
        match self {
            Self::Rgb(rgb) => rgb,
            Self::Rgba(rgba) => rgba
                .as_chunks::<4>()
                .0
                .iter()
                .flat_map(|&[r, g, b, alpha]| {
                    let over_white = |channel: u8| {
                        let alpha = u32::from(alpha);
                        ((u32::from(channel) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
                    };
                    [over_white(r), over_white(g), over_white(b)]
                })
                .collect(),
        }
    }
}

/// Decodes as stored. `enough` maps the stored size to the least one that will do, so that a JPEG can be decoded at a
/// fraction of its size.
pub(crate) fn decode_raw(
    bytes: &[u8],
    limits: &Limits,
    enough: impl FnOnce(u32, u32) -> (u32, u32),
) -> Result<Raw, ImageError> {
    match sniff(bytes).ok_or(ImageError::Format)? {
        Format::Jpeg => decode_jpeg(bytes, limits, enough),
        Format::Png => decode_png(bytes, limits),
    }
}

fn judge(limits: &Limits, width: u32, height: u32, bytes: u64) -> Result<(), ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels_max || bytes > limits.memory_bytes_max {
        return Err(ImageError::TooLarge { width, height });
    }
    Ok(())
}

fn decode_jpeg(
    bytes: &[u8],
    limits: &Limits,
    enough: impl FnOnce(u32, u32) -> (u32, u32),
) -> Result<Raw, ImageError> {
    let broken = |reason: &dyn ToString| Format::Jpeg.broken(reason.to_string());
    let header = jpeg::header(bytes).ok_or_else(|| broken(&"no frame header"))?;
    let (width, height) = (u32::from(header.width), u32::from(header.height));
    if width == 0 || height == 0 {
        return Err(broken(&"no pixels"));
    }
    let pixels = u64::from(width) * u64::from(height);
    let samples = pixels * u64::from(header.components);
    // Planes and the result side by side; coefficients are 16 bits each.
    let memory = samples * if header.progressive { 4 } else { 2 };
    judge(limits, width, height, memory)?;
    let scan_pixels = pixels * header.scans as u64;
    if header.scans > limits.scans_max
        || (header.progressive && scan_pixels > limits.scan_pixels_max)
    {
        return Err(ImageError::TooLarge { width, height });
    }

    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(bytes));
    decoder.set_max_decoding_buffer_size(
        usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX),
    );
    decoder.read_info().map_err(|error| broken(&error))?;
    let (least_width, least_height) = enough(width, height);
    let least = |side: u32, of: u16| u16::try_from(side).map_or(of, |side| side.clamp(1, of));
    let (decoded_width, decoded_height) = decoder
        .scale(
            least(least_width, header.width),
            least(least_height, header.height),
        )
        .map_err(|error| broken(&error))?;
    let data = decoder.decode().map_err(|error| broken(&error))?;
    let info = decoder.info().ok_or_else(|| broken(&"no frame header"))?;
    let rgb = match info.pixel_format {
        jpeg_decoder::PixelFormat::RGB24 => data,
        jpeg_decoder::PixelFormat::L8 => data.iter().flat_map(|grey| [*grey; 3]).collect(),
        jpeg_decoder::PixelFormat::CMYK32 => data
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|&[c, m, y, k]| {
                let mix = |ink: u8| ((255 - u32::from(ink)) * (255 - u32::from(k)) / 255) as u8;
                [mix(c), mix(m), mix(y)]
            })
            .collect(),
        jpeg_decoder::PixelFormat::L16 => return Err(broken(&"16 bits a sample")),
    };
    let (decoded_width, decoded_height) = (u32::from(decoded_width), u32::from(decoded_height));
    if rgb.len() as u64 != u64::from(decoded_width) * u64::from(decoded_height) * 3 {
        return Err(broken(&"pixels are missing"));
    }
    Ok(Raw {
        format: Format::Jpeg,
        width: decoded_width,
        height: decoded_height,
        original: (width, height),
        orientation: header.orientation,
        pixels: Pixels::Rgb(rgb),
    })
}

fn decode_png(bytes: &[u8], limits: &Limits) -> Result<Raw, ImageError> {
    let broken = |reason: &dyn ToString| Format::Png.broken(reason.to_string());
    let mut decoder = png::Decoder::new_with_limits(
        Cursor::new(bytes),
        png::Limits {
            bytes: usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX),
        },
    );
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let info = decoder.read_header_info().map_err(|error| broken(&error))?;
    let (width, height) = (info.width, info.height);
    // Eight bytes a pixel at most while a row of 16-bit RGBA is unpacked; the whole is held once, in four.
    judge(
        limits,
        width,
        height,
        u64::from(width) * u64::from(height) * 4,
    )?;
    let mut reader = decoder.read_info().map_err(|error| broken(&error))?;
    let size = reader
        .output_buffer_size()
        .ok_or(ImageError::TooLarge { width, height })?;
    let mut data = vec![0; size];
    let frame = reader
        .next_frame(&mut data)
        .map_err(|error| broken(&error))?;
    data.truncate(frame.buffer_size());
    let orientation = reader
        .info()
        .exif_metadata
        .as_ref()
        .map_or_else(Orientation::default, |tiff: &Cow<'_, [u8]>| {
            exif::orientation(tiff)
        });
    let pixels = match frame.color_type {
        png::ColorType::Rgb => Pixels::Rgb(data),
        png::ColorType::Rgba => Pixels::Rgba(data),
        png::ColorType::Grayscale => Pixels::Rgb(data.iter().flat_map(|grey| [*grey; 3]).collect()),
        png::ColorType::GrayscaleAlpha => Pixels::Rgba(
            data.as_chunks::<2>()
                .0
                .iter()
                .flat_map(|&[grey, alpha]| [grey, grey, grey, alpha])
                .collect(),
        ),
        png::ColorType::Indexed => return Err(broken(&"a palette was left unexpanded")),
    };
    Ok(Raw {
        format: Format::Png,
        width,
        height,
        original: (width, height),
        orientation,
        pixels,
    })
}
