use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::named;
use crate::Lambda;

/// GetFunction.
pub(crate) fn run(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let found = lambda.functions.find(&reference)?;
    let function = &found.function;
    let location = lambda.location(&function.code_sha256);
    let mut answer = json!({
        "Configuration": Value::Object(function.configuration(reference.qualifier.is_some())),
        "Code": { "RepositoryType": "S3", "Location": location },
    });
    let latest = super::unqualified(lambda, &reference)?;
    if !latest.tags.is_empty() {
        answer["Tags"] = json!(latest.tags);
    }
    if let Some(reserved) = latest.reserved_concurrency {
        answer["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    Ok(Answer::json(answer))
}

/// GetFunctionConfiguration.
pub(crate) fn configuration(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let found = lambda.functions.find(&reference)?;
    Ok(Answer {
        output: found.function.configuration(reference.qualifier.is_some()),
        ..Answer::default()
    })
}

/// GetFunctionCodeSigningConfig: no function has one.
pub(crate) fn code_signing(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    lambda.functions.find(&reference)?;
    Ok(Answer::json(json!({ "FunctionName": reference.name })))
}

/// GetRuntimeManagementConfig: the runtime is whatever this machine has.
pub(crate) fn runtime_management(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    lambda.functions.find(&reference)?;
    Ok(Answer::json(json!({
        "UpdateRuntimeOn": "Auto",
        "FunctionArn": reference.qualified_arn(),
    })))
}
