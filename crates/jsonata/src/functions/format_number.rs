//! `$formatNumber`: XPath's `fn:format-number` as the reference implementation has it, section by section.

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::number::{round, to_text};
use crate::value::Value;

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[("formatNumber", "<n-so?:s>", 3, format_number)];

/// `Number.prototype.toFixed` takes no more decimal places.
const PLACES_MAX: usize = 100;

fn format_number(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(number), Some(picture)) = (arguments.number(0), arguments.text(1)) else {
        return Ok(None);
    };
    // Separators are compared with each other.
    let length = picture.len();
    evaluator.spend(8 + length.saturating_mul(length) / 64 + length)?;
    let symbols = Symbols::new(arguments.get(2));
    let characters: Vec<char> = picture.chars().collect();
    let sub_pictures: Vec<&[char]> = characters
        .split(|character| *character == symbols.pattern_separator)
        .collect();
    if sub_pictures.len() > 2 {
        return Err(Fault::new("D3080"));
    }
    let mut formats = Vec::with_capacity(2);
    for sub_picture in sub_pictures {
        let parts = Parts::of(sub_picture, &symbols);
        if let Some(code) = parts.mistake(&symbols) {
            return Err(Fault::new(code));
        }
        formats.push(parts);
    }
    let mut formats = formats.into_iter().map(|parts| Format::of(parts, &symbols));
    let (Some(first), second) = (formats.next(), formats.next()) else {
        return Ok(None);
    };
    let format = match second {
        _ if number >= 0.0 => first,
        Some(second) => second,
        None => first.negative(&symbols),
    };
    evaluator.string(format.write(number, &symbols)?).map(Some)
}

/// The characters that mean something in a picture.
struct Symbols {
    decimal: char,
    grouping: char,
    exponent: char,
    percent: char,
    per_mille: char,
    zero: char,
    digit: char,
    pattern_separator: char,
    minus: String,
}

impl Symbols {
    fn new(options: Option<&Value>) -> Self {
        let text = |name: &str| {
            options
                .and_then(|options| options.get(name))
                .and_then(Value::as_str)
        };
        let symbol = |name: &str, default| {
            text(name)
                .and_then(|text| text.chars().next())
                .unwrap_or(default)
        };
        Self {
            decimal: symbol("decimal-separator", '.'),
            grouping: symbol("grouping-separator", ','),
            exponent: symbol("exponent-separator", 'e'),
            percent: symbol("percent", '%'),
            per_mille: symbol("per-mille", '‰'),
            zero: symbol("zero-digit", '0'),
            digit: symbol("digit", '#'),
            pattern_separator: symbol("pattern-separator", ';'),
            minus: text("minus-sign").map_or_else(|| "-".to_owned(), ToString::to_string),
        }
    }

    fn is_decimal_digit(&self, character: char) -> bool {
        (u32::from(self.zero)..u32::from(self.zero) + 10).contains(&u32::from(character))
    }

    fn is_digit(&self, character: char) -> bool {
        self.is_decimal_digit(character) || character == self.digit
    }

    fn is_active(&self, character: char) -> bool {
        self.is_digit(character)
            || [
                self.decimal,
                self.exponent,
                self.grouping,
                self.pattern_separator,
            ]
            .contains(&character)
    }

    /// The digits of a text in the family of `zero`.
    fn in_family(&self, text: &str) -> Vec<char> {
        let shifted = |character: char| match character.to_digit(10) {
            Some(digit) => char::from_u32(u32::from(self.zero) + digit).unwrap_or(character),
            None => character,
        };
        text.chars().map(shifted).collect()
    }
}

/// A sub-picture in parts.
struct Parts<'a> {
    picture: &'a [char],
    prefix: &'a [char],
    suffix: &'a [char],
    active: &'a [char],
    mantissa: &'a [char],
    exponent: Option<&'a [char]>,
    integer: &'a [char],
    fraction: &'a [char],
}

fn position(characters: &[char], wanted: char) -> Option<usize> {
    characters.iter().position(|character| *character == wanted)
}

