//! The operations, a file for each family, and what they share: reading inputs, batches, pages.

pub(crate) mod attributes;
pub(crate) mod delete;
pub(crate) mod moves;
pub(crate) mod permissions;
pub(crate) mod queues;
pub(crate) mod receive;
pub(crate) mod send;
pub(crate) mod tags;
pub(crate) mod visibility;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;

use aws::{Answer, ApiError, Call, Members};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::error;

/// AWS's quota on the entries of a batch.
pub(crate) const ENTRIES_MAX: usize = 10;

pub(crate) fn text<'i>(input: &'i Members, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

/// A text that must be there, and not empty.
pub(crate) fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    text(input, name)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| error::missing(name))
}

/// A whole number within bounds, if it is there.
pub(crate) fn number(
    input: &Members,
    name: &str,
    least: u32,
    greatest: u32,
    reason: impl Display,
) -> Result<Option<u32>, ApiError> {
    let given = match input.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(given) => given,
    };
    let number = given.as_i64().and_then(|number| u32::try_from(number).ok());
    match number.filter(|number| (least..=greatest).contains(number)) {
        Some(number) => Ok(Some(number)),
        None => Err(error::bad_value(name, given, &reason.to_string())),
    }
}

pub(crate) fn texts<'i>(input: &'i Members, name: &str) -> Vec<&'i str> {
    let given = input.get(name).and_then(Value::as_array);
    given
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A map of texts; what is no text in it is left out.
pub(crate) fn text_map(input: &Members, name: &str) -> BTreeMap<String, String> {
    let given = input.get(name).and_then(Value::as_object);
    given
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The entries of a batch request, with their ids.
///
/// # Errors
/// When there are none or too many, and when an id is not of AWS's form or comes twice.
pub(crate) fn entries(call: &Call) -> Result<Vec<(&str, &Members)>, ApiError> {
    let entries: Vec<&Members> = call
        .input
        .get("Entries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    if entries.is_empty() {
        let entry = format!("{}RequestEntry", call.operation);
        return Err(error::empty_batch(&entry));
    }
    if entries.len() > ENTRIES_MAX {
        return Err(error::too_many_entries(ENTRIES_MAX, entries.len()));
    }
    let mut ids = HashSet::new();
    let mut named = Vec::new();
    for entry in entries {
        let id = required(entry, "Id")?;
        let is_plain = id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if id.len() > 80 || !is_plain {
            return Err(error::bad_entry_id());
        }
        if !ids.insert(id) {
            return Err(error::repeated_entry(id));
        }
        named.push((id, entry));
    }
    Ok(named)
}

/// A batch's answer: what became of each entry. A list of nothing is left out, as on AWS.
pub(crate) fn batch_answer(outcomes: Vec<(&str, Result<Value, ApiError>)>) -> Answer {
    let mut successful = Vec::new();
    let mut failed = Vec::new();
    for (id, outcome) in outcomes {
        match outcome {
            Ok(mut entry) => {
                entry["Id"] = id.into();
                successful.push(entry);
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": error.status < 500,
                "Code": error.code,
                "Message": error.message,
            })),
        }
    }
    let mut output = Members::new();
    for (name, list) in [("Successful", successful), ("Failed", failed)] {
        if !list.is_empty() {
            output.insert(name.into(), list.into());
        }
    }
    Answer {
        output,
        ..Answer::default()
    }
}

/// One page of a list: as many items as asked for, and where the next page begins. There is a token only for who asked
/// for so many.
pub(crate) fn page<T>(
    input: &Members,
    items: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let asked = number(
        input,
        "MaxResults",
        1,
        1000,
        "Must be between 1 and 1000, if provided.",
    )?;
    let after = text(input, "NextToken").map(unmarked).transpose()?;
    let mut rest = items
        .into_iter()
        .filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let page: Vec<T> = rest.by_ref().take(asked.unwrap_or(1000) as usize).collect();
    let is_more = asked.is_some() && rest.next().is_some();
    let next = page.last().filter(|_| is_more);
    let token = next.map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok((page, token))
}

fn unmarked(token: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| error::invalid_parameter("Invalid or expired next token."))
}

/// An answer that says only that it was done.
pub(crate) fn done() -> Answer {
    Answer::default()
}
