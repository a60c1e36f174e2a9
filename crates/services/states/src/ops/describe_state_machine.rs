use aws::{Answer, ApiError, Arn, Call};
use runtime::{Runtime, StateMachineType};
use serde_json::json;

use crate::{error, input, model, name, settings};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    let (parsed, resource) = name::state_machine(arn)?;
    let (machine_arn, label) = match resource {
        // The machine of a Distributed Map's children is the one that the Map stands in.
        name::Resource::Labelled { name, label } => {
            let resource = format!("stateMachine:{name}");
            (Arn { resource, ..parsed }.to_string(), Some(label))
        }
        _ => (arn.to_owned(), None),
    };
    let found = runtime
        .describe_state_machine(&machine_arn)
        .map_err(error::api)?;
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
    settings::write(
        &found.revision.settings,
        &found.definition,
        &mut answer.output,
    );
    model::set(
        &mut answer.output,
        "revisionId",
        found.revision.id.as_deref(),
    );
    if let Some(label) = label {
        answer.output.insert("label".into(), label.into());
        answer.output.insert("stateMachineArn".into(), arn.into());
    }
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
