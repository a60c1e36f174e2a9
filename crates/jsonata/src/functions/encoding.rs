use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::json;

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("base64encode", "<s-:s>", 1, base64_encode),
    ("base64decode", "<s-:s>", 1, base64_decode),
    ("encodeUrlComponent", "<s-:s>", 1, encode_component),
    ("encodeUrl", "<s-:s>", 1, encode_url),
    ("decodeUrlComponent", "<s-:s>", 1, decode_component),
    ("decodeUrl", "<s-:s>", 1, decode_url),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Every UTF-16 code unit as one byte, its lower half, as the reference implementation does.
fn base64_encode(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len() * 4)?;
    let bytes: Vec<u8> = text.encode_utf16().map(|unit| unit as u8).collect();
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = (bits >> (18 - 6 * index)) as usize & 0x3F;
            let character = ALPHABET.get(digit).filter(|_| index <= chunk.len());
            encoded.push(character.map_or('=', |character| char::from(*character)));
        }
    }
    evaluator.string(encoded).map(Some)
}

/// Every byte as one character. What is no digit is passed over.
fn base64_decode(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len() * 4)?;
    let mut decoded = String::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let digit = match byte {
            b'-' => 62,
            b'_' => 63,
            _ => match ALPHABET.iter().position(|known| *known == byte) {
                Some(digit) => digit as u32,
                None => continue,
            },
        };
        bits = (bits << 6 | digit) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(char::from((bits >> count) as u8));
        }
    }
    evaluator.string(decoded).map(Some)
}

/// What is never encoded.
const UNRESERVED: &str = "-_.!~*'()";
/// What has a meaning of its own in a URL.
const RESERVED: &str = ";/?:@&=+$,#";

fn encode_component(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    encode(evaluator, &arguments, "")
}

fn encode_url(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    encode(evaluator, &arguments, RESERVED)
}

fn encode(evaluator: &mut Evaluator<'_, '_>, arguments: &Arguments, kept: &str) -> Result<Maybe> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len() * 4)?;
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .map_or('0', |digit| char::from(*digit))
    };
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric()
            || UNRESERVED.contains(character)
            || kept.contains(character)
        {
            encoded.push(character);
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 0xF)]);
        }
    }
    evaluator.string(encoded).map(Some)
}

fn decode_component(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    decode(evaluator, &arguments, "", "decodeUrlComponent")
}

fn decode_url(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    decode(evaluator, &arguments, RESERVED, "decodeUrl")
}

fn decode(
    evaluator: &mut Evaluator<'_, '_>,
    arguments: &Arguments,
    kept: &str,
    function: &str,
) -> Result<Maybe> {
    let Some(text) = arguments.text(0) else {
        return Ok(None);
    };
    evaluator.meter().spend_bytes(text.len() * 4)?;
    match decoded(&text, kept) {
        Some(decoded) => evaluator.string(decoded).map(Some),
        None => Err(Fault::new("D3140")
            .message(function)
            .value(json::quoted(&text))),
    }
}

/// With `%41` as the character that it stands for, but for those that are kept as they are.
fn decoded(text: &str, kept: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = behind;
            continue;
        }
        let digits = behind.get(..2)?;
        let value = digits.iter().try_fold(0_u32, |value, digit| {
            Some(value * 16 + char::from(*digit).to_digit(16)?)
        })?;
        let byte = u8::try_from(value).ok()?;
        if byte.is_ascii() && kept.contains(char::from(byte)) {
            bytes.push(b'%');
            bytes.extend_from_slice(digits);
        } else {
            bytes.push(byte);
        }
        rest = behind.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).ok()
}
