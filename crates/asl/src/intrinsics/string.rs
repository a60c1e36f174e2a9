use std::collections::HashSet;
use std::fmt::Write as _;

use super::{Failure, Function, Means, Outcome, text};
use crate::Json;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.StringSplit",
        arguments_min: 2,
        arguments_max: 2,
        call: split,
    },
    Function {
        name: "States.Format",
        arguments_min: 1,
        arguments_max: usize::MAX,
        call: format,
    },
];

/// Each character of the second text separates; empty pieces fall away (recorded: test_string_split).
fn split(values: &[Json], _: &Means<'_>) -> Outcome {
    let separators: HashSet<char> = text(values, 1)?.chars().collect();
    let pieces = text(values, 0)?
        .split(|c| separators.contains(&c))
        .filter(|piece| !piece.is_empty());
    Ok(Json::array(pieces.map(Json::from)))
}

fn format(values: &[Json], means: &Means<'_>) -> Outcome {
    let template = text(values, 0)?;
    let mut arguments = values.iter().skip(1);
    let mut result = String::with_capacity(template.len());
    let mut chars = template.chars().peekable();
    let mut missing = false;
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(escaped @ ('\'' | '{' | '}' | '\\'))) => {
                chars.next();
                result.push(escaped);
            }
            ('{', Some('}')) => {
                chars.next();
                match arguments.next() {
                    Some(argument) => {
                        if argument.text_bytes_min() > means.bytes_max.saturating_sub(result.len())
                        {
                            return Err(Failure::TooLarge);
                        }
                        java_text(argument, &mut result);
                    }
                    None => missing = true,
                }
            }
            _ => result.push(c),
        }
    }
    if missing || arguments.next().is_some() {
        return Err(
            "The number of arguments must be that of the placeholders {} in the template.".into(),
        );
    }
    Ok(Json::from(result))
}

/// As Java prints maps and lists (recorded: test_context_json_path).
fn java_text(value: &Json, text: &mut String) {
    match value {
        Json::String(string) => text.push_str(string),
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                java_text(item, text);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                let _ = write!(text, "{}{key}=", if index > 0 { ", " } else { "" });
                java_text(member, text);
            }
            text.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.write(text),
    }
}
