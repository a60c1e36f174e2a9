use crate::machine::Wait;
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
    if node.is_expression("Seconds") {
        return node
            .expression(parser, "Seconds")
            .map(Wait::SecondsExpression);
    }
    if node.has("Seconds") {
        return node
            .integer(parser, "Seconds", 0, SECONDS_MAX)
            .map(Wait::Seconds);
    }
    if node.is_expression("Timestamp") {
        return node
            .expression(parser, "Timestamp")
            .map(Wait::TimestampExpression);
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
