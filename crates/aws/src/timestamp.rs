//! Timestamps between their three spellings; inside they are epoch seconds as a JSON number.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use crate::model::TimestampFormat;

/// Epoch seconds of any of the three spellings.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds.into());
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return serde_json::Number::from_f64(seconds).map(Value::Number);
    }
    let at = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| DateTimeParser::new().parse_timestamp(text).ok())
        // Without an offset UTC is meant: `2026-11-22T17:00:00`, `2026-11-22`.
        .or_else(|| {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })?;
    if at.subsec_nanosecond() == 0 {
        return Some(at.as_second().into());
    }
    serde_json::Number::from_f64(at.as_millisecond() as f64 / 1000.0).map(Value::Number)
}

/// Writes epoch seconds; text stays as it is.
pub(crate) fn format(value: &Value, format: TimestampFormat) -> Option<String> {
    let at = match value {
        Value::String(text) => return Some(text.clone()),
        Value::Number(number) => {
            if format == TimestampFormat::Unix {
                return Some(number.to_string());
            }
            Timestamp::from_millisecond((number.as_f64()? * 1000.0).round() as i64).ok()?
        }
        _ => return None,
    };
    Some(match format {
        TimestampFormat::Unix => at.as_second().to_string(),
        TimestampFormat::Iso8601 if at.subsec_millisecond() == 0 => {
            at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
        TimestampFormat::Iso8601 => at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        TimestampFormat::Rfc822 => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_spellings_mean_one_instant() {
        for text in [
            "1795366800",
            "2026-11-22T17:00:00Z",
            "2026-11-22T18:00:00+01:00",
            "2026-11-22T17:00:00",
            "Sun, 22 Nov 2026 17:00:00 GMT",
        ] {
            assert_eq!(parse(text), Some(Value::from(1_795_366_800)), "{text}");
        }
        let at = Value::from(1_795_366_800.25);
        let written = |to| format(&at, to).expect("a number is a timestamp");
        assert_eq!(
            written(TimestampFormat::Iso8601),
            "2026-11-22T17:00:00.250Z"
        );
        assert_eq!(
            written(TimestampFormat::Rfc822),
            "Sun, 22 Nov 2026 17:00:00 GMT"
        );
        assert_eq!(written(TimestampFormat::Unix), "1795366800.25");
        assert_eq!(parse("yesterday"), None);
    }
}
