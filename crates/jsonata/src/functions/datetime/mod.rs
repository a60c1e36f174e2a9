//! Times and integers by picture: XPath's `fn:format-dateTime` and `fn:format-integer` as the reference
//! implementation has them.

mod calendar;
mod format;
mod integer;
mod parse;
mod picture;

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::json;
use crate::value::Value;

use super::{Arguments, Row};
use integer::IntegerFormat;
use picture::Picture;

pub(super) const FUNCTIONS: &[Row] = &[
    ("now", "<s?s?:s>", 2, now),
    ("millis", "<:n>", 0, millis),
    ("fromMillis", "<n-s?s?:s>", 3, from_millis),
    ("toMillis", "<s-s?:n>", 2, to_millis),
    ("formatInteger", "<n-s:s>", 2, format_integer),
    ("parseInteger", "<s-s:n>", 2, parse_integer),
];

fn millis(evaluator: &mut Evaluator<'_, '_>, _: Arguments) -> Result<Maybe> {
    Ok(Some(Value::Number(evaluator.now_millis() as f64)))
}

fn now(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let millis = evaluator.now_millis() as f64;
    formatted(evaluator, millis, &arguments, 0)
}

fn from_millis(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.number(0) {
        Some(millis) => formatted(evaluator, millis, &arguments, 1),
        None => Ok(None),
    }
}

/// Picture and time zone stand at `first` and behind it.
fn formatted(
    evaluator: &mut Evaluator<'_, '_>,
    millis: f64,
    arguments: &Arguments,
    first: usize,
) -> Result<Maybe> {
    const ISO_8601: &str = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";
    let picture = arguments.text(first);
    let picture = picture.as_deref().unwrap_or(ISO_8601);
    evaluator.spend(4 + picture.len())?;
    let picture = Picture::of(picture)?;
    let zone = arguments.text(first + 1);
    let text = format::format(millis, &picture, zone.as_deref(), &mut |steps| {
        evaluator.spend(steps)
    })?;
    evaluator.string(text).map(Some)
}

fn to_millis(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.spend(4)?;
    evaluator.meter().spend_bytes(text.len())?;
    let millis = match arguments.text(1) {
        Some(picture) => {
            evaluator.spend(picture.len())?;
            let now = evaluator.now_millis() as f64;
            parse::with_picture(&text, &Picture::of(&picture)?, now, evaluator.meter())?
        }
        None => Some(
            parse::iso_8601(&text, evaluator.meter())?
                .ok_or_else(|| Fault::new("D3110").value(json::quoted(&text)))?,
        ),
    };
    Ok(millis.map(Value::Number))
}

fn format_integer(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(number), Some(picture)) = (arguments.number(0), arguments.text(1)) else {
        return Ok(None);
    };
    evaluator.spend(picture.len())?;
    let format = IntegerFormat::of(&picture)?;
    let text = format.write(number.floor(), &mut |steps| evaluator.spend(steps))?;
    evaluator.string(text).map(Some)
}

fn parse_integer(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(text), Some(picture)) = (arguments.text(0), arguments.text(1)) else {
        return Ok(None);
    };
    evaluator.spend(picture.len())?;
    let format = IntegerFormat::of(&picture)?;
    // Separators are taken out one after another.
    evaluator
        .meter()
        .spend_bytes(text.len().saturating_mul(8 + picture.len()))?;
    Ok(Some(Value::Number(format.read(&text)?)))
}
