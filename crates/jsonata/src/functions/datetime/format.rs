//! Times: numbers to text.

use crate::error::{Fault, Result};
use crate::json;
use crate::number::parse_integer_prefix;

use super::calendar::{DAY_MILLIS, Time, first_of, first_week_of};
use super::integer::{Case, Grouping, IntegerFormat, Spend};
use super::picture::{Marker, Part, Picture};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Weeks begin on Monday.
pub(super) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `zone` is `+hhmm`, read as a number.
pub(super) fn format(
    millis: f64,
    picture: &Picture,
    zone: Option<&str>,
    spend: Spend<'_>,
) -> Result<String> {
    let offset = zone.and_then(parse_integer_prefix).unwrap_or(0.0);
    let zone = Zone {
        hours: (offset / 100.0).floor(),
        minutes: offset % 100.0,
    };
    let local = millis + (60.0 * zone.hours + zone.minutes) * 60_000.0;
    let time = Time::of(local).ok_or_else(|| Fault::bare("Timestamp out of range"))?;
    let mut text = String::new();
    for part in &picture.parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Marker(marker) => text.push_str(&component(&time, marker, &zone, spend)?),
        }
    }
    Ok(text)
}

struct Zone {
    hours: f64,
    minutes: f64,
}

fn component(time: &Time, marker: &Marker, zone: &Zone, spend: Spend<'_>) -> Result<String> {
    match marker.component {
        'P' => Ok(match (time.hour >= 12, marker.names) {
            (true, Some(Case::Upper)) => "PM",
            (false, Some(Case::Upper)) => "AM",
            (true, _) => "pm",
            (false, _) => "am",
        }
        .to_owned()),
        'C' | 'E' => Ok("ISO".to_owned()),
        'Z' | 'z' => offset(marker, zone, spend),
        _ => number_or_name(time, marker, spend),
    }
}

fn number_or_name(time: &Time, marker: &Marker, spend: Spend<'_>) -> Result<String> {
    let Some(value) = fragment(time, marker.component) else {
        // An unknown component has no value.
        return Ok("undefined".to_owned());
    };
    if let Some(case) = marker.names {
        return name(value, marker, case);
    }
    let value = match marker.digits {
        Some(digits) if marker.component == 'Y' => {
            value % 10_f64.powi(i32::try_from(digits).unwrap_or(i32::MAX))
        }
        _ => value,
    };
    match &marker.integer {
        Some(integer) => integer.write(value, spend),
        None => Ok(crate::number::to_text(value)),
    }
}

fn name(value: f64, marker: &Marker, case: Case) -> Result<String> {
    let names: &[&str] = match marker.component {
        'M' | 'x' => &MONTHS,
        'F' => &DAYS,
        other => return Err(Fault::new("D3133").value(json::quoted(&other.to_string()))),
    };
    let name = names.get(value as usize - 1).copied().unwrap_or_default();
    let name = match case {
        Case::Upper => name.to_uppercase(),
        Case::Lower => name.to_lowercase(),
        Case::Title => name.to_owned(),
    };
    Ok(match marker.width_max {
        Some(width) => name.chars().take(width).collect(),
        None => name,
    })
}

fn offset(marker: &Marker, zone: &Zone, spend: Spend<'_>) -> Result<String> {
    let Some(integer) = &marker.integer else {
        return Ok(String::new());
    };
    let offset = zone.hours * 100.0 + zone.minutes;
    let mut text = match (&integer.grouping, integer.mandatory_digits) {
        (Grouping::Regular(..), _) | (_, 3 | 4) => integer.write(offset, spend)?,
        (_, 1 | 2) => {
            let hours = integer.write(zone.hours, spend)?;
            if zone.minutes == 0.0 {
                hours
            } else {
                let minutes = IntegerFormat::of("00")?.write(zone.minutes.floor(), spend)?;
                format!("{hours}:{minutes}")
            }
        }
        (_, digits) => return Err(Fault::new("D3134").value(digits.to_string())),
    };
    if offset >= 0.0 {
        text.insert(0, '+');
    }
    if marker.component == 'z' {
        text.insert_str(0, "GMT");
    }
    if offset == 0.0 && marker.zulu {
        "Z".clone_into(&mut text);
    }
    Ok(text)
}

/// The value of a component that has a number.
pub(super) fn fragment(time: &Time, component: char) -> Option<f64> {
    Some(match component {
        'Y' => time.year as f64,
        'M' => time.month as f64,
        'D' => time.day as f64,
        'd' => (time.midnight() - first_of(time.year, 1)) / DAY_MILLIS + 1.0,
        'F' => time.weekday() as f64,
        'W' => week(
            time,
            (time.year, 1),
            (time.year + 1, 1),
            (time.year - 1, 1),
            52.0,
        ),
        'w' => week(
            time,
            (time.year, time.month),
            (time.year, time.month + 1),
            (time.year, time.month - 1),
            4.0,
        ),
        'X' => {
            if time.millis < first_week_of(time.year, 1) {
                (time.year - 1) as f64
            } else if time.millis >= first_week_of(time.year + 1, 1) {
                (time.year + 1) as f64
            } else {
                time.year as f64
            }
        }
        'x' => {
            let month = if time.millis < first_week_of(time.year, time.month) {
                time.month - 1
            } else if time.millis >= first_week_of(time.year, time.month + 1) {
                time.month + 1
            } else {
                time.month
            };
            ((month - 1).rem_euclid(12) + 1) as f64
        }
        'H' => time.hour as f64,
        'h' => match time.hour % 12 {
            0 => 12.0,
            hour => hour as f64,
        },
        'm' => time.minute as f64,
        's' => time.second as f64,
        'f' => time.millisecond as f64,
        _ => return None,
    })
}

/// The number of a week in a year or month; the last days may belong to the next one, the first to the one before.
fn week(time: &Time, this: (i64, i64), next: (i64, i64), previous: (i64, i64), last: f64) -> f64 {
    let today = time.midnight();
    let since =
        |(year, month): (i64, i64)| (today - first_week_of(year, month)) / (DAY_MILLIS * 7.0) + 1.0;
    let week = since(this);
    let week = if week > last && today >= first_week_of(next.0, next.1) {
        1.0
    } else if week < 1.0 {
        since(previous)
    } else {
        week
    };
    week.floor()
}
