use aws::{Answer, ApiError, Call};
use runtime::{Runtime, StartExecution};
use serde_json::json;

use crate::{error, input, model, name};

/// The start that a call asks for.
pub(crate) fn read(call: &Call) -> Result<StartExecution, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    if let (_, name::Resource::Labelled { .. }) = name::state_machine(arn)? {
        return Err(name::labelled());
    }
    let execution = input::maybe(call, "name");
    if let Some(execution) = execution {
        name::check(execution)?;
    }
    Ok(StartExecution {
        state_machine_arn: arn.into(),
        name: execution.map(str::to_owned),
        input: input::maybe(call, "input").map(str::to_owned),
        trace_header: input::maybe(call, "traceHeader").map(str::to_owned),
    })
}

pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let started = runtime
        .start_execution(read(call)?)
        .await
        .map_err(error::api)?;
    Ok(Answer::json(json!({
        "executionArn": &*started.arn,
        "startDate": model::time(started.start),
    })))
}
