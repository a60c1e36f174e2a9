use std::sync::Arc;

use super::{Function, text, wrong};
use crate::{Entropy, Json, Object};

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

fn merge(values: &[Json], _: &mut Entropy) -> Result<Json, String> {
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
            return Err("Deep merging of JSON objects is not supported.".to_owned());
        }
        _ => return Err(wrong(2, "a boolean")),
    }
    let mut members = left.to_members();
    members.extend(
        right
            .iter()
            .map(|(key, value)| (Arc::clone(key), value.clone())),
    );
    Ok(Json::Object(Object::new(members)))
}

fn from_string(values: &[Json], _: &mut Entropy) -> Result<Json, String> {
    Json::from_text(text(values, 0)?)
        .map_err(|_| "The argument is not a valid JSON string.".to_owned())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every row of the table has this type"
)]
fn to_string(values: &[Json], _: &mut Entropy) -> Result<Json, String> {
    Ok(Json::from(values.first().unwrap_or(&Json::Null).to_text()))
}
