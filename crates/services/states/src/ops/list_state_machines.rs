use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::{Value, json};

use crate::ops::describe_state_machine::kind;
use crate::{error, input, model, page};

pub(crate) fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let size = input::page_size(call);
    let after = page::read(call, "ListStateMachines")?;
    let caller = &call.caller;
    // One more than asked for tells whether there is a next page.
    let mut found = runtime
        .list_state_machines(&caller.account, &caller.region, after.as_deref(), size + 1)
        .map_err(error::api)?;
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().map(|record| record.name.to_string());
    let machines: Vec<Value> = found
        .iter()
        .map(|record| {
            json!({
                "stateMachineArn": &*record.arn,
                "name": &*record.name,
                "type": kind(record.kind),
                "creationDate": model::time(record.created),
            })
        })
        .collect();
    let mut answer = Answer::json(json!({"stateMachines": machines}));
    model::set(
        &mut answer.output,
        "nextToken",
        last.filter(|_| more)
            .map(|last| page::write("ListStateMachines", &last)),
    );
    Ok(answer)
}
