//! What is to be said about a definition.

/// One finding in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it hinders.
    pub severity: Severity,
    /// AWS's code, `SCHEMA_VALIDATION_FAILED` and so on.
    pub code: &'static str,
    /// What is wrong, in AWS's words where they are known.
    pub message: String,
    /// Where, in AWS's form, `/States/X/Choices[0]/Next`; empty where AWS tells none.
    pub location: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What is wrong with a part of a definition whose own place whoever reads it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// See [`Diagnostic::code`].
    pub code: &'static str,
    /// Where below the part, such as `/total` or `[1]`; empty for the part itself.
    pub below: String,
    /// See [`Diagnostic::message`].
    pub message: String,
}

impl Problem {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            below: String::new(),
            message: message.into(),
        }
    }

    /// `SCHEMA_VALIDATION_FAILED`
    pub(crate) fn schema(message: impl Into<String>) -> Self {
        Self::new("SCHEMA_VALIDATION_FAILED", message)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The definition works, but perhaps not as meant.
    Warning,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
        })
    }
}

/// The message of CreateStateMachine's `InvalidDefinition`, as AWS words it.
pub fn create_error_message(diagnostics: &[Diagnostic]) -> String {
    let findings: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| match diagnostic.location.as_str() {
            "" => format!("{}: {}", diagnostic.code, diagnostic.message),
            location => format!("{}: {} at {location}", diagnostic.code, diagnostic.message),
        })
        .collect();
    format!(
        "Invalid State Machine Definition: '{}'",
        findings.join(", ")
    )
}
