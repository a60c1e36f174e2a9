//! `Retry` and `Catch`.

use crate::machine::{Catcher, Jitter, Retrier};

use super::Parser;
use super::node::Node;
use super::rules;

/// The longest a state may wait: ASL's bound of all seconds.
const SECONDS_MAX: u64 = 99_999_999;

pub(super) fn retriers(parser: &mut Parser, state: &Node<'_>) -> Vec<Retrier> {
    let Some(array) = state.array(parser, "Retry") else {
        return Vec::new();
    };
    let nodes = state.node_list(parser, "Retry", array);
    let count = nodes.len();
    let mut retriers = Vec::with_capacity(count);
    for (index, node) in nodes.iter().enumerate() {
        node.fields(parser, &rules::RETRIER);
        let error_equals = error_equals(parser, node, index + 1 == count);
        let interval_seconds = node
            .integer(parser, "IntervalSeconds", 1, SECONDS_MAX)
            .unwrap_or(1);
        let max_delay_seconds = node.integer(parser, "MaxDelaySeconds", 1, 31_622_400);
        if max_delay_seconds.is_some_and(|max| max <= interval_seconds) {
            parser.error(
                &node.at("MaxDelaySeconds"),
                "MaxDelaySeconds must be greater than IntervalSeconds",
            );
        }
        let jitter = match node
            .choice(parser, "JitterStrategy", &["FULL", "NONE"])
            .as_deref()
        {
            Some("FULL") => Jitter::Full,
            _ => Jitter::None,
        };
        retriers.push(Retrier {
            error_equals,
            interval_seconds,
            max_attempts: node
                .integer(parser, "MaxAttempts", 0, SECONDS_MAX)
                .unwrap_or(3),
            backoff_rate: node
                .number(parser, "BackoffRate", 1.0, f64::MAX)
                .unwrap_or(2.0),
            max_delay_seconds,
            jitter,
        });
    }
    retriers
}

pub(super) fn catchers(parser: &mut Parser, state: &Node<'_>) -> Vec<Catcher> {
    let Some(array) = state.array(parser, "Catch") else {
        return Vec::new();
    };
    let nodes = state.node_list(parser, "Catch", array);
    let count = nodes.len();
    let mut catchers = Vec::with_capacity(count);
    for (index, node) in nodes.iter().enumerate() {
        node.fields(parser, &rules::CATCHER);
        let error_equals = error_equals(parser, node, index + 1 == count);
        node.required(parser, &["Next"]);
        catchers.push(Catcher {
            error_equals,
            next: node.string(parser, "Next").unwrap_or_default(),
            result_path: node.reference_or_root(parser, "ResultPath"),
            output: node.template_with(parser, "Output", &["errorOutput"]),
            assign: node.assign(parser, &["errorOutput"]),
        });
    }
    catchers
}

/// `last` tells whether it stands in the last retrier or catcher, the only one that may catch all.
fn error_equals(parser: &mut Parser, node: &Node<'_>, last: bool) -> Vec<String> {
    node.required(parser, &["ErrorEquals"]);
    let Some(array) = node.array(parser, "ErrorEquals") else {
        return Vec::new();
    };
    if array.is_empty() {
        parser.error(&node.at("ErrorEquals"), "Value cannot be empty");
    }
    let mut names = Vec::with_capacity(array.len());
    for (index, name) in array.iter().enumerate() {
        let at = format!("{}[{index}]", node.at("ErrorEquals"));
        match name.as_str() {
            Some("States.ALL") if !last || array.len() > 1 => {
                parser.error(&at, "States.ALL must appear alone and at end of list");
            }
            Some(name) => names.push(name.to_owned()),
            None => parser.error(&at, "Expected value of type String"),
        }
    }
    names
}
