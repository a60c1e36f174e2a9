#![no_main]
//! Pictures from anywhere: decoding and thumbnails neither panic nor take what the limits forbid.

use libfuzzer_sys::fuzz_target;
use vision::{Limits, decode, thumbnail};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        pixels_max: 1 << 20,
        scan_pixels_max: 1 << 24,
        ..Limits::default()
    };
    if let Ok(picture) = decode(bytes, &limits) {
        assert_eq!(picture.rgb().len() as u64, u64::from(picture.width()) * u64::from(picture.height()) * 3);
        if let Ok(thumb) = thumbnail(bytes, 40, 30) {
            assert!(thumb.width <= 40 && thumb.height <= 30);
        }
    }
});
