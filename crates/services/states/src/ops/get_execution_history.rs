use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const OPERATION: &str = "GetExecutionHistory";

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let size = input::page_size(call);
    let reverse = input::flag(call, "reverseOrder").unwrap_or(false);
    let data = input::flag(call, "includeExecutionData").unwrap_or(true);
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    // A token is good for the execution and the direction that it was made for.
    let scope = format!("{arn} {reverse} ");
    let from = match page::read(call, OPERATION)? {
        None => None,
        Some(next) => {
            let id = next.strip_prefix(&scope).ok_or_else(invalid)?;
            Some(id.parse::<u64>().map_err(|_| invalid())?)
        }
    };
    let page = runtime
        .history(arn, from, reverse, size)
        .map_err(error::api)?;
    let token = page
        .next
        .map(|next| page::write(OPERATION, &format!("{scope}{next}")));
    let events: Vec<Value> = page
        .events
        .iter()
        .map(|event| model::history_event(event, data))
        .collect();
    let mut answer = Answer::json(json!({"events": events}));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}
