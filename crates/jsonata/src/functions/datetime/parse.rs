//! Times: text to numbers.

use std::sync::LazyLock;

use crate::bounds::Meter;
use crate::error::{Fault, Result};
use crate::json;
use crate::number::parse_integer_prefix;
use crate::regex::{Flags, Regex};

use super::calendar::{Time, utc};
use super::format::{DAYS, MONTHS, fragment};
use super::integer::{Case, Grouping, IntegerFormat, Primary, known_words};
use super::picture::{Marker, Part, Picture};

/// What the reference implementation takes for ISO 8601.
static ISO_8601: LazyLock<std::result::Result<Regex, String>> = LazyLock::new(|| {
    let pattern =
        r"^\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?$";
    Regex::new(pattern, Flags::default())
});

/// None for what is no timestamp; not a number for one that there is not.
pub(super) fn iso_8601(text: &str, meter: &mut Meter) -> Result<Option<f64>> {
    let regex = ISO_8601
        .as_ref()
        .map_err(|reason| Fault::bare(reason.clone()))?;
    if regex.find(text, 0, meter)?.is_none() {
        return Ok(None);
    }
    Ok(Some(date_parse(text).unwrap_or(f64::NAN)))
}

/// The calendar repeats itself.
const FOUR_HUNDRED_YEARS: f64 = 146_097.0 * 86_400_000.0;

/// `Date.parse` of a text of that form. A time without a zone is taken for UTC.
fn date_parse(text: &str) -> Option<f64> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year: f64 = fields.next()?.parse().ok()?;
    let mut field = || fields.next().map_or(Some(1.0), |field| field.parse().ok());
    let (month, day): (f64, f64) = (field()?, field()?);
    if fields.next().is_some() || !(1.0..=12.0).contains(&month) || !(1.0..=31.0).contains(&day) {
        return None;
    }
    let (clock, offset) = match time {
        None => ([0.0; 4], 0.0),
        Some(time) => {
            let end = time.find(['+', '-', 'Z']).unwrap_or(time.len());
            let (clock, zone) = time.split_at(end);
            (clock_parse(clock)?, zone_parse(zone)?)
        }
    };
    let [hour, minute, second, milli] = clock;
    let midnight = hour == 24.0 && minute == 0.0 && second == 0.0 && milli == 0.0;
    if hour > 23.0 && !midnight {
        return None;
    }
    // Years are as they stand here.
    let shifted = utc(year + 400.0, month - 1.0, day, hour, minute, second, milli);
    Some(shifted - FOUR_HUNDRED_YEARS - offset * 60_000.0)
}

/// `10:20:30.4567`
fn clock_parse(clock: &str) -> Option<[f64; 4]> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut fields = clock.split(':').map(str::parse::<f64>);
    let mut field = || fields.next()?.ok();
    let (hour, minute, second) = (field()?, field()?, field()?);
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some([hour, minute, second, millis.parse().ok()?])
}

/// In minutes.
fn zone_parse(zone: &str) -> Option<f64> {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Some(0.0);
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let offset = hours.parse::<f64>().ok()? * 60.0 + minutes.parse::<f64>().ok()?;
    Some(if zone.starts_with('-') {
        -offset
    } else {
        offset
    })
}

/// What it costs to make a pattern and to compile it.
const STEPS_A_CHARACTER: usize = 2;

/// What a picture says of a text: none, if it does not fit.
pub(super) fn with_picture(
    text: &str,
    picture: &Picture,
    now: f64,
    meter: &mut Meter,
) -> Result<Option<f64>> {
    let mut pattern = "^".to_owned();
    for part in &picture.parts {
        let before = pattern.len();
        pattern.push('(');
        match part {
            Part::Literal(literal) => push_escaped(&mut pattern, literal),
            Part::Marker(marker) => pattern.push_str(&pattern_of(marker)?),
        }
        pattern.push(')');
        meter.spend((pattern.len() - before).saturating_mul(STEPS_A_CHARACTER))?;
    }
    pattern.push('$');
    let flags = Flags {
        ignore_case: true,
        ..Flags::default()
    };
    let regex = Regex::new(&pattern, flags).map_err(Fault::bare)?;
    let Some(captures) = regex.find(text, 0, meter)? else {
        return Ok(None);
    };
    let mut components = Components::default();
    // Groups of our own would come between; there are none, as patterns of markers do not capture.
    for (part, group) in picture.parts.iter().zip(captures.groups()) {
        if let (Part::Marker(marker), Some((start, end))) = (part, group) {
            let value = value_of(marker, text.get(*start..*end).unwrap_or_default())?;
            components.set(marker.component, value);
        }
    }
    components.millis(now)
}

