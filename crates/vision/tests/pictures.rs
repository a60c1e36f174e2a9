//! Decoding and thumbnails at the crate's door: orientation, limits, bombs, sizes.

use vision::{Format, ImageError, Limits, Picture, decode, sniff, thumbnail};

const ASTRONAUT: &[u8] = include_bytes!("pictures/astronaut.jpg");
const PORTRAIT: &[u8] = include_bytes!("pictures/obama.jpg");

/// A picture whose corners differ: red, green, blue, white, clockwise from the upper left.
fn corners(width: u32, height: u32) -> Vec<u8> {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            rgb.extend_from_slice(match (x < width / 2, y < height / 2) {
                (true, true) => &[255, 0, 0],
                (false, true) => &[0, 255, 0],
                (false, false) => &[0, 0, 255],
                (true, false) => &[255, 255, 255],
            });
        }
    }
    rgb
}

fn jpeg(width: u32, height: u32, orientation: Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    if let Some(value) = orientation {
        let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        tiff.extend([value, 0, 0]);
        encoder
            .add_app_segment(1, tiff)
            .expect("the segment is short");
    }
    encoder
        .encode(
            &corners(width, height),
            width as u16,
            height as u16,
            jpeg_encoder::ColorType::Rgb,
        )
        .expect("the picture has all its pixels");
    bytes
}

fn png(width: u32, height: u32, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    let mut writer = encoder.write_header().expect("memory takes all");
    writer.write_image_data(pixels).expect("memory takes all");
    drop(writer);
    bytes
}

fn whole(bytes: &[u8]) -> Picture {
    decode(bytes, &Limits::default()).expect("the picture is whole")
}

/// The letters of the corners, clockwise from the upper left.
fn letters(picture: &Picture) -> String {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let places = [
        (2, 2),
        (width - 3, 2),
        (width - 3, height - 3),
        (2, height - 3),
    ];
    let letter = |(x, y): (usize, usize)| {
        let at = (y * width + x) * 3;
        let pixel = &picture.rgb()[at..at + 3];
        let lit: Vec<bool> = pixel.iter().map(|value| *value > 145).collect();
        match lit[..] {
            [true, false, false] => 'r',
            [false, true, false] => 'g',
            [false, false, true] => 'b',
            [true, true, true] => 'w',
            _ => panic!("{pixel:?}"),
        }
    };
    places.into_iter().map(letter).collect()
}

#[test]
fn a_picture_stands_upright_whatever_its_orientation() {
    for (orientation, upright) in [
        (None, "rgbw"),
        (Some(1), "rgbw"),
        (Some(2), "grwb"),
        (Some(3), "bwrg"),
        (Some(4), "wbgr"),
        (Some(5), "rwbg"),
        (Some(6), "wrgb"),
        (Some(7), "bgrw"),
        (Some(8), "gbwr"),
        (Some(9), "rgbw"),
    ] {
        let file = jpeg(64, 32, orientation);
        let picture = whole(&file);
        assert_eq!(letters(&picture), upright, "{orientation:?}");
        let turned = matches!(orientation, Some(5..=8));
        let size = if turned { (32, 64) } else { (64, 32) };
        assert_eq!((picture.width(), picture.height()), size);
        assert_eq!(picture.original_size(), size);
        // A thumbnail has no Exif, so its pixels must stand upright by themselves.
        let thumb = thumbnail(&file, 24, 24).expect("the picture is whole");
        let size = if turned { (12, 24) } else { (24, 12) };
        assert_eq!((thumb.width, thumb.height), size);
        assert_eq!(letters(&whole(&thumb.bytes)), upright, "{orientation:?}");
    }
}

#[test]
fn a_thumbnail_fits_its_box_keeps_its_shape_and_never_grows() {
    for (file, to, size) in [
        (PORTRAIT, (300, 200), (160, 200)),
        (ASTRONAUT, (300, 200), (200, 200)),
        (ASTRONAUT, (1000, 1000), (512, 512)),
        (ASTRONAUT, (0, 50), (1, 1)),
    ] {
        let thumb = thumbnail(file, to.0, to.1).expect("the picture is whole");
        assert_eq!((thumb.width, thumb.height), size);
        assert_eq!(thumb.format, Format::Jpeg);
        assert_eq!(sniff(&thumb.bytes), Some(Format::Jpeg));
        let seen = whole(&thumb.bytes);
        assert_eq!((seen.width(), seen.height()), size);
    }
    // A thin picture keeps at least one pixel.
    let thin = thumbnail(&jpeg(2000, 4, None), 100, 100).expect("the picture is whole");
    assert_eq!(
        (thin.width, thin.height, thin.original),
        (100, 1, (2000, 4))
    );
}

