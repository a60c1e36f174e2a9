use aws::{Answer, ApiError, Call};
use runtime::{Runtime, RuntimeError, StartExecution};
use serde_json::json;

use crate::{error, input, json_refusal, model, name};

/// The start that a call asks for.
pub(crate) fn read(call: &Call) -> Result<StartExecution, ApiError> {
    // As of Step Functions Local: `…:stateMachine:name#TestCase`.
    let arn = input::text(call, "stateMachineArn")?;
    let (arn, test_case) = match arn.split_once('#') {
        Some((arn, test_case)) => (arn, Some(test_case.to_owned())),
        None => (arn, None),
    };
    if let (_, name::Resource::Labelled { .. }) = name::state_machine(arn)? {
        return Err(name::labelled());
    }
    let execution = input::maybe(call, "name");
    if let Some(execution) = execution {
        name::check(execution)?;
    }
    Ok(StartExecution {
        state_machine_arn: arn.into(),
        test_case,
        name: execution.map(str::to_owned),
        input: input::maybe(call, "input").map(str::to_owned),
        trace_header: input::maybe(call, "traceHeader").map(str::to_owned),
    })
}

/// A start's refusal, with the input's fault in AWS's words.
pub(crate) fn refused(refusal: RuntimeError, call: &Call) -> ApiError {
    match refusal {
        RuntimeError::InputIsNoJson => {
            let text = input::maybe(call, "input").unwrap_or_default();
            let why = json_refusal::why(text, "Invalid execution input.");
            error::api(RuntimeError::InvalidExecutionInput(why))
        }
        other => error::api(other),
    }
}

pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let started = runtime
        .start_execution(read(call)?)
        .await
        .map_err(|error| refused(error, call))?;
    Ok(Answer::json(json!({
        "executionArn": &*started.arn,
        "startDate": model::time(started.start),
    })))
}
