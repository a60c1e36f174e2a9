use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Function, Means, Outcome, text};
use crate::Json;

/// The guide's limit for both.
const CHARACTERS_MAX: usize = 10_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.Base64Encode",
        arguments_min: 1,
        arguments_max: 1,
        call: encode,
    },
    Function {
        name: "States.Base64Decode",
        arguments_min: 1,
        arguments_max: 1,
        call: decode,
    },
];

fn encode(values: &[Json], _: &Means<'_>) -> Outcome {
    Ok(Json::from(STANDARD.encode(bounded(text(values, 0)?)?)))
}

fn decode(values: &[Json], _: &Means<'_>) -> Outcome {
    let bytes = STANDARD.decode(bounded(text(values, 0)?)?);
    let bytes = bytes.map_err(|_| "The argument is not a valid Base64 string.".to_owned())?;
    Ok(Json::string(String::from_utf8_lossy(&bytes)))
}

fn bounded(text: &str) -> Result<&str, String> {
    if text.chars().count() > CHARACTERS_MAX {
        return Err(format!(
            "The argument must not be longer than {CHARACTERS_MAX} characters."
        ));
    }
    Ok(text)
}
