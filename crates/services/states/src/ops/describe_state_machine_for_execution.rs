use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::json;

use crate::{error, input, model, name, settings};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let (record, revision) = runtime
        .state_machine_for_execution(arn)
        .map_err(error::api)?;
    let machine = record
        .state_machine_arn
        .rsplit(':')
        .next()
        .unwrap_or_default();
    let mut answer = Answer::json(json!({
        "stateMachineArn": &*record.state_machine_arn,
        "name": machine,
        "definition": &*revision.definition,
        "roleArn": &*revision.role_arn,
        "updateDate": model::time(revision.updated),
    }));
    settings::write(&revision.settings, &mut answer.output);
    model::set(&mut answer.output, "revisionId", revision.id.as_deref());
    Ok(answer)
}
