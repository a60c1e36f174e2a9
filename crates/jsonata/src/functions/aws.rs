//! What Step Functions adds (developer guide, "Transforming data with JSONata in Step Functions"), and what it reads
//! from outside.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::bounds::too_large;
use crate::chance::{java_random, uuid_v4};
use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::json;
use crate::value::Value;

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("partition", "<an:a>", 2, partition),
    ("range", "<nnn:a>", 3, range),
    ("hash", "<ss:s>", 2, hash),
    ("random", "<n?:n>", 1, random),
    ("uuid", "<:s>", 0, uuid),
    ("parse", "<s:x>", 1, parse),
];

/// Measured on AWS (<https://github.com/floci-io/floci/pull/2790>): one more is too much memory.
const RANGE_MAX: f64 = 360_145.0;

fn partition(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(array), Some(size)) = (arguments.array(0), arguments.number(1)) else {
        return Ok(None);
    };
    // AWS takes whole numbers, rounded towards zero (<https://github.com/floci-io/floci/pull/2676>).
    if size.is_nan() || size < 1.0 {
        return Err(Fault::bare(
            "Second argument of partition function must evaluate to a positive number",
        ));
    }
    let mut chunks = Vec::new();
    for chunk in array.chunks(size as usize) {
        evaluator.spend(2)?;
        chunks.push(Value::Array(evaluator.array(chunk.to_vec())?));
    }
    evaluator
        .array(chunks)
        .map(|array| Some(Value::Array(array)))
}

/// The end is in it when a step hits it. What it gives is a sequence, so that one number alone is no array
/// (intrinsic_functions/test_array_range of the recordings).
fn range(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let number = |index| arguments.number(index).map(f64::trunc);
    let (Some(first), Some(last), Some(step)) = (number(0), number(1), number(2)) else {
        return Ok(None);
    };
    if step == 0.0 || !(first.is_finite() && last.is_finite() && step.is_finite()) {
        return Err(Fault::bare(
            "Third argument of range function must evaluate to a number other than zero",
        ));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > RANGE_MAX {
        return Err(too_large());
    }
    let array = evaluator.numbers(first, step, count.max(0.0) as usize)?;
    Ok(Some(Value::Array(array.as_sequence())))
}

fn hash(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(text), Some(algorithm)) = (arguments.text(0), arguments.text(1)) else {
        return Ok(None);
    };
    // A hash costs some ten times what a copy does.
    evaluator.meter().spend_bytes(text.len() * 8)?;
    let hashed = match algorithm.as_ref() {
        "MD5" => hex::<Md5>(&text),
        "SHA-1" => hex::<Sha1>(&text),
        "SHA-256" => hex::<Sha256>(&text),
        "SHA-384" => hex::<Sha384>(&text),
        "SHA-512" => hex::<Sha512>(&text),
        _ => {
            return Err(Fault::bare(
                "Second argument of hash function must be one of MD5, SHA-1, SHA-256, SHA-384 and SHA-512",
            ));
        }
    };
    evaluator.string(hashed).map(Some)
}

fn hex<D: Digest>(text: &str) -> String {
    let digest = D::digest(text);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// A fraction; a seed makes it `java.util.Random`'s first `nextDouble()`.
fn random(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let number = match arguments.number(0) {
        Some(seed) => java_random(seed as i64),
        None => evaluator.random_fraction(),
    };
    Ok(Some(Value::Number(number)))
}

fn uuid(evaluator: &mut Evaluator<'_, '_>, _: Arguments) -> Result<Maybe> {
    let bits = u128::from(evaluator.random()) << 64 | u128::from(evaluator.random());
    evaluator.string(uuid_v4(bits)).map(Some)
}

fn parse(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    // Small values cost more to make than to copy.
    evaluator.meter().spend_bytes(text.len() * 16)?;
    let value = json::parse(&text).map_err(|at| {
        Fault::bare(format!(
            "Invalid JSON passed to parse function at position {at}"
        ))
    })?;
    evaluator.meter().check_memory(value.bytes())?;
    Ok(Some(value))
}
