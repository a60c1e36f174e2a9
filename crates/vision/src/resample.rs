//! Resizing, in one place.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// The picture in another size; `N` bytes a pixel (3: RGB, 4: RGBA, 1: grey).
///
/// # Panics
/// When `pixels` is not `width * height * N` long or a side is zero: the caller holds a decoded picture.
pub(crate) fn resize<const N: usize>(
    pixels: &[u8],
    (width, height): (u32, u32),
    (to_width, to_height): (u32, u32),
    filter: FilterType,
) -> Vec<u8> {
    if (width, height) == (to_width, to_height) {
        return pixels.to_vec();
    }
    let kind = match N {
        1 => PixelType::U8,
        3 => PixelType::U8x3,
        _ => PixelType::U8x4,
    };
    let source = ImageRef::new(width, height, pixels, kind).expect("a picture has all its pixels");
    let mut target = Image::new(to_width, to_height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .expect("both pictures are of one pixel type");
    target.into_vec()
}
