//! Timestamps of definitions and data.

use jiff::Timestamp;

/// The instant of an ISO 8601 extended offset date-time, as Java's `ISO_OFFSET_DATE_TIME` reads them: `T` between date
/// and time, seconds and up to nine decimals optional, `Z` or an offset at the end.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let (clock, offset) = match time.strip_suffix('Z') {
        Some(clock) => (clock, "Z"),
        None => time.split_at_checked(time.rfind(['+', '-'])?)?,
    };
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, wanted)| match wanted {
                    b'0' => byte.is_ascii_digit(),
                    b'+' => byte == b'+' || byte == b'-',
                    _ => byte == wanted,
                })
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let fraction_fits = !fraction.is_empty()
        && fraction.len() <= 9
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let clock = if shape(clock, "00:00") && fraction == "0" {
        format!("{clock}:00")
    } else {
        clock.to_owned()
    };
    if !shape(date, "0000-00-00") || !shape(&clock, "00:00:00") || !fraction_fits {
        return None;
    }
    if offset != "Z" && !shape(offset, "+00:00") {
        return None;
    }
    if clock.ends_with(":60") {
        return None;
    }
    format!("{date}T{clock}.{fraction}{offset}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_timestamp;

    #[test]
    fn only_extended_offset_date_times_are_timestamps() {
        let valid = [
            "2016-03-14T01:59:00Z",
            "2016-03-14T01:59:00.123456789+01:00",
            "2016-03-14T01:59Z",
        ];
        for text in valid {
            assert!(parse_timestamp(text).is_some(), "{text}");
        }
        let invalid = [
            "",
            "2016-12-05T21:29:29",
            "2016-12-05 21:29:29Z",
            "2016-12-05T25:29:29Z",
            "2016-13-05T21:29:29Z",
            "2016-12-05T21:29:60Z",
            "2016-12-05T21:29:29.Z",
            "2016-12-05",
            "20161205T212929Z",
            "2023-02-24 12:15:56.832957",
        ];
        for text in invalid {
            assert!(parse_timestamp(text).is_none(), "{text}");
        }
        assert_eq!(
            parse_timestamp("2016-03-14T01:59:00Z"),
            parse_timestamp("2016-03-14T02:59:00+01:00")
        );
    }
}
