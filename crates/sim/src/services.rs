//! The services that tasks call: what they answer is decided by what they are asked.

use serde_json::{Value, json};

use crate::chance::hash;

/// What a service does with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Gives(String),
    Fails(&'static str),
    /// Nothing, ever.
    Silent,
}

/// Which of these a simulation knows.
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

/// What is answered to a question; `timed` if a time-out ends the silence.
pub(crate) fn behaviour(manners: Manners, state: &str, question: &str, timed: bool) -> Behaviour {
    let drawn = hash(manners.seed, &format!("{state} {question}"));
    match drawn % 16 {
        0 | 1 if timed && manners.silence => Behaviour::Silent,
        2 | 3 if manners.errors => Behaviour::Fails("E1"),
        4 if manners.errors => Behaviour::Fails("E2"),
        _ => Behaviour::Gives(json!({ "y": drawn / 16 % 100 }).to_string()),
    }
}
