//! The states: what each type does when a frame comes to it, and when the world answers.

pub(crate) mod choice;
pub(crate) mod fail;
pub(crate) mod map;
pub(crate) mod map_run;
pub(crate) mod parallel;
pub(crate) mod pass;
pub(crate) mod succeed;
pub(crate) mod task;
pub(crate) mod wait;

use std::sync::Arc;

use asl::{Json, Payload};

/// A value in the text of an error: strings without their quotes.
pub(crate) fn shown(value: &Json) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_text(),
    }
}

/// The array of what branches or iterations gave, each in the very text it had
/// (scenarios/test_parallel_state_nested keeps the spaces of the execution's input).
pub(crate) fn joined(results: Vec<Payload>) -> Payload {
    let length: usize = results.iter().map(|result| result.text_bytes() + 1).sum();
    let mut text = String::with_capacity(length + 2);
    text.push('[');
    for (place, result) in results.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(result.text());
    }
    text.push(']');
    let value = Json::array(results.iter().map(|result| result.value().clone()));
    Payload::with_text(value, Arc::<str>::from(text))
}
