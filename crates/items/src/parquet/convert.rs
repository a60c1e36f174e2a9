//! A column's values as JSON.

use asl::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Number;

use super::footer::{Meaning, Unit};
use super::values::{Raw, array};

/// How many digits a double holds, whatever they are: a column of decimals with more is one of texts.
const DOUBLE_DIGITS: i64 = 15;

/// How many digits sixteen bytes hold, and all that the format's users write.
const DECIMAL_DIGITS_MAX: i64 = 38;

const JULIAN_DAY_OF_1970: i64 = 2_440_588;

/// What JSON has a type for is of that type. Dates and times are in ISO 8601, decimals numbers where a
/// double holds their digits, bytes that are no text are in base64, and what no number is a text, as Jackson writes it. A
/// value that its meaning does not fit is what its physical type says.
// DIVERGENCE: how AWS writes what JSON has no type for is not known.
pub(super) fn convert(meaning: Meaning, raw: &Raw) -> Json {
    let plain = || convert_plain(raw);
    match (meaning, raw) {
        (Meaning::Decimal { scale, precision }, _) => unscaled(raw)
            .and_then(|unscaled| decimal(unscaled, scale, precision))
            .unwrap_or_else(plain),
        (Meaning::Text, Raw::Bytes(bytes)) => Json::from(&*String::from_utf8_lossy(bytes)),
        (Meaning::Unsigned, Raw::Int32(value)) => Json::from(u64::from(value.cast_unsigned())),
        (Meaning::Unsigned, Raw::Int64(value)) => Json::from(value.cast_unsigned()),
        (Meaning::Date, Raw::Int32(days)) => date(*days).map_or_else(plain, Json::from),
        (Meaning::Time(unit), Raw::Int32(value)) => {
            time(unit, i64::from(*value)).map_or_else(plain, Json::from)
        }
        (Meaning::Time(unit), Raw::Int64(value)) => {
            time(unit, *value).map_or_else(plain, Json::from)
        }
        (Meaning::Timestamp { unit, utc }, Raw::Int64(value)) => {
            timestamp(unit, *value, utc).map_or_else(plain, Json::from)
        }
        (Meaning::Uuid, Raw::Bytes(bytes)) => uuid(bytes).map_or_else(plain, Json::from),
        (Meaning::Float16, Raw::Bytes(bytes)) => float16(bytes).map_or_else(plain, float),
        (Meaning::Interval, Raw::Bytes(bytes)) => interval(bytes).map_or_else(plain, Json::from),
        _ => plain(),
    }
}

fn convert_plain(raw: &Raw) -> Json {
    match raw {
        Raw::Boolean(value) => Json::from(*value),
        Raw::Int32(value) => Json::from(i64::from(*value)),
        Raw::Int64(value) => Json::from(*value),
        Raw::Float(value) => float(*value),
        Raw::Double(value) => double(*value),
        Raw::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Json::from(text),
            Err(_) => Json::from(STANDARD.encode(bytes)),
        },
    }
}

/// The fewest digits that tell it from other floats, not those of the double next to it.
fn float(value: f32) -> Json {
    double(
        value
            .to_string()
            .parse()
            .unwrap_or_else(|_| f64::from(value)),
    )
}

fn double(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => Json::from("NaN"),
        None if value > 0.0 => Json::from("Infinity"),
        None => Json::from("-Infinity"),
    }
}

/// A decimal's digits as an integer; bytes hold it in two's complement, the highest first.
fn unscaled(raw: &Raw) -> Option<i128> {
    match raw {
        Raw::Int32(value) => Some(i128::from(*value)),
        Raw::Int64(value) => Some(i128::from(*value)),
        Raw::Bytes(bytes) => {
            let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
            let sign: i128 = if negative { -1 } else { 0 };
            let fits = bytes.iter().rev().skip(16).all(|byte| *byte == sign as u8);
            let low = bytes.iter().skip(bytes.len().saturating_sub(16));
            let value = low.fold(sign, |value, byte| value << 8 | i128::from(*byte));
            (fits && (value < 0) == negative).then_some(value)
        }
        Raw::Boolean(_) | Raw::Float(_) | Raw::Double(_) => None,
    }
}

