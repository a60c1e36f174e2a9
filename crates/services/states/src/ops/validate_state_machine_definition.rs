use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use crate::input;

/// What AWS answers at most, whatever `maxResults` says (API reference, ValidateStateMachineDefinition).
const RESULTS_MAX: usize = 100;

pub(crate) fn run(call: &Call) -> Result<Answer, ApiError> {
    let machine_type = match input::maybe(call, "type") {
        Some("EXPRESS") => asl::MachineType::Express,
        _ => asl::MachineType::Standard,
    };
    let parsed = asl::parse_as(input::text(call, "definition")?, machine_type);
    let warnings = input::maybe(call, "severity") == Some("WARNING");
    let wanted = match call.input.get("maxResults").and_then(Value::as_u64) {
        None | Some(0) => RESULTS_MAX,
        Some(wanted) => usize::try_from(wanted)
            .unwrap_or(RESULTS_MAX)
            .min(RESULTS_MAX),
    };
    let all: Vec<Value> = parsed
        .diagnostics
        .iter()
        .filter(|found| warnings || found.severity == asl::Severity::Error)
        .map(|found| {
            let mut diagnostic = json!({
                "severity": found.severity.to_string(),
                "code": found.code,
                "message": found.message,
            });
            if !found.location.is_empty() {
                diagnostic["location"] = found.location.as_str().into();
            }
            diagnostic
        })
        .collect();
    let truncated = all.len() > wanted;
    let result = if parsed.machine.is_some() {
        "OK"
    } else {
        "FAIL"
    };
    let shown: Vec<Value> = all.into_iter().take(wanted).collect();
    Ok(Answer::json(
        json!({"result": result, "diagnostics": shown, "truncated": truncated}),
    ))
}
