use aws::{Answer, ApiError, Call};
use runtime::{ExecutionRecord, Runtime, Status};
use serde_json::json;

use crate::{error, input, model, name};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::described(arn)?;
    let metadata_only = input::metadata_only(call);
    let found = runtime.describe_execution(arn).map_err(error::api)?;
    let record = &found.record;
    let mut answer = Answer::json(json!({
        "executionArn": &*record.arn,
        "stateMachineArn": &*record.state_machine_arn,
        "name": &*record.name,
        "status": record.status.as_str(),
        "startDate": model::time(record.start),
        "redriveCount": 0,
    }));
    let members = &mut answer.output;
    model::set(members, "stopDate", record.stop.map(model::time));
    if !metadata_only {
        model::set(
            members,
            "input",
            found.input.as_ref().map(|input| input.text().as_ref()),
        );
        model::set(
            members,
            "output",
            found.output.as_ref().map(|output| output.text().as_ref()),
        );
    }
    members.insert("inputDetails".into(), json!({"included": !metadata_only}));
    if record.status == Status::Succeeded {
        members.insert("outputDetails".into(), json!({"included": !metadata_only}));
    }
    model::set(members, "error", record.error.as_deref());
    model::set(members, "cause", record.cause.as_deref());
    model::set(members, "traceHeader", record.trace_header.as_deref());
    model::set(
        members,
        "stateMachineVersionArn",
        record.state_machine_version_arn.as_deref(),
    );
    model::set(
        members,
        "stateMachineAliasArn",
        record.state_machine_alias_arn.as_deref(),
    );
    let map_run = record.child_of.as_ref();
    model::set(
        members,
        "mapRunArn",
        map_run.map(|child| &*child.map_run_arn),
    );
    let (status, reason) = redrive(record);
    members.insert("redriveStatus".into(), status.into());
    model::set(members, "redriveStatusReason", reason);
    Ok(answer)
}

/// Whether RedriveExecution would take it (API reference, DescribeExecution, redriveStatusReason).
fn redrive(record: &ExecutionRecord) -> (&'static str, Option<&'static str>) {
    match record.status {
        Status::Running => (
            "NOT_REDRIVABLE",
            Some("Execution is RUNNING and cannot be redriven"),
        ),
        Status::Succeeded => (
            "NOT_REDRIVABLE",
            Some("Execution is SUCCEEDED and cannot be redriven"),
        ),
        Status::Failed | Status::TimedOut | Status::Aborted if record.child_of.is_some() => {
            ("REDRIVABLE_BY_MAP_RUN", None)
        }
        Status::Failed | Status::TimedOut | Status::Aborted => ("REDRIVABLE", None),
    }
}
