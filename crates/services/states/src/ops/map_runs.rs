//! Map Runs: what became of a Distributed Map's items.

use aws::{Answer, ApiError, Call};
use runtime::{Counts, MapRun, Runtime, UpdateMapRun};
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const LIST: &str = "ListMapRuns";

pub(crate) fn describe(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "mapRunArn")?;
    name::map_run(arn)?;
    let run = runtime.describe_map_run(arn).map_err(error::api)?;
    let mut answer = Answer::json(json!({
        "mapRunArn": &*run.arn,
        "executionArn": &*run.execution_arn,
        "status": run.status.as_str(),
        "startDate": model::time(run.start),
        "maxConcurrency": run.max_concurrency,
        "toleratedFailureCount": run.tolerated_failure_count.unwrap_or(0),
        "toleratedFailurePercentage": run.tolerated_failure_percentage.unwrap_or(0.0),
        "itemCounts": counts(&run.items),
        "executionCounts": counts(&run.executions),
    }));
    let stop = run.stop.map(model::time);
    model::set(&mut answer.output, "stopDate", stop);
    Ok(answer)
}

/// Without those of redrives, as recorded (sfn_api_map_run, test_list_map_runs_and_describe_map_run).
fn counts(counts: &Counts) -> Value {
    json!({
        "pending": counts.pending,
        "running": counts.running,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "timedOut": counts.timed_out,
        "aborted": counts.aborted,
        "total": counts.total(),
        "resultsWritten": counts.results_written,
    })
}

pub(crate) fn list(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let size = input::page_size(call);
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    let before = match page::read(call, LIST)? {
        None => None,
        Some(last) => Some(last.parse().map_err(|_| invalid())?),
    };
    let (runs, next) = runtime
        .list_map_runs(arn, before, size)
        .map_err(error::api)?;
    let runs: Vec<Value> = runs.iter().map(item).collect();
    let mut answer = Answer::json(json!({"mapRuns": runs}));
    let token = next.map(|last| page::write(LIST, &last.to_string()));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}

fn item(run: &MapRun) -> Value {
    let mut item = json!({
        "executionArn": &*run.execution_arn,
        "mapRunArn": &*run.arn,
        "stateMachineArn": &*run.state_machine_arn,
        "startDate": model::time(run.start),
    });
    if let Some(stop) = run.stop {
        item["stopDate"] = model::time(stop);
    }
    item
}

pub(crate) async fn update(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "mapRunArn")?;
    name::map_run(arn)?;
    let number = |member: &str| call.input.get(member).and_then(Value::as_u64);
    let percentage = call.input.get("toleratedFailurePercentage");
    let update = UpdateMapRun {
        max_concurrency: number("maxConcurrency"),
        tolerated_failure_count: number("toleratedFailureCount"),
        tolerated_failure_percentage: percentage.and_then(Value::as_f64),
    };
    runtime
        .update_map_run(arn, update)
        .await
        .map_err(error::api)?;
    Ok(Answer::default())
}
