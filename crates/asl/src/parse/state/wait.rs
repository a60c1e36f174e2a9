use crate::machine::{QueryLanguage, Wait};
use crate::parse_timestamp;

use super::{Node, Parser};

const SECONDS_MAX: u64 = 99_999_999;

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Option<Wait> {
    if !node.exactly_one(
        parser,
        &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
    ) {
        return None;
    }
    if node.has("SecondsPath") {
        return node
            .reference_source(parser, "SecondsPath", true)
            .map(Wait::SecondsPath);
    }
    if node.has("TimestampPath") {
        return node
            .reference_source(parser, "TimestampPath", true)
            .map(Wait::TimestampPath);
    }
    let jsonata = node.language == QueryLanguage::Jsonata;
    if node.has("Seconds") {
        if jsonata && let Some(expression) = node.expression(parser, "Seconds") {
            return Some(Wait::SecondsExpression(expression));
        }
        return node
            .integer(parser, "Seconds", 0, SECONDS_MAX)
            .map(Wait::Seconds);
    }
    if jsonata && let Some(expression) = node.expression(parser, "Timestamp") {
        return Some(Wait::TimestampExpression(expression));
    }
    let text = node.string(parser, "Timestamp")?;
    if parse_timestamp(&text).is_none() {
        parser.error(
            &node.at("Timestamp"),
            "String does not match RFC3339 timestamp",
        );
        return None;
    }
    Some(Wait::Timestamp(text.as_ref().to_owned()))
}