fn push_escaped(pattern: &mut String, literal: &str) {
    for character in literal.chars() {
        if r".*+?^${}()|[]\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
}

fn pattern_of(marker: &Marker) -> Result<String> {
    let Some(integer) = &marker.integer else {
        // A name, if it can have one.
        names_of(marker)?;
        return Ok("[a-zA-Z]+".to_owned());
    };
    if matches!(marker.component, 'Z' | 'z') {
        let mut pattern = if marker.component == 'z' { "GMT" } else { "" }.to_owned();
        pattern.push_str("[-+][0-9]+");
        if let Grouping::Regular(_, separator) = integer.grouping {
            push_escaped(&mut pattern, &separator.to_string());
            pattern.push_str("[0-9]+");
        }
        return Ok(pattern);
    }
    let upper = integer.case == Case::Upper;
    Ok(match &integer.primary {
        Primary::Letters => if upper { "[A-Z]+" } else { "[a-z]+" }.to_owned(),
        Primary::Roman => if upper { "[MDCLXVI]+" } else { "[mdclxvi]+" }.to_owned(),
        Primary::Words => format!("(?:{}|and|[\\-, ])+", known_words().join("|")),
        Primary::Decimal => {
            let optional = integer.optional_digits;
            let count = match (marker.digits, integer.parse_width) {
                (Some(digits @ 1..), _) => {
                    format!("{{{},{digits}}}", digits.saturating_sub(optional))
                }
                (_, Some(width)) => format!("{{{width}}}"),
                _ => "+".to_owned(),
            };
            let suffix = if integer.ordinal {
                "(?:th|st|nd|rd)"
            } else {
                ""
            };
            format!("[0-9]{count}{suffix}")
        }
        Primary::Sequence(token) => return Err(Fault::new("D3130").value(json::quoted(token))),
    })
}

/// Names, and the number of the first.
fn names_of(marker: &Marker) -> Result<(&'static [&'static str], f64)> {
    match marker.component {
        'M' | 'x' => Ok((&MONTHS, 1.0)),
        'F' => Ok((&DAYS, 1.0)),
        'P' => Ok((&["am", "pm"], 0.0)),
        other => Err(Fault::new("D3133").value(json::quoted(&other.to_string()))),
    }
}

/// What a text stands for; nothing, if it is a name that there is not.
fn value_of(marker: &Marker, text: &str) -> Result<Option<f64>> {
    match &marker.integer {
        Some(integer) if matches!(marker.component, 'Z' | 'z') => {
            Ok(Some(zone_of(marker, integer, text)))
        }
        Some(_) if marker.component == 'f' => Ok(Some(milliseconds(text))),
        Some(integer) => integer.read(text).map(Some),
        None => {
            let (names, first) = names_of(marker)?;
            let shortened = |name: &str| -> String {
                match marker.width_max {
                    Some(width) if marker.component != 'P' => name.chars().take(width).collect(),
                    _ => name.to_owned(),
                }
            };
            let is_half = marker.component == 'P';
            let place = names.iter().position(|name| {
                let name = shortened(name);
                // Half days are in small or in capital letters, other names as they are.
                name == text || is_half && name.to_uppercase() == text
            });
            Ok(place.map(|index| index as f64 + first))
        }
    }
}

/// Digits behind a decimal point.
fn milliseconds(digits: &str) -> f64 {
    let millis: String = digits.chars().take(3).collect();
    parse_integer_prefix(&millis).unwrap_or(f64::NAN)
}

