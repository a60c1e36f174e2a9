use aws::{Answer, ApiError, Call};
use runtime::{Runtime, Status};
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const OPERATION: &str = "ListExecutions";

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let (machine, map_run) = (
        input::maybe(call, "stateMachineArn"),
        input::maybe(call, "mapRunArn"),
    );
    let arn = match (machine, map_run) {
        (Some(arn), None) => {
            name::state_machine(arn)?;
            arn
        }
        (None, Some(arn)) => {
            name::map_run(arn)?;
            arn
        }
        (None, None) | (Some(_), Some(_)) => {
            return Err(ApiError::validation(
                "Exactly one of the parameters stateMachineArn and mapRunArn must be specified",
            ));
        }
    };
    let status = input::maybe(call, "statusFilter");
    let size = input::page_size(call);
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    // A token is good for the state machine and the filter that it was made for.
    let scope = format!("{arn} {} ", status.unwrap_or_default());
    let after = match page::read(call, OPERATION)? {
        None => None,
        Some(last) => {
            let ticket = last.strip_prefix(&scope).ok_or_else(invalid)?;
            Some(ticket.parse::<u64>().map_err(|_| invalid())?)
        }
    };
    let none = || Ok(Answer::json(json!({"executions": []})));
    // Nothing is redriven here.
    if input::maybe(call, "redriveFilter") == Some("REDRIVEN") {
        return none();
    }
    let wanted = match status.map(|status| (status, Status::parse(status))) {
        None => None,
        Some((_, Some(status))) => Some(status),
        // PENDING_REDRIVE: nothing waits for a redrive here.
        Some((_, None)) => return none(),
    };
    let page = match map_run {
        None => runtime.list_executions(arn, wanted, after, size),
        Some(_) => runtime.list_children(arn, wanted, after, size),
    };
    let page = page.map_err(error::api)?;
    let items = page.executions.iter().map(model::execution_item);
    let executions: Vec<Value> = items.map(Value::Object).collect();
    let mut answer = Answer::json(json!({"executions": executions}));
    let token = page
        .next
        .map(|ticket| page::write(OPERATION, &format!("{scope}{ticket}")));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}
