use std::sync::Arc;

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Match, Maybe};
use crate::json;
use crate::number;
use crate::value::{Members, Value};

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("contains", "<s-(sf):b>", 2, contains),
    ("match", "<s-f<s:o>n?:a<o>>", 3, matches),
    ("replace", "<s-(sf)(sf)n?:s>", 4, replace),
    ("split", "<s-(sf)n?:a<s>>", 3, split),
];

/// Whether that many are fewer than the limit allows.
fn within(limit: Option<f64>, count: usize) -> bool {
    limit.is_none_or(|limit| (count as f64) < limit)
}

fn limit(arguments: &Arguments, index: usize, code: &'static str) -> Result<Option<f64>> {
    match arguments.number(index) {
        Some(limit) if limit < 0.0 => Err(Fault::new(code).index(index + 1)),
        limit => Ok(limit),
    }
}

fn contains(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(text), Some(wanted)) = (arguments.text(0), arguments.get(1)) else {
        return Ok(None);
    };
    let found = match wanted {
        Value::String(wanted) => {
            evaluator.meter().spend_bytes(text.len() + wanted.len())?;
            text.contains(wanted.as_ref())
        }
        matcher => evaluator.first_match(matcher, &text)?.is_some(),
    };
    Ok(Some(Value::Bool(found)))
}

fn matches(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    let limit = limit(&arguments, 2, "D3040")?;
    let mut found = Vec::new();
    let mut next = match arguments.get(1) {
        Some(matcher) if within(limit, 0) => evaluator.first_match(matcher, &text)?,
        _ => None,
    };
    while let Some(current) = next.take().filter(|_| within(limit, found.len())) {
        let groups = evaluator.array(current.groups.clone())?;
        let mut members = Members::with_capacity(3);
        members.insert("match".into(), Value::String(Arc::clone(&current.text)));
        members.insert("index".into(), Value::Number(current.start_units as f64));
        members.insert("groups".into(), Value::Array(groups));
        found.push(evaluator.object(members)?);
        next = evaluator.match_after(&current, &text)?;
    }
    evaluator
        .sequence(found)
        .map(|array| Some(Value::Array(array)))
}

/// A text that grows within the bounds.
struct Growing<'v, 'e, 'a> {
    evaluator: &'v mut Evaluator<'e, 'a>,
    text: String,
}

impl Growing<'_, '_, '_> {
    fn push(&mut self, part: &str) -> Result<()> {
        let meter = self.evaluator.meter();
        meter.check_memory(self.text.len() + part.len())?;
        meter.spend_bytes(part.len())?;
        self.text.push_str(part);
        Ok(())
    }
}

fn replace(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    let pattern = arguments.get(1);
    if pattern
        .and_then(Value::as_str)
        .is_some_and(|pattern| pattern.is_empty())
    {
        return Err(Fault::new("D3010").index(2).value("\"\""));
    }
    let limit = limit(&arguments, 3, "D3011")?;
    let (Some(pattern), Some(replacement)) = (pattern, arguments.get(2)) else {
        return Ok(Some(Value::String(text)));
    };
    if !within(limit, 0) {
        return Ok(Some(Value::String(text)));
    }
    let mut result = Growing {
        evaluator,
        text: String::with_capacity(text.len()),
    };
    match pattern {
        Value::String(pattern) => replace_text(&mut result, &text, pattern, replacement, limit)?,
        matcher => replace_matches(&mut result, &text, matcher, replacement, limit)?,
    }
    let replaced = result.text;
    evaluator.string(replaced).map(Some)
}

fn replace_text(
    result: &mut Growing<'_, '_, '_>,
    text: &str,
    pattern: &str,
    replacement: &Value,
    limit: Option<f64>,
) -> Result<()> {
    // JavaScript would show a function's source.
    let replacement = replacement.as_str().cloned().unwrap_or_else(|| "".into());
    result
        .evaluator
        .meter()
        .spend_bytes(text.len() + pattern.len())?;
    let mut rest = text;
    let mut count = 0;
    while within(limit, count) {
        let Some((before, after)) = rest.split_once(pattern) else {
            break;
        };
        result.push(before)?;
        result.push(&replacement)?;
        rest = after;
        count += 1;
    }
    result.push(rest)
}

