//! Integers by picture.

use crate::error::{Fault, Result};
use crate::json;
use crate::number::{parse_integer_prefix, to_text};

/// How an integer is written.
#[derive(Clone, Debug)]
pub(super) struct IntegerFormat {
    pub(super) primary: Primary,
    pub(super) case: Case,
    pub(super) ordinal: bool,
    /// The zero of the digits' family.
    zero: u32,
    pub(super) mandatory_digits: usize,
    pub(super) optional_digits: usize,
    pub(super) grouping: Grouping,
    /// How many digits a timestamp has here, where no other character ends them.
    pub(super) parse_width: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Primary {
    Decimal,
    Letters,
    Roman,
    Words,
    /// Some other sequence, which begins with this.
    Sequence(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
    Title,
}

#[derive(Clone, Debug)]
pub(super) enum Grouping {
    /// One separator at one distance.
    Regular(usize, char),
    /// Each with how many digits stand on its right, the rightmost first.
    Irregular(Vec<(usize, char)>),
}

/// The zeros of the families of decimal digits.
const ZEROS: [u32; 37] = [
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
];
const ASCII_ZERO: u32 = 0x30;

/// What may run long tells how long.
pub(super) type Spend<'a> = &'a mut dyn FnMut(usize) -> Result<()>;

impl IntegerFormat {
    pub(super) fn of(picture: &str) -> Result<Self> {
        let (primary, ordinal) = match picture.rsplit_once(';') {
            Some((primary, modifier)) => (primary, modifier.starts_with('o')),
            None => (picture, false),
        };
        let named = |kind, case| Self {
            primary: kind,
            case,
            ordinal,
            zero: ASCII_ZERO,
            mandatory_digits: 0,
            optional_digits: 0,
            grouping: Grouping::Irregular(Vec::new()),
            parse_width: None,
        };
        match primary {
            "A" => Ok(named(Primary::Letters, Case::Upper)),
            "a" => Ok(named(Primary::Letters, Case::Lower)),
            "I" => Ok(named(Primary::Roman, Case::Upper)),
            "i" => Ok(named(Primary::Roman, Case::Lower)),
            "W" => Ok(named(Primary::Words, Case::Upper)),
            "Ww" => Ok(named(Primary::Words, Case::Title)),
            "w" => Ok(named(Primary::Words, Case::Lower)),
            digits => Self::of_digits(digits, ordinal),
        }
    }

    fn of_digits(picture: &str, ordinal: bool) -> Result<Self> {
        let mut zero = None;
        let (mut mandatory, mut optional, mut behind) = (0, 0, 0);
        let mut separators = Vec::new();
        for character in picture.chars().rev() {
            let point = u32::from(character);
            let family = ZEROS
                .into_iter()
                .find(|zero| (*zero..zero + 10).contains(&point));
            match family {
                Some(family) if zero.is_some_and(|zero| zero != family) => {
                    return Err(Fault::new("D3131"));
                }
                Some(family) => {
                    zero = Some(family);
                    mandatory += 1;
                    behind += 1;
                }
                None if character == '#' => {
                    optional += 1;
                    behind += 1;
                }
                None => separators.push((behind, character)),
            }
        }
        let primary = if mandatory > 0 {
            Primary::Decimal
        } else {
            Primary::Sequence(picture.to_owned())
        };
        Ok(Self {
            primary,
            case: Case::Lower,
            ordinal,
            zero: zero.unwrap_or(ASCII_ZERO),
            mandatory_digits: mandatory,
            optional_digits: optional,
            grouping: grouping(separators),
            parse_width: None,
        })
    }

    /// The number, which is whole, in this format.
    pub(super) fn write(&self, number: f64, spend: Spend<'_>) -> Result<String> {
        let size = number.abs();
        let mut text = match &self.primary {
            Primary::Letters => letters(size, self.case),
            Primary::Roman => cased(roman(size, spend)?, self.case),
            Primary::Words => cased(words(size, self.ordinal), self.case),
            Primary::Decimal => self.decimal(size, spend)?,
            Primary::Sequence(token) => return Err(Fault::new("D3130").value(json::quoted(token))),
        };
        if number < 0.0 {
            text.insert(0, '-');
        }
        Ok(text)
    }

    fn decimal(&self, number: f64, spend: Spend<'_>) -> Result<String> {
        let text = to_text(number);
        let missing = self.mandatory_digits.saturating_sub(text.len());
        spend(missing)?;
        let shifted = |character: char| {
            let point = u32::from(character) + self.zero - ASCII_ZERO;
            char::from_u32(point).unwrap_or(character)
        };
        let zeros = std::iter::repeat_n('0', missing);
        let mut digits: Vec<char> = zeros.chain(text.chars()).map(shifted).collect();
        match &self.grouping {
            Grouping::Regular(distance, separator) => {
                let groups = digits.len().saturating_sub(1) / distance;
                spend(groups.saturating_mul(digits.len()) / 64)?;
                for group in (1..=groups).rev() {
                    digits.insert(digits.len() - group * distance, *separator);
                }
            }
            Grouping::Irregular(separators) => {
                spend(separators.len().saturating_mul(digits.len()) / 64)?;
                for (distance, separator) in separators.iter().rev() {
                    let at = digits.len().saturating_sub(*distance);
                    digits.insert(at, *separator);
                }
            }
        }
        let mut text: String = digits.iter().collect();
        if self.ordinal {
            text.push_str(suffix(&digits));
        }
        Ok(text)
    }

    /// The number that a text stands for; not a number, for what it cannot.
    pub(super) fn read(&self, text: &str) -> Result<f64> {
        match &self.primary {
            Primary::Letters => Ok(from_letters(text, self.case)),
            Primary::Roman => Ok(from_roman(&text.to_uppercase())),
            Primary::Words => Ok(from_words(&text.to_lowercase())),
            Primary::Decimal => Ok(self.read_decimal(text)),
            Primary::Sequence(token) => Err(Fault::new("D3130").value(json::quoted(token))),
        }
    }

    fn read_decimal(&self, text: &str) -> f64 {
        let digits = if self.ordinal {
            // Without its suffix.
            let end = text.char_indices().rev().nth(1).map_or(0, |(end, _)| end);
            text.get(..end).unwrap_or_default()
        } else {
            text
        };
        let is_separator = |character: char| match &self.grouping {
            // Whatever the separator is, commas are taken out.
            Grouping::Regular(..) => character == ',',
            Grouping::Irregular(separators) => separators
                .iter()
                .any(|(_, separator)| *separator == character),
        };
        let shifted = |character: char| {
            let point = (u32::from(character) + ASCII_ZERO).checked_sub(self.zero);
            point.and_then(char::from_u32).unwrap_or(character)
        };
        let digits: String = digits
            .chars()
            .filter(|character| !is_separator(*character))
            .map(shifted)
            .collect();
        parse_integer_prefix(&digits).unwrap_or(f64::NAN)
    }
}

/// Regular, if it is one separator at multiples of one distance, all of them there.
fn grouping(separators: Vec<(usize, char)>) -> Grouping {
    fn divisor(left: usize, right: usize) -> usize {
        if right == 0 {
            left
        } else {
            divisor(right, left % right)
        }
    }
    let Some((_, separator)) = separators.first().copied() else {
        return Grouping::Irregular(separators);
    };
    let factor = separators
        .iter()
        .map(|(distance, _)| *distance)
        .reduce(divisor)
        .unwrap_or(0);
    let last = separators
        .iter()
        .map(|(distance, _)| *distance)
        .max()
        .unwrap_or(0);
    let mut distances: Vec<usize> = separators.iter().map(|(distance, _)| *distance).collect();
    distances.sort_unstable();
    distances.dedup();
    let is_regular = factor > 0
        && separators.iter().all(|(_, other)| *other == separator)
        // With each multiple there once, as many as the largest says are all.
        && distances.len() >= separators.len()
        && last == factor * separators.len();
    if is_regular {
        Grouping::Regular(factor, separator)
    } else {
        Grouping::Irregular(separators)
    }
}

fn suffix(digits: &[char]) -> &'static str {
    match digits {
        [.., '1', _] => "th",
        [.., '1'] => "st",
        [.., '2'] => "nd",
        [.., '3'] => "rd",
        _ => "th",
    }
}

fn cased(text: String, case: Case) -> String {
    match case {
        Case::Upper => text.to_uppercase(),
        Case::Lower => text.to_lowercase(),
        Case::Title => text,
    }
}

/// As columns of a spreadsheet are called.
fn letters(number: f64, case: Case) -> String {
    let first = if case == Case::Upper { b'A' } else { b'a' };
    let mut letters = Vec::new();
    let mut rest = number;
    while rest > 0.0 && rest.is_finite() {
        letters.push(char::from(first + ((rest - 1.0) % 26.0) as u8));
        rest = ((rest - 1.0) / 26.0).floor();
    }
    letters.iter().rev().collect()
}

fn from_letters(text: &str, case: Case) -> f64 {
    let first = if case == Case::Upper { 'A' } else { 'a' };
    text.chars().fold(0.0, |number, letter| {
        let value = f64::from(u32::from(letter)) - f64::from(u32::from(first)) + 1.0;
        number * 26.0 + value
    })
}

const ROMAN: [(f64, &str); 13] = [
    (1000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

fn roman(number: f64, spend: Spend<'_>) -> Result<String> {
    let mut roman = String::new();
    let mut rest = number;
    for (value, numeral) in ROMAN {
        while rest >= value {
            spend(1)?;
            roman.push_str(numeral);
            rest -= value;
        }
    }
    Ok(roman)
}

fn from_roman(roman: &str) -> f64 {
    let (mut number, mut max) = (0.0, 1.0);
    for digit in roman.chars().rev() {
        let value = match digit {
            'M' => 1000.0,
            'D' => 500.0,
            'C' => 100.0,
            'L' => 50.0,
            'X' => 10.0,
            'V' => 5.0,
            'I' => 1.0,
            _ => f64::NAN,
        };
        if value < max {
            number -= value;
        } else {
            max = value;
            number += value;
        }
    }
    number
}

const FEW: [(&str, &str); 20] = [
    ("Zero", "Zeroth"),
    ("One", "First"),
    ("Two", "Second"),
    ("Three", "Third"),
    ("Four", "Fourth"),
    ("Five", "Fifth"),
    ("Six", "Sixth"),
    ("Seven", "Seventh"),
    ("Eight", "Eighth"),
    ("Nine", "Ninth"),
    ("Ten", "Tenth"),
    ("Eleven", "Eleventh"),
    ("Twelve", "Twelfth"),
    ("Thirteen", "Thirteenth"),
    ("Fourteen", "Fourteenth"),
    ("Fifteen", "Fifteenth"),
    ("Sixteen", "Sixteenth"),
    ("Seventeen", "Seventeenth"),
    ("Eighteen", "Eighteenth"),
    ("Nineteen", "Nineteenth"),
];
/// From twenty on; their ordinals end in `ieth`.
const DECADES: [&str; 8] = [
    "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
];
/// Powers of a thousand.
const MAGNITUDES: [&str; 4] = ["Thousand", "Million", "Billion", "Trillion"];

fn words(number: f64, ordinal: bool) -> String {
    if !number.is_finite() {
        return to_text(number);
    }
    let mut text = String::new();
    write_words(number, false, ordinal, &mut text);
    text
}

/// `follows`: behind words for larger parts. Recursion goes over parts of the number, of which a double has few.
fn write_words(number: f64, follows: bool, ordinal: bool, text: &mut String) {
    let few = |index: f64, ordinal: bool| {
        let (cardinal, ordinal_word) = FEW.get(index as usize).copied().unwrap_or_default();
        if ordinal { ordinal_word } else { cardinal }
    };
    if number <= 19.0 {
        text.push_str(if follows { " and " } else { "" });
        text.push_str(few(number, ordinal));
    } else if number < 100.0 {
        let decade = DECADES
            .get((number / 10.0) as usize - 2)
            .copied()
            .unwrap_or_default();
        let rest = number % 10.0;
        text.push_str(if follows { " and " } else { "" });
        if rest > 0.0 {
            text.push_str(decade);
            text.push('-');
            write_words(rest, false, ordinal, text);
        } else if ordinal {
            text.push_str(decade.strip_suffix('y').unwrap_or(decade));
            text.push_str("ieth");
        } else {
            text.push_str(decade);
        }
    } else {
        let power = ((number.log10() / 3.0).floor() as usize).min(MAGNITUDES.len());
        let (factor, name) = if number < 1000.0 {
            (100.0, "Hundred")
        } else {
            let name = power.checked_sub(1).and_then(|index| MAGNITUDES.get(index));
            (
                1000_f64.powi(power as i32),
                name.copied().unwrap_or("Thousand"),
            )
        };
        let count = (number / factor).floor();
        let rest = number - count * factor;
        text.push_str(if follows { ", " } else { "" });
        write_words(count, false, false, text);
        text.push(' ');
        text.push_str(name);
        if rest > 0.0 {
            write_words(rest, true, ordinal, text);
        } else if ordinal {
            text.push_str("th");
        }
    }
}

/// What a word stands for, in lower case.
fn value_of(word: &str) -> f64 {
    let is = |known: &str| known.eq_ignore_ascii_case(word);
    if let Some(index) = FEW
        .iter()
        .position(|(cardinal, ordinal)| is(cardinal) || is(ordinal))
    {
        return index as f64;
    }
    let decade = word
        .strip_suffix("ieth")
        .map_or_else(|| word.to_owned(), |stem| format!("{stem}y"));
    if let Some(index) = DECADES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(&decade))
    {
        return (index as f64 + 2.0) * 10.0;
    }
    let stem = word.strip_suffix("th").unwrap_or(word);
    if stem == "hundred" {
        return 100.0;
    }
    let magnitude = MAGNITUDES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(stem));
    magnitude.map_or(f64::NAN, |index| 1000_f64.powi(index as i32 + 1))
}

/// All the words that mean a number.
pub(super) fn known_words() -> Vec<String> {
    let few = FEW
        .iter()
        .flat_map(|(cardinal, ordinal)| [(*cardinal).to_owned(), (*ordinal).to_owned()]);
    let decades = DECADES.iter().flat_map(|decade| {
        let stem = decade.strip_suffix('y').unwrap_or(decade);
        [(*decade).to_owned(), format!("{stem}ieth")]
    });
    let large = ["Hundred"].iter().chain(&MAGNITUDES);
    let large = large.flat_map(|word| [(*word).to_owned(), format!("{word}th")]);
    few.chain(decades)
        .chain(large)
        .map(|word| word.to_lowercase())
        .collect()
}

fn from_words(text: &str) -> f64 {
    let joined = text.replace(", ", " ").replace(" and ", " ");
    let mut segments = vec![0.0];
    for word in joined.split([' ', '\t', '\n', '\r', '\\', '-']) {
        let value = value_of(word);
        let last = segments.pop().unwrap_or(0.0);
        if value < 100.0 {
            if last >= 1000.0 {
                segments.push(last);
                segments.push(value);
            } else {
                segments.push(last + value);
            }
        } else {
            segments.push(last * value);
        }
    }
    segments.iter().sum()
}