fn count(characters: &[char], fits: impl Fn(char) -> bool) -> usize {
    characters
        .iter()
        .filter(|character| fits(**character))
        .count()
}

fn until(characters: &[char], end: usize) -> &[char] {
    characters
        .get(..end.min(characters.len()))
        .unwrap_or_default()
}

fn from(characters: &[char], start: usize) -> &[char] {
    characters.get(start..).unwrap_or_default()
}

impl<'a> Parts<'a> {
    fn of(picture: &'a [char], symbols: &Symbols) -> Self {
        let begins =
            |character: &char| symbols.is_active(*character) && *character != symbols.exponent;
        let (Some(first), Some(last)) = (
            picture.iter().position(begins),
            picture.iter().rposition(begins),
        ) else {
            // Nothing of it is active; all of it stands where activity should.
            return Self {
                picture,
                prefix: picture,
                suffix: picture,
                active: picture,
                mantissa: picture,
                exponent: None,
                integer: picture,
                fraction: picture,
            };
        };
        let (prefix, suffix) = (until(picture, first), from(picture, last + 1));
        let active = until(from(picture, first), last + 1 - first);
        let exponent_at =
            position(from(picture, first), symbols.exponent).map(|index| index + first);
        // The place in the whole picture is used within the active part, as in the reference implementation.
        let (mantissa, exponent) = match exponent_at.filter(|index| *index <= last + 1) {
            Some(index) => (until(active, index), Some(from(active, index + 1))),
            None => (active, None),
        };
        let (integer, fraction) = match position(mantissa, symbols.decimal) {
            Some(index) => (until(mantissa, index), from(mantissa, index + 1)),
            None => (mantissa, suffix),
        };
        Self {
            picture,
            prefix,
            suffix,
            active,
            mantissa,
            exponent,
            integer,
            fraction,
        }
    }

    /// What is wrong with it (F&O 4.7.3); of several mistakes the last.
    fn mistake(&self, symbols: &Symbols) -> Option<&'static str> {
        let picture = self.picture;
        let has = |wanted: char| picture.contains(&wanted);
        let twice = |wanted: char| count(picture, |character| character == wanted) > 1;
        let is_grouping = |index: Option<usize>| {
            index.and_then(|index| picture.get(index)) == Some(&symbols.grouping)
        };
        let mut mistake = None;
        let mut check = |wrong: bool, code: &'static str| {
            if wrong {
                mistake = Some(code);
            }
        };
        check(twice(symbols.decimal), "D3081");
        check(twice(symbols.percent), "D3082");
        check(twice(symbols.per_mille), "D3083");
        check(has(symbols.percent) && has(symbols.per_mille), "D3084");
        check(
            count(self.mantissa, |character| symbols.is_digit(character)) == 0,
            "D3085",
        );
        check(
            count(self.active, |character| !symbols.is_active(character)) > 0,
            "D3086",
        );
        match position(picture, symbols.decimal) {
            Some(index) => check(
                is_grouping(index.checked_sub(1)) || is_grouping(Some(index + 1)),
                "D3087",
            ),
            None => check(self.integer.last() == Some(&symbols.grouping), "D3088"),
        }
        let adjacent = picture
            .windows(2)
            .any(|pair| pair.iter().all(|character| *character == symbols.grouping));
        check(adjacent, "D3089");
        if let Some(optional) = position(self.integer, symbols.digit) {
            let before = count(until(self.integer, optional), |character| {
                symbols.is_decimal_digit(character)
            });
            check(before > 0, "D3090");
        }
        if let Some(optional) = self
            .fraction
            .iter()
            .rposition(|character| *character == symbols.digit)
        {
            let behind = count(from(self.fraction, optional), |character| {
                symbols.is_decimal_digit(character)
            });
            check(behind > 0, "D3091");
        }
        if let Some(exponent) = self.exponent {
            check(
                !exponent.is_empty() && (has(symbols.percent) || has(symbols.per_mille)),
                "D3092",
            );
            let others = count(exponent, |character| !symbols.is_decimal_digit(character));
            check(exponent.is_empty() || others > 0, "D3093");
        }
        mistake
    }

    /// Where separators stand: how many digits are on the one side of each.
    fn grouping_positions(&self, part: &[char], to_left: bool, symbols: &Symbols) -> Vec<usize> {
        let mut positions = Vec::new();
        let mut next = position(part, symbols.grouping);
        while let Some(index) = next {
            let side = if to_left {
                until(part, index)
            } else {
                from(part, index)
            };
            positions.push(count(side, |character| symbols.is_digit(character)));
            // The next one is looked for in the integer part, whichever part this is.
            next = position(from(self.integer, index + 1), symbols.grouping)
                .map(|found| found + index + 1);
        }
        positions
    }
}

