use bytes::Bytes;

use super::*;

fn text(meaning: Meaning, raw: Raw) -> String {
    convert(meaning, &raw).to_text()
}

fn bytes(bytes: &[u8]) -> Raw {
    Raw::Bytes(Bytes::copy_from_slice(bytes))
}

#[test]
fn decimals_keep_every_digit() {
    let decimal = |scale, precision, raw| text(Meaning::Decimal { scale, precision }, raw);
    assert_eq!(decimal(2, 9, Raw::Int32(-5)), "-0.05");
    assert_eq!(decimal(2, 9, Raw::Int32(1230)), "12.3");
    assert_eq!(decimal(0, 9, Raw::Int64(7)), "7");
    assert_eq!(
        decimal(2, 18, Raw::Int64(-123_456_789_012_345_678)),
        r#""-1234567890123456.78""#
    );
    assert_eq!(decimal(0, 20, bytes(&[0xFF, 0x00])), r#""-256""#);
    assert_eq!(decimal(40, 9, Raw::Int32(1)), "1");
    let lowest = [[0xFF; 4].as_slice(), &[0x80], &[0; 15]].concat();
    assert_eq!(decimal(0, 38, bytes(&lowest)), format!("\"{}\"", i128::MIN));
    let beyond = [[0].as_slice(), &[0xFF; 16]].concat();
    assert_eq!(
        decimal(0, 38, bytes(&beyond)),
        r#""AP////////////////////8=""#
    );
}

#[test]
fn dates_and_times_are_in_iso_8601() {
    assert_eq!(text(Meaning::Date, Raw::Int32(-1)), r#""1969-12-31""#);
    assert_eq!(text(Meaning::Date, Raw::Int32(i32::MAX)), "2147483647");
    assert_eq!(
        text(Meaning::Time(Unit::Milliseconds), Raw::Int32(86_399_001)),
        r#""23:59:59.001""#
    );
    assert_eq!(
        text(Meaning::Time(Unit::Nanoseconds), Raw::Int64(1)),
        r#""00:00:00.000000001""#
    );
    assert_eq!(
        text(Meaning::Time(Unit::Milliseconds), Raw::Int32(86_400_000)),
        "86400000"
    );
    let at = |unit, utc, value| text(Meaning::Timestamp { unit, utc }, Raw::Int64(value));
    assert_eq!(
        at(Unit::Milliseconds, true, 1_709_210_096_789),
        r#""2024-02-29T12:34:56.789Z""#
    );
    assert_eq!(
        at(Unit::Microseconds, false, -1),
        r#""1969-12-31T23:59:59.999999""#
    );
    assert_eq!(at(Unit::Milliseconds, true, i64::MAX), i64::MAX.to_string());
    let mut impala = 3_600_000_000_001_i64.to_le_bytes().to_vec();
    impala.extend(2_440_589_u32.to_le_bytes());
    assert_eq!(
        int96(&bytes(&impala)),
        Some(Json::from("1970-01-02T01:00:00.000000001Z"))
    );
    assert_eq!(int96(&bytes(&[0xFF; 12])), None);
}

#[test]
fn other_meanings_have_their_usual_texts() {
    assert_eq!(
        text(Meaning::Unsigned, Raw::Int32(-1)),
        u32::MAX.to_string()
    );
    assert_eq!(
        text(Meaning::Unsigned, Raw::Int64(-1)),
        u64::MAX.to_string()
    );
    let id: Vec<u8> = (0..16).collect();
    assert_eq!(
        text(Meaning::Uuid, bytes(&id)),
        r#""00010203-0405-0607-0809-0a0b0c0d0e0f""#
    );
    let interval = [14_u32, 3, 5_250].map(u32::to_le_bytes).concat();
    assert_eq!(
        text(Meaning::Interval, bytes(&interval)),
        r#""P14M3DT5.250S""#
    );
    assert_eq!(text(Meaning::Text, bytes(b"\xFFa")), "\"\u{FFFD}a\"");
}

#[test]
fn small_floats_are_exact() {
    let half = |bits: u16| text(Meaning::Float16, bytes(&bits.to_le_bytes()));
    assert_eq!(half(0x3C00), "1.0");
    assert_eq!(half(0xC100), "-2.5");
    assert_eq!(half(0x0001), "5.9604645E-8");
    assert_eq!(half(0x7BFF), "65504.0");
    assert_eq!(half(0xFC00), r#""-Infinity""#);
    assert_eq!(half(0x7E00), r#""NaN""#);
    assert_eq!(text(Meaning::Plain, Raw::Float(0.1)), "0.1");
    assert_eq!(text(Meaning::Plain, Raw::Double(0.1)), "0.1");
    assert_eq!(
        text(Meaning::Plain, Raw::Double(f64::INFINITY)),
        r#""Infinity""#
    );
}

#[test]
fn a_meaning_that_does_not_fit_is_left_aside() {
    assert_eq!(text(Meaning::Date, Raw::Double(1.5)), "1.5");
    assert_eq!(text(Meaning::Uuid, bytes(b"short")), r#""short""#);
    assert_eq!(
        text(
            Meaning::Decimal {
                scale: 1,
                precision: 2
            },
            Raw::Boolean(true)
        ),
        "true"
    );
    assert_eq!(text(Meaning::Plain, bytes(&[0xFF])), r#""/w==""#);
}
