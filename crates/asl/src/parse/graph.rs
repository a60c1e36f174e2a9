//! Where states lead.

use std::collections::HashSet;
use std::sync::Arc;

use crate::{Json, Object};

use super::Parser;
use super::node::Node;

/// Reports, for one workflow, targets that do not exist, then that nothing ends, or else states that nothing leads
/// to: in AWS's order and words, which say `Next` for every kind of target (measured on AWS).
pub(super) fn check(parser: &mut Parser, node: &Node<'_>) {
    let Some(states) = node
        .get("States")
        .and_then(Json::as_object)
        .filter(|states| !states.is_empty())
    else {
        return;
    };
    let start_at = node.get("StartAt").and_then(Json::as_str);
    if let Some(start_at) = start_at.filter(|start_at| !states.contains_key(*start_at)) {
        missing(parser, start_at, &node.at("StartAt"));
    }
    let at = node.at("States");
    for (name, state) in states {
        for (target, place) in targets(state) {
            if !states.contains_key(target) {
                missing(parser, target, &format!("{at}/{name}/{place}"));
            }
        }
    }
    if !states.values().any(ends) {
        parser.report("MISSING_END_STATE", "", "Workflow has no terminal state");
        return;
    }
    let reached = reached(states, start_at);
    for name in states.keys().filter(|name| !reached.contains(&***name)) {
        let message = format!("State \"{name}\" is not reachable.");
        parser.report(
            "MISSING_TRANSITION_TARGET",
            &format!("{at}/{name}"),
            message,
        );
    }
}

fn missing(parser: &mut Parser, target: &str, at: &str) {
    parser.report(
        "MISSING_TRANSITION_TARGET",
        at,
        format!("Missing 'Next' target: {target}"),
    );
}

fn ends(state: &Json) -> bool {
    matches!(
        state.get("Type").and_then(Json::as_str),
        Some("Succeed" | "Fail")
    ) || state.get("End").and_then(Json::as_bool) == Some(true)
}

fn reached<'a>(states: &'a Object, start_at: Option<&'a str>) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    // Without a start every state counts as one: only what is wrong is to be said.
    let mut rest: Vec<&str> = match start_at.filter(|start_at| states.contains_key(*start_at)) {
        Some(start_at) => vec![start_at],
        None => states.keys().map(Arc::as_ref).collect(),
    };
    while let Some(name) = rest.pop() {
        if reached.insert(name)
            && let Some(state) = states.get(name)
        {
            rest.extend(targets(state).into_iter().map(|(target, _)| target));
        }
    }
    reached
}

/// Every target a state names, and in which of its fields.
fn targets(state: &Json) -> Vec<(&str, String)> {
    let mut targets = Vec::new();
    for field in ["Next", "Default"] {
        if let Some(target) = state.get(field).and_then(Json::as_str) {
            targets.push((target, field.to_owned()));
        }
    }
    for field in ["Choices", "Catch"] {
        let items = state
            .get(field)
            .and_then(Json::as_array)
            .map(|items| items.as_slice())
            .unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            if let Some(target) = item.get("Next").and_then(Json::as_str) {
                targets.push((target, format!("{field}[{index}]/Next")));
            }
        }
    }
    targets
}