/// A sub-picture's meaning (F&O 4.7.4).
struct Format {
    picture: Vec<char>,
    prefix: String,
    suffix: String,
    integer_groups: Vec<usize>,
    /// The distance of separators that are regular.
    regular_grouping: usize,
    fraction_groups: Vec<usize>,
    integer_min: usize,
    scaling: usize,
    fraction_min: usize,
    fraction_max: usize,
    exponent_min: usize,
}

impl Format {
    fn of(parts: Parts<'_>, symbols: &Symbols) -> Self {
        let integer_groups = parts.grouping_positions(parts.integer, false, symbols);
        let scaling = count(parts.integer, |character| {
            symbols.is_decimal_digit(character)
        });
        let mut integer_min = scaling;
        let mut fraction_min = count(parts.fraction, |character| {
            symbols.is_decimal_digit(character)
        });
        let mut fraction_max = count(parts.fraction, |character| symbols.is_digit(character));
        if integer_min == 0 && fraction_max == 0 {
            if parts.exponent.is_some() {
                (fraction_min, fraction_max) = (1, 1);
            } else {
                integer_min = 1;
            }
        }
        if parts.exponent.is_some() && integer_min == 0 && parts.integer.contains(&symbols.digit) {
            integer_min = 1;
        }
        if integer_min == 0 && fraction_min == 0 {
            fraction_min = 1;
        }
        let exponent = parts.exponent.unwrap_or_default();
        Self {
            picture: parts.picture.to_vec(),
            prefix: parts.prefix.iter().collect(),
            suffix: parts.suffix.iter().collect(),
            regular_grouping: regular(&integer_groups),
            integer_groups,
            fraction_groups: parts.grouping_positions(parts.fraction, true, symbols),
            integer_min,
            scaling,
            fraction_min,
            fraction_max,
            exponent_min: count(exponent, |character| symbols.is_decimal_digit(character)),
        }
    }

    fn negative(mut self, symbols: &Symbols) -> Self {
        self.prefix = format!("{}{}", symbols.minus, self.prefix);
        self
    }

    /// The number in this format (F&O 4.7.5).
    fn write(&self, number: f64, symbols: &Symbols) -> Result<String> {
        let adjusted = if self.picture.contains(&symbols.percent) {
            number * 100.0
        } else if self.picture.contains(&symbols.per_mille) {
            number * 1000.0
        } else {
            number
        };
        let (mantissa, exponent) = if self.exponent_min == 0 || !adjusted.is_finite() {
            (adjusted, None)
        } else {
            self.scaled(adjusted)
        };
        let fixed = to_fixed(round(mantissa, self.fraction_max as f64), self.fraction_max)?;
        let mut digits = self.digits(&fixed, symbols);
        self.group(&mut digits, symbols);
        let point = position(&digits, symbols.decimal).unwrap_or(digits.len());
        if !self.picture.contains(&symbols.decimal) || point + 1 == digits.len() {
            digits.pop();
        }
        let mut text = self.prefix.clone();
        text.extend(digits);
        if let Some(exponent) = exponent {
            let digits = symbols.in_family(&exponent.unsigned_abs().to_string());
            text.push(symbols.exponent);
            if exponent < 0 {
                text.push_str(&symbols.minus);
            }
            text.extend(std::iter::repeat_n(
                symbols.zero,
                self.exponent_min.saturating_sub(digits.len()),
            ));
            text.extend(digits);
        }
        text.push_str(&self.suffix);
        Ok(text)
    }

