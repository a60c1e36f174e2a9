//! Why a text is not JSON, as AWS's parser says it.

use serde::de::IgnoredAny;

/// The refusal of a text that is not JSON (recorded: sfn_api, test_invalid_start_execution_input; the parser is
/// Jackson, whose other wordings follow its sources). `empty` is said of a text without a value.
pub(crate) fn why(text: &str, empty: &str) -> String {
    if text.trim().is_empty() {
        return empty.to_owned();
    }
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else {
        // Deeper than allowed, most likely: what has no other words.
        return empty.to_owned();
    };
    let offset = offset(text, error.line(), error.column());
    if error.is_eof() {
        return "Unexpected end-of-input".into();
    }
    let said = error.to_string();
    if let Some(token) = token(text, offset) {
        return format!(
            "Unrecognized token '{token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        );
    }
    let found = text
        .get(offset..)
        .and_then(|rest| rest.chars().next())
        .unwrap_or_default();
    let wanted = if said.starts_with("key must be a string") {
        "was expecting double-quote to start field name"
    } else if said.starts_with("expected `:`") {
        "was expecting a colon to separate field name and value"
    } else if said.starts_with("expected `,` or `}`") {
        "was expecting comma to separate Object entries"
    } else if said.starts_with("expected `,` or `]`") {
        "was expecting comma to separate Array entries"
    } else {
        "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    };
    format!(
        "Unexpected character ('{found}' (code {})): {wanted}",
        u32::from(found)
    )
}

/// The byte at which the parser stopped: its lines and columns count from 1, columns in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (lines + column.saturating_sub(1)).min(text.len())
}

/// The bare word that the parser stopped in, if it is one.
fn token(text: &str, offset: usize) -> Option<&str> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$';
    let bytes = text.as_bytes();
    let start = offset
        - bytes
            .get(..offset)?
            .iter()
            .rev()
            .take_while(|byte| word(byte))
            .count();
    let length = bytes
        .get(start..)?
        .iter()
        .take_while(|byte| word(byte))
        .count();
    let token = text.get(start..start + length)?;
    token
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(token)
}

#[cfg(test)]
mod tests {
    use super::why;

    #[test]
    fn refusals_are_worded_as_recorded() {
        for (text, says) in [
            (
                "not some json",
                "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            (
                "{'not': 'json'",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            ("", "Invalid execution input."),
            ("{\"a\": 1", "Unexpected end-of-input"),
            (
                "{\"a\" 1}",
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            (
                "[1 2]",
                "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            ),
            (
                "ü",
                "Unexpected character ('ü' (code 252)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
        ] {
            assert_eq!(why(text, "Invalid execution input."), says, "{text:?}");
        }
    }
}
