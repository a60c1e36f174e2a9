//! The services that tasks call: what they answer is decided by what they are asked.

use serde_json::{Value, json};

use crate::chance::hash;

/// How an attempt ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded(String),
    Failed(Option<String>),
    /// No service says so.
    TimedOut,
}

/// What decides the answers, beside the questions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) seed: u64,
    pub(crate) errors: bool,
    pub(crate) silence: bool,
}

/// A question, as it stands in a task's effective input, wherever the integration wants it.
pub(crate) fn question(parameters: &str) -> Option<(String, Option<String>)> {
    let whole: Value = serde_json::from_str(parameters).ok()?;
    let inside = ["Payload", "MessageBody", "Input"];
    let asked = inside.iter().find_map(|member| whole.get(member));
    let asked = asked.unwrap_or(&whole);
    let token = asked.get("token").and_then(Value::as_str);
    Some((asked.get("ask")?.to_string(), token.map(str::to_owned)))
}

/// What is answered to a question of a state, if anything ever is; `timed` if a time-out ends the silence.
pub(crate) fn answer(manners: Manners, state: &str, question: &str, timed: bool) -> Option<End> {
    let drawn = hash(manners.seed, &format!("{state} {question}"));
    let failed = |error: &str| Some(End::Failed(Some(error.to_owned())));
    match drawn % 16 {
        0 | 1 if timed && manners.silence => None,
        2 | 3 if manners.errors => failed("E1"),
        4 if manners.errors => failed("E2"),
        _ => Some(End::Succeeded(json!({ "y": drawn / 16 % 100 }).to_string())),
    }
}
