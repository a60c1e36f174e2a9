//! SearchExecutions, an operation of our own: ListExecutions for those that are looked for.

use aws::{Answer, ApiError, Call};
use engine::Timestamp;
use runtime::{ExecutionSearch, Runtime, Status};
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const OPERATION: &str = "SearchExecutions";

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::state_machine(arn)?;
    let text = |member: &str| input::maybe(call, member).map(str::to_owned);
    let time = |member: &str| {
        let seconds = call.input.get(member).and_then(Value::as_f64);
        seconds.map(|seconds| Timestamp((seconds * 1000.0).round() as i64))
    };
    let status = input::maybe(call, "statusFilter");
    let search = ExecutionSearch {
        status: status.and_then(Status::parse),
        name_contains: text("nameContains"),
        error_contains: text("errorContains"),
        started_after: time("startedAfter"),
        started_before: time("startedBefore"),
    };
    // A token is good for the search that it was made for.
    let scope = format!("{arn} {search:?} ");
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    let after = match page::read(call, OPERATION)? {
        None => None,
        Some(last) => {
            let ticket = last.strip_prefix(&scope).ok_or_else(invalid)?;
            Some(ticket.parse::<u64>().map_err(|_| invalid())?)
        }
    };
    // PENDING_REDRIVE: nothing waits for a redrive here.
    if status.is_some() && search.status.is_none() {
        return Ok(Answer::json(json!({"executions": []})));
    }
    let size = input::page_size(call);
    let page = runtime.search_executions(arn, &search, after, size);
    let page = page.map_err(error::api)?;
    let executions: Vec<Value> = page
        .executions
        .iter()
        .map(|record| {
            let mut item = model::execution_item(record);
            item.shift_remove("redriveCount");
            model::set(&mut item, "error", record.error.as_deref());
            item.into()
        })
        .collect();
    let mut answer = Answer::json(json!({"executions": executions}));
    let token = page
        .next
        .map(|ticket| page::write(OPERATION, &format!("{scope}{ticket}")));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}