/// In minutes.
fn zone_of(marker: &Marker, integer: &IntegerFormat, text: &str) -> f64 {
    let text = if marker.component == 'z' {
        text.get(3..).unwrap_or_default()
    } else {
        text
    };
    let number = |text: &str| parse_integer_prefix(text).unwrap_or(f64::NAN);
    let (hours, minutes) = match integer.grouping {
        Grouping::Regular(_, separator) => match text.split_once(separator) {
            Some((hours, minutes)) => (number(hours), number(minutes)),
            None => (number(text), 0.0),
        },
        // The sign, and two digits.
        Grouping::Irregular(_) => match text.split_at_checked(3) {
            Some((hours, minutes)) if !minutes.is_empty() => (number(hours), number(minutes)),
            _ => (number(text), 0.0),
        },
    };
    hours * 60.0 + minutes
}

/// All components of dates and of times of day.
const DATE: &str = "YXMxWwdD";
const TIME: &str = "PHhmsf";

/// What a text said, by component.
#[derive(Default)]
struct Components(Vec<(char, f64)>);

impl Components {
    fn get(&self, component: char) -> Option<f64> {
        self.0
            .iter()
            .find(|(known, _)| *known == component)
            .map(|(_, value)| *value)
    }

    fn set(&mut self, component: char, value: Option<f64>) {
        self.0.retain(|(known, _)| *known != component);
        self.0.extend(value.map(|value| (component, value)));
    }

    /// Whether some of the one and none of the other are there. Zero counts as not there.
    fn has_only(&self, wanted: &str, among: &str) -> bool {
        let there = |component: char| {
            self.get(component)
                .is_some_and(|value| value != 0.0 && !value.is_nan())
        };
        let mut known = among
            .chars()
            .filter(|component| there(*component))
            .peekable();
        known.peek().is_some() && known.all(|component| wanted.contains(component))
    }

    /// Milliseconds since 1970. What is larger than all that the text said is as it is now, what is smaller is zero.
    fn millis(mut self, now: f64) -> Result<Option<f64>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let by_day_of_year = !self.has_only("YMD", DATE) && self.has_only("Yd", DATE);
        let by_month_week = self.has_only("XxwF", DATE);
        let by_week = !by_month_week && self.has_only("XWF", DATE);
        let by_half_day = !self.has_only("Hmsf", TIME) && self.has_only("Phmsf", TIME);
        let date = if by_day_of_year {
            // Sic: a day of a year without a year leaves the time of day as it is now.
            "YD"
        } else if by_month_week {
            "XxwF"
        } else if by_week {
            "XWF"
        } else {
            "YMD"
        };
        let time = if by_half_day { "Phmsf" } else { "Hmsf" };
        let now = Time::of(now);
        let (mut begun, mut ended) = (false, false);
        for component in date.chars().chain(time.chars()) {
            match self.get(component) {
                Some(_) if ended => return Err(Fault::new("D3136")),
                Some(_) => begun = true,
                None if begun => {
                    ended = true;
                    let least = if matches!(component, 'M' | 'D' | 'd') {
                        1.0
                    } else {
                        0.0
                    };
                    self.set(component, Some(least));
                }
                None => {
                    let present = now.as_ref().and_then(|now| fragment(now, component));
                    self.set(component, Some(present.unwrap_or(0.0)));
                }
            }
        }
        // As in the reference implementation, weeks are not understood.
        if by_month_week || by_week {
            return Err(Fault::new("D3136"));
        }
        let value = |component| self.get(component).unwrap_or(0.0);
        let month = (value('M') - 1.0).max(0.0);
        let (month, day) = if by_day_of_year {
            (0.0, value('d'))
        } else {
            (month, value('D'))
        };
        let hour = if by_half_day {
            let hour = if value('h') == 12.0 { 0.0 } else { value('h') };
            if value('P') == 1.0 { hour + 12.0 } else { hour }
        } else {
            value('H')
        };
        let millis = utc(
            value('Y'),
            month,
            day,
            hour,
            value('m'),
            value('s'),
            value('f'),
        );
        let zone = self.get('Z').filter(|zone| *zone != 0.0).or(self.get('z'));
        Ok(Some(millis - zone.unwrap_or(0.0) * 60_000.0))
    }
}
