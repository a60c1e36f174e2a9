//! Numbers as JavaScript writes, reads and rounds them.

/// Whether it has at most 15 digits and no fraction: then it costs little to write.
pub(crate) fn is_small_integer(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 1e15
}

/// `Number::toString`: the shortest digits that read back, an exponent from 1e21 up and below 1e-6.
pub(crate) fn to_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    if is_small_integer(number) {
        return (number as i64).to_string();
    }
    let (digits, exponent) = digits_of(number.abs());
    placed(number < 0.0, &digits, exponent)
}

/// A number that is finite with 15 digits at most: `Number(number.toPrecision(15)).toString()`, as the reference does
/// with every number that becomes text.
pub(crate) fn to_text_15(number: f64) -> String {
    /// More digits do not come back from every number.
    const DIGITS: usize = f64::DIGITS as usize;
    if number.is_subnormal() {
        return to_text(to_precision_15(number));
    }
    if is_small_integer(number) {
        return to_text(number);
    }
    let (digits, exponent) = digits_of(number.abs());
    if digits.len() <= DIGITS {
        return placed(number < 0.0, &digits, exponent);
    }
    let text = format!("{:.14e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.replace('.', "");
    placed(
        number < 0.0,
        digits.trim_end_matches('0'),
        exponent.parse().unwrap_or_default(),
    )
}

/// Digits with a point among them, or with an exponent.
fn placed(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    let count = digits.len() as i32;
    // The decimal point stands after that many digits.
    let point = exponent + 1;
    if count <= point && point <= 21 {
        let zeros = "0".repeat((point - count) as usize);
        return format!("{sign}{digits}{zeros}");
    }
    if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(point as usize);
        return format!("{sign}{whole}.{fraction}");
    }
    if (-5..=0).contains(&point) {
        let zeros = "0".repeat(-point as usize);
        return format!("{sign}0.{zeros}{digits}");
    }
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    let exponent = exponent.unsigned_abs();
    let (first, rest) = digits.split_at(1);
    if rest.is_empty() {
        return format!("{sign}{first}e{exponent_sign}{exponent}");
    }
    format!("{sign}{first}.{rest}e{exponent_sign}{exponent}")
}

/// The shortest digits of a positive number, and the exponent of the first.
fn digits_of(number: f64) -> (String, i32) {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (
        mantissa.replace('.', ""),
        exponent.parse().unwrap_or_default(),
    )
}

/// `Number(number.toPrecision(15))`.
pub(crate) fn to_precision_15(number: f64) -> f64 {
    if !number.is_finite() || is_small_integer(number) {
        return number;
    }
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// Half to even at that many decimal places, shifting the point in the text: multiplying would add an error.
pub(crate) fn round(number: f64, places: f64) -> f64 {
    let shifted = if places == 0.0 {
        number
    } else {
        shift(number, places)
    };
    let up = round_half_up(shifted);
    let even = if (up - shifted).abs() == 0.5 && (up % 2.0).abs() == 1.0 {
        up - 1.0
    } else {
        up
    };
    let back = if places == 0.0 {
        even
    } else {
        shift(even, -places)
    };
    // There is no negative zero in JSON.
    if back == 0.0 { 0.0 } else { back }
}

/// The number times ten to that power; not a number for a power that is not whole.
fn shift(number: f64, places: f64) -> f64 {
    if !number.is_finite() || places.fract() != 0.0 || places.abs() > 1e6 {
        return f64::NAN;
    }
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or_default();
    format!("{mantissa}e{}", exponent + places as i64)
        .parse()
        .unwrap_or(f64::NAN)
}

/// `Math.round`.
fn round_half_up(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// `Number.prototype.toString(radix)` of a whole number. The radix lies between 2 and 36.
pub(crate) fn to_radix(number: f64, radix: u32) -> String {
    /// Beyond this the last binary digits are no longer known, and JavaScript shows zeros.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !number.is_finite() {
        return to_text(number);
    }
    let base = f64::from(radix);
    let mut rest = number.abs().trunc();
    let mut digits = Vec::new();
    while rest >= EXACT {
        rest = (rest / base).trunc();
        digits.push('0');
    }
    loop {
        let digit = (rest % base) as u32;
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        rest = (rest / base).trunc();
        if rest == 0.0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

/// `parseInt(text, 10)`: spaces, a sign, digits, and anything after them.
pub(crate) fn parse_integer_prefix(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_space);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(digits.len());
    let value: f64 = digits.get(..end)?.parse().ok()?;
    Some(if negative { -value } else { value })
}

/// What `\s` stands for.
pub(crate) fn is_space(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}'
                | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as node 20 prints it.
    #[test]
    fn texts_are_javascripts() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-7, "1.25e-7"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(to_text(number), text);
        }
    }

    #[test]
    fn rounding_is_half_to_even_in_decimal() {
        for (number, places, rounded) in [
            (1.5, 0.0, 2.0),
            (2.5, 0.0, 2.0),
            (-2.5, 0.0, -2.0),
            (4.525, 2.0, 4.52),
            (4.515, 2.0, 4.52),
            (12345.0, -2.0, 12300.0),
            (0.499_999_999_999_999_94, 0.0, 0.0),
        ] {
            assert_eq!(
                round(number, places).to_bits(),
                f64::to_bits(rounded),
                "{number}"
            );
        }
        assert!(round(1.0, 0.5).is_nan());
    }

    #[test]
    fn other_radices_show_what_is_known() {
        assert_eq!(to_radix(255.0, 16), "ff");
        assert_eq!(to_radix(-10.0, 2), "-1010");
        assert_eq!(to_radix(0.0, 2), "0");
        assert_eq!(to_radix(1e21, 10).len(), 22);
    }

    #[test]
    fn integers_are_read_from_the_front() {
        assert_eq!(parse_integer_prefix(" -12ab"), Some(-12.0));
        assert_eq!(parse_integer_prefix("ab"), None);
        assert_eq!(parse_integer_prefix(""), None);
    }
}
