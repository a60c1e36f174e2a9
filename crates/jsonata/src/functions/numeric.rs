use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe, is_numeric};
use crate::json;
use crate::number::{round as round_to, to_radix, to_text};
use crate::value::Value;

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("number", "<(nsb)-:n>", 1, number),
    ("floor", "<n-:n>", 1, |_, arguments| {
        Ok(mapped(&arguments, f64::floor))
    }),
    ("ceil", "<n-:n>", 1, |_, arguments| {
        Ok(mapped(&arguments, f64::ceil))
    }),
    ("abs", "<n-:n>", 1, |_, arguments| {
        Ok(mapped(&arguments, f64::abs))
    }),
    ("round", "<n-n?:n>", 2, round),
    ("sqrt", "<n-:n>", 1, sqrt),
    ("power", "<n-n:n>", 2, power),
    ("formatBase", "<n-n?:s>", 2, format_base),
    ("sum", "<a<n>:n>", 1, sum),
    ("max", "<a<n>:n>", 1, max),
    ("min", "<a<n>:n>", 1, min),
    ("average", "<a<n>:n>", 1, average),
    ("boolean", "<x-:b>", 1, boolean),
    ("not", "<x-:b>", 1, not),
];

fn mapped(arguments: &Arguments, map: fn(f64) -> f64) -> Maybe {
    arguments.number(0).map(|number| Value::Number(map(number)))
}

fn number(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let value = match arguments.get(0) {
        None => return Ok(None),
        Some(Value::Number(number)) => Some(*number),
        Some(Value::Bool(value)) => Some(f64::from(u8::from(*value))),
        Some(Value::String(text)) => decimal(text).or_else(|| other_radix(text)),
        Some(_) => None,
    };
    match value {
        Some(number) => Ok(Some(Value::Number(number))),
        None => Err(Fault::new("D3030")
            .index(1)
            .value(json::shown(arguments.get(0)))),
    }
}

/// A JSON number, though with zeros in front.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    let exponent_fits = exponent
        .is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `0x1F`, `0o17`, `0b11`
fn other_radix(text: &str) -> Option<f64> {
    let (prefix, digits) = text.split_at_checked(2)?;
    let radix = match prefix {
        "0x" | "0X" => 16,
        "0o" | "0O" => 8,
        "0b" | "0B" => 2,
        _ => return None,
    };
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |value, digit| {
        Some(value * f64::from(radix) + f64::from(digit.to_digit(radix)?))
    })
}

fn round(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let places = arguments
        .number(1)
        .filter(|places| !places.is_nan())
        .unwrap_or(0.0);
    // The number becomes text and back, twice.
    evaluator.spend(8)?;
    Ok(arguments
        .number(0)
        .map(|number| Value::Number(round_to(number, places))))
}

fn sqrt(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.number(0) {
        Some(number) if number < 0.0 => Err(Fault::new("D3060").index(1).value(shown(number))),
        number => Ok(number.map(|number| Value::Number(number.sqrt()))),
    }
}

fn power(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(base) = arguments.number(0) else {
        return Ok(None);
    };
    let exponent = arguments.number(1);
    // One to an infinite power, or to none, is no number in JavaScript.
    let result = match exponent {
        Some(exponent) if exponent.is_finite() => base.powf(exponent),
        _ => f64::NAN,
    };
    if !result.is_finite() {
        let mut fault = Fault::new("D3061").index(1).value(shown(base));
        fault.second = exponent.map(shown);
        return Err(fault);
    }
    Ok(Some(Value::Number(result)))
}

fn format_base(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(number) = arguments.number(0) else {
        return Ok(None);
    };
    let number = round_to(number, 0.0);
    let radix = round_to(arguments.number(1).unwrap_or(10.0), 0.0);
    if !(2.0..=36.0).contains(&radix) {
        return Err(Fault::new("D3100").value(shown(radix)));
    }
    let text = if radix == 10.0 {
        to_text(number)
    } else {
        to_radix(number, radix as u32)
    };
    evaluator.spend(text.len() / 4)?;
    evaluator.string(text).map(Some)
}

/// As errors show it.
fn shown(number: f64) -> String {
    json::shown(Some(&Value::Number(number)))
}

/// The numbers of the first argument.
fn numbers(evaluator: &mut Evaluator<'_, '_>, arguments: &Arguments) -> Result<Option<Vec<f64>>> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    evaluator.spend(array.len() / 8)?;
    let number = |value: &Value| match value {
        Value::Number(number) => Some(*number),
        _ => None,
    };
    Ok(Some(array.iter().filter_map(number).collect()))
}

fn sum(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let numbers = numbers(evaluator, &arguments)?;
    // A sum of nothing is 0, not -0.
    Ok(numbers.map(|numbers| Value::Number(numbers.iter().fold(0.0, |sum, number| sum + number))))
}

fn max(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    extreme(evaluator, &arguments, |best, number| number > best)
}

fn min(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    extreme(evaluator, &arguments, |best, number| number < best)
}

fn extreme(
    evaluator: &mut Evaluator<'_, '_>,
    arguments: &Arguments,
    better: fn(f64, f64) -> bool,
) -> Result<Maybe> {
    let numbers = numbers(evaluator, arguments)?.unwrap_or_default();
    let best = numbers.into_iter().reduce(|best, number| {
        if better(best, number) || number.is_nan() {
            number
        } else {
            best
        }
    });
    Ok(best.map(Value::Number))
}

fn average(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let numbers = numbers(evaluator, &arguments)?.unwrap_or_default();
    if numbers.is_empty() {
        return Ok(None);
    }
    let sum: f64 = numbers.iter().sum();
    Ok(Some(Value::Number(sum / numbers.len() as f64)))
}

fn boolean(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.get(0) {
        None => Ok(None),
        value => evaluator
            .boolean(value)
            .map(|value| Some(Value::Bool(value))),
    }
}

fn not(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.get(0) {
        None => Ok(None),
        value => evaluator
            .boolean(value)
            .map(|value| Some(Value::Bool(!value))),
    }
}

/// The name of a value's type.
pub(super) fn type_name(value: &Value) -> Result<&'static str> {
    Ok(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) => {
            is_numeric(*number)?;
            "number"
        }
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Function(_) => "function",
    })
}