#[test]
fn a_png_stays_a_png_and_keeps_its_transparency() {
    let half = [10, 20, 30, 128].repeat(40 * 20);
    let thumb = thumbnail(&png(40, 20, png::ColorType::Rgba, &half), 20, 20).expect("it is whole");
    assert_eq!(
        (thumb.format, thumb.width, thumb.height),
        (Format::Png, 20, 10)
    );
    let mut reader = png::Decoder::new(std::io::Cursor::new(&thumb.bytes))
        .read_info()
        .expect("the thumbnail is whole");
    assert_eq!(reader.info().color_type, png::ColorType::Rgba);
    let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
    reader.next_frame(&mut pixels).expect("it is whole");
    assert!(
        pixels
            .as_chunks::<4>()
            .0
            .iter()
            .all(|[.., alpha]| *alpha == 128)
    );
}

#[test]
fn transparency_is_laid_over_white_and_grey_is_rgb() {
    let clear = png(1, 1, png::ColorType::Rgba, &[0, 0, 0, 0]);
    assert_eq!(whole(&clear).rgb(), [255, 255, 255]);
    let grey = png(2, 1, png::ColorType::Grayscale, &[7, 200]);
    assert_eq!(whole(&grey).rgb(), [7, 7, 7, 200, 200, 200]);
    let grey = png(1, 1, png::ColorType::GrayscaleAlpha, &[7, 255]);
    assert_eq!(whole(&grey).rgb(), [7, 7, 7]);
}

#[test]
fn a_large_jpeg_is_decoded_at_a_fraction_and_still_says_its_size() {
    let file = jpeg(4096, 1024, Some(6));
    let picture = whole(&file);
    assert_eq!((picture.width(), picture.height()), (512, 2048));
    assert_eq!(picture.original_size(), (1024, 4096));
}

#[test]
fn what_is_neither_jpeg_nor_png_is_refused_by_its_content() {
    for bytes in [&b""[..], b"GIF89a", b"\xff\xd8", b"\x89PNG", b"<svg/>"] {
        assert_eq!(decode(bytes, &Limits::default()), Err(ImageError::Format));
        assert_eq!(thumbnail(bytes, 10, 10).err(), Some(ImageError::Format));
    }
}

#[test]
fn a_picture_cut_short_anywhere_does_no_harm() {
    let file = jpeg(64, 64, Some(6));
    for end in 3..file.len() {
        // The decoder may fill up what is missing; it must not panic.
        let _ = decode(&file[..end], &Limits::default());
    }
    let file = png(64, 64, png::ColorType::Rgb, &corners(64, 64));
    for end in 8..file.len() {
        let _ = decode(&file[..end], &Limits::default());
    }
    let early = decode(&ASTRONAUT[..600], &Limits::default());
    assert!(matches!(early, Err(ImageError::Broken { .. })), "{early:?}");
}

/// Rewrites the size in a JPEG's frame header.
fn claim(mut file: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = file
        .windows(4)
        .position(|window| matches!(window, [0xff, 0xc0 | 0xc2, 0, _]))
        .expect("there is a frame header");
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

#[test]
fn a_header_that_claims_too_many_pixels_is_refused_before_decoding() {
    let bomb = claim(jpeg(16, 16, None), 65_500, 65_500);
    let expected = ImageError::TooLarge {
        width: 65_500,
        height: 65_500,
    };
    assert_eq!(decode(&bomb, &Limits::default()), Err(expected.clone()));
    assert_eq!(thumbnail(&bomb, 10, 10).err(), Some(expected));
    let none = claim(jpeg(16, 16, None), 0, 16);
    assert!(matches!(
        decode(&none, &Limits::default()),
        Err(ImageError::Broken { .. })
    ));

    let mut bomb = png(1, 1, png::ColorType::Rgb, &[0, 0, 0]);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    // The header's checksum goes with it.
    let sum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(
        decode(&bomb, &Limits::default()),
        Err(ImageError::TooLarge {
            width: 65_535,
            height: 65_535
        })
    );
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

/// A progressive file of a few scans; its last one is repeated until decoding it would take minutes.
#[test]
fn a_progressive_file_of_endless_scans_is_refused_before_decoding() {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(true);
    encoder
        .encode(&corners(64, 64), 64, 64, jpeg_encoder::ColorType::Rgb)
        .expect("the picture has all its pixels");
    assert!(decode(&file, &Limits::default()).is_ok());

    let scan = file
        .windows(2)
        .rposition(|window| window == [0xff, 0xda])
        .expect("there is a scan");
    let scan = file[scan..file.len() - 2].to_vec();
    let end = file.split_off(file.len() - 2);
    let mut bomb = file;
    for _ in 0..50_000 {
        bomb.extend_from_slice(&scan);
    }
    bomb.extend(end);
    let refused = decode(&bomb, &Limits::default());
    assert!(
        matches!(refused, Err(ImageError::TooLarge { .. })),
        "{refused:?}"
    );

    // Few scans over many pixels cost as much.
    let limits = Limits {
        scan_pixels_max: 64 * 64 * 2,
        ..Limits::default()
    };
    let few = {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        encoder.set_progressive(true);
        encoder
            .encode(&corners(64, 64), 64, 64, jpeg_encoder::ColorType::Rgb)
            .expect("the picture has all its pixels");
        file
    };
    assert!(matches!(
        decode(&few, &limits),
        Err(ImageError::TooLarge { .. })
    ));
}
