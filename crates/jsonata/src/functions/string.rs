use std::sync::Arc;

use crate::bounds::too_large;
use crate::error::Result;
use crate::evaluate::{Evaluator, Maybe};
use crate::json::Layout;
use crate::value::Value;

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("string", "<x-b?:s>", 1, string),
    ("length", "<s-:n>", 1, length),
    ("substring", "<s-nn?:s>", 3, substring),
    ("substringBefore", "<s-s:s>", 2, substring_before),
    ("substringAfter", "<s-s:s>", 2, substring_after),
    ("lowercase", "<s-:s>", 1, lowercase),
    ("uppercase", "<s-:s>", 1, uppercase),
    ("trim", "<s-:s>", 1, trim),
    ("pad", "<s-ns?:s>", 3, pad),
    ("join", "<a<s>s?:s>", 2, join),
];

fn string(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(value) = arguments.get(0) else {
        return Ok(None);
    };
    let layout = match arguments.get(1) {
        Some(Value::Bool(true)) => Layout::Indented,
        _ => Layout::Compact,
    };
    // The context item may be wrapped.
    let value = match value {
        Value::Array(array) if array.marks.outer_wrapper => array.first().unwrap_or(value),
        value => value,
    };
    let text = evaluator.text(value, layout)?;
    evaluator.string(text).map(Some)
}

fn length(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len())?;
    Ok(Some(Value::Number(text.chars().count() as f64)))
}

fn substring(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(text), Some(start)) = (arguments.text(0), arguments.number(1)) else {
        return Ok(arguments.text(0).map(Value::String));
    };
    evaluator.meter().spend_bytes(text.len() * 2)?;
    let count = text.chars().count() as f64;
    let start = if count + start < 0.0 { 0.0 } else { start };
    let end = match arguments.number(2) {
        Some(length) if length <= 0.0 => return evaluator.string("").map(Some),
        Some(length) if start >= 0.0 => start + length,
        Some(length) => count + start + length,
        None => count,
    };
    let place = |index: f64| {
        let whole = index.trunc();
        let from_start = if whole < 0.0 { whole + count } else { whole };
        from_start.clamp(0.0, count) as usize
    };
    let (start, end) = (place(start), place(end));
    let part: String = text
        .chars()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect();
    evaluator.string(part).map(Some)
}

fn substring_before(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    around(evaluator, &arguments, |text, (start, _)| text.get(..start))
}

fn substring_after(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    around(evaluator, &arguments, |text, (_, end)| text.get(end..))
}

/// A part of the text, told by where the second text stands in it; all of it, where that does not.
fn around(
    evaluator: &mut Evaluator<'_, '_>,
    arguments: &Arguments,
    part: fn(&str, (usize, usize)) -> Option<&str>,
) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    let Some(wanted) = arguments.text(1) else {
        return Ok(Some(Value::String(text)));
    };
    evaluator.meter().spend_bytes(text.len() + wanted.len())?;
    let found = text.find(wanted.as_ref());
    match found.and_then(|start| part(&text, (start, start + wanted.len()))) {
        Some(part) => evaluator.string(part).map(Some),
        None => Ok(Some(Value::String(text))),
    }
}

fn lowercase(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    changed(evaluator, &arguments, str::to_lowercase)
}

fn uppercase(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    changed(evaluator, &arguments, str::to_uppercase)
}

fn changed(
    evaluator: &mut Evaluator<'_, '_>,
    arguments: &Arguments,
    change: fn(&str) -> String,
) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len() * 4)?;
    evaluator.string(change(&text)).map(Some)
}

/// Without white space at its ends, and with one blank for any within.
fn trim(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    changed(evaluator, &arguments, |text| {
        let is_blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r');
        let words: Vec<&str> = text
            .split(is_blank)
            .filter(|word| !word.is_empty())
            .collect();
        words.join(" ")
    })
}

fn pad(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    let width = arguments.number(1).unwrap_or(0.0).trunc();
    let with: Arc<str> = match arguments.text(2) {
        Some(with) if !with.is_empty() => with,
        _ => " ".into(),
    };
    evaluator.meter().spend_bytes(text.len())?;
    let missing = width.abs() - text.chars().count() as f64;
    if missing.is_nan() || missing <= 0.0 {
        return Ok(Some(Value::String(text)));
    }
    // Before anything is allocated.
    if missing > evaluator.meter().bounds().memory_bytes as f64 {
        return Err(too_large());
    }
    evaluator.spend(missing as usize / 4)?;
    let padding: String = with.chars().cycle().take(missing as usize).collect();
    let padded = if width > 0.0 {
        format!("{text}{padding}")
    } else {
        format!("{padding}{text}")
    };
    evaluator.string(padded).map(Some)
}

fn join(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    let separator = arguments.text(1).unwrap_or_else(|| "".into());
    let separators = separator
        .len()
        .saturating_mul(array.len().saturating_sub(1));
    let total = array
        .iter()
        .map(Value::bytes)
        .fold(separators, usize::saturating_add);
    evaluator.meter().check_memory(total)?;
    evaluator.spend(array.len() / 4)?;
    let mut joined = String::with_capacity(total);
    for (index, item) in array.iter().enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        if let Value::String(text) = item {
            joined.push_str(text);
        }
    }
    evaluator.string(joined).map(Some)
}
