//! Pictures of times: `[Y0001]-[M01]`.

use crate::error::{Fault, Result};
use crate::json;
use crate::number::{is_space, parse_integer_prefix};

use super::integer::{Case, IntegerFormat, Primary};

#[derive(Debug)]
pub(super) struct Picture {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Literal(String),
    Marker(Marker),
}

/// A part of a time, and how it is written.
#[derive(Debug)]
pub(super) struct Marker {
    pub(super) component: char,
    /// Written as a name.
    pub(super) names: Option<Case>,
    /// Written as a number.
    pub(super) integer: Option<IntegerFormat>,
    pub(super) width_max: Option<usize>,
    /// How many digits a year, a month or a day of a month has in a text; a year is also written with its last so many.
    pub(super) digits: Option<usize>,
    /// `t`: no time zone is `Z`.
    pub(super) zulu: bool,
}

/// Components that are numbers.
const NUMERIC: &str = "YMDdFWwXxHhmsf";

impl Picture {
    pub(super) fn of(picture: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = picture;
        while let Some((literal, behind)) = rest.split_once('[') {
            push_literal(&mut parts, literal);
            if let Some(behind) = behind.strip_prefix('[') {
                parts.push(Part::Literal("[".to_owned()));
                rest = behind;
                continue;
            }
            let Some((marker, behind)) = behind.split_once(']') else {
                return Err(Fault::new("D3135"));
            };
            let marker = Marker::of(marker)?;
            if marker.integer.is_some() {
                bound_width(&mut parts);
            }
            parts.push(Part::Marker(marker));
            rest = behind;
        }
        push_literal(&mut parts, rest);
        Ok(Self { parts })
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &str) {
    if !literal.is_empty() {
        parts.push(Part::Literal(literal.replace("]]", "]")));
    }
}

/// Two numbers in a row, with nothing between them: the first has as many digits as it must, if those are several.
fn bound_width(parts: &mut [Part]) {
    if let Some(Part::Marker(previous)) = parts.last_mut()
        && let Some(integer) = &mut previous.integer
        && integer.mandatory_digits > 1
    {
        integer.parse_width = Some(integer.mandatory_digits);
    }
}

impl Marker {
    /// What stands between the brackets.
    fn of(text: &str) -> Result<Self> {
        let marker: String = text
            .chars()
            .filter(|character| !is_space(*character))
            .collect();
        let mut characters = marker.chars();
        let component = characters.next().unwrap_or_default();
        let (presentation, width) = match characters.as_str().rsplit_once(',') {
            Some((presentation, width)) => (presentation, Some(width)),
            None => (characters.as_str(), None),
        };
        let (width_min, width_max) = widths(width);
        let (first, second) = presentation_of(component, presentation)?;
        let mut marker = Self {
            component,
            names: names_of(first),
            integer: None,
            width_max,
            digits: None,
            zulu: second == Some('t'),
        };
        if marker.names.is_none() && NUMERIC.contains(component) {
            let pattern = match second {
                Some(second) => format!("{first};{second}"),
                None => first.to_owned(),
            };
            let mut integer = IntegerFormat::of(&pattern)?;
            let decimal = integer.primary == Primary::Decimal;
            if decimal {
                integer.mandatory_digits = integer.mandatory_digits.max(width_min.unwrap_or(0));
            }
            if matches!(component, 'Y' | 'M' | 'D') && (decimal || width_max.is_some()) {
                let digits = integer.mandatory_digits + integer.optional_digits;
                marker.digits = width_max.or((digits >= 2).then_some(digits));
                if let Some(width) = width_max {
                    integer.mandatory_digits = width;
                }
            }
            marker.integer = Some(integer);
        }
        if matches!(component, 'Z' | 'z') {
            marker.integer = Some(IntegerFormat::of(first)?);
        }
        Ok(marker)
    }
}

/// `,2-4` or `,2` or `,*-4`, behind the comma.
fn widths(width: Option<&str>) -> (Option<usize>, Option<usize>) {
    let number = |text: &str| {
        parse_integer_prefix(text)
            .filter(|width| *width >= 0.0)
            .map(|width| width as usize)
    };
    match width {
        None => (None, None),
        Some(width) => match width.split_once('-') {
            Some((min, max)) => (number(min), number(max)),
            None => (number(width), None),
        },
    }
}

/// How it is written, and the modifier that stands behind.
fn presentation_of(component: char, text: &str) -> Result<(&str, Option<char>)> {
    if text.is_empty() {
        return Ok((default_presentation(component)?, None));
    }
    if text.chars().count() > 1
        && let Some(modifier) = text.chars().next_back()
        && matches!(modifier, 'a' | 't' | 'c' | 'o')
    {
        let end = text.len() - modifier.len_utf8();
        return Ok((text.get(..end).unwrap_or_default(), Some(modifier)));
    }
    Ok((text, None))
}

fn default_presentation(component: char) -> Result<&'static str> {
    Ok(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        other => {
            let shown = if other == '\0' {
                String::new()
            } else {
                other.to_string()
            };
            return Err(Fault::new("D3132").value(json::quoted(&shown)));
        }
    })
}

fn names_of(presentation: &str) -> Option<Case> {
    let mut characters = presentation.chars();
    match (characters.next(), characters.next()) {
        (Some('n'), _) => Some(Case::Lower),
        (Some('N'), Some('n')) => Some(Case::Title),
        (Some('N'), _) => Some(Case::Upper),
        _ => None,
    }
}
