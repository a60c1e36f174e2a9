use crate::{Diagnostic, StateMachine};

/// What came of a definition's text.
#[derive(Debug)]
pub struct Parsed {
    /// The machine; none if and only if a diagnostic is an error.
    pub machine: Option<StateMachine>,
    /// Everything there is to say about the definition, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a definition.
pub fn parse(_text: &str) -> Parsed {
    Parsed {
        machine: None,
        diagnostics: Vec::new(),
    }
}
