use aws::{Answer, ApiError, Call};
use runtime::{Runtime, StateMachineType};
use serde_json::json;

use crate::{error, input, model, name, settings};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::state_machine(arn)?;
    let found = runtime.describe_state_machine(arn).map_err(error::api)?;
    let created = found
        .version
        .as_ref()
        .map_or(found.record.created, |version| version.created);
    let mut answer = Answer::json(json!({
        "stateMachineArn": found.version_arn().unwrap_or_else(|| found.record.arn.to_string()),
        "name": &*found.record.name,
        "status": "ACTIVE",
        "definition": &*found.revision.definition,
        "roleArn": &*found.revision.role_arn,
        "type": kind(found.record.kind),
        "creationDate": model::time(created),
    }));
    settings::write(&found.revision.settings, &mut answer.output);
    model::set(
        &mut answer.output,
        "revisionId",
        found.revision.id.as_deref(),
    );
    let description = found
        .version
        .as_ref()
        .and_then(|version| version.description.as_deref());
    model::set(&mut answer.output, "description", description);
    Ok(answer)
}

/// `StateMachineType`
pub(crate) fn kind(of: StateMachineType) -> &'static str {
    match of {
        StateMachineType::Standard => "STANDARD",
        StateMachineType::Express => "EXPRESS",
    }
}
