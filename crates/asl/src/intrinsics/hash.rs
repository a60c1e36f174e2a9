use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Function, Means, Outcome, text};
use crate::Json;

/// The guide's limit.
const CHARACTERS_MAX: usize = 10_000;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "States.Hash",
    arguments_min: 2,
    arguments_max: 2,
    call: hash,
}];

/// Data that is no text is hashed as JSON text.
fn hash(values: &[Json], _: &Means<'_>) -> Outcome {
    let bytes_max = CHARACTERS_MAX * char::MAX_LEN_UTF8;
    let data = match values.first() {
        Some(Json::String(text)) => Some(text.as_ref().to_owned()),
        Some(value) => value.to_text_within(bytes_max),
        None => Some(String::new()),
    };
    let data = data.filter(|data| data.chars().count() <= CHARACTERS_MAX);
    let data = data.ok_or_else(|| {
        format!("The first argument must not be longer than {CHARACTERS_MAX} characters.")
    })?;
    let digest = match text(values, 1)? {
        "MD5" => hex::<Md5>(&data),
        "SHA-1" => hex::<Sha1>(&data),
        "SHA-256" => hex::<Sha256>(&data),
        "SHA-384" => hex::<Sha384>(&data),
        "SHA-512" => hex::<Sha512>(&data),
        other => {
            let problem = format!(
                "The algorithm '{other}' is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512."
            );
            return Err(problem.into());
        }
    };
    Ok(Json::from(digest))
}

fn hex<D: Digest>(data: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .map_or('0', |digit| char::from(*digit))
    };
    D::digest(data)
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
        .collect()
}
