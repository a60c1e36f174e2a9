use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Function, text};
use crate::{Entropy, Json};

/// The guide's limit.
const CHARACTERS_MAX: usize = 10_000;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "States.Hash",
    arguments_min: 2,
    arguments_max: 2,
    call: hash,
}];

/// Data that is no text is hashed as JSON text.
fn hash(values: &[Json], _: &mut Entropy) -> Result<Json, String> {
    let data = match values.first() {
        Some(Json::String(text)) => text.as_ref().to_owned(),
        Some(value) => value.to_text(),
        None => String::new(),
    };
    if data.chars().count() > CHARACTERS_MAX {
        return Err(format!(
            "The first argument must not be longer than {CHARACTERS_MAX} characters."
        ));
    }
    let digest = match text(values, 1)? {
        "MD5" => hex::<Md5>(&data),
        "SHA-1" => hex::<Sha1>(&data),
        "SHA-256" => hex::<Sha256>(&data),
        "SHA-384" => hex::<Sha384>(&data),
        "SHA-512" => hex::<Sha512>(&data),
        other => {
            return Err(format!(
                "The algorithm '{other}' is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512."
            ));
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