fn replace_matches(
    result: &mut Growing<'_, '_, '_>,
    text: &Arc<str>,
    matcher: &Value,
    replacement: &Value,
    limit: Option<f64>,
) -> Result<()> {
    let mut position = 0;
    let mut count = 0;
    let mut next = result.evaluator.first_match(matcher, text)?;
    while let Some(current) = next.take().filter(|_| within(limit, count)) {
        result.push(text.get(position..current.start).unwrap_or_default())?;
        match replacement {
            Value::String(template) => substitute(result, template, &current)?,
            function => {
                let object = result.evaluator.match_object(&current, text)?;
                match result.evaluator.invoke(function, vec![Some(object)])? {
                    Some(Value::String(replaced)) => result.push(&replaced)?,
                    other => return Err(Fault::new("D3012").value(json::shown(other.as_ref()))),
                }
            }
        }
        position = after(text, current.start, &current.text);
        count += 1;
        next = result.evaluator.match_after(&current, text)?;
    }
    result.push(text.get(position..).unwrap_or_default())
}

/// The byte behind a match, which a function may have made longer than the text.
fn after(text: &str, start: usize, matched: &str) -> usize {
    let end = start + matched.len();
    if text.is_char_boundary(end) {
        end.min(text.len())
    } else {
        text.len()
    }
}

/// Appends a replacement, in which `$1` is a group, `$0` the match, and `$$` a dollar sign.
fn substitute(result: &mut Growing<'_, '_, '_>, template: &str, found: &Match) -> Result<()> {
    let groups = found.groups.len();
    // As many digits as the number of groups has.
    let digits_max = if groups == 0 {
        1
    } else {
        groups.ilog10() as usize + 1
    };
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        result.push(before)?;
        if let Some(behind) = behind.strip_prefix('$') {
            result.push("$")?;
            rest = behind;
            continue;
        }
        if let Some(behind) = behind.strip_prefix('0') {
            result.push(&found.text)?;
            rest = behind;
            continue;
        }
        let group = |digits: usize| {
            let end = behind
                .char_indices()
                .nth(digits)
                .map_or(behind.len(), |(end, _)| end);
            number::parse_integer_prefix(behind.get(..end).unwrap_or_default())
        };
        let number = match group(digits_max) {
            Some(number) if digits_max > 1 && number > groups as f64 => group(digits_max - 1),
            number => number,
        };
        let Some(number) = number else {
            result.push("$")?;
            rest = behind;
            continue;
        };
        let captured = (number >= 1.0)
            .then(|| found.groups.get(number as usize - 1))
            .flatten();
        if let Some(Value::String(captured)) = captured {
            result.push(captured)?;
        }
        let passed = number::to_text(number).len();
        rest = behind.get(passed..).unwrap_or_default();
    }
    result.push(rest)
}

fn split(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    let limit = limit(&arguments, 2, "D3020")?;
    let mut parts = Vec::new();
    match arguments.get(1) {
        _ if !within(limit, 0) => {}
        Some(Value::String(separator)) => {
            evaluator
                .meter()
                .spend_bytes(text.len() + separator.len())?;
            // JavaScript takes a whole number of parts here.
            let limit = limit.map_or(usize::MAX, |limit| limit.trunc() as usize);
            if separator.is_empty() {
                for character in text.chars().take(limit) {
                    evaluator.spend(1)?;
                    parts.push(Value::string(character.to_string()));
                }
            } else {
                for part in text.split(separator.as_ref()).take(limit) {
                    parts.push(evaluator.string(part)?);
                }
            }
        }
        Some(matcher) => {
            let mut start = 0;
            let mut next = evaluator.first_match(matcher, &text)?;
            while let Some(current) = next.take().filter(|_| within(limit, parts.len())) {
                let part = text.get(start..current.start).unwrap_or_default();
                parts.push(evaluator.string(part)?);
                start = current.end;
                next = evaluator.match_after(&current, &text)?;
            }
            if within(limit, parts.len()) {
                let part = text.get(start..).unwrap_or_default();
                parts.push(evaluator.string(part)?);
            }
        }
        None => parts.push(Value::String(text)),
    }
    evaluator
        .array(parts)
        .map(|array| Some(Value::Array(array)))
}
