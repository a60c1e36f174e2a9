//! Versions of a state machine.

use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const LIST: &str = "ListStateMachineVersions";

pub(crate) async fn publish(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::unqualified(arn)?;
    let description = input::maybe(call, "description").map(str::to_owned);
    let revision = input::maybe(call, "revisionId");
    let published = runtime
        .publish_version(arn, revision, description)
        .await
        .map_err(error::api)?;
    let created = published
        .version
        .as_ref()
        .map(|version| model::time(version.created));
    let mut answer = Answer::default();
    model::set(
        &mut answer.output,
        "stateMachineVersionArn",
        published.version_arn(),
    );
    model::set(&mut answer.output, "creationDate", created);
    Ok(answer)
}

pub(crate) async fn delete(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineVersionArn")?;
    name::state_machine(arn)?;
    runtime.delete_version(arn).await.map_err(error::api)?;
    Ok(Answer::default())
}

/// Newest first.
pub(crate) fn list(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::unqualified(arn)?;
    let size = input::page_size(call);
    let invalid = || ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
    let before = match page::read(call, LIST)? {
        None => None,
        Some(last) => Some(last.parse().map_err(|_| invalid())?),
    };
    // One more than asked for tells whether there is a next page.
    let mut found = runtime
        .list_versions(arn, before, size + 1)
        .map_err(error::api)?;
    let more = found.len() > size;
    found.truncate(size);
    let token = found
        .last()
        .filter(|_| more)
        .map(|last| page::write(LIST, &last.number.to_string()));
    let versions: Vec<Value> = found
        .iter()
        .map(|version| {
            json!({
                "stateMachineVersionArn": format!("{arn}:{}", version.number),
                "creationDate": model::time(version.created),
            })
        })
        .collect();
    let mut answer = Answer::json(json!({"stateMachineVersions": versions}));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}