fn decimal(unscaled: i128, scale: i64, precision: i64) -> Option<Json> {
    let scale = usize::try_from(scale).ok()?;
    if precision > DECIMAL_DIGITS_MAX || scale > DECIMAL_DIGITS_MAX as usize {
        return None;
    }
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - scale)?;
    if precision > DOUBLE_DIGITS {
        let point = if scale == 0 { "" } else { "." };
        return Some(Json::from(format!("{sign}{whole}{point}{fraction}")));
    }
    if scale == 0 {
        return i64::try_from(unscaled).ok().map(Json::from);
    }
    format!("{sign}{whole}.{fraction}").parse().ok().map(double)
}

fn date(days: i32) -> Option<String> {
    let days = Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1)
        .checked_add(days)
        .ok()
        .map(|date| date.to_string())
}

fn time(unit: Unit, value: i64) -> Option<String> {
    let since = duration(unit, value);
    (value >= 0 && since < SignedDuration::from_hours(24))
        .then(|| Time::midnight().wrapping_add(since).to_string())
}

fn timestamp(unit: Unit, value: i64, utc: bool) -> Option<String> {
    let instant = Timestamp::from_duration(duration(unit, value)).ok()?;
    Some(if utc {
        instant.to_string()
    } else {
        TimeZone::UTC.to_datetime(instant).to_string()
    })
}

fn duration(unit: Unit, value: i64) -> SignedDuration {
    match unit {
        Unit::Milliseconds => SignedDuration::from_millis(value),
        Unit::Microseconds => SignedDuration::from_micros(value),
        Unit::Nanoseconds => SignedDuration::from_nanos(value),
    }
}

/// The timestamp of Impala, Hive and Spark: nanoseconds of a Julian day.
pub(super) fn int96(raw: &Raw) -> Option<Json> {
    let Raw::Bytes(bytes) = raw else { return None };
    let (nanoseconds, day) = bytes.split_at_checked(8)?;
    let nanoseconds = i64::from_le_bytes(array(nanoseconds).ok()?);
    let day = i64::from(u32::from_le_bytes(array(day).ok()?)) - JULIAN_DAY_OF_1970;
    let since = SignedDuration::from_hours(day * 24)
        .checked_add(SignedDuration::from_nanos(nanoseconds))?;
    Timestamp::from_duration(since)
        .ok()
        .map(|instant| Json::from(instant.to_string()))
}

fn uuid(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let mut parts = [8, 4, 4, 4, 12].into_iter();
    let mut rest = hex.as_str();
    let mut text = String::new();
    parts.try_for_each(|length| {
        let (part, left) = rest.split_at_checked(length)?;
        text.push_str(if text.is_empty() { "" } else { "-" });
        text.push_str(part);
        rest = left;
        Some(())
    })?;
    Some(text)
}

/// IEEE 754 binary16; every step is exact.
fn float16(bytes: &[u8]) -> Option<f32> {
    let bits = u16::from_le_bytes(bytes.try_into().ok()?);
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = u32::from(bits >> 10 & 0x1F);
    let fraction = f32::from(bits & 0x3FF) / 1024.0;
    // Two to the power of the exponent, which is 15 too high; a float's is 127 too high.
    let power = |exponent: u32| f32::from_bits((exponent + 127 - 15) << 23);
    Some(match exponent {
        0 => sign * fraction * power(1),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction) * power(exponent),
    })
}

/// Months, days and milliseconds as an ISO 8601 duration.
fn interval(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 12] = bytes.try_into().ok()?;
    let number = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|part| part.try_into().ok())
            .map(u32::from_le_bytes)
    };
    let (months, days, milliseconds) = (number(0)?, number(4)?, number(8)?);
    Some(format!(
        "P{months}M{days}DT{}.{:03}S",
        milliseconds / 1000,
        milliseconds % 1000
    ))
}

#[cfg(test)]
mod tests;