    /// The number as a mantissa of the wanted size and a power of ten.
    fn scaled(&self, number: f64) -> (f64, Option<i32>) {
        let largest = 10_f64.powi(self.scaling as i32);
        let smallest = largest / 10.0;
        let (mut mantissa, mut exponent) = (number.abs(), 0);
        if mantissa > 0.0 && largest.is_finite() {
            while mantissa < smallest {
                mantissa *= 10.0;
                exponent -= 1;
            }
            while mantissa > largest {
                mantissa /= 10.0;
                exponent += 1;
            }
        }
        (mantissa, Some(exponent))
    }

    /// As many digits as there must be, with a decimal separator in any case.
    fn digits(&self, fixed: &str, symbols: &Symbols) -> Vec<char> {
        let mut digits = symbols.in_family(fixed);
        match position(&digits, '.') {
            Some(point) => {
                if let Some(separator) = digits.get_mut(point) {
                    *separator = symbols.decimal;
                }
            }
            None => digits.push(symbols.decimal),
        }
        let zeros = digits
            .iter()
            .take_while(|digit| **digit == symbols.zero)
            .count();
        digits.drain(..zeros);
        while digits.last() == Some(&symbols.zero) {
            digits.pop();
        }
        let point = position(&digits, symbols.decimal).unwrap_or(digits.len());
        let fraction = digits.len().saturating_sub(point + 1);
        digits.extend(std::iter::repeat_n(
            symbols.zero,
            self.fraction_min.saturating_sub(fraction),
        ));
        let missing = self.integer_min.saturating_sub(point);
        digits.splice(0..0, std::iter::repeat_n(symbols.zero, missing));
        digits
    }

    fn group(&self, digits: &mut Vec<char>, symbols: &Symbols) {
        let point = |digits: &[char]| position(digits, symbols.decimal).unwrap_or(digits.len());
        let insert = |digits: &mut Vec<char>, at: usize| {
            digits.insert(at.min(digits.len()), symbols.grouping);
        };
        let mut end = point(digits);
        if let Some(groups) = end.saturating_sub(1).checked_div(self.regular_grouping) {
            for group in 1..=groups {
                insert(digits, end - group * self.regular_grouping);
            }
        } else {
            for distance in &self.integer_groups {
                // A separator with no digits on its left is left out.
                if let Some(at) = end.checked_sub(*distance).filter(|at| *at > 0) {
                    insert(digits, at);
                    end += 1;
                }
            }
        }
        let start = point(digits) + 1;
        for distance in &self.fraction_groups {
            insert(digits, start + distance);
        }
    }
}

/// The distance of positions that are multiples of one another, all of them there.
fn regular(positions: &[usize]) -> usize {
    fn divisor(left: usize, right: usize) -> usize {
        if right == 0 {
            left
        } else {
            divisor(right, left % right)
        }
    }
    let Some(factor) = positions.iter().copied().reduce(divisor) else {
        return 0;
    };
    let complete = (1..=positions.len()).all(|index| positions.contains(&(index * factor)));
    if complete { factor } else { 0 }
}

/// `Number.prototype.toFixed` of the number without its sign.
fn to_fixed(number: f64, places: usize) -> Result<String> {
    /// From here on JavaScript shows an exponent.
    const EXPONENT_FROM: f64 = 1e21;
    if places > PLACES_MAX {
        return Err(Fault::bare(
            "toFixed() digits argument must be between 0 and 100",
        ));
    }
    let number = number.abs();
    if !number.is_finite() || number >= EXPONENT_FROM {
        return Ok(to_text(number));
    }
    Ok(format!("{number:.places$}"))
}
