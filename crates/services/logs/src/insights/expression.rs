use fancy_regex::Regex;

use super::field::{Row, Value};

/// What stands in a command: a field, a constant, or something computed.
#[derive(Debug)]
pub(crate) enum Expression {
    Field(String),
    Constant(Value),
    Not(Box<Self>),
    Negative(Box<Self>),
    Binary(Binary, Box<Self>, Box<Self>),
    Matches(Box<Self>, Regex),
    Contains(Box<Self>, String),
    In(Box<Self>, Vec<Self>),
    Call(Function, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

macro_rules! functions {
    ($($name:literal $variant:ident $least:literal $most:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Function { $($variant,)* }

        impl Function {
            /// The function of that name, with the least and the greatest number of its arguments.
            pub(super) fn named(name: &str) -> Option<(Self, usize, usize)> {
                $(if name.eq_ignore_ascii_case($name) {
                    return Some((Self::$variant, $least, $most));
                })*
                None
            }
        }
    };
}

functions! {
    "ispresent" IsPresent 1 1,
    "isempty" IsEmpty 1 1,
    "isblank" IsBlank 1 1,
    "strlen" Length 1 1,
    "toupper" Upper 1 1,
    "tolower" Lower 1 1,
    "trim" Trim 1 1,
    "strcontains" Contains 2 2,
    "concat" Concat 1 64,
    "substr" Substring 2 3,
    "replace" Replace 3 3,
    "coalesce" Coalesce 1 64,
    "abs" Absolute 1 1,
    "ceil" Ceiling 1 1,
    "floor" Floor 1 1,
    "bin" Bin 1 1,
    "datefloor" DateFloor 2 2,
    "tomillis" ToMillis 1 1,
    "frommillis" FromMillis 1 1,
}

impl Expression {
    pub(super) fn evaluate(&self, row: &Row<'_>) -> Value {
        match self {
            Self::Field(name) => row.get(name),
            Self::Constant(value) => value.clone(),
            Self::Not(inner) => Value::Bool(!inner.evaluate(row).is_true()),
            Self::Negative(inner) => number(inner.evaluate(row).number().map(|number| -number)),
            Self::Binary(operator, left, right) => binary(*operator, left, right, row),
            Self::Matches(inner, regex) => {
                let text = inner.evaluate(row).text();
                Value::Bool(text.is_some_and(|text| regex.is_match(&text).unwrap_or(false)))
            }
            Self::Contains(inner, part) => {
                let text = inner.evaluate(row).text();
                Value::Bool(text.is_some_and(|text| text.contains(part.as_str())))
            }
            Self::In(inner, items) => {
                let value = inner.evaluate(row);
                let equal = |item: &Self| equals(&value, &item.evaluate(row));
                Value::Bool(!value.is_missing() && items.iter().any(equal))
            }
            Self::Call(function, arguments) => call(*function, arguments, row),
        }
    }
}

fn binary(operator: Binary, left: &Expression, right: &Expression, row: &Row<'_>) -> Value {
    let left = left.evaluate(row);
    match operator {
        Binary::Or => return Value::Bool(left.is_true() || right.evaluate(row).is_true()),
        Binary::And => return Value::Bool(left.is_true() && right.evaluate(row).is_true()),
        _ => {}
    }
    let right = right.evaluate(row);
    let there = !left.is_missing() && !right.is_missing();
    let order = || left.compare(&right);
    let numbers = left.number().zip(right.number());
    match operator {
        Binary::Equal => Value::Bool(there && equals(&left, &right)),
        Binary::NotEqual => Value::Bool(!(there && equals(&left, &right))),
        Binary::Less => Value::Bool(there && order().is_lt()),
        Binary::LessOrEqual => Value::Bool(there && order().is_le()),
        Binary::Greater => Value::Bool(there && order().is_gt()),
        Binary::GreaterOrEqual => Value::Bool(there && order().is_ge()),
        Binary::Add => number(numbers.map(|(a, b)| a + b)),
        Binary::Subtract => number(numbers.map(|(a, b)| a - b)),
        Binary::Multiply => number(numbers.map(|(a, b)| a * b)),
        Binary::Divide => number(numbers.map(|(a, b)| a / b)),
        Binary::Remainder => number(numbers.map(|(a, b)| a % b)),
        Binary::Or | Binary::And => Value::Missing,
    }
}

/// A number that is one: dividing by zero gives nothing.
fn number(number: Option<f64>) -> Value {
    number
        .filter(|number| number.is_finite())
        .map_or(Value::Missing, Value::Number)
}

/// `1` is equal to `"1"`, and `true` to `1`, since results show them alike.
fn equals(left: &Value, right: &Value) -> bool {
    if let (Value::Bool(value), Value::Text(text)) | (Value::Text(text), Value::Bool(value)) =
        (left, right)
        && *text == value.to_string()
    {
        return true;
    }
    left.compare(right).is_eq()
}

fn call(function: Function, arguments: &[Expression], row: &Row<'_>) -> Value {
    let value = |at: usize| {
        arguments
            .get(at)
            .map_or(Value::Missing, |argument| argument.evaluate(row))
    };
    let text = |at: usize| value(at).text();
    let texts = |make: fn(&str) -> String| made(text(0).map(|text| make(&text)), row);
    let numbers = |make: fn(f64) -> f64| number(value(0).number().map(make));
    match function {
        Function::IsPresent => Value::Bool(!value(0).is_missing()),
        Function::IsEmpty => Value::Bool(text(0).is_none_or(|text| text.is_empty())),
        Function::IsBlank => Value::Bool(text(0).is_none_or(|text| text.trim().is_empty())),
        Function::Length => number(text(0).map(|text| text.chars().count() as f64)),
        Function::Upper => texts(str::to_uppercase),
        Function::Lower => texts(str::to_lowercase),
        Function::Trim => texts(|text| text.trim().to_owned()),
        Function::Contains => {
            let found = text(0).zip(text(1)).is_some_and(|(a, b)| a.contains(&b));
            Value::Bool(found)
        }
        Function::Concat => {
            let mut whole = String::new();
            for part in (0..arguments.len()).filter_map(text) {
                if !row.make(part.len()) {
                    return Value::Missing;
                }
                whole.push_str(&part);
            }
            Value::Text(whole)
        }
        Function::Substring => made(
            substring(text(0), value(1).number(), value(2).number()),
            row,
        ),
        Function::Replace => replaced(text(0), text(1), text(2), row),
        Function::Coalesce => {
            let mut values = (0..arguments.len()).map(value);
            let found = values.find(|value| !value.is_missing());
            found
                .filter(|value| row.make(value.bytes()))
                .unwrap_or(Value::Missing)
        }
        Function::Absolute => numbers(f64::abs),
        Function::Ceiling => numbers(f64::ceil),
        Function::Floor => numbers(f64::floor),
        Function::Bin => floored(&row.get("@timestamp"), &value(0)),
        Function::DateFloor => floored(&value(0), &value(1)),
        Function::ToMillis => number(value(0).number()),
        Function::FromMillis => value(0)
            .number()
            .map_or(Value::Missing, |at| Value::Time(at as i64)),
    }
}

/// A text that is not much longer than what it was made of.
fn made(text: Option<String>, row: &Row<'_>) -> Value {
    text.filter(|text| row.make(text.len()))
        .map_or(Value::Missing, Value::Text)
}

fn substring(text: Option<String>, from: Option<f64>, count: Option<f64>) -> Option<String> {
    let (text, from) = (text?, from?);
    let count = count.map_or(usize::MAX, |count| count.max(0.0) as usize);
    let chars = text.chars().skip(from.max(0.0) as usize).take(count);
    Some(chars.collect())
}

fn replaced(
    text: Option<String>,
    from: Option<String>,
    to: Option<String>,
    row: &Row<'_>,
) -> Value {
    let (Some(text), Some(from), Some(to)) = (&text, from, to) else {
        return made(text, row);
    };
    if from.is_empty() {
        return made(Some(text.clone()), row);
    }
    // Known before it is made, since it may be the product of two lengths.
    let places = text.matches(&from).count();
    let bytes = (text.len() - places * from.len()).saturating_add(places.saturating_mul(to.len()));
    if row.make(bytes) {
        Value::Text(text.replace(&from, &to))
    } else {
        Value::Missing
    }
}

/// An instant rounded down to a whole number of periods, which are in milliseconds.
fn floored(at: &Value, period: &Value) -> Value {
    match (at.number(), period.number()) {
        (Some(at), Some(period)) if period >= 1.0 => {
            Value::Time((at as i64).div_euclid(period as i64) * period as i64)
        }
        _ => Value::Missing,
    }
}
