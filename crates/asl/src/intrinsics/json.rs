use std::sync::Arc;

use super::{Failure, Function, Means, Outcome, text, wrong};
use crate::{Json, Object};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.JsonMerge",
        arguments_min: 3,
        arguments_max: 3,
        call: merge,
    },
    Function {
        name: "States.StringToJson",
        arguments_min: 1,
        arguments_max: 1,
        call: from_string,
    },
    Function {
        name: "States.JsonToString",
        arguments_min: 1,
        arguments_max: 1,
        call: to_string,
    },
];

fn merge(values: &[Json], _: &Means<'_>) -> Outcome {
    let object = |index| {
        values
            .get(index)
            .and_then(Json::as_object)
            .ok_or_else(|| wrong(index, "a JSON object"))
    };
    let (left, right) = (object(0)?, object(1)?);
    match values.get(2) {
        Some(Json::Bool(false)) => {}
        Some(Json::Bool(true)) => {
            return Err("Deep merging of JSON objects is not supported.".into());
        }
        _ => return Err(wrong(2, "a boolean").into()),
    }
    let mut members = left.to_members();
    members.extend(
        right
            .iter()
            .map(|(key, value)| (Arc::clone(key), value.clone())),
    );
    Ok(Json::Object(Object::new(members)))
}

fn from_string(values: &[Json], _: &Means<'_>) -> Outcome {
    Json::from_text(text(values, 0)?)
        .map_err(|_| Failure::from("The argument is not a valid JSON string."))
}

fn to_string(values: &[Json], means: &Means<'_>) -> Outcome {
    let value = values.first().unwrap_or(&Json::Null);
    let text = value.to_text_within(means.bytes_max);
    text.map(Json::from).ok_or(Failure::TooLarge)
}
