use aws::{Answer, ApiError, Call};
use engine::Outcome;
use runtime::Runtime;
use serde_json::json;

use crate::ops::start_execution;
use crate::{input, model};

/// A failed execution is an answer like any other: HTTP 200 (API reference, StartSyncExecution).
pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let start = start_execution::read(call)?;
    let given = start.input.clone().unwrap_or_else(|| "{}".into());
    let metadata_only = input::metadata_only(call);
    let ended = runtime
        .start_sync_execution(start)
        .await
        .map_err(|error| start_execution::refused(error, call))?;
    let record = &ended.record;
    let stop = record.stop.unwrap_or(record.start);
    // A started 100 ms counts whole (recorded in express/: 100 for the shortest).
    let milliseconds = (stop.0 - record.start.0).max(0);
    let billed = (milliseconds / 100 + i64::from(milliseconds % 100 > 0)).max(1) * 100;
    let mut answer = Answer::json(json!({
        "executionArn": &*record.arn,
        "stateMachineArn": &*record.state_machine_arn,
        // The name of an EXPRESS execution carries its id behind a colon.
        "name": record.name.split(':').next().unwrap_or_default(),
        "startDate": model::time(record.start),
        "stopDate": model::time(stop),
        "status": record.status.as_str(),
        "billingDetails": {"billedDurationInMilliseconds": billed, "billedMemoryUsedInMB": 64},
    }));
    let members = &mut answer.output;
    if !metadata_only {
        members.insert("input".into(), given.into());
    }
    members.insert("inputDetails".into(), json!({"included": !metadata_only}));
    if let (Outcome::Succeeded { output }, false) = (&ended.outcome, metadata_only) {
        members.insert("output".into(), output.text().as_ref().into());
    }
    members.insert("outputDetails".into(), json!({"included": !metadata_only}));
    model::set(members, "error", record.error.as_deref());
    model::set(members, "cause", record.cause.as_deref());
    model::set(members, "traceHeader", record.trace_header.as_deref());
    Ok(answer)
}
