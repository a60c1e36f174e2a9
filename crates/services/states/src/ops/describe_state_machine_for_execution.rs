use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::json;

use crate::{error, input, model, name, settings};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let (record, revision, definition) = runtime
        .state_machine_for_execution(arn)
        .map_err(error::api)?;
    let machine = record.state_machine_arn.rsplit(':').next();
    let machine = machine.unwrap_or_default();
    let (machine, label) = match machine.split_once('/') {
        Some((machine, label)) => (machine, Some(label)),
        None => (machine, None),
    };
    let mut answer = Answer::json(json!({
        "stateMachineArn": &*record.state_machine_arn,
        "name": machine,
        "definition": &*revision.definition,
        "roleArn": &*revision.role_arn,
        "updateDate": model::time(revision.updated),
    }));
    settings::write(&revision.settings, &definition, &mut answer.output);
    model::set(&mut answer.output, "revisionId", revision.id.as_deref());
    let map_run = record.child_of.as_ref();
    let map_run = map_run.map(|child| &*child.map_run_arn);
    model::set(&mut answer.output, "mapRunArn", map_run);
    model::set(&mut answer.output, "label", label);
    Ok(answer)
}
